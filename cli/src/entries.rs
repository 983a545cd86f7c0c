//! Entries and acts in words: what the log says, with numbers and identities instead of names.
//! Decides nothing and reads no file; a name of a person is never here, because none is in the log.

mod data;

pub use data::{act_json, entry_json, founding_json, rules_json};

use std::collections::BTreeMap;

use ledger::state::State;
use proto::{
    act::{Act, Admit, Level, MirrorSet, PeerOpen, Suspend},
    codec::Canonical as _,
    entry::{Entry, Import, Outcome, Payload},
    founding::{Founding, Rules, SignedFounding},
    ids::{Account, CiteId, MemberId},
    membership::Validity,
    order::{Export, Join, Order, Pay, SignedOrder, Statement},
    stream::{Content, StreamHeader},
};

use crate::{
    language::{Text, Value},
    text,
};

/// Characters of an identity that are shown where the whole one would fill the line: the sort, and
/// enough of the rest to tell a few thousand apart.
const SHORT_CHARS: usize = 14;

/// Returns the beginning of an identity, for people to recognise it by.
pub fn short(id: impl core::fmt::Display) -> String {
    let whole = id.to_string();
    match whole.char_indices().nth(SHORT_CHARS) {
        Some((end, _)) => format!("{}…", whole.get(..end).unwrap_or(&whole)),
        None => whole,
    }
}

/// Who is who in a log, as far as is known: numbers of members, short names of cités.
#[derive(Clone, Copy, Default)]
pub struct Names<'a> {
    state: Option<&'a State>,
    aliases: Option<&'a BTreeMap<MemberId, String>>,
}

impl<'a> Names<'a> {
    /// Returns the names that a state knows; without a state, identities stand for themselves.
    pub fn new(state: Option<&'a State>) -> Self {
        Self { state, aliases: None }
    }

    /// Returns these names with those that people gave who are no members yet.
    #[must_use]
    pub fn called(self, aliases: &'a BTreeMap<MemberId, String>) -> Self {
        Self { aliases: Some(aliases), ..self }
    }

    /// Returns a member by number, else by the beginning of the identity.
    pub fn member(&self, id: &MemberId) -> Text {
        match self.number(id) {
            Some(number) => text!("who-number", number = number.to_string()),
            None => text!("who-id", id = short(id)),
        }
    }

    /// Returns a member after "admission": "of member 2".
    fn of_member(&self, id: &MemberId) -> Text {
        let alias = self.aliases.and_then(|aliases| aliases.get(id));
        match (self.number(id), alias) {
            (Some(number), _) => text!("of-number", number = number.to_string()),
            (None, Some(alias)) => text!("of-alias", alias = alias.as_str(), id = short(id)),
            (None, None) => text!("of-id", id = short(id)),
        }
    }

    fn number(&self, id: &MemberId) -> Option<u32> {
        self.state?.member(id).map(|(_, member)| member.number)
    }

    /// Returns a cité by its short name, else by the beginning of its identity.
    pub fn cite(&self, id: &CiteId) -> String {
        let known = self.state.and_then(|state| state.peer(id));
        known.map_or_else(|| short(id), |(_, peer)| peer.slug.clone())
    }

    fn account(&self, account: &Account) -> Value {
        match account {
            Account::Member(id) => self.member(id).into(),
            Account::Commons => text!("who-commons").into(),
            Account::Peer(cite) => self.cite(cite).into(),
        }
    }
}

/// Every kind that [`kind`] gives.
pub const KINDS: [&str; 21] = [
    "found",
    "join",
    "admit",
    "rules",
    "peer-open",
    "line",
    "mirrors",
    "close",
    "heirs",
    "approve",
    "pay",
    "export",
    "import",
    "return",
    "acknowledge",
    "acknowledged",
    "farewell",
    "parted",
    "keys",
    "resume",
    "seal",
];

/// Returns the kind of an entry, as `log list --type` and programs name it.
pub fn kind(entry: &Entry) -> &'static str {
    match &entry.payload {
        Payload::Found(_) => "found",
        Payload::RootAct(root) => act_kind(&root.act),
        Payload::Order(order) => match &order.order().statement {
            Statement::Join(_) => "join",
            Statement::Pay(_) => "pay",
            Statement::Export(_) => "export",
            Statement::Act(act) => act_kind(act),
            Statement::Approve(_) => "approve",
        },
        Payload::Export { .. } => "export",
        Payload::Import(import) => match import.message.content {
            Content::Transfer(_) => "import",
            Content::Return { .. } => "return",
            Content::Ack => "acknowledged",
            Content::Farewell => "parted",
        },
        Payload::Ack(_) => "acknowledge",
        Payload::Farewell(_) => "farewell",
        Payload::KeyEpoch(_) => "keys",
        Payload::Resume(_) => "resume",
        Payload::Seal(_) => "seal",
    }
}

