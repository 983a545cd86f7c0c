//! The daemon: takes the node's directory, opens the core, starts network and socket, and runs until it
//! is told to stop. It decides nothing about hours, and never goes on with a part of it dead.
//!
//! | thread | does |
//! |---|---|
//! | the caller's | waits for all the others |
//! | two of tokio | network, socket, signals, and the shell between them |
//! | `writer` | owns the core: all that is decided, written, synced and signed |

mod measures;
mod queue;
mod replies;
mod running;
mod shell;
mod signals;
#[cfg(test)]
mod tests;
mod ways;
mod writer;

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use proto::ids::CiteId;
use proto::time::UnixMillis;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::config::{Config, LISTEN_HOST, LISTEN_PORT, LISTEN_PORTS_MORE};
use crate::core::{self, Core, CoreError};
use crate::home_dir::{Claimed, HomeDir, HomeDirError};
use crate::keyfile::{KeyFileError, Keys};
use crate::network::{self, Network, NetworkError};
use crate::socket::{self, Server, SocketError};

use measures::{SyncTimes, TimedDisk};
use replies::Replies;
pub use running::Running;
use running::RunningFile;
use shell::Shell;
use signals::Signals;
use ways::Ways;
use writer::{Machine, Writer, now};

/// Threads of tokio: one may wait for the disk (socket files, `run/node.json`) while the other serves.
const SHELL_THREADS: usize = 2;

/// Calls that the shell has not taken from the socket: one of each connection.
const CALLS_MAX: usize = socket::CONNECTIONS_MAX;

/// Tasks that are still at work when all is over, such as a name being resolved, are left behind.
const LEFT_BEHIND: Duration = Duration::from_millis(500);

/// What is told to whoever started the node, in the order in which it happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The usual port is taken; the node listens at another.
    PortMoved {
        /// The usual one.
        usual: u16,
        /// The one that was free.
        port: u16,
    },
    /// The node answers, here and there.
    Ready(Running),
    /// The node was told to stop, and does so within five seconds.
    Stopping,
}

/// Takes notices; called from any thread, and not to take long.
pub type Notices = Box<dyn FnMut(Notice) + Send>;

/// What a node is started with.
pub struct RunOptions {
    /// Its directory.
    pub home: HomeDir,
    /// Its socket; [`HomeDir::socket`] unless somebody wants another place.
    pub socket: PathBuf,
    /// Its settings.
    pub config: Config,
    /// Version of the program, for those who ask.
    pub version: &'static str,
    /// Whether the operator may set the clock. Only on a test network.
    pub scaled_clock: bool,
    /// Who hears what happens.
    pub notices: Notices,
}

/// Why a node did not start or did not end well. The operator must act, except where it says "defect".
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A node runs in this directory already. Nothing was changed.
    #[error("a node is running here already")]
    AlreadyRunning {
        /// Its process, if it said so.
        pid: Option<u32>,
        /// When it started, if it said so.
        since: Option<UnixMillis>,
    },
    /// No cité lives in this directory yet.
    #[error("no cité was founded in {}", .home.display())]
    NoCite {
        /// The directory.
        home: PathBuf,
    },
    /// The clock may be set on test networks only, and this is a real one.
    #[error("the clock can be set on a test network only")]
    RealClock,
    /// The directory cannot be used.
    #[error(transparent)]
    Home(#[from] HomeDirError),
    /// The node's keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The log cannot be opened.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The network cannot be started.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Every usual port is taken.
    #[error("the ports {first} to {last} are all taken")]
    PortsTaken {
        /// First port tried.
        first: u16,
        /// Last port tried.
        last: u16,
    },
    /// The socket cannot be used.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The system gives no threads, signals or memory.
    #[error("the system does not let the node start: {0}")]
    System(io::Error),
    /// The system has no randomness to give.
    #[error("the system gives no random bytes: {0}")]
    Chance(getrandom::Error),
    /// A defect: the writer panicked. What was acknowledged is on the disk.
    #[error("the writer stopped on a defect; what was acknowledged is safe")]
    WriterPanicked,
    /// A defect: the writer ended unasked.
    #[error("the writer ended unasked")]
    WriterEnded,
    /// A defect: the network ended unasked.
    #[error("the network ended unasked")]
    NetworkEnded,
    /// A defect: the socket ended unasked.
    #[error("the socket ended unasked")]
    SocketEnded,
    /// A defect: the core asked more than it took answers to.
    #[error("the core fell behind its own questions")]
    Overrun,
    /// A clean stop was not done in time. What was acknowledged is on the disk.
    #[error("stopping took too long; what was acknowledged is safe")]
    StopTooSlow,
    /// A second signal came while the node was stopping. What was acknowledged is on the disk.
    #[error("stopped at once by a second signal")]
    Insisted {
        /// Its number.
        signal: i32,
    },
}

