//! The command tree: built from the table in `tree/specs.rs`, understood in English and in French.
//! Parses and explains itself; never runs a command and never prints.

mod help;
mod spec;
mod specs;
mod typed;
mod usage;

pub use help::{everyday, everything, overview, page, welcome};
pub use spec::{ArgSpec, Kind, Section, Spec};
pub use specs::SPECS;
pub use typed::Typed;

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{Arg, ArgAction, ArgMatches, Command, error::ErrorKind};
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    commands, dates,
    error::Failure,
    language::Lang,
    output::{Colour, visible},
};

/// The flags that every command takes.
#[derive(Clone, Debug, Default)]
pub struct Global {
    /// `--json`: one object on stdout.
    pub json: bool,
    /// `--plain`: one fact a line.
    pub plain: bool,
    /// `-q`: results and errors only.
    pub quiet: bool,
    /// `-v`, counted: more of what happens, on stderr.
    pub verbose: u8,
    /// `--color`.
    pub colour: Colour,
    /// `-y`, `--yes`: questions are answered yes.
    pub yes: bool,
    /// `--no-input`: questions are errors.
    pub no_input: bool,
    /// `-n`, `--dry-run`: show and stop.
    pub dry_run: bool,
    /// `--offline`: no node and no network.
    pub offline: bool,
    /// `--timeout`: how long to wait for a node.
    pub timeout: Option<Duration>,
    /// `--home`, else `PIRATE_HOME`: everything under one directory.
    pub home: Option<PathBuf>,
    /// `--profile`, else `PIRATE_PROFILE`: which identity.
    pub profile: Option<String>,
    /// `--node`, else `PIRATE_NODE`: socket or address of the node to ask.
    pub node: Option<String>,
    /// Whether `--node` was typed.
    pub node_typed: bool,
    /// `--passphrase-file`, else `PIRATE_PASSPHRASE_FILE`.
    pub passphrase_file: Option<PathBuf>,
    /// `--home` and `--profile` as they were typed: without them the next command would be another's.
    pub place: Vec<String>,
}

/// A command line that was understood.
#[derive(Debug)]
pub struct Invocation {
    /// The flags that every command takes.
    pub global: Global,
    /// Canonical name: `key show`.
    pub command: &'static str,
    /// The command's own arguments, by the ids of its spec.
    pub matches: ArgMatches,
    /// What was typed, for the commands that are offered next.
    pub typed: Typed,
}

/// What a command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// A command.
    Run(Box<Invocation>),
    /// `pirate` alone.
    Nothing(Box<Global>),
    /// `--help` on the words before it.
    Help(Vec<String>),
    /// `--version`.
    Version,
}

/// A flag that every command takes: id, short, value placeholder, choices.
pub(crate) type GlobalFlag =
    (&'static str, Option<char>, Option<&'static str>, &'static [&'static str]);

pub(crate) const GLOBALS: &[GlobalFlag] = &[
    ("json", None, None, &[]),
    ("plain", None, None, &[]),
    ("quiet", Some('q'), None, &[]),
    ("verbose", Some('v'), None, &[]),
    ("lang", None, Some("val-lang"), &["fr", "en"]),
    ("color", None, Some("val-when"), &["auto", "always", "never"]),
    ("yes", Some('y'), None, &[]),
    ("no-input", None, None, &[]),
    ("dry-run", Some('n'), None, &[]),
    ("offline", None, None, &[]),
    ("timeout", None, Some("val-span"), &[]),
    ("home", None, Some("val-dir"), &[]),
    ("profile", None, Some("val-name"), &[]),
    ("node", None, Some("val-address"), &[]),
    ("passphrase-file", None, Some("val-file"), &[]),
];

/// Returns the commands that can be run: those of the table that somebody has written.
pub fn available() -> impl Iterator<Item = &'static Spec> {
    SPECS.iter().filter(|spec| commands::handler(spec.en).is_some())
}

