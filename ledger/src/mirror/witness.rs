//! What a copy proves of those who cheat: a home that signed an entry which can stand in no log, mirrors that cosigned
//! another history or what they had promised to leave alone. Judges nothing itself: what it makes is verified as
//! anybody would.

use proto::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::Bytes,
    entry::{Entry, Payload},
    evidence::{CosignedHead, Evidence},
    founding::VerifiedFounding,
    hash::{Hash, tree_leaf},
    ids::CiteId,
    order::MemberRecord,
    resume::SignedFence,
    wire::Extend,
};

use super::{Extended, MirrorLog};
use crate::{evidence, keybook::record_in};

impl MirrorLog {
    /// Returns whether the home led the copy astray: entries were taken in that lead to no checkpoint.
    /// The copy is of no use until it was [reopened](MirrorLog::reopen).
    pub const fn is_astray(&self) -> bool {
        self.astray
    }

    /// Declines a push for what stands at a leaf of it; with evidence, where that can stand in no log.
    pub(super) fn led_astray(&mut self, extend: &Extend, reason: u16, at: u64) -> Extended {
        self.astray = true;
        match self.bad_entry(extend, at) {
            Some(evidence) => Extended::Convicts(Box::new(evidence)),
            None => Extended::Declined { reason, at },
        }
    }

    /// Returns the evidence that an entry makes with the checkpoint of a push that holds all entries up to it.
    fn bad_entry(&self, extend: &Extend, leaf: u64) -> Option<Evidence> {
        let place = usize::try_from(leaf.checked_sub(extend.from)?).ok()?;
        let bytes = extend.entries.get(place)?;
        let held = usize::try_from(self.store.len().checked_sub(extend.from)?).ok()?;
        let more = extend.entries.iter().skip(held).map(|entry| tree_leaf(entry));
        let (head, path) = self.store.path_beyond(more, leaf).ok()?;
        // Before anything is looked for: whatever is found, only this convicts, and then the home is not listened to any
        // more. Else it could have the whole copy read with every push.
        let fits = bytes.len() <= Evidence::ENTRY_MAX && path.len() <= Evidence::PATH_MAX;
        if head != extend.checkpoint.head || !fits {
            return None;
        }
        let record = self.author_of(extend, bytes);
        let founding = &self.held.founding;
        let made = evidence::bad_entry(founding, extend.checkpoint, leaf, bytes, path, record);
        made.filter(|made| evidence::verify(made).is_ok())
    }

    /// Returns the first record of an order's author, where it shows that the order is not the author's. Reads the whole
    /// log then.
    fn author_of(&self, extend: &Extend, bytes: &[u8]) -> Option<MemberRecord> {
        let order = match Entry::decode(bytes).ok()?.payload {
            Payload::Order(order) | Payload::Export { order, .. } => order,
            _ => return None,
        };
        // The record binds no other key.
        let said = Some(order.order()).filter(|said| (said.epoch, said.lane) == (0, 0))?;
        let author = said.author;
        let key = self.book.get(&author, 0, 0)?;
        if order.verify(&key).is_ok() {
            return None;
        }
        let admits = |bytes: &[u8]| {
            let entry = Entry::may_admit(bytes).then(|| Entry::decode(bytes).ok())??;
            record_in(&entry).filter(|record| record.id() == author)
        };
        if let Some(record) = extend.entries.iter().find_map(|entry| admits(entry)) {
            return Some(record);
        }
        let mut records = self.store.reader().records(0).ok()?;
        while let Some(record) = records.next_record().ok()? {
            if let Some(record) = admits(record.payload) {
                return Some(record);
            }
        }
        None
    }

    /// Returns the evidence that a certificate makes against those who cosigned it, with what is held of the log:
    /// another history that they cosigned, too, or a promise to leave the incarnation alone. `record_of` gives the
    /// founding record of a mirror, verified and as signed.
    pub fn false_witnesses<'a>(
        &self,
        certificate: &Certificate,
        record_of: impl Fn(&CiteId) -> Option<(&'a VerifiedFounding, &'a Bytes)>,
    ) -> Vec<Evidence> {
        let Checkpoint { origin, head, .. } = certificate.checkpoint;
        let twice = self.contradicted(certificate);
        let promises = self.promises(origin.incarnation);
        let mut found = Vec::new();
        for cosignature in &certificate.cosignatures {
            let mirror = cosignature.mirror;
            let Some((record, signed)) = record_of(&mirror) else { continue };
            let cosigned = CosignedHead::of(head, cosignature);
            let two = twice.as_ref().and_then(|(known, opening)| {
                let other = known.cosignatures.iter().find(|known| known.mirror == mirror)?;
                let heads = [cosigned, CosignedHead::of(known.checkpoint.head, other)];
                evidence::two_cosigned(record, signed, origin, heads, opening.clone())
            });
            let promise = promises.iter().find(|promise| promise.fence.mirror == mirror);
            let broken = promise
                .and_then(|promise| evidence::after_fence(record, signed, *promise, cosigned));
            let made = [two, broken].into_iter().flatten();
            found.extend(made.filter(|made| evidence::verify(made).is_ok()));
        }
        found
    }

    /// Returns the newest certificate of the history that is held if another one of the same incarnation, not over more
    /// leaves, is of another history; with the opening that shows it.
    fn contradicted(&self, other: &Certificate) -> Option<(&Certificate, Vec<Hash>)> {
        let known = self.certificate()?;
        let (ours, theirs) = (known.checkpoint.head, other.checkpoint.head);
        let comparable = known.checkpoint.origin == other.checkpoint.origin
            && (1..=ours.size).contains(&theirs.size)
            && self.vouches_for(&ours);
        if !comparable || self.store.root_at(theirs.size).ok()? == theirs.root {
            return None;
        }
        let opening = match theirs.size == ours.size {
            true => Vec::new(),
            false => self.store.opening(theirs.size, ours.size).ok()?,
        };
        Some((known, opening))
    }

    /// Returns the promises on which the log left an incarnation for the next one.
    fn promises(&self, incarnation: u32) -> Vec<SignedFence> {
        let resume = self
            .fold
            .state()
            .mirrors()
            .filter(|mirrors| mirrors.incarnation.checked_sub(1) == Some(incarnation))
            .and_then(|mirrors| self.store.entry(mirrors.base).ok());
        match resume.map(|entry| entry.payload) {
            Some(Payload::Resume(resume)) => resume.fences,
            _ => Vec::new(),
        }
    }
}
