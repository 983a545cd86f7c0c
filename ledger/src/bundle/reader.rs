//! Reading a bundle: section after section, in memory that does not grow with it. It refuses whatever is
//! not exactly a bundle, and never believes a length before it was compared with its bound.

use std::io::{ErrorKind, Read};

use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical},
    evidence::Evidence,
    founding::SignedFounding,
    hash::{Hash, Hasher, Use},
};

use super::{
    BundleError, Chunk, Cover, DIGEST_BYTES, EVIDENCE_MAX, MAGIC, MUST_UNDERSTAND, Note,
    SECTION_MAX, SectionFault, Totals, Witnessed, kind,
};

/// Bytes read at a time while the digest is computed.
const WINDOW_BYTES: usize = 256 * 1_024;

/// A section that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Section {
    /// The signed founding record's bytes.
    Founding(Bytes),
    /// Up to where the bundle goes.
    Checkpoint(Checkpoint),
    /// The newest certificate.
    Witnessed(Box<Witnessed>),
    /// The note for stock tools.
    Note(String),
    /// Entries.
    Chunk(Chunk),
    /// Evidence.
    Evidence(Box<Evidence>),
    /// The end; the digest was compared and nothing follows.
    End(Totals),
}

/// A bundle that is read from its first byte to its last.
pub struct Reader<R> {
    input: R,
    hasher: Hasher,
    at: u64,
    /// Kind of the last section that was known.
    last: u8,
    totals: Totals,
    /// The last evidence: the next one must be greater.
    evidence: Vec<u8>,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// [`BundleError::NotABundle`], [`BundleError::Io`].
    pub fn open(mut input: R) -> Result<Self, BundleError> {
        let mut magic = [0; MAGIC.len()];
        match input.read_exact(&mut magic) {
            Ok(()) if magic == MAGIC => {}
            Ok(()) => return Err(BundleError::NotABundle),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(BundleError::NotABundle);
            }
            Err(error) => return Err(BundleError::Io(error.kind())),
        }
        let mut hasher = Hasher::new(Use::Bundle);
        hasher.update(&magic);
        Ok(Self {
            input,
            hasher,
            at: u64::try_from(MAGIC.len()).unwrap_or(u64::MAX),
            last: 0,
            totals: Totals::default(),
            evidence: Vec::new(),
            ended: false,
        })
    }

    /// Returns how many bytes were read.
    pub const fn position(&self) -> u64 {
        self.at
    }

    /// Returns the digest of the bytes read so far: after the end, that of the bundle.
    pub fn digest(&self) -> Hash {
        self.hasher.finish()
    }

    /// Returns the next section that this version knows, or `None` after the end.
    ///
    /// # Errors
    /// [`BundleError`]; nothing can be read after one.
    pub fn next_section(&mut self) -> Result<Option<Section>, BundleError> {
        while !self.ended {
            let at = self.at;
            let placed = |fault| BundleError::Section { at, fault };
            let [kind] = self.take::<1>(at)?;
            let len = u32::from_le_bytes(self.take::<4>(at)?);
            let bytes = usize::try_from(len)
                .ok()
                .filter(|bytes| *bytes <= SECTION_MAX)
                .ok_or(placed(SectionFault::TooLong { len }))?;
            let mut payload = vec![0; bytes];
            self.fill(at, &mut payload)?;
            if self.follows(kind).map_err(placed)? {
                let section = self.section(kind, payload).map_err(placed)?;
                if matches!(section, Section::End(_)) {
                    self.end(at)?;
                }
                return Ok(Some(section));
            }
        }
        Ok(None)
    }

    /// Returns whether a kind is known, after comparing it with the one before.
    fn follows(&mut self, kind: u8) -> Result<bool, SectionFault> {
        let known = (kind::FOUNDING..=kind::END).contains(&kind);
        if !known {
            let must = kind & MUST_UNDERSTAND != 0;
            return if must { Err(SectionFault::Unknown { kind }) } else { Ok(false) };
        }
        let again = kind == self.last && matches!(kind, kind::CHUNK | kind::EVIDENCE);
        let complete = match kind {
            kind::FOUNDING => true,
            kind::CHECKPOINT => self.last == kind::FOUNDING,
            kind::NOTE => self.last >= kind::CHECKPOINT,
            kind::CHUNK => self.last >= kind::NOTE,
            kind::END => self.last >= kind::CHUNK,
            _ => self.last >= kind::CHECKPOINT,
        };
        if (kind > self.last || again) && complete {
            self.last = kind;
            Ok(true)
        } else {
            Err(SectionFault::Order { kind })
        }
    }

    fn section(&mut self, kind: u8, payload: Vec<u8>) -> Result<Section, SectionFault> {
        Ok(match kind {
            kind::FOUNDING => {
                SignedFounding::decode(&payload)?;
                Section::Founding(Bytes::from(payload))
            }
            kind::CHECKPOINT => Section::Checkpoint(Cover::decode(&payload)?.checkpoint),
            kind::WITNESSED => Section::Witnessed(Box::new(Witnessed::decode(&payload)?)),
            kind::NOTE => Section::Note(Note::decode(&payload)?.text),
            kind::CHUNK => {
                let chunk = Chunk::decode(&payload)?;
                let expected = self.totals.entries;
                if chunk.from != expected {
                    return Err(SectionFault::Gap { from: chunk.from, expected });
                }
                self.totals.entries = expected.saturating_add(count(chunk.entries.len()));
                self.totals.sidecars =
                    self.totals.sidecars.saturating_add(count(chunk.sidecars.len()));
                Section::Chunk(chunk)
            }
            kind::EVIDENCE => {
                let evidence = Evidence::decode(&payload)?;
                if payload <= self.evidence {
                    return Err(SectionFault::Order { kind });
                }
                if self.totals.evidence >= count(EVIDENCE_MAX) {
                    return Err(SectionFault::TooMuchEvidence);
                }
                self.evidence = payload;
                self.totals.evidence = self.totals.evidence.saturating_add(1);
                Section::Evidence(Box::new(evidence))
            }
            _ => {
                let totals = Totals::decode(&payload)?;
                if totals != self.totals {
                    return Err(SectionFault::Totals);
                }
                Section::End(totals)
            }
        })
    }

    /// Compares the digest and sees to it that nothing follows.
    fn end(&mut self, at: u64) -> Result<(), BundleError> {
        self.ended = true;
        let computed = self.hasher.clone();
        let digest: [u8; DIGEST_BYTES] = self.take(at)?;
        self.hasher = computed;
        if digest != *self.hasher.finish().as_bytes() {
            return Err(BundleError::Digest);
        }
        match self.input.read_exact(&mut [0]) {
            Ok(()) => Err(BundleError::Section { at: self.at, fault: SectionFault::Trailing }),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(BundleError::Io(error.kind())),
        }
    }

    fn take<const N: usize>(&mut self, at: u64) -> Result<[u8; N], BundleError> {
        let mut bytes = [0; N];
        self.fill(at, &mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), BundleError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => BundleError::Section { at, fault: SectionFault::Truncated },
            other => BundleError::Io(other),
        })?;
        self.hasher.update(bytes);
        self.at = self.at.saturating_add(count(bytes.len()));
        Ok(())
    }
}

