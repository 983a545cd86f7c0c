//! Help pages in the reader's language: everyday commands, all commands, one command.
//! Made from the table and the catalogues; clap's own help is never shown.

use std::ffi::OsString;

use serde_json::Value as Json;

use super::{ArgSpec, GLOBALS, Kind, Section, Spec, Word, available};
use crate::{
    language::{Lang, Text},
    output::{COLUMNS_MAX, Done, Screen, wrap},
    text,
};

/// Commands of the first help page, by heading.
const EVERYDAY: [(&str, &[&str]); 3] = [
    ("help-everyday", &["status", "ask", "pay", "balance", "history", "request list", "card show"]),
    ("help-begin", &["key new", "join", "cite found", "demo"]),
    ("help-trouble", &["node status", "audit verify", "explain"]),
];

fn columns(width: usize, left: &str, right: &str) -> String {
    let pad = " ".repeat(width.saturating_sub(left.chars().count()));
    fold(&format!("  {left}{pad}  "), &" ".repeat(width + 4), right)
}

/// Returns `text` after `first`, broken between words, further lines after `next`.
fn fold(first: &str, next: &str, text: &str) -> String {
    wrap(text, COLUMNS_MAX, first, next)
}

fn list(lang: Lang, specs: &[&Spec]) -> String {
    let width = specs.iter().map(|spec| spec.name(lang).chars().count()).max().unwrap_or(0).max(12);
    specs.iter().map(|spec| columns(width, spec.name(lang), &lang.t(&spec.id()))).collect()
}

/// Returns the page of everyday commands: at most 24 lines of 80 columns.
pub fn everyday(lang: Lang) -> String {
    let there: Vec<_> = available().collect();
    first_page(lang, &there)
}

/// Returns the first page when these commands are there.
pub(super) fn first_page(lang: Lang, there: &[&'static Spec]) -> String {
    let mut page = format!("{}\n\n", lang.t("help-title"));
    for (heading, names) in EVERYDAY {
        let specs: Vec<&Spec> = names
            .iter()
            .filter_map(|name| there.iter().find(|spec| spec.en == *name).copied())
            .collect();
        if !specs.is_empty() {
            page.push_str(&format!("{}\n{}", lang.t(heading), list(lang, &specs)));
        }
    }
    page.push_str(&format!("\n{}\n", lang.t("help-more")));
    page
}

/// Returns the page of all commands by section, with the flags that every command takes.
pub fn everything(lang: Lang) -> String {
    let mut page = format!("{}\n", lang.t("help-title"));
    for section in Section::ALL {
        let specs: Vec<_> = available().filter(|spec| spec.section == section).collect();
        if !specs.is_empty() {
            page.push_str(&format!("\n{}\n{}", lang.t(section.heading()), list(lang, &specs)));
        }
    }
    page.push_str(&format!("\n{}\n{}", lang.t("help-globals"), globals(lang)));
    page
}

fn globals(lang: Lang) -> String {
    let rows: Vec<(String, String)> = GLOBALS
        .iter()
        .map(|(id, short, value, choices)| {
            let value = match value {
                Some(_) if !choices.is_empty() => format!(" {}", choices.join("|")),
                Some(value) => format!(" {}", lang.t(value)),
                None => String::new(),
            };
            (flag(*short, id, &value), lang.t(&format!("global-{id}")))
        })
        .chain([
            (flag(Some('h'), "help", ""), lang.t("global-help")),
            (flag(Some('V'), "version", ""), lang.t("global-version")),
        ])
        .collect();
    two_columns(&rows)
}

fn flag(short: Option<char>, id: &str, value: &str) -> String {
    match short {
        Some(short) => format!("-{short}, --{id}{value}"),
        None => format!("    --{id}{value}"),
    }
}

fn two_columns(rows: &[(String, String)]) -> String {
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0).min(30);
    rows.iter().map(|(left, right)| columns(width, left, right)).collect()
}

