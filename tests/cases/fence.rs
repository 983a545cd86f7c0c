//! Fence and resume, tried in every order of events that a small world has (`docs/reliability-model.md`): what must
//! hold holds everywhere, and with any one rule left out it does not.

use harness::fence::{
    Set,
    explore::{Until, explore},
    properties::REACHED,
    state::{State, Swap},
    worlds::{self, bitten, held},
};
use proto::act::{Mirror, MirrorSet};

/// Invariants C1, C2 and C4 in every state of worlds that are a checkpoint smaller than those of the command.
#[test]
fn every_order_of_events_keeps_what_was_certified() {
    let mut reached = [false; REACHED.len()];
    for world in held(true) {
        let explored = explore(&world, Until::Everything);
        assert!(explored.complete, "{}", world.name);
        assert!(explored.broken.is_empty(), "{}: {:?}", world.name, explored.broken);
        reached.iter_mut().zip(explored.reached).for_each(|(all, seen)| *all |= seen);
    }
    for (seen, words) in reached.into_iter().zip(REACHED) {
        assert!(seen, "no world reaches a state where {words}");
    }
}

/// Each rule is there for a reason: with another one in its place something breaks.
#[test]
fn every_rule_bites() {
    for (world, property) in bitten(true) {
        let explored = explore(&world, Until::Broken(property));
        let way = explored.way_to_break(property);
        assert!(way.is_some(), "{:?} does not break {property:?}", world.change);
    }
}

/// The model counts as the program does.
#[test]
fn a_quorum_is_that_of_the_program() {
    for mirrors in 1..=4_u32 {
        for liars in 0..=3 {
            let set = Set { honest: (1 << mirrors) - 1, liars };
            let house = harness::people::tisserandes();
            let same = vec![Mirror { ..house.as_mirror() }; (mirrors + liars) as usize];
            let real = MirrorSet { mirrors: same }.quorum();
            assert_eq!(set.quorum() as usize, real, "{mirrors} and {liars}");
        }
    }
}

/// A state is remembered whole: what is packed is what is unpacked.
#[test]
fn a_state_survives_being_packed() {
    let world = worlds::four(3);
    let swaps = Swap::all(&world);
    assert_eq!(swaps.len(), 6, "three mirrors of one set can be swapped in six ways");
    let mut ends = vec![State::begin(&world)];
    for _ in 0..6 {
        let mut next = Vec::new();
        for state in &ends {
            let packed = state.pack(&swaps);
            assert_eq!(State::unpack(&packed).pack(&swaps), packed);
            let view = harness::fence::view::View::of(&world, state);
            harness::fence::moves::each(&view, |_, state| next.push(state));
        }
        next.sort_by_key(|state| state.pack(&swaps));
        next.dedup_by_key(|state| state.pack(&swaps));
        ends = next;
    }
    assert!(ends.len() > 50, "{} states six moves away", ends.len());
}
