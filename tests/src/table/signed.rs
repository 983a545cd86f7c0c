//! What people sign in tables: orders, requests and records, usual unless the line says what is not.
//! Nothing in here decides whether that is allowed.

use proto::{
    act::{Admit, Level},
    codec::{Bytes, Canonical as _},
    founding::{Network, SignedFounding},
    hash::Hash,
    ids::OrderId,
    keys::PublicKey,
    membership::Terms,
    minutes::Minutes,
    order::{Head, Join, Order, Statement},
};

use super::{Row, cite::Cite, words};
use crate::people::{self, House, Person};

/// A key that every signature verifies under in careless programs: a point of order 4.
pub(super) const WEAK: PublicKey = PublicKey([0; 32]);

/// The parts of a line behind its first comma.
pub(super) type Unusual<'a> = Vec<Vec<&'a str>>;

/// Returns the unusual parts of a row as words.
pub(super) fn unusual(row: &Row) -> Unusual<'_> {
    row.unusual.iter().map(|part| part.iter().map(String::as_str).collect()).collect()
}

/// Returns another network than that of all tables.
fn elsewhere() -> Network {
    Network { name: "ailleurs".to_owned(), test: true }
}

impl Cite {
    /// Tries an order of a person.
    pub(super) fn order(
        &mut self,
        name: &str,
        statement: Statement,
        unusual: &Unusual<'_>,
    ) -> Result<super::Outcome, ledger::refusal::Refusal> {
        let author = self.person(name);
        let mut order = self.usual(&author, statement);
        let mut signer = author.device.clone();
        for part in unusual {
            match part.as_slice() {
                ["number", seq] => order.seq = words::number(seq),
                ["after", "nothing"] => order.prev = OrderId::NONE,
                ["on", "device", lane] => order.lane = words::number(lane),
                ["with", "key", "set", epoch] => order.epoch = words::number(epoch),
                ["for", "another", "network"] => order.network = elsewhere().id(),
                ["for", slug] => order.home = self.house_of(slug).id,
                ["signed", "by", other] => signer = self.person(other).device,
                ["until", days] => order.valid_until = words::day(days),
                ["seen", "nothing"] => order.seen = Head::empty(),
                ["seen", "another", "history"] => order.seen.root = Hash([7; 32]),
                other => panic!("no order is unusual like this: {other:?}"),
            }
        }
        let order = order.sign(&signer);
        let outcome = self.submit(order.clone())?;
        self.entered.insert(name.to_owned(), order);
        Ok(outcome)
    }

    /// Returns an order as a person's device writes it: the next of its lane, on the newest head seen.
    fn usual(&self, author: &Person, statement: Statement) -> Order {
        let state = self.fold.state();
        let account = state.account(&author.id).map(|(_, account)| account);
        let lane = account.and_then(|account| account.lane(0));
        let (seq, prev) = lane.map_or((0, OrderId::NONE), |lane| (lane.seq, lane.last));
        let committed = state.clock().is_some_and(|clock| clock.committed_size > 0);
        let seen = if committed { state.head() } else { Head::empty() };
        let valid_until = self.now.day().plus(30);
        Order { seen, valid_until, ..author.order(seq + 1, prev, statement) }
    }

    /// Lets a person ask for hours; the table calls the request `called`.
    pub(super) fn ask(
        &mut self,
        name: &str,
        payer: &str,
        minutes: &str,
        called: &str,
        unusual: &Unusual<'_>,
    ) {
        let payee = self.person(name);
        let until = self.now.day().plus(10);
        let mut request = payee.request(words::minutes(minutes), people::salt(called), until);
        request.payer = (payer != "anybody").then(|| self.person(payer).id);
        let mut signer = payee.device;
        for part in unusual {
            match part.as_slice() {
                ["until", days] => request.valid_until = words::day(days),
                ["signed", "by", other] => signer = self.person(other).device,
                ["for", "another", "network"] => request.network = elsewhere().id(),
                ["on", "device", lane] => request.lane = words::number(lane),
                other => panic!("no request is unusual like this: {other:?}"),
            }
        }
        self.requests.insert(called.to_owned(), request.sign(&signer));
    }

