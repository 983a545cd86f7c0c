//! One command of a member: wallet, keys and desk together; what waits is sent first, what is signed is
//! kept before it is sent, and nothing is called recorded before its receipt was verified.

mod sending;

use proto::{
    body::Body,
    desk::{AccountSheet, Call, Query, Receipt, Reply},
    keys::SigningKey,
    minutes::Minutes,
    order::{SignedOrder, Statement},
};
use serde_json::json;

pub(crate) use sending::described;
pub(super) use sending::waits;

use super::{
    Membership, Wallet,
    desk::{Desk, Signer, Target},
    order,
    outbox::Waiting,
    receipt,
};
use crate::{
    codes,
    context::Context,
    error::Failure,
    keyring::Identity,
    language::Text,
    output::{Mark, Screen, Warning},
    reply::{is_no, is_refusal, is_silence, unexpected},
    text,
};

/// A device's clock that is further from its home's, in milliseconds, is wrong: a day. Less changes no order's day by
/// more than midnight does.
const CLOCKS_APART_MS: u64 = 86_400_000;

/// Refusals that may mean "this very order is recorded already": the device's number is taken, or the
/// order is in the log.
const MAYBE_RECORDED: [u16; 2] = [7, 16];

/// The refusal of an order that names a head which is not, or no longer, one of the home's log.
const UNKNOWN_HEAD: u16 = 12;

/// A member's wallet, unlocked, and the way to the home.
#[derive(Debug)]
pub struct Session<'a> {
    context: &'a Context,
    /// The wallet.
    pub wallet: Wallet,
    /// The keys.
    pub identity: Identity,
    key: SigningKey,
    pub(crate) desk: Result<Desk, Failure>,
    account: Option<AccountSheet>,
    fresh: bool,
    silence: Option<Failure>,
}

impl<'a> Session<'a> {
    /// Opens the wallet of the identity in use, sends what waits, and asks for the own account. A node
    /// that cannot be reached is no failure yet: reading old answers and signing need none.
    ///
    /// # Errors
    /// P0705 without a wallet, those of unlocking, P0707 when one is not admitted yet, P0734 when one was declined.
    pub fn open(context: &'a Context) -> Result<Self, Failure> {
        let wallet = Wallet::load(context)?;
        Self::of(context, wallet, context.identity()?)
    }

    /// Opens a wallet with an identity that was unlocked before: nobody types a passphrase twice.
    ///
    /// # Errors
    /// As [`Self::open`], but for those of unlocking.
    pub fn of(context: &'a Context, wallet: Wallet, identity: Identity) -> Result<Self, Failure> {
        let key = identity.device_key();
        let target = Target::of(wallet.founding(), wallet.addresses()).by(wallet.ways());
        let _progress = context.progress(text!("reaching-home"));
        let desk = Desk::reach(context, &target);
        if let Err(failure) = &desk
            && !is_silence(failure)
        {
            return Err(failure.clone());
        }
        let mut session = Self {
            context,
            account: wallet.kept_account(),
            wallet,
            identity,
            key,
            desk,
            fresh: false,
            silence: None,
        };
        session.tell_through();
        session.renew()?;
        session.send_waiting()?;
        session.refresh()?;
        session.learn_ways()?;
        Ok(session)
    }

    /// Takes over newer keys of the home that its root named, where the way to it showed them.
    fn renew(&mut self) -> Result<(), Failure> {
        let Ok(desk) = &mut self.desk else { return Ok(()) };
        match desk.take_record() {
            Some(signed) => self.wallet.renew(&signed).map(drop),
            None => Ok(()),
        }
    }

    /// Says whose node sees what is asked and answered when it is not the home's.
    fn tell_through(&self) {
        if let Ok(desk) = &self.desk
            && let Some(way) = desk.through()
        {
            let (cite, slug) = (self.wallet.home_name(), way.slug.as_str());
            let said = text!("desk-through", cite = cite, slug = slug);
            let warning = Warning::new(codes::PASSED_ON, said, &["pirate", "federation", "list"]);
            self.context.warn(Mark::Warn, warning);
        }
    }

