//! The shell behind a document, and its windows: bash processes in groups of their own, so that nothing
//! that they started survives the document. Never looks at what is said; it only gathers it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{Step, difference, fits, plain};

/// Longest time that one step may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two looks at a process.
const LOOK: Duration = Duration::from_millis(10);

/// What the shell knows before the first command.
const PRELUDE: &str = "until_ok() { until \"$@\" >/dev/null 2>&1; do sleep 0.1; done; }\n";

/// A document that is being run.
pub(super) struct Session {
    place: PathBuf,
    path: std::ffi::OsString,
    env: Vec<(String, String)>,
    shell: Group,
    windows: BTreeMap<String, Window>,
    steps: usize,
}

/// A bash and everything that it started; ended together.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // A group whose last process has ended is gone already.
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

/// A command that is left running.
struct Window {
    group: Group,
    file: PathBuf,
    /// Lines that were taken as said.
    taken: usize,
}

impl Session {
    pub(super) fn start(place: &Path, programs: &Path, env: &[(&str, String)]) -> Self {
        let mut path = programs.as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let work = place.join("work");
        fs::create_dir(&work).expect("the directory is empty");
        let mut session = Self {
            place: place.to_owned(),
            path,
            env,
            shell: Group(Command::new("true").spawn().expect("true is everywhere")),
            windows: BTreeMap::new(),
            steps: 0,
        };
        let mut bash = session.bash();
        bash.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        session.shell = Group(bash.spawn().expect("bash is there"));
        let stdin = session.shell.0.stdin.as_mut().expect("the shell's stdin is a pipe");
        stdin.write_all(PRELUDE.as_bytes()).expect("the shell reads its lines");
        session
    }

    fn bash(&self) -> Command {
        let mut bash = Command::new("bash");
        let home = self.place.join("work");
        bash.args(["--noprofile", "--norc"])
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &home)
            .env("LC_ALL", "C.UTF-8")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(home)
            .process_group(0);
        bash
    }

    /// Runs a step; the error says what is different.
    pub(super) fn play(&mut self, step: &Step) -> Result<(), String> {
        self.steps += 1;
        match &step.window {
            None => self.command(step),
            Some(name) if step.command.is_empty() => match self.windows.get_mut(name) {
                Some(window) => window.play(step),
                None => Err(format!("no window {name} is open")),
            },
            Some(name) => {
                let window = self.open(step);
                // Another command in the same window: the one before is over.
                self.windows.remove(name);
                let window = self.windows.entry(name.clone()).or_insert(window);
                window.play(step)
            }
        }
    }

    /// Ends everything that still runs, the last window first.
    pub(super) fn finish(mut self) {
        while self.windows.pop_last().is_some() {}
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.join(format!("{}.{name}", self.steps))
    }

    fn command(&mut self, step: &Step) -> Result<(), String> {
        let (script, out, code) = (self.file("sh"), self.file("out"), self.file("code"));
        fs::write(&script, format!("{}\n", step.command)).expect("the directory is ours");
        // The code is renamed into place, so that it is whole when it is seen.
        let line = format!(
            "{{ . '{0}'; }} >'{1}' 2>&1 </dev/null; echo $? >'{2}.new'; mv '{2}.new' '{2}'\n",
            script.display(),
            out.display(),
            code.display()
        );
        let stdin = self.shell.0.stdin.as_mut().expect("the shell's stdin is a pipe");
        stdin.write_all(line.as_bytes()).map_err(|_| "the shell has ended".to_owned())?;
        let until = Instant::now() + PATIENCE;
        while !code.exists() {
            if Instant::now() > until {
                return Err(format!("not over after {PATIENCE:?}; so far: {}", read(&out)));
            }
            if let Ok(Some(_)) = self.shell.0.try_wait() {
                return Err("the shell has ended".to_owned());
            }
            std::thread::sleep(LOOK);
        }
        judge(step, &read(&out), read(&code).trim().parse().ok())
    }

    fn open(&self, step: &Step) -> Window {
        let file = self.file("out");
        let out = File::create_new(&file).expect("each step has its file");
        let err = out.try_clone().expect("a file has many handles");
        let mut bash = self.bash();
        bash.arg("-c").arg(format!("exec {}", step.command));
        bash.stdin(Stdio::null()).stdout(out).stderr(err);
        Window { group: Group(bash.spawn().expect("bash is there")), file, taken: 0 }
    }
}

/// Compares what a finished command said with what is written.
fn judge(step: &Step, said: &str, code: Option<i32>) -> Result<(), String> {
    let [written] = step.said.as_slice() else {
        return Err("^C only makes sense in a window".to_owned());
    };
    let lines: Vec<&str> = said.lines().collect();
    if fits(written, &lines, true).is_none() {
        return Err(difference(written, said));
    }
    match code {
        Some(code) if code == step.code => Ok(()),
        other => Err(format!("exit code {other:?} instead of {}\n{said}", step.code)),
    }
}

impl Window {
    fn play(&mut self, step: &Step) -> Result<(), String> {
        let (last, before) = step.said.split_last().expect("there is always one part");
        for part in before {
            self.hear(part, false)?;
            let group = Pid::from_child(&self.group.0);
            kill_process_group(group, Signal::INT).map_err(|e| format!("Ctrl-C: {e}"))?;
        }
        if before.is_empty() {
            return self.hear(last, false);
        }
        let until = Instant::now() + PATIENCE;
        let status = loop {
            match self.group.0.try_wait() {
                Ok(Some(status)) => break status,
                _ if Instant::now() > until => {
                    return Err(format!("runs on: {}", read(&self.file)));
                }
                _ => std::thread::sleep(LOOK),
            }
        };
        self.hear(last, true)?;
        match status.code().or(status.signal().map(|signal| 128 + signal)) {
            Some(code) if code == step.code => Ok(()),
            other => Err(format!("exit code {other:?} instead of {}", step.code)),
        }
    }

    /// Waits until what is written was said; as the last words when `whole`.
    fn hear(&mut self, written: &[String], whole: bool) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        loop {
            let ended = self.group.0.try_wait().is_ok_and(|ended| ended.is_some());
            let said = read(&self.file);
            let lines: Vec<&str> = said.lines().skip(self.taken).collect();
            if let Some(used) = fits(written, &lines, whole) {
                self.taken += used;
                return Ok(());
            }
            if ended || Instant::now() > until {
                return Err(difference(written, &lines.join("\n")));
            }
            std::thread::sleep(LOOK);
        }
    }
}

fn read(file: &Path) -> String {
    plain(&String::from_utf8_lossy(&fs::read(file).unwrap_or_default()))
}
