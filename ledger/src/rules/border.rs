//! Rules about hours that cross a border: exports, imports, returns, acknowledgements, lines and the
//! deficit. Refusals 40 to 49 and 75 to 77. Each log sums to zero by itself: what crosses is booked on `peer:X`.

use std::collections::BTreeMap;

use proto::{
    entry::Outcome,
    ids::{Account, CiteId, MemberId},
    minutes::{Balance, Minutes},
    order::Export,
    request::SignedRequest,
    stream::{Content, StreamHeader, StreamMessage, Transfer},
    time::UnixMillis,
};

use crate::{
    object::{CiteState, EndedState, Object, OpenTransfer, PeerState},
    refusal::Refusal,
    rules::{
        Answered,
        envelope::Author,
        payment::{Expected, check_amount, check_request, check_request_at_home, credit, debit},
    },
    state::{Effect, State},
};

/// Most transfers to one cité that may be open (`protocol` "Crossing a border"): bounds what a home
/// keeps for a neighbour that went silent.
pub const OPEN_MAX: u32 = 1_024;

/// How many credited transfers call for an acknowledgement at once.
pub const ACK_AT: u32 = 64;

/// How long a credited transfer waits for an acknowledgement at most, in milliseconds: ten minutes. Until then whoever
/// paid sees her hours on their way; an acknowledgement costs each of the two logs an entry, whatever it confirms.
pub const ACK_AFTER_MS: u64 = 600_000;

/// Smallest deficit that is always allowed: 50 h.
const DEFICIT_LEAST: Minutes = Minutes(3_000);

/// Pay a member of another cité: debits the payer, credits `peer:to`, keeps the transfer open.
pub(crate) fn export(
    state: &State,
    time: UnixMillis,
    author: Author<'_>,
    export: &Export,
) -> Result<(StreamHeader, Effect), Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    check_amount(&cite.rules, export.minutes)?;
    let payer = author.member.id;
    let debit = debit(&cite.rules, author, export.minutes)?;
    check_carried_request(payer, export)?;
    if export.to == cite.cite {
        return Err(Refusal::Oneself);
    }
    let (slot, peer) = state.peer(&export.to).ok_or(Refusal::UnknownPeer { cite: export.to })?;
    if state.has_ended(&export.to) {
        return Err(Refusal::StreamEnded { cite: export.to });
    }
    if peer.open >= OPEN_MAX {
        return Err(Refusal::TooManyOpen { open: peer.open });
    }
    check_deficit(state, cite, export.minutes)?;
    let mut peer = peer.clone();
    peer.balance = peer.balance.credited(export.minutes).ok_or(Refusal::Overflow)?;
    peer.open_minutes = peer.open_minutes.credited(export.minutes).ok_or(Refusal::Overflow)?;
    peer.open = peer.open.saturating_add(1);
    let header = tell(&mut peer);
    let leaf = state.clock().map_or(0, |clock| clock.leaves);
    let open = OpenTransfer {
        peer: export.to,
        counter: header.counter,
        payer,
        minutes: export.minutes,
        leaf,
        time,
    };
    // From here on it cannot fail.
    let effect = Effect {
        puts: vec![debit, (slot, Object::Peer(peer))],
        adds: vec![Object::Open(open)],
        removes: Vec::new(),
    };
    Ok((header, effect))
}

/// Take in the next message of another cité.
pub(crate) fn import(
    state: &State,
    time: UnixMillis,
    message: &StreamMessage,
    answered: &Answered,
) -> Result<(Outcome, Effect), Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    if message.to != cite.cite {
        return Err(Refusal::WrongDestination);
    }
    let (slot, peer) =
        state.peer(&message.from).ok_or(Refusal::UnknownPeer { cite: message.from })?;
    // Whoever is closed said how far it took in: nothing behind that is taken in as well as given back.
    if state.has_ended(&message.from) {
        return Err(Refusal::StreamEnded { cite: message.from });
    }
    let expected = peer.received.saturating_add(1);
    if message.counter != expected {
        return Err(Refusal::OutOfTurn { expected });
    }
    if message.received > peer.sent {
        return Err(Refusal::ReceivedTooMuch { sent: peer.sent });
    }
    let mut peer = peer.clone();
    peer.received = message.counter;
    let mut effect = Effect::default();
    if let Content::Return { counter, .. } = message.content {
        give_back(state, &mut peer, counter, &mut effect)?;
    }
    // What they say they received can no longer come back, so it is closed before the line is judged.
    close(state, &mut peer, message.received, &mut effect)?;
    let outcome = match &message.content {
        Content::Transfer(transfer) => match take(state, cite, time, &peer, transfer, answered) {
            Ok(taken) => {
                peer.balance = peer.balance.debited(transfer.minutes).ok_or(Refusal::Overflow)?;
                if peer.unacknowledged == 0 {
                    peer.unacknowledged_since = time;
                }
                peer.unacknowledged = peer.unacknowledged.saturating_add(1);
                effect.puts.extend(taken.puts);
                effect.adds.extend(taken.adds);
                Outcome::Taken
            }
            Err(refusal) => {
                let header = tell(&mut peer);
                Outcome::Returned { header, reason: refusal.number() }
            }
        },
        Content::Return { .. } | Content::Ack => Outcome::Taken,
        Content::Farewell => {
            refund(state, &mut peer, &mut effect)?;
            peer.unacknowledged = 0;
            effect.adds.push(ended(state, message.from));
            Outcome::Taken
        }
    };
    effect.puts.push((slot, Object::Peer(peer)));
    Ok((outcome, effect))
}

