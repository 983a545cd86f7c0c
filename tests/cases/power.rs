//! Whole programs on file systems that fail: the power goes, syncs fail, the disk is full. What was
//! acknowledged must be there, no two checkpoints may contradict one another, and the node must say no.
//!
//! `PIRATE_POWER_CUTS` is how many cuts (4 when nothing is said), `PIRATE_SEED` repeats the moments of a run. What
//! a machine lacks the rights or programs for (mounting, `mkfs.ext4`, `strace`) is left out, by name.

#![allow(clippy::print_stdout, reason = "a run that fails must say how to repeat it")]
#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{fs, path::Path, time::Duration};

use harness::{
    chance,
    disk::Chance,
    outage::{Nodes, Seen, everything_holds, pay_meanwhile},
    processes::{Daemon, Site, Wallet, wait_for},
    rights::{self, with_rights},
    volume::{Disk, Volume},
};
use ledger::segments::SegmentsReader;
use node::home_dir::HomeDir;
use proto::{
    desk::{Call, Operator, Reply, Unavailable},
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, SignedOrder, Statement},
};

/// Cuts in a run, when nothing is said.
const CUTS: u64 = 4;
/// Longest time between two cuts, in milliseconds: some hundred payments.
const ALONE_MS_MAX: u64 = 400;
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

/// Returns the seed of a run and how many cuts it has.
fn run() -> (u64, u64) {
    let seed = chance::seed();
    let cuts = std::env::var("PIRATE_POWER_CUTS")
        .map_or(CUTS, |text| text.parse().expect("PIRATE_POWER_CUTS is a number"));
    println!("{}={seed} PIRATE_POWER_CUTS={cuts}", chance::SEED);
    (seed, cuts)
}

/// On a machine that must show everything, `PIRATE_LEFT_OUT_MAX=0` makes this fail where it cannot.
#[test]
fn what_this_machine_cannot_show_is_named_and_counted() {
    let out = rights::left_out();
    let most = std::env::var("PIRATE_LEFT_OUT_MAX")
        .map_or(rights::CASES.len(), |text| text.parse().expect("PIRATE_LEFT_OUT_MAX is a number"));
    assert!(out.len() <= most, "{} are left out, at most {most}", out.len());
}

#[test]
fn what_was_acknowledged_survives_every_power_cut() {
    with_rights("power::what_was_acknowledged_survives_every_power_cut", || {
        let (seed, cuts) = run();
        let place = folder();
        let at = place.path().join("mounted");
        let mut disk = Disk::new(place.path(), &at).expect("it could be mounted a moment ago");
        // The second cité has a disk that never fails, and is the first one's mirror.
        let sites = [Site::found(&at, "tisserandes"), Site::found(place.path(), "mariniers")];
        let mut nodes = Nodes::new(&sites);
        let mut chance = Chance(seed);
        let seen = pay_meanwhile(&sites, |seen| {
            for cut in 0..cuts {
                std::thread::sleep(Duration::from_millis(chance.below(ALONE_MS_MAX)));
                nodes.running(0).hold();
                disk.freeze();
                nodes.kill(0);
                disk.back();
                nodes.start(0);
                seen.goes_on(0, &format!("power cut {cut} of {seed}"));
            }
        });
        everything_holds(&sites, nodes, &seen);
    });
}

/// Nobody stands still here, and the cut comes in the middle of a write, a sync, or a start. What was
/// acknowledged meanwhile counts as well.
#[test]
fn the_power_may_go_in_the_middle_of_a_sync() {
    with_rights("power::the_power_may_go_in_the_middle_of_a_sync", || {
        let (seed, cuts) = run();
        let place = folder();
        let at = place.path().join("mounted");
        let mut disk = Disk::new(place.path(), &at).expect("it could be mounted a moment ago");
        let sites = [Site::found(&at, "tisserandes"), Site::found(place.path(), "mariniers")];
        let mut nodes = Nodes::new(&sites);
        let mut chance = Chance(seed);
        let seen = pay_meanwhile(&sites, |seen| {
            for cut in 0..cuts {
                std::thread::sleep(Duration::from_millis(chance.below(ALONE_MS_MAX)));
                disk.cut();
                nodes.kill(0);
                disk.freeze();
                disk.back();
                if chance.below(3) == 0 {
                    let after = Duration::from_millis(chance.below(300));
                    nodes.interrupt_while_starting(0, after, || disk.cut());
                    disk.freeze();
                    disk.back();
                }
                nodes.start(0);
                seen.goes_on(0, &format!("power cut {cut} of {seed}"));
                a_stranger_finds_everything(&sites[0], seen, place.path());
            }
        });
        everything_holds(&sites, nodes, &seen);
    });
}

