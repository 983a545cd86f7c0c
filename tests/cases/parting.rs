//! Where two histories part: `audit forks` shows the first entry at which two files differ, in both languages and to
//! programs.

#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;

use harness::{
    logs::Log,
    people::tisserandes,
    processes::{Home, Said},
};
use serde_json::Value;

/// Two histories of one log that part at a payment, as files, with its leaf.
fn files(home: &Home) -> (u64, [String; 2]) {
    let mut one = Log::found(tisserandes(), 3);
    one.pay(1, 2, 15);
    one.seal();
    let mut other = one.clone();
    let leaf = one.pay(1, 2, 15);
    assert_eq!(other.pay(1, 0, 45), leaf);
    // The longer one is not the one that is named first.
    other.pay(2, 0, 15);
    [&mut one, &mut other].into_iter().for_each(Log::seal);
    fs::create_dir_all(home.dir()).expect("a temporary directory");
    let put = |name: &str, log: &Log| {
        let path = home.dir().join(name);
        fs::write(&path, log.bundle()).expect("a temporary directory");
        path.display().to_string()
    };
    (leaf, [put("one", &one), put("other", &other)])
}

fn said(home: &Home, lang: &str, files: &[&str]) -> Said {
    let line = [&["audit", "forks", "--lang", lang][..], files].concat();
    let said = home.run(&line);
    assert_eq!(said.code, Some(30), "{said:?}");
    said
}

fn forks(home: &Home, files: &[&str]) -> Value {
    let said = said(home, "fr", &[files, &["--json"]].concat());
    let object: Value = serde_json::from_str(&said.out).expect("one object");
    object["data"]["forks"].clone()
}

#[test]
fn the_first_entry_that_differs_is_shown_with_what_each_file_has() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let home = Home::at(place.path().join("auditor"));
    let (leaf, [one, other]) = files(&home);
    let shown = said(&home, "fr", &[&one, &other]).out.replace(['\u{a0}', '\u{202f}'], " ");
    for part in [
        format!("Elles se séparent à l’écriture {leaf} :"),
        format!("{one} : "),
        format!("{other} : "),
        "donne 0 h 15 à".to_owned(),
        "donne 0 h 45 à".to_owned(),
    ] {
        assert!(shown.contains(&part), "{part}: {shown}");
    }
    let shown = said(&home, "en", &[&other, &one]).out.replace('\u{a0}', " ");
    assert!(shown.contains(&format!("They part at entry {leaf}:")), "{shown}");
    let first = shown.find(&format!("{other}: ")).expect("a line for each file");
    assert!(first < shown.find(&format!("{one}: ")).expect("a line for each file"), "{shown}");
    let data = forks(&home, &[&one, &other]);
    let parting = &data[0]["parting"];
    assert_eq!(parting["leaf"], leaf, "{data}");
    for (side, file) in [("a", &one), ("b", &other)] {
        assert_eq!(
            (&parting[side]["file"], &parting[side]["type"]),
            (&file.as_str().into(), &"pay".into())
        );
        assert_eq!(parting[side]["leaf_hash"].as_str().map(str::len), Some(64), "{data}");
    }
    assert_ne!(parting["a"]["leaf_hash"], parting["b"]["leaf_hash"]);
}

#[test]
fn a_proof_and_one_file_show_no_parting() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let home = Home::at(place.path().join("auditor"));
    let (_, [one, other]) = files(&home);
    let found = forks(&home, &[&one, &other]);
    let proof = found[0]["proof"].as_str().expect("written").to_owned();
    let proof = home.dir().join(proof).display().to_string();
    // Nor do two files of one history, whatever else is proved.
    for files in [&[&one, &proof][..], &[&proof], &[&other, &other, &proof]] {
        let files: Vec<&str> = files.iter().map(|file| file.as_str()).collect();
        let data = forks(&home, &files);
        assert!(data[0]["parting"].is_null(), "{files:?}: {data}");
        let shown = said(&home, "en", &files).out;
        assert!(!shown.contains("part at"), "{shown}");
    }
}
