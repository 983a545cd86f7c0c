//! How a person asks: the command line `pirate`, in French and in English.
//! One file per command, one place that prints, every sentence from the catalogues; decides nothing itself.

pub mod amount;
mod asked_back;
mod asking;
pub mod card_file;
pub mod card_sheet;
pub mod codes;
pub mod commands;
pub mod context;
pub mod dates;
pub mod deciding;
mod dry;
pub mod entries;
pub mod error;
pub mod exit;
pub mod health;
mod home_desk;
mod input;
mod joining;
pub mod keyring;
pub mod language;
pub mod local;
pub mod mailed;
mod named_node;
pub mod output;
pub mod own_node;
pub mod paths;
mod pending;
pub mod person;
pub mod petition_file;
pub mod progress;
pub mod prompt;
pub mod proof_file;
pub mod qr;
pub mod refusals;
pub mod reply;
pub mod sealed;
pub mod sheet;
pub mod standing;
pub mod tree;
mod typed;
mod unseen;
pub mod waiting;
pub mod wallet;
mod whole;
pub mod words;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use commands::Args;
use context::Context;
use exit::Exit;
use language::Lang;
use output::{Colour, Done, Printer};
use tree::{Asked, Global, Invocation, Typed};

/// Runs one command line and returns the exit code. `args` begins with the name of the program; under
/// the name `pirated` it is `pirate node run`, so that service managers, firewalls and `ps` see a daemon.
pub fn run(args: Vec<OsString>) -> i32 {
    let args = as_daemon(args);
    let env = |name: &str| std::env::var(name).ok();
    let lang = Lang::choose(&args, env);
    let asked = match tree::parse(lang, &args, env) {
        Ok(asked) => asked,
        Err(failure) => {
            // The flags could not be read, but `--json` must still be obeyed.
            let json = args.iter().any(|arg| arg == "--json");
            return Printer::new(lang, json, false, false, Colour::Auto, env)
                .failure(&failure)
                .code();
        }
    };
    let exit = match asked {
        Asked::Run(invocation) => run_command(lang, &invocation),
        Asked::Nothing(global) => run_nothing(lang, *global),
        Asked::Help(words) => {
            let page = tree::overview(lang, &words).unwrap_or_else(|| tree::everyday(lang));
            plain_printer(lang).done("help", &Done::raw(page))
        }
        Asked::Version => {
            let line = format!("pirate {}\n", env!("CARGO_PKG_VERSION"));
            plain_printer(lang).done("help", &Done::raw(line))
        }
    };
    exit.code()
}

fn as_daemon(mut args: Vec<OsString>) -> Vec<OsString> {
    let program = args.first().map(Path::new).and_then(Path::file_name);
    // What every program answers, a daemon answers as well.
    let asks = args
        .get(1)
        .is_some_and(|word| ["--version", "-V"].map(OsStr::new).contains(&word.as_os_str()));
    if program.is_some_and(|name| name == "pirated") && !asks {
        args.splice(1..1, ["node", "run"].map(OsString::from));
    }
    args
}

fn plain_printer(lang: Lang) -> Printer {
    Printer::new(lang, false, false, false, Colour::Auto, |name| std::env::var(name).ok())
}

fn run_command(lang: Lang, invocation: &Invocation) -> Exit {
    let context = match Context::new(lang, invocation.global.clone()) {
        Ok(context) => context,
        Err((printer, failure)) => return printer.failure(&failure.after(&invocation.typed)),
    };
    if let Err(failure) = named_node::check(&context.global, invocation.command) {
        return context.printer.failure(&failure.after(&invocation.typed));
    }
    context.start_log(invocation.command);
    let handler = commands::handler(invocation.command)
        .expect("the tree only offers commands that have a handler");
    match handler(&context, &Args::new(&invocation.matches)) {
        Ok(done) => {
            let done = context.answered(done).after(&invocation.typed);
            context.printer.done(invocation.command, &done)
        }
        Err(failure) => context.printer.failure(&context.failed(failure).after(&invocation.typed)),
    }
}

/// `pirate` alone: where I stand when there is an identity, else the ways in.
fn run_nothing(lang: Lang, global: Global) -> Exit {
    let context = match Context::new(lang, global) {
        Ok(context) => context,
        Err((printer, failure)) => return printer.failure(&failure),
    };
    let started = match context.keyring().holds(context.paths.profile()) {
        Ok(started) => started,
        Err(failure) => {
            let typed = Typed::nothing(context.global.place.clone());
            return context.printer.failure(&failure.after(&typed));
        }
    };
    match commands::handler("status").filter(|_| started) {
        Some(_) => {
            let status = [OsString::from("pirate"), OsString::from("status")];
            match tree::parse(lang, &status, |name| std::env::var(name).ok()) {
                Ok(Asked::Run(invocation)) => {
                    let global = context.global.clone();
                    let typed = Typed::nothing(global.place.clone());
                    run_command(lang, &Invocation { global, typed, ..*invocation })
                }
                _ => Exit::Failed,
            }
        }
        None => {
            let typed = Typed::nothing(context.global.place.clone());
            let done = tree::welcome(serde_json::json!({}));
            context.printer.done("welcome", &done.after(&typed))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::as_daemon;

    #[test]
    fn only_the_name_pirated_is_a_daemon() {
        let line = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            as_daemon(line(&["/usr/bin/pirated", "--mdns"])),
            line(&["/usr/bin/pirated", "node", "run", "--mdns"])
        );
        assert_eq!(as_daemon(line(&["pirated", "--version"])), line(&["pirated", "--version"]));
        for name in ["pirate", "/opt/pirated/pirate", "pirated2"] {
            assert_eq!(as_daemon(line(&[name, "help"])), line(&[name, "help"]));
        }
    }
}
