//! Crashes: the power fails, a write fails, a bit flips, at every single call of a run; and images of a
//! log come back that must not sign. Nothing that was acknowledged is ever lost (invariants L1 to L3).

use std::{collections::BTreeMap, path::Path, sync::Arc};

use harness::{
    chance,
    disk::{Calls, Fault, FaultyDisk},
    people::{self, House, TODAY},
    world::{Wallet, found},
};
use ledger::{
    disk::Disk,
    guard::Distrust,
    home::{Dormant, Home, HomeError, Submitted},
    scrub::Scrub,
    segments::WINDOW_BYTES_MIN,
};
use proto::{
    checkpoint::Checkpoint,
    entry::Payload,
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, SignedOrder, Statement},
    time::UnixMillis,
};

/// The file of the log.
const LOG: &str = "log/00000000.seg";

/// Commits of the run in which the power fails.
const COMMITS: u64 = 40;

/// Commits of the other runs: every call of a commit comes in each of them.
const FEW: u64 = 8;

/// A cité whose two members pay one another, and everything that its home ever promised.
struct Run {
    house: House,
    wallets: [Wallet; 2],
    /// Signed and not yet acknowledged: a wallet's outbox.
    outbox: Vec<SignedOrder>,
    /// Orders that were acknowledged, with their leaves.
    acknowledged: Vec<(SignedOrder, u64)>,
    /// Heads that were signed.
    signed: Vec<Checkpoint>,
    now: UnixMillis,
}

impl Run {
    fn new() -> Self {
        let house = people::mariniers();
        let wallets = ["zoe", "marcel"].map(|name| Wallet::new(name, &house));
        let (outbox, acknowledged, signed) = (Vec::new(), Vec::new(), Vec::new());
        Self { house, wallets, outbox, acknowledged, signed, now: TODAY.start() }
    }

    fn found(&mut self, disk: &Arc<FaultyDisk>, index: &Path) -> Result<Home, HomeError> {
        let disk: Arc<dyn Disk> = disk.clone();
        let home = found(&self.house, &["zoe", "marcel"], disk, index, self.now)?;
        self.signed.push(*home.checkpoint());
        Ok(home)
    }

    fn open(&self, disk: &Arc<FaultyDisk>, index: &Path) -> Result<Dormant, HomeError> {
        Dormant::open(disk.clone(), index, self.house.id, self.house.log.clone())
    }

    /// A payment and a commit, which tries what the outbox still holds as well.
    fn step(&mut self, home: &mut Home) -> Result<(), HomeError> {
        self.now = self.now.plus(1_000);
        // Those who were paid pay next, so that nobody meets a limit.
        self.wallets.reverse();
        let [payer, payee] = &mut self.wallets;
        let payee = Account::Member(payee.person.id);
        let pay = Pay { payee, minutes: Minutes(15), request: None };
        self.outbox.push(payer.sign(Head::empty(), Statement::Pay(pay)));
        let mut leaves = Vec::new();
        for order in &self.outbox {
            leaves.push(match home.submit(self.now, order.clone()).expect("an honest payment") {
                Submitted::Pending(leaf) | Submitted::Recorded(leaf) => leaf,
            });
        }
        let committed = home.commit(self.now)?.expect("payments wait");
        self.signed.push(committed.checkpoint);
        self.acknowledged.extend(self.outbox.drain(..).zip(leaves));
        Ok(())
    }

    /// Founds, and goes on until the end or the first failure.
    fn go(
        &mut self,
        disk: &Arc<FaultyDisk>,
        index: &Path,
        commits: u64,
    ) -> Result<Home, HomeError> {
        let mut home = self.found(disk, index)?;
        for _ in 0..commits {
            if let Err(error) = self.step(&mut home) {
                assert!(home.is_stopped(), "it failed and goes on: {error}");
                let again = home.commit(self.now);
                assert!(matches!(again, Err(HomeError::Stopped)), "it says yes again");
                assert_eq!(home.checkpoint(), self.signed.last().expect("founded"));
                return Err(error);
            }
        }
        Ok(home)
    }

    /// Checks that a home keeps every promise that was ever made, and that its log ends in a seal.
    fn check(&self, home: &Home, what: &str) {
        let head = home.checkpoint().head;
        for checkpoint in &self.signed {
            assert!(checkpoint.head.size <= head.size, "{what}: a signed head is above the log");
            let root = home.root_at(checkpoint.head.size).expect("inside the log");
            assert_eq!(root, checkpoint.head.root, "{what}: two histories were signed");
        }
        for (order, leaf) in &self.acknowledged {
            assert_eq!(home.leaf_of(&order.id()), Some(*leaf), "{what}: an order is lost");
        }
        let last = home.entry(head.size - 1).expect("inside the log");
        assert!(matches!(last.payload, Payload::Seal(_)), "{what}: a tail without a seal");
        assert_eq!(home.state().sum().map(|sum| sum.0), Some(0));
    }

