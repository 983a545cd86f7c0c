//! What programs read: every field that `--json` prints stands in docs/json.md with its type, and every field
//! of the page is printed. One life of two cités shows them all.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use harness::{
    processes::{Allied, Daemon, Home, Said, founded, free_address, person, text_of, wait_for},
    vectors,
};
use pirate::tree;
use serde_json::Value;

/// Fields with the types that each may have.
type Fields = BTreeMap<String, BTreeSet<String>>;
/// Fields by schema.
type Schemas = BTreeMap<String, Fields>;

/// Words that a text can be, or was, by schema and field.
type Words = BTreeMap<(String, String), BTreeSet<String>>;

/// Returns what the page says: a heading with the schema, a table of fields. Fields with a star, which the
/// life below does not show, are in the second.
fn page() -> (Schemas, Schemas) {
    let text = fs::read_to_string(vectors::docs().join("json.md")).expect("docs/json.md is there");
    let (mut shown, mut unshown, mut schema) = (Schemas::new(), Schemas::new(), "");
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## `") {
            schema = heading.trim_end_matches('`');
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, field, types, _, _] = cells[..] else { continue };
        let Some((field, star)) = field.strip_prefix('`').and_then(|it| it.split_once('`')) else {
            continue;
        };
        let schemas = if star.is_empty() { &mut shown } else { &mut unshown };
        let fields = schemas.entry(schema.to_owned()).or_default();
        let types = types.split(" or ").map(str::to_owned).collect();
        let twice = fields.insert(field.to_owned(), types);
        assert!(twice.is_none(), "{schema} has {field} twice");
    }
    (shown, unshown)
}

/// Returns the words that the page gives for texts: where what a field is begins with a word in code, all of them.
fn words() -> Words {
    let text = fs::read_to_string(vectors::docs().join("json.md")).expect("docs/json.md is there");
    let (mut words, mut schema) = (Words::new(), "");
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## `") {
            schema = heading.trim_end_matches('`');
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, field, types, what, _] = cells[..] else { continue };
        if types.split(" or ").any(|one| one == "text") && what.starts_with('`') {
            let field = field.split('`').nth(1).expect("fields stand in code");
            let those = what.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            words.insert((schema.to_owned(), field.to_owned()), those);
        }
    }
    words
}

/// Adds the texts below `value`.
fn gather_texts(schema: &str, path: &str, value: &Value, said: &mut Words) {
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| gather_texts(schema, &format!("{path}[]"), item, said));
        }
        Value::Object(fields) => {
            let dot = if path.is_empty() { "" } else { "." };
            fields.iter().for_each(|(name, value)| {
                gather_texts(schema, &format!("{path}{dot}{name}"), value, said);
            });
        }
        Value::String(text) => {
            let texts = said.entry((schema.to_owned(), path.to_owned())).or_default();
            texts.insert(text.clone());
        }
        _ => {}
    }
}

/// Adds what stands below `value`, with types; lists add `[]`. Lists and objects follow from what is in
/// them.
fn gather(path: &str, value: &Value, seen: &mut Fields) {
    let kind = match value {
        Value::Array(items) => {
            return items.iter().for_each(|item| gather(&format!("{path}[]"), item, seen));
        }
        Value::Object(fields) => {
            let dot = if path.is_empty() { "" } else { "." };
            return fields.iter().for_each(|(name, value)| {
                gather(&format!("{path}{dot}{name}"), value, seen);
            });
        }
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "decimal",
        Value::Number(_) => "integer",
        Value::String(_) => "text",
    };
    seen.entry(path.to_owned()).or_default().insert(kind.to_owned());
}

/// Everything that was printed so far.
#[derive(Default)]
struct Printed {
    seen: Schemas,
    said: Words,
    commands: BTreeSet<&'static str>,
}

impl Printed {
    /// Runs a command with `--json`, whatever it ends with, and notes every object on stdout, or the one on
    /// stderr.
    fn run(&mut self, home: &Home, line: &[&str]) -> Value {
        let said = home.run(&[line, &["--json"]].concat());
        let spec = (1..=2).rev().find_map(|words| tree::find(&line.get(..words)?.join(" ")));
        let spec = spec.unwrap_or_else(|| panic!("{line:?} is no command"));
        // A command that only ever failed has shown nothing of its answer.
        if !said.out.is_empty() {
            self.commands.insert(spec.en);
        }
        self.note(&said, line)
    }

