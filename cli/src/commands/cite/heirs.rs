//! `pirate cite heirs`: shows the heirs of the cité of this machine's node, or names others with the words of its root.
//! Heirs are other cités; what they may do, and when, is for the log and its witnesses to say.

use proto::{
    act::Act,
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Operator, Reply, Sheet},
    founding::{RootKeys, SignedFounding},
    hash::Hash,
    heirs::Heirs,
    keys::PublicKey,
};
use serde_json::{Value as Json, json};

use super::{found::root_key_of, root};
use crate::{
    codes,
    commands::{Args, key::new::read_words},
    context::Context,
    entries,
    error::Failure,
    local::no_such_cite,
    output::{Done, Mark, Screen},
    own_node::OwnNode,
    reply, sheet, text,
};

/// Most signatures that may be asked for: those of all heirs that may be named.
const HEIRS_MAX: u64 = Heirs::KEYS_MAX as u64;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let named = args.list("cites");
    let threshold = args.number("threshold", 1..=HEIRS_MAX)?;
    let mut node = OwnNode::need(context)?;
    let (cites, own) = (node.cites()?, node.sheet(None)?);
    let signed = SignedFounding::decode(&own.founding).map_err(|_| reply::unexpected())?;
    if named.is_empty() {
        return Ok(standing(&signed, &own, &cites));
    }
    let heirs = chosen(&cites, &named, threshold)?;
    if args.text("words-file").is_none() {
        context.show(&Screen::new().line(text!("recover-words")));
    }
    let words = read_words(context, args.text("words-file"), None)?;
    let key = root_key_of(&words.entropy);
    let act = root::signed(&signed, &own, Act::Heirs(heirs.clone()), &key)?;
    context.show(&announced(&signed, &heirs, &cites));
    if context.global.dry_run {
        let said = Screen::new().line(text!("recover-dry-run"));
        return Ok(Done::new(data(&signed, Some(&heirs), None, &cites), said));
    }
    context.prompt.confirm(&text!("heirs-confirm"), false)?;
    match node.ask(Call::Operator(Operator::RootAct(Bytes::from(act.encode()))))? {
        Reply::Done => Ok(standing(&signed, &node.sheet(None)?, &cites)),
        _ => Err(reply::unexpected()),
    }
}

/// Returns the cités of these names as heirs, by the root key of each.
fn chosen(cites: &[Known], named: &[&str], threshold: Option<u64>) -> Result<Heirs, Failure> {
    let mut keys = Vec::new();
    for name in named {
        let (record, _) = sheet::known(cites, name).ok_or_else(|| no_such_cite(name))?;
        match record.founding().root.keys.as_slice() {
            [key] => keys.push(*key),
            _ => return Err(Failure::new(codes::HEIRS, text!("heirs-board", cite = *name))),
        }
    }
    let count = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    // More than half of them, so that no two of their petitions can both be signed.
    let threshold = u8::try_from(threshold.unwrap_or(count / 2 + 1)).unwrap_or(u8::MAX);
    let heirs = Heirs { keys: RootKeys { threshold, keys } };
    // The bounds are the format's: up to five, each once, and as many to sign as can.
    if heirs.bounds().is_err() {
        return Err(Failure::new(codes::USAGE, text!("heirs-how-many")));
    }
    Ok(heirs)
}

/// Returns the short name of the cité whose root key this is, among those that the node knows.
fn name_of(key: &PublicKey, cites: &[Known]) -> Option<String> {
    let records = cites.iter().filter_map(|known| SignedFounding::decode(&known.founding).ok());
    let mut roots = records.filter(|record| record.founding.root.keys.contains(key));
    roots.next().map(|record| record.founding.slug)
}

fn in_words(heirs: &Heirs, cites: &[Known]) -> String {
    let name = |key: &PublicKey| name_of(key, cites).unwrap_or_else(|| Hash(key.0).to_string());
    heirs.keys.keys.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn facts(signed: &SignedFounding, heirs: &Heirs, cites: &[Known]) -> Screen {
    Screen::new()
        .fact(text!("label-network"), entries::network(&signed.founding))
        .fact(text!("label-cite"), signed.founding.name.as_str())
        .fact(text!("label-heirs"), in_words(heirs, cites))
        .fact(text!("label-heirs-sign"), u64::from(heirs.keys.threshold))
}

/// What is about to happen, before the question.
fn announced(signed: &SignedFounding, heirs: &Heirs, cites: &[Known]) -> Screen {
    let screen = facts(signed, heirs, cites)
        .line(text!("heirs-means"))
        .mark(Mark::Warn, text!("heirs-trust"));
    match signed.founding.network.test {
        true => screen.mark(Mark::Warn, text!("test-network")),
        false => screen,
    }
}

/// Who the heirs are.
fn standing(signed: &SignedFounding, own: &Sheet, cites: &[Known]) -> Done {
    let heirs = own.will.as_ref().map(|will| &will.heirs);
    let screen = match heirs {
        None => Screen::new().line(text!("heirs-none")),
        Some(heirs) => facts(signed, heirs, cites),
    };
    let screen = match own.inherited {
        Some(_) => screen.mark(Mark::Warn, text!("heirs-inherited")),
        None => screen,
    };
    let done = Done::new(data(signed, heirs, own.inherited, cites), screen);
    match heirs {
        None => done.hint(text!("heirs-next"), &["pirate", "cite", "heirs", "…"]),
        Some(_) => done,
    }
}

fn data(
    signed: &SignedFounding,
    heirs: Option<&Heirs>,
    inherited: Option<u32>,
    cites: &[Known],
) -> Json {
    let keys = heirs.map(|heirs| heirs.keys.keys.as_slice()).unwrap_or_default();
    json!({
        "cite": signed.founding.id().to_string(),
        "slug": signed.founding.slug,
        "threshold": heirs.map(|heirs| heirs.keys.threshold),
        "inherited": inherited,
        "heirs": keys.iter().map(|key| json!({
            "key": Hash(key.0).to_string(),
            "slug": name_of(key, cites),
        })).collect::<Vec<_>>(),
    })
}
