//! Founding a log, and opening one that exists. A log that was opened is dormant: it reads and signs
//! nothing until its node has asked the mirrors what they hold.

use std::{path::Path, sync::Arc};

use proto::{
    checkpoint::Origin,
    codec::{Bytes, Canonical as _},
    entry::{Entry, Payload, RootAct},
    founding::{SignedFounding, VerifiedFounding},
    hash::Hash,
    ids::CiteId,
    keys::SigningKey,
    order::Head,
    time::UnixMillis,
};

use crate::{
    disk::Disk,
    fold::{Entered, Fold},
    frozen::FrozenState,
    guard::{Distrust, Guard, Opened, Seat},
    home::{Batch, Home, HomeError, Sealed, Witness, sign},
    index::{Index, IndexError},
    keybook::KeyBook,
    notes::Notes,
    proof::verify_founding,
    refusal::Refusal,
    rules::{self, Draft},
    sidecars::Sidecars,
    snapshot::Beside,
    state::State,
    store::{OpenedStore, Store, StoreError},
};

/// Proofs that imports rest on.
pub(super) const SIDECARS: &str = "notes/sidecars";

/// The guard.
pub(super) const GUARD: &str = "guard";

/// The directory of the log.
pub(super) const LOG: &str = "log";

/// The file whose birth tells this image of the log from a copy.
const FIRST_SEGMENT: &str = "log/00000000.seg";

/// Entries that the index is caught up with at a time.
const INDEX_BATCH: usize = 1_024;

/// What a cité begins with: its record, and the first stewards that the root admits.
pub struct FoundingPlan {
    /// The record, signed by the root keys.
    pub signed: SignedFounding,
    /// Acts of the root, in order.
    pub acts: Vec<RootAct>,
}

/// A log that was opened and signs nothing yet.
pub struct Dormant {
    home: Unsigned,
    distrust: Option<Distrust>,
}

/// A home but for its checkpoint.
pub(super) struct Unsigned {
    pub(super) origin: Origin,
    pub(super) founding: Bytes,
    pub(super) log_key: SigningKey,
    pub(super) opened: OpenedStore,
    /// What can be proved under the last seal.
    pub(super) state: Option<Arc<FrozenState>>,
    pub(super) index: Index,
    pub(super) guard: Option<Guard>,
    pub(super) notes: Notes,
    pub(super) sidecars: Sidecars,
}

impl Home {
    /// Founds a cité in an empty directory; the index goes to `index`.
    ///
    /// # Errors
    /// [`HomeError`], also when there is a log already.
    pub fn found(
        disk: Arc<dyn Disk>,
        index: &Path,
        plan: FoundingPlan,
        log_key: SigningKey,
        now: UnixMillis,
    ) -> Result<Self, HomeError> {
        let founding = plan.signed.verify()?;
        let origin = origin(&founding, 0);
        let signed = Bytes::from(plan.signed.encode());
        let identity = founding.cite().0;
        let mut fold = Fold::default();
        let mut entries = Vec::new();
        let drafts = core::iter::once(Draft::Found(Box::new(founding), plan.signed))
            .chain(plan.acts.into_iter().map(Draft::RootAct));
        for draft in drafts {
            let decision = rules::decide(fold.state(), now, draft)?;
            entries.push(fold.enter(now, decision));
        }
        let state = fold.state_mut().freeze();
        entries.push(fold.seal(now, 0).ok_or(Refusal::Founding)?);
        let mut store = Store::create(Arc::clone(&disk), "", identity)?;
        let records: Vec<_> = entries.iter().map(Entered::record).collect();
        store.append(&records)?;
        let book = KeyBook::of(fold.state());
        let (mirrors, before) = (state.prove_mirrors(), state.unlike(fold.state()));
        let beside = Beside { mirrors, before, earlier: Vec::new() };
        let unsigned = Unsigned {
            origin,
            founding: signed,
            log_key,
            opened: OpenedStore { store, fold, book, beside },
            state: Some(Arc::new(state)),
            index: Index::open(index)?,
            guard: Some(create_guard(&disk, identity)?),
            sidecars: Sidecars::open(Arc::clone(&disk), SIDECARS, identity, &|_| false)
                .map_err(StoreError::from)?,
            notes: Notes::open(disk)?,
        };
        unsigned.check_key()?.start(now)
    }
}

