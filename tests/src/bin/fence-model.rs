//! The model of fence and resume, explored completely: prints how many states there are, and what holds in them.

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::process::ExitCode;

use harness::fence::{
    Change,
    explore::{Explored, Until, explore},
    properties::{PROPERTIES, REACHED},
    worlds,
};

fn main() -> ExitCode {
    let mut sound = true;
    println!("The rules as built:");
    for world in worlds::held(false) {
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
    println!("\nKnown and not mended yet, as built and then with NamedShown:");
    let (world, property) = worlds::open();
    let built = explore(&world, Until::Broken(property));
    let mended = explore(&world.but(Change::NamedShown), Until::Everything);
    for explored in [&built, &mended] {
        count(explored);
        let way = explored.way_to_break(property);
        println!("  {}  {property:?}", if way.is_some() { "broken" } else { "holds " });
        way.into_iter().flatten().for_each(|step| println!("            {step:?}"));
    }
    sound &= !built.broken.is_empty() && mended.holds();
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
