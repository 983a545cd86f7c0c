//! The events of tables, one pattern of words each: what a line tries, prepares or looks at.
//! Each asks the real rules; none decides anything.

use ledger::{object::Object, refusal::Refusal, rules::Draft};
use proto::{
    act::{Act, CardIssue, Leave, Lift, Line, Mirror, MirrorSet, PeerOpen, Suspend},
    entry::RootAct,
    founding::{RootKeys, Rules},
    heirs::Heirs,
    ids::{Account, CiteId, OrderId},
    order::{Approve, Export, Pay, Statement},
    stream::{Content, StreamMessage, Transfer},
};

use super::{
    Outcome, Row,
    cite::Cite,
    signed::{Unusual, WEAK, unusual},
    words,
};

type Answer = Result<Outcome, Refusal>;

impl Cite {
    /// Lets the event of a row happen for the `time`-th time (for `*` in its words); returns what the
    /// rules answered, `None` when they were not asked.
    pub(super) fn event(&mut self, row: &Row, time: u32) -> Option<Answer> {
        let owned: Vec<String> =
            row.words.iter().map(|word| word.replace('*', &time.to_string())).collect();
        let words: Vec<&str> = owned.iter().map(String::as_str).collect();
        let odd = unusual(row);
        match words.as_slice() {
            ["day", days] => self.now = self.now.plus(words::number::<u64>(days) * 86_400_000),
            [payee, "asks", payer, "for", minutes, "as", called] => {
                self.ask(payee, payer, minutes, called, &odd);
            }
            ["suppose", rest @ ..] => self.supposing(rest),
            [account, "stands", "at", balance] => self.look_at(account, balance),
            [cite, "holds", count, "open", "over", minutes] => self.look_open(cite, count, minutes),
            words => return Some(self.tried(words, &odd)),
        }
        None
    }

    fn tried(&mut self, words: &[&str], odd: &Unusual<'_>) -> Answer {
        match words {
            ["tisserandes", "is", "founded"] => {
                let founding = self.house.founding.verify().expect("a sound founding record");
                self.enter(Draft::Found(Box::new(founding), self.house.founding.clone()))
            }
            ["the", "root", "admits", name, level @ ..] => {
                let act = Act::Admit(self.admission(name, level, odd));
                self.root_act(act, odd)
            }
            ["the", "root", "lets", cite, "owe", line] => {
                let cite = self.house_of(cite).id;
                self.root_act(Act::Line(Line { cite, line: words::minutes(line) }), odd)
            }
            ["the", "root", "closes", "the", "cité"] => self.root_act(Act::Close, odd),
            ["the", "root", "names", "heirs", slugs @ ..] => {
                let act = self.heirs(slugs);
                self.root_act(act, odd)
            }
            ["farewell", cite] => {
                let cite = self.house_of(cite).id;
                self.enter(Draft::Farewell(cite))
            }
            ["seal"] => self.seal(0),
            ["seal", "naming", "the", "last"] => {
                let last = self.fold.state().head().size;
                self.seal(last)
            }
            ["acknowledge", cite] => {
                let cite = self.house_of(cite).id;
                self.enter(Draft::Ack(cite))
            }
            [cite, "sends", minutes, "from", payer, "to", payee, request @ ..] => {
                let payer = self.person(&format!("{payer}@{cite}")).id;
                let transfer = Transfer {
                    order: OrderId::NONE,
                    payer,
                    payee: self.person(payee).id,
                    minutes: words::minutes(minutes),
                    request: self.carried(request),
                    body: None,
                };
                self.message(cite, Content::Transfer(transfer), odd)
            }
            [cite, "returns", counter] => {
                let counter = words::number(counter);
                self.message(cite, Content::Return { counter, reason: 24 }, odd)
            }
            [cite, "acknowledges"] => self.message(cite, Content::Ack, odd),
            [cite, "is", "closed"] => self.message(cite, Content::Farewell, odd),
            [name, "repeats", "itself"] => {
                let order = self.entered.get(*name).cloned().expect("an order was entered before");
                self.submit(order)
            }
            [name, order @ ..] => {
                let statement = self.statement(order, odd);
                // What is unusual about an act is inside it, not about its order.
                let none = Vec::new();
                let act = matches!(statement, Statement::Act(_));
                let done = self.order(name, statement, if act { &none } else { odd });
                let called = odd.iter().find_map(|part| match part.as_slice() {
                    ["called", called] => Some(*called),
                    _ => None,
                });
                if let Some((called, order)) = called.zip(self.entered.get(*name).cloned()) {
                    self.entered.insert(called.to_owned(), order);
                }
                done
            }
            [] => panic!("a line without words"),
        }
    }

