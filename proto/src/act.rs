//! Acts: what a cité decides about itself, signed by stewards (or, at founding, by the root keys).
//! This file says what an act is; when one takes effect is the ledger's affair.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Bytes, Canonical, CodecError, at_most},
    founding::Rules,
    heirs::Heirs,
    ids::{CiteId, MemberId},
    keys::PublicKey,
    membership::Terms,
    minutes::Minutes,
    time::UtcDay,
};

pub use crate::membership::Level;

/// Numbers of all acts of version 1, built or not. A number is never reused.
pub mod number {
    /// Admit a person, with the Join order that the person signed.
    pub const ADMIT: u16 = 1;
    /// Suspend a card or a member.
    pub const SUSPEND: u16 = 2;
    /// Lift a suspension.
    pub const LIFT: u16 = 3;
    /// Close a membership.
    pub const LEAVE: u16 = 4;
    /// New rules.
    pub const RULES: u16 = 5;
    /// Open an account for another cité, with a line.
    pub const PEER_OPEN: u16 = 6;
    /// Change the line of a cité already opened.
    pub const LINE: u16 = 7;
    /// Choose the mirrors of this log.
    pub const MIRROR_SET: u16 = 8;
    /// Issue a card.
    pub const CARD_ISSUE: u16 = 9;
    /// Revoke a card.
    pub const CARD_REVOKE: u16 = 10;
    /// An entry for somebody without a device, marked as such.
    pub const ON_BEHALF: u16 = 11;
    /// Adopt a version of the charter.
    pub const CHARTER_ADOPT: u16 = 12;
    /// Limits of one member.
    pub const LIMITS: u16 = 13;
    /// Open a community account.
    pub const COMMUNITY_ACCOUNT: u16 = 14;
    /// Countersign hours given for a promise.
    pub const PLEDGE_COUNTERSIGN: u16 = 15;
    /// Close the cité, for good. The root keys alone; the body is empty.
    pub const CLOSE: u16 = 16;
    /// Name the heirs of the cité. The root keys alone.
    pub const HEIRS: u16 = 17;
    /// Greatest number known to version 1.
    pub const LAST: u16 = HEIRS;
}

/// Admit a person: gives the next member number and the first card, and contains the Join order, which must be
/// for this cité and not yet used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Admit {
    /// The signed Join order, as the person signed it.
    pub join: Bytes,
    /// Terms of the card.
    pub terms: Terms,
}

/// Issue a new card, which takes the place of the one before: on new terms, or because that one was lost or copied.
/// Takes back somebody who has left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardIssue {
    /// Whose card.
    pub member: MemberId,
    /// Its terms.
    pub terms: Terms,
}

/// Suspend a member, or change how long that lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Suspend {
    /// Who.
    pub member: MemberId,
    /// Last day; `None`: until it is lifted.
    pub until: Option<UtcDay>,
}

/// Lift a suspension.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lift {
    /// Whose.
    pub member: MemberId,
}

/// Close a membership. What the account holds stays there, hours or a debt, for no act moves them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leave {
    /// Who leaves.
    pub member: MemberId,
}

/// Open an account for another cité and grant it a line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerOpen {
    /// Signed founding record of the other cité.
    pub founding: Bytes,
    /// The most that the other cité may come to owe this one.
    pub line: Minutes,
}

/// Change a line, for what is not yet imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// The other cité.
    pub cite: CiteId,
    /// The most that it may come to owe this one from now on.
    pub line: Minutes,
}

/// One mirror of a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Mirror {
    /// The cité whose node mirrors the log.
    pub cite: CiteId,
    /// The key with which it cosigns.
    pub key: PublicKey,
}

/// The mirrors of a log, in rising order of their cités, each once.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MirrorSet {
    /// At most [`MirrorSet::MIRRORS_MAX`].
    pub mirrors: Vec<Mirror>,
}

impl MirrorSet {
    /// Most mirrors of one log: above seven, certificates grow faster than what they add.
    pub const MIRRORS_MAX: usize = 7;
    /// Most cosignatures that make a certificate: [`MirrorSet::quorum`] of that many.
    pub const QUORUM_MAX: usize = 5;

    /// Returns how many cosignatures make a certificate: `q = ⌈(n+f+1)/2⌉` with `f = ⌊(n−1)/3⌋`, so
    /// that two quorums share an honest mirror; 0 without mirrors, 1 2 2 3 4 4 5 for 1 to 7.
    pub fn quorum(&self) -> usize {
        match self.mirrors.len() {
            0 => 0,
            n => {
                let faulty = n.saturating_sub(1) / 3;
                n.saturating_add(faulty).saturating_add(2) / 2
            }
        }
    }

    /// Returns the key of a mirror, if the cité is one.
    pub fn key_of(&self, cite: &CiteId) -> Option<PublicKey> {
        self.mirrors.iter().find(|mirror| mirror.cite == *cite).map(|mirror| mirror.key)
    }

