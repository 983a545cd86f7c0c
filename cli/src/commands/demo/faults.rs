//! Faults for people who want to see the auditor bite, planted in copies of the bundles: hours that nobody
//! sent, a signature that nobody gave, a history that contradicts another. The logs stay as they are.

use std::{
    fs::File,
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
    sync::Arc,
};

use ledger::{
    bundle::{Chunk, Front, Reader, Section, Totals, Witnessed, Writer},
    disk::Disk,
    home::{FoundingPlan, Home},
    segments::SegmentsReader,
};
use node::home_dir::{Claimed, HomeDir};
use proto::{
    checkpoint::Checkpoint,
    codec::Bytes,
    entry::{Entry, Import, Outcome, Payload, number},
    evidence::Evidence,
    minutes::Minutes,
    order::SignedOrder,
    stream::Content,
};

use super::{
    bundles,
    cite::{Cite, defect},
    ground::Ground,
};
use crate::{
    error::{Failure, file_failure},
    local::home_failure,
};

/// How much later the second history begins than the first: enough to make it another one.
const LATER_MS: u64 = 60_000;

/// Minutes that are made out of nothing: an hour.
const MADE: u32 = 60;

/// A fault that can be planted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// An import credits an hour more than was sent.
    Sum,
    /// One bit of a member's signature is flipped.
    Signature,
    /// The log key signs a second history.
    Fork,
}

impl Fault {
    /// Returns the fault that `--break` names.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "sum" => Some(Self::Sum),
            "signature" => Some(Self::Signature),
            "fork" => Some(Self::Fork),
            _ => None,
        }
    }

    /// Plants the fault in the bundle of the first cité, or beside it; returns what the auditor is handed.
    pub(super) fn plant(
        self,
        ground: &Ground,
        cites: &[Cite],
        bundles: &[PathBuf],
    ) -> Result<Vec<PathBuf>, Failure> {
        let (cite, honest) = cites.first().zip(bundles.first()).ok_or_else(defect)?;
        let planted = honest.with_file_name(format!("{}-faulty.pirate-audit", cite.slug));
        let mut handed = bundles.to_vec();
        match self {
            Self::Sum => rewrite(honest, &planted, make_an_hour)?,
            Self::Signature => rewrite(honest, &planted, flip_a_signature)?,
            Self::Fork => {
                second_history(ground, cite, &planted)?;
                handed.push(planted);
                return Ok(handed);
            }
        }
        if let Some(first) = handed.first_mut() {
            *first = planted;
        }
        Ok(handed)
    }
}

/// Returns the entry as it is to stand in the copy, when it is the one to be altered.
type Alter = fn(&[u8]) -> Option<Vec<u8>>;

fn make_an_hour(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut entry = Entry::decode(bytes).ok()?;
    let Payload::Import(Import { message, outcome: Outcome::Taken, .. }) = &mut entry.payload
    else {
        return None;
    };
    let Content::Transfer(transfer) = &mut message.content else { return None };
    transfer.minutes = Minutes(transfer.minutes.0.saturating_add(MADE));
    Some(entry.encode())
}

/// An entry with an order ends with the signature of whoever gave it.
fn flip_a_signature(bytes: &[u8]) -> Option<Vec<u8>> {
    if Entry::kind_of(bytes) != Some(number::ORDER) {
        return None;
    }
    let mut altered = bytes.to_vec();
    *altered.last_mut()? ^= 1;
    Some(altered)
}

/// A bundle's sections but for its entries.
#[derive(Default)]
struct Parts {
    founding: Bytes,
    checkpoint: Option<Checkpoint>,
    witnessed: Option<Witnessed>,
    note: String,
    chunks: Vec<Chunk>,
    evidence: Vec<Evidence>,
    totals: Totals,
}

