//! The home: the only writer of a log. It decides, remembers, changes and tells, in that order; nothing
//! is acknowledged or shown before it is durable, and nothing is signed that the guard does not cover.

mod again;
mod card;
mod fetched;
mod given_up;
mod mend;
mod open;
mod read;
mod recover;
mod witness;

use std::{collections::BTreeMap, sync::Arc};

use proto::{
    certificate::{EntryProof, StateProof},
    checkpoint::{Checkpoint, Origin},
    codec::Bytes,
    entry::RootAct,
    evidence::Evidence,
    founding::SignedFounding,
    ids::{CiteId, OrderId},
    keys::{KeyError, SigningKey},
    order::{Head, SignedOrder},
    stream::StreamMessage,
    time::UnixMillis,
    wire::Sidecar,
};

use crate::{
    bundle,
    fold::{Entered, Fold, catch_up},
    frozen::FrozenState,
    guard::{Guard, GuardError, SignPermit},
    index::{Index, IndexError},
    keybook::KeyBook,
    notes::{Notes, NotesError},
    object::Object,
    proof::ProvedEntry,
    refusal::Refusal,
    rules::{self, Draft},
    sidecars::Sidecars,
    snapshot::Beside,
    state::State,
    store::{Store, StoreError},
};

pub use again::Unproved;
pub use fetched::tell;
pub use given_up::given_up;
pub use open::{Dormant, FoundingPlan};
pub use read::{AccountMovement, order_of};
pub use recover::{GivenUp, Recovering};
pub use witness::{Cosigned, SEEK_AGAIN_MS};

use witness::Witness;

/// Most bytes of entries in one batch (`protocol` "Checkpoint").
pub const BATCH_BYTES_MAX: usize = 256 * 1_024;

/// Why a home stopped. After a failed write or sync it never says yes again until it is started anew.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The log on the disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The guard refused: this image must not sign.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The notes refused.
    #[error(transparent)]
    Notes(#[from] NotesError),
    /// The index refused, even after it was thrown away.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A key or signature of the founding record is not acceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log key is not the one in force.
    #[error("the log key on this machine is not the one in force")]
    LogKey,
    /// The rules refuse the founding itself.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The guard is missing, of another machine, or above the log: this image was restored or copied.
    #[error("this image of the log was restored or copied: it signs nothing")]
    NotThisImage,
    /// What the mirrors hold was not all fetched, or too few of them promised to leave the old incarnation alone.
    #[error("not recovered yet: entries or promises of mirrors are missing")]
    NotRecovered,
    /// It stopped before.
    #[error("stopped after an earlier failure")]
    Stopped,
}

/// What became of an order that was submitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Submitted {
    /// It is in the log already, durable, at this leaf.
    Recorded(u64),
    /// It will be at this leaf after the next commit.
    Pending(u64),
}

/// A batch that became durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
    /// First leaf of the batch.
    pub from: u64,
}

/// The newest checkpoint, with what is needed to have it certified.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) checkpoint: Checkpoint,
    /// Keys and mirrors in force, under the seal's state root.
    pub(crate) mirrors: StateProof,
    /// What can be proved under that root; `None` when a start did not find it.
    pub(crate) state: Option<Arc<FrozenState>>,
}

/// What waits for the next commit.
#[derive(Default)]
struct Batch {
    entered: Vec<Entered>,
    bytes: usize,
    orders: BTreeMap<OrderId, u64>,
    sidecars: Vec<Sidecar>,
}

/// A log with its only writer.
pub struct Home {
    origin: Origin,
    founding: Bytes,
    log_key: SigningKey,
    store: Store,
    index: Index,
    guard: Guard,
    notes: Notes,
    sidecars: Sidecars,
    book: KeyBook,
    /// What decides: moves on with every entry.
    tentative: Fold,
    /// What people read: moves on after the sync.
    durable: State,
    batch: Batch,
    sealed: Sealed,
    witness: Witness,
    /// What can be proved under the newest certificate, with its size; a start may not find it.
    certified: Option<(u64, Arc<FrozenState>)>,
    stopped: bool,
}

impl Home {
    /// Returns the cité.
    pub const fn cite(&self) -> CiteId {
        self.origin.cite
    }

    /// Returns network, cité and incarnation of the log.
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns the signed founding record.
    pub const fn founding(&self) -> &Bytes {
        &self.founding
    }

    /// Returns what is durable: what people may be shown.
    pub const fn state(&self) -> &State {
        &self.durable
    }

