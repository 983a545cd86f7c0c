//! Scrubbing, and mending what it finds: all data is read once a day, a window at each tick, and a damaged part of
//! a log is fetched from those who hold the same. Nothing that is fetched is believed unless it stands under the
//! root that was signed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ledger::{
    object::MirrorsState,
    scrub::{Part, Report, Scrub},
    segments::Flaw,
    store::StoreError,
};
use proto::{
    desk::ScrubSheet,
    ids::CiteId,
    time::UnixMillis,
    wire::{Ask, Extend},
};

use super::{Asked, Core, PeerKey, Writer, copies::Closed, proofs::Proofs};

/// How long after a start everything is read for the first time, in milliseconds: a node that has just started
/// has better things to do.
const FIRST_MS: u64 = 600_000;

/// How often everything is read, in milliseconds: once a day, so that what goes bad is mended while the copies of
/// it are still good.
const EVERY_MS: u64 = 86_400_000;

/// Bytes read at a tick at most, of which there are four in a second: 4 MiB in a second are a small part of what
/// the slowest disk reads, take 1 in 50 of the writer's time, and are 345 GB in a day.
const WINDOW_BYTES: u64 = 1_048_576;

/// Rounds of reading and mending in one day at most: what two rounds did not mend is for a person.
const ROUNDS_MAX: u8 = 3;

/// Damaged files that are remembered to be mended; a later round finds the others.
const WOUNDS_MAX: usize = 256;

/// What is to be mended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Wound {
    /// A file of a log.
    File(CiteId, usize),
    /// The proofs behind the imports of a log.
    Proofs(CiteId),
}

/// The daily look, and what it led to.
pub(super) struct Scrubbing {
    due: UnixMillis,
    run: Option<Scrub>,
    /// A look that found something is repeated before it is believed: entries that were cut meanwhile, and what
    /// could not be read once, look like damage.
    again: bool,
    round: u8,
    /// What to mend, by log.
    wounds: VecDeque<Wound>,
    mending: Option<Mending>,
    /// Proofs that are put together anew.
    pub(super) proofs: Option<Proofs>,
    /// Something was mended in this round.
    progress: bool,
    sheet: ScrubSheet,
}

/// One file that is being mended.
struct Mending {
    cite: CiteId,
    segment: usize,
    missing: BTreeSet<u64>,
    /// At most what a segment holds: 64 MiB.
    fetched: BTreeMap<u64, Vec<u8>>,
    tried: Vec<PeerKey>,
    asked: Option<PeerKey>,
}

impl Scrubbing {
    /// Returns that everything is to be read some time after a start.
    pub(super) fn after(start: UnixMillis) -> Self {
        Self {
            due: start.plus(FIRST_MS),
            run: None,
            again: false,
            round: 0,
            wounds: VecDeque::new(),
            mending: None,
            proofs: None,
            progress: false,
            sheet: ScrubSheet::default(),
        }
    }

    /// Makes it due now.
    pub(super) const fn begin(&mut self, now: UnixMillis) {
        self.due = now;
        self.sheet.running = true;
    }

    /// The clock was set back to `now`: what is due lies at most a day ahead.
    pub(super) fn try_again(&mut self, now: UnixMillis) {
        self.due = self.due.min(now.plus(EVERY_MS));
    }

    /// Notes that one more is mended.
    pub(super) const fn has_mended(&mut self) {
        self.progress = true;
        self.sheet.mended = self.sheet.mended.saturating_add(1);
    }

    /// Returns what was found last.
    pub(super) fn sheet(&self) -> ScrubSheet {
        self.sheet
    }

    fn ended(&mut self, now: UnixMillis) {
        (self.run, self.again, self.round) = (None, false, 0);
        self.due = now.plus(EVERY_MS);
        (self.sheet.running, self.sheet.ended) = (false, Some(now));
    }
}

impl Core {
    /// Goes on with reading or mending, by one step.
    pub(super) fn scrub(&mut self, now: UnixMillis) {
        let scrubbing = &self.scrubbing;
        if scrubbing.mending.is_some() || scrubbing.proofs.is_some() || !scrubbing.wounds.is_empty()
        {
            return self.mend(now);
        }
        let Some(run) = &mut self.scrubbing.run else {
            // What is being fetched anew changes under every look.
            if self.scrubbing.due <= now && !matches!(self.writer, Writer::Recovering(_)) {
                if self.scrubbing.round == 0 {
                    self.scrubbing.sheet.mended = 0;
                }
                self.look_at_everything(now);
            }
            return;
        };
        let until = run.bytes().saturating_add(WINDOW_BYTES);
        loop {
            let left = usize::try_from(until.saturating_sub(run.bytes())).unwrap_or(0);
            match run.step(left) {
                Ok(true) if run.bytes() < until => {}
                Ok(true) => return,
                Ok(false) => return self.looked(now),
                Err(error) => {
                    tracing::error!(%error, "the disk does not read what it holds");
                    self.scrubbing.sheet.flaws = self.scrubbing.sheet.flaws.max(1);
                    return self.scrubbing.ended(now);
                }
            }
        }
    }

