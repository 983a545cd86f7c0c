//! Rules about what a cité decides: acts of stewards, approvals, rules, neighbours, lines and mirrors;
//! acts of the root keys. Who is a member is decided next door. Refusals 50 to 74.

use proto::{
    act::{Act, Line, MirrorSet, PeerOpen},
    codec::{Bytes, Canonical as _},
    entry::RootAct,
    founding::{Rules, SignedFounding, VerifiedFounding},
    ids::{MemberId, OrderId},
    keys::Purpose,
    minutes::Balance,
    time::{UnixMillis, UtcDay},
};

use crate::{
    object::{ActState, CiteState, ClosedState, MirrorsState, Object, PeerState},
    refusal::Refusal,
    rules::{envelope::Author, heirs, members},
    state::{CITE, Effect, MIRRORS, Slot, State},
};

/// Most acts that may wait for approvals (`protocol` "Order").
pub const ACTS_MAX: u32 = 64;
/// Days that an act waits at most.
pub const ACT_DAYS: u64 = 30;
/// Most neighbours of one log.
pub const PEERS_MAX: u32 = 1_024;

/// A steward's act: takes effect at once where one approval is enough, waits otherwise.
pub(crate) fn act(
    state: &State,
    time: UnixMillis,
    author: Author<'_>,
    order: OrderId,
    act: &Act,
) -> Result<Effect, Refusal> {
    check_steward(&author)?;
    let done = execute(state, time, act)?;
    let approved_by = vec![author.member.id];
    let signed = author.signed();
    if approvals_needed(state) <= 1 {
        return Ok(with_author(done, signed));
    }
    let pending = u32::try_from(state.act_count()).unwrap_or(u32::MAX);
    if pending >= ACTS_MAX {
        return Err(Refusal::TooManyPending { pending });
    }
    let waiting = ActState {
        order,
        kind: act.number(),
        body: Bytes::from(act.body()),
        approved_by,
        until: time.day().plus(ACT_DAYS),
    };
    Ok(Effect { puts: vec![signed], adds: vec![Object::Act(waiting)], removes: Vec::new() })
}

/// A steward's agreement: the one that completes the number makes the act take effect.
pub(crate) fn approve(
    state: &State,
    time: UnixMillis,
    author: Author<'_>,
    order: &OrderId,
) -> Result<Effect, Refusal> {
    check_steward(&author)?;
    let (slot, waiting) =
        state.act(order).filter(|(_, act)| act.until >= time.day()).ok_or(Refusal::UnknownAct)?;
    let again = waiting.approved_by.contains(&author.member.id);
    let mut waiting = waiting.clone();
    if !again {
        waiting.approved_by.push(author.member.id);
    }
    // Who was suspended since, or has left, no longer agrees; and where fewer are needed since, whoever signs next
    // completes the act, be it a second time.
    let agree = waiting.approved_by.iter().filter(|member| is_steward(state, member)).count();
    let complete = agree >= usize::from(approvals_needed(state));
    if again && !complete {
        return Err(Refusal::AlreadyApproved);
    }
    let signed = author.signed();
    if !complete {
        return Ok(Effect {
            puts: vec![signed, (slot, Object::Act(waiting))],
            ..Effect::default()
        });
    }
    let act = Act::from_body(waiting.kind, &waiting.body).map_err(|_| Refusal::Malformed)?;
    let mut done = with_author(execute(state, time, &act)?, signed);
    done.removes.push(slot);
    Ok(done)
}

