//! Calls at the sockets of nodes, and what wallets make of the replies.

use node::core::{Input, ReplyTo};
use proto::{
    codec::Canonical as _,
    desk::{Call, Frame, Reply, Unavailable},
};

use super::{Event, REPLY_MS, Sim, liars::Liar, payers::Heard};

impl Sim {
    /// Lets a wallet go on.
    pub(super) fn payer(&mut self, at: usize) {
        if self.payers[at].waits.is_some() {
            return;
        }
        self.plan(at);
        let Self { payers, sites, chance, rates, now, trouble, liar, .. } = self;
        let place = payers[at].place;
        let goes_on = |liar: &Liar| liar.goes_on && liar.place == place;
        let paying = *trouble || liar.as_ref().is_some_and(goes_on);
        match payers[at].turn(*now, &sites[..rates.cites], (chance, rates), paying) {
            Some(call) => {
                let (to, call) = self.way_of(at, call);
                // Nobody listens at the socket.
                if !self.sites[to].runs() {
                    return self.due(2_000, Event::Payer(at));
                }
                let id = self.call(to, call, Some(at));
                self.payers[at].waits = Some(id);
                self.due(REPLY_MS, Event::Patience(at, id));
            }
            None => self.due(self.turn_ms(5_000), Event::Payer(at)),
        }
    }

    /// Calls a node at its socket; returns by which number the reply is known.
    pub(super) fn call(&mut self, place: usize, call: Call, payer: Option<usize>) -> u64 {
        self.next += 1;
        let id = self.next;
        self.calls.insert(id, payer);
        let submits = matches!(call, Call::Submit { .. });
        let frame = Frame { home: None, call }.encode();
        let life = self.sites[place].life;
        if submits && payer.is_some_and(|payer| self.is_dropped(payer)) {
            self.reached.note("a home did not hear a member");
            return id;
        }
        self.due(1, Event::Input(place, life, Input::Called { frame, reply_to: ReplyTo(id) }));
        id
    }

    /// Takes a reply to whoever called.
    pub(super) fn replied(&mut self, place: usize, id: u64, frame: &[u8]) {
        let reply = Reply::decode(frame).expect("replies are canonical");
        if self.seen.reply(&reply) {
            self.reached.note("a certificate was made");
        }
        if reply == Reply::Unavailable(Unavailable::Clock) {
            self.reached.note("a node did not believe its clock");
        }
        let Some(payer) = self.calls.remove(&id) else { return };
        let Some(payer) = payer else {
            self.replies.insert(id, reply);
            return;
        };
        if self.payers[payer].waits != Some(id) {
            return;
        }
        self.payers[payer].waits = None;
        let after = match self.payers[payer].hears(place, reply) {
            Heard::Recorded(order, receipt) => {
                self.decided(payer, &order.order().statement, receipt.leaf);
                self.seen.acknowledges(place, order.id(), *receipt);
                let hurries = !self.trouble;
                if hurries { 50 } else { self.chance.below(2 * self.rates.pace_ms) }
            }
            Heard::Next | Heard::Behind => 50,
            Heard::Rest => {
                self.reached.note("a payment was refused at a limit");
                self.rates.pace_ms
            }
            Heard::Again => self.turn_ms(1_000),
            Heard::Complained(state) => self.complained(state),
            Heard::Head(head) => {
                self.seen.committed.push((place, head));
                50
            }
        };
        self.due(after, Event::Payer(payer));
    }
}
