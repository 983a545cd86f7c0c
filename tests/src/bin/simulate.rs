//! The simulator's command: plays runs by their seeds, each twice, and says which rare states they reached.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a run says what it saw")]

use std::{process::ExitCode, time::Instant};

use harness::sim::{self, Set};

const USAGE: &str = "simulate --seeds N [--from N] | --seed N | --tell N

  --seeds N   so many runs, each twice; fails when one fails or a rare state is never reached
  --from N    the seed of the first (1)
  --seed N    one run, twice
  --tell N    one run, once, with what befalls its machines";

/// What somebody asked for: the first seed, and how many.
fn asked(words: &[String]) -> Option<(u64, u64)> {
    let (mut from, mut count) = (1, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let number: u64 = words.next()?.parse().ok()?;
        match word.as_str() {
            "--seeds" => count = Some(number),
            "--from" => from = number,
            "--seed" => (from, count) = (number, Some(1)),
            _ => return None,
        }
    }
    count.map(|count| (from, count))
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, seed] = &words[..]
        && word == "--tell"
        && let Ok(seed) = seed.parse()
    {
        let outcome = sim::play_and_tell(seed, true);
        println!("{outcome:#?}");
        return if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let Some((from, count)) = asked(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    let set = Set::play(from, count, |seed, why| {
        eprintln!("seed {seed}: {why}\n  {}", sim::command(seed));
    });
    print!("{set}");
    println!("{:.1} s", begun.elapsed().as_secs_f64());
    let complete = count == 1 || set.missing().is_empty();
    if set.failed() == 0 && complete { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
