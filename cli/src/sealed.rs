//! Files locked by a passphrase: age files (age-encryption.org/v1, scrypt), mode 0600, written whole or not.
//! Knows nothing of what it locks; never overwrites, never opens a file that others may read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use age::{DecryptError, secrecy::SecretString};
use zeroize::Zeroizing;

/// Largest locked file that is read, in bytes; ours are a few hundred.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// scrypt work factor (log2 N) of keys that guard nothing but a test network: 1 MiB, some
/// milliseconds. An unlock per process would otherwise be most of a demo's time.
const TEST_LOG_N: u8 = 10;
/// Largest scrypt work factor that is tried (2^22 × 1 KiB = 4 GiB): above anything that age chooses for
/// one second's work (18 or 19 in 2026), so that a crafted file cannot ask for more.
const LOG_N_MAX: u8 = 22;

/// How much work a guess at the passphrase costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lock {
    /// About a second on this machine (the default of age).
    #[default]
    Strong,
    /// Next to nothing: only for networks whose hours do not count.
    Test,
}

/// Why a locked file could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is a file of this name already.
    #[error("there is already a file of this name")]
    Exists,
    /// There is no such file.
    #[error("there is no such file")]
    Absent,
    /// Group or others may read it; its mode.
    #[error("mode {0:o} lets others read it")]
    Open(u32),
    /// The passphrase does not open it.
    #[error("the passphrase does not open it")]
    Passphrase,
    /// Not an age file of ours, cut or changed.
    #[error("the file is damaged or of another sort")]
    Damaged,
    /// Disk or rights.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Writes `secret` to a new file at `path`, locked by `passphrase`. When it returns, file and directory
/// are synced.
///
/// # Errors
/// [`SealError::Exists`], [`SealError::Io`].
pub fn seal(path: &Path, secret: &[u8], passphrase: &str, lock: Lock) -> Result<(), SealError> {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase));
    if lock == Lock::Test {
        recipient.set_work_factor(TEST_LOG_N);
    }
    let locked = age::encrypt(&recipient, secret).map_err(io::Error::other)?;
    write_new(path, &locked)
}

/// Returns what the file at `path` holds.
///
/// # Errors
/// [`SealError`].
pub fn open(path: &Path, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let locked = read_private(path)?;
    let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase));
    identity.set_max_work_factor(LOG_N_MAX);
    match age::decrypt(&identity, &locked) {
        Ok(secret) => Ok(Zeroizing::new(secret)),
        Err(DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed) => {
            Err(SealError::Passphrase)
        }
        Err(_) => Err(SealError::Damaged),
    }
}

/// Returns the bytes of a file that only its owner may read.
///
/// # Errors
/// [`SealError`].
pub fn read_private(path: &Path) -> Result<Vec<u8>, SealError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SealError::Absent),
        other => other?,
    };
    let mode = file.metadata()?.mode() & 0o7777;
    if mode & 0o177 != 0 {
        return Err(SealError::Open(mode));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a new private file: all of it, synced with its directory, or nothing.
///
/// # Errors
/// [`SealError::Exists`], [`SealError::Io`].
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SealError> {
    // A bare file name has an empty parent.
    let named = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = named.unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = directory.join(format!(".{name}.{}", std::process::id()));
    let written = write_draft(&draft, bytes).and_then(|()| {
        // A link, unlike a rename, never replaces a file that came in between.
        fs::hard_link(&draft, path)
    });
    let _ = fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(SealError::Exists);
        }
        other => other?,
    }
    sync_folder(path)?;
    Ok(())
}

/// Makes the name of a new file in its folder durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    // Left behind by a process of the same number that was killed.
    let _ = fs::remove_file(draft);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{Lock, SealError, open, seal};

    #[test]
    fn what_was_locked_opens_only_with_its_passphrase() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let path = dir.path().join("keys/zoe.age");
        seal(&path, b"secret", "quatre mots suffisent", Lock::Test)
            .expect("the directory is empty");
        assert_eq!(
            open(&path, "quatre mots suffisent").expect("it was locked so").as_slice(),
            b"secret"
        );
        assert!(matches!(open(&path, "quatre mots"), Err(SealError::Passphrase)));
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn nothing_is_overwritten_and_no_draft_stays() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let path = dir.path().join("zoe.age");
        seal(&path, b"first", "p", Lock::Test).expect("the directory is empty");
        assert!(matches!(seal(&path, b"second", "p", Lock::Test), Err(SealError::Exists)));
        assert_eq!(open(&path, "p").expect("it was locked so").as_slice(), b"first");
        assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 1);
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_and_every_flipped_byte_is_noticed() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let path = dir.path().join("zoe.age");
        seal(&path, b"secret", "p", Lock::Test).expect("the directory is empty");
        let good = std::fs::read(&path).expect("it is there");
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            std::fs::write(&path, &bad).expect("it is ours");
            assert!(open(&path, "p").is_err(), "byte {place}");
        }
        std::fs::write(&path, &good).expect("it is ours");
        let open_mode = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&path, open_mode).expect("it is ours");
        assert!(matches!(open(&path, "p"), Err(SealError::Open(0o640))));
    }
}
