//! The simulator: the very cores that the daemon runs, several of them, with one clock, one source of chance and
//! disks in memory, while the network and the machines fail as a seed has it. One seed is one run, for ever.
//!
//! The cluster of the other cases goes by whole seconds, on real files, and does what a case says. Here everything
//! is drawn: when a frame arrives, what a power cut leaves, who stumbles next. What must be true in the end is
//! looked at from outside, in what was said and in what stands on the disks.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "cités and people are known by their place, and a run that asks for somebody else may stop"
)]

mod beyond;
mod book;
mod carry;
mod changes;
mod checks;
mod clocks;
mod complaints;
mod desks;
mod liars;
mod machines;
mod mishap;
mod payers;
mod rates;
mod reached;
mod seen;
mod set;
mod sets;
mod site;
mod trace;
mod trouble;
mod wires;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

use node::core::Input;
use proto::{desk::Reply, hash::Hash, time::UnixMillis};

use crate::{disk::Chance, people::TODAY};
use liars::Liar;
use payers::Payer;
use rates::Rates;
pub use reached::{RARE, Reached};
use seen::Seen;
pub use set::{Set, command};
use site::{Site, Stop};
use trace::Trace;
use wires::{Sent, Wires};

/// Between two ticks of a node, in milliseconds, as the daemon has it.
const TICK_MS: u64 = 1_000;

/// Between two looks at a connection, in milliseconds.
const LOOK_MS: u64 = 2_000;

/// How long a client waits for a reply before it asks again, in milliseconds.
const REPLY_MS: u64 = 20_000;

/// Until when all cités must be allied, and everything must have come to rest after the last trouble.
const ALLIED_MS: u64 = 300_000;
const SETTLED_MS: u64 = 300_000;

/// The same where new keys or evidence have to be known and no connection breaks: neighbours hear of them in the
/// next round of anti-entropy at the latest, which is 12 minutes away at most, and so is the one after it.
const ROUNDS_MS: u64 = 2 * 720_000 + SETTLED_MS;

/// Short names of the cités.
const SLUGS: [&str; 6] = ["tisserandes", "mariniers", "ruchers", "vergers", "forgerons", "potiers"];

/// Something that is due.
enum Event {
    /// A node, in this life of its process, lets time pass.
    Tick(usize, u64),
    /// A node is handed something; only in this life, unless that is 0.
    Input(usize, u64, Input),
    /// The shell of a node gives up an ask.
    Deadline(usize, u64, u64),
    /// The shells of two nodes look whether they are connected.
    Look(usize, usize),
    /// Somebody's wallet goes on.
    Payer(usize),
    /// Somebody has waited long enough for the reply to a call.
    Patience(usize, u64),
    /// A frame of before arrives again.
    Repeat,
    /// Something goes wrong.
    Trouble,
    /// Ways are opened again for one cause.
    Open(Vec<(usize, usize)>),
    /// Ways are closed for one cause.
    Close(Vec<(usize, usize)>),
    /// A node is started, if it does not run.
    Start(usize),
    /// A node that stood still goes on.
    GoOn(usize),
    /// An operator looks after a node that is ill.
    Nurse(usize),
    /// An older image of a disk is put back.
    PutBack(usize),
    /// There is space on a disk again.
    Space(usize),
    /// A clock is put right.
    PutRight(usize),
    /// A home of bad will lies.
    Lie,
}

/// What came of a run in which nothing false happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Digest of all that happened.
    pub trace: Hash,
    /// Rare states.
    pub reached: Reached,
    /// Virtual milliseconds in all.
    pub lasted_ms: u64,
    /// Virtual milliseconds until all was at rest after the last trouble.
    pub settled_ms: u64,
    /// Orders that were acknowledged.
    pub acknowledged: u64,
    /// Inputs that nodes took in.
    pub inputs: u64,
}

