//! The model of fence and resume, explored completely: prints how many states there are, and what holds in them. With
//! `--all` the larger worlds, too.

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::process::ExitCode;

use harness::fence::{
    explore::{Explored, Until, explore},
    properties::{PROPERTIES, REACHED},
    worlds,
};

fn main() -> ExitCode {
    let mut sound = true;
    println!("The rules as built:");
    let larger = std::env::args().any(|word| word == "--all");
    let larger = larger.then(worlds::large).unwrap_or_default();
    for world in worlds::held(false).into_iter().chain(larger) {
        let explored = explore(&world, Until::Everything);
        println!("\n{}, {} checkpoints", world.name, world.checkpoints);
        count(&explored);
        for (property, words) in PROPERTIES {
            let way = explored.way_to_break(property);
            println!("  {}  {words}", if way.is_none() { "holds " } else { "BROKEN" });
            way.into_iter().flatten().for_each(|step| println!("            {step:?}"));
        }
        for (words, seen) in REACHED.iter().zip(explored.reached) {
            println!("  {}  {words}", if seen { "seen  " } else { "never " });
        }
        sound &= explored.holds();
    }
    println!("\nWith one rule other than built, until a property is broken:");
    for (world, property) in worlds::bitten(false) {
        let explored = explore(&world, Until::Broken(property));
        let way = explored.way_to_break(property);
        println!("\n{:?}: {}, {} checkpoints", world.change, world.name, world.checkpoints);
        count(&explored);
        println!("  {}  {property:?}", if way.is_some() { "broken" } else { "HOLDS " });
        way.into_iter().flatten().for_each(|step| println!("            {step:?}"));
        sound &= way.is_some();
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn count(explored: &Explored) {
    let Explored { states, moves, depth, complete, time, .. } = explored;
    let all = if *complete { "all of them" } else { "not all of them" };
    println!(
        "  {states} states ({all}), {moves} moves, depth {depth}, {:.1} s",
        time.as_secs_f64()
    );
}