/// An act of the root keys. Until the first seal the root admits the first stewards; then stewards act.
pub(crate) fn root_act(state: &State, time: UnixMillis, act: &RootAct) -> Result<Effect, Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    if act.cite != cite.cite {
        return Err(Refusal::WrongHome { home: act.cite });
    }
    let next = cite.root_seq.saturating_add(1);
    if act.seq != next {
        return Err(Refusal::RootSeq { next });
    }
    if state.is_closed() {
        return Err(Refusal::CiteClosed);
    }
    let founding = state.clock().is_some_and(|clock| clock.seals == 0);
    let fits = match act.act {
        Act::Admit(_) => founding,
        Act::Close | Act::Heirs(_) => true,
        Act::Rules(_)
        | Act::PeerOpen(_)
        | Act::Line(_)
        | Act::MirrorSet(_)
        | Act::CardIssue(_)
        | Act::Suspend(_)
        | Act::Lift(_)
        | Act::Leave(_) => false,
    };
    if !fits {
        return Err(Refusal::RootTooLate);
    }
    let payload = RootAct::payload(act.cite, act.seq, &act.act);
    let by_root = cite.root.verify(Purpose::RootAct, &cite.network, &payload, &act.signatures);
    if by_root.is_err() && !heirs::sign(state, cite, act, &payload) {
        return Err(Refusal::RootSignature);
    }
    let mut effect = match &act.act {
        Act::Close => close(state, cite.clone()),
        Act::Heirs(named) => heirs::name(state, cite.clone(), named, act)?,
        act => execute(state, time, act)?,
    };
    for (slot, object) in &mut effect.puts {
        if let (&mut CITE, Object::Cite(cite)) = (slot, object) {
            cite.root_seq = next;
        }
    }
    Ok(effect)
}

/// Returns how many stewards must agree: as the rules say, but never more than there are.
pub(crate) fn approvals_needed(state: &State) -> u8 {
    state.cite().map_or(u8::MAX, |cite| {
        let stewards = u8::try_from(cite.stewards).unwrap_or(u8::MAX).max(1);
        cite.rules.approvals.min(stewards)
    })
}

/// Closes the cité: from here on nobody orders anything, and what other cités send goes back.
fn close(state: &State, cite: CiteState) -> Effect {
    let leaf = state.clock().map_or(0, |clock| clock.leaves);
    Effect {
        puts: vec![(CITE, Object::Cite(cite))],
        adds: vec![Object::Closed(ClosedState { leaf })],
        removes: Vec::new(),
    }
}

/// Returns what an act changes when it takes effect, or why it cannot. A cité that is closed may still choose
/// mirrors: its last words must be certified.
fn execute(state: &State, time: UnixMillis, act: &Act) -> Result<Effect, Refusal> {
    if state.is_closed() && !matches!(act, Act::MirrorSet(_)) {
        return Err(Refusal::CiteClosed);
    }
    match act {
        Act::Close | Act::Heirs(_) => Err(Refusal::RootOnly),
        Act::Admit(body) => members::admit(state, time.day(), body),
        Act::CardIssue(body) => members::issue(state, time.day(), body),
        Act::Suspend(body) => members::suspend(state, time.day(), body),
        Act::Lift(body) => members::lift(state, &body.member),
        Act::Leave(body) => members::leave(state, &body.member),
        Act::Rules(body) => rules(state, body),
        Act::PeerOpen(body) => peer_open(state, time.day(), body),
        Act::Line(body) => line(state, time.day(), body),
        Act::MirrorSet(body) => mirror_set(state, body),
    }
}

fn rules(state: &State, rules: &Rules) -> Result<Effect, Refusal> {
    let mut cite = state.cite().ok_or(Refusal::Founding)?.clone();
    let next = cite.rules.version.saturating_add(1);
    if rules.version != next {
        return Err(Refusal::RulesVersion { next });
    }
    let same = Rules { version: cite.rules.version, ..rules.clone() };
    if same == cite.rules {
        return Err(Refusal::RulesUnchanged);
    }
    cite.rules = rules.clone();
    Ok(Effect { puts: vec![(CITE, Object::Cite(cite))], ..Effect::default() })
}

fn peer_open(state: &State, today: UtcDay, open: &PeerOpen) -> Result<Effect, Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    let signed = SignedFounding::decode(&open.founding).map_err(|_| Refusal::PeerFounding)?;
    let other = signed.verify().map_err(|_| Refusal::PeerFounding)?;
    if other.cite() == cite.cite {
        return Err(Refusal::Oneself);
    }
    if other.network() != cite.network {
        return Err(Refusal::PeerNetwork);
    }
    if state.peer(&other.cite()).is_some() {
        return Err(Refusal::PeerExists { cite: other.cite() });
    }
    let count = u32::try_from(state.peer_count()).unwrap_or(u32::MAX);
    if count >= PEERS_MAX {
        return Err(Refusal::TooManyPeers { max: PEERS_MAX });
    }
    check_line_height(open.line)?;
    let record = other.founding();
    let peer = PeerState {
        cite: other.cite(),
        slug: record.slug.clone(),
        epoch: other.incarnation(),
        network_key: other.keys().network,
        mirror_key: other.keys().mirror,
        balance: Balance::ZERO,
        line: open.line,
        renewed: today,
        opened: state.clock().map_or(0, |clock| clock.leaves),
        sent: 0,
        received: 0,
        open: 0,
        open_minutes: Balance::ZERO,
        unacknowledged: 0,
        unacknowledged_since: UnixMillis(0),
    };
    Ok(Effect { adds: vec![Object::Peer(peer)], ..Effect::default() })
}

