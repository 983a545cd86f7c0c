//! `pirate log show`: one entry: who signed, what it says, its bytes, and the proof that it is in the log.
//! The proof is checked before it is shown.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger::{
    segments::SegmentsReader,
    tree::{Frontier, inclusion_proof, verify_inclusion},
};
use proto::{
    entry::Entry,
    hash::{Hash, tree_leaf},
    ids::OrderId,
    order::Head,
};
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::{Args, log},
    context::Context,
    entries::{self, Names, short},
    error::Failure,
    language::Text,
    local::LocalLog,
    output::{Done, Screen},
    text,
};

/// A leaf's way to the root of a tree.
struct Path {
    head: Head,
    hashes: Vec<Hash>,
}

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let log = LocalLog::named(&context.paths, args.text("cite"))?;
    let read = log.entries()?;
    let leaf = leaf(context, &log, &read, args.required("entry"))?;
    let bytes = read.read(leaf).map_err(|error| log.segments_failure(&error))?;
    if args.flag("raw") && !context.global.json {
        return Ok(Done::raw(format!("{}\n", STANDARD.encode(&bytes))));
    }
    let entry = Entry::decode(&bytes).map_err(|error| {
        log.segments_failure(&ledger::segments::SegmentsError::Damaged { index: leaf })
            .caused_by(&error)
    })?;
    let fold = log::names_source(context, &log, &read);
    let names = Names::new(fold.as_ref().map(|fold| fold.state()));
    let hash = tree_leaf(&bytes);
    let mut data = entries::entry_json(leaf, &hash, &entry, &names);
    let mut screen = Screen::new()
        .title(text!("log-entry-title", leaf = leaf.to_string()))
        .line(entries::sentence(&entry, &names))
        .fact(text!("label-entered"), entry.time)
        .fact(text!("label-kind"), Text::new(entries::kind_text(&entry)));
    if let Some(order) = entries::order_of(&entry) {
        screen = screen
            .fact(text!("label-order"), order.id().to_string())
            .fact(text!("label-signed-by"), order.order().author.to_string())
            .fact(text!("label-valid-until"), order.order().valid_until);
    }
    screen =
        screen.fact(text!("label-bytes"), bytes.len()).fact(text!("label-leaf"), hash.to_string());
    if args.flag("raw") {
        insert(&mut data, "raw_b64", json!(STANDARD.encode(&bytes)));
    }
    if args.flag("proof") {
        let path = prove(context, &log, &read, leaf, hash)?;
        let (note, from) = signed_head(context, &log, &read, path.head)?;
        insert(&mut data, "proof", path_json(&path, leaf, note.as_deref()));
        screen = shown(screen, &path, leaf, note.as_deref(), from);
    }
    Ok(Done::new(data, screen))
}

fn insert(data: &mut Json, key: &str, value: Json) {
    if let Some(object) = data.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn leaf(
    context: &Context,
    log: &LocalLog,
    read: &SegmentsReader,
    typed: &str,
) -> Result<u64, Failure> {
    let absent =
        |what: Text| Failure::new(codes::NO_SUCH_ENTRY, what).fix(&["pirate", "log", "list"]);
    if let Ok(leaf) = typed.trim().parse::<u64>() {
        let len = read.len();
        return if leaf < len {
            Ok(leaf)
        } else {
            let last = len.saturating_sub(1).to_string();
            Err(absent(text!("log-no-such-entry", leaf = leaf.to_string(), last = last)))
        };
    }
    let order: OrderId = typed.trim().parse().map_err(|error| {
        Failure::new(codes::USAGE, text!("log-entry-unreadable", typed = typed)).caused_by(&error)
    })?;
    log::leaf_of(context, log, read, order)?
        .ok_or_else(|| absent(text!("log-no-such-order", order = short(order))))
}

/// Returns the way of a leaf to the root: under the newest certificate if it covers the leaf, else under
/// the last seal.
fn prove(
    context: &Context,
    log: &LocalLog,
    read: &SegmentsReader,
    leaf: u64,
    hash: Hash,
) -> Result<Path, Failure> {
    let certified = log.certified().map(|seal| seal.certificate.checkpoint.head.size);
    let size = match certified.filter(|size| leaf < *size && *size <= read.len()) {
        Some(size) => size,
        None => log.sealed(read)?,
    };
    if leaf >= size {
        return Err(Failure::new(codes::NO_SUCH_ENTRY, text!("log-not-sealed")).fix(&[
            "pirate",
            "log",
            "show",
            &leaf.to_string(),
        ]));
    }
    let progress = context.progress(text!("reading-log"));
    progress.total(size);
    let (mut frontier, mut stored) = (Frontier::default(), Vec::new());
    let mut records = read.records(0).map_err(|error| log.segments_failure(&error))?;
    while frontier.size() < size {
        let record = records.next_record().map_err(|error| log.segments_failure(&error))?;
        let Some(record) = record else { break };
        frontier.push_stored(record.leaf, &mut stored);
        progress.at(frontier.size());
    }
    let head = frontier.head();
    let hashes = inclusion_proof(&stored, leaf, size).ok();
    hashes
        .filter(|hashes| verify_inclusion(hash, leaf, head.size, hashes, head.root).is_ok())
        .map(|hashes| Path { head, hashes })
        .ok_or_else(|| Failure::new(codes::BUG, text!("bug")))
}

/// Returns the signed note of a head, if this machine holds one, and whether witnesses signed it.
fn signed_head(
    context: &Context,
    log: &LocalLog,
    read: &SegmentsReader,
    head: Head,
) -> Result<(Option<String>, Text), Failure> {
    let certified = log.certified().filter(|seal| seal.certificate.checkpoint.head == head);
    let Some(seal) = certified else { return Ok((None, text!("proof-unsigned"))) };
    let fold = log.fold(context, read)?;
    let mirrors = fold.mirrors_under(head.size).cloned();
    let Some(mirrors) = mirrors else { return Ok((None, text!("proof-unsigned"))) };
    let key_of = |cite: &_| mirrors.sets().into_iter().find_map(|set| set.key_of(cite));
    let certificate = &seal.certificate;
    let note = certificate.checkpoint.note(mirrors.log_key, &certificate.cosignatures, key_of);
    Ok((Some(note), text!("proof-signed", count = certificate.cosignatures.len())))
}

fn path_json(path: &Path, leaf: u64, note: Option<&str>) -> Json {
    json!({
        "leaf": leaf,
        "size": path.head.size,
        "root": path.head.root.to_string(),
        "path": path.hashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "checkpoint": note,
    })
}

fn shown(screen: Screen, path: &Path, leaf: u64, note: Option<&str>, from: Text) -> Screen {
    let hashes: String = path.hashes.iter().map(|hash| format!("  {hash}\n")).collect();
    let screen = screen
        .blank()
        .title(text!("proof-title"))
        .line(text!("entry-path", leaf = leaf.to_string(), size = path.head.size))
        .verbatim(hashes)
        .fact(text!("label-root"), path.head.root.to_string())
        .line(from);
    match note {
        Some(note) => screen.verbatim(note),
        None => screen,
    }
}