/// Returns the kind of an act.
pub fn act_kind(act: &Act) -> &'static str {
    match act {
        Act::Admit(_) => "admit",
        Act::Rules(_) => "rules",
        Act::PeerOpen(_) => "peer-open",
        Act::Line(_) => "line",
        Act::CardIssue(_) => "card-issue",
        Act::Suspend(_) => "suspend",
        Act::Lift(_) => "lift",
        Act::Leave(_) => "leave",
        Act::MirrorSet(_) => "mirrors",
        Act::Close => "close",
        Act::Heirs(_) => "heirs",
    }
}

/// Returns the catalogue id of an entry's kind, for people.
pub fn kind_text(entry: &Entry) -> String {
    format!("kind-{}", kind(entry))
}

/// Returns the order that an entry carries.
pub fn order_of(entry: &Entry) -> Option<&SignedOrder> {
    match &entry.payload {
        Payload::Order(order) | Payload::Export { order, .. } => Some(order),
        _ => None,
    }
}

/// Returns whether an entry is a member's, or about that member.
pub fn concerns(entry: &Entry, member: &MemberId) -> bool {
    let admitted = |act: &Act| matches!(act, Act::Admit(admit) if joining(admit).is_some_and(|(who, _)| who == *member));
    match &entry.payload {
        Payload::RootAct(root) => admitted(&root.act),
        Payload::Order(order) | Payload::Export { order, .. } => {
            let order = order.order();
            order.author == *member
                || match &order.statement {
                    Statement::Pay(pay) => pay.payee == Account::Member(*member),
                    Statement::Act(act) => admitted(act),
                    Statement::Join(_) | Statement::Export(_) | Statement::Approve(_) => false,
                }
        }
        Payload::Import(Import { message, .. }) => {
            matches!(&message.content, Content::Transfer(transfer) if transfer.payee == *member)
        }
        Payload::Found(_)
        | Payload::Ack(_)
        | Payload::Farewell(_)
        | Payload::KeyEpoch(_)
        | Payload::Resume(_)
        | Payload::Seal(_) => false,
    }
}

/// Returns what an entry says, in one sentence.
pub fn sentence(entry: &Entry, names: &Names<'_>) -> Text {
    match &entry.payload {
        Payload::Found(signed) => found(&signed.founding),
        Payload::RootAct(root) => text!("entry-root-act", act = act(&root.act, names)),
        Payload::Order(order) => ordered(order.order(), names),
        Payload::Export { header, order } => exported(header, order.order(), names),
        Payload::Import(import) => imported(import, names),
        Payload::Ack(header) => {
            text!("entry-acknowledge", cite = names.cite(&header.peer), counter = header.received)
        }
        Payload::Farewell(header) => {
            text!("entry-farewell", cite = names.cite(&header.peer), counter = header.received)
        }
        Payload::KeyEpoch(record) => {
            text!("entry-keys", cite = names.cite(&record.founding.id()))
        }
        Payload::Resume(resume) if resume.epoch.will.is_some() => text!(
            "entry-inherited",
            incarnation = resume.epoch.epoch.incarnation,
            base = resume.base.size,
            fences = resume.fences.len()
        ),
        Payload::Resume(resume) => text!(
            "entry-resume",
            incarnation = resume.epoch.epoch.incarnation,
            base = resume.base.size,
            fences = resume.fences.len()
        ),
        Payload::Seal(seal) => {
            text!("entry-seal", seq = seal.seq, certified = seal.certified_size)
        }
    }
}

fn found(founding: &Founding) -> Text {
    text!(
        "entry-found",
        name = founding.name.as_str(),
        place = founding.place.as_str(),
        network = network(founding)
    )
}

/// Returns the network of a cité in words: whether its hours count, and its name.
pub fn network(founding: &Founding) -> Text {
    match (founding.network.test, founding.network.name.as_str()) {
        (true, name) => text!("network-test-named", name = name),
        (false, name) => text!("network-real-named", name = name),
    }
}

fn ordered(order: &Order, names: &Names<'_>) -> Text {
    let by = names.member(&order.author);
    match &order.statement {
        Statement::Join(_) => text!("entry-join", by = by),
        Statement::Pay(Pay { payee, minutes, request }) => {
            let to = names.account(payee);
            match request {
                Some(_) => text!("entry-pay-asked", by = by, minutes = *minutes, to = to),
                None => text!("entry-pay", by = by, minutes = *minutes, to = to),
            }
        }
        Statement::Export(Export { to, payee, minutes, .. }) => text!(
            "entry-export",
            by = by,
            minutes = *minutes,
            to = short(payee),
            cite = names.cite(to),
            counter = 0_u64
        ),
        Statement::Act(acted) => text!("entry-act", by = by, act = act(acted, names)),
        Statement::Approve(approve) => {
            text!("entry-approve", by = by, act = short(approve.act))
        }
    }
}

fn exported(header: &StreamHeader, order: &Order, names: &Names<'_>) -> Text {
    match &order.statement {
        Statement::Export(export) => text!(
            "entry-export",
            by = names.member(&order.author),
            minutes = export.minutes,
            to = short(export.payee),
            cite = names.cite(&header.peer),
            counter = header.counter
        ),
        _ => ordered(order, names),
    }
}

