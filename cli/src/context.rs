//! What every command is handed: flags, printer, places, questions, keys.
//! Opens nothing before a command asks for it.

use std::sync::{Mutex, PoisonError};

use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use crate::{
    codes::{self, Code},
    dates,
    error::Failure,
    input,
    keyring::{Identity, Keyring},
    language::{Lang, Text},
    output::{Done, Form, Mark, Printer, Screen, Warning},
    paths::Paths,
    progress::Progress,
    prompt::Prompt,
    text,
    tree::Global,
    waiting::Patience,
};

/// Shortest passphrase for a new key, in characters: four short words are longer.
const PASSPHRASE_CHARS_MIN: usize = 8;
/// Largest passphrase file that is read, in bytes.
const PASSPHRASE_BYTES_MAX: u64 = 4_096;
/// How often somebody who types may try: a third slip is a passphrase that is not known.
const TRIES_MAX: usize = 3;

/// One run of the program.
#[derive(Debug)]
pub struct Context {
    /// The flags that every command takes.
    pub global: Global,
    /// The language of this run.
    pub lang: Lang,
    /// The only way to print.
    pub printer: Printer,
    /// Where things are.
    pub paths: Paths,
    /// The only way to ask.
    pub prompt: Prompt,
    /// How long this run still waits.
    pub patience: Patience,
    /// What programs are told beside the answer.
    pub(crate) beside: Mutex<Vec<Warning>>,
}

impl Context {
    /// Returns the context of a run with these flags.
    ///
    /// # Errors
    /// P0203, P0113, with the printer to say it.
    pub fn new(lang: Lang, global: Global) -> Result<Self, (Printer, Failure)> {
        let env = |name: &str| std::env::var(name).ok();
        let printer =
            Printer::new(lang, global.json, global.plain, global.quiet, global.colour, env)
                .verbose(global.verbose > 0);
        let paths = Paths::new(&global, env).map_err(|failure| (printer, failure))?;
        let patience = Patience::new(printer, global.timeout);
        let prompt = Prompt::new(printer, patience.clone(), global.yes, global.no_input);
        let beside = Mutex::default();
        Ok(Self { lang, printer, paths, prompt, patience, global, beside })
    }

    /// Starts the log on stderr: what `PIRATE_LOG` (else `RUST_LOG`) says, else by `-v`; `node run`
    /// always tells of its starts and stops. Log lines are English in every language.
    pub fn start_log(&self, command: &str) {
        let said = ["PIRATE_LOG", "RUST_LOG"].iter().find_map(|name| std::env::var(name).ok());
        let usual = match (self.global.verbose, command) {
            (0, "node run") => "info",
            (0, _) => "error",
            (1, _) => "info",
            (2, _) => "debug",
            _ => "trace",
        };
        let filter = EnvFilter::new(said.as_deref().unwrap_or(usual));
        // A second start in one process (tests) keeps the first.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .try_init();
    }

    /// Returns the keys of this machine.
    pub fn keyring(&self) -> Keyring {
        Keyring::new(self.paths.keys())
    }

    /// Returns the identity in use, unlocked: with the passphrase file, else by asking.
    ///
    /// # Errors
    /// P0101 to P0105, P0109, P0002.
    pub fn identity(&self) -> Result<Identity, Failure> {
        let keyring = self.keyring();
        let profile = self.paths.profile();
        if !keyring.holds(profile)? {
            return keyring.open(profile, "");
        }
        self.typed(self.slips(&[codes::WRONG_PASSPHRASE]), || {
            let passphrase = self.passphrase(&text!("key-locked"))?;
            let _progress = self.progress(text!("unlocking"));
            keyring.open(profile, &passphrase)
        })
    }

    /// Returns what somebody types in answer to `ask`, who may slip so often that the last try is the
    /// [`TRIES_MAX`]th: what was answered before, or written on paper, is not lost for it.
    ///
    /// # Errors
    /// What `ask` says last, and at once when it is none of the `slips`, or nobody types.
    pub fn typed<T>(
        &self,
        slips: &[Code],
        mut ask: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        for _ in 1..TRIES_MAX {
            match ask() {
                Err(slip) if slips.contains(&slip.code()) && self.prompt.can_ask() => {
                    self.show(&Screen::new().mark(Mark::Bad, slip.message().clone()));
                }
                answered => return answered,
            }
        }
        ask()
    }

