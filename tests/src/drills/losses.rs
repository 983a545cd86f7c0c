//! A disk that is gone, a log that does not open, and a log of which there is nothing but a backup: the root names
//! new keys, and the log goes on in another incarnation with what its witnesses hold.

use std::{fs, path::Path};

use super::machines::spoil;
use crate::processes::{Home, Machine, SLUGS, admitted, allied, free_address};

/// Three cités: each has two witnesses.
pub(super) const THREE: [&str; 3] = ["tisserandes", "mariniers", "ruchers"];

/// Where the words of a cité are, within its home.
pub(super) const WORDS: &str = "mots-de-la-cite.txt";

/// Returns the line that recovers a cité with its words.
pub(super) fn recover<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["node", "recover", "--words-file", WORDS, "--yes"], more].concat()
}

/// Fails unless the bundle of a log stands up to an auditor who trusts the cité and its witnesses.
pub(super) fn stands_up(home: &Home, place: &Path) {
    home.until_confirmed();
    let anchors = home.run(&["cite", "show", "--anchor"]);
    assert_eq!(anchors.code, Some(0), "{anchors:?}");
    let trusted = place.join("confiance.txt");
    fs::write(&trusted, &anchors.out).expect("the directory is ours");
    let bundle = place.join("dossier").display().to_string();
    // A bundle replaces no file that is there.
    drop(fs::remove_file(&bundle));
    home.data(&["audit", "bundle", "-o", &bundle]);
    let trusted = trusted.display().to_string();
    let said = home.run(&["audit", "verify", &bundle, "--anchor", &trusted]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

/// Fails unless the node of a machine that its root gave up is told so, and signs nothing.
pub(super) fn is_told(old: &Home) -> Machine {
    let revenant = Machine::of(old.clone(), free_address());
    old.until_alert("P0206");
    assert_eq!(old.status()["signing"], false);
    let said = old.run(&["node", "status", "--check", "--json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    revenant
}

pub(super) fn lost_disk(place: &Path) {
    let mut machines = allied(place, &THREE);
    let [machine, ally, third] = machines.as_mut_slice() else { panic!("three were founded") };
    let lost = machine.home.clone();
    let zoe = admitted(&lost, place, "zoe");
    let ana = admitted(&ally.home, place, "ana");
    zoe.pays(&["2@mariniers", "1h30"]);
    ana.until_balance(90, "hours that arrive");
    ana.pays(&["2@tisserandes", "30min"]);
    zoe.until_balance(-60, "hours that come back");
    zoe.pays(&["1", "15min"]);
    lost.until_confirmed();
    // What no witness has yet goes with the disk.
    ally.stop();
    third.stop();
    zoe.pays(&["1", "15min"]);
    machine.stop();
    ally.start();
    third.start();
    // Not a copy: the directory itself, which still is what this machine signed last.
    let old = Home::at(place.join("old"));
    fs::rename(lost.node(), old.node()).expect("both are ours");

    let invitation = ally.invitation();
    let via = ["--via", invitation.as_str()];
    let said = lost.run(&recover(&["--json"]));
    assert_eq!(said.error_code(), "P0705", "nothing says which cité: {said:?}");
    let wrong = ["node", "recover", "--words-file", "mots.txt", "--yes", "--json"];
    let said = lost.run(&[&wrong[..], &via].concat());
    assert_eq!((said.code, said.error_code().as_str()), (Some(77), "P0120"), "{said:?}");
    lost.data(&[&recover(&via)[..], &["--dry-run"]].concat());
    assert!(!lost.node().exists(), "nothing is made before the answer is yes");
    let said = lost.data(&recover(&via));
    assert_eq!((&said["incarnation"], &said["lost"]), (&1.into(), &true.into()), "{said}");
    assert!(lost.has_alert("P0212"));
    assert!(
        lost.node().join("notes/told").exists(),
        "it waits for what the ally knows as certified"
    );
    machine.start();
    lost.until_it_signs();
    assert!(lost.status()["recovery"].is_null());

    // All that was confirmed is there, for a member with the keys of before too, who is told once of what is not; hours
    // go both ways.
    let told = |line: &[&str]| zoe.run(&[line, &["--json"]].concat()).out.contains("W0307");
    let quiet = zoe.run(&["balance", "--quiet"]);
    assert_eq!(quiet.code, Some(0), "who wants no words is told later: {quiet:?}");
    assert!(told(&["join", &machine.invitation(), "--yes"]), "also on the way of who looks for it");
    assert!(!told(&["balance"]));
    assert_eq!((zoe.balance(), ana.balance()), (-75, 60));
    zoe.pays(&["2@mariniers", "15min"]);
    ana.until_balance(75, "hours that arrive");
    ana.pays(&["2@tisserandes", "15min"]);
    zoe.until_balance(-75, "hours that come back");
    lost.pays(&["2", "15min"]);
    assert_eq!(zoe.balance(), -60);
    let shown = lost.data(&["cite", "show"]);
    assert_eq!(shown["incarnation"], 1, "{shown}");
    stands_up(&lost, place);
    stands_up(&ally.home, place);

    // Whoever starts the old machine is told.
    is_told(&old).stop();

    // A start like any other.
    machine.stop();
    machine.start();
    lost.until_it_signs();
    zoe.pays(&["1", "15min"]);
    assert_eq!(zoe.balance(), -75);
    let said = lost.run(&recover(&["--json"]));
    assert_eq!(said.error_code(), "P0205", "a node runs: {said:?}");
}

pub(super) fn no_start(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    zoe.pays(&["1", "30min"]);
    cite.until_confirmed();
    machine.stop();
    spoil(&cite);
    let said = cite.run(&["node", "run", "--listen", "127.0.0.1:0", "--json"]);
    // Not 1: a service manager must not start it again and again.
    assert_eq!((said.code, said.error_code().as_str()), (Some(78), "P0204"), "{said:?}");
    let said = cite.run(&["node", "scrub", "--json"]);
    assert_eq!(said.code, Some(1), "it is named: {said:?}");
    // Nothing is deleted.
    fs::rename(cite.node(), cite.dir().join("node.damaged")).expect("both are ours");
    let said = cite.data(&recover(&["--via", &ally.invitation()]));
    assert_eq!(said["incarnation"], 1, "{said}");
    machine.start();
    cite.until_it_signs();
    assert_eq!(zoe.balance(), -30);
    zoe.pays(&["1", "15min"]);
    cite.until_confirmed();
    cite.data(&["node", "scrub"]);
}

/// Invariant L9.
pub(super) fn backup(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let old = machine.home.clone();
    let zoe = admitted(&old, place, "zoe");
    zoe.pays(&["1", "30min"]);
    old.until_confirmed();
    let file = place.join("sauvegarde").display().to_string();
    let made = old.data(&["backup", "create", "-o", &file]);
    assert!(made["keys"].as_u64() > Some(0), "{made}");
    let again = old.run(&["backup", "create", "-o", &file, "--json"]);
    assert_eq!(again.error_code(), "P0201", "nothing is overwritten: {again:?}");
    // The old machine lives on, and what follows is not in the backup.
    zoe.pays(&["1", "15min"]);
    old.until_confirmed();
    let checked = old.data(&["backup", "check", &file]);
    assert_eq!(checked["entries"], made["entries"], "{checked}");

    let new = Home::at(place.join("neuf"));
    let restored = new.data(&["backup", "restore", &file]);
    assert_eq!(restored["entries"], made["entries"], "{restored}");
    let again = new.run(&["backup", "restore", &file, "--json"]);
    assert_eq!(again.error_code(), "P0706", "{again:?}");
    let of = |home: &Home| home.data(&["key", "show"])["public_key"].clone();
    assert_eq!(of(&new), of(&old), "the person is here, too");
    // Neither keys nor guard: there is nothing to sign with, and nothing that says it may.
    for absent in ["guard", "keys/node.keys"] {
        assert!(!new.node().join(absent).exists(), "{absent}");
    }
    assert!(new.has_alert("P0206"));
    let start = new.run(&["node", "run", "--listen", "127.0.0.1:0", "--json"]);
    assert_eq!(start.code, Some(78), "{start:?}");
    assert!(start.err.contains("reprendre") || start.err.contains("recover"), "{start:?}");

    fs::copy(old.dir().join(WORDS), new.dir().join(WORDS)).expect("the words were on paper");
    let before = old.size();
    let said = new.data(&recover(&["--via", &ally.invitation()]));
    assert_eq!((&said["incarnation"], &said["lost"]), (&1.into(), &false.into()), "{said}");
    let _new = Machine::of(new.clone(), free_address());
    new.until_it_signs();
    assert!(new.size() > before, "what the witness held is here, too");
    // The root gave the old machine up: it is told, at the latest when it starts.
    machine.stop();
    let _revenant = is_told(&old);
    assert_eq!(new.status()["signing"], true);
}
