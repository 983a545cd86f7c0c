//! The written format says what the program does: every number, bound, label and field of its tables is
//! compared with the source or with what the program does, every example with the golden vectors.

use std::{collections::BTreeMap, fs, str::FromStr as _};

use harness::vectors;
use proto::{
    act::{Act, Admit, Line, Mirror, MirrorSet, PeerOpen},
    body::Body,
    card::{Challenge, Possession, ShortCard},
    certificate::{Certificate, EntryProof},
    codec::{Canonical, CodecError},
    entry::{ENTRY_MAX, Entry, Import, Seal},
    epoch::{KeyEpoch, SignedKeyEpoch},
    evidence::Evidence,
    founding::{Founding, Network, Rules, SignedFounding},
    hash::{Hash, Use},
    heirs::{Heirs, Will},
    ids::{CiteId, MemberId, NetworkId, OrderId, RequestId},
    keys::{PublicKey, Purpose, SigningKey},
    order::{MUST_UNDERSTAND, MemberRecord, ORDER_MAX, SignedOrder},
    request::Request,
    resume::{Fence, Resume},
    stream::StreamHeader,
    wire::{Gossip, Invitation},
};

fn page() -> String {
    fs::read_to_string(vectors::docs().join("format/README.md"))
        .expect("docs/format/README.md is there")
}

/// Returns a source file: of the protocol, or where it says the folder, of any crate.
fn source(file: &str) -> String {
    let folder = if file.contains('/') { "" } else { "proto/src" };
    let path = vectors::root().join(folder).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the rows of the first table behind the line that begins with `heading`, without its head.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let mut lines = page.lines().skip_while(|line| !line.starts_with(heading));
    assert!(lines.next().is_some(), "no line begins with {heading:?}");
    let rows: Vec<Vec<String>> = lines
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(cells)
        .collect();
    assert!(!rows.is_empty(), "no table behind {heading:?}");
    rows
}

fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|').trim_end_matches('|');
    row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
}

fn number(cell: &str) -> usize {
    let digits: String = cell.chars().filter(|letter| *letter != ',').collect();
    digits.parse().unwrap_or_else(|_| panic!("{cell:?} is not a number"))
}

/// Returns the part of a source file from the line with `opening` to the line that closes it.
fn braces<'a>(source: &'a str, opening: &str) -> Vec<&'a str> {
    let mut lines = source.lines().skip_while(|line| !line.contains(opening));
    assert!(lines.next().is_some(), "no {opening:?} in the source");
    lines.take_while(|line| *line != "}").collect()
}

/// Returns the `u16` constants of a module of numbers, as they stand in the source.
fn constants(source: &str, module: &str) -> Vec<(usize, String)> {
    braces(source, module)
        .into_iter()
        .filter_map(|line| line.trim().strip_prefix("pub const ")?.split_once(": u16 = "))
        .filter(|(name, _)| *name != "LAST")
        .map(|(name, value)| (number(value.trim_end_matches(';')), name.to_owned()))
        .collect()
}

#[test]
fn numbers_of_kinds_are_those_of_the_program() {
    let page = page();
    for (heading, file, module) in [
        ("Numbers of orders (`order.rs`)", "order.rs", "pub mod number {"),
        ("Numbers of acts (`act.rs`)", "act.rs", "pub mod number {"),
        ("Numbers of entries (`entry.rs`)", "entry.rs", "pub mod number {"),
        ("Numbers of evidence (`evidence.rs`)", "evidence.rs", "pub mod number {"),
        ("Reasons for which a node declines", "wire.rs", "pub mod decline {"),
    ] {
        let written: Vec<(usize, String)> = table(&page, heading)
            .into_iter()
            .map(|row| (number(&row[0]), row[1].clone()))
            .collect();
        assert_eq!(written, constants(&source(file), module), "{heading}");
        let counted: Vec<usize> = (1..=written.len()).collect();
        let numbers: Vec<usize> = written.into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, counted, "{heading}: numbers run from 1 without a gap");
    }
    assert_eq!(table(&page, "Numbers of orders").len(), usize::from(proto::order::number::LAST));
    assert_eq!(table(&page, "Numbers of acts").len(), usize::from(proto::act::number::LAST));
    assert_eq!(table(&page, "Numbers of entries").len(), usize::from(proto::entry::number::LAST));
}

