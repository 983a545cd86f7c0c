//! The rules: what may be entered into a log, and what it changes. Pure: the state and a draft in, an
//! entry with its effect or a numbered refusal out. A home decides with them what to enter; a mirror
//! and an auditor decide again and compare byte for byte.

mod acts;
mod border;
mod envelope;
mod heirs;
mod members;
mod payment;

use proto::{
    entry::{Import, Payload, RootAct, Seal},
    founding::{SignedFounding, VerifiedFounding},
    ids::CiteId,
    order::{Statement, VerifiedOrder},
    request::VerifiedRequest,
    resume::Resume,
    stream::StreamMessage,
    time::UnixMillis,
};

use crate::{
    object::{ClockState, MirrorsState, Object},
    refusal::Refusal,
    resume::VerifiedResume,
    state::{CLOCK, Effect, MIRRORS, State},
};

pub use acts::{ACT_DAYS, ACTS_MAX, PEERS_MAX, is_steward};
pub use border::{
    ACK_AFTER_MS, ACK_AT, OPEN_MAX, acknowledgement_due, farewells_due, is_opened_there,
};
pub use envelope::{VALID_DAYS_MAX, verify_order};
pub use members::MEMBERS_MAX;

/// The request that a payment answers, after its signature was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answered {
    /// None.
    Nothing,
    /// A request whose signature verified.
    Request(Box<VerifiedRequest>),
    /// Bytes that are no request, or one that its payee's device did not sign.
    Refused(Refusal),
}

/// What somebody wants entered, with all signatures verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Draft {
    /// The founding record.
    Found(Box<VerifiedFounding>, SignedFounding),
    /// An act of the root keys; its signatures are checked with it, against the root keys in force.
    RootAct(RootAct),
    /// A person's order.
    Order(VerifiedOrder, Answered),
    /// A stream message of another cité, proved and committed.
    Import {
        /// The message.
        message: StreamMessage,
        /// Incarnation of the log that says it.
        incarnation: u32,
        /// Leaf of that log.
        leaf: u64,
        /// The request that a transfer answers.
        answered: Answered,
    },
    /// Tell another cité how far its messages were received.
    Ack(CiteId),
    /// Tell another cité that this one is closed, and how far its messages were received.
    Farewell(CiteId),
    /// Another cité's root named new keys.
    KeyEpoch(Box<VerifiedFounding>, Box<SignedFounding>),
    /// Go on in a new incarnation.
    Resume(VerifiedResume),
}

/// What is entered, and what it changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What the entry says.
    pub payload: Payload,
    /// What it changes.
    pub effect: Effect,
}

/// Returns what entering `draft` at `time` means, or why it is refused.
///
/// # Errors
/// The first [`Refusal`] in the order of the checks, which is their precedence.
pub fn decide(state: &State, time: UnixMillis, draft: Draft) -> Result<Decision, Refusal> {
    match draft {
        Draft::Found(founding, signed) => found(state, &founding, signed),
        _ if !state.is_founded() => Err(Refusal::Founding),
        Draft::RootAct(act) => {
            let effect = acts::root_act(state, time, &act)?;
            Ok(Decision { payload: Payload::RootAct(act), effect })
        }
        Draft::Order(order, answered) => decide_order(state, time, order, &answered),
        Draft::Import { message, incarnation, leaf, answered } => {
            let (outcome, effect) = border::import(state, time, &message, &answered)?;
            let import = Import { message, incarnation, leaf, outcome };
            Ok(Decision { payload: Payload::Import(import), effect })
        }
        Draft::Ack(peer) => {
            let (header, effect) = border::ack(state, &peer)?;
            Ok(Decision { payload: Payload::Ack(header), effect })
        }
        Draft::Farewell(peer) => {
            let (header, effect) = border::farewell(state, &peer)?;
            Ok(Decision { payload: Payload::Farewell(header), effect })
        }
        Draft::KeyEpoch(other, record) => {
            let effect = acts::key_epoch(state, &other)?;
            Ok(Decision { payload: Payload::KeyEpoch(record), effect })
        }
        Draft::Resume(resume) => {
            let mut effect = resumed(state, resume.resume());
            effect.puts.extend(heirs::resumed(state, &resume.resume().epoch)?);
            Ok(Decision { payload: Payload::Resume(resume.into_inner()), effect })
        }
    }
}

fn found(
    state: &State,
    founding: &VerifiedFounding,
    signed: SignedFounding,
) -> Result<Decision, Refusal> {
    if state.is_founded() {
        return Err(Refusal::Founding);
    }
    let adds = Object::founded(founding.cite(), founding.network(), founding.founding());
    let effect = Effect { adds: adds.into(), ..Effect::default() };
    Ok(Decision { payload: Payload::Found(signed), effect })
}

/// The keys of the new incarnation are in force from its first leaf on. Nothing of it is certified yet: named as
/// certified, its base would be committed by one certificate alone, and a leader that lies could have two of them.
fn resumed(state: &State, resume: &Resume) -> Effect {
    let (Some(mirrors), Some(clock)) = (state.mirrors(), state.clock()) else {
        return Effect::default();
    };
    let epoch = resume.epoch.epoch;
    let mirrors = MirrorsState {
        incarnation: epoch.incarnation,
        base: resume.base.size,
        log_key: epoch.keys.log,
        ..mirrors.clone()
    };
    let clock = ClockState { certified_size: 0, ..*clock };
    let puts = vec![(MIRRORS, Object::Mirrors(mirrors)), (CLOCK, Object::Clock(clock))];
    Effect { puts, ..Effect::default() }
}

fn decide_order(
    state: &State,
    time: UnixMillis,
    order: VerifiedOrder,
    answered: &Answered,
) -> Result<Decision, Refusal> {
    let author = envelope::check(state, time.day(), &order)?;
    let (header, effect) = match &order.order().statement {
        Statement::Join(_) => return Err(Refusal::JoinAlone),
        Statement::Pay(_) | Statement::Export(_) if state.is_closed() => {
            return Err(Refusal::CiteClosed);
        }
        Statement::Pay(pay) => (None, payment::pay(state, time.day(), author, pay, answered)?),
        Statement::Export(export) => {
            let (header, effect) = border::export(state, time, author, export)?;
            (Some(header), effect)
        }
        Statement::Act(act) => (None, acts::act(state, time, author, order.id(), act)?),
        Statement::Approve(approve) => (None, acts::approve(state, time, author, &approve.act)?),
    };
    let order = order.into_signed();
    let payload = match header {
        Some(header) => Payload::Export { header, order },
        None => Payload::Order(order),
    };
    Ok(Decision { payload, effect })
}

/// Returns the seal that belongs behind the entries so far, naming the largest size known to be
/// certified.
pub fn seal(state: &mut State, certified_size: u64) -> Option<Seal> {
    let clock = *state.clock()?;
    Some(Seal {
        seq: clock.seals.saturating_add(1),
        certified_size: certified_size.max(clock.certified_size),
        state_root: state.root(),
        previous: clock.head,
    })
}

/// Returns how many stewards must agree to an act: as the rules say, never more than there are.
pub fn approvals_needed(state: &State) -> u8 {
    acts::approvals_needed(state)
}
