//! The desk: what clients ask of a node. Sheets and names are for anybody; orders are judged by who
//! signed them; operators' calls only come through the machine's own socket. Calls for another cité are
//! passed on unchanged.

use std::cmp::Reverse;

use ledger::{
    home::Submitted,
    refusal::Refusal,
    rules::{is_opened_there, is_steward},
    state::State,
};
use proto::{
    act::Act,
    body::Body,
    codec::{Bytes, Canonical as _},
    desk::{
        Application, Call, Frame, Known, Name, NodeStatus, Operator, PAGE_MAX, PeerItem, Person,
        Reply, RequestState, ScrubSheet, Sheet, Unavailable,
    },
    entry::{Payload, RootAct},
    heirs::Will,
    ids::{CiteId, MemberId},
    order::{Head, Order, SignedOrder, Statement},
    request::SignedRequest,
    time::UnixMillis,
    wire::{Answer, Ask, Passed},
};

use super::{
    Asked, Change, Core, Origin, Output, PeerKey, PeerUse, ReplyTo, Writer,
    erasing::writers_of,
    mailbox::Kept,
    passing::{self, Turn},
    shelf::ShelfError,
    writer::Waiting,
};

/// Most cités in one reply.
const CITES_MAX: usize = 128;

impl Core {
    /// Answers a call at the machine's own socket.
    pub(crate) fn called(&mut self, now: UnixMillis, frame: &[u8], reply_to: ReplyTo) {
        let origin = Origin::Socket(reply_to);
        match Frame::decode(frame) {
            Ok(Frame { home: Some(home), call }) if home != self.cite() => {
                let call = Frame { home: Some(home), call }.encode();
                let passed = Passed { home, call: Bytes::from(call) };
                let hops = Ask::HOPS_MAX;
                self.pass_on(now, passing::Call { origin, caller: None, passed, hops });
            }
            Ok(Frame { call, .. }) => self.call(now, call, origin),
            Err(_) => self.reply(origin, &Reply::Unavailable(Unavailable::Malformed)),
        }
    }

    /// Answers a call that another node passed on, or passes it on.
    pub(crate) fn called_from_afar(
        &mut self,
        now: UnixMillis,
        peer: PeerKey,
        passed: Passed,
        hops: u8,
        reply_to: ReplyTo,
    ) {
        let origin = Origin::Peer(reply_to);
        if passed.home != self.cite() {
            let caller = Some(peer);
            return self.pass_on(now, passing::Call { origin, caller, passed, hops });
        }
        match Frame::decode(&passed.call) {
            Ok(Frame { call, .. }) => self.call(now, call, origin),
            Err(_) => self.reply(origin, &Reply::Unavailable(Unavailable::Malformed)),
        }
    }

    fn pass_on(&mut self, now: UnixMillis, call: passing::Call) {
        let home = &call.passed.home;
        let Some(way) = self.neighbours.node_of(home).filter(|_| call.hops > 0) else {
            return self.reply(call.origin, &Reply::Unavailable(Unavailable::HomeUnreachable));
        };
        match self.passing.begin(now, way, call) {
            Turn::Now(call) => self.pass(now, way, call),
            Turn::Later => {}
            Turn::Full(origin) => self.reply(origin, &Reply::Unavailable(Unavailable::Busy)),
        }
    }

    /// Passes on a call whose turn it is.
    fn pass(&mut self, now: UnixMillis, way: PeerKey, call: passing::Call) {
        let mut next = Some(call);
        while let Some(passing::Call { origin, passed, hops, .. }) = next {
            let ask = Ask::Desk { passed, hops: hops.saturating_sub(1) };
            if self.ask(now, way, &ask, Asked::Pass(origin, way)) {
                return;
            }
            self.reply(origin, &Reply::Unavailable(Unavailable::Busy));
            next = self.next_to_pass(now, way, origin);
        }
    }

