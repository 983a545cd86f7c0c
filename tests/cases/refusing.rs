//! A real disk that refuses under a running node: any sync of a commit fails, it turns read-only, what carries
//! it is full. The node stops saying yes and never tries that sync again; after a start everything that was
//! acknowledged is there.

#![allow(clippy::print_stdout, reason = "a run that fails must say at which call")]
#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

mod paying;

use harness::{
    processes::{Daemon, Site, Traced},
    rights::with_rights,
    volume::{Disk, Volume},
};
use proto::desk::Unavailable;

use paying::Paying;

/// Syncs of a thread that fail, each in a run of its own: those of two commits and one more. A commit syncs the
/// log and the guard.
const NTH_MAX: u64 = 5;

const MIB: u64 = 1_024 * 1_024;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

#[test]
fn any_sync_of_a_commit_may_fail() {
    with_rights("refusing::any_sync_of_a_commit_may_fail", || {
        let failed: Vec<String> = (1..=NTH_MAX).map(a_sync_fails).collect();
        println!("{failed:#?}");
        for part in ["/log/", "/guard"] {
            let met = failed.iter().any(|file| file.contains(part));
            assert!(met, "no sync of {part} failed: {failed:?}");
        }
    });
}

/// Lets one sync fail and returns which file's it was.
fn a_sync_fails(nth: u64) -> String {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let mut paying = Paying::new(&site);
    let node = Daemon::start(&site.home, &[]);
    paying.pay_times(2);
    let log = place.path().join("calls");
    let traced = Traced::failing(node.running.pid, "fdatasync", nth, &log);
    assert_eq!(paying.pay_until_no(), Unavailable::CannotWrite);
    paying.stays_at_no(&node);
    node.kill();
    let calls = traced.calls();
    let failed = calls.iter().position(|call| call.contains("(INJECTED)"));
    let failed = failed.unwrap_or_else(|| panic!("nothing failed: {calls:#?}"));
    let file = synced(&calls[failed]).expect("a sync is of a file").to_owned();
    let again = calls[failed + 1..].iter().find(|call| synced(call) == Some(&file));
    assert_eq!(again, None, "after {}", calls[failed]);
    let _node = Daemon::start(&site.home, &[]);
    paying.everything_is_there();
    file
}

/// Returns the file of a line such as `4711 fdatasync(9</tmp/log/00000000.seg>) = 0`.
fn synced(call: &str) -> Option<&str> {
    Some(call.split_once('<')?.1.split_once('>')?.0)
}

#[test]
fn a_disk_that_turns_read_only_stops_the_node() {
    with_rights("refusing::a_disk_that_turns_read_only_stops_the_node", || {
        let place = folder();
        let at = place.path().join("mounted");
        let mut disk = Disk::new(place.path(), &at).expect("it could be mounted a moment ago");
        let site = Site::found(&at, "tisserandes");
        let mut paying = Paying::new(&site);
        let node = Daemon::start(&site.home, &[]);
        paying.pay_times(5);
        disk.give_up();
        assert_eq!(paying.pay_until_no(), Unavailable::CannotWrite);
        paying.stays_at_no(&node);
        node.kill();
        disk.freeze();
        disk.back();
        let _node = Daemon::start(&site.home, &[]);
        paying.everything_is_there();
    });
}

/// The disk says that it has room; what carries it has none. So a write succeeds and its sync fails, and when
/// there is room again another sync may succeed: whoever tries it takes lost bytes for durable ones.
#[test]
fn a_thin_disk_whose_store_is_full_stops_the_node() {
    with_rights("refusing::a_thin_disk_whose_store_is_full_stops_the_node", || {
        let place = folder();
        let at = place.path().join("mounted");
        let below = place.path().join("below");
        let store = Volume::in_memory(&below, 64 * MIB).expect("it could be mounted a moment ago");
        let mut disk = Disk::new(&below, &at).expect("it could be mounted a moment ago");
        let site = Site::found(&at, "tisserandes");
        let mut paying = Paying::new(&site);
        let node = Daemon::start(&site.home, &[]);
        paying.pay_times(5);
        let filler = store.fill();
        assert_eq!(paying.pay_until_no(), Unavailable::CannotWrite);
        std::fs::remove_file(filler).expect("it is ours");
        paying.stays_at_no(&node);
        node.kill();
        disk.freeze();
        disk.back();
        let _node = Daemon::start(&site.home, &[]);
        paying.everything_is_there();
    });
}
