//! What a command that failed says: code, sentence, cause, and the commands that help, as data.
//! Belongs to no language until the printer says it; nothing here prints.

pub(crate) mod cause;

use serde_json::json;

use crate::{
    codes::{self, Code},
    exit::Exit,
    language::{Lang, Text},
    output::Warning,
    text,
    tree::Typed,
};

/// Version of the JSON form of a failure.
pub const ERROR_SCHEMA: &str = "pirate.error/1";

/// A way out of a failure: a command line, and what it would do.
#[derive(Clone, Debug)]
pub struct Fix {
    /// The command line in canonical English, first word included (`pirate`, or another program).
    pub argv: Vec<String>,
    /// What it is good for; shown before the command.
    pub why: Option<Text>,
}

/// A command that did not do what it was asked. Boxed, because results are handed up often and
/// failures rarely.
#[derive(Clone, Debug)]
pub struct Failure(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    code: Code,
    message: Text,
    details: Vec<Text>,
    technical: Vec<String>,
    fixes: Vec<Fix>,
    data: serde_json::Value,
    warnings: Vec<Warning>,
}

impl Failure {
    /// Returns a failure with the exit that belongs to its code.
    pub fn new(code: Code, message: Text) -> Self {
        Self(Box::new(Parts {
            code,
            message,
            details: Vec::new(),
            technical: Vec::new(),
            fixes: Vec::new(),
            data: json!({}),
            warnings: Vec::new(),
        }))
    }

    /// Adds a sentence below the first: the cause, or what was not done.
    #[must_use]
    pub fn because(mut self, detail: Text) -> Self {
        self.0.details.push(detail);
        self
    }

    /// Adds what the operating system or a library said: the usual refusals in the reader's words, anything
    /// else word for word. The words themselves are kept for programs and for `-v`.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        // Whose file it is helps elsewhere than a full disk or a wrong name.
        if [codes::CANNOT_READ, codes::CANNOT_WRITE].contains(&self.0.code)
            && cause::lacks_rights(error)
        {
            self.0.code = codes::NO_RIGHTS;
        }
        self.0.technical.push(cause::words(error));
        let cause = cause::of(error);
        self.because(cause)
    }

    /// Adds a command that helps, in canonical English: `["pirate", "key", "new"]`.
    #[must_use]
    pub fn fix(mut self, argv: &[&str]) -> Self {
        self.0.fixes.push(Fix { argv: owned(argv), why: None });
        self
    }

    /// Adds a command that helps, with what it is good for.
    #[must_use]
    pub fn fix_for(mut self, why: Text, argv: &[&str]) -> Self {
        self.0.fixes.push(Fix { argv: owned(argv), why: Some(why) });
        self
    }

    /// Returns a value of the data that programs read.
    pub fn value(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.data.get(name)
    }

    /// Sets the machine-readable values of the failure (an object, keys in English).
    #[must_use]
    pub fn data(mut self, data: serde_json::Value) -> Self {
        self.0.data = data;
        self
    }

    /// Says the same under another number, with the exit that belongs to that one.
    #[must_use]
    pub fn numbered(mut self, code: Code) -> Self {
        self.0.code = code;
        self
    }

    /// Says another sentence first; the one that was first stands below it.
    #[must_use]
    pub fn headed(mut self, message: Text) -> Self {
        let before = core::mem::replace(&mut self.0.message, message);
        self.0.details.insert(0, before);
        self.0.fixes.clear();
        self
    }

    /// Says it to somebody on another machine than the node's, where the commands of whoever runs the node only fail:
    /// the page of the code says what they can do.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        let runs = |fix: &Fix| fix.argv.get(1).is_some_and(|word| word == "node");
        if !self.fixes().iter().any(runs) {
            return self;
        }
        let mut said = self;
        said.0.fixes.clear();
        let page = ["pirate", "explain", said.0.code.name()];
        said.fix(&page)
    }

    /// Adds what was said to programs before it failed.
    #[must_use]
    pub(crate) fn beside(mut self, warnings: Vec<Warning>) -> Self {
        self.0.warnings = warnings;
        self
    }

    /// Returns it with the commands that help as whoever typed `typed` types them.
    #[must_use]
    pub fn after(mut self, typed: &Typed) -> Self {
        self.0.warnings.iter_mut().for_each(|warning| typed.complete(&mut warning.fix));
        self.0.fixes = self.fixes();
        self.0.fixes.iter_mut().for_each(|fix| typed.complete(&mut fix.argv));
        self
    }

    /// Returns the numbered code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        self.0.code.exit()
    }

    /// Returns the first sentence.
    pub fn message(&self) -> &Text {
        &self.0.message
    }

    /// Returns the sentences below the first.
    pub fn details(&self) -> &[Text] {
        &self.0.details
    }

    /// Returns what the libraries said, in English.
    pub fn technical(&self) -> &[String] {
        &self.0.technical
    }

    /// Returns the commands that help. There is always one: what helps with this code, when this failure
    /// names none of its own.
    pub fn fixes(&self) -> Vec<Fix> {
        if self.0.fixes.is_empty() {
            return vec![Fix { argv: self.0.code.fix(), why: None }];
        }
        self.0.fixes.clone()
    }

    /// Returns the object `pirate.error/1`.
    pub fn json(&self, lang: Lang) -> serde_json::Value {
        let details: Vec<String> = self.0.details.iter().map(|detail| lang.say(detail)).collect();
        let fixes = self.fixes();
        let warnings: Vec<_> = self.0.warnings.iter().map(|warning| warning.json(lang)).collect();
        json!({
            "schema": ERROR_SCHEMA,
            "code": self.0.code.name(),
            "exit": self.exit().code(),
            "message": lang.say(&self.0.message),
            "details": details,
            "technical": self.0.technical,
            "data": self.0.data,
            "fix": fixes.first().map(|fix| &fix.argv),
            "docs": format!("pirate:explain/{}", self.0.code.name()),
            "warnings": warnings,
        })
    }
}

fn owned(argv: &[&str]) -> Vec<String> {
    argv.iter().map(|word| (*word).to_owned()).collect()
}

/// Returns the failure of an operation on a file: P0201 when writing, P0202 when reading, P0215 where the system
/// does not allow it, P0216 for a file to read that is not there.
pub fn file_failure(writing: bool, path: &std::path::Path, error: &std::io::Error) -> Failure {
    let absent = [std::io::ErrorKind::NotFound, std::io::ErrorKind::NotADirectory];
    let failure = if writing {
        Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path))
    } else if absent.contains(&error.kind()) {
        Failure::new(codes::NO_SUCH_FILE, text!("cannot-read", path = path))
    } else {
        Failure::new(codes::CANNOT_READ, text!("cannot-read", path = path))
    };
    failure.caused_by(error).data(json!({ "path": path.display().to_string() }))
}

/// Returns whether there is something of this name. What one may not look at is not absent: whoever took it
/// for that would found a second cité, or make a second key.
///
/// # Errors
/// P0215, P0202.
pub fn is_there(path: &std::path::Path) -> Result<bool, Failure> {
    path.try_exists().map_err(|error| file_failure(false, path, &error))
}

#[cfg(test)]
mod fix_tests;
