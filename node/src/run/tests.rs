//! The shell with real sockets and a real thread, around machines that do what a core must never do.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use proto::hash::Hash;
use proto::keys::SigningKey;
use tokio::runtime::Runtime;

use super::*;
use crate::core::{Input, Output};
use crate::network::{Command, Event};

/// Far more than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A machine made of what it does with each input; closing is told.
struct Does<F>(F, std::sync::mpsc::Sender<()>);

impl<F: FnMut(Input) -> Vec<Output> + Send + 'static> Machine for Does<F> {
    fn handle(&mut self, _now: UnixMillis, inputs: Vec<Input>) -> Vec<Output> {
        inputs.into_iter().flat_map(&mut self.0).collect()
    }

    fn close(&mut self) {
        // A test that does not care has dropped the other end.
        let _ = self.1.send(());
    }
}

/// A shell that runs in a thread of its own.
struct Started {
    folder: tempfile::TempDir,
    ready: Running,
    closed: Receiver<()>,
    ended: std::thread::JoinHandle<Result<(), RunError>>,
}

impl Started {
    fn with(does: impl FnMut(Input) -> Vec<Output> + Send + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let home = HomeDir::new(folder.path().join("node"));
        let Claimed { lock, .. } = home.claim(0).expect("nobody else is here");
        let (notices, heard) = channel();
        let (closing, closed) = channel();
        let options = RunOptions {
            socket: home.socket(),
            home,
            config: Config {
                listen: vec!["127.0.0.1:0".parse().expect("an address")],
                ..Config::default()
            },
            version: "test",
            scaled_clock: false,
            notices: Box::new(move |notice| {
                let _ = notices.send(notice);
            }),
        };
        let mut quiet: Notices = Box::new(|_| {});
        let ended = std::thread::spawn(move || {
            let runtime = Runtime::new().expect("the system has threads");
            runtime.block_on(async {
                let seed = [41; 32].into();
                let network = start_network(&options.config, [0xc4; 32], seed, &mut quiet)?;
                let signals = Signals::listen().map_err(RunError::System)?;
                let (cite, machine) = (CiteId(Hash([7; 32])), Does(does, closing));
                begin((machine, lock), SyncTimes::new(), network, cite, UnixMillis(0), options)?
                    .run(signals)
                    .await
            })
        });
        let Ok(Notice::Ready(ready)) = heard.recv_timeout(PATIENCE) else {
            panic!("the first notice is that all is ready")
        };
        Self { folder, ready, closed, ended }
    }

    fn client(&self) -> socket::Client {
        socket::Client::connect(&self.ready.socket, PATIENCE).expect("the shell listens")
    }

    /// Returns how the shell ended, and checks that it left nothing behind.
    fn outcome(self) -> Result<(), RunError> {
        let outcome = self.ended.join().expect("the shell does not panic");
        assert!(!self.ready.socket.exists(), "the socket was left behind");
        let home = HomeDir::new(self.folder.path().join("node"));
        let left = Running::read(&home.running()).expect("a missing file is no error");
        assert_eq!(left, None, "the file of the running node was left behind");
        outcome
    }
}

/// Answers each call with its own bytes; the call "stop" also stops.
fn echo(input: Input) -> Vec<Output> {
    match input {
        Input::Called { frame, reply_to } => {
            let stop = (frame == b"stop").then_some(Output::Stop);
            let reply = Output::Reply { reply_to, frame };
            std::iter::once(reply).chain(stop).collect()
        }
        Input::Asked { frame, reply_to, .. } => vec![Output::Answer { reply_to, frame }],
        _ => Vec::new(),
    }
}

#[test]
fn calls_reach_the_machine_and_a_stop_is_answered_and_clean() {
    let started = Started::with(echo);
    let home = HomeDir::new(started.folder.path().join("node"));
    let said = Running::read(&home.running()).expect("the file can be read");
    assert_eq!(said.as_ref(), Some(&started.ready));
    assert_eq!(started.ready.pid, std::process::id());
    assert_eq!(started.ready.node, format!("{:?}", SigningKey::from_seed(&[41; 32]).public()));
    let mut clients = [started.client(), started.client()];
    for round in 0..20_u8 {
        for client in &mut clients {
            assert_eq!(client.ask(&[round]).expect("the machine echoes"), [round]);
        }
    }
    let [mut client, _idle] = clients;
    assert_eq!(client.ask(b"stop").expect("also the last call is answered"), b"stop");
    let closed = started.closed.recv_timeout(PATIENCE);
    assert!(started.outcome().is_ok());
    assert!(closed.is_ok(), "the machine was not closed");
}

