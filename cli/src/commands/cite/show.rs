//! `pirate cite show`: the public sheet of a cité, from its node, else read from this machine's disk.
//! `--note` and `--anchor` print alone what auditors and their tools need.

use proto::{checkpoint::Checkpoint, desk::PeerSheet, hash::Hash, ids::CiteId};
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::Args,
    context::Context,
    dates, entries,
    error::Failure,
    language::{Lang, Value},
    local::{no_cite_here, no_such_cite},
    output::{Done, Mark, Screen, Table},
    sheet::{CiteSheet, Source},
    text, words,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let sheet = match (CiteSheet::find(context, args.text("of"))?, args.text("of")) {
        (Some(sheet), _) => sheet,
        (None, None) => return Err(no_cite_here(&context.paths)),
        (None, Some(named)) => return Err(no_such_cite(named)),
    };
    if args.flag("anchor") {
        return Ok(Done::raw(anchors(context, &sheet)));
    }
    if args.flag("note") {
        return note(context, &sheet).map(Done::raw).ok_or_else(|| {
            Failure::new(codes::NODE_ABSENT, text!("note-needs-node"))
                .fix(&["pirate", "node", "run"])
        });
    }
    Ok(shown(context, &sheet))
}

/// Returns what an auditor trusts when he trusts this cité and its witnesses: one line each.
fn anchors(context: &Context, sheet: &CiteSheet) -> String {
    let line = |cite: &CiteId, key: Hash, slug: &str| format!("cite {cite} {key} # {slug}\n");
    let founding = &sheet.founding;
    let mut lines = line(&sheet.cite(), Hash(sheet.keys.mirror.0), &founding.slug);
    for mirror in sheet.mirrors_with_keys(context) {
        if mirror.cite != sheet.cite() {
            lines.push_str(&line(&mirror.cite, Hash(mirror.key.0), &sheet.slug_of(&mirror.cite)));
        }
    }
    lines
}

/// Returns the newest signed checkpoint as a C2SP note, with the witnesses' signatures if it has any.
fn note(context: &Context, sheet: &CiteSheet) -> Option<String> {
    let log_key = sheet.keys.log;
    let certified = sheet.certificate.as_ref();
    let newest = sheet.checkpoint.as_ref();
    let plain = |checkpoint: &Checkpoint| checkpoint.note(log_key, &[], |_| None);
    match (newest, certified) {
        (Some(newest), Some(certified)) if certified.checkpoint.head != newest.head => {
            Some(plain(newest))
        }
        (_, Some(certified)) => {
            let mirrors = sheet.mirrors_with_keys(context);
            let key_of = |cite: &CiteId| mirrors.iter().find(|m| m.cite == *cite).map(|m| m.key);
            Some(certified.checkpoint.note(log_key, &certified.cosignatures, key_of))
        }
        (Some(newest), None) => Some(plain(newest)),
        (None, None) => None,
    }
}

fn shown(context: &Context, sheet: &CiteSheet) -> Done {
    let founding = &sheet.founding;
    let invitation = sheet.invitation().map(|invitation| invitation.to_text());
    let mut screen = Screen::new()
        .title(text!("cite-title", name = founding.name.as_str(), place = founding.place.as_str()))
        .fact(text!("label-slug"), founding.slug.as_str())
        .fact(text!("label-cite-id"), sheet.cite().to_string())
        .fact(
            text!("label-fingerprint"),
            words::fingerprint(context.lang, sheet.cite().as_bytes()).join(" · "),
        )
        .fact(text!("label-network"), entries::network(founding))
        .fact(text!("label-rules"), entries::rules_in_words(&sheet.rules))
        .fact(
            text!("label-members"),
            text!("members-and-stewards", members = sheet.members, stewards = sheet.stewards),
        )
        .fact(text!("label-entries"), sheet.head.size)
        .fact(text!("label-root"), sheet.head.root.to_string())
        .fact(text!("label-committed"), sheet.committed)
        .fact(text!("label-witnesses"), mirrors(sheet))
        .fact(text!("label-log-key"), Hash(sheet.keys.log.0).to_string())
        .fact(text!("label-mirror-key"), Hash(sheet.keys.mirror.0).to_string());
    if founding.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    if !sheet.peers.is_empty() {
        screen = screen.blank().title(text!("peers-title")).table(peers(&sheet.peers));
    }
    if let Some(text) = &invitation {
        screen = screen.blank().line(text!("invitation-for-cites")).verbatim(text.clone());
    }
    let done = Done::new(data(sheet, invitation.as_deref()), screen);
    match sheet.source {
        Source::Node => done,
        Source::Disk { last } => {
            done.hint(text!("read-directly", age = age(context, last)), &["pirate", "node", "run"])
        }
    }
}

