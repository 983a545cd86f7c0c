//! Which history a home that recovers goes on with where its mirrors hold another one than what is here: what was fetched
//! gives way to it, and so does what the home itself entered, but nothing that was certified. Nothing of the home's own is
//! deleted.

use proto::{
    act::MirrorSet,
    desk::{Obstacle, OwnBranch},
    ids::CiteId,
    order::Head,
    resume::SignedFence,
    wire::Extend,
};

use super::{
    super::{HomeError, given_up},
    Recovering,
};
use crate::{aside, refusal::Refusal, resume, state::State, store::StoreError};

/// What a home gave up that recovers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GivenUp {
    /// What others gave, which is fetched again from somebody else.
    Fetched,
    /// A branch of the home's own log that its mirrors do not hold.
    Own(OwnBranch),
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
        self.may_give_up() && self.is_held_otherwise()
    }

    /// Returns what keeps what is here from giving way to another history that mirrors hold, where something does: then
    /// whoever runs the home must act.
    ///
    /// # Errors
    /// [`HomeError`] when the disk does not say how much was set aside.
    pub fn obstacle(&self) -> Result<Option<Obstacle>, HomeError> {
        if !self.is_held_otherwise() {
            return Ok(None);
        }
        if !self.may_give_up() {
            return Ok(Some(Obstacle::Certified { size: self.certified() }));
        }
        if !self.would_give_up_own() {
            return Ok(None);
        }
        match aside::free_number(self.disk.as_ref()) {
            Ok(_) => Ok(None),
            Err(error) if error.failure.is_for_room() => Ok(Some(Obstacle::NoPlace)),
            Err(error) => Err(StoreError::from(error).into()),
        }
    }

    fn may_give_up(&self) -> bool {
        self.good > self.own || self.would_give_up_own()
    }

    /// Returns whether what would be given up is the home's own, of which a copy is set aside.
    fn would_give_up_own(&self) -> bool {
        self.good <= self.own && self.certified() < self.own
    }

    /// Returns whether no quorum is left of some set of mirrors, for they promised and hold another history.
    fn is_held_otherwise(&self) -> bool {
        let Some(mirrors) = self.mirrors() else { return false };
        let network = self.founding.network();
        let others = self.fences.values().map(|(fence, _)| fence);
        let others: Vec<&SignedFence> = others.filter(|fence| self.is_of_another(fence)).collect();
        let is_lost = |set: &MirrorSet| {
            let gone = resume::promised(set, &network, others.iter().copied());
            set.mirrors.len().saturating_sub(gone) < set.quorum()
        };
        !self.is_unsigned() && mirrors.sets().into_iter().any(is_lost)
    }

    /// Returns whether a promise names a head that is not on this branch, and will not be.
    fn is_of_another(&self, fence: &SignedFence) -> bool {
        let refused = self.check(fence, false);
        let ahead = |head: Head| head.size > self.len();
        matches!((refused, fence.fence.held), (Err(Refusal::FenceAhead { .. }), Some(held))
            if !ahead(held.head) || self.elsewhere.contains(&fence.fence.mirror))
    }

    /// Returns up to where the log that is here was certified, or where its incarnation begins: no history that a quorum
    /// of honest mirrors holds goes on without that. The floor, for what was cut named more than what is left.
    fn certified(&self) -> u64 {
        let base = self.state().and_then(State::mirrors).map_or(0, |mirrors| mirrors.base);
        self.named_size().max(base).max(self.floor)
    }

    /// Forgets all that was fetched, signed or not, so that others can be asked; where the home's own log itself leads
    /// elsewhere, what of it was not certified, of which a copy is set aside first. What was promised stays promised.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn give_up_branch(&mut self) -> Result<GivenUp, HomeError> {
        let given_up = if self.would_give_up_own() {
            let here = self.here.as_ref().ok_or(HomeError::NotRecovered)?;
            let (identity, log) = (self.founding.cite().0, here.opened.store.reader());
            let kept = self.certified();
            let own =
                given_up::set_aside(&self.disk, identity, log, kept).map_err(StoreError::from)?;
            (self.own, self.floor) = (kept, kept);
            GivenUp::Own(own)
        } else {
            GivenUp::Fetched
        };
        // Noted first: a crash before it is cut leaves what nobody signed.
        self.note(self.own)?;
        self.elsewhere.clear();
        self.named = None;
        self.give_up_unsigned()?;
        self.learn_noted()?;
        Ok(given_up)
    }
}
