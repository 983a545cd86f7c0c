//! Fencing a copied log, and going on with it in another incarnation. A promise is durable before it is given, and
//! a copy is cut back only where a resume was checked that says so.

use proto::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::Bytes,
    entry::{Entry, Payload},
    founding::VerifiedFounding,
    ids::CiteId,
    keys::{PublicKey, SigningKey},
    order::Head,
    resume::{Fence, HeldHead, Resume, SignedFence},
    time::UnixMillis,
    wire::{Extend, decline},
};

use super::{MirrorError, MirrorLog};
use crate::{
    proof::verify_founding,
    refusal::Refusal,
    resume::{self, Place, VerifiedResume},
};

/// What a mirror answers who asks it to leave an incarnation alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fenced {
    /// It promises; the certificate is the one that the promise names.
    Promised(Box<SignedFence>, Option<Certificate>),
    /// No, for this reason; about this incarnation.
    Declined {
        /// Number of the reason ([`decline`]).
        reason: u16,
        /// The first incarnation that it may still cosign.
        at: u64,
    },
}

impl MirrorLog {
    /// Returns the incarnation up to which the copy was re-executed.
    pub fn incarnation(&self) -> u32 {
        self.fold.state().mirrors().map_or(0, |mirrors| mirrors.incarnation)
    }

    /// Returns the first incarnation that may still be cosigned.
    pub const fn below(&self) -> u32 {
        self.held.below
    }

    /// Cosigns nothing any more that this log key signed: it was convicted. The root may name another.
    pub fn freeze(&mut self, key: PublicKey) {
        if !self.frozen.contains(&key) {
            self.frozen.push(key);
        }
    }

    /// Returns whether the log key of an incarnation was convicted.
    pub(super) fn is_frozen(&self, incarnation: u32) -> bool {
        let keys = self.founding.keys_at(incarnation);
        keys.is_some_and(|keys| self.frozen.contains(&keys.log))
    }

    /// Returns whether a checkpoint's head is the one that is held, or what was re-executed leads to it. Where a later
    /// incarnation begins below what is held, a head that is not larger is not held for that.
    pub(super) fn re_executed(&self, checkpoint: &Checkpoint) -> bool {
        let Checkpoint { origin, head, .. } = *checkpoint;
        let held =
            self.held.checkpoint.is_some_and(|held| (held.origin, held.head) == (origin, head));
        held || (self.incarnation() == origin.incarnation && self.fold.head() == head)
    }

    /// Promises to cosign no incarnation before the one whose keys this founding record names: by the root at once, by
    /// the heirs when the home was silent for long enough.
    ///
    /// # Errors
    /// [`MirrorError`] when the promise could not be kept, or would say less than was cosigned; it is not given then.
    pub fn fence(
        &mut self,
        now: UnixMillis,
        signed: &Bytes,
        own: CiteId,
        mirror_key: &SigningKey,
    ) -> Result<Fenced, MirrorError> {
        self.check_word(own, mirror_key)?;
        // Where the next incarnation was seen to begin, another promise for it would only say less than was cosigned.
        let begun = self.held.below.saturating_add(u32::from(self.held.cut.is_some()));
        let least = begun.max(self.incarnation().saturating_add(1));
        let declined = |reason| Fenced::Declined { reason, at: u64::from(least) };
        let founding = match verify_founding(signed) {
            Ok(founding) if founding.cite() == self.founding.cite() => founding,
            _ => return Ok(declined(decline::SIGNATURE)),
        };
        let below = founding.incarnation();
        let other_keys = below == self.held.below && founding.keys() != self.founding.keys();
        if below < least || other_keys {
            return Ok(declined(decline::FROZEN));
        }
        // A promise that was given is given again.
        if founding.heirs().is_some() && self.held.below < below {
            if !self.is_by_heirs(&founding) {
                return Ok(declined(decline::NOT_THE_HEIRS));
            }
            let missing = self.watch(now)?;
            if missing > 0 {
                return Ok(Fenced::Declined { reason: decline::NOT_SILENT, at: missing });
            }
        }
        self.promise(founding, signed)?;
        let fence = Fence {
            cite: self.founding.cite(),
            below,
            mirror: own,
            held: self.held.checkpoint.as_ref().map(HeldHead::of),
            certified: self.held.certificate.as_ref().map(|known| {
                let checkpoint = known.checkpoint;
                (checkpoint.origin.incarnation, checkpoint.head)
            }),
        };
        let fence = SignedFence::sign(fence, &self.founding.network(), mirror_key);
        Ok(Fenced::Promised(Box::new(fence), self.held.certificate.clone()))
    }