    /// Returns the bytes of a request, as a payment carries them: `for` and its name, or nothing.
    pub(super) fn carried(&self, words: &[&str]) -> Option<Bytes> {
        match words {
            [] => None,
            ["for", "rubbish"] => Some(Bytes::from(b"no request".to_vec())),
            ["for", called] => {
                let request = self.requests.get(*called).expect("the table asks before it pays");
                Some(Bytes::from(request.bytes().to_vec()))
            }
            other => panic!("no payment says this: {other:?}"),
        }
    }

    /// Returns the order with which a person joins.
    pub(super) fn join(&self, name: &str, unusual: &Unusual<'_>) -> (Join, Order, Person) {
        let house = House::new("tisserandes", "Les Tisserandes", "Arles", 2, 3);
        let mut person = Person::new(name, &house);
        let mut join = Join { record: person.record.clone(), rules: 1, pledge: Minutes(0) };
        let mut order = person.order(1, OrderId::NONE, Statement::Join(join.clone()));
        order.valid_until = self.now.day().plus(30);
        for part in unusual {
            match part.as_slice() {
                ["joining", "until", days] => order.valid_until = words::day(days),
                ["joining", "with", "rules", version] => join.rules = words::number(version),
                ["joining", "mariniers"] => order.home = people::mariniers().id,
                ["joining", "by", other] => person.device = Person::new(other, &house).device,
                ["joining", "with", "a", "weak", "word", "key"] => {
                    join.record.keys[1].key = WEAK;
                    order.author = join.record.id();
                }
                _ => {}
            }
        }
        order.statement = Statement::Join(join.clone());
        (join, order, person)
    }

    /// Returns the act that admits a person.
    pub(super) fn admission(&self, name: &str, level: &[&str], unusual: &Unusual<'_>) -> Admit {
        let (_, order, person) = self.join(name, unusual);
        let letter = unusual.iter().any(|part| part == &["joining", "by", "a", "letter"]);
        // What else is unusual is about the order inside, or about the root's signatures.
        let join = match letter {
            true => b"Dear all".to_vec(),
            false => order.sign(&person.device).bytes().to_vec(),
        };
        Admit { join: Bytes::from(join), terms: self.terms(level, unusual) }
    }

    /// Returns the terms of a card: of a member and for a year, unless that is unusual.
    pub(super) fn terms(&self, level: &[&str], unusual: &Unusual<'_>) -> Terms {
        let level = if level == ["as", "steward"] { Level::Steward } else { Level::Member };
        let today = self.now.day();
        let mut terms =
            Terms { level, from: today, until: today.plus(365), allowance: Minutes(60) };
        for part in unusual {
            match part.as_slice() {
                ["card", from, "to", until] => {
                    (terms.from, terms.until) = (words::day(from), words::day(until));
                }
                ["allowing", minutes] => terms.allowance = words::minutes(minutes),
                _ => {}
            }
        }
        terms
    }

    /// Returns a cité's signed founding record as an opening carries it.
    pub(super) fn record(&mut self, slug: &str, unusual: &Unusual<'_>) -> Bytes {
        let house = self.house_of(slug);
        let mut signed = house.founding.clone();
        for part in unusual {
            match part.as_slice() {
                ["founded", "in", "another", "network"] => {
                    let founding =
                        proto::founding::Founding { network: elsewhere(), ..signed.founding };
                    signed = SignedFounding::sign(founding, &house.roots);
                }
                ["signed", "by", "nobody"] => signed.signatures.clear(),
                other => panic!("no opening is unusual like this: {other:?}"),
            }
        }
        Bytes::from(signed.encode())
    }
}
