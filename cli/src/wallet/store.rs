//! The wallet's directory: private files, written whole and synced or not at all, one command at a time.
//! Knows nothing of what it keeps.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::io as failed;
use crate::{codes, error::Failure, text, waiting::Patience};

/// Largest file that is read, in bytes: a reply of a desk is the longest thing that is kept.
const FILE_BYTES_MAX: u64 = proto::desk::REPLY_MAX as u64;
/// The file whose lock says that a command has the wallet; it stays empty.
const LOCK_FILE: &str = "lock";
/// Between two looks at a lock that somebody else holds.
const LOCK_LOOK: Duration = Duration::from_millis(50);

/// A directory that nobody else writes in while this lives.
#[derive(Debug)]
pub(super) struct Store {
    directory: PathBuf,
    /// Whether nothing is written or removed: a dry run learns things as others do, and keeps none of them.
    dry: bool,
    _lock: File,
}

impl Store {
    /// Returns the store in `directory`, made if need be, once no other command has it. What is `dry` says of every
    /// write that it was done, and does none.
    ///
    /// # Errors
    /// P0210 when another command keeps it longer than `patience` lasts, P0201.
    pub(super) fn lock(directory: &Path, patience: &Patience, dry: bool) -> Result<Self, Failure> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
        made.map_err(failed(true, directory))?;
        let path = directory.join(LOCK_FILE);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed(true, &path))?;
        let _wait = patience.wait(text!("waiting-wallet"));
        let until = Instant::now() + patience.left();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { directory: directory.to_owned(), dry, _lock: lock }),
                Err(TryLockError::Error(error)) => return Err(failed(true, &path)(error)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(LOCK_LOOK);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Failure::new(codes::WALLET_BUSY, text!("wallet-busy")));
                }
            }
        }
    }

    /// Returns the bytes of a file, or `None` when there is none.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        read(&self.directory, name)
    }

    /// Writes a file in place of the one of this name; both ways it is whole, and synced on return.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        if self.dry {
            return Ok(());
        }
        let path = self.directory.join(name);
        let draft = path.with_extension("draft");
        let write = || -> io::Result<()> {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path.parent().unwrap_or(&self.directory))?;
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o600)
                .open(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            self.sync_around(&path)
        };
        write().map_err(failed(true, &path))
    }

    /// Removes a file; there need not be one.
    pub(super) fn remove(&self, name: &str) -> Result<(), Failure> {
        if self.dry {
            return Ok(());
        }
        let path = self.directory.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(failed(true, &path))?,
        }
        self.sync_around(&path).map_err(failed(true, &path))
    }

    /// Returns the names of the files under a folder, in order, at most `most`.
    pub(super) fn names(&self, folder: &str, most: usize) -> Result<Vec<String>, Failure> {
        names(&self.directory, folder, most)
    }

    /// A name counts only when the directory that holds it is synced, and so is a new directory's own.
    fn sync_around(&self, path: &Path) -> io::Result<()> {
        if let Some(parent) = path.parent() {
            File::open(parent)?.sync_all()?;
        }
        File::open(&self.directory)?.sync_all()
    }
}

/// Returns the bytes of a file below `directory`, whoever has the store, or `None` when there is none.
pub(super) fn read(directory: &Path, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    let path = directory.join(name);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed(false, &path))?,
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(failed(false, &path))?;
    Ok(Some(bytes))
}

/// Returns the names of the files under a folder, in order, at most `most`, whoever has the store.
pub(super) fn names(directory: &Path, folder: &str, most: usize) -> Result<Vec<String>, Failure> {
    let path = directory.join(folder);
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed(false, &path))?,
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.ends_with(".draft"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    names.sort();
    names.truncate(most);
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, time::Duration};

    use super::Store;
    use crate::{codes, waiting::tests::patience};

    #[test]
    fn files_are_private_replaced_whole_and_listed_in_order() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let place = dir.path().join("wallets/zoe");
        let store = Store::lock(&place, &patience(Some(Duration::ZERO)), false)
            .expect("nobody else is here");
        for (name, bytes) in [("outbox/2", b"two"), ("outbox/1", b"one"), ("outbox/2", b"TWO")] {
            store.replace(name, bytes).expect("the directory is ours");
        }
        assert_eq!(store.names("outbox", 9).expect("it is ours"), ["outbox/1", "outbox/2"]);
        assert_eq!(store.read("outbox/2").expect("it is ours").as_deref(), Some(&b"TWO"[..]));
        let mode = |path| std::fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode(place.join("outbox/2")) & 0o777, 0o600);
        assert_eq!(mode(place.join("outbox")) & 0o777, 0o700);
        store.remove("outbox/1").expect("it is ours");
        store.remove("outbox/1").expect("removing twice is no error");
        assert_eq!(store.names("outbox", 9).expect("it is ours"), ["outbox/2"]);
        assert_eq!(store.read("nothing").expect("it is ours"), None);
    }

    #[test]
    fn a_dry_run_changes_nothing() {
        let (dir, none) = (tempfile::tempdir().expect("writable"), patience(Some(Duration::ZERO)));
        let store = Store::lock(dir.path(), &none, false).expect("nobody else is here");
        store.replace("one", b"one").expect("the directory is ours");
        drop(store);
        let dry = Store::lock(dir.path(), &none, true).expect("nobody else is here");
        dry.replace("one", b"two").and_then(|()| dry.replace("two", b"2")).expect("it is said");
        dry.remove("one").expect("it is said");
        assert_eq!(dry.read("one").expect("it is ours").as_deref(), Some(&b"one"[..]));
        assert_eq!(dry.read("two").expect("it is ours"), None);
    }

    #[test]
    fn one_command_at_a_time() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let none = patience(Some(Duration::ZERO));
        let first = Store::lock(dir.path(), &none, false).expect("nobody else is here");
        let second =
            Store::lock(dir.path(), &patience(Some(Duration::from_millis(60))), false).map(|_| ());
        assert_eq!(second.expect_err("the first one has it").code(), codes::WALLET_BUSY);
        drop(first);
        assert!(Store::lock(dir.path(), &none, false).is_ok());
    }
}
