//! Who meets whom: allies that come back, other networks, calls that fail, addresses that are taken.
//! Nothing here sleeps.

use tokio::time::timeout;

use super::{HURRIED, NETWORK, Node, PATIENCE};
use crate::network::{AddressError, Command, DialFailure, Event, Network, NetworkError};
use crate::network::{PeerKey, RequestFailure, Settings};

#[tokio::test]
async fn nodes_of_other_networks_never_meet() {
    let mut a = Node::start(1).await;
    let mut foreign = Node::start_with(2, [0xc2; 32], "127.0.0.1:0", HURRIED).await;
    let mut friend = Node::start_with(3, [0xc2; 32], "127.0.0.1:0", HURRIED).await;
    a.dial(&foreign.address).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::Unreachable);
    // The first whom the foreign node meets is of its own network.
    friend.dial(&foreign.address).await;
    friend.until_event(Event::Connected { peer: foreign.me() }).await;
    let first = foreign
        .until(|event| match event {
            Event::Connected { peer } => Some(*peer),
            _ => None,
        })
        .await;
    assert_eq!(first, friend.me());
}

#[tokio::test]
async fn an_ally_that_restarts_is_called_again() {
    let (mut a, mut b) = (Node::start(1).await, Node::start(2).await);
    a.set_peers(&[(b.me(), &b.address)]).await;
    a.until_event(Event::Connected { peer: b.me() }).await;
    let (address, key) = (b.address.clone(), b.me());
    b.tell(Command::Shutdown).await;
    while timeout(PATIENCE, b.network.events.recv()).await.expect("the shell stops").is_some() {}
    a.until_event(Event::Disconnected { peer: key }).await;
    a.until_event(Event::DialFailed {
        peer: Some(key),
        address: None,
        why: DialFailure::Unreachable,
    })
    .await;
    a.ask(key, b"there?", 1).await;
    a.until_event(Event::RequestFailed { token: 1, why: RequestFailure::NotConnected }).await;

    let mut b = Node::start_with(2, NETWORK, &address, HURRIED).await;
    a.until_event(Event::Connected { peer: key }).await;
    a.ask(key, b"there?", 2).await;
    let (_, _, reply_to) = b.until_request().await;
    b.tell(Command::Respond { reply_to, frame: b"back".to_vec() }).await;
    a.until_event(Event::Response { token: 2, frame: b"back".to_vec() }).await;

    // Hanging up on an ally lasts only until the next call; one that is an ally no more stays away.
    a.tell(Command::Disconnect { peer: key }).await;
    a.until_event(Event::Disconnected { peer: key }).await;
    a.until_event(Event::Connected { peer: key }).await;
}

#[tokio::test]
async fn failed_calls_say_why() {
    let (mut a, b) = (Node::start(1).await, Node::start(2).await);
    let expected = PeerKey::from_seed(&[9; 32]);
    let id = expected.peer_id().expect("a key made from a seed");
    let port = b.address.strip_prefix("127.0.0.1:").expect("the node listens on loopback");
    a.dial(&format!("/ip4/127.0.0.1/tcp/{port}/p2p/{id}")).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::WrongPeer(b.me()));
    a.dial("nowhere").await;
    assert_eq!(a.until_dial_failed().await, DialFailure::Address(AddressError::NoPort));
    // Both ends of a call to oneself find out and hang up; the first one decides the reason.
    a.dial(&a.address.clone()).await;
    let why = a.until_dial_failed().await;
    assert!(matches!(why, DialFailure::Itself | DialFailure::Unreachable), "{why}");
    // No point of the curve has the y coordinate 2.
    let mut no_point = PeerKey([0; 32]);
    no_point.0[0] = 2;
    a.set_peers(&[(a.me(), &a.address), (no_point, &b.address)]).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::Itself);
    assert_eq!(a.until_dial_failed().await, DialFailure::BadKey);
    // An ally whose address belongs to somebody else is not taken for the ally.
    a.set_peers(&[(expected, &b.address)]).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::WrongPeer(b.me()));
}

#[tokio::test]
async fn a_taken_or_unreadable_address_stops_the_start() {
    let a = Node::start(1).await;
    let settings = |listen: &str| Settings {
        seed: [2; 32].into(),
        network: NETWORK,
        listen: vec![listen.into()],
        mdns: false,
    };
    let taken = Network::start(settings(&a.address)).expect_err("the address is taken");
    assert!(matches!(taken, NetworkError::Listen { position: 0, .. }), "{taken}");
    let unreadable = Network::start(settings("here")).expect_err("no address");
    assert!(matches!(unreadable, NetworkError::ListenAddress { position: 0, .. }), "{unreadable}");
    let name = Network::start(settings("localhost:0")).expect_err("a name cannot be listened on");
    assert!(matches!(name, NetworkError::Listen { position: 0, .. }), "{name}");
}