    fn look_at_everything(&mut self, now: UnixMillis) {
        match Scrub::begin(self.disk.clone(), self.cite(), false) {
            Ok(run) => {
                self.scrubbing.sheet.running = true;
                self.scrubbing.run = Some(run);
            }
            Err(error) => {
                tracing::error!(%error, "the disk does not say what it holds");
                self.scrubbing.ended(now);
            }
        }
    }

    /// Everything was looked at.
    fn looked(&mut self, now: UnixMillis) {
        let Some(run) = self.scrubbing.run.take() else { return };
        // What is fetched anew is not there yet, and known not to be.
        let whole = |report: &&Report| !self.refills.contains_key(&report.cite);
        let reports: Vec<Report> = run.reports().iter().filter(whole).cloned().collect();
        let flaws: usize = reports.iter().map(|report| report.flaws.len()).sum();
        let scrubbing = &mut self.scrubbing;
        if flaws > 0 && !scrubbing.again {
            scrubbing.again = true;
            return self.look_at_everything(now);
        }
        scrubbing.sheet.records = reports.iter().fold(0, |sum, it| sum.saturating_add(it.records));
        scrubbing.sheet.bytes = run.bytes();
        scrubbing.sheet.flaws = u32::try_from(flaws).unwrap_or(u32::MAX);
        scrubbing.round = scrubbing.round.saturating_add(1);
        if flaws == 0 {
            let (records, mended) = (scrubbing.sheet.records, scrubbing.sheet.mended);
            tracing::info!(records, mended, "all that is kept was read, and is as it was written");
            return scrubbing.ended(now);
        }
        for report in &reports {
            for flaw in &report.flaws {
                tracing::error!(cite = %report.cite, copy = report.copy, ?flaw, "damage on the disk");
            }
        }
        if scrubbing.round < ROUNDS_MAX {
            scrubbing.wounds = wounds(&reports);
            scrubbing.progress = false;
        }
        if self.scrubbing.wounds.is_empty() {
            self.scrubbing.ended(now);
        }
    }

    /// Goes on with mending: asks for what is missing, writes what is whole, and looks again in the end.
    fn mend(&mut self, now: UnixMillis) {
        if self.scrubbing.proofs.is_some() {
            if !self.mend_proofs(now) {
                self.mended(now);
            }
            return;
        }
        if self.scrubbing.mending.is_none() {
            let (cite, segment) = match self.scrubbing.wounds.pop_front() {
                Some(Wound::File(cite, segment)) => (cite, segment),
                Some(Wound::Proofs(cite)) => {
                    self.begin_proofs(cite);
                    if self.scrubbing.proofs.is_none() {
                        self.mended(now);
                    }
                    return;
                }
                None => return self.mended(now),
            };
            match self.missing_in(cite, segment) {
                Some(Ok(missing)) => {
                    self.scrubbing.mending = Some(Mending {
                        cite,
                        segment,
                        missing: missing.into_iter().collect(),
                        fetched: BTreeMap::new(),
                        tried: Vec::new(),
                        asked: None,
                    });
                }
                Some(Err(error)) => tracing::error!(%cite, %error, "a damaged file cannot be read"),
                // Not signed at present, or no copy any more.
                None => {}
            }
        }
        if let Some(mending) = &self.scrubbing.mending {
            if mending.asked.is_some() {
                return;
            }
            let is_had = |leaf: &u64| mending.fetched.contains_key(leaf);
            match mending.missing.iter().find(|leaf| !is_had(leaf)).copied() {
                None => self.write_mended(),
                Some(leaf) => {
                    if self.ask_for_missing(now, leaf) {
                        return;
                    }
                }
            }
        }
        self.mended(now);
    }

    /// Goes on to the next, or looks again when that was the last.
    fn mended(&mut self, now: UnixMillis) {
        self.scrubbing.mending = None;
        if self.scrubbing.wounds.is_empty() {
            match self.scrubbing.progress {
                // Whether it is whole now, only reading all of it says.
                true => self.look_at_everything(now),
                false => self.scrubbing.ended(now),
            }
        }
    }

    /// Asks the next of those who hold the same; returns whether somebody was asked.
    fn ask_for_missing(&mut self, now: UnixMillis, leaf: u64) -> bool {
        let Some(mending) = &self.scrubbing.mending else { return false };
        let cite = mending.cite;
        let (incarnation, holders) = self.holders(cite);
        let nodes = holders.iter().filter_map(|holder| self.neighbours.node_of(holder));
        let Some(peer) = nodes.into_iter().find(|peer| !mending.tried.contains(peer)) else {
            tracing::error!(%cite, leaf, "nobody who is connected gives what is damaged");
            return false;
        };
        let ask = Ask::Range { cite, incarnation, from: leaf };
        let asked = self.ask(now, peer, &ask, Asked::Mend(cite, peer));
        if let Some(mending) = self.scrubbing.mending.as_mut().filter(|_| asked) {
            mending.asked = Some(peer);
        }
        asked
    }

