//! Founding a cité and reading it without its node, through the built program and real files.
//! No terminal is attached, so every question is answered by a flag.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use ledger::segments::SegmentsReader;
use node::{
    core::{SHOWN, Shown},
    home_dir::HomeDir,
    keyfile::Keys,
};
use proto::{
    checkpoint::{Checkpoint, Origin},
    codec::Canonical,
    entry::{Entry, Payload},
    hash::Hash,
    order::Head,
};
use serde_json::Value;

const PASSPHRASE: &str = "quatre mots suffisent ici\n";

/// Writes a file that only its owner may read, as the program wants it of passphrases.
fn secret(path: &Path, said: &str) {
    std::fs::write(path, said).expect("the directory is ours");
    let owner = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, owner).expect("the file is ours");
}

struct Home(tempfile::TempDir);

impl Home {
    /// A home with an identity.
    fn new() -> Self {
        let home = Self::bare();
        let words = home.at("mots.txt");
        let made = home.run(&["key", "new", "--test-lock", "--words-output", path(&words)]);
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
        home
    }

    fn bare() -> Self {
        let home = Self(tempfile::tempdir().expect("the temporary directory is writable"));
        secret(&home.at("passphrase"), PASSPHRASE);
        home
    }

    /// A home with a cité of the test network.
    fn founded() -> Self {
        let home = Self::new();
        let made = home.run(&home.founding(&[]).iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
        home
    }

    fn founding(&self, more: &[&str]) -> Vec<String> {
        let words = self.at("cite.txt");
        let line = [
            "cite",
            "found",
            "--name",
            "Les Tisserandes",
            "--place",
            "Lyon 4e",
            "--test-network",
            "--yes",
            "--words-output",
            path(&words),
        ];
        line.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, line: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_pirate"))
            .args(line)
            .env_clear()
            .env("PIRATE_HOME", self.at("home"))
            .env("PIRATE_PASSPHRASE_FILE", self.at("passphrase"))
            .stdin(Stdio::null())
            .output()
            .expect("the program was just built")
    }

    fn data(&self, line: &[&str]) -> Value {
        let done = self.run(&[line, &["--json"]].concat());
        assert_eq!(done.status.code(), Some(0), "{line:?}: {}", stderr(&done));
        json(&stdout(&done))["data"].clone()
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are ASCII")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn words(line: &[String]) -> Vec<&str> {
    line.iter().map(String::as_str).collect()
}

#[test]
fn a_cite_is_founded_with_its_first_steward_and_its_words() {
    let home = Home::new();
    let line = home.founding(&["--step", "30min", "--floor", "-10h", "--ceiling", "50h", "--json"]);
    let made = home.run(&words(&line));
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let object = json(&stdout(&made));
    assert_eq!(object["schema"], "pirate.cite.found/1");
    let data = &object["data"];
    assert_eq!((&data["slug"], &data["network"]), (&"tisserandes".into(), &"test".into()));
    assert_eq!((&data["granularity_min"], &data["entries"]), (&30.into(), &3.into()));
    assert_eq!(data["limits_min"], serde_json::json!([-600, 3_000]));
    assert_eq!(object["warnings"][0]["code"], "W0301");
    let written = std::fs::read_to_string(home.at("cite.txt")).expect("the words were written");
    assert_eq!(written.split_whitespace().count(), 12);
    assert!(!stdout(&made).contains(written.trim()) && !stderr(&made).contains(written.trim()));
    for name in ["cite.txt", "home/node/keys/node.keys"] {
        let mode = std::fs::metadata(home.at(name)).expect("it was written").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    // The root key is nowhere on the disk: neither its words nor anything named after it.
    let member = home.data(&["status"])["member"].clone();
    assert_eq!((&member["state"], &member["cite"]), (&"admitted".into(), &data["cite"]));
    assert!(!home.at("home/node.founding").exists());
    // What programs are told to run is for the home that was asked for.
    let place = home.at("home");
    for status in [&["status"][..], &["node", "status"]] {
        let line = [status, &["--json", "--home", path(&place)]].concat();
        let said = home.run(&line);
        let fix = json(&stdout(&said))["data"]["alerts"][0]["fix"].clone();
        assert_eq!(
            fix,
            serde_json::json!(["pirate", "node", "run", "--home", path(&place)]),
            "{status:?}"
        );
    }
}

#[test]
fn founding_needs_an_identity_words_and_an_empty_place() {
    let bare = Home::bare();
    let failed = bare.run(&words(&bare.founding(&[])));
    assert_eq!(failed.status.code(), Some(6));
    assert!(stderr(&failed).contains("P0101") && stderr(&failed).contains("pirate cle creer"));
    assert!(!bare.at("home").exists(), "a refused founding leaves nothing behind");

    let home = Home::new();
    let failed = home.run(&["cite", "found", "--name", "A", "--place", "B", "--yes"]);
    assert_eq!(failed.status.code(), Some(5), "{}", stderr(&failed));
    assert!(stderr(&failed).contains("--words-output"));
    let dry = home.run(&words(&home.founding(&["--dry-run"])));
    assert_eq!(dry.status.code(), Some(0), "{}", stderr(&dry));
    // A file that is there is not overwritten, and then no cité is founded.
    std::fs::write(home.at("cite.txt"), "autre chose").expect("the directory is ours");
    assert_eq!(home.run(&words(&home.founding(&[]))).status.code(), Some(1));
    assert!(!home.at("home/node").exists() && !home.at("home/node.founding").exists());
    std::fs::remove_file(home.at("cite.txt")).expect("it is ours");

    assert_eq!(home.run(&words(&home.founding(&[]))).status.code(), Some(0));
    let again = home.run(&words(&home.founding(&[])));
    assert_eq!(again.status.code(), Some(4));
    assert!(stderr(&again).contains("P0706") && stderr(&again).contains("pirate noeud lancer"));
    assert!(stderr(&again).contains("ne répare pas une cité perdue"), "{}", stderr(&again));
}

#[test]
fn what_a_node_without_a_cite_left_does_not_stand_in_the_way() {
    let home = Home::new();
    std::fs::create_dir_all(home.at("home/node/run")).expect("the directory is ours");
    std::fs::write(home.at("home/node/lock"), "").expect("the directory is ours");
    let made = home.run(&words(&home.founding(&[])));
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
}

#[test]
fn wrong_answers_are_refused_in_words_and_found_nothing() {
    let home = Home::new();
    for more in [
        &["--slug", "Les Tisserandes"][..],
        &["--step", "2h"],
        &["--floor", "20"],
        &["--ceiling", "-1h"],
        &["--approvals", "12"],
        &["--floor", "-10h10min"],
        &["--network", "Réseau"],
        &["--ceiling", "20000h"],
    ] {
        let failed = home.run(&words(&home.founding(more)));
        assert_eq!(failed.status.code(), Some(2), "{more:?}: {}", stderr(&failed));
        assert!(!home.at("home/node").exists(), "{more:?}");
    }
}

#[test]
fn the_log_is_read_without_a_node() {
    let home = Home::founded();
    let list = home.run(&["log", "list", "--json"]);
    let lines: Vec<Value> = stdout(&list).lines().map(json).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["data"]["type"].clone()).collect();
    assert_eq!(kinds, ["seal", "admit", "found"]);
    assert!(lines.iter().all(|line| line["schema"] == "pirate.log.entry/1"));
    let members = stdout(&home.run(&["journal", "lister", "--member", "1"]));
    assert!(members.contains("membre 1") && members.lines().count() <= 2, "{members}");
    for (line, count) in [
        (&["--type", "seal"][..], 1),
        (&["--from", "1"], 2),
        (&["--to", "1"], 2),
        (&["--from", "1970-01-01", "--to", "1970-01-02"], 0),
        (&["--from", "2026-01-01", "--limit", "1"], 1),
    ] {
        let shown = home.run(&[&["log", "list", "--json"], line].concat());
        assert_eq!(stdout(&shown).lines().count(), count, "{line:?}");
    }
    assert_eq!(home.run(&["log", "list", "--from", "hier"]).status.code(), Some(2));
    assert_eq!(home.run(&["log", "list", "--type", "paiement"]).status.code(), Some(2));
    assert_eq!(home.run(&["log", "list", "--member", "7"]).status.code(), Some(6));
    assert_eq!(home.run(&["log", "list", "--cite", "nulle-part"]).status.code(), Some(6));
    assert_eq!(home.run(&["log", "show", "3"]).status.code(), Some(6));
    assert_eq!(home.run(&["log", "show", "abc"]).status.code(), Some(2));

    let entry = home.data(&["log", "show", "1", "--proof", "--raw"]);
    assert_eq!(entry["proof"]["size"], 3);
    assert_eq!(entry["proof"]["path"].as_array().map(Vec::len), Some(2));
    assert_eq!(entry["proof"]["root"], home.data(&["cite", "show"])["checkpoint"]["root"]);
    let raw = stdout(&home.run(&["log", "show", "1", "--raw"]));
    assert_eq!(Some(raw.trim()), entry["raw_b64"].as_str());
}

#[test]
fn the_sheet_and_the_anchor_come_from_the_disk() {
    let home = Home::founded();
    let sheet = home.data(&["cite", "show"]);
    assert_eq!((&sheet["source"], &sheet["members"]), (&"disk".into(), &1.into()));
    assert_eq!(sheet["rules"]["limits_min"], serde_json::json!([-1_200, 2_400]));
    let anchor = stdout(&home.run(&["cite", "show", "--anchor"]));
    let (cite, key) = (sheet["cite"].as_str(), sheet["mirror_key"].as_str());
    let written: Vec<_> = anchor.split_whitespace().take(3).map(Some).collect();
    assert_eq!(written, [Some("cite"), cite, key]);
    for lang in ["fr", "en"] {
        let shown =
            home.run(&["cite", "show", "--of", "tisserandes", "--lang", lang, "--color", "always"]);
        for line in stdout(&shown).lines().chain(stderr(&shown).lines()) {
            let seen = line.split('\u{1b}').map(|part| match part.split_once('m') {
                Some((code, rest)) if code.starts_with('[') => rest.chars().count(),
                _ => part.chars().count(),
            });
            assert!(seen.sum::<usize>() <= 80, "{line}");
        }
    }
    assert_eq!(home.run(&["cite", "show", "--of", "personne"]).status.code(), Some(6));
    assert_eq!(home.run(&["cite", "show", "--note"]).status.code(), Some(69));
}

#[test]
fn rebuilding_gives_the_same_and_damage_is_named() {
    let home = Home::founded();
    let checked = home.data(&["node", "rebuild", "--check-only"]);
    assert_eq!((&checked["entries"], &checked["sum_min"]), (&3.into(), &0.into()));
    assert_eq!((&checked["index_fits"], &checked["guard_fits"]), (&true.into(), &true.into()));
    std::fs::remove_dir_all(home.at("home/node/index")).expect("it can always be rebuilt");
    let rebuilt = home.data(&["node", "rebuild"]);
    assert_eq!((&rebuilt["rebuilt"], &rebuilt["root"]), (&true.into(), &checked["root"]));
    assert!(home.at("home/node/index/snapshot").exists());

    let segment = home.at("home/node/log/00000000.seg");
    let mut bytes = std::fs::read(&segment).expect("the log is there");
    let middle = bytes.get_mut(400).expect("the founding record is longer");
    *middle ^= 1;
    std::fs::write(&segment, &bytes).expect("it is ours");
    for line in [
        &["node", "rebuild", "--check-only"][..],
        &["node", "rebuild"],
        &["log", "list"],
        &["cite", "show"],
    ] {
        let failed = home.run(line);
        assert_eq!(failed.status.code(), Some(78), "{line:?}");
        assert!(stderr(&failed).contains("P0204"), "{line:?}: {}", stderr(&failed));
        // Nothing that is made from the log mends the log: whoever tried that is told what is left to do.
        let tried = line.contains(&"rebuild");
        assert_eq!(stderr(&failed).contains("Gardez le dossier"), tried, "{}", stderr(&failed));
    }
    // A wrong setting, so that no service manager starts it again and again.
    let failed = home.run(&["node", "run"]);
    assert_eq!(failed.status.code(), Some(78), "{}", stderr(&failed));
    for said in ["P0204", "pirate noeud verifier"] {
        assert!(stderr(&failed).contains(said), "{said}: {}", stderr(&failed));
    }
}

#[test]
fn a_copied_or_shortened_log_is_known() {
    let home = Home::founded();
    let segment = home.at("home/node/log/00000000.seg");
    // Another file with the same bytes: what a restored backup looks like.
    let bytes = std::fs::read(&segment).expect("the log is there");
    std::fs::remove_file(&segment).expect("it is ours");
    std::fs::write(home.at("something-else"), "takes the old place").expect("it is ours");
    std::fs::write(&segment, &bytes).expect("it is ours");
    let checked = home.run(&["node", "rebuild", "--check-only", "--json"]);
    assert_eq!(checked.status.code(), Some(1), "{}", stdout(&checked));
    assert_eq!(json(&stdout(&checked))["data"]["guard_fits"], false);
    let status = home.run(&["node", "status", "--json"]);
    assert_eq!(json(&stdout(&status))["data"]["alerts"][1]["code"], "P0206", "{}", stdout(&status));
}

#[test]
fn a_node_that_was_shown_what_its_log_does_not_hold_is_silent_and_says_so_also_while_it_stands() {
    let home = Home::founded();
    let place = home.at("home/node");
    let disk = HomeDir::new(place.clone()).look().expect("a cité was founded");
    let cite = HomeDir::new(place.clone()).cite(disk.as_ref()).expect("it reads").expect("founded");
    let entries = SegmentsReader::open(disk, "log", cite.0).expect("it is whole");
    let first = Entry::decode(&entries.read(0).expect("it is there")).expect("it is an entry");
    let Payload::Found(signed) = first.payload else { panic!("a log begins with its founding") };
    let network = signed.founding.network.id();
    let keys = Keys::load(&place.join("keys/node.keys")).expect("a node has keys");
    let size = entries.len();
    for (size, incarnation, key, silent) in [
        (size, 0, &keys.log, true),
        (size + 1, 0, &keys.log, true),
        // Nobody but its log key says anything.
        (size + 1, 0, &keys.mirror, false),
    ] {
        let origin = Origin { network, cite, incarnation };
        let checkpoint = Checkpoint::sign(origin, Head { size, root: Hash([7; 32]) }, key);
        std::fs::create_dir_all(place.join("notes")).expect("it is ours");
        std::fs::write(place.join(SHOWN), Shown { checkpoint }.encode()).expect("ours");
        for line in [&["node", "status", "--json"][..], &["status", "--json"]] {
            let said = stdout(&home.run(line));
            let alert = &json(&said)["data"]["alerts"][1];
            assert_eq!(alert["code"] == "P0206", silent, "{line:?}, {size}: {said}");
            let fix = serde_json::json!(["pirate", "node", "recover"]);
            assert_eq!(alert["fix"] == fix, silent, "{line:?}, {size}: {said}");
        }
        let checked = home.run(&["node", "rebuild", "--check-only", "--json"]);
        assert_eq!(checked.status.success(), !silent, "{size}: {}", stdout(&checked));
        let data = &json(&stdout(&checked))["data"];
        assert_eq!((&data["guard_fits"], &data["shown_fits"]), (&true.into(), &(!silent).into()));
        // That command is the one that helps: it asks for no other word first.
        let recover =
            home.run(&["node", "recover", "--dry-run", "--words-file", path(&home.at("cite.txt"))]);
        assert_eq!(stderr(&recover).contains("P0211"), !silent, "{size}: {}", stderr(&recover));
        assert_eq!(recover.status.success(), silent, "{size}: {}", stderr(&recover));
    }
    // What cannot be looked at is said beside all else.
    std::fs::remove_file(place.join(SHOWN)).expect("it is ours");
    std::fs::create_dir(place.join(SHOWN)).expect("it is ours");
    for line in [&["node", "status", "--json"][..], &["status", "--json"]] {
        let said = stdout(&home.run(line));
        let data = &json(&said)["data"];
        assert_eq!(data["ledger"]["size"], size, "{line:?}: {said}");
        let alert = &data["alerts"][1];
        assert_eq!(alert["code"], "P0202", "{line:?}: {said}");
        assert!(alert["message"].as_str().expect("a text").contains(SHOWN), "{line:?}: {said}");
        assert_eq!(alert["fix"], serde_json::json!(["pirate", "explain", "P0202"]), "{said}");
    }
}

/// What is in the way is named, and what helps does help.
#[test]
fn what_stands_in_the_place_of_a_file_is_named_and_an_index_is_made_whatever_stands_there() {
    let home = Home::founded();
    let node = home.at("home/node");
    let guard = std::fs::read(node.join("guard")).expect("a cité has one");
    std::fs::remove_file(node.join("guard")).expect("it is ours");
    std::fs::create_dir(node.join("guard")).expect("it is ours");
    let check = &["node", "rebuild", "--check-only"][..];
    for line in [&["node", "run", "--listen", "127.0.0.1:0"][..], check] {
        let said = home.run(line);
        assert!(stderr(&said).contains("P0202"), "{line:?}: {}", stderr(&said));
        assert!(stderr(&said).contains("node/guard"), "{line:?}: {}", stderr(&said));
    }
    std::fs::remove_dir(node.join("guard")).expect("it is ours");
    std::fs::write(node.join("guard"), guard).expect("it is ours");
    // Whoever only looks sets nothing aside.
    let certificates = node.join("notes/certificates");
    std::fs::write(&certificates, "rubbish").expect("it is ours");
    home.data(check);
    assert_eq!(std::fs::read(&certificates).expect("it stays"), b"rubbish");
    for index in ["index", "index/sled"] {
        std::fs::remove_dir_all(node.join("index")).expect("it can always be rebuilt");
        std::fs::create_dir_all(node.join(index).parent().expect("within")).expect("it is ours");
        std::fs::write(node.join(index), "in its place").expect("it is ours");
        let said = home.run(&[check, &["--json"]].concat());
        assert_eq!(json(&stdout(&said))["data"]["index_fits"], false, "{index}: {}", stdout(&said));
        home.data(&["node", "rebuild"]);
        home.data(check);
    }
}

#[test]
fn a_stopped_node_is_said_and_a_missing_cite_is_a_wrong_setting() {
    let bare = Home::bare();
    let run = bare.run(&["node", "run"]);
    assert_eq!(run.status.code(), Some(78), "{}", stderr(&run));
    assert!(stderr(&run).contains("pirate cite fonder"));
    assert!(!bare.at("home").exists(), "a node without a cité leaves nothing behind");
    let welcome = bare.run(&["status", "--json"]);
    assert_eq!(welcome.status.code(), Some(0));
    assert_eq!(json(&stdout(&welcome))["data"]["role"], "none");

    let home = Home::founded();
    for line in [&["status", "--check"][..], &["node", "status", "--check"]] {
        let checked = home.run(&[line, &["--json"]].concat());
        assert_eq!(checked.status.code(), Some(1), "{}", stderr(&checked));
        let object = json(&stdout(&checked));
        assert_eq!(
            (&object["ok"], &object["data"]["alerts"][0]["code"]),
            (&false.into(), &"P0301".into())
        );
        assert_eq!(home.run(line.get(..line.len() - 1).unwrap_or_default()).status.code(), Some(0));
    }
    for line in [&["node", "peers"][..], &["federation", "list"], &["member", "list"]] {
        let failed = home.run(line);
        assert_eq!(failed.status.code(), Some(69), "{line:?}: {}", stderr(&failed));
    }
    assert_eq!(home.run(&["federation", "join", "pinv1xyz"]).status.code(), Some(2));
}

#[test]
fn what_cannot_be_printed_is_an_error_and_a_reader_who_had_enough_is_none() {
    let home = Home::founded();
    let ended = |line: &[&str], out: Stdio| {
        let run = Command::new(env!("CARGO_BIN_EXE_pirate"))
            .args(line)
            .env_clear()
            .env("PIRATE_HOME", home.at("home"))
            .env("PIRATE_PASSPHRASE_FILE", home.at("passphrase"))
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(Stdio::piped())
            .output()
            .expect("the program was just built");
        (run.status.code(), stderr(&run))
    };
    for line in [
        &["cite", "voir", "--anchor"][..],
        &["cite", "voir"],
        &["cite", "voir", "--json"],
        &["aide"],
        &["--version"],
        &["journal", "lister", "--json"],
        &["journal", "lister"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let (code, said) = ended(line, full.expect("Linux has it").into());
        assert_eq!(code, Some(1), "{line:?}: {said}");
        assert!(said.contains("P0201"), "{line:?}: {said}");
        // Whoever takes it for a no does it twice.
        match line {
            // What comes item by item does nothing else.
            ["journal", ..] => {}
            [.., "--json"] => assert_eq!(json(&said)["data"]["done"], true, "{said}"),
            _ => assert!(said.contains("exécutée jusqu’au bout"), "{line:?}: {said}"),
        }
        let (nobody, pipe) = std::io::pipe().expect("a process may have pipes");
        drop(nobody);
        let (code, said) = ended(line, pipe.into());
        assert_eq!(code, Some(0), "{line:?}: {said}");
    }
}

#[test]
fn a_bundle_replaces_nothing() {
    let home = Home::founded();
    let (file, pipe) = (home.at("audit"), home.at("pipe"));
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is on every Unix");
    assert!(made.success());
    home.data(&["audit", "bundle", "-o", path(&file)]);
    let before = std::fs::read(&file).expect("it was written");
    for there in [&file, &pipe] {
        let again = home.run(&["audit", "bundle", "-o", path(there)]);
        assert_eq!(again.status.code(), Some(1), "{}", stdout(&again));
        assert!(stderr(&again).contains("P0201"), "{}", stderr(&again));
    }
    assert_eq!(std::fs::read(&file).expect("it is still there"), before);
    let found = std::fs::symlink_metadata(&pipe).expect("it is still there");
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type()));
}