/// Plays the run of a seed.
///
/// # Errors
/// What happened that must never happen.
pub fn play(seed: u64) -> Result<Outcome, String> {
    play_and_tell(seed, false)
}

/// Plays the run of a seed, and prints what befalls its machines if that is to be `told`.
///
/// # Errors
/// What happened that must never happen.
pub fn play_and_tell(seed: u64, told: bool) -> Result<Outcome, String> {
    let run = catch_unwind(AssertUnwindSafe(|| Sim::new(seed, told).run()));
    run.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "it stopped without a word".to_owned())
    })
}

/// Plays the run of a seed twice.
///
/// # Errors
/// What happened that must never happen; also that the two differ.
pub fn play_twice(seed: u64) -> Result<Outcome, String> {
    let (first, second) = (play(seed)?, play(seed)?);
    if first == second {
        Ok(first)
    } else {
        Err(format!("two runs of one seed differ: {first:?} and {second:?}"))
    }
}

/// A run.
struct Sim {
    seed: u64,
    rates: Rates,
    chance: Chance,
    now: UnixMillis,
    queue: BTreeMap<(UnixMillis, u64), Event>,
    next: u64,
    sites: Vec<Site>,
    wires: Wires,
    /// Asks by what their answer is sent to, and which of them their shells still wait for.
    asks: BTreeMap<u64, Sent>,
    open: BTreeSet<(usize, u64, u64)>,
    /// Gossip that a node has heard, and what it says.
    heard: BTreeSet<(usize, [u8; 32])>,
    gossip: BTreeMap<[u8; 32], Vec<u8>>,
    payers: Vec<Payer>,
    /// Whose wallet a reply is for; `None`: it is kept for whoever asked from outside.
    calls: BTreeMap<u64, Option<usize>>,
    replies: BTreeMap<u64, Reply>,
    seen: Seen,
    reached: Reached,
    trace: Trace,
    /// Who is of bad will.
    liar: Option<Liar>,
    /// Whether things go wrong, and people pay.
    trouble: bool,
    /// Nothing happens for hours.
    quiet: bool,
    inputs: u64,
}

impl Sim {
    fn new(seed: u64, told: bool) -> Self {
        let mut chance = Chance(seed);
        let rates = Rates::drawn(&mut chance);
        let now = TODAY.start().plus(36_000_000);
        let sites: Vec<Site> = (1..)
            .zip(&SLUGS[..rates.cites])
            .map(|(machine, slug)| Site::found(slug, machine, now))
            .collect();
        let payers = (0..sites.len())
            .flat_map(|place| (0..sites[place].people.len()).map(move |who| (place, who)))
            .map(|(place, who)| Payer::new(&sites, place, who, &rates))
            .collect();
        let wires = Wires::new(Chance(chance.below(u64::MAX)));
        let liar = rates.liar.map(|(place, lie)| Liar::new(place, lie));
        let mut seen = Seen::default();
        for (place, site) in sites.iter().enumerate() {
            let house = &site.house;
            if liar.as_ref().is_some_and(|liar| liar.place == place) {
                seen.doubts(house.id);
            }
            seen.knows((house.id, 0), house.log.public(), house.mirror.public());
        }
        Self {
            seed,
            rates,
            chance,
            now,
            queue: BTreeMap::new(),
            next: 0,
            sites,
            wires,
            asks: BTreeMap::new(),
            open: BTreeSet::new(),
            heard: BTreeSet::new(),
            gossip: BTreeMap::new(),
            payers,
            calls: BTreeMap::new(),
            replies: BTreeMap::new(),
            seen,
            reached: Reached::default(),
            trace: Trace::new(told),
            liar,
            trouble: false,
            quiet: false,
            inputs: 0,
        }
    }

