//! Private queries: a member asks about the own account, stewards about all, each with the answer to a
//! fresh challenge. A peer that dials in cannot scrape.

use ledger::{
    card,
    home::{AccountMovement, Home},
    object::{ActState, MemberState},
    rules::approvals_needed,
};
use proto::{
    act::Act,
    codec::Bytes,
    desk::{
        AccountSheet, LaneSheet, LastMove, MemberItem, Movement, PAGE_MAX, PendingAct, Query,
        Reply, SignedQuery, Unavailable,
    },
    entry::Payload,
    ids::{Account, MemberId, OrderId},
    keys::Purpose,
    minutes::Balance,
    order::{SignedOrder, Statement},
    time::UnixMillis,
};

use super::{Core, Writer, desk::unavailable};

impl Core {
    /// Answers a private query, if the member's device answered the challenge.
    pub(crate) fn private(&mut self, now: UnixMillis, signed: &SignedQuery) -> Reply {
        if let Some(why) = self.cannot_tell() {
            return Reply::Unavailable(why);
        }
        if !self.challenges.is_open(now, &signed.challenge) {
            return Reply::Unavailable(Unavailable::NotYou);
        }
        let payload =
            SignedQuery::payload(&self.cite(), &signed.challenge, &signed.member, &signed.query);
        if self.state().member(&signed.member).is_none() {
            return Reply::Unavailable(self.tell_applicant(signed, &payload));
        }
        let key = self.state().device_key(&signed.member, signed.epoch, signed.lane);
        let genuine = key.and_then(|key| key.check().ok()).is_some_and(|key| {
            let network = self.network();
            key.verify(Purpose::Desk, &network, &payload, &signed.signature).is_ok()
        });
        if !genuine {
            return Reply::Unavailable(Unavailable::NotYou);
        }
        self.challenges.answer(signed.challenge);
        let for_stewards = matches!(
            signed.query,
            Query::Members { .. }
                | Query::Invite { .. }
                | Query::Applications
                | Query::Acts
                | Query::DeclineApplication { .. }
                | Query::Erase { .. }
                | Query::Erasure { .. }
        );
        if for_stewards && !self.is_steward(&signed.member) {
            return Reply::Unavailable(Unavailable::StewardsOnly);
        }
        self.query(now, signed).unwrap_or_else(|| self.unreadable())
    }

    /// Returns what became of the application of somebody who is no member. Told to the device that signed it, and
    /// to nobody else: who applied where is not for anybody to try out.
    fn tell_applicant(&mut self, signed: &SignedQuery, payload: &[u8]) -> Unavailable {
        let Some((join, declined)) = self.shelf.applicant(&signed.member) else {
            return Unavailable::NotYou;
        };
        let key = match &join.order().statement {
            Statement::Join(body) => body.record.device_key().and_then(|key| key.check().ok()),
            _ => None,
        };
        let (network, signature) = (self.network(), &signed.signature);
        if key.is_none_or(|key| key.verify(Purpose::Desk, &network, payload, signature).is_err()) {
            return Unavailable::NotYou;
        }
        self.challenges.answer(signed.challenge);
        if declined { Unavailable::Declined } else { Unavailable::Applied }
    }

    /// Returns why this node tells nothing of members and their hours, if so: what it has is an older image of the
    /// log, or not all of it yet, and whoever is asked for the truth must not answer with what once was.
    pub(crate) fn cannot_tell(&self) -> Option<Unavailable> {
        match &self.writer {
            Writer::Asleep { .. } | Writer::Signing(_) => None,
            Writer::Recovering(_)
            | Writer::Restored(_)
            | Writer::Overtaken(_)
            | Writer::Failed(_) => self.cannot_write(),
        }
    }

    /// Returns why the log cannot be read as far as was asked: for the reason for which this node does not
    /// write, or because the disk failed.
    pub(crate) fn unreadable(&self) -> Reply {
        Reply::Unavailable(self.cannot_write().unwrap_or(Unavailable::CannotWrite))
    }

    /// Returns whether it can be told now if an order is in the log.
    pub(crate) fn can_tell_of(&self, order: &OrderId) -> bool {
        self.home().is_some_and(|home| home.can_tell_of(order))
    }

