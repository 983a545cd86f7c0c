//! Documents that are run: what stands behind `$ ` in a `console` block is typed, what follows is what
//! must be answered. A document that is wrong fails with its file, line and what was said instead.
//!
//! | in the document | means |
//! |---|---|
//! | ```` ```console ```` | typed in the document's shell, one command after the other |
//! | ```` ```console window=NAME ```` | typed in a window of its own, which stays open; a later block goes on there |
//! | `$ COMMAND` | a command; while its line ends in `\`, the next line (after `> `) belongs to it |
//! | `…` within a line | any text |
//! | a line of `…` alone | any lines, or none |
//! | `(code de sortie N)`, `(exit code N)` | how the command ends, instead of 0; the line itself is not said |
//! | `^C` in a window | the keys Ctrl-C, once everything before was said |
//! | `<!-- run: COMMAND -->` | run unseen in the document's shell; says what it likes, must end with 0 |
//!
//! In the document's shell `until_ok COMMAND…` tries a command until it succeeds.
//!
//! Nothing waits for a time: a command is over when it ends, and a window goes on when it has said what
//! is written. Spaces that do not break count as spaces, colours and
//! empty lines as nothing.

mod shell;

use std::{fmt::Write as _, fs, path::Path};

use shell::Session;

/// A step of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Step {
    /// Line of the document, from 1.
    line: usize,
    /// The window; the document's shell without one.
    window: Option<String>,
    /// What is typed; nothing where a window only goes on.
    command: String,
    /// Lines that must be said, up to each Ctrl-C.
    said: Vec<Vec<String>>,
    code: i32,
}

/// Runs a document in an empty directory, with these programs and settings before all others.
///
/// # Panics
/// With file, line, what was written and what was said, at the first difference.
pub fn run(file: &Path, programs: &Path, env: &[(&str, String)]) {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let steps = parse(&text);
    assert!(!steps.is_empty(), "{}: nothing to run", file.display());
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let mut session = Session::start(place.path(), programs, env);
    for step in &steps {
        if let Err(fault) = session.play(step) {
            panic!("{}:{}: $ {}\n{fault}", file.display(), step.line, step.command);
        }
    }
    session.finish();
}

/// Returns the steps of a document.
fn parse(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if let Some(hidden) = line.trim().strip_prefix("<!-- run:") {
            let command = hidden.trim_end_matches("-->").trim().to_owned();
            assert!(hidden.ends_with("-->"), "line {number}: a hidden step ends on its line");
            steps.push(Step {
                said: vec![vec!["…".to_owned()]],
                ..Step::new(number, None, command)
            });
        }
        let Some(info) = line.trim_end().strip_prefix("```console") else { continue };
        let window = info.trim().strip_prefix("window=").map(str::to_owned);
        assert!(window.is_some() || info.is_empty(), "line {number}: unknown mark {info:?}");
        let mut block = lines.by_ref().take_while(|(_, line)| line.trim_end() != "```");
        let mut begun = false;
        while let Some((number, line)) = block.next() {
            let Some(command) = line.strip_prefix("$ ") else {
                if !begun {
                    assert!(window.is_some(), "line {number}: a block begins with a command");
                    steps.push(Step::new(number, window.clone(), String::new()));
                }
                begun = true;
                steps.last_mut().expect("one was begun").hears(line);
                continue;
            };
            begun = true;
            let mut command = command.to_owned();
            while command.ends_with('\\') {
                let (_, more) = block.next().expect("a command goes on in its block");
                write!(command, "\n{}", more.trim_start_matches("> ")).expect("memory is enough");
            }
            steps.push(Step::new(number, window.clone(), command));
        }
    }
    steps
}

impl Step {
    fn new(line: usize, window: Option<String>, command: String) -> Self {
        Self { line, window, command, said: vec![Vec::new()], code: 0 }
    }

    fn hears(&mut self, line: &str) {
        let trimmed = line.trim();
        let code = ["(code de sortie ", "(exit code "]
            .iter()
            .find_map(|words| trimmed.strip_prefix(words)?.strip_suffix(')')?.parse().ok());
        match (code, trimmed) {
            (Some(code), _) => self.code = code,
            (None, "^C") => self.said.push(Vec::new()),
            (None, "") => {}
            _ => self.said.last_mut().expect("there is always one part").push(plain(line)),
        }
    }
}

