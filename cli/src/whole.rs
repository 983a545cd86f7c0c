//! Files that are written whole or not at all: beside their place, synced, and moved there, so that half of one never
//! bears the name.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use crate::{
    error::{Failure, file_failure},
    sealed,
};

/// Who may read a file: whoever the system lets, or its owner only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Readers {
    /// As the system is set.
    Any,
    /// Its owner.
    Owner,
}

/// Refuses a name that is taken, by a file or by a device: what is there is left alone.
///
/// # Errors
/// P0201.
pub(crate) fn must_be_free(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Ok(_) => Err(file_failure(true, path, &io::ErrorKind::AlreadyExists.into())),
        Err(_) => Ok(()),
    }
}

/// Puts what `write` writes in the place of a file: it is there whole, or what was there before is. It is a new file,
/// whatever link somebody left at its name. What is left of a failed attempt is removed.
///
/// # Errors
/// What `write` says, or what `failed` makes of an error of the system.
pub(crate) fn put<T, E>(
    path: &Path,
    readers: Readers,
    failed: impl Fn(io::Error) -> E,
    write: impl FnOnce(&File) -> Result<T, E>,
) -> Result<T, E> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let _ = fs::remove_file(&beside);
    let mode = match readers {
        Readers::Any => 0o666,
        Readers::Owner => 0o600,
    };
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside);
    let file = file.map_err(&failed)?;
    let written = write(&file).and_then(|written| {
        file.sync_all()
            .and_then(|()| fs::rename(&beside, path))
            .and_then(|()| sealed::sync_folder(path))
            .map_err(&failed)?;
        Ok(written)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
