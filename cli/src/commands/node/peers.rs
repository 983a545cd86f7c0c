//! `pirate node peers`: who the node talks to, since when.

use proto::{desk::PeerItem, hash::Hash};
use serde_json::json;

use crate::{
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    language::Value,
    output::{Done, Screen, Table},
    own_node::OwnNode,
    text,
};

/// Characters of a network key that people see in a table; `--plain` and `--json` have all of it.
const KEY_CHARS: usize = 16;

pub(in crate::commands) fn run(context: &Context, _: &Args<'_>) -> Result<Done, Failure> {
    let peers = OwnNode::need(context)?.peers()?;
    let items: Vec<_> = peers.iter().map(item).collect();
    let data = json!({ "items": items });
    if peers.is_empty() {
        let screen = Screen::new().line(text!("peers-none"));
        return Ok(Done::new(data, screen)
            .hint(text!("next-federation-join"), &["pirate", "federation", "join", "…"]));
    }
    let mut table = Table::new(vec![
        text!("label-cite"),
        text!("label-node"),
        text!("label-address"),
        text!("label-since"),
    ]);
    for peer in &peers {
        let whole = Hash(peer.node.0).to_string();
        let short: String = whole.chars().take(KEY_CHARS).chain(['…']).collect();
        table.row(vec![
            if peer.slug.is_empty() { text!("unknown").into() } else { peer.slug.as_str().into() },
            Value::Long { short, whole },
            peer.addresses.first().map_or_else(|| text!("unknown").into(), |a| a.as_str().into()),
            peer.since.map_or_else(|| text!("not-connected").into(), Value::Instant),
        ]);
    }
    Ok(Done::new(data, Screen::new().table(table)))
}

fn item(peer: &PeerItem) -> serde_json::Value {
    json!({
        "node": Hash(peer.node.0).to_string(),
        "cite": peer.cite.map(|cite| cite.to_string()),
        "slug": (!peer.slug.is_empty()).then_some(peer.slug.as_str()),
        "addresses": peer.addresses,
        "since": peer.since.map(dates::rfc3339),
        "connected": peer.since.is_some(),
    })
}
