//! Tests of a client against a real network shell that answers as told, and against nobody.
//! They use the loopback only.

use std::net::TcpListener;

use proto::desk::{Call, Unavailable};
use proto::hash::Hash;
use proto::keys::SigningKey;

use super::*;

/// Far more than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn network() -> NetworkId {
    NetworkId(Hash([0xc2; 32]))
}

fn frame() -> Frame {
    Frame { home: None, call: Call::Sheet }
}

/// Answers every desk call over the network with what `reply` makes of it.
fn node(
    runtime: &Runtime,
    seed: u8,
    reply: impl Fn(Passed, u8) -> Option<Answer> + Send + 'static,
) -> Reach {
    let settings = Settings {
        seed: [seed; 32].into(),
        network: *network().as_bytes(),
        listen: vec!["127.0.0.1:0".into()],
        mdns: false,
    };
    let mut shell =
        runtime.block_on(async { Network::start(settings) }).expect("loopback can be listened on");
    let Some(Event::Listening { address }) = runtime.block_on(shell.events.recv()) else {
        panic!("a node listens first")
    };
    let node = SigningKey::from_seed(&[seed; 32]).public();
    runtime.spawn(async move {
        while let Some(event) = shell.events.recv().await {
            let Event::Request { frame, reply_to, .. } = event else { continue };
            let Ok(Ask::Desk { passed, hops }) = Ask::decode(&frame) else { continue };
            let frame = reply(passed, hops).map_or(vec![0xff], |answer| answer.encode());
            let respond = Command::Respond { reply_to, frame };
            shell.commands.send(respond).await.expect("the shell runs");
        }
    });
    let home = CiteId(Hash([9; 32]));
    Reach::Network { node, addresses: vec![address], network: network(), home }
}

fn runtime() -> Runtime {
    Runtime::new().expect("the system has threads")
}

#[test]
fn a_call_travels_as_it_is_and_its_reply_comes_back() {
    let runtime = runtime();
    let reach = node(&runtime, 31, |passed, hops| {
        assert_eq!((passed.home, hops), (CiteId(Hash([9; 32])), Ask::HOPS_MAX));
        assert_eq!(Frame::decode(&passed.call), Ok(frame()));
        let reply = Reply::Unavailable(Unavailable::Restored).encode();
        Some(Answer::Desk(Bytes::from(reply)))
    });
    let mut client = Client::connect(&reach, PATIENCE).expect("the node listens");
    for _ in 0..3 {
        let reply = client.call(&frame()).expect("the node replies");
        assert_eq!(reply, Reply::Unavailable(Unavailable::Restored));
    }
}

#[test]
fn whatever_else_comes_back_has_a_name() {
    let runtime = runtime();
    let busy = node(&runtime, 32, |_, _| Some(Answer::Busy));
    let other = node(&runtime, 33, |_, _| Some(Answer::Kept));
    let noise = node(&runtime, 34, |_, _| None);
    let inner = node(&runtime, 35, |_, _| Some(Answer::Desk(Bytes::from(vec![0xff; 9]))));
    let call = |reach| {
        let mut client = Client::connect(&reach, PATIENCE).expect("the node listens");
        client.call(&frame()).expect_err("no reply")
    };
    assert!(matches!(call(busy), ClientError::Busy));
    assert!(matches!(call(other), ClientError::OtherAnswer));
    assert!(matches!(call(noise), ClientError::NotAReply(_)));
    assert!(matches!(call(inner), ClientError::NotAReply(_)));
}

#[test]
fn nobody_there_is_told_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let reach = Reach::Socket(folder.path().join("node.sock"));
    let near = Client::connect(&reach, PATIENCE).map(|_| ());
    assert!(matches!(near, Err(ClientError::NotRunning { .. })), "{near:?}");
    // A port that was free a moment ago and is closed now.
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let reach = Reach::Network {
        node: SigningKey::from_seed(&[36; 32]).public(),
        addresses: vec![free.expect("loopback has ports").to_string()],
        network: network(),
        home: CiteId(Hash([9; 32])),
    };
    let far = Client::connect(&reach, PATIENCE).map(|_| ());
    assert!(matches!(far, Err(ClientError::Unreachable(_))), "{far:?}");
}

#[test]
fn another_key_at_the_address_is_not_the_node() {
    let runtime = runtime();
    let mut reach = node(&runtime, 37, |_, _| Some(Answer::Busy));
    if let Reach::Network { node, .. } = &mut reach {
        *node = SigningKey::from_seed(&[38; 32]).public();
    }
    let far = Client::connect(&reach, PATIENCE).map(|_| ());
    assert!(matches!(far, Err(ClientError::Unreachable(DialFailure::WrongPeer(_)))), "{far:?}");
}

#[test]
fn patience_ends() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
    let reach = Reach::Network {
        node: SigningKey::from_seed(&[39; 32]).public(),
        addresses: vec![silent.local_addr().expect("it is bound").to_string()],
        network: network(),
        home: CiteId(Hash([9; 32])),
    };
    let far = Client::connect(&reach, Duration::from_millis(200)).map(|_| ());
    assert!(matches!(far, Err(ClientError::Timeout)), "{far:?}");
}
