//! The only place that prints: people (`human`), grep and screen readers (`--plain`), programs (`--json`).
//! The result goes to stdout, everything else to stderr; nothing here decides anything.

mod picture;
mod screen;
mod table;
mod visible;
mod width;

pub(crate) use screen::wrap;
pub use screen::{Mark, Screen};
pub use table::Table;
pub(crate) use visible::visible;

use std::io::{self, IsTerminal as _, Write as _};

use clap::builder::styling::{AnsiColor, Style};
use serde_json::json;

use crate::{
    codes::{self, Code},
    error::{Failure, cause},
    exit::Exit,
    language::{Lang, Text},
    progress, text,
    tree::{self, Typed},
};

/// Columns of a screen: what a terminal has had since 1928's punched card.
pub const COLUMNS_MAX: usize = 80;
/// Below this many columns nothing wraps sensibly any more.
const COLUMNS_MIN: usize = 40;

/// For whom the output is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Aligned, with marks and colours.
    Human,
    /// One fact a line, no alignment, no boxes, ASCII minus and plain spaces.
    Plain,
    /// One JSON object, or JSON Lines for streams.
    Json,
}

/// What `--color` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Colour {
    /// As the terminal and `NO_COLOR`, `FORCE_COLOR` say.
    #[default]
    Auto,
    /// Even into a file.
    Always,
    /// None.
    Never,
}

/// How this run prints; cheap to copy, so that a progress thread can hold one.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    form: Form,
    lang: Lang,
    columns: usize,
    lines: Option<usize>,
    quiet: bool,
    verbose: bool,
    stdout: anstream::ColorChoice,
    stderr: anstream::ColorChoice,
}

/// A warning beside a result: a `W…` code, the sentence, and the command that helps.
#[derive(Clone, Debug)]
pub struct Warning {
    /// The numbered warning.
    pub code: Code,
    /// What is the matter.
    pub message: Text,
    /// The command that helps, in canonical English; may be empty.
    pub fix: Vec<String>,
}

