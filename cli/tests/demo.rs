//! `pirate demo` as people meet it: three real processes, the same table for the same seed, an auditor who
//! bites, and nothing left behind. A season of eight days, so that the test is short.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const DAYS: &str = "8";

/// Starts a demo whose temporary files are in `place`.
fn start(place: &Path, line: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_pirate"))
        .args(["demo", "--seed", "1", "--days", DAYS, "--lang", "fr"])
        .args(line)
        .env_clear()
        .env("TMPDIR", place)
        .env("HOME", place)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was just built")
}

fn data(output: &Output, code: i32) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    let text = std::str::from_utf8(&output.stdout).expect("output is UTF-8");
    assert_eq!(text.lines().count(), 1, "exactly one object: {text}");
    let object: Value = serde_json::from_str(text).expect("it is JSON");
    assert_eq!(object["schema"], "pirate.demo/1");
    assert_eq!(object["ok"], code == 0);
    object["data"].clone()
}

fn is_empty(place: &Path) -> bool {
    std::fs::read_dir(place).expect("it is there").next().is_none()
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("the temporary directory is writable")
}

#[test]
fn every_check_holds_one_seed_gives_one_table_and_every_fault_is_found() {
    let runs = [(None, 0), (Some("sum"), 40), (Some("signature"), 40), (Some("fork"), 30)];
    let mut tables = Vec::new();
    for (fault, code) in runs {
        let place = temporary();
        let fault = fault.into_iter().flat_map(|fault| ["--break", fault]);
        let line: Vec<&str> = core::iter::once("--json").chain(fault).collect();
        let output = start(place.path(), &line).wait_with_output().expect("it ends by itself");
        let mut data = data(&output, code);
        assert!(is_empty(place.path()), "nothing is left behind");
        assert_eq!(data["verdict"], code);
        let number = |name: &str| data[name].as_u64().expect("a count");
        assert!(number("transfers") > 0);
        assert_eq!(number("transfers"), number("imports") + number("returns"));
        assert_eq!(number("returns"), number("returns_received"));
        assert_eq!(number("open"), 0);
        assert!(data["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
        let cites = data["cites"].as_array().expect("a list");
        assert_eq!(cites.len(), 3);
        for cite in cites {
            assert_eq!((&cite["sum_min"], &cite["members"]), (&0.into(), &41.into()));
            assert_eq!(cite["entries"], cite["certified"]);
            assert_eq!(cite["entries"], cite["committed"]);
            assert_eq!(cite["peer_min"].as_object().map(serde_json::Map::len), Some(2));
        }
        // What two runs of one seed may differ in: how long they took, and what was broken afterwards.
        for name in ["seconds", "verdict"] {
            data.as_object_mut().expect("an object").remove(name);
        }
        tables.push(data);
    }
    assert!(tables.windows(2).all(|pair| pair[0] == pair[1]), "{tables:#?}");
}

#[test]
fn kept_directories_are_used_with_home_and_verified_by_anybody() {
    let place = temporary();
    let keep = place.path().join("kept");
    let keep_line = ["--json", "--keep", keep.to_str().expect("the path is ASCII")];
    let output = start(place.path(), &keep_line).wait_with_output().expect("it ends by itself");
    data(&output, 0);
    for slug in ["tisserandes", "quai-nord", "ruchers"] {
        let home = keep.join(slug);
        assert!(home.join("keys/default.age").exists() && home.join("node/log").is_dir());
        assert!(keep.join(format!("bundles/{slug}.pirate-audit")).exists());
        let listed = Command::new(env!("CARGO_BIN_EXE_pirate"))
            .args(["log", "list", "--json", "--home"])
            .arg(&home)
            .output()
            .expect("the program was just built");
        assert_eq!(listed.status.code(), Some(0), "{}", String::from_utf8_lossy(&listed.stderr));
    }
    // What holds something is never written into.
    let again = start(place.path(), &keep_line).wait_with_output().expect("it ends by itself");
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stdout.is_empty());
}

#[test]
fn a_demo_that_is_told_to_end_stops_its_nodes_and_leaves_nothing() {
    for (signal, exit) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        ended_by(signal, exit);
    }
}

fn ended_by(signal: Signal, exit: i32) {
    let place = temporary();
    let mut demo = start(place.path(), &[]);
    let mut said = BufReader::new(demo.stderr.take().expect("it is piped")).lines();
    // It says so once the nodes run and are allied.
    while !said.next().expect("it says something").expect("it is UTF-8").contains("témoins") {}
    let children = children_of(demo.id());
    assert_eq!(children.len(), 3, "three nodes");
    let pid = Pid::from_raw(i32::try_from(demo.id()).expect("a pid")).expect("not 0");
    kill_process(pid, signal).expect("it is ours");
    assert_eq!(demo.wait().expect("it ends by itself").code(), Some(exit));
    assert!(is_empty(place.path()), "nothing is left behind");
    for child in children {
        assert!(!Path::new(&format!("/proc/{child}")).exists(), "{child} still runs");
    }
}

/// Returns the processes whose parent is `parent` (proc(5): the fourth field of `stat`).
fn children_of(parent: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("Linux has /proc");
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            after_name.split_whitespace().nth(1) == Some(&parent.to_string())
        })
        .collect()
}
