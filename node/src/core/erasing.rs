//! Erasing somebody: on the word of a steward of the home, all that a member wrote is destroyed, here and at every cité
//! with an account here. First a mark says so durably; then name, letters and texts go, by steps, and once more after
//! each start. What comes late is not kept. The log is only read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ledger::{
    disk::{Disk, DiskError},
    notes::read_file,
    refusal::Refusal,
    rules::PEERS_MAX,
};
use proto::{
    body::Body,
    codec::{Bytes, Canonical, CodecError, at_most},
    desk::{ErasureSheet, Reply},
    entry::{Entry, Payload},
    ids::{CiteId, MemberId, OrderId},
    order::{Order, Statement},
    request::SignedRequest,
    stream::Content,
    time::UnixMillis,
    wire::{Letter, LetterContent},
};
use serde::{Deserialize, Serialize};

use super::{Core, desk::unavailable, letters::LetterError, shelf::ShelfError};

/// Most members of one other cité that are marked: as many as live in 25 median time banks.
const OF_CITE_MAX: usize = 1_024;
/// Most of all other cités: 4 MiB of memory, and 64 MiB on a disk that gives each file a page.
const OF_OTHERS_MAX: usize = 16_384;

/// How often whoever was not told yet is written to again, in milliseconds. A letter waits in the outbox meanwhile.
const TELL_MS: u64 = 60_000;
/// How long a letter waits there before it is written anew, in days.
const LETTER_DAYS: u64 = 30;
/// How long nothing is tried after the disk refused, in milliseconds: what is damaged is mended meanwhile.
const TRY_AGAIN_MS: u64 = 60_000;

const MARKS: &str = "notes/erased";

/// A member, by home and identity.
pub(crate) type Who = (CiteId, MemberId);

/// What is kept of an erasure, for good: without it a text that comes late would be kept.
#[derive(Serialize, Deserialize)]
struct Mark {
    home: CiteId,
    member: MemberId,
    since: UnixMillis,
    /// Nothing of hers is left here.
    done: bool,
    /// Cités that have not answered yet that they do the same.
    untold: Vec<CiteId>,
}

impl Canonical for Mark {
    const NAME: &'static str = "mark of an erasure";
    // Two identities, a time, a flag, a count, and one cité for each account.
    const MAX: usize = 96 + Self::UNTOLD_MAX * 32;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.untold.len(), Self::UNTOLD_MAX)
    }
}

impl Mark {
    #[allow(clippy::as_conversions, reason = "a constant below 2^16")]
    const UNTOLD_MAX: usize = PEERS_MAX as usize;

    const fn who(&self) -> Who {
        (self.home, self.member)
    }

    fn file(&self) -> String {
        format!("{MARKS}/{}-{}", self.home.0, self.member.0)
    }
}

/// A reading of the log for the texts of some members: all who were marked when it began.
struct Pass {
    whom: BTreeSet<Who>,
    next: u64,
}

/// Whose words are erased here, and how far that has come.
pub(crate) struct Erasures {
    disk: Arc<dyn Disk>,
    marks: BTreeMap<Who, Mark>,
    /// Whom the next pass looks for: after a start everybody, for a crash may have been in the way, and names and texts
    /// may have been put back from a copy.
    to_do: BTreeSet<Who>,
    pass: Option<Pass>,
    not_before: UnixMillis,
    tell_at: UnixMillis,
}

