//! The mailbox: letters kept for members until they are read. Durable, erasable, and bounded for everybody
//! who may write; who may is decided in `letters.rs`, and what is on its way elsewhere is in `outbox.rs`.

use std::{collections::BTreeSet, sync::Arc};

use ledger::{
    disk::{Disk, DiskError},
    notes::read_file,
};
use proto::{
    body::Body,
    codec::{Bytes, Canonical, CodecError},
    desk::{PAGE_MAX, RequestState},
    ids::{CiteId, MemberId, RequestId},
    request::{Request, SignedRequest},
    text::plain,
    time::UtcDay,
};
use serde::{Deserialize, Serialize};

use super::shelf::ShelfError;

/// Most letters that one member received: at one a day, nearly half a year.
const RECEIVED_MAX: usize = 160;
/// Most that one member sent. They have a share of their own: nobody is cut off from being asked by having
/// asked much, nor from asking by being asked much.
const SENT_MAX: usize = 96;
/// A member's list is one page.
const _: () = assert!(RECEIVED_MAX + SENT_MAX <= PAGE_MAX, "a member's letters fit into a page");
/// Most open letters received from abroad: whoever lives here always finds room for a quarter.
const FROM_ABROAD_MAX: usize = 120;
/// Most open letters of one other cité: three that flood leave room for the others.
const FROM_CITE_MAX: usize = 32;
/// Most open letters of one person: nobody waits for more answers from one other.
const FROM_PAYEE_MAX: usize = 16;
/// Days for which a letter is kept after its request's last day: as long as a request may live.
const KEPT_DAYS: u64 = 90;

const MAILBOX: &str = "mailbox";
/// Directories of the mailbox that are no member's.
const NOT_MEMBERS: [&str; 3] = ["outgoing", "applications", "declined"];

/// A letter as it is kept for a member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The signed request that it is about.
    pub(crate) request: Bytes,
    /// Its text.
    pub(crate) body: Option<Body>,
    /// Whether the member is the one who is asked.
    pub(crate) received: bool,
    /// Its state, as far as letters told.
    pub(crate) state: RequestState,
    /// Why it was declined.
    pub(crate) reason: String,
}

impl Canonical for Kept {
    const NAME: &'static str = "kept letter";
    const MAX: usize = 2_048;

    // What a client would refuse in a list must not spoil the whole list.
    fn bounds(&self) -> Result<(), CodecError> {
        self.body.iter().try_for_each(Canonical::bounds)?;
        plain(Self::NAME, &self.reason, Body::TEXT_MAX)
    }
}

impl Kept {
    /// Returns an open letter about a request, with its text if it is the one that the request names.
    pub(crate) fn open(request: &SignedRequest, body: Option<&Body>, received: bool) -> Self {
        let fits = |body: &&Body| request.request().body == Some(body.commitment());
        Self {
            request: Bytes::from(request.bytes().to_vec()),
            body: body.filter(fits).cloned(),
            received,
            state: RequestState::Open,
            reason: String::new(),
        }
    }

    fn request(&self) -> Option<Request> {
        SignedRequest::decode(&self.request).ok().map(|signed| signed.request().clone())
    }
}

/// The letters of a node.
pub(crate) struct Mailbox {
    disk: Arc<dyn Disk>,
}

