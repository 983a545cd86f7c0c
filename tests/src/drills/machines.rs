//! A machine that stopped in the middle of things, and files of its log that spoilt.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::Path,
};

use crate::processes::{Home, Machine, SLUGS, admitted, allied};

/// The first file of a log, below a node's directory.
const SEGMENT: &str = "log/00000000.seg";

/// A byte in the middle of it.
const MIDDLE: u64 = 200;

/// Changes one bit of a log, as a bad disk does. In its place: a node may have the file open.
pub(super) fn spoil(home: &Home) {
    let file = File::options().read(true).write(true).open(home.node().join(SEGMENT));
    let (file, mut byte) = (file.expect("a log has a file"), [0]);
    file.read_exact_at(&mut byte, MIDDLE).expect("it is longer");
    byte[0] ^= 4;
    file.write_all_at(&byte, MIDDLE).expect("it is ours");
}

pub(super) fn kill(place: &Path) {
    let mut machine = Machine::found(place, SLUGS[0]);
    let zoe = admitted(&machine.home, place, "zoe");
    for round in 1..=3 {
        zoe.pays(&["1", "15min"]);
        machine.kill();
        machine.start();
        machine.home.until_it_signs();
        assert_eq!(zoe.balance(), -15 * round, "what was acknowledged is there");
    }
    assert!(!machine.home.has_alert("P0206"), "it is the machine that signed last");
    machine.stop();
}

pub(super) fn index(place: &Path) {
    let mut machine = Machine::found(place, SLUGS[0]);
    let zoe = admitted(&machine.home, place, "zoe");
    zoe.pays(&["1", "15min"]);
    machine.stop();
    // Rubbish is told from what the log says, for the tree and for the state.
    let index = machine.home.node().join("index");
    let fits = |code| {
        let said = machine.home.run(&["node", "rebuild", "--check-only", "--json"]);
        assert_eq!(said.code, Some(code), "{said:?}");
        said.answer()["index_fits"].clone()
    };
    assert_eq!(fits(0), true);
    for file in ["tree", "snapshot"] {
        let whole = fs::read(index.join(file)).expect("an index has both");
        fs::write(index.join(file), vec![0x5a; whole.len()]).expect("the directory is ours");
        assert_eq!(fits(1), false, "{file}");
        fs::write(index.join(file), whole).expect("the directory is ours");
    }
    assert_eq!(fits(0), true);
    // Another log's index is none.
    let mut other = Machine::found(place, SLUGS[1]);
    let theirs = other.home.node().join("index");
    other.stop();
    for file in ["tree", "snapshot"] {
        fs::copy(theirs.join(file), index.join(file)).expect("an index has both");
    }
    assert_eq!(fits(1), false);
    machine.start();
    machine.home.until_it_signs();
    assert_eq!(zoe.balance(), -15);
    machine.stop();
    fs::remove_dir_all(index).expect("it is there");
    machine.home.data(&["node", "rebuild"]);
    machine.start();
    machine.home.until_it_signs();
    assert_eq!(zoe.balance(), -15);
    zoe.pays(&["1", "15min"]);
    machine.stop();
}

pub(super) fn upgrade(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [here, _ally] = machines.as_mut_slice() else { panic!("two were founded") };
    here.home.until_confirmed();
    let plan = here.home.data(&["node", "migrate", "--plan"]);
    assert_eq!((&plan["format"], &plan["steps"]), (&2.into(), &serde_json::json!([])), "{plan}");
    let logs = plan["logs"].as_array().expect("a list").iter().map(|log| log["copy"].as_bool());
    assert_eq!(logs.collect::<Vec<_>>(), [Some(false), Some(true)], "{plan}");
    let backup = place.join("before.pirate-backup").display().to_string();
    here.home.data(&["backup", "create", "-o", &backup]);
    here.stop();
    // What a later program wrote is left alone, and said so, whoever looks.
    let format = here.home.node().join("format");
    let before = fs::read(&format).expect("a node says in which form it is kept");
    fs::write(&format, "3\n").expect("the directory is ours");
    for line in [
        &["node", "run", "--listen", "127.0.0.1:0"][..],
        &["node", "status"],
        &["node", "migrate", "--plan"],
        &["node", "rebuild"],
        &["status"],
    ] {
        let said = here.home.run(&[line, &["--json"]].concat());
        assert_eq!((said.code, said.error_code().as_str()), (Some(78), "P0219"), "{said:?}");
    }
    fs::write(&format, before).expect("the directory is ours");
    here.start();
    here.home.until_it_signs();
    here.home.data(&["pay", "1@mariniers", "15min", "--yes"]);
    machines.iter_mut().for_each(Machine::stop);
}

pub(super) fn damage(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [here, _ally] = machines.as_mut_slice() else { panic!("two were founded") };
    here.home.until_confirmed();
    spoil(&here.home);
    let found = here.home.run(&["node", "scrub", "--json"]);
    assert_eq!(found.code, Some(1), "{found:?}");
    let mended = here.home.data(&["node", "scrub", "--repair"]);
    assert_eq!((&mended["good"], &mended["mended"]), (&true.into(), &1.into()), "{mended}");
    here.home.data(&["node", "scrub"]);
    here.stop();
    // What only says how far others confirmed comes back from them, and keeps no node from starting.
    let certificates = here.home.node().join("notes/certificates");
    let whole = fs::read(&certificates).expect("an ally confirmed something");
    fs::write(&certificates, &whole[..whole.len() - 7]).expect("the directory is ours");
    here.start();
    here.home.until_it_signs();
    here.home.data(&["pay", "1@mariniers", "15min", "--yes"]);
    machines.iter_mut().for_each(Machine::stop);
}
