//! A naive ledger of several cités, written from `docs/protocol` alone: lists, maps and plain loops, and
//! nothing of `ledger::rules`. It knows amounts, limits, borders and stewards; no keys and no bytes.

mod cite;

pub use cite::{Cite, Peer};

use cite::{Deed, Said};

/// Cités of a model.
pub const CITES: usize = 3;
/// People that a cité may admit; the first is a steward from the beginning, the second a member.
pub const PEOPLE: usize = 5;

/// Something that somebody tries. People and cités are numbers.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "fields are named by the sentence of their variant")]
pub enum Event {
    /// The first of the two people admits the second.
    Admit { at: usize, by: usize, who: usize, steward: bool },
    /// A steward decides about a membership.
    Decide { at: usize, by: usize, who: usize, change: Change },
    /// A payment; to the commons when there is no payee.
    Pay { at: usize, by: usize, to: Option<usize>, minutes: u32 },
    /// A payment abroad.
    Export { at: usize, by: usize, to: (usize, usize), minutes: u32 },
    /// A person's last order comes again.
    Again { at: usize, by: usize },
    /// A committed message arrives: the next one, one before, or one after.
    Deliver { from: usize, to: usize, ahead: i8 },
    /// A home acknowledges.
    Acknowledge { at: usize, to: usize },
    /// A steward opens an account for another cité.
    Open { at: usize, by: usize, cite: usize, line: u32 },
    /// A steward changes a line.
    Line { at: usize, by: usize, cite: usize, line: u32 },
    /// A steward changes rules.
    Rules { at: usize, by: usize, rules: Rules },
    /// A steward agrees to the act that somebody proposed last.
    Approve { at: usize, by: usize, whose: usize },
    /// The root closes a cité.
    Close { at: usize },
    /// A cité that is closed says its last message to another.
    Farewell { at: usize, to: usize },
    /// A home seals.
    Seal { at: usize },
    /// Days pass everywhere.
    Days(u64),
}

/// What stewards decide about a membership.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// A new card, of a steward or not.
    Card(bool),
    /// A suspension, until so many days from now where there is an end.
    Suspend(Option<i8>),
    /// The end of one.
    Lift,
    /// Leaving.
    Leave,
}

/// The rules that a model's cités change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Smallest duration, in minutes.
    pub step: u32,
    /// How far below zero one may stand.
    pub floor: u32,
    /// How far above.
    pub ceiling: u32,
    /// Most that the cité may owe others; 0: what the protocol proposes.
    pub deficit: u32,
    /// Stewards that decide together.
    pub approvals: u8,
}

/// What became of an event: done, or done by sending back for this reason.
pub type Became = Option<u16>;

/// All cités.
#[derive(Clone, Debug)]
pub struct Model {
    /// The cités.
    pub cites: Vec<Cite>,
    /// Days since the beginning.
    pub day: u64,
}

/// Returns `Err(number)` when something is so.
fn refuse(number: u16, so: bool) -> Result<(), u16> {
    if so { Err(number) } else { Ok(()) }
}

impl Model {
    /// Returns cités that were just founded with `rules`.
    pub fn new(rules: Rules) -> Self {
        Self { cites: vec![Cite::new(rules); CITES], day: 0 }
    }

