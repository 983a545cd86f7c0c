//! `pirate backup create [-o FILE]`: the whole log in one file, beside a running node or without one. What was
//! written is read again and checked before it is said to be there.

use std::path::PathBuf;

use serde_json::json;

use super::file::{self, Contents, SUFFIX};
use crate::{
    commands::Args,
    context::Context,
    dates, dry,
    error::Failure,
    output::{Done, Mark, Screen},
    text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let log = file::log(context)?;
    let day = dates::iso_day(context.now().day());
    let path = args
        .path("output")
        .unwrap_or_else(|| PathBuf::from(format!("{}-{day}.{SUFFIX}", log.slug())));
    if context.global.dry_run {
        return dry::file(&path);
    }
    let Contents { front, entries, certified, bytes } = file::make(context, &log, &path)?;
    let name = path.display().to_string();
    let data = json!({
        "path": name,
        "bytes": bytes,
        "cite": front.cite.to_string(),
        "entries": entries,
        "certified": certified,
        "keys": front.keys.len(),
    });
    let screen = Screen::new()
        .mark(Mark::Good, text!("backup-written", entries = entries, file = &path))
        .fact(text!("label-witnessed-up-to"), certified)
        .fact(text!("label-key-files"), front.keys.len())
        .line(text!("backup-holds"));
    Ok(Done::new(data, screen)
        .hint(text!("backup-check-it"), &["pirate", "backup", "check", name.as_str()]))
}
