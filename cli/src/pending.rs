//! Acts that wait for the signatures of other stewards, as the home tells them to a steward.

use proto::{
    act::Act,
    desk::{PendingAct, Query, Reply},
    ids::{MemberId, OrderId},
    order::{SignedOrder, Statement},
};

use crate::{entries::joining, error::Failure, reply::unexpected, wallet::session::Session};

/// An act that waits, decoded.
pub(crate) struct Pending {
    /// The order that proposes it.
    pub(crate) id: OrderId,
    /// Who signed that.
    pub(crate) author: MemberId,
    /// What it does once it is in force.
    pub(crate) act: Act,
    /// How far it has come.
    pub(crate) item: PendingAct,
}

impl Pending {
    fn read(item: PendingAct) -> Option<Self> {
        let signed = SignedOrder::decode(&item.order).ok()?;
        let order = signed.order();
        match &order.statement {
            Statement::Act(act) => {
                Some(Self { id: signed.id(), author: order.author, act: act.clone(), item })
            }
            _ => None,
        }
    }

    /// Returns who is admitted by it, if it is an admission.
    pub(crate) fn admits(&self) -> Option<MemberId> {
        match &self.act {
            Act::Admit(admit) => joining(admit).map(|(member, _)| member),
            _ => None,
        }
    }
}

/// Returns the acts that wait.
///
/// # Errors
/// As [`Session::private`].
pub(crate) fn acts(session: &mut Session<'_>) -> Result<Vec<Pending>, Failure> {
    match session.private(Query::Acts)? {
        Reply::Acts(items) => Ok(items.into_iter().filter_map(Pending::read).collect()),
        _ => Err(unexpected()),
    }
}
