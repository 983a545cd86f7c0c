//! What others show of this cité's own log that is not in it: then this image is not the newest one, or it signed two
//! histories, and it falls silent for good. Believes nothing but the signatures of its own log key, or of its root.

use ledger::{
    disk::{Disk, DiskError},
    evidence,
    notes::read_file,
    proof::check_checkpoint,
};
use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical},
    evidence::{Evidence, Party},
    founding::{SignedFounding, VerifiedFounding},
    hash::Hash,
    ids::CiteId,
    time::UnixMillis,
    wire::Ask,
};
use serde::{Deserialize, Serialize};

use super::{Asked, Core, CoreError, Writer, gossip::Judged};

/// A checkpoint of this log that is not in it, as somebody showed it: a start with nobody to ask must not forget it.
pub const SHOWN: &str = "notes/shown";

/// A leaf that no log has: whoever is asked from there on names its checkpoint, and gives no entries.
const NOTHING: u64 = u64::MAX;

/// What is noted of it.
#[derive(Serialize, Deserialize)]
pub struct Shown {
    /// The checkpoint, as it was signed.
    pub checkpoint: Checkpoint,
}

impl Canonical for Shown {
    const NAME: &'static str = "note of a checkpoint that is not in this log";
    const MAX: usize = 256;
}

/// Returns the checkpoint of its own log that was shown to a node and was not in it. Nothing of it was verified.
///
/// # Errors
/// The disk.
pub fn shown(disk: &dyn Disk) -> Result<Option<Checkpoint>, DiskError> {
    let noted = read_file(disk, SHOWN)?.and_then(|bytes| Shown::decode(&bytes).ok());
    Ok(noted.map(|Shown { checkpoint }| checkpoint))
}

/// Returns whether a checkpoint is in a log, or of an incarnation that the log left. `record` has the keys in force there,
/// `here` is its incarnation and its size. Where the same incarnation has two keys, for its root named it twice, only what
/// this image's own key signed can contradict it. What cannot be read is damaged, and said elsewhere.
pub fn has_checkpoint(
    record: &VerifiedFounding,
    checkpoint: &Checkpoint,
    here: (u32, u64),
    root_at: impl FnOnce(u64) -> Option<Hash>,
) -> bool {
    let Checkpoint { origin, head, .. } = checkpoint;
    if checkpoint.place() > here {
        return false;
    }
    if origin.incarnation < here.0 || check_checkpoint(record, checkpoint).is_err() {
        return true;
    }
    root_at(head.size).is_none_or(|root| root == head.root)
}

impl Core {
    /// Falls silent when a genuine checkpoint of this log is not in it: this image is not the newest one, and whatever it
    /// signs next could contradict what it signed before, or it does already. One that heirs signed counts when enough
    /// mirrors said so, these among them.
    pub(crate) fn compare_own(
        &mut self,
        record: &VerifiedFounding,
        checkpoint: &Checkpoint,
        by: &[CiteId],
    ) {
        let signs = matches!(self.writer, Writer::Asleep { .. } | Writer::Signing(_));
        let own = record.cite() == self.cite();
        if !signs || !own || check_checkpoint(record, checkpoint).is_err() || self.has(checkpoint) {
            return;
        }
        let (here, there) = (self.founding.incarnation(), checkpoint.origin.incarnation);
        if there > here && record.heirs().is_some() && !self.heirs_go_on(by) {
            return;
        }
        tracing::error!(
            here = ?(here, self.state().head().size),
            there = ?checkpoint.place(),
            "this log was signed with something that is not here: this image signs nothing any more"
        );
        if there == here {
            self.note_shown(*checkpoint);
        }
        self.fall_silent();
    }

    fn has(&self, checkpoint: &Checkpoint) -> bool {
        let state = self.state();
        let here = (state.mirrors().map_or(0, |at| at.incarnation), state.head().size);
        has_checkpoint(&self.founding, checkpoint, here, |size| match &self.writer {
            Writer::Signing(home) => home.root_at(size).ok(),
            Writer::Asleep { dormant, .. } => dormant.store().root_at(size).ok(),
            _ => None,
        })
    }

