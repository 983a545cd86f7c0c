//! One cité of the naive model: balances, limits, neighbours and stewards, as plain lists and loops.
//! Nothing of `ledger::rules` is used here.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rules, refuse};

/// A message on a stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said {
    Transfer { payee: usize, minutes: u32 },
    Return { counter: usize },
    Ack,
    Farewell,
}

/// What a cité knows about another.
#[derive(Clone, Debug)]
pub struct Peer {
    /// What it owes it.
    pub balance: i64,
    /// What the other may owe it, and the day on which that was said.
    pub line: (u32, u64),
    /// Messages taken in.
    pub received: usize,
    /// Transfers neither received there nor come back: counter, payer, minutes.
    pub open: Vec<(usize, usize, u32)>,
    /// Messages sent, each with what was received before it.
    pub(super) sent: Vec<(usize, Said)>,
    pub(super) untold: bool,
    /// The last message between the two was said.
    pub ended: bool,
}

impl Peer {
    /// Messages sent.
    pub fn sent(&self) -> usize {
        self.sent.len()
    }

    /// Minutes in open transfers.
    pub fn open_minutes(&self) -> i64 {
        self.open.iter().map(|(_, _, minutes)| i64::from(*minutes)).sum()
    }

    pub(super) fn say(&mut self, said: Said) {
        self.untold = false;
        self.sent.push((self.received, said));
    }
}

