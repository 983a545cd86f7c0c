//! `pirate audit forks FILES… [--against FILE] [--output FOLDER]`: searches bundles for whatever a key should never have
//! signed, and writes each proof into a file of its own. Opens no socket; overwrites nothing else than such a proof.

use ledger::{audit::NotChecked, evidence::Conviction};
use proto::{codec::Canonical as _, evidence::Evidence, hash::sha256};
use serde_json::json;

use super::{findings, given::Given, parting, verify::report};
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

/// Digits of a proof's digest in its name: so many that nobody finds another proof with the same.
const DIGITS: usize = 16;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let given = Given::take(args.list("bundle").into_iter().chain(args.text("against")))?;
    let report = report(context, &given, None, false);
    let folder = args.path("output").unwrap_or_default();
    let mut screen = Screen::new();
    let mut found = Vec::new();
    for conviction in &report.convictions {
        let path = folder.join(name(conviction));
        if !context.global.dry_run {
            mailed::put(&path, &proof_file::write(conviction.evidence()))
                .map_err(|error| file_failure(true, &path, &error))?;
        }
        screen = findings::proof_screen(screen, &report, conviction);
        let parted = parting::find(&given, &report, conviction);
        if let Some(parted) = &parted {
            screen = parting::screen(screen, parted);
        }
        screen = match context.global.dry_run {
            true => screen.line(text!("file-dry-run", path = &path)),
            false => screen.fact(text!("label-proof"), path.display().to_string()),
        };
        let parted = parted.as_ref().map(parting::data);
        found.push((findings::fork_data(conviction), path.display().to_string(), parted));
    }
    // What does not hold was searched up to its fault only.
    let unread = report.bundles.iter().zip(&given.bundles).filter(|(one, _)| one.fault.is_some());
    let unread: Vec<String> = unread.map(|(_, file)| file.display().to_string()).collect();
    for file in &unread {
        screen = screen.mark(Mark::Warn, text!("audit-forks-unread", file = file.as_str()));
    }
    let left_out = report.heads_left_out();
    if left_out > 0 {
        let said = findings::not_checked_text(NotChecked::Heads { left_out });
        screen = screen.mark(Mark::NotChecked, said);
    }
    let (code, exit) = match (found.is_empty(), unread.is_empty()) {
        (false, _) => (codes::TWO_HISTORIES, Exit::TwoHistories),
        (true, false) => (codes::INVALID, Exit::Invalid),
        (true, true) => {
            let none = match left_out {
                0 => text!("audit-forks-none"),
                _ => text!("audit-forks-none-checked"),
            };
            screen = screen.mark(Mark::Good, none);
            (codes::VERIFIED, Exit::Done)
        }
    };
    let dry = context.global.dry_run;
    let first = found.first().map(|(_, path, _)| path.clone());
    let forks: Vec<_> = found
        .into_iter()
        .map(|(mut fork, path, parted)| {
            if let Some(fork) = fork.as_object_mut() {
                fork.insert("proof".to_owned(), json!((!dry).then_some(path)));
                fork.insert("parting".to_owned(), json!(parted));
            }
            fork
        })
        .collect();
    let done = Done::new(
        json!({ "verdict": exit.code(), "forks": forks, "unread": unread, "heads_left_out": left_out }),
        screen,
    );
    let done = done.exiting(exit).hint(text!("audit-more"), &["pirate", "explain", code.name()]);
    Ok(match first.filter(|_| !dry) {
        Some(path) => done.hint(text!("audit-check-it"), &["pirate", "audit", "verify", &path]),
        None => done,
    })
}

/// Returns a name for a proof that says what it proves, and that nothing else has: anybody may found a cité of the same
/// short name and prove something at the same size.
fn name(conviction: &Conviction) -> String {
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
    let digest: String = sha256(&evidence.encode()).to_string().chars().take(DIGITS).collect();
    format!("{slug}-e{}-{at}-{digest}.{SUFFIX}", evidence.number())
}
