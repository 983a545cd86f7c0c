//! What happens to disks beyond a power cut: lost, full, rotten, put back from an older image, copied to a second
//! machine. And what the people do who run the node: they recover, make room, have everything read, start again.

use std::collections::BTreeMap;

use ledger::aside::ASIDE;
use node::core::Input;
use proto::desk::{Call, CopyState, NodeStatus, Operator, Unavailable};

use super::{
    Event, LOOK_MS, Sim, Stop,
    site::{Ill, Site},
};
use crate::disk::{Calls, Fault, FaultyDisk};

/// Between two looks of an operator at a node that is ill, in milliseconds.
const NURSE_MS: u64 = 5_000;

/// Reads within which one goes wrong at most.
const READS: u64 = 200;

/// Bytes that are free on a disk that has space, and on one that is nearly full.
pub(super) const FREE: u64 = 1 << 40;
const HARDLY_FREE: u64 = 1 << 20;

impl Sim {
    /// Returns whether a disk may be lost now: as many faults at a time as the protocol promises to survive where
    /// three cités mirror one another, which is one. A cité has others enter its new keys once a day at most.
    fn may_be_lost(&self, place: usize) -> bool {
        let site = &self.sites[place];
        if self.rates.beyond {
            return self.trouble && site.ill.is_none() && site.held.is_none();
        }
        let well = self.sites.iter().all(|site| site.ill.is_none() && !site.disk.misdirects());
        // Whoever is of bad will is one fault already, and a mirror that is left out cannot be spared.
        let spare = self.liar.is_none() && !self.changes_mirrors();
        self.trouble && well && spare && site.incarnation == 0 && site.held.is_none()
    }

    /// Loses a disk with everything on it.
    pub(super) fn lose(&mut self, place: usize, lasts: u64) {
        if !self.may_be_lost(place) {
            return;
        }
        if self.sites.iter().any(|site| site.ill.is_some()) {
            self.reached.note("a disk was lost while another node was not well");
        }
        self.reached.note("a disk was lost");
        self.replace_disk(place);
        self.due(lasts, Event::Start(place));
        self.due(lasts + NURSE_MS, Event::Nurse(place));
    }

    /// Puts an empty disk in the place of one that is lost, or given up.
    pub(super) fn replace_disk(&mut self, place: usize) {
        self.stop(place, Stop::PowerCut);
        self.sites[place].lose_disk();
        self.named(place);
    }

    /// Notes the keys that a root named.
    fn named(&mut self, place: usize) {
        let Site { house, incarnation, .. } = &self.sites[place];
        self.seen.knows((house.id, *incarnation), house.log.public(), house.mirror.public());
    }

    /// Takes a backup that is put back a while later.
    pub(super) fn back_up(&mut self, place: usize, lasts: u64) {
        // What recovers has new keys: a copy of that would sign beside it.
        if matches!(self.sites[place].ill, Some(Ill::Recovers | Ill::Restored)) {
            return;
        }
        let elsewhere = self.chance.below(2) == 0;
        self.sites[place].backs_up(elsewhere);
        self.due(lasts, Event::PutBack(place));
    }

    /// Puts an older image of a disk in its place, if no other disk is being looked after.
    pub(super) fn put_back(&mut self, place: usize) {
        let Some(image) = self.sites[place].image.take() else { return };
        if !self.may_be_lost(place) {
            return;
        }
        self.trace.happened(self.now, place, "an older image is put back");
        if image.1 {
            self.reached.note("an older image that had rotted was put back");
        }
        self.stop(place, Stop::Killed);
        self.sites[place].put_back(image);
        self.due(1_000, Event::Start(place));
        self.due(NURSE_MS, Event::Nurse(place));
    }

    /// Lets somebody start a copy of a node on a second machine, with all its keys, beside the node itself.
    pub(super) fn copy(&mut self, place: usize, lasts: u64) {
        if self.sites.len() > self.rates.cites || self.sites[place].ill.is_some() {
            return;
        }
        let copy = self.sites.len();
        self.sites.push(self.sites[place].copied());
        for other in 0..copy {
            self.due(LOOK_MS / 2, Event::Look(copy, other));
        }
        self.due(1, Event::Start(copy));
        self.due(15_000 + lasts, Event::Nurse(copy));
    }

    /// Looks at a copy of a node that runs beside it, and ends it.
    pub(super) fn end_copy(&mut self, copy: usize) {
        if let Some(status) = self.looks_at(copy) {
            assert_eq!(status.signing, Err(Unavailable::Restored), "a copy of a node signs");
            self.reached.note("a copy of a node signed nothing beside it");
            self.stop(copy, Stop::Killed);
        }
    }

