//! Proofs that were given again in the place of damaged ones: each in a small file beside the sidecars, and in memory, until
//! all are put together anew. Whoever gave one may be gone for good by then, and no mirror may have it.

use proto::{
    codec::{Bytes, Canonical as _},
    founding::VerifiedFounding,
    wire::Sidecar,
};

use super::{Record, Sidecars};
use crate::{
    disk::DiskError,
    mirror::check_imports,
    notes::read_file,
    segments::{SegmentsError, SegmentsReader},
};

/// Proofs of up to 15 KiB at most: what is damaged beyond those comes when these are put together with the others.
const AGAIN_MAX: usize = 256;

impl Sidecars {
    /// Returns the directory of those that were given again.
    fn again_dir(&self) -> String {
        format!("{}.again", self.dir)
    }

    /// Keeps a proof that somebody gave again, and the import at this leaf confirms, durably; returns whether there was
    /// room for it.
    ///
    /// # Errors
    /// [`DiskError`]: it counts as not given.
    pub(crate) fn give(&mut self, sidecar: Sidecar) -> Result<bool, DiskError> {
        let Sidecar { leaf, proof } = sidecar;
        if self.again.len() >= AGAIN_MAX {
            return Ok(false);
        }
        let dir = self.again_dir();
        let record = Record { leaf, proof };
        self.disk.create_dir(&dir)?;
        self.disk.replace(&format!("{dir}/{}", file_name(leaf)), &record.encode())?;
        self.again.insert(leaf, record.proof);
        Ok(true)
    }

    /// Takes up those that were given before a stop. One counts only where the import confirms it still: what lies there may
    /// be damaged, or of a leaf at which something else stands by now. Those that stand among the others are deleted.
    ///
    /// # Errors
    /// [`DiskError`] where the disk does not say which there are. One that cannot be read stays, and is given again.
    pub(crate) fn take_up_again(
        &mut self,
        log: &SegmentsReader,
        founding: &VerifiedFounding,
    ) -> Result<(), DiskError> {
        let dir = self.again_dir();
        for name in self.disk.list(&dir)? {
            let file = format!("{dir}/{name}");
            let Ok(Some(bytes)) = read_file(self.disk.as_ref(), &file) else { continue };
            let given = Record::decode(&bytes).ok().filter(|it| file_name(it.leaf) == name);
            // What does not count now may have been misread, and may be the only one there is.
            let Some(Record { leaf, proof }) = given else { continue };
            if matches!(self.get(leaf), Ok(Some(_))) {
                // One that stays is met again.
                let _ = self.disk.remove(&file);
                continue;
            }
            let sidecar = Sidecar { leaf, proof };
            if self.again.len() < AGAIN_MAX
                && confirms(log, &sidecar, founding).is_ok_and(|confirms| confirms)
            {
                self.again.insert(leaf, sidecar.proof);
            }
        }
        Ok(())
    }

    /// Forgets them: they stand among the others. A file that stays is deleted at a start.
    pub(super) fn forget_again(&mut self) {
        self.again.clear();
        let dir = self.again_dir();
        for name in self.disk.list(&dir).unwrap_or_default() {
            if self.disk.remove(&format!("{dir}/{name}")).is_err() {
                return;
            }
        }
    }
}

fn file_name(leaf: u64) -> String {
    format!("{leaf:020}")
}

/// Returns whether the entry at its leaf is an import that a proof proves.
fn confirms(
    log: &SegmentsReader,
    sidecar: &Sidecar,
    founding: &VerifiedFounding,
) -> Result<bool, SegmentsError> {
    if sidecar.leaf >= log.len() {
        return Ok(false);
    }
    let entry = Bytes::from(log.read(sidecar.leaf)?);
    let (entry, given) = (core::slice::from_ref(&entry), core::slice::from_ref(sidecar));
    Ok(check_imports(sidecar.leaf, entry, given, founding).is_ok())
}
