//! Orders that were signed and not yet answered, as the very frames that carry them: what is sent again
//! is byte for byte what was signed. An order leaves the outbox with a verified receipt or a refusal, or for the
//! one that takes its place.

use std::path::Path;

use proto::{
    body::Body,
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame},
    ids::{CiteId, OrderId},
    order::{SignedOrder, Statement},
    time::UtcDay,
};

use super::{Seen, Wallet, store};
use crate::error::Failure;

/// Where the frames are.
const FOLDER: &str = "outbox";
/// The last order that the home refused: whether it was right, others can judge.
const REFUSED: &str = "refused";
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

    /// Returns the minutes that the order takes from the account.
    pub fn minutes(&self) -> u64 {
        match &self.order.order().statement {
            Statement::Pay(pay) => pay.minutes.0.into(),
            Statement::Export(export) => export.minutes.0.into(),
            _ => 0,
        }
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

/// Returns the order in a file's bytes, if this program wrote it for this member and home.
fn kept(seen: &Seen, name: String, bytes: &[u8]) -> Option<Waiting> {
    let frame = Frame::decode(bytes).ok()?;
    let Call::Submit { order, .. } = &frame.call else { return None };
    let order = SignedOrder::decode(order).ok()?;
    let own = order.order().author == seen.member() && order.order().home == seen.home();
    own.then_some(Waiting { name, order, frame })
}

impl Seen {
    /// Returns how many orders wait in the outbox in this directory, whoever has the wallet.
    ///
    /// # Errors
    /// P0202.
    pub fn waiting_in(&self, directory: &Path) -> Result<usize, Failure> {
        let mut count = 0;
        for name in store::names(directory, FOLDER, WAITING_MAX)? {
            let bytes = store::read(directory, &name)?;
            count += usize::from(bytes.and_then(|bytes| kept(self, name, &bytes)).is_some());
        }
        Ok(count)
    }
}

impl Wallet {
    /// Keeps a signed order; synced when it returns, so that it can be sent.
    ///
    /// # Errors
    /// P0201.
    pub fn keep_order(&self, order: SignedOrder, body: Option<Body>) -> Result<Waiting, Failure> {
        let frame = frame(self.home(), &order, body);
        // Zeros in front, so that the order of names is that of the lane.
        let mut name = format!("{FOLDER}/{:020}", order.order().seq);
        // An order that was signed anew keeps the file of the one before, whose number it may not have.
        while self.store.read(&name)?.is_some() {
            name.push('+');
        }
        self.store.replace(&name, &frame.encode())?;
        Ok(Waiting { name, order, frame })
    }

    /// Keeps an order in place of another: one of the two is there whenever the machine stops, never both.
    ///
    /// # Errors
    /// P0201.
    pub fn replace_order(&self, old: &Waiting, order: SignedOrder) -> Result<(), Failure> {
        let body = match &old.frame.call {
            Call::Submit { body, .. } => body.clone(),
            _ => None,
        };
        self.store.replace(&old.name, &frame(self.home(), &order, body).encode())
    }

    /// Returns the orders that wait, in the order of the lane. An unreadable file is left alone and
    /// not sent: it was not written by this program.
    ///
    /// # Errors
    /// P0202.
    pub fn waiting(&self) -> Result<Vec<Waiting>, Failure> {
        let mut waiting = Vec::new();
        for name in self.store.names(FOLDER, WAITING_MAX)? {
            waiting.extend(self.kept_order(name)?);
        }
        waiting.sort_by_key(|waiting| waiting.order.order().seq);
        Ok(waiting)
    }

    /// Returns the order in a file, if this program wrote it for this member and home.
    fn kept_order(&self, name: String) -> Result<Option<Waiting>, Failure> {
        Ok(self.store.read(&name)?.and_then(|bytes| kept(self, name, &bytes)))
    }

    /// Returns the order that stands between this device and all later ones: the oldest that waits, or else the
    /// last that the home refused.
    ///
    /// # Errors
    /// P0202.
    pub fn not_taken(&self) -> Result<Option<Waiting>, Failure> {
        match self.waiting()?.into_iter().next() {
            Some(waiting) => Ok(Some(waiting)),
            // One whose number another order has by now cannot be recorded any more.
            None => Ok(self.kept_order(REFUSED.to_owned())?.filter(|refused| {
                let order = refused.order.order();
                let recorded = self.kept_account().filter(|known| known.epoch == order.epoch);
                let lanes = recorded.map(|known| known.lanes).unwrap_or_default();
                !lanes.iter().any(|lane| lane.lane == order.lane && lane.seq >= order.seq)
            })),
        }
    }

    /// Takes an order that the home refused out of the outbox. It is kept until the next one: a home may refuse
    /// what the rules allow.
    ///
    /// # Errors
    /// P0201.
    pub fn drop_refused(&self, waiting: &Waiting) -> Result<(), Failure> {
        self.store.replace(REFUSED, &waiting.frame.encode())?;
        self.drop_order(waiting)
    }

    /// Forgets an order that was answered.
    ///
    /// # Errors
    /// P0201.
    pub fn drop_order(&self, waiting: &Waiting) -> Result<(), Failure> {
        self.store.remove(&waiting.name)
    }
}
