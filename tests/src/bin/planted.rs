//! Plants bugs in a copy of the sources and sees whether the tests catch them: one command, a line for each bug, and
//! an exit code that says whether all were caught.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a run says what it found")]

use std::{process::ExitCode, time::Duration};

use harness::planted::{AREAS, Found, Tally, all, run};

const USAGE: &str = "planted [--only N]... [--list]

  --only N  this bug alone; may be said several times
  --list    says what there is, and tries nothing";

/// What somebody asked for.
enum Asked {
    List,
    Run(Vec<u16>),
}

fn asked() -> Option<Asked> {
    let mut words = std::env::args().skip(1);
    let mut numbers = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--list" => return Some(Asked::List),
            "--only" => numbers.push(words.next()?.parse().ok()?),
            _ => return None,
        }
    }
    Some(Asked::Run(numbers))
}

fn main() -> ExitCode {
    let numbers = match asked() {
        None => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
        Some(Asked::List) => {
            for (area, bugs) in AREAS {
                println!("{area}");
                for bug in *bugs {
                    println!("  {:>3}  {} ({})", bug.number, bug.name, bug.file);
                }
            }
            println!("{} bugs", all().count());
            return ExitCode::SUCCESS;
        }
        Some(Asked::Run(numbers)) => numbers,
    };
    let Tally { found, built, control } = match run(&numbers, say) {
        Ok(tally) => tally,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let caught = found.iter().filter(|found| found.missed.is_empty()).count();
    let seconds = |time: Duration| time.as_secs_f32().round();
    println!(
        "{caught} of {} caught in {} s; {} s before that to build, {} s to see that all passes without",
        found.len(),
        seconds(found.iter().map(|found| found.took).sum()),
        seconds(built),
        seconds(control),
    );
    if caught == found.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(Found { bug, missed, took }: &Found) {
    let verdict = if missed.is_empty() { "caught" } else { "SURVIVES" };
    println!("{:>3}  {verdict:<8} {:>6.1} s  {}", bug.number, took.as_secs_f32(), bug.name);
    for line in missed {
        println!("     {line}");
    }
}
