//! What a member's device remembers: the home (pinned by its founding record), who one is there, and the
//! orders that were signed and not yet answered. Holds no key; every write is synced before it counts.

pub mod desk;
mod order;
pub mod outbox;
pub mod payees;
pub mod receipt;
pub mod request_link;
pub mod session;
mod store;
pub mod ways;

use std::path::Path;

use ledger::proof::verify_founding;
use proto::{
    codec::Canonical as _,
    desk::{AccountSheet, Reply},
    founding::{Network, VerifiedFounding},
    ids::{CiteId, MemberId},
    order::{SignedOrder, Statement},
};
use serde::{Deserialize, Serialize};

use crate::{
    codes,
    context::Context,
    error::{Failure, file_failure, is_there},
    keyring::{hex, unhex},
    text,
};
use store::Store;

/// Version of the wallet's text.
const VERSION: u32 = 1;
/// The wallet's text.
const STATE_FILE: &str = "wallet.toml";
/// The last answer about the own account, for when the node cannot be reached.
const ACCOUNT_FILE: &str = "account";

/// What the home answered before its root named other keys, until what is gone of it was told.
const BEFORE_FILE: &str = "account.before";

/// How far membership has come, as far as this device knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Membership {
    /// Signed here; nobody answered yet.
    Signed,
    /// The cité has the application.
    Applied,
    /// A steward declined it; one may apply again.
    Declined,
    /// Admitted.
    Admitted,
}

impl Membership {
    /// Returns the neutral word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Applied => "applied",
            Self::Declined => "declined",
            Self::Admitted => "admitted",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    version: u32,
    membership: Membership,
    member: String,
    epoch: u32,
    lane: u16,
    number: Option<u32>,
    alias: String,
    addresses: Vec<String>,
    token: Option<String>,
    join: String,
    founding: String,
}

/// What a new wallet is made of.
#[derive(Debug)]
pub struct NewWallet {
    /// Signed founding record of the home, as received.
    pub founding: Vec<u8>,
    /// Addresses of the home's node; empty when it is this machine's own.
    pub addresses: Vec<String>,
    /// The signed Join order: says who the member is.
    pub join: SignedOrder,
    /// The invitation's token, if there was one.
    pub token: Option<[u8; 16]>,
    /// Name for the stewards' eyes.
    pub alias: String,
    /// How far membership has come.
    pub membership: Membership,
    /// The number in the cité, where it is known already.
    pub number: Option<u32>,
}

/// The wallet of the identity in use; while it lives, no other command has it.
#[derive(Debug)]
pub struct Wallet {
    store: Store,
    seen: Seen,
}

/// What a wallet says of its owner. Whoever only reads it waits for nobody: its text is replaced whole.
#[derive(Debug)]
pub struct Seen {
    state: State,
    founding: VerifiedFounding,
    member: MemberId,
    join: SignedOrder,
}

impl core::ops::Deref for Wallet {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.seen
    }
}

impl Wallet {
    /// Returns the wallet of the identity in use.
    ///
    /// # Errors
    /// P0705 when there is none, P0209 when it is damaged, P0210 when another command has it.
    pub fn load(context: &Context) -> Result<Self, Failure> {
        Self::find(context)?.ok_or_else(|| {
            let profile = context.paths.profile();
            Failure::new(codes::NO_CITE_HERE, text!("wallet-none", profile = profile))
                .fix_for(text!("fix-join"), &["pirate", "join", "…"])
                .fix_for(text!("fix-found"), &["pirate", "cite", "found"])
        })
    }

    /// Returns the wallet of the identity in use, or `None` when it is member of no cité.
    ///
    /// # Errors
    /// P0209, P0210, P0202.
    pub fn find(context: &Context) -> Result<Option<Self>, Failure> {
        let directory = context.paths.wallet();
        if !is_there(&directory.join(STATE_FILE))? {
            return Ok(None);
        }
        let store = Store::lock(&directory, &context.patience, context.global.dry_run)?;
        Ok(Seen::read(&directory)?.map(|seen| Self { store, seen }))
    }

