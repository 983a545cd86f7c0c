//! Recovering: a home that lost its disk, or has an older image of it, fetches what its mirrors hold, has them leave
//! the old incarnation alone, and goes on in the one whose keys the root named. Until then it signs nothing.

mod branch;
mod here;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use proto::{
    certificate::Certificate,
    codec::{Bytes, Canonical as _},
    founding::{SignedFounding, VerifiedFounding},
    ids::CiteId,
    keys::SigningKey,
    order::Head,
    resume::{Resume, SignedFence},
    time::UnixMillis,
    wire::Extend,
};

pub use self::branch::GivenUp;
use self::here::Here;
use super::{
    HomeError,
    fetched::{Fetched, Told},
    given_up,
    open::{GUARD, Unsigned, seat},
};
use crate::{
    disk::Disk,
    fold::Entered,
    guard::Guard,
    home::Home,
    index::Index,
    notes::{Notes, NotesError},
    object::MirrorsState,
    refusal::Refusal,
    resume::{self, Place},
    rules::{self, Draft},
    snapshot::Beside,
    state::State,
};

/// A home on its way to a new incarnation.
pub struct Recovering {
    disk: Arc<dyn Disk>,
    index: PathBuf,
    founding: VerifiedFounding,
    signed: SignedFounding,
    log_key: SigningKey,
    /// The log as far as it is here, and the proofs of its imports; absent only while it is opened again.
    here: Option<Here>,
    /// Up to here it was here before, or a checkpoint of the log key that mirrors answer for says that it is this log.
    good: u64,
    /// Up to here it was here before anything was fetched.
    own: u64,
    /// Up to here a seal said that it is certified, which gave way since: it does not give way any further.
    floor: u64,
    /// Whether a disk that lost its power now would say so, too.
    noted: bool,
    fences: BTreeMap<CiteId, (SignedFence, Option<Certificate>)>,
    /// Mirrors that gave another end of the log than what is here.
    elsewhere: BTreeSet<CiteId>,
    /// The certificate that the last seal here names, once somebody handed it over.
    named: Option<Certificate>,
    /// What is certified, as somebody told whom whoever runs the node trusts.
    told: Option<Head>,
}

