//! `pirate completion SHELL`: the completion script of a shell, in the language of the reader.
//! Prints the script and installs nothing; for programs it is a text in the object.

use clap_complete::Shell;
use serde_json::json;

use super::Args;
use crate::{
    codes,
    context::Context,
    error::Failure,
    output::{Done, Form, Screen},
    text, tree,
};

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let name = args.required("shell");
    let shell: Shell =
        name.parse().map_err(|_| Failure::new(codes::USAGE, text!("usage-other")))?;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree::command(context.lang), "pirate", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Failure::new(codes::BUG, text!("bug")).caused_by(&error))?;
    Ok(match context.printer.form() {
        Form::Json => Done::new(json!({ "shell": name, "script": script }), Screen::new()),
        Form::Human | Form::Plain => Done::raw(script),
    })
}
