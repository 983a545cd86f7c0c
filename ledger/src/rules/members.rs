//! Rules about memberships: who is admitted, on what terms, who is suspended, and who leaves. All of them acts, so
//! stewards signed. Refusals 55 to 59, 72, 73 and 90 to 95.

use proto::{
    act::{Admit, CardIssue, Suspend},
    founding::Rules,
    ids::{MemberId, OrderId},
    keys::{KeyError, PublicKey},
    membership::{Terms, Validity},
    minutes::Balance,
    order::{MemberRecord, SignedOrder, Statement},
    time::UtcDay,
};

use crate::{
    object::{AccountState, Device, LaneState, MemberState, Object},
    refusal::Refusal,
    state::{CITE, Effect, Slot, State},
};

/// Most members of one log: a hundred times the largest time bank on record (860).
pub const MEMBERS_MAX: u32 = 100_000;

/// Admit a person, with a number and a card.
pub(super) fn admit(state: &State, today: UtcDay, admit: &Admit) -> Result<Effect, Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    if cite.members >= MEMBERS_MAX {
        return Err(Refusal::TooManyMembers { max: MEMBERS_MAX });
    }
    check_terms(&cite.rules, today, &admit.terms)?;
    let signed = SignedOrder::decode(&admit.join).map_err(|_| Refusal::NotAJoin)?;
    let (id, order) = (signed.id(), signed.order().clone());
    let Statement::Join(join) = order.statement else { return Err(Refusal::NotAJoin) };
    let first =
        order.epoch == 0 && order.lane == 0 && order.seq == 1 && order.prev == OrderId::NONE;
    let for_here = order.network == cite.network && order.home == cite.cite;
    if !first || !for_here || join.record.home != cite.cite || join.record.id() != order.author {
        return Err(Refusal::NotAJoin);
    }
    if let Some((_, member)) = state.member(&order.author) {
        return Err(Refusal::AlreadyMember { number: member.number });
    }
    if order.valid_until < today {
        return Err(Refusal::JoinOutOfDate { until: order.valid_until, today });
    }
    if join.rules == 0 || join.rules > cite.rules.version {
        return Err(Refusal::JoinRules { current: cite.rules.version });
    }
    let key = join.record.device_key().ok_or(Refusal::NotAJoin)?;
    check_join(signed, &join.record, key).map_err(|_| Refusal::JoinSignature)?;
    let leaf = leaf(state);
    let mut cite = cite.clone();
    cite.members = cite.members.saturating_add(1);
    let member = MemberState {
        id: order.author,
        number: cite.members,
        terms: admit.terms,
        serial: 1,
        issued: leaf,
        validity: Validity::Good,
        epoch: 0,
        devices: vec![Device { lane: 0, key }],
        keys: join.record.keys,
        next_key: join.record.next_key,
        admitted: leaf,
        rules: join.rules,
        pledge: join.pledge,
    };
    cite.stewards = cite.stewards.saturating_add(u32::from(member.is_steward()));
    let account = AccountState {
        owner: order.author,
        balance: Balance::ZERO,
        lanes: vec![LaneState { lane: 0, seq: 1, last: id }],
    };
    Ok(Effect {
        puts: vec![(CITE, Object::Cite(cite))],
        adds: vec![Object::Member(member), Object::Account(account)],
        removes: Vec::new(),
    })
}

/// Checks the join's signature and every key of its record, each once: a check costs about as much as
/// two signatures.
fn check_join(
    signed: SignedOrder,
    record: &MemberRecord,
    device: PublicKey,
) -> Result<(), KeyError> {
    signed.verify(&device.check()?)?;
    let mut others = record.keys.iter().map(|ranked| ranked.key).filter(|key| *key != device);
    others.try_for_each(|key| key.check().map(|_| ()))
}

