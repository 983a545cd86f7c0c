//! The directory of a node: where each of its files is, and whether it is a place that can be trusted
//! with them. It never reads a log beyond its first leaf, and makes nothing but its folders and `cite`.
//!
//! | path | what | if lost |
//! |---|---|---|
//! | `cite` | identity of the cité that lives here, as text | written again from the founding record |
//! | `format` | number of the form in which all of this is kept, as text | taken for the first |
//! | `log/` | the log of the cité: the truth | fetched from the mirrors, in a new incarnation |
//! | `mirrors/` | copies of other cités' logs | fetched again |
//! | `damaged/` | what was damaged and is in its place again, set aside | nothing |
//! | `notes/` | certificates, proofs behind imports, evidence, what was cosigned | asked for again; without the last the mirror key must be replaced |
//! | `guard` | how far this machine has signed | the node signs nothing until it was recovered |
//! | `bodies/`, `mailbox/`, `names` | texts, letters on their way, names: erasable | gone |
//! | `keys/` | keys of the node's roles | the root names new ones |
//! | `index/` | rebuilt from the log | rebuilt |
//! | `run/` | of the running process | made anew at each start |
//!
//! A copied or restored image must not sign. What makes a copy visible is bound into the guard: the
//! machine, and inode and birth time of the first segment. A machine without `/etc/machine-id` (some
//! containers) is named by zeros, and the other two decide alone. Nothing else would do: the boot id
//! changes with every start, and an id that the node kept for itself would be in the image too.

mod format;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;

use ledger::disk::{Disk, DiskError, Failure, Holder, Lock, MachineId, RealDisk};
use ledger::segments::{SegmentsError, SegmentsReader};
use proto::codec::CodecError;
use proto::entry::{Entry, Payload};
use proto::founding::VerifiedFounding;
use proto::ids::{CiteId, IdError};
use proto::keys::KeyError;

pub use self::format::FORMAT;
use crate::core::named_record;

/// The file that says which cité lives here.
const CITE: &str = "cite";

/// The file that a running process holds locked.
const LOCK: &str = "lock";

/// The log of the cité.
const LOG: &str = "log";

/// Where Linux keeps the name of a machine (machine-id(5)): 32 hexadecimal digits.
const MACHINE_ID: &str = "/etc/machine-id";

/// Longest `cite` file that is read: an identity has 65 characters.
const CITE_BYTES_MAX: usize = 128;

/// File systems on other machines, by their magic number (statfs(2)): a sync that returned may be lost
/// there and a lock may not hold. FUSE is not among them: it also carries local disks, and what it
/// carries cannot be asked.
const REMOTE: [(i64, &str); 9] = [
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x5346_414F, "AFS"),
    (0x7375_7245, "Coda"),
    (0x00C3_6400, "Ceph"),
    (0x0BD0_0BD0, "Lustre"),
    (0x0102_1997, "9P"),
];