/// Runs a node until it is told to stop: by SIGTERM, SIGINT or SIGHUP, or by its operator through the
/// socket. `Ok` after a clean stop. After an error the process should end: after
/// [`RunError::StopTooSlow`] and [`RunError::Insisted`] the writer may still be at work.
pub fn run(mut options: RunOptions) -> Result<(), RunError> {
    keep_secrets_in();
    let started = now();
    let Claimed { disk, lock } = options.home.claim(started.0).map_err(running_already)?;
    let home = options.home.root();
    let cite = options.home.cite(&*disk)?.ok_or_else(|| RunError::NoCite { home: home.into() })?;
    let founding = options.home.founding(disk.clone(), cite)?;
    if options.scaled_clock && !founding.founding().network.test {
        return Err(RunError::RealClock);
    }
    let keys = Keys::load(&options.home.keys())?;
    let network_seed = keys.network.seed();
    let settings = core_settings(&options, keys, started)?;
    tracing::info!(%cite, version = options.version, "opening the log");
    let index = options.home.index();
    let (disk, sync_times) = TimedDisk::of(disk);
    let core = Core::open(disk, &index, cite, settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(SHELL_THREADS)
        .enable_all()
        .build()
        .map_err(RunError::System)?;
    let outcome = runtime.block_on(async {
        let signals = Signals::listen().map_err(RunError::System)?;
        let network_id = *founding.network().as_bytes();
        let network =
            start_network(&options.config, network_id, network_seed, &mut options.notices)?;
        begin((core, lock), sync_times, network, cite, started, options)?.run(signals).await
    });
    runtime.shutdown_timeout(LEFT_BEHIND);
    if outcome.is_ok() {
        tracing::info!("stopped");
    }
    outcome
}

/// Returns the shell with everything started. The network comes first, the socket after it, the writer
/// last: whoever is answered at the socket finds a whole node.
fn begin(
    (machine, lock): (impl Machine, ledger::disk::Lock),
    sync_times: SyncTimes,
    network: Network,
    cite: CiteId,
    started: UnixMillis,
    options: RunOptions,
) -> Result<Shell, RunError> {
    let (calls_out, calls) = mpsc::channel(CALLS_MAX);
    let server = Server::bind(&options.socket)?;
    let server = tokio::spawn(server.serve(calls_out, shell::busy()));
    let running = Running {
        schema: Running::SCHEMA.into(),
        pid: std::process::id(),
        since_ms: started.0,
        cite: cite.to_string(),
        node: network.me.to_string(),
        socket: options.socket,
        listening: Vec::new(),
    };
    // The core hears of the time and the disk before anybody asks it anything.
    let mut to_core = queue::Queue::default();
    let first = [core::Input::DiskFree(options.home.disk_free()?), core::Input::Tick];
    let announced = options.config.announce.iter().map(ToString::to_string);
    for input in announced.map(core::Input::Listening).chain(first) {
        // As many as a file of settings may name: far from the queue's end.
        to_core.push(input).map_err(|_| RunError::Overrun)?;
    }
    Ok(Shell {
        file: RunningFile::at(options.home.running()),
        home: options.home,
        ways: Ways {
            network,
            writer: Writer::start(machine, lock).map_err(RunError::System)?,
            to_core,
            to_network: VecDeque::new(),
        },
        calls,
        server,
        running,
        tell_listening: options.config.announce.is_empty(),
        notices: options.notices,
        replies: Replies::default(),
        shed: 0,
        sync_times,
        claims: Vec::new(),
    })
}

fn core_settings(
    options: &RunOptions,
    keys: Keys,
    started: UnixMillis,
) -> Result<core::Settings, RunError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(RunError::Chance)?;
    let friends = options
        .config
        .peers
        .iter()
        .map(|(key, addresses)| (*key, addresses.iter().map(ToString::to_string).collect()));
    Ok(core::Settings {
        keys,
        seed,
        started,
        version: options.version,
        friends: friends.collect(),
        scaled_clock: options.scaled_clock,
    })
}

/// Returns the network, listening where the settings say; else at the usual port or the next free one.
fn start_network(
    config: &Config,
    network: [u8; 32],
    seed: Zeroizing<[u8; 32]>,
    notices: &mut Notices,
) -> Result<Network, RunError> {
    let start = |listen| {
        let (seed, mdns) = (seed.clone(), config.mdns);
        Network::start(network::Settings { seed, network, listen, mdns })
    };
    if !config.listen.is_empty() {
        return Ok(start(config.listen.iter().map(ToString::to_string).collect())?);
    }
    let last = LISTEN_PORT + LISTEN_PORTS_MORE;
    for port in LISTEN_PORT..=last {
        match start(vec![format!("{LISTEN_HOST}:{port}")]) {
            Err(NetworkError::Listen { source, .. })
                if source.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error.into()),
            Ok(started) => {
                if port != LISTEN_PORT {
                    tracing::warn!(usual = LISTEN_PORT, port, "the usual port is taken");
                    notices(Notice::PortMoved { usual: LISTEN_PORT, port });
                }
                return Ok(started);
            }
        }
    }
    Err(RunError::PortsTaken { first: LISTEN_PORT, last })
}

fn running_already(error: HomeDirError) -> RunError {
    match error {
        HomeDirError::Held { holder, .. } => RunError::AlreadyRunning {
            pid: holder.map(|holder| holder.pid),
            since: holder.map(|holder| UnixMillis(holder.started_ms)),
        },
        other => other.into(),
    }
}

/// Lets no memory of this process reach a core file or another process of the same user. Keys are in
/// it. A system that refuses is older than what this is tried on, and the node runs all the same.
fn keep_secrets_in() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let limited = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    let closed =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    if let Err(errno) = limited.and(closed) {
        tracing::warn!(%errno, "memory of this process may be written to core files");
    }
}
