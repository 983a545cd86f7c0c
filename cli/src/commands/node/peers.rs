//! `pirate node peers [--top]`: who the node talks to, since when, and how much each uses.

use proto::{
    desk::{PeerItem, USE_MINUTES},
    hash::Hash,
};
use serde_json::json;

use crate::{
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    language::{Text, Value},
    output::{Done, Screen, Table},
    own_node::OwnNode,
    text,
};

/// Characters of a network key that people see in a table, as in log lines; `--plain` and `--json` have all of it.
const KEY_CHARS: usize = 8;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let top = args.flag("top");
    let mut peers = OwnNode::need(context)?.peers()?;
    if top {
        // Whoever attacks may be gone for a moment, and come back.
        peers.sort_by_key(|peer| std::cmp::Reverse((bytes(peer), peer.used.messages)));
    } else {
        peers.retain(|peer| peer.since.is_some());
    }
    let items: Vec<_> = peers.iter().map(item).collect();
    let data = json!({ "items": items, "over_min": USE_MINUTES });
    if peers.is_empty() {
        let screen = Screen::new().line(text!("peers-none"));
        return Ok(Done::new(data, screen)
            .hint(text!("next-federation-join"), &["pirate", "federation", "join", "…"]));
    }
    let table = if top { by_use(&peers) } else { by_name(&peers) };
    let mut screen = Screen::new().table(table).line(text!("peers-over", minutes = USE_MINUTES));
    if peers.iter().any(|peer| peer.used.invalid > 0) {
        screen = screen.line(text!("peers-wrong"));
    }
    let done = Done::new(data, screen);
    Ok(match top {
        true => done.hint(text!("peers-to-block"), &["pirate", "node", "block", "…"]),
        false => done,
    })
}

fn by_name(peers: &[PeerItem]) -> Table {
    let mut table = Table::new(vec![
        text!("label-cite"),
        text!("label-node"),
        text!("label-address"),
        text!("label-since"),
        text!("label-received"),
        text!("label-sent"),
        text!("label-messages"),
    ]);
    for peer in peers {
        let address = peer.addresses.first().map(String::as_str);
        table.row(vec![
            cite(peer),
            key(peer),
            address.map_or_else(|| text!("unknown").into(), Value::from),
            since(peer),
            amount(peer.used.bytes_in).into(),
            amount(peer.used.bytes_out).into(),
            messages(peer),
        ]);
    }
    table
}

fn by_use(peers: &[PeerItem]) -> Table {
    let mut table = Table::new(vec![
        text!("label-received"),
        text!("label-sent"),
        text!("label-messages"),
        text!("label-node"),
        text!("label-comes-from"),
        text!("label-cite"),
        text!("label-since"),
    ]);
    for peer in peers {
        let at = peer.at.map(|at| at.to_string());
        table.row(vec![
            amount(peer.used.bytes_in).into(),
            amount(peer.used.bytes_out).into(),
            messages(peer),
            key(peer),
            at.map_or_else(|| text!("unknown").into(), Value::from),
            cite(peer),
            since(peer),
        ]);
    }
    table
}

fn cite(peer: &PeerItem) -> Value {
    if peer.slug.is_empty() { text!("unknown").into() } else { peer.slug.as_str().into() }
}

fn key(peer: &PeerItem) -> Value {
    let whole = Hash(peer.node.0).to_string();
    let short: String = whole.chars().take(KEY_CHARS).chain(['…']).collect();
    Value::Long { short, whole }
}

fn since(peer: &PeerItem) -> Value {
    peer.since.map_or_else(|| text!("not-connected").into(), Value::Instant)
}

fn messages(peer: &PeerItem) -> Value {
    match peer.used.invalid {
        0 => peer.used.messages.into(),
        invalid => text!("messages-invalid", count = peer.used.messages, invalid = invalid).into(),
    }
}

fn bytes(peer: &PeerItem) -> u64 {
    peer.used.bytes_in.saturating_add(peer.used.bytes_out)
}

/// Returns an amount of bytes in the largest unit of which there are ten, so that two digits at least are told.
fn amount(bytes: u64) -> Text {
    match bytes {
        0..10_240 => text!("bytes-bytes", count = bytes),
        10_240..10_485_760 => text!("bytes-kilo", count = bytes >> 10),
        10_485_760..10_737_418_240 => text!("bytes-mega", count = bytes >> 20),
        _ => text!("bytes-giga", count = bytes >> 30),
    }
}

fn item(peer: &PeerItem) -> serde_json::Value {
    json!({
        "node": Hash(peer.node.0).to_string(),
        "cite": peer.cite.map(|cite| cite.to_string()),
        "slug": (!peer.slug.is_empty()).then_some(peer.slug.as_str()),
        "addresses": peer.addresses,
        "since": peer.since.map(dates::rfc3339),
        "connected": peer.since.is_some(),
        "at": peer.at.map(|at| at.to_string()),
        "in_bytes": peer.used.bytes_in,
        "out_bytes": peer.used.bytes_out,
        "messages": peer.used.messages,
        "invalid": peer.used.invalid,
    })
}
