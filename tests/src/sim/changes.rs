//! What stewards change while things go wrong: how much an ally may come to owe, who is a
//! member, and who mirrors their log.

use proto::{
    act::{Act, CardIssue, Leave, Level, Lift, Line, Mirror, MirrorSet, Suspend},
    membership::Terms,
    minutes::Minutes,
    order::Statement,
};

use super::Sim;

/// How much another cité may owe, in hours: also nothing.
const LINES_H: [u32; 5] = [0, 1, 2, 10, 100];

/// Days of a card that is issued anew.
const CARD_DAYS: u64 = 365;

/// How a change of mirrors stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Mirrors {
    /// All allies mirror the log.
    #[default]
    All,
    /// One is left out, or about to be.
    Without,
    /// All are mirrors again, says this leaf.
    AllSince(u64),
}

impl Sim {
    /// Lets a steward who has nothing else to do decide on a change, now and then. In the end all is as before.
    pub(super) fn plan(&mut self, steward: usize) {
        let payer = &self.payers[steward];
        if payer.who != 0 || payer.has_begun() {
            return;
        }
        let place = payer.place;
        if payer.mirrors == Mirrors::Without {
            if !self.trouble || self.chance.below(4) == 0 {
                let all = self.mirrors_but(place, None);
                self.payers[steward].plans(all);
            }
            return;
        }
        if !self.trouble || self.chance.below(100) >= self.rates.changes {
            return;
        }
        if self.chance.below(3) == 0 {
            let act = self.membership(steward);
            self.payers[steward].plans(act);
            return;
        }
        let other = (place + 1 + self.chance.index(self.rates.cites - 1)) % self.rates.cites;
        if self.chance.below(2) == 0 {
            let cite = self.sites[other].house.id;
            let line = Minutes(60 * LINES_H[self.chance.index(LINES_H.len())]);
            self.payers[steward].plans(Act::Line(Line { cite, line }));
        } else if self.may_leave_out() {
            let rest = self.mirrors_but(place, Some(other));
            self.payers[steward].plans(rest);
            self.payers[steward].mirrors = Mirrors::Without;
        }
    }

    /// Returns what a steward decides about another member of the cité. Mostly that one pays on: a card issued anew brings
    /// back whoever has left, and who is suspended for no more than a day waits for nothing.
    fn membership(&mut self, steward: usize) -> Act {
        let payer = &self.payers[steward];
        let people = &self.sites[payer.place].people;
        let member = people[1 + self.chance.index(people.len() - 1)].id;
        let today = self.now.day();
        match self.chance.below(10) {
            0 => Act::Suspend(Suspend { member, until: None }),
            1 | 2 => Act::Suspend(Suspend { member, until: Some(today) }),
            3 => Act::Leave(Leave { member }),
            4..7 => Act::Lift(Lift { member }),
            _ => {
                let (from, until) = (today, today.plus(CARD_DAYS));
                let allowance = Minutes(0);
                let terms = Terms { level: Level::Member, from, until, allowance };
                Act::CardIssue(CardIssue { member, terms })
            }
        }
    }

    /// Returns whether a log may have a mirror less for a while. It could not spare another one: with two mirrors both
    /// are needed.
    fn may_leave_out(&self) -> bool {
        let well = self.sites.iter().all(|site| site.ill.is_none() && site.incarnation == 0);
        self.rates.cites > 3 && self.liar.is_none() && well && !self.changes_mirrors()
    }

    /// Returns whether a log has a mirror less, or could still lose that it has all of them again.
    pub(super) fn changes_mirrors(&self) -> bool {
        self.payers.iter().any(|payer| match payer.mirrors {
            Mirrors::All => false,
            Mirrors::Without => true,
            Mirrors::AllSince(leaf) => {
                let log = (self.sites[payer.place].house.id, self.sites[payer.place].incarnation);
                let known = self.seen.certified.get(&log);
                known.and_then(|heads| heads.keys().next_back()).is_none_or(|size| *size <= leaf)
            }
        })
    }

    fn mirrors_but(&self, place: usize, left_out: Option<usize>) -> Act {
        let others = self.sites[..self.rates.cites].iter().enumerate();
        let others = others.filter(|(at, _)| *at != place && Some(*at) != left_out);
        let mut mirrors: Vec<Mirror> = others.map(|(_, site)| site.house.as_mirror()).collect();
        mirrors.sort_unstable();
        Act::MirrorSet(MirrorSet { mirrors })
    }

    /// Notes what a steward's wallet is told to be in the log.
    pub(super) fn decided(&mut self, steward: usize, statement: &Statement, leaf: u64) {
        let before = self.payers[steward].mirrors;
        match statement {
            Statement::Act(Act::Line(_)) => self.reached.note("a line was changed"),
            Statement::Act(Act::Suspend(_)) => self.reached.note("a member was suspended"),
            Statement::Act(Act::Lift(_)) => self.reached.note("a suspension was lifted"),
            Statement::Act(Act::Leave(_)) => self.reached.note("a member left"),
            Statement::Act(Act::CardIssue(_)) => self.reached.note("a card was issued anew"),
            Statement::Act(Act::MirrorSet(set)) if before == Mirrors::Without => {
                if set.mirrors.len() == self.rates.cites - 1 {
                    self.payers[steward].mirrors = Mirrors::AllSince(leaf);
                    self.reached.note("a mirror was taken in again");
                } else {
                    self.reached.note("a mirror was left out");
                }
            }
            _ => {}
        }
    }
}