/// Returns the whole command line for clap, names in `lang` first.
pub fn command(lang: Lang) -> Command {
    let mut root = Command::new("pirate")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang.t("about"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .infer_subcommands(false)
        .arg(
            Arg::new("help")
                .long("help")
                .alias("aide")
                .short('h')
                .help(lang.t("global-help"))
                .action(ArgAction::Help)
                .global(true),
        )
        .arg(
            Arg::new("version")
                .long("version")
                .short('V')
                .help(lang.t("global-version"))
                .action(ArgAction::Version),
        );
    for (id, short, value, choices) in GLOBALS {
        let arg = Arg::new(*id).long(*id).global(true).help(lang.t(&format!("global-{id}")));
        let arg = match value {
            Some(placeholder) => arg.value_name(lang.t(placeholder)).action(ArgAction::Set),
            None if *id == "verbose" => arg.action(ArgAction::Count),
            None => arg.action(ArgAction::SetTrue),
        };
        let arg = if choices.is_empty() { arg } else { arg.value_parser(choices.to_vec()) };
        root = root.arg(match short {
            Some(short) => arg.short(*short),
            None => arg,
        });
    }
    let mut families: Vec<(&str, Command)> = Vec::new();
    for spec in available() {
        let names = spec.names();
        let leaf = leaf(spec, lang);
        match names.family() {
            None => root = root.subcommand(leaf),
            Some(family) => match families.iter_mut().find(|(english, _)| *english == family.en) {
                Some((_, parent)) => *parent = std::mem::take(parent).subcommand(leaf),
                None => {
                    let about = lang.t(&format!("family-{}", family.en));
                    let parent = named(&family, lang).about(about).subcommand_required(true);
                    families.push((family.en, parent.subcommand(leaf)));
                }
            },
        }
    }
    root.subcommands(families.into_iter().map(|(_, family)| family))
}

fn leaf(spec: &'static Spec, lang: Lang) -> Command {
    let id = spec.id();
    let mut leaf = named(&spec.names().leaf(), lang).about(lang.t(&id));
    for arg in spec.args {
        let help = lang.attribute(&id, arg.id).unwrap_or_default();
        leaf = leaf.arg(arg.build(lang).help(help));
    }
    leaf
}

/// A word of the tree in its two languages, and the French word with its accents.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    pub(crate) en: &'static str,
    pub(crate) fr: &'static str,
    pub(crate) accented: &'static str,
}

impl Word {
    pub(crate) fn in_lang(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fr => self.fr,
            Lang::En => self.en,
        }
    }

    /// Every way of typing it: both languages, accents composed and decomposed.
    pub(crate) fn spellings(&self) -> Vec<String> {
        let mut all = vec![self.en.to_owned(), self.fr.to_owned(), self.accented.to_owned()];
        all.push(self.accented.nfd().collect());
        all.push(self.accented.replace("oe", "œ"));
        all.sort();
        all.dedup();
        all
    }
}

fn named(word: &Word, lang: Lang) -> Command {
    let shown = word.in_lang(lang);
    Command::new(shown)
        .aliases(word.spellings().into_iter().filter(|spelling| spelling != shown))
        .disable_help_flag(true)
        .disable_version_flag(true)
}

/// Understands a command line; `args` includes the name of the program.
///
/// # Errors
/// P0001 in the language of the reader, for anything that is not a command line of ours.
pub fn parse(
    lang: Lang,
    args: &[OsString],
    env: impl Fn(&str) -> Option<String>,
) -> Result<Asked, Failure> {
    let matches = match command(lang).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            return match error.kind() {
                ErrorKind::DisplayHelp => Ok(Asked::Help(help::words_before(args))),
                ErrorKind::DisplayVersion => Ok(Asked::Version),
                _ => Err(usage::failure(lang, args, &error)),
            };
        }
    };
    let global = global(&matches, env);
    let Some((first, below)) = matches.subcommand() else {
        return Ok(Asked::Nothing(Box::new(global?)));
    };
    let (spoken, matches) = match below.subcommand() {
        Some((second, leaf)) => (format!("{first} {second}"), leaf.clone()),
        None => (first.to_owned(), below.clone()),
    };
    let spec = find(&spoken).expect("clap only returns commands of the table");
    let typed = |place| Typed::of(spec, &matches, place);
    let global = global.map_err(|failure| failure.after(&typed(Vec::new())))?;
    let typed = typed(global.place.clone());
    Ok(Asked::Run(Box::new(Invocation { global, command: spec.en, matches, typed })))
}

