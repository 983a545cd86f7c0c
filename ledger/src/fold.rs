//! The fold: a log's state and tree together, moved on one entry at a time. A home enters decisions
//! and seals; a mirror or an auditor replays entries, deciding everything again.

use proto::{
    codec::CodecError,
    entry::{Entry, Import, Outcome, Payload, Seal},
    hash::{Hash, tree_leaf},
    keys::KeyError,
    minutes::Balance,
    order::Head,
    resume::Resume,
    stream::StreamHeader,
    time::UnixMillis,
};

use crate::{
    object::MirrorsState,
    refusal::Refusal,
    resume::{self, Place, VerifiedResume},
    rules::{self, Decision, Draft},
    segments::Record,
    state::{Effect, State},
    tree::Frontier,
};

/// What is wrong with an entry. The first such entry makes a log faulty there; nothing after counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Its bytes are not those of an entry.
    #[error("not an entry: {0}")]
    Codec(#[from] CodecError),
    /// A founding record's keys or signatures are not acceptable.
    #[error("founding record: {0}")]
    Founding(KeyError),
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Its time lies before that of the entry before it.
    #[error("the time runs backwards")]
    Time,
    /// The place on a stream, or what became of a message, is not what the rules give.
    #[error("the home assigned something else than the rules do")]
    Assigned,
    /// A seal with another number, other earlier head or an impossible certified size.
    #[error("the seal does not follow the one before")]
    Seal,
    /// A seal with another state root than re-execution gives.
    #[error("the state root is not what re-execution gives")]
    StateRoot,
    /// The accounts do not sum to zero: the rules themselves are broken.
    #[error("the accounts do not sum to zero")]
    Sum,
}

/// What is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entry {leaf}: {kind}")]
pub struct Fault {
    /// The leaf.
    pub leaf: u64,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What a home assigns within an entry, to be compared with what the rules give.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Assigned {
    /// Nothing: the entry follows from what was signed.
    Nothing,
    /// A place on a stream.
    Header(StreamHeader),
    /// What became of a message.
    Outcome(Outcome),
}

/// Returns what the home assigned within a payload.
pub(crate) fn assigned(payload: &Payload) -> Assigned {
    match payload {
        Payload::Export { header, .. } | Payload::Ack(header) | Payload::Farewell(header) => {
            Assigned::Header(*header)
        }
        Payload::Import(Import { outcome, .. }) => Assigned::Outcome(*outcome),
        Payload::Found(_)
        | Payload::RootAct(_)
        | Payload::Order(_)
        | Payload::KeyEpoch(_)
        | Payload::Resume(_)
        | Payload::Seal(_) => Assigned::Nothing,
    }
}

/// An entry of a log with all its signatures verified, ready to be replayed. Only
/// [`crate::replay::prepare`] makes one.
#[derive(Clone, Debug)]
pub struct PreparedEntry {
    pub(crate) time: UnixMillis,
    pub(crate) leaf_hash: Hash,
    pub(crate) content: PreparedContent,
}

/// What a prepared entry asks for.
#[derive(Clone, Debug)]
pub(crate) enum PreparedContent {
    /// To be decided again, and what the home assigned to be compared.
    Draft(Box<Draft>, Assigned),
    /// To be checked against what the log says where it stands.
    Resume(Box<Resume>),
    /// To be compared with the state.
    Seal(Seal),
}

/// An entry that was entered, before it is durable.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Its leaf.
    pub leaf: u64,
    /// Its time.
    pub time: UnixMillis,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their hash in the tree.
    pub hash: Hash,
    /// What it changes, besides a seal.
    pub change: Change,
}

impl Entered {
    /// Returns what is written of it.
    pub fn record(&self) -> Record<'_> {
        Record { payload: &self.bytes, leaf: self.hash }
    }
}

/// What an entry changes, to be applied again to a state that lags behind.
#[derive(Clone, Debug)]
pub enum Change {
    /// By the rules.
    Effect(Effect),
    /// By a seal, with the head that includes it.
    Seal(Seal, Head),
}

