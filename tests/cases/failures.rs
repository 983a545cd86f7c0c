//! What a program and a person meet when a command cannot do what it was asked: one object and nothing else, a
//! code that exists with its exit, a sentence in the language that was asked for, and a way out that can be typed.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{
    collections::BTreeSet, ffi::OsString, fs::Permissions, os::unix::fs::PermissionsExt as _,
};

use harness::processes::{Home, Said, founded, person};
use pirate::{
    codes::Code,
    language::Lang,
    tree::{self, Asked},
};
use serde_json::Value;

/// A command line that fails, and the code that it fails with.
type Row<'a> = (&'a str, &'static str);

/// Where nobody founded or joined anything.
const ALONE: &[Row<'static>] = &[
    ("status trop", "P0001"),
    ("status --timeout demain", "P0416"),
    ("demo --keep passphrase/essai", "P0201"),
    ("demo --seed beaucoup", "P0001"),
    ("demo --seed 18446744073709551616", "P0001"),
    ("demo --days 5", "P0001"),
    ("help rien", "P0001"),
    ("explain P9999", "P0004"),
    ("completion tcsh", "P0001"),
    ("key new", "P0102"),
    ("key new --profile a/b", "P0113"),
    ("key new --profile autre", "P0111"),
    ("key new --profile autre --restore", "P0002"),
    ("key new --profile autre --restore --words-file passphrase", "P0108"),
    ("key new --profile autre --restore --words-file absent", "P0216"),
    ("key show --profile absent", "P0101"),
    ("join pinv1abc --yes", "P0732"),
    ("card show", "P0705"),
    ("card check absent.pirate-card", "P0216"),
    ("card check passphrase", "P0503"),
    ("card check", "P0001"),
    ("card check PIRATE:PCARD1QQQQ", "P0503"),
    ("card check --image absent.png", "P0216"),
    ("card check --challenge a", "P0001"),
    ("card check --challenge a --answer b", "P0503"),
    ("card challenge trop", "P0001"),
    ("card answer pask1abc", "P0503"),
    ("card check --image passphrase", "P0507"),
    ("card print", "P0705"),
    ("card print --members 4-1", "P0001"),
    ("card print --members 1", "P0705"),
    ("balance", "P0705"),
    ("complain", "P0705"),
    ("history", "P0705"),
    ("history --from hier", "P0416"),
    ("ask 1h", "P0705"),
    ("ask longtemps", "P0402"),
    ("pay 1 1h", "P0705"),
    ("pay 1 90", "P0401"),
    ("pay 1 -1h", "P0409"),
    ("pay 1 1h --on 2100-01-01", "P0416"),
    ("pay 1 1h --for pain\u{202e}niap", "P0436"),
    ("ask 1h --for pain\u{200b}", "P0436"),
    ("request decline abc --reason non\u{1b}[2J", "P0436"),
    ("key new --profile autre --words-output m --alias Zoé\n✓", "P0436"),
    ("cite found --name Essai\u{ad} --place Arles --words-output m", "P0436"),
    ("request list", "P0705"),
    ("request show abc", "P0705"),
    ("request decline abc", "P0705"),
    ("cite found", "P0111"),
    ("cite show", "P0705"),
    ("cite approve", "P0705"),
    ("cite close", "P0705"),
    ("cite close --offline", "P0303"),
    ("cite heirs", "P0705"),
    ("cite heirs mariniers --threshold deux", "P0001"),
    ("cite petition absent", "P0216"),
    ("cite petition passphrase", "P0001"),
    ("member invite", "P0705"),
    ("member admit --all", "P0705"),
    ("member decline abc", "P0705"),
    ("member erase 2", "P0705"),
    ("member renew 2", "P0705"),
    ("member suspend 2", "P0705"),
    ("member suspend 2 --until demain-peut-être", "P0416"),
    ("member resume 2", "P0705"),
    ("member leave 2", "P0705"),
    ("member list", "P0705"),
    ("federation join abc", "P0732"),
    ("federation ally mariniers", "P0705"),
    ("federation list", "P0705"),
    ("node run", "P0733"),
    ("node run --listen abc", "P0305"),
    ("node run --config absent.toml", "P0602"),
    ("node run --config passphrase", "P0602"),
    ("node status", "P0705"),
    ("node status --node 127.0.0.1:17890", "P0001"),
    ("status --node nulle", "P0305"),
    ("log list --node nulle", "P0001"),
    ("audit bundle --node ./node.sock", "P0001"),
    ("node peers", "P0705"),
    ("node peers --offline", "P0303"),
    ("node block", "P0705"),
    ("node block cite.example", "P0315"),
    ("node block 127.0.0.1", "P0315"),
    ("node block 0.0.0.0/0", "P0315"),
    ("node block 0.0.0.0", "P0315"),
    ("node block 255.255.255.255", "P0315"),
    ("node block --lift", "P0001"),
    ("node clock", "P0705"),
    ("node rebuild", "P0705"),
    ("node migrate", "P0705"),
    ("node scrub", "P0705"),
    ("node recover", "P0002"),
    ("node recover --words-file absent", "P0216"),
    ("node inherit", "P0001"),
    ("node inherit mariniers --petition p", "P0001"),
    ("node inherit mariniers --petition p --via pinv1abc", "P0732"),
    ("node inherit --petition absent", "P0216"),
    ("backup create", "P0705"),
    ("backup check absent", "P0216"),
    ("backup check passphrase", "P0213"),
    ("backup restore absent", "P0216"),
    ("backup restore passphrase", "P0213"),
    ("backup auto", "P0705"),
    ("log list", "P0705"),
    ("log show 0", "P0705"),
    ("audit bundle", "P0705"),
    ("audit verify absent", "P0216"),
    ("audit verify passphrase --anchor passphrase", "P0803"),
    ("audit verify passphrase --anchor absent", "P0216"),
    ("audit forks absent", "P0216"),
];