    /// Answers a query of a member; `None` when the log cannot be read.
    fn query(&mut self, now: UnixMillis, signed: &SignedQuery) -> Option<Reply> {
        let member = &signed.member;
        match &signed.query {
            Query::Account => self.account(now, member),
            Query::History { from } => self.history(member, *from),
            Query::Requests => Some(self.requests(now, member)),
            Query::Decline { request, reason } => Some(self.decline(now, member, request, reason)),
            Query::Card => self.card(member),
            Query::ShortCard => Some(self.short_card(now, signed)),
            Query::Members { from } => Some(self.members(*from)),
            Query::Invite { until, uses } => {
                let bytes = self.chance.bytes();
                let token: [u8; 16] = bytes.first_chunk().copied()?;
                Some(match self.shelf.invite(token, *until, *uses, now.day()) {
                    Ok(()) => Reply::Invitation {
                        token,
                        addresses: self.listening.iter().take(4).cloned().collect(),
                        node: self.keys.network.public(),
                    },
                    Err(error) => unavailable(&error),
                })
            }
            Query::Applications => {
                let mut waiting = self.shelf.applications();
                waiting.truncate(PAGE_MAX);
                Some(Reply::Applications(waiting))
            }
            Query::DeclineApplication { member } => self.decline_application(now, member),
            Query::Acts => self.acts(),
            Query::Erase { member } => Some(self.erase(now, member)),
            Query::Erasure { member } => Some(self.erasure(member)),
            Query::Order(order) => Some(self.order(order)),
        }
    }

    fn account(&self, now: UnixMillis, id: &MemberId) -> Option<Reply> {
        let state = self.state();
        let (_, member) = state.member(id)?;
        let (_, account) = state.account(id)?;
        let rules = state.cite()?.rules.clone();
        let abroad = state
            .peers()
            .flat_map(|peer| state.opens(peer.cite, peer.sent))
            .filter(|(_, open)| open.payer == *id)
            .map(|(_, open)| u64::from(open.minutes.0))
            .fold(0_u64, u64::saturating_add);
        let lanes = account.lanes.iter().filter_map(|lane| {
            let key = member.key(lane.lane)?;
            Some(LaneSheet { lane: lane.lane, key, seq: lane.seq, last: lane.last })
        });
        Some(Reply::Account(Box::new(AccountSheet {
            number: member.number,
            terms: member.terms,
            serial: member.serial,
            validity: member.validity,
            balance: account.balance,
            floor: rules.floor.as_balance().negated()?,
            ceiling: rules.ceiling.as_balance(),
            abroad,
            epoch: member.epoch,
            lanes: lanes.collect(),
            seen: self.seen(self.committed_size()?),
            rules,
            now,
        })))
    }

    /// Returns up to where all is committed: by the certificates that are held, or by what the log names.
    fn committed_size(&self) -> Option<u64> {
        match self.readable() {
            Some(home) => home.committed_size().ok(),
            None => self.state().clock().map(|clock| clock.committed_size),
        }
    }

    fn history(&self, member: &MemberId, from: u64) -> Option<Reply> {
        let home = self.readable()?;
        let mut page = Vec::new();
        for leaf in home.account_leaves(member, from, PAGE_MAX) {
            if let Some(movement) = home.movement(leaf, member).ok()? {
                page.push(self.movement(home, movement)?);
            }
        }
        Some(Reply::History(page))
    }

    fn movement(&self, home: &Home, moved: AccountMovement) -> Option<Movement> {
        let with_number = match &moved.with {
            Account::Member(id) => home.state().member(id).map(|(_, member)| member.number),
            Account::Commons | Account::Peer(_) => None,
        };
        Some(Movement {
            leaf: moved.leaf,
            time: moved.time,
            order: moved.order,
            with: moved.with,
            with_number,
            abroad: moved.abroad,
            change: moved.change,
            body: moved.body.and_then(|_| self.shelf.body(&moved.order)),
            standing: home.standing(moved.leaf).ok()?,
        })
    }

    fn card(&self, id: &MemberId) -> Option<Reply> {
        let card = self.readable()?.card(id).ok()??;
        Some(Reply::Card(Box::new(card)))
    }