/// Returns how old something is, in the largest unit that fits.
fn age(context: &Context, last: proto::time::UnixMillis) -> crate::language::Text {
    let minutes = context.now().since(last) / 60_000;
    match minutes {
        0..60 => text!("age-minutes", count = minutes),
        60..2_880 => text!("age-hours", count = minutes / 60),
        _ => text!("age-days", count = minutes / 1_440),
    }
}

fn mirrors(sheet: &CiteSheet) -> Value {
    if sheet.mirrors.is_empty() {
        return text!("witnesses-none").into();
    }
    let names: Vec<String> = sheet.mirrors.iter().map(|cite| sheet.slug_of(cite)).collect();
    names.join(", ").into()
}

fn peers(peers: &[PeerSheet]) -> Table {
    let mut table = Table::new(vec![
        text!("label-cite"),
        text!("label-balance"),
        text!("label-line"),
        text!("label-open"),
        text!("label-waiting"),
    ]);
    for peer in peers {
        let open = i64::try_from(peer.open_minutes).unwrap_or(i64::MAX);
        table.row(vec![
            peer.slug.as_str().into(),
            Value::Minutes(peer.balance.0),
            Value::Minutes(i64::from(peer.line.0)),
            Value::Minutes(open),
            peer.waiting_since.map_or_else(|| "".into(), Value::Instant),
        ]);
    }
    table
}

fn data(sheet: &CiteSheet, invitation: Option<&str>) -> Json {
    let mut data = entries::founding_json(&sheet.founding);
    let more = json!({
        "fingerprint_words": {
            "fr": words::fingerprint(Lang::Fr, sheet.cite().as_bytes()),
            "en": words::fingerprint(Lang::En, sheet.cite().as_bytes()),
        },
        "incarnation": sheet.incarnation,
        "log_key": Hash(sheet.keys.log.0).to_string(),
        "mirror_key": Hash(sheet.keys.mirror.0).to_string(),
        "network_key": Hash(sheet.keys.network.0).to_string(),
        "rules": entries::rules_json(&sheet.rules),
        "members": sheet.members,
        "stewards": sheet.stewards,
        "checkpoint": {
            "size": sheet.head.size,
            "root": sheet.head.root.to_string(),
            "signed": sheet.checkpoint.is_some(),
        },
        "certified": sheet.certificate.as_ref().map(|c| c.checkpoint.head.size),
        "committed": sheet.committed,
        "mirrors": sheet.mirrors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "peers": sheet.peers.iter().map(peer_json).collect::<Vec<_>>(),
        "invitation": invitation,
        "source": match sheet.source { Source::Node => "node", Source::Disk { .. } => "disk" },
        "at": dates::rfc3339(sheet.at()),
    });
    if let (Some(object), Json::Object(more)) = (data.as_object_mut(), more) {
        object.extend(more);
    }
    data
}

/// Returns what a cité has with another, as data.
pub(in crate::commands) fn peer_json(peer: &PeerSheet) -> Json {
    json!({
        "cite": peer.cite.to_string(),
        "slug": peer.slug,
        "balance_min": peer.balance.0,
        "line_min": peer.line.0,
        "sent": peer.sent,
        "received": peer.received,
        "open": peer.open,
        "open_min": peer.open_minutes,
        "waiting_since": peer.waiting_since.map(dates::rfc3339),
        "opened_there": peer.opened_there,
        "ended": peer.ended,
    })
}
