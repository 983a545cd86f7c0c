//! The table of planted bugs as a page shows it. Nothing here says whether a bug was caught.

use std::fmt::Write as _;

use super::{AREAS, tree::Test};

/// The page, from the root of the project.
pub const PAGE: &str = "docs/reliability-planted.md";

/// Returns the tables of all areas, each below its heading.
pub fn table() -> String {
    let mut text = String::new();
    for (area, bugs) in AREAS {
        let _ = writeln!(
            text,
            "### {area}\n\n| number | mistake | what it would do | where | caught by |"
        );
        text.push_str("|---|---|---|---|---|\n");
        for bug in *bugs {
            let tests: Vec<String> = bug
                .caught_by
                .iter()
                .map(|written| {
                    let Test { binary, name } = Test::of(written);
                    if binary == "cases" {
                        format!("`{name}`")
                    } else {
                        format!("`{name}` in {binary}")
                    }
                })
                .collect();
            let (number, name, harm, file) = (bug.number, bug.name, bug.harm, bug.file);
            let _ =
                writeln!(text, "| {number} | {name} | {harm} | `{file}` | {} |", tests.join(", "));
        }
        text.push('\n');
    }
    text
}
