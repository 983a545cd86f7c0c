//! Backups, with whole programs: one that is changed is not restored, and a folder of them does not grow. How one is
//! restored is a drill (`tests/cases/drills.rs`).

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{fs, io::Cursor, sync::Arc};

use harness::{
    disk::{Chance, FaultyDisk},
    processes::{Home, founded},
};
use ledger::{backup, disk::Disk};

/// Bytes of a backup that are changed, one at a time.
const CHANGED: u64 = 300;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
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
    let mut chance = Chance(7);
    for _ in 0..CHANGED {
        let at = usize::try_from(chance.below(good.len() as u64)).expect("a place in the file");
        let mut changed = good.clone();
        changed[at] ^= 1 << chance.below(8);
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
