//! `pirate node migrate [--plan]`: whether this program can go on with what another one wrote here, told before the node
//! runs with it. No release wrote another form of a node's directory than this program, so there is nothing to change; all entries are decided
//! anew, those of allies as well. Writes nothing.

use node::home_dir::FORMAT;
use proto::minutes::Balance;
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::Args,
    context::Context,
    error::Failure,
    local::LocalLog,
    output::{Done, Mark, Screen},
    text,
};

pub(in crate::commands) fn run(context: &Context, _args: &Args<'_>) -> Result<Done, Failure> {
    let own = LocalLog::own(&context.paths)?;
    let mut logs = vec![read(context, &own, false)?];
    for copy in own.copies() {
        // What of a copy is damaged is fetched anew; what this program does not understand in it, is not.
        logs.push(
            read(context, &copy, true)
                .map_err(|failure| failure.because(text!("migrate-copy", cite = name(&copy))))?,
        );
    }
    let entries = logs.iter().fold(0, |sum, log| u64::saturating_add(sum, log.entries));
    let copies = logs.len().saturating_sub(1);
    let data = json!({
        "format": FORMAT,
        "writes": FORMAT,
        "version": env!("CARGO_PKG_VERSION"),
        "steps": [],
        "logs": logs.iter().map(Looked::json).collect::<Vec<_>>(),
    });
    let screen = Screen::new()
        .mark(Mark::Good, text!("migrate-nothing", format = FORMAT))
        .mark(Mark::Good, text!("migrate-read", entries = entries, copies = copies));
    let backup = &["pirate", "backup", "create"];
    Ok(Done::new(data, screen).hint(text!("migrate-backup"), backup))
}

/// A log that was decided anew.
struct Looked {
    cite: String,
    slug: String,
    copy: bool,
    entries: u64,
}

impl Looked {
    fn json(&self) -> Json {
        let Self { cite, slug, copy, entries } = self;
        json!({ "cite": cite, "slug": slug, "copy": copy, "entries": entries })
    }
}

fn read(context: &Context, log: &LocalLog, copy: bool) -> Result<Looked, Failure> {
    let fold = log.fold_all(context, &log.entries()?)?;
    if fold.state().sum() != Some(Balance::ZERO) {
        return Err(Failure::new(codes::LEDGER_DAMAGED, text!("migrate-sum")));
    }
    let entries = fold.head().size;
    Ok(Looked { cite: log.cite().to_string(), slug: name(log), copy, entries })
}

fn name(log: &LocalLog) -> String {
    log.founding().map(|signed| signed.founding.slug).unwrap_or_default()
}