fn imported(import: &Import, names: &Names<'_>) -> Text {
    let (message, cite) = (&import.message, names.cite(&import.message.from));
    match (&message.content, import.outcome) {
        (Content::Transfer(transfer), Outcome::Taken) => text!(
            "entry-import",
            cite = cite,
            counter = message.counter,
            minutes = transfer.minutes,
            to = names.member(&transfer.payee)
        ),
        (Content::Transfer(transfer), Outcome::Returned { reason, .. }) => text!(
            "entry-import-returned",
            cite = cite,
            counter = message.counter,
            minutes = transfer.minutes,
            reason = reason.to_string()
        ),
        (Content::Return { counter, reason }, _) => {
            text!("entry-return", cite = cite, counter = *counter, reason = reason.to_string())
        }
        (Content::Ack, _) => {
            text!("entry-acknowledged", cite = cite, counter = message.received)
        }
        (Content::Farewell, _) => {
            text!("entry-parted", cite = cite, counter = message.received)
        }
    }
}

/// Returns what an act does, as a phrase within a sentence.
pub fn act(act: &Act, names: &Names<'_>) -> Text {
    match act {
        Act::Admit(admit) => text!(
            "act-admit",
            who = joining(admit)
                .map_or_else(|| text!("of-unreadable"), |(who, _)| names.of_member(&who)),
            level = level(admit.terms.level),
            from = admit.terms.from,
            until = admit.terms.until,
            allowance = admit.terms.allowance
        ),
        Act::CardIssue(issue) => text!(
            "act-card-issue",
            who = names.of_member(&issue.member),
            level = level(issue.terms.level),
            from = issue.terms.from,
            until = issue.terms.until,
            allowance = issue.terms.allowance
        ),
        Act::Suspend(Suspend { member, until: None }) => {
            text!("act-suspend", who = names.of_member(member))
        }
        Act::Suspend(Suspend { member, until: Some(until) }) => {
            text!("act-suspend-until", who = names.of_member(member), until = *until)
        }
        Act::Lift(lift) => text!("act-lift", who = names.of_member(&lift.member)),
        Act::Leave(leave) => text!("act-leave", who = names.of_member(&leave.member)),
        Act::Rules(rules) => {
            text!("act-rules", version = u64::from(rules.version), rules = rules_in_words(rules))
        }
        Act::PeerOpen(open) => text!(
            "act-peer-open",
            cite = neighbour(open).map_or_else(|| "?".to_owned(), |founding| founding.slug),
            line = open.line
        ),
        Act::Line(line) => text!("act-line", cite = names.cite(&line.cite), line = line.line),
        Act::MirrorSet(set) if set.mirrors.is_empty() => text!("act-mirrors-none"),
        Act::MirrorSet(set) => text!("act-mirrors", cites = mirrors_in_words(set, names)),
        Act::Close => text!("act-close"),
        Act::Heirs(heirs) => text!(
            "act-heirs",
            count = u64::try_from(heirs.keys.keys.len()).unwrap_or(u64::MAX),
            need = u64::from(heirs.keys.threshold)
        ),
    }
}

fn mirrors_in_words(set: &MirrorSet, names: &Names<'_>) -> String {
    set.mirrors.iter().map(|mirror| names.cite(&mirror.cite)).collect::<Vec<_>>().join(", ")
}

/// Returns a level in words.
pub fn level(level: Level) -> Text {
    match level {
        Level::Member => text!("level-member"),
        Level::Steward => text!("level-steward"),
    }
}

/// Returns the neutral word for a level.
pub const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Member => "member",
        Level::Steward => "steward",
    }
}

/// Returns the neutral word for whether a membership holds.
pub const fn validity_word(validity: &Validity) -> &'static str {
    match validity {
        Validity::Good => "active",
        Validity::Suspended { .. } => "suspended",
        Validity::Left { .. } => "left",
    }
}

/// Returns the rules that people feel, in one phrase.
pub fn rules_in_words(rules: &Rules) -> Text {
    text!(
        "rules-in-words",
        step = rules.step,
        floor = Value::Limit(-i64::from(rules.floor.0)),
        ceiling = Value::Limit(i64::from(rules.ceiling.0)),
        approvals = u64::from(rules.approvals)
    )
}

/// Returns the author of the Join order that an admission holds, and the order.
pub fn joining(admit: &Admit) -> Option<(MemberId, Join)> {
    let signed = SignedOrder::decode(&admit.join).ok()?;
    match &signed.order().statement {
        Statement::Join(join) => Some((signed.order().author, join.clone())),
        _ => None,
    }
}

/// Returns the record of the cité for which an account is opened.
pub fn neighbour(open: &PeerOpen) -> Option<Founding> {
    SignedFounding::decode(&open.founding).ok().map(|signed| signed.founding)
}
