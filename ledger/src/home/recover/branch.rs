//! Which history a home that recovers goes on with where its mirrors hold another one than what is here: what was fetched
//! gives way to it, and so does what the home itself entered, but nothing that was certified. Nothing of the home's own is
//! deleted.

use std::sync::Arc;

use proto::{
    act::MirrorSet,
    hash::Hash,
    ids::CiteId,
    order::Head,
    resume::SignedFence,
    wire::{CHUNK_BYTES_MAX, CHUNK_ENTRIES_MAX, Extend},
};

use super::{super::HomeError, Recovering};
use crate::{
    aside,
    disk::Disk,
    refusal::Refusal,
    resume,
    segments::{Record, Segments, SegmentsError, SegmentsReader},
    state::State,
    store::StoreError,
};

/// What a home gave up that recovers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GivenUp {
    /// What others gave, which is fetched again from somebody else.
    Fetched,
    /// A branch of the home's own log that its mirrors do not hold.
    Own {
        /// Leaves that stay.
        kept: u64,
        /// Leaves that were here.
        of: u64,
        /// Where the log as it was is kept, within the node's directory.
        aside: String,
    },
}

impl Recovering {
    /// Takes note that what a mirror holds does not follow here, where it gave something and it was not taken.
    pub fn leads_elsewhere(&mut self, mirror: CiteId, given: &Extend) {
        let is_mirror = self.mirrors().is_some_and(|mirrors| mirrors.names(&mirror));
        let follows = given.from == self.len() && !given.entries.is_empty();
        if is_mirror && follows && !self.is_unsigned() {
            self.elsewhere.insert(mirror);
        }
    }

    /// Returns whether so many mirrors promised and hold another history that no quorum is left for the one that is here,
    /// signed though it is, and some of it can be given up. Whoever stole a log key signs one with it, and may be asked
    /// first; a machine that was set back with no mirror in reach signed one itself.
    pub fn is_contradicted(&self) -> bool {
        let Some(mirrors) = self.mirrors() else { return false };
        let network = self.founding.network();
        let others = self.fences.values().map(|(fence, _)| fence);
        let others: Vec<&SignedFence> = others.filter(|fence| self.is_of_another(fence)).collect();
        let is_lost = |set: &MirrorSet| {
            let gone = resume::promised(set, &network, others.iter().copied());
            set.mirrors.len().saturating_sub(gone) < set.quorum()
        };
        let may_go = self.good > self.own || self.own > self.certified();
        may_go && !self.is_unsigned() && mirrors.sets().into_iter().any(is_lost)
    }

    /// Returns whether a promise names a head that is not on this branch, and will not be.
    fn is_of_another(&self, fence: &SignedFence) -> bool {
        let refused = self.check(fence, false);
        let ahead = |head: Head| head.size > self.len();
        matches!((refused, fence.fence.held), (Err(Refusal::FenceAhead { .. }), Some(held))
            if !ahead(held.head) || self.elsewhere.contains(&fence.fence.mirror))
    }

    /// Returns up to where the log that is here was certified, or where its incarnation begins: no history that a quorum
    /// of honest mirrors holds goes on without that.
    fn certified(&self) -> u64 {
        let base = self.state().and_then(State::mirrors).map_or(0, |mirrors| mirrors.base);
        self.named_size().max(base)
    }

    /// Forgets all that was fetched, signed or not, so that others can be asked; where the home's own log itself leads
    /// elsewhere, what of it was not certified, of which a copy is set aside first. What was promised stays promised.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn give_up_branch(&mut self) -> Result<GivenUp, HomeError> {
        let (kept, of) = (self.certified(), self.own);
        let given_up = if self.good > of || kept >= of {
            GivenUp::Fetched
        } else {
            let aside = self.copy_aside()?;
            self.own = kept;
            GivenUp::Own { kept, of, aside }
        };
        // Noted first: a crash before it is cut leaves what nobody signed.
        self.note(self.own)?;
        self.elsewhere.clear();
        self.named = None;
        self.give_up_unsigned()?;
        self.learn_noted()?;
        Ok(given_up)
    }

    /// Copies the log as it is beside what was damaged, and returns where it is. One that a crash left half copied stays.
    fn copy_aside(&self) -> Result<String, HomeError> {
        let here = self.here.as_ref().ok_or(HomeError::NotRecovered)?;
        let place = aside::free_place(self.disk.as_ref()).map_err(StoreError::from)?;
        self.disk.create_dir(&place).map_err(StoreError::from)?;
        let identity = self.founding.cite().0;
        copy(&self.disk, here.opened.store.reader(), &format!("{place}/log"), identity)
            .map_err(StoreError::from)?;
        Ok(place)
    }
}

fn copy(
    disk: &Arc<dyn Disk>,
    from: &SegmentsReader,
    to: &str,
    identity: Hash,
) -> Result<(), SegmentsError> {
    let mut copy = Segments::create_new(Arc::clone(disk), to, identity)?;
    while copy.len() < from.len() {
        let entries = from.read_range(copy.len(), CHUNK_ENTRIES_MAX, CHUNK_BYTES_MAX)?;
        let records: Vec<Record<'_>> = entries.iter().map(|entry| Record::of(entry)).collect();
        if records.is_empty() {
            break;
        }
        copy.append(&records)?;
        copy.sync()?;
    }
    Ok(())
}