/// Tell another cité how far its messages were received, when something waits for that.
pub(crate) fn ack(state: &State, cite: &CiteId) -> Result<(StreamHeader, Effect), Refusal> {
    let (slot, peer) = state.peer(cite).ok_or(Refusal::UnknownPeer { cite: *cite })?;
    if peer.unacknowledged == 0 {
        return Err(Refusal::NothingToAcknowledge);
    }
    let mut peer = peer.clone();
    let header = tell(&mut peer);
    let effect = Effect { puts: vec![(slot, Object::Peer(peer))], ..Effect::default() };
    Ok((header, effect))
}

/// Tell another cité, as the last message, that this one is closed. Not before it is known what became of every
/// transfer to it: from here on no return is taken in any more.
pub(crate) fn farewell(state: &State, cite: &CiteId) -> Result<(StreamHeader, Effect), Refusal> {
    let (slot, peer) = state.peer(cite).ok_or(Refusal::UnknownPeer { cite: *cite })?;
    if !state.is_closed() {
        return Err(Refusal::CiteOpen);
    }
    if state.has_ended(cite) {
        return Err(Refusal::StreamEnded { cite: *cite });
    }
    if peer.open > 0 {
        return Err(Refusal::TransfersOpen { open: peer.open });
    }
    let mut peer = peer.clone();
    let header = tell(&mut peer);
    let effect = Effect {
        puts: vec![(slot, Object::Peer(peer))],
        adds: vec![ended(state, *cite)],
        removes: Vec::new(),
    };
    Ok((header, effect))
}

/// Returns what says that the entry which comes next ends the streams between this cité and another.
fn ended(state: &State, peer: CiteId) -> Object {
    let leaf = state.clock().map_or(0, |clock| clock.leaves);
    Object::Ended(EndedState { peer, leaf })
}

/// Returns the cités to which a home that is closed should now say its last message.
pub fn farewells_due(state: &State) -> Vec<CiteId> {
    let closed = state.is_closed();
    let ended = |peer: &PeerState| state.has_ended(&peer.cite);
    let due = state.peers().filter(|peer| closed && peer.open == 0 && !ended(peer));
    due.map(|peer| peer.cite).collect()
}

/// Returns whether a home should now acknowledge what it received from a cité.
pub fn acknowledgement_due(peer: &PeerState, now: UnixMillis) -> bool {
    peer.unacknowledged >= ACK_AT
        || (peer.unacknowledged > 0 && now.since(peer.unacknowledged_since) >= ACK_AFTER_MS)
}

/// Returns whether this log alone shows that another cité opened an account for this one: it sent something.
pub fn is_opened_there(state: &State, cite: &CiteId) -> bool {
    state.peer(cite).is_some_and(|(_, peer)| peer.received > 0)
}

/// Gives the next message its place on the stream; it tells how far was received.
fn tell(peer: &mut PeerState) -> StreamHeader {
    peer.sent = peer.sent.saturating_add(1);
    peer.unacknowledged = 0;
    StreamHeader { peer: peer.cite, counter: peer.sent, received: peer.received }
}

/// Refusals 30 and 32 at the payer's home, which does not know the payee's keys: the request says
/// what the payment says.
fn check_carried_request(payer: MemberId, export: &Export) -> Result<(), Refusal> {
    let Some(bytes) = &export.request else { return Ok(()) };
    let request = SignedRequest::decode(bytes).map_err(|_| Refusal::RequestMalformed)?;
    let expected =
        Expected { home: export.to, payee: export.payee, payer, minutes: export.minutes };
    check_request(request.request(), &expected)
}

/// The deficit rule: what this cité owes all others together stays within what it allows itself, by
/// default one hour for each member and at least 50 h.
fn check_deficit(state: &State, cite: &CiteState, minutes: Minutes) -> Result<(), Refusal> {
    let owed = state
        .peers()
        .try_fold(Balance::ZERO, |sum, peer| sum.plus(peer.balance))
        .ok_or(Refusal::Overflow)?;
    let after = owed.credited(minutes).ok_or(Refusal::Overflow)?;
    let max = cite.rules.deficit_max.unwrap_or_else(|| {
        Minutes::from_hours(cite.members.saturating_sub(cite.left))
            .unwrap_or(Minutes(u32::MAX))
            .max(DEFICIT_LEAST)
    });
    if after > max.as_balance() { Err(Refusal::DeficitExceeded { after, max }) } else { Ok(()) }
}

