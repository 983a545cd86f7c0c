//! The watermark only rises, survives torn slots, and a copy of it lets nobody sign.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use proto::hash::{tree_empty, tree_leaf};

use super::*;
use crate::disk::tests::disk;

const IDENTITY: Hash = Hash([3; 32]);

fn head(size: u64) -> Head {
    Head { size, root: if size == 0 { tree_empty() } else { tree_leaf(&size.to_le_bytes()) } }
}

fn root_at(len: u64) -> impl FnOnce(u64) -> Result<Option<Hash>, DiskError> {
    move |size| Ok((size <= len).then(|| head(size).root))
}

struct Place {
    dir: tempfile::TempDir,
    disk: Arc<dyn Disk>,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let disk: Arc<dyn Disk> = Arc::new(disk(dir.path()));
        disk.write_at("segment", 0, b"x").expect("written");
        Self { dir, disk }
    }

    fn seat(&self) -> Seat {
        Seat::of(&*self.disk, "segment", IDENTITY, 0).expect("the segment is there")
    }

    fn create(&self) -> Guard {
        Guard::create(Arc::clone(&self.disk), "guard", self.seat()).expect("created")
    }

    fn open(&self, here: Seat, len: u64) -> Result<Guard, Distrust> {
        match Guard::open(Arc::clone(&self.disk), "guard", here, root_at(len)).expect("read") {
            Opened::Trusted(guard) => Ok(guard),
            Opened::Distrusted(distrust) => Err(distrust),
        }
    }

    fn distrust(&self, here: Seat, len: u64) -> Distrust {
        self.open(here, len).err().expect("distrusted")
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.dir.path().join("guard")).expect("the guard is there")
    }
}

#[test]
fn the_watermark_rises_and_is_durable_before_the_permit() {
    let place = Place::new();
    let mut guard = place.create();
    for (size, time) in [(1, 10), (5, 10), (5, 10), (9, 30)] {
        let permit = guard.raise(head(size), UnixMillis(time)).expect("raised");
        assert_eq!((permit.identity(), permit.incarnation()), (IDENTITY, 0));
        assert_eq!(permit.head(), head(size));
        let reopened = place.open(place.seat(), 9).expect("all matches");
        assert_eq!((reopened.head(), reopened.time()), (head(size), UnixMillis(time)));
    }
    let late = UnixMillis(40);
    let lower = guard.raise(head(8), late);
    assert!(matches!(lower, Err(GuardError::Lower { signed: 9, asked: 8 })));
    let other = guard.raise(Head { size: 9, root: tree_empty() }, late);
    assert!(matches!(other, Err(GuardError::OtherRoot { size: 9 })));
    let earlier = guard.raise(head(10), UnixMillis(29));
    assert!(matches!(earlier, Err(GuardError::Earlier)));
    assert_eq!(guard.head(), head(9), "a refusal changes nothing");
    assert_eq!(place.open(place.seat(), 9).expect("all matches").head(), head(9));
}

#[test]
fn each_reason_for_distrust_has_its_name() {
    let place = Place::new();
    assert_eq!(place.distrust(place.seat(), 0), Distrust::Missing);
    let mut guard = place.create();
    place.open(place.seat(), 0).expect("nothing was signed yet");
    let _permit = guard.raise(head(7), UnixMillis(1)).expect("raised");
    let seat = place.seat();
    let rows = [
        (Seat { machine: MachineId([1; 32]), ..seat }, 7, Distrust::OtherMachine),
        (Seat { birth: Birth { born_ns: 1, ..seat.birth }, ..seat }, 7, Distrust::OtherFile),
        (Seat { birth: Birth { inode: 1, ..seat.birth }, ..seat }, 7, Distrust::OtherFile),
        (Seat { identity: Hash([4; 32]), ..seat }, 7, Distrust::OtherLog),
        (Seat { incarnation: 2, ..seat }, 7, Distrust::OtherIncarnation { guard: 0, log: 2 }),
        (seat, 6, Distrust::AboveLog { signed: 7 }),
    ];
    for (here, len, expected) in rows {
        assert_eq!(place.distrust(here, len), expected);
    }
    place.open(seat, 7).expect("just long enough");
    place.open(seat, 8).expect("longer than signed");
    let branch = Guard::open(Arc::clone(&place.disk), "guard", seat, |_| {
        Ok::<_, DiskError>(Some(tree_empty()))
    });
    assert!(matches!(branch, Ok(Opened::Distrusted(Distrust::OtherBranch { signed: 7 }))));
}

