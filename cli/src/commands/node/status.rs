//! `pirate node status`: whether the node runs, signs and is connected, in plain words.

use ledger::home::given_up;
use node::core::MEMORY_BUDGET_BYTES;
use proto::{
    desk::{CopyState, NodeStatus, Obstacle, OwnBranch, RecoverySheet},
    hash::Hash,
    wire::decline,
};
use serde_json::{Value as Json, json};

use crate::{
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    exit::Exit,
    health::{self, Alert},
    language::Value,
    local::LocalLog,
    output::{Done, Mark, Screen},
    own_node::OwnNode,
    text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let status = match OwnNode::find(context)? {
        Some(mut node) => Some(node.status()?),
        None => None,
    };
    let log = LocalLog::own(&context.paths);
    let (data, screen, alerts) = match status {
        Some(status) => running(context, &status),
        None => stopped(context, &log?)?,
    };
    let bad = alerts.iter().any(|alert| alert.error);
    let alarm = alerts.iter().any(|alert| alert.alarm);
    let screen = alerts.iter().fold(screen, |screen, alert| alert.show(screen));
    let done = Done::new(data, screen);
    Ok(match (bad, alarm && args.flag("check")) {
        (_, true) => done.exiting(Exit::Failed),
        (true, false) => done.not_ok(),
        (false, false) => done,
    })
}

fn running(context: &Context, status: &NodeStatus) -> (Json, Screen, Vec<Alert>) {
    let alerts = health::of_node(status);
    let state = match (status.signing.is_ok(), alerts.is_empty()) {
        _ if status.recovery.is_some() => "recovering",
        (true, true) => "ok",
        _ => "degraded",
    };
    let head = status.sheet.as_ref().map(|sheet| sheet.checkpoint.head);
    let data = json!({
        "state": state,
        "node": Hash(status.node.0).to_string(),
        "peers": status.peers,
        // Whether others reach it from outside is what they would have to say; nobody asks them yet.
        "reachable": null,
        "listening": status.listening,
        "ledger": head.map(|head| json!({ "size": head.size, "root": head.root.to_string() })),
        "witnesses": status.sheet.as_ref().map(|sheet| json!({ "have": status.witnesses, "of": sheet.mirrors.len() })),
        "mirrored": status.mirrored.iter().map(|log| json!({
            "cite": log.cite.to_string(), "slug": log.slug, "size": log.size,
            "convicted": log.convicted, "closed": log.copy != CopyState::Kept,
            "copy": copy_word(log.copy), "cosigned": match log.copy {
                CopyState::Refills { of } => Some(of),
                _ => None,
            },
        })).collect::<Vec<_>>(),
        "signing": status.signing.is_ok(),
        "disk": { "free_bytes": status.disk_free },
        "memory_bytes": status.watch.memory,
        "memory_budget_bytes": MEMORY_BUDGET_BYTES,
        "started_at": dates::rfc3339(status.started),
        "syncs": {
            "count": status.watch.syncs.count,
            "slow": status.watch.syncs.slow,
            "longest_ms": status.watch.syncs.longest_ms,
        },
        "messages": { "count": status.watch.messages, "invalid": status.watch.invalid },
        "unconfirmed_since": status.watch.unconfirmed.map(dates::rfc3339),
        "witnesses_silent": status.watch.silent.iter().map(|witness| json!({
            "cite": witness.cite.to_string(),
            "slug": witness.slug,
            "since": dates::rfc3339(witness.since),
        })).collect::<Vec<_>>(),
        "clock_offset_s": status.clock.ahead_ms.map(|ahead| ahead / 1_000),
        "version": status.version,
        "recovery": status.recovery.as_ref().map(recovery),
        "given_up": status.given_up.iter().map(health::given_up_json).collect::<Vec<_>>(),
        "scrub": {
            "running": status.scrub.running,
            "ended_at": status.scrub.ended.map(dates::rfc3339),
            "records": status.scrub.records,
            "bytes": status.scrub.bytes,
            "flaws": status.scrub.flaws,
            "mended": status.scrub.mended,
            "imports_wait": status.scrub.imports_wait,
        },
        "blocked": {
            "entries": status.blocked,
            "cuts_off": status.cut_off.iter().map(health::cut_off_json).collect::<Vec<_>>(),
        },
        "alerts": alerts.iter().map(|alert| alert.json(context)).collect::<Vec<_>>(),
    });
    let mark = if status.signing.is_ok() { Mark::Good } else { Mark::Warn };
    let mut screen = Screen::new()
        .mark(mark, text!("node-runs", since = status.started, version = status.version.as_str()))
        .fact(text!("label-listening"), listed(&status.listening))
        .fact(text!("label-peers"), status.peers);
    if let Some(head) = head {
        screen = screen.fact(text!("label-entries"), head.size);
    }
    if let Some(sheet) = status.sheet.as_ref().filter(|sheet| !sheet.mirrors.is_empty()) {
        let have = u64::from(status.witnesses);
        screen = screen.fact(
            text!("label-witnesses"),
            text!("have-of", have = have, of = sheet.mirrors.len()),
        );
    }
    if status.blocked > 0 {
        let entries = text!("blocked-count", count = status.blocked);
        screen = screen.fact(text!("label-blocked"), entries);
    }
    for log in status.mirrored.iter().filter(|log| log.copy == CopyState::Kept) {
        screen = screen
            .fact(text!("label-copy"), text!("copy-of", cite = log.slug.as_str(), size = log.size));
    }
    if let Some(recovery) = &status.recovery {
        screen = screen
            .fact(text!("label-incarnation"), recovery.incarnation.to_string())
            .fact(
                text!("label-entries"),
                text!("have-of", have = recovery.entries, of = recovery.held),
            )
            .fact(
                text!("label-promises"),
                text!(
                    "have-of",
                    have = u64::from(recovery.promised),
                    of = u64::from(recovery.needed)
                ),
            );
    }
    screen = told_given_up(screen, &status.given_up);
    if let Some(ended) = status.scrub.ended {
        let (records, mended) = (status.scrub.records, u64::from(status.scrub.mended));
        screen = screen.fact(
            text!("label-read"),
            text!("scrub-last", at = ended, records = records, mended = mended),
        );
    }
    screen = screen.fact(
        text!("label-disk"),
        text!("free-megabytes", free = health::megabytes(status.disk_free)),
    );
    (data, screen, alerts)
}