impl Dormant {
    /// Opens the log in a directory.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn open(
        disk: Arc<dyn Disk>,
        index: &Path,
        cite: CiteId,
        log_key: SigningKey,
    ) -> Result<Self, HomeError> {
        let identity = cite.0;
        let mut opened = Store::open(Arc::clone(&disk), "", identity)?;
        let state = under_last_seal(&mut opened)?.map(Arc::new);
        let Payload::Found(mut signed) = opened.store.entry(0)?.payload else {
            return Err(Refusal::Founding.into());
        };
        let mirrors = opened.fold.state().mirrors().ok_or(Refusal::Founding)?;
        let incarnation = mirrors.incarnation;
        if incarnation > 0
            && let Payload::Resume(resume) = opened.store.entry(mirrors.base)?.payload
        {
            signed.epoch = Some(resume.epoch);
        }
        let signed = Bytes::from(signed.encode());
        let founding = verify_founding(&signed).map_err(|_| Refusal::Founding)?;
        let (guard, distrust) = open_guard(&disk, &opened.store, identity, incarnation)?;
        let sidecars = open_sidecars(&disk, identity, &opened.store)?;
        let notes = Notes::open(disk)?;
        let origin = origin(&founding, incarnation);
        let index = Index::open(index)?;
        let founding = signed;
        let home =
            Unsigned { origin, founding, log_key, opened, state, index, guard, notes, sidecars };
        Ok(Self { home: home.check_key()?, distrust })
    }

    /// Returns why this image must not sign, if it must not: it was restored or copied.
    pub const fn distrust(&self) -> Option<&Distrust> {
        self.distrust.as_ref()
    }

    /// Returns the cité.
    pub const fn cite(&self) -> CiteId {
        self.home.origin.cite
    }

    /// Returns network, cité and incarnation of the log.
    pub const fn origin(&self) -> Origin {
        self.home.origin
    }

    /// Returns the signed founding record.
    pub const fn founding(&self) -> &Bytes {
        &self.home.founding
    }

    /// Returns the state, for reading.
    pub const fn state(&self) -> &State {
        self.home.opened.fold.state()
    }

    /// Returns the head of what is on the disk.
    pub fn head(&self) -> Head {
        self.home.opened.fold.head()
    }

    /// Returns the log, for reading.
    pub const fn store(&self) -> &Store {
        &self.home.opened.store
    }

    /// Begins to sign. Only for an image that the guard matches, after the mirrors were asked.
    ///
    /// # Errors
    /// [`HomeError::Guard`] for a restored or copied image; [`HomeError`] when the disk failed.
    pub fn start(self, now: UnixMillis) -> Result<Home, HomeError> {
        self.home.start(now)
    }
}

impl Unsigned {
    pub(super) fn check_key(self) -> Result<Self, HomeError> {
        let in_force = self.opened.fold.state().mirrors().map(|mirrors| mirrors.log_key);
        if in_force == Some(self.log_key.public()) { Ok(self) } else { Err(HomeError::LogKey) }
    }

    pub(super) fn start(self, now: UnixMillis) -> Result<Home, HomeError> {
        let Self { origin, founding, log_key, opened, state, index, guard, notes, mut sidecars } =
            self;
        let OpenedStore { store, fold, book, beside } = opened;
        let mut guard = guard.ok_or(HomeError::NotThisImage)?;
        let record = verify_founding(&founding).map_err(|_| Refusal::Founding)?;
        sidecars.take_up_again(store.reader(), &record).map_err(StoreError::from)?;
        let head = fold.head();
        let time = fold.state().clock().map_or(now, |clock| clock.time);
        let permit = guard.raise(head, time)?;
        let checkpoint = sign(&permit, origin, &log_key);
        let mirrors = beside.mirrors.ok_or(Refusal::Founding)?;
        let mut witness = Witness::default();
        let named = fold.state().clock().map_or(0, |clock| clock.certified_size);
        // Which seals cover content is not kept: at worst one empty seal too many.
        witness.sealed(head.size, true, named);
        // A log that rests ends with the seal that was certified last: its cards go on at once.
        let newest = notes.newest().map(|certified| certified.certificate.checkpoint.head.size);
        let certified = state
            .as_ref()
            .filter(|_| newest == Some(head.size))
            .map(|state| (head.size, Arc::clone(state)));
        let mut home = Home {
            origin,
            founding,
            log_key,
            durable: fold.state().clone(),
            tentative: fold,
            store,
            index,
            guard,
            notes,
            sidecars,
            book,
            batch: Batch::default(),
            sealed: Sealed { checkpoint, mirrors, state },
            witness,
            certified,
            stopped: false,
        };
        home.catch_up_index()?;
        home.keep_checkpoint(&checkpoint)?;
        Ok(home)
    }
}

