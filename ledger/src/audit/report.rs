//! What an audit found, as values: checks, faults, reservations, verdicts. Says nothing in any language.

use proto::{
    founding::Founding, hash::Hash, ids::CiteId, minutes::Balance, order::Head, time::UnixMillis,
};

use super::AuditFault;
use crate::evidence::Conviction;

/// The one word of an audit; its number is the exit code of the command line. In rising order of gravity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// All holds, and a quorum of mirrors that the auditor trusts cosigned.
    Witnessed,
    /// All holds; some trusted mirrors cosigned, fewer than a quorum.
    Minority,
    /// All holds; no trusted mirror cosigned, or a reservation under `strict`.
    FewWitnesses,
    /// All holds, and nothing was brought to anchor it.
    Unanchored,
    /// A log key signed two histories.
    TwoHistories,
    /// Damaged, or a signature, the chain, a rule or a balance does not hold.
    Invalid,
}

impl Verdict {
    /// Returns the number: 0, 10, 11, 20, 30 or 40.
    pub const fn number(self) -> u8 {
        match self {
            Self::Witnessed => 0,
            Self::FewWitnesses => 10,
            Self::Minority => 11,
            Self::Unanchored => 20,
            Self::TwoHistories => 30,
            Self::Invalid => 40,
        }
    }
}

/// Something that was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckKind {
    /// The digest at the end, and the form of the file.
    Bytes,
    /// The founding record: root signatures, keys, identity.
    Founding,
    /// Signatures of people and root keys.
    Signatures,
    /// Entries in their places under the root that the log key signed.
    Chain,
    /// The rules of the cité, decided again for every entry.
    Rules,
    /// State roots, computed again for every seal.
    StateRoots,
    /// The sum of all accounts, at every entry.
    ZeroSum,
    /// Proofs that what came from other cités was committed there.
    Imports,
    /// Cosignatures of mirrors.
    Witnesses,
    /// Other histories signed by the same key.
    Forks,
}

impl CheckKind {
    /// Every check, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Bytes,
        Self::Founding,
        Self::Signatures,
        Self::Chain,
        Self::Rules,
        Self::StateRoots,
        Self::ZeroSum,
        Self::Imports,
        Self::Witnesses,
        Self::Forks,
    ];
}

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckState {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// The audit stopped before, at a fault of another kind.
    NotReached,
}

/// One check of one bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Check {
    /// What was looked at.
    pub kind: CheckKind,
    /// How it ended.
    pub state: CheckState,
    /// How many of it were looked at, in the unit of the kind: bytes, root signatures, signed entries,
    /// entries, entries, seals, entries, imports, cosignatures, signed heads.
    pub count: u64,
}

/// What a log says about itself, as far as it was verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogFacts {
    /// The cité.
    pub cite: CiteId,
    /// Its founding record.
    pub founding: Founding,
    /// The signed head.
    pub head: Head,
    /// Entries verified.
    pub entries: u64,
    /// Time of the first entry.
    pub from: UnixMillis,
    /// Time of the last entry verified.
    pub to: UnixMillis,
    /// Members.
    pub members: u32,
    /// Sum of all accounts.
    pub sum: Balance,
    /// Sum of the accounts of members and commons.
    pub people: Balance,
    /// Cités with an account here: identity, short name, balance.
    pub peers: Vec<(CiteId, String, Balance)>,
    /// Who cosigned.
    pub witnesses: Witnesses,
}

/// Who cosigned a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Witnesses {
    /// Mirrors of the log under the newest certificate, else under its last seal.
    pub known: usize,
    /// Cosignatures in the newest certificate.
    pub cosigned: usize,
    /// Those by mirrors that the auditor trusts, under the key that the auditor trusts.
    pub trusted: usize,
    /// Cosignatures needed.
    pub need: usize,
    /// Size of the newest certificate.
    pub certified_size: u64,
    /// Entries other than seals behind it.
    pub uncertified: u64,
}

/// What does not make a bundle wrong and should be known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reserve {
    /// Hours of this network do not count: a rehearsal.
    TestNetwork,
    /// The anchors name witnesses, and not this cité: whether it is the one that was meant, nobody said.
    NotAnchored,
    /// The log has no mirrors.
    NoMirrors,
    /// Entries other than seals that no certificate covers yet.
    Uncertified {
        /// How many.
        entries: u64,
    },
    /// The bundle knows of two histories that another cité signed.
    EvidenceElsewhere {
        /// That cité.
        cite: CiteId,
    },
    /// This bundle is older than what another one has already received from it.
    Older {
        /// The cité that is ahead.
        than: CiteId,
    },
}

