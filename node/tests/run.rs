//! Whole nodes in this process: founded on a real disk, started, called, stopped by whatever stops a
//! node. Signals belong to the process, so one test runs at a time.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ledger::home::{FoundingPlan, Home};
use node::client::{Client, Reach};
use node::config::Config;
use node::home_dir::{Claimed, HomeDir};
use node::keyfile::Keys;
use node::run::{Notice, RunError, RunOptions, Running, run};
use proto::desk::{Call, Frame, NodeStatus, Operator, Reply, Unavailable};
use proto::founding::{Founding, Language, Network, RootKeys, Rules, SignedFounding};
use proto::ids::CiteId;
use proto::keys::SigningKey;
use proto::time::UnixMillis;
use rustix::process::{Signal, getpid, kill_process};

/// Far more than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A clean stop takes at most this long (`reliability` F37).
const STOP_MAX: Duration = Duration::from_secs(5);

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    UnixMillis(u64::try_from(since.as_millis()).expect("before the year 292 million"))
}

fn network() -> Network {
    Network { name: "rehearsal".into(), test: true }
}

/// A cité on a disk of its own.
struct Cite {
    _folder: tempfile::TempDir,
    home: HomeDir,
    cite: CiteId,
    keys: Keys,
}

impl Cite {
    fn found(test: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let home = HomeDir::new(folder.path().join("node"));
        let keys = Keys::generate().expect("the system has randomness");
        keys.create(&home.keys()).expect("the folder is empty");
        let root = SigningKey::from_seed(&[1; 32]);
        let founding = Founding {
            version: 1,
            network: Network { test, ..network() },
            slug: "tisserandes".into(),
            name: "Les Tisserandes".into(),
            place: "Lyon 4e".into(),
            language: Language::French,
            root: RootKeys { threshold: 1, keys: vec![root.public()] },
            log_key: keys.log.public(),
            mirror_key: keys.mirror.public(),
            card_key: keys.card.public(),
            network_key: keys.network.public(),
            rules: Rules::default(),
            salt: [9; 16],
        };
        let cite = founding.id();
        let plan = FoundingPlan { signed: SignedFounding::sign(founding, &[root]), acts: vec![] };
        let Claimed { disk, lock } = home.claim(0).expect("nobody else is here");
        let log_key = keys.log.clone();
        Home::found(Arc::clone(&disk) as _, &home.index(), plan, log_key, now())
            .expect("the folder holds no log");
        home.settle(&*disk, &cite).expect("the disk takes a small file");
        drop(lock);
        Self { _folder: folder, home, cite, keys }
    }

    fn options(&self) -> (RunOptions, Receiver<Notice>) {
        let (notices, heard) = channel();
        let options = RunOptions {
            home: self.home.clone(),
            socket: self.home.socket(),
            config: Config {
                listen: vec!["127.0.0.1:0".parse().expect("an address")],
                ..Config::default()
            },
            version: "0.0.0-test",
            scaled_clock: false,
            notices: Box::new(move |notice| {
                let _ = notices.send(notice);
            }),
        };
        (options, heard)
    }

    fn start(&self) -> Node {
        let (options, heard) = self.options();
        let ended = std::thread::spawn(move || run(options));
        match heard.recv_timeout(PATIENCE) {
            Ok(Notice::Ready(ready)) => Node { ready, heard, ended },
            other => panic!("not ready: {other:?}, {:?}", ended.join()),
        }
    }
}

struct Node {
    ready: Running,
    heard: Receiver<Notice>,
    ended: JoinHandle<Result<(), RunError>>,
}

impl Node {
    fn call(&self, call: Call) -> Reply {
        let reach = Reach::Socket(self.ready.socket.clone());
        let mut client = Client::connect(&reach, PATIENCE).expect("the node answers");
        client.call(&Frame { home: None, call }).expect("the node replies")
    }

    fn status(&self) -> NodeStatus {
        match self.call(Call::Operator(Operator::Status)) {
            Reply::Status(status) => *status,
            other => panic!("not a status: {other:?}"),
        }
    }

    /// Returns how it ended after something that stops it, and how long that took.
    fn stopped_by(self, stop: impl FnOnce(&Self)) -> (Result<(), RunError>, Duration) {
        let start = Instant::now();
        stop(&self);
        let outcome = self.ended.join().expect("the shell does not panic");
        (outcome, start.elapsed())
    }
}

fn signal(signal: Signal) {
    kill_process(getpid(), signal).expect("a process may signal itself");
}