impl Warning {
    /// Returns a warning; `fix` is the command that helps, in canonical English (may be empty).
    pub fn new(code: Code, message: Text, fix: &[&str]) -> Self {
        Self { code, message, fix: fix.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// Returns it as data.
    pub(crate) fn json(&self, lang: Lang) -> serde_json::Value {
        json!({ "code": self.code.name(), "message": lang.say(&self.message), "fix": self.fix })
    }
}

/// What a command that worked returns.
#[derive(Clone, Debug, Default)]
pub struct Done {
    data: serde_json::Value,
    screen: Screen,
    raw: Option<String>,
    warnings: Vec<Warning>,
    hints: Vec<(Text, Vec<String>)>,
    /// Of the hints, those that are for somebody else.
    elsewhere: Vec<usize>,
    exit: Option<Exit>,
    not_ok: bool,
    dry: bool,
    streamed: bool,
}

impl Done {
    /// Returns a result: `data` for programs, `screen` for people. Keys in English, values neutral.
    pub fn new(data: serde_json::Value, screen: Screen) -> Self {
        Self { data, screen, ..Self::default() }
    }

    /// Returns the end of a stream whose items went out with [`Printer::item`].
    pub fn streamed() -> Self {
        Self { streamed: true, ..Self::default() }
    }

    /// Returns text that goes to stdout as it is, in every form (completion scripts, help pages).
    pub fn raw(text: String) -> Self {
        Self { raw: Some(text), ..Self::default() }
    }

    /// Adds a warning.
    #[must_use]
    pub fn warn(mut self, code: Code, message: Text, fix: &[&str]) -> Self {
        self.warnings.push(Warning::new(code, message, fix));
        self
    }

    /// Adds what to do next: a sentence and a command in canonical English (may be empty).
    #[must_use]
    pub fn hint(mut self, message: Text, argv: &[&str]) -> Self {
        self.hints.push((message, argv.iter().map(|w| (*w).to_owned()).collect()));
        self
    }

    /// Adds what somebody else does next, on another machine.
    #[must_use]
    pub fn hint_for_others(mut self, message: Text, argv: &[&str]) -> Self {
        self.elsewhere.push(self.hints.len());
        self.hint(message, argv)
    }

    /// Adds what was said beside the answer, before its own warnings, and whether nothing was done but showing.
    #[must_use]
    pub(crate) fn beside(mut self, mut warnings: Vec<Warning>, dry: bool) -> Self {
        warnings.append(&mut self.warnings);
        Self { warnings, dry, ..self }
    }

    /// Returns it with the commands that it offers as whoever typed `typed` types them.
    #[must_use]
    pub fn after(mut self, typed: &Typed) -> Self {
        self.screen = self.screen.after(typed);
        self.warnings.iter_mut().for_each(|warning| typed.complete(&mut warning.fix));
        for (place, (_, argv)) in self.hints.iter_mut().enumerate() {
            if !self.elsewhere.contains(&place) {
                typed.complete(argv);
            }
        }
        self
    }

    /// Ends with another code than 0 (verdicts, `--check`), and `"ok":false`.
    #[must_use]
    pub fn exiting(mut self, exit: Exit) -> Self {
        self.exit = Some(exit);
        self.not_ok = exit != Exit::Done;
        self
    }

    /// Says `"ok":false` without another exit code (`status` on a sick node).
    #[must_use]
    pub fn not_ok(mut self) -> Self {
        self.not_ok = true;
        self
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        self.exit.unwrap_or(Exit::Done)
    }

    /// Returns the codes of the warnings.
    pub fn warnings(&self) -> impl Iterator<Item = Code> {
        self.warnings.iter().map(|warning| warning.code)
    }

    /// Returns the screen for people.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Returns the data for programs.
    pub fn data(&self) -> &serde_json::Value {
        &self.data
    }
}

impl Printer {
    /// Returns the printer of this run. Without a terminal on stdout the form is plain, unless colours
    /// were asked for.
    pub fn new(
        lang: Lang,
        json: bool,
        plain: bool,
        quiet: bool,
        colour: Colour,
        env: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let set = |name: &str| env(name).is_some_and(|value| !value.is_empty() && value != "0");
        let colour = match colour {
            Colour::Auto if set("NO_COLOR") => Colour::Never,
            Colour::Auto if set("FORCE_COLOR") => Colour::Always,
            other => other,
        };
        let choice = |automatic: anstream::ColorChoice| match colour {
            Colour::Auto => automatic,
            Colour::Always => anstream::ColorChoice::AlwaysAnsi,
            Colour::Never => anstream::ColorChoice::Never,
        };
        let dumb = env("TERM").is_some_and(|term| term == "dumb");
        let piped = !std::io::stdout().is_terminal() && colour != Colour::Always;
        let form = match (json, plain || dumb || piped) {
            (true, _) => Form::Json,
            (false, true) => Form::Plain,
            (false, false) => Form::Human,
        };
        let columns = env("COLUMNS").and_then(|c| c.parse().ok()).filter(|said| *said > 0);
        let columns = columns.or_else(width::of_terminal).unwrap_or(COLUMNS_MAX);
        let lines = env("LINES").and_then(|l| l.parse().ok()).filter(|said| *said > 0);
        Self {
            form,
            lang,
            columns: columns.clamp(COLUMNS_MIN, COLUMNS_MAX),
            lines: lines.or_else(width::lines_of_terminal),
            quiet,
            verbose: false,
            stdout: choice(anstream::AutoStream::choice(&std::io::stdout())),
            stderr: choice(anstream::AutoStream::choice(&std::io::stderr())),
        }
    }

    /// Returns the printer of a run with `-v`: a failure is shown with the words of the libraries.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// Returns for whom this run prints.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Returns the language of this run.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Returns whether only results and errors are wanted.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// Prints a result and returns how the program ends. `command` is the canonical name (`key show`).
    pub fn done(&self, command: &str, done: &Done) -> Exit {
        let written = if let Some(text) = &done.raw {
            self.write_out(&visible::visible_lines(text))
        } else if self.form == Form::Json {
            match done.streamed {
                true => Ok(()),
                false => self.write_out(&format!("{}\n", self.envelope(command, done))),
            }
        } else {
            let screen = done.screen.fitted(self.room());
            let written = self.write_out(&screen.render(self.lang, self.form, self.columns));
            self.write_err(&self.around(done).render(self.lang, self.form, self.columns));
            written
        };
        match written {
            Ok(()) => done.exit(),
            // Whoever takes this for a no would pay twice.
            Err(error) => {
                let said = unprinted(&error).because(text!("unprinted-done"));
                self.failure(&said.data(json!({ "done": true })))
            }
        }
    }

    /// Returns what of a terminal there is for pictures; `None` where none can be shown.
    fn room(&self) -> Option<picture::Room> {
        let painted = self.form == Form::Human && self.stdout != anstream::ColorChoice::Never;
        painted.then_some(picture::Room { columns: self.columns, lines: self.lines })
    }

    /// Warnings and hints, which go to stderr.
    fn around(&self, done: &Done) -> Screen {
        let mut screen = Screen::new();
        for warning in &done.warnings {
            let sentence = format!("{} · {}", warning.code.name(), self.lang.say(&warning.message));
            screen = screen.mark_said(Mark::Warn, sentence);
            if !warning.fix.is_empty() {
                screen = screen.arrow(None, &warning.fix);
            }
        }
        if !self.quiet {
            for (message, argv) in &done.hints {
                screen = screen.arrow(Some(message.clone()), argv);
            }
        }
        screen
    }

    fn envelope(&self, command: &str, done: &Done) -> serde_json::Value {
        let warnings: Vec<_> =
            done.warnings.iter().map(|warning| warning.json(self.lang)).collect();
        let hints: Vec<_> = done
            .hints
            .iter()
            .map(|(message, argv)| json!({ "message": self.lang.say(message), "argv": argv }))
            .collect();
        json!({
            "schema": schema(command),
            "ok": !done.not_ok,
            "dry_run": done.dry,
            "data": done.data,
            "warnings": warnings,
            "hints": hints,
        })
    }

    /// Prints one item of a stream: a JSON line, or its screen.
    ///
    /// # Errors
    /// P0201.
    pub fn item(
        &self,
        schema: &str,
        data: &serde_json::Value,
        screen: &Screen,
    ) -> Result<(), Failure> {
        let text = if self.form == Form::Json {
            format!("{}\n", json!({ "schema": schema, "data": data }))
        } else {
            screen.render(self.lang, self.form, self.columns)
        };
        self.write_out(&text).map_err(|error| unprinted(&error))
    }

    /// Shows on stderr what is about to happen, before a question or while something runs. A program that
    /// asked for JSON and reads stderr finds nothing there but the object of a failure.
    pub fn aside(&self, screen: &Screen) {
        if self.form == Form::Json && !std::io::stderr().is_terminal() {
            return;
        }
        let form = if self.form == Form::Json { Form::Plain } else { self.form };
        self.write_err(&screen.render(self.lang, form, self.columns));
    }

    /// Asks on stderr without ending the line.
    pub fn question(&self, question: &Text) {
        self.write_err(&format!("{} ", self.lang.say(question)));
    }

    /// Prints a failure on stderr and returns how the program ends.
    pub fn failure(&self, failure: &Failure) -> Exit {
        if self.form == Form::Json {
            self.write_err(&format!("{}\n", failure.json(self.lang)));
            return failure.exit();
        }
        let bad = self.tone(AnsiColor::Red.on_default().bold());
        let title = self.lang.say(&Text::new("fail-title").with("code", failure.code().name()));
        let first = format!("{title} · {}", self.lang.say(failure.message()));
        let mut screen = Screen::new().said(first);
        for detail in failure.details() {
            screen = screen.inset(detail.clone());
        }
        // What has no sentence of its own is among the details already.
        let said: Vec<_> = failure.details().iter().map(|detail| self.lang.say(detail)).collect();
        for words in failure.technical().iter().filter(|_| self.verbose) {
            if !said.iter().any(|said| said.contains(words.as_str())) {
                screen = screen.inset(cause::technical(words));
            }
        }
        for fix in failure.fixes() {
            screen = screen.arrow(fix.why.clone(), &fix.argv);
        }
        let text = screen.render(self.lang, self.form, self.columns);
        self.write_err(&text.replacen(
            &title,
            &format!("{}{title}{}", bad.render(), bad.render_reset()),
            1,
        ));
        failure.exit()
    }

    fn tone(&self, style: Style) -> Style {
        if self.form == Form::Human { style } else { Style::new() }
    }

    /// Writes to stdout. A closed pipe (`| head`) is no error of ours: the reader had enough. Anything else is:
    /// whoever keeps what is printed would take a part of it, or nothing, for all.
    fn write_out(&self, text: &str) -> io::Result<()> {
        let written = progress::beside(|| {
            let mut stream = anstream::AutoStream::new(io::stdout().lock(), self.stdout);
            stream.write_all(self.spelt(text).as_bytes()).and_then(|()| stream.flush())
        });
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes to stderr; when even that fails there is nobody left to tell.
    fn write_err(&self, text: &str) {
        progress::beside(|| {
            let mut stream = anstream::AutoStream::new(std::io::stderr().lock(), self.stderr);
            let _ = stream.write_all(self.spelt(text).as_bytes()).and_then(|()| stream.flush());
        });
    }

    /// In `--plain`, what grep and scripts look for: ASCII minus, ordinary spaces.
    fn spelt<'a>(&self, text: &'a str) -> std::borrow::Cow<'a, str> {
        match self.form {
            Form::Plain => text.replace('\u{a0}', " ").replace('\u{2212}', "-").into(),
            Form::Human | Form::Json => text.into(),
        }
    }
}

/// Returns the schema of a command: `key show` is `pirate.key.show/1`.
pub fn schema(command: &str) -> String {
    format!("pirate.{}/1", command.replace(' ', "."))
}

fn unprinted(error: &io::Error) -> Failure {
    Failure::new(codes::CANNOT_WRITE, text!("cannot-print")).caused_by(error).fix(&[
        "pirate",
        "explain",
        codes::CANNOT_WRITE.name(),
    ])
}

/// Returns a command line in the words of the reader; used by screens.
fn spoken(lang: Lang, argv: &[String]) -> String {
    tree::spoken(lang, argv)
}