    /// Goes on after a failure on the disk that was left, and checks everything.
    fn resume(&mut self, disk: FaultyDisk, index: &Path, what: &str) {
        let disk = Arc::new(disk);
        let dormant = match self.open(&disk, index) {
            Ok(dormant) if dormant.distrust().is_none() => dormant,
            // A founding that was cut off has promised nothing; the directory is emptied by hand.
            refused => {
                let why = refused.map(|dormant| dormant.distrust().copied()).err();
                assert!(self.signed.is_empty(), "{what}: it does not open again: {why:?}");
                return;
            }
        };
        let mut home = dormant.start(self.now).expect("this is the image that signed");
        self.signed.push(*home.checkpoint());
        self.check(&home, what);
        for _ in 0..2 {
            self.step(&mut home).expect("a sound disk");
        }
        self.check(&home, what);
    }
}

/// Lets a run fail with `fault` at each of its calls; after each, the power is cut as well.
#[expect(clippy::print_stdout, reason = "whatever fails below, its seed stands in the output")]
fn at_every_call(fault: Fault, commits: u64) {
    let seed = chance::seed();
    println!("{}={seed}", chance::SEED);
    let sound = Arc::new(FaultyDisk::new(1));
    let index = tempfile::tempdir().expect("a temporary directory");
    let mut run = Run::new();
    let home = run.go(&sound, index.path(), commits).expect("a sound disk");
    run.check(&home, "without a fault");
    let calls = sound.changes();
    assert!(calls > 4 * commits, "each commit writes and syncs log and guard");
    let mut failed = 0;
    for call in 1..=calls {
        let index = tempfile::tempdir().expect("a temporary directory");
        let disk = Arc::new(FaultyDisk::new(1));
        disk.fail(Calls::Changes, call, fault);
        let mut run = Run::new();
        let stopped = run.go(&disk, index.path(), commits).err();
        failed += u64::from(stopped.is_some());
        let what = format!("{}={seed}, {fault:?} at call {call}: {stopped:?}", chance::SEED);
        run.resume(disk.reboot(seed ^ call), index.path(), &what);
    }
    assert!(failed > 0 && (fault == Fault::Flipped || failed == calls), "{failed} of {calls}");
}

/// Invariant L1.
#[test]
fn the_power_may_fail_at_any_call() {
    at_every_call(Fault::PowerCut, COMMITS);
}

/// Invariant L5.
#[test]
fn any_call_may_fail() {
    at_every_call(Fault::Broken, FEW);
}

#[test]
fn the_disk_may_be_full_at_any_call() {
    at_every_call(Fault::Full, FEW);
}

#[test]
fn any_write_may_flip_a_bit() {
    at_every_call(Fault::Flipped, FEW);
}

/// Invariant L2.
#[test]
fn what_cannot_be_read_back_is_not_signed() {
    let disk = Arc::new(FaultyDisk::new(1));
    let index = tempfile::tempdir().expect("a temporary directory");
    let mut run = Run::new();
    let mut home = run.go(&disk, index.path(), 3).expect("a sound disk");
    disk.fail(Calls::Reads, 1, Fault::Broken);
    assert!(run.step(&mut home).is_err());
    assert!(home.is_stopped());
    assert_eq!(home.checkpoint(), run.signed.last().expect("founded"));
    drop(home);
    run.resume(disk.reboot(7), index.path(), "after a failed read");
}

/// Invariants L2 and L7, where a disk writes to the wrong place: what was meant is missed at once, what was hit by a scrub.
#[test]
fn a_write_that_lands_elsewhere_is_neither_signed_nor_believed() {
    for seed in 0..FEW {
        let disk = Arc::new(FaultyDisk::new(1));
        let index = tempfile::tempdir().expect("a temporary directory");
        let mut run = Run::new();
        let mut home = run.go(&disk, index.path(), 3).expect("a sound disk");
        let written = disk.contents(LOG).iter().rposition(|byte| *byte != 0).expect("entries");
        disk.misdirect(seed, BTreeMap::from([(LOG.to_owned(), written / 2)]));
        assert!(run.step(&mut home).is_err(), "seed {seed}");
        let landed = disk.landed().expect("it went astray");
        assert!(home.is_stopped(), "{landed}");
        assert_eq!(home.checkpoint(), run.signed.last().expect("founded"), "{landed}");
        let cite = run.house.id;
        drop(home);
        let mut scrub = Scrub::begin(disk, cite, false).expect("a sound disk");
        while scrub.step(WINDOW_BYTES_MIN).expect("a sound disk") {}
        assert!(scrub.reports().iter().any(|report| !report.flaws.is_empty()), "{landed}");
    }
}

#[test]
fn only_one_process_writes_a_log() {
    let disk = Arc::new(FaultyDisk::new(1));
    let index = tempfile::tempdir().expect("a temporary directory");
    let mut run = Run::new();
    let home = run.go(&disk, index.path(), 1).expect("a sound disk");
    let second = tempfile::tempdir().expect("a temporary directory");
    assert!(run.open(&disk, second.path()).is_err(), "two homes over one log");
    drop(home);
    run.open(&disk, index.path()).expect("the lock is free again");
}