    /// Returns the newest checkpoint.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.sealed.checkpoint
    }

    /// Returns whether nothing waits for a commit.
    pub fn is_idle(&self) -> bool {
        self.batch.entered.is_empty() && !self.wants_seal()
    }

    /// Returns whether the batch is full and must be committed before more is submitted.
    pub const fn is_full(&self) -> bool {
        self.batch.bytes >= BATCH_BYTES_MAX
    }

    /// Returns whether a failure stopped the home.
    pub const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Submits an order. The same order again is no error: it is answered with its leaf.
    ///
    /// # Errors
    /// The rules' [`Refusal`]; nothing is remembered of it.
    pub fn submit(&mut self, now: UnixMillis, order: SignedOrder) -> Result<Submitted, Refusal> {
        let id = order.id();
        if let Some(leaf) = self.batch.orders.get(&id) {
            return Ok(Submitted::Pending(*leaf));
        }
        match self.enter(now, order) {
            Ok(leaf) => {
                self.batch.orders.insert(id, leaf);
                Ok(Submitted::Pending(leaf))
            }
            // Only now is the index asked: a look-up costs more than all the rules together.
            Err(refusal @ Refusal::SeqTaken { .. }) => {
                self.leaf_of(&id).map(Submitted::Recorded).ok_or(refusal)
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn enter(&mut self, now: UnixMillis, order: SignedOrder) -> Result<u64, Refusal> {
        let key_of = |member: &_, epoch, lane| self.book.get(member, epoch, lane);
        let verified = rules::verify_order(self.tentative.state(), order, key_of)?;
        let answered = self.book.answered_by(&verified.order().statement);
        self.decide(now, Draft::Order(verified, answered))
    }

    /// Takes in the next message of another cité, proved by `proved`, of which `proof` is the bytes.
    /// Returns the leaf, or `None` when the message was taken in before.
    ///
    /// # Errors
    /// The rules' [`Refusal`] when it is out of turn or not for this cité.
    pub fn import(
        &mut self,
        now: UnixMillis,
        message: StreamMessage,
        proved: &ProvedEntry,
        proof: EntryProof,
    ) -> Result<Option<u64>, Refusal> {
        let state = self.tentative.state();
        let (_, peer) =
            state.peer(&message.from).ok_or(Refusal::UnknownPeer { cite: message.from })?;
        if message.counter <= peer.received {
            return Ok(None);
        }
        let answered = self.book.answered_by_message(&message);
        let incarnation = proved.checkpoint().origin.incarnation;
        let draft = Draft::Import { message, incarnation, leaf: proved.leaf(), answered };
        let leaf = self.decide(now, draft)?;
        self.batch.sidecars.push(Sidecar { leaf, proof });
        Ok(Some(leaf))
    }

    /// Takes over the keys that another cité's root named for a new incarnation of its log.
    ///
    /// # Errors
    /// The rules' [`Refusal`]: nothing of it is news here, or it is not genuine.
    pub fn learn_keys(&mut self, now: UnixMillis, record: SignedFounding) -> Result<u64, Refusal> {
        let other = record.verify().map_err(|_| Refusal::PeerFounding)?;
        self.decide(now, Draft::KeyEpoch(Box::new(other), Box::new(record)))
    }

    /// Acknowledges what was received from every cité for which that is due. Returns how many.
    pub fn acknowledge(&mut self, now: UnixMillis) -> usize {
        let due: Vec<CiteId> = self
            .tentative
            .state()
            .peers()
            .filter(|peer| rules::acknowledgement_due(peer, now))
            .map(|peer| peer.cite)
            .collect();
        due.into_iter().filter(|cite| self.decide(now, Draft::Ack(*cite)).is_ok()).count()
    }

    /// Enters an act of the root keys, as signed; returns its leaf.
    ///
    /// # Errors
    /// The rules' [`Refusal`].
    pub fn root_act(&mut self, now: UnixMillis, act: RootAct) -> Result<u64, Refusal> {
        self.decide(now, Draft::RootAct(act))
    }

    /// Says the last message to every cité for which that is due, once this one is closed. Returns how many.
    pub fn say_farewell(&mut self, now: UnixMillis) -> usize {
        let due = rules::farewells_due(self.tentative.state());
        due.into_iter().filter(|cite| self.decide(now, Draft::Farewell(*cite)).is_ok()).count()
    }

    /// Seals, remembers and signs what is pending; `None` when there is nothing to do.
    ///
    /// # Errors
    /// [`HomeError`]. The home is stopped from then on: it still reads, but never says yes again.
    pub fn commit(&mut self, now: UnixMillis) -> Result<Option<Committed>, HomeError> {
        if self.stopped {
            return Err(HomeError::Stopped);
        }
        if self.is_idle() {
            return Ok(None);
        }
        let done = self.commit_batch(now);
        self.stopped = done.is_err();
        done.map(Some)
    }

    fn commit_batch(&mut self, now: UnixMillis) -> Result<Committed, HomeError> {
        let time = self.entry_time(now);
        let certified_size = self.nameable();
        let Batch { mut entered, orders: _, sidecars, bytes: _ } = core::mem::take(&mut self.batch);
        let content = !entered.is_empty();
        let state = self.tentative.state_mut().freeze();
        let mirrors = state.prove_mirrors().ok_or(Refusal::Founding)?;
        entered.push(self.tentative.seal(time, certified_size).ok_or(Refusal::Founding)?);
        // Remember.
        let head = self.tentative.head();
        let permit = self.remember(&entered, &sidecars, head, time)?;
        // Change. From here on nothing that was promised can fail; the index is only a cache.
        let from = entered.first().map_or(head.size, |entered| entered.leaf);
        self.note_in_index(&entered)?;
        for entered in entered {
            catch_up(&mut self.durable, entered);
        }
        // Tell.
        let checkpoint = sign(&permit, self.origin, &self.log_key);
        self.keep_checkpoint(&checkpoint)?;
        self.sealed = Sealed { checkpoint, mirrors, state: Some(Arc::new(state)) };
        self.witness.sealed(head.size, content, certified_size);
        if self.store.snapshot_due() {
            self.snapshot()?;
        }
        Ok(Committed { checkpoint, from })
    }

    /// Makes a batch durable: proofs of imports first, then the entries, which are read back (a bit that
    /// flips between hashing and writing must be noticed before the head is signed: Yeti 2022), then the
    /// guard. Only then may the head be signed.
    fn remember(
        &mut self,
        batch: &[Entered],
        sidecars: &[Sidecar],
        head: Head,
        time: UnixMillis,
    ) -> Result<SignPermit, HomeError> {
        self.sidecars.keep(sidecars).map_err(StoreError::from)?;
        let records: Vec<_> = batch.iter().map(Entered::record).collect();
        self.store.append(&records)?;
        if self.store.head() != head {
            return Err(StoreError::ReadBack.into());
        }
        Ok(self.guard.raise(head, time)?)
    }

    /// Keeps evidence against another cité, durably; returns whether it is new.
    ///
    /// # Errors
    /// [`HomeError::Notes`].
    pub fn keep_evidence(&mut self, evidence: &Evidence) -> Result<bool, HomeError> {
        Ok(self.notes.keep_evidence(evidence)?)
    }

    /// Writes a snapshot and the index's last words, so that the next start is quick.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn snapshot(&mut self) -> Result<(), HomeError> {
        if !self.batch.entered.is_empty() || self.stopped {
            return Ok(());
        }
        let beside = Beside {
            mirrors: Some(self.sealed.mirrors.clone()),
            before: self.before_seal(),
            earlier: self.tentative.mirrors_noted().to_vec(),
        };
        self.store.snapshot(&self.tentative, beside)?;
        self.index.flush()?;
        Ok(())
    }

    /// Returns what the newest seal changed, as it was before; nothing is pending.
    fn before_seal(&self) -> Vec<(u64, Option<Object>)> {
        let state = self.sealed.state.as_ref();
        state.map(|state| state.unlike(self.tentative.state())).unwrap_or_default()
    }

    /// Keeps the newest checkpoint where whoever makes an audit bundle finds it.
    fn keep_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), HomeError> {
        let disk = self.store.disk().as_ref();
        Ok(bundle::keep_checkpoint(disk, checkpoint).map_err(StoreError::from)?)
    }

    fn decide(&mut self, now: UnixMillis, draft: Draft) -> Result<u64, Refusal> {
        let time = self.entry_time(now);
        let decision = rules::decide(self.tentative.state(), time, draft)?;
        decision.effect.admitted().for_each(|member| self.book.learn_member(member));
        let entered = self.tentative.enter(time, decision);
        let leaf = entered.leaf;
        self.batch.bytes = self.batch.bytes.saturating_add(entered.bytes.len());
        self.batch.entered.push(entered);
        Ok(leaf)
    }

    /// Returns the time of the next entry: never before the last one.
    fn entry_time(&self, now: UnixMillis) -> UnixMillis {
        self.tentative.state().clock().map_or(now, |clock| clock.time.max(now))
    }
}

/// Signs the head of a permit, which shows that it is durable and that the guard covers it.
fn sign(permit: &SignPermit, origin: Origin, log_key: &SigningKey) -> Checkpoint {
    Checkpoint::sign(origin, permit.head(), log_key)
}