/// On the machine of a cité whose node is stopped.
const STOPPED: &[Row<'static>] = &[
    ("cite found --words-output m --name x --place y", "P0706"),
    ("cite show --of nulle", "P0702"),
    ("cite approve 7", "P0301"),
    ("cite close", "P0301"),
    ("pay 1 1h --yes", "P0301"),
    ("pay personne 1h --yes", "P0434"),
    ("request show abc", "P0414"),
    ("card show", "P0301"),
    ("card print", "P0301"),
    ("card print --members 99", "P0506"),
    ("complain", "P0314"),
    ("node scrub --repair", "P0301"),
    ("member invite", "P0301"),
    ("member admit --all", "P0301"),
    ("member decline abc", "P0301"),
    ("member erase 2", "P0301"),
    ("member renew 2", "P0301"),
    ("member suspend 2", "P0301"),
    ("member resume 2", "P0301"),
    ("member leave 2", "P0301"),
    ("member erase personne", "P0434"),
    ("member list", "P0301"),
    ("federation join abc", "P0732"),
    ("federation ally mariniers", "P0301"),
    ("balance --node 127.0.0.1:x", "P0305"),
    ("log show 999", "P0804"),
    ("backup create -o passphrase", "P0201"),
    ("backup restore passphrase", "P0706"),
    ("backup auto --keep 0", "P0001"),
    ("backup auto --to passphrase", "P0201"),
    ("log list --cite nulle", "P0702"),
    ("audit bundle -o passphrase/a", "P0201"),
];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn run(home: &Home, line: &str, more: &[&str]) -> Said {
    let words: Vec<&str> = line.split(' ').chain(more.iter().copied()).collect();
    home.run(&words)
}

/// Returns what is wrong with a way out.
fn way_out(lang: Lang, fix: &Value) -> Option<String> {
    let words: Option<Vec<String>> =
        fix.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect();
    let mut words = words.filter(|words| !words.is_empty());
    let Some(words) = words.as_mut() else { return Some(format!("{fix} is no command line")) };
    if words[0] != "pirate" {
        return (words[0] != "chmod").then(|| format!("{fix} is another program's"));
    }
    // The command that failed, which has one more flag.
    if words.get(1).is_some_and(|word| word == "…") {
        "status".clone_into(&mut words[1]);
    }
    let typed: Vec<OsString> = words.iter().map(OsString::from).collect();
    let asked = tree::parse(lang, &typed, |_| None);
    (!matches!(asked, Ok(Asked::Run(_) | Asked::Version))).then(|| format!("{fix} does nothing"))
}

/// Runs a row in each form and language; returns what is wrong with it.
fn faults(home: &Home, (line, code): Row<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut sentences = BTreeSet::new();
    for lang in Lang::ALL {
        let said = run(home, line, &["--json", "--lang", lang.tag()]);
        // Whoever starts a node reads its log, which stands before the object.
        let logs = line.starts_with("node run");
        let object: Value = said
            .err
            .lines()
            .last()
            .and_then(|last| serde_json::from_str(last).ok())
            .unwrap_or_default();
        if !said.out.is_empty() || object.is_null() || (!logs && said.err.lines().count() != 1) {
            wrong.push(format!("one object on stderr and nothing else: {said:?}"));
            continue;
        }
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        if text("schema") != "pirate.error/1" || text("code") != code {
            wrong.push(format!("{object}, not {code}"));
        }
        if Code::find(&text("code")).is_none()
            || text("docs") != format!("pirate:explain/{}", text("code"))
        {
            wrong.push(format!("no page: {object}"));
        }
        if said.code.map(Value::from) != object.get("exit").cloned() || said.code == Some(0) {
            wrong.push(format!("ends with {:?}: {object}", said.code));
        }
        if !sentences.insert(text("message")) || text("message").is_empty() {
            wrong.push(format!("{lang:?} has no sentence of its own: {object}"));
        }
        wrong.extend(way_out(lang, &object["fix"]));
    }
    let said = run(home, line, &[]);
    if !said.out.is_empty() || !said.err.contains(code) || !said.err.contains("→") {
        wrong.push(format!("people read no code with a way out: {said:?}"));
    }
    wrong.into_iter().map(|wrong| format!("pirate {line}: {wrong}")).collect()
}