impl Home {
    /// Enters what the index does not know yet; all of it where the index is of another log or turns out to be damaged.
    fn catch_up_index(&mut self) -> Result<(), HomeError> {
        if self.index.indexed() > self.store.len() {
            self.index.begin_anew()?;
        }
        match self.index_up_to_the_end() {
            Err(HomeError::Index(IndexError::Failed)) => {
                self.index.begin_anew()?;
                self.index_up_to_the_end()
            }
            done => done,
        }
    }

    fn index_up_to_the_end(&mut self) -> Result<(), HomeError> {
        let mut from = self.index.indexed();
        while from < self.store.len() {
            let entries = self
                .store
                .reader()
                .read_range(from, INDEX_BATCH, usize::MAX)
                .map_err(StoreError::from)?;
            for bytes in &entries {
                let mut notes = Vec::new();
                if let Ok(entry) = Entry::decode(bytes) {
                    self.notes_of(from, &entry, &mut notes);
                }
                from = from.saturating_add(1);
                self.index.write(&notes, from)?;
            }
        }
        Ok(())
    }
}

/// Returns the state under the last seal's root, or `None` where what the snapshot kept gives another.
fn under_last_seal(opened: &mut OpenedStore) -> Result<Option<FrozenState>, StoreError> {
    let OpenedStore { store, fold, beside, .. } = opened;
    let Some(last) = store.len().checked_sub(1) else { return Ok(None) };
    let Payload::Seal(seal) = store.entry(last)?.payload else { return Ok(None) };
    let state = FrozenState::before(fold.state_mut(), &beside.before);
    Ok((state.root() == seal.state_root).then_some(state))
}

/// Opens the proofs of imports. They keep no home from starting whose log is sound.
fn open_sidecars(
    disk: &Arc<dyn Disk>,
    identity: Hash,
    store: &Store,
) -> Result<Sidecars, HomeError> {
    let is_import = |leaf| store.may_be_import(leaf);
    let opened = Sidecars::open_or_leave(Arc::clone(disk), SIDECARS, identity, &is_import);
    Ok(opened.map_err(StoreError::from)?)
}

/// Makes the guard of a log that was never signed.
fn create_guard(disk: &Arc<dyn Disk>, identity: Hash) -> Result<Guard, HomeError> {
    Ok(Guard::create(Arc::clone(disk), GUARD, seat(disk, identity, 0)?)?)
}

/// Opens the guard and compares it with this machine and this log.
fn open_guard(
    disk: &Arc<dyn Disk>,
    store: &Store,
    identity: Hash,
    incarnation: u32,
) -> Result<(Option<Guard>, Option<Distrust>), HomeError> {
    let root_at = |size| -> Result<Option<Hash>, StoreError> {
        if size > store.len() { Ok(None) } else { store.root_at(size).map(Some) }
    };
    let seat = seat(disk, identity, incarnation)?;
    Ok(match Guard::open(Arc::clone(disk), GUARD, seat, root_at)? {
        Opened::Trusted(guard) => (Some(guard), None),
        Opened::Distrusted(distrust) => (None, Some(distrust)),
    })
}

pub(super) fn seat(
    disk: &Arc<dyn Disk>,
    identity: Hash,
    incarnation: u32,
) -> Result<Seat, HomeError> {
    let seat = Seat::of(disk.as_ref(), FIRST_SEGMENT, identity, incarnation);
    Ok(seat.map_err(StoreError::from)?)
}

pub(super) const fn origin(founding: &VerifiedFounding, incarnation: u32) -> Origin {
    Origin { network: founding.network(), cite: founding.cite(), incarnation }
}
