//! Mending a home's log where the disk damaged it. Nothing is decided, signed or appended here.

use std::collections::BTreeMap;

use super::Home;
use crate::store::StoreError;

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
}
