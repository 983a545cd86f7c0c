//! The people of a demo: keys drawn from the seed, and what each one's device remembers: the number of
//! its last order and the order itself. It signs; it never decides what is signed.

use proto::{
    body::Body,
    codec::Bytes,
    desk::{Call, Query, SignedQuery},
    founding::Rules,
    ids::{Account, CiteId, MemberId, NetworkId, OrderId},
    keys::SigningKey,
    minutes::Minutes,
    order::{Export, Head, Order, Pay, SignedOrder, Statement},
    request::{Request, SignedRequest},
    time::UtcDay,
};
use zeroize::Zeroizing;

use super::chance::Chance;
use crate::{joining, keyring::Identity, language::Lang};

/// Days for which orders and requests are good.
const VALID_DAYS: u64 = 7;

/// A person with one device.
pub(super) struct Person {
    /// Identity in the federation.
    pub(super) id: MemberId,
    /// The order with which the person asked to join.
    pub(super) join: SignedOrder,
    key: SigningKey,
    home: CiteId,
    network: NetworkId,
    seq: u64,
    last: OrderId,
}

/// What somebody's secret is drawn as.
pub(super) fn identity(chance: &mut Chance, alias: &str, lang: Lang) -> Identity {
    let created = proto::time::UnixMillis(0);
    Identity::new(Zeroizing::new(chance.bytes()), lang, alias.to_owned(), created)
}

impl Person {
    /// Returns the person of an identity, who joins a cité on `today`.
    pub(super) fn joining(
        identity: &Identity,
        home: CiteId,
        network: NetworkId,
        rules: &Rules,
        today: UtcDay,
    ) -> Self {
        let join = joining::order(identity, network, home, rules, today.plus(VALID_DAYS));
        let (id, key) = (join.order().author, identity.device_key());
        Self { id, last: join.id(), seq: 1, join, key, home, network }
    }

    /// Signs the next order of the device. It counts only once it [was entered](Self::entered).
    pub(super) fn sign(
        &self,
        seen: Head,
        today: UtcDay,
        statement: Statement,
        body: Option<&Body>,
    ) -> SignedOrder {
        let order = Order {
            author: self.id,
            epoch: 0,
            network: self.network,
            home: self.home,
            lane: 0,
            seq: self.seq.saturating_add(1),
            prev: self.last,
            seen,
            valid_until: today.plus(VALID_DAYS),
            statement,
            body: body.map(Body::commitment),
        };
        order.sign(&self.key)
    }

    /// Takes note that the home entered an order of this device.
    pub(super) fn entered(&mut self, order: &SignedOrder) {
        self.seq = order.order().seq;
        self.last = order.id();
    }

    /// Signs a request for hours to somebody.
    pub(super) fn request(
        &self,
        chance: &mut Chance,
        payer: MemberId,
        minutes: Minutes,
        today: UtcDay,
    ) -> SignedRequest {
        let request = Request {
            version: 1,
            network: self.network,
            home: self.home,
            payee: self.id,
            epoch: 0,
            lane: 0,
            payer: Some(payer),
            minutes,
            serial: chance.bytes(),
            valid_until: today.plus(VALID_DAYS),
            body: None,
        };
        request.sign(&self.key)
    }

    /// Returns the statement with which `payer`'s device pays this person.
    pub(super) fn paid_from(
        &self,
        payer_home: CiteId,
        minutes: Minutes,
        request: Option<&SignedRequest>,
    ) -> Statement {
        let request = request.map(|request| Bytes::from(request.bytes().to_vec()));
        if payer_home == self.home {
            Statement::Pay(Pay { payee: Account::Member(self.id), minutes, request })
        } else {
            Statement::Export(Export { to: self.home, payee: self.id, minutes, request })
        }
    }

    /// Returns a private query of this person, with the answer to a challenge.
    pub(super) fn query(&self, challenge: [u8; 32], query: Query) -> Call {
        let (network, home) = (&self.network, &self.home);
        let signed = SignedQuery::sign(network, home, self.id, (0, 0), challenge, query, &self.key);
        Call::Private(Box::new(signed))
    }
}

/// Returns the call that submits an order.
pub(super) fn submit(order: &SignedOrder, body: Option<Body>) -> Call {
    Call::Submit { order: Bytes::from(order.bytes().to_vec()), body }
}
