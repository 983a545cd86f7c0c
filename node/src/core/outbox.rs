//! The outbox: letters on their way to other cités, each kept until the other home has it, says that it never
//! will, or its last day has passed. It says which are due; who may write is decided in `letters.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

use ledger::{
    disk::{Disk, DiskError},
    notes::read_file,
};
use proto::{
    codec::Canonical,
    hash::{Hash, Use, digest},
    ids::{CiteId, MemberId, RequestId},
    request::SignedRequest,
    time::{UnixMillis, UtcDay},
    wire::{Letter, LetterContent},
};
use serde::{Deserialize, Serialize};

use super::shelf::ShelfError;

/// Most letters on their way.
const LETTERS_MAX: usize = 1_024;
/// Most of those to one cité: a silent one must not be in the way of the others.
const TO_CITE_MAX: usize = 256;
/// Most of those of one writer: sixteen fill what may wait for one cité, and the members of a median time
/// bank (41) all find their share.
const OF_WRITER_MAX: usize = 16;
/// Most letters under way to one node: of the ten asks that the shell takes for it at a time more than half
/// are left for entries, hours and hellos.
const UNDER_WAY_MAX: usize = 4;
/// How long a letter waits that the other home does not take now, in milliseconds: ten seconds at first, for it may only
/// have begun to run; doubled each time, at most four hours. Somebody who empties a full mailbox is written to the same day.
const PUT_OFF_MS: u64 = 10_000;
const PUT_OFF_MAX_MS: u64 = 4 * 3_600_000;

const OUTGOING: &str = "mailbox/outgoing";

/// A letter as it waits on the disk.
#[derive(Serialize, Deserialize)]
struct Outgoing {
    letter: Letter,
    writer: MemberId,
    until: UtcDay,
}

impl Canonical for Outgoing {
    const NAME: &'static str = "outgoing letter";
    const MAX: usize = 2_048;
}

/// What tells a letter from all others: where it goes, and a hash of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct LetterKey {
    home: CiteId,
    name: Hash,
}

impl LetterKey {
    fn of(letter: &Letter) -> Self {
        Self { home: letter.home, name: digest(Use::Gossip, &[&letter.encode()]) }
    }

    fn file(&self) -> String {
        format!("{OUTGOING}/{}", self.name)
    }
}

/// What is known of a letter without reading it. How long it was put off is forgotten when the node stops:
/// one try more does no harm.
struct Waiting {
    /// The request that it carries, if it is one.
    request: Option<RequestId>,
    writer: MemberId,
    until: UtcDay,
    put_off_ms: u64,
    due: UnixMillis,
}

/// The letters on their way.
pub(crate) struct Outbox {
    disk: Arc<dyn Disk>,
    waiting: BTreeMap<LetterKey, Waiting>,
    /// The last letter sent to each cité: the next round goes on behind it, so that no letter, however
    /// often it fails, is in the way of those behind it.
    last: BTreeMap<CiteId, LetterKey>,
}