/// Returns a text with ordinary spaces, without colours, empty lines, and blanks at the ends of lines.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            // A colour (ECMA-48): ESC, a bracket, figures, one letter.
            '\u{1b}' => {
                letters.by_ref().skip(1).find(char::is_ascii_alphabetic);
            }
            '\u{a0}' | '\u{202f}' => plain.push(' '),
            other => plain.push(other),
        }
    }
    let lines = plain.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns how many of the lines that were said are used up by all that is written, if they fit; the
/// last of them when `whole`, and otherwise as few as possible.
fn fits(written: &[String], said: &[&str], whole: bool) -> Option<usize> {
    let Some((first, rest)) = written.split_first() else {
        return (!whole || said.is_empty()).then_some(0);
    };
    if first.trim() == "…" {
        return (0..=said.len())
            .find_map(|skipped| Some(skipped + fits(rest, said.get(skipped..)?, whole)?));
    }
    let (line, after) = said.split_first()?;
    if line_fits(first, line) { Some(1 + fits(rest, after, whole)?) } else { None }
}

/// Returns whether a line is as written, with `…` for any text.
fn line_fits(written: &str, said: &str) -> bool {
    let Some((before, after)) = written.split_once('…') else { return written == said };
    let Some(rest) = said.strip_prefix(before) else { return false };
    let mut places: Vec<usize> = rest.char_indices().map(|(place, _)| place).collect();
    places.push(rest.len());
    places.into_iter().any(|place| rest.get(place..).is_some_and(|rest| line_fits(after, rest)))
}

/// Returns both texts, for whoever mends the document.
fn difference(written: &[String], said: &str) -> String {
    let mut shown = String::from("--- written\n");
    for line in written {
        shown.push_str(line);
        shown.push('\n');
    }
    shown.push_str("--- said\n");
    shown.push_str(said);
    shown
}

#[cfg(test)]
mod tests {
    use super::{fits, line_fits, parse, plain};

    #[test]
    fn dots_stand_for_any_text_and_nothing_else_does() {
        for (written, said, same) in [
            ("a … c", "a b c", true),
            ("a … c", "a  c", true),
            ("…", "", true),
            ("pinv1…", "pinv1qqqq", true),
            ("…x…", "abxcd", true),
            ("a…b", "a b c", false),
            ("a", "a ", false),
            ("1 h 30", "1 h 31", false),
        ] {
            assert_eq!(line_fits(written, said), same, "{written:?} {said:?}");
        }
    }

    #[test]
    fn a_line_of_dots_stands_for_any_lines() {
        let written = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
        for (lines, said, whole, used) in [
            (&["…", "c"][..], &["a", "b", "c"][..], true, Some(3)),
            (&["a", "…"], &["a"], true, Some(1)),
            (&["a"], &["a", "b"], true, None),
            (&["a"], &["a", "b"], false, Some(1)),
            (&["b", "…"], &["a"], false, None),
            (&["a", "b"], &["a"], false, None),
            (&[], &["a"], true, None),
        ] {
            assert_eq!(fits(&written(lines), said, whole), used, "{lines:?} {said:?}");
        }
    }

    #[test]
    fn a_document_is_read_as_its_table_says() {
        let steps = parse(concat!(
            "# Title\n<!-- run: true -->\n```sh\n$ no\n```\n```console\n$ one \\\n> two\nsaid\n",
            "(code de sortie 4)\n$ three\n```\n```console window=node\n$ four\nready\n```\n",
            "```console window=node\n^C\nbye\n```\n",
        ));
        let seen: Vec<_> = steps.iter().map(|s| (s.line, s.command.as_str(), s.code)).collect();
        assert_eq!(
            seen,
            [(2, "true", 0), (7, "one \\\ntwo", 4), (11, "three", 0), (14, "four", 0), (18, "", 0)]
        );
        assert_eq!(steps[4].window.as_deref(), Some("node"));
        assert_eq!(steps[4].said, [vec![], vec!["bye".to_owned()]]);
        assert_eq!(plain("\u{1b}[32m✓\u{1b}[0m 1\u{a0}h  "), "✓ 1 h");
    }
}
