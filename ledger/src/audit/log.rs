//! One bundle by itself: its bytes, its founding record, every entry replayed as a mirror would, the
//! checkpoint, the certificate and the note. Stops at the first fault in the order of the log.

use std::{
    collections::BTreeMap,
    io::{BufReader, Read},
};

use proto::{
    act::Mirror,
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical as _},
    evidence::Party,
    founding::VerifiedFounding,
    hash::Hash,
    ids::CiteId,
    keys::PublicKey,
    minutes::Balance,
    time::UnixMillis,
};

use super::{
    CheckKind, Open, Progress,
    forks::Heads,
    reading::{Kinds, Reading, Seen},
};
use crate::{
    bundle::{self, BundleError, Chunk, Reader, Section, Witnessed},
    evidence::{Conviction, EvidenceError},
    fold::{Fault, FaultKind, Fold},
    keybook::KeyBook,
    object::{MirrorsState, Object, PeerState},
    proof::{ProofError, check_checkpoint, verify_founding},
    refusal::Refusal,
    replay,
    state_tree::proved_root,
};

/// Bytes of a bundle read at once.
const READ_BYTES: usize = 256 * 1_024;

/// What is wrong with a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// Its bytes.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Its founding record.
    #[error(transparent)]
    Founding(ProofError),
    /// The checkpoint is of another log, or not signed by its key.
    #[error("the checkpoint is not one that the log key signed")]
    Checkpoint,
    /// An entry.
    #[error(transparent)]
    Entry(#[from] Fault),
    /// The proof of an import is missing or proves something else.
    #[error("the import at entry {leaf} is not proved")]
    Import {
        /// The import.
        leaf: u64,
    },
    /// The entries lead to another head than the one that was signed.
    #[error("the {entries} entries do not lead to the signed root")]
    Root {
        /// How many there were.
        entries: u64,
    },
    /// The certificate does not certify, or its proof of the mirrors is not that of the log.
    #[error(transparent)]
    Certificate(ProofError),
    /// The note says something else than checkpoint and certificate.
    #[error("the note says something else than the bundle")]
    Note,
    /// Evidence in it convicts nobody.
    #[error(transparent)]
    Evidence(EvidenceError),
}

impl AuditFault {
    /// Returns the entry at fault, when it is one.
    pub const fn leaf(&self) -> Option<u64> {
        match self {
            Self::Entry(Fault { leaf, .. }) | Self::Import { leaf } => Some(*leaf),
            _ => None,
        }
    }

    /// Returns the check that fails.
    pub const fn check(&self) -> CheckKind {
        match self {
            Self::Bundle(_) => CheckKind::Bytes,
            Self::Founding(_) => CheckKind::Founding,
            Self::Checkpoint | Self::Root { .. } => CheckKind::Chain,
            Self::Import { .. } => CheckKind::Imports,
            Self::Certificate(_) | Self::Note => CheckKind::Witnesses,
            Self::Evidence(_) => CheckKind::Forks,
            Self::Entry(Fault { kind, .. }) => match kind {
                FaultKind::Founding(_) => CheckKind::Founding,
                FaultKind::StateRoot => CheckKind::StateRoots,
                FaultKind::Sum => CheckKind::ZeroSum,
                FaultKind::Codec(_) | FaultKind::Seal => CheckKind::Chain,
                FaultKind::Refused(
                    Refusal::BadSignature
                    | Refusal::RequestSignature
                    | Refusal::JoinSignature
                    | Refusal::RootSignature,
                ) => CheckKind::Signatures,
                FaultKind::Refused(_) | FaultKind::Time | FaultKind::Assigned => CheckKind::Rules,
            },
        }
    }
}

/// A bundle as far as it could be audited by itself.
#[derive(Default)]
pub(super) struct Audited {
    pub(super) bytes: u64,
    pub(super) digest: Option<Hash>,
    pub(super) founding: Option<(VerifiedFounding, Bytes)>,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) witnessed: Option<Witnessed>,
    /// Mirrors under the certificate, else under the last seal.
    pub(super) mirrors: Option<MirrorsState>,
    /// Who signed the certificate, each with the key that it signed with.
    pub(super) signers: Vec<Mirror>,
    pub(super) kinds: Kinds,
    /// Entries other than seals behind the certificate.
    pub(super) uncertified: u64,
    pub(super) from: UnixMillis,
    pub(super) to: UnixMillis,
    pub(super) members: u32,
    pub(super) sum: Balance,
    pub(super) people: Balance,
    pub(super) peers: Vec<PeerState>,
    /// Mirror keys of founding records that were seen and verified in it.
    pub(super) mirror_keys: BTreeMap<CiteId, PublicKey>,
    evidence: Vec<Conviction>,
    pub(super) fault: Option<AuditFault>,
}

