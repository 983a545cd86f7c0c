//! The keys of a node's roles, and their file. The root key never lives here, and no key is ever shown.
//!
//! The file is not locked by a passphrase: a service must come back by itself after a power cut, and a
//! passphrase beside the file would only look like a lock. What stands between the keys and a stranger
//! is the file's mode (0600, wider is refused), the disk, and the root, which can name new keys. A
//! service manager that hands secrets over (systemd credentials) can later take the file's place.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use proto::epoch::RoleKeys;
use proto::keys::SigningKey;
use zeroize::Zeroizing;

/// First line of the file: what it is, and the version of its form.
const HEADING: &[u8] = b"pirate node keys 1";

/// Names of the roles, in the order of their lines.
const ROLES: [&str; 4] = ["log", "mirror", "card", "network"];

/// Longest file that is read: five lines have 305 bytes.
const FILE_BYTES_MAX: usize = 512;

/// The secret keys of a node, one for each role (protocol section 3). Wiped from memory when dropped.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Signs checkpoints, and nothing else.
    pub log: SigningKey,
    /// Signs cosignatures.
    pub mirror: SigningKey,
    /// Signs short cards.
    pub card: SigningKey,
    /// The identity on the network, and announcements of addresses.
    pub network: SigningKey,
}

/// Why the keys cannot be had or kept. The operator must act.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("there are no keys at {}", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// There are keys already; they are never replaced by this.
    #[error("there are keys already at {}", .path.display())]
    AlreadyThere {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner may read or write the file.
    #[error(
        "others may read {} (mode {mode:03o}); use: chmod 600 {}",
        .path.display(), .path.display()
    )]
    TooWide {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Somebody else owns the file, and could change it at any time.
    #[error("{} belongs to user {owner}, not to the user that the node runs as", .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// User id of its owner.
        owner: u32,
    },
    /// The file does not hold four different keys in the form of this version.
    #[error("line {line} of {} is not as this version writes it", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The system has no randomness to give.
    #[error("the system gives no random bytes: {0}")]
    Chance(getrandom::Error),
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Keys {
    /// Returns four new keys from the system's randomness.
    pub fn generate() -> Result<Self, KeyFileError> {
        Ok(Self { log: fresh()?, mirror: fresh()?, card: fresh()?, network: fresh()? })
    }

    /// Returns the public keys.
    pub fn public(&self) -> RoleKeys {
        RoleKeys {
            log: self.log.public(),
            mirror: self.mirror.public(),
            card: self.card.public(),
            network: self.network.public(),
        }
    }

    /// Writes the keys to a new file that only its owner may read, durably and as a whole; a missing
    /// folder is made for its owner only. Errors: a file that is there, the system.
    pub fn create(&self, path: &Path) -> Result<(), KeyFileError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::AlreadyThere { path: path.into() },
            _ => KeyFileError::Io { path: path.into(), source },
        };
        let beside = self.write_beside(path)?;
        // A link, unlike a renaming, never takes the place of keys that are there.
        let linked = std::fs::hard_link(&beside, path);
        std::fs::remove_file(&beside).map_err(failed)?;
        linked.and_then(|()| sync_folder(path)).map_err(failed)
    }

    /// Writes the keys as [`Self::create`] does, in the place of whatever keys are there: durably, and at no
    /// instant is there half a file. The old keys are gone. Only for keys that the root named. Errors: the
    /// system.
    pub fn replace(&self, path: &Path) -> Result<(), KeyFileError> {
        let beside = self.write_beside(path)?;
        let renamed = std::fs::rename(&beside, path).and_then(|()| sync_folder(path));
        renamed.map_err(|source| KeyFileError::Io { path: path.into(), source })
    }

    /// Returns the file, synced, in which the keys wait for their place.
    fn write_beside(&self, path: &Path) -> Result<PathBuf, KeyFileError> {
        let failed = |source: io::Error| KeyFileError::Io { path: path.into(), source };
        let folder = path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let beside = path.with_extension("new");
        // What an interrupted try left behind is nobody's key.
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(0o600).open(&beside).map_err(failed)?;
        file.write_all(&self.text()).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(beside)
    }

    /// Returns the keys in a file. Errors: no file, one that others may read or own, a malformed one.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing { path: path.into() },
            _ => KeyFileError::Io { path: path.into(), source },
        };
        let mut file = File::open(path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        let (mode, owner) = (found.mode() & 0o777, found.uid());
        if mode & 0o077 != 0 {
            return Err(KeyFileError::TooWide { path: path.into(), mode });
        }
        if owner != rustix::process::geteuid().as_raw() && owner != 0 {
            return Err(KeyFileError::NotOurs { path: path.into(), owner });
        }
        // One array, never a growing vector: a vector would leave copies of the keys behind.
        let mut bytes = Zeroizing::new([0; FILE_BYTES_MAX]);
        let count = read_up_to(&mut file, bytes.as_mut_slice()).map_err(failed)?;
        let text = bytes.get(..count).unwrap_or_default();
        parse(text).map_err(|line| KeyFileError::Malformed { path: path.into(), line })
    }

    fn text(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(FILE_BYTES_MAX));
        text.extend_from_slice(HEADING);
        text.push(b'\n');
        let keys = [&self.log, &self.mirror, &self.card, &self.network];
        for (role, key) in ROLES.iter().zip(keys) {
            text.extend_from_slice(role.as_bytes());
            text.push(b' ');
            let seed = key.seed();
            for byte in seed.iter() {
                text.extend([byte >> 4, byte & 15].map(digit));
            }
            text.push(b'\n');
        }
        text
    }
}

