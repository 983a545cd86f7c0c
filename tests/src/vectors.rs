//! Golden vectors: every signed or hashed form of version 1, made from fixed seeds, as
//! `docs/format/vectors.json` keeps them. Making one here never changes the file.

mod files;
mod identities;
mod log;
mod messages;
mod orders;
mod resume;
mod state;
mod story;
mod texts;
mod tree;

use std::{borrow::Cow, fmt::Write as _, path::PathBuf};

use serde::{Serialize, Serializer};

pub use log::{ExampleLog, example_evidence, example_log, neighbours_log};
pub use orders::{request, statements};
pub use resume::{fence, resume};
pub use texts::short_card;
pub use tree::{complete_subtrees, consistency, path as inclusion, range_root};

/// One example of a form: named values, bytes in hexadecimal, texts as they are.
#[derive(Serialize)]
pub struct Vector {
    /// Family and name, as in `order/pay`.
    pub name: String,
    /// What the example shows.
    pub about: String,
    /// Names and values, in reading order.
    #[serde(serialize_with = "as_map")]
    pub values: Vec<(Cow<'static, str>, String)>,
}

impl Vector {
    pub(crate) fn new(name: impl Into<String>, about: impl Into<String>) -> Self {
        Self { name: name.into(), about: about.into(), values: Vec::new() }
    }

    pub(crate) fn hex(self, name: impl Into<Cow<'static, str>>, bytes: &[u8]) -> Self {
        self.text(name, hex(bytes))
    }

    pub(crate) fn text(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.values.push((name.into(), value.into()));
        self
    }

    /// Returns the value called `name`, if the vector has one.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }
}

/// The whole file.
#[derive(Serialize)]
struct Document {
    format: &'static str,
    about: &'static str,
    vectors: Vec<Vector>,
}

/// Returns all vectors, in the order of the file.
pub fn all() -> Vec<Vector> {
    let mut vectors = identities::vectors();
    vectors.extend(orders::vectors());
    vectors.extend(log::vectors());
    vectors.extend(resume::vectors());
    vectors.extend(tree::vectors());
    vectors.extend(state::vectors());
    vectors.extend(files::vectors());
    vectors.extend(texts::vectors());
    vectors.extend(messages::vectors());
    vectors
}

/// Returns the text of the file as this program would write it.
pub fn document() -> String {
    let document = Document {
        format: "pirate/1",
        about: "Examples of every signed or hashed form. Bytes are in hexadecimal; names that end \
                in _text, and notes, are UTF-8. Seeds are SHA-256 of \"pirate test seed \" and a \
                label; these keys are for tests only.",
        vectors: all(),
    };
    let mut text = serde_json::to_string_pretty(&document)
        .expect("strings and lists of strings always serialize");
    text.push('\n');
    text
}

/// Returns where the file lies.
pub fn path() -> PathBuf {
    docs().join("format/vectors.json")
}

/// Returns the folder of the documents.
pub fn docs() -> PathBuf {
    root().join("docs")
}

/// Returns the folder of the workspace.
pub fn root() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests are a folder of the workspace").to_owned()
}

/// Returns bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

/// Returns the bytes of a hexadecimal text, or `None` when it is none.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

fn as_map<S: Serializer>(
    values: &[(Cow<'static, str>, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(name, value)| (name, value)))
}