impl Erasures {
    /// Opens the marks, making their directory where it is missing.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<Self, DiskError> {
        disk.create_dir(MARKS)?;
        let mut marks = BTreeMap::new();
        for name in disk.list(MARKS)? {
            let bytes = read_file(disk.as_ref(), &format!("{MARKS}/{name}"))?;
            match bytes.and_then(|bytes| Mark::decode(&bytes).ok()) {
                Some(mark) => drop(marks.insert(mark.who(), mark)),
                None => tracing::error!(name, "a mark cannot be read: erase this member again"),
            }
        }
        let to_do = marks.keys().copied().collect();
        let (not_before, tell_at) = (UnixMillis(0), UnixMillis(0));
        Ok(Self { disk, marks, to_do, pass: None, not_before, tell_at })
    }

    /// Returns whether anything of one of these is not to be kept.
    pub(crate) fn contain(&self, writers: &[Who]) -> bool {
        writers.iter().any(|who| self.marks.contains_key(who))
    }

    /// Forgets what was put off: after the clock was set back it may lie days ahead.
    pub(crate) fn try_again(&mut self) {
        (self.not_before, self.tell_at) = (UnixMillis(0), UnixMillis(0));
    }

    /// Notes durably that a cité does the same.
    pub(crate) fn told(&mut self, who: &Who, cite: &CiteId) -> Result<(), DiskError> {
        let Some(mark) = self.marks.get_mut(who) else { return Ok(()) };
        let untold = mark.untold.iter().filter(|other| *other != cite).copied().collect();
        let told = Mark { untold, ..*mark };
        self.disk.replace(&mark.file(), &told.encode())?;
        *mark = told;
        Ok(())
    }

    /// Marks a member durably; one who is marked stays so.
    fn mark(&mut self, own: &CiteId, mark: Mark) -> Result<(), ShelfError> {
        if self.marks.contains_key(&mark.who()) {
            return Ok(());
        }
        if !self.have_room(own, &mark.home) {
            return Err(ShelfError::Full);
        }
        self.disk.replace(&mark.file(), &mark.encode())?;
        self.to_do.insert(mark.who());
        self.marks.insert(mark.who(), mark);
        Ok(())
    }

    /// Returns whether one more of a cité's members can be marked. Those of this cité are bounded by its rules.
    fn have_room(&self, own: &CiteId, home: &CiteId) -> bool {
        let count = |counts: &dyn Fn(&CiteId) -> bool| {
            self.marks.keys().filter(|(home, _)| counts(home)).count()
        };
        home == own
            || (count(&|other| other != own) < OF_OTHERS_MAX
                && count(&|other| other == home) < OF_CITE_MAX)
    }

    /// Returns the pass to go on with: one that was begun, else one for all who wait.
    fn next_pass(&mut self) -> Option<Pass> {
        if self.pass.is_none() && !self.to_do.is_empty() {
            let whom = core::mem::take(&mut self.to_do);
            return Some(Pass { whom, next: 0 });
        }
        self.pass.take()
    }

    /// Notes durably that nothing of these is left here.
    fn finish(&mut self, whom: &BTreeSet<Who>) -> Result<(), DiskError> {
        let unfinished =
            self.marks.iter_mut().filter(|(who, mark)| whom.contains(who) && !mark.done);
        for (_, mark) in unfinished {
            let done = Mark { done: true, untold: mark.untold.clone(), ..*mark };
            self.disk.replace(&mark.file(), &done.encode())?;
            *mark = done;
        }
        Ok(())
    }
}

impl Core {
    /// Erases a member of this cité.
    pub(crate) fn erase(&mut self, now: UnixMillis, member: &MemberId) -> Reply {
        if self.state().member(member).is_none() {
            return Reply::Refused(Refusal::UnknownAuthor { author: *member }.into());
        }
        // Whose text is on the shelf must be in the log, where it is looked for.
        self.commit(now);
        if let Some(why) = self.cannot_write() {
            return Reply::Unavailable(why);
        }
        let own = self.cite();
        let untold = self.state().peers().map(|peer| peer.cite).collect();
        let mark = Mark { home: own, member: *member, since: now, done: false, untold };
        if let Err(error) = self.erasures.mark(&own, mark) {
            return unavailable(&error);
        }
        // Where the log is short, all is done before the answer.
        self.erasures.try_again();
        self.go_on_erasing(now);
        self.send_letters(now);
        self.erasure(member)
    }

    /// Erases a member of another cité, because that cité's own node says so.
    pub(crate) fn erase_for(
        &mut self,
        now: UnixMillis,
        home: CiteId,
        member: MemberId,
    ) -> Result<(), LetterError> {
        let own = self.founding.cite();
        // What changes nothing makes this home write nothing, however often it is said.
        if self.erasures.contain(&[(home, member)]) {
            return Ok(());
        }
        if !self.erasures.have_room(&own, &home) {
            return Err(ShelfError::Full.into());
        }
        self.commit(now);
        if self.cannot_write().is_some() {
            return Err(LetterError::Silent);
        }
        let mark = Mark { home, member, since: now, done: false, untold: Vec::new() };
        Ok(self.erasures.mark(&own, mark)?)
    }

    /// Returns how far the erasure of a member of this cité has come.
    pub(crate) fn erasure(&self, member: &MemberId) -> Reply {
        Reply::Erasure(match self.erasures.marks.get(&(self.cite(), *member)) {
            Some(mark) => ErasureSheet {
                since: Some(mark.since),
                done: mark.done,
                untold: mark.untold.clone(),
            },
            None => ErasureSheet {
                since: None,
                done: false,
                untold: self.state().peers().map(|peer| peer.cite).collect(),
            },
        })
    }

    /// Keeps the text of an order, or destroys it where one of its writers is erased.
    pub(crate) fn keep_text(
        &self,
        order: &OrderId,
        writers: &[Who],
        body: Option<&Body>,
    ) -> Result<(), DiskError> {
        match body {
            // It may be here from before a crash, when the order was in no log yet.
            _ if self.erasures.contain(writers) => self.shelf.erase_body(order),
            Some(body) => self.shelf.keep_body(order, body),
            None => Ok(()),
        }
    }

