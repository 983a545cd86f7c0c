//! The identities held on this machine: one secret of 16 bytes each, in an age file; keys derived from it.
//! A secret is never printed, never in a variable of the environment, and wiped when dropped.

use std::path::PathBuf;

use proto::{
    hash::{Use, digest},
    ids::CiteId,
    keys::{PublicKey, SigningKey},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    codes,
    error::{Failure, file_failure, is_there},
    language::Lang,
    sealed::{self, Lock, SealError},
    text,
    words::Entropy,
};

/// Version of the text in a key file.
const VERSION: u32 = 1;
/// Label of the key that signs a person's orders on this device.
pub const LABEL_DEVICE: &str = "device 0";
/// Label of the key that replaces the device key, committed to in advance (pre-rotation).
pub const LABEL_DEVICE_NEXT: &str = "device 1";
/// Label of the key of higher rank that the recovery words stand for.
pub const LABEL_WORDS: &str = "words 0";
/// Label of the salt of a person's record, before the identity of the cité in text form.
pub const LABEL_ACCOUNT: &str = "account 0";

/// The content of a key file once unlocked, as TOML.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    entropy: String,
    language: String,
    alias: String,
    created_ms: u64,
}

impl Drop for Content {
    fn drop(&mut self) {
        self.entropy.zeroize();
    }
}

/// What is known of an identity without unlocking it (`NAME.toml` beside the key file).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nameplate {
    /// Version of this text.
    pub version: u32,
    /// How the person is called on this device; never leaves it.
    pub alias: String,
    /// The device key's public half, in hex.
    pub public_key: String,
    /// `fr` or `en`: the language of the recovery words.
    pub words_language: String,
    /// When the identity was made here, in milliseconds since 1970.
    pub created_ms: u64,
    /// When the recovery words were last checked.
    pub words_checked_ms: Option<u64>,
}

/// An unlocked identity.
#[derive(Clone)]
pub struct Identity {
    entropy: Entropy,
    lang: Lang,
    alias: String,
    created: UnixMillis,
}

impl core::fmt::Debug for Identity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Identity({})", self.alias)
    }
}

/// Returns the seed of the key called `label`: the same words give the same keys, for ever.
pub fn derive(entropy: &[u8; 16], label: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(*digest(Use::KeyFromWords, &[entropy, label.as_bytes()]).as_bytes())
}

impl Identity {
    /// Returns an identity of this secret.
    pub fn new(entropy: Entropy, lang: Lang, alias: String, created: UnixMillis) -> Self {
        Self { entropy, lang, alias, created }
    }

    /// Returns the key called `label`.
    pub fn key(&self, label: &str) -> SigningKey {
        SigningKey::from_seed(&derive(&self.entropy, label))
    }

    /// Returns the key that signs this person's orders on this device.
    pub fn device_key(&self) -> SigningKey {
        self.key(LABEL_DEVICE)
    }

    /// Returns what makes this person's identity in the cité `home` one that nobody can guess who knows her keys, and
    /// that her words bring back.
    pub fn salt(&self, home: CiteId) -> [u8; 16] {
        let seed = derive(&self.entropy, &format!("{LABEL_ACCOUNT} {home}"));
        *seed.first_chunk().expect("a seed is longer than a salt")
    }

    /// Returns how the person is called on this device.
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// Returns the language of the recovery words.
    pub fn words_lang(&self) -> Lang {
        self.lang
    }

    /// Returns the secret, for showing its words only.
    pub fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    /// Returns what may be known without unlocking.
    pub fn nameplate(&self, words_checked: Option<UnixMillis>) -> Nameplate {
        Nameplate {
            version: VERSION,
            alias: self.alias.clone(),
            public_key: hex(&self.device_key().public().0),
            words_language: self.lang.tag().to_owned(),
            created_ms: self.created.0,
            words_checked_ms: words_checked.map(|instant| instant.0),
        }
    }
}

impl Nameplate {
    /// Returns the device key's public half, or `None` when the file was edited.
    pub fn public(&self) -> Option<PublicKey> {
        unhex::<32>(&self.public_key).map(PublicKey)
    }
}

/// The directory of key files.
#[derive(Clone, Debug)]
pub struct Keyring {
    directory: PathBuf,
}

impl Keyring {
    /// Returns the keyring in `directory`, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Returns the path of the key file of `profile`.
    pub fn key_file(&self, profile: &str) -> PathBuf {
        self.directory.join(format!("{profile}.age"))
    }

    fn nameplate_file(&self, profile: &str) -> PathBuf {
        self.directory.join(format!("{profile}.toml"))
    }

    /// Returns whether there is an identity of this name.
    ///
    /// # Errors
    /// P0215, P0202.
    pub fn holds(&self, profile: &str) -> Result<bool, Failure> {
        is_there(&self.key_file(profile))
    }