    /// Hands the answer of another home back, unchanged, and passes on the call whose turn it is.
    pub(crate) fn passed(
        &mut self,
        now: UnixMillis,
        origin: Origin,
        way: PeerKey,
        answer: Option<Answer>,
    ) {
        match (answer, origin) {
            (Some(Answer::Desk(reply)), Origin::Socket(reply_to)) => {
                self.out.push(Output::Reply { reply_to, frame: reply.into_vec() });
            }
            (Some(Answer::Desk(reply)), Origin::Peer(reply_to)) => {
                self.answer(reply_to, &Answer::Desk(reply));
            }
            _ => self.reply(origin, &Reply::Unavailable(Unavailable::HomeUnreachable)),
        }
        if let Some(call) = self.next_to_pass(now, way, origin) {
            self.pass(now, way, call);
        }
    }

    /// A call is over; returns whose turn it is.
    fn next_to_pass(
        &mut self,
        now: UnixMillis,
        way: PeerKey,
        over: Origin,
    ) -> Option<passing::Call> {
        let (next, in_vain) = self.passing.end(now, way, !over.is_afar());
        for origin in in_vain {
            self.reply(origin, &Reply::Unavailable(Unavailable::Busy));
        }
        next
    }

    /// Ends the calls that waited for a peer that is gone, and forgets those that it made.
    pub(crate) fn pass_no_more(&mut self, peer: &PeerKey) {
        for origin in self.passing.gone(peer) {
            self.reply(origin, &Reply::Unavailable(Unavailable::HomeUnreachable));
        }
    }

    fn call(&mut self, now: UnixMillis, call: Call, origin: Origin) {
        let reply = match call {
            Call::Sheet => self
                .sheet(now)
                .map_or_else(Reply::Unavailable, |sheet| Reply::Sheet(Box::new(sheet))),
            Call::Cites => self.cites(),
            Call::Resolve(name) => match (self.resolve(name), self.cannot_tell()) {
                // Whoever was admitted since is in no older image.
                (None, Some(why)) => Reply::Unavailable(why),
                (person, _) => Reply::Person(person),
            },
            Call::Challenge => Reply::Challenge(self.challenges.give(now)),
            Call::Private(query) => self.private(now, &query),
            Call::Submit { order, body } => return self.submit(now, &order, body, origin),
            Call::Apply { token, join, alias } => self.apply(now, &token, &join, alias),
            Call::Letter(letter) => self.post(now, origin, &letter),
            Call::Complain(order) => self.complain(now, &order),
            Call::Request(request) => self.shown_request(now, &request),
            Call::Operator(operator) => match origin {
                Origin::Socket(_) => match operator {
                    Operator::RootAct(act) => return self.root_act(now, &act, origin),
                    operator => self.operate(now, operator),
                },
                Origin::Peer(_) => Reply::Unavailable(Unavailable::LocalOnly),
            },
        };
        self.reply(origin, &reply);
    }

    fn submit(&mut self, now: UnixMillis, order: &[u8], body: Option<Body>, origin: Origin) {
        let refused = |refusal: Refusal| Reply::Refused(refusal.into());
        let Ok(signed) = SignedOrder::decode(order) else {
            return self.reply(origin, &refused(Refusal::Malformed));
        };
        if let Some(why) = self.cannot_write() {
            return self.reply(origin, &Reply::Unavailable(why));
        }
        let (id, order) = (signed.id(), signed.order().clone());
        if let Statement::Export(export) = &order.statement {
            let known = self.state().peer(&export.to).is_some();
            // A mirror knows no openings: what the log shows must be enough where a member complains.
            let shown = is_opened_there(self.state(), &export.to);
            if known && !shown && !self.openings.contains(&export.to) {
                let reply = match self.recorded(&signed) {
                    Some(leaf) => self.receipt(leaf),
                    None if !self.can_tell_of(&id) => self.unreadable(),
                    None => refused(Refusal::NotOpenedThere { cite: export.to }),
                };
                return self.reply(origin, &reply);
            }
        }
        let Writer::Signing(home) = &mut self.writer else { return };
        match home.submit(now, signed) {
            // Whoever cannot look must not say no: the wallet would take the order for lost.
            Err(Refusal::SeqTaken { last, .. }) if last == id || !self.can_tell_of(&id) => {
                self.reply(origin, &self.unreadable());
            }
            Err(refusal) => self.reply(origin, &refused(refusal)),
            Ok(Submitted::Recorded(leaf)) => {
                let reply = self.receipt(leaf);
                self.reply(origin, &reply);
            }
            Ok(Submitted::Pending(leaf)) => {
                let fits = body.as_ref().map(Body::commitment) == order.body;
                let writers = writers_of(self.cite(), &order);
                if let Err(error) = self.keep_text(&id, &writers, body.filter(|_| fits).as_ref()) {
                    tracing::warn!(%error, "the text of an order was not kept");
                }
                self.note_submitted(&order);
                self.waiting.push(Waiting::Order { origin, leaf });
            }
        }
    }

