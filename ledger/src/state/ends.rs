//! What a state says of how a cité ends: whether it is closed, towards whom all was said, and who its heirs are.

use proto::ids::CiteId;

use super::{Slot, State};
use crate::object::{HeirsState, Object};

impl State {
    /// Returns whether the cité is closed.
    pub fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// Returns the leaf of the act that closed the cité, if it is closed.
    pub const fn closed(&self) -> Option<u64> {
        self.closed
    }

    /// Returns whether the last message between this cité and another was said.
    pub fn has_ended(&self, peer: &CiteId) -> bool {
        self.ended.contains(peer)
    }

    /// Returns the heirs of the cité and their slot, once the root named any.
    pub fn heirs(&self) -> Option<(Slot, &HeirsState)> {
        let slot = self.heirs?;
        match self.object(slot)? {
            Object::Heirs(heirs) => Some((slot, heirs)),
            _ => None,
        }
    }
}
