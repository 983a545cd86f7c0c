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

mod book;
mod carry;
mod checks;
mod payers;
mod rates;
mod reached;
mod seen;
mod set;
mod site;
mod trace;
mod trouble;
mod wires;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

use node::core::{Input, ReplyTo};
use proto::{
    codec::Canonical as _,
    desk::{Call, Frame, Reply},
    hash::Hash,
    time::UnixMillis,
};

use crate::{disk::Chance, people::TODAY};
use payers::{Heard, Payer};
use rates::Rates;
pub use reached::{RARE, Reached};
use seen::Seen;
pub use set::{Set, command};
use site::{Site, Stop, is_of_the_disk};
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
    let run = catch_unwind(AssertUnwindSafe(|| Sim::new(seed).run()));
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
    /// Whether things go wrong, and people pay.
    trouble: bool,
    inputs: u64,
}

impl Sim {
    fn new(seed: u64) -> Self {
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
        let mut seen = Seen::default();
        for site in &sites {
            let house = &site.house;
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
            trace: Trace::new(),
            trouble: false,
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
        self.until(SETTLED_MS, "all comes to rest", Self::is_at_rest);
        let settled_ms = self.now.since(healed);
        self.check();
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
                    self.due(TICK_MS, Event::Tick(place, life));
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
            Event::GoOn(place) => {
                for (life, input) in self.sites[place].held.take().into_iter().flatten() {
                    self.due(0, Event::Input(place, life, input));
                }
            }
        }
    }

    /// Hands a node something, with whatever else reaches it in this very millisecond.
    fn hand(&mut self, place: usize, life: u64, input: Input) {
        if let Some(waiting) = &mut self.sites[place].held {
            return waiting.push((life, input));
        }
        let mut inputs = Vec::new();
        let mut next = Some((life, input));
        while let Some((life, input)) = next.take() {
            if self.is_for(place, life, &input) {
                inputs.push(input);
            }
            if let Some(entry) = self.queue.first_entry()
                && entry.key().0 == self.now
                && matches!(entry.get(), Event::Input(to, ..) if *to == place)
                && let Event::Input(_, life, input) = entry.remove()
            {
                next = Some((life, input));
            }
        }
        if !inputs.is_empty() {
            self.handle(place, inputs);
        }
    }

    /// Returns whether this process is still the one that something is for.
    fn is_for(&mut self, place: usize, life: u64, input: &Input) -> bool {
        let site = &self.sites[place];
        if !site.runs() || (life != 0 && life != site.life) {
            return false;
        }
        match input {
            // An answer counts while its ask is waited for; in a faulty network also once more.
            Input::Answered { token, .. } => {
                self.open.remove(&(place, site.life, *token)) || self.wires.faulty
            }
            _ => true,
        }
    }

    fn handle(&mut self, place: usize, inputs: Vec<Input>) {
        self.inputs += u64::try_from(inputs.len()).expect("few");
        self.trace.handed(self.now, place, &inputs);
        match self.sites[place].handle(self.now, inputs) {
            Some(outputs) => {
                self.trace.did(&outputs);
                outputs.into_iter().for_each(|output| self.carry(place, output));
            }
            None => {
                self.reached.note("the power failed inside a call");
                self.stop(place, Stop::PowerCut);
                self.comes_back(place);
            }
        }
    }

    /// Starts a node, or finds that its disk does not let it.
    fn start(&mut self, place: usize) {
        if self.sites[place].runs() {
            return;
        }
        self.trace.happened("start");
        if let Err(error) = self.sites[place].start(self.seed, self.now) {
            let off = self.sites[place].disk.is_off();
            assert!(off && is_of_the_disk(&error), "a node does not start: {error}");
            self.reached.note("the power failed inside a call");
            self.stop(place, Stop::PowerCut);
            return self.comes_back(place);
        }
        let life = self.sites[place].life;
        let at = format!("127.0.0.1:{}", 17_890 + place);
        self.due(0, Event::Input(place, life, Input::Listening(at)));
        self.due(0, Event::Input(place, life, Input::DiskFree(1 << 40)));
        let first = self.chance.below(TICK_MS);
        self.due(first, Event::Tick(place, life));
    }

    /// Stops a node; its connections end at once where its machine still can say so.
    fn stop(&mut self, place: usize, how: Stop) {
        self.trace.happened("stop");
        let seed = self.chance.below(u64::MAX);
        self.sites[place].stop(how, seed);
        self.sites[place].held = None;
        for other in 0..self.sites.len() {
            self.wires.note(place, other, None);
            let told = how != Stop::PowerCut && self.wires.is_open(place, other);
            if told && self.wires.stands(other, place).is_some() {
                self.disconnect(other, place);
            }
        }
    }

    /// Lets somebody start a node again after a while.
    fn comes_back(&mut self, place: usize) {
        let after = 1_000 + self.chance.below(self.rates.lasts_ms);
        self.due(after, Event::Start(place));
    }

    /// Lets a wallet go on.
    fn payer(&mut self, at: usize) {
        if self.payers[at].waits.is_some() {
            return;
        }
        let Self { payers, sites, chance, rates, now, trouble, .. } = self;
        let place = payers[at].place;
        match payers[at].turn(*now, sites, (chance, rates), *trouble) {
            Some(call) if self.sites[place].runs() => {
                let id = self.call(place, call, Some(at));
                self.payers[at].waits = Some(id);
                self.due(REPLY_MS, Event::Patience(at, id));
            }
            // Nobody listens at the socket.
            Some(_) => self.due(2_000, Event::Payer(at)),
            None => self.due(5_000, Event::Payer(at)),
        }
    }

    /// Calls a node at its socket; returns by which number the reply is known.
    fn call(&mut self, place: usize, call: Call, payer: Option<usize>) -> u64 {
        self.next += 1;
        let id = self.next;
        self.calls.insert(id, payer);
        let frame = Frame { home: None, call }.encode();
        let life = self.sites[place].life;
        self.due(1, Event::Input(place, life, Input::Called { frame, reply_to: ReplyTo(id) }));
        id
    }

    /// Takes a reply to whoever called.
    fn replied(&mut self, place: usize, id: u64, frame: &[u8]) {
        let reply = Reply::decode(frame).expect("replies are canonical");
        let mirrors = self.sites.len() - 1;
        if self.seen.reply(&reply, mirrors) {
            self.reached.note("a certificate was made");
        }
        let Some(payer) = self.calls.remove(&id) else { return };
        let Some(payer) = payer else {
            self.replies.insert(id, reply);
            return;
        };
        if self.payers[payer].waits != Some(id) {
            return;
        }
        self.payers[payer].waits = None;
        let after = match self.payers[payer].hears(reply) {
            Heard::Recorded(order, receipt) => {
                self.seen.acknowledges(place, order.id(), *receipt);
                let hurries = !self.trouble;
                if hurries { 50 } else { self.chance.below(2 * self.rates.pace_ms) }
            }
            Heard::Next | Heard::Behind => 50,
            Heard::Rest => {
                self.reached.note("a payment was refused at a limit");
                self.rates.pace_ms
            }
            Heard::Again => 1_000,
            Heard::Head(head) => {
                self.seen.committed.push((place, head));
                50
            }
        };
        self.due(after, Event::Payer(payer));
    }
}
