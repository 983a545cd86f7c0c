//! A part of a file in memory, moved forward as it is read: few calls to the disk, and memory that
//! does not grow. It knows nothing of records.

use crate::disk::{Disk, DiskError};

/// A part of a file in memory, moved forward as it is read.
pub(super) struct Window<'a> {
    disk: &'a dyn Disk,
    name: String,
    buffer: Vec<u8>,
    start: u32,
    filled: usize,
}

impl<'a> Window<'a> {
    pub(super) fn new(disk: &'a dyn Disk, name: String, bytes: usize) -> Self {
        Self { disk, name, buffer: vec![0; bytes], start: 0, filled: 0 }
    }

    pub(super) fn turn_to(&mut self, name: String) {
        self.name = name;
        self.forget();
    }

    pub(super) fn forget(&mut self) {
        self.filled = 0;
    }

    /// Returns `length` bytes from `offset`, fewer where the file ends. `length` is at most the
    /// window.
    pub(super) fn at(&mut self, offset: u32, length: usize) -> Result<&[u8], DiskError> {
        let inside = offset.checked_sub(self.start).map(in_memory);
        let inside = inside.filter(|at| at.saturating_add(length) <= self.filled);
        let at = match inside {
            Some(at) => at,
            None => {
                self.filled = self.disk.read_at(&self.name, u64::from(offset), &mut self.buffer)?;
                self.start = offset;
                0
            }
        };
        let found = self.buffer.get(at..self.filled).unwrap_or_default();
        Ok(found.get(..length).unwrap_or(found))
    }
}

pub(super) fn read_rest(disk: &dyn Disk, name: &str, offset: u32) -> Result<Vec<u8>, DiskError> {
    let length = disk.length(name)?.unwrap_or(0).saturating_sub(u64::from(offset));
    let mut rest = vec![0; usize::try_from(length.min(SCAN_BYTES_MAX)).unwrap_or(0)];
    let read = disk.read_at(name, u64::from(offset), &mut rest)?;
    rest.truncate(read);
    rest.truncate(written(&rest));
    Ok(rest)
}

/// Returns how many bytes there are up to the last that is not zero. Of space reserved ahead all is zeros: a block of
/// them is looked at many bytes at a time.
pub(super) fn written(bytes: &[u8]) -> usize {
    let is_zero = |block: &&[u8]| block.iter().fold(0, |any, byte| any | byte) == 0;
    let zeros = bytes.rchunks(BLOCK_BYTES).take_while(is_zero).map(<[u8]>::len).sum();
    let rest = bytes.get(..bytes.len().saturating_sub(zeros)).unwrap_or_default();
    rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1))
}

/// Bytes of such a block.
const BLOCK_BYTES: usize = 4_096;

/// No segment is longer than its 64 MiB, one batch and the space reserved ahead; a longer file was
/// made by somebody else.
const SCAN_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Returns a number of bytes as a length in memory.
pub(super) fn in_memory(bytes: u32) -> usize {
    usize::try_from(bytes).expect("this program runs where addresses have at least 32 bits")
}
