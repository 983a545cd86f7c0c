//! Those whom whoever runs a node blocked, by key and by address: cut off at once, not heard, not called, until lifted.

use proto::desk::{Blocked, Subnet};
use proto::keys::PublicKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

use super::*;

/// What a caller says first, for which a node that listens has an answer.
const GREETING: &[u8] = b"\x13/multistream/1.0.0\n\x07/noise\n";

/// Another address of this machine.
const ELSEWHERE: &str = "127.0.0.2:0";

async fn block(node: &Node, list: &[Blocked]) {
    node.tell(Command::Block { list: list.to_vec() }).await;
}

/// Waits until all commands before this were carried out: they are in their order, and this one shows.
async fn settled(node: &mut Node) {
    node.dial("nowhere").await;
    node.until_dial_failed().await;
}

fn of_key(PeerKey(key): PeerKey) -> Blocked {
    Blocked::Node(PublicKey(key))
}

fn of_address(text: &str) -> Blocked {
    Blocked::Subnet(text.parse::<Subnet>().expect("figures"))
}

fn met(node: &Node, peer: PeerKey) -> bool {
    node.seen.contains(&Event::Connected { peer })
}

/// Invariant N10.
#[tokio::test]
async fn a_blocked_key_is_cut_off_and_neither_heard_nor_called() {
    let (mut a, mut b) = pair().await;
    let (at_a, at_b) = (b.me(), a.me());
    block(&a, &[of_key(at_a)]).await;
    a.until_event(Event::Disconnected { peer: at_a }).await;
    b.until_event(Event::Disconnected { peer: at_b }).await;
    // It may call; what it gets is a handshake and the end.
    b.dial(&a.address).await;
    b.until(|event| match event {
        Event::Disconnected { .. } | Event::DialFailed { .. } => Some(()),
        _ => None,
    })
    .await;
    // Nor is it called: not by chance, and not as somebody to keep in touch with.
    a.dial(&b.address).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::Blocked);
    a.set_peers(&[(at_a, &b.address)]).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::Blocked);
    assert!(!met(&a, at_a), "{:?}", a.seen);
    // Others are as before, and whoever is lifted is called again.
    let mut c = Node::start(3).await;
    c.dial(&a.address).await;
    a.until_event(Event::Connected { peer: c.me() }).await;
    c.until_event(Event::Connected { peer: at_b }).await;
    block(&a, &[of_key(PeerKey([9; 32]))]).await;
    a.until_event(Event::Connected { peer: at_a }).await;
}

/// Returns whether a node has an answer for whoever calls from another address.
async fn answers(node: &Node) -> bool {
    let socket = TcpSocket::new_v4().expect("the system has sockets");
    socket.bind(ELSEWHERE.parse().expect("figures")).expect("all of 127.0.0.0/8 is this machine");
    let mut stream =
        socket.connect(node.address.parse().expect("figures")).await.expect("it listens");
    // One that closes at once may be faster than this.
    let _ = stream.write_all(GREETING).await;
    let mut byte = [0];
    let read = timeout(PATIENCE, stream.read(&mut byte)).await.expect("an answer, or the end");
    matches!(read, Ok(1))
}

#[tokio::test]
async fn a_blocked_address_is_turned_away_before_a_word_is_said() {
    let mut a = Node::start(1).await;
    assert!(answers(&a).await);
    block(&a, &[of_address("127.0.0.2")]).await;
    settled(&mut a).await;
    assert!(!answers(&a).await);
    block(&a, &[of_address("127.0.0.3"), of_address("192.0.2.0/24")]).await;
    while !answers(&a).await {}
}

#[tokio::test]
async fn nobody_at_a_blocked_address_is_called_or_kept() {
    let mut a = Node::start(1).await;
    let mut b = Node::start_with(2, NETWORK, ELSEWHERE, HURRIED).await;
    a.dial(&b.address).await;
    a.until_event(Event::Connected { peer: b.me() }).await;
    block(&a, &[of_address("127.0.0.2")]).await;
    a.until_event(Event::Disconnected { peer: b.me() }).await;
    b.until_event(Event::Disconnected { peer: a.me() }).await;
    a.dial(&b.address).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::Blocked);
    // As somebody to keep in touch with it has no address that may be called.
    a.set_peers(&[(b.me(), &b.address)]).await;
    assert_eq!(a.until_dial_failed().await, DialFailure::Blocked);
    block(&a, &[]).await;
    a.until_event(Event::Connected { peer: b.me() }).await;
}

#[tokio::test]
async fn use_is_counted_by_peer_with_where_it_is() {
    let (mut a, mut b) = pair().await;
    let asked = vec![7; 100_000];
    a.ask(b.me(), &asked, 1).await;
    let (_, _, reply_to) = b.until_request().await;
    b.tell(Command::Respond { reply_to, frame: vec![8; 10_000] }).await;
    a.until(|event| matches!(event, Event::Response { token: 1, .. }).then_some(())).await;
    b.tell(Command::WasWrong { peer: a.me() }).await;
    settled(&mut b).await;
    let of = |node: &Node, peer| {
        let table = node.network.usage.table(std::time::Instant::now());
        *table.iter().find(|used| used.peer == peer).expect("it was counted")
    };
    let at_b = of(&b, a.me());
    assert!((100_000..120_000).contains(&at_b.used.bytes_in), "{at_b:?}");
    assert!((10_000..30_000).contains(&at_b.used.bytes_out), "{at_b:?}");
    assert_eq!((at_b.used.messages, at_b.used.invalid), (1, 1));
    assert_eq!(at_b.at.map(|at| at.to_string()).as_deref(), Some("127.0.0.1"));
    let at_a = of(&a, b.me());
    assert!((100_000..120_000).contains(&at_a.used.bytes_out), "{at_a:?}");
    assert_eq!((at_a.used.messages, at_a.used.invalid), (0, 0));
}