    /// Falls silent when the root of this cité named the keys of a later incarnation: whoever has them goes on
    /// with the log, and this machine is the one that was given up. What heirs named counts when enough mirrors of this
    /// log said so, for an honest one passes on only what counts there.
    pub(crate) fn compare_keys(&mut self, signed: &Bytes, by: Option<CiteId>) {
        let own = |signed: &SignedFounding| signed.founding.id() == self.cite();
        let Some(signed) = SignedFounding::decode(signed).ok().filter(own) else { return };
        let Ok(record) = signed.verify() else { return };
        let (here, named) = (self.founding.incarnation(), record.incarnation());
        let signs = matches!(self.writer, Writer::Asleep { .. } | Writer::Signing(_));
        if named <= here || !signs {
            return;
        }
        let by = by.as_slice();
        if record.heirs().is_none() || self.heirs_go_on(by) {
            tracing::error!(here, named, "other keys are in force: this image signs nothing");
            self.fall_silent();
        }
    }

    /// Returns whether a key is the one that signs this log here.
    pub(crate) fn is_own_log_key(&self, party: &Party) -> bool {
        *party == Party::Log { cite: self.cite(), key: self.founding.keys().log }
    }

    /// Falls silent when evidence shows that the key of this log signed two histories: at most one of them is here. Of an
    /// incarnation that the log left it says nothing.
    pub(crate) fn accused(&mut self, evidence: &Evidence) -> Judged {
        let is_silent = matches!(self.writer, Writer::Restored(_) | Writer::Overtaken(_));
        if evidence.incarnation() != self.founding.incarnation() {
            return Judged::NoConcern;
        }
        let record = match evidence::verify(evidence) {
            Ok(conviction) => conviction.founding().clone(),
            Err(error) => return Judged::Wrong(error),
        };
        let heads = match evidence {
            Evidence::SameSize { first, second, .. } => vec![first, second],
            Evidence::Inconsistent { smaller, larger, .. } => vec![smaller, larger],
            Evidence::BadEntry { head, .. } => vec![head],
            // Against a mirror key, which is none of this.
            Evidence::TwoCosigned { .. } | Evidence::AfterFence { .. } => Vec::new(),
        };
        for head in heads {
            self.compare_own(&record, head, &[]);
        }
        match is_silent || matches!(self.writer, Writer::Restored(_) | Writer::Overtaken(_)) {
            true => Judged::Known,
            // It recovers: what its new key signs once it goes on is looked at then.
            false => Judged::NoConcern,
        }
    }

    /// Asks a mirror that takes nothing more what it holds: another history of this log, maybe.
    pub(crate) fn ask_what_it_holds(&mut self, now: UnixMillis, mirror: CiteId) {
        let Some(peer) = self.neighbours.node_of(&mirror) else { return };
        let (cite, incarnation) = (self.cite(), self.founding.incarnation());
        let ask = Ask::Range { cite, incarnation, from: NOTHING };
        self.ask(now, peer, &ask, Asked::Amnesia(mirror));
    }

    fn fall_silent(&mut self) {
        self.writer = match self.writer.take() {
            Writer::Asleep { dormant, .. } => Writer::Restored(dormant),
            Writer::Signing(home) => Writer::Overtaken(home),
            silent => silent,
        };
        self.refuse_waiting();
    }

    /// Notes, durably, what is not in the log here. Silence waits for no disk: without the note the mirrors are asked
    /// again at the next start.
    fn note_shown(&self, checkpoint: Checkpoint) {
        let note = Shown { checkpoint }.encode();
        let kept = self.disk.create_dir("notes").and_then(|()| self.disk.replace(SHOWN, &note));
        if let Err(error) = kept {
            tracing::error!(%error, "why this image signs nothing could not be noted");
        }
    }

    /// Stays silent where something was shown before the last stop that is still not in the log.
    pub(crate) fn open_shown(&mut self) -> Result<(), CoreError> {
        if let Some(checkpoint) = shown(self.disk.as_ref())? {
            let record = self.founding.clone();
            self.compare_own(&record, &checkpoint, &[]);
        }
        Ok(())
    }
}