impl Mailbox {
    /// Returns the mailbox on a disk; its directories are made when somebody has letters.
    pub(crate) fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk }
    }

    /// Keeps a letter for a member of `home`, and returns whether it was the first about its request. A
    /// later one changes nothing of the kept one, or whoever repeats a letter could reopen it or take its
    /// text away; it only adds a text that was missing.
    pub(crate) fn keep(
        &self,
        (home, member): (&CiteId, &MemberId),
        id: &RequestId,
        kept: &Kept,
        today: UtcDay,
    ) -> Result<bool, ShelfError> {
        if let Some(old) = self.letter(member, id) {
            if old.body.is_none() && kept.body.is_some() {
                self.change(member, id, &Kept { body: kept.body.clone(), ..old })?;
            }
            return Ok(false);
        }
        let dir = format!("{MAILBOX}/{}", member.0);
        self.disk.create_dir(&dir)?;
        self.make_room(home, &dir, kept, today)?;
        self.disk.replace(&format!("{dir}/{}", id.0), &kept.encode())?;
        Ok(true)
    }

    /// Removes a letter.
    pub(crate) fn forget(&self, member: &MemberId, id: &RequestId) -> Result<(), DiskError> {
        self.disk.remove(&format!("{MAILBOX}/{}/{}", member.0, id.0))
    }

    /// Refuses what is beyond somebody's share; in a full mailbox the oldest letter of the same direction
    /// that nobody waits for gives way.
    fn make_room(
        &self,
        home: &CiteId,
        dir: &str,
        kept: &Kept,
        today: UtcDay,
    ) -> Result<(), ShelfError> {
        let new = kept.request().ok_or(ShelfError::Full)?;
        let (mut of_payee, mut of_cite, mut from_abroad) = (0_usize, 0_usize, 0_usize);
        let mut count = 0_usize;
        let mut oldest: Option<(UtcDay, String)> = None;
        for name in self.disk.list(dir)? {
            let name = format!("{dir}/{name}");
            let Some(old) = self.read(&name) else { continue };
            let Some(request) = old.request() else { continue };
            if old.received != kept.received {
                continue;
            }
            count += 1;
            if old.state == RequestState::Open && request.valid_until >= today {
                of_payee += usize::from(request.payee == new.payee);
                of_cite += usize::from(request.home == new.home);
                from_abroad += usize::from(request.home != *home);
            } else if oldest.as_ref().is_none_or(|(until, _)| request.valid_until < *until) {
                oldest = Some((request.valid_until, name));
            }
        }
        let abroad = new.home != *home;
        let beyond = kept.received
            && (of_payee >= FROM_PAYEE_MAX
                || abroad && (of_cite >= FROM_CITE_MAX || from_abroad >= FROM_ABROAD_MAX));
        if beyond {
            return Err(ShelfError::Full);
        }
        if count < if kept.received { RECEIVED_MAX } else { SENT_MAX } {
            return Ok(());
        }
        let (_, gone) = oldest.ok_or(ShelfError::Full)?;
        Ok(self.disk.remove(&gone)?)
    }

    /// Returns a letter of a member.
    pub(crate) fn letter(&self, member: &MemberId, id: &RequestId) -> Option<Kept> {
        self.read(&format!("{MAILBOX}/{}/{}", member.0, id.0))
    }

    /// Puts a letter that is kept already into another state.
    pub(crate) fn change(
        &self,
        member: &MemberId,
        id: &RequestId,
        kept: &Kept,
    ) -> Result<(), DiskError> {
        self.disk.replace(&format!("{MAILBOX}/{}/{}", member.0, id.0), &kept.encode())
    }

    /// Returns all letters of a member.
    pub(crate) fn letters(&self, member: &MemberId) -> Vec<Kept> {
        let dir = format!("{MAILBOX}/{}", member.0);
        let names = self.disk.list(&dir).unwrap_or_default();
        names.iter().filter_map(|name| self.read(&format!("{dir}/{name}"))).collect()
    }

    /// Removes letters long after their request's last day.
    pub(crate) fn sweep(&self, today: UtcDay) -> Result<(), DiskError> {
        let members = self.disk.list(MAILBOX)?;
        for member in members.iter().filter(|name| !NOT_MEMBERS.contains(&name.as_str())) {
            let dir = format!("{MAILBOX}/{member}");
            for name in self.disk.list(&dir)? {
                let name = format!("{dir}/{name}");
                let request = self.read(&name).and_then(|kept| kept.request());
                if request.is_none_or(|request| request.valid_until.plus(KEPT_DAYS) < today) {
                    self.disk.remove(&name)?;
                }
            }
        }
        Ok(())
    }

    /// Destroys, durably, what people wrote: their requests, the letters of those who live in `own`, and the reasons with
    /// which these declined. Who of another cité gave a reason is not known: it goes with its request.
    pub(crate) fn erase(
        &self,
        own: &CiteId,
        whom: &BTreeSet<(CiteId, MemberId)>,
    ) -> Result<(), DiskError> {
        let lives_here = |member: &MemberId| whom.contains(&(*own, *member));
        let here = whom.iter().filter(|(home, _)| home == own);
        let boxes: BTreeSet<String> = here.map(|(_, member)| member.0.to_string()).collect();
        let members = self.disk.list(MAILBOX)?;
        for owner in members.iter().filter(|name| !NOT_MEMBERS.contains(&name.as_str())) {
            let dir = format!("{MAILBOX}/{owner}");
            for name in self.disk.list(&dir)? {
                let name = format!("{dir}/{name}");
                let kept = self.read(&name);
                let request = kept.as_ref().and_then(Kept::request);
                let asked = request.as_ref().map(|request| (request.home, request.payee));
                if boxes.contains(owner) || asked.is_some_and(|who| whom.contains(&who)) {
                    self.disk.remove(&name)?;
                } else if let Some(kept) = kept.filter(|kept| !kept.reason.is_empty())
                    && request.and_then(|request| request.payer).as_ref().is_some_and(lives_here)
                {
                    let kept = Kept { reason: String::new(), ..kept };
                    self.disk.replace(&name, &kept.encode())?;
                }
            }
            self.disk.sync_dir(&dir)?;
        }
        Ok(())
    }

    fn read(&self, name: &str) -> Option<Kept> {
        let bytes = read_file(self.disk.as_ref(), name).ok().flatten()?;
        Kept::decode(&bytes).ok()
    }
}

#[cfg(test)]
mod tests;
