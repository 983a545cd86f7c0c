//! The copies of other cités' logs on this disk: opened at the start, begun at the first push, closed when a write
//! fails, fetched anew where they are damaged. A copy that is not open vouches for nothing.

use std::sync::Arc;

use ledger::{
    mirror::{MirrorError, MirrorLog},
    proof::verify_founding,
};
use proto::{
    certificate::Certificate,
    codec::Bytes,
    desk::{CopyState, MirrorItem},
    evidence::Party,
    ids::CiteId,
    time::UnixMillis,
    wire::decline,
};

use super::{Core, DISK_LEAST_FOR_COPIES};

/// Logs mirrored at most. Each costs memory for its fold and a thousandth of a second a push.
const MIRRORED_MAX: usize = 64;

/// How long a copy stays closed at least that had no room, in milliseconds: to open it is work, and what a quota takes
/// the disk does not show.
const REOPEN_MS: u64 = 60_000;

/// Until when a copy is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Closed {
    /// Until there is room on the disk: nothing else went wrong, so the disk is as it was told to be.
    NoRoom,
    /// Until a restart, by somebody who has seen why.
    Failed,
    /// For good: the record of what was cosigned is damaged, gone or an older one, and nobody else has that.
    Wordless,
}

impl Core {
    /// Opens the copies of other logs that this node holds.
    pub(crate) fn open_copies(&mut self) {
        let peers: Vec<CiteId> = self.state().peers().map(|peer| peer.cite).collect();
        for cite in peers {
            self.open_copy(cite);
        }
    }

    fn open_copy(&mut self, cite: CiteId) {
        match MirrorLog::open(Arc::clone(&self.disk), cite) {
            Ok(Some(log)) => self.have_copy(cite, log),
            Ok(None) => {}
            Err(error) if error.is_damage() => self.begin_refill(cite, &error),
            // A copy that cannot be read vouches for nothing more; life here goes on.
            Err(error) => self.close_copy(cite, &error),
        }
    }

    /// Opens again what is closed for want of room, once the disk has as much as a copy needs: copies vouch for what they
    /// hold, whether or not somebody pushes, and proofs of imports let hours in from abroad.
    pub(super) fn reopen_for_room(&mut self, now: UnixMillis) {
        let copies = self.closed.iter().filter(|(_, until)| **until == Closed::NoRoom);
        let copies: Vec<CiteId> = copies.map(|(cite, _)| *cite).collect();
        if copies.is_empty() && !self.is_without_proofs() {
            self.reopen_at = None;
        } else if *self.reopen_at.get_or_insert(now.plus(REOPEN_MS)) <= now
            && self.disk_free >= DISK_LEAST_FOR_COPIES
        {
            self.reopen_at = None;
            copies.into_iter().for_each(|cite| self.open_copy(cite));
            self.reopen_proofs();
        }
    }

    pub(super) fn have_copy(&mut self, cite: CiteId, mut log: MirrorLog) {
        if let Err(error) = log.check_word(self.cite(), &self.keys.mirror) {
            return self.close_copy(cite, &error);
        }
        for (party, _) in self.convicted.all() {
            freeze(&mut log, party);
        }
        self.closed.remove(&cite);
        self.astray.has_no_tail(&cite);
        self.mirrors.insert(cite, log);
    }

    /// Has a copy know of a certificate of its log. Where it shows that this node cosigned more than its record of that
    /// says, the copy is closed.
    pub(super) fn certify_copy(&mut self, cite: CiteId, certificate: &Certificate) {
        let (own, key) = (self.cite(), &self.keys.mirror);
        let Some(log) = self.mirrors.get_mut(&cite) else { return };
        match log.certify(certificate).and_then(|_new| log.check_word(own, key)) {
            Ok(()) => {}
            Err(error) if error.is_wordless() => self.close_copy(cite, &error),
            Err(error) => tracing::warn!(%error, "a certificate was not kept"),
        }
    }