#[test]
fn a_restored_copy_of_the_directory_is_distrusted() {
    let place = Place::new();
    let _permit = place.create().raise(head(7), UnixMillis(1)).expect("raised");
    let copy = Place::new();
    for name in ["guard", "segment"] {
        std::fs::copy(place.dir.path().join(name), copy.dir.path().join(name)).expect("copied");
    }
    assert_eq!(copy.distrust(copy.seat(), 7), Distrust::OtherFile);
}

#[test]
fn a_slot_torn_at_any_byte_leaves_the_older_one() {
    let place = Place::new();
    let mut guard = place.create();
    let mut before = place.bytes();
    for size in 1..4 {
        let _permit = guard.raise(head(size), UnixMillis(size)).expect("raised");
        let after = place.bytes();
        let changed: Vec<usize> = (0..after.len()).filter(|at| after[*at] != before[*at]).collect();
        for tear in &changed {
            // The bytes before the tear are new, those behind it old; and the other way round.
            for flip in [false, true] {
                let mixed = after
                    .iter()
                    .zip(&before)
                    .enumerate()
                    .map(|(at, (new, old))| if (at < *tear) != flip { *new } else { *old });
                let mixed: Vec<u8> = mixed.collect();
                place.disk.replace("guard", &mixed).expect("replaced");
                let read = place.open(place.seat(), 9).expect("one slot is good").head();
                let whole = mixed == after;
                assert_eq!(read, head(if whole { size } else { size - 1 }), "{tear} {flip}");
            }
        }
        place.disk.replace("guard", &after).expect("replaced");
        before = after;
    }
}

#[test]
fn any_flipped_bit_spoils_its_slot_only_and_both_spoiled_are_damage() {
    let place = Place::new();
    let mut guard = place.create();
    let _permit = guard.raise(head(1), UnixMillis(1)).expect("raised");
    let good = place.bytes();
    let second = usize::try_from(SLOT_SPACING_BYTES).expect("small");
    for bit in 0..SLOT_BYTES * 8 {
        let mut flipped = good.clone();
        flipped[second + bit / 8] ^= 1 << (bit % 8);
        place.disk.replace("guard", &flipped).expect("replaced");
        assert_eq!(place.open(place.seat(), 9).expect("the first is good").head(), head(0));
        flipped[bit / 8] ^= 1 << (bit % 8);
        place.disk.replace("guard", &flipped).expect("replaced");
        assert_eq!(place.distrust(place.seat(), 9), Distrust::Damaged);
    }
    for length in [0, 1, SLOT_BYTES - 1] {
        place.disk.replace("guard", &good[..length]).expect("replaced");
        assert_eq!(place.distrust(place.seat(), 9), Distrust::Damaged);
    }
}

#[test]
fn a_guard_is_made_once_and_succeeded_only_by_a_later_incarnation() {
    let place = Place::new();
    let _permit = place.create().raise(head(7), UnixMillis(1)).expect("raised");
    let create = Guard::create(Arc::clone(&place.disk), "guard", place.seat());
    assert!(matches!(create, Err(GuardError::AlreadyThere)));
    let succeed = |incarnation| {
        let seat = Seat { incarnation, ..place.seat() };
        Guard::succeed(Arc::clone(&place.disk), "guard", seat)
    };
    assert!(matches!(succeed(0), Err(GuardError::AlreadyThere)));
    drop(succeed(1).expect("a later incarnation"));
    // Whoever was interrupted before anything was signed tries again, in the same seat only.
    let elsewhere = Seat { incarnation: 1, machine: MachineId([b'2'; 32]), ..place.seat() };
    let elsewhere = Guard::succeed(Arc::clone(&place.disk), "guard", elsewhere);
    assert!(matches!(elsewhere, Err(GuardError::AlreadyThere)));
    let mut guard = succeed(1).expect("nothing was signed");
    let permit = guard.raise(head(3), UnixMillis(1)).expect("a new incarnation starts at its base");
    assert_eq!(permit.incarnation(), 1);
    assert!(matches!(succeed(1), Err(GuardError::AlreadyThere)));
}

#[test]
fn a_failed_write_ends_all_permits() {
    let place = Place::new();
    let mut guard = place.create();
    place.disk.write_at("guard", u64::MAX / 2, b"x").expect_err("too large");
    for size in 1..3 {
        assert!(matches!(guard.raise(head(size), UnixMillis(1)), Err(GuardError::Disk(_))));
    }
}