/// Changes of mirrors that a fold remembers: certificates of seals before the oldest can no longer be
/// checked. A log changes its mirrors a few times a year.
const MIRRORS_REMEMBERED: usize = 64;

/// A log's state and tree.
#[derive(Clone, Default)]
pub struct Fold {
    state: State,
    frontier: Frontier,
    /// Keys and mirrors under each seal, noted where they changed: with the size of the first such seal.
    mirrors: Vec<(u64, MirrorsState)>,
}

impl Fold {
    /// Returns the fold at a state and a frontier of the same log, or `None` when their sizes differ.
    pub fn at(state: State, frontier: Frontier, mirrors: Vec<(u64, MirrorsState)>) -> Option<Self> {
        let leaves = state.clock().map_or(0, |clock| clock.leaves);
        (leaves == frontier.size()).then_some(Self { state, frontier, mirrors })
    }

    /// Returns keys and mirrors under the state root of the seal of `size` leaves: those whose
    /// cosignatures certify it. `None` when there is no such seal or it is too old to be remembered.
    pub fn mirrors_under(&self, size: u64) -> Option<&MirrorsState> {
        self.mirrors.iter().rev().find(|(from, _)| *from <= size).map(|(_, mirrors)| mirrors)
    }

    /// Returns all that [`Fold::mirrors_under`] remembers, for a snapshot.
    pub fn mirrors_noted(&self) -> &[(u64, MirrorsState)] {
        &self.mirrors
    }

    /// Notes the mirrors under the seal that is about to be applied.
    fn note_mirrors(&mut self) {
        let Some(now) = self.state.mirrors() else { return };
        if self.mirrors.last().is_some_and(|(_, noted)| noted == now) {
            return;
        }
        let size = self.frontier.size();
        self.mirrors.push((size, now.clone()));
        // Never those that the certificate named last was under: without them no seal could be checked any more.
        let named = self.state.clock().map_or(0, |clock| clock.certified_size);
        let spare = self.mirrors.get(1).is_some_and(|(from, _)| *from <= named);
        if self.mirrors.len() > MIRRORS_REMEMBERED && spare {
            self.mirrors.remove(0);
        }
    }

    /// Pushes a seal's leaf and applies it; returns the head that includes it.
    fn push_seal(&mut self, time: UnixMillis, seal: &Seal, leaf_hash: Hash) -> Head {
        self.frontier.push(leaf_hash);
        self.note_mirrors();
        let head = self.head();
        self.state.apply_seal(time, seal, head);
        head
    }

    /// Returns the state.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Returns the state, to compute roots and proofs.
    pub const fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Returns size and root of the tree.
    pub fn head(&self) -> Head {
        Head { size: self.frontier.size(), root: self.frontier.root() }
    }

    /// Returns the tree's frontier.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Checks that the log may go on in another incarnation here.
    ///
    /// # Errors
    /// [`resume::check`].
    pub fn check_resume(&self, resume: Box<Resume>) -> Result<VerifiedResume, Refusal> {
        // Those who certify the base, also where it changes the mirrors.
        let mirrors = self.mirrors_under(self.frontier.size());
        let (Some(cite), Some(mirrors)) = (self.state.cite(), mirrors) else {
            return Err(Refusal::Founding);
        };
        // Only a seal that is too old to be remembered is taken at the word of the mirrors, who have the log; never the
        // one named last as certified.
        let has = |head: &Head| match self.state.kept(head.size) {
            Some(recent) => recent.head == *head,
            None => self.state.is_too_old(head.size),
        };
        // Behind a seal that is the last entry the state and the tree name one head.
        let head = self.state.head();
        let behind = head.size == self.frontier.size();
        let place = Place {
            network: cite.network,
            cite: cite.cite,
            root: &cite.root,
            mirrors,
            head: if behind { head } else { Head::empty() },
            named: self.state.clock().map_or(0, |clock| clock.certified_size),
            mirrors_under: &|size| self.mirrors_under(size).cloned(),
            has: &has,
        };
        resume::check(resume, &place)
    }