    fn statement(&mut self, words: &[&str], odd: &Unusual<'_>) -> Statement {
        match words {
            ["pays", payee, minutes, request @ ..] => Statement::Pay(Pay {
                payee: self.account(payee),
                minutes: words::minutes(minutes),
                request: self.carried(request),
            }),
            ["exports", minutes, "to", payee, request @ ..] => {
                let (_, slug) = payee.split_once('@').expect("the payee is of another cité");
                Statement::Export(Export {
                    to: self.house_of(slug).id,
                    payee: self.person(payee).id,
                    minutes: words::minutes(minutes),
                    request: self.carried(request),
                })
            }
            ["joins"] => Statement::Join(self.join("nina", &Vec::new()).0),
            // Of somebody the last one, or the one that was called so.
            ["approves", author] => {
                let act = self.entered.get(*author).map_or(OrderId::NONE, |order| order.id());
                Statement::Approve(Approve { act })
            }
            act => Statement::Act(self.act(act, odd)),
        }
    }

    fn act(&mut self, words: &[&str], odd: &Unusual<'_>) -> Act {
        match words {
            ["admits", name, level @ ..] => Act::Admit(self.admission(name, level, odd)),
            ["opens", slug, "with", line] => {
                let founding = self.record(slug, odd);
                Act::PeerOpen(PeerOpen { founding, line: words::minutes(line) })
            }
            ["lets", slug, "owe", line] => {
                let cite = self.house_of(slug).id;
                Act::Line(Line { cite, line: words::minutes(line) })
            }
            ["chooses", "witnesses", slugs @ ..] => {
                let mut mirrors: Vec<Mirror> =
                    slugs.iter().map(|slug| self.house_of(slug).as_mirror()).collect();
                mirrors.sort_unstable();
                if odd.iter().any(|part| part == &["with", "a", "weak", "key"]) {
                    mirrors[0].key = WEAK;
                }
                Act::MirrorSet(MirrorSet { mirrors })
            }
            ["issues", name, "a", "card", level @ ..] => Act::CardIssue(CardIssue {
                member: self.person(name).id,
                terms: self.terms(level, odd),
            }),
            ["suspends", name] => {
                Act::Suspend(Suspend { member: self.person(name).id, until: None })
            }
            ["suspends", name, "until", day] => {
                Act::Suspend(Suspend { member: self.person(name).id, until: Some(words::day(day)) })
            }
            ["lifts", name] => Act::Lift(Lift { member: self.person(name).id }),
            ["lets", name, "go"] => Act::Leave(Leave { member: self.person(name).id }),
            ["closes", "the", "cité"] => Act::Close,
            ["names", "heirs", slugs @ ..] => self.heirs(slugs),
            ["rules", changes @ ..] => Act::Rules(self.rules(changes)),
            other => panic!("no such event: {other:?}"),
        }
    }

    /// Returns the rules in force with changes, under the next version number unless it is given.
    fn rules(&self, changes: &[&str]) -> Rules {
        let mut rules = self.fold.state().cite().expect("the cité is founded").rules.clone();
        rules.version += 1;
        for change in changes.chunks(2) {
            match change {
                ["step", step] => rules.step = words::minutes(step),
                ["floor", floor] => rules.floor = words::minutes(floor),
                ["ceiling", ceiling] => rules.ceiling = words::minutes(ceiling),
                ["deficit", max] => rules.deficit_max = Some(words::minutes(max)),
                ["allowance", max] => rules.allowance_max = words::minutes(max),
                ["approvals", count] => rules.approvals = words::number(count),
                ["version", version] => rules.version = words::number(version),
                other => panic!("no such rule: {other:?}"),
            }
        }
        rules
    }

