//! The wallet of a member whose home is deaf: what it makes of the replies of mirrors to which it complains.

use std::collections::BTreeMap;

use proto::desk::{ComplaintState, Reply};

use super::{Heard, LIMITS, Need, OUT_OF_STEP, Payer, TOO_OLD};

/// The complaint about one order.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    /// How often its home or a mirror was tried.
    tries: usize,
    /// What mirrors said last, by their place.
    told: BTreeMap<usize, ComplaintState>,
    /// It was refused at a limit although a mirror keeps it: another one in its place would not be honest.
    stuck: bool,
}

impl Payer {
    /// Counts a try to have the order taken, and returns how many were made before.
    pub(in super::super) const fn tries(&mut self) -> usize {
        self.complaint.tries += 1;
        self.complaint.tries - 1
    }

    /// Returns how many mirrors said this last.
    pub(in super::super) fn told(&self, state: ComplaintState) -> usize {
        self.complaint.told.values().filter(|told| **told == state).count()
    }

    /// Returns whether the order could not be taken now if its home heard it.
    pub(in super::super) const fn is_stuck(&self) -> bool {
        self.complaint.stuck
    }

    /// Takes in what a mirror replies.
    pub(super) fn hears_mirror(&mut self, mirror: usize, reply: Reply) -> Heard {
        let kept = !self.complaint.told.is_empty();
        match reply {
            Reply::Complaint(sheet) => {
                self.complaint.told.insert(mirror, sheet.state);
                self.complaint.stuck = false;
                if sheet.state == ComplaintState::Recorded {
                    self.complaint = Complaint::default();
                    if let Some(order) = self.pending.pop_front() {
                        (self.next, self.prev) = (order.order().seq + 1, order.id());
                    }
                }
                Heard::Complained(sheet.state)
            }
            Reply::Refused(no) if !kept && (LIMITS.contains(&no.number) || is_old(no.number)) => {
                self.refused(no.number)
            }
            Reply::Refused(no) if LIMITS.contains(&no.number) => {
                self.complaint.stuck = true;
                Heard::Rest
            }
            // The copy is behind, or something took its place: its home says how far its chain has come.
            Reply::Refused(no) if OUT_OF_STEP.contains(&no.number) || is_old(no.number) => {
                self.need = Need::Lane(None);
                Heard::Again
            }
            Reply::Unavailable(_) => Heard::Again,
            other => panic!("a wallet that complains was told {other:?}"),
        }
    }
}

fn is_old(number: u16) -> bool {
    TOO_OLD.contains(&number)
}
