//! Questions: yes or no, a line, a secret. Asked on stderr, answered on stdin or the terminal.
//! Never asks when `--yes`, `--no-input` or a missing terminal decide, and never echoes a secret.

use std::io::{BufRead as _, IsTerminal as _};

use zeroize::Zeroizing;

use crate::{
    codes, error::Failure, language::Text, output::Printer, text, unseen, waiting::Patience,
};

/// Longest answer that is read, in bytes: twelve words and their numbers are far below.
const ANSWER_BYTES_MAX: u64 = 4_096;
/// How often a question is put again before the command gives up.
const TRIES_MAX: usize = 3;

/// How this run asks.
#[derive(Clone, Debug)]
pub struct Prompt {
    printer: Printer,
    patience: Patience,
    yes: bool,
    no_input: bool,
}

impl Prompt {
    /// Returns the asker of this run.
    pub fn new(printer: Printer, patience: Patience, yes: bool, no_input: bool) -> Self {
        Self { printer, patience, yes, no_input }
    }

    /// Returns whether somebody is there to answer.
    pub fn can_ask(&self) -> bool {
        !self.no_input && std::io::stdin().is_terminal()
    }

    fn need_somebody(&self, question: &Text) -> Result<(), Failure> {
        if self.can_ask() {
            return Ok(());
        }
        let asked = self.printer.lang().say(question);
        // A question that ends with a colon, for the answer to follow, stands here without it.
        let asked = asked.trim_end_matches([':', ' ', '\u{a0}']);
        Err(Failure::new(codes::NEEDS_ANSWER, text!("needs-answer", question = asked)))
    }

    /// Returns when the answer is yes (or `--yes` was given). What it is about must be shown before.
    ///
    /// # Errors
    /// P0003 when the answer is no, P0002 when there is nobody to ask.
    pub fn confirm(&self, question: &Text, default_yes: bool) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        self.need_somebody(question).map_err(|failure| failure.because(text!("yes-answers")))?;
        let choices =
            self.printer.lang().t(if default_yes { "prompt-yes-no" } else { "prompt-no-yes" });
        let asked = Text::new("said")
            .with("said", format!("{} {choices}", self.printer.lang().say(question)));
        for _ in 0..TRIES_MAX {
            self.printer.question(&asked);
            match self.patience.ask(read_line)?.trim().to_lowercase().as_str() {
                "o" | "oui" | "y" | "yes" => return Ok(()),
                "" if default_yes => return Ok(()),
                "" | "n" | "non" | "no" => break,
                _ => {}
            }
        }
        Err(Failure::new(codes::DECLINED, text!("declined")))
    }

    /// Returns a line that somebody types; `flag` is the flag that answers instead.
    ///
    /// # Errors
    /// P0002 when there is nobody to ask.
    pub fn line(&self, question: &Text, flag: &'static str) -> Result<Zeroizing<String>, Failure> {
        self.need_somebody(question).map_err(|failure| answered_by(failure, flag))?;
        self.printer.question(&Text::new("prompt-line").with("question", question.clone()));
        self.patience.ask(read_line).map_err(|failure| answered_by(failure, flag))
    }

    /// Returns a secret that somebody types unseen.
    ///
    /// # Errors
    /// P0002 when there is nobody to ask.
    pub fn secret(&self, question: &Text) -> Result<Zeroizing<String>, Failure> {
        self.need_somebody(question)
            .map_err(|failure| answered_by(failure, "--passphrase-file"))?;
        self.patience
            .ask(|| unseen::read(self.printer, question))
            .map_err(|error| {
                let failure = Failure::new(codes::NEEDS_ANSWER, text!("no-line"));
                // Ctrl-D is an answer of a person, and the end of no file.
                let ended = error.kind() == std::io::ErrorKind::UnexpectedEof;
                if ended { failure } else { failure.caused_by(&error) }
            })
            .map_err(|failure| answered_by(failure, "--passphrase-file"))
    }
}

/// Says which flag answers in the place of a person.
fn answered_by(failure: Failure, flag: &str) -> Failure {
    let failure = failure.because(text!("flag-answers", flag = flag));
    match flag {
        "--yes" => failure,
        _ => failure.fix(&[&["pirate", "…"][..], &[flag, "…"]].concat()),
    }
}

fn read_line() -> Result<Zeroizing<String>, Failure> {
    let mut answer = Zeroizing::new(String::new());
    let stdin = std::io::stdin().lock();
    let read = std::io::Read::take(stdin, ANSWER_BYTES_MAX).read_line(&mut answer);
    match read {
        Ok(0) => Err(Failure::new(codes::NEEDS_ANSWER, text!("no-line"))),
        Ok(_) => {
            let end = answer.trim_end_matches(['\n', '\r']).len();
            answer.truncate(end);
            Ok(answer)
        }
        Err(error) => Err(Failure::new(codes::NEEDS_ANSWER, text!("no-line")).caused_by(&error)),
    }
}
