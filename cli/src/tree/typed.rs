//! The command that somebody typed, as far as the commands depend on it that are offered next: what is copied from
//! the screen must do what the screen says.

use clap::ArgMatches;

use super::{Kind, Spec};

/// What does the same in every home.
const ANYWHERE: [&str; 4] = ["help", "explain", "completion", "--version"];

/// What somebody typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Canonical name of the command, in its words.
    command: Vec<String>,
    /// Its own arguments: a value, a flag, or an option with its value.
    args: Vec<Vec<String>>,
    /// [`super::Global::place`].
    place: Vec<String>,
}

impl Typed {
    /// Returns a command line that names no command.
    pub fn nothing(place: Vec<String>) -> Self {
        Self { place, ..Self::default() }
    }

    pub(super) fn of(spec: &Spec, matches: &ArgMatches, place: Vec<String>) -> Self {
        let command = spec.en.split(' ').map(str::to_owned).collect();
        let mut args = Vec::new();
        for arg in spec.args {
            let flag = format!("--{}", arg.id);
            let values = || matches.get_many::<String>(arg.id).unwrap_or_default().cloned();
            match arg.kind {
                Kind::Flag if matches.get_flag(arg.id) => args.push(vec![flag]),
                Kind::Flag => {}
                Kind::Place { .. } => args.extend(values().map(|value| vec![value])),
                Kind::Option { .. } => {
                    args.extend(values().map(|value| vec![flag.clone(), value]));
                }
            }
        }
        Self { command, args, place }
    }

    /// Puts the command that was typed where `…` stands for it, and the same place behind all that depends on one.
    pub fn complete(&self, argv: &mut Vec<String>) {
        let Some(first) = argv.get(1).filter(|_| argv.first().is_some_and(|word| word == "pirate"))
        else {
            return;
        };
        // Neither depends on a place what only reads the file that it is handed.
        let handed = first == "audit" && argv.get(2).is_some_and(|word| word == "verify");
        let anywhere = handed || ANYWHERE.contains(&first.as_str());
        let help = first == "help";
        let at = if help { 2 } else { 1 };
        if argv.get(at).is_some_and(|word| word == "…") && !self.command.is_empty() {
            let args = self.args.iter().filter(|arg| {
                // What is offered says the option otherwise.
                !help
                    && arg
                        .first()
                        .is_some_and(|word| !(word.starts_with("--") && argv.contains(word)))
            });
            let again: Vec<String> = self.command.iter().chain(args.flatten()).cloned().collect();
            argv.splice(at..=at, again);
        }
        for pair in self.place.chunks(2).filter(|_| !anywhere) {
            if !pair.first().is_some_and(|flag| argv.contains(flag)) {
                argv.extend_from_slice(pair);
            }
        }
    }
}