/// Says whether the program knows a kind at all: it refuses other bytes in another way than by kind.
type Knows = fn(u16) -> bool;

#[test]
fn kinds_that_are_built_are_those_that_the_program_reads() {
    fn order(kind: u16) -> bool {
        let (_, _, statement) = vectors::statements().swap_remove(1);
        let alice = harness::people::Person::new("alice", &harness::people::tisserandes());
        let signed = alice.order(1, OrderId::NONE, statement).sign(&alice.device);
        let mut bytes = signed.bytes().to_vec();
        bytes[1..3].copy_from_slice(&(kind | MUST_UNDERSTAND).to_le_bytes());
        !matches!(SignedOrder::decode(&bytes), Err(CodecError::Kind { .. }))
    }
    fn act(kind: u16) -> bool {
        !matches!(Act::from_body(kind, &[]), Err(CodecError::Kind { .. }))
    }
    fn entry(kind: u16) -> bool {
        let mut bytes = vec![0; 18];
        bytes[8..10].copy_from_slice(&kind.to_le_bytes());
        !matches!(Entry::decode(&bytes), Err(CodecError::Kind { .. }))
    }
    fn evidence(kind: u16) -> bool {
        let all = vectors::example_evidence(&vectors::example_log());
        all.iter().any(|evidence| {
            let variant = u32::from(kind - 1).to_le_bytes();
            evidence.number() == kind && evidence.encode().starts_with(&variant)
        })
    }
    let page = page();
    let tables: [(&str, Knows); 4] = [
        ("Numbers of orders", order),
        ("Numbers of acts", act),
        ("Numbers of entries", entry),
        ("Numbers of evidence", evidence),
    ];
    for (heading, knows) in tables {
        for row in table(&page, heading) {
            let kind = u16::from_str(&row[0]).expect("a number");
            let built = match row[3].as_str() {
                "yes" => true,
                "no" => false,
                other => panic!("{heading}: built is yes or no, not {other:?}"),
            };
            assert_eq!(knows(kind), built, "{heading}: {}", row[1]);
        }
    }
}

#[test]
fn structures_have_the_fields_of_the_program_in_its_order() {
    let page = page();
    let mut seen = Vec::new();
    for line in page.lines() {
        let Some(rest) = line.strip_prefix("Structure `") else {
            continue;
        };
        let mut parts = rest.split('`');
        let name = parts.next().expect("a name");
        let file = parts.nth(1).expect("a file");
        let source = source(file);
        let fields: Vec<&str> = braces(&source, &format!("struct {name} {{"))
            .into_iter()
            .map(|line| line.trim().trim_start_matches("pub "))
            .filter(|line| !line.starts_with("//") && !line.starts_with('#'))
            .filter_map(|line| line.split_once(": ").map(|(field, _)| field))
            .collect();
        let rows = table(&page, &format!("Structure `{name}`"));
        let written: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(written, fields, "{name} in {file}");
        seen.push(name);
    }
    assert!(seen.len() >= 30, "only {} structures are written down", seen.len());
}

#[test]
fn variants_are_those_of_the_program() {
    let page = page();
    for (heading, file, opening) in [
        ("Variants of `Query`", "proto/src/desk/query.rs", "pub enum Query {"),
        ("Variants of `Gossip`", "wire.rs", "pub enum Gossip {"),
    ] {
        let source = source(file);
        let variants: Vec<String> = braces(&source, opening)
            .into_iter()
            .filter_map(|line| line.strip_prefix("    "))
            .filter(|line| line.starts_with(char::is_uppercase))
            .map(|line| line.chars().take_while(|letter| letter.is_alphanumeric()).collect())
            .collect();
        let rows = table(&page, heading);
        let written: Vec<String> = rows.iter().map(|row| row[1].clone()).collect();
        assert_eq!(written, variants, "{heading}");
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(number(&row[0]), place, "{heading}");
        }
    }
}

