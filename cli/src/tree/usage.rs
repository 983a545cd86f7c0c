//! What clap did not understand, said in the reader's language with what was probably meant.
//! Covers every `ErrorKind` of clap that a parsed command line can end in.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{find, help};
use crate::{
    codes,
    error::Failure,
    language::{Lang, Text},
    text,
};

/// Returns P0001 for a command line that clap refused.
pub(super) fn failure(lang: Lang, args: &[OsString], error: &clap::Error) -> Failure {
    let words = help::words_before(args);
    let failure = Failure::new(codes::USAGE, sentence(lang, &words, error));
    let failure = match meant(lang, error) {
        Some(meant) => failure.because(text!("usage-meant", meant = meant)),
        None => failure,
    };
    let name = words.join(" ");
    match find(&name) {
        Some(spec) => {
            let mut argv = vec!["pirate", "help"];
            argv.extend(spec.en.split(' '));
            failure.because(Text::new("said").with("said", help::usage(lang, spec))).fix(&argv)
        }
        None if words.is_empty() => failure.fix(&["pirate", "help"]),
        None => failure.fix(&["pirate", "help", &name]),
    }
}

fn sentence(lang: Lang, words: &[String], error: &clap::Error) -> Text {
    let part = |kind| error.get(kind).map(spelt).unwrap_or_default();
    let arg = || bare(&part(ContextKind::InvalidArg));
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            text!("usage-command", typed = part(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => {
            let typed = part(ContextKind::InvalidArg);
            if typed.starts_with('-') {
                text!("usage-flag", typed = typed)
            } else {
                text!("usage-extra", typed = typed)
            }
        }
        ErrorKind::InvalidValue if part(ContextKind::InvalidValue).is_empty() => {
            text!("usage-value-missing", arg = arg())
        }
        ErrorKind::InvalidValue => text!(
            "usage-value",
            typed = part(ContextKind::InvalidValue),
            arg = arg(),
            accepted = part(ContextKind::ValidValue)
        ),
        // Where several may stand clap writes `[FILE]`, though one must.
        ErrorKind::MissingRequiredArgument => {
            text!("usage-missing", arg = arg().replace('[', "<").replace(']', ">"))
        }
        ErrorKind::MissingSubcommand => {
            text!("usage-incomplete", name = words.join(" "), next = next(lang, words))
        }
        ErrorKind::ArgumentConflict => {
            text!("usage-conflict", arg = arg(), prior = bare(&part(ContextKind::PriorArg)))
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            text!("usage-value-missing", arg = arg())
        }
        ErrorKind::TooManyValues => text!("usage-extra", typed = part(ContextKind::InvalidValue)),
        ErrorKind::InvalidUtf8 => text!("usage-bytes"),
        _ => text!("usage-other"),
    }
}

/// Words that may follow an unfinished command: `new, show`.
fn next(lang: Lang, words: &[String]) -> String {
    let family = super::available()
        .filter_map(|spec| spec.names().family())
        .find(|family| words.first().is_some_and(|word| family.spellings().contains(word)));
    let Some(family) = family else {
        return String::new();
    };
    let leaves: Vec<_> =
        help::of_family(&family).map(|spec| spec.names().leaf().in_lang(lang)).collect();
    leaves.join(", ")
}

/// What the person probably meant; of a command's spellings only the one of the reader's language.
fn meant(lang: Lang, error: &clap::Error) -> Option<String> {
    let suggested =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
            .into_iter()
            .find_map(|kind| error.get(kind))?;
    let ContextValue::Strings(all) = suggested else {
        return Some(spelt(suggested));
    };
    let words: Vec<_> = super::available().flat_map(|spec| spec.names().0).collect();
    let mut meant: Vec<&str> = all
        .iter()
        .map(|typed| {
            let word = words.iter().find(|word| word.spellings().contains(typed));
            word.map_or(typed.as_str(), |word| word.in_lang(lang))
        })
        .collect();
    // clap puts the nearest last.
    meant.reverse();
    meant.dedup();
    (!meant.is_empty()).then(|| meant.join(&format!(" {} ", lang.t("usage-or"))))
}

fn spelt(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        other => other.to_string(),
    }
}

/// `--for <TEXTE>` is `--for`; `<À>` stays.
fn bare(arg: &str) -> String {
    match arg.split_once(' ') {
        Some((flag, _)) if flag.starts_with('-') => flag.to_owned(),
        // Several may follow: no part of the name, and no end of a sentence.
        _ => arg.trim_end_matches("...").to_owned(),
    }
}
