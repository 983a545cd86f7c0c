//! The walkthroughs of `docs/` are played as they are written. Each runs in a directory of its own.

use std::path::Path;

use harness::{document, processes::program, vectors};

fn play(name: &str) {
    let programs = program().parent().map(Path::to_owned).expect("a program is in a folder");
    // What a terminal of 80 columns shows; a pipe alone would show the plain form.
    let terminal = [("FORCE_COLOR", "1".to_owned()), ("COLUMNS", "80".to_owned())];
    document::run(&vectors::docs().join(name), &programs, &terminal);
}

#[test]
fn a_member_reads_and_follows() {
    play("walkthrough-member.md");
}

#[test]
fn an_operator_reads_and_follows() {
    play("walkthrough-operator.md");
}

#[test]
fn an_auditor_reads_and_follows() {
    play("walkthrough-auditor.md");
}