    fn promise(&mut self, founding: VerifiedFounding, signed: &Bytes) -> Result<(), MirrorError> {
        if self.held.below < founding.incarnation() {
            self.held.below = founding.incarnation();
            self.held.founding = signed.clone();
            self.keep()?;
            self.founding = founding;
            self.watch_no_more()?;
        }
        Ok(())
    }

    /// Takes over newer keys that the root named, if a push brings them; they are kept with the next promise or
    /// cosignature.
    pub(super) fn learn_keys(&mut self, signed: &Bytes) {
        if *signed == self.held.founding {
            return;
        }
        if let Ok(founding) = verify_founding(signed)
            && founding.cite() == self.founding.cite()
            && founding.incarnation() > self.founding.incarnation()
        {
            self.founding = founding;
            self.held.founding = signed.clone();
        }
    }

    /// Returns the resume whose base the copy must be cut back to so that it can go on as `extend` says; `None`
    /// when it need not be.
    ///
    /// # Errors
    /// The [`Refusal`] of a resume that does not show why.
    pub(super) fn cut_for(&self, extend: &Extend) -> Result<Option<VerifiedResume>, Refusal> {
        if extend.from >= self.store.len() {
            return Ok(None);
        }
        let first = extend.entries.first().and_then(|bytes| Entry::decode(bytes).ok());
        let Some(Entry { payload: Payload::Resume(resume), .. }) = first else { return Ok(None) };
        if resume.base.size != extend.from {
            return Err(Refusal::ResumeBase { size: extend.from });
        }
        self.check_resume(resume).map(Some)
    }

    /// Checks a resume against the whole copy, which may go on beyond the base.
    fn check_resume(&self, resume: Box<Resume>) -> Result<VerifiedResume, Refusal> {
        let has = |head: &Head| self.store.root_at(head.size).is_ok_and(|root| root == head.root);
        let cite = self.fold.state().cite().ok_or(Refusal::Founding)?;
        let base = resume.base;
        // Only more liars among the mirrors than there may be could show this.
        let committed = self.fold.state().clock().map_or(0, |clock| clock.committed_size);
        if committed > base.size {
            return Err(Refusal::ResumeBase { size: committed });
        }
        let mirrors = self.fold.mirrors_under(base.size).cloned().ok_or(Refusal::Founding)?;
        let place = Place {
            network: cite.network,
            cite: cite.cite,
            root: &cite.root,
            mirrors: &mirrors,
            head: if has(&base) { base } else { Head::empty() },
            named: self.named_under(base.size).ok_or(Refusal::ResumeBase { size: base.size })?,
            mirrors_under: &|size| self.fold.mirrors_under(size).cloned(),
            has: &|head| head.size <= base.size && has(head),
        };
        resume::check(resume, &place)
    }

    /// Returns the size that the seal under `size` leaves names as certified.
    fn named_under(&self, size: u64) -> Option<u64> {
        let last = self.store.reader().read(size.checked_sub(1)?).ok()?;
        match Entry::decode(&last).ok()?.payload {
            Payload::Seal(seal) => Some(seal.certified_size),
            _ => None,
        }
    }

    /// Notes that only what lies below the base of a resume counts from now on. The copy is of no use until it was
    /// [reopened](MirrorLog::reopen), which cuts it.
    pub(super) fn cut_to(
        &mut self,
        resume: &VerifiedResume,
        below: u32,
    ) -> Result<(), MirrorError> {
        let base = resume.resume().base;
        let stays = |certificate: &Certificate| certificate.checkpoint.head.size <= base.size;
        if self.size() > base.size {
            self.held.checkpoint = self.newest_shown(resume.resume());
            self.held.named = resume.resume().named.clone();
        }
        self.held.cut = Some(base);
        self.held.below = self.held.below.max(below);
        // What was certified beyond the base is of a history that nobody goes on with.
        self.held.certificate = self.held.certificate.take().filter(stays);
        self.keep()?;
        self.astray = true;
        Ok(())
    }

    /// Returns the newest checkpoint below the base that the promises of a resume name. A mirror that cut its copy
    /// back and promised as if it held nothing could make a later quorum forget what it cosigned below the base; a
    /// quorum of promises names all of that which was certified.
    fn newest_shown(&self, resume: &Resume) -> Option<Checkpoint> {
        let at_base = self.fold.mirrors_under(resume.base.size)?.incarnation;
        let held = resume.fences.iter().filter_map(|fence| fence.fence.held);
        let newest =
            held.filter(|held| held.incarnation == at_base).max_by_key(|held| held.head.size)?;
        Some(newest.checkpoint(self.founding.network(), self.founding.cite()))
    }
}
