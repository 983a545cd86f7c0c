//! `pirate federation list`: the cités that the node (a member's: the home) knows, what is agreed with each, what is owed.

use proto::{
    codec::Canonical as _,
    desk::{Known, PeerSheet, Sheet},
    founding::{Founding, SignedFounding},
};
use serde_json::{Value as Json, json};

use crate::{
    commands::{Args, cite::show::peer_json},
    context::Context,
    dates,
    error::Failure,
    home_desk::HomeDesk,
    language::{Text, Value},
    local::LocalLog,
    output::{Done, Mark, Screen, Table},
    own_node::OwnNode,
    text,
};

pub(in crate::commands) fn run(context: &Context, _: &Args<'_>) -> Result<Done, Failure> {
    let (cites, sheet) = asked(context)?;
    let own = SignedFounding::decode(&sheet.founding).ok().map(|signed| signed.founding.id());
    let rows: Vec<(Founding, &Known)> = cites
        .iter()
        .filter_map(|known| Some((SignedFounding::decode(&known.founding).ok()?.founding, known)))
        .filter(|(founding, _)| Some(founding.id()) != own)
        .collect();
    let items: Vec<Json> =
        rows.iter().map(|(founding, known)| item(founding, known, &sheet)).collect();
    let data = json!({ "items": items });
    if rows.is_empty() {
        return Ok(Done::new(data, Screen::new().line(text!("cites-none")))
            .hint(text!("next-federation-join"), &["pirate", "federation", "join", "…"]));
    }
    let mut table = Table::new(vec![
        text!("label-cite"),
        text!("label-agreement"),
        text!("label-balance"),
        text!("label-line"),
        text!("label-certified"),
        text!("label-seen"),
    ]);
    for (founding, known) in &rows {
        let peer = peer(founding, &sheet);
        table.row(vec![
            founding.slug.as_str().into(),
            agreement(peer).1.into(),
            Value::Minutes(peer.map_or(0, |peer| peer.balance.0)),
            Value::Minutes(peer.map_or(0, |peer| i64::from(peer.line.0))),
            known.certified.map_or(0, |head| head.size).into(),
            seen(known),
        ]);
    }
    let mut screen = Screen::new().table(table).line(text!("balance-sign"));
    for (founding, _) in rows.iter().filter(|(_, known)| known.convicted) {
        screen = screen.mark(Mark::Bad, text!("two-histories", cite = founding.slug.as_str()));
    }
    Ok(Done::new(data, screen))
}

/// Asks the node of this machine; for a member on whose machine no cité lives, the home's.
fn asked(context: &Context) -> Result<(Vec<Known>, Sheet), Failure> {
    if OwnNode::find(context)?.is_none()
        && LocalLog::find(&context.paths)?.is_none()
        && let Some(mut home) = HomeDesk::find(context)?
    {
        let cite = home.wallet.home();
        return Ok((home.cites()?, home.sheet(cite)?));
    }
    let mut node = OwnNode::need(context)?;
    Ok((node.cites()?, node.sheet(None)?))
}

fn peer<'a>(founding: &Founding, sheet: &'a Sheet) -> Option<&'a PeerSheet> {
    let cite = founding.id();
    sheet.peers.iter().find(|peer| peer.cite == cite)
}

/// Returns what is agreed: a neutral word, and in words.
fn agreement(peer: Option<&PeerSheet>) -> (&'static str, Text) {
    match peer {
        None => ("none", text!("agreement-none")),
        Some(peer) if peer.ended => ("ended", text!("agreement-ended")),
        Some(peer) if peer.opened_there => ("both", text!("agreement-both")),
        Some(_) => ("ours", text!("agreement-ours")),
    }
}

fn seen(known: &Known) -> Value {
    match (known.connected, known.seen) {
        (true, _) => text!("connected-now").into(),
        (false, Some(at)) => Value::Instant(at),
        (false, None) => text!("never").into(),
    }
}

fn item(founding: &Founding, known: &Known, sheet: &Sheet) -> Json {
    let peer = peer(founding, sheet);
    let cite = founding.id();
    json!({
        "cite": cite.to_string(),
        "slug": founding.slug,
        "name": founding.name,
        // There is no authority yet that would give one.
        "label": null,
        "connected": known.connected,
        "last_seen_at": known.seen.map(dates::rfc3339),
        "checkpoint": known.certified.map(|head| json!({
            "size": head.size,
            "root": head.root.to_string(),
        })),
        "verdict": if known.convicted { "two-histories" } else { "none" },
        "agreement": agreement(peer).0,
        "witness": sheet.mirrors.contains(&cite),
        "net_min": peer.map_or(0, |peer| peer.balance.0),
        "account": peer.map(peer_json),
        "addresses": known.addresses,
    })
}