/// Returns the page of one command; it begins with two examples.
pub fn page(lang: Lang, spec: &Spec) -> String {
    let id = spec.id();
    let mut page = format!("{}\n\n{}\n", lang.t(&id), lang.t("help-examples"));
    for example in ["ex1", "ex2"] {
        page.push_str(&format!("  {}\n", lang.attribute(&id, example).unwrap_or_default()));
    }
    page.push_str(&format!("\n{}\n", usage(lang, spec)));
    let rows: Vec<_> = spec
        .args
        .iter()
        .filter(|arg| !arg.hidden)
        .map(|arg| (shown(lang, arg), lang.attribute(&id, arg.id).unwrap_or_default()))
        .collect();
    if !rows.is_empty() {
        page.push_str(&format!("\n{}\n{}", lang.t("help-arguments"), two_columns(&rows)));
    }
    if let Some(details) = lang.attribute(&id, "details") {
        page.push('\n');
        for paragraph in details.split('\n') {
            page.push_str(&fold("", "", paragraph));
        }
    }
    page.push_str(&format!("\n{}\n", lang.t("help-globals-where")));
    page
}

fn shown(lang: Lang, arg: &ArgSpec) -> String {
    let value = match arg.choices {
        [] if arg.value.is_empty() => String::new(),
        [] => lang.t(arg.value),
        choices => choices.join("|"),
    };
    match arg.kind {
        Kind::Place { required: true, .. } => format!("<{value}>"),
        Kind::Place { required: false, .. } => format!("[{value}]"),
        Kind::Flag => flag(arg.short, arg.id, ""),
        Kind::Option { .. } => flag(arg.short, arg.id, &format!(" {value}")),
    }
}

/// Returns `Usage : pirate payer <À> [DURÉE] [options]`.
pub(super) fn usage(lang: Lang, spec: &Spec) -> String {
    let mut words = format!("pirate {}", spec.name(lang));
    for arg in spec.args {
        let Kind::Place { required, many } = arg.kind else {
            continue;
        };
        let (open, close) = if required { ('<', '>') } else { ('[', ']') };
        let more = if many { "…" } else { "" };
        words.push_str(&format!(" {open}{}{close}{more}", lang.t(arg.value)));
    }
    if spec.args.iter().any(|arg| !arg.hidden && !matches!(arg.kind, Kind::Place { .. })) {
        words.push_str(" [options]");
    }
    lang.say(&text!("help-usage", usage = words))
}

/// Returns what help says about these words: a command, a family, everything; `None` when nothing
/// goes by that name.
pub fn overview(lang: Lang, words: &[String]) -> Option<String> {
    match words {
        [] => return Some(everyday(lang)),
        [word] if word == "all" || word == "tout" => return Some(everything(lang)),
        _ => {}
    }
    if let Some(spec) = super::find(&words.join(" ")) {
        return Some(page(lang, spec));
    }
    let [word] = words else { return None };
    let family = available()
        .filter_map(|spec| spec.names().family())
        .find(|family| family.spellings().iter().any(|spelling| spelling == word))?;
    let specs: Vec<_> = of_family(&family).collect();
    let about = lang.t(&format!("family-{}", family.en));
    Some(format!("{about}\n\n{}\n{}\n", list(lang, &specs), lang.t("help-globals-where")))
}

/// Returns the commands of a family.
pub(super) fn of_family(family: &Word) -> impl Iterator<Item = &'static Spec> {
    let english = family.en;
    available().filter(move |spec| spec.names().family().is_some_and(|own| own.en == english))
}

/// Returns the command words before `--help`, flags and their values left out.
pub(super) fn words_before(args: &[OsString]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = args.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    while let Some(arg) = rest.next() {
        match arg.strip_prefix("--") {
            Some("") | Some("help") | Some("aide") => break,
            Some(name)
                if GLOBALS.iter().any(|(id, _, value, _)| *id == name && value.is_some()) =>
            {
                rest.next();
            }
            Some(_) => {}
            None if arg == "-h" => break,
            None if arg.starts_with('-') => {}
            None => words.push(arg),
        }
    }
    // What follows the name of the command is its arguments.
    (0..=words.len().min(2))
        .rev()
        .map(|length| words.iter().take(length).cloned().collect::<Vec<_>>())
        .find(|name| overview(Lang::En, name).is_some())
        .unwrap_or_default()
}

/// Returns what `pirate` alone says without an identity: `data`, and the ways in.
pub fn welcome(data: Json) -> Done {
    let ways = [
        ("welcome-create", &["pirate", "key", "new"][..]),
        ("welcome-restore", &["pirate", "key", "new", "--restore"]),
        ("welcome-found", &["pirate", "cite", "found"]),
        ("welcome-try", &["pirate", "demo"]),
        ("welcome-help", &["pirate", "help"]),
    ];
    let title = Screen::new().line(text!("help-title")).blank();
    ways.iter().fold(Done::new(data, title), |done, (id, argv)| done.hint(Text::new(*id), argv))
}
