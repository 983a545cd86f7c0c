//! The home's desk, for a member without a node: what is public there, asked without a signature or a passphrase.

use proto::{
    desk::{Call, Known, Reply, Sheet},
    ids::CiteId,
};

use crate::{
    context::Context,
    error::Failure,
    reply::unexpected,
    wallet::{
        Wallet,
        desk::{Desk, Target},
    },
};

/// A connection to the home of the identity in use.
pub(crate) struct HomeDesk {
    /// The wallet that says where the home is.
    pub(crate) wallet: Wallet,
    desk: Desk,
}

impl HomeDesk {
    /// Returns the desk of the home, `None` for whoever is member nowhere.
    ///
    /// # Errors
    /// P0303 with `--offline`, P0301 or P0302 when nobody answers.
    pub(crate) fn find(context: &Context) -> Result<Option<Self>, Failure> {
        let Some(wallet) = Wallet::find(context)? else { return Ok(None) };
        let target = Target::of(wallet.founding(), wallet.addresses()).by(wallet.ways());
        let _progress = context.progress(crate::text!("reaching-home"));
        let desk = Desk::reach(context, &target)?;
        Ok(Some(Self { wallet, desk }))
    }

    /// Returns the public sheet of a cité: the home's own for its identity, else passed on.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub(crate) fn sheet(&mut self, cite: CiteId) -> Result<Sheet, Failure> {
        match self.desk.call_at(cite, Call::Sheet)? {
            Reply::Sheet(sheet) => Ok(*sheet),
            _ => Err(unexpected()),
        }
    }

    /// Returns the cités that the home knows.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub(crate) fn cites(&mut self) -> Result<Vec<Known>, Failure> {
        match self.desk.call(Call::Cites)? {
            Reply::Cites(cites) => Ok(cites),
            _ => Err(unexpected()),
        }
    }
}
