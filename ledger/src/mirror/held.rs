//! The record of what a mirror cosigned, which is kept apart from the copy: it says how far the copy must go, whatever
//! became of the copy. It lies outside of all copies, so that whoever deletes those to make room leaves it.

use proto::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical},
    founding::VerifiedFounding,
    ids::CiteId,
    keys::{KeyError, SigningKey},
    order::Head,
};
use serde::{Deserialize, Serialize};

use super::{MirrorError, MirrorLog};
use crate::{
    disk::{Disk, DiskError},
    notes::read_file,
    proof,
};

/// Where the records are, one file of at most 8 KiB for each cité of which this one was ever a mirror.
pub(crate) const RECORDS: &str = "notes/cosigned";

/// What a mirror remembers of its own word; written and synced before every cosignature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) founding: Bytes,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) certificate: Option<Certificate>,
    /// The certificate that the last seal under the checkpoint names.
    pub(super) named: Option<Certificate>,
    /// The first incarnation that may still be cosigned.
    pub(super) below: u32,
    /// Where a later incarnation begins, until something of it was cosigned: what lies behind does not count.
    pub(super) cut: Option<Head>,
}

impl Canonical for Held {
    const NAME: &'static str = "record of what was cosigned";
    const MAX: usize = 8_192;
}

impl Held {
    /// Returns the record's file.
    pub(super) fn file(cite: CiteId) -> String {
        format!("{RECORDS}/{}", cite.0)
    }

    /// Writes the record down, durably.
    ///
    /// # Errors
    /// [`DiskError`]; nothing may be said then that rests on it.
    pub(super) fn keep(&self, disk: &dyn Disk, cite: CiteId) -> Result<(), DiskError> {
        disk.replace(&Self::file(cite), &self.encode())
    }

    /// Returns the head up to which the copy counts.
    pub(super) fn head(&self) -> Option<Head> {
        self.cut.or(self.checkpoint.map(|checkpoint| checkpoint.head))
    }

    /// Returns up to which incarnation and size the mirror gave its word: nothing yet of one that is only seen to begin.
    pub(super) fn place(&self) -> (u32, u64) {
        match (self.cut, self.checkpoint) {
            (Some(_), _) => (self.below, 0),
            (None, Some(checkpoint)) => checkpoint.place(),
            (None, None) => (0, 0),
        }
    }
}

impl MirrorLog {
    /// Checks that the newest certificate shows no cosignature of this mirror beyond what its record says. Otherwise
    /// somebody put an older record back, and what else was cosigned nobody here knows: one promise that says less
    /// would convict this mirror.
    ///
    /// # Errors
    /// [`MirrorError::SetBack`].
    pub fn check_word(&self, own: CiteId, mirror_key: &SigningKey) -> Result<(), MirrorError> {
        let Some(certificate) = self.certificate() else { return Ok(()) };
        if certificate.checkpoint.place() <= self.held.place() {
            return Ok(());
        }
        // What was cosigned with a key that the root gave up since is no word of this one.
        let key = mirror_key.public().check()?;
        let mut by_own = certificate.cosignatures.iter().filter(|word| word.mirror == own);
        match by_own.any(|word| word.verify(&certificate.checkpoint, &key).is_ok()) {
            true => Err(MirrorError::SetBack),
            false => Ok(()),
        }
    }
}

/// What is on a disk of another cité's log, for those who only read.
pub(crate) struct HeldLog {
    /// Signed founding record.
    pub(crate) founding: Bytes,
    /// The newest checkpoint that was cosigned or followed.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// The newest certificate.
    pub(crate) certificate: Option<Certificate>,
    /// Directory of the copy.
    pub(crate) dir: String,
    /// Up to where the copy counts.
    pub(crate) head: Option<Head>,
}

/// Returns what is held of a cité's log, or `None` when there is no copy.
///
/// # Errors
/// [`MirrorError::Disk`], [`MirrorError::Held`].
pub(crate) fn look(disk: &dyn Disk, cite: CiteId) -> Result<Option<HeldLog>, MirrorError> {
    let dir = MirrorLog::dir(cite);
    let Some(held) = read(disk, cite)? else { return Ok(None) };
    let head = held.head();
    let Held { founding, checkpoint, certificate, .. } = held;
    Ok(Some(HeldLog { founding, checkpoint, certificate, dir, head }))
}

fn read(disk: &dyn Disk, cite: CiteId) -> Result<Option<Held>, MirrorError> {
    let bytes = read_file(disk, &Held::file(cite))?;
    bytes.map(|bytes| Held::decode(&bytes).map_err(MirrorError::Held)).transpose()
}

/// Returns the directory of a copy and what this mirror remembers of its own word, or `None` where it never gave any.
pub(super) fn read_held(
    disk: &dyn Disk,
    cite: CiteId,
) -> Result<Option<(String, Held, VerifiedFounding)>, MirrorError> {
    let dir = MirrorLog::dir(cite);
    move_out(disk, cite, &format!("{dir}held"))?;
    let Some(held) = read(disk, cite)? else { return Ok(None) };
    let founding = proof::verify_founding(&held.founding).map_err(|_| KeyError::Key)?;
    Ok(Some((dir, held, founding)))
}

/// Takes over a record that lies with the copy, as up to 2026-11-27. Where there is a newer one, whoever put an older
/// copy there does not set it back.
fn move_out(disk: &dyn Disk, cite: CiteId, old: &str) -> Result<(), DiskError> {
    let Some(bytes) = read_file(disk, old)? else { return Ok(()) };
    let file = Held::file(cite);
    if disk.length(&file)?.is_none() {
        disk.create_dir(RECORDS)?;
        disk.replace(&file, &bytes)?;
    }
    disk.remove(old)
}
