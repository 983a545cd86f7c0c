//! How a drill is played: in a process and namespaces of its own, where whatever it starts and mounts goes with it.
//! What a machine cannot show is left out by name.

use std::{
    fs,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use super::{Drill, named};
use crate::{chaos::ground, rights, volume};

/// What stands before the reason where a machine cannot show a drill.
const LEFT_OUT: &str = "LEFT OUT: ";

/// What stands at the end of a drill that was played.
const HELD: &str = "HELD";

/// How a drill ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All was as the page says.
    Held,
    /// This machine cannot show it, for this reason.
    LeftOut(String),
    /// Something was not as the page says: all that was said.
    Failed(String),
}

/// A drill that was played.
pub struct Played {
    /// How it ended.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

/// Plays a drill by starting this very program again with `words`, which must come to [`played_inside`].
///
/// # Panics
/// When no process can be started.
pub fn play(words: &[&str]) -> Played {
    let begun = Instant::now();
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let said = place.path().join("said");
    let status = ground::again(words, place.path(), |command| {
        let file = fs::File::create(&said).expect("a temporary directory can be written");
        let errors = file.try_clone().expect("a file can be shared");
        command.stdout(file).stderr(errors);
    });
    let said = fs::read_to_string(&said).expect("it was written");
    let line =
        |start: &str| said.lines().find_map(|line| Some(line.strip_prefix(start)?.to_owned()));
    let verdict = match (status.success(), line(LEFT_OUT), line(HELD)) {
        (true, Some(why), _) => Verdict::LeftOut(why),
        (true, None, Some(_)) => Verdict::Held,
        _ => Verdict::Failed(format!("{status}\n{said}")),
    };
    Played { verdict, took: begun.elapsed() }
}

/// Plays a drill where this process stands, if it was started for that by [`play`].
///
/// # Panics
/// When something is not as the page says.
pub fn played_inside(drill: &Drill) -> bool {
    let Some(place) = ground::place() else { return false };
    match rights::lacking(drill.needs) {
        Some(why) => say(&format!("\n{LEFT_OUT}{why}")),
        None => {
            // In a network of its own it is off; in the machine's it is on already.
            let _ = volume::run(&["ip", "link", "set", "lo", "up"]);
            (drill.act)(&folder(&place));
            say(&format!("\n{HELD}"));
        }
    }
    true
}

/// Returns a folder in which nothing is yet.
fn folder(place: &Path) -> std::path::PathBuf {
    let folder = place.join("drill");
    fs::create_dir(&folder).expect("a drill may write");
    folder
}

#[allow(clippy::print_stdout, reason = "whoever started this process reads it")]
fn say(line: &str) {
    println!("{line}");
}

/// The case `case` of a test binary: plays the drill of this name, and says where it was left out.
///
/// # Panics
/// When something is not as the page says.
pub fn holds(name: &str, case: &str) {
    let drill = named(name).unwrap_or_else(|| panic!("there is no drill {name}"));
    if played_inside(drill) {
        return;
    }
    match play(&["--exact", case, "--nocapture", "--test-threads", "1"]).verdict {
        Verdict::Held => {}
        Verdict::Failed(said) => panic!("{said}"),
        Verdict::LeftOut(why) => {
            // Not with a macro: those are kept from whoever runs the tests while a case does not fail.
            writeln!(std::io::stderr(), "{LEFT_OUT}{case} ({why})").expect("stderr is open");
        }
    }
}