fn global(matches: &ArgMatches, env: impl Fn(&str) -> Option<String>) -> Result<Global, Failure> {
    let text = |id: &str| matches.get_one::<String>(id).cloned();
    let text_or = |id: &str, name: &str| text(id).or_else(|| env(name)).filter(|v| !v.is_empty());
    Ok(Global {
        json: matches.get_flag("json"),
        plain: matches.get_flag("plain"),
        quiet: matches.get_flag("quiet"),
        verbose: matches.get_count("verbose"),
        colour: match text("color").as_deref() {
            Some("always") => Colour::Always,
            Some("never") => Colour::Never,
            _ => Colour::Auto,
        },
        yes: matches.get_flag("yes"),
        no_input: matches.get_flag("no-input"),
        dry_run: matches.get_flag("dry-run"),
        offline: matches.get_flag("offline"),
        timeout: text("timeout").map(|typed| dates::parse_span(&typed)).transpose()?,
        home: text_or("home", "PIRATE_HOME").map(PathBuf::from),
        profile: text_or("profile", "PIRATE_PROFILE"),
        node: text_or("node", "PIRATE_NODE"),
        node_typed: text("node").is_some_and(|typed| !typed.is_empty()),
        passphrase_file: text_or("passphrase-file", "PIRATE_PASSPHRASE_FILE").map(PathBuf::from),
        place: ["home", "profile"]
            .into_iter()
            .filter_map(|id| Some([format!("--{id}"), text(id).filter(|typed| !typed.is_empty())?]))
            .flatten()
            .collect(),
    })
}

/// Returns the spec of a command written in any of its spellings: `key show`, `clé voir`, `key voir`.
pub fn find(words: &str) -> Option<&'static Spec> {
    let words: Vec<&str> = words.split(' ').collect();
    available().find(|spec| {
        let names = spec.names();
        names.0.len() == words.len()
            && names
                .0
                .iter()
                .zip(&words)
                .all(|(name, word)| name.spellings().iter().any(|s| s == word))
    })
}

/// Returns a command line as the reader types it: `pirate key new` is `pirate cle creer` in French.
pub fn spoken(lang: Lang, argv: &[String]) -> String {
    let mut words: Vec<String> = argv.iter().map(|word| quoted(&visible(word))).collect();
    if argv.first().is_some_and(|program| program == "pirate") {
        translate(lang, words.get_mut(1..).unwrap_or_default());
        // What help is asked about is a command as well, a family of them, or everything.
        if argv.get(1).is_some_and(|word| word == "help") {
            translate(lang, words.get_mut(2..).unwrap_or_default());
        }
    }
    words.join(" ")
}

/// Puts the name of a command at the beginning of `words` into the reader's language.
fn translate(lang: Lang, words: &mut [String]) {
    for length in [2, 1] {
        let name = words.iter().take(length).map(String::as_str).collect::<Vec<_>>().join(" ");
        if let Some(spec) = SPECS.iter().find(|spec| spec.en == name) {
            for (word, place) in words.iter_mut().zip(spec.names().0) {
                *word = place.in_lang(lang).to_owned();
            }
            return;
        }
    }
    if let [word] = words {
        let all = Word { en: "all", fr: "tout", accented: "tout" };
        let families = SPECS.iter().filter_map(|spec| spec.names().family());
        if let Some(known) = families.chain([all]).find(|known| known.en == word.as_str()) {
            *word = known.in_lang(lang).to_owned();
        }
    }
}

/// Words that a shell would cut or read otherwise are quoted, so that it reads none of what they say.
fn quoted(word: &str) -> String {
    let plain =
        !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./:@=+,…".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
