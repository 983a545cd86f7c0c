//! Mending the proofs that imports rest on: those that are good are kept, the others are asked of whoever holds them,
//! and each counts only where the import itself confirms it.

use std::collections::BTreeMap;

use ledger::{
    home::Home,
    sidecars::{Anew, Step},
    store::StoreError,
};
use proto::{
    certificate::EntryProof,
    ids::CiteId,
    time::UnixMillis,
    wire::{Ask, Sidecar},
};

use super::{Asked, Core, DISK_LEAST_FOR_COPIES, PeerKey, Writer};

/// Proofs that are put together anew.
pub(super) struct Proofs {
    cite: CiteId,
    anew: Anew,
    /// What one answer brought: 512 KiB.
    given: BTreeMap<u64, EntryProof>,
    /// Who was asked for the proof of which import.
    asked: Option<(PeerKey, u64)>,
    /// Whether that was answered.
    answered: bool,
    /// Who had none that count for that import.
    tried: Vec<PeerKey>,
}

impl Core {
    /// Returns the home, if it signs and did not stop.
    fn signing_home(&mut self) -> Option<&mut Home> {
        match &mut self.writer {
            Writer::Signing(home) if !home.is_stopped() => Some(home),
            _ => None,
        }
    }

    /// Returns whether damaged proofs of the own imports found no room to be set aside: then no hours are taken in from
    /// abroad, for nobody would have the proofs of them.
    pub(super) fn is_without_proofs(&self) -> bool {
        self.home().is_some_and(|home| !home.is_stopped() && !home.has_proofs())
    }

    /// Tries to open them again, where that leaves room for the node's own log.
    pub(super) fn reopen_proofs(&mut self) {
        let room = self.disk_free.saturating_sub(DISK_LEAST_FOR_COPIES);
        let Some(home) = self.signing_home().filter(|home| !home.has_proofs()) else { return };
        match home.open_proofs(room) {
            Ok(()) => tracing::warn!("the proofs of imports are open again"),
            Err(error) => tracing::error!(%error, "damaged proofs of imports stay closed"),
        }
    }

    /// Begins to put the proofs of a log together anew, where that leaves room for the node's own log.
    pub(super) fn begin_proofs(&mut self, cite: CiteId) {
        let room = self.disk_free.saturating_sub(DISK_LEAST_FOR_COPIES);
        let begun = if cite == self.cite() {
            self.signing_home().map(|home| home.begin_proofs(room))
        } else {
            self.mirrors.get(&cite).map(|log| log.begin_proofs(room))
        };
        match begun {
            Some(Ok(anew)) => {
                let (given, tried) = (BTreeMap::new(), Vec::new());
                let proofs = Proofs { cite, anew, given, asked: None, answered: true, tried };
                self.scrubbing.proofs = Some(proofs);
            }
            Some(Err(error)) => tracing::error!(%cite, %error, "damaged proofs cannot be mended"),
            // Not signed at present, or no copy any more.
            None => {}
        }
    }

    /// Gives up what was put together of a log whose end was cut, or whose copy was closed.
    pub(super) fn forget_proofs(&mut self, cite: &CiteId) {
        if let Some(proofs) = self.scrubbing.proofs.take_if(|proofs| proofs.cite == *cite) {
            give_up(proofs.cite, proofs.anew);
        }
    }

    /// Goes on with the proofs of the next imports; returns whether there is more to do.
    pub(super) fn mend_proofs(&mut self, now: UnixMillis) -> bool {
        let Some(mut proofs) = self.scrubbing.proofs.take() else { return false };
        match self.go_on_with_proofs(now, &mut proofs) {
            Some(Step::More | Step::Missing(_)) => {
                self.scrubbing.proofs = Some(proofs);
                return true;
            }
            Some(Step::Whole) => self.put_proofs(proofs),
            None => give_up(proofs.cite, proofs.anew),
        }
        false
    }

