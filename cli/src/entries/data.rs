//! Entries and acts as data for programs: `pirate.log.entry/1` and its parts.
//! Neutral names and whole identities only; a sentence is never here.

use proto::{
    act::Act,
    entry::{Entry, Import, Outcome, Payload},
    founding::{Founding, Rules},
    hash::Hash,
    heirs::Heirs,
    ids::{Account, MemberId, OrderId},
    keys::PublicKey,
    membership::Terms,
    order::{Order, Statement},
    stream::{Content, StreamHeader},
};
use serde_json::{Value as Json, json};

use super::{Names, act_kind, joining, kind, level_word, neighbour, order_of};
use crate::dates;

/// Returns an entry as data: `pirate.log.entry/1`.
pub fn entry_json(leaf: u64, leaf_hash: &Hash, entry: &Entry, names: &Names<'_>) -> Json {
    let order = order_of(entry);
    let signed_by: Vec<String> = match (&entry.payload, order) {
        (_, Some(order)) => vec![order.order().author.to_string()],
        (Payload::Found(_) | Payload::RootAct(_), None) => vec!["root".to_owned()],
        (_, None) => vec!["home".to_owned()],
    };
    json!({
        "n": leaf,
        "id": order.map(|order| order.id().to_string()),
        "type": kind(entry),
        "at": dates::rfc3339(entry.time),
        "signed_by": signed_by,
        "number": order.and_then(|order| names.number(&order.order().author)),
        "body": payload_json(&entry.payload),
        "leaf_hash": leaf_hash.to_string(),
    })
}

fn payload_json(payload: &Payload) -> Json {
    match payload {
        Payload::Found(signed) => founding_json(&signed.founding),
        Payload::RootAct(root) => json!({ "seq": root.seq, "act": act_json(&root.act) }),
        Payload::Order(order) => order_json(order.order()),
        Payload::Export { header, order } => {
            json!({ "stream": header_json(header), "order": order_json(order.order()) })
        }
        Payload::Import(import) => import_json(import),
        Payload::Ack(header) | Payload::Farewell(header) => {
            json!({ "stream": header_json(header) })
        }
        Payload::KeyEpoch(record) => json!({
            "cite": record.founding.id().to_string(),
            "incarnation": record.epoch.as_ref().map(|signed| signed.epoch.incarnation),
        }),
        Payload::Resume(resume) => json!({
            "incarnation": resume.epoch.epoch.incarnation,
            "inherited": resume.epoch.will.is_some(),
            "base": { "size": resume.base.size, "root": resume.base.root.to_string() },
            "log_key": Hash(resume.epoch.epoch.keys.log.0).to_string(),
            "mirror_key": Hash(resume.epoch.epoch.keys.mirror.0).to_string(),
            "network_key": Hash(resume.epoch.epoch.keys.network.0).to_string(),
            "witnesses": resume.fences.iter().map(|fence| fence.fence.mirror.to_string()).collect::<Vec<_>>(),
        }),
        Payload::Seal(seal) => json!({
            "seq": seal.seq,
            "certified_size": seal.certified_size,
            "state_root": seal.state_root.to_string(),
            "previous": { "size": seal.previous.size, "root": seal.previous.root.to_string() },
        }),
    }
}

/// Returns a founding record as data.
pub fn founding_json(founding: &Founding) -> Json {
    json!({
        "cite": founding.id().to_string(),
        "slug": founding.slug,
        "name": founding.name,
        "place": founding.place,
        "network": founding.network.name,
        "test_network": founding.network.test,
        "network_id": founding.network.id().to_string(),
        "root_threshold": founding.root.threshold,
        "root_keys": founding.root.keys.iter().map(|key| Hash(key.0).to_string()).collect::<Vec<_>>(),
        "log_key": Hash(founding.log_key.0).to_string(),
        "mirror_key": Hash(founding.mirror_key.0).to_string(),
        "network_key": Hash(founding.network_key.0).to_string(),
        "rules": rules_json(&founding.rules),
    })
}

/// Returns rules as data.
pub fn rules_json(rules: &Rules) -> Json {
    json!({
        "version": rules.version,
        "granularity_min": rules.step.0,
        "limits_min": [-i64::from(rules.floor.0), i64::from(rules.ceiling.0)],
        "commons_floor_min": -i64::from(rules.commons_floor.0),
        "approvals": rules.approvals,
        "deficit_max_min": rules.deficit_max.map(|minutes| minutes.0),
        "request_days_max": rules.request_days_max,
        "card_days": rules.card_days,
        "allowance_max_min": rules.allowance_max.0,
        "pledge_min": rules.pledge.0,
    })
}

