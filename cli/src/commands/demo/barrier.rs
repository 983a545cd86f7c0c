//! The barriers of a season: what has to hold of all cités before the next step, and waiting for it.
//! Nothing is played here.

use std::time::{Duration, Instant};

use ledger::rules::ACK_AFTER_MS;
use proto::desk::Sheet;

use super::{child::LOOK_AGAIN, figures::others, season::Federation};
use crate::{codes, error::Failure, text};

/// After how much real time without success the clocks are set forward, and by how much: whoever had to
/// wait a few seconds for another try need not.
const STALLED: Duration = Duration::from_millis(400);
const STALLED_MS: u64 = 6_000;

/// How far the clocks are set forward within a day at most: in milliseconds, a minute less than what is taken in
/// waits for its acknowledgement, so that on a busy machine, too, none falls due while a day is being played.
const STALLED_MAX_MS: u64 = ACK_AFTER_MS - 60_000;

/// How long a barrier may take before the demo gives up.
const BARRIER_MAX: Duration = Duration::from_secs(90);

/// What a barrier waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    /// Accounts are open both ways and the logs are certified.
    Allied,
    /// Every message was taken in.
    TakenIn,
    /// And every transfer is closed.
    Closed,
    /// And everything is certified.
    Certified,
}

impl Federation<'_> {
    /// Returns the sheets of all nodes that run; `None` when one of them does not sign yet.
    pub(super) fn sheets(&mut self) -> Result<Option<Vec<Sheet>>, Failure> {
        let mut sheets = Vec::new();
        for cite in &mut self.cites {
            if let Some(node) = &mut cite.node {
                match node.sheet()? {
                    Some(sheet) => sheets.push(sheet),
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(sheets))
    }

    /// Waits until something holds of all nodes, and lets people's devices see the committed heads.
    pub(super) fn wait(&mut self, until: Until) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut stalled = begun;
        loop {
            self.ground.check()?;
            if let Some(sheets) = self.sheets()?
                && sheets.len() == self.cites.len()
                && sheets.iter().all(|sheet| holds(until, sheet, &sheets))
            {
                for (cite, sheet) in self.cites.iter_mut().zip(&sheets) {
                    cite.seen = sheet.committed;
                }
                let ms = begun.elapsed().as_millis();
                tracing::debug!(?until, ms, "a barrier holds");
                return Ok(());
            }
            if begun.elapsed() > BARRIER_MAX {
                return Err(Failure::new(codes::DEMO, text!("demo-stuck")));
            }
            let ahead = self.clock.since(self.noon);
            if stalled.elapsed() > STALLED && ahead + STALLED_MS <= STALLED_MAX_MS {
                stalled = Instant::now();
                tracing::debug!(?until, "stalled");
                self.set_clocks(self.clock.plus(STALLED_MS))?;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Returns whether something holds of one cité. Sheets are read one after the other, and yet all that
/// they say together is true at once: cursors only rise, and whoever took in what the others had sent
/// when they were asked could not have been sent more by somebody whose own cursors had not moved.
fn holds(until: Until, sheet: &Sheet, all: &[Sheet]) -> bool {
    let taken_in = || {
        let here = cite_of(sheet);
        sheet.peers.iter().all(|peer| {
            let there = all.iter().find(|other| cite_of(other) == Some(peer.cite));
            let back =
                there.and_then(|there| there.peers.iter().find(|other| Some(other.cite) == here));
            back.is_some_and(|back| back.received == peer.sent)
        })
    };
    let certified = || {
        let size = sheet.checkpoint.head.size;
        sheet.certificate.as_ref().is_some_and(|c| c.checkpoint.head.size == size)
            && sheet.committed.size > 0
    };
    let count = others(0).len();
    match until {
        Until::Allied => {
            certified()
                && sheet.mirrors.len() == count
                && sheet.peers.len() == count
                && sheet.peers.iter().all(|peer| peer.opened_there)
        }
        Until::TakenIn => taken_in(),
        Until::Closed => taken_in() && sheet.peers.iter().all(|peer| peer.open == 0),
        Until::Certified => taken_in() && certified(),
    }
}

fn cite_of(sheet: &Sheet) -> Option<proto::ids::CiteId> {
    ledger::proof::verify_founding(&sheet.founding).ok().map(|founding| founding.cite())
}