    /// Returns the short card of a member for the device that asks. It is signed now, so whatever keeps this home from
    /// signing an entry keeps it from this.
    fn short_card(&self, now: UnixMillis, signed: &SignedQuery) -> Reply {
        if let Some(why) = self.cannot_write() {
            return Reply::Unavailable(why);
        }
        let state = self.state();
        let Some((_, member)) = state.member(&signed.member) else {
            return Reply::Unavailable(Unavailable::NotYou);
        };
        let Some(holder) = state.device_key(&signed.member, signed.epoch, signed.lane) else {
            return Reply::Unavailable(Unavailable::NotYou);
        };
        let Some(card) = card::stated(&self.founding, member, holder, now, now.day()) else {
            return Reply::Unavailable(Unavailable::NoCard);
        };
        let card = card.sign(&self.network(), &self.keys.card);
        // A card that its own record does not bear out would be called forged wherever it is shown.
        match card.clone().verify(&self.founding) {
            Ok(_) => Reply::ShortCard(Bytes::from(card.bytes().to_vec())),
            Err(_) => Reply::Unavailable(Unavailable::CannotWrite),
        }
    }

    fn members(&self, from: u32) -> Reply {
        let item = |member: &MemberState| {
            let moved = match self.readable().map(|home| (home, home.last_account_leaf(&member.id)))
            {
                None => LastMove::Unknown,
                Some((home, leaf)) => leaf.map_or(LastMove::Never, |last| {
                    home.entry(last).map_or(LastMove::Unknown, |entry| LastMove::At(entry.time))
                }),
            };
            MemberItem {
                member: member.id,
                number: member.number,
                alias: self.shelf.name(&member.id),
                terms: member.terms,
                serial: member.serial,
                validity: member.validity,
                balance: self.state().balance(&member.id).unwrap_or(Balance::ZERO),
                moved,
            }
        };
        let members = self.state().members().filter(|member| member.number >= from);
        Reply::Members(members.take(PAGE_MAX).map(item).collect())
    }

    /// Removes an application; but what a steward signed is not taken back behind her.
    fn decline_application(&self, now: UnixMillis, member: &MemberId) -> Option<Reply> {
        let proposed = |(order, _): &(SignedOrder, _)| admits(order) == Some(*member);
        if self.waiting_acts()?.iter().any(proposed) {
            return Some(Reply::Unavailable(Unavailable::Proposed));
        }
        Some(match self.shelf.decline(member, now) {
            Ok(()) => Reply::Done,
            Err(error) => unavailable(&error.into()),
        })
    }

    fn acts(&self) -> Option<Reply> {
        let need = approvals_needed(self.state());
        let pending = self.waiting_acts()?.into_iter().map(|(order, act)| PendingAct {
            order: Bytes::from(order.bytes().to_vec()),
            // Whose yes counts now: not that of a steward who was suspended since, or has left.
            approved_by: act.approved_by.iter().copied().filter(|by| self.is_steward(by)).collect(),
            need,
            until: act.until,
        });
        Some(Reply::Acts(pending.collect()))
    }

    /// Returns the acts that wait for signatures, each with the order that proposes it, in the order of the log: a
    /// new one changes the place of none. `None` when the log cannot be read.
    fn waiting_acts(&self) -> Option<Vec<(SignedOrder, &ActState)>> {
        let home = self.readable()?;
        let mut acts = Vec::new();
        for act in home.state().acts() {
            let leaf = home.leaf_of(&act.order)?;
            if let Payload::Order(order) = home.entry(leaf).ok()?.payload {
                acts.push((leaf, order, act));
            }
        }
        acts.sort_by_key(|(leaf, ..)| *leaf);
        Some(acts.into_iter().map(|(_, order, act)| (order, act)).collect())
    }

    fn order(&self, order: &OrderId) -> Reply {
        // Whoever cannot look must not say no: the wallet would take the order for lost.
        let Some(home) = self.readable() else { return self.unreadable() };
        match home.leaf_of(order) {
            Some(leaf) => self.receipt(leaf),
            None => Reply::NotRecorded,
        }
    }
}

/// Returns whom an order proposes to admit.
fn admits(order: &SignedOrder) -> Option<MemberId> {
    let Statement::Act(Act::Admit(admit)) = &order.order().statement else { return None };
    SignedOrder::decode(&admit.join).ok().map(|join| join.order().author)
}
