//! What a recovery that was cut off leaves behind, and what one does that is begun with the wrong record or for no
//! reason, with whole programs. The recoveries themselves are drills (`tests/cases/drills.rs`).

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{fs, path::Path};

use harness::processes::{Daemon, Home, Machine, SLUGS, admitted, allied, founded, wait_for};

fn recover<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let words = ["--words-file", "mots-de-la-cite.txt", "--yes"];
    [&["node", "recover"], &words[..], more].concat()
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
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let cite = founded(place.path(), "tisserandes");
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
        let said = empty.status();
        assert_eq!((&said["state"], &said["signing"]), (&"recovering".into(), &false.into()));
        assert_eq!((&said["recovery"]["entries"], empty.has_alert("P0212")), (&0.into(), true));
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
        image.until_it_signs();
        assert_eq!(node.stop().code, Some(0));
    }
}

/// Writes the founding record of a cité to a file, as an ally's copy of its log says it.
fn record_of(cite: &Home, place: &Path) -> String {
    let name = format!("acte-{}", cite.data(&["cite", "show"])["slug"]);
    let file = place.join(name.replace('"', "")).display().to_string();
    let record = cite.run(&["log", "show", "0", "--raw"]);
    assert_eq!(record.code, Some(0), "{record:?}");
    fs::write(&file, &record.out).expect("the directory is ours");
    file
}

/// Fails where an ally holds that any cité signed two histories.
fn nobody_is_convicted(allies: &[&Home]) {
    for ally in allies {
        let listed = ally.data(&["federation", "list"]).to_string();
        assert!(!listed.contains("two-histories"), "{listed}");
    }
}

/// Fails where a payment is recorded.
fn keeps_its_order(zoe: &Home) {
    let said = zoe.run(&["pay", "1", "15min", "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(75), "P0310"), "{said:?}");
}

/// Somebody hands over the record from before the root named other keys: what is named then was named before, for other
/// keys, and witnesses keep their word. Nothing is signed, and the same command run again takes the next incarnation.
#[test]
fn an_older_record_names_keys_that_no_witness_promises_to() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let mut machines = allied(place.path(), &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place.path(), "zoe");
    let (older, another) = (record_of(&cite, place.path()), record_of(&ally.home, place.path()));
    zoe.pays(&["1", "30min"]);
    cite.until_confirmed();
    machine.stop();
    // Another cité's record on a machine that has its log: it is still this cité that is recovered.
    let id = cite.data(&["cite", "show"])["cite"].clone();
    let said = cite.data(&recover(&["--keys-stolen", "--record", &another]));
    assert_eq!((&said["incarnation"], &said["cite"]), (&1.into(), &id), "{said}");
    machine.start();
    cite.until_it_signs();
    zoe.pays(&["1", "15min"]);
    cite.until_confirmed();
    assert_eq!(zoe.balance(), -45);
    machine.stop();
    fs::rename(cite.node(), place.path().join("gone")).expect("both are ours");
    // On an empty one, nothing is made with it.
    let said = cite.run(&recover(&["--record", &another, "--json"]));
    assert_eq!((said.code, said.error_code().as_str()), (Some(77), "P0120"), "{said:?}");
    assert!(!cite.node().exists());
    let said = cite.data(&recover(&["--record", &older]));
    assert_eq!(said["incarnation"], 1, "the record knows of none: {said}");
    let bootstrap = ally.invitation();
    machine.start_with(&["--bootstrap", &bootstrap]);
    // It is there, and the ally gives it nothing: these are not the keys that it promised to.
    wait_for("an ally that is connected", || {
        (cite.status()["peers"].as_u64() >= Some(1)).then_some(())
    });
    keeps_its_order(&zoe);
    let status = cite.status();
    assert_eq!((&status["signing"], &status["recovery"]["entries"]), (&false.into(), &0.into()));
    nobody_is_convicted(&[&ally.home]);
    machine.stop();
    let said = cite.data(&recover(&["--record", &older]));
    assert_eq!(said["incarnation"], 2, "{said}");
    machine.start_with(&["--bootstrap", &bootstrap]);
    cite.until_it_signs();
    zoe.until_balance(-60, "nothing is lost, and what waited is there");
    zoe.pays(&["1@mariniers", "15min"]);
    ally.home.until_balance(15, "hours that arrive");
    nobody_is_convicted(&[&ally.home]);
    // A machine that knows better is not talked down to an older incarnation.
    machine.stop();
    let said = cite.data(&recover(&["--rolled-back", "--record", &older]));
    assert_eq!(said["incarnation"], 3, "{said}");
    machine.start();
    cite.until_it_signs();
    nobody_is_convicted(&[&ally.home]);
}

/// `--rolled-back` and `--keys-stolen` on a machine to which neither happened: an incarnation more, and that is all, also
/// for what no witness had yet and where there are none.
#[test]
fn a_recovery_for_no_reason_costs_an_incarnation_and_nothing_else() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let alone = Machine::found(place.path(), "vergers");
    let mut machines = allied(place.path(), &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let (cite, mut alone) = (machine.home.clone(), alone);
    let zoe = admitted(&cite, place.path(), "zoe");
    let ida = admitted(&alone.home, place.path(), "ida");
    zoe.pays(&["1@mariniers", "15min"]);
    ally.home.until_balance(15, "hours that arrive");
    let (mut owes, mut owed) = (15, 0);
    for (incarnation, why) in [(1, "--rolled-back"), (2, "--keys-stolen"), (3, "--rolled-back")] {
        cite.until_confirmed();
        ally.stop();
        // No witness has these.
        zoe.pays(&["1", "30min"]);
        zoe.pays(&["1@mariniers", "15min"]);
        owes += 45;
        ida.pays(&["1", "15min"]);
        owed += 15;
        let size = cite.size();
        for machine in [&mut *machine, &mut alone] {
            machine.stop();
            let said = machine.home.data(&recover(&[why]));
            assert_eq!((&said["incarnation"], &said["lost"]), (&incarnation.into(), &false.into()));
        }
        ally.start();
        for machine in [&mut *machine, &mut alone] {
            machine.start();
            machine.home.until_it_signs();
            assert_eq!(machine.home.data(&["cite", "show"])["incarnation"], incarnation);
        }
        assert!(cite.size() > size, "{why}");
        assert_eq!((zoe.balance(), ida.balance()), (-owes, -owed), "{why}");
        ally.home.until_balance(15 + 15 * incarnation, "hours that were on their way");
        nobody_is_convicted(&[&ally.home]);
    }
    // Everything of both logs stands up to a stranger.
    cite.until_confirmed();
    let bundles = ["ici", "seul"].map(|name| place.path().join(name).display().to_string());
    for (home, file) in [&cite, &alone.home].into_iter().zip(&bundles) {
        home.data(&["audit", "bundle", "-o", file]);
        let said = home.run(&["audit", "verify", file]);
        assert_eq!(said.code, Some(20), "{said:?}");
    }
}
