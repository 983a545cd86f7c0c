//! The rules as tables: each refusal has a row where it bites and, in the same block, one where it just
//! does not. Read them as the by-laws of the network; `harness::table` says how a line is meant.

mod acts;
mod border;
mod closing;
mod founding;
mod heirs;
mod members;
mod order;
mod payment;
mod precedence;
mod request;

use std::collections::{BTreeMap, BTreeSet};

use harness::table::{Row, rows};
use ledger::refusal::Refusal;

/// Refusals that no table can bite on, and why. A negative amount has no refusal at all: minutes have no
/// sign, so nobody can write one; the command line says P0409 before anything is signed.
const OUTSIDE: &[(u16, &str)] = &[
    // Shown by `bytes::strictness`.
    (14, "Malformed: said of bytes that no decoder lets as far as the rules"),
    // Shown by `daemon::the_same_order_twice_is_one_entry`.
    (16, "AlreadyRecorded: a home answers an order that it has with the leaf, which is no refusal"),
    // Shown by `cluster::nothing_is_sent_to_a_cite_that_opened_no_account`.
    (44, "NotOpenedThere: what stands in another log is no part of a fold; a node looks there"),
    // Shown by `resume::every_refusal_of_a_resume_bites`.
    (80, "ResumeKeys: no order, but the root's word with the promises of mirrors"),
    (81, "ResumeIncarnation: as above"),
    (82, "ResumeBase: as above"),
    (83, "FencesMissing: as above"),
    (84, "FenceStranger: as above"),
    (85, "FenceSignature: as above"),
    (86, "FenceAhead: as above"),
    (87, "ResumeCertificate: as above"),
    // Shown by `resume::keys_of_another_cite_are_taken_over_once`.
    (88, "KeysKnown: no order, but the word of another cité's root"),
    // Shown by `resume::every_refusal_of_a_resume_bites`.
    (89, "ResumeNamed: no order, as 80"),
    // Shown by `heirs::a_log_goes_on_with_the_heirs_that_it_names_and_no_others`.
    (103, "NotTheHeirs: no order, as 80"),
    (104, "HeirsUnwatched: no order, as 80"),
];

fn all_tables() -> impl Iterator<Item = &'static str> {
    [
        order::TABLES,
        payment::TABLES,
        request::TABLES,
        border::TABLES,
        closing::TABLES,
        heirs::TABLES,
        acts::TABLES,
        members::TABLES,
        founding::TABLES,
        precedence::TABLES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[test]
fn every_refusal_bites_in_a_row_and_just_does_not_beside_it() {
    let mut covered = BTreeSet::new();
    for table in all_tables() {
        let mut blocks: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        rows(table).into_iter().for_each(|row| blocks.entry(row.block).or_default().push(row));
        for rows in blocks.values() {
            let refused = |row: &Row| Some(row.expected.as_ref()?.refusal()?.0);
            let allowed = rows.iter().any(|row| row.expected.is_some() && refused(row).is_none());
            if allowed {
                covered.extend(rows.iter().filter_map(refused));
            }
        }
    }
    let outside: BTreeSet<u16> = OUTSIDE.iter().map(|(number, _)| *number).collect();
    let known: BTreeSet<u16> = Refusal::NUMBERS.iter().map(|(number, _)| *number).collect();
    let missing: Vec<_> = Refusal::NUMBERS
        .iter()
        .filter(|(number, _)| !covered.contains(number) && !outside.contains(number))
        .collect();
    assert!(missing.is_empty(), "no table shows where these begin and end: {missing:?}");
    let both: Vec<_> = covered.intersection(&outside).collect();
    assert!(both.is_empty(), "these are said to be outside the tables and are not: {both:?}");
    assert!(outside.is_subset(&known), "an exception for a number that is no refusal's");
}

#[test]
fn numbers_rise_and_no_name_stands_twice() {
    assert!(Refusal::NUMBERS.is_sorted_by(|a, b| a.0 < b.0));
    let names: BTreeSet<&str> = Refusal::NUMBERS.iter().map(|(_, name)| *name).collect();
    assert_eq!(names.len(), Refusal::NUMBERS.len());
}