    /// Returns a letter as it may be kept and sent: without the text of whoever is erased.
    pub(crate) fn without_erased_words(&self, letter: &Letter) -> Letter {
        let mut letter = letter.clone();
        if let LetterContent::Request { request, body } = &mut letter.content
            && self.erasures.contain(asker(Some(request)).as_slice())
        {
            *body = None;
        }
        letter
    }

    /// Goes on erasing by one step, and telling other cités.
    pub(crate) fn go_on_erasing(&mut self, now: UnixMillis) {
        if self.erasures.not_before > now || self.readable().is_none() {
            return;
        }
        if let Err(error) = self.erase_on() {
            tracing::warn!(%error, "what is to be erased is not yet");
            self.erasures.not_before = now.plus(TRY_AGAIN_MS);
        }
        if self.erasures.tell_at <= now {
            self.erasures.tell_at = now.plus(TELL_MS);
            self.tell_of_erasures(now);
        }
    }

    fn erase_on(&mut self) -> Result<(), EraseError> {
        let Some(Pass { whom, next }) = self.erasures.next_pass() else { return Ok(()) };
        match self.erase_from(&whom, next) {
            Ok(next) => {
                self.erasures.pass = next.map(|next| Pass { whom, next });
                Ok(())
            }
            Err(error) => {
                // From the beginning: what was removed before may not be durable.
                self.erasures.to_do.extend(whom);
                Err(error)
            }
        }
    }

    /// Destroys what these wrote in one chunk of the log, and first what is found without it; returns where the next
    /// chunk begins, if there is one.
    fn erase_from(
        &mut self,
        whom: &BTreeSet<Who>,
        mut next: u64,
    ) -> Result<Option<u64>, EraseError> {
        let own = self.cite();
        if next == 0 {
            // Another cité may say that anybody is its member: names and letters of ours are not its to erase.
            for (_, member) in whom.iter().filter(|(home, _)| *home == own) {
                self.shelf.erase_person(member)?;
                self.outbox.erase(member)?;
            }
            self.mailbox.erase(&own, whom)?;
        }
        let Some(home) = self.readable() else { return Ok(Some(next)) };
        let end = home.checkpoint().head.size;
        for bytes in home.chunk(next, end)? {
            if let Some((order, writers)) =
                Entry::decode(&bytes).ok().and_then(|entry| text_of(own, &entry))
                && writers.iter().any(|writer| whom.contains(writer))
            {
                self.shelf.erase_body(&order)?;
            }
            next = next.saturating_add(1);
        }
        if next < end {
            return Ok(Some(next));
        }
        self.shelf.settle()?;
        self.erasures.finish(whom)?;
        Ok(None)
    }

    /// Writes to the cités that have not answered yet; what has no room in the outbox is written later.
    fn tell_of_erasures(&mut self, now: UnixMillis) {
        let own = self.cite();
        let until = now.day().plus(LETTER_DAYS);
        let marks = self.erasures.marks.values().filter(|mark| mark.home == own);
        for (mark, cite) in marks.flat_map(|mark| mark.untold.iter().map(move |cite| (mark, cite)))
        {
            let letter = Letter { home: *cite, to: mark.member, content: LetterContent::Erase };
            if let Err(error @ ShelfError::Disk(_)) = self.outbox.send(&letter, mark.member, until)
            {
                tracing::warn!(%error, "an ally is told later that somebody is erased");
                return;
            }
        }
    }
}

/// Why a step was not made.
#[derive(Debug, thiserror::Error)]
enum EraseError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Log(#[from] ledger::store::StoreError),
}

/// Returns who wrote the text of a payment: whoever pays, and, where it answers a request, whoever asked, for then the
/// words are those of the request.
pub(crate) fn writers(payer: Who, request: Option<&Bytes>) -> Vec<Who> {
    core::iter::once(payer).chain(asker(request)).collect()
}

/// Returns who wrote the text of an order of this cité.
pub(crate) fn writers_of(own: CiteId, order: &Order) -> Vec<Who> {
    let request = match &order.statement {
        Statement::Pay(pay) => pay.request.as_ref(),
        Statement::Export(export) => export.request.as_ref(),
        _ => None,
    };
    writers((own, order.author), request)
}

fn asker(request: Option<&Bytes>) -> Option<Who> {
    let signed = SignedRequest::decode(request?).ok()?;
    Some((signed.request().home, signed.request().payee))
}

/// Returns the order whose text an entry commits to, with those who wrote it.
fn text_of(own: CiteId, entry: &Entry) -> Option<(OrderId, Vec<Who>)> {
    match &entry.payload {
        Payload::Order(order) | Payload::Export { order, .. } => {
            Some((order.id(), writers_of(own, order.order())))
        }
        Payload::Import(import) => match &import.message.content {
            Content::Transfer(transfer) => {
                let payer = (import.message.from, transfer.payer);
                Some((transfer.order, writers(payer, transfer.request.as_ref())))
            }
            _ => None,
        },
        _ => None,
    }
}
