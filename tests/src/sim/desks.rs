//! Calls at the sockets of nodes, and what wallets make of the replies.

use node::core::{Input, ReplyTo};
use proto::{
    codec::Canonical as _,
    desk::{Call, Frame, Reply},
};

use super::{Event, REPLY_MS, Sim, payers::Heard};

impl Sim {
    /// Lets a wallet go on.
    pub(super) fn payer(&mut self, at: usize) {
        if self.payers[at].waits.is_some() {
            return;
        }
        let Self { payers, sites, chance, rates, now, trouble, .. } = self;
        let place = payers[at].place;
        match payers[at].turn(*now, &sites[..rates.cites], (chance, rates), *trouble) {
            Some(call) if self.sites[place].runs() => {
                let id = self.call(place, call, Some(at));
                self.payers[at].waits = Some(id);
                self.due(REPLY_MS, Event::Patience(at, id));
            }
            // Nobody listens at the socket.
            Some(_) => self.due(2_000, Event::Payer(at)),
            None => self.due(5_000, Event::Payer(at)),
        }
    }

    /// Calls a node at its socket; returns by which number the reply is known.
    pub(super) fn call(&mut self, place: usize, call: Call, payer: Option<usize>) -> u64 {
        self.next += 1;
        let id = self.next;
        self.calls.insert(id, payer);
        let frame = Frame { home: None, call }.encode();
        let life = self.sites[place].life;
        self.due(1, Event::Input(place, life, Input::Called { frame, reply_to: ReplyTo(id) }));
        id
    }

    /// Takes a reply to whoever called.
    pub(super) fn replied(&mut self, place: usize, id: u64, frame: &[u8]) {
        let reply = Reply::decode(frame).expect("replies are canonical");
        let mirrors = self.rates.cites - 1;
        if self.seen.reply(&reply, mirrors) {
            self.reached.note("a certificate was made");
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
        let after = match self.payers[payer].hears(reply) {
            Heard::Recorded(order, receipt) => {
                self.seen.acknowledges(place, order.id(), *receipt);
                let hurries = !self.trouble;
                if hurries { 50 } else { self.chance.below(2 * self.rates.pace_ms) }
            }
            Heard::Next | Heard::Behind => 50,
            Heard::Rest => {
                self.reached.note("a payment was refused at a limit");
                self.rates.pace_ms
            }
            Heard::Again => 1_000,
            Heard::Head(head) => {
                self.seen.committed.push((place, head));
                50
            }
        };
        self.due(after, Event::Payer(payer));
    }
}
