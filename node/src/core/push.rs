//! Pushing this cité's log to its mirrors, and being the mirror of others. One push is under way to each
//! mirror; what it answers decides what goes next.

use ledger::{
    home::{Cosigned, Home},
    mirror::{Extended, Fenced, MirrorLog},
    object::MirrorsState,
    proof::verify_founding,
};
use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical as _},
    entry::{Entry, Payload},
    evidence::Evidence,
    ids::CiteId,
    time::UnixMillis,
    wire::{Answer, Ask, CHUNK_BYTES_MAX, CHUNK_ENTRIES_MAX, Extend, Gossip, Sidecar, decline},
};

use super::{Asked, Core, DISK_LEAST_FOR_COPIES, PeerKey, Writer, astray::Giver};

/// How long a mirror that declined or did not answer is left alone, in milliseconds.
const TRY_AGAIN_MS: u64 = 5_000;

/// How long one that declined is left alone while nothing is sought, in milliseconds: what it does not take is
/// certified without it, so nobody waits. As soon as something is sought somebody may.
const TRY_AGAIN_AT_REST_MS: u64 = 60_000;

/// Bytes of entries and proofs in one push: an ask holds 512 KiB.
pub(super) const PUSH_BYTES_MAX: usize = CHUNK_BYTES_MAX + 128 * 1_024;

/// Answers in a row after which a mirror that holds no more than before is left alone: each costs a push of up to 512 KiB.
/// An honest one gives two, where a later incarnation begins.
const STUCK_MAX: u8 = 2;

/// A size that no log has: asks a mirror how much it holds.
const UNKNOWN: u64 = u64::MAX;

/// What is known of one mirror of this log.
#[derive(Debug, Default)]
pub(crate) struct Push {
    /// Leaves that it holds, once it said so.
    held: Option<u64>,
    /// Size of the newest checkpoint that it cosigned.
    cosigned: u64,
    /// How often in a row it said that it holds no more than it did before a push.
    stuck: u8,
    /// Whether a push is under way.
    under_way: bool,
    /// Not before this instant.
    not_before: UnixMillis,
    /// While nothing is sought, not before this one.
    not_before_at_rest: UnixMillis,
}

impl Core {
    /// Pushes to every mirror that has not cosigned what is sought and has no push under way. While nothing is
    /// sought it is the newest checkpoint: a mirror that was away when others certified it would hold less than
    /// they do until somebody pays again, and a home whose disk is lost then finds less.
    pub(crate) fn push_all(&mut self, now: UnixMillis) {
        let Writer::Signing(home) = &mut self.writer else { return };
        let sought = home.target(now);
        let target = sought.unwrap_or(*home.checkpoint());
        for mirror in home.cosigners() {
            let push = self.pushes.entry(mirror.cite).or_default();
            let rested = sought.is_some() || push.not_before_at_rest <= now;
            let idle = !push.under_way && push.not_before <= now && rested;
            if idle && push.cosigned < target.head.size {
                self.push(now, mirror.cite, &target);
            }
        }
    }

    fn push(&mut self, now: UnixMillis, mirror: CiteId, target: &Checkpoint) {
        let Some(peer) = self.neighbours.node_of(&mirror) else { return };
        let Writer::Signing(home) = &self.writer else { return };
        let held = self.pushes.get(&mirror).and_then(|push| push.held);
        let extend = match held {
            Some(held) => extend(home, held, target),
            None => Some(bare(home, UNKNOWN, target)),
        };
        let Some(extend) = extend else {
            tracing::error!("the log cannot be read for a mirror");
            return;
        };
        let under_way = self.ask(now, peer, &Ask::Extend(Box::new(extend)), Asked::Push(mirror));
        self.pushes.entry(mirror).or_default().under_way = under_way;
    }

    /// Takes in what a mirror answered to a push.
    pub(crate) fn pushed(&mut self, now: UnixMillis, mirror: CiteId, answer: Option<Answer>) {
        let push = self.pushes.entry(mirror).or_default();
        push.under_way = false;
        match answer {
            Some(Answer::Cosigned(cosignature)) if cosignature.mirror == mirror => {
                self.cosigned(now, mirror, cosignature);
            }
            Some(Answer::Holds { size, head: None, incarnation }) => {
                self.go_on(now, mirror, size, incarnation);
            }
            Some(Answer::Holds { head: Some(head), .. }) => {
                push.not_before = now.plus(TRY_AGAIN_MS);
                let record = self.founding.clone();
                self.compare_own(&record, &head, &[]);
            }
            Some(Answer::Declined { reason, at }) => {
                tracing::warn!(reason, at, "a mirror declined");
                push.held = None;
                push.not_before = now.plus(TRY_AGAIN_MS);
                push.not_before_at_rest = now.plus(TRY_AGAIN_AT_REST_MS);
                // It may hold another history, which says more about this image than that it takes nothing.
                self.ask_what_it_holds(now, mirror);
            }
            _ => {
                push.held = None;
                push.not_before = now.plus(TRY_AGAIN_MS);
            }
        }
    }