/// What no bundle can show, or what was not brought.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NotChecked {
    /// Whether the services took place.
    ServiceReality,
    /// Who the members are.
    CivilIdentity,
    /// Texts, which are kept outside the log.
    Texts,
    /// Times, beyond their order and what mirrors saw of them.
    Clocks,
    /// The certificates that seals name: a bundle holds the newest alone.
    Named,
    /// Mirrors: there was no anchor.
    Witnesses,
    /// What the logs of other cités say, whose bundles were not brought.
    OtherLogs,
    /// Signed heads, more than are remembered at once, against those that were read after them.
    Heads {
        /// How many.
        left_out: u64,
    },
}

/// One bundle's part of the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BundleReport {
    /// The verdict on it alone.
    pub verdict: Verdict,
    /// Its bytes, as far as they could be read.
    pub bytes: u64,
    /// The digest at its end, when it is the right one.
    pub digest: Option<Hash>,
    /// What the log says about itself; `None` when that could not be read.
    pub log: Option<LogFacts>,
    /// All checks.
    pub checks: Vec<Check>,
    /// What is wrong, first in the order of the log.
    pub fault: Option<AuditFault>,
    /// What should be known.
    pub reserves: Vec<Reserve>,
}

/// Two cités against each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PairReport {
    /// One cité.
    pub a: CiteId,
    /// The other.
    pub b: CiteId,
    /// How it ended.
    pub state: PairState,
    /// `peer:B` in A's log.
    pub a_balance: Balance,
    /// `peer:A` in B's log.
    pub b_balance: Balance,
    /// Minutes under way from A to B: sent, and neither imported there nor returned here.
    pub open_ab: Balance,
    /// Minutes under way from B to A.
    pub open_ba: Balance,
    /// Transfers sent, both ways.
    pub transfers: u64,
    /// Transfers that were imported.
    pub imports: u64,
    /// Transfers that were sent back.
    pub returns: u64,
    /// Those whose hours the payer has again.
    pub returns_received: u64,
    /// Transfers that were given back because the other cité is closed and never took them in.
    pub refunds: u64,
    /// Transfers under way.
    pub open: u64,
}

/// How a comparison of two logs ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PairState {
    /// Everything fits.
    Pass,
    /// It does not.
    Fail(PairFault),
    /// Messages fit as far as both bundles go, but one is older than what the other has received from
    /// it, so that balances cannot be compared.
    Older {
        /// The cité whose bundle is older.
        behind: CiteId,
    },
}

/// What does not fit between two logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PairFault {
    /// One imported something else than the other sent.
    Messages {
        /// The sender.
        from: CiteId,
    },
    /// `peer_A[B] + peer_B[A] ≠ open(A→B) + open(B→A)`.
    Balance,
    /// Transfers are not imports, returns, refunds and open ones together.
    Totals,
}

/// Sums over all logs that were audited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NetworkTotals {
    /// Members and commons of all cités.
    pub people: Balance,
    /// Hours under way between them.
    pub open: Balance,
    /// What they owe (positive) cités whose bundles were not brought.
    pub outside: Balance,
    /// All of it together: 0.
    pub sum: Balance,
}

/// What an audit found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The gravest of all verdicts.
    pub verdict: Verdict,
    /// Bundle by bundle, in the order in which they were brought.
    pub bundles: Vec<BundleReport>,
    /// Pairs of cités whose bundles were both brought.
    pub pairs: Vec<PairReport>,
    /// Sums over all logs; `None` when one of them is invalid, or bundles are of different moments.
    pub network: Option<NetworkTotals>,
    /// Evidence of two histories.
    pub convictions: Vec<Conviction>,
    /// What was not checked.
    pub not_checked: Vec<NotChecked>,
}

impl Report {
    /// Returns how many signed heads were not held against all the others.
    pub fn heads_left_out(&self) -> u64 {
        let left_out = self.not_checked.iter().map(|what| match what {
            NotChecked::Heads { left_out } => *left_out,
            _ => 0,
        });
        left_out.sum()
    }
}
