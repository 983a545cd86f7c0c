//! Crowds of strangers against a whole shell: whoever comes from elsewhere, or speaks, still gets in.
//! The attackers call from another loopback address than the honest do.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{HURRIED, NETWORK, Node, PATIENCE};
use crate::network::ally::Pace;
use crate::network::{Command, Event, limits};

/// Connects from another address of this machine, and says nothing.
async fn half_open(node: &Node) -> TcpStream {
    half_open_from(node, [127, 0, 0, 2]).await
}

async fn half_open_from(node: &Node, from: [u8; 4]) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("all of 127.0.0.0/8 is this machine's");
    socket.connect(node.address.parse().expect("figures")).await.expect("the node listens")
}

/// Waits until the node hangs up. What it says before (the name of its protocol) is passed over.
async fn hung_up(stream: &mut TcpStream) {
    let mut heard = Vec::new();
    // A reset is as good.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("the node hangs up");
}

/// Invariant N5.
#[tokio::test]
async fn half_open_connections_from_one_address_leave_room_for_others() {
    let mut node = Node::start(1).await;
    let mut open = Vec::new();
    for _ in 0..2 * limits::PENDING_IN_NEAR_MAX {
        open.push(half_open(&node).await);
    }
    // Connections are accepted in turn, so this call meets a node that has seen all of them.
    let mut honest = Node::start(2).await;
    honest.dial(&node.address).await;
    honest.until_event(Event::Connected { peer: node.me() }).await;
    node.until_event(Event::Connected { peer: honest.me() }).await;
    // Those above the share of their address were refused at once, the others wait.
    for late in &mut open[limits::PENDING_IN_NEAR_MAX..] {
        hung_up(late).await;
    }
    for early in &open[..limits::PENDING_IN_NEAR_MAX] {
        let nothing = early.try_read(&mut [0]).expect_err("nobody said or closed anything");
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    }
}

/// Invariant N5: four addresses in each of four networks have taken all places once.
#[tokio::test]
async fn half_open_connections_from_a_few_networks_leave_room_for_others() {
    let mut node = Node::start(1).await;
    let mut open = Vec::new();
    for network in 1..=4 {
        for address in 1..=4 {
            for _ in 0..16 {
                open.push(half_open_from(&node, [127, 0, network, address]).await);
            }
        }
    }
    // From somewhere else again, and refused at once if there were no room.
    let late = half_open_from(&node, [127, 0, 99, 1]).await;
    let mut honest = Node::start(2).await;
    honest.dial(&node.address).await;
    honest.until_event(Event::Connected { peer: node.me() }).await;
    node.until_event(Event::Connected { peer: honest.me() }).await;
    let nothing = late.try_read(&mut [0]).expect_err("nobody said or closed anything");
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn the_deadline_of_a_handshake_begins_when_the_connection_does() {
    let handshake = Duration::from_millis(400);
    let node = Node::start_with(1, NETWORK, "127.0.0.1:0", Pace { handshake, ..HURRIED }).await;
    // Nothing; a part of the first word; all that comes before Noise.
    let agreed = b"\x13/multistream/1.0.0\n\x07/noise\n";
    for said in [0, 5, agreed.len()] {
        let start = Instant::now();
        let mut stream = half_open(&node).await;
        stream.write_all(&agreed[..said]).await.expect("a few bytes fit");
        hung_up(&mut stream).await;
        let lasted = start.elapsed();
        assert!(lasted >= handshake && lasted < handshake * 20, "{said} bytes: {lasted:?}");
    }
    // One byte now and then does not make it longer.
    let (start, mut stream) = (Instant::now(), half_open(&node).await);
    for byte in agreed.iter().cycle() {
        let written = stream.write_all(&[*byte]).await;
        let heard = timeout(handshake / 8, stream.read(&mut [0; 64])).await;
        if written.is_err() || matches!(heard, Ok(Err(_) | Ok(0))) {
            break;
        }
        assert!(start.elapsed() < handshake * 20, "the connection goes on");
    }
}

/// Invariant N5.
#[tokio::test]
async fn idle_strangers_give_way_and_those_who_speak_stay() {
    let pace = Pace { quiet: Duration::ZERO, ..HURRIED };
    let mut node = Node::start_with(1, NETWORK, "127.0.0.1:0", pace).await;
    let (ally, mut speaker) = (Node::start(2).await, Node::start(3).await);
    node.set_peers(&[(ally.me(), &ally.address)]).await;
    node.until_event(Event::Connected { peer: ally.me() }).await;
    speaker.dial(&node.address).await;
    speaker.until_event(Event::Connected { peer: node.me() }).await;
    let mut idle = Vec::new();
    for number in 0..=limits::ESTABLISHED_IN_MAX {
        let seed = 10 + u8::try_from(number).expect("few");
        let mut stranger = Node::start(seed).await;
        stranger.dial(&node.address).await;
        stranger.until_event(Event::Connected { peer: node.me() }).await;
        node.until_event(Event::Connected { peer: stranger.me() }).await;
        idle.push(stranger);
        let token = u64::from(seed);
        speaker.ask(node.me(), b"still here?", token).await;
        let (_, _, reply_to) = node.until_request().await;
        node.tell(Command::Respond { reply_to, frame: b"yes".to_vec() }).await;
        speaker.until_event(Event::Response { token, frame: b"yes".to_vec() }).await;
    }
    // As many as the mark says are left, and the first were the first to go.
    let stay = limits::ESTABLISHED_IN_MARK - 1;
    let gone = idle.len() - stay;
    for stranger in &idle[..gone] {
        node.until_event(Event::Disconnected { peer: stranger.me() }).await;
    }
    for peer in idle[gone..].iter().chain([&ally, &speaker]).map(Node::me) {
        assert!(!node.seen.contains(&Event::Disconnected { peer }), "{:?}", node.seen);
    }
}