impl Audited {
    /// Returns whether all of it holds by itself.
    pub(super) fn holds(&self) -> bool {
        self.fault.is_none()
    }

    /// Returns the evidence that the bundle brought.
    pub(super) fn known_evidence(&self) -> &[Conviction] {
        &self.evidence
    }

    /// Returns the cité and its checkpoint when all holds.
    pub(super) fn sound(&self) -> Option<(CiteId, &Checkpoint)> {
        let (founding, _) = self.founding.as_ref().filter(|_| self.holds())?;
        Some((founding.cite(), self.checkpoint.as_ref()?))
    }

    /// Returns whose key signed its checkpoint.
    pub(super) fn signer(&self) -> Option<Party> {
        let (founding, _) = self.founding.as_ref()?;
        let keys = founding.keys_at(self.checkpoint?.origin.incarnation)?;
        Some(Party::Log { cite: founding.cite(), key: keys.log })
    }

    /// Returns what another cité stands at here.
    pub(super) fn peer(&self, cite: &CiteId) -> Option<&PeerState> {
        self.peers.iter().find(|peer| peer.cite == *cite)
    }
}

/// Audits one bundle; what its signed heads say goes into `heads`.
pub(super) fn audit(open: &Open<'_>, heads: &mut Heads, progress: &Progress<'_>) -> Audited {
    heads.begin();
    let mut audited = Audited::default();
    let done = run(&mut audited, open, heads, progress);
    audited.fault = done.err();
    audited
}

fn run(
    audited: &mut Audited,
    open: &Open<'_>,
    heads: &mut Heads,
    progress: &Progress<'_>,
) -> Result<(), AuditFault> {
    let opened = || open().map_err(|error| BundleError::Io(error.kind()));
    let (bytes, digest) = bundle::check_digest(opened()?)?;
    audited.bytes = bytes;
    audited.digest = Some(digest);
    let mut reader = Reader::open(BufReader::with_capacity(READ_BYTES, opened()?))?;
    let (note, first) = read_front(audited, &mut reader)?;
    let mut fold = Fold::default();
    let replayed = replay_entries(audited, reader, first, &mut fold, heads, progress);
    describe(audited, &fold);
    finish(audited, &note, replayed?, &fold, heads)
}

/// Reads what stands before the entries; returns the note and the first chunk.
fn read_front<R: Read>(
    audited: &mut Audited,
    reader: &mut Reader<R>,
) -> Result<(String, Chunk), AuditFault> {
    let mut note = String::new();
    while let Some(section) = reader.next_section()? {
        match section {
            Section::Founding(bytes) => {
                let founding = verify_founding(&bytes).map_err(AuditFault::Founding)?;
                audited.mirror_keys.insert(founding.cite(), founding.keys().mirror);
                audited.founding = Some((founding, bytes));
            }
            Section::Checkpoint(checkpoint) => {
                let (founding, _) = audited.founding.as_ref().ok_or(AuditFault::Checkpoint)?;
                check_head(founding, &checkpoint)?;
                audited.checkpoint = Some(checkpoint);
            }
            Section::Witnessed(witnessed) => audited.witnessed = Some(*witnessed),
            Section::Note(text) => note = text,
            Section::Chunk(chunk) => return Ok((note, chunk)),
            Section::Evidence(_) | Section::End(_) => break,
        }
    }
    Err(AuditFault::Root { entries: 0 })
}

/// Checks that the log key of a cité signed a head of its log.
fn check_head(founding: &VerifiedFounding, checkpoint: &Checkpoint) -> Result<(), AuditFault> {
    check_checkpoint(founding, checkpoint).map_err(|_| AuditFault::Checkpoint)
}

/// Verifies and executes all entries; returns the state root of the certified seal.
fn replay_entries<R: Read + Send>(
    audited: &mut Audited,
    reader: Reader<R>,
    first: Chunk,
    fold: &mut Fold,
    heads: &mut Heads,
    progress: &Progress<'_>,
) -> Result<Option<Hash>, AuditFault> {
    let (founding, _) = audited.founding.as_ref().ok_or(AuditFault::Checkpoint)?;
    let certified = audited.witnessed.as_ref();
    let mut reading = Reading {
        reader,
        founding,
        next: Some(first),
        size: audited.checkpoint.map_or(0, |checkpoint| checkpoint.head.size),
        certified: certified.map_or(0, |w| w.certificate.checkpoint.head.size),
        heads,
        progress,
        seen: Seen::default(),
        pending: None,
    };
    let replayed = replay::replay_all(fold, &mut KeyBook::default(), || reading.next_batch());
    let Seen { kinds, uncertified, certified_root, from, evidence, mirror_keys } = reading.seen;
    audited.kinds = kinds;
    audited.uncertified = uncertified;
    audited.from = from;
    audited.evidence = evidence;
    audited.mirror_keys.extend(mirror_keys);
    replayed.map(|()| certified_root)
}