    /// Returns the passphrase: from the passphrase file, else typed in answer to `question`.
    ///
    /// # Errors
    /// P0109 for an unreadable or empty file, P0119 for one that others can read, P0002 when there is nobody to ask.
    pub fn passphrase(&self, question: &Text) -> Result<Zeroizing<String>, Failure> {
        match &self.global.passphrase_file {
            None => self.prompt.secret(question),
            Some(path) => {
                let refuse =
                    || Failure::new(codes::PASSPHRASE_FILE, text!("passphrase-file", path = path));
                let mut read = Zeroizing::new(String::new());
                let file = input::open_secret(path)?;
                std::io::Read::read_to_string(
                    &mut std::io::Read::take(file, PASSPHRASE_BYTES_MAX),
                    &mut read,
                )
                .map_err(|error| refuse().caused_by(&error))?;
                let line = Zeroizing::new(read.lines().next().unwrap_or_default().to_owned());
                if line.is_empty() { Err(refuse()) } else { Ok(line) }
            }
        }
    }

    /// Returns a new passphrase: from the passphrase file, else typed twice.
    ///
    /// # Errors
    /// P0114 when it is too short, P0110 when the two differ, and those of [`Self::passphrase`].
    pub fn new_passphrase(&self) -> Result<Zeroizing<String>, Failure> {
        let slips = self.slips(&[codes::PASSPHRASE_SHORT, codes::PASSPHRASES_DIFFER]);
        self.typed(slips, || self.new_passphrase_once())
    }

    /// Returns which mistakes in a passphrase may be slips: none where it comes from a file.
    fn slips<'a>(&self, slips: &'a [Code]) -> &'a [Code] {
        if self.global.passphrase_file.is_some() { &[] } else { slips }
    }

    fn new_passphrase_once(&self) -> Result<Zeroizing<String>, Failure> {
        // Whoever may try again hears only what is wrong; whoever may not, also what became of it.
        let slip = |code, said| Failure::new(code, said).because(text!("passphrase-not-kept"));
        let first = self.passphrase(&text!("passphrase-new"))?;
        if first.chars().count() < PASSPHRASE_CHARS_MIN {
            let least = PASSPHRASE_CHARS_MIN;
            return Err(slip(codes::PASSPHRASE_SHORT, text!("passphrase-short", least = least)));
        }
        if self.global.passphrase_file.is_none() {
            let second = self.prompt.secret(&text!("passphrase-again"))?;
            if *first != *second {
                return Err(slip(codes::PASSPHRASES_DIFFER, text!("passphrases-differ")));
            }
        }
        Ok(first)
    }

    /// Shows on stderr what is about to happen, even with `--yes`.
    pub fn show(&self, screen: &Screen) {
        self.printer.aside(screen);
    }

    /// Says what is the matter beside what was asked for: to people at once, to programs among the warnings of the
    /// answer or of the failure.
    pub fn warn(&self, mark: Mark, warning: Warning) {
        if self.printer.form() == Form::Json {
            self.beside.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
        } else if !self.printer.quiet() {
            self.show(&Screen::new().mark(mark, warning.message));
        }
    }

    /// Returns an answer with what was said beside it, and whether it only shows.
    pub(crate) fn answered(&self, done: Done) -> Done {
        done.beside(self.said_beside(), self.global.dry_run)
    }

    /// Returns a failure with what was said beside it.
    pub(crate) fn failed(&self, failure: Failure) -> Failure {
        failure.beside(self.said_beside())
    }

    fn said_beside(&self) -> Vec<Warning> {
        std::mem::take(&mut *self.beside.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Watches something that may take more than two seconds; ends when dropped.
    pub fn progress(&self, what: Text) -> Progress {
        Progress::start(self.printer, what)
    }

    /// Returns the instant that this machine's clock shows.
    pub fn now(&self) -> proto::time::UnixMillis {
        dates::now()
    }
}
