//! Where two bundles of one log part: the first leaf at which they hold different entries. It judges nothing; whether
//! that is a crime, evidence says.

use std::io::Read;

use proto::codec::Bytes;

use super::Open;
use crate::bundle::{BundleError, Chunk, Reader, Section};

/// The first difference of two histories.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parting {
    /// Its leaf.
    pub leaf: u64,
    /// What the one holds there and what the other does.
    pub entries: [Bytes; 2],
}

/// Returns where two bundles part, or `None` where one of them is the beginning of the other. Both are read side by side,
/// a chunk of each in memory.
///
/// # Errors
/// [`BundleError`] where one of them cannot be read so far.
pub fn parting(one: &Open<'_>, other: &Open<'_>) -> Result<Option<Parting>, BundleError> {
    let [mut one, mut other] = [Entries::open(one)?, Entries::open(other)?];
    let mut leaf = 0_u64;
    while let (Some(a), Some(b)) = (one.next_entry()?, other.next_entry()?) {
        if a != b {
            return Ok(Some(Parting { leaf, entries: [a, b] }));
        }
        leaf = leaf.saturating_add(1);
    }
    Ok(None)
}

/// The entries of a bundle, one after the other.
struct Entries {
    reader: Reader<Box<dyn Read + Send>>,
    chunk: std::vec::IntoIter<Bytes>,
}

impl Entries {
    fn open(open: &Open<'_>) -> Result<Self, BundleError> {
        let input = open().map_err(|error| BundleError::Io(error.kind()))?;
        Ok(Self { reader: Reader::open(input)?, chunk: Vec::new().into_iter() })
    }

    fn next_entry(&mut self) -> Result<Option<Bytes>, BundleError> {
        loop {
            if let Some(entry) = self.chunk.next() {
                return Ok(Some(entry));
            }
            match self.reader.next_section()? {
                Some(Section::Chunk(Chunk { entries, .. })) => self.chunk = entries.into_iter(),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }
}
