//! `pirate audit verify FILES… [--anchor FILE] [--strict]`: checks audit bundles offline and ends with the
//! verdict's number. Opens no socket, reads only the files that it is given, writes none.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use ledger::audit::{self, ANCHORS_BYTES_MAX, Anchors, Question};

use super::findings;
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
    let files: Vec<PathBuf> = args.list("bundle").into_iter().map(PathBuf::from).collect();
    for path in &files {
        // A file that is not there is a slip of the hand, not a verdict. Bundles are read several times: the
        // second time a pipe would be empty, and a good bundle be said not to hold.
        input::check_again(path).map_err(|error| file_failure(false, path, &error))?;
    }
    let anchor = args.path("anchor");
    let anchors = anchor.as_deref().map(read_anchors).transpose()?;
    let opens: Vec<_> = files.iter().map(|path| move || open(path)).collect();
    let bundles: Vec<&audit::Open<'_>> =
        opens.iter().map(|open| open as &audit::Open<'_>).collect();
    let question =
        Question { bundles: &bundles, anchors: anchors.as_ref(), strict: args.flag("strict") };
    let report = {
        let progress = context.progress(text!("audit-checking"));
        audit::verify(&question, &|at, total| {
            progress.total(total);
            progress.at(at);
        })
    };
    let exit = Exit::of_verdict(report.verdict.number())
        .expect("the verdicts of the ledger are those of the exit codes");
    let data = findings::data(context, &report, &files, anchor.as_deref());
    let screen = findings::screen(&report, &files, anchor.as_deref());
    let code = findings::code(report.verdict);
    Ok(Done::new(data, screen)
        .exiting(exit)
        .hint(text!("audit-more"), &["pirate", "explain", code.name()]))
}

fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(input::open(path)?))
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
    Anchors::parse(&said).map_err(|error| unreadable(&error))
}
