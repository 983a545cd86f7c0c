//! The directory in which a log is recovered: what is left there, and what is put there. Held by this process
//! from the first look on, so that no node starts in between. Every file is replaced as a whole, in an order in
//! which a command that was cut off only has to be run again, and no node signs before.

use std::sync::Arc;

use ledger::{disk::Disk, home::tell};
use node::{
    core::{RECORD, keep_in_touch_with, named_record},
    home_dir::{Claimed, HomeDir},
    keyfile::Keys,
};
use proto::{
    codec::Canonical as _,
    founding::{SignedFounding, VerifiedFounding},
    ids::CiteId,
    order::Head,
    wire::Invitation,
};

use crate::{
    codes,
    context::Context,
    error::Failure,
    local::{LocalLog, Silent, home_failure},
    text,
};

/// The directory of [`RECORD`].
const NOTES: &str = "notes";

/// A directory that this process holds, if it is there at all.
pub(in crate::commands::node) struct Place {
    home: HomeDir,
    claimed: Option<Claimed>,
    log: Option<LocalLog>,
    /// What is here of the log: its size, its record and why it must not sign; nothing when it is lost.
    here: Option<Here>,
    /// The record of a recovery that was begun before.
    begun: Option<(VerifiedFounding, SignedFounding)>,
}

struct Here {
    entries: u64,
    record: (VerifiedFounding, SignedFounding),
    silent: Option<Silent>,
}

impl Place {
    /// Looks at the node's directory; makes none.
    ///
    /// # Errors
    /// P0205 while a node runs there; P0202, and P0204 for a damaged log.
    pub(in crate::commands::node) fn look(context: &Context) -> Result<Self, Failure> {
        let home = HomeDir::new(context.paths.node());
        let claimed = match home.root().is_dir() {
            true => Some(claim(context, &home)?),
            false => None,
        };
        let log = LocalLog::find(&context.paths)?;
        let here = log.as_ref().filter(|log| !log.is_lost()).map(Here::look).transpose();
        let here = here.map_err(|failure| match failure.code() {
            codes::LEDGER_DAMAGED => failure.because(text!("recover-damaged")),
            _ => failure,
        })?;
        let begun = match (&log, &claimed) {
            (Some(log), _) => log.record_named()?,
            // Whoever began was cut off before the file that names the cité.
            (None, Some(claimed)) => named_record(claimed.disk.as_ref())
                .ok()
                .flatten()
                .and_then(|signed| Some((signed.verify().ok()?, signed))),
            (None, None) => None,
        };
        Ok(Self { home, claimed, log, here, begun })
    }

    /// Returns the cité that lives here, if the directory says.
    pub(in crate::commands::node) fn cite(&self) -> Option<CiteId> {
        self.log.as_ref().map(LocalLog::cite)
    }

    /// Returns the records that are here: the log's, and that of a recovery that was begun.
    pub(in crate::commands::node) fn records(&self) -> impl Iterator<Item = SignedFounding> {
        let here = self.here.as_ref().map(|here| &here.record);
        here.into_iter().chain(&self.begun).map(|(_, signed)| signed.clone())
    }

    /// Returns whether nothing of the log is here.
    pub(in crate::commands::node) const fn is_lost(&self) -> bool {
        self.here.is_none()
    }

    /// Returns how many entries are here, if any.
    pub(in crate::commands::node) fn entries(&self) -> Option<u64> {
        self.here.as_ref().map(|here| here.entries)
    }

    /// Returns whether this machine signed this very log last, was shown nothing that its key signed elsewhere, and nobody
    /// began to recover it.
    pub(in crate::commands::node) fn is_healthy(&self) -> bool {
        let Some(here) = &self.here else { return false };
        let later =
            |(begun, _): &(VerifiedFounding, _)| begun.incarnation() > here.record.0.incarnation();
        here.silent.is_none() && !self.begun.as_ref().is_some_and(later)
    }

    /// Keeps the keys of a node that is to go on with a log, until its record is there. Nothing starts with them alone.
    ///
    /// # Errors
    /// P0201.
    pub(in crate::commands::node) fn keep_keys(
        &self,
        context: &Context,
        keys: &Keys,
    ) -> Result<(), Failure> {
        let late = match &self.claimed {
            Some(_) => None,
            None => Some(claim(context, &self.home)?),
        };
        let kept = keys.replace(&self.home.keys());
        drop(late);
        kept.map_err(|error| {
            let path = self.home.root();
            Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(&error)
        })
    }

    /// Puts everything there with which the node recovers; `certified` is what it must hold before it goes on. The keys come last: they fit no other log, so
    /// that until then nothing starts.
    ///
    /// # Errors
    /// P0201.
    pub(in crate::commands::node) fn prepare(
        &self,
        context: &Context,
        named: &SignedFounding,
        via: Option<&Invitation>,
        certified: Option<Head>,
        keys: &Keys,
    ) -> Result<(), Failure> {
        let late = match &self.claimed {
            Some(_) => None,
            None => Some(claim(context, &self.home)?),
        };
        let Some(claimed) = self.claimed.as_ref().or(late.as_ref()) else { return Ok(()) };
        let disk: Arc<dyn Disk> = Arc::clone(&claimed.disk) as _;
        let failed = |error: &(dyn std::error::Error + 'static)| {
            let path = self.home.root();
            Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(error)
        };
        let (cite, network) = (named.founding.id(), named.founding.network.id());
        disk.create_dir(NOTES)
            .and_then(|()| tell(disk.as_ref(), certified))
            .and_then(|()| disk.replace(RECORD, &named.encode()))
            .map_err(|error| failed(&error))?;
        if let Some(Invitation { node, addresses, .. }) = via {
            keep_in_touch_with(Arc::clone(&disk), network, cite, *node, addresses.clone())
                .map_err(|error| failed(&error))?;
        }
        self.home.settle(disk.as_ref(), &cite).map_err(|error| failed(&error))?;
        keys.replace(&self.home.keys()).map_err(|error| failed(&error))
    }
}

impl Here {
    fn look(log: &LocalLog) -> Result<Self, Failure> {
        let entries = log.entries()?;
        let record = log.record(&entries)?;
        let silent = log.silent(&entries)?;
        Ok(Self { entries: entries.len(), record, silent })
    }
}

fn claim(context: &Context, home: &HomeDir) -> Result<Claimed, Failure> {
    home.claim(context.now().0).map_err(|error| match home_failure(home, &error) {
        failure if failure.code() == codes::LEDGER_LOCKED => {
            failure.because(text!("recover-node-runs"))
        }
        failure => failure,
    })
}
