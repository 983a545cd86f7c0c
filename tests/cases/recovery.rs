//! Recovering as an operator does it, with whole programs: a lost disk, an older image, stolen keys, and what
//! a command that was cut off leaves behind.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{fs, path::Path};

use harness::processes::{Daemon, Home, admitted, founded, free_address, text_of, wait_for};
use serde_json::Value;

const SLUGS: [&str; 3] = ["tisserandes", "mariniers", "ruchers"];

/// Where the words of a cité are, within its home.
const WORDS: &str = "mots-de-la-cite.txt";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn balance(home: &Home) -> i64 {
    home.data(&["balance"])["minutes"].as_i64().expect("a number")
}

fn status(home: &Home) -> Value {
    let said = home.run(&["node", "status", "--json"]);
    let read: Result<Value, _> = serde_json::from_str(&said.out);
    read.unwrap_or_else(|error| panic!("{error}: {said:?}"))["data"].clone()
}

fn has_alert(status: &Value, code: &str) -> bool {
    let alerts = status["alerts"].as_array().expect("a list");
    alerts.iter().any(|alert| alert["code"] == code)
}

fn until_it_signs(home: &Home) {
    wait_for("a node that signs", || (status(home)["signing"] == true).then_some(()));
}

fn paid(home: &Home, line: &[&str]) {
    wait_for("a payment", || {
        (home.run(&[&["pay"], line, &["--yes"]].concat()).code == Some(0)).then_some(())
    });
}

fn until(what: &str, home: &Home, minutes: i64) {
    wait_for(what, || (balance(home) == minutes).then_some(()));
}

/// Waits until witnesses confirmed everything that is in a cité's log now.
fn until_confirmed(home: &Home) {
    let size = home.data(&["cite", "show"])["checkpoint"]["size"].as_u64().expect("a number");
    wait_for("witnesses", || {
        (home.data(&["cite", "show"])["certified"].as_u64() >= Some(size)).then_some(())
    });
}

fn recover<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["node", "recover", "--words-file", WORDS, "--yes"], more].concat()
}

