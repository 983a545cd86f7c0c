//! Complaints: valid orders that a home does not take, handed to a mirror by whoever signed them. The mirror offers
//! each to the home again and again; when that was long enough and the log goes on without it, it cosigns no more.
//! It takes nobody's word: what is valid and what is in the log, it reads in its own copy.

use proto::{
    codec::{Bytes, Canonical, CodecError, at_most},
    ids::{CiteId, OrderId},
    order::{ORDER_MAX, SignedOrder, Statement},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};

use super::{MirrorError, MirrorLog};
use crate::{
    disk::Disk,
    notes::read_file,
    refusal::Refusal,
    rules::{self, Draft},
};

/// Most complaints about one home, one of each member: 4 KiB each, so 128 KiB of a log and 8 MiB of all that a node
/// mirrors. A home that takes what it is offered empties all places within a push.
pub const COMPLAINTS_MAX: usize = 32;

/// How long the home has been offered an order, in milliseconds of contact, before it must be in the log (`protocol`
/// "Card, visit, move"): a day.
pub const PATIENCE_MS: u64 = 86_400_000;

/// Seals of the home after that, without the order, at which the mirror stops. One may have been on its way already.
pub const SEALS: u64 = 2;

/// Time between two offers of one order, in milliseconds: an hour.
pub const OFFER_EVERY_MS: u64 = 3_600_000;

/// The same once the home had its day, or could not say yes or no: ten seconds, what a node needs at most after its start
/// until it signs, so that one that takes the order is soon cosigned again.
pub const OFFER_AGAIN_MS: u64 = 10_000;

/// The most that counts between two offers, in milliseconds: six hours. The time in which the line was silent does not
/// count for more, nor does a leap of the clock, which is doubted beyond it.
pub const CONTACT_MAX_MS: u64 = 21_600_000;

/// A complaint as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Kept {
    /// The signed order.
    order: Bytes,
    /// When it was handed over.
    since: UnixMillis,
    /// How often the home was offered it.
    offers: u32,
    /// When it was last offered so that it counted.
    offered: UnixMillis,
    /// What counts of the time since the first offer, in milliseconds.
    contact_ms: u64,
    /// Number of the last seal when that was a day.
    due: Option<u64>,
}

#[derive(Default, Serialize, Deserialize)]
struct File {
    kept: Vec<Kept>,
}

impl Canonical for File {
    const NAME: &'static str = "file of complaints";
    const MAX: usize = COMPLAINTS_MAX * (ORDER_MAX + 64) + 64;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.kept.len(), COMPLAINTS_MAX)
    }
}

/// A complaint that is kept, with what a restart may forget.
struct Open {
    kept: Kept,
    order: SignedOrder,
    /// When it was last offered, whether that counted or not.
    tried: Option<UnixMillis>,
    /// Whether that offer was answered.
    answered: bool,
}

/// The complaints about one home.
#[derive(Default)]
pub(super) struct Complaints {
    open: Vec<Open>,
    /// The order that is being offered.
    under_way: Option<OrderId>,
}

/// How a complaint stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// When it was handed over; `None`: the order is in the log.
    pub since: Option<UnixMillis>,
    /// How often the home was offered it.
    pub offers: u32,
    /// Whether this mirror cosigns no more because of it.
    pub holds_back: bool,
    /// How many mirrors the log has.
    pub mirrors: usize,
}

/// Why a complaint is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The rules refuse the order: the home is right.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// This node is no mirror of that log.
    #[error("not a mirror of that log")]
    NotAMirror,
    /// The member or the home has as many complaints as are kept.
    #[error("no room for more complaints")]
    Full,
    /// It could not be written down.
    #[error(transparent)]
    Failed(#[from] MirrorError),
}

/// Returns whether an order that is refused so can never be valid again.
const fn is_for_ever(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::UnknownAuthor { .. }
            | Refusal::WrongEpoch { .. }
            | Refusal::UnknownLane { .. }
            | Refusal::BadSignature
            | Refusal::SeqTaken { .. }
            | Refusal::WrongPrev { .. }
            | Refusal::OutOfDate { .. }
            | Refusal::UnknownHead { .. }
            | Refusal::RequestExpired { .. }
            | Refusal::RequestUsed
            | Refusal::CiteClosed
    )
}