fn header_json(header: &StreamHeader) -> Json {
    json!({
        "cite": header.peer.to_string(),
        "counter": header.counter,
        "received": header.received,
    })
}

fn order_json(order: &Order) -> Json {
    let previous = (order.prev != OrderId::NONE).then(|| order.prev.to_string());
    let fields = match &order.statement {
        Statement::Join(join) => json!({ "rules": join.rules, "pledge_min": join.pledge.0 }),
        Statement::Pay(pay) => json!({
            "to": account_json(&pay.payee),
            "minutes": pay.minutes.0,
            "asked": pay.request.is_some(),
        }),
        Statement::Export(export) => json!({
            "cite": export.to.to_string(),
            "to": export.payee.to_string(),
            "minutes": export.minutes.0,
            "asked": export.request.is_some(),
        }),
        Statement::Act(act) => json!({ "act": act_json(act) }),
        Statement::Approve(approve) => json!({ "act": approve.act.to_string() }),
    };
    json!({
        "author": order.author.to_string(),
        "lane": order.lane,
        "seq": order.seq,
        "previous": previous,
        "valid_until": dates::iso_day(order.valid_until),
        "text": order.body.map(|commitment| commitment.to_string()),
        "says": fields,
    })
}

fn import_json(import: &Import) -> Json {
    let message = &import.message;
    let says = match &message.content {
        Content::Transfer(transfer) => json!({
            "order": transfer.order.to_string(),
            "from": transfer.payer.to_string(),
            "to": transfer.payee.to_string(),
            "minutes": transfer.minutes.0,
        }),
        Content::Return { counter, reason } => json!({ "returns": counter, "reason": reason }),
        Content::Ack | Content::Farewell => json!({}),
    };
    let outcome = match import.outcome {
        Outcome::Taken => json!({ "state": "taken" }),
        Outcome::Returned { header, reason } => {
            json!({ "state": "returned", "reason": reason, "stream": header_json(&header) })
        }
    };
    json!({
        "cite": message.from.to_string(),
        "counter": message.counter,
        "received": message.received,
        "entry": import.leaf,
        "incarnation": import.incarnation,
        "says": says,
        "outcome": outcome,
    })
}

fn account_json(account: &Account) -> Json {
    match account {
        Account::Member(id) => json!(id.to_string()),
        Account::Commons => json!("commons"),
        Account::Peer(cite) => json!(format!("peer:{cite}")),
    }
}

/// Returns heirs as data.
pub(crate) fn heirs_json(heirs: &Heirs) -> Json {
    let key = |key: &PublicKey| Hash(key.0).to_string();
    json!({
        "threshold": heirs.keys.threshold,
        "keys": heirs.keys.keys.iter().map(key).collect::<Vec<_>>(),
    })
}

fn terms_json(terms: &Terms, member: Option<MemberId>) -> Json {
    json!({
        "member": member.map(|who| who.to_string()),
        "level": level_word(terms.level),
        "from": dates::iso_day(terms.from),
        "until": dates::iso_day(terms.until),
        "allowance_min": terms.allowance.0,
    })
}

/// Returns an act as data.
pub fn act_json(act: &Act) -> Json {
    let says = match act {
        Act::Admit(admit) => terms_json(&admit.terms, joining(admit).map(|(who, _)| who)),
        Act::CardIssue(issue) => terms_json(&issue.terms, Some(issue.member)),
        Act::Suspend(suspend) => json!({
            "member": suspend.member.to_string(),
            "until": suspend.until.map(dates::iso_day),
        }),
        Act::Lift(lift) => json!({ "member": lift.member.to_string() }),
        Act::Leave(leave) => json!({ "member": leave.member.to_string() }),
        Act::Rules(rules) => rules_json(rules),
        Act::PeerOpen(open) => json!({
            "cite": neighbour(open).map(|founding| founding.id().to_string()),
            "slug": neighbour(open).map(|founding| founding.slug),
            "line_min": open.line.0,
        }),
        Act::Line(line) => json!({ "cite": line.cite.to_string(), "line_min": line.line.0 }),
        Act::MirrorSet(set) => json!({
            "mirrors": set.mirrors.iter().map(|mirror| json!({
                "cite": mirror.cite.to_string(),
                "key": Hash(mirror.key.0).to_string(),
            })).collect::<Vec<_>>(),
        }),
        Act::Close => json!({}),
        Act::Heirs(heirs) => heirs_json(heirs),
    };
    json!({ "type": act_kind(act), "says": says })
}
