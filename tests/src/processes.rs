//! The built program as people and service managers meet it: real processes on real directories, each
//! ended when its handle is dropped. Nothing in here decides whether a case passes.

mod allied;
mod asking;
mod images;
mod machine;
mod program;
mod site;
mod timepiece;
mod traced;

pub use allied::{Allied, SLUGS, admitted, founded, person, text_of};
pub use machine::{Machine, allied};
pub use program::program;
pub use site::{Desk, Site, Wallet, clock};
pub use timepiece::Timepiece;
pub use traced::{Traced, files_below};

use std::{
    fs::{self, Permissions},
    io::Read,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use node::{
    client::{Client, ClientError, Reach},
    run::Running,
};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;

/// Far more than any step takes on a busy machine; whoever waits longer waits for ever.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two looks at a condition.
const LOOK: Duration = Duration::from_millis(20);

/// Where a running node says how it is reached, within its directory.
const RUNNING: &str = "run/node.json";

/// Returns what `look` finds, as soon as it finds something.
///
/// # Panics
/// After [`PATIENCE`].
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, look)
}

/// Returns what `look` finds, as soon as it finds something: of what takes longer the more there is.
///
/// # Panics
/// After `patience`.
pub fn wait_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    wait_seeing(patience, what, || look().ok_or_else(|| "nothing yet".to_owned()))
}

/// Returns what `look` finds, as soon as it finds something. Until then it says what it saw instead.
///
/// # Panics
/// After `patience`, with what was seen last.
pub fn wait_seeing<T>(
    patience: Duration,
    what: &str,
    mut look: impl FnMut() -> Result<T, String>,
) -> T {
    let until = Instant::now() + patience;
    loop {
        let seen = match look() {
            Ok(found) => return found,
            Err(seen) => seen,
        };
        let left = Instant::now() < until;
        assert!(left, "waited {} s in vain: {what}. Seen: {seen}", patience.as_secs());
        std::thread::sleep(LOOK);
    }
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Said {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to stdout.
    pub out: String,
    /// What it wrote to stderr.
    pub err: String,
}

impl Said {
    /// Returns the `data` of the one JSON object on stdout.
    ///
    /// # Panics
    /// When the command failed or wrote something else.
    pub fn data(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.answer()
    }

    /// Returns the `data` of the one JSON object on stdout, however the command ended.
    ///
    /// # Panics
    /// When it wrote something else.
    pub fn answer(&self) -> Value {
        let object: Value =
            serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        object["data"].clone()
    }

    /// Returns the code of the error object in the last line of stderr; log lines may stand before it.
    ///
    /// # Panics
    /// When there is none.
    pub fn error_code(&self) -> String {
        let object: Value = serde_json::from_str(self.err.lines().last().unwrap_or_default())
            .unwrap_or_else(|error| panic!("{error}: {self:?}"));
        object["code"].as_str().expect("an error has a code").to_owned()
    }
}

/// A directory for `--home`: one person or one cité with everything it has on a machine.
#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
    /// The words under which its programs run.
    under: Vec<String>,
}

