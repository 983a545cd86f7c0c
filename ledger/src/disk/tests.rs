//! The real disk keeps the contract of [`Disk`].

#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use std::path::Path;

use super::real::FILES_OPEN_MAX;
use super::*;

pub(crate) const HOLDER: Holder = Holder { pid: 4711, started_ms: 1_750_000_000_000 };

pub(crate) fn disk(root: &Path) -> RealDisk {
    RealDisk::open(root, MachineId([b'a'; 32]), HOLDER)
        .expect("a temporary directory can be opened")
}

fn contents(disk: &RealDisk, name: &str) -> Vec<u8> {
    let mut buffer = [0; 64];
    let count = disk.read_at(name, 0, &mut buffer).expect("the file is there");
    buffer[..count].to_vec()
}

#[test]
fn writes_allocates_truncates_and_replaces() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk = disk(dir.path());
    disk.create_dir("a/b").expect("made");
    assert_eq!(disk.length("a/b/file").expect("asked"), None);
    disk.write_at("a/b/file", 2, b"hours").expect("written");
    disk.sync("a/b/file").expect("synced");
    assert_eq!(contents(&disk, "a/b/file"), b"\0\0hours");
    disk.allocate("a/b/file", 9).expect("allocated");
    assert_eq!(contents(&disk, "a/b/file"), b"\0\0hours\0\0");
    disk.allocate("a/b/file", 3).expect("never shortens");
    assert_eq!(disk.length("a/b/file").expect("asked"), Some(9));
    disk.truncate("a/b/file", 3).expect("cut");
    assert_eq!(contents(&disk, "a/b/file"), b"\0\0h");
    disk.replace("a/b/file", b"whole").expect("replaced");
    assert_eq!(contents(&disk, "a/b/file"), b"whole");
    assert_eq!(disk.list("a/b").expect("listed"), ["file"]);
    assert!(disk.list("nowhere").expect("listed").is_empty());
    disk.remove("a/b/file").expect("removed");
    disk.remove("a/b/file").expect("no error when missing");
    assert_eq!(disk.length("a/b/file").expect("asked"), None);
}

#[test]
fn names_stay_inside_the_root() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk = disk(dir.path());
    for name in ["../out", "/etc/passwd", "a/../../out"] {
        let refused = disk.write_at(name, 0, b"x").expect_err("outside the root");
        assert_eq!(refused.failure, Failure::BadName, "{name}");
    }
}

#[test]
fn a_second_holder_learns_who_has_the_lock() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let first = disk(dir.path());
    let held = first.lock("lock").expect("free");
    let refused = disk(dir.path()).lock("lock").err().expect("held");
    assert_eq!(refused.failure, Failure::Held(Some(HOLDER)));
    drop(held);
    first.lock("lock").expect("free again");
}

/// A child has a copy of every open file from its fork to its exec, locks included: a copy of an ally's log that was opened
/// again at once was held by nobody, and closed until a restart.
#[test]
fn a_lock_that_was_dropped_is_free_whatever_processes_are_started_meanwhile() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk = disk(dir.path());
    let starts = std::thread::spawn(|| {
        for _ in 0..300 {
            let ended = std::process::Command::new("true").status();
            assert!(ended.expect("every Unix has it").success());
        }
    });
    let mut locked = 0_u32;
    while !starts.is_finished() {
        drop(disk.lock("lock").expect("nobody holds it"));
        locked += 1;
    }
    starts.join().expect("they ran");
    assert!(locked > 20, "only {locked} times");
}

#[test]
fn a_failed_write_poisons_the_file_for_good() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk = disk(dir.path());
    disk.write_at("file", 0, b"x").expect("written");
    // Beyond the largest offset that any file system takes: the operating system refuses it.
    disk.write_at("file", u64::MAX / 2, b"x").expect_err("too large");
    for refused in [disk.write_at("file", 0, b"y"), disk.sync("file"), disk.truncate("file", 0)] {
        assert_eq!(refused.expect_err("poisoned").failure, Failure::Poisoned);
    }
    assert_eq!(contents(&disk, "file"), b"x", "reading still works");
}

#[test]
fn many_files_stay_within_the_bound() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk = disk(dir.path());
    for number in 0..200 {
        let name = format!("{number}");
        disk.write_at(&name, 0, name.as_bytes()).expect("written");
        disk.sync(&name).expect("synced");
    }
    assert!(disk.files().open.len() <= FILES_OPEN_MAX);
    assert_eq!(contents(&disk, "7"), b"7");
}

#[test]
fn a_copy_has_another_birth() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk = disk(dir.path());
    disk.write_at("file", 0, b"x").expect("written");
    let birth = disk.birth("file").expect("there");
    assert_eq!(birth, disk.birth("file").expect("there"));
    std::fs::copy(dir.path().join("file"), dir.path().join("copy")).expect("copied");
    assert_ne!(birth, disk.birth("copy").expect("there"));
}