    /// Keeps a new identity, locked by `passphrase`; synced when it returns.
    ///
    /// # Errors
    /// P0102 when there is one of this name, P0201 when the disk says no.
    pub fn create(
        &self,
        profile: &str,
        identity: &Identity,
        words_checked: Option<UnixMillis>,
        passphrase: &str,
        lock: Lock,
    ) -> Result<(), Failure> {
        let path = self.key_file(profile);
        let content = Content {
            version: VERSION,
            entropy: hex(identity.entropy.as_slice()),
            language: identity.lang.tag().to_owned(),
            alias: identity.alias.clone(),
            created_ms: identity.created.0,
        };
        let written = toml::to_string(&content).expect("numbers and strings are always TOML");
        let written = Zeroizing::new(written);
        sealed::seal(&path, written.as_bytes(), passphrase, lock)
            .map_err(|error| self.failure(profile, &path, true, error))?;
        self.put_nameplate(profile, &identity.nameplate(words_checked))
    }

    /// Returns the identity `profile`, unlocked.
    ///
    /// # Errors
    /// P0101 when there is none, P0103 for a wrong passphrase, P0104 when others may read the file,
    /// P0105 when it is damaged.
    pub fn open(&self, profile: &str, passphrase: &str) -> Result<Identity, Failure> {
        let path = self.key_file(profile);
        let refuse = |error| self.failure(profile, &path, false, error);
        let bytes = sealed::open(&path, passphrase).map_err(refuse)?;
        let damaged = || self.failure(profile, &path, false, SealError::Damaged);
        let written = std::str::from_utf8(&bytes).map_err(|_| damaged())?;
        let content: Content = toml::from_str(written).map_err(|_| damaged())?;
        let entropy = unhex::<16>(&content.entropy).map(Zeroizing::new).ok_or_else(damaged)?;
        let lang = Lang::of_locale(&content.language).ok_or_else(damaged)?;
        if content.version != VERSION {
            return Err(damaged());
        }
        let identity =
            Identity::new(entropy, lang, content.alias.clone(), UnixMillis(content.created_ms));
        if self.nameplate(profile).is_none() {
            self.put_nameplate(profile, &identity.nameplate(None))?;
        }
        Ok(identity)
    }

    /// Returns what may be known of `profile` without unlocking it; `None` when there is no identity
    /// or no readable nameplate (opening the identity writes a new one).
    pub fn nameplate(&self, profile: &str) -> Option<Nameplate> {
        let bytes = sealed::read_private(&self.nameplate_file(profile)).ok()?;
        let plate: Nameplate = toml::from_str(std::str::from_utf8(&bytes).ok()?).ok()?;
        (plate.version == VERSION && plate.public().is_some()).then_some(plate)
    }

    fn put_nameplate(&self, profile: &str, plate: &Nameplate) -> Result<(), Failure> {
        let path = self.nameplate_file(profile);
        let written = toml::to_string(plate).expect("numbers and strings are always TOML");
        // Left over from an identity whose key file is gone, or unreadable: it holds no secret.
        if path.exists() {
            std::fs::remove_file(&path).map_err(|error| file_failure(true, &path, &error))?;
        }
        sealed::write_new(&path, written.as_bytes())
            .map_err(|error| self.failure(profile, &path, true, error))
    }

    fn failure(
        &self,
        profile: &str,
        path: &std::path::Path,
        writing: bool,
        error: SealError,
    ) -> Failure {
        match error {
            SealError::Exists => {
                Failure::new(codes::IDENTITY_EXISTS, text!("identity-exists", profile = profile))
                    .because(text!("identity-nothing-changed"))
                    .fix(&["pirate", "key", "show", "--profile", profile])
            }
            SealError::Absent => {
                Failure::new(codes::NO_IDENTITY, text!("no-identity", profile = profile))
                    .fix(&["pirate", "key", "new"])
                    .fix_for(text!("fix-with-words"), &["pirate", "key", "new", "--restore"])
            }
            SealError::Open(mode) => {
                let mode = format!("{mode:04o}");
                let file = path.display().to_string();
                Failure::new(codes::KEY_FILE_OPEN, text!("key-file-open", path = path, mode = mode))
                    .fix(&["chmod", "600", &file])
            }
            SealError::Passphrase => {
                Failure::new(codes::WRONG_PASSPHRASE, text!("wrong-passphrase"))
                    .because(text!("passphrase-lost"))
            }
            SealError::Damaged => {
                Failure::new(codes::KEY_FILE_DAMAGED, text!("key-file-damaged", path = path))
                    .fix_for(text!("fix-with-words"), &["pirate", "key", "new", "--restore"])
            }
            SealError::Io(error) => file_failure(writing, path, &error),
        }
    }
}

/// Returns lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the `N` bytes of a hex text of exactly that length.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    if digits.len() == N * 2 { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