#[derive(Clone, Debug)]
pub(super) enum Deed {
    Admit(usize, bool),
    Open(usize, u32),
    Line(usize, u32),
    /// With the version number that they would get.
    Rules(Rules, u32),
    Card(usize, bool),
    Suspend(usize, Option<u64>),
    Lift(usize),
    Leave(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    by: BTreeSet<usize>,
    deed: Deed,
    pub(super) until: u64,
    number: usize,
}

/// One cité.
#[derive(Clone, Debug)]
pub struct Cite {
    /// Balances of those who were admitted.
    pub balances: BTreeMap<usize, i64>,
    /// The cité's own account.
    pub commons: i64,
    /// The others.
    pub peers: BTreeMap<usize, Peer>,
    /// Nobody orders anything any more.
    pub closed: bool,
    rules: Rules,
    pub(super) version: u32,
    /// Those who may sign unless they are suspended or gone.
    stewards: BTreeSet<usize>,
    /// Who is suspended, with the first day after it if there is one.
    suspended: BTreeMap<usize, Option<u64>>,
    /// Who has left.
    left: BTreeSet<usize>,
    pub(super) waiting: Vec<Waiting>,
    /// The number of each person's last act.
    last_act: BTreeMap<usize, usize>,
    acts: usize,
}

impl Cite {
    /// Returns a cité that was just founded.
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            balances: [(0, 0), (1, 0)].into(),
            commons: 0,
            peers: BTreeMap::new(),
            closed: false,
            rules,
            version: 1,
            stewards: [0].into(),
            suspended: BTreeMap::new(),
            left: BTreeSet::new(),
            waiting: Vec::new(),
            last_act: BTreeMap::new(),
            acts: 0,
        }
    }

    /// Why somebody orders nothing.
    pub(super) fn refuse_author(&self, day: u64, by: usize) -> Result<(), u16> {
        refuse(3, !self.balances.contains_key(&by))?;
        refuse(19, self.left.contains(&by))?;
        let suspended = self.suspended.get(&by);
        refuse(18, suspended.is_some_and(|end| end.is_none_or(|end| day < end)))
    }

    /// Returns whether somebody may sign acts.
    pub(super) fn signs(&self, who: usize) -> bool {
        let held = self.suspended.contains_key(&who) || self.left.contains(&who);
        self.stewards.contains(&who) && !held
    }

    fn signing(&self) -> usize {
        self.balances.keys().filter(|who| self.signs(**who)).count()
    }

    pub(super) fn refuse_amount(&self, minutes: u32) -> Result<(), u16> {
        refuse(20, minutes == 0)?;
        refuse(21, !minutes.is_multiple_of(self.rules.step))?;
        refuse(22, minutes > 60_000)
    }

    fn refuse_debit(&self, by: usize, minutes: u32) -> Result<(), u16> {
        refuse(25, self.balances[&by] - i64::from(minutes) < -i64::from(self.rules.floor))
    }

    fn refuse_credit(&self, payee: usize, minutes: u32) -> Result<(), u16> {
        let balance = self.balances.get(&payee).ok_or(24u16)?;
        refuse(28, self.left.contains(&payee))?;
        refuse(26, balance + i64::from(minutes) > i64::from(self.rules.ceiling))
    }

    pub(super) fn pay(
        &mut self,
        day: u64,
        by: usize,
        to: Option<usize>,
        minutes: u32,
    ) -> Result<(), u16> {
        self.refuse_author(day, by)?;
        refuse(17, self.closed)?;
        self.refuse_amount(minutes)?;
        refuse(23, to == Some(by))?;
        refuse(24, to.is_some_and(|to| !self.balances.contains_key(&to)))?;
        self.refuse_debit(by, minutes)?;
        match to {
            None => self.commons += i64::from(minutes),
            Some(to) => {
                self.refuse_credit(to, minutes)?;
                *self.balances.get_mut(&to).expect("a member") += i64::from(minutes);
            }
        }
        *self.balances.get_mut(&by).expect("a member") -= i64::from(minutes);
        Ok(())
    }

    pub(super) fn export(
        &mut self,
        day: u64,
        (at, by): (usize, usize),
        (to, payee): (usize, usize),
        minutes: u32,
    ) -> Result<(), u16> {
        self.refuse_author(day, by)?;
        refuse(17, self.closed)?;
        self.refuse_amount(minutes)?;
        self.refuse_debit(by, minutes)?;
        refuse(61, to == at)?;
        refuse(40, !self.peers.contains_key(&to))?;
        refuse(75, self.peers[&to].ended)?;
        refuse(41, self.peers[&to].open.len() >= 1_024)?;
        let owed: i64 = self.peers.values().map(|peer| peer.balance).sum();
        let members = i64::try_from(self.balances.len() - self.left.len()).expect("a few");
        let proposed = (members * 60).max(50 * 60);
        let deficit =
            if self.rules.deficit == 0 { proposed } else { i64::from(self.rules.deficit) };
        refuse(42, owed + i64::from(minutes) > deficit)?;
        *self.balances.get_mut(&by).expect("a member") -= i64::from(minutes);
        let peer = self.peers.get_mut(&to).expect("just seen");
        peer.balance += i64::from(minutes);
        peer.say(Said::Transfer { payee, minutes });
        peer.open.push((peer.sent.len(), by, minutes));
        Ok(())
    }

    /// Why a transfer cannot be credited. The smallest duration is the sender's affair.
    pub(super) fn refuse_import(
        &self,
        day: u64,
        from: usize,
        payee: usize,
        minutes: u32,
    ) -> Result<(), u16> {
        refuse(17, self.closed)?;
        self.refuse_credit(payee, minutes)?;
        let peer = &self.peers[&from];
        let (line, renewed) = peer.line;
        let line = if day > renewed + 365 { 0 } else { i64::from(line) };
        refuse(43, -peer.balance + peer.open_minutes() + i64::from(minutes) > line)
    }

    fn needed(&self) -> usize {
        usize::from(self.rules.approvals).min(self.signing()).max(1)
    }

    pub(super) fn act(&mut self, day: u64, by: usize, deed: Deed) -> Result<(), u16> {
        self.refuse_author(day, by)?;
        refuse(50, !self.signs(by))?;
        self.refuse_deed(day, &deed)?;
        if self.needed() == 1 {
            self.carry_out(day, &deed);
        } else {
            refuse(53, self.waiting.len() >= 64)?;
            let (by, number) = ([by].into(), self.acts + 1);
            self.waiting.push(Waiting { by, deed, until: day + 30, number });
        }
        self.acts += 1;
        self.last_act.insert(by, self.acts);
        Ok(())
    }

    pub(super) fn approve(&mut self, day: u64, by: usize, whose: usize) -> Result<(), u16> {
        self.refuse_author(day, by)?;
        refuse(50, !self.signs(by))?;
        let number = self.last_act.get(&whose).ok_or(51u16)?;
        let found = self.waiting.iter().position(|waiting| waiting.number == *number);
        let at = found.filter(|at| self.waiting[*at].until >= day).ok_or(51u16)?;
        let mut agree = self.waiting[at].by.clone();
        let again = !agree.insert(by);
        let complete = agree.iter().filter(|by| self.signs(**by)).count() >= self.needed();
        refuse(52, again && !complete)?;
        if !complete {
            self.waiting[at].by = agree;
            return Ok(());
        }
        let deed = self.waiting[at].deed.clone();
        self.refuse_deed(day, &deed)?;
        self.waiting.remove(at);
        self.carry_out(day, &deed);
        Ok(())
    }

    fn refuse_deed(&self, day: u64, deed: &Deed) -> Result<(), u16> {
        refuse(17, self.closed)?;
        match deed {
            Deed::Admit(who, _) => refuse(55, self.balances.contains_key(who)),
            Deed::Open(cite, _) => refuse(60, self.peers.contains_key(cite)),
            Deed::Line(cite, _) => {
                refuse(40, !self.peers.contains_key(cite))?;
                refuse(75, self.peers[cite].ended)
            }
            Deed::Card(who, steward) => {
                refuse(90, !self.balances.contains_key(who))?;
                // A suspension stays; whoever has left is back.
                let held = self.suspended.contains_key(who);
                let after = usize::from(*steward && !held);
                refuse(94, self.signing() - usize::from(self.signs(*who)) + after == 0)
            }
            Deed::Suspend(who, end) => {
                self.refuse_gone(*who)?;
                refuse(91, end.is_some_and(|end| end <= day))?;
                refuse(94, self.signing() == usize::from(self.signs(*who)))
            }
            Deed::Lift(who) => {
                self.refuse_gone(*who)?;
                refuse(92, !self.suspended.contains_key(who))
            }
            Deed::Leave(who) => {
                self.refuse_gone(*who)?;
                refuse(94, self.signing() == usize::from(self.signs(*who)))
            }
            Deed::Rules(rules, version) => {
                refuse(54, *version != self.version + 1)?;
                refuse(71, *rules == self.rules)
            }
        }
    }

    fn refuse_gone(&self, who: usize) -> Result<(), u16> {
        refuse(90, !self.balances.contains_key(&who))?;
        refuse(93, self.left.contains(&who))
    }

    fn carry_out(&mut self, day: u64, deed: &Deed) {
        match *deed {
            Deed::Admit(who, steward) => {
                self.balances.insert(who, 0);
                if steward {
                    self.stewards.insert(who);
                }
            }
            Deed::Open(cite, line) => {
                let (sent, open) = (Vec::new(), Vec::new());
                let (line, received) = ((line, day), 0);
                let (untold, ended) = (false, false);
                let peer = Peer { balance: 0, line, received, open, sent, untold, ended };
                self.peers.insert(cite, peer);
            }
            Deed::Line(cite, line) => {
                self.peers.get_mut(&cite).expect("refused otherwise").line = (line, day);
            }
            Deed::Card(who, steward) => {
                self.left.remove(&who);
                if steward {
                    self.stewards.insert(who);
                } else {
                    self.stewards.remove(&who);
                }
            }
            Deed::Suspend(who, end) => {
                self.suspended.insert(who, end);
            }
            Deed::Lift(who) => {
                self.suspended.remove(&who);
            }
            Deed::Leave(who) => {
                self.suspended.remove(&who);
                self.left.insert(who);
            }
            Deed::Rules(rules, version) => (self.rules, self.version) = (rules, version),
        }
    }

    /// Returns the rules in force.
    pub const fn rules(&self) -> Rules {
        self.rules
    }
}