    /// Gives a copy up, as after every failed write.
    pub(crate) fn close_copy(&mut self, cite: CiteId, error: &MirrorError) {
        let until = match error {
            _ if error.is_for_room() => Closed::NoRoom,
            _ if error.is_wordless() => Closed::Wordless,
            _ => Closed::Failed,
        };
        tracing::error!(%cite, %error, ?until, "a copy of an ally's log is closed");
        // Opened again, it would delete them while they are written.
        self.forget_proofs(&cite);
        self.closed.insert(cite, until);
        self.mirrors.remove(&cite);
        self.refills.remove(&cite);
    }

    /// Has the copy of an ally's log ready for a push: as it is, opened again, or begun.
    ///
    /// # Errors
    /// The number of the reason why there is none.
    pub(crate) fn ready_copy(&mut self, cite: CiteId, founding: &Bytes) -> Result<(), u16> {
        match self.closed.get(&cite) {
            Some(Closed::Failed | Closed::Wordless) => return Err(decline::CANNOT_WRITE),
            Some(Closed::NoRoom) => self.open_copy(cite),
            None => {}
        }
        match self.mirrors.contains_key(&cite) {
            true => Ok(()),
            false if self.refills.contains_key(&cite) => Err(decline::CANNOT_WRITE),
            false => self.begin_copy(cite, founding),
        }
    }

    fn begin_copy(&mut self, cite: CiteId, signed: &Bytes) -> Result<(), u16> {
        if self.state().peer(&cite).is_none()
            || self.mirrors.len().saturating_add(self.refills.len()) >= MIRRORED_MAX
        {
            return Err(decline::NOT_A_MIRROR);
        }
        let founding = verify_founding(signed).map_err(|_| decline::SIGNATURE)?;
        if founding.cite() != cite || founding.network() != self.network() {
            return Err(decline::SIGNATURE);
        }
        let created = MirrorLog::create(Arc::clone(&self.disk), founding, signed.clone());
        match created {
            Ok(log) => {
                self.have_copy(cite, log);
                return Ok(());
            }
            // There was one by which this node cosigned.
            Err(error) if error.is_damage() => self.begin_refill(cite, &error),
            Err(error) => self.close_copy(cite, &error),
        }
        Err(decline::CANNOT_WRITE)
    }

    /// Returns what whoever runs the node is told of the copies.
    pub(crate) fn copies(&self) -> Vec<MirrorItem> {
        let open = self.mirrors.iter().map(|(cite, log)| {
            let slug = log.founding().founding().slug.clone();
            (*cite, slug, log.size(), CopyState::Kept)
        });
        let refills = self.refills.iter().map(|(cite, refilling)| {
            let ((here, of), slug) = (refilling.refill.progress(), refilling.refill.slug());
            (*cite, slug.to_owned(), here, CopyState::Refills { of })
        });
        let closed = self.closed.iter().map(|(cite, until)| {
            // A closed copy says nothing, and a node that recovers may have no account of its cité.
            let known = self.neighbours.get(cite).map(|neighbour| neighbour.slug());
            let slug = known.or_else(|| self.state().peer(cite).map(|(_, peer)| peer.slug.clone()));
            let state = match until {
                Closed::NoRoom => CopyState::NoRoom,
                Closed::Failed => CopyState::Failed,
                Closed::Wordless => CopyState::Wordless,
            };
            (*cite, slug.unwrap_or_default(), 0, state)
        });
        open.chain(refills)
            .chain(closed)
            .map(|(cite, slug, size, copy)| {
                let convicted = self.is_convicted(&cite);
                MirrorItem { cite, slug, size, convicted, copy }
            })
            .collect()
    }
}

/// Has a copy cosign nothing that a convicted key of its home signed.
pub(crate) fn freeze(log: &mut MirrorLog, party: &Party) {
    if let Party::Log { cite, key } = *party
        && cite == log.founding().cite()
    {
        log.freeze(key);
    }
}
