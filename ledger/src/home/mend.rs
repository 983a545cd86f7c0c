//! Mending a home's log where the disk damaged it. Nothing is decided, signed or appended here.

use std::collections::BTreeMap;

use proto::{certificate::EntryProof, founding::VerifiedFounding};

use super::Home;
use crate::{
    sidecars::{Anew, Step},
    store::StoreError,
};

/// The file whose birth the guard is bound to: it is mended where it is, for a new one would look like a copy.
const GUARDED: usize = 0;

impl Home {
    /// Returns the entries in a file of segments that are damaged.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn missing(&self, segment: usize) -> Result<Vec<u64>, StoreError> {
        self.store.missing(segment)
    }

    /// Returns whether `entry` stands at a leaf under the newest checkpoint, whatever the disk holds there.
    pub fn proves(&self, leaf: u64, entry: &[u8]) -> bool {
        self.store.proves(leaf, entry, &self.sealed.checkpoint.head)
    }

    /// Writes a damaged file of segments anew, with what was fetched in the place of what is damaged. Entries that
    /// are not [proved](Self::proves) are left out. Returns whether it is whole now.
    ///
    /// # Errors
    /// [`StoreError`]. The home is stopped from then on.
    pub fn mend(
        &mut self,
        segment: usize,
        fetched: &BTreeMap<u64, Vec<u8>>,
    ) -> Result<bool, StoreError> {
        let head = self.sealed.checkpoint.head;
        let mended = self.store.mend(segment, fetched, Some(&head), segment == GUARDED);
        self.stopped |= mended.is_err();
        mended
    }

    /// Returns whether proofs of imports can be kept and read. Where damaged ones found no room to be set aside they cannot,
    /// and an import that is taken in all the same stops the home at the next commit.
    pub const fn has_proofs(&self) -> bool {
        self.sidecars.is_open()
    }

    /// Opens the proofs of imports where they are closed, in at most `room` bytes.
    ///
    /// # Errors
    /// [`StoreError`], also where there is no room yet.
    pub fn open_proofs(&mut self, room: u64) -> Result<(), StoreError> {
        let Self { sidecars, store, .. } = self;
        Ok(sidecars.open_again(room, &|leaf| store.may_be_import(leaf))?)
    }

    /// Begins to put the proofs of imports together anew, in at most `room` bytes.
    ///
    /// # Errors
    /// [`StoreError`], also where there is no room.
    pub fn begin_proofs(&mut self, room: u64) -> Result<Anew, StoreError> {
        self.open_proofs(room)?;
        Ok(self.sidecars.begin_anew(room)?)
    }

    /// Goes on with the proofs of the next imports, with what somebody gave where one is missing here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn go_on_with_proofs(
        &self,
        anew: &mut Anew,
        founding: &VerifiedFounding,
        given: &mut BTreeMap<u64, EntryProof>,
    ) -> Result<Step, StoreError> {
        Ok(self.sidecars.go_on(anew, self.store.reader(), founding, given)?)
    }

    /// Puts proofs in place that are [whole](Step::Whole).
    ///
    /// # Errors
    /// [`StoreError`]. The home is stopped from then on, unless the proofs that are here stay in use.
    pub fn put_proofs(&mut self, anew: Anew) -> Result<(), StoreError> {
        let Self { sidecars, store, .. } = self;
        let put = sidecars.put(anew, &|leaf| store.may_be_import(leaf));
        self.stopped |= !self.sidecars.is_open();
        Ok(put?)
    }
}