impl Outbox {
    /// Opens the outbox, making its directory where it is missing.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<Self, DiskError> {
        disk.create_dir(OUTGOING)?;
        let mut waiting = BTreeMap::new();
        for name in disk.list(OUTGOING)? {
            let bytes = read_file(disk.as_ref(), &format!("{OUTGOING}/{name}"))?;
            match bytes.and_then(|bytes| Outgoing::decode(&bytes).ok()) {
                Some(Outgoing { letter, writer, until }) => {
                    waiting.insert(LetterKey::of(&letter), Waiting::new(&letter, writer, until));
                }
                None => tracing::warn!(name, "a letter on its way cannot be read"),
            }
        }
        Ok(Self { disk, waiting, last: BTreeMap::new() })
    }

    /// Keeps a letter until it is forgotten or its last day has passed.
    pub(crate) fn send(
        &mut self,
        letter: &Letter,
        writer: MemberId,
        until: UtcDay,
    ) -> Result<(), ShelfError> {
        let key = LetterKey::of(letter);
        if self.waiting.contains_key(&key) {
            return Ok(());
        }
        let to_cite = self.to(&letter.home).count();
        let of_writer = self.waiting.values().filter(|other| other.writer == writer).count();
        if self.waiting.len() >= LETTERS_MAX || to_cite >= TO_CITE_MAX || of_writer >= OF_WRITER_MAX
        {
            return Err(ShelfError::Full);
        }
        let outgoing = Outgoing { letter: letter.clone(), writer, until };
        self.disk.replace(&key.file(), &outgoing.encode())?;
        self.waiting.insert(key, Waiting::new(letter, writer, until));
        Ok(())
    }

    /// Returns whether a request waits here for the home that it goes to.
    pub(crate) fn carries(&self, request: &RequestId) -> bool {
        self.waiting.values().any(|waiting| waiting.request.as_ref() == Some(request))
    }

    /// Returns the cités that letters wait for.
    pub(crate) fn homes(&self) -> BTreeSet<CiteId> {
        self.waiting.keys().map(|key| key.home).collect()
    }

    /// Returns the letters to send to a cité now, beside those that are `under_way`.
    pub(crate) fn due(
        &self,
        now: UnixMillis,
        home: &CiteId,
        under_way: &BTreeSet<LetterKey>,
    ) -> Vec<LetterKey> {
        let busy = self.to(home).filter(|(key, _)| under_way.contains(key)).count();
        let last = self.last.get(home);
        let behind = self.to(home).filter(|(key, _)| last.is_none_or(|last| *key > last));
        let before = self.to(home).filter(|(key, _)| last.is_some_and(|last| *key <= last));
        behind
            .chain(before)
            .filter(|(key, waiting)| waiting.due <= now && !under_way.contains(key))
            .take(UNDER_WAY_MAX.saturating_sub(busy))
            .map(|(key, _)| *key)
            .collect()
    }

    /// Begins to send a letter: returns it, unless it can no longer be read.
    pub(crate) fn begin(&mut self, key: LetterKey) -> Option<Letter> {
        self.last.insert(key.home, key);
        self.letter(&key)
    }

    /// Returns a letter.
    pub(crate) fn letter(&self, key: &LetterKey) -> Option<Letter> {
        let bytes = read_file(self.disk.as_ref(), &key.file()).ok().flatten()?;
        Outgoing::decode(&bytes).ok().map(|outgoing| outgoing.letter)
    }

    /// Waits with a letter that the other home does not take now.
    pub(crate) fn put_off(&mut self, key: &LetterKey, now: UnixMillis) {
        if let Some(waiting) = self.waiting.get_mut(key) {
            let longer = waiting.put_off_ms.saturating_mul(2);
            waiting.put_off_ms = longer.clamp(PUT_OFF_MS, PUT_OFF_MAX_MS);
            waiting.due = now.plus(waiting.put_off_ms);
        }
    }

    /// Makes every letter due: after the clock was set back, what was put off may lie days ahead.
    pub(crate) fn try_again(&mut self) {
        for waiting in self.waiting.values_mut() {
            (waiting.put_off_ms, waiting.due) = (0, UnixMillis(0));
        }
    }

    /// Forgets a letter that the other home has, or never will.
    pub(crate) fn forget(&mut self, key: &LetterKey) -> Result<(), DiskError> {
        self.disk.remove(&key.file())?;
        self.waiting.remove(key);
        if self.to(&key.home).next().is_none() {
            self.last.remove(&key.home);
        }
        Ok(())
    }

    /// Removes letters whose last day has passed.
    pub(crate) fn sweep(&mut self, today: UtcDay) -> Result<(), DiskError> {
        let late = self.waiting.iter().filter(|(_, waiting)| waiting.until < today);
        let late: Vec<LetterKey> = late.map(|(key, _)| *key).collect();
        late.iter().try_for_each(|key| self.forget(key))
    }

    /// Destroys, durably, the letters of a writer, but for those that say so elsewhere.
    pub(crate) fn erase(&mut self, writer: &MemberId) -> Result<(), DiskError> {
        let theirs = self.waiting.iter().filter(|(_, waiting)| waiting.writer == *writer);
        let theirs: Vec<LetterKey> = theirs.map(|(key, _)| *key).collect();
        for key in &theirs {
            let tells = |letter: &Letter| matches!(letter.content, LetterContent::Erase);
            if !self.letter(key).as_ref().is_some_and(tells) {
                self.forget(key)?;
            }
        }
        self.disk.sync_dir(OUTGOING)
    }

    fn to(&self, home: &CiteId) -> impl Iterator<Item = (&LetterKey, &Waiting)> {
        let first = LetterKey { home: *home, name: Hash([0; 32]) };
        let last = LetterKey { home: *home, name: Hash([u8::MAX; 32]) };
        self.waiting.range((Bound::Included(first), Bound::Included(last)))
    }
}

impl Waiting {
    fn new(letter: &Letter, writer: MemberId, until: UtcDay) -> Self {
        let request = match &letter.content {
            LetterContent::Request { request, .. } => SignedRequest::decode(request).ok(),
            _ => None,
        };
        let request = request.map(|signed| signed.id());
        Self { request, writer, until, put_off_ms: 0, due: UnixMillis(0) }
    }
}
