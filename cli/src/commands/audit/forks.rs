//! `pirate audit forks FILES… [--against FILE] [--output FOLDER]`: searches bundles for whatever a key should never have
//! signed, and writes each proof into a file of its own. Opens no socket; overwrites nothing else than such a proof.

use std::path::{Path, PathBuf};

use ledger::evidence::Conviction;
use proto::evidence::Evidence;
use serde_json::json;

use super::{findings, given::Given, verify::report};
use crate::{
    codes,
    commands::Args,
    context::Context,
    error::{Failure, file_failure},
    exit::Exit,
    mailed,
    output::{Done, Mark, Screen},
    proof_file, text,
};

/// What names of proofs end with.
const SUFFIX: &str = "pirate-proof";

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let given = Given::take(args.list("bundle").into_iter().chain(args.text("against")))?;
    let report = report(context, &given, None, false);
    let folder = args.path("output").unwrap_or_default();
    let mut screen = Screen::new();
    let mut found = Vec::new();
    for conviction in &report.convictions {
        let path = write(&folder, conviction)?;
        screen = findings::proof_screen(screen, &report, conviction)
            .fact(text!("label-proof"), path.display().to_string());
        found.push((findings::fork_data(conviction), path.display().to_string()));
    }
    // What does not hold was searched up to its fault only.
    let unread = report.bundles.iter().zip(&given.bundles).filter(|(one, _)| one.fault.is_some());
    let unread: Vec<String> = unread.map(|(_, file)| file.display().to_string()).collect();
    for file in &unread {
        screen = screen.mark(Mark::Warn, text!("audit-forks-unread", file = file.as_str()));
    }
    let (code, exit) = match (found.is_empty(), unread.is_empty()) {
        (false, _) => (codes::TWO_HISTORIES, Exit::TwoHistories),
        (true, false) => (codes::INVALID, Exit::Invalid),
        (true, true) => {
            screen = screen.mark(Mark::Good, text!("audit-forks-none"));
            (codes::VERIFIED, Exit::Done)
        }
    };
    let first = found.first().map(|(_, path)| path.clone());
    let forks: Vec<_> = found
        .into_iter()
        .map(|(mut fork, path)| {
            if let Some(fork) = fork.as_object_mut() {
                fork.insert("proof".to_owned(), json!(path));
            }
            fork
        })
        .collect();
    let done =
        Done::new(json!({ "verdict": exit.code(), "forks": forks, "unread": unread }), screen);
    let done = done.exiting(exit).hint(text!("audit-more"), &["pirate", "explain", code.name()]);
    Ok(match first {
        Some(path) => done.hint(text!("audit-check-it"), &["pirate", "audit", "verify", &path]),
        None => done,
    })
}

/// Writes a proof under a name that says what it proves.
fn write(folder: &Path, conviction: &Conviction) -> Result<PathBuf, Failure> {
    let evidence = conviction.evidence();
    let at = match evidence {
        Evidence::SameSize { second, .. } => second.head.size,
        Evidence::Inconsistent { larger, .. } => larger.head.size,
        Evidence::BadEntry { leaf, .. } => *leaf,
        Evidence::TwoCosigned { second: cosigned, .. } | Evidence::AfterFence { cosigned, .. } => {
            cosigned.head.size
        }
    };
    // A short name has only letters, digits and hyphens.
    let slug = &conviction.founding().founding().slug;
    let path = folder.join(format!("{slug}-e{}-{at}.{SUFFIX}", evidence.number()));
    mailed::put(&path, &proof_file::write(evidence))
        .map_err(|error| file_failure(true, &path, &error))?;
    Ok(path)
}
