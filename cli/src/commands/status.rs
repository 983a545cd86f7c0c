//! `pirate status`: one screen: who I am here, which cité, the node, what is wrong, what to do next.
//! Asks for no passphrase; works before anything is set up.

use ledger::segments::SegmentsReader;
use proto::desk::NodeStatus;
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::Args,
    context::Context,
    dates, entries,
    error::Failure,
    exit::Exit,
    health::{self, Alert},
    local::LocalLog,
    output::{Done, Mark, Screen},
    own_node::OwnNode,
    text, tree,
    wallet::{Membership, Seen, Wallet},
};

/// Where the node keeps who asked to be admitted, one file each.
const APPLICATIONS: &str = "mailbox/applications";

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let plate = context.keyring().nameplate(context.paths.profile());
    let identity = context.keyring().holds(context.paths.profile())?;
    let log = LocalLog::find(&context.paths)?;
    if !identity && log.is_none() {
        return Ok(tree::welcome(json!({ "role": "none", "alerts": [] })));
    }
    let mut status = Status { screen: Screen::new(), alerts: Vec::new(), next: Vec::new() };
    let mut data = json!({ "role": if log.is_some() { "cite" } else { "member" } });
    if identity {
        let alias = plate.as_ref().map_or(context.paths.profile(), |plate| plate.alias.as_str());
        status.fact("label-identity", alias.to_owned());
        put(
            &mut data,
            "identity",
            json!({
                "profile": context.paths.profile(),
                "alias": alias,
                "words_checked": plate.as_ref().is_some_and(|plate| plate.words_checked_ms.is_some()),
            }),
        );
    }
    let member = if identity { Wallet::look(context)? } else { None };
    if let Some(wallet) = &member {
        put(&mut data, "member", membership(wallet, &mut status));
        let waiting = wallet.waiting_in(&context.paths.wallet())?;
        put(&mut data, "orders_waiting", json!(waiting));
        if waiting > 0 {
            let message = text!("outbox-still", count = waiting);
            let send = &["pirate", "balance"];
            status.alerts.push(Alert::new(codes::ORDER_WAITS, false, message, send));
        }
    }
    match (&log, member.as_ref().map(|own| own.membership())) {
        (Some(log), _) => {
            cite(context, log, &mut data, &mut status)?;
            next_steps(&mut status, identity);
        }
        (None, None) => {
            status.next.push(("fix-join", &["pirate", "join", "…"]));
            status.next.push(("fix-found", &["pirate", "cite", "found"]));
        }
        (None, Some(Membership::Declined)) => {
            status.next.push(("fix-join", &["pirate", "join", "…"]));
        }
        // Whoever waits has no balance yet; the card says how far it is, and asks the node.
        (None, Some(Membership::Signed | Membership::Applied)) => {
            status.next.push(("join-next", &["pirate", "card", "show"]));
        }
        (None, Some(Membership::Admitted)) => {
            status.next.push(("next-balance", &["pirate", "balance"]));
        }
    }
    let alerts: Vec<Json> = status.alerts.iter().map(|alert| alert.json(context)).collect();
    put(&mut data, "alerts", json!(alerts));
    let bad = status.alerts.iter().any(|alert| alert.error);
    let alarm = status.alerts.iter().any(|alert| alert.alarm);
    let screen = status.alerts.iter().fold(status.screen, |screen, alert| alert.show(screen));
    let done = status
        .next
        .iter()
        .fold(Done::new(data, screen), |done, (why, argv)| done.hint(next(why), argv));
    Ok(match (bad, alarm && args.flag("check")) {
        (_, true) => done.exiting(Exit::Failed),
        (true, false) => done.not_ok(),
        (false, false) => done,
    })
}

