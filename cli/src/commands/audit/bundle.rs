//! `pirate audit bundle [--cite CITÉ] [-o FILE]`: a whole log in one file, for somebody who has never seen a
//! node. Reads the log beside a running node or without one; the file is there whole or not at all.

use std::{
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use ledger::bundle::{LogFiles, SourceError, Written};
use proto::time::UnixMillis;
use serde_json::json;

use crate::{
    codes,
    commands::Args,
    context::Context,
    dates, dry,
    error::{Failure, file_failure},
    local::LocalLog,
    output::{Done, Mark, Screen},
    text,
    whole::{self, Readers},
};

/// What names of audit bundles end with.
const SUFFIX: &str = "pirate-audit";

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let named = args.text("cite");
    let log = LocalLog::named(&context.paths, named)?;
    let own = LocalLog::own(&context.paths)?.cite() == log.cite();
    let disk = std::sync::Arc::clone(log.disk());
    let files = if own { LogFiles::own(disk) } else { LogFiles::copy_of(disk, log.cite()) };
    let files = files.map_err(|error| failure(&error))?;
    let path =
        args.path("output").unwrap_or_else(|| PathBuf::from(files.slug()).with_extension(SUFFIX));
    if context.global.dry_run {
        return dry::file(&path);
    }
    let written = write(context, &files, &path)?;
    let entries = log.entries()?;
    let last = files.checkpoint().head.size.saturating_sub(1);
    let span = (log.entry(&entries, 0)?.time, log.entry(&entries, last)?.time);
    Ok(done(&files, &path, &written, span))
}

fn write(context: &Context, files: &LogFiles, path: &Path) -> Result<Written, Failure> {
    whole::must_be_free(path)?;
    let progress = context.progress(text!("audit-writing"));
    progress.total(files.checkpoint().head.size);
    let failed = |error: io::Error| file_failure(true, path, &error);
    whole::put(path, Readers::Any, failed, |file| {
        let written = files.write(BufWriter::new(file), |at| progress.at(at));
        written.map_err(|error| failure(&error))
    })
}

/// Says what was written. A bundle never holds a name: a log has none.
fn done(files: &LogFiles, path: &Path, written: &Written, span: (UnixMillis, UnixMillis)) -> Done {
    let head = files.checkpoint().head;
    let certificate = files.certificate();
    let certified = certificate.map_or(0, |certificate| certificate.checkpoint.head.size);
    let witnesses = certificate.map_or(0, |certificate| certificate.cosignatures.len());
    let name = path.display().to_string();
    let screen = Screen::new()
        .mark(
            Mark::Good,
            text!("audit-written", entries = head.size, bytes = written.bytes, file = path),
        )
        .fact(text!("label-digest"), format!("b3:{}", written.digest))
        .fact(text!("label-witnessed-up-to"), certified);
    let data = json!({
        "path": name,
        "hash": format!("b3:{}", written.digest),
        "bytes": written.bytes,
        "cite": files.cite().to_string(),
        "slug": files.slug(),
        "size": head.size,
        "root": head.root.to_string(),
        "entries": written.totals.entries,
        "from": dates::rfc3339(span.0),
        "to": dates::rfc3339(span.1),
        "names_included": false,
        "imports_proved": written.totals.sidecars,
        "evidence": written.totals.evidence,
        "certified_size": certified,
        "cosignatures": witnesses,
    });
    Done::new(data, screen)
        .hint(text!("audit-check-it"), &["pirate", "audit", "verify", name.as_str()])
}

/// Returns what to say about a log that cannot be written into a file.
pub(in crate::commands) fn failure(error: &SourceError) -> Failure {
    let (code, message) = match error {
        SourceError::NoLog => (codes::NO_CITE_HERE, text!("audit-no-log")),
        SourceError::NoCheckpoint => (codes::NO_CITE_HERE, text!("audit-no-checkpoint")),
        SourceError::Output(_) => (codes::CANNOT_WRITE, text!("audit-cannot-write")),
        SourceError::Disk(_) => (codes::LEDGER_DAMAGED, text!("audit-disk")),
        _ => (codes::LEDGER_DAMAGED, text!("audit-log-damaged")),
    };
    let failure = Failure::new(code, message).caused_by(error);
    match error {
        SourceError::NoCheckpoint => failure.fix(&["pirate", "node", "run"]),
        SourceError::NoLog => failure.fix(&["pirate", "cite", "found"]),
        _ => failure,
    }
}