    /// Fills a disk; after a while there is space again, and the node is started anew if it stopped saying yes.
    pub(super) fn fill(&mut self, place: usize, lasts: u64) {
        if self.sites[place].disk.is_full() {
            return;
        }
        let warned = self.chance.below(2) == 0;
        let life = self.sites[place].life;
        if warned {
            self.due(0, Event::Input(place, life, Input::DiskFree(HARDLY_FREE)));
        } else {
            self.sites[place].disk.fill(true);
        }
        self.reached.note(if warned { "a disk was nearly full" } else { "a disk was full" });
        self.due(lasts, Event::Space(place));
    }

    /// Makes room on a disk.
    pub(super) fn make_room(&mut self, place: usize) {
        self.sites[place].disk.fill(false);
        let life = self.sites[place].life;
        self.due(0, Event::Input(place, life, Input::DiskFree(FREE)));
        self.starts_again(place);
    }

    /// Lets the next reads of a disk be wrong once, and its node be started anew a while later.
    pub(super) fn misread(&mut self, place: usize, lasts: u64) {
        if !self.sites[place].runs() || self.sites[place].ill.is_some() {
            return;
        }
        let call = 1 + self.chance.below(READS);
        self.reached.note("a disk read something wrong");
        self.sites[place].disk.fail(Calls::Reads, call, Fault::Flipped);
        self.due(lasts, Event::Space(place));
    }

    /// Starts a node anew that stopped saying yes because of its disk.
    fn starts_again(&mut self, place: usize) {
        if !self.sites[place].runs() || self.sites[place].held.is_some() {
            return;
        }
        let failed = self.looks_at(place).map(|status| status.signing);
        if failed == Some(Err(Unavailable::CannotWrite)) {
            self.reached.note("a node stopped saying yes, and was started again");
        }
        // Copies of other logs that could not be written stay closed until a start, too.
        if self.sites[place].runs() {
            self.stop(place, Stop::Killed);
            self.due(500, Event::Start(place));
        }
    }

    /// Lets a bit of a log, or of a copy of one, change where all was certified long ago.
    pub(super) fn rot(&mut self, place: usize) {
        if !self.may_be_lost(place) || !self.sites[place].runs() || self.sites[place].disk.is_full()
        {
            return;
        }
        let mut held: Vec<(String, usize)> = self.held_by_others(place).into_iter().collect();
        if held.is_empty() {
            return;
        }
        let (name, bytes) = held.swap_remove(self.chance.index(held.len()));
        let at = self.chance.index(bytes);
        self.sites[place].disk.rot(&name, at);
        self.trace.happened(self.now, place, &format!("byte {at} of {name} rots"));
        self.reached.note("a bit of a log rotted");
        self.is_damaged(place);
        self.looks_for_damage(place);
    }

    /// Returns the files of records on a disk, each with how many bytes at its beginning can go bad: the older half, as far
    /// as somebody else holds the same. A proof that only its home has, nobody else can give.
    fn held_by_others(&self, place: usize) -> BTreeMap<String, usize> {
        let site = &self.sites[place];
        let copy = format!("mirrors/{}", site.house.id.0);
        let others = || self.sites.iter().map(|other| &other.disk);
        let mut held = BTreeMap::new();
        for name in site.disk.names() {
            // What was set aside is read by nobody, and what is put together is written once more.
            if !name.ends_with(".seg") || name.starts_with(ASIDE) || name.contains(".anew/") {
                continue;
            }
            let half = written(&site.disk, &name) / 2;
            let elsewhere = format!("{copy}/{}", name.strip_prefix("notes/").unwrap_or(&name));
            let bytes = match name.starts_with("mirrors/") {
                // Its home has it.
                true => half,
                false => others().map(|disk| written(disk, &elsewhere)).max().unwrap_or(0),
            };
            if half.min(bytes) > 0 {
                held.insert(name, half.min(bytes));
            }
        }
        held
    }

    /// Lets the next write to a log, to a copy of one or to proofs land where all was certified long ago.
    pub(super) fn misdirect(&mut self, place: usize) {
        if self.may_be_lost(place) && self.sites[place].runs() && !self.sites[place].disk.is_full()
        {
            let (seed, held) = (self.chance.below(u64::MAX), self.held_by_others(place));
            self.sites[place].disk.misdirect(seed, held);
        }
    }

    /// Notes whether a write went astray while a node took something in.
    pub(super) fn notes_astray(&mut self, place: usize) -> bool {
        let Some(landed) = self.sites[place].disk.landed() else { return false };
        self.trace.happened(self.now, place, &landed);
        self.reached.note("a write landed in the wrong place");
        self.is_damaged(place);
        true
    }

    /// Notes that something on a disk is not as it was written.
    fn is_damaged(&mut self, place: usize) {
        let site = &mut self.sites[place];
        site.disk.spare();
        site.ill = Some(Ill::Rots);
        self.due(NURSE_MS, Event::Nurse(place));
        // Backups are made by the clock, whatever a disk has lost.
        if self.chance.below(4) == 0 {
            let lasts = 1_000 + self.chance.below(self.rates.lasts_ms);
            self.back_up(place, lasts);
        }
    }