/// Compares the digest at the end of `input` with its bytes, whatever they say behind the first few; returns
/// how many bytes there are and the digest. Told apart from all that follows, a flipped bit is damage and
/// not a crime.
///
/// # Errors
/// [`BundleError::NotABundle`] at once, so that nobody waits for the end of a file that is something else;
/// [`BundleError::Digest`], [`BundleError::Io`].
pub fn check_digest(mut input: impl Read) -> Result<(u64, Hash), BundleError> {
    let mut hasher = Hasher::new(Use::Bundle);
    let mut bytes = 0_u64;
    let mut window = vec![0; WINDOW_BYTES];
    // What was read and may still turn out to be the digest.
    let mut held: Vec<u8> = Vec::with_capacity(WINDOW_BYTES.saturating_add(DIGEST_BYTES));
    loop {
        let read = match input.read(&mut window) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(BundleError::Io(error.kind())),
        };
        let (first, here) = (bytes == 0, window.get(..read).unwrap_or_default());
        if first && here.iter().zip(MAGIC).any(|(here, magic)| *here != magic) {
            return Err(BundleError::NotABundle);
        }
        bytes = bytes.saturating_add(count(read));
        held.extend_from_slice(window.get(..read).unwrap_or_default());
        let surplus = held.len().saturating_sub(DIGEST_BYTES);
        hasher.update(held.get(..surplus).unwrap_or_default());
        held.drain(..surplus);
    }
    let digest = hasher.finish();
    if held == digest.as_bytes() { Ok((bytes, digest)) } else { Err(BundleError::Digest) }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
