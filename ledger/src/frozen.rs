//! The state as it was at a seal, for proofs under that seal's root once the log has moved on. Shares every
//! object that did not change since with the state that it was taken from; itself it never changes.

use std::sync::Arc;

use proto::{certificate::StateProof, codec::Canonical as _, hash::Hash, ids::MemberId};

use crate::{
    object::{MemberState, Object},
    state::{MIRRORS, Slot, State},
    state_tree::StateTree,
};

/// A state under a root. Only [`State::freeze`] and [`FrozenState::before`] make one.
#[derive(Clone)]
pub struct FrozenState {
    root: Hash,
    slots: Vec<Option<Arc<Object>>>,
    tree: StateTree,
}

impl core::fmt::Debug for FrozenState {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FrozenState").field("root", &self.root).finish_non_exhaustive()
    }
}

impl FrozenState {
    /// `tree` must be settled: `root` was its answer.
    pub(crate) const fn new(root: Hash, slots: Vec<Option<Arc<Object>>>, tree: StateTree) -> Self {
        Self { root, slots, tree }
    }

    /// Returns the root of all slots.
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// Returns the proof of the keys and mirrors in force.
    pub fn prove_mirrors(&self) -> Option<StateProof> {
        self.prove(MIRRORS)
    }

    /// Returns the member of a slot.
    pub fn member(&self, slot: Slot) -> Option<&MemberState> {
        match self.slots.get(slot)?.as_deref()? {
            Object::Member(member) => Some(member),
            _ => None,
        }
    }

    /// Returns the proof of a member, by the slot that it has for ever; `None` when it was not admitted
    /// yet.
    pub fn prove_member(&self, slot: Slot, id: &MemberId) -> Option<StateProof> {
        match self.slots.get(slot)?.as_deref()? {
            Object::Member(member) if member.id == *id => self.prove(slot),
            _ => None,
        }
    }

    fn prove(&self, slot: Slot) -> Option<StateProof> {
        let bytes = self.slots.get(slot)?.as_deref()?.encode();
        self.tree.prove_settled(slot, &bytes)
    }

    /// Returns the slots, as they were here, that a seal changed: `after` is the state that the seal
    /// left. A seal adds none.
    pub(crate) fn unlike(&self, after: &State) -> Vec<(u64, Option<Object>)> {
        let both = self.slots.iter().zip(after.slots()).enumerate();
        both.filter(|(_, (old, new))| match (old, new) {
            (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
            (None, None) => false,
            _ => true,
        })
        .filter_map(|(slot, (old, _))| Some((u64::try_from(slot).ok()?, old.as_deref().cloned())))
        .collect()
    }

    /// Returns the state before a seal: `after`, with the slots of [`FrozenState::unlike`] put back. For
    /// a start from a snapshot, where only the state after the seal is at hand: only homes have those.
    #[cfg(feature = "index")]
    pub(crate) fn before(after: &mut State, seal: &[(u64, Option<Object>)]) -> Self {
        let mut frozen = after.freeze();
        for (slot, object) in seal {
            let Ok(slot) = Slot::try_from(*slot) else { continue };
            let Some(place) = frozen.slots.get_mut(slot) else { continue };
            *place = object.clone().map(Arc::new);
            frozen.tree.set(slot, object.as_ref().map(|object| object.encode()).as_deref());
        }
        frozen.root = frozen.tree.root();
        frozen
    }
}
