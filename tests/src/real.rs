//! Three cités on the real fold, living what a model lives: events in, the rules' answers out.
//! Stream messages wait in a list; what a proof would show is taken as shown.

use std::{collections::BTreeMap, sync::LazyLock};

use ledger::{
    fold::Fold,
    keybook::KeyBook,
    refusal::Refusal,
    rules::{self, Draft},
};
use proto::{
    act::{Act, Admit, CardIssue, Leave, Level, Lift, Line, PeerOpen, Suspend},
    codec::Bytes,
    entry::{Entry, Outcome, Payload, RootAct},
    founding,
    ids::{Account, CiteId, MemberId, OrderId},
    membership::Terms,
    minutes::Minutes,
    order::{Approve, Export, Head, Join, Order, Pay, SignedOrder, Statement},
    stream::StreamMessage,
    time::{UnixMillis, UtcDay},
};

use crate::{
    model::{CITES, Change, Event, PEOPLE, Rules},
    people::{self, House, Person, TODAY},
};

/// The three cités.
pub static HOUSES: LazyLock<[House; CITES]> =
    LazyLock::new(|| [people::tisserandes(), people::mariniers(), people::ruchers()]);

/// The people of each.
pub static PERSONS: LazyLock<Vec<Vec<Person>>> = LazyLock::new(|| {
    let person = |at: usize| move |who| Person::new(&format!("person {who}"), &HOUSES[at]);
    (0..CITES).map(|at| (0..PEOPLE).map(person(at)).collect()).collect()
});

static FOUNDED: LazyLock<Vec<Real>> = LazyLock::new(|| (0..CITES).map(Real::found).collect());

/// The rules with which all begin: narrow, so that limits are met.
pub const RULES: Rules = Rules { step: 15, floor: 240, ceiling: 480, deficit: 0, approvals: 1 };

/// One real cité: its fold, and what it said.
#[derive(Clone)]
pub struct Real {
    at: usize,
    /// State and tree.
    pub fold: Fold,
    book: KeyBook,
    /// The log.
    pub entries: Vec<Vec<u8>>,
    /// Messages on the streams to the others.
    pub streams: BTreeMap<usize, Vec<StreamMessage>>,
    /// What became of the others' messages.
    became: BTreeMap<(usize, u64), Outcome>,
    /// The last order of each person, and the last act.
    last: BTreeMap<usize, SignedOrder>,
    last_act: BTreeMap<usize, OrderId>,
}

impl Real {
    /// Founds a cité whose root admits the steward and one member.
    fn found(at: usize) -> Self {
        let house = &HOUSES[at];
        let mut real = Self {
            at,
            fold: Fold::default(),
            book: KeyBook::default(),
            entries: Vec::new(),
            streams: BTreeMap::new(),
            became: BTreeMap::new(),
            last: BTreeMap::new(),
            last_act: BTreeMap::new(),
        };
        let founding = house.founding.verify().expect("a sound record");
        let now = TODAY.start();
        let found = Draft::Found(Box::new(founding), house.founding.clone());
        real.enter(now, found).expect("the first entry");
        for (seq, level) in [(1u32, Level::Steward), (2, Level::Member)] {
            let who = usize::try_from(seq - 1).expect("0 or 1");
            let act = Act::Admit(PERSONS[at][who].admission(level));
            let act = root_act(at, seq, act);
            real.enter(now, Draft::RootAct(act)).expect("the first people");
        }
        let act = Act::Rules(real.rules(RULES));
        real.order(now, 0, Statement::Act(act)).expect("the steward decides alone");
        real
    }

    /// Enters what the rules decide; returns the number of a refusal with which something went back.
    fn enter(&mut self, now: UnixMillis, draft: Draft) -> Result<Option<u16>, Refusal> {
        let decision = rules::decide(self.fold.state(), now, draft)?;
        decision.effect.admitted().for_each(|member| self.book.learn_member(member));
        let mut refused = None;
        if let Payload::Import(import) = &decision.payload {
            let from = place(&import.message.from);
            self.became.insert((from, import.message.counter), import.outcome);
            if let Outcome::Returned { reason, .. } = import.outcome {
                refused = Some(reason);
            }
        }
        let bytes = self.fold.enter(now, decision).bytes;
        let entry = Entry::decode(&bytes).expect("what was entered is an entry");
        if let Some(message) = entry.message(HOUSES[self.at].id) {
            self.streams.entry(place(&message.to)).or_default().push(message);
        }
        self.entries.push(bytes);
        Ok(refused)
    }

