//! The drills' command: plays every bad day of the runbook, or those that are named, and prints a line for each.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a run says what it found")]

use std::{
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use harness::drills::{DRILLS, Drill, Played, Verdict, named, play, played_inside};

const USAGE: &str = "drills [--list] [NAME]...

  --list  says what there is, and plays nothing
  NAME    this drill alone; several may be named (all when nothing is said)";

/// Tells this program to play a drill in its own process.
const INSIDE: &str = "--inside";

/// Drills that are played at a time: most of each is waiting.
const AT_A_TIME: usize = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [INSIDE, name] => {
            let inside = named(name).is_some_and(played_inside);
            return if inside { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
        ["--list"] => {
            DRILLS.iter().for_each(|drill| println!("{:<12}  {}", drill.name, drill.shows));
            println!("{} drills", DRILLS.len());
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let chosen: Option<Vec<&Drill>> = match words.as_slice() {
        [] => Some(DRILLS.iter().collect()),
        names => names.iter().map(|name| named(name)).collect(),
    };
    let Some(chosen) = chosen else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    let counts = play_all(&chosen);
    let [held, left_out, failed] = counts;
    println!(
        "{held} held, {left_out} left out, {failed} failed, in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays drills, a few at a time, and returns how many held, were left out, and failed.
fn play_all(chosen: &[&Drill]) -> [usize; 3] {
    let next = AtomicUsize::new(0);
    let counts = Mutex::new([0; 3]);
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(chosen.len()) {
            scope.spawn(|| {
                while let Some(drill) = chosen.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let played = play(&[INSIDE, drill.name]);
                    let [held, left_out, failed] =
                        &mut *counts.lock().unwrap_or_else(PoisonError::into_inner);
                    *match played.verdict {
                        Verdict::Held => held,
                        Verdict::LeftOut(_) => left_out,
                        Verdict::Failed(_) => failed,
                    } += 1;
                    say(drill, &played);
                }
            });
        }
    });
    counts.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn say(drill: &Drill, Played { verdict, took }: &Played) {
    let (word, why) = match verdict {
        Verdict::Held => ("held", None),
        Verdict::LeftOut(why) => ("LEFT OUT", Some(why)),
        Verdict::Failed(said) => ("FAILED", Some(said)),
    };
    println!("{word:<8} {:>6.1} s  {:<12}  {}", took.as_secs_f64(), drill.name, drill.shows);
    if let Some(why) = why {
        println!("{why}");
    }
}