    /// Returns who else holds a log, with its incarnation: its home first, then its mirrors.
    pub(super) fn holders(&self, cite: CiteId) -> (u32, Vec<CiteId>) {
        let own = self.cite();
        let mirrors = match cite == own {
            true => self.state().mirrors(),
            false => self.mirrors.get(&cite).and_then(|copy| copy.state().mirrors()),
        };
        let all = mirrors.map(MirrorsState::all).unwrap_or_default();
        let others = all.into_iter().map(|mirror| mirror.cite);
        let holders = core::iter::once(cite).chain(others).filter(|holder| *holder != own);
        (mirrors.map_or(0, |mirrors| mirrors.incarnation), holders.collect())
    }

    /// Takes in what somebody holds of a damaged log. Whoever gives nothing that is under the signed root is not
    /// asked again.
    pub(super) fn given(&mut self, cite: CiteId, peer: PeerKey, extend: Option<&Extend>) {
        let Some(mut mending) = self.scrubbing.mending.take() else { return };
        if mending.cite == cite && mending.asked == Some(peer) {
            mending.asked = None;
            let had = mending.fetched.len();
            let (from, entries) = extend.map_or((0, &[][..]), |given| (given.from, &given.entries));
            for (index, entry) in (0_u64..).zip(entries) {
                // Where it begins is what a stranger says.
                let Some(leaf) = from.checked_add(index) else { break };
                if mending.missing.contains(&leaf) && self.is_proven(cite, leaf, entry) {
                    mending.fetched.insert(leaf, entry.to_vec());
                }
            }
            if mending.fetched.len() == had {
                mending.tried.push(peer);
            }
        }
        self.scrubbing.mending = Some(mending);
    }

    fn write_mended(&mut self) {
        let Some(Mending { cite, segment, missing, fetched, .. }) = self.scrubbing.mending.take()
        else {
            return;
        };
        let mended = if cite == self.cite() {
            let Writer::Signing(home) = &mut self.writer else { return };
            home.mend(segment, &fetched).map_err(|error| error.to_string())
        } else {
            let Some(log) = self.mirrors.get_mut(&cite) else { return };
            log.mend(segment, &fetched).map_err(|error| error.to_string())
        };
        match mended {
            Ok(true) => {
                let entries = missing.len();
                tracing::warn!(%cite, segment, entries, "a damaged file was written anew");
                self.scrubbing.has_mended();
            }
            Ok(false) => tracing::error!(%cite, segment, "a damaged file could not be made whole"),
            Err(error) => {
                tracing::error!(%cite, segment, %error, "a damaged file could not be written");
                self.fail_copy(cite);
            }
        }
    }

    /// As after every failed write: the copy vouches for nothing until a restart; the home has stopped.
    pub(super) fn fail_copy(&mut self, cite: CiteId) {
        if self.mirrors.remove(&cite).is_some() {
            self.closed.insert(cite, Closed::Failed);
        }
    }

    fn missing_in(&self, cite: CiteId, segment: usize) -> Option<Result<Vec<u64>, StoreError>> {
        if cite == self.cite() {
            return self.home().filter(|home| !home.is_stopped()).map(|home| home.missing(segment));
        }
        self.mirrors.get(&cite).map(|log| log.store().missing(segment))
    }

    /// Returns whether an entry stands at a leaf under the root that was signed or cosigned.
    fn is_proven(&self, cite: CiteId, leaf: u64, entry: &[u8]) -> bool {
        if cite == self.cite() {
            return self.home().is_some_and(|home| home.proves(leaf, entry));
        }
        self.mirrors.get(&cite).is_some_and(|log| log.proves(leaf, entry))
    }
}

/// Returns the files with damaged entries and the logs with damaged proofs, each once.
fn wounds(reports: &[Report]) -> VecDeque<Wound> {
    let mut found = BTreeSet::new();
    for Report { cite, part, flaws, .. } in reports {
        for flaw in flaws {
            match (part, *flaw) {
                // Whatever it is, they are put together anew as a whole.
                (Part::Proofs, _) => {
                    found.insert(Wound::Proofs(*cite));
                }
                (
                    Part::Entries,
                    Flaw::Header { segment }
                    | Flaw::Records { segment, .. }
                    | Flaw::Table { segment }
                    | Flaw::Stray { segment, .. },
                ) => {
                    found.insert(Wound::File(*cite, segment));
                }
                (
                    Part::Entries,
                    Flaw::Short { .. } | Flaw::Root { .. } | Flaw::Tree { .. } | Flaw::Word,
                ) => {}
            }
        }
    }
    found.into_iter().take(WOUNDS_MAX).collect()
}
