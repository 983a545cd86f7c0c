//! The second reading: what each log says to the others, held against what they say they received, and
//! signed heads held against the log itself. Entries were verified in the first reading; here they are
//! only compared, stream by stream, in memory that does not grow with them.

use std::{collections::BTreeMap, io::BufReader};

use proto::{
    checkpoint::Checkpoint,
    codec::Canonical as _,
    entry::{Entry, Import, Outcome, Payload, number},
    hash::{Hash, tree_leaf},
    ids::CiteId,
    minutes::{Balance, Minutes},
    stream::{Content, StreamMessage},
};

use super::{
    Open, PairFault, PairReport, PairState,
    forks::{Heads, OpeningFold, Unconfirmed},
    log::Audited,
};
use crate::{
    bundle::{BundleError, Reader, Section},
    evidence::Conviction,
    tree::Frontier,
};

/// What the comparison found.
pub(super) struct Compared {
    pub(super) pairs: Vec<PairReport>,
    pub(super) convictions: Vec<Conviction>,
}

/// How far two logs know of each other: what the reading of one compares with.
#[derive(Clone, Copy, Default)]
struct Cursors {
    /// Messages that the other has taken in from this one.
    taken_there: u64,
    /// Messages of the other that are in its bundle.
    sent_there: u64,
}

/// What one log says about one other.
#[derive(Default)]
struct Side {
    cursors: Cursors,
    /// Messages sent that the other has taken in, each with its place, as a tree.
    sent: Frontier,
    /// Messages taken in that are in the other's bundle, each with its place there, as a tree.
    taken: Frontier,
    transfers: u64,
    /// Transfers that the other has not taken in yet.
    waiting: u64,
    waiting_minutes: Balance,
    imports: u64,
    returns: u64,
    /// Returns said here that the other has not taken in yet.
    returning: u64,
    returning_minutes: Balance,
    returns_received: u64,
    /// The other's last message was taken in: what it had not taken in until then was given back.
    parted: bool,
}

