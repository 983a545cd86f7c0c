//! `pirate help [WORDS]`: everyday commands, all of them, a family, or one command.
//! The pages themselves are made by the command tree.

use serde_json::json;

use super::Args;
use crate::{
    codes,
    context::Context,
    error::Failure,
    output::{Done, Form},
    text, tree,
};

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let words: Vec<String> = args.list("topic").into_iter().map(str::to_owned).collect();
    let page = tree::overview(context.lang, &words).ok_or_else(|| {
        Failure::new(codes::USAGE, text!("usage-command", typed = words.join(" ")))
            .fix(&["pirate", "help", "all"])
    })?;
    if context.printer.form() == Form::Json {
        return Ok(Done::new(
            json!({ "commands": commands(context) }),
            crate::output::Screen::new(),
        ));
    }
    Ok(Done::raw(page))
}

fn commands(context: &Context) -> Vec<serde_json::Value> {
    tree::available()
        .map(|spec| {
            json!({
                "command": spec.en,
                "fr": spec.fr,
                "about": context.lang.t(&spec.id()),
                "schema": schema(spec.en),
            })
        })
        .collect()
}

/// Returns the schema of what a command prints with `--json`, if that is not text in every form.
fn schema(command: &str) -> Option<String> {
    match command {
        "completion" => None,
        // A stream has the schema of its items.
        "log list" => Some("pirate.log.entry/1".to_owned()),
        command => Some(crate::output::schema(command)),
    }
}