#[test]
fn a_founded_cite_answers_at_its_socket_and_over_the_network_and_stops_when_told() {
    let _alone = alone();
    let cite = Cite::found(true);
    let node = cite.start();
    let status = node.status();
    assert_eq!(status.node, cite.keys.network.public());
    assert_eq!(status.version, "0.0.0-test");
    assert_eq!(status.listening, node.ready.listening);
    assert!(status.disk_free > 0 && status.disk_free < u64::MAX, "{}", status.disk_free);
    assert_eq!(node.ready.cite, cite.cite.to_string());

    let reach = Reach::Network {
        node: status.node,
        addresses: node.ready.listening.clone(),
        network: network().id(),
        home: cite.cite,
    };
    let mut far = Client::connect(&reach, PATIENCE).expect("the node listens");
    let frame = |call| Frame { home: Some(cite.cite), call };
    let sheet = |reply| match reply {
        Reply::Sheet(sheet) => *sheet,
        other => panic!("not a sheet: {other:?}"),
    };
    let there = sheet(far.call(&frame(Call::Sheet)).expect("the node replies"));
    let here = sheet(node.call(Call::Sheet));
    assert_eq!((&there.founding, &there.checkpoint), (&here.founding, &here.checkpoint));
    let refused = far.call(&frame(Call::Operator(Operator::Stop))).expect("the node replies");
    assert_eq!(refused, Reply::Unavailable(Unavailable::LocalOnly));

    let (outcome, took) = node.stopped_by(|node| {
        assert_eq!(node.call(Call::Operator(Operator::Stop)), Reply::Done);
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(took < STOP_MAX, "{took:?}");
    assert!(!cite.home.socket().exists() && !cite.home.running().exists());
}

#[test]
fn each_signal_and_a_storm_of_them_stop_a_node_cleanly_and_it_starts_again() {
    let _alone = alone();
    let cite = Cite::found(true);
    for kind in [Signal::TERM, Signal::INT, Signal::HUP] {
        let node = cite.start();
        node.status();
        let (outcome, took) = node.stopped_by(|_| signal(kind));
        assert!(outcome.is_ok() && took < STOP_MAX, "{kind:?}: {outcome:?} after {took:?}");
    }
    let node = cite.start();
    let (outcome, took) = node.stopped_by(|node| {
        for _ in 0..100 {
            signal(Signal::TERM);
            signal(Signal::INT);
        }
        assert_eq!(node.heard.recv_timeout(PATIENCE), Ok(Notice::Stopping));
    });
    assert!(outcome.is_ok() && took < STOP_MAX, "{outcome:?} after {took:?}");
}

#[test]
fn a_second_start_changes_nothing_and_says_who_runs() {
    let _alone = alone();
    let cite = Cite::found(true);
    let node = cite.start();
    let before = node.status();
    match run(cite.options().0) {
        Err(RunError::AlreadyRunning { pid, since }) => {
            assert_eq!(pid, Some(std::process::id()));
            assert_eq!(since, Some(UnixMillis(node.ready.since_ms)));
        }
        other => panic!("two nodes run: {other:?}"),
    }
    let checkpoint = |status: NodeStatus| status.sheet.expect("a cité lives here").checkpoint;
    assert_eq!(checkpoint(node.status()), checkpoint(before));
    let (outcome, _) = node.stopped_by(|_| signal(Signal::TERM));
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn what_cannot_run_says_why_and_leaves_the_directory_free() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let cite = Cite::found(false);
    let with = |change: &dyn Fn(&mut RunOptions)| {
        let (mut options, _) = cite.options();
        change(&mut options);
        run(options).expect_err("it cannot run")
    };
    let empty = with(&|options| options.home = HomeDir::new(folder.path().join("empty")));
    assert!(matches!(empty, RunError::NoCite { .. }), "{empty:?}");
    let scaled = with(&|options| options.scaled_clock = true);
    assert!(matches!(scaled, RunError::RealClock), "{scaled:?}");
    let file: PathBuf = folder.path().join("file");
    std::fs::write(&file, "").expect("the folder can be written");
    let socket = with(&|options| options.socket = file.clone());
    assert!(matches!(socket, RunError::Socket(_)), "{socket:?}");
    let hidden = cite.home.keys().with_extension("hidden");
    std::fs::rename(cite.home.keys(), &hidden).expect("it is ours");
    let keys = with(&|_| {});
    assert!(matches!(keys, RunError::Keys(_)), "{keys:?}");
    std::fs::rename(&hidden, cite.home.keys()).expect("it is ours");

    let node = cite.start();
    let (outcome, _) = node.stopped_by(|_| signal(Signal::TERM));
    assert!(outcome.is_ok(), "{outcome:?}");
}