    /// Enters what the rules decided. `time` must be the one that they decided with.
    pub fn enter(&mut self, time: UnixMillis, decision: Decision) -> Entered {
        let bytes = Entry { time, payload: decision.payload }.encode();
        let leaf = self.frontier.size();
        let hash = tree_leaf(&bytes);
        self.frontier.push(hash);
        self.state.apply(time, decision.effect.clone());
        Entered { leaf, time, bytes, hash, change: Change::Effect(decision.effect) }
    }

    /// Seals what was entered; `None` before founding.
    pub fn seal(&mut self, time: UnixMillis, certified_size: u64) -> Option<Entered> {
        let seal = rules::seal(&mut self.state, certified_size)?;
        let bytes = Entry { time, payload: Payload::Seal(seal) }.encode();
        let leaf = self.frontier.size();
        let hash = tree_leaf(&bytes);
        let head = self.push_seal(time, &seal, hash);
        Some(Entered { leaf, time, bytes, hash, change: Change::Seal(seal, head) })
    }

    /// Moves on by an entry that was prepared, deciding it again.
    ///
    /// # Errors
    /// [`Fault`] when the entry does not follow from the entries before it. The fold is then as before.
    pub fn replay(&mut self, entry: PreparedEntry) -> Result<(), Fault> {
        let leaf = self.frontier.size();
        self.replay_entry(entry).map_err(|kind| Fault { leaf, kind })
    }

    fn replay_entry(&mut self, entry: PreparedEntry) -> Result<(), FaultKind> {
        let PreparedEntry { time, leaf_hash, content } = entry;
        if self.state.clock().is_some_and(|clock| time < clock.time) {
            return Err(FaultKind::Time);
        }
        match content {
            PreparedContent::Draft(draft, home) => {
                let decision = rules::decide(&self.state, time, *draft)?;
                if assigned(&decision.payload) != home {
                    return Err(FaultKind::Assigned);
                }
                if self.state.change_of_sum(&decision.effect) != Some(Balance::ZERO) {
                    return Err(FaultKind::Sum);
                }
                self.frontier.push(leaf_hash);
                self.state.apply(time, decision.effect);
            }
            PreparedContent::Resume(resume) => {
                let draft = Draft::Resume(self.check_resume(resume)?);
                let decision = rules::decide(&self.state, time, draft)?;
                self.frontier.push(leaf_hash);
                self.state.apply(time, decision.effect);
            }
            PreparedContent::Seal(seal) => {
                self.check_seal(&seal)?;
                self.push_seal(time, &seal, leaf_hash);
            }
        }
        Ok(())
    }

    fn check_seal(&mut self, seal: &Seal) -> Result<(), FaultKind> {
        let expected =
            rules::seal(&mut self.state, seal.certified_size).ok_or(Refusal::Founding)?;
        // What was certified in an incarnation before is not named in this one.
        let base = self.state.mirrors().map_or(0, |mirrors| mirrors.base);
        let of_this = |size| size > base && self.state.recent(size).is_some();
        let known = seal.certified_size == 0
            || of_this(seal.certified_size)
            || self.state.clock().is_some_and(|c| c.certified_size == seal.certified_size);
        let follows = seal.seq == expected.seq
            && seal.previous == expected.previous
            && seal.certified_size == expected.certified_size;
        if !known || !follows {
            return Err(FaultKind::Seal);
        }
        if seal.state_root != expected.state_root {
            return Err(FaultKind::StateRoot);
        }
        Ok(())
    }
}

/// Applies changes that became durable to a state that lags behind.
pub fn catch_up(state: &mut State, entered: Entered) {
    match entered.change {
        Change::Effect(effect) => state.apply(entered.time, effect),
        Change::Seal(seal, head) => state.apply_seal(entered.time, &seal, head),
    }
}