impl Complaints {
    /// Reads what is kept. A file that cannot be read is begun anew: whoever complained can do so again, and an honest
    /// home is not to suffer from this disk.
    pub(super) fn open(disk: &dyn Disk, name: &str) -> Result<Self, MirrorError> {
        let bytes = read_file(disk, name)?;
        let file = bytes.and_then(|bytes| File::decode(&bytes).ok()).unwrap_or_default();
        let read = |kept: Kept| {
            let order = SignedOrder::decode(&kept.order).ok()?;
            Some(Open { kept, order, tried: None, answered: false })
        };
        Ok(Self { open: file.kept.into_iter().filter_map(read).collect(), under_way: None })
    }
}

impl MirrorLog {
    /// Returns the name of the file of complaints of a copy.
    pub(super) fn complaints_name(dir: &str) -> String {
        format!("{dir}complaints")
    }

    /// Keeps an order that the home does not take, durably. The same again is no error.
    ///
    /// # Errors
    /// [`NotKept`].
    pub fn complain(
        &mut self,
        now: UnixMillis,
        order: SignedOrder,
        own: CiteId,
    ) -> Result<Standing, NotKept> {
        let mirrors = self.fold.state().mirrors().map(|set| set.all()).unwrap_or_default();
        if !mirrors.iter().any(|mirror| mirror.cite == own) {
            return Err(NotKept::NotAMirror);
        }
        let (id, head) = (order.id(), order.order());
        if self.is_in_log(&order) {
            let mirrors = mirrors.len();
            return Ok(Standing { since: None, offers: 0, holds_back: false, mirrors });
        }
        self.review(now)?;
        let open = &self.complaints.open;
        if !open.iter().any(|open| open.order.id() == id) {
            self.judge(now, &order)?;
            match open.iter().find(|open| open.order.order().author == head.author) {
                // Of two orders in one place the first is offered.
                Some(first) if first.order.order().lane == head.lane => {
                    return Err(Refusal::SeqTaken { seq: head.seq, last: first.order.id() }.into());
                }
                None if open.len() < COMPLAINTS_MAX => {}
                Some(_) | None => return Err(NotKept::Full),
            }
            let kept = Kept {
                order: Bytes::from(order.bytes().to_vec()),
                since: now,
                offers: 0,
                offered: now,
                contact_ms: 0,
                due: None,
            };
            self.complaints.open.push(Open { kept, order, tried: None, answered: false });
            self.keep_complaints()?;
        }
        let seals = self.seals();
        let kept = self.complaints.open.iter().find(|open| open.order.id() == id);
        let kept = kept.map(|open| &open.kept).ok_or(NotKept::Full)?;
        Ok(Standing {
            since: Some(kept.since),
            offers: kept.offers,
            holds_back: is_overdue(kept, seals),
            mirrors: mirrors.len(),
        })
    }

    /// Returns the next order that the home is to be offered now, one at a time.
    ///
    /// # Errors
    /// [`MirrorError`] when what has ended could not be noted.
    pub fn next_offer(&mut self, now: UnixMillis) -> Result<Option<(OrderId, Bytes)>, MirrorError> {
        let due = |open: &Open| {
            let soon = open.kept.due.is_some() || !open.answered;
            let pause = if soon { OFFER_AGAIN_MS } else { OFFER_EVERY_MS };
            // A clock that was set back must not put an offer off for days.
            open.tried.is_none_or(|tried| tried > now || now.since(tried) >= pause)
        };
        if self.complaints.under_way.is_some() || !self.complaints.open.iter().any(due) {
            return Ok(None);
        }
        self.review(now)?;
        let Self { fold, book, complaints, .. } = self;
        let mut waiting = complaints.open.iter_mut().filter(|open| due(open));
        let next = waiting.find(|open| judge(fold, book, now, &open.order).is_ok());
        let Some(next) = next else { return Ok(None) };
        next.tried = Some(now);
        complaints.under_way = Some(next.order.id());
        Ok(Some((next.order.id(), next.kept.order.clone())))
    }