    /// Notes from where a mirror is to be pushed to: one that never saw this incarnation, from the first leaf of the
    /// one after its own on, which says what stays; it may have slept through several.
    fn go_on(&mut self, now: UnixMillis, mirror: CiteId, size: u64, incarnation: u32) {
        let Some(home) = self.home() else { return };
        let from = home.left(incarnation).map_or(size, |base| size.min(base));
        let push = self.pushes.entry(mirror).or_default();
        let further = push.held.is_none_or(|before| from > before);
        push.held = Some(from);
        push.stuck = if further { 0 } else { push.stuck.saturating_add(1) };
        if push.stuck > STUCK_MAX {
            push.stuck = 0;
            push.not_before = now.plus(TRY_AGAIN_MS);
        }
    }

    /// Forgets what was assumed about a mirror whose connection broke.
    pub(crate) fn push_again(&mut self, mirror: &CiteId) {
        self.pushes.remove(mirror);
    }

    fn cosigned(
        &mut self,
        now: UnixMillis,
        mirror: CiteId,
        cosignature: proto::checkpoint::Cosignature,
    ) {
        let Writer::Signing(home) = &mut self.writer else { return };
        let Some(target) = home.target(now) else {
            let newest = home.checkpoint().head.size;
            if home.is_cosigned_by(&cosignature) {
                return self.note_cosigned(mirror, newest);
            }
            // Of an older checkpoint, which others certified meanwhile, or with a key that is none of this log's.
            let push = self.pushes.entry(mirror).or_default();
            push.held = None;
            push.not_before = now.plus(TRY_AGAIN_MS);
            return;
        };
        let size = target.head.size;
        match home.cosigned(size, cosignature) {
            Ok(Cosigned::Idle) => {
                // Of an older checkpoint, given up meanwhile: what it covers is held all the same.
                let push = self.pushes.entry(mirror).or_default();
                push.held = None;
                push.not_before = now.plus(TRY_AGAIN_MS);
            }
            Ok(Cosigned::Counted) => self.note_cosigned(mirror, size),
            Ok(Cosigned::Certified(certificate)) => {
                self.note_cosigned(mirror, size);
                let founding = self.signed_founding.clone();
                self.publish(now, Gossip::Certificate { founding, certificate });
            }
            Err(error) => tracing::error!(%error, "a certificate could not be kept"),
        }
    }

    fn note_cosigned(&mut self, mirror: CiteId, size: u64) {
        let push = self.pushes.entry(mirror).or_default();
        push.cosigned = size;
        push.held = Some(size);
    }

    /// Takes in a push of another home, and cosigns when it is complete.
    pub(crate) fn mirror(&mut self, now: UnixMillis, peer: &PeerKey, extend: &Extend) -> Answer {
        let declined = |reason| Answer::Declined { reason, at: 0 };
        // Only the home pushes: entries of anybody else could lead a copy astray again and again.
        let home = extend.checkpoint.origin.cite;
        if self.state().peer(&home).is_none() || self.neighbours.cite_of(peer) != Some(home) {
            return declined(decline::NOT_A_MIRROR);
        }
        if !self.signed_counts(&extend.founding) {
            return declined(decline::SIGNATURE);
        }
        if let Some(told) = self.astray.told(now, home, Giver::Home) {
            return told;
        }
        // A doubtful clock cannot tell whether a seal lies in the future.
        if !matches!(self.writer, Writer::Signing(_)) || self.clock.is_doubted() {
            return declined(decline::CANNOT_WRITE);
        }
        if !self.has_room_for(extend) {
            return declined(decline::CANNOT_WRITE);
        }
        if let Err(reason) = self.ready_copy(home, &extend.founding) {
            return declined(reason);
        }
        let answer = self.extend_mirror(now, home, Giver::Home, extend);
        answer.unwrap_or_else(|| declined(decline::CANNOT_WRITE))
    }

