//! The shelf: small erasable files beside the log: texts of orders, names, invitations, applications.
//! Synced, not rebuildable, and never needed to verify anything.

use std::sync::Arc;

use ledger::{
    disk::{Disk, DiskError},
    notes::read_file,
};
use proto::{
    body::Body,
    codec::{Canonical, CodecError, at_most},
    desk::{ALIAS_MAX, Application},
    ids::{MemberId, OrderId},
    order::SignedOrder,
    text::plain,
    time::{UnixMillis, UtcDay},
};
use serde::{Deserialize, Serialize};

/// Most applications that wait: more than any cité admits in a year.
const APPLICATIONS_MAX: usize = 1_024;
/// Days for which an application waits, unless its order ends before: as long as the order that
/// `pirate join` signs. Names of people whom nobody admitted in a month are nobody's to keep.
const APPLICATION_DAYS: u64 = 30;
/// Most invitations that are open.
const INVITATIONS_MAX: usize = 256;

const NAMES: &str = "names";
const INVITATIONS: &str = "notes/invitations";
const APPLICATIONS: &str = "mailbox/applications";
/// Applications that were declined, without the name: the person is told as long as an application waits.
const DECLINED: &str = "mailbox/declined";
/// Where the shelf keeps what tells of people.
const DIRS: [&str; 4] = ["bodies", NAMES, APPLICATIONS, DECLINED];

/// An open invitation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Open {
    token: [u8; 16],
    until: UtcDay,
    uses: u16,
}

#[derive(Default, Serialize, Deserialize)]
struct Invitations {
    open: Vec<Open>,
}

impl Canonical for Invitations {
    const NAME: &'static str = "file of invitations";
    const MAX: usize = 16_384;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.open.len(), INVITATIONS_MAX)
    }
}

/// An application, and the invitation that it came with.
#[derive(Serialize, Deserialize)]
struct Applied {
    application: Application,
    token: [u8; 16],
}

impl Applied {
    /// Returns who wants to join.
    fn member(&self) -> Option<MemberId> {
        SignedOrder::decode(&self.application.join).ok().map(|join| join.order().author)
    }

    /// Returns the last day on which the person can be admitted by it, or is told that it was declined.
    fn until(&self, declined: bool) -> Option<UtcDay> {
        let Self { application, .. } = self;
        let join = SignedOrder::decode(&application.join).ok()?;
        let last = application.time.day().plus(APPLICATION_DAYS);
        Some(if declined { last } else { join.order().valid_until.min(last) })
    }
}

impl Canonical for Applied {
    const NAME: &'static str = "application";
    const MAX: usize = 8_192;

    // What a client would refuse in a list must not spoil the whole list.
    fn bounds(&self) -> Result<(), CodecError> {
        plain(Self::NAME, &self.application.alias, ALIAS_MAX)
    }
}

/// What did not fit on the shelf.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// There is no room for more of this kind.
    #[error("no room for more of this kind")]
    Full,
    /// The invitation is unknown, used up or out of date.
    #[error("the invitation is unknown, used up or out of date")]
    Invitation,
    /// With this invitation the same person applied before, and was declined.
    #[error("the application that came with this invitation was declined")]
    Declined,
}

/// The small files of a node.
pub(crate) struct Shelf {
    disk: Arc<dyn Disk>,
}

