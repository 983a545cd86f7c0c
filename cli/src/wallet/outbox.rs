//! Orders that were signed and not yet answered, as the very frames that carry them: what is sent again
//! is byte for byte what was signed. An order leaves the outbox with a verified receipt or a refusal.

use proto::{
    body::Body,
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame},
    ids::{CiteId, OrderId},
    order::SignedOrder,
    time::UtcDay,
};

use super::Wallet;
use crate::error::Failure;

/// Where the frames are.
const FOLDER: &str = "outbox";
/// Most orders that wait: far more than anybody signs while a node is away.
const WAITING_MAX: usize = 256;

/// An order that waits, and the frame that carries it.
#[derive(Clone, Debug)]
pub struct Waiting {
    name: String,
    /// The order.
    pub order: SignedOrder,
    /// The frame, as it was first sent.
    pub frame: Frame,
}

impl Waiting {
    /// Returns whether the order's last day has passed.
    pub fn is_expired(&self, today: UtcDay) -> bool {
        self.order.order().valid_until < today
    }

    /// Returns the identity of the order.
    pub fn id(&self) -> OrderId {
        self.order.id()
    }
}

/// Returns the frame that submits an order.
pub fn frame(home: CiteId, order: &SignedOrder, body: Option<Body>) -> Frame {
    let order = Bytes::from(order.bytes().to_vec());
    Frame { home: Some(home), call: Call::Submit { order, body } }
}

impl Wallet {
    /// Keeps a signed order; synced when it returns, so that it can be sent.
    ///
    /// # Errors
    /// P0201.
    pub fn keep_order(&self, order: SignedOrder, body: Option<Body>) -> Result<Waiting, Failure> {
        let frame = frame(self.home(), &order, body);
        // Zeros in front, so that the order of names is that of the lane.
        let name = format!("{FOLDER}/{:020}", order.order().seq);
        self.store.replace(&name, &frame.encode())?;
        Ok(Waiting { name, order, frame })
    }

    /// Returns the orders that wait, in the order of the lane. An unreadable file is left alone and
    /// not sent: it was not written by this program.
    ///
    /// # Errors
    /// P0202.
    pub fn waiting(&self) -> Result<Vec<Waiting>, Failure> {
        let mut waiting = Vec::new();
        for name in self.store.names(FOLDER, WAITING_MAX)? {
            let Some(bytes) = self.store.read(&name)? else { continue };
            let Ok(frame) = Frame::decode(&bytes) else { continue };
            let Call::Submit { order, .. } = &frame.call else { continue };
            let Ok(order) = SignedOrder::decode(order) else { continue };
            if order.order().author == self.member() && order.order().home == self.home() {
                waiting.push(Waiting { name, order, frame });
            }
        }
        waiting.sort_by_key(|waiting| waiting.order.order().seq);
        Ok(waiting)
    }

    /// Forgets an order that was answered.
    ///
    /// # Errors
    /// P0201.
    pub fn drop_order(&self, waiting: &Waiting) -> Result<(), Failure> {
        self.store.remove(&waiting.name)
    }
}