    /// Returns what the next step came to; `None` where it goes no further.
    fn go_on_with_proofs(&mut self, now: UnixMillis, proofs: &mut Proofs) -> Option<Step> {
        let cite = proofs.cite;
        // What else is written meanwhile takes room, too.
        if self.disk_free < DISK_LEAST_FOR_COPIES {
            tracing::error!(%cite, "there is no room any more to mend damaged proofs");
            return None;
        }
        if !proofs.answered {
            return Some(Step::More);
        }
        let step = self.look_for_proofs(proofs)?;
        let failed = |error: &_| tracing::error!(%cite, %error, "damaged proofs cannot be mended");
        let step = step.inspect_err(failed).ok()?;
        if let Step::Missing(leaf) = step {
            return self.ask_for_proof(now, proofs, leaf).then_some(step);
        }
        Some(step)
    }

    fn look_for_proofs(&self, proofs: &mut Proofs) -> Option<Result<Step, StoreError>> {
        let Proofs { cite, anew, given, .. } = proofs;
        if *cite == self.cite() {
            let home = self.home().filter(|home| !home.is_stopped())?;
            return Some(home.go_on_with_proofs(anew, &self.founding, given));
        }
        self.mirrors.get(cite).map(|log| log.go_on_with_proofs(anew, given))
    }

    /// Asks the next of those who hold the log; returns whether somebody was asked.
    fn ask_for_proof(&mut self, now: UnixMillis, proofs: &mut Proofs, leaf: u64) -> bool {
        let cite = proofs.cite;
        match proofs.asked {
            // Whoever was asked for this very one has none that counts.
            Some((peer, asked)) if asked == leaf => proofs.tried.push(peer),
            _ => proofs.tried.clear(),
        }
        proofs.given.clear();
        let (incarnation, holders) = self.holders(cite);
        let mut nodes = holders.iter().filter_map(|holder| self.neighbours.node_of(holder));
        let Some(peer) = nodes.find(|peer| !proofs.tried.contains(peer)) else {
            tracing::error!(%cite, leaf, "nobody who is connected gives the proof of an import");
            return false;
        };
        let ask = Ask::Range { cite, incarnation, from: leaf };
        let asked = self.ask(now, peer, &ask, Asked::Proofs(cite, peer));
        (proofs.asked, proofs.answered) = (Some((peer, leaf)), !asked);
        asked
    }

    /// Takes in what somebody holds; what counts of it shows where it is needed.
    pub(super) fn proofs_given(
        &mut self,
        cite: CiteId,
        peer: PeerKey,
        sidecars: Option<Vec<Sidecar>>,
    ) {
        let Some(proofs) = self.scrubbing.proofs.as_mut().filter(|proofs| proofs.cite == cite)
        else {
            return;
        };
        if proofs.asked.is_some_and(|(asked, _)| asked == peer) {
            proofs.answered = true;
            let given = sidecars.into_iter().flatten();
            proofs.given = given.map(|sidecar| (sidecar.leaf, sidecar.proof)).collect();
        }
    }

    fn put_proofs(&mut self, proofs: Proofs) {
        let Proofs { cite, anew, .. } = proofs;
        let put = if cite == self.cite() {
            let Writer::Signing(home) = &mut self.writer else { return give_up(cite, anew) };
            home.put_proofs(anew)
        } else {
            let Some(log) = self.mirrors.get_mut(&cite) else { return give_up(cite, anew) };
            log.put_proofs(anew)
        };
        match put {
            Ok(()) => {
                tracing::warn!(%cite, "the proofs of imports were put together anew");
                self.scrubbing.has_mended();
            }
            Err(error) => {
                tracing::error!(%cite, %error, "the proofs of imports could not be put in place");
                if self.mirrors.get(&cite).is_some_and(|log| !log.has_proofs()) {
                    self.fail_copy(cite);
                }
            }
        }
    }
}

/// Deletes what was put together and is of no use.
fn give_up(cite: CiteId, anew: Anew) {
    if let Err(error) = anew.give_up() {
        tracing::warn!(%cite, %error, "proofs that were put together remain until the next start");
    }
}