impl Home {
    /// Returns the home in `dir`, with the passphrase of all its keys beside it; nothing else is made.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        fs::create_dir_all(&dir).expect("a temporary directory can be written");
        let passphrase = dir.join("passphrase");
        fs::write(&passphrase, "quatre mots suffisent ici\n")
            .expect("a temporary directory can be written");
        fs::set_permissions(&passphrase, Permissions::from_mode(0o600)).expect("the file is ours");
        Self { dir, under: Vec::new() }
    }

    /// Returns this home, whose programs all see a clock that a case moves.
    pub fn living_by(&self, clock: &Timepiece) -> Self {
        Self { dir: self.dir.clone(), under: clock.words.clone() }
    }

    /// Returns this home, whose programs may only what its files let their owner do: as root, anything could
    /// be read.
    pub fn without_rights(&self) -> Self {
        let caps = "-dac_override,-dac_read_search";
        let dropped = ["setpriv", "--bounding-set", caps, "--inh-caps", caps].map(str::to_owned);
        let root = rustix::process::geteuid().is_root();
        Self { dir: self.dir.clone(), under: if root { dropped.to_vec() } else { Vec::new() } }
    }

    /// Returns its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the directory of its node.
    pub fn node(&self) -> PathBuf {
        self.dir.join("node")
    }

    /// Returns a connection to the desk of the node that runs here, which answers within a time.
    ///
    /// # Errors
    /// [`ClientError`]: nobody there.
    pub fn client(&self, within: Duration) -> Result<Client, ClientError> {
        Client::connect(&Reach::Socket(self.dir.join("node.sock")), within)
    }

    /// Returns a command line of this home, in French, with nobody at the terminal.
    pub fn command(&self, line: &[&str]) -> Command {
        self.command_under(&[], line)
    }

    /// Returns a command line of this home, run by another program (`strace`) with these words.
    fn command_under(&self, under: &[String], line: &[&str]) -> Command {
        let under = [self.under.as_slice(), under].concat();
        let mut command = match under.split_first() {
            None => Command::new(program()),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program());
                command
            }
        };
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.dir)
            .env("PIRATE_HOME", &self.dir)
            .env("PIRATE_PASSPHRASE_FILE", self.dir.join("passphrase"))
            .current_dir(&self.dir)
            .args(line)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// When it does not end within [`PATIENCE`].
    pub fn run(&self, line: &[&str]) -> Said {
        self.run_within(PATIENCE, line)
    }

    /// Runs a command that may take so long, because there may be much to do.
    ///
    /// # Panics
    /// When it cannot be started, or does not end.
    pub fn run_within(&self, patience: Duration, line: &[&str]) -> Said {
        let mut child = Process::start(&mut self.command(line));
        let what = format!("the end of pirate {line:?}");
        let code = wait_within(patience, &what, || child.ended());
        Said { code, out: child.out.whole(), err: child.err.whole() }
    }

    /// Runs a command with `--json` and returns the data of its answer.
    ///
    /// # Panics
    /// When it fails.
    pub fn data(&self, line: &[&str]) -> Value {
        self.run(&[line, &["--json"]].concat()).data()
    }
}

/// What a process writes to one of its outputs, gathered as it comes.
struct Heard {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Heard {
    fn listen(mut pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let gathered = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(count @ 1..) = pipe.read(&mut bytes) {
                gathered
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend_from_slice(bytes.get(..count).unwrap_or_default());
            }
        });
        Self { text, reader: Some(reader) }
    }

    fn so_far(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Returns everything, once the process has closed its end.
    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("a reader does not panic");
        }
        self.so_far()
    }
}