/// Issue a new card. Who is suspended stays so; who has left is a member again.
pub(super) fn issue(state: &State, today: UtcDay, issue: &CardIssue) -> Result<Effect, Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    check_terms(&cite.rules, today, &issue.terms)?;
    let (slot, member) = known(state, &issue.member)?;
    let validity = match member.validity {
        Validity::Left { .. } => Validity::Good,
        held => held,
    };
    let changed = MemberState {
        terms: issue.terms,
        serial: member.serial.saturating_add(1),
        issued: leaf(state),
        validity,
        ..member.clone()
    };
    change(state, (slot, member), changed)
}

/// Suspend a member. Who is suspended already is so until the new day.
pub(super) fn suspend(state: &State, today: UtcDay, suspend: &Suspend) -> Result<Effect, Refusal> {
    let (slot, member) = staying(state, &suspend.member)?;
    if let Some(until) = suspend.until.filter(|until| *until < today) {
        return Err(Refusal::SuspensionPast { until, today });
    }
    let validity = Validity::Suspended { leaf: leaf(state), until: suspend.until };
    change(state, (slot, member), MemberState { validity, ..member.clone() })
}

/// Lift a suspension, also one whose last day has passed: only then a steward is one again.
pub(super) fn lift(state: &State, member: &MemberId) -> Result<Effect, Refusal> {
    let (slot, member) = staying(state, member)?;
    if member.validity == Validity::Good {
        return Err(Refusal::NotSuspended);
    }
    change(state, (slot, member), MemberState { validity: Validity::Good, ..member.clone() })
}

/// Close a membership. The account is not touched: no act moves what its owner did not sign away.
pub(super) fn leave(state: &State, member: &MemberId) -> Result<Effect, Refusal> {
    let (slot, member) = staying(state, member)?;
    let validity = Validity::Left { leaf: leaf(state) };
    change(state, (slot, member), MemberState { validity, ..member.clone() })
}

/// Returns what puts a member in place of what it was, with the numbers of stewards and of those who left.
fn change(
    state: &State,
    (slot, before): (Slot, &MemberState),
    after: MemberState,
) -> Result<Effect, Refusal> {
    let mut cite = state.cite().ok_or(Refusal::Founding)?.clone();
    let counted = |count: u32, was: bool, is: bool| {
        count.saturating_add(u32::from(is)).saturating_sub(u32::from(was))
    };
    let has_left = |member: &MemberState| matches!(member.validity, Validity::Left { .. });
    cite.stewards = counted(cite.stewards, before.is_steward(), after.is_steward());
    cite.left = counted(cite.left, has_left(before), has_left(&after));
    // Without stewards nobody could ever sign an act again, not even the one that makes a steward.
    if cite.stewards == 0 {
        return Err(Refusal::LastSteward);
    }
    let puts = vec![(CITE, Object::Cite(cite)), (slot, Object::Member(after))];
    Ok(Effect { puts, ..Effect::default() })
}

/// Refusals 59 and 95: the card's days and allowance are within the rules.
fn check_terms(rules: &Rules, today: UtcDay, terms: &Terms) -> Result<(), Refusal> {
    let days_max = rules.card_days;
    let longest = terms.from.plus(u64::from(days_max));
    if terms.until < terms.from || terms.until < today || terms.until > longest {
        return Err(Refusal::CardTerm { days_max });
    }
    if terms.allowance > rules.allowance_max {
        return Err(Refusal::AllowanceTooHigh { max: rules.allowance_max });
    }
    Ok(())
}

/// Refusal 90.
fn known<'a>(state: &'a State, member: &MemberId) -> Result<(Slot, &'a MemberState), Refusal> {
    state.member(member).ok_or(Refusal::UnknownMember { member: *member })
}

/// Refusals 90 and 93.
fn staying<'a>(state: &'a State, member: &MemberId) -> Result<(Slot, &'a MemberState), Refusal> {
    let found = known(state, member)?;
    match found.1.validity {
        Validity::Left { .. } => Err(Refusal::LeftAlready),
        Validity::Good | Validity::Suspended { .. } => Ok(found),
    }
}

/// Returns the leaf of the entry that is being decided.
fn leaf(state: &State) -> u64 {
    state.clock().map_or(0, |clock| clock.leaves)
}