    /// Remembers other ways to the home, where the home is elsewhere and answers: the node of this machine
    /// is found by its socket.
    fn learn_ways(&mut self) -> Result<(), Failure> {
        match &mut self.desk {
            Ok(desk) if self.fresh && !self.wallet.addresses().is_empty() => {
                self.wallet.learn_ways(desk)
            }
            _ => Ok(()),
        }
    }

    /// Returns the desk.
    ///
    /// # Errors
    /// Why it could not be reached.
    pub fn desk(&mut self) -> Result<&mut Desk, Failure> {
        self.desk.as_mut().map_err(|failure| failure.clone())
    }

    /// Returns the home's reply to a private query.
    ///
    /// # Errors
    /// As [`Desk::private`]; P0707 when one is not admitted yet, P0734 when one was declined.
    pub fn private(&mut self, query: Query) -> Result<Reply, Failure> {
        let signer =
            Signer { member: self.wallet.member(), device: self.wallet.device(), key: &self.key };
        let desk = self.desk.as_mut().map_err(|failure| failure.clone())?;
        let reply = desk.private(signer, query);
        match (self.wallet.membership(), reply) {
            (Membership::Admitted, reply) | (_, reply @ Ok(_)) => reply,
            (_, Err(failure)) => {
                // What became of the application is known from now on, also without the home.
                match failure.code() {
                    codes::JOIN_DECLINED => self.wallet.set_membership(Membership::Declined)?,
                    codes::NOT_ADMITTED => self.wallet.set_membership(Membership::Applied)?,
                    _ => {}
                }
                Err(self.not_a_member(failure))
            }
        }
    }

    /// Says what became of the application, where that is why the home answers nothing.
    fn not_a_member(&self, failure: Failure) -> Failure {
        let cite = self.wallet.home_name();
        // A home that knows neither a member nor an application says so in one of two ways.
        if is_refusal(&failure, 3) || failure.code() == codes::NOT_YOU {
            return Failure::new(codes::NOT_ADMITTED, text!("wallet-no-application", cite = cite))
                .because(text!("wallet-apply-again"))
                .fix(&["pirate", "join", "…"])
                .data(json!({ "state": "none" }));
        }
        match failure.code() {
            codes::JOIN_DECLINED => {
                Failure::new(codes::JOIN_DECLINED, text!("wallet-declined", cite = cite))
                    .because(text!("wallet-apply-again"))
                    .data(json!({ "state": "declined" }))
            }
            codes::NOT_ADMITTED => self.not_admitted(),
            _ => failure,
        }
    }

    /// Returns that the cité has not admitted this person yet: P0707.
    pub fn not_admitted(&self) -> Failure {
        let cite = self.wallet.home_name();
        Failure::new(codes::NOT_ADMITTED, text!("wallet-not-admitted", cite = cite))
            .data(json!({ "state": self.wallet.membership().word() }))
    }