#[test]
fn a_log_is_founded_once() {
    let disk = Arc::new(FaultyDisk::new(1));
    let index = tempfile::tempdir().expect("a temporary directory");
    let mut run = Run::new();
    drop(run.go(&disk, index.path(), 1).expect("a sound disk"));
    assert!(run.found(&disk, index.path()).is_err(), "a second founding over an old log");
    let home = run.open(&disk, index.path()).expect("opened").start(run.now).expect("unharmed");
    run.check(&home, "after a second founding");
}

#[test]
fn another_key_signs_nothing() {
    let disk = Arc::new(FaultyDisk::new(1));
    let index = tempfile::tempdir().expect("a temporary directory");
    let mut run = Run::new();
    drop(run.go(&disk, index.path(), 1).expect("a sound disk"));
    let other = people::ruchers().log;
    let opened = Dormant::open(disk, index.path(), run.house.id, other);
    assert!(matches!(opened, Err(HomeError::LogKey)));
}

/// Returns a disk after `early` commits and as it is after some more, with what was promised until then.
fn two_images(early: u64) -> (FaultyDisk, Arc<FaultyDisk>, Run) {
    let disk = Arc::new(FaultyDisk::new(1));
    let index = tempfile::tempdir().expect("a temporary directory");
    let mut run = Run::new();
    let mut home = run.go(&disk, index.path(), early).expect("a sound disk");
    let image = disk.image();
    for _ in 0..5 {
        run.step(&mut home).expect("a sound disk");
    }
    (image, disk, run)
}

/// Opens an image, checks that it signs nothing, and returns why.
fn distrusted(run: &Run, disk: FaultyDisk) -> Distrust {
    let index = tempfile::tempdir().expect("a temporary directory");
    let dormant = run.open(&Arc::new(disk), index.path()).expect("it can be read");
    assert!(dormant.state().is_founded(), "it serves reads");
    let distrust = *dormant.distrust().expect("this image was restored or copied");
    let started = dormant.start(run.now);
    assert!(matches!(started, Err(HomeError::NotThisImage)), "a restored image signs");
    distrust
}

/// Invariant L3.
#[test]
fn restored_and_copied_images_sign_nothing() {
    let (old, new, run) = two_images(3);
    let rot_both = |disk: FaultyDisk| {
        disk.rot("guard", 60);
        disk.rot("guard", 4_096 + 60);
        disk
    };
    let without_guard = |disk: FaultyDisk| {
        disk.remove("guard").expect("a sound disk");
        disk
    };
    let old_log = |disk: FaultyDisk| {
        disk.overwrite_from(&old, "log/00000000.seg");
        disk
    };
    assert_eq!(distrusted(&run, old.restored(1)), Distrust::OtherFile);
    assert_eq!(distrusted(&run, new.restored(1)), Distrust::OtherFile);
    assert_eq!(distrusted(&run, new.restored(9)), Distrust::OtherMachine);
    assert_eq!(distrusted(&run, without_guard(new.image())), Distrust::Missing);
    assert_eq!(distrusted(&run, rot_both(new.image())), Distrust::Damaged);
    let signed = run.signed.last().expect("founded").head.size;
    assert_eq!(distrusted(&run, old_log(new.image())), Distrust::AboveLog { signed });
}

/// How far was signed is durable before anybody has the signature: a guard that a power cut sets back would trust an
/// older log beside it.
#[test]
fn the_guard_knows_of_every_signature_after_a_power_cut() {
    let (old, new, run) = two_images(3);
    let signed = run.signed.last().expect("founded").head.size;
    for seed in 0..20 {
        let disk = new.reboot(seed);
        disk.overwrite_from(&old, "log/00000000.seg");
        assert_eq!(distrusted(&run, disk), Distrust::AboveLog { signed }, "seed {seed}");
    }
}

#[test]
fn one_rotten_slot_of_the_guard_is_survived() {
    for slot in [0, 4_096] {
        let (_, disk, mut run) = two_images(3);
        let image = disk.image();
        image.rot("guard", slot + 60);
        let index = tempfile::tempdir().expect("a temporary directory");
        run.resume(image, index.path(), "with one slot");
    }
}

/// The residual risk that is told to those who run a node: here only the mirrors can notice
/// (`order::a_home_that_forgot_is_told_so`).
#[test]
fn a_whole_machine_rolled_back_looks_like_itself() {
    let (old, _, run) = two_images(3);
    let index = tempfile::tempdir().expect("a temporary directory");
    let dormant = run.open(&Arc::new(old), index.path()).expect("opened");
    assert_eq!(dormant.distrust(), None);
    assert!(dormant.head().size < run.signed.last().expect("founded").head.size);
}