    /// Returns what the wallet of the identity in use says, whoever has it, or `None` when there is none.
    ///
    /// # Errors
    /// P0209, P0202.
    pub fn look(context: &Context) -> Result<Option<Seen>, Failure> {
        Seen::read(&context.paths.wallet())
    }

    /// Makes the wallet of the identity in use; synced when it returns.
    ///
    /// # Errors
    /// P0201, P0210; P0209 when the record or the Join are not what they should be.
    pub fn create(context: &Context, new: NewWallet) -> Result<Self, Failure> {
        let directory = context.paths.wallet();
        let store = Store::lock(&directory, &context.patience, context.global.dry_run)?;
        let state = State {
            version: VERSION,
            membership: new.membership,
            member: new.join.order().author.to_string(),
            epoch: new.join.order().epoch,
            lane: new.join.order().lane,
            number: new.number,
            alias: new.alias,
            addresses: new.addresses,
            token: new.token.map(|token| hex(&token)),
            join: hex(new.join.bytes()),
            founding: hex(&new.founding),
        };
        let seen = Seen::of(state).ok_or_else(|| damaged(&directory.join(STATE_FILE)))?;
        let wallet = Self { store, seen };
        wallet.save()?;
        Ok(wallet)
    }

    fn save(&self) -> Result<(), Failure> {
        let written =
            toml::to_string(&self.seen.state).expect("numbers and strings are always TOML");
        self.store.replace(STATE_FILE, written.as_bytes())
    }

    /// Forgets a membership that nobody took up: the invitation was refused.
    ///
    /// # Errors
    /// P0201.
    pub fn forget(self) -> Result<(), Failure> {
        self.store.remove(STATE_FILE)
    }

    /// Remembers the order and the invitation with which the same person applied once more.
    ///
    /// # Errors
    /// P0201.
    pub fn applied_anew(&mut self, join: SignedOrder, token: &[u8; 16]) -> Result<(), Failure> {
        self.seen.state.join = hex(join.bytes());
        self.seen.state.token = Some(hex(token));
        self.seen.join = join;
        self.seen.state.membership = Membership::Applied;
        self.save()
    }

    /// Remembers how far membership has come.
    ///
    /// # Errors
    /// P0201.
    pub fn set_membership(&mut self, membership: Membership) -> Result<(), Failure> {
        if self.state.membership == membership {
            return Ok(());
        }
        self.seen.state.membership = membership;
        self.save()
    }

    /// Takes over a founding record of the home whose root named keys of a later incarnation than the one that
    /// is remembered; returns whether it did. From then on receipts under the old keys prove nothing.
    ///
    /// # Errors
    /// P0201.
    pub fn renew(&mut self, signed: &[u8]) -> Result<bool, Failure> {
        let Ok(record) = verify_founding(signed) else { return Ok(false) };
        let newer =
            record.cite() == self.home() && record.incarnation() > self.founding.incarnation();
        if newer {
            // What the home answered before may be more than what its log goes on with.
            if let Some(account) = self.store.read(ACCOUNT_FILE)? {
                self.store.replace(BEFORE_FILE, &account)?;
            }
            self.store.remove(ACCOUNT_FILE)?;
            self.seen.state.founding = hex(signed);
            self.seen.founding = record;
            self.save()?;
        }
        Ok(newer)
    }

    /// Remembers the newest answer about the own account, which also shows that one is admitted.
    ///
    /// # Errors
    /// P0201.
    pub fn keep_account(&mut self, account: &AccountSheet) -> Result<(), Failure> {
        let bytes = Reply::Account(Box::new(account.clone())).encode();
        if self.state.membership != Membership::Admitted
            || self.state.number != Some(account.number)
        {
            self.seen.state.membership = Membership::Admitted;
            self.seen.state.number = Some(account.number);
            self.save()?;
        }
        self.store.replace(ACCOUNT_FILE, &bytes)
    }

    /// Returns the last answer about the own account. Only a copy: an unreadable one is none.
    pub fn kept_account(&self) -> Option<AccountSheet> {
        self.account_in(ACCOUNT_FILE)
    }