/// What the screen says, and what to do next: id of the reason, and a command.
struct Status {
    screen: Screen,
    alerts: Vec<Alert>,
    next: Vec<(&'static str, &'static [&'static str])>,
}

impl Status {
    fn fact(&mut self, label: &'static str, value: impl Into<crate::language::Value>) {
        let screen = core::mem::take(&mut self.screen);
        self.screen = screen.fact(crate::language::Text::new(label), value);
    }
}

fn next(why: &str) -> crate::language::Text {
    crate::language::Text::new(why)
}

fn put(data: &mut Json, key: &str, value: Json) {
    if let Some(object) = data.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn membership(wallet: &Seen, status: &mut Status) -> Json {
    let (number, cite) = (wallet.number(), wallet.home_name());
    let said = match (wallet.membership(), number) {
        (Membership::Admitted, Some(number)) => {
            text!("member-number-of", number = number.to_string(), cite = cite)
        }
        (Membership::Admitted, None) => text!("member-of", cite = cite),
        (Membership::Applied | Membership::Signed, _) => text!("member-applied", cite = cite),
        (Membership::Declined, _) => text!("member-declined", cite = cite),
    };
    status.fact("label-member", said);
    json!({
        "member": wallet.member().to_string(),
        "cite": wallet.home().to_string(),
        "slug": wallet.slug(),
        "number": number,
        "state": wallet.membership().word(),
    })
}

/// The cité that lives on this machine, its node and its log.
fn cite(
    context: &Context,
    log: &LocalLog,
    data: &mut Json,
    status: &mut Status,
) -> Result<(), Failure> {
    let founding = log.founding()?.founding;
    status.fact(
        "label-cite",
        text!(
            "cite-on-network",
            name = founding.name.as_str(),
            network = entries::network(&founding)
        ),
    );
    put(
        data,
        "cite",
        json!({ "cite": log.cite().to_string(), "slug": founding.slug, "name": founding.name }),
    );
    put(data, "network", json!(founding.network.name));
    put(data, "test_network", json!(founding.network.test));
    if founding.network.test {
        let screen = core::mem::take(&mut status.screen);
        status.screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    let entries = log.entries()?;
    ledger(context, log, &entries, data, status)?;
    let running = match OwnNode::find(context)? {
        Some(mut node) => Some(node.status()?),
        None => None,
    };
    match running {
        Some(running) => node(context, &running, data, status),
        None => {
            put(data, "node", json!({ "state": "offline", "socket": context.paths.socket() }));
            status.fact("label-node", text!("node-not-running"));
            status.alerts.extend(health::of_stopped(log, &entries));
        }
    }
    disk(log, data, status);
    pending(context, log, &entries, data, status);
    Ok(())
}

/// Who and what waits for the stewards: people to admit, as the node keeps them beside the log, and acts that too
/// few of them signed. Entries that do not follow from one another are told elsewhere.
fn pending(
    context: &Context,
    log: &LocalLog,
    entries: &SegmentsReader,
    data: &mut Json,
    status: &mut Status,
) {
    let applications = log.disk().list(APPLICATIONS).map_or(0, |names| names.len());
    let acts = log.fold(context, entries).map_or(0, |fold| fold.state().acts().count());
    put(data, "pending", json!({ "acts": acts, "applications": applications }));
    if applications > 0 {
        status.fact("label-applications", text!("applications-wait", count = applications));
        let list = &["pirate", "member", "list", "--state", "applied"];
        status.next.push(("next-applications", list));
    }
    if acts > 0 {
        status.fact("label-acts", text!("acts-wait", count = acts));
        status.next.push(("next-acts", &["pirate", "cite", "approve", "--list"]));
    }
}

fn ledger(
    context: &Context,
    log: &LocalLog,
    entries: &SegmentsReader,
    data: &mut Json,
    status: &mut Status,
) -> Result<(), Failure> {
    let Some(last) = entries.len().checked_sub(1) else { return Ok(()) };
    let last = log.entry(entries, last)?;
    let age_s = context.now().since(last.time) / 1_000;
    status.fact("label-ledger", text!("entries-until", entries = entries.len(), time = last.time));
    put(
        data,
        "ledger",
        json!({ "size": entries.len(), "age_s": age_s, "last_at": dates::rfc3339(last.time) }),
    );
    Ok(())
}

fn node(context: &Context, running: &NodeStatus, data: &mut Json, status: &mut Status) {
    status
        .fact("label-node", text!("node-running", peers = running.peers, since = running.started));
    put(
        data,
        "node",
        json!({
            "state": if running.signing.is_ok() { "ok" } else { "degraded" },
            "socket": context.paths.socket(),
            "listening": running.listening,
            "started_at": dates::rfc3339(running.started),
            "version": running.version,
        }),
    );
    put(data, "peers", json!(running.peers));
    if let Some(sheet) = &running.sheet {
        let of = sheet.mirrors.len();
        put(data, "witnesses", json!({ "have": running.witnesses, "of": of }));
        put(data, "members", json!(sheet.members));
        let said = match of {
            0 => text!("witnesses-none"),
            _ => text!("have-of", have = u64::from(running.witnesses), of = of),
        };
        status.fact("label-witnesses", said);
        status.fact("label-members", sheet.members);
    }
    status.alerts.extend(health::of_node(running));
}

fn disk(log: &LocalLog, data: &mut Json, status: &mut Status) {
    if let Ok(free) = log.home().disk_free() {
        put(data, "disk", json!({ "free_bytes": free }));
        status.fact("label-disk", text!("free-megabytes", free = health::megabytes(free)));
    }
}

/// `steward`: whether somebody is here who could invite. After a lost disk nobody is, until words bring one back.
fn next_steps(status: &mut Status, steward: bool) {
    if !steward {
        status.next.push(("next-restore", &["pirate", "key", "new", "--restore"]));
    } else if status.alerts.is_empty() {
        status.next.push(("found-next-invite", &["pirate", "member", "invite"]));
    }
}

#[cfg(test)]
mod tests {
    use super::{Screen, Status, next_steps};

    /// On every network: where hours count, somebody must be invited as well.
    #[test]
    fn a_cite_that_is_well_invites() {
        let mut status = Status { screen: Screen::new(), alerts: Vec::new(), next: Vec::new() };
        next_steps(&mut status, true);
        assert!(status.next.iter().any(|(_, argv)| *argv == ["pirate", "member", "invite"]));
        status.next.clear();
        next_steps(&mut status, false);
        assert!(status.next.iter().all(|(_, argv)| *argv == ["pirate", "key", "new", "--restore"]));
    }
}