/// What was acknowledged is in a bundle that anybody makes and verifies.
fn a_stranger_finds_everything(site: &Site, seen: &Seen, place: &Path) {
    let last = seen.last_leaf(0);
    let file = place.join("bundle").display().to_string();
    // A bundle replaces no file that is there.
    drop(std::fs::remove_file(&file));
    let bundle = site.home.data(&["audit", "bundle", "-o", &file]);
    assert!(bundle["size"].as_u64() > last, "leaf {last:?} was acknowledged: {bundle}");
    // Verified; 20 where the last entries are not countersigned yet.
    let verdict = site.home.run(&["audit", "verify", &file]);
    assert!(matches!(verdict.code, Some(0 | 20)), "{verdict:?}");
}

/// What makes the case above say anything: a node whose syncs do nothing loses what it acknowledged.
#[test]
fn without_syncs_a_power_cut_takes_what_was_acknowledged() {
    with_rights("power::without_syncs_a_power_cut_takes_what_was_acknowledged", || {
        let place = folder();
        let at = place.path().join("mounted");
        let mut disk = Disk::new(place.path(), &at).expect("it could be mounted a moment ago");
        let site = Site::found(&at, "tisserandes");
        let node = Daemon::start_under(&strace("/dev/null", "retval=0"), &site.home, &[]);
        let mut wallet = site.wallet(1);
        let leaf = (0..20).map(|_| recorded(&site, &mut wallet)).last().expect("twenty");
        node.hold();
        disk.freeze();
        node.kill();
        disk.back();
        let dir = HomeDir::new(site.home.node()).look().expect("the directory is there");
        let kept = SegmentsReader::open_found(dir, "log").map_or(0, |log| log.len());
        assert!(kept <= leaf, "{kept} entries are there although nothing was synced");
    });
}

#[test]
fn a_sync_that_fails_is_not_tried_again() {
    with_rights("power::a_sync_that_fails_is_not_tried_again", || {
        let place = folder();
        let site = Site::found(place.path(), "tisserandes");
        let calls = place.path().join("calls");
        let calls = calls.to_str().expect("temporary paths are ASCII");
        // The start needs a few syncs; from the fortieth on all fail.
        let node = Daemon::start_under(&strace(calls, "error=EIO:when=40+"), &site.home, &[]);
        let mut wallet = site.wallet(1);
        let mut acknowledged = Vec::new();
        let refusal = loop {
            let order = pay(&site, &wallet);
            match submit(&site, &order) {
                Reply::Recorded(receipt) => {
                    wallet.recorded(&order);
                    acknowledged.push((order, receipt.leaf));
                }
                other => break other,
            }
        };
        assert_eq!(refusal, Reply::Unavailable(Unavailable::CannotWrite));
        assert!(node.said().contains("the disk failed"), "{}", node.said());
        let status = site.home.run(&["node", "status", "--check", "--json"]);
        assert!(status.out.contains("P0207"), "{status:?}");
        assert_eq!(submit(&site, &pay(&site, &wallet)), refusal, "it stays at no");
        let failed = fs::read_to_string(calls).expect("strace wrote it");
        let failed = failed.lines().filter(|call| call.contains("INJECTED")).count();
        assert_eq!(failed, 1, "one sync failed, and none was tried after it");
        node.kill();
        let _node = Daemon::start(&site.home, &[]);
        for (order, leaf) in acknowledged {
            let Reply::Recorded(receipt) = submit(&site, &order) else {
                panic!("an order is gone")
            };
            assert_eq!(receipt.leaf, leaf);
        }
        recorded(&site, &mut wallet);
    });
}