/// Returns the keys in the file's text, or the first line that is wrong.
fn parse(text: &[u8]) -> Result<Keys, usize> {
    let mut lines = text.split(|byte| *byte == b'\n');
    if lines.next() != Some(HEADING) {
        return Err(1);
    }
    let mut keys: Vec<SigningKey> = Vec::with_capacity(ROLES.len());
    for (line, role) in (2..).zip(ROLES) {
        let words = lines.next().and_then(|text| text.strip_prefix(role.as_bytes()));
        let seed = words.and_then(|words| words.strip_prefix(b" ")).and_then(seed_of);
        let key = SigningKey::from_seed(&*seed.ok_or(line)?);
        // Never one key for two roles.
        if keys.iter().any(|other| other.public() == key.public()) {
            return Err(line);
        }
        keys.push(key);
    }
    match (lines.next(), lines.next(), <[SigningKey; 4]>::try_from(keys)) {
        (Some([]), None, Ok([log, mirror, card, network])) => {
            Ok(Keys { log, mirror, card, network })
        }
        _ => Err(ROLES.len() + 2),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn seed_of(digits: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new([0; 32]);
    if digits.len() != 2 * seed.len() {
        return None;
    }
    for (byte, pair) in seed.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(seed)
}

fn digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' + half - 10 }
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn fresh() -> Result<SigningKey, KeyFileError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(KeyFileError::Chance)?;
    Ok(SigningKey::from_seed(&seed))
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn public(keys: &Keys) -> [proto::keys::PublicKey; 4] {
        [&keys.log, &keys.mirror, &keys.card, &keys.network].map(SigningKey::public)
    }

    fn created() -> (tempfile::TempDir, PathBuf, Keys) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("keys").join("node.keys");
        let keys = Keys::generate().expect("the system has randomness");
        keys.create(&path).expect("the folder is empty");
        (folder, path, keys)
    }

    #[test]
    fn what_was_written_is_read_and_only_the_owner_may() {
        let (_folder, path, keys) = created();
        assert_eq!(public(&Keys::load(&path).expect("it was just written")), public(&keys));
        let mode = std::fs::metadata(&path).expect("it exists").mode() & 0o777;
        assert_eq!(mode, 0o600);
        let folder = path.parent().expect("it has a folder");
        assert_eq!(std::fs::metadata(folder).expect("it exists").mode() & 0o777, 0o700);
        assert_eq!(std::fs::read_dir(folder).expect("it exists").count(), 1, "something was left");
    }

    #[test]
    fn keys_are_never_replaced() {
        let (_folder, path, keys) = created();
        let others = Keys::generate().expect("the system has randomness");
        assert!(matches!(others.create(&path), Err(KeyFileError::AlreadyThere { .. })));
        assert_eq!(public(&Keys::load(&path).expect("the first ones stay")), public(&keys));
        // A try that was cut off before it was done does not stand in the way of the next.
        let (_folder, path, _) = created();
        std::fs::remove_file(&path).expect("it exists");
        std::fs::write(path.with_extension("new"), "half").expect("the folder can be written");
        assert!(others.create(&path).is_ok());
    }

    #[test]
    fn keys_that_the_root_named_take_the_place_of_the_old_ones() {
        let (_folder, path, _) = created();
        let named = Keys::generate().expect("the system has randomness");
        std::fs::write(path.with_extension("new"), "half").expect("the folder can be written");
        named.replace(&path).expect("the folder is ours");
        assert_eq!(public(&Keys::load(&path).expect("it was just written")), public(&named));
        let folder = path.parent().expect("it has a folder");
        assert_eq!(std::fs::read_dir(folder).expect("it exists").count(), 1, "something was left");
        // Also where the disk was lost and nothing is there.
        let elsewhere = folder.join("elsewhere").join("node.keys");
        named.replace(&elsewhere).expect("the folder is ours");
        assert_eq!(std::fs::metadata(&elsewhere).expect("it exists").mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_others_may_read_or_write_is_refused() {
        let (_folder, path, _) = created();
        for mode in [0o640, 0o604, 0o620, 0o666, 0o610] {
            set_permissions(&path, Permissions::from_mode(mode)).expect("it is ours");
            match Keys::load(&path) {
                Err(KeyFileError::TooWide { mode: found, .. }) => assert_eq!(found, mode),
                other => panic!("mode {mode:o}: {other:?}"),
            }
        }
        set_permissions(&path, Permissions::from_mode(0o400)).expect("it is ours");
        assert!(Keys::load(&path).is_ok(), "only reading is enough");
    }

    #[test]
    fn nothing_but_four_different_keys_in_the_known_form_is_taken() {
        let (_folder, path, keys) = created();
        assert!(matches!(
            Keys::load(&path.with_extension("other")),
            Err(KeyFileError::Missing { .. })
        ));
        let good = String::from_utf8(keys.text().to_vec()).expect("the text is ASCII");
        let twice = Keys { mirror: keys.log.clone(), ..keys };
        let twice = String::from_utf8(twice.text().to_vec()).expect("the text is ASCII");
        let short: String = good.chars().take(good.len() - 2).collect();
        for (text, wrong) in [
            (String::new(), 1),
            (good.replace("keys 1", "keys 2"), 1),
            (good.replace("log ", "log  "), 2),
            (good.replace("mirror", "mirorr"), 3),
            (twice, 3),
            (short, 5),
            (format!("{good}\n"), 6),
            (format!("{good}{}", "x".repeat(600)), 6),
            (good.to_uppercase(), 1),
        ] {
            std::fs::write(&path, &text).expect("it is ours");
            match Keys::load(&path) {
                Err(KeyFileError::Malformed { line, .. }) => assert_eq!(line, wrong, "{wrong}"),
                other => panic!("line {wrong} should be wrong: {other:?}"),
            }
        }
    }

    #[test]
    fn the_secret_is_in_no_message() {
        let (_folder, path, keys) = created();
        let secret: String = keys.log.seed().iter().map(|byte| format!("{byte:02x}")).collect();
        let text = std::fs::read_to_string(&path).expect("it was written");
        assert!(text.contains(&secret), "the file has it");
        assert!(!format!("{keys:?}").contains(&secret));
        std::fs::write(&path, text.replace("card ", "cart ")).expect("it is ours");
        let error = Keys::load(&path).expect_err("a wrong role");
        assert!(!format!("{error:?} {error}").contains(&secret));
    }
}
