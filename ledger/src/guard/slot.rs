//! The bytes of one slot of the guard. Pure; it never touches a disk and decides nothing.

use proto::hash::{Hash, Use, digest, tree_empty};
use proto::order::Head;
use proto::time::UnixMillis;

use super::Seat;
use crate::disk::{Birth, MachineId};

/// Length of a slot in bytes.
pub(super) const SLOT_BYTES: usize = 184;
/// From one slot to the other: a page, so that no sector and no page holds both.
pub(super) const SLOT_SPACING_BYTES: u64 = 4_096;

const MAGIC: [u8; 8] = *b"PIRATGRD";
const VERSION: u32 = 1;

/// What one slot says. Larger numbers are newer; even ones stand in the first slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Slot {
    pub(super) number: u64,
    pub(super) seat: Seat,
    pub(super) head: Head,
    pub(super) time: UnixMillis,
}

impl Slot {
    /// Returns the slot that says that nothing was signed.
    pub(super) fn first(seat: Seat) -> Self {
        let head = Head { size: 0, root: tree_empty() };
        Self { number: 0, seat, head, time: UnixMillis(0) }
    }

    /// Returns the slot after this one.
    pub(super) fn next(&self, head: Head, time: UnixMillis) -> Self {
        Self { number: self.number.saturating_add(1), seat: self.seat, head, time }
    }

    /// Returns where in the file this slot stands.
    pub(super) fn place(&self) -> u64 {
        if self.number.is_multiple_of(2) { 0 } else { SLOT_SPACING_BYTES }
    }

    /// Returns a whole file with only this slot, which must be a first one.
    pub(super) fn file(&self) -> Vec<u8> {
        let mut file = self.bytes();
        // The second slot's space exists from the start, so that no sync has to write a new length.
        let space = SLOT_SPACING_BYTES.saturating_mul(2);
        file.resize(usize::try_from(space).expect("two pages fit in memory"), 0);
        file
    }

    /// Returns the bytes: all numbers little-endian, the digest of what stands before it at the
    /// end.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let Seat { machine, birth, identity, incarnation } = &self.seat;
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        bytes.extend(machine.0);
        bytes.extend(birth.inode.to_le_bytes());
        bytes.extend(birth.born_ns.to_le_bytes());
        bytes.extend(identity.0);
        bytes.extend(incarnation.to_le_bytes());
        bytes.extend(self.head.size.to_le_bytes());
        bytes.extend(self.head.root.0);
        bytes.extend(self.time.0.to_le_bytes());
        let check = digest(Use::Disk, &[&bytes]);
        bytes.extend(check.0);
        bytes
    }

    /// Returns the slot that these bytes hold, or `None` where they are torn, damaged or of another
    /// version.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let (_magic, _version) = (take::<8>(&mut rest)?, take::<4>(&mut rest)?);
        let number = u64::from_le_bytes(take(&mut rest)?);
        let machine = MachineId(take(&mut rest)?);
        let inode = u64::from_le_bytes(take(&mut rest)?);
        let born_ns = u64::from_le_bytes(take(&mut rest)?);
        let identity = Hash(take(&mut rest)?);
        let incarnation = u32::from_le_bytes(take(&mut rest)?);
        let size = u64::from_le_bytes(take(&mut rest)?);
        let root = Hash(take(&mut rest)?);
        let time = UnixMillis(u64::from_le_bytes(take(&mut rest)?));
        let seat = Seat { machine, birth: Birth { inode, born_ns }, identity, incarnation };
        let slot = Self { number, seat, head: Head { size, root }, time };
        // Written again it is the same: so magic, version and digest are right too.
        (slot.bytes() == bytes).then_some(slot)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}
