//! Checking a carte pirate from nothing but its bytes: who admitted whom, until when, who vouches for it,
//! and that the log's state has that member: an act that too few stewards signed admits nobody.
//! Reads no clock, no log and no network; what it cannot know is named by [`CheckedCard::not_checked`].

use proto::{
    act::{Act, Admit, Level},
    certificate::StateProof,
    codec::{Canonical as _, CodecError},
    desk::{CardProof, CardWitness},
    entry::{Entry, Payload, Seal},
    founding::VerifiedFounding,
    ids::{CiteId, MemberId, OrderId},
    minutes::Minutes,
    order::{Head, Join, RankedKey, SignedOrder, Statement},
    time::{UnixMillis, UtcDay},
};

use crate::{
    object::{MemberState, Object},
    proof::{self, ProofError, check_checkpoint, check_path, check_seal, verify_founding},
    state_tree::proved_root,
};

/// Why a card proves nothing. Everything here means damaged or forged; a card that is merely out of
/// date is a [`CheckedCard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// A signature, a path or a certificate does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A part is not well-formed.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The proved entry admits nobody.
    #[error("the proved entry is not an admission")]
    NotAnAdmission,
    /// The proved entry approves another act than the one shown, or none was shown.
    #[error("the act shown is not the one that was approved")]
    OtherAct,
    /// What was admitted is not an order to join this cité, signed by the person.
    #[error("what was admitted is not a joining of this cité")]
    NotAJoin,
    /// What is shown of the state does not lead to the state root of the seal.
    #[error("what is shown of the state is not under the seal")]
    OtherState,
    /// The state shown is not that of a member with this very admission: the act was not carried, or
    /// somebody else's slot is shown.
    #[error("the state shown is not that of who was admitted")]
    NotInForce,
}

/// How a card stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Term {
    /// Its first day has not come.
    NotYet,
    /// Good on that day.
    Valid,
    /// Its last day has passed.
    Expired,
}

/// What a card cannot tell, whoever checks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotChecked {
    /// Whether it was withdrawn after [`CheckedCard::sealed`].
    Revocation,
    /// Whether whoever shows it is the member: that takes a signed challenge.
    Holder,
    /// Whether as many stewards agreed as the rules asked for: only the home says so, for its mirrors,
    /// who decide every act again before they cosign, have not looked yet.
    Approvals,
    /// Whether anybody but the home holds the same log.
    Witnesses,
}

/// A card whose signatures and paths hold; only [`check`] makes one.
#[derive(Clone, Debug)]
pub struct CheckedCard {
    founding: VerifiedFounding,
    state: MemberState,
    entered: UnixMillis,
    leaf: u64,
    head: Head,
    sealed: UnixMillis,
    witnesses: Vec<CiteId>,
    by_root: bool,
}

impl CheckedCard {
    /// Returns the cité that admitted.
    pub const fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns who was admitted.
    pub const fn member(&self) -> MemberId {
        self.state.id
    }

    /// Returns the level of the membership.
    pub const fn level(&self) -> Level {
        self.state.level
    }

    /// Returns the first day of the card.
    pub const fn from(&self) -> UtcDay {
        self.state.from
    }

    /// Returns the last day of the card, inclusive.
    pub const fn until(&self) -> UtcDay {
        self.state.until
    }

    /// Returns the hours promised on joining.
    pub const fn pledge(&self) -> Minutes {
        self.state.pledge
    }

    /// Returns the number in the cité.
    pub const fn number(&self) -> u32 {
        self.state.number
    }

    /// Returns the keys in force under the seal.
    pub fn keys(&self) -> &[RankedKey] {
        &self.state.keys
    }

    /// Returns when the admission was entered.
    pub const fn entered(&self) -> UnixMillis {
        self.entered
    }

    /// Returns the leaf of the admission.
    pub const fn leaf(&self) -> u64 {
        self.leaf
    }

    /// Returns the head under which it was proved.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Returns the time of the seal under which the member is proved: nothing newer than this is known.
    pub const fn sealed(&self) -> UnixMillis {
        self.sealed
    }

    /// Returns the mirrors that cosigned; empty when only the home vouches.
    pub fn witnesses(&self) -> &[CiteId] {
        &self.witnesses
    }

    /// Returns how the card stands on `today`.
    pub fn term(&self, today: UtcDay) -> Term {
        match today {
            day if day < self.state.from => Term::NotYet,
            day if day > self.state.until => Term::Expired,
            _ => Term::Valid,
        }
    }

    /// Returns what this check leaves open.
    pub fn not_checked(&self) -> Vec<NotChecked> {
        let mut open = vec![NotChecked::Revocation, NotChecked::Holder];
        if self.witnesses.is_empty() {
            open.push(NotChecked::Witnesses);
            if !self.by_root {
                open.push(NotChecked::Approvals);
            }
        }
        open
    }
}

/// What stands in front of the admission: the same for both kinds of witnesses.
struct Proved {
    founding: VerifiedFounding,
    entry: Entry,
    leaf: u64,
    head: Head,
    seal: Seal,
    sealed: UnixMillis,
    witnesses: Vec<CiteId>,
}