fn line(state: &State, today: UtcDay, line: &Line) -> Result<Effect, Refusal> {
    let (slot, peer) = state.peer(&line.cite).ok_or(Refusal::UnknownPeer { cite: line.cite })?;
    check_line_height(line.line)?;
    if state.has_ended(&line.cite) {
        return Err(Refusal::StreamEnded { cite: line.cite });
    }
    let mut peer = peer.clone();
    peer.line = line.line;
    peer.renewed = today;
    Ok(Effect { puts: vec![(slot, Object::Peer(peer))], ..Effect::default() })
}

fn mirror_set(state: &State, set: &MirrorSet) -> Result<Effect, Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    let mirrors = state.mirrors().ok_or(Refusal::Founding)?;
    // A set whose mirrors never answer must not be in the way for ever: another one takes its place, but not once a
    // seal names its entry as certified. One history could then put it in force, and another give it up, each with
    // certificates (decision 18).
    let certified = state.clock().map_or(0, |clock| clock.certified_size);
    let stays = |(pending, leaf): &(MirrorSet, u64)| pending == set || *leaf < certified;
    if mirrors.pending.as_ref().is_some_and(stays) {
        return Err(Refusal::MirrorsPending);
    }
    for mirror in &set.mirrors {
        if mirror.cite == cite.cite {
            return Err(Refusal::Oneself);
        }
        mirror.key.check().map_err(|_| Refusal::MirrorKey { cite: mirror.cite })?;
    }
    let leaf = state.clock().map_or(0, |clock| clock.leaves);
    let changed = MirrorsState { pending: Some((set.clone(), leaf)), ..mirrors.clone() };
    Ok(Effect { puts: vec![(MIRRORS, Object::Mirrors(changed))], ..Effect::default() })
}

/// Takes over the keys that another cité's root named. Where that one cosigns this log its new key counts at once,
/// for it is the same cité: with two mirrors nobody could certify a change of mirrors after one lost its key.
pub(crate) fn key_epoch(state: &State, other: &VerifiedFounding) -> Result<Effect, Refusal> {
    let (cite, keys) = (other.cite(), other.keys());
    let (slot, peer) = state.peer(&cite).ok_or(Refusal::UnknownPeer { cite })?;
    if other.incarnation() <= peer.epoch {
        return Err(Refusal::KeysKnown { current: peer.epoch });
    }
    let changed = PeerState {
        epoch: other.incarnation(),
        network_key: keys.network,
        mirror_key: keys.mirror,
        ..peer.clone()
    };
    let mut puts = vec![(slot, Object::Peer(changed))];
    if let Some(mirrors) = state.mirrors() {
        let mut mirrors = mirrors.clone();
        let pending = mirrors.pending.iter_mut().map(|(set, _)| set);
        for mirror in
            [&mut mirrors.current].into_iter().chain(pending).flat_map(|set| &mut set.mirrors)
        {
            if mirror.cite == cite {
                mirror.key = keys.mirror;
            }
        }
        puts.push((MIRRORS, Object::Mirrors(mirrors)));
    }
    Ok(Effect { puts, ..Effect::default() })
}

fn check_steward(author: &Author<'_>) -> Result<(), Refusal> {
    if author.member.is_steward() { Ok(()) } else { Err(Refusal::NotASteward) }
}

fn check_line_height(line: proto::minutes::Minutes) -> Result<(), Refusal> {
    let max = Rules::LIMIT_MAX;
    if line > max { Err(Refusal::LineTooHigh { max }) } else { Ok(()) }
}

/// Adds the steward, whose lane has moved on, to what the act changes: no act changes an account (invariant F6).
fn with_author(mut done: Effect, signed: (Slot, Object)) -> Effect {
    done.puts.push(signed);
    done
}

/// Returns whether a member may sign acts.
pub fn is_steward(state: &State, member: &MemberId) -> bool {
    state.member(member).is_some_and(|(_, member)| member.is_steward())
}