/// Returns how the copy of an ally's log is, as a word for programs.
const fn copy_word(copy: CopyState) -> &'static str {
    match copy {
        CopyState::Kept => "kept",
        CopyState::NoRoom => "no_room",
        CopyState::Failed => "failed",
        CopyState::Wordless => "no_record",
        CopyState::Refills { .. } => "refetching",
    }
}

/// Tells what gave way in a recovery, for as long as it lies there: whoever is paid by it has yet to be paid again.
fn told_given_up(screen: Screen, given_up: &[OwnBranch]) -> Screen {
    given_up.iter().fold(screen, |screen, own| screen.mark(Mark::Warn, health::given_up(own)))
}

/// Returns how far recovering is, as data.
fn recovery(recovery: &RecoverySheet) -> Json {
    json!({
        "incarnation": recovery.incarnation,
        "entries": recovery.entries,
        "signed": recovery.signed,
        "held": recovery.held,
        "promises": { "have": recovery.promised, "need": recovery.needed },
        "obstacle": recovery.obstacle.map(|obstacle| match obstacle {
            Obstacle::NoPlace => "no_place",
            Obstacle::Certified { .. } => "certified",
        }),
        "witnesses": recovery.mirrors.iter().map(|mirror| json!({
            "cite": mirror.cite.to_string(),
            "slug": mirror.slug,
            "connected": mirror.connected,
            "promised": mirror.promised,
            "declined": mirror.declined.map(|(reason, _)| reason),
            "silence_missing_ms": mirror.declined.filter(|(reason, _)| *reason == decline::NOT_SILENT).map(|(_, missing)| missing),
        })).collect::<Vec<_>>(),
    })
}

fn stopped(context: &Context, log: &LocalLog) -> Result<(Json, Screen, Vec<Alert>), Failure> {
    let named = log.record_named()?.map_or(0, |(record, _)| record.incarnation());
    if log.is_lost() && named > 0 {
        let alerts = vec![health::stopped(), health::prepared()];
        let data = json!({
            "state": "offline",
            "peers": 0,
            "reachable": false,
            "ledger": null,
            "disk": { "free_bytes": log.home().disk_free().ok() },
            "version": env!("CARGO_PKG_VERSION"),
            "alerts": alerts.iter().map(|alert| alert.json(context)).collect::<Vec<_>>(),
        });
        let screen = Screen::new().fact(text!("label-entries"), 0_u64);
        return Ok((data, screen, alerts));
    }
    let entries = log.entries()?;
    let last = entries.len().checked_sub(1).map(|leaf| log.entry(&entries, leaf)).transpose()?;
    let free = log.home().disk_free().ok();
    let alerts = health::of_stopped(log, &entries);
    let given_up = given_up(log.disk().as_ref()).unwrap_or_default();
    let data = json!({
        "state": "offline",
        "peers": 0,
        "reachable": false,
        "ledger": { "size": entries.len(), "last_at": last.as_ref().map(|entry| dates::rfc3339(entry.time)) },
        "given_up": given_up.iter().map(health::given_up_json).collect::<Vec<_>>(),
        "disk": { "free_bytes": free },
        "version": env!("CARGO_PKG_VERSION"),
        "alerts": alerts.iter().map(|alert| alert.json(context)).collect::<Vec<_>>(),
    });
    let mut screen = Screen::new().fact(text!("label-entries"), entries.len());
    if let Some(last) = last {
        screen = screen.fact(text!("label-last-entry"), last.time);
    }
    screen = told_given_up(screen, &given_up);
    if let Some(free) = free {
        screen = screen
            .fact(text!("label-disk"), text!("free-megabytes", free = health::megabytes(free)));
    }
    Ok((data, screen, alerts))
}

fn listed(addresses: &[String]) -> Value {
    if addresses.is_empty() { text!("unknown").into() } else { addresses.join(", ").into() }
}