    /// Notes that the home was offered an order, and whether it answered. What it answers does not count: if it took
    /// the order, that will be in its log.
    ///
    /// # Errors
    /// [`MirrorError`] when it could not be kept.
    pub fn was_offered(
        &mut self,
        now: UnixMillis,
        id: &OrderId,
        answered: bool,
    ) -> Result<(), MirrorError> {
        self.complaints.under_way = None;
        let seals = self.seals();
        let Some(open) = self.complaints.open.iter_mut().find(|open| open.order.id() == *id) else {
            return Ok(());
        };
        open.answered = answered;
        let kept = &mut open.kept;
        let passed = now.since(kept.offered);
        if kept.offers > 0 && passed < OFFER_EVERY_MS && now >= kept.offered {
            return Ok(());
        }
        // The time before the first offer is not the home's.
        let counts = if kept.offers == 0 { 0 } else { passed.min(CONTACT_MAX_MS) };
        kept.offers = kept.offers.saturating_add(1);
        kept.offered = now;
        kept.contact_ms = kept.contact_ms.saturating_add(counts);
        if kept.contact_ms >= PATIENCE_MS {
            kept.due.get_or_insert(seals);
        }
        self.keep_complaints()
    }

    /// The line to the home is new: what was offered before may be lost.
    pub fn offer_again(&mut self) {
        self.complaints.under_way = None;
        for open in &mut self.complaints.open {
            open.tried = None;
        }
    }

    /// Returns how many complaints are open, and whether any of them keeps this mirror from cosigning.
    pub fn complaints(&self) -> (usize, bool) {
        let seals = self.seals();
        let open = &self.complaints.open;
        (open.len(), open.iter().any(|open| is_overdue(&open.kept, seals)))
    }

    /// Returns whether a complaint forbids to cosign what the copy holds now.
    pub(super) fn holds_back(&mut self, now: UnixMillis) -> Result<bool, MirrorError> {
        self.review(now)?;
        Ok(self.complaints().1)
    }

    /// Forgets orders that are in the log or can never be valid again. One that is not valid now, which a later entry
    /// may change, is not the home's fault: its last days count anew once it is.
    fn review(&mut self, now: UnixMillis) -> Result<(), MirrorError> {
        let Self { fold, book, complaints, .. } = self;
        let mut changed = false;
        complaints.open.retain_mut(|open| match judge(fold, book, now, &open.order) {
            Ok(()) => true,
            Err(refusal) => {
                let ended = is_for_ever(&refusal);
                changed |= ended || open.kept.due.take().is_some();
                !ended
            }
        });
        if !changed {
            return Ok(());
        }
        self.keep_complaints()
    }

    fn judge(&self, now: UnixMillis, order: &SignedOrder) -> Result<(), Refusal> {
        judge(&self.fold, &self.book, now, order)
    }

    /// Returns whether an order is the last of its device in the log.
    fn is_in_log(&self, order: &SignedOrder) -> bool {
        let head = order.order();
        let account = self.fold.state().account(&head.author);
        let lane = account.and_then(|(_, account)| account.lane(head.lane));
        lane.is_some_and(|lane| lane.last == order.id())
    }

    fn seals(&self) -> u64 {
        self.fold.state().clock().map_or(0, |clock| clock.seals)
    }

    fn keep_complaints(&self) -> Result<(), MirrorError> {
        let kept = self.complaints.open.iter().map(|open| open.kept.clone()).collect();
        let name = Self::complaints_name(&self.dir);
        Ok(self.disk.replace(&name, &File { kept }.encode())?)
    }
}

/// Returns whether the home had its day, and made two seals since without the order.
const fn is_overdue(kept: &Kept, seals: u64) -> bool {
    match kept.due {
        Some(due) => seals >= due.saturating_add(SEALS),
        None => false,
    }
}

/// Returns why the home must not take an order now, by the copy of its log, as the home itself would judge.
fn judge(
    fold: &crate::fold::Fold,
    book: &crate::keybook::KeyBook,
    now: UnixMillis,
    order: &SignedOrder,
) -> Result<(), Refusal> {
    let state = fold.state();
    // Time in a log never decreases, however late a clock is.
    let time = state.clock().map_or(now, |clock| now.max(clock.time));
    let key_of = |member: &_, epoch, lane| book.get(member, epoch, lane);
    let verified = rules::verify_order(state, order.clone(), key_of)?;
    let statement = &verified.order().statement;
    if let Statement::Export(export) = statement
        && state.peer(&export.to).is_some()
        && !rules::is_opened_there(state, &export.to)
    {
        // What the home knows beyond its log, nobody else can judge.
        return Err(Refusal::NotOpenedThere { cite: export.to });
    }
    let answered = book.answered_by(statement);
    rules::decide(state, time, Draft::Order(verified, answered)).map(drop)
}