    /// Enters an act of the root keys: one that closes this cité, or names its heirs.
    fn root_act(&mut self, now: UnixMillis, act: &[u8], origin: Origin) {
        let Ok(act) = RootAct::decode(act) else {
            return self.reply(origin, &Reply::Refused(Refusal::Malformed.into()));
        };
        if let Some(why) = self.cannot_write() {
            return self.reply(origin, &Reply::Unavailable(why));
        }
        let Writer::Signing(home) = &mut self.writer else { return };
        match home.root_act(now, act) {
            Ok(_) => self.waiting.push(Waiting::RootAct { origin }),
            Err(refusal) => self.reply(origin, &Reply::Refused(refusal.into())),
        }
    }

    /// Returns the leaf of an export that is in the log with this very signature: what was proved of
    /// another cité may be lost, what is in the log is not refused.
    fn recorded(&self, signed: &SignedOrder) -> Option<u64> {
        let home = self.home()?;
        let leaf = home.leaf_of(&signed.id())?;
        match home.entry(leaf).ok()?.payload {
            Payload::Export { order, .. } if order.bytes() == signed.bytes() => Some(leaf),
            _ => None,
        }
    }

    /// Follows up on an order that will be in the log: a request was paid, a person was admitted.
    fn note_submitted(&mut self, order: &Order) {
        let request = match &order.statement {
            Statement::Pay(pay) => pay.request.as_ref(),
            Statement::Export(export) => export.request.as_ref(),
            // The last signature under an admission is an approval.
            Statement::Act(Act::Admit(_)) | Statement::Approve(_) => {
                // Once for all of a batch: each look reads all applications.
                let looks = |waiting: &Waiting| matches!(waiting, Waiting::Admission);
                if !self.waiting.iter().any(looks) {
                    self.waiting.push(Waiting::Admission);
                }
                return;
            }
            _ => None,
        };
        let Some(request) = request.and_then(|bytes| SignedRequest::decode(bytes).ok()) else {
            return;
        };
        if let Some(kept) = self.mailbox.letter(&order.author, &request.id()) {
            let paid = Kept { state: RequestState::Paid, ..kept };
            if let Err(error) = self.mailbox.change(&order.author, &request.id(), &paid) {
                tracing::warn!(%error, "a paid request stays open in a list");
            }
        }
    }

    fn apply(&mut self, now: UnixMillis, token: &[u8; 16], join: &Bytes, alias: String) -> Reply {
        let Ok(signed) = SignedOrder::decode(join) else {
            return Reply::Refused(Refusal::NotAJoin.into());
        };
        let (author, until) = (signed.order().author, signed.order().valid_until);
        let Statement::Join(body) = &signed.order().statement else {
            return Reply::Refused(Refusal::NotAJoin.into());
        };
        let for_here = signed.order().home == self.cite()
            && signed.order().network == self.network()
            && body.record.id() == author;
        let key = body.record.device_key().and_then(|key| key.check().ok());
        if !for_here || key.is_none_or(|key| signed.verify(&key).is_err()) {
            return Reply::Refused(Refusal::NotAJoin.into());
        }
        if self.state().is_closed() {
            return Reply::Refused(Refusal::CiteClosed.into());
        }
        if let Some((_, member)) = self.state().member(&author) {
            return Reply::Refused(Refusal::AlreadyMember { number: member.number }.into());
        }
        if until < now.day() {
            let today = now.day();
            return Reply::Refused(Refusal::JoinOutOfDate { until, today }.into());
        }
        let application = Application { join: join.clone(), alias, time: now };
        match self.shelf.apply(&author, token, application) {
            Ok(()) => Reply::Done,
            Err(error) => unavailable(&error),
        }
    }

