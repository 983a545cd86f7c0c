//! `pirate backup check FILE`: checks a backup offline, as an auditor would check the log. Opens no socket and
//! writes nothing.

use serde_json::json;

use super::file::{self, Contents};
use crate::{
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    output::{Done, Mark, Screen},
    text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let path = std::path::PathBuf::from(args.required("backup"));
    let Contents { front, entries, certified, bytes } = file::check(context, &path)?;
    let data = json!({
        "good": true,
        "made_at": dates::rfc3339(front.made),
        "bytes": bytes,
        "cite": front.cite.to_string(),
        "entries": entries,
        "certified": certified,
        "keys": front.keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(),
    });
    let screen = Screen::new()
        .mark(Mark::Good, text!("backup-good", entries = entries, file = &path))
        .fact(text!("label-made"), front.made)
        .fact(text!("label-witnessed-up-to"), certified)
        .fact(text!("label-key-files"), front.keys.len());
    Ok(Done::new(data, screen))
}
