//! Checking a carte pirate from nothing but its bytes: who issued it to whom, on what terms, who vouches for it,
//! and that the log's state has that member: an act that too few stewards signed issues nothing.
//! Reads no clock, no log and no network; what it cannot know is named by [`CheckedCard::not_checked`].

use proto::{
    act::{Act, Admit, CardIssue},
    card::ShortCard,
    certificate::StateProof,
    codec::{Canonical as _, CodecError},
    desk::{CardProof, CardWitness},
    entry::{Entry, Payload, Seal},
    founding::VerifiedFounding,
    ids::{CiteId, MemberId, OrderId},
    keys::PublicKey,
    membership::{Terms, Validity},
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
    /// The proved entry issues no card.
    #[error("the proved entry issues no card")]
    NotAnIssue,
    /// The proved entry approves another act than the one shown, or none was shown.
    #[error("the act shown is not the one that was approved")]
    OtherAct,
    /// What was admitted is not an order to join this cité, signed by the person.
    #[error("what was admitted is not a joining of this cité")]
    NotAJoin,
    /// What is shown of the state does not lead to the state root of the seal.
    #[error("what is shown of the state is not under the seal")]
    OtherState,
    /// The state shown is not that of a member with this very card: the act was not carried, another card took its
    /// place, or somebody else's slot is shown.
    #[error("the state shown is not that of the holder of this card")]
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
    /// Its holder is suspended.
    Suspended,
    /// Its holder has left the cité.
    Left,
}

impl Term {
    /// Returns how a card on these terms, of a membership that is held so, stands on `today`.
    pub fn of(terms: &Terms, validity: &Validity, today: UtcDay) -> Self {
        match validity {
            Validity::Left { .. } => Self::Left,
            held if !held.is_good_on(today) => Self::Suspended,
            _ if today < terms.from => Self::NotYet,
            _ if today > terms.until => Self::Expired,
            _ => Self::Valid,
        }
    }
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
    issued: UnixMillis,
    head: Head,
    sealed: UnixMillis,
    witnesses: Vec<CiteId>,
    by_root: bool,
}

impl CheckedCard {
    /// Returns the cité that issued it.
    pub const fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns whose card it is.
    pub const fn member(&self) -> MemberId {
        self.state.id
    }

    /// Returns the terms of the card.
    pub const fn terms(&self) -> Terms {
        self.state.terms
    }

    /// Returns the number of the card among the holder's, from 1.
    pub const fn serial(&self) -> u32 {
        self.state.serial
    }

    /// Returns whether the membership holds under the seal.
    pub const fn validity(&self) -> Validity {
        self.state.validity
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

    /// Returns when the card was issued.
    pub const fn issued(&self) -> UnixMillis {
        self.issued
    }

    /// Returns the leaf of the entry that issued it.
    pub const fn leaf(&self) -> u64 {
        self.state.issued
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
        Term::of(&self.state.terms, &self.state.validity, today)
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

/// Returns what a home states of a member's card, for the device that is to carry it; `None` where none holds then.
pub fn stated(
    record: &VerifiedFounding,
    member: &MemberState,
    holder: PublicKey,
    at: UnixMillis,
    today: UtcDay,
) -> Option<ShortCard> {
    let holds = Term::of(&member.terms, &member.validity, today) == Term::Valid;
    holds.then(|| ShortCard {
        version: 1,
        cite: record.cite(),
        incarnation: record.incarnation(),
        member: member.id,
        number: member.number,
        terms: member.terms,
        serial: member.serial,
        holder,
        stated: at,
    })
}

/// What stands in front of the issue: the same for both kinds of witnesses.
struct Proved {
    founding: VerifiedFounding,
    entry: Entry,
    leaf: u64,
    head: Head,
    seal: Seal,
    sealed: UnixMillis,
    witnesses: Vec<CiteId>,
}

/// Checks a card from its bytes alone: founding record, certificate or the home's checkpoint, paths, the act that
/// issued it, in a first card the Join that the person signed, and that the state under the seal has this card.
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
    let (act, by_root) = issue(&proved, card.act.as_deref().map(Vec::as_slice))?;
    let state = in_force(&proved, &act, &card.member)?;
    Ok(CheckedCard {
        founding: proved.founding,
        state,
        issued: proved.entry.time,
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

/// What issued a card.
enum Issue {
    /// The admission of its holder.
    First(Admit),
    /// An act that put it in the place of the one before.
    Next(CardIssue),
}

impl Issue {
    fn of(act: &Act) -> Result<Self, CardError> {
        match act {
            Act::Admit(admit) => Ok(Self::First(admit.clone())),
            Act::CardIssue(issue) => Ok(Self::Next(*issue)),
            _ => Err(CardError::NotAnIssue),
        }
    }
}

/// Returns what the proved entry issued, and whether the root keys did.
fn issue(proved: &Proved, act: Option<&[u8]>) -> Result<(Issue, bool), CardError> {
    match (&proved.entry.payload, act) {
        (Payload::RootAct(root), None) if root.cite == proved.founding.cite() => {
            Ok((Issue::of(&root.act)?, true))
        }
        (Payload::Order(order), None) => match &order.order().statement {
            Statement::Act(act) => Ok((Issue::of(act)?, false)),
            Statement::Approve(_) => Err(CardError::OtherAct),
            _ => Err(CardError::NotAnIssue),
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
                Statement::Act(act) => Ok((Issue::of(act)?, false)),
                _ => Err(CardError::NotAnIssue),
            }
        }
        _ => Err(CardError::NotAnIssue),
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

/// Returns the member as the state under the seal has it: with this very card, on the terms of its act. A first card
/// is of whoever signed the Join, with the number 1 and the keys of the Join.
fn in_force(proved: &Proved, act: &Issue, shown: &StateProof) -> Result<MemberState, CardError> {
    let (holder, terms, join) = match act {
        Issue::First(admit) => {
            let Joined { member, join } = joining(&proved.founding, admit)?;
            (member, admit.terms, Some(join))
        }
        Issue::Next(issue) => (issue.member, issue.terms, None),
    };
    if proved_root(shown) != Some(proved.seal.state_root) {
        return Err(CardError::OtherState);
    }
    let Object::Member(member) = Object::decode(&shown.leaf)? else {
        return Err(CardError::NotInForce);
    };
    let this = (member.id, member.issued, member.terms) == (holder, proved.leaf, terms);
    let first = join.is_none_or(|join| {
        (member.serial, member.admitted, member.epoch) == (1, proved.leaf, 0)
            && (member.rules, member.pledge) == (join.rules, join.pledge)
            && member.keys == join.record.keys
    });
    if this && first { Ok(member) } else { Err(CardError::NotInForce) }
}

#[cfg(test)]
#[path = "card/tests.rs"]
mod tests;