    /// Lets the cités become allies, lets things go wrong, makes all whole, and looks at what is there.
    fn run(mut self) -> Outcome {
        let begun = self.now;
        for place in 0..self.sites.len() {
            self.due(0, Event::Start(place));
            for other in 0..place {
                self.due(LOOK_MS / 2, Event::Look(place, other));
            }
        }
        for payer in 0..self.payers.len() {
            self.due(3_000, Event::Payer(payer));
        }
        self.until(ALLIED_MS, "the cités become allies", Self::is_at_rest);
        self.begin_trouble();
        self.pass(self.rates.trouble_ms);
        let healed = self.now;
        self.end_trouble();
        if self.rates.beyond {
            self.pass(SETTLED_MS);
            self.check_what_is_left();
            return self.outcome(begun, 0);
        }
        let hears_late = self.has_new_keys() || !self.guilty().is_empty();
        let most = if hears_late { ROUNDS_MS } else { SETTLED_MS };
        self.until(most + self.waits_for_time_ms(), "all comes to rest", Self::is_at_rest);
        let settled_ms = self.now.since(healed);
        self.stays_frozen();
        self.complaint_is_heard();
        self.check();
        self.outcome(begun, settled_ms)
    }

    fn outcome(mut self, begun: UnixMillis, settled_ms: u64) -> Outcome {
        Outcome {
            trace: self.trace.digest(),
            reached: self.reached,
            lasted_ms: self.now.since(begun),
            settled_ms,
            acknowledged: u64::try_from(self.seen.acknowledged.len()).expect("few"),
            inputs: self.inputs,
        }
    }

    /// Lets something happen after a while.
    fn due(&mut self, after_ms: u64, event: Event) {
        self.next += 1;
        self.queue.insert((self.now.plus(after_ms), self.next), event);
    }

    /// Lets time pass.
    fn pass(&mut self, millis: u64) {
        let until = self.now.plus(millis);
        while let Some(((when, _), _)) = self.queue.first_key_value()
            && *when <= until
        {
            self.step();
        }
        self.now = until;
    }

    /// Lets time pass until something is so.
    fn until(&mut self, most_ms: u64, what: &str, is_so: impl Fn(&mut Self) -> Result<(), String>) {
        let begun = self.now;
        loop {
            self.pass(1_000);
            let Err(why) = is_so(self) else { return };
            let late = self.now.since(begun);
            assert!(late < most_ms, "{what}: not after {late} ms: {why}");
        }
    }

    fn step(&mut self) {
        let Some(((when, _), event)) = self.queue.pop_first() else { return };
        self.now = when;
        match event {
            Event::Tick(place, life) => {
                if self.sites[place].life == life && self.sites[place].runs() {
                    self.due(self.turn_ms(TICK_MS), Event::Tick(place, life));
                    self.hand(place, life, Input::Tick);
                }
            }
            Event::Input(place, life, input) => self.hand(place, life, input),
            Event::Deadline(place, life, token) => self.gives_up_ask(place, life, token),
            Event::Look(a, b) => self.look(a, b),
            Event::Payer(payer) => self.payer(payer),
            Event::Patience(payer, call) => {
                if self.payers[payer].waits == Some(call) {
                    self.payers[payer].waits = None;
                    self.due(0, Event::Payer(payer));
                }
            }
            Event::Repeat => self.repeat(),
            Event::Trouble => self.strike(),
            Event::Open(ways) => ways.into_iter().for_each(|way| self.wires.close(way, false)),
            Event::Close(ways) if self.trouble => {
                ways.into_iter().for_each(|way| self.wires.close(way, true));
            }
            Event::Close(_) => {}
            Event::Start(place) => self.start(place),
            Event::Nurse(place) => self.nurse(place),
            Event::PutBack(place) => self.put_back(place),
            Event::Space(place) => self.make_room(place),
            Event::PutRight(place) => self.put_right(place),
            Event::Lie => self.lie(),
            Event::GoOn(place) => {
                for (life, input) in self.sites[place].held.take().into_iter().flatten() {
                    self.due(0, Event::Input(place, life, input));
                }
            }
        }
    }
}
