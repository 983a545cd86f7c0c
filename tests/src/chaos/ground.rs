//! The ground that a run stands on: namespaces of the kernel in which it is alone with its network, its mounts
//! and its processes. Whatever ends the run, all of them go with it. Nothing here knows of faults.

use std::{
    io::Read as _,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use super::wires::Wires;
use crate::{
    processes::program,
    rights::{self, Need},
    volume,
};

/// Tells a process that it stands on its ground, and where it may write.
const INSIDE: &str = "PIRATE_CHAOS";

/// Everything of its own but the network. The last process that is left takes the others with it.
const ALONE: [&str; 7] =
    ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];

/// Returns the words that give a program its own namespaces: as root, else as nobody in particular, else none.
/// A network of its own is of use only where it can be switched on.
fn alone() -> Vec<&'static str> {
    let ways: [(&[&str], &[&str]); 4] = [
        (&["--net"], &["ip", "link", "set", "lo", "up"]),
        (&["--net", "--user", "--map-root-user"], &["ip", "link", "set", "lo", "up"]),
        (&[], &["true"]),
        (&["--user", "--map-root-user"], &["true"]),
    ];
    ways.into_iter()
        .map(|(way, attempt)| ([&["unshare"], way, &ALONE].concat(), attempt))
        .find(|(line, attempt)| volume::run(&[line, *attempt].concat()).is_ok())
        .map(|(line, _)| line)
        .unwrap_or_default()
}

/// Runs this very program again with other words, on a ground of its own in `place`.
pub fn again(words: &[&str], place: &Path, heard: impl FnOnce(&mut Command)) -> ExitStatus {
    // In there nothing could be fetched.
    program();
    let me = std::env::current_exe().expect("a process knows its file");
    let mut line = alone().into_iter();
    let mut command = match line.next() {
        Some(first) => Command::new(first),
        None => Command::new(&me),
    };
    if let Some(rest) = Some(line.as_slice()).filter(|rest| !rest.is_empty()) {
        command.args(rest).arg(&me);
    }
    command.args(words).env(INSIDE, place).stdin(Stdio::piped());
    heard(&mut command);
    let mut child = command.spawn().expect("it could be started a moment ago");
    // Held until the end: whoever kills this process closes it.
    let _held = child.stdin.take();
    child.wait().expect("a child can be waited for")
}

/// Returns where a run may write, if this process stands on its ground. From here on it ends when whoever
/// started it does.
pub fn place() -> Option<std::path::PathBuf> {
    let place = std::env::var_os(INSIDE)?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
    Some(place.into())
}

/// Lays a network for so many nodes, where that is possible. Elsewhere all share that of the ground.
///
/// # Panics
/// When it was possible a moment ago, and is not now.
pub(super) fn wires(nodes: usize) -> Option<Wires> {
    if rights::lacking(&[Need::Network]).is_some() {
        // In the machine's own network it is on already, and nobody may switch it on.
        let _ = volume::run(&["ip", "link", "set", "lo", "up"]);
        return None;
    }
    Some(Wires::lay(nodes).expect("wires could be laid a moment ago"))
}