#[test]
fn contexts_labels_and_prefixes_are_those_of_the_program() {
    let page = page();
    let column = |heading: &str| -> Vec<String> {
        table(&page, heading).into_iter().map(|row| row[0].clone()).collect()
    };
    let source = source("hash.rs");
    let contexts: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split('"').nth(1))
        .collect();
    assert!(contexts.contains(&Use::Order.context()));
    assert_eq!(column("**Everything else** uses BLAKE3"), contexts);
    let all = vectors::all();
    let shown: Vec<&str> = all.iter().filter_map(|vector| vector.value("context_text")).collect();
    assert_eq!(shown, contexts, "each context has a vector");
    let purposes = [
        Purpose::Order,
        Purpose::Request,
        Purpose::Found,
        Purpose::RootAct,
        Purpose::KeyEpoch,
        Purpose::Petition,
        Purpose::Fence,
        Purpose::Announce,
        Purpose::Desk,
        Purpose::Card,
        Purpose::ShortCard,
    ];
    assert_eq!(column("`\"pirate/1\"`, `00`"), purposes.map(Purpose::label));
    let prefixes = [
        NetworkId::PREFIX,
        CiteId::PREFIX,
        MemberId::PREFIX,
        OrderId::PREFIX,
        RequestId::PREFIX,
        Invitation::PREFIX,
        pirate::wallet::request_link::PREFIX,
        ShortCard::PREFIX,
        Challenge::PREFIX,
        Possession::PREFIX,
    ];
    assert_eq!(column("Thirty-two bytes each."), prefixes);
}

/// Every example has a section that names it, and every name leads to one.
#[test]
fn vectors_are_named_on_the_page() {
    let page = page();
    let named: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("*Vectors:* "))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect();
    let all = vectors::all();
    let belongs = |name: &str, vector: &str| match name.strip_suffix('…') {
        Some(family) => vector.starts_with(family),
        None => vector == name,
    };
    for vector in &all {
        let found = named.iter().any(|name| belongs(name, &vector.name));
        assert!(found, "no section names {}", vector.name);
    }
    for name in named {
        assert!(all.iter().any(|vector| belongs(name, &vector.name)), "{name} leads nowhere");
    }
}

#[test]
fn bounds_are_those_of_the_program() {
    let bounds: BTreeMap<&str, usize> = [
        ("Network", Network::MAX),
        ("Rules", Rules::MAX),
        ("Founding", Founding::MAX),
        ("SignedFounding", SignedFounding::MAX),
        ("MemberRecord", MemberRecord::MAX),
        ("signed order", ORDER_MAX),
        ("signed request", Request::SIGNED_MAX),
        ("signed short card", ShortCard::SIGNED_MAX),
        ("Admit", Admit::MAX),
        ("PeerOpen", PeerOpen::MAX),
        ("Line", Line::MAX),
        ("MirrorSet", MirrorSet::MAX),
        ("entry", ENTRY_MAX),
        ("Import", Import::MAX),
        ("Seal", Seal::MAX),
        ("KeyEpoch", KeyEpoch::MAX),
        ("Heirs", Heirs::MAX),
        ("Will", Will::MAX),
        ("SignedKeyEpoch", SignedKeyEpoch::MAX),
        ("Fence", Fence::MAX),
        ("Resume", Resume::MAX),
        ("StreamHeader", StreamHeader::MAX),
        ("Certificate", Certificate::MAX),
        ("EntryProof", EntryProof::MAX),
        ("Evidence", Evidence::MAX),
        ("Body", Body::MAX),
        ("Invitation", Invitation::MAX),
        ("Query", proto::desk::Query::MAX),
        ("Gossip", Gossip::MAX),
        ("front of a backup", ledger::backup::Front::MAX),
    ]
    .into();
    let rows = table(&page(), "Longest byte strings that are read");
    let written: BTreeMap<&str, usize> =
        rows.iter().map(|row| (row[0].as_str(), number(&row[1]))).collect();
    assert_eq!(written, bounds);
}