/// Copies a bundle with one entry altered; the digest at the end is that of the altered bytes.
fn rewrite(from: &Path, to: &Path, alter: Alter) -> Result<(), Failure> {
    let unread = |error: std::io::Error| file_failure(false, from, &error);
    let unwritten = |error: std::io::Error| file_failure(true, to, &error);
    let input = BufReader::new(File::open(from).map_err(unread)?);
    let parts = read(input).map_err(|error| defect().caused_by(&error))?;
    let front = Front {
        founding: &parts.founding,
        checkpoint: parts.checkpoint.as_ref().ok_or_else(defect)?,
        witnessed: parts.witnessed.as_ref(),
        note: &parts.note,
    };
    let output = BufWriter::new(File::create(to).map_err(unwritten)?);
    let mut writer = Writer::begin(output, &front).map_err(unwritten)?;
    let mut alter = Some(alter);
    for chunk in parts.chunks {
        let mut sidecars = chunk.sidecars.into_iter().peekable();
        for (leaf, entry) in (chunk.from..).zip(chunk.entries) {
            let proof = sidecars.next_if(|sidecar| sidecar.leaf == leaf).map(|s| s.proof);
            let altered = alter.and_then(|alter| alter(&entry));
            if altered.is_some() {
                alter = None;
            }
            let bytes = altered.unwrap_or_else(|| entry.into_vec());
            writer.entry(bytes, proof).map_err(unwritten)?;
        }
    }
    let written = writer.finish(&parts.evidence).map_err(unwritten)?;
    // A fault that found nothing to break would look like an auditor who does not bite.
    if alter.is_none() && written.totals == parts.totals { Ok(()) } else { Err(defect()) }
}

fn read(input: BufReader<File>) -> Result<Parts, ledger::bundle::BundleError> {
    let mut reader = Reader::open(input)?;
    let mut parts = Parts::default();
    while let Some(section) = reader.next_section()? {
        match section {
            Section::Founding(bytes) => parts.founding = bytes,
            Section::Checkpoint(checkpoint) => parts.checkpoint = Some(checkpoint),
            Section::Witnessed(witnessed) => parts.witnessed = Some(*witnessed),
            Section::Note(note) => parts.note = note,
            Section::Chunk(chunk) => parts.chunks.push(chunk),
            Section::Evidence(evidence) => parts.evidence.push(*evidence),
            Section::End(totals) => parts.totals = totals,
        }
    }
    Ok(parts)
}

/// Founds the same cité once more elsewhere, with the same record and the same log key, enters what its
/// people signed before anything was committed, and writes a bundle of it.
fn second_history(ground: &Ground, cite: &Cite, bundle: &Path) -> Result<(), Failure> {
    let broken = |error: &(dyn std::error::Error + 'static)| defect().caused_by(error);
    let first = cite.home.look().map_err(|error| home_failure(&cite.home, &error))?;
    let entries = SegmentsReader::open_found(first as Arc<dyn Disk>, "log")
        .map_err(|error| broken(&error))?;
    let mut records = entries.records(0).map_err(|error| broken(&error))?;
    let mut next = || -> Result<Option<Entry>, Failure> {
        let record = records.next_record().map_err(|error| broken(&error))?;
        let entry = record.map(|record| Entry::decode(record.payload)).transpose();
        entry.map_err(|error| broken(&error))
    };
    let begun = next()?.ok_or_else(defect)?.time;
    let home = HomeDir::new(ground.at("second-history"));
    let Claimed { disk, lock } =
        home.claim(begun.0).map_err(|error| home_failure(&home, &error))?;
    let plan = FoundingPlan { signed: cite.signed.clone(), acts: cite.acts.clone() };
    let (disk, key) = (disk as Arc<dyn Disk>, cite.keys.log.clone());
    let mut second = Home::found(disk, &home.index(), plan, key, begun.plus(LATER_MS))
        .map_err(|error| broken(&error))?;
    while let Some(entry) = next()? {
        let Some(order) = order_of(entry.payload) else { continue };
        // The first order that was signed on the other history is refused: here it ends.
        if second.submit(entry.time.plus(LATER_MS), order).is_err() {
            break;
        }
        second.commit(entry.time.plus(LATER_MS)).map_err(|error| broken(&error))?;
    }
    bundles::close(second)?;
    drop(lock);
    bundles::write(&home, bundle)
}

fn order_of(payload: Payload) -> Option<SignedOrder> {
    match payload {
        Payload::Order(order) | Payload::Export { order, .. } => Some(order),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;
    use crate::tree::find;

    #[test]
    fn every_fault_that_can_be_named_is_one() {
        let spec = find("demo").expect("it is in the table");
        let named = spec.args.iter().find(|arg| arg.id == "break").expect("it is in the table");
        assert!(named.choices.iter().all(|name| Fault::named(name).is_some()));
        assert_eq!(Fault::named("nothing"), None);
    }
}
