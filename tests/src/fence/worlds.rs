//! The worlds that are explored.

use super::{Change, Home, Set, World, properties::Property};

/// Four mirrors of which one lies, and a lying home with the keys of two incarnations.
pub fn four(checkpoints: usize) -> World {
    World {
        name: "four mirrors, one of them lying; a lying home; two incarnations",
        home: Home::Lying,
        honest: 3,
        sets: vec![Set { honest: 0b111, liars: 1 }],
        runs: vec![0, 1],
        checkpoints,
        chosen_once: true,
        change: Change::None,
    }
}

/// The same with a third incarnation.
pub fn four_thrice(checkpoints: usize) -> World {
    World {
        name: "four mirrors, one of them lying; a lying home; three incarnations",
        runs: vec![0, 1, 2],
        ..four(checkpoints)
    }
}

/// Three honest mirrors and a lying home.
pub fn three(checkpoints: usize) -> World {
    World {
        name: "three mirrors; a lying home; three incarnations",
        sets: vec![Set { honest: 0b111, liars: 0 }],
        ..four_thrice(checkpoints)
    }
}

/// Three honest mirrors and an honest home that is lost twice.
pub fn lost(checkpoints: usize) -> World {
    World {
        name: "three mirrors; an honest home that is lost twice",
        home: Home::Honest,
        ..three(checkpoints)
    }
}

/// Four mirrors, one lying, and an honest home that is lost twice.
pub fn lost_among_four(checkpoints: usize) -> World {
    World {
        name: "four mirrors, one of them lying; an honest home that is lost twice",
        home: Home::Honest,
        ..four_thrice(checkpoints)
    }
}

/// Three honest mirrors and a home that is recovered on two machines at once, each with keys of its own.
pub fn twins(checkpoints: usize) -> World {
    World {
        name: "three mirrors; an honest home that is recovered on two machines at once",
        runs: vec![0, 1, 1],
        ..lost(checkpoints)
    }
}

/// Sets of one honest mirror each, of which the log may choose, and a home.
pub fn changing(home: Home, sets: usize, runs: usize, checkpoints: usize) -> World {
    let name = match home {
        Home::Lying => "mirrors that change, one in each set; a lying home",
        Home::Forking => "mirrors that change, one in each set; a home that forks",
        Home::Honest => "mirrors that change, one in each set; an honest home that is lost",
    };
    World {
        name,
        home,
        honest: sets,
        sets: (0..sets).map(|set| Set { honest: 1 << set, liars: 0 }).collect(),
        runs: (0..runs).map(|run| run as u8).collect(),
        checkpoints,
        chosen_once: true,
        change: Change::None,
    }
}

/// Returns the worlds in which the rules as built must hold; `small` ones take seconds without an optimiser.
pub fn held(small: bool) -> Vec<World> {
    let less = usize::from(small);
    vec![
        four(4 - less),
        four_thrice(3 - less),
        three(3 - less),
        lost(3 - less),
        lost_among_four(3 - less),
        twins(3 - less),
        changing(Home::Forking, 3 - less, 1, 4),
        changing(Home::Lying, 2, 2, 4 - less),
        changing(Home::Honest, 3, 2, 3 - less),
    ]
}

/// Returns larger worlds in which the rules as built must hold; they take millions of states.
pub fn large() -> Vec<World> {
    vec![
        changing(Home::Lying, 2, 2, 5),
        four(5),
        four_thrice(4),
        three(3),
        lost(4),
        twins(4),
        changing(Home::Forking, 3, 1, 5),
    ]
}

/// Returns worlds with one rule other than built, and what does not hold there; `small` leaves out those that take
/// millions of states.
pub fn bitten(small: bool) -> Vec<(World, Property)> {
    use Change::{
        AheadIgnored, AtCertified, CutForgets, FenceForgotten, ForkSigned, KeysMixed,
        NamedBelieved, NamedUnshown, PendingReplaced, QuorumLess, RestoredSigns,
    };
    let mut worlds = vec![
        (four(2).but(QuorumLess), Property::CertifiedAgree),
        (four(3).but(QuorumLess), Property::CommittedStays),
        (four(2).but(FenceForgotten), Property::CertifiedStays),
        (four(3).but(FenceForgotten), Property::CommittedStays),
        (four(2).but(AheadIgnored), Property::CertifiedStays),
        (four(3).but(AheadIgnored), Property::CommittedStays),
        (four(2).but(ForkSigned), Property::HonestMirror),
        (four(2).but(ForkSigned), Property::OneResume),
        (twins(2).but(KeysMixed), Property::OneResume),
        (lost(2).but(RestoredSigns), Property::HonestHome),
        (changing(Home::Forking, 3, 1, 4).but(AtCertified), Property::CertifiedAgree),
        (changing(Home::Lying, 2, 1, 5).but(NamedBelieved), Property::CertifiedAgree),
    ];
    if !small {
        let replaced = changing(Home::Forking, 3, 1, 5).but(PendingReplaced);
        worlds.push((lost(4).but(CutForgets), Property::CertifiedStays));
        let unshown = changing(Home::Lying, 2, 2, 5).but(NamedUnshown);
        worlds.push((replaced, Property::CertifiedAgree));
        worlds.push((unshown, Property::CertifiedAgree));
    }
    worlds
}
