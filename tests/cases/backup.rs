//! Backups, with whole programs: what is restored signs nothing until its root names new keys, and then the older
//! machine does not sign any more.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{fs, io::Cursor, sync::Arc};

use harness::{
    disk::FaultyDisk,
    outage::Moments,
    processes::{Allied, Daemon, Home, founded, free_address, text_of, wait_for},
};
use ledger::{backup, disk::Disk};
use serde_json::Value;

/// Bytes of a backup that are changed, one at a time.
const CHANGED: u64 = 300;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn status(home: &Home) -> Value {
    let said = home.run(&["node", "status", "--json"]);
    let read: Result<Value, _> = serde_json::from_str(&said.out);
    read.unwrap_or_else(|error| panic!("{error}: {said:?}"))["data"].clone()
}

fn size(home: &Home) -> Option<u64> {
    home.data(&["cite", "show"])["checkpoint"]["size"].as_u64()
}

fn paid(home: &Home, line: &[&str]) {
    wait_for("a payment", || {
        (home.run(&[&["pay"], line, &["--yes"]].concat()).code == Some(0)).then_some(())
    });
}

/// Waits until witnesses confirmed everything that is in a cité's log now.
fn until_confirmed(home: &Home) {
    let size = size(home);
    wait_for("witnesses", || {
        (home.data(&["cite", "show"])["certified"].as_u64() >= size).then_some(())
    });
}

/// Invariant L9.
#[test]
fn a_restored_log_signs_nothing_and_goes_on_where_the_old_machine_falls_silent() {
    let place = folder();
    let Allied { cites, members, nodes } = Allied::new(place.path());
    let ([old, ally], [zoe, _ana]) = (&cites, &members);
    paid(zoe, &["1", "30min"]);
    until_confirmed(old);
    let file = place.path().join("sauvegarde").display().to_string();
    let made = old.data(&["backup", "create", "-o", &file]);
    assert!(made["keys"].as_u64() > Some(0), "{made}");
    let again = old.run(&["backup", "create", "-o", &file, "--json"]);
    assert_eq!(again.error_code(), "P0201", "nothing is overwritten: {again:?}");
    // The old machine lives on, and what follows is not in the backup.
    paid(zoe, &["1", "15min"]);
    until_confirmed(old);
    let checked = old.data(&["backup", "check", &file]);
    assert_eq!(checked["entries"], made["entries"], "{checked}");

    let new = Home::at(place.path().join("neuf"));
    let restored = new.data(&["backup", "restore", &file]);
    assert_eq!(restored["entries"], made["entries"], "{restored}");
    let again = new.run(&["backup", "restore", &file, "--json"]);
    assert_eq!(again.error_code(), "P0706", "{again:?}");
    let of = |home: &Home| home.data(&["key", "show"])["public_key"].clone();
    assert_eq!(of(&new), of(old), "the person is here, too");
    // Neither keys nor guard: there is nothing to sign with, and nothing that says it may.
    for absent in ["guard", "keys/node.keys"] {
        assert!(!new.node().join(absent).exists(), "{absent}");
    }
    let alerts = status(&new)["alerts"].clone();
    assert!(alerts.to_string().contains("P0206"), "{alerts}");
    let start = new.run(&["node", "run", "--listen", "127.0.0.1:0", "--json"]);
    assert_eq!(start.code, Some(78), "{start:?}");
    assert!(start.err.contains("reprendre") || start.err.contains("recover"), "{start:?}");

    let words = old.dir().join("mots-de-la-cite.txt").display().to_string();
    let via = text_of(&ally.data(&["member", "invite"]));
    let recover = ["node", "recover", "--words-file", &words, "--via", &via, "--yes"];
    let said = new.data(&recover);
    assert_eq!((&said["incarnation"], &said["lost"]), (&1.into(), &false.into()), "{said}");
    let before = size(old);
    let [old_node, _ally_node] = nodes;
    let _node = Daemon::start(&new, &["--listen", &free_address()]);
    wait_for("a node that signs", || (status(&new)["signing"] == true).then_some(()));
    assert!(size(&new) > before, "what the witness held is here, too");
    // The root gave the old machine up: it is told, at the latest when it starts.
    old_node.stop();
    let _revenant = Daemon::start(old, &[]);
    wait_for("an old machine that is silent", || {
        status(old)["alerts"].to_string().contains("P0206").then_some(())
    });
    assert_eq!(status(old)["signing"], false);
    assert_eq!(status(&new)["signing"], true);
}

#[test]
fn a_changed_backup_is_not_restored() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let file = place.path().join("sauvegarde");
    let name = file.display().to_string();
    cite.data(&["backup", "create", "-o", &name]);
    let good = fs::read(&file).expect("it was written");
    let restored = |bytes: &[u8]| {
        let disk: Arc<dyn Disk> = Arc::new(FaultyDisk::new(1));
        backup::restore(&disk, Cursor::new(bytes)).is_ok()
    };
    assert!(restored(&good), "a good one is");
    let mut moments = Moments(7);
    for _ in 0..CHANGED {
        let at = usize::try_from(moments.below(good.len() as u64)).expect("a place in the file");
        let mut changed = good.clone();
        changed[at] ^= 1 << moments.below(8);
        assert!(!restored(&changed), "byte {at}");
        assert!(!restored(&good[..at]), "cut at byte {at}");
    }
    let mut changed = good.clone();
    changed[good.len() / 2] ^= 1;
    fs::write(&file, changed).expect("the directory is ours");
    let new = Home::at(place.path().join("neuf"));
    for line in [["backup", "check", &name, "--json"], ["backup", "restore", &name, "--json"]] {
        let said = new.run(&line);
        assert_eq!((said.code, said.error_code().as_str()), (Some(1), "P0213"), "{said:?}");
    }
    assert!(!new.node().exists() && !new.dir().join("keys").exists(), "nothing was made");
}

#[test]
fn a_day_has_one_backup_and_the_folder_no_more_than_was_said() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let to = place.path().join("sauvegardes");
    fs::create_dir(&to).expect("the directory is ours");
    let others = ["tisserandes-bis-2020-01-01.pirate-backup", "tisserandes-2020-01.pirate-backup"];
    let olds = ["2020-01-01", "2020-01-02"].map(|day| format!("tisserandes-{day}.pirate-backup"));
    for name in others.iter().copied().chain(olds.iter().map(String::as_str)) {
        fs::write(to.join(name), "x").expect("the directory is ours");
    }
    let folder = to.display().to_string();
    let auto = ["backup", "auto", "--to", &folder, "--keep", "2"];
    let said = cite.data(&auto);
    assert_eq!((&said["made"], &said["kept"]), (&true.into(), &2.into()), "{said}");
    assert_eq!(said["removed"], serde_json::json!([olds[0]]), "{said}");
    for name in others {
        assert!(to.join(name).exists(), "{name} is not ours");
    }
    let said = cite.data(&auto);
    assert_eq!((&said["made"], &said["kept"]), (&false.into(), &2.into()), "{said}");
    let said = cite.run(&["backup", "auto", "--to", &folder, "--keep", "0", "--json"]);
    assert_eq!(said.error_code(), "P0001", "{said:?}");
}