/// Checks a card from its bytes alone: founding record, certificate or the home's checkpoint, paths, admission,
/// the Join inside that the person signed, and that the state under the seal has this member by this admission.
///
/// # Errors
/// [`CardError`].
pub fn check(card: &CardProof) -> Result<CheckedCard, CardError> {
    let proved = match &card.witness {
        CardWitness::Certified(proof) => certified(proof)?,
        CardWitness::HomeOnly { founding, entry, leaf, path, seal, seal_path, checkpoint } => {
            let founding = verify_founding(founding)?;
            check_checkpoint(&founding, checkpoint)?;
            check_path(entry, *leaf, path, &checkpoint.head)?;
            let entry = Entry::decode(entry)?;
            let (leaf, head) = (*leaf, checkpoint.head);
            let (seal, sealed) = check_seal(seal, seal_path, &head)?;
            Proved { founding, entry, leaf, head, seal, sealed, witnesses: Vec::new() }
        }
    };
    let (admit, by_root) = admission(&proved, card.act.as_deref().map(Vec::as_slice))?;
    let joined = joining(&proved.founding, &admit)?;
    let state = in_force(&proved, &admit, &joined, &card.member)?;
    Ok(CheckedCard {
        founding: proved.founding,
        state,
        entered: proved.entry.time,
        leaf: proved.leaf,
        head: proved.head,
        sealed: proved.sealed,
        witnesses: proved.witnesses,
        by_root,
    })
}

fn certified(proof: &proto::certificate::EntryProof) -> Result<Proved, CardError> {
    let proved = proof::verify(proof)?;
    Ok(Proved {
        founding: proved.founding().clone(),
        entry: proved.entry().clone(),
        leaf: proved.leaf(),
        head: proved.checkpoint().head,
        seal: *proved.seal(),
        sealed: proved.sealed(),
        witnesses: proved.signers().iter().map(|mirror| mirror.cite).collect(),
    })
}

/// Returns the admission that the proved entry makes, and whether the root keys made it.
fn admission(proved: &Proved, act: Option<&[u8]>) -> Result<(Admit, bool), CardError> {
    match (&proved.entry.payload, act) {
        (Payload::RootAct(root), None) => match &root.act {
            Act::Admit(admit) if root.cite == proved.founding.cite() => Ok((admit.clone(), true)),
            _ => Err(CardError::NotAnAdmission),
        },
        (Payload::Order(order), None) => match &order.order().statement {
            Statement::Act(Act::Admit(admit)) => Ok((admit.clone(), false)),
            Statement::Approve(_) => Err(CardError::OtherAct),
            _ => Err(CardError::NotAnAdmission),
        },
        (Payload::Order(order), Some(bytes)) => {
            let Statement::Approve(approve) = &order.order().statement else {
                return Err(CardError::OtherAct);
            };
            let act = SignedOrder::decode(bytes)?;
            if act.id() != approve.act || act.order().home != order.order().home {
                return Err(CardError::OtherAct);
            }
            match &act.order().statement {
                Statement::Act(Act::Admit(admit)) => Ok((admit.clone(), false)),
                _ => Err(CardError::NotAnAdmission),
            }
        }
        _ => Err(CardError::NotAnAdmission),
    }
}

/// Who joined, and what the joining says.
struct Joined {
    member: MemberId,
    join: Join,
}

/// Returns who joined, and with what: the first order of the person's own device, for here.
fn joining(founding: &VerifiedFounding, admit: &Admit) -> Result<Joined, CardError> {
    let signed = SignedOrder::decode(&admit.join)?;
    let order = signed.order().clone();
    let Statement::Join(join) = order.statement else { return Err(CardError::NotAJoin) };
    let first =
        order.epoch == 0 && order.lane == 0 && order.seq == 1 && order.prev == OrderId::NONE;
    let for_here = order.network == founding.network()
        && order.home == founding.cite()
        && join.record.home == founding.cite()
        && join.record.id() == order.author;
    if !first || !for_here {
        return Err(CardError::NotAJoin);
    }
    let key = join.record.device_key().ok_or(CardError::NotAJoin)?;
    key.check().and_then(|key| signed.verify(&key)).map_err(|_| CardError::NotAJoin)?;
    Ok(Joined { member: order.author, join })
}

/// Returns the member as the state under the seal has it: by this very admission, on its terms. No act of
/// version 1 changes any of them, so a difference is a lie.
fn in_force(
    proved: &Proved,
    admit: &Admit,
    joined: &Joined,
    shown: &StateProof,
) -> Result<MemberState, CardError> {
    if proved_root(shown) != Some(proved.seal.state_root) {
        return Err(CardError::OtherState);
    }
    let Object::Member(member) = Object::decode(&shown.leaf)? else {
        return Err(CardError::NotInForce);
    };
    let Joined { member: id, join } = joined;
    let admitted = member.id == *id && member.admitted == proved.leaf;
    let terms = (member.level, member.from, member.until, member.rules, member.pledge)
        == (admit.level, admit.from, admit.until, join.rules, join.pledge);
    let keys = member.epoch == 0 && member.keys == join.record.keys;
    if admitted && terms && keys { Ok(member) } else { Err(CardError::NotInForce) }
}

#[cfg(test)]
#[path = "card/tests.rs"]
mod tests;
