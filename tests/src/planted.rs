//! Planted bugs: deliberate mistakes, the harm that each would do, and the tests that catch it. The program itself
//! stays clean; a mistake is made only in a copy of its sources.

mod bugs;
mod page;
mod run;
mod tree;

pub use bugs::AREAS;
pub use page::{PAGE, table};
pub use run::{Found, Tally, run};
pub use tree::{Edited, Test, edited, source_of};

/// Stands in a wrong text for the question whether the mistake is made in this run.
pub const PLANTED: &str = "PLANTED";

/// A deliberate mistake.
pub struct Bug {
    /// Its number, never used for another one.
    pub number: u16,
    /// What is wrong, in a few words.
    pub name: &'static str,
    /// What it would do to people, in one sentence.
    pub harm: &'static str,
    /// The file, from the root of the project.
    pub file: &'static str,
    /// The text there that is right; it stands in the file once.
    pub old: &'static str,
    /// What takes its place: both ways, and [`PLANTED`] decides.
    pub new: &'static str,
    /// The tests of which each catches it, as `BINARY NAME`.
    pub caught_by: &'static [&'static str],
}

/// Returns all mistakes, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static Bug> {
    AREAS.iter().flat_map(|(_, bugs)| bugs.iter())
}