    /// Lets damage be found: by somebody who has everything read, or by the next start.
    pub(super) fn looks_for_damage(&mut self, place: usize) {
        if self.chance.below(2) == 0 {
            self.stop(place, Stop::Killed);
            self.due(500, Event::Start(place));
        } else {
            self.ask(place, Call::Operator(Operator::Scrub));
        }
    }

    fn looks_at(&mut self, place: usize) -> Option<NodeStatus> {
        if !self.sites[place].runs() || self.sites[place].held.is_some() {
            return None;
        }
        self.status(place)
    }

    /// Looks after a node that is ill, until it is well.
    pub(super) fn nurse(&mut self, place: usize) {
        if place >= self.rates.cites {
            return self.end_copy(place);
        }
        let Some(ill) = self.sites[place].ill else { return };
        self.due(NURSE_MS, Event::Nurse(place));
        let Some(status) = self.looks_at(place) else { return };
        match ill {
            Ill::Restored => match status.signing {
                Err(Unavailable::Restored) => {
                    self.reached.note("an older image signed nothing");
                    self.stop(place, Stop::Clean);
                    self.sites[place].recover();
                    self.named(place);
                    self.due(1_000, Event::Start(place));
                }
                Err(_) => {}
                Ok(()) => panic!("an older image signs"),
            },
            Ill::Rots | Ill::RottedBefore => self.reads_all(place, ill, &status),
            Ill::Recovers => {
                if self.is_well(place, &status) {
                    self.reached.note("a log went on in a new incarnation");
                    let rotten = core::mem::take(&mut self.sites[place].rotten);
                    self.sites[place].ill = rotten.then_some(Ill::RottedBefore);
                }
            }
        }
    }

    fn reads_all(&mut self, place: usize, ill: Ill, status: &NodeStatus) {
        let scrub = status.scrub;
        if scrub.running {
            return;
        }
        let whole = scrub.ended.is_some() && scrub.flaws == 0;
        let kept = status.mirrored.iter().all(|item| item.copy == CopyState::Kept);
        let failed = status.mirrored.iter().any(|item| item.copy == CopyState::Failed);
        match ill {
            Ill::Rots if whole && scrub.mended > 0 => {
                self.reached.note("a log that rotted was mended with what others hold");
                self.sites[place].ill = None;
            }
            // What was written and could not be read back is taken up again at a start.
            Ill::Rots if status.signing == Err(Unavailable::CannotWrite) || failed => {
                self.stop(place, Stop::Killed);
                self.due(500, Event::Start(place));
            }
            // What was appended last is cut at a start like a torn write, and comes again; so does a damaged copy.
            Ill::RottedBefore if whole && kept && status.signing.is_ok() => {
                self.reached.note("what rotted was well again after a start");
                self.sites[place].ill = None;
            }
            Ill::RottedBefore if status.signing == Err(Unavailable::Restored) => {
                // All is moved aside, as where a node does not start.
                self.replace_disk(place);
                self.due(1_000, Event::Start(place));
            }
            _ => {
                self.ask(place, Call::Operator(Operator::Scrub));
            }
        }
    }

    /// Returns whether a node that lost its disk is what it was: its log goes on and is certified, it holds of every
    /// other log all that is certified, and what it cosigns counts wherever it is needed.
    fn is_well(&self, place: usize, status: &NodeStatus) -> bool {
        let Site { house, incarnation, .. } = &self.sites[place];
        let own =
            status.signing.is_ok() && self.seen.certified.contains_key(&(house.id, *incarnation));
        let holds = |other: &Site| {
            let known = self.seen.certified.get(&(other.house.id, other.incarnation));
            let size = known.and_then(|heads| heads.keys().next_back()).copied().unwrap_or(0);
            let held = status.mirrored.iter().find(|item| item.cite == other.house.id);
            held.is_some_and(|held| held.size >= size)
        };
        // Where a log has two mirrors, it goes on after a loss only with both: it must know the new keys by then.
        let spare = self.rates.cites > 3;
        let key = house.mirror.public();
        let counts = |other: &Site| spare || self.seen.vouched(other.house.id, house.id, key);
        let mut others =
            self.sites[..self.rates.cites].iter().filter(|other| other.house.id != house.id);
        own && others.all(|other| holds(other) && counts(other))
    }
}

/// Returns how many bytes of a file of records are written; the space behind them is reserved, and zero.
fn written(disk: &FaultyDisk, name: &str) -> usize {
    let there = disk.names().iter().any(|known| known == name);
    let bytes = if there { disk.contents(name) } else { Vec::new() };
    bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0)
}