#[test]
fn quorums_are_those_of_the_program() {
    let rows = table(&page(), "force and, while one is pending");
    assert_eq!(rows.len(), MirrorSet::MIRRORS_MAX);
    for row in rows {
        let mirror = Mirror { cite: CiteId(Hash::ZERO), key: PublicKey([0; 32]) };
        let mirrors = vec![mirror; number(&row[0])];
        assert_eq!(MirrorSet { mirrors }.quorum(), number(&row[1]), "{} mirrors", row[0]);
    }
}

/// Returns the fenced blocks of a language: what follows the language, and the lines.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) {
            let body = lines.by_ref().take_while(|line| *line != "```").collect();
            if let Some(what) = info.strip_prefix(language) {
                blocks.push((what.trim(), body));
            }
        }
    }
    assert!(!blocks.is_empty(), "no examples in {language}");
    blocks
}

fn vector_value(all: &[vectors::Vector], what: &str) -> String {
    let (name, value) = what.rsplit_once(' ').expect("a vector and a value");
    all.iter()
        .find(|vector| vector.name == name)
        .and_then(|vector| vector.value(value))
        .unwrap_or_else(|| panic!("no vector has {what:?}"))
        .to_owned()
}

/// A block says which value it shows; "…" stands for bytes that are left out.
#[test]
fn examples_in_hexadecimal_are_those_of_the_vectors() {
    let page = page();
    let all = vectors::all();
    for (what, lines) in blocks(&page, "hex") {
        let value = vector_value(&all, what);
        let mut parts = vec![String::new()];
        for line in lines {
            if line == "…" {
                parts.push(String::new());
            } else {
                let hex = line.split('#').next().expect("a line has a beginning").trim();
                assert!(vectors::from_hex(hex).is_some(), "{what}: {line}");
                parts.last_mut().expect("there is a first part").push_str(hex);
            }
        }
        let (first, rest) = parts.split_first().expect("there is a first part");
        let mut left =
            value.strip_prefix(first.as_str()).unwrap_or_else(|| panic!("{what} begins otherwise"));
        for part in rest {
            let at =
                left.find(part.as_str()).unwrap_or_else(|| panic!("{what}: {part} is not in it"));
            left = &left[at + part.len()..];
        }
        assert!(left.is_empty(), "{what} goes on with {left}");
    }
}

#[test]
fn examples_of_texts_are_those_of_the_vectors() {
    let page = page();
    let all = vectors::all();
    for (what, lines) in blocks(&page, "text") {
        assert_eq!(lines.join("\n"), vector_value(&all, what).trim_end_matches('\n'), "{what}");
    }
}

/// Whoever runs a node reads on one page what can be set, and need not look into the source.
#[test]
fn settings_are_those_that_the_node_reads() {
    let page = fs::read_to_string(vectors::docs().join("operations.md")).expect("it is there");
    let source = source("node/src/config/file.rs");
    let fields = |name: &str, before: &str| -> Vec<String> {
        let lines = braces(&source, &format!("struct {name} {{"));
        let names = lines.iter().filter_map(|line| line.trim().split_once(": "));
        names
            .map(|(field, _)| format!("{before}{field}"))
            .filter(|name| name != "node.peers")
            .collect()
    };
    let read = [fields("Node", "node."), fields("Peer", "node.peers.")].concat();
    let rows = table(&page, "## Settings");
    let written: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(written, read);
    let (_, example) = blocks(&page, "toml").remove(0);
    let text = example
        .join("\n")
        .replace("KEY", &proto::hash::Hash(SigningKey::from_seed(&[8; 32]).public().0).to_string());
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let file = folder.path().join("config.toml");
    fs::write(&file, text).expect("it is ours");
    let config = node::config::Config::load(&file).expect("the example is a file of settings");
    assert_eq!((config.listen.len(), config.announce.len(), config.peers.len()), (1, 1, 1));
}