/// Fails unless the bundle of a log stands up to an auditor who trusts the cité and its witnesses.
fn stands_up(home: &Home, dir: &Path) {
    let anchors = home.run(&["cite", "show", "--anchor"]);
    assert_eq!(anchors.code, Some(0), "{anchors:?}");
    let trusted = dir.join("confiance.txt");
    fs::write(&trusted, &anchors.out).expect("the directory is ours");
    let bundle = dir.join("dossier").display().to_string();
    home.data(&["audit", "bundle", "-o", &bundle]);
    let trusted = trusted.display().to_string();
    let said = home.run(&["audit", "verify", &bundle, "--anchor", &trusted]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

/// Invariants C2 and N3.
#[test]
fn a_cite_whose_disk_is_gone_goes_on_with_its_witnesses() {
    let place = folder();
    let cites = SLUGS.map(|slug| founded(place.path(), slug));
    let address = free_address();
    let node = Daemon::start(&cites[0], &["--listen", &address]);
    let _others =
        [&cites[1], &cites[2]].map(|cite| Daemon::start(cite, &["--listen", &free_address()]));
    let zoe = admitted(&cites[0], place.path(), "zoe");
    let ana = admitted(&cites[1], place.path(), "ana");
    let invitations = [0, 1, 2].map(|at: usize| text_of(&cites[at].data(&["member", "invite"])));
    for (here, there) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        let cite: &Home = &cites[here];
        cite.data(&["federation", "join", &invitations[there], "--yes"]);
        wait_for("an ally", || {
            let ally = ["federation", "ally", SLUGS[there], "--limit", "100h", "--yes"];
            (cite.run(&ally).code == Some(0)).then_some(())
        });
    }
    let lost = &cites[0];
    paid(&zoe, &["2@mariniers", "1h30"]);
    until("hours that arrive", &ana, 90);
    paid(&ana, &["2@tisserandes", "30min"]);
    until("hours that come back", &zoe, -60);
    paid(&zoe, &["1", "15min"]);
    until_confirmed(lost);
    assert_eq!(node.stop().code, Some(0));
    // Not a copy: the directory itself, which still is what this machine signed last.
    let old = Home::at(place.path().join("old"));
    fs::rename(lost.node(), old.node()).expect("both are ours");

    let via = ["--via", &invitations[1]];
    let said = lost.run(&recover(&["--json"]));
    assert_eq!(said.error_code(), "P0705", "nothing says which cité: {said:?}");
    let wrong = ["node", "recover", "--words-file", "mots.txt", "--yes", "--json"];
    let said = lost.run(&[&wrong[..], &via].concat());
    assert_eq!((said.code, said.error_code().as_str()), (Some(77), "P0120"), "{said:?}");
    lost.data(&[&recover(&via)[..], &["--dry-run"]].concat());
    assert!(!lost.node().exists(), "nothing is made before the answer is yes");
    let said = lost.data(&recover(&via));
    assert_eq!((&said["incarnation"], &said["lost"]), (&1.into(), &true.into()), "{said}");
    assert!(has_alert(&status(lost), "P0212"));
    let node = Daemon::start(lost, &["--listen", &address]);
    until_it_signs(lost);
    assert_eq!(status(lost)["recovery"], Value::Null);

    // All that was paid is there, for a member with the keys of before too; hours go both ways.
    assert_eq!((balance(&zoe), balance(&ana)), (-75, 60));
    paid(&zoe, &["2@mariniers", "15min"]);
    until("hours that arrive", &ana, 75);
    paid(&ana, &["2@tisserandes", "15min"]);
    until("hours that come back", &zoe, -75);
    paid(lost, &["2", "15min"]);
    assert_eq!(balance(&zoe), -60);
    let shown = lost.data(&["cite", "show"]);
    assert_eq!(shown["incarnation"], 1, "{shown}");
    until_confirmed(lost);
    stands_up(lost, place.path());
    until_confirmed(&cites[1]);
    stands_up(&cites[1], place.path());

    // Whoever starts the old machine is told, and it signs nothing.
    let revenant = Daemon::start(&old, &[]);
    wait_for("a word about the old machine", || {
        revenant.said().contains("signs nothing").then_some(())
    });
    let said = old.run(&["node", "status", "--check", "--json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("P0206"), "{said:?}");
    assert_eq!(revenant.stop().code, Some(0));

    // A start like any other.
    assert_eq!(node.stop().code, Some(0));
    let _node = Daemon::start(lost, &["--listen", &address]);
    until_it_signs(lost);
    paid(&zoe, &["1", "15min"]);
    assert_eq!(balance(&zoe), -75);
    let said = lost.run(&recover(&["--json"]));
    assert_eq!(said.error_code(), "P0205", "a node runs: {said:?}");
}

#[test]
fn an_older_image_without_witnesses_and_stolen_keys_go_on_alone() {
    let place = folder();
    let cite = founded(place.path(), SLUGS[0]);
    let node = Daemon::start(&cite, &[]);
    let zoe = admitted(&cite, place.path(), "zoe");
    paid(&cite, &["2", "15min"]);
    assert_eq!(node.stop().code, Some(0));
    let said = cite.run(&recover(&["--json"]));
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0211"), "{said:?}");
    // Another image of it signs nothing, until its root says so.
    let image = cite.image(&place.path().join("image"));
    assert!(has_alert(&status(&image), "P0206"));
    let said = image.data(&recover(&[]));
    assert_eq!((&said["incarnation"], &said["lost"]), (&1.into(), &false.into()), "{said}");
    let node = Daemon::start(&image, &[]);
    until_it_signs(&image);
    paid(&image, &["2", "15min"]);
    assert_eq!(node.stop().code, Some(0));
    assert!(!has_alert(&status(&image), "P0206"), "it is its own image now");
    // Keys that were stolen are replaced where all else is well.
    let said = image.run(&recover(&["--json"]));
    assert_eq!(said.error_code(), "P0211", "{said:?}");
    let said = image.data(&recover(&["--keys-stolen"]));
    assert_eq!(said["incarnation"], 2, "{said}");
    let node = Daemon::start(&image, &[]);
    until_it_signs(&image);
    paid(&image, &["2", "15min"]);
    assert_eq!(balance(&image), -45);
    let bundle = place.path().join("dossier").display().to_string();
    image.data(&["audit", "bundle", "-o", &bundle]);
    assert_eq!(image.run(&["audit", "verify", &bundle]).code, Some(20), "nobody witnessed it");
    assert_eq!(node.stop().code, Some(0));
    drop(zoe);
}

/// Removes what was written after the first `steps` steps, and puts back what was there before.
fn cut_off(node: &Path, steps: usize, old_keys: Option<&[u8]>) {
    let written = ["notes/record", "cite", "keys/node.keys"];
    for name in &written[steps..] {
        let file = node.join(name);
        match (*name, old_keys) {
            ("keys/node.keys", Some(keys)) => fs::write(&file, keys).expect("the file is ours"),
            ("cite", Some(_)) => {}
            _ => fs::remove_file(&file).expect("the file is ours"),
        }
    }
}

#[test]
fn a_command_that_was_cut_off_is_run_again() {
    let place = folder();
    let cite = founded(place.path(), SLUGS[0]);
    // How an ally's copy says it, too.
    let record = cite.run(&["log", "show", "0", "--raw"]);
    let file = place.path().join("acte").display().to_string();
    fs::write(&file, &record.out).expect("the directory is ours");
    for steps in 0..3 {
        // A lost disk.
        let empty = cite.image(&place.path().join(format!("empty{steps}")));
        fs::remove_dir_all(empty.node()).expect("the directory is ours");
        empty.data(&recover(&["--record", &file]));
        cut_off(&empty.node(), steps, None);
        let start = empty.run(&["node", "run", "--listen", "127.0.0.1:0", "--json"]);
        assert_eq!(start.code, Some(78), "{steps}: {start:?}");
        let said = empty.data(&recover(&["--record", &file]));
        assert_eq!(said["incarnation"], if steps == 0 { 1 } else { 2 }, "{steps}: {said}");
        let node = Daemon::start(&empty, &[]);
        let said = status(&empty);
        assert_eq!((&said["state"], &said["signing"]), (&"recovering".into(), &false.into()));
        assert_eq!((&said["recovery"]["entries"], has_alert(&said, "P0212")), (&0.into(), true));
        assert_eq!(node.stop().code, Some(0));
        // An older image.
        let image = cite.image(&place.path().join(format!("image{steps}")));
        let keys = fs::read(image.node().join("keys/node.keys")).expect("it was founded");
        image.data(&recover(&[]));
        cut_off(&image.node(), steps, Some(&keys));
        if steps > 0 {
            let start = image.run(&["node", "run", "--listen", "127.0.0.1:0", "--json"]);
            assert_eq!((start.code, start.error_code().as_str()), (Some(78), "P0602"), "{start:?}");
        }
        image.data(&recover(&[]));
        let node = Daemon::start(&image, &[]);
        until_it_signs(&image);
        assert_eq!(node.stop().code, Some(0));
    }
}