    /// Leaves the incarnations of an ally's log alone that its root gives up, or its heirs after a long silence.
    pub(crate) fn fence(&mut self, now: UnixMillis, peer: PeerKey, signed: &Bytes) -> Answer {
        let declined = |reason| Answer::Declined { reason, at: 0 };
        // The copies of an image that was restored or copied may lack what this mirror cosigned: a promise that
        // names less would let the log go on without it.
        if !matches!(self.writer, Writer::Signing(_)) {
            return declined(decline::CANNOT_WRITE);
        }
        let Ok(founding) = verify_founding(signed) else { return declined(decline::SIGNATURE) };
        // A record goes round: only the node whose key it names asks for itself.
        if founding.keys().network != peer {
            return declined(decline::NOT_A_MIRROR);
        }
        // A doubtful clock cannot tell whether a cité was silent.
        if founding.heirs().is_some() && self.cannot_write().is_some() {
            return declined(decline::CANNOT_WRITE);
        }
        let own = self.cite();
        // What it cosigned is known, but a promise is asked again soon, and entries with it.
        if self.refills.contains_key(&founding.cite()) {
            return declined(decline::CANNOT_WRITE);
        }
        let Some(log) = self.mirrors.get_mut(&founding.cite()) else {
            return declined(decline::NOT_A_MIRROR);
        };
        match log.fence(now, signed, own, &self.keys.mirror) {
            Ok(Fenced::Promised(fence, certificate)) => {
                if founding.heirs().is_some() {
                    self.go_on_with_heirs(now, peer, signed);
                }
                Answer::Fenced { fence, certificate }
            }
            Ok(Fenced::Declined { reason, at }) => Answer::Declined { reason, at },
            Err(error) => {
                self.close_copy(founding.cite(), &error);
                declined(decline::CANNOT_WRITE)
            }
        }
    }

    /// Extends a copy with what somebody gave; `None` when this node's own disk failed.
    pub(super) fn extend_mirror(
        &mut self,
        now: UnixMillis,
        cite: CiteId,
        giver: Giver,
        extend: &Extend,
    ) -> Option<Answer> {
        let own = self.cite();
        let mirror_key = self.keys.mirror.clone();
        let mut log = self.mirrors.remove(&cite)?;
        let before = log.store().len();
        let extended = log.extend(now, extend, own, &mirror_key).and_then(|extended| {
            let astray = log.is_astray();
            // What leads to the head that the home signed is right, whoever gave it.
            let proven = matches!(extended, Extended::Convicts(_))
                || log.store().head() == extend.checkpoint.head;
            if astray {
                // What was put together may be of entries that go.
                self.forget_proofs(&cite);
                log = log.reopen()?;
            }
            Ok((extended, log, astray.then_some(proven)))
        });
        let (extended, log, astray) =
            extended.inspect_err(|error| self.close_copy(cite, error)).ok()?;
        let (here, size, incarnation) = (log.store().len(), log.size(), log.incarnation());
        self.mirrors.insert(cite, log);
        let answer = self.answer_of(now, cite, extend, extended);
        match astray {
            // Whoever gave last may be right, and goes on at once from what was cosigned.
            Some(proven) if self.astray.note(now, cite, giver, &answer, proven) => {
                return Some(Answer::Holds { size: here, head: None, incarnation });
            }
            None if here == size => self.astray.has_no_tail(&cite),
            None if here > before => self.astray.gave(cite, giver),
            Some(_) | None => {}
        }
        Some(answer)
    }

    /// Returns what whoever gave entries is told, and tells others what concerns them.
    fn answer_of(
        &mut self,
        now: UnixMillis,
        cite: CiteId,
        extend: &Extend,
        extended: Extended,
    ) -> Answer {
        match extended {
            Extended::Cosigned(cosignature) => {
                self.neighbours.note_head(cite, extend.checkpoint);
                Answer::Cosigned(cosignature)
            }
            Extended::Holds { size, incarnation } => {
                Answer::Holds { size, head: None, incarnation }
            }
            Extended::Ahead(head) => Answer::Holds {
                size: head.head.size,
                incarnation: head.origin.incarnation,
                head: Some(head),
            },
            Extended::Declined { reason, at } => {
                if reason == decline::COMPLAINT {
                    tracing::warn!(%cite, at, "not cosigned: the home does not take orders of its members");
                }
                Answer::Declined { reason, at }
            }
            Extended::Convicts(evidence) => {
                let (reason, at) = match *evidence {
                    Evidence::BadEntry { leaf, .. } => (decline::BAD_ENTRY, leaf),
                    _ => (decline::FORK, extend.checkpoint.head.size),
                };
                self.convict_and_tell(now, *evidence);
                Answer::Declined { reason, at }
            }
        }
    }

    /// Returns whether a peer may be given entries of a log: only its home and its mirrors (invariant
    /// S2), and its heirs, who ask for it; everybody else holds heads.
    pub(crate) fn may_read(&self, peer: &PeerKey, log: &CiteId) -> bool {
        if self.heirs.readers.get(peer) == Some(log) {
            return true;
        }
        let Some(asker) = self.neighbours.cite_of(peer) else { return false };
        let mirrors = if *log == self.cite() {
            self.state().mirrors()
        } else {
            self.mirrors.get(log).and_then(|copy| copy.state().mirrors())
        };
        let is_mirror = |mirrors: &MirrorsState| mirrors.names(&asker);
        asker == *log || mirrors.is_some_and(is_mirror)
    }