#[test]
fn a_panic_in_the_writer_ends_everything() {
    let started = Started::with(|input| match input {
        Input::Called { .. } => panic!("planted"),
        _ => Vec::new(),
    });
    let unanswered = started.client().ask(b"anything");
    assert!(unanswered.is_err(), "{unanswered:?}");
    assert!(started.closed.recv_timeout(PATIENCE).is_err(), "a broken machine was closed");
    let outcome = started.outcome();
    assert!(matches!(outcome, Err(RunError::WriterPanicked)), "{outcome:?}");
}

#[test]
fn a_machine_that_asks_without_end_is_stopped() {
    let peer = SigningKey::from_seed(&[42; 32]).public();
    let mut token = 0;
    let started = Started::with(move |input| {
        // Nobody is connected, so each ask fails at once, and two are made of each failure.
        let (Input::Called { .. } | Input::Answered { .. }) = input else { return Vec::new() };
        let mut ask = || {
            token += 1;
            Output::Ask { peer, frame: vec![1], token }
        };
        vec![ask(), ask()]
    });
    let unanswered = started.client().ask(b"go");
    assert!(unanswered.is_err(), "{unanswered:?}");
    let outcome = started.outcome();
    assert!(matches!(outcome, Err(RunError::Overrun)), "{outcome:?}");
}

#[test]
fn peers_are_answered_while_the_socket_is_served() {
    let started = Started::with(echo);
    let runtime = Runtime::new().expect("the system has threads");
    let seed = [43; 32].into();
    let address = started.ready.listening.first().expect("it listens").clone();
    let answer = runtime.block_on(async {
        let settings =
            network::Settings { seed, network: [0xc4; 32], listen: Vec::new(), mdns: false };
        let mut peer = Network::start(settings).expect("it need not listen");
        let dial = Command::Dial { addresses: vec![address] };
        peer.commands.send(dial).await.expect("the shell runs");
        loop {
            match peer.events.recv().await.expect("the shell runs") {
                Event::Connected { peer: to } => {
                    let request = Command::Request { peer: to, frame: vec![5; 9], token: 1 };
                    peer.commands.send(request).await.expect("the shell runs");
                }
                Event::Response { frame, .. } => break frame,
                Event::RequestFailed { why, .. } => panic!("{why}"),
                _ => {}
            }
        }
    });
    assert_eq!(answer, [5; 9]);
    assert_eq!(started.client().ask(b"stop").expect("the machine echoes"), b"stop");
    assert!(started.outcome().is_ok());
}

#[test]
fn a_taken_port_is_stepped_over_and_said() {
    let runtime = Runtime::new().expect("the system has threads");
    // Taken by this test or by somebody else on this machine: taken.
    let _taken = std::net::TcpListener::bind((LISTEN_HOST, LISTEN_PORT));
    let (notices, heard) = channel();
    let mut notices: Notices = Box::new(move |notice| {
        let _ = notices.send(notice);
    });
    let usual = Config::default();
    let mut network = runtime
        .block_on(async { start_network(&usual, [0; 32], [44; 32].into(), &mut notices) })
        .expect("one of seventeen ports is free");
    let Ok(Notice::PortMoved { usual: LISTEN_PORT, port }) = heard.try_recv() else {
        panic!("nothing was said")
    };
    let Some(Event::Listening { address }) = runtime.block_on(network.events.recv()) else {
        panic!("it listens")
    };
    assert!(address.ends_with(&format!(":{port}")), "{address} is not at {port}");
    // A place that was asked for by name is never exchanged for another.
    let asked_for = Config {
        listen: vec![format!("{LISTEN_HOST}:{port}").parse().expect("an address")],
        ..Config::default()
    };
    let refused = runtime
        .block_on(async { start_network(&asked_for, [0; 32], [45; 32].into(), &mut notices) });
    assert!(matches!(refused, Err(RunError::Network(NetworkError::Listen { .. }))));
}