    fn note(&mut self, said: &Said, line: &[&str]) -> Value {
        let mut last = Value::Null;
        if said.out.is_empty() {
            assert_eq!(
                said.err.lines().count(),
                1,
                "{line:?}: one object and nothing else: {said:?}"
            );
            let failure: Value = serde_json::from_str(&said.err).expect("a failure is JSON");
            assert!(failure["fix"].is_array(), "{line:?}: {failure}");
            gather("", &failure, self.seen.entry("pirate.error/1".to_owned()).or_default());
            return failure;
        }
        for text in said.out.lines() {
            let object: Value = serde_json::from_str(text).expect("stdout is JSON");
            let schema = object["schema"].as_str().expect("it names its schema").to_owned();
            object["data"].clone_into(&mut last);
            gather_texts(&schema, "", &last, &mut self.said);
            gather("", &last, self.seen.entry(schema).or_default());
        }
        last
    }
}

/// Returns whether a field of the page stands for a printed one: `{name}` in it stands for any name, `{…}` at
/// its end for anything below.
fn stands_for(written: &str, printed: &str) -> bool {
    let (mut written, mut printed) = (written.split('.'), printed.split('.'));
    loop {
        match (written.next(), printed.next()) {
            (None, None) | (Some("{…}"), Some(_)) => return true,
            (Some(a), Some(b)) if a == b || a.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[test]
fn the_page_has_every_field_and_every_field_is_printed() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let printed = live(place.path());
    let (page, unshown) = page();
    let mut wrong = Vec::new();
    for (schema, fields) in &printed.seen {
        let written = page.get(schema).cloned().unwrap_or_default();
        for (field, kinds) in fields {
            let Some((_, known)) = written.iter().find(|(name, _)| stands_for(name, field)) else {
                wrong.push(format!("{schema} prints `{field}` ({kinds:?}), which the page lacks"));
                continue;
            };
            for kind in kinds.difference(known) {
                wrong.push(format!("{schema} prints `{field}` as {kind}, the page says {known:?}"));
            }
        }
    }
    for (schema, fields) in &page {
        let seen = printed.seen.get(schema).cloned().unwrap_or_default();
        for name in fields.keys() {
            if !seen.keys().any(|field| stands_for(name, field)) {
                wrong.push(format!("{schema} never prints `{name}`"));
            }
        }
    }
    for (schema, fields) in &unshown {
        let seen = printed.seen.get(schema);
        for name in fields.keys() {
            if seen.is_some_and(|seen| seen.keys().any(|field| stands_for(name, field))) {
                wrong.push(format!("{schema} prints `{name}`: the star can go"));
            }
        }
    }
    for (place, known) in words() {
        let said = printed.said.get(&place).cloned().unwrap_or_default();
        for text in said.difference(&known) {
            wrong.push(format!(
                "{} prints `{}` as {text:?}, the page says {known:?}",
                place.0, place.1
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all = tree::available().map(|spec| spec.en);
    let left: BTreeSet<&str> = all.filter(|name| !printed.commands.contains(name)).collect();
    assert_eq!(left, BTreeSet::new(), "commands that nobody ran");
}

/// A cité whose root names new keys, and whose log is gone.
fn recovering(p: &mut Printed, cite: &Home) {
    let recover = ["node", "recover", "--words-file", "mots-de-la-cite.txt", "--yes"];
    p.run(cite, &recover);
    p.run(cite, &[&recover[..], &["--keys-stolen", "--dry-run"]].concat());
    p.run(cite, &[&recover[..], &["--keys-stolen"]].concat());
    fs::remove_dir_all(cite.node().join("log")).expect("the directory is ours");
    p.run(cite, &["node", "status"]);
    let node = Daemon::start(cite, &[]);
    p.run(cite, &["node", "status"]);
    node.stop();
}

/// Lives through everything that a command can answer.
fn live(dir: &std::path::Path) -> Printed {
    let mut printed = Printed::default();
    let p = &mut printed;
    // Somebody alone, before and after founding.
    let alone = person(dir, "lea");
    p.run(&alone, &["help"]);
    p.run(&alone, &["status"]);
    p.run(&alone, &["key", "new"]);
    p.run(&alone, &["key", "show"]);
    p.run(&alone, &["balance"]);
    p.run(&alone, &["card", "check", "absent.pirate-card"]);
    p.run(&alone, &["explain", "P0405"]);
    p.run(&alone, &["explain", "--list"]);
    p.run(&alone, &["demo", "--seed", "1", "--days", "8"]);
    let forked = ["demo", "--seed", "1", "--days", "8", "--break", "fork", "--keep", "garde"];
    p.run(&alone, &forked);
    let mut bundles: Vec<String> = std::fs::read_dir(alone.dir().join("garde/bundles"))
        .expect("the demo kept them")
        .map(|file| file.expect("a file").path().display().to_string())
        .collect();
    bundles.sort();
    let search: Vec<&str> = bundles.iter().map(String::as_str).collect();
    let found = p.run(&alone, &[&["audit", "forks"], &search[..]].concat());
    let proof = found["forks"][0]["proof"].as_str().expect("it is written").to_owned();
    p.run(&alone, &["audit", "verify", &proof]);
    p.run(&alone, &["audit", "forks", &proof]);
    let line = ["cite", "found", "--name", "Essai", "--place", "Die", "--test-network", "--yes"];
    p.run(&alone, &[&line[..], &["--words-output", "mots-de-la-cite.txt"]].concat());
    p.run(
        &alone,
        &[
            "key",
            "new",
            "--profile",
            "autre",
            "--test-lock",
            "--alias",
            "autre",
            "--words-output",
            "m",
        ],
    );
    p.run(&alone, &["node", "status"]);
    p.run(&alone, &["node", "clock"]);
    // A rebuild throws the kept checkpoint away, without which there is nothing to back up.
    p.run(&alone, &["backup", "create", "-o", "sauvegarde"]);
    p.run(&alone, &["backup", "check", "sauvegarde"]);
    p.run(&alone, &["backup", "auto"]);
    let backup = alone.dir().join("sauvegarde").display().to_string();
    p.run(&Home::at(dir.join("neuf")), &["backup", "restore", &backup]);
    p.run(&alone, &["node", "rebuild"]);
    p.run(&alone, &["node", "rebuild", "--check-only"]);
    p.run(&alone, &["node", "migrate", "--plan"]);
    p.run(&alone, &["completion", "bash"]);
    p.run(&alone, &["node", "scrub"]);
    p.run(&alone, &["cite", "show"]);
    p.run(&alone, &["status"]);
    recovering(p, &alone);
    deciding(p, dir);
    // Two cités that are allied.
    let Allied { cites, members, nodes } = Allied::new(dir);
    let ([here, there], [zoe, ana]) = (&cites, &members);
    p.run(here, &["node", "run"]);
    let invitation = text_of(&p.run(there, &["member", "invite"]));
    p.run(here, &["federation", "join", &invitation, "--yes"]);
    p.run(here, &["federation", "ally", "mariniers", "--limit", "110h", "--yes"]);
    p.run(here, &["federation", "list"]);
    // Before the other has answered there is no account: what is signed may be refused, or wait.
    wait_for("an account on both sides", || {
        let paid = p.run(zoe, &["pay", "2@mariniers", "1h30", "--for", "Vélo", "--yes"]);
        paid["entry"].is_string().then_some(())
    });
    wait_for("hours that arrive", || {
        (p.run(ana, &["balance"])["minutes"].as_i64() == Some(90)).then_some(())
    });
    p.run(zoe, &["pay", "1", "15min", "--yes"]);
    p.run(zoe, &["pay", "1", "500h", "--yes"]);
    p.run(zoe, &["pay", "1", "15min", "--dry-run"]);
    let asked = p.run(zoe, &["ask", "30min", "--from", "2@mariniers", "--for", "Retour"]);
    let request = asked["uri"].as_str().expect("a link").to_owned();
    p.run(ana, &["request", "show", &request]);
    wait_for("a request that arrives", || {
        let listed = p.run(ana, &["request", "list"]);
        (listed["items"].as_array().is_some_and(|items| !items.is_empty())).then_some(())
    });
    p.run(zoe, &["request", "list"]);
    wait_for("an account on both sides", || {
        p.run(ana, &["pay", &request, "--yes"])["entry"].is_string().then_some(())
    });
    let asked = p.run(zoe, &["ask", "15min"]);
    let other = asked["uri"].as_str().expect("a link").to_owned();
    // Whoever holds it may pay it, and it says not for what.
    p.run(zoe, &["request", "list"]);
    p.run(zoe, &["request", "show", &other]);
    p.run(zoe, &["pay", "commons", "15min", "--dry-run"]);
    p.run(here, &["request", "decline", &other, "--reason", "une autre fois", "--yes"]);
    wait_for("hours that come back", || {
        (p.run(zoe, &["balance"])["minutes"].as_i64() == Some(-75)).then_some(())
    });
    p.run(here, &["balance", "--of", "commons"]);
    p.run(zoe, &["history"]);
    p.run(ana, &["history"]);
    p.run(zoe, &["card", "show", "-o", "zoe.pirate-card"]);
    let card = zoe.dir().join("zoe.pirate-card").display().to_string();
    p.run(there, &["card", "check", &card]);
    let shown = p.run(zoe, &["card", "show", "--qr"]);
    let short = shown["qr"].as_str().expect("it was asked for").to_owned();
    p.run(there, &["card", "check", &short]);
    p.run(&person(dir, "passante"), &["card", "check", &short]);
    let asked = p.run(there, &["card", "challenge"])["challenge"].clone();
    let asked = asked.as_str().expect("a text");
    let answer = p.run(zoe, &["card", "answer", asked])["answer"].clone();
    let answer = answer.as_str().expect("a text");
    let held = p.run(there, &["card", "check", &short, "--challenge", asked, "--answer", answer]);
    assert_eq!(held["held"], true);
    p.run(zoe, &["card", "print", "-o", "zoe.pdf"]);
    p.run(here, &["card", "print", "--members", "1-2", "--dry-run"]);
    let cut = fs::read_to_string(&card)
        .expect("a card is text")
        .replace("pirate-card/1", "pirate-card/1\n0");
    fs::write(&card, cut).expect("a temporary directory can be written");
    p.run(there, &["card", "check", &card]);
    p.run(zoe, &["key", "show"]);
    let invitation = text_of(&p.run(here, &["member", "invite"]));
    let new = person(dir, "nour");
    p.run(&new, &["join", &invitation, "--accept-charter", "--yes"]);
    p.run(here, &["member", "list"]);
    p.run(here, &["member", "admit", "--all", "--yes"]);
    p.run(&new, &["join", &invitation, "--accept-charter", "--yes"]);
    p.run(here, &["cite", "approve", "--list"]);
    let invitation = text_of(&p.run(here, &["member", "invite"]));
    let other = person(dir, "lou");
    p.run(&other, &["join", &invitation, "--accept-charter", "--yes"]);
    p.run(here, &["member", "decline", "lou", "--yes"]);
    p.run(here, &["member", "suspend", "3", "--until", "2199-01-01", "--dry-run"]);
    p.run(here, &["member", "suspend", "3", "--yes"]);
    p.run(here, &["member", "list", "--state", "suspended"]);
    p.run(here, &["member", "resume", "3", "--yes"]);
    p.run(here, &["member", "renew", "3", "--yes"]);
    p.run(here, &["member", "leave", "3", "--yes"]);
    p.run(here, &["log", "list"]);
    p.run(here, &["member", "erase", "3", "--dry-run"]);
    p.run(here, &["member", "erase", "3", "--yes"]);
    for line in [&["status"][..], &["cite", "show"], &["federation", "list"], &["node", "status"]] {
        p.run(here, line);
    }
    for line in [&["node", "peers"][..], &["node", "clock"], &["node", "clock", "--is-right"]] {
        p.run(here, line);
    }
    blocking(p, here);
    p.run(here, &["log", "list"]);
    p.run(here, &["log", "show", "0"]);
    p.run(here, &["log", "show", "3", "--proof"]);
    p.run(here, &["audit", "bundle", "-o", "a"]);
    p.run(there, &["audit", "bundle", "-o", "b"]);
    let bundles = [here.dir().join("a"), there.dir().join("b")];
    let [a, b] = bundles.map(|path| path.display().to_string());
    p.run(here, &["audit", "verify", &a, &b]);
    inheriting(p, dir, here, there);
    let [home, ally] = nodes;
    home.stop();
    p.run(zoe, &["pay", "1", "15min", "--yes"]);
    p.run(zoe, &["complain", "--yes"]);
    let close = ["cite", "close", "--words-file", "mots-de-la-cite.txt"];
    p.run(there, &[&close[..], &["--dry-run"]].concat());
    p.run(there, &[&close[..], &["--yes"]].concat());
    p.run(there, &close);
    ally.stop();
    p.run(zoe, &["status"]);
    p.run(here, &["status"]);
    printed
}

/// The weavers have nothing to do with the boatmen for a moment.
fn blocking(p: &mut Printed, here: &Home) {
    let peers = p.run(here, &["node", "peers", "--top"]);
    let peers = peers["items"].as_array().cloned().unwrap_or_default();
    let ally = peers.iter().find(|peer| peer["slug"] == "mariniers");
    let key = ally.and_then(|peer| peer["node"].as_str()).expect("they are connected");
    assert_eq!(p.run(here, &["node", "block", key])["items"][0]["kind"], "node");
    p.run(here, &["node", "block", "198.51.100.7"]);
    p.run(here, &["node", "status"]);
    p.run(here, &["node", "block", key, "--lift"]);
    p.run(here, &["node", "block", "198.51.100.7", "--lift", "--dry-run"]);
    wait_for("an ally that is back", || {
        (p.run(here, &["node", "status"])["peers"].as_u64() >= Some(1)).then_some(())
    });
}

/// The boatmen name the weavers as their heir, who prepare to go on with their log.
fn inheriting(p: &mut Printed, dir: &Path, heir: &Home, there: &Home) {
    p.run(there, &["cite", "heirs"]);
    let named = ["cite", "heirs", "tisserandes", "--words-file", "mots-de-la-cite.txt"];
    p.run(there, &[&named[..], &["--dry-run"]].concat());
    p.run(there, &[&named[..], &["--yes"]].concat());
    let invitation = text_of(&p.run(heir, &["member", "invite"]));
    let fresh = Home::at(dir.join("reprise"));
    let petition = dir.join("petition.txt").display().to_string();
    let make = ["node", "inherit", "mariniers", "--petition", &petition, "--via", &invitation];
    wait_for("a will in the copy of a witness", || {
        (p.run(&fresh, &make)["threshold"].as_u64() == Some(1)).then_some(())
    });
    let finish = ["node", "inherit", "--petition", &petition];
    assert!(p.run(&fresh, &finish)["prepared"].is_null(), "nobody signed yet");
    let sign = ["cite", "petition", &petition, "--words-file", "mots-de-la-cite.txt"];
    assert!(p.run(there, &[&sign[..], &["--yes"]].concat())["signed"].is_null(), "no heir");
    p.run(heir, &[&sign[..], &["--dry-run"]].concat());
    p.run(heir, &[&sign[..], &["--yes"]].concat());
    assert_eq!(p.run(&fresh, &finish)["prepared"].as_bool(), Some(true));
    p.run(&fresh, &["node", "status"]);
}

/// A cité whose two stewards decide together, and one of whose two witnesses is away: an act waits, and an entry is
/// witnessed without being committed.
fn deciding(p: &mut Printed, dir: &Path) {
    let here = person(dir, "fileuses");
    let line =
        ["cite", "found", "--name", "fileuses", "--place", "Lyon", "--test-network", "--yes"];
    here.data(
        &[&line[..], &["--approvals", "2", "--words-output", "mots-de-la-cite.txt"]].concat(),
    );
    let others = ["brasseurs", "vanniers"].map(|slug| founded(dir, slug));
    let node = Daemon::start(&here, &["--listen", &free_address()]);
    let [stays, leaves] = others.each_ref().map(|cite| {
        let node = Daemon::start(cite, &["--listen", &free_address()]);
        let invitation = text_of(&cite.data(&["member", "invite"]));
        here.data(&["federation", "join", &invitation, "--yes"]);
        node
    });
    for (cite, slug) in others.iter().zip(["brasseurs", "vanniers"]) {
        here.data(&["federation", "ally", slug, "--limit", "100h", "--yes"]);
        let invitation = text_of(&here.data(&["member", "invite"]));
        cite.data(&["federation", "join", &invitation, "--yes"]);
        cite.data(&["federation", "ally", "fileuses", "--limit", "100h", "--yes"]);
    }
    wait_for("two witnesses", || {
        let shown = here.data(&["cite", "show"]);
        (shown["mirrors"].as_array()?.len() == 2).then_some(())
    });
    let joining = |name: &str| {
        let invitation = text_of(&here.data(&["member", "invite"]));
        let home = person(dir, name);
        home.data(&["join", &invitation, "--accept-charter", "--yes"]);
        home
    };
    let iris = joining("iris");
    here.data(&["member", "admit", "--all", "--steward", "--yes"]);
    leaves.stop();
    here.data(&["pay", "2", "15min", "--yes"]);
    wait_for("an entry that one of two cosigned", || {
        p.run(&here, &["history"])["entries"][0]["witnesses"].is_object().then_some(())
    });
    p.run(&here, &["node", "status"]);
    let _tom = joining("tom");
    p.run(&here, &["member", "admit"]);
    p.run(&here, &["member", "admit", "--all", "--yes"]);
    let list = p.run(&iris, &["cite", "approve", "--list"]);
    let act = list["items"][0]["act"].as_str().expect("an identity");
    p.run(&here, &["cite", "approve", act, "--yes"]);
    p.run(&iris, &["cite", "approve", act, "--yes"]);
    stays.stop();
    node.stop();
}