/// A child process that does not outlive its handle.
struct Process {
    child: Child,
    out: Heard,
    err: Heard,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the program was built");
        let out = Heard::listen(child.stdout.take().expect("stdout is piped"));
        let err = Heard::listen(child.stderr.take().expect("stderr is piped"));
        Self { child, out, err }
    }

    /// Returns how the process ended, if it did: its exit code, or `None` inside for a signal.
    fn ended(&mut self) -> Option<Option<i32>> {
        let ended = self.child.try_wait().expect("a child can be waited for");
        ended.map(|status| status.code())
    }

    fn killed(mut self) -> String {
        self.child.kill().expect("the child is ours");
        self.child.wait().expect("the child is ours");
        self.err.whole()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is only waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A node in a process of its own.
pub struct Daemon {
    process: Process,
    /// Where it is reached, as it wrote itself.
    pub running: Running,
}

impl Daemon {
    /// Starts the node of a home and waits until it listens and answers.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn start(home: &Home, args: &[&str]) -> Self {
        Self::ready(Starting::begin(home, args))
    }

    /// Starts the node of a home under another program, which must leave it our own child.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn start_under(under: &[String], home: &Home, args: &[&str]) -> Self {
        Self::ready(Starting::begin_under(under, home, args))
    }

    fn ready(starting: Starting) -> Self {
        Self::ready_or_not(starting)
            .unwrap_or_else(|said| panic!("the node ended with {:?}: {}", said.code, said.err))
    }

    /// Returns a node as soon as it listens and answers, or what it said when it ended instead.
    ///
    /// # Errors
    /// How it ended.
    pub fn ready_or_not(mut starting: Starting) -> Result<Self, Said> {
        let running = wait_for("a node that listens", || match starting.process.ended() {
            Some(code) => Some(Err(code)),
            None => starting.listens().map(Ok),
        });
        let mut process = starting.process;
        match running {
            Ok(running) => Ok(Self { process, running }),
            Err(code) => Err(Said { code, out: process.out.whole(), err: process.err.whole() }),
        }
    }

    /// Returns where other nodes reach it.
    pub fn address(&self) -> &str {
        self.running.listening.first().expect("it listens")
    }

    /// Returns what it said on stderr until now.
    pub fn said(&self) -> String {
        self.process.err.so_far()
    }

    /// Lets no file of the process grow beyond `bytes` (RLIMIT_FSIZE) from now on.
    pub fn limit_files(&self, bytes: u64) {
        let limit = Rlimit { current: Some(bytes), maximum: None };
        let pid = Pid::from_child(&self.process.child);
        prlimit(Some(pid), Resource::Fsize, limit).expect("the child is ours");
    }

    /// Returns the bytes that are resident now, from when on [`Self::memory_at_most`] counts.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn memory_from_now_on(&self) -> u64 {
        // Resets the highest value (proc(5), `clear_refs`).
        let reset = format!("/proc/{}/clear_refs", self.process.child.id());
        fs::write(reset, "5").expect("the child is ours");
        self.status_bytes("VmRSS:")
    }

    /// Returns the most bytes that were resident at one time.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn memory_at_most(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.child.id()));
        let status = status.expect("Linux has /proc");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kib.expect("a running process has memory") * 1_024
    }

    /// Lets no thread of the process do anything more (SIGSTOP); returns when all stand still, those that were
    /// in the middle of a sync included.
    pub fn hold(&self) {
        let pid = Pid::from_child(&self.process.child);
        kill_process(pid, Signal::STOP).expect("the child is ours");
        let tasks = format!("/proc/{}/task", self.process.child.id());
        wait_for("threads that stand still", || {
            let all = fs::read_dir(&tasks).expect("Linux has /proc").flatten().all(|task| {
                let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
                let state = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
                state.starts_with(['T', 't', 'Z', 'X'])
            });
            all.then_some(())
        });
    }

    /// Lets a process that was held go on (SIGCONT).
    pub fn go_on(&self) {
        kill_process(Pid::from_child(&self.process.child), Signal::CONT).expect("it is ours");
    }

    /// Ends the process at once, as a power switch would (SIGKILL), and returns what it said on stderr.
    pub fn kill(self) -> String {
        self.process.killed()
    }

    /// Asks the process to stop (SIGTERM) and returns how it ended.
    ///
    /// # Panics
    /// When it does not stop within [`PATIENCE`].
    pub fn stop(mut self) -> Said {
        let pid = Pid::from_child(&self.process.child);
        kill_process(pid, Signal::TERM).expect("the child is ours");
        let code = self.code();
        Said { code, out: self.process.out.whole(), err: self.process.err.whole() }
    }
}

impl Daemon {
    /// Returns the exit code of a node that was told to stop otherwise.
    ///
    /// # Panics
    /// When it does not end within [`PATIENCE`].
    pub fn ended(mut self) -> Option<i32> {
        self.code()
    }

    fn code(&mut self) -> Option<i32> {
        wait_for("the end of a node", || self.process.ended())
    }
}

/// A node that was started and may not listen yet.
pub struct Starting {
    process: Process,
    file: PathBuf,
}

impl Starting {
    /// Starts the node of a home, at a port of its own unless `args` name one.
    pub fn begin(home: &Home, args: &[&str]) -> Self {
        Self::begin_under(&[], home, args)
    }

    /// Starts the node of a home under another program, which must leave it our own child.
    pub fn begin_under(under: &[String], home: &Home, args: &[&str]) -> Self {
        let file = home.node().join(RUNNING);
        let any_port: &[&str] =
            if args.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let line = [&["node", "run"], any_port, args].concat();
        Self { process: Process::start(&mut home.command_under(under, &line)), file }
    }

    fn listens(&self) -> Option<Running> {
        let running = Running::read(&self.file).expect("the file of a node can be read")?;
        let ours = running.pid == self.process.child.id() && !running.listening.is_empty();
        ours.then_some(running)
    }

    /// Ends the process at once, wherever in its start it is (SIGKILL), and returns what it said on stderr.
    pub fn kill(self) -> String {
        self.process.killed()
    }
}

/// Returns an address on this machine at which nobody listened a moment ago.
pub fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
    listener.local_addr().expect("it is bound").to_string()
}