/// Why a directory cannot be a node's. The operator must act.
#[derive(Debug, thiserror::Error)]
pub enum HomeDirError {
    /// It is on another machine's disk.
    #[error(
        "{} is on a network file system ({kind}): a node needs a disk of its own machine",
        .path.display()
    )]
    Remote {
        /// The directory.
        path: PathBuf,
        /// Which file system.
        kind: &'static str,
    },
    /// Another process holds it.
    #[error("another process works in {}", .path.display())]
    Held {
        /// The directory.
        path: PathBuf,
        /// Who, if it says so.
        holder: Option<Holder>,
    },
    /// A later program keeps it in a form that this one does not know.
    #[error("{} is kept in another form than {FORMAT}, which this program knows", .path.display())]
    Format {
        /// The directory.
        path: PathBuf,
        /// Number of its form, if it says one.
        found: Option<u32>,
    },
    /// `cite` does not hold an identity.
    #[error("{} does not hold the identity of a cité: {source}", .path.display())]
    Cite {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: IdError,
    },
    /// The first leaf of the log is not the founding record of the cité in `cite`.
    #[error("the log in {} does not begin with the founding record of {cite}", .path.display())]
    NotFounded {
        /// The directory.
        path: PathBuf,
        /// The cité in `cite`.
        cite: CiteId,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] SegmentsError),
    /// The first leaf does not decode.
    #[error(transparent)]
    Leaf(#[from] CodecError),
    /// The founding record does not verify.
    #[error(transparent)]
    Founding(#[from] KeyError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The system did not say what was asked about the directory.
    #[error("{} cannot be examined: {source}", .path.display())]
    Examine {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The directory of a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HomeDir {
    root: PathBuf,
}

/// A directory that this process alone works in, as long as the lock lives.
pub struct Claimed {
    /// Its disk.
    pub disk: Arc<RealDisk>,
    /// Held until dropped; whoever writes last must drop it last.
    pub lock: Lock,
}

impl HomeDir {
    /// Returns the node's directory `root`; nothing is made or looked at. The command line's default
    /// is `node` under the directory of all that is kept.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the directory of the rebuildable index, which sled opens by path.
    pub fn index(&self) -> PathBuf {
        self.root.join("index").join("sled")
    }

    /// Returns the file of the node's role keys.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys").join("node.keys")
    }

    /// Returns the socket, where nobody names another place. Paths above the 108 bytes of a socket
    /// address are reached through their folder (see [`crate::socket`]).
    pub fn socket(&self) -> PathBuf {
        self.root.join("run").join("node.sock")
    }

    /// Returns the file in which a running node says where it is reached; missing when none runs.
    pub fn running(&self) -> PathBuf {
        self.root.join("run").join("node.json")
    }

    /// Makes the directory where it is missing, refuses other machines' disks, and takes it for this
    /// process. `started_ms` is what others are told about it, in milliseconds since 1970.
    /// Errors: a network file system, another process, a form that this program does not know, the disk.
    pub fn claim(&self, started_ms: u64) -> Result<Claimed, HomeDirError> {
        let pid = std::process::id();
        let disk = RealDisk::open(&self.root, machine(), Holder { pid, started_ms })?;
        self.refuse_remote()?;
        let lock = disk.lock(LOCK).map_err(|error| match error.failure {
            Failure::Held(holder) => HomeDirError::Held { path: self.root.clone(), holder },
            _ => HomeDirError::Disk(error),
        })?;
        self.refuse_other(&disk)?;
        Ok(Claimed { disk: Arc::new(disk), lock })
    }

    /// Returns the directory's disk for reading beside a running node: no lock is taken.
    /// Errors: a form that this program does not know, the disk.
    pub fn look(&self) -> Result<Arc<RealDisk>, HomeDirError> {
        let holder = Holder { pid: std::process::id(), started_ms: 0 };
        let disk = RealDisk::open(&self.root, machine(), holder)?;
        self.refuse_other(&disk)?;
        Ok(Arc::new(disk))
    }

    /// Returns the cité that lives here, if one was founded. Errors: the disk, or a file that holds
    /// something else.
    pub fn cite(&self, disk: &dyn Disk) -> Result<Option<CiteId>, HomeDirError> {
        if disk.length(CITE)?.is_none() {
            return Ok(None);
        }
        let mut bytes = [0; CITE_BYTES_MAX];
        let count = disk.read_at(CITE, 0, &mut bytes)?;
        let text = bytes.get(..count).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let cite = CiteId::from_str(text.unwrap_or_default())
            .map_err(|source| HomeDirError::Cite { path: self.root.join(CITE), source })?;
        Ok(Some(cite))
    }

    /// Remembers, durably, which cité lives here, and in which form. For founding, after the log stands.
    pub fn settle(&self, disk: &dyn Disk, cite: &CiteId) -> Result<(), HomeDirError> {
        format::note(disk)?;
        Ok(disk.replace(CITE, format!("{cite}\n").as_bytes())?)
    }

    /// Returns the founding record in the first leaf of the log, verified: it names the network. Where no leaf
    /// is here yet and the root named keys to recover with, the record that says so.
    /// Errors: neither of them, a damaged log, or one of another cité.
    pub fn founding(
        &self,
        disk: Arc<dyn Disk>,
        cite: CiteId,
    ) -> Result<VerifiedFounding, HomeDirError> {
        let not_founded = || HomeDirError::NotFounded { path: self.root.clone(), cite };
        let log = SegmentsReader::open(Arc::clone(&disk), LOG, cite.0);
        let nothing = match &log {
            Ok(log) => log.is_empty(),
            Err(error) => matches!(error, SegmentsError::NoLog),
        };
        let named = if nothing { named_record(&*disk)? } else { None };
        let signed = match named {
            Some(signed) => signed,
            None => match Entry::decode(&log?.read(0)?)?.payload {
                Payload::Found(signed) => signed,
                _ => return Err(not_founded()),
            },
        };
        let founding = signed.verify()?;
        if founding.cite() == cite { Ok(founding) } else { Err(not_founded()) }
    }

    /// Returns how many bytes this user may still write to the directory's disk.
    pub fn disk_free(&self) -> Result<u64, HomeDirError> {
        let found = rustix::fs::statvfs(&self.root).map_err(|errno| self.unknown(errno.into()))?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    fn refuse_remote(&self) -> Result<(), HomeDirError> {
        let found = rustix::fs::statfs(&self.root).map_err(|errno| self.unknown(errno.into()))?;
        // Some file systems have magic numbers above 2^31, which 32-bit machines give as negative.
        #[allow(clippy::useless_conversion, reason = "the field has 32 bits on some machines")]
        let magic = i64::from(found.f_type) & 0xFFFF_FFFF;
        match REMOTE.iter().find(|(known, _)| *known == magic) {
            Some((_, kind)) => Err(HomeDirError::Remote { path: self.root.clone(), kind }),
            None => Ok(()),
        }
    }

    fn refuse_other(&self, disk: &dyn Disk) -> Result<(), HomeDirError> {
        match format::of(disk)? {
            Some(FORMAT) => Ok(()),
            found => Err(HomeDirError::Format { path: self.root.clone(), found }),
        }
    }

    fn unknown(&self, source: io::Error) -> HomeDirError {
        HomeDirError::Examine { path: self.root.clone(), source }
    }
}

/// Returns the name of this machine; zeros where it has none (see above).
fn machine() -> MachineId {
    let text = std::fs::read_to_string(MACHINE_ID).unwrap_or_default();
    machine_of(&text).unwrap_or_else(|| {
        tracing::warn!(
            "this machine has no {MACHINE_ID}: a copy of the node's files is told by them alone"
        );
        MachineId([0; 32])
    })
}

fn machine_of(text: &str) -> Option<MachineId> {
    let digits = <[u8; 32]>::try_from(text.trim_end().as_bytes()).ok()?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(MachineId(digits))
}

#[cfg(test)]
mod tests {
    use proto::hash::Hash;

    use super::*;

    fn home() -> (tempfile::TempDir, HomeDir) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let home = HomeDir::new(folder.path().join("node"));
        (folder, home)
    }

    #[test]
    fn one_process_has_it_and_the_other_learns_who() {
        let (_folder, home) = home();
        let claimed = home.claim(17).expect("nobody else is here");
        match home.claim(18) {
            Err(HomeDirError::Held { holder: Some(holder), .. }) => {
                assert_eq!(holder, Holder { pid: std::process::id(), started_ms: 17 });
            }
            other => panic!("two processes have it: {:?}", other.map(|_| ()).err()),
        }
        drop(claimed);
        assert!(home.claim(19).is_ok(), "the lock was not given back");
    }

    #[test]
    fn what_another_program_keeps_is_left_alone() {
        let (_folder, home) = home();
        let disk = home.claim(0).expect("nothing is kept in it").disk;
        home.settle(&*disk, &CiteId(Hash([7; 32]))).expect("the disk takes a small file");
        assert!(home.look().is_ok() && home.claim(0).is_ok());
        for (written, number) in [
            (Some("3\n"), Some(3)),
            (Some("1\n"), Some(1)),
            (Some("one\n"), None),
            (Some(""), None),
            // From before there was a number.
            (None, Some(1)),
        ] {
            match written {
                Some(text) => disk.replace("format", text.as_bytes()),
                None => disk.remove("format"),
            }
            .expect("it is ours");
            let claimed = home.claim(0).map(|_| ()).err();
            for refused in [home.look().map(|_| ()).err(), claimed] {
                assert!(
                    matches!(refused, Some(HomeDirError::Format { found, .. }) if found == number),
                    "{written:?}: {refused:?}"
                );
            }
        }
    }

    #[test]
    fn the_cite_is_remembered_and_nonsense_is_not_one() {
        let (_folder, home) = home();
        let disk = home.claim(0).expect("nobody else is here").disk;
        assert_eq!(home.cite(&*disk).expect("a missing file is no error"), None);
        let cite = CiteId(Hash([7; 32]));
        home.settle(&*disk, &cite).expect("the disk takes a small file");
        assert_eq!(home.cite(&*disk).expect("it was just written"), Some(cite));
        for text in ["", "pcite1", "\u{0}\u{0}", "pmemb1qqq", &"a".repeat(500)] {
            disk.replace(CITE, text.as_bytes()).expect("the disk takes a small file");
            assert!(matches!(home.cite(&*disk), Err(HomeDirError::Cite { .. })), "{text:?}");
        }
    }

    #[test]
    fn a_directory_without_a_log_was_not_founded() {
        let (_folder, home) = home();
        let disk = home.claim(0).expect("nobody else is here").disk;
        let founding = home.founding(disk, CiteId(Hash([7; 32])));
        assert!(matches!(founding, Err(HomeDirError::Log(SegmentsError::NoLog))));
    }

    #[test]
    fn a_machine_id_is_32_digits_or_none() {
        let digits = "3d1219c7c4c5404aaa1f6d2a48adfda4";
        let expected = MachineId(*digits.as_bytes().first_chunk().expect("32 digits"));
        assert_eq!(machine_of(&format!("{digits}\n")), Some(expected));
        for text in ["", "uninitialized", "3d1219c7", &format!("{digits}0"), &"z".repeat(32)] {
            assert_eq!(machine_of(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_disk_says_how_much_is_free() {
        let (_folder, home) = home();
        assert!(home.disk_free().is_err(), "a missing directory has no disk");
        let _claimed = home.claim(0).expect("nobody else is here");
        assert!(home.disk_free().expect("the directory exists") > 0);
    }
}