/// Compares all sound bundles; of several of one cité the largest counts.
pub(super) fn compare(bundles: &[&Open<'_>], audited: &[Audited], heads: &Heads) -> Compared {
    let mut largest: BTreeMap<CiteId, usize> = BTreeMap::new();
    for (place, bundle) in audited.iter().enumerate() {
        let Some((cite, checkpoint)) = bundle.sound() else { continue };
        let size = |place: usize| {
            audited.get(place).and_then(Audited::sound).map_or(0, |(_, known)| known.head.size)
        };
        match largest.get(&cite) {
            Some(known) if size(*known) >= checkpoint.head.size => {}
            _ => {
                largest.insert(cite, place);
            }
        }
    }
    let logs: BTreeMap<CiteId, &Audited> =
        largest.iter().filter_map(|(cite, place)| Some((*cite, audited.get(*place)?))).collect();
    let mut sides: BTreeMap<(CiteId, CiteId), Side> = BTreeMap::new();
    let mut convictions = Vec::new();
    for (cite, place) in &largest {
        let (Some(open), Some(own)) = (bundles.get(*place), logs.get(cite)) else { continue };
        let Some((_, checkpoint)) = own.sound() else { continue };
        let mut reading = SecondReading {
            cite: *cite,
            sides: sides_of(*cite, own, &logs),
            unconfirmed: heads.below(checkpoint),
        };
        if reading.sides.is_empty() && reading.unconfirmed.is_empty() {
            continue;
        }
        // The file was whole a moment ago; if it is not any more, there is nothing to compare.
        if reading.read(open).is_err() {
            continue;
        }
        if let Some(stray) = reading.unconfirmed.stray() {
            convictions.extend(convict(open, own, stray, checkpoint));
        }
        sides.extend(reading.sides.into_iter().map(|(peer, side)| ((*cite, peer), side)));
    }
    Compared { pairs: pair_up(&logs, &sides), convictions }
}

fn sides_of(
    cite: CiteId,
    own: &Audited,
    logs: &BTreeMap<CiteId, &Audited>,
) -> BTreeMap<CiteId, Side> {
    let others = logs.iter().filter(|(other, log)| {
        **other != cite && (own.peer(other).is_some() || log.peer(&cite).is_some())
    });
    others
        .map(|(other, log)| {
            let there = log.peer(&cite);
            let cursors = Cursors {
                taken_there: there.map_or(0, |peer| peer.received),
                sent_there: there.map_or(0, |peer| peer.sent),
            };
            (*other, Side { cursors, ..Side::default() })
        })
        .collect()
}

struct SecondReading {
    cite: CiteId,
    sides: BTreeMap<CiteId, Side>,
    unconfirmed: Unconfirmed,
}

impl SecondReading {
    fn read(&mut self, open: &Open<'_>) -> Result<(), BundleError> {
        each_entry(open, |leaf, bytes| {
            let wanted = match Entry::kind_of(bytes) {
                Some(number::SEAL) => !self.unconfirmed.is_empty(),
                Some(number::EXPORT | number::IMPORT | number::ACK | number::FAREWELL) => {
                    !self.sides.is_empty()
                }
                _ => false,
            };
            if wanted && let Ok(entry) = Entry::decode(bytes) {
                self.see(leaf, &entry);
            }
        })
    }

    fn see(&mut self, leaf: u64, entry: &Entry) {
        if let Payload::Seal(seal) = &entry.payload {
            self.unconfirmed.confirm(&seal.previous);
        }
        if let Some(message) = entry.message(self.cite)
            && let Some(side) = self.sides.get_mut(&message.to)
        {
            side.send(leaf, message);
        }
        if let Payload::Import(import) = &entry.payload
            && let Some(side) = self.sides.get_mut(&import.message.from)
        {
            side.take(import);
        }
    }
}

impl Side {
    fn send(&mut self, leaf: u64, message: StreamMessage) {
        let minutes = minutes_of(&message);
        if let Some(minutes) = minutes {
            self.transfers = self.transfers.saturating_add(1);
            if message.counter > self.cursors.taken_there {
                self.waiting = self.waiting.saturating_add(1);
                add(&mut self.waiting_minutes, minutes);
            }
        }
        if message.counter <= self.cursors.taken_there {
            self.sent.push(place_of(leaf, message));
        }
    }

    fn take(&mut self, import: &Import) {
        self.parted |= import.message.content == Content::Farewell;
        match (minutes_of(&import.message), &import.outcome) {
            (Some(_), Outcome::Taken) => self.imports = self.imports.saturating_add(1),
            (Some(minutes), Outcome::Returned { header, .. }) => {
                self.returns = self.returns.saturating_add(1);
                if header.counter > self.cursors.taken_there {
                    self.returning = self.returning.saturating_add(1);
                    add(&mut self.returning_minutes, minutes);
                }
            }
            (None, _) if matches!(import.message.content, Content::Return { .. }) => {
                self.returns_received = self.returns_received.saturating_add(1);
            }
            (None, _) => {}
        }
        if import.message.counter <= self.cursors.sent_there {
            self.taken.push(place_of(import.leaf, import.message.clone()));
        }
    }
}

/// Returns the leaf hash of a message at its place in the sender's log, the same from both logs.
fn place_of(leaf: u64, message: StreamMessage) -> Hash {
    let said = Import { message, incarnation: 0, leaf, outcome: Outcome::Taken };
    tree_leaf(&said.encode())
}

fn minutes_of(message: &StreamMessage) -> Option<Minutes> {
    match &message.content {
        Content::Transfer(transfer) => Some(transfer.minutes),
        Content::Return { .. } | Content::Ack | Content::Farewell => None,
    }
}

/// Amounts of one log stay inside `i64` (see [`Minutes::PAYMENT_MAX`]).
fn add(sum: &mut Balance, minutes: Minutes) {
    *sum = sum.credited(minutes).unwrap_or(*sum);
}

/// Calls `each` for every entry of a bundle, in order.
fn each_entry(open: &Open<'_>, mut each: impl FnMut(u64, &[u8])) -> Result<(), BundleError> {
    let input = open().map_err(|error| BundleError::Io(error.kind()))?;
    let mut reader = Reader::open(BufReader::new(input))?;
    while let Some(section) = reader.next_section()? {
        if let Section::Chunk(chunk) = section {
            for (leaf, entry) in (chunk.from..).zip(&chunk.entries) {
                each(leaf, entry);
            }
        }
    }
    Ok(())
}

/// Makes the evidence that a signed head is not one of the log, if it convicts.
fn convict(
    open: &Open<'_>,
    own: &Audited,
    stray: Checkpoint,
    checkpoint: &Checkpoint,
) -> Option<Conviction> {
    let (_, founding) = own.founding.as_ref()?;
    let mut fold = OpeningFold::new(stray.head.size, checkpoint.head.size);
    each_entry(open, |_, entry| fold.push(tree_leaf(entry))).ok()?;
    fold.convict(founding, stray, *checkpoint)
}

fn pair_up(
    logs: &BTreeMap<CiteId, &Audited>,
    sides: &BTreeMap<(CiteId, CiteId), Side>,
) -> Vec<PairReport> {
    let ordered = sides.iter().filter(|((a, b), _)| a < b);
    ordered
        .filter_map(|((a, b), ab)| {
            let ba = sides.get(&(*b, *a))?;
            Some(pair(*a, *b, (logs.get(a)?, ab), (logs.get(b)?, ba)))
        })
        .collect()
}

fn pair(a: CiteId, b: CiteId, from_a: (&Audited, &Side), from_b: (&Audited, &Side)) -> PairReport {
    let ((log_a, ab), (log_b, ba)) = (from_a, from_b);
    let balance = |log: &Audited, of| log.peer(of).map_or(Balance::ZERO, |peer| peer.balance);
    let (a_balance, b_balance) = (balance(log_a, &b), balance(log_b, &a));
    // What waits at the receiver's door, and what the receiver said it sends back.
    let open = |out: &Side, back: &Side| {
        let waiting = if out.parted { Balance::ZERO } else { out.waiting_minutes };
        waiting.plus(back.returning_minutes).unwrap_or_default()
    };
    let (open_ab, open_ba) = (open(ab, ba), open(ba, ab));
    let sum = |of: fn(&Side) -> u64| of(ab).saturating_add(of(ba));
    let mut report = PairReport {
        a,
        b,
        state: PairState::Pass,
        a_balance,
        b_balance,
        open_ab,
        open_ba,
        transfers: sum(|side| side.transfers),
        imports: sum(|side| side.imports),
        returns: sum(|side| side.returns),
        returns_received: sum(|side| side.returns_received),
        refunds: sum(|side| if side.parted { side.waiting } else { 0 }),
        open: sum(|side| if side.parted { 0 } else { side.waiting }),
    };
    let ended = report.imports.saturating_add(report.returns).saturating_add(report.refunds);
    let (a_sent, b_sent) = (sent(log_a, &b), sent(log_b, &a));
    report.state = if ab.sent.head() != ba.taken.head() {
        PairState::Fail(PairFault::Messages { from: a })
    } else if ba.sent.head() != ab.taken.head() {
        PairState::Fail(PairFault::Messages { from: b })
    } else if ab.cursors.taken_there > a_sent {
        PairState::Older { behind: a }
    } else if ba.cursors.taken_there > b_sent {
        PairState::Older { behind: b }
    } else if a_balance.plus(b_balance) != open_ab.plus(open_ba) {
        PairState::Fail(PairFault::Balance)
    } else if report.transfers != ended.saturating_add(report.open) {
        PairState::Fail(PairFault::Totals)
    } else {
        PairState::Pass
    };
    report
}

fn sent(log: &Audited, to: &CiteId) -> u64 {
    log.peer(to).map_or(0, |peer| peer.sent)
}