#[test]
fn every_command_fails_as_one_object_with_a_way_out() {
    let place = folder();
    let alone = person(place.path(), "lea");
    let mut wrong: Vec<String> = ALONE.iter().flat_map(|row| faults(&alone, *row)).collect();
    let mut failed = BTreeSet::new();
    for (line, _) in ALONE {
        let words: Vec<&str> = line.split(' ').collect();
        let spec = (1..=2).rev().find_map(|count| tree::find(&words.get(..count)?.join(" ")));
        failed.insert(spec.map_or(*line, |spec| spec.en));
    }
    for spec in tree::available() {
        if !failed.contains(spec.en) {
            wrong.push(format!("nobody saw {} fail", spec.en));
        }
        // What follows `ask` may begin with a minus: it is read as an amount, and refused as one.
        let amount = if spec.en == "ask" { " 1h" } else { "" };
        wrong.extend(faults(&alone, (&format!("{}{amount} --rien", spec.en), "P0001")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Opened for reading, a pipe waits until somebody writes to it: the command said nothing, for ever.
#[test]
fn what_would_keep_a_command_waiting_is_no_file() {
    let place = folder();
    let alone = person(place.path(), "lea");
    let pipe = alone.dir().join("tube");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo is on every Unix").success());
    let new = "key new --profile autre";
    let rows = [
        ("card check tube".to_owned(), "P0202"),
        ("audit verify tube".to_owned(), "P0202"),
        ("audit forks tube".to_owned(), "P0202"),
        ("audit verify passphrase --anchor tube".to_owned(), "P0202"),
        ("node run --config tube".to_owned(), "P0602"),
        (format!("{new} --restore --words-file tube"), "P0202"),
        (format!("{new} --words-output mots --passphrase-file tube"), "P0109"),
    ];
    let wrong: Vec<String> =
        rows.iter().flat_map(|(line, code)| faults(&alone, (line, code))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let said = run(&alone, "audit verify tube", &[]);
    assert!(said.err.contains("un tube"), "{said:?}");
}

#[test]
fn a_passphrase_that_others_can_read_is_not_used() {
    let place = folder();
    let alone = person(place.path(), "lea");
    let file = alone.dir().join("passphrase");
    let set = |mode| {
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).expect("the file is ours");
    };
    let line = "key new --profile autre --words-output mots";
    set(0o644);
    let wrong = faults(&alone, (line, "P0119"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let said = run(&alone, line, &[]);
    assert!(said.err.contains("→ chmod 600 ") && said.err.contains("0644"), "{said:?}");
    assert!(!alone.dir().join("mots").exists(), "nothing was made");
    set(0o600);
    assert_eq!(run(&alone, line, &[]).code, Some(0));
}

#[test]
fn commands_fail_as_one_object_where_the_node_is_stopped() {
    let place = folder();
    let cite = founded(place.path(), "essai");
    let wrong: Vec<String> = STOPPED.iter().flat_map(|row| faults(&cite, *row)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_words_of_a_library_are_for_programs_and_for_who_asks_for_more() {
    let place = folder();
    let alone = person(place.path(), "lea");
    let line = "card check absent.pirate-card";
    let system = "No such file or directory";
    let shown = run(&alone, line, &[]);
    assert!(
        shown.err.contains("Ce chemin n’existe pas.") && !shown.err.contains(system),
        "{shown:?}"
    );
    let more = run(&alone, line, &["-v"]);
    assert!(more.err.contains("en anglais") && more.err.contains(system), "{more:?}");
    let object: Value =
        serde_json::from_str(&run(&alone, line, &["--json"]).err).expect("a failure is JSON");
    assert!(object["technical"][0].as_str().is_some_and(|said| said.contains(system)), "{object}");
}

/// Copied from the screen, the next command must not act on another home.
#[test]
fn a_home_and_a_profile_that_were_typed_are_in_the_commands_that_are_offered() {
    let place = folder();
    let alone = person(place.path(), "lea");
    let other = place.path().join("ailleurs");
    let other = other.to_str().expect("a temporary directory has a plain name");
    for (line, command) in
        [(&["balance"][..], "pirate rejoindre …"), (&["key", "show"], "pirate cle creer")]
    {
        let typed = alone.run(&[line, &["--home", other, "--profile", "zoe"]].concat());
        assert!(
            typed.err.contains(&format!("{command} --home {other} --profile zoe")),
            "{typed:?}"
        );
        let usual = alone.run(&[line, &["--profile", "zoe"]].concat());
        assert!(!usual.err.contains("--home"), "{usual:?}");
    }
    let typed = alone.run(&["key", "show", "--home", other, "--json"]);
    let object: Value = serde_json::from_str(&typed.err).expect("a failure is JSON");
    assert_eq!(object["fix"], serde_json::json!(["pirate", "key", "new", "--home", other]));
}
