//! What imports rest on: each is proved by the bytes that travel beside it.

use proto::{
    certificate::EntryProof,
    codec::Bytes,
    entry::{Entry, Payload, number},
    founding::VerifiedFounding,
    wire::Sidecar,
};

use super::{MirrorError, MirrorLog};
use crate::{proof, store::StoreError};

impl MirrorLog {
    /// Returns the proof that an import of this log rests on.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn sidecar(&self, leaf: u64) -> Result<Option<EntryProof>, MirrorError> {
        Ok(self.sidecars.get(leaf).map_err(StoreError::from)?)
    }
}

/// Checks that every import among `entries` is proved by the next of `sidecars`, by the objective rule: the same bytes
/// give the same answer at every mirror.
///
/// # Errors
/// The leaf of the first import that is not.
pub fn check_imports(
    from: u64,
    entries: &[Bytes],
    sidecars: &[Sidecar],
    founding: &VerifiedFounding,
) -> Result<(), u64> {
    let mut sidecars = sidecars.iter();
    for (leaf, bytes) in (from..).zip(entries) {
        // Decoding every entry here would cost an audit a tenth of its time.
        if Entry::kind_of(bytes) != Some(number::IMPORT) {
            continue;
        }
        let Ok(Entry { payload: Payload::Import(import), .. }) = Entry::decode(bytes) else {
            continue;
        };
        let sidecar = sidecars.next().filter(|sidecar| sidecar.leaf == leaf).ok_or(leaf)?;
        let proved = proof::verify(&sidecar.proof).map_err(|_| leaf)?;
        let source = proved.founding();
        let says = proved.entry().message(source.cite());
        let fits = source.network() == founding.network()
            && says.as_ref() == Some(&import.message)
            && proved.leaf() == import.leaf
            && proved.checkpoint().origin.incarnation == import.incarnation;
        if !fits {
            return Err(leaf);
        }
    }
    sidecars.next().map_or(Ok(()), |surplus| Err(surplus.leaf))
}