    fn order(&mut self, now: UnixMillis, by: usize, statement: Statement) -> Tried {
        let author = &PERSONS[self.at][by];
        let lane = self.fold.state().account(&author.id).and_then(|(_, account)| account.lane(0));
        let (seq, prev) = lane.map_or((0, OrderId::NONE), |lane| (lane.seq, lane.last));
        let order = author.order(seq + 1, prev, statement);
        let valid_until = now.day().plus(30);
        let signed = Order { valid_until, ..order }.sign(&author.device);
        let done = self.submit(now, signed.clone())?;
        if matches!(signed.order().statement, Statement::Act(_)) {
            self.last_act.insert(by, signed.id());
        }
        self.last.insert(by, signed);
        Ok(done)
    }

    fn submit(&mut self, now: UnixMillis, order: SignedOrder) -> Tried {
        let key_of = |member: &_, epoch, lane| self.book.get(member, epoch, lane);
        let verified = rules::verify_order(self.fold.state(), order, key_of)?;
        let answered = self.book.answered_by(&verified.order().statement);
        self.enter(now, Draft::Order(verified, answered))
    }

    fn rules(&self, rules: Rules) -> founding::Rules {
        let now = self.fold.state().cite().expect("founded").rules.clone();
        founding::Rules {
            version: now.version + 1,
            step: Minutes(rules.step),
            floor: Minutes(rules.floor),
            ceiling: Minutes(rules.ceiling),
            deficit_max: (rules.deficit > 0).then_some(Minutes(rules.deficit)),
            approvals: rules.approvals,
            ..now
        }
    }
}

/// Returns an act that enough root keys signed.
fn root_act(at: usize, seq: u32, act: Act) -> RootAct {
    let house = &HOUSES[at];
    let payload = RootAct::payload(house.id, seq, &act);
    let signatures = house.root_signatures(house.founding.founding.root.threshold, &payload);
    RootAct { cite: house.id, seq, act, signatures }
}

/// What the rules answered; inside, the number with which a transfer was sent back.
pub type Tried = Result<Option<u16>, Refusal>;

fn place(cite: &CiteId) -> usize {
    HOUSES.iter().position(|house| house.id == *cite).expect("one of the three")
}

/// The three real cités.
pub struct Reals {
    /// The cités.
    pub cites: Vec<Real>,
    /// The time of what happens next.
    pub now: UnixMillis,
}

impl Default for Reals {
    fn default() -> Self {
        Self { cites: FOUNDED.clone(), now: TODAY.start() }
    }
}

impl Reals {
    /// Tries an event on the real fold. `None`: there is no such message to deliver.
    pub fn try_event(&mut self, event: &Event) -> Option<Tried> {
        let now = self.now;
        Some(match *event {
            Event::Days(days) => {
                self.now = now.plus(days * 86_400_000);
                Ok(None)
            }
            Event::Deliver { from, to, ahead } => {
                let peer = self.cites[to].fold.state().peer(&HOUSES[from].id);
                let next = peer.map_or(0, |(_, peer)| peer.received);
                let at = next.checked_add_signed(i64::from(ahead))?;
                let stream = self.cites[from].streams.get(&to)?;
                let message = stream.get(usize::try_from(at).expect("few messages"))?.clone();
                let answered = self.cites[to].book.answered_by_message(&message);
                let draft = Draft::Import { message, incarnation: 0, leaf: at, answered };
                self.cites[to].enter(now, draft)
            }
            Event::Acknowledge { at, to } => self.cites[at].enter(now, Draft::Ack(HOUSES[to].id)),
            Event::Farewell { at, to } => self.cites[at].enter(now, Draft::Farewell(HOUSES[to].id)),
            Event::Close { at } => {
                let state = self.cites[at].fold.state();
                let seq = state.cite().expect("founded").root_seq + 1;
                let act = root_act(at, seq, Act::Close);
                self.cites[at].enter(now, Draft::RootAct(act))
            }
            Event::Seal { at } => {
                let sealed = self.cites[at].fold.seal(now, 0).expect("founded");
                self.cites[at].entries.push(sealed.bytes);
                Ok(None)
            }
            Event::Again { at, by } => {
                let real = &mut self.cites[at];
                let join = || PERSONS[at][by].join();
                let order = real.last.get(&by).cloned().unwrap_or_else(join);
                real.submit(now, order)
            }
            Event::Admit { at, by, .. }
            | Event::Decide { at, by, .. }
            | Event::Pay { at, by, .. }
            | Event::Export { at, by, .. }
            | Event::Open { at, by, .. }
            | Event::Line { at, by, .. }
            | Event::Rules { at, by, .. }
            | Event::Approve { at, by, .. } => {
                let statement = self.statement(event);
                self.cites[at].order(now, by, statement)
            }
        })
    }

