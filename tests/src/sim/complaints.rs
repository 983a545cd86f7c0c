//! A member whose home is deaf to it complains to the mirrors (decision 23): the order comes into the log by their
//! offers, or they cosign nothing more of it until the home hears them.

use ledger::mirror::PATIENCE_MS;
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Call, ComplaintState, Frame},
    order::SignedOrder,
    wire::Ask,
};

use super::{
    Event, Sim,
    liars::{DROPPED, Liar, Lie},
    seen::Log,
};

/// How long a home may be deaf to the offers of its mirrors, in hours: a day of contact, the hours that an offer missed
/// by a moment, and two seals.
const DEAF_MAX_H: u64 = 40;

/// How long of that mirrors are patient.
const PATIENCE_H: u64 = PATIENCE_MS / HOUR_MS;

/// How long it takes until the wallet has told all mirrors once more, in milliseconds.
const COMPLAINS_MS: u64 = 120_000;

/// How often she is given that long at most.
const TRIES: usize = 3;

const HOUR_MS: u64 = 3_600_000;

/// For how long members pay in an hour, in milliseconds.
const PAYING_MS: u64 = 1_000;

/// How many times as long everything takes that is done in turn while nothing happens for hours.
const QUIET: u64 = 60;

impl Sim {
    /// Returns how long somebody waits who does something in turn.
    pub(super) const fn turn_ms(&self, millis: u64) -> u64 {
        if self.quiet { millis * QUIET } else { millis }
    }

    /// Returns whether the home of a wallet is deaf to its orders.
    pub(super) fn is_dropped(&self, payer: usize) -> bool {
        let payer = &self.payers[payer];
        let drops = |liar: &Liar| {
            liar.place == payer.place && matches!(liar.lie, Lie::DropsOrders | Lie::DropsOffers)
        };
        self.liar.as_ref().is_some_and(drops) && payer.who == DROPPED
    }

    /// Returns whether the home is deaf to the mirrors, too.
    pub(super) fn is_dropped_for_good(&self, payer: usize) -> bool {
        let deaf = |liar: &Liar| liar.lie == Lie::DropsOffers && !liar.heard;
        self.is_dropped(payer) && self.liar.as_ref().is_some_and(deaf)
    }

    /// Returns whether a home does not hear what it is asked: to take an order that a mirror offers it.
    pub(super) fn drops_offer(&self, home: usize, ask: &Ask) -> bool {
        let deaf = |liar: &&Liar| liar.lie == Lie::DropsOffers && !liar.heard && liar.place == home;
        let (Some(_), Ask::Desk { passed, .. }) = (self.liar.as_ref().filter(deaf), ask) else {
            return false;
        };
        let Ok(Frame { call: Call::Submit { order, .. }, .. }) = Frame::decode(&passed.call) else {
            return false;
        };
        let author = SignedOrder::decode(&order).ok().map(|order| order.order().author);
        author == Some(self.sites[home].people[DROPPED].id)
    }

    /// Returns whom a wallet calls, and with what: one whose home is deaf tries there, and complains to as many mirrors
    /// as can keep anything from being certified.
    pub(super) fn way_of(&mut self, payer: usize, call: Call) -> (usize, Call) {
        let place = self.payers[payer].place;
        let Call::Submit { order, .. } = &call else { return (place, call) };
        if !self.is_dropped(payer) {
            return (place, call);
        }
        let mirrors = self.rates.cites - 1;
        let tried = self.payers[payer].tries() % (mirrors / 3 + 2);
        if tried == 0 {
            return (place, call);
        }
        let order = Bytes::from(order.to_vec());
        ((place + tried) % self.rates.cites, Call::Complain(order))
    }

    /// Notes what a mirror says of a complaint; returns when the wallet asks again.
    pub(super) fn complained(&mut self, state: ComplaintState) -> u64 {
        match state {
            ComplaintState::Recorded => {
                self.reached.note("a complaint brought an order into the log");
                50
            }
            ComplaintState::Kept => self.turn_ms(5_000),
            ComplaintState::HoldsBack => {
                self.reached.note("a mirror cosigned no more because of a complaint");
                self.turn_ms(5_000)
            }
        }
    }

    /// Lets a home that is deaf to its mirrors hear again, once they cosign no more of it.
    ///
    /// # Panics
    /// When they go on cosigning, or when they do not cosign again.
    pub(super) fn complaint_is_heard(&mut self) {
        let deaf = (0..self.payers.len()).find(|payer| self.is_dropped_for_good(*payer));
        let Some(payer) = deaf else { return };
        let was_held_back = self.is_held_back(payer);
        self.liar.iter_mut().for_each(|liar| liar.heard = true);
        self.until(super::SETTLED_MS, "a home that hears again is cosigned", Self::is_at_rest);
        if was_held_back {
            self.reached.note("a home that heard again was cosigned again");
        }
    }

    /// Lets hours pass until the mirrors cosign no more; returns whether there was anything to complain of so long.
    fn is_held_back(&mut self, payer: usize) -> bool {
        let place = self.payers[payer].place;
        // She may have signed nothing yet that her home would have to take.
        for _ in 0..TRIES {
            self.pay_on(place);
            self.pass(COMPLAINS_MS);
        }
        if self.payers[payer].told(ComplaintState::Kept) == 0 {
            return false;
        }
        let log = (self.sites[place].house.id, 0);
        let (mut hours, mut went_on) = (0, 0);
        let enough = (self.rates.cites - 1) / 3 + 1;
        while self.payers[payer].told(ComplaintState::HoldsBack) < enough {
            let signed = self.signed_size(log);
            self.hour(place);
            hours += 1;
            // The account of somebody else may be too full for the order meanwhile; and where all others are at their
            // limits, the log does not go on without it.
            if self.payers[payer].is_stuck() || hours > 2 * DEAF_MAX_H {
                return false;
            }
            went_on += u64::from(hours > PATIENCE_H && self.signed_size(log) > signed);
            assert!(
                went_on < DEAF_MAX_H - PATIENCE_H,
                "log {place} is cosigned although its home is deaf"
            );
        }
        let (certified, signed) = (self.certified_size(log), self.signed_size(log));
        // Others pay on, as far as their limits let them.
        for _ in 0..DEAF_MAX_H {
            self.hour(place);
            if self.signed_size(log) > signed {
                break;
            }
        }
        self.hour(place);
        let after = self.certified_size(log);
        assert_eq!(certified, after, "log {place} is cosigned although its home is deaf");
        true
    }

    /// Lets an hour pass in which members of one cité pay.
    fn hour(&mut self, place: usize) {
        self.pay_on(place);
        self.quiet = true;
        self.pass(HOUR_MS - PAYING_MS);
        self.quiet = false;
    }

    /// Lets members of one cité pay for a moment.
    fn pay_on(&mut self, place: usize) {
        let goes_on = |sim: &mut Self, on| sim.liar.iter_mut().for_each(|liar| liar.goes_on = on);
        goes_on(self, true);
        for payer in 0..self.payers.len() {
            if self.payers[payer].place == place {
                self.due(1, Event::Payer(payer));
            }
        }
        self.pass(PAYING_MS);
        goes_on(self, false);
    }

    fn certified_size(&self, log: Log) -> u64 {
        let known = self.seen.certified.get(&log);
        known.and_then(|heads| heads.keys().next_back()).copied().unwrap_or(0)
    }

    fn signed_size(&self, log: Log) -> u64 {
        let known = self.seen.signed.get(&log);
        known.and_then(|heads| heads.keys().next_back()).copied().unwrap_or(0)
    }
}