    /// Returns whether a peer is the node of a mirror of this cité's log.
    pub(crate) fn is_mirror_of_own(&self, peer: &PeerKey) -> bool {
        let Some(cite) = self.neighbours.cite_of(peer) else { return false };
        self.state().mirrors().is_some_and(|mirrors| mirrors.names(&cite))
    }

    /// Returns entries of a log that is held here, as its home would push them.
    pub(crate) fn range(&self, cite: &CiteId, incarnation: u32, from: u64) -> Answer {
        let extend = match self.home() {
            Some(home) if home.cite() == *cite => extend(home, from, home.checkpoint()),
            _ => match self.mirrors.get(cite) {
                Some(log) => copied(log, from),
                None => self.refills.get(cite).and_then(|refilling| refilling.cosigned(from)),
            },
        };
        // A later incarnation is news to whoever asks for an earlier one.
        let extend = extend.filter(|extend| extend.checkpoint.origin.incarnation >= incarnation);
        Answer::Entries(extend.map(Box::new))
    }

    /// Returns whether the disk takes what a push brings. One that brings nothing to a copy can be cosigned all the
    /// same; the first one makes the copy, whose space is reserved at once.
    pub(super) fn has_room_for(&self, extend: &Extend) -> bool {
        let brings_nothing =
            extend.entries.is_empty() && self.mirrors.contains_key(&extend.checkpoint.origin.cite);
        brings_nothing || self.disk_free >= DISK_LEAST_FOR_COPIES
    }
}

fn bare(home: &Home, from: u64, target: &Checkpoint) -> Extend {
    Extend {
        founding: home.founding().clone(),
        checkpoint: *target,
        from,
        entries: Vec::new(),
        certificate: None,
        sidecars: Vec::new(),
    }
}

/// Returns the next push of a home's log from a leaf on, towards a checkpoint; `None` when it cannot be
/// read.
fn extend(home: &Home, from: u64, target: &Checkpoint) -> Option<Extend> {
    let entries = home.chunk(from, target.head.size).ok()?;
    let mut extend = bare(home, from, target);
    fill(&mut extend, entries, |leaf| home.sidecar(leaf).ok().flatten());
    let last = home.entry(target.head.size.checked_sub(1)?).ok()?;
    if let Payload::Seal(seal) = last.payload {
        extend.certificate = home.certificate_of(seal.certified_size).cloned();
    }
    Some(extend)
}

/// Returns the next entries of a copied log from a leaf on.
fn copied(log: &MirrorLog, from: u64) -> Option<Extend> {
    let checkpoint = *log.checkpoint()?;
    let left = checkpoint.head.size.saturating_sub(from);
    let count = usize::try_from(left).ok()?.min(CHUNK_ENTRIES_MAX);
    let entries = match count {
        0 => Vec::new(),
        count => log.store().reader().read_range(from, count, CHUNK_BYTES_MAX).ok()?,
    };
    let mut extend = Extend {
        founding: log.signed_founding().clone(),
        checkpoint,
        from,
        entries: Vec::new(),
        certificate: log.named_certificate().cloned(),
        sidecars: Vec::new(),
    };
    fill(&mut extend, entries, |leaf| log.sidecar(leaf).ok().flatten());
    Some(extend)
}

/// Adds entries with the proofs that imports among them rest on, as far as one ask holds them.
fn fill(
    extend: &mut Extend,
    entries: Vec<Vec<u8>>,
    proof: impl Fn(u64) -> Option<proto::certificate::EntryProof>,
) {
    let mut bytes = 0_usize;
    // Entries first: numbers behind the last one are never counted, wherever somebody asked to begin.
    for (entry, leaf) in entries.into_iter().zip(extend.from..) {
        bytes = bytes.saturating_add(entry.len());
        let is_import =
            matches!(Entry::decode(&entry), Ok(Entry { payload: Payload::Import(_), .. }));
        let sidecar = is_import.then(|| proof(leaf)).flatten().map(|proof| Sidecar { leaf, proof });
        if let Some(sidecar) = &sidecar {
            bytes = bytes.saturating_add(sidecar.proof.encode().len());
        }
        if bytes > PUSH_BYTES_MAX && !extend.entries.is_empty() {
            return;
        }
        extend.entries.push(Bytes::from(entry));
        extend.sidecars.extend(sidecar);
    }
}