    fn operate(&mut self, now: UnixMillis, operator: Operator) -> Reply {
        match operator {
            Operator::Status => Reply::Status(Box::new(self.status(now))),
            Operator::Peers => self.peers(),
            Operator::Connect { node, addresses } => {
                self.out.push(Output::Dial(addresses.clone()));
                match self.neighbours.befriend(node, addresses) {
                    Ok(()) => Reply::Done,
                    Err(_) => Reply::Unavailable(Unavailable::CannotWrite),
                }
            }
            Operator::Clock(to) if self.test && self.scaled_clock => {
                // Only forwards: a log's time never decreases.
                self.ahead = self.ahead.saturating_add_unsigned(to.since(now));
                Reply::Done
            }
            Operator::Clock(_) => Reply::Unavailable(Unavailable::TestOnly),
            Operator::Stop => {
                self.out.push(Output::Stop);
                Reply::Done
            }
            // What is fetched anew changes under every look.
            Operator::Scrub if matches!(self.writer, Writer::Recovering(_)) => {
                Reply::Unavailable(Unavailable::Recovering)
            }
            Operator::Scrub => {
                self.scrubbing.begin(now);
                Reply::Done
            }
            Operator::Block(blocked) => self.change_blocked(now, Change::Block(blocked)),
            Operator::Lift(blocked) => self.change_blocked(now, Change::Lift(blocked)),
            Operator::Blocked => self.blocked(),
            // Answered once it is durable.
            Operator::RootAct(_) => Reply::Unavailable(Unavailable::Malformed),
            Operator::ClockIsRight => {
                self.vouch_for_clock(now);
                Reply::Done
            }
        }
    }

    fn resolve(&self, name: Name) -> Option<Person> {
        let state = self.state();
        let member = match name {
            Name::Number(number) => state.numbered(number),
            Name::Id(id) => state.member(&id).map(|(_, member)| member),
        }?;
        Some(Person { member: member.id, number: member.number })
    }

    fn cites(&self) -> Reply {
        let kin = self.kin();
        let account = |cite: &CiteId| self.state().peer(cite).is_some();
        let connected = |cite: &CiteId| self.neighbours.node_of(cite).is_some();
        // However many cités strangers make up, those that matter to people here are among the first.
        let mut known: Vec<_> = self.neighbours.all().collect();
        known.sort_by_key(|(cite, neighbour)| {
            Reverse((account(cite), kin.contains(cite), connected(cite), neighbour.seen.is_some()))
        });
        let known = known.into_iter().take(CITES_MAX).map(|(cite, neighbour)| Known {
            founding: neighbour.signed.clone(),
            addresses: neighbour.addresses.clone(),
            account: account(cite),
            connected: connected(cite),
            seen: neighbour.seen,
            // Of a log that is copied here the newest head known may be one that this mirror cosigned alone.
            certified: match self.mirrors.get(cite) {
                Some(copy) => copy.certificate().map(|known| known.checkpoint.head),
                None => neighbour.head.map(|known| known.head),
            },
            convicted: self.is_convicted(cite),
            will: self.mirrors.get(cite).and_then(|log| will(log.state())),
        });
        Reply::Cites(known.collect())
    }

    /// Returns who is connected, and who was in the last minutes: of these the ones that used most, as far as one reply
    /// has room.
    fn peers(&self) -> Reply {
        let connected = self.neighbours.connections().map(|(node, connection)| {
            let neighbour = connection.cite.as_ref().and_then(|cite| self.neighbours.get(cite));
            PeerItem {
                node: *node,
                cite: connection.cite,
                slug: neighbour
                    .map(|neighbour| neighbour.founding.founding().slug.clone())
                    .unwrap_or_default(),
                addresses: neighbour.map(|n| n.addresses.clone()).unwrap_or_default(),
                since: Some(connection.since),
                at: self.used.get(node).and_then(|by| by.at),
                used: self.used.get(node).map(|by| by.used).unwrap_or_default(),
            }
        });
        let mut items: Vec<PeerItem> = connected.collect();
        let mut gone: Vec<&PeerUse> =
            self.used.values().filter(|by| !self.neighbours.is_connected(&by.peer)).collect();
        gone.sort_by_key(|by| Reverse(by.used.bytes_in.saturating_add(by.used.bytes_out)));
        let room = PAGE_MAX.saturating_sub(items.len());
        items.extend(gone.into_iter().take(room).map(|PeerUse { peer, at, used }| PeerItem {
            node: *peer,
            cite: None,
            slug: String::new(),
            addresses: Vec::new(),
            since: None,
            at: *at,
            used: *used,
        }));
        Reply::Peers(items)
    }

