//! Proofs of imports that the disk damaged before any mirror had them: only whoever said the messages can prove them
//! once more. Nothing is imported here.

use proto::{
    certificate::EntryProof,
    codec::Bytes,
    entry::{Entry, Payload, number},
    founding::VerifiedFounding,
    ids::CiteId,
    wire::Sidecar,
};

use super::Home;
use crate::{mirror::check_imports, store::StoreError};

/// Entries behind the newest certificate that are looked through at most: some 10 ms of reading.
const LOOKED_AT_MAX: usize = 1_024;

/// An import without its proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unproved {
    /// Where it stands.
    pub leaf: u64,
    /// Number of the message on the stream of the cité that said it.
    pub counter: u64,
}

impl Home {
    /// Returns the messages from a cité that were taken in since the newest certificate, and whose proofs are damaged or
    /// gone: no mirror may have those yet. None while proofs are closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn unproved(&self, from: CiteId) -> Result<Vec<Unproved>, StoreError> {
        let mut unproved = Vec::new();
        let begin = self.certified_size();
        let mut records = self.store.reader().records(begin)?;
        for leaf in (begin..).take(LOOKED_AT_MAX) {
            let Some(record) = records.next_record()? else { break };
            if Entry::kind_of(record.payload) == Some(number::IMPORT)
                && let Ok(Entry { payload: Payload::Import(import), .. }) =
                    Entry::decode(record.payload)
                && import.message.from == from
                && matches!(self.sidecars.get(leaf), Ok(None))
            {
                unproved.push(Unproved { leaf, counter: import.message.counter });
            }
        }
        Ok(unproved)
    }

    /// Takes what proves an import once more, if it does and there is room, durably: it is given to mirrors, and put in
    /// place with what is [put together anew](Self::begin_proofs). Returns whether it was taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn prove_again(
        &mut self,
        leaf: u64,
        proof: EntryProof,
        founding: &VerifiedFounding,
    ) -> Result<bool, StoreError> {
        let entry = Bytes::from(self.store.reader().read(leaf)?);
        let sidecar = Sidecar { leaf, proof };
        let (entry, given) = (core::slice::from_ref(&entry), core::slice::from_ref(&sidecar));
        if check_imports(leaf, entry, given, founding).is_err() {
            return Ok(false);
        }
        Ok(self.sidecars.give(sidecar)?)
    }
}