    fn refresh(&mut self) -> Result<(), Failure> {
        if self.desk.is_err() {
            return Ok(());
        }
        match self.private(Query::Account) {
            Ok(Reply::Account(account)) => {
                if self.is_older(&account)? {
                    self.silence = Some(older());
                    return Ok(());
                }
                self.tell_gone(&account)?;
                self.wallet.keep_account(&account)?;
                self.account = Some(*account);
                self.fresh = true;
                Ok(())
            }
            Ok(_) => Err(unexpected()),
            Err(failure) if is_silence(&failure) => {
                self.silence = Some(failure);
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    /// Returns whether the home knows less of this device than it told before, and its log was not resumed since: then
    /// it is an older image of itself. Nothing that it says is taken over, and nothing signed for it to record: the true
    /// home has orders with the numbers that it would give.
    fn is_older(&mut self, told: &AccountSheet) -> Result<bool, Failure> {
        let lane = self.wallet.device().1;
        match self.wallet.kept_account() {
            Some(known) if order::gone(&known, told, lane) > 0 => match self.learn_record() {
                Ok(resumed) => Ok(!resumed),
                Err(failure) if is_silence(&failure) => Ok(true),
                Err(failure) => Err(failure),
            },
            _ => Ok(false),
        }
    }

    /// Says how many orders the home had recorded and lost, before any witness had them: nobody else knows.
    fn tell_gone(&mut self, told: &AccountSheet) -> Result<(), Failure> {
        let lane = self.wallet.device().1;
        let before = self.wallet.account_before().or_else(|| self.account.clone());
        let gone = before.map_or(0, |known| order::gone(&known, told, lane));
        if gone > 0 {
            // Whoever wants nothing but answers is told by the next command that says more.
            if self.context.printer.quiet() {
                return Ok(());
            }
            let said = text!("orders-gone", count = gone);
            let warning = Warning::new(codes::ORDERS_GONE, said, &["pirate", "history"]);
            self.context.warn(Mark::Warn, warning);
        }
        self.wallet.forget_account_before()
    }

    /// Returns the own account, as newly answered or as last answered.
    ///
    /// # Errors
    /// Why the home could not be asked, when it never answered.
    pub fn account(&self) -> Result<&AccountSheet, Failure> {
        self.account
            .as_ref()
            .ok_or_else(|| self.silence().cloned().unwrap_or_else(|| self.not_admitted()))
    }

    /// Returns the own account as the home answers it now.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub fn fresh_account(&self) -> Result<&AccountSheet, Failure> {
        match (self.fresh, self.silence()) {
            (false, Some(failure)) => Err(failure.clone()),
            _ => self.account(),
        }
    }

    /// Returns why the home could not be asked, when it could not.
    pub fn silence(&self) -> Option<&Failure> {
        self.desk.as_ref().err().or(self.silence.as_ref())
    }

    /// Returns whether the account is what the home answers now.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Returns the device key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs the next order of this device, keeps it, sends it, and returns its verified receipt.
    ///
    /// # Errors
    /// A refusal (4), P0310 when it waits in the outbox (75), P0311 when the receipt proves
    /// nothing (40).
    pub fn submit(
        &mut self,
        statement: Statement,
        body: Option<Body>,
    ) -> Result<(SignedOrder, Box<Receipt>), Failure> {
        let before = self.account()?.clone();
        match self.submit_once(statement.clone(), body.clone()) {
            // The first witnesses confirmed something after the account was asked for.
            Err(refused) if is_refusal(&refused, UNKNOWN_HEAD) => {
                let asked = self.refresh().is_ok() && self.fresh;
                let account = self.account()?;
                // Where the lane moved, the order may be recorded whatever was answered, and a second one would count
                // beside it. In the same place it never does.
                let same_place = account.epoch == before.epoch && account.lanes == before.lanes;
                match asked && same_place && account.seen != before.seen {
                    true => self.submit_once(statement, body),
                    false => Err(refused),
                }
            }
            done => done,
        }
    }

    fn submit_once(
        &mut self,
        statement: Statement,
        body: Option<Body>,
    ) -> Result<(SignedOrder, Box<Receipt>), Failure> {
        let account = self.account()?.clone();
        let today = self.context.now().day();
        let commitment = body.as_ref().map(Body::commitment);
        let waiting = self.wallet.waiting()?;
        let next = order::next(
            &self.wallet,
            self.key.public(),
            &account,
            &waiting,
            today,
            statement,
            commitment,
        )?;
        let signed = next.sign(&self.key);
        let kept = self.wallet.keep_order(signed.clone(), body)?;
        // From here on the order may count, whatever becomes of this process.
        let receipt =
            self.settle(&kept).map_err(|failure| self.by_clock(&account, waits(&kept, failure)))?;
        self.moved_on(&signed);
        Ok((signed, receipt))
    }

    /// Says of a refused day that this device's clock is wrong, where the home's own tells so: on the order alone
    /// nothing can be mended, and signed again it would be refused again.
    fn by_clock(&self, account: &AccountSheet, failure: Failure) -> Failure {
        let (here, there) = (self.context.now(), account.now);
        let apart = here.since(there).max(there.since(here));
        if !self.fresh || failure.code() != codes::ORDER_TERM || apart <= CLOCKS_APART_MS {
            return failure;
        }
        failure
            .numbered(codes::DEVICE_CLOCK)
            .headed(text!("device-clock", here = here, there = there))
            .fix(&["sudo", "timedatectl", "set-ntp", "true"])
    }

    /// Notes what a recorded order changed on the account, so that the next one can follow it.
    fn moved_on(&mut self, signed: &SignedOrder) {
        let Some(account) = &mut self.account else { return };
        let order = signed.order();
        let paid = match &order.statement {
            Statement::Pay(pay) => pay.minutes,
            Statement::Export(export) => export.minutes,
            _ => Minutes(0),
        };
        account.balance = account.balance.debited(paid).unwrap_or(account.balance);
        if let Some(lane) = account.lanes.iter_mut().find(|lane| lane.lane == order.lane) {
            lane.seq = order.seq;
            lane.last = signed.id();
        }
        // Only a copy, so nothing fails for it; but what is signed next without the node follows this order.
        let _ = self.wallet.keep_account(account);
    }

    /// Sends an order that is kept. It leaves the outbox with a verified receipt or with a no.
    fn settle(&mut self, waiting: &Waiting) -> Result<Box<Receipt>, Failure> {
        let sent = self.reachable().and_then(|desk| match desk.send(&waiting.frame)? {
            Reply::Recorded(receipt) => Ok(receipt),
            _ => Err(unexpected()),
        });
        let receipt = match sent {
            Ok(receipt) => receipt,
            Err(failure) if MAYBE_RECORDED.iter().any(|n| is_refusal(&failure, *n)) => {
                match self.private(Query::Order(waiting.id())) {
                    Ok(Reply::Recorded(receipt)) => receipt,
                    Ok(Reply::NotRecorded) => {
                        self.wallet.drop_refused(waiting)?;
                        return Err(failure);
                    }
                    Ok(_) => return Err(unexpected()),
                    Err(other) => return Err(other),
                }
            }
            Err(failure) => {
                if is_no(&failure) {
                    self.wallet.drop_refused(waiting)?;
                }
                return Err(failure);
            }
        };
        self.learn_keys(&receipt)?;
        receipt::verify(&receipt, waiting.id(), self.wallet.founding())
            .map_err(receipt::ReceiptError::failure)?;
        self.wallet.drop_order(waiting)?;
        Ok(receipt)
    }

    /// Asks for the home's record when a receipt is of a later incarnation than is known here.
    fn learn_keys(&mut self, receipt: &Receipt) -> Result<(), Failure> {
        let known = self.wallet.founding().incarnation();
        if receipt.checkpoint.origin.incarnation <= known {
            return Ok(());
        }
        self.learn_record().map(drop)
    }

    /// Takes over newer keys of the home; returns whether there are any.
    ///
    /// # Errors
    /// Why the home could not be asked, or what is wrong with its record.
    pub fn learn_record(&mut self) -> Result<bool, Failure> {
        let Reply::Sheet(sheet) = self.desk()?.call(Call::Sheet)? else {
            return Err(unexpected());
        };
        self.wallet.renew(&sheet.founding)
    }

    /// Returns the desk of a home that may record.
    fn reachable(&mut self) -> Result<&mut Desk, Failure> {
        match &self.silence {
            Some(silence) if !self.fresh => Err(silence.clone()),
            _ => self.desk(),
        }
    }

    fn tell(&self, mark: Mark, said: Text) {
        if !self.context.printer.quiet() {
            self.context.show(&Screen::new().mark(mark, said));
        }
    }
}

/// Returns that the home is an older image of itself.
fn older() -> Failure {
    Failure::new(codes::HOME_RESTORED, text!("wallet-home-older"))
}
