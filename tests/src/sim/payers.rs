//! People with a wallet each: they sign orders and send the very same bytes until they are answered; and when the
//! log they knew is gone they present again what did not make it. What a wallet does here, `pirate` does for real.

mod complaint;

use std::collections::{BTreeMap, VecDeque};

use proto::{
    act::{Act, MirrorSet, PeerOpen},
    codec::Bytes,
    desk::{Call, ComplaintState, Query, Reply, SignedQuery},
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Export, Head, Order, Pay, SignedOrder, Statement},
    time::UnixMillis,
};

use complaint::Complaint;

use super::{changes::Mirrors, rates::Rates, site::Site};
use crate::{disk::Chance, people::founding_bytes};

/// Orders that a wallet signs on top of one head.
const HEAD_AGE_MAX: u32 = 30;

/// Days for which an order may be entered.
const VALID_DAYS: u64 = 20;

/// Refusals that people who pay to and fro meet: a limit, too many transfers on their way, an account that is not
/// proved to be open; and since stewards decide about members, that one is suspended or that somebody has left.
const LIMITS: [u16; 9] = [18, 19, 25, 26, 28, 41, 42, 43, 44];

/// The home is at another place in this wallet's chain: it lost what was not certified, or had more than was told.
const OUT_OF_STEP: [u16; 3] = [7, 8, 9];

/// The order is too old: of another history, or out of date.
const TOO_OLD: [u16; 3] = [10, 11, 12];

/// The change of mirrors before is certified, and not in force yet.
const UNDER_WAY: u16 = 67;

/// What an act of a steward is told who signed it again, or that came too late: an account is open, nobody is suspended,
/// the last day of it has passed, or the member has left.
const DONE_ALREADY: [u16; 4] = [60, 91, 92, 93];

/// What a wallet must learn before it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Need {
    Nothing,
    /// A committed head.
    Head,
    /// How far its chain has come; with a challenge once there is one.
    Lane(Option<[u8; 32]>),
}

/// What became of a reply.
pub(super) enum Heard {
    /// The order is in the log, says this receipt.
    Recorded(Box<SignedOrder>, Box<proto::desk::Receipt>),
    /// There is something to do at once.
    Next,
    /// There is nothing to do for a while.
    Rest,
    /// The node could not; the same again after a while.
    Again,
    /// A committed head was told.
    Head(Head),
    /// Part of the history that this wallet knew is gone.
    Behind,
    /// A mirror says so of a complaint.
    Complained(ComplaintState),
}

/// Somebody who pays.
#[derive(Debug)]
pub(super) struct Payer {
    pub(super) place: usize,
    pub(super) who: usize,
    /// What a steward has to do first.
    script: VecDeque<Statement>,
    /// Number of the next order, and the one before it.
    next: u64,
    prev: OrderId,
    /// Orders on their way, in turn.
    pending: VecDeque<SignedOrder>,
    /// All orders that were signed and not given up.
    signed: BTreeMap<u64, SignedOrder>,
    head: Head,
    age: u32,
    need: Need,
    complaint: Complaint,
    /// Its home may lose what it certified, and refuse what rests on that.
    forgives: bool,
    /// How a change of mirrors stands that this steward decided on.
    pub(super) mirrors: Mirrors,
    /// The call that is waited for.
    pub(super) waits: Option<u64>,
}

impl Payer {
    pub(super) fn new(sites: &[Site], place: usize, who: usize, rates: &Rates) -> Self {
        let script = if who == 0 { script(sites, place, rates) } else { VecDeque::new() };
        Self {
            place,
            who,
            script,
            next: 2,
            prev: sites[place].people[who].join().id(),
            pending: VecDeque::new(),
            signed: BTreeMap::new(),
            head: Head::empty(),
            age: 0,
            need: Need::Nothing,
            complaint: Complaint::default(),
            forgives: rates.beyond,
            mirrors: Mirrors::All,
            waits: None,
        }
    }

    /// Returns whether nothing is left to be answered, or put back.
    pub(super) fn is_done(&self) -> bool {
        !self.has_begun() && self.mirrors != Mirrors::Without
    }

    /// Returns whether something is left to be answered.
    pub(super) fn has_begun(&self) -> bool {
        !self.pending.is_empty() || !self.script.is_empty() || self.need != Need::Nothing
    }

    /// Lets a steward act next.
    pub(super) fn plans(&mut self, act: Act) {
        self.script.push_back(Statement::Act(act));
    }

    /// Returns in a few words what is not done.
    pub(super) fn says(&self) -> String {
        let Self { place, script, next, pending, need, waits, .. } = self;
        let (script, pending) = (script.len(), pending.len());
        format!(
            "at {place}, order {next} is next, {pending} pending, {script} planned, {need:?}, {waits:?}"
        )
    }

    /// Lets the wallet ask how far its chain has come.
    pub(super) fn looks_again(&mut self) {
        self.need = Need::Lane(None);
    }

