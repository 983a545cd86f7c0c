//! Tests as tables: a text with one event a line and what the rules must answer, run against the real
//! fold of a real cité. Nothing happens in a table that none of its lines says.
//!
//! ```text
//! zoe pays marcel 1h30                -> ok
//! zoe pays marcel 0                   -> 20 ZeroAmount
//! zoe pays marcel 1h, on device 7     -> 5 UnknownLane 7
//! zoe stands at -1h30
//! ```
//!
//! What stands before the arrow is tried; behind it stand `ok`, or the number, the name and (where the
//! table cares) the values of the refusal. A line without an arrow prepares something or looks. Behind
//! commas stands what is unusual about an order. A blank line ends a block; `#` begins a remark.

mod cite;
mod events;
mod signed;
mod words;

use ledger::refusal::Refusal;

pub use cite::{Cite, Outcome};

/// What every table but those about founding begins with: the weavers, at home to Zoé, a steward, to
/// Marcel and Pia, and with an account for the boatmen, who may owe 10 h.
pub const OPENING: &str = "
    tisserandes is founded              -> ok
    the root admits zoe as steward      -> ok
    the root admits marcel              -> ok
    the root admits pia                 -> ok
    seal                                -> ok
    zoe opens mariniers with 10h        -> ok
";

/// One line of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Number of the block that it stands in.
    pub block: usize,
    /// Words of the event.
    pub words: Vec<String>,
    /// What is unusual about it.
    pub unusual: Vec<Vec<String>>,
    /// How often it is tried.
    pub times: u32,
    /// What the rules must answer; `None` when they are not asked.
    pub expected: Option<Expected>,
    /// The line as it stands.
    pub text: String,
}

/// What the rules must answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// The entry is made, and a stream message in it is taken in.
    Ok,
    /// The entry is made, and the transfer in it is sent back for this reason.
    Returned(u16, String),
    /// No entry is made, for this reason, with these values.
    Refused(u16, String, Vec<String>),
}

impl Expected {
    fn read(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |text: &str| text.parse().expect("a refusal's number stands before its name");
        match words.as_slice() {
            ["ok"] => Self::Ok,
            ["returned", reason, name] => Self::Returned(number(reason), (*name).to_owned()),
            [refusal, name, facts @ ..] => {
                let facts = facts.iter().map(|fact| (*fact).to_owned()).collect();
                Self::Refused(number(refusal), (*name).to_owned(), facts)
            }
            _ => panic!("behind an arrow stands ok, or the number and the name of a refusal"),
        }
    }

    /// Returns the number and name of the refusal that is expected.
    pub fn refusal(&self) -> Option<(u16, &str)> {
        match self {
            Self::Ok => None,
            Self::Returned(number, name) | Self::Refused(number, name, _) => Some((*number, name)),
        }
    }
}

impl Row {
    /// Returns the word that says what sort of event this is.
    pub fn verb(&self) -> &str {
        let at = match self.words.first().map(String::as_str) {
            Some("the") => 2,
            Some("acknowledge" | "farewell" | "seal" | "day" | "suppose") => 0,
            _ => 1,
        };
        self.words.get(at).map_or("", String::as_str)
    }
}

/// Returns the rows of a table's text.
pub fn rows(text: &str) -> Vec<Row> {
    let mut block = 0;
    let mut rows = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            block += 1;
        } else if !line.starts_with('#') {
            rows.push(row(block, line));
        }
    }
    rows
}

fn row(block: usize, line: &str) -> Row {
    let (event, expected) = match line.split_once("->") {
        Some((event, expected)) => (event, Some(Expected::read(expected))),
        None => (line, None),
    };
    let (times, event) = match event.split_once(" times: ") {
        Some((times, event)) => (times.parse().expect("a number stands before times"), event),
        None => (1, event),
    };
    let words = |part: &str| part.split_whitespace().map(str::to_owned).collect();
    let mut parts = event.split(',');
    Row {
        block,
        words: words(parts.next().unwrap_or_default()),
        unusual: parts.map(words).collect(),
        times,
        expected,
        text: line.to_owned(),
    }
}

/// Runs a table on a cité that is not founded yet.
///
/// # Panics
/// At the first line whose answer is not the expected one, naming both; and when the log that came of
/// it, replayed from its bytes, leads to another state.
pub fn run(text: &str) -> Cite {
    let mut cite = Cite::new();
    for row in rows(text) {
        for time in 1..=row.times {
            check(&mut cite, &row, time);
        }
    }
    cite.replay();
    cite
}

/// Runs a table on the cité of [`OPENING`].
///
/// # Panics
/// As [`run`].
pub fn run_opened(text: &str) -> Cite {
    run(&format!("{OPENING}\n{text}"))
}

fn check(cite: &mut Cite, row: &Row, time: u32) {
    let before = cite.root();
    let answer = cite.event(row, time);
    let found = match &answer {
        None => None,
        Some(Ok(Outcome::Done)) => Some(Expected::Ok),
        Some(Ok(Outcome::Returned(number))) => Some(Expected::Returned(*number, name(*number))),
        Some(Err(refusal)) => {
            let facts = match &row.expected {
                Some(Expected::Refused(_, _, facts)) if !facts.is_empty() => cite.facts(refusal),
                _ => Vec::new(),
            };
            Some(Expected::Refused(refusal.number(), name(refusal.number()), facts))
        }
    };
    assert_eq!(found, row.expected, "\n\n    {}\n    answered: {answer:?}\n", row.text);
    if matches!(answer, Some(Err(_))) {
        assert_eq!(cite.root(), before, "a refusal changed the state: {}", row.text);
    }
    assert!(cite.sums_to_zero(), "the accounts do not sum to zero after: {}", row.text);
}

fn name(number: u16) -> String {
    let known = Refusal::NUMBERS.iter().find(|(own, _)| *own == number);
    known.map(|(_, name)| (*name).to_owned()).expect("every refusal is among the numbers")
}
