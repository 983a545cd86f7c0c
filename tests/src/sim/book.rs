//! A second opinion on a log: from the bytes of its entries alone, who has how many minutes, and what crossed which
//! border. It knows no rule of the ledger, shares no line with it, and checks what every reader could.

use std::collections::BTreeMap;

use proto::{
    act::Act,
    codec::Canonical as _,
    entry::{Entry, Import, Outcome, Payload},
    founding::SignedFounding,
    ids::{Account, CiteId},
    order::Statement,
    stream::{Content, StreamMessage, Transfer},
};

/// What became of a message of another cité.
#[derive(Clone, Debug)]
pub(super) struct TakenIn {
    pub(super) message: StreamMessage,
    pub(super) outcome: Outcome,
}

/// What a log says.
#[derive(Default)]
pub(super) struct Book {
    /// Minutes of every account; those of other cités among them.
    pub(super) balances: BTreeMap<Account, i64>,
    pub(super) peers: BTreeMap<CiteId, i64>,
    /// The most that each other cité may owe.
    lines: BTreeMap<CiteId, i64>,
    /// Messages to each other cité, in turn.
    pub(super) sent: BTreeMap<CiteId, Vec<StreamMessage>>,
    /// Messages of each other cité, in turn.
    pub(super) received: BTreeMap<CiteId, Vec<TakenIn>>,
}

impl Book {
    /// Reads a log of a cité.
    ///
    /// # Panics
    /// Where the sum of all accounts is not zero, or a stream leaves something out.
    pub(super) fn of(cite: CiteId, entries: &[Vec<u8>]) -> Self {
        let mut book = Self::default();
        for (leaf, bytes) in entries.iter().enumerate() {
            let entry = Entry::decode(bytes).expect("every leaf is an entry");
            book.enter(cite, &entry);
            let members: i64 = book.balances.values().sum();
            let peers: i64 = book.peers.values().sum();
            assert_eq!(members + peers, 0, "the sum after leaf {leaf}");
        }
        book
    }

    fn moves(&mut self, from: Account, to: Account, minutes: i64) {
        *self.balances.entry(from).or_default() -= minutes;
        *self.balances.entry(to).or_default() += minutes;
    }

    fn enter(&mut self, cite: CiteId, entry: &Entry) {
        match &entry.payload {
            Payload::Order(order) => match &order.order().statement {
                Statement::Pay(pay) => {
                    let author = Account::Member(order.order().author);
                    self.moves(author, pay.payee, i64::from(pay.minutes.0));
                }
                Statement::Act(Act::PeerOpen(open)) => {
                    let signed = SignedFounding::decode(&open.founding).expect("a record");
                    self.lines.insert(signed.founding.id(), i64::from(open.line.0));
                }
                Statement::Act(Act::Line(change)) => {
                    self.lines.insert(change.cite, i64::from(change.line.0));
                }
                _ => {}
            },
            Payload::Export { order, .. } => {
                if let Statement::Export(export) = &order.order().statement {
                    let minutes = i64::from(export.minutes.0);
                    let author = Account::Member(order.order().author);
                    *self.balances.entry(author).or_default() -= minutes;
                    *self.peers.entry(export.to).or_default() += minutes;
                }
            }
            Payload::Import(import) => self.take_in(import),
            _ => {}
        }
        if let Some(message) = entry.message(cite) {
            let stream = self.sent.entry(message.to).or_default();
            stream.push(message.clone());
            let count = u64::try_from(stream.len()).expect("few");
            assert_eq!(message.counter, count, "messages are numbered from 1 on");
        }
    }

    fn take_in(&mut self, import: &Import) {
        let message = &import.message;
        let stream = self.received.entry(message.from).or_default();
        stream.push(TakenIn { message: message.clone(), outcome: import.outcome });
        let count = u64::try_from(stream.len()).expect("few");
        assert_eq!(message.counter, count, "each message is taken in once, in turn");
        let credit = match (&message.content, import.outcome) {
            (Content::Transfer(transfer), Outcome::Taken) => {
                Some((transfer.payee, transfer.minutes))
            }
            (Content::Return { counter, .. }, _) => {
                let Transfer { payer, minutes, .. } = self.transfer(message.from, *counter);
                Some((payer, minutes))
            }
            _ => None,
        };
        if let Some((member, minutes)) = credit {
            let minutes = i64::from(minutes.0);
            *self.balances.entry(Account::Member(member)).or_default() += minutes;
            let balance = self.peers.entry(message.from).or_default();
            *balance -= minutes;
            let owed = -*balance;
            let taken = matches!(message.content, Content::Transfer(_));
            assert!(!taken || Some(&owed) <= self.lines.get(&message.from), "{owed} owed");
        }
    }

    fn transfer(&self, to: CiteId, counter: u64) -> Transfer {
        let at = usize::try_from(counter).expect("few").checked_sub(1).expect("from 1 on");
        let message = self.sent.get(&to).and_then(|stream| stream.get(at));
        match message.map(|message| &message.content) {
            Some(Content::Transfer(transfer)) => transfer.clone(),
            other => panic!("message {counter} came back, which is {other:?}"),
        }
    }

    /// Returns the minutes that this log sent and that are neither taken in there nor back here.
    pub(super) fn on_their_way(&self, to: CiteId, there: &Self, here: CiteId) -> i64 {
        let taken_in = there.received.get(&here).map(Vec::as_slice).unwrap_or_default();
        let taken = |counter: u64| {
            taken_in
                .iter()
                .any(|one| one.message.counter == counter && one.outcome == Outcome::Taken)
        };
        let back = |counter: u64| {
            let ours = self.received.get(&to).into_iter().flatten();
            ours.map(|one| &one.message.content).any(
                |content| matches!(content, Content::Return { counter: back, .. } if *back == counter),
            )
        };
        let sent = self.sent.get(&to).into_iter().flatten();
        sent.filter_map(|message| match &message.content {
            Content::Transfer(transfer) if !taken(message.counter) && !back(message.counter) => {
                Some(i64::from(transfer.minutes.0))
            }
            _ => None,
        })
        .sum()
    }
}
