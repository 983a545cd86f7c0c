//! Tries every order of events of a world, in breadth, and remembers every state whole: what was explored is all that
//! there is. Decides nothing about what is right.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{
    World,
    moves::{self, Move},
    properties::{self, PROPERTIES, Property, REACHED},
    state::{Packed, State, Swap},
    view::View,
};

/// What came of exploring.
#[derive(Clone, Debug)]
pub struct Explored {
    /// States, each once.
    pub states: usize,
    /// Moves that were tried.
    pub moves: usize,
    /// The most moves that a state is away from the beginning.
    pub depth: usize,
    /// Whether no state was left to go on from.
    pub complete: bool,
    /// How long it took.
    pub time: Duration,
    /// The first way to a state in which a property does not hold, for each that has one.
    pub broken: Vec<(Property, Vec<Move>)>,
    /// Which of [`REACHED`] some state showed.
    pub reached: [bool; REACHED.len()],
}

impl Explored {
    /// Returns how a property was broken first.
    pub fn way_to_break(&self, property: Property) -> Option<&[Move]> {
        let broken = self.broken.iter().find(|(broken, _)| *broken == property);
        broken.map(|(_, way)| way.as_slice())
    }

    /// Returns whether every state was tried and every property held in it.
    pub fn holds(&self) -> bool {
        self.complete && self.broken.is_empty()
    }
}

/// When to stop before everything was tried.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// Never.
    Everything,
    /// When this is broken.
    Broken(Property),
}

struct Known {
    packed: Vec<Packed>,
    from: Vec<u32>,
    places: HashMap<Packed, u32>,
}

impl Known {
    fn add(&mut self, packed: Packed, from: u32) {
        let place =
            u32::try_from(self.packed.len()).expect("memory ends before four thousand million");
        if let std::collections::hash_map::Entry::Vacant(vacant) = self.places.entry(packed) {
            vacant.insert(place);
            self.packed.push(packed);
            self.from.push(from);
        }
    }
}

/// Explores a world.
pub fn explore(world: &World, until: Until) -> Explored {
    let began = Instant::now();
    let swaps = Swap::all(world);
    let mut known = Known { packed: Vec::new(), from: Vec::new(), places: HashMap::new() };
    known.add(State::begin(world).pack(&swaps), 0);
    let mut explored = Explored {
        states: 0,
        moves: 0,
        depth: 0,
        complete: false,
        time: Duration::ZERO,
        broken: Vec::new(),
        reached: [false; REACHED.len()],
    };
    let (mut next, mut level_ends) = (0, 1);
    while let Some(packed) = known.packed.get(next) {
        if next == level_ends {
            explored.depth += 1;
            level_ends = known.packed.len();
        }
        let state = State::unpack(packed);
        let view = View::of(world, &state);
        for (seen, now) in explored.reached.iter_mut().zip(properties::reached(&view)) {
            *seen |= now;
        }
        for (property, _) in PROPERTIES {
            if explored.way_to_break(property).is_none() && !properties::holds(property, &view) {
                explored.broken.push((property, way(world, &swaps, &known, next)));
            }
        }
        if let Until::Broken(property) = until
            && explored.way_to_break(property).is_some()
        {
            break;
        }
        let from = u32::try_from(next).expect("places are counted so");
        moves::each(&view, |_, state| {
            explored.moves += 1;
            known.add(state.pack(&swaps), from);
        });
        next += 1;
    }
    explored.states = known.packed.len();
    explored.complete = next == known.packed.len();
    explored.time = began.elapsed();
    explored
}

/// Returns the moves to a state, each in the names of the state before it.
fn way(world: &World, swaps: &[Swap], known: &Known, to: usize) -> Vec<Move> {
    let mut way = Vec::new();
    let mut place = to;
    while place > 0 {
        let before = known.from[place] as usize;
        let state = State::unpack(&known.packed[before]);
        let mut step = None;
        moves::each(&View::of(world, &state), |moved, state| {
            if state.pack(swaps) == known.packed[place] {
                step.get_or_insert(moved);
            }
        });
        way.extend(step);
        place = before;
    }
    way.reverse();
    way
}
