//! Mending the copy of another cité's log where the disk damaged it. Nothing is vouched for here.

use std::collections::BTreeMap;

use proto::certificate::EntryProof;

use super::MirrorLog;
use crate::{
    sidecars::{Anew, Step},
    store::StoreError,
};

impl MirrorLog {
    /// Returns whether `entry` stands at a leaf under the checkpoint that was cosigned, whatever the disk holds
    /// there.
    pub fn proves(&self, leaf: u64, entry: &[u8]) -> bool {
        self.held.head().is_some_and(|head| self.store.proves(leaf, entry, &head))
    }

    /// Writes a damaged file of segments anew, with what was fetched in the place of what is damaged. Entries that
    /// are not [proved](Self::proves) are left out. Returns whether it is whole now.
    ///
    /// # Errors
    /// [`StoreError`]. The copy must not be used any more then.
    pub fn mend(
        &mut self,
        segment: usize,
        fetched: &BTreeMap<u64, Vec<u8>>,
    ) -> Result<bool, StoreError> {
        self.store.mend(segment, fetched, self.held.head().as_ref(), false)
    }

    /// Begins to put the proofs of imports together anew, in at most `room` bytes.
    ///
    /// # Errors
    /// [`StoreError`], also where there is no room.
    pub fn begin_proofs(&self, room: u64) -> Result<Anew, StoreError> {
        Ok(self.sidecars.begin_anew(room)?)
    }

    /// Goes on with the proofs of the next imports, with what somebody gave where one is missing here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn go_on_with_proofs(
        &self,
        anew: &mut Anew,
        given: &mut BTreeMap<u64, EntryProof>,
    ) -> Result<Step, StoreError> {
        Ok(self.sidecars.go_on(anew, self.store.reader(), &self.founding, given)?)
    }

    /// Puts proofs in place that are [whole](Step::Whole).
    ///
    /// # Errors
    /// [`StoreError`]. The copy must not be used any more then, unless it [has its proofs](Self::has_proofs).
    pub fn put_proofs(&mut self, anew: Anew) -> Result<(), StoreError> {
        let Self { sidecars, store, .. } = self;
        Ok(sidecars.put(anew, &|leaf| store.may_be_import(leaf))?)
    }

    /// Returns whether the proofs of imports can be used, be some of them damaged or not.
    pub const fn has_proofs(&self) -> bool {
        self.sidecars.is_open()
    }
}