impl Shelf {
    /// Opens the shelf, making its directories where they are missing.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<Self, DiskError> {
        for dir in DIRS {
            disk.create_dir(dir)?;
        }
        Ok(Self { disk })
    }

    /// Keeps the text of an order.
    pub(crate) fn keep_body(&self, order: &OrderId, body: &Body) -> Result<(), DiskError> {
        self.disk.replace(&body_name(order), &body.encode())
    }

    /// Returns the text of an order, unless it was erased or never came.
    pub(crate) fn body(&self, order: &OrderId) -> Option<Body> {
        self.read(&body_name(order))
    }

    /// Destroys the text of an order with its salt; durable once [`Self::settle`] returned.
    pub(crate) fn erase_body(&self, order: &OrderId) -> Result<(), DiskError> {
        self.disk.remove(&body_name(order))
    }

    /// Destroys what is kept here of a person beside texts and letters; durable once [`Self::settle`] returned.
    pub(crate) fn erase_person(&self, member: &MemberId) -> Result<(), DiskError> {
        let dirs = [NAMES, APPLICATIONS, DECLINED];
        dirs.iter().try_for_each(|dir| self.disk.remove(&format!("{dir}/{}", member.0)))
    }

    /// Makes durable what was destroyed: a name that is removed may come back with the power.
    pub(crate) fn settle(&self) -> Result<(), DiskError> {
        DIRS.iter().try_for_each(|dir| self.disk.sync_dir(dir))
    }

    /// Returns a member's name, empty when it was erased, never given, or changed by hand to what no client
    /// would read.
    pub(crate) fn name(&self, member: &MemberId) -> String {
        read_file(self.disk.as_ref(), &name_of(member))
            .ok()
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .filter(|name| plain("name", name, ALIAS_MAX).is_ok())
            .unwrap_or_default()
    }

    /// Makes an invitation.
    pub(crate) fn invite(
        &self,
        token: [u8; 16],
        until: UtcDay,
        uses: u16,
        today: UtcDay,
    ) -> Result<(), ShelfError> {
        let mut invitations = self.invitations();
        invitations.open.retain(|open| open.until >= today && open.uses > 0);
        if invitations.open.len() >= INVITATIONS_MAX {
            return Err(ShelfError::Full);
        }
        invitations.open.push(Open { token, until, uses });
        Ok(self.disk.replace(INVITATIONS, &invitations.encode())?)
    }

    /// Keeps an application that came with an invitation's token. The same person's again is no error.
    pub(crate) fn apply(
        &self,
        member: &MemberId,
        token: &[u8; 16],
        application: Application,
    ) -> Result<(), ShelfError> {
        let name = format!("{APPLICATIONS}/{}", member.0);
        if self.disk.length(&name)?.is_some() {
            return Ok(());
        }
        let declined = format!("{DECLINED}/{}", member.0);
        // One that many may use is used up for whoever was declined: asked again by it, nobody could say no for good.
        if self.read::<Applied>(&declined).is_some_and(|before| before.token == *token) {
            return Err(ShelfError::Declined);
        }
        let mut invitations = self.invitations();
        let today = application.time.day();
        let open = invitations
            .open
            .iter_mut()
            .find(|open| open.token == *token && open.until >= today && open.uses > 0)
            .ok_or(ShelfError::Invitation)?;
        open.uses = open.uses.saturating_sub(1);
        if self.disk.list(APPLICATIONS)?.len() >= APPLICATIONS_MAX {
            return Err(ShelfError::Full);
        }
        self.disk.replace(&name, &Applied { application, token: *token }.encode())?;
        self.disk.remove(&declined)?;
        Ok(self.disk.replace(INVITATIONS, &invitations.encode())?)
    }

    /// Returns all applications that wait, oldest first.
    pub(crate) fn applications(&self) -> Vec<Application> {
        let names = self.disk.list(APPLICATIONS).unwrap_or_default();
        let mut waiting: Vec<Application> = names
            .iter()
            .filter_map(|name| self.read::<Applied>(&format!("{APPLICATIONS}/{name}")))
            .map(|applied| applied.application)
            .collect();
        waiting.sort_by_key(|application| application.time);
        waiting
    }

    /// Removes the application of a person whom the stewards do not admit, and remembers whom to tell. One that
    /// is gone is no error. Beyond the most that wait, nobody is told more than that nothing waits.
    pub(crate) fn decline(&self, member: &MemberId, now: UnixMillis) -> Result<(), DiskError> {
        let file = format!("{APPLICATIONS}/{}", member.0);
        if let Some(Applied { application: Application { join, .. }, token }) = self.read(&file)
            && self.disk.list(DECLINED)?.len() < APPLICATIONS_MAX
        {
            let application = Application { join, alias: String::new(), time: now };
            let told = Applied { application, token };
            self.disk.replace(&format!("{DECLINED}/{}", member.0), &told.encode())?;
        }
        self.disk.remove(&file)
    }

    /// Returns the order to join of a person who applied, and whether the application was declined.
    pub(crate) fn applicant(&self, member: &MemberId) -> Option<(SignedOrder, bool)> {
        [(APPLICATIONS, false), (DECLINED, true)].into_iter().find_map(|(dir, declined)| {
            let Applied { application, .. } = self.read(&format!("{dir}/{}", member.0))?;
            Some((SignedOrder::decode(&application.join).ok()?, declined))
        })
    }

    /// Removes applications that have come to their end, and files that are none: they fill places. Those of people who
    /// are members by now stay: their names could not be [moved](Shelf::admitted) yet, and are nowhere else.
    pub(crate) fn sweep(
        &self,
        today: UtcDay,
        is_member: impl Fn(&MemberId) -> bool,
    ) -> Result<(), DiskError> {
        for (dir, declined) in [(APPLICATIONS, false), (DECLINED, true)] {
            for name in self.disk.list(dir)? {
                let name = format!("{dir}/{name}");
                let Some(bytes) = read_file(self.disk.as_ref(), &name)? else { continue };
                let applied = Applied::decode(&bytes).ok();
                if !declined
                    && applied.as_ref().and_then(Applied::member).is_some_and(|id| is_member(&id))
                {
                    continue;
                }
                let until = applied.and_then(|applied| applied.until(declined));
                if until.is_none_or(|until| until < today) {
                    self.disk.remove(&name)?;
                }
            }
        }
        Ok(())
    }

    /// Turns the applications of people who are members by now into names.
    pub(crate) fn admitted(&self, is_member: impl Fn(&MemberId) -> bool) -> Result<(), DiskError> {
        for Application { join, alias, .. } in self.applications() {
            let Ok(join) = SignedOrder::decode(&join) else { continue };
            let member = join.order().author;
            if is_member(&member) {
                keep_name(self.disk.as_ref(), &member, &alias)?;
                self.disk.remove(&format!("{APPLICATIONS}/{}", member.0))?;
            }
        }
        Ok(())
    }

    fn invitations(&self) -> Invitations {
        self.read(INVITATIONS).unwrap_or_default()
    }

    fn read<T: Canonical>(&self, name: &str) -> Option<T> {
        let bytes = read_file(self.disk.as_ref(), name).ok().flatten()?;
        T::decode(&bytes).ok()
    }
}

/// Keeps a member's name for the stewards' eyes, on the disk of a node that has a shelf or will have one.
///
/// # Errors
/// Of the disk.
pub fn keep_name(disk: &dyn Disk, member: &MemberId, name: &str) -> Result<(), DiskError> {
    disk.create_dir(NAMES)?;
    disk.replace(&name_of(member), name.as_bytes())
}

fn name_of(member: &MemberId) -> String {
    format!("{NAMES}/{}", member.0)
}

fn body_name(order: &OrderId) -> String {
    format!("bodies/{}", order.0)
}