    /// Tries an event.
    ///
    /// # Errors
    /// The number of the refusal; nothing has changed then.
    pub fn try_event(&mut self, event: &Event) -> Result<Became, u16> {
        let day = self.day;
        match *event {
            Event::Days(days) => self.day += days,
            Event::Pay { at, by, to, minutes } => self.cites[at].pay(day, by, to, minutes)?,
            Event::Export { at, by, to, minutes } => {
                self.cites[at].export(day, (at, by), to, minutes)?;
            }
            Event::Again { at, by } => {
                self.cites[at].refuse_author(day, by)?;
                return Err(7);
            }
            Event::Decide { at, by, who, change } => {
                // The first day after it: one that ended yesterday is none.
                let end = |days: i8| (day + 1).saturating_add_signed(i64::from(days));
                let deed = match change {
                    Change::Card(steward) => Deed::Card(who, steward),
                    Change::Suspend(days) => Deed::Suspend(who, days.map(end)),
                    Change::Lift => Deed::Lift(who),
                    Change::Leave => Deed::Leave(who),
                };
                self.cites[at].act(day, by, deed)?;
            }
            Event::Deliver { from, to, ahead } => return self.deliver(from, to, ahead),
            Event::Acknowledge { at, to } => {
                let peer = self.cites[at].peers.get_mut(&to).ok_or(40u16)?;
                refuse(48, !peer.untold)?;
                peer.say(Said::Ack);
            }
            Event::Admit { at, by, who, steward } => {
                self.cites[at].act(day, by, Deed::Admit(who, steward))?;
            }
            Event::Open { at, by, cite, line } => {
                self.cites[at].refuse_author(day, by)?;
                refuse(50, !self.cites[at].signs(by))?;
                refuse(17, self.cites[at].closed)?;
                refuse(61, cite == at)?;
                self.cites[at].act(day, by, Deed::Open(cite, line))?;
            }
            Event::Line { at, by, cite, line } => {
                self.cites[at].act(day, by, Deed::Line(cite, line))?;
            }
            Event::Rules { at, by, rules } => {
                let next = self.cites[at].version + 1;
                self.cites[at].act(day, by, Deed::Rules(rules, next))?;
            }
            Event::Approve { at, by, whose } => self.cites[at].approve(day, by, whose)?,
            Event::Close { at } => {
                refuse(17, self.cites[at].closed)?;
                self.cites[at].closed = true;
            }
            Event::Farewell { at, to } => {
                let closed = self.cites[at].closed;
                let peer = self.cites[at].peers.get_mut(&to).ok_or(40u16)?;
                refuse(76, !closed)?;
                refuse(75, peer.ended)?;
                refuse(77, !peer.open.is_empty())?;
                peer.say(Said::Farewell);
                peer.ended = true;
            }
            Event::Seal { at } => {
                // An act waits thirty days; a seal of a later day forgets it.
                self.cites[at].waiting.retain(|waiting| waiting.until >= day);
            }
        }
        Ok(None)
    }

    fn deliver(&mut self, from: usize, to: usize, ahead: i8) -> Result<Became, u16> {
        let day = self.day;
        let stream = self.cites[from].peers.get(&to).map(|peer| peer.sent.clone());
        let next = self.cites[to].peers.get(&from).map_or(0, |peer| peer.received);
        let Some(at) = next.checked_add_signed(isize::from(ahead)) else { return Err(0) };
        let Some(&(received, said)) = stream.unwrap_or_default().get(at) else { return Err(0) };
        let cite = &mut self.cites[to];
        refuse(40, !cite.peers.contains_key(&from))?;
        refuse(75, cite.peers[&from].ended)?;
        refuse(45, ahead != 0)?;
        let peer = cite.peers.get_mut(&from).expect("just seen");
        peer.received += 1;
        if let Said::Return { counter } = said {
            let at = peer.open.iter().position(|open| open.0 == counter).expect("open until then");
            let (_, payer, minutes) = peer.open.remove(at);
            peer.balance -= i64::from(minutes);
            *cite.balances.get_mut(&payer).expect("a member") += i64::from(minutes);
        }
        // What they say they received before this message cannot come back any more.
        let peer = cite.peers.get_mut(&from).expect("just seen");
        peer.open.retain(|open| open.0 > received);
        if matches!(said, Said::Farewell) {
            // It took in nothing of what is still open, and never will.
            (peer.ended, peer.untold) = (true, false);
            for (_, payer, minutes) in std::mem::take(&mut peer.open) {
                peer.balance -= i64::from(minutes);
                *cite.balances.get_mut(&payer).expect("a member") += i64::from(minutes);
            }
        }
        let Said::Transfer { payee, minutes } = said else { return Ok(None) };
        let refused = cite.refuse_import(day, from, payee, minutes).err();
        let peer = cite.peers.get_mut(&from).expect("just seen");
        match refused {
            Some(_) => peer.say(Said::Return { counter: at + 1 }),
            None => {
                peer.balance -= i64::from(minutes);
                peer.untold = true;
                *cite.balances.get_mut(&payee).expect("a member") += i64::from(minutes);
            }
        }
        Ok(refused)
    }
}