#[test]
fn a_full_disk_is_said_and_takes_nothing() {
    with_rights("power::a_full_disk_is_said_and_takes_nothing", || {
        let place = folder();
        let at = place.path().join("small");
        let _small = Volume::in_memory(&at, 70 * 1_024 * 1_024).expect("it could be mounted");
        let site = Site::found(&at, "tisserandes");
        let mut node = Daemon::start(&site.home, &[]);
        let mut wallet = site.wallet(1);
        let mut last = recorded(&site, &mut wallet);
        // Nearly full: it says no while there is still room to say it, and goes on by itself.
        let filler = at.join("filler");
        let fill = |bytes| fs::write(&filler, vec![1; bytes]);
        fill(40 * 1_024 * 1_024).expect("there is room");
        wait_for("a node that sees that its disk is nearly full", || {
            let reply = site.desk().ok()?.call(None, Call::Operator(Operator::Status)).ok()?;
            let Reply::Status(status) = reply else { panic!("{reply:?}") };
            (status.signing == Err(Unavailable::DiskFull)).then_some(())
        });
        let order = pay(&site, &wallet);
        assert_eq!(submit(&site, &order), Reply::Unavailable(Unavailable::DiskFull));
        for (lang, room) in [("fr", "disque"), ("en", "disk")] {
            let said = site.home.run(&["node", "status", "--check", "--lang", lang]);
            assert_eq!(said.code, Some(1), "{said:?}");
            assert!(said.out.contains("P0208") && said.out.contains(room), "{said:?}");
        }
        fs::remove_file(&filler).expect("it is ours");
        wait_for("a node that goes on by itself", || {
            matches!(submit(&site, &order), Reply::Recorded(_)).then_some(())
        });
        wallet.recorded(&order);
        // Full to the last byte in the middle of things: whatever it answered "recorded" is there.
        for round in 0..6 {
            let full = fill(70 * 1_024 * 1_024);
            assert!(full.is_err(), "round {round}: it is full");
            let order = pay(&site, &wallet);
            let reply = submit(&site, &order);
            if let Reply::Recorded(receipt) = &reply {
                wallet.recorded(&order);
                last = receipt.leaf;
            } else {
                let no = [Unavailable::DiskFull, Unavailable::CannotWrite];
                assert!(no.map(Reply::Unavailable).contains(&reply), "{reply:?}");
            }
            fs::remove_file(&filler).expect("it is ours");
            node.kill();
            node = Daemon::start(&site.home, &[]);
            last = last.max(recorded(&site, &mut wallet));
        }
        let dir = HomeDir::new(site.home.node()).look().expect("the directory is there");
        let log = SegmentsReader::open_found(dir, "log").expect("the log is sound");
        assert!(log.len() > last);
    });
}

/// Returns the words that run a program under strace with all its syncs met by a fault. The tracer stands
/// aside (`-D`), so that the node is our own child.
fn strace(calls: &str, fault: &str) -> Vec<String> {
    let inject = format!("inject=fsync,fdatasync:{fault}");
    let line =
        ["strace", "-D", "-f", "-qq", "-o", calls, "-e", "trace=fsync,fdatasync", "-e", &inject];
    line.map(str::to_owned).to_vec()
}

fn pay(site: &Site, wallet: &Wallet<'_>) -> SignedOrder {
    let payee = Account::Member(site.people.get(2).expect("three people live here").id);
    let pay = Pay { payee, minutes: Minutes(15), request: None };
    wallet.sign(Head::empty(), Statement::Pay(pay))
}

/// Submits an order, again while the node is only starting to sign.
fn submit(site: &Site, order: &SignedOrder) -> Reply {
    wait_for("a node that is awake", || {
        let reply = site.desk().ok()?.submit(order).ok()?;
        (reply != Reply::Unavailable(Unavailable::Waking)).then_some(reply)
    })
}

/// Pays, and returns the leaf.
fn recorded(site: &Site, wallet: &mut Wallet<'_>) -> u64 {
    let order = pay(site, wallet);
    let Reply::Recorded(receipt) = submit(site, &order) else { panic!("a payment is refused") };
    wallet.recorded(&order);
    receipt.leaf
}