    /// Returns the act that names cités as heirs, any of whom may act; nobody has a key that is none.
    fn heirs(&mut self, slugs: &[&str]) -> Act {
        let key = |slug: &&str| match *slug {
            "nobody" => WEAK,
            slug => self.house_of(slug).roots[0].public(),
        };
        let keys = slugs.iter().map(key).collect();
        Act::Heirs(Heirs { keys: RootKeys { threshold: 1, keys } })
    }

    fn root_act(&mut self, act: Act, odd: &Unusual<'_>) -> Answer {
        let state = self.fold.state().cite();
        let mut seq = state.map_or(1, |cite| cite.root_seq + 1);
        let (mut cite, mut count) = (self.house.id, 2);
        for part in odd {
            match part.as_slice() {
                ["number", number] => seq = words::number(number),
                ["signed", "by", keys, ..] => count = words::number(keys),
                ["for", slug] => cite = self.house_of(slug).id,
                _ => {}
            }
        }
        let signatures = self.house.root_signatures(count, &RootAct::payload(cite, seq, &act));
        self.enter(Draft::RootAct(RootAct { cite, seq, act, signatures }))
    }

    /// Lets another cité's message arrive, the next on its stream, that has received everything.
    fn message(&mut self, slug: &str, content: Content, odd: &Unusual<'_>) -> Answer {
        let from = self.house_of(slug).id;
        let peer = self.fold.state().peer(&from).map(|(_, peer)| (peer.received, peer.sent));
        let (last, sent) = peer.unwrap_or((0, 0));
        let received = match content {
            Content::Transfer(_) => 0,
            Content::Return { counter, .. } => counter,
            Content::Ack | Content::Farewell => sent,
        };
        let mut message =
            StreamMessage { from, to: self.house.id, counter: last + 1, received, content };
        for part in odd {
            match part.as_slice() {
                ["number", counter] => message.counter = words::number(counter),
                ["having", "received", received] => message.received = words::number(received),
                ["for", slug] => message.to = self.house_of(slug).id,
                other => panic!("no message is unusual like this: {other:?}"),
            }
        }
        self.import(message)
    }

    fn account(&mut self, name: &str) -> Account {
        match name {
            "commons" => Account::Commons,
            "mariniers" | "ruchers" => Account::Peer(self.house_of(name).id),
            name => Account::Member(self.person(name).id),
        }
    }

    fn look_at(&mut self, name: &str, expected: &str) {
        let account = self.account(name);
        let state = self.fold.state();
        let found = match account {
            Account::Commons => state.commons().map(|commons| commons.balance),
            Account::Peer(id) => state.peer(&id).map(|(_, peer)| peer.balance),
            Account::Member(id) => state.balance(&id),
        };
        assert_eq!(found, Some(words::balance(expected)), "{name} stands at {expected}");
    }

    fn look_open(&mut self, slug: &str, count: &str, minutes: &str) {
        let id: CiteId = self.house_of(slug).id;
        let (_, peer) = self.fold.state().peer(&id).expect("an account for that cité");
        let listed = self.fold.state().opens(id, u64::MAX).count();
        let found = (peer.open, listed, peer.open_minutes);
        let count: u32 = words::number(count);
        let expected = (count, count.try_into().expect("fits"), words::balance(minutes));
        assert_eq!(found, expected, "open towards {slug}");
    }

    fn supposing(&mut self, words: &[&str]) {
        match words {
            [count, "members"] => {
                let count = words::number(count);
                self.suppose(|object| {
                    if let Object::Cite(cite) = object {
                        cite.members = count;
                    }
                });
            }
            ["commons", "at", minutes] => {
                let minutes = words::number(minutes);
                self.suppose(|object| {
                    if let Object::Commons(commons) = object {
                        commons.balance.0 = minutes;
                    }
                });
            }
            other => panic!("nothing to suppose: {other:?}"),
        }
    }
}