/// Notes what the state says where the replay ended.
fn describe(audited: &mut Audited, fold: &Fold) {
    let state = fold.state();
    audited.to = state.clock().map(|clock| clock.time).unwrap_or_default();
    audited.members = state.cite().map_or(0, |cite| cite.members);
    audited.sum = state.sum().unwrap_or_default();
    audited.peers = state.peers().cloned().collect();
    let owed = audited.peers.iter().try_fold(Balance::ZERO, |sum, peer| sum.plus(peer.balance));
    let people = owed.and_then(Balance::negated).and_then(|owed| owed.plus(audited.sum));
    audited.people = people.unwrap_or_default();
    for peer in &audited.peers {
        // The record that opened the account was verified with the entry; a later key is not in it.
        audited.mirror_keys.entry(peer.cite).or_insert(peer.mirror_key);
    }
}

/// Compares what the entries led to with what was signed, cosigned and written.
fn finish(
    audited: &mut Audited,
    note: &str,
    certified_root: Option<Hash>,
    fold: &Fold,
    heads: &mut Heads,
) -> Result<(), AuditFault> {
    let entries = fold.frontier().size();
    let checkpoint = audited.checkpoint.ok_or(AuditFault::Checkpoint)?;
    // The head in the state is that of the last seal: the log must end with one.
    let ends = fold.state().clock().is_some_and(|clock| clock.head == checkpoint.head);
    let incarnation = fold.state().mirrors().map(|mirrors| mirrors.incarnation);
    let ends = ends && incarnation == Some(checkpoint.origin.incarnation);
    if fold.head() != checkpoint.head || !ends {
        return Err(AuditFault::Root { entries });
    }
    let (founding, signed) = audited.founding.as_ref().ok_or(AuditFault::Checkpoint)?;
    if fold.state().cite().map(|cite| cite.cite) != Some(founding.cite()) {
        return Err(AuditFault::Checkpoint);
    }
    heads.learn_own(signed, checkpoint);
    audited.mirrors = fold.state().mirrors().cloned();
    if let Some(witnessed) = &audited.witnessed {
        let (mirrors, signers) = check_certificate(founding, witnessed, certified_root, fold)?;
        audited.mirrors = Some(mirrors);
        audited.signers = signers;
        heads.learn_own(signed, witnessed.certificate.checkpoint);
    }
    let log_key =
        founding.keys_at(checkpoint.origin.incarnation).ok_or(AuditFault::Checkpoint)?.log;
    if note != bundle::note(log_key, &checkpoint, audited.witnessed.as_ref()) {
        return Err(AuditFault::Note);
    }
    Ok(())
}

/// Checks the certificate against the mirrors that the log itself had in force, and returns those and who signed.
/// A certified head that this log does not have is no flaw of the bundle but a second history; the
/// comparison of heads convicts it.
fn check_certificate(
    founding: &VerifiedFounding,
    witnessed: &Witnessed,
    certified_root: Option<Hash>,
    fold: &Fold,
) -> Result<(MirrorsState, Vec<Mirror>), AuditFault> {
    let refused = AuditFault::Certificate(ProofError::Mirrors);
    let certified = witnessed.certificate.checkpoint;
    check_head(founding, &certified)?;
    let size = certified.head.size;
    let within = size <= fold.frontier().size();
    let mirrors = fold.mirrors_under(size).filter(|_| within).ok_or(refused)?;
    if mirrors.incarnation != certified.origin.incarnation {
        return Err(refused);
    }
    if let Some(proof) = &witnessed.mirrors {
        let shown = Object::decode(&proof.leaf);
        let same = matches!(shown, Ok(Object::Mirrors(shown)) if shown == *mirrors);
        if !same || proved_root(proof) != certified_root {
            return Err(refused);
        }
    }
    let log_key = mirrors.log_key.check().map_err(|_| refused)?;
    let verified = witnessed.certificate.verify(&log_key, &mirrors.sets());
    let verified = verified.map_err(|error| AuditFault::Certificate(error.into()))?;
    Ok((mirrors.clone(), verified.signers().to_vec()))
}