    /// Returns what the home answered before its root named other keys, if nobody was told yet what is gone of it.
    pub fn account_before(&self) -> Option<AccountSheet> {
        self.account_in(BEFORE_FILE)
    }

    /// Forgets that: it was told.
    ///
    /// # Errors
    /// P0201.
    pub fn forget_account_before(&mut self) -> Result<(), Failure> {
        self.store.remove(BEFORE_FILE)
    }

    fn account_in(&self, file: &str) -> Option<AccountSheet> {
        let bytes = self.store.read(file).ok().flatten()?;
        match Reply::decode(&bytes) {
            Ok(Reply::Account(account)) => Some(*account),
            _ => None,
        }
    }
}

impl Seen {
    fn read(directory: &Path) -> Result<Option<Self>, Failure> {
        let Some(bytes) = store::read(directory, STATE_FILE)? else { return Ok(None) };
        let damaged = || damaged(&directory.join(STATE_FILE));
        let written = String::from_utf8(bytes).map_err(|_| damaged())?;
        let state: State = toml::from_str(&written).map_err(|_| damaged())?;
        Self::of(state).ok_or_else(damaged).map(Some)
    }

    /// Returns what this text says, if all its parts hold and fit together.
    fn of(state: State) -> Option<Self> {
        let founding = verify_founding(&unhex_any(&state.founding)?).ok()?;
        let member: MemberId = state.member.parse().ok()?;
        let join = SignedOrder::decode(&unhex_any(&state.join)?).ok()?;
        let order = join.order();
        let fits = state.version == VERSION
            && matches!(order.statement, Statement::Join(_))
            && order.author == member
            && order.home == founding.cite()
            && order.network == founding.network()
            && state.token.as_deref().is_none_or(|token| unhex::<16>(token).is_some());
        fits.then_some(Self { state, founding, member, join })
    }

    /// Returns the home's founding record: its log key is the one that receipts are held against.
    pub fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns the home.
    pub fn home(&self) -> CiteId {
        self.founding.cite()
    }

    /// Returns the home's short name.
    pub fn slug(&self) -> &str {
        &self.founding.founding().slug
    }

    /// Returns the home's name for people.
    pub fn home_name(&self) -> &str {
        &self.founding.founding().name
    }

    /// Returns the network.
    pub fn network(&self) -> &Network {
        &self.founding.founding().network
    }

    /// Returns who one is.
    pub fn member(&self) -> MemberId {
        self.member
    }

    /// Returns the number of the key set and the lane of this device.
    pub fn device(&self) -> (u32, u16) {
        (self.state.epoch, self.state.lane)
    }

    /// Returns the number in the cité, once admitted.
    pub fn number(&self) -> Option<u32> {
        self.state.number
    }

    /// Returns how far membership has come.
    pub fn membership(&self) -> Membership {
        self.state.membership
    }

    /// Returns the name given to the stewards.
    pub fn alias(&self) -> &str {
        &self.state.alias
    }

    /// Returns the addresses of the home's node.
    pub fn addresses(&self) -> &[String] {
        &self.state.addresses
    }

    /// Returns the invitation's token.
    pub fn token(&self) -> Option<[u8; 16]> {
        self.state.token.as_deref().and_then(unhex::<16>)
    }

    /// Returns the signed Join order, as it was signed last.
    pub fn join(&self) -> &SignedOrder {
        &self.join
    }
}

fn damaged(path: &Path) -> Failure {
    Failure::new(codes::WALLET_DAMAGED, text!("wallet-damaged", path = path))
        .fix(&["pirate", "join", "…"])
}

/// Returns the bytes of a hex text of any even length.
fn unhex_any(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(unhex::<1>).map(|[byte]| byte))
        .collect()
}

fn io(writing: bool, path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.to_owned();
    move |error| file_failure(writing, &path, &error)
}

#[cfg(test)]
#[path = "wallet_tests.rs"]
pub(crate) mod tests;
