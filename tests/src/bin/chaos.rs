//! The chaos run: one command that lets real nodes suffer, checks that nothing was lost, and says what it did.

#![allow(clippy::print_stderr, reason = "whoever types a wrong word is told")]

use std::{process::ExitCode, time::Duration};

use harness::{
    chance,
    chaos::{CITES_MAX, Length, Run, Scene, every_call, ground},
};

const USAGE: &str = "chaos [--minutes N | --seconds N | --kills N | --cuts N | --calls N] [--cites 2..5] [--seed N]

  --minutes N, --seconds N  everything at once, for so long (5 minutes when nothing is said)
  --kills N                 nothing but kills
  --cuts N                  nothing but power cuts
  --calls N                 every call that writes or opens a file fails once: the first N of each, with each error
  --cites N                 number of cités (3)
  --seed N                  the run of this number";

/// What somebody asked for.
enum Asked {
    Run(Run),
    Calls(u64),
}

fn asked(words: &[String]) -> Option<Asked> {
    let mut run = Run {
        seed: chance::seed(),
        cites: 3,
        scene: Scene::All,
        length: Length::Time(Duration::from_secs(300)),
    };
    let mut calls = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let number: u64 = words.next()?.parse().ok()?;
        match word.as_str() {
            "--minutes" => run.length = Length::Time(Duration::from_secs(60 * number)),
            "--seconds" => run.length = Length::Time(Duration::from_secs(number)),
            "--kills" => (run.scene, run.length) = (Scene::Kills, Length::Faults(number)),
            "--cuts" => (run.scene, run.length) = (Scene::Cuts, Length::Faults(number)),
            "--calls" => calls = Some(number),
            "--cites" => run.cites = usize::try_from(number).ok()?,
            "--seed" => run.seed = number,
            _ => return None,
        }
    }
    (2..=CITES_MAX).contains(&run.cites).then_some(calls.map_or(Asked::Run(run), Asked::Calls))
}

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = asked(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if let Some(place) = ground::place() {
        match asked {
            Asked::Run(run) => run.play(&place),
            Asked::Calls(most) => every_call(&place, most),
        }
        return ExitCode::SUCCESS;
    }
    if let Asked::Run(run) = &asked
        && !words.contains(&"--seed".to_owned())
    {
        words.extend(["--seed".to_owned(), run.seed.to_string()]);
    }
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let status = ground::again(&words, place.path(), |_| ());
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
