//! `pirate cite close`: closes the cité of this machine's node, for good, with the words of its root, or of an heir who
//! took it up. Asked again, it says who still waits for the last message. It moves no hour; what remains open is shown
//! before the question.

use proto::{
    act::Act,
    codec::{Bytes, Canonical as _},
    desk::{Call, Operator, PeerSheet, Reply, Sheet},
    founding::SignedFounding,
    minutes::Minutes,
};
use serde_json::{Value as Json, json};

use super::{found::root_key_of, root};
use crate::{
    commands::{Args, key::new::read_words},
    context::Context,
    entries,
    error::Failure,
    language::Value,
    output::{Done, Mark, Screen, Table},
    own_node::OwnNode,
    reply, text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut node = OwnNode::need(context)?;
    let sheet = node.sheet(None)?;
    let signed = SignedFounding::decode(&sheet.founding).map_err(|_| reply::unexpected())?;
    if sheet.closed.is_some() {
        return Ok(standing(&signed, &sheet));
    }
    if args.text("words-file").is_none() {
        context.show(&Screen::new().line(text!("recover-words")));
    }
    let words = read_words(context, args.text("words-file"), None)?;
    let act = root::signed(&signed, &sheet, Act::Close, &root_key_of(&words.entropy))?;
    context.show(&announced(&signed, &sheet));
    if context.global.dry_run {
        let said = Screen::new().line(text!("recover-dry-run"));
        return Ok(Done::new(data(&signed, &sheet), said));
    }
    context.prompt.confirm(&text!("close-confirm"), false)?;
    match node.ask(Call::Operator(Operator::RootAct(Bytes::from(act.encode()))))? {
        Reply::Done => Ok(standing(&signed, &node.sheet(None)?)),
        _ => Err(reply::unexpected()),
    }
}

/// Returns the cités that wait for the last message.
fn waiting(sheet: &Sheet) -> impl Iterator<Item = &PeerSheet> {
    sheet.peers.iter().filter(|peer| !peer.ended)
}

/// What is about to happen, before the question.
fn announced(signed: &SignedFounding, sheet: &Sheet) -> Screen {
    let founding = &signed.founding;
    let mut screen = Screen::new()
        .title(text!("close-title"))
        .fact(text!("label-network"), entries::network(founding))
        .fact(text!("label-cite"), founding.name.as_str())
        .fact(
            text!("label-members"),
            text!("members-and-stewards", members = sheet.members, stewards = sheet.stewards),
        );
    if !sheet.peers.is_empty() {
        screen = screen.blank().title(text!("peers-title")).table(remainder(sheet)).blank();
    }
    screen = screen
        .line(text!("close-means"))
        .line(text!("close-allies"))
        .mark(Mark::Warn, text!("close-for-good"))
        .mark(Mark::Warn, text!("close-keep-running"));
    if founding.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    screen
}

/// What the cité leaves behind with each other one.
fn remainder(sheet: &Sheet) -> Table {
    let mut table =
        Table::new(vec![text!("label-cite"), text!("label-balance"), text!("label-open")]);
    for peer in &sheet.peers {
        let open = u32::try_from(peer.open_minutes).unwrap_or(u32::MAX);
        table.row(vec![
            peer.slug.as_str().into(),
            Value::Minutes(peer.balance.0),
            Minutes(open).into(),
        ]);
    }
    table
}

/// How far a closing has come.
fn standing(signed: &SignedFounding, sheet: &Sheet) -> Done {
    let name = signed.founding.name.as_str();
    let mut screen = Screen::new().mark(Mark::Good, text!("close-done", cite = name));
    if !sheet.peers.is_empty() {
        screen = screen.table(remainder(sheet));
    }
    let waiting: Vec<&str> = waiting(sheet).map(|peer| peer.slug.as_str()).collect();
    screen = match waiting.is_empty() {
        true => screen.line(text!("close-said")),
        false => screen.line(text!("close-waits", cites = waiting.join(", "))),
    };
    Done::new(data(signed, sheet), screen)
        .hint(text!("close-next"), &["pirate", "cite", "close"])
        .hint(text!("close-next-bundle"), &["pirate", "audit", "bundle"])
}

fn data(signed: &SignedFounding, sheet: &Sheet) -> Json {
    json!({
        "cite": signed.founding.id().to_string(),
        "slug": signed.founding.slug,
        "closed": sheet.closed.is_some(),
        "entry": sheet.closed,
        "waiting": waiting(sheet).map(|peer| peer.slug.clone()).collect::<Vec<_>>(),
        "remains": sheet.peers.iter().map(|peer| json!({
            "cite": peer.cite.to_string(),
            "slug": peer.slug,
            "balance_min": peer.balance.0,
            "open_min": peer.open_minutes,
        })).collect::<Vec<_>>(),
    })
}
