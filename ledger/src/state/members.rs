//! What a state says of members: who they are, and what their accounts hold, which are slots of their own.

use proto::{ids::MemberId, keys::PublicKey, minutes::Balance};

use super::{Slot, State};
use crate::object::{AccountState, MemberState, Object};

impl State {
    /// Returns a member and its slot.
    pub fn member(&self, id: &MemberId) -> Option<(Slot, &MemberState)> {
        let slot = *self.members.get(id)?;
        self.member_at(slot).map(|member| (slot, member))
    }

    /// Returns a member's account and its slot.
    pub fn account(&self, owner: &MemberId) -> Option<(Slot, &AccountState)> {
        let slot = *self.accounts.get(owner)?;
        match self.object(slot)? {
            Object::Account(account) => Some((slot, account)),
            _ => None,
        }
    }

    /// Returns where a member's account stands.
    pub fn balance(&self, owner: &MemberId) -> Option<Balance> {
        self.account(owner).map(|(_, account)| account.balance)
    }

    /// Returns the member with a number.
    pub fn numbered(&self, number: u32) -> Option<&MemberState> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.member_at(*self.numbers.get(place)?)
    }

    /// Returns all members in the order of their numbers.
    pub fn members(&self) -> impl Iterator<Item = &MemberState> {
        self.numbers.iter().filter_map(|slot| self.member_at(*slot))
    }

    /// Returns the key of a member's device, if the key set and the device are in force.
    pub fn device_key(&self, member: &MemberId, epoch: u32, lane: u16) -> Option<PublicKey> {
        let (_, member) = self.member(member)?;
        (member.epoch == epoch).then_some(())?;
        member.key(lane)
    }

    pub(super) fn member_at(&self, slot: Slot) -> Option<&MemberState> {
        match self.object(slot)? {
            Object::Member(member) => Some(member),
            _ => None,
        }
    }
}