    fn statement(&self, event: &Event) -> Statement {
        match *event {
            Event::Pay { at, to, minutes, .. } => {
                let payee = to.map_or(Account::Commons, |to| Account::Member(PERSONS[at][to].id));
                Statement::Pay(Pay { payee, minutes: Minutes(minutes), request: None })
            }
            Event::Export { to: (to, payee), minutes, .. } => {
                let (payee, to) = (PERSONS[to][payee].id, HOUSES[to].id);
                Statement::Export(Export { to, payee, minutes: Minutes(minutes), request: None })
            }
            Event::Admit { at, who, steward, .. } => {
                let level = if steward { Level::Steward } else { Level::Member };
                Statement::Act(Act::Admit(self.admission(&PERSONS[at][who], level)))
            }
            Event::Decide { at, who, change, .. } => {
                Statement::Act(self.change(PERSONS[at][who].id, change))
            }
            Event::Open { cite, line, .. } => {
                let founding = people::founding_bytes(&HOUSES[cite]);
                Statement::Act(Act::PeerOpen(PeerOpen { founding, line: Minutes(line) }))
            }
            Event::Line { cite, line, .. } => {
                Statement::Act(Act::Line(Line { cite: HOUSES[cite].id, line: Minutes(line) }))
            }
            Event::Rules { at, rules, .. } => {
                Statement::Act(Act::Rules(self.cites[at].rules(rules)))
            }
            Event::Approve { at, whose, .. } => {
                let act = self.cites[at].last_act.get(&whose).copied().unwrap_or(OrderId::NONE);
                Statement::Approve(Approve { act })
            }
            _ => unreachable!("not an order"),
        }
    }

    fn change(&self, member: MemberId, change: Change) -> Act {
        let today = self.now.day();
        let after = |days: i8| UtcDay(today.0.saturating_add_signed(i64::from(days)));
        match change {
            Change::Card(steward) => {
                let level = if steward { Level::Steward } else { Level::Member };
                Act::CardIssue(CardIssue { member, terms: self.terms(level) })
            }
            Change::Suspend(days) => Act::Suspend(Suspend { member, until: days.map(after) }),
            Change::Lift => Act::Lift(Lift { member }),
            Change::Leave => Act::Leave(Leave { member }),
        }
    }

    fn terms(&self, level: Level) -> Terms {
        let today = self.now.day();
        Terms { level, from: today, until: today.plus(365), allowance: Minutes(60) }
    }

    fn admission(&self, person: &Person, level: Level) -> Admit {
        let today = self.now.day();
        let join = Join { record: person.record.clone(), rules: 1, pledge: Minutes(0) };
        let order = person.order(1, OrderId::NONE, Statement::Join(join));
        let join = Order { valid_until: today.plus(30), seen: Head::empty(), ..order };
        let join = Bytes::from(join.sign(&person.device).bytes().to_vec());
        Admit { join, terms: self.terms(level) }
    }

    /// Returns the minutes sent by `from`, neither imported by `to` nor come back.
    pub fn on_their_way(&self, from: usize, to: usize) -> i64 {
        let opens = self.cites[from].fold.state().opens(HOUSES[to].id, u64::MAX);
        let became = &self.cites[to].became;
        opens
            .filter(|(_, open)| became.get(&(from, open.counter)) != Some(&Outcome::Taken))
            .map(|(_, open)| i64::from(open.minutes.0))
            .sum()
    }

    /// Returns what `at` owes `of`.
    pub fn peer(&self, at: usize, of: usize) -> i64 {
        let peer = self.cites[at].fold.state().peer(&HOUSES[of].id);
        peer.map_or(0, |(_, peer)| peer.balance.0)
    }
}