impl Recovering {
    /// Opens what is left of a log, or begins an empty one where nothing is. `signed` is the founding record with
    /// the key epoch that the root named, `log_key` the log key of that epoch.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn open(
        disk: Arc<dyn Disk>,
        index: &Path,
        signed: SignedFounding,
        log_key: SigningKey,
    ) -> Result<Self, HomeError> {
        let founding = signed.verify()?;
        if founding.incarnation() == 0 || founding.keys().log != log_key.public() {
            return Err(HomeError::LogKey);
        }
        let here = Here::open(&disk, founding.cite().0, None)?;
        let size = here.opened.fold.head().size;
        let note = Fetched::look(disk.as_ref())?;
        let told = Told::look(disk.as_ref())?;
        let good = note.map_or(size, |note| note.good.min(size));
        let mut recovering = Self {
            disk,
            index: index.to_path_buf(),
            founding,
            signed,
            log_key,
            here: Some(here),
            good,
            own: note.map_or(size, |note| note.own.min(good)),
            floor: note.map_or(0, |note| note.floor),
            noted: note.is_some_and(|note| note.good == good),
            fences: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            named: None,
            told,
        };
        recovering.learn_noted()?;
        Ok(recovering)
    }

    /// Takes the certificate that the last seal here names from the notes: the image may have it.
    fn learn_noted(&mut self) -> Result<(), HomeError> {
        let notes = Notes::look(Arc::clone(&self.disk))?;
        let known = notes.certificate(self.named_size());
        self.learn_named(known.map(|known| &known.certificate));
        Ok(())
    }

    /// Returns the founding record with the new key epoch.
    pub const fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns the same, as signed.
    pub fn signed_founding(&self) -> Bytes {
        Bytes::from(self.signed.encode())
    }

    /// Returns the state, for reading; an empty one while nothing is here.
    pub fn state(&self) -> Option<&State> {
        self.here.as_ref().map(|here| here.opened.fold.state())
    }

    /// Returns the number of leaves that are here.
    pub fn len(&self) -> u64 {
        self.here.as_ref().map_or(0, |here| here.opened.store.len())
    }

    /// Returns how many of them the log may go on with: those that were here before, and what its own key signed under
    /// mirrors.
    pub const fn good(&self) -> u64 {
        self.good
    }

    /// Returns whether some of what is here is anybody's word. Nothing goes on from there.
    pub fn is_unsigned(&self) -> bool {
        self.len() > self.good
    }

    /// Returns whether nothing is here yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the mirrors that certify the last seal here: those whose promises count. The seal itself may have
    /// put others in their place.
    pub fn mirrors(&self) -> Option<&MirrorsState> {
        let fold = &self.here.as_ref()?.opened.fold;
        fold.mirrors_under(fold.head().size)
    }

    /// Returns the mirrors whose promise is still wanted: all of them, until a quorum of each set is had.
    pub fn wanted(&self) -> Vec<CiteId> {
        let Some(mirrors) = self.mirrors() else { return Vec::new() };
        let all = mirrors.all().into_iter().map(|mirror| mirror.cite);
        all.filter(|cite| !self.fences.contains_key(cite)).collect()
    }

    /// Returns whether a mirror promised.
    pub fn has_promise(&self, mirror: &CiteId) -> bool {
        self.fences.contains_key(mirror)
    }

    /// Returns how many promises are had of the set of mirrors that lacks most, and how many of it are needed;
    /// nothing while no mirror is known.
    pub fn promises(&self) -> (usize, usize) {
        let Some(mirrors) = self.mirrors() else { return (0, 0) };
        let counted = mirrors.sets().into_iter().map(|set| {
            let fences = self.fences.values().map(|(fence, _)| fence);
            let have = resume::promised(set, &self.founding.network(), fences);
            (have, set.quorum())
        });
        counted.max_by_key(|(have, need)| need.saturating_sub(*have)).unwrap_or((0, 0))
    }

    /// Returns the largest size that a promise names of what its mirror holds in the incarnation that is here.
    pub fn held(&self) -> Option<(CiteId, u64)> {
        let here = self.mirrors()?.incarnation;
        let held = |(cite, (fence, _)): (&CiteId, &(SignedFence, _))| {
            let held = fence.fence.held.filter(|held| held.incarnation >= here)?;
            Some((*cite, held.head.size))
        };
        self.fences.iter().filter_map(held).max_by_key(|(_, size)| *size)
    }

    /// Returns the size that the last seal here names as certified; 0 is none.
    fn named_size(&self) -> u64 {
        self.state().and_then(State::clock).map_or(0, |clock| clock.certified_size)
    }

    /// Returns whether all is here but the certificate that the last seal names, which the log cannot go on
    /// without: whoever holds this much has it, too.
    pub fn lacks_named(&self) -> bool {
        let shown = self.named.as_ref().map(|named| named.checkpoint.head.size);
        let named = self.named_size();
        named > 0 && shown != Some(named)
    }

    /// Keeps a certificate that somebody shows if it is the one that the last seal here names; returns whether it
    /// is news.
    fn learn_named(&mut self, shown: Option<&Certificate>) -> bool {
        let named = self.named_size();
        let Some(shown) = shown.filter(|shown| shown.checkpoint.head.size == named) else {
            return false;
        };
        if !self.lacks_named()
            || self.with_place(|place| resume::is_certified(shown, place)) != Some(true)
        {
            return false;
        }
        self.named = Some(shown.clone());
        true
    }

    /// Takes in entries that a mirror holds of this log, with the certificate that the last of them names; returns
    /// whether there is more here than before, or more is known about it.
    ///
    /// # Errors
    /// [`HomeError`] when the disk failed. What does not follow, or leads to no checkpoint of the log key, is
    /// forgotten again.
    pub fn take(&mut self, extend: &Extend) -> Result<bool, HomeError> {
        let before = self.len();
        let origin = extend.checkpoint.origin;
        let this = origin.cite == self.founding.cite()
            && origin.network == self.founding.network()
            && origin.incarnation < self.founding.incarnation();
        if !this || extend.from != before {
            return Ok(false);
        }
        if !extend.entries.is_empty() {
            // Noted first: what a crash leaves of it must not look like what was here before.
            self.note(self.good)?;
            let Some(here) = &mut self.here else { return Ok(false) };
            if !here.take(extend, &self.founding)? {
                self.give_up_unsigned()?;
                return Ok(false);
            }
        }
        let signed = self.is_unsigned() && self.is_signed_by(extend);
        if signed {
            self.note(self.len())?;
        }
        let named = self.learn_named(extend.certificate.as_ref());
        Ok(signed || named || self.len() > before)
    }

    /// Returns whether all that is here is what a checkpoint says that its log key signed, with mirrors to answer for
    /// it. Nobody but mirrors holds another cité's log: a beginning without them, which needs no promise to go on
    /// from, is no answer to what became of it.
    fn is_signed_by(&self, extend: &Extend) -> bool {
        let Some(here) = &self.here else { return false };
        let has_mirrors =
            |mirrors: &MirrorsState| mirrors.sets().iter().any(|set| !set.mirrors.is_empty());
        here.opened.fold.head() == extend.checkpoint.head
            && Here::log_key_signed(&here.opened.fold, &extend.checkpoint) == Some(true)
            && self.mirrors().is_some_and(has_mirrors)
    }

    /// Notes, durably, up to where the log may be gone on with.
    fn note(&mut self, good: u64) -> Result<(), HomeError> {
        if !self.noted || good != self.good {
            let note = Fetched { own: self.own, good, floor: self.floor };
            note.keep(self.disk.as_ref()).map_err(NotesError::from)?;
            (self.good, self.noted) = (good, true);
        }
        Ok(())
    }

    /// Forgets what nobody signed, so that others can be asked.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn give_up_unsigned(&mut self) -> Result<(), HomeError> {
        // The lock must be free before the log is opened again.
        self.here = None;
        self.here = Some(Here::open(&self.disk, self.founding.cite().0, Some(self.good))?);
        Ok(())
    }

    /// Returns what is certified, as somebody told.
    pub const fn told(&self) -> Option<Head> {
        self.told
    }

    /// Takes note of a mirror's promise, with the certificate that it names.
    ///
    /// # Errors
    /// The [`Refusal`] of a promise that counts for nothing here.
    pub fn fenced(
        &mut self,
        fence: SignedFence,
        certificate: Option<Certificate>,
    ) -> Result<(), Refusal> {
        self.check(&fence, true)?;
        self.learn_named(certificate.as_ref());
        self.fences.insert(fence.fence.mirror, (fence, certificate));
        Ok(())
    }

    /// Checks a promise against what is here; `early` while more may come.
    fn check(&self, fence: &SignedFence, early: bool) -> Result<(), Refusal> {
        let checked =
            |place: &Place<'_>| resume::check_fence(fence, self.founding.incarnation(), place);
        match self.with_place(checked).unwrap_or(Err(Refusal::Founding)) {
            Err(Refusal::FenceAhead { .. }) if early => Ok(()),
            checked => checked,
        }
    }

    /// Calls `ask` with the end of what is here, where something is.
    fn with_place<T>(&self, ask: impl FnOnce(&Place<'_>) -> T) -> Option<T> {
        let here = self.here.as_ref()?;
        let (fold, store) = (&here.opened.fold, &here.opened.store);
        let cite = fold.state().cite()?;
        Some(ask(&Place {
            network: cite.network,
            cite: cite.cite,
            root: &cite.root,
            mirrors: self.mirrors()?,
            head: fold.head(),
            named: self.named_size(),
            mirrors_under: &|size| fold.mirrors_under(size).cloned(),
            has: &|head| store.root_at(head.size).is_ok_and(|root| root == head.root),
        }))
    }

    /// Returns whether the log can go on: all that is here is signed, all that a promise names is here and all that
    /// somebody told, and a quorum of every set promised.
    pub fn is_ready(&self) -> bool {
        self.resume_here().is_some()
    }

    /// Returns whether what somebody told is here.
    fn has_told(&self) -> bool {
        let has =
            |place: &Place<'_>, told: Head| told.size <= place.head.size && (place.has)(&told);
        self.told.is_none_or(|told| self.with_place(|place| has(place, told)) == Some(true))
    }

    /// Returns the resume that what is here and the promises allow.
    fn resume_here(&self) -> Option<Box<Resume>> {
        if self.is_unsigned() || !self.has_told() {
            return None;
        }
        let fold = &self.here.as_ref()?.opened.fold;
        let base = fold.head();
        let current = self.mirrors()?.incarnation;
        let usable = self.fences.values().filter(|(fence, _)| self.check(fence, false).is_ok());
        let mut certificate: Option<Certificate> = None;
        let mut fences = Vec::new();
        for (fence, known) in usable.take(Resume::FENCES_MAX) {
            let names = fence.fence.certified.filter(|(incarnation, _)| *incarnation == current);
            let newest = certificate.as_ref().map(|newest| newest.checkpoint.head.size);
            match (names, known) {
                (Some((_, head)), Some(known)) if known.checkpoint.head == head => {
                    if newest.is_none_or(|newest| newest < head.size) {
                        certificate = Some(known.clone());
                    }
                }
                (None, _) => {}
                // It names a certificate that it does not show.
                (Some(_), _) => continue,
            }
            fences.push(*fence);
        }
        let epoch = self.signed.epoch.clone()?;
        let of_fences = self.fences.values().filter_map(|(_, known)| known.as_ref());
        let mut shown = self.named.iter().chain(of_fences);
        let named = self.named_size();
        let named = shown.find(|shown| shown.checkpoint.head.size == named).cloned();
        let resume = Box::new(Resume { epoch, base, named, certificate, fences });
        fold.check_resume(resume.clone()).ok().map(|_| resume)
    }

    /// Goes on in the new incarnation: from here on this image signs.
    ///
    /// # Errors
    /// [`HomeError`]: nothing was signed then, and recovering can be tried again.
    pub fn resume(mut self, now: UnixMillis) -> Result<Home, HomeError> {
        let resume = self.resume_here().ok_or(HomeError::NotRecovered)?;
        let Here { mut opened, sidecars } = self.here.take().ok_or(HomeError::NotRecovered)?;
        let identity = self.founding.cite().0;
        // Where what was set aside cannot be read, more is told as given up than was.
        drop(given_up::settle(&self.disk, identity, opened.store.reader()));
        let base = resume.base;
        // The guard first: from now on no other image of this log is let sign in the new incarnation.
        let seat = seat(&self.disk, identity, self.founding.incarnation())?;
        let guard = Guard::succeed(Arc::clone(&self.disk), GUARD, seat)?;
        let mut notes = Notes::open(Arc::clone(&self.disk))?;
        notes.forget_beyond(base.size)?;
        // Before anything is written behind it: what the home enters itself is never cut again.
        Fetched::forget(self.disk.as_ref()).map_err(NotesError::from)?;
        let time = opened.fold.state().clock().map_or(now, |clock| clock.time.max(now));
        let verified = opened.fold.check_resume(resume)?;
        let decision = rules::decide(opened.fold.state(), time, Draft::Resume(verified))?;
        let mut entries = vec![opened.fold.enter(time, decision)];
        let state = opened.fold.state_mut().freeze();
        entries.push(opened.fold.seal(time, 0).ok_or(Refusal::Founding)?);
        let records: Vec<_> = entries.iter().map(Entered::record).collect();
        opened.store.append(&records)?;
        let (mirrors, before) = (state.prove_mirrors(), state.unlike(opened.fold.state()));
        opened.beside = Beside { mirrors, before, earlier: opened.fold.mirrors_noted().to_vec() };
        // What the index says of leaves behind the base may be of entries that did not stay.
        let index = Index::anew(&self.index)?;
        let unsigned = Unsigned {
            origin: super::open::origin(&self.founding, self.founding.incarnation()),
            founding: Bytes::from(self.signed.encode()),
            log_key: self.log_key,
            opened,
            state: Some(Arc::new(state)),
            index,
            guard: Some(guard),
            notes,
            sidecars,
        };
        unsigned.check_key()?.start(now)
    }
}