/// Credits a transfer to its payee, if the line and the payee's limits allow it.
fn take(
    state: &State,
    cite: &CiteState,
    time: UnixMillis,
    peer: &PeerState,
    transfer: &Transfer,
    answered: &Answered,
) -> Result<Effect, Refusal> {
    if transfer.minutes == Minutes(0) {
        return Err(Refusal::ZeroAmount);
    }
    if transfer.minutes > Minutes::PAYMENT_MAX {
        return Err(Refusal::TooMuch { max: Minutes::PAYMENT_MAX });
    }
    if state.is_closed() {
        return Err(Refusal::CiteClosed);
    }
    let payee = Account::Member(transfer.payee);
    let credit = credit(state, &cite.rules, &payee, transfer.minutes)?;
    if let Answered::Request(request) = answered {
        let expected = Expected {
            home: cite.cite,
            payee: transfer.payee,
            payer: transfer.payer,
            minutes: transfer.minutes,
        };
        check_request(request.request(), &expected)?;
    }
    let used = check_request_at_home(state, cite, time.day(), answered)?;
    check_line(peer, time, transfer.minutes)?;
    Ok(Effect {
        puts: vec![credit],
        adds: used.into_iter().map(Object::Used).collect(),
        removes: Vec::new(),
    })
}

/// The line: what the other cité owes this one, plus what it could still return, stays within it.
fn check_line(peer: &PeerState, time: UnixMillis, minutes: Minutes) -> Result<(), Refusal> {
    let line = peer.line_on(time.day());
    let after = peer
        .balance
        .negated()
        .and_then(|owed| owed.plus(peer.open_minutes))
        .and_then(|owed| owed.credited(minutes))
        .ok_or(Refusal::Overflow)?;
    if after > line.as_balance() { Err(Refusal::LineExceeded { after, line }) } else { Ok(()) }
}

/// Gives the hours of every transfer that is still open back to its payer: the other side, which is closed, took in
/// none of them and never will.
fn refund(state: &State, peer: &mut PeerState, effect: &mut Effect) -> Result<(), Refusal> {
    let mut payers = BTreeMap::new();
    for (slot, open) in state.opens(peer.cite, u64::MAX) {
        if effect.removes.contains(&slot) {
            continue;
        }
        let counter = open.counter;
        let (payer, account) =
            state.account(&open.payer).ok_or(Refusal::UnknownTransfer { counter })?;
        // One payer may have several of them.
        let account = payers.entry(payer).or_insert_with(|| account.clone());
        account.balance = account.balance.credited(open.minutes).ok_or(Refusal::Overflow)?;
        peer.balance = peer.balance.debited(open.minutes).ok_or(Refusal::Overflow)?;
        settle(peer, open)?;
        effect.removes.push(slot);
    }
    effect
        .puts
        .extend(payers.into_iter().map(|(payer, account)| (payer, Object::Account(account))));
    Ok(())
}

/// Gives the hours of a returned transfer back to its payer, even above the ceiling.
fn give_back(
    state: &State,
    peer: &mut PeerState,
    counter: u64,
    effect: &mut Effect,
) -> Result<(), Refusal> {
    let (slot, open) = state
        .opens(peer.cite, counter)
        .find(|(_, open)| open.counter == counter)
        .ok_or(Refusal::UnknownTransfer { counter })?;
    let (payer, account) =
        state.account(&open.payer).ok_or(Refusal::UnknownTransfer { counter })?;
    let mut account = account.clone();
    account.balance = account.balance.credited(open.minutes).ok_or(Refusal::Overflow)?;
    peer.balance = peer.balance.debited(open.minutes).ok_or(Refusal::Overflow)?;
    settle(peer, open)?;
    effect.puts.push((payer, Object::Account(account)));
    effect.removes.push(slot);
    Ok(())
}

/// Closes the transfers that the other side has received: they were imported, or came back before.
fn close(
    state: &State,
    peer: &mut PeerState,
    received: u64,
    effect: &mut Effect,
) -> Result<(), Refusal> {
    for (slot, open) in state.opens(peer.cite, received) {
        if !effect.removes.contains(&slot) {
            settle(peer, open)?;
            effect.removes.push(slot);
        }
    }
    Ok(())
}

/// Takes one transfer off a neighbour's open ones.
fn settle(peer: &mut PeerState, open: &OpenTransfer) -> Result<(), Refusal> {
    peer.open = peer.open.saturating_sub(1);
    peer.open_minutes = peer.open_minutes.debited(open.minutes).ok_or(Refusal::Overflow)?;
    Ok(())
}