    fn in_order(&self) -> bool {
        self.mirrors.is_sorted_by(|a, b| a.cite < b.cite)
    }
}

/// The body of an act that this program builds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// See [`Admit`].
    Admit(Admit),
    /// New rules, with the next version number.
    Rules(Rules),
    /// See [`PeerOpen`].
    PeerOpen(PeerOpen),
    /// See [`Line`].
    Line(Line),
    /// See [`MirrorSet`].
    MirrorSet(MirrorSet),
    /// Close the cité, for good.
    Close,
    /// See [`Heirs`].
    Heirs(Heirs),
    /// See [`CardIssue`].
    CardIssue(CardIssue),
    /// See [`Suspend`].
    Suspend(Suspend),
    /// See [`Lift`].
    Lift(Lift),
    /// See [`Leave`].
    Leave(Leave),
}

impl Act {
    /// Longest body of an act in bytes: a peer opening with the longest founding record, with room to spare.
    pub const BODY_MAX: usize = 2_560;

    /// Returns the number of the kind.
    pub const fn number(&self) -> u16 {
        match self {
            Self::Admit(_) => number::ADMIT,
            Self::Rules(_) => number::RULES,
            Self::PeerOpen(_) => number::PEER_OPEN,
            Self::Line(_) => number::LINE,
            Self::MirrorSet(_) => number::MIRROR_SET,
            Self::Close => number::CLOSE,
            Self::Heirs(_) => number::HEIRS,
            Self::CardIssue(_) => number::CARD_ISSUE,
            Self::Suspend(_) => number::SUSPEND,
            Self::Lift(_) => number::LIFT,
            Self::Leave(_) => number::LEAVE,
        }
    }

    /// Returns the bytes of the body.
    pub fn body(&self) -> Vec<u8> {
        match self {
            Self::Admit(body) => body.encode(),
            Self::Rules(body) => body.encode(),
            Self::PeerOpen(body) => body.encode(),
            Self::Line(body) => body.encode(),
            Self::MirrorSet(body) => body.encode(),
            Self::Close => Vec::new(),
            Self::Heirs(body) => body.encode(),
            Self::CardIssue(body) => body.encode(),
            Self::Suspend(body) => body.encode(),
            Self::Lift(body) => body.encode(),
            Self::Leave(body) => body.encode(),
        }
    }

    /// Returns the act of a numbered kind.
    ///
    /// # Errors
    /// [`CodecError`] when the kind is not built or unknown, or the body is not canonical.
    pub fn from_body(kind: u16, body: &[u8]) -> Result<Self, CodecError> {
        match kind {
            number::ADMIT => Admit::decode(body).map(Self::Admit),
            number::RULES => Rules::decode(body).map(Self::Rules),
            number::PEER_OPEN => PeerOpen::decode(body).map(Self::PeerOpen),
            number::LINE => Line::decode(body).map(Self::Line),
            number::MIRROR_SET => MirrorSet::decode(body).map(Self::MirrorSet),
            number::CLOSE if body.is_empty() => Ok(Self::Close),
            number::CLOSE => Err(CodecError::Malformed("closing")),
            number::HEIRS => Heirs::decode(body).map(Self::Heirs),
            number::CARD_ISSUE => CardIssue::decode(body).map(Self::CardIssue),
            number::SUSPEND => Suspend::decode(body).map(Self::Suspend),
            number::LIFT => Lift::decode(body).map(Self::Lift),
            number::LEAVE => Leave::decode(body).map(Self::Leave),
            _ => Err(CodecError::Kind { what: "act", kind }),
        }
    }
}

impl Canonical for Admit {
    const NAME: &'static str = "admission";
    const MAX: usize = Act::BODY_MAX;
}

impl Canonical for PeerOpen {
    const NAME: &'static str = "peer opening";
    const MAX: usize = Act::BODY_MAX;
}

impl Canonical for Line {
    const NAME: &'static str = "line";
    const MAX: usize = 64;
}

impl Canonical for CardIssue {
    const NAME: &'static str = "card issue";
    const MAX: usize = 64;
}

impl Canonical for Suspend {
    const NAME: &'static str = "suspension";
    const MAX: usize = 64;
}

impl Canonical for Lift {
    const NAME: &'static str = "lifting";
    const MAX: usize = 64;
}

impl Canonical for Leave {
    const NAME: &'static str = "leaving";
    const MAX: usize = 64;
}

impl Canonical for MirrorSet {
    const NAME: &'static str = "mirror set";
    const MAX: usize = 512;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.mirrors.len(), Self::MIRRORS_MAX)?;
        if self.in_order() { Ok(()) } else { Err(CodecError::OutOfBounds(Self::NAME)) }
    }
}
