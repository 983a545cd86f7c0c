//! `pirate audit verify FILES… [--anchor FILE] [--strict]`: checks audit bundles and proofs offline and ends with the
//! verdict's number. Opens no socket, reads only the files that it is given, writes none.

use std::{io::Read as _, path::Path};

use ledger::audit::{self, ANCHORS_BYTES_MAX, Anchors, Question, Report};

use super::{findings, given::Given};
use crate::{
    codes,
    commands::Args,
    context::Context,
    error::{Failure, file_failure},
    exit::Exit,
    input,
    output::Done,
    text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let given = Given::take(args.list("bundle"))?;
    let anchor = args.path("anchor");
    let anchors = anchor.as_deref().map(read_anchors).transpose()?;
    let report = report(context, &given, anchors.as_ref(), args.flag("strict"));
    let exit = Exit::of_verdict(report.verdict.number())
        .expect("the verdicts of the ledger are those of the exit codes");
    let data = findings::data(context, &report, &given.bundles, anchor.as_deref());
    let screen = findings::screen(&report, &given.bundles, anchor.as_deref());
    let code = findings::code(report.verdict);
    Ok(Done::new(data, screen)
        .exiting(exit)
        .hint(text!("audit-more"), &["pirate", "explain", code.name()]))
}

/// Audits what was given.
pub(super) fn report(
    context: &Context,
    given: &Given,
    anchors: Option<&Anchors>,
    strict: bool,
) -> Report {
    let progress = context.progress(text!("audit-checking"));
    given.with_opened(|bundles| {
        let question = Question { bundles, proofs: &given.proofs, anchors, strict };
        audit::verify(&question, &|at, total| {
            progress.total(total);
            progress.at(at);
        })
    })
}

fn read_anchors(path: &Path) -> Result<Anchors, Failure> {
    let mut said = String::new();
    let bound = u64::try_from(ANCHORS_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let file = input::open(path).map_err(|error| file_failure(false, path, &error))?;
    let unreadable = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(codes::ANCHOR_UNREADABLE, text!("anchor-unreadable", file = path))
            .caused_by(error)
            .because(text!("anchor-form"))
    };
    file.take(bound).read_to_string(&mut said).map_err(|error| unreadable(&error))?;
    // Some editors begin every text with a mark of its encoding.
    Anchors::parse(said.trim_start_matches('\u{feff}')).map_err(|error| unreadable(&error))
}
