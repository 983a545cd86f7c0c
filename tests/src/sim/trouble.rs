//! What goes wrong, one after the other, and how it is made whole again.

use super::{Event, Sim, Stop};
use crate::disk::{Calls, Fault};

/// Number of kinds of trouble.
pub(super) const KINDS: usize = 17;

/// Calls at the disk within which the power fails at most.
const CALLS: u64 = 60;

/// A kind of trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// The network falls into two parts.
    Halves,
    /// One node is cut off from all others.
    Alone,
    /// Frames pass between two nodes in one direction only.
    OneWay,
    /// The ways of one node are closed and opened again and again.
    Flapping,
    /// A process is killed.
    Kill,
    /// A machine loses its power between two calls.
    PowerCut,
    /// A machine loses its power inside a call at the disk.
    PowerCutInside,
    /// An operator stops a node.
    Stop,
    /// A process stands still.
    Still,
    /// A disk is lost.
    Lost,
    /// A disk is backed up, and the backup put back later.
    Restored,
    /// A copy of a node is started on a second machine.
    Copied,
    /// A disk is full for a while.
    Full,
    /// A disk reads something wrong once.
    Misread,
    /// A bit of a log changes.
    Rot,
    /// A clock is wrong.
    Clock,
    /// A disk writes to the wrong place once.
    Misdirected,
}

const ALL: [Kind; KINDS] = [
    Kind::Halves,
    Kind::Alone,
    Kind::OneWay,
    Kind::Flapping,
    Kind::Kill,
    Kind::PowerCut,
    Kind::PowerCutInside,
    Kind::Stop,
    Kind::Still,
    Kind::Lost,
    Kind::Restored,
    Kind::Copied,
    Kind::Full,
    Kind::Misread,
    Kind::Rot,
    Kind::Clock,
    Kind::Misdirected,
];

impl Sim {
    /// Lets things go wrong from now on.
    pub(super) fn begin_trouble(&mut self) {
        self.trouble = true;
        self.wires.faulty = true;
        self.due(1_000, Event::Repeat);
        let first = self.chance.below(self.rates.gap_ms);
        self.due(first, Event::Trouble);
        let first = self.chance.below(self.rates.trouble_ms);
        self.due(first, Event::Lie);
        self.liar.iter_mut().for_each(|liar| liar.began = true);
        for payer in 0..self.payers.len() {
            let first = self.chance.below(self.rates.pace_ms);
            self.due(first, Event::Payer(payer));
        }
    }

    /// Makes the network good and all nodes run. What people began they bring to an end.
    pub(super) fn end_trouble(&mut self) {
        self.trouble = false;
        self.wires.heal();
        // Room is made everywhere now, and nobody starts a node anew for it once more.
        self.queue.retain(|_, event| !matches!(event, Event::Space(_)));
        for place in 0..self.rates.cites {
            self.sites[place].disk.spare();
            self.sites[place].disk.fill(false);
            self.put_right(place);
            self.due(0, Event::GoOn(place));
            self.due(0, Event::Start(place));
            self.due(1_000, Event::Space(place));
        }
        for copy in self.rates.cites..self.sites.len() {
            self.end_copy(copy);
        }
        for payer in 0..self.payers.len() {
            self.payers[payer].looks_again();
            self.due(0, Event::Payer(payer));
        }
    }

    /// Lets something go wrong, and whatever comes next.
    pub(super) fn strike(&mut self) {
        if !self.trouble {
            return;
        }
        let gap = 1 + self.rates.gap_ms / 2 + self.chance.below(self.rates.gap_ms);
        self.due(gap, Event::Trouble);
        let all: u64 = self.rates.weights.iter().sum();
        if all == 0 {
            return;
        }
        let mut at = self.chance.below(all);
        let kind = ALL.into_iter().zip(self.rates.weights).find_map(|(kind, weight)| {
            let here = at < weight;
            at = at.saturating_sub(weight);
            here.then_some(kind)
        });
        let place = self.any_place();
        let lasts = 1_000 + self.chance.below(self.rates.lasts_ms);
        if let Some(kind) = kind {
            self.trace.happened(self.now, place, &format!("{kind:?}, for {lasts} ms"));
            self.suffer(kind, place, lasts);
        }
    }

    fn suffer(&mut self, kind: Kind, place: usize, lasts: u64) {
        let count = self.rates.cites;
        let others = (0..count).filter(|other| *other != place);
        match kind {
            Kind::Halves => {
                let mask = 1 + self.chance.below((1 << (count - 1)) - 1);
                let side = |at: usize| mask >> at & 1;
                let pairs = (0..count).flat_map(|a| (0..count).map(move |b| (a, b)));
                let ways = pairs.filter(|(a, b)| side(*a) != side(*b)).collect();
                self.reached.note("the network was halved");
                self.shut(ways, lasts);
            }
            Kind::Alone => {
                self.reached.note("every node was cut off from one");
                let ways = others.flat_map(|other| [(place, other), (other, place)]).collect();
                self.shut(ways, lasts);
            }
            Kind::OneWay => {
                let other = (place + 1 + self.any_place() % (count - 1)) % count;
                self.reached.note("a way was closed in one direction");
                self.shut(vec![(place, other)], lasts);
            }
            Kind::Flapping => {
                let ways: Vec<_> =
                    others.flat_map(|other| [(place, other), (other, place)]).collect();
                let mut after = 0;
                while after < lasts {
                    let closed = 500 + self.chance.below(8_000);
                    self.due(after, Event::Close(ways.clone()));
                    self.due(after + closed, Event::Open(ways.clone()));
                    after += closed + 500 + self.chance.below(8_000);
                }
            }
            Kind::Still if self.sites[place].runs() => {
                self.reached.note("a node stood still");
                self.sites[place].held.get_or_insert_default();
                self.due(lasts, Event::GoOn(place));
            }
            Kind::Lost => self.lose(place, lasts),
            Kind::Restored => self.back_up(place, lasts),
            Kind::Copied => self.copy(place, lasts),
            Kind::Full => self.fill(place, lasts),
            Kind::Misread => self.misread(place, lasts),
            Kind::Rot => self.rot(place),
            Kind::Misdirected => self.misdirect(place),
            Kind::Clock => self.mistime(place, lasts),
            Kind::PowerCutInside => {
                let call = 1 + self.chance.below(CALLS);
                self.sites[place].disk.fail(Calls::Changes, call, Fault::PowerCut);
                self.due(lasts, Event::Start(place));
            }
            Kind::Kill | Kind::PowerCut | Kind::Stop if self.sites[place].runs() => {
                let how = match kind {
                    Kind::Stop => Stop::Clean,
                    Kind::PowerCut => Stop::PowerCut,
                    _ => {
                        self.reached.note("a node was killed");
                        Stop::Killed
                    }
                };
                self.stop(place, how);
                self.due(lasts, Event::Start(place));
            }
            Kind::Still | Kind::Kill | Kind::PowerCut | Kind::Stop => {}
        }
    }

    fn shut(&mut self, ways: Vec<(usize, usize)>, lasts: u64) {
        self.due(0, Event::Close(ways.clone()));
        self.due(lasts, Event::Open(ways));
    }

    fn any_place(&mut self) -> usize {
        self.chance.index(self.rates.cites)
    }
}
