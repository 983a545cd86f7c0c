//! What a recovery that was cut off leaves behind, with whole programs. The recoveries themselves are drills
//! (`tests/cases/drills.rs`).

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{fs, path::Path};

use harness::processes::{Daemon, founded};

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
