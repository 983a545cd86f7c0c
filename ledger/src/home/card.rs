//! Cards: the act that issued one, and the member under a seal, below one checkpoint. The newest certified one where
//! it shows the member as is, the home's own else; whether a card holds is checked elsewhere.

use proto::{
    codec::Bytes,
    desk::{CardProof, CardWitness},
    entry::Payload,
    ids::MemberId,
    order::Statement,
};

use crate::{
    home::{Home, HomeError},
    object::MemberState,
    state::Slot,
    store::StoreError,
};

impl Home {
    /// Returns the card of a member; `None` when there is no such member, or, between a start that did not
    /// find the state under the last seal and the next seal, when it cannot be proved.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn card(&self, id: &MemberId) -> Result<Option<CardProof>, HomeError> {
        let Some((slot, member)) = self.durable.member(id) else { return Ok(None) };
        let leaf = member.issued;
        if let Some(card) = self.certified_card(slot, member)? {
            return Ok(Some(card));
        }
        let state = self.sealed.state.as_ref();
        let Some(member) = state.and_then(|state| state.prove_member(slot, id)) else {
            return Ok(None);
        };
        let checkpoint = self.sealed.checkpoint;
        let (size, last) = (checkpoint.head.size, checkpoint.head.size.saturating_sub(1));
        let witness = CardWitness::HomeOnly {
            founding: self.founding.clone(),
            entry: Bytes::from(self.entry_bytes(leaf)?),
            leaf,
            path: self.path(leaf, size)?,
            seal: Bytes::from(self.entry_bytes(last)?),
            seal_path: self.path(last, size)?,
            checkpoint: Box::new(checkpoint),
        };
        Ok(Some(CardProof { act: self.act_behind(leaf)?, witness, member }))
    }

    /// Returns the card under the newest certificate, where its issue is committed, the state under that seal is at
    /// hand, and nothing has changed about the member since: what stewards decided is not hidden behind an older seal.
    fn certified_card(
        &self,
        slot: Slot,
        member: &MemberState,
    ) -> Result<Option<CardProof>, HomeError> {
        let certified = self.certified.as_ref().filter(|(size, _)| *size == self.certified_size());
        let as_is = certified.filter(|(_, state)| state.member(slot) == Some(member));
        let Some(shown) = as_is.and_then(|(_, state)| state.prove_member(slot, &member.id)) else {
            return Ok(None);
        };
        let Some(proof) = self.prove(member.issued)? else { return Ok(None) };
        let witness = CardWitness::Certified(Box::new(proof));
        Ok(Some(CardProof { act: self.act_behind(member.issued)?, witness, member: shown }))
    }

    /// Returns the act that an approval completed, where the entry is an approval.
    fn act_behind(&self, leaf: u64) -> Result<Option<Bytes>, StoreError> {
        let Payload::Order(order) = self.entry(leaf)?.payload else { return Ok(None) };
        let Statement::Approve(approve) = &order.order().statement else { return Ok(None) };
        let Some(proposed) = self.leaf_of(&approve.act) else { return Ok(None) };
        Ok(match self.entry(proposed)?.payload {
            Payload::Order(act) => Some(Bytes::from(act.bytes().to_vec())),
            _ => None,
        })
    }
}