    fn status(&self, now: UnixMillis) -> NodeStatus {
        let witnesses = self
            .home()
            .and_then(|home| home.certificate())
            .map_or(0, |certificate| certificate.cosignatures.len());
        NodeStatus {
            sheet: self.sheet(now).ok(),
            node: self.keys.network.public(),
            listening: self.listening.clone(),
            peers: u32::try_from(self.neighbours.connections().count()).unwrap_or(u32::MAX),
            mirrored: self.copies(),
            witnesses: u8::try_from(witnesses).unwrap_or(u8::MAX),
            signing: self.cannot_write().map_or(Ok(()), Err),
            disk_free: self.disk_free,
            started: self.started,
            version: self.version.to_owned(),
            clock: self.clock_sheet(now),
            recovery: match &self.writer {
                Writer::Recovering(recovery) => Some(recovery.sheet(&self.neighbours)),
                _ => None,
            },
            given_up: self.given_up(),
            scrub: ScrubSheet { imports_wait: self.is_without_proofs(), ..self.scrubbing.sheet() },
            blocked: u32::try_from(self.blocks.all().count()).unwrap_or(u32::MAX),
            cut_off: self.all_cut_off(),
            watch: self.watch_sheet(),
        }
    }

    /// Returns the public sheet. Needs a checkpoint, so a node that does not sign has none.
    fn sheet(&self, now: UnixMillis) -> Result<Sheet, Unavailable> {
        let home = self.home().ok_or_else(|| self.cannot_write().unwrap_or(Unavailable::Busy))?;
        let state = home.state();
        let cite = state.cite().ok_or(Unavailable::NoCite)?;
        let committed = home.committed_size().map_err(|_| Unavailable::CannotWrite)?;
        Ok(Sheet {
            founding: home.founding().clone(),
            rules: cite.rules.clone(),
            checkpoint: *home.checkpoint(),
            certificate: home.certificate().cloned(),
            committed: self.seen(committed),
            members: cite.members.saturating_sub(cite.left),
            stewards: cite.stewards,
            peers: state
                .peers()
                .map(|peer| state.peer_sheet(peer, self.openings.contains(&peer.cite)))
                .collect(),
            mirrors: state.cosigners(),
            root_seq: cite.root_seq,
            closed: state.closed(),
            will: will(state),
            inherited: state.heirs().and_then(|(_, heirs)| heirs.inherited),
            now,
        })
    }

    /// Returns the committed head that orders should name as seen: the empty one while there is none. What
    /// seals say counts too: a home that recovered may have no certificate of it any more.
    pub(crate) fn seen(&self, committed: u64) -> Head {
        let sealed = self.state().clock().map_or(0, |clock| clock.committed_size);
        let committed = committed.max(sealed);
        self.state().recent(committed).map_or_else(Head::empty, |recent| recent.head)
    }

    /// Returns whether a member may ask what stewards may.
    pub(crate) fn is_steward(&self, member: &MemberId) -> bool {
        is_steward(self.state(), member)
    }
}

fn will(state: &State) -> Option<Will> {
    state.heirs().map(|(_, heirs)| heirs.will.clone())
}

pub(crate) fn unavailable(error: &ShelfError) -> Reply {
    Reply::Unavailable(match error {
        ShelfError::Disk(_) => Unavailable::CannotWrite,
        ShelfError::Full => Unavailable::MailboxFull,
        ShelfError::Invitation => Unavailable::Invitation,
        ShelfError::Declined => Unavailable::Declined,
    })
}
