//! The file of a backup: written whole or not at all, and never over another; looked at and checked offline.

use std::{
    fs,
    io::{self, BufReader, BufWriter, Read},
    path::Path,
};

use ledger::{
    audit::{self, Question, Verdict},
    backup::{self, BackupError, Front, KeyFile},
    bundle::{LogFiles, Reader, Section},
};
use proto::codec::Bytes;

use crate::{
    codes,
    commands::audit::bundle::failure as source_failure,
    context::Context,
    error::{Failure, file_failure},
    input,
    local::LocalLog,
    text,
    whole::{self, Readers},
};

/// What names of backups end with.
pub(super) const SUFFIX: &str = "pirate-backup";

/// Longest key file that is kept, in bytes; ours have a few hundred.
const KEY_BYTES_MAX: u64 = 4_096;

/// What a backup holds.
pub(super) struct Contents {
    pub(super) front: Front,
    /// Entries.
    pub(super) entries: u64,
    /// Entries under the newest certificate.
    pub(super) certified: u64,
    /// Bytes of the file.
    pub(super) bytes: u64,
}

/// Returns the log that is backed up, up to its newest signed checkpoint.
pub(super) fn log(context: &Context) -> Result<LogFiles, Failure> {
    let log = LocalLog::own(&context.paths)?;
    LogFiles::own(log.disk().clone()).map_err(|error| source_failure(&error))
}

/// Writes a backup, whole or not at all. A file that is there is left alone.
pub(super) fn make(context: &Context, log: &LogFiles, path: &Path) -> Result<Contents, Failure> {
    if path.exists() {
        return Err(Failure::new(codes::CANNOT_WRITE, text!("backup-exists", path = path)));
    }
    let front = Front { made: context.now(), cite: log.cite(), keys: keys(&context.paths.keys())? };
    write(context, log, &front, path)?;
    // What was written is what is read again, not what is in memory.
    check(context, path)
}

fn write(context: &Context, log: &LogFiles, front: &Front, path: &Path) -> Result<(), Failure> {
    let progress = context.progress(text!("backup-writing"));
    progress.total(log.checkpoint().head.size);
    let failed = |error: io::Error| file_failure(true, path, &error);
    // Key files are locked, and nobody else's business all the same.
    whole::put(path, Readers::Owner, failed, |file| {
        backup::write(BufWriter::new(file), front, log, |at| progress.at(at))
            .map(|_written| ())
            .map_err(|error| source_failure(&error))
    })
}

/// Returns the key files of people on this machine, as they are locked.
fn keys(folder: &Path) -> Result<Vec<KeyFile>, Failure> {
    let failed = |error: io::Error| file_failure(false, folder, &error);
    let names = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut found = Vec::new();
    for entry in names {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let small = entry.metadata().is_ok_and(|it| it.is_file() && it.len() <= KEY_BYTES_MAX);
        if small && (name.ends_with(".age") || name.ends_with(".toml")) {
            let bytes = Bytes::from(fs::read(entry.path()).map_err(failed)?);
            found.push(KeyFile { name, bytes });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Checks a backup offline: every byte of it, every signature and every rule of the log in it.
pub(super) fn check(context: &Context, path: &Path) -> Result<Contents, Failure> {
    input::check_again(path).map_err(|error| file_failure(false, path, &error))?;
    let contents = look(path).map_err(|error| damaged(path, &error))?;
    let open = || -> io::Result<Box<dyn Read + Send>> {
        let mut file = BufReader::new(input::open(path)?);
        backup::front(&mut file).map_err(io::Error::other)?;
        Ok(Box::new(file))
    };
    let question = Question { bundles: &[&open], proofs: &[], anchors: None, strict: false };
    let progress = context.progress(text!("audit-checking"));
    let report = audit::verify(&question, &|at, total| {
        progress.total(total);
        progress.at(at);
    });
    // Evidence against another cité, which a backup may hold, says nothing against this log.
    match report.verdict {
        Verdict::Invalid => {
            Err(Failure::new(codes::BACKUP_DAMAGED, text!("backup-damaged", path = path)))
        }
        _ => Ok(contents),
    }
}

fn look(path: &Path) -> Result<Contents, BackupError> {
    let file = input::open(path)?;
    let bytes = file.metadata()?.len();
    let mut file = BufReader::new(file);
    let front = backup::front(&mut file)?;
    let (mut entries, mut certified) = (0, 0);
    let mut reader = Reader::open(file)?;
    while let Some(section) = reader.next_section()? {
        match section {
            Section::Checkpoint(checkpoint) => entries = checkpoint.head.size,
            Section::Witnessed(witnessed) => {
                certified = witnessed.certificate.checkpoint.head.size;
            }
            _ => {}
        }
    }
    Ok(Contents { front, entries, certified, bytes })
}

/// Returns what to say about a file that is no good backup.
pub(super) fn damaged(path: &Path, error: &BackupError) -> Failure {
    match error {
        BackupError::Io(error) => file_failure(false, path, error),
        _ => Failure::new(codes::BACKUP_DAMAGED, text!("backup-damaged", path = path))
            .caused_by(error),
    }
}
