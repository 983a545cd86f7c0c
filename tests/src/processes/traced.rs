//! A running process whose calls are watched, and some of them fail or take long (strace). It changes nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::wait_for;

/// The calls that make something durable.
const SYNCS: &str = "trace=fsync,fdatasync,syncfs,sync_file_range";

/// A tracer that is attached to a process, until it is dropped.
pub struct Traced {
    tracer: Child,
    log: PathBuf,
}

impl Traced {
    /// Attaches to a process and lets the call number `nth` of each of its threads fail with EIO, counted from
    /// now on; `call` is `fsync` or `fdatasync`. What is seen is written to `log`.
    ///
    /// # Panics
    /// When strace cannot attach.
    pub fn failing(pid: u32, call: &str, nth: u64, log: &Path) -> Self {
        Self::attach(pid, &["-e", SYNCS, "-e", &format!("inject={call}:error=EIO:when={nth}")], log)
    }

    /// Attaches to a process and does to its calls what strace's word `inject` says, to those alone that are of
    /// the files below `folder` that are there now, or to all. What is met is written to `log`.
    ///
    /// # Panics
    /// When strace cannot attach.
    pub fn injecting(pid: u32, inject: &str, folder: Option<&Path>, log: &Path) -> Self {
        let files = folder.map(files_below).unwrap_or_default();
        let calls = inject.trim_start_matches("inject=").split(':').next().unwrap_or_default();
        let trace = format!("trace={calls}");
        let mut words = vec!["-e", &trace, "-e", inject];
        words.extend(files.iter().flat_map(|file| ["-P", file]));
        Self::attach(pid, &words, log)
    }

    fn attach(pid: u32, words: &[&str], log: &Path) -> Self {
        let tracer = Command::new("strace")
            .args(["-f", "-qq", "-y"])
            .args(words)
            .args(["-p", &pid.to_string(), "-o"])
            .arg(log)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("strace was there a moment ago");
        let mut traced = Self { tracer, log: log.to_owned() };
        let attached = format!("TracerPid:\t{}\n", traced.tracer.id());
        wait_for("a tracer at every thread", || {
            let ended = traced.tracer.try_wait().expect("it is our child");
            assert!(ended.is_none(), "strace may not attach");
            let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
            let all = tasks.flatten().all(|task| {
                let status = fs::read_to_string(task.path().join("status"));
                status.unwrap_or_default().contains(&attached)
            });
            all.then_some(())
        });
        traced
    }

    /// Lets the process go and returns the calls that were seen, in order.
    ///
    /// # Panics
    /// When nothing was written.
    pub fn calls(mut self) -> Vec<String> {
        self.end();
        let text = fs::read_to_string(&self.log).expect("strace wrote it");
        text.lines().map(str::to_owned).collect()
    }

    fn end(&mut self) {
        // One that has ended, and was waited for, is nobody's process id any more.
        if let Ok(None) = self.tracer.try_wait() {
            let _ = kill_process(Pid::from_child(&self.tracer), Signal::TERM);
            let _ = self.tracer.wait();
        }
    }
}

/// Returns the paths of a folder and everything in it.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        next += 1;
        let inside = fs::read_dir(path).into_iter().flatten().flatten();
        found.extend(inside.map(|entry| entry.path()));
    }
    found.iter().filter_map(|path| path.to_str().map(str::to_owned)).collect()
}

impl Drop for Traced {
    fn drop(&mut self) {
        self.end();
    }
}
