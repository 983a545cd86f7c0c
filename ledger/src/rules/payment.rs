//! Rules about hours inside a cité: amounts, limits, and the requests that payments answer.
//! Refusals 20 to 35. Hours only move; no rule here makes or destroys a minute.

use proto::{
    founding::Rules,
    ids::{Account, CiteId, MemberId},
    membership::Validity,
    minutes::{Balance, Minutes},
    order::Pay,
    request::Request,
    time::UtcDay,
};

use crate::{
    object::{AccountState, CiteState, CommonsState, Object, UsedRequest},
    refusal::Refusal,
    rules::{Answered, envelope::Author},
    state::{COMMONS, Effect, Slot, State},
};

/// Pay a member of the same cité, or its commons.
pub(crate) fn pay(
    state: &State,
    today: UtcDay,
    author: Author<'_>,
    pay: &Pay,
    answered: &Answered,
) -> Result<Effect, Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    check_amount(&cite.rules, pay.minutes)?;
    if pay.payee == Account::Member(author.member.id) {
        return Err(Refusal::ToOneself);
    }
    check_payee(state, &pay.payee)?;
    let payer = author.member.id;
    let debit = debit(&cite.rules, author, pay.minutes)?;
    let credit = credit(state, &cite.rules, &pay.payee, pay.minutes)?;
    let used = match (pay.payee, answered) {
        (_, Answered::Nothing) => None,
        (_, Answered::Refused(refusal)) => return Err(*refusal),
        (Account::Member(payee), Answered::Request(request)) => {
            let expected = Expected { home: cite.cite, payee, payer, minutes: pay.minutes };
            check_request(request.request(), &expected)?;
            check_request_at_home(state, cite, today, answered)?
        }
        (Account::Commons | Account::Peer(_), Answered::Request(_)) => {
            return Err(Refusal::RequestMismatch);
        }
    };
    // From here on it cannot fail: both new balances are computed and within their limits.
    Ok(Effect {
        puts: vec![debit, credit],
        adds: used.into_iter().map(Object::Used).collect(),
        removes: Vec::new(),
    })
}

/// Refusals 20 to 22: the amount is one that the cité counts.
pub(crate) fn check_amount(rules: &Rules, minutes: Minutes) -> Result<(), Refusal> {
    if minutes == Minutes(0) {
        return Err(Refusal::ZeroAmount);
    }
    if minutes.0.checked_rem(rules.step.0) != Some(0) {
        return Err(Refusal::NotAStep { step: rules.step });
    }
    if minutes > Minutes::PAYMENT_MAX {
        return Err(Refusal::TooMuch { max: Minutes::PAYMENT_MAX });
    }
    Ok(())
}

/// Refusal 24: the payee has an account here that a payment may go to.
fn check_payee(state: &State, payee: &Account) -> Result<(), Refusal> {
    let known = match payee {
        Account::Member(id) => state.member(id).is_some(),
        Account::Commons => true,
        Account::Peer(_) => false,
    };
    if known { Ok(()) } else { Err(Refusal::UnknownPayee) }
}

/// Returns the payer after paying, or refusal 25. A payer who already stands below the floor (rules
/// change) may not go lower.
pub(crate) fn debit(
    rules: &Rules,
    author: Author<'_>,
    minutes: Minutes,
) -> Result<(Slot, Object), Refusal> {
    let after = author.account.balance.debited(minutes).ok_or(Refusal::Overflow)?;
    let floor = rules.floor.as_balance().negated().ok_or(Refusal::Overflow)?;
    if after < floor {
        return Err(Refusal::BelowFloor { missing: distance(after, floor), after, floor });
    }
    let Author { slot, account, .. } = author;
    Ok((slot, Object::Account(AccountState { balance: after, ..account })))
}

/// Returns the payee after being paid, or refusals 24, 28, 26. The commons has no ceiling.
pub(crate) fn credit(
    state: &State,
    rules: &Rules,
    payee: &Account,
    minutes: Minutes,
) -> Result<(Slot, Object), Refusal> {
    match payee {
        Account::Member(id) => {
            let (_, member) = state.member(id).ok_or(Refusal::UnknownPayee)?;
            if matches!(member.validity, Validity::Left { .. }) {
                return Err(Refusal::PayeeLeft);
            }
            let (slot, account) = state.account(id).ok_or(Refusal::UnknownPayee)?;
            let after = account.balance.credited(minutes).ok_or(Refusal::Overflow)?;
            let ceiling = rules.ceiling.as_balance();
            if after > ceiling {
                return Err(Refusal::AboveCeiling {
                    excess: distance(ceiling, after),
                    after,
                    ceiling,
                });
            }
            Ok((slot, Object::Account(AccountState { balance: after, ..account.clone() })))
        }
        Account::Commons => {
            let commons = state.commons().ok_or(Refusal::UnknownPayee)?;
            let balance = commons.balance.credited(minutes).ok_or(Refusal::Overflow)?;
            Ok((COMMONS, Object::Commons(CommonsState { balance })))
        }
        Account::Peer(_) => Err(Refusal::UnknownPayee),
    }
}

/// What a request must say to be answered by a payment.
pub(crate) struct Expected {
    /// The payee's home.
    pub(crate) home: CiteId,
    /// The payee.
    pub(crate) payee: MemberId,
    /// The payer.
    pub(crate) payer: MemberId,
    /// The amount.
    pub(crate) minutes: Minutes,
}

/// Refusal 32: the request asks this payer for this.
pub(crate) fn check_request(request: &Request, expected: &Expected) -> Result<(), Refusal> {
    let fits = request.home == expected.home
        && request.payee == expected.payee
        && request.minutes == expected.minutes
        && request.payer.is_none_or(|payer| payer == expected.payer);
    if fits { Ok(()) } else { Err(Refusal::RequestMismatch) }
}

/// Refusals 31 to 35 at the payee's home, where a request is used once. Returns what is remembered.
pub(crate) fn check_request_at_home(
    state: &State,
    cite: &CiteState,
    today: UtcDay,
    answered: &Answered,
) -> Result<Option<UsedRequest>, Refusal> {
    let verified = match answered {
        Answered::Nothing => return Ok(None),
        Answered::Refused(refusal) => return Err(*refusal),
        Answered::Request(verified) => verified,
    };
    let request = verified.request();
    if request.network != cite.network {
        return Err(Refusal::RequestMismatch);
    }
    let key = state.device_key(&request.payee, request.epoch, request.lane);
    if key != Some(verified.key()) {
        return Err(Refusal::RequestSignature);
    }
    if request.valid_until < today {
        return Err(Refusal::RequestExpired { until: request.valid_until, today });
    }
    let latest = today.plus(u64::from(cite.rules.request_days_max));
    if request.valid_until > latest {
        return Err(Refusal::RequestTooLong { latest });
    }
    if state.request_used(&verified.id()) {
        return Err(Refusal::RequestUsed);
    }
    Ok(Some(UsedRequest { request: verified.id(), until: request.valid_until }))
}

/// Returns how far `high` lies above `low`, at most what an amount can hold.
pub(crate) fn distance(low: Balance, high: Balance) -> Minutes {
    let minutes = high.0.saturating_sub(low.0);
    Minutes(u32::try_from(minutes).unwrap_or(u32::MAX))
}