    /// Returns the next call. Who is not `paying` only brings to an end what was begun.
    pub(super) fn turn(
        &mut self,
        now: UnixMillis,
        sites: &[Site],
        (chance, rates): (&mut Chance, &Rates),
        paying: bool,
    ) -> Option<Call> {
        let site = &sites[self.place];
        let person = &site.people[self.who];
        match self.need {
            Need::Head => return Some(Call::Sheet),
            Need::Lane(None) => return Some(Call::Challenge),
            Need::Lane(Some(challenge)) => {
                return Some(Call::Private(Box::new(SignedQuery::sign(
                    &site.house.network,
                    &site.house.id,
                    person.id,
                    (0, 0),
                    challenge,
                    Query::Account,
                    &person.device,
                ))));
            }
            Need::Nothing => {}
        }
        if self.pending.is_empty() {
            if self.age >= HEAD_AGE_MAX {
                self.need = Need::Head;
                return Some(Call::Sheet);
            }
            let statement = match self.script.front() {
                Some(statement) => statement.clone(),
                None if paying => self.pays(sites, chance, rates),
                None => return None,
            };
            self.age += 1;
            let order = Order {
                seen: self.head,
                valid_until: now.day().plus(VALID_DAYS),
                ..person.order(self.next, self.prev, statement)
            };
            let order = order.sign(&person.device);
            self.signed.insert(self.next, order.clone());
            self.pending.push_back(order);
        }
        let order = self.pending.front()?;
        Some(Call::Submit { order: Bytes::from(order.bytes().to_vec()), body: None })
    }

    fn pays(&self, sites: &[Site], chance: &mut Chance, rates: &Rates) -> Statement {
        let mut any = |below: usize| {
            let below = u64::try_from(below).expect("few");
            usize::try_from(chance.below(below)).expect("few")
        };
        let minutes = Minutes(15 * u32::try_from(1 + any(4)).expect("few"));
        let far = u64::try_from(any(100)).expect("few") < rates.abroad;
        if far {
            let other = &sites[(self.place + 1 + any(sites.len() - 1)) % sites.len()];
            let payee = other.people[any(other.people.len())].id;
            return Statement::Export(Export { to: other.house.id, payee, minutes, request: None });
        }
        let people = &sites[self.place].people;
        let payee = people[(self.who + 1 + any(people.len() - 1)) % people.len()].id;
        Statement::Pay(Pay { payee: Account::Member(payee), minutes, request: None })
    }

    /// Takes in a reply.
    ///
    /// # Panics
    /// When an honest wallet is told what it must never be told.
    pub(super) fn hears(&mut self, from: usize, reply: Reply) -> Heard {
        match reply {
            reply if from != self.place => self.hears_mirror(from, reply),
            Reply::Recorded(receipt) => {
                let Some(order) = self.pending.pop_front() else { return Heard::Rest };
                (self.next, self.prev) = (order.order().seq + 1, order.id());
                if self.script.front() == Some(&order.order().statement) {
                    self.script.pop_front();
                }
                Heard::Recorded(Box::new(order), receipt)
            }
            Reply::Refused(refused) => self.refused(refused.number),
            Reply::Sheet(sheet) => {
                (self.head, self.age) = (sheet.committed, 0);
                self.need = Need::Nothing;
                Heard::Head(sheet.committed)
            }
            Reply::Challenge(challenge) => {
                self.need = Need::Lane(Some(challenge));
                Heard::Next
            }
            Reply::Account(sheet) => {
                let lane = sheet.lanes.first().expect("a member has a device");
                self.goes_on_from(lane.seq, lane.last)
            }
            Reply::Unavailable(_) => {
                if let Need::Lane(challenge) = &mut self.need {
                    *challenge = None;
                }
                Heard::Again
            }
            other => panic!("a wallet was told {other:?}"),
        }
    }

    fn refused(&mut self, number: u16) -> Heard {
        let Some(order) = self.pending.front() else { return Heard::Rest };
        let order = order.clone();
        if OUT_OF_STEP.contains(&number) {
            self.need = Need::Lane(None);
            return Heard::Next;
        }
        let done =
            DONE_ALREADY.contains(&number) && self.script.front() == Some(&order.order().statement);
        if done {
            self.script.pop_front();
        }
        let later = LIMITS.contains(&number) || number == UNDER_WAY;
        let known = done || later || self.forgives || TOO_OLD.contains(&number);
        assert!(known, "an honest wallet was refused with {number}: {order:?}");
        // Signing a number anew that was refused, or lost, is honest.
        self.pending.clear();
        self.signed.remove(&order.order().seq);
        if TOO_OLD.contains(&number) {
            self.need = Need::Head;
            return Heard::Next;
        }
        Heard::Rest
    }

    /// Goes on where the home is: what follows there is presented again.
    fn goes_on_from(&mut self, seq: u64, last: OrderId) -> Heard {
        let behind = seq + 1 < self.next;
        if seq + 1 != self.next {
            self.complaint = Complaint::default();
        }
        (self.next, self.prev) = (seq + 1, last);
        self.pending.clear();
        let (mut next, mut prev) = (self.next, self.prev);
        while let Some(order) = self.signed.get(&next).filter(|order| order.order().prev == prev) {
            self.pending.push_back(order.clone());
            (next, prev) = (next + 1, order.id());
        }
        self.need = Need::Nothing;
        if behind { Heard::Behind } else { Heard::Next }
    }
}

/// Returns what a steward does first: opens accounts for all others, and chooses them as mirrors.
fn script(sites: &[Site], place: usize, rates: &Rates) -> VecDeque<Statement> {
    let others = || sites.iter().enumerate().filter(move |(at, _)| *at != place);
    let line = Minutes(rates.line_h * 60);
    let open = |(_, site): (usize, &Site)| {
        let founding = founding_bytes(&site.house);
        Statement::Act(Act::PeerOpen(PeerOpen { founding, line }))
    };
    let mut mirrors: Vec<_> = others().map(|(_, site)| site.house.as_mirror()).collect();
    mirrors.sort_unstable();
    let mirrors = Statement::Act(Act::MirrorSet(MirrorSet { mirrors }));
    others().map(open).chain([mirrors]).collect()
}
