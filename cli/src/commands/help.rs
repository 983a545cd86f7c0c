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
    if context.printer.form() == Form::Json {
        return Ok(Done::new(
            json!({ "commands": commands(context) }),
            crate::output::Screen::new(),
        ));
    }
    let words: Vec<String> = args.list("topic").into_iter().map(str::to_owned).collect();
    let page = tree::overview(context.lang, &words).ok_or_else(|| {
        Failure::new(codes::USAGE, text!("usage-command", typed = words.join(" ")))
            .fix(&["pirate", "help", "all"])
    })?;
    Ok(Done::raw(page))
}

fn commands(context: &Context) -> Vec<serde_json::Value> {
    tree::available()
        .map(|spec| {
            json!({
                "command": spec.en,
                "fr": spec.fr,
                "about": context.lang.t(&spec.id()),
                "schema": crate::output::schema(spec.en),
            })
        })
        .collect()
}
