//! Letters: a request for hours on its way to who is asked, and the answer no. Who may write to whom is
//! decided here: members, and cités with an account here through their own nodes; nobody else.

use std::collections::BTreeSet;

use ledger::refusal::Refusal;
use proto::{
    body::Body,
    desk::{PAGE_MAX, Reply, RequestItem, RequestState, Unavailable},
    founding::Rules,
    ids::{CiteId, MemberId, RequestId},
    request::SignedRequest,
    time::{UnixMillis, UtcDay},
    wire::{Answer, Ask, Letter, LetterContent, decline},
};

use super::{
    Asked, Core, LetterKey, Origin, PeerKey, desk::unavailable, mailbox::Kept, shelf::ShelfError,
};

/// Days for which the answer no is carried: whoever asked then sees that the request has expired.
const DECLINED_DAYS: u64 = 30;

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LetterError {
    /// It may not be written, for the reason that the rules give for a payment.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be kept.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// This node writes nothing now.
    #[error("this node writes nothing now")]
    Silent,
}

impl From<ledger::disk::DiskError> for LetterError {
    fn from(error: ledger::disk::DiskError) -> Self {
        Self::Shelf(error.into())
    }
}

impl Core {
    /// Takes a letter from a client to where it goes.
    pub(crate) fn post(&mut self, now: UnixMillis, origin: Origin, letter: &Letter) -> Reply {
        let today = now.day();
        let letter = &self.without_erased_words(letter);
        let done = match &letter.content {
            LetterContent::Request { request, body } => SignedRequest::decode(request)
                .map_err(|_| LetterError::from(Refusal::RequestMalformed))
                .and_then(|request| self.post_request(today, letter, &request, body.as_ref())),
            // No signature stands under a no: from afar anybody could write it.
            LetterContent::Declined { .. } if origin.is_afar() => {
                Err(Refusal::RequestSignature.into())
            }
            LetterContent::Declined { request, reason } if letter.home == self.cite() => {
                self.note_declined(&letter.to, false, request, reason)
            }
            // The share is that of whoever asked: who says no is not known here.
            LetterContent::Declined { .. } => {
                self.post_abroad(letter, letter.to, today.plus(DECLINED_DAYS))
            }
            // A steward asks for that, and nobody by letter.
            LetterContent::Erase => Err(Refusal::RequestSignature.into()),
        };
        self.send_letters(now);
        reply(done)
    }

    fn post_request(
        &mut self,
        today: UtcDay,
        letter: &Letter,
        request: &SignedRequest,
        body: Option<&Body>,
    ) -> Result<(), LetterError> {
        self.check_term(today, request)?;
        // A payee's letters leave from the payee's home, which alone knows the key.
        self.check_payee(request)?;
        let (payee, id, own) = (request.request().payee, request.id(), self.cite());
        let sent = Kept::open(request, body, false);
        let first = self.mailbox.keep((&own, &payee), &id, &sent, today)?;
        let done = if letter.home == own {
            self.keep_received(today, &letter.to, request, body)
        } else {
            self.post_abroad(letter, payee, request.request().valid_until)
        };
        if done.is_err() && first {
            // Whoever was told no finds nothing in the own list that looks as if it were on its way.
            self.mailbox.forget(&payee, &id)?;
        }
        done
    }

    fn post_abroad(
        &mut self,
        letter: &Letter,
        writer: MemberId,
        until: UtcDay,
    ) -> Result<(), LetterError> {
        self.check_account(&letter.home)?;
        Ok(self.outbox.send(letter, writer, until)?)
    }

    /// Takes a letter that another node brings: of its own cité, which must have an account here.
    pub(crate) fn take_letter(
        &mut self,
        now: UnixMillis,
        peer: &PeerKey,
        letter: &Letter,
    ) -> Answer {
        match self.take_from(now, peer, letter) {
            Ok(()) => Answer::Kept,
            Err(error) => {
                tracing::debug!(%error, "a letter was not taken");
                Answer::Declined { reason: self.decline_number(&error), at: 0 }
            }
        }
    }

    /// Returns whether a letter may be brought again, as the number of a reason. A home that cannot write may
    /// have lost what it knew of its members, and judges nothing for good.
    fn decline_number(&self, error: &LetterError) -> u16 {
        use Refusal::{
            RequestExpired, RequestMalformed, RequestMismatch, UnknownAuthor, WrongHome,
        };
        match error {
            LetterError::Shelf(ShelfError::Disk(_)) | LetterError::Silent => decline::CANNOT_WRITE,
            LetterError::Refused(_) if self.cannot_write().is_some() => decline::CANNOT_WRITE,
            LetterError::Refused(
                RequestExpired { .. }
                | RequestMalformed
                | RequestMismatch
                | UnknownAuthor { .. }
                | WrongHome { .. },
            ) => decline::LETTER,
            LetterError::Shelf(_) | LetterError::Refused(_) => decline::MAILBOX,
        }
    }

    fn take_from(
        &mut self,
        now: UnixMillis,
        peer: &PeerKey,
        letter: &Letter,
    ) -> Result<(), LetterError> {
        let (from, today) = (self.neighbours.cite_of(peer), now.day());
        let from = from.ok_or(Refusal::RequestSignature)?;
        self.check_account(&from)?;
        if letter.home != self.cite() {
            return Err(Refusal::WrongHome { home: letter.home }.into());
        }
        let letter = &self.without_erased_words(letter);
        match &letter.content {
            LetterContent::Request { request, body } => {
                let signed =
                    SignedRequest::decode(request).map_err(|_| Refusal::RequestMalformed)?;
                if signed.request().home != from {
                    return Err(Refusal::RequestMismatch.into());
                }
                self.check_term(today, &signed)?;
                self.keep_received(today, &letter.to, &signed, body.as_ref())
            }
            LetterContent::Declined { request, reason } => {
                self.note_declined(&letter.to, false, request, reason)
            }
            LetterContent::Erase => self.erase_for(now, from, letter.to),
        }
    }

    /// Keeps a request for the member who is asked.
    fn keep_received(
        &self,
        today: UtcDay,
        member: &MemberId,
        request: &SignedRequest,
        body: Option<&Body>,
    ) -> Result<(), LetterError> {
        self.state().member(member).ok_or(Refusal::UnknownAuthor { author: *member })?;
        if request.request().payer.is_some_and(|payer| payer != *member) {
            return Err(Refusal::RequestMismatch.into());
        }
        let kept = Kept::open(request, body, true);
        self.mailbox.keep((&self.cite(), member), &request.id(), &kept, today)?;
        Ok(())
    }

    /// Notes that the answer is no, for whoever asked or for whoever `received` the request and says so; a
    /// request that was never sent needs no note.
    fn note_declined(
        &self,
        member: &MemberId,
        received: bool,
        id: &RequestId,
        reason: &str,
    ) -> Result<(), LetterError> {
        let Some(kept) = self.mailbox.letter(member, id) else { return Ok(()) };
        if kept.received != received || !is_open(kept.state) {
            return Ok(());
        }
        let reason = reason.to_owned();
        let declined = Kept { state: RequestState::Declined, reason, ..kept };
        Ok(self.mailbox.change(member, id, &declined)?)
    }

    /// A letter about a request that can no longer, or not yet for a long time, be paid is of no use.
    fn check_term(&self, today: UtcDay, request: &SignedRequest) -> Result<(), Refusal> {
        let until = request.request().valid_until;
        let latest = today.plus(u64::from(Rules::REQUEST_DAYS_MAX));
        match until {
            until if until < today => Err(Refusal::RequestExpired { until, today }),
            until if until > latest => Err(Refusal::RequestTooLong { latest }),
            _ => Ok(()),
        }
    }

    /// A member of this cité signed the request.
    fn check_payee(&self, signed: &SignedRequest) -> Result<(), Refusal> {
        let request = signed.request();
        if request.home != self.cite() {
            return Err(Refusal::WrongHome { home: request.home });
        }
        let key = self.state().device_key(&request.payee, request.epoch, request.lane);
        let key = key.and_then(|key| key.check().ok()).ok_or(Refusal::RequestSignature)?;
        let genuine = signed.clone().verify(&key).is_ok();
        if genuine { Ok(()) } else { Err(Refusal::RequestSignature) }
    }

    /// Hours only cross between cités with accounts; so do letters. Cités can be founded by the thousand.
    fn check_account(&self, cite: &CiteId) -> Result<(), Refusal> {
        self.state().peer(cite).map(|_| ()).ok_or(Refusal::UnknownPeer { cite: *cite })
    }

    /// Sends letters whose cité is connected, a few at a time.
    pub(crate) fn send_letters(&mut self, now: UnixMillis) {
        let under_way: BTreeSet<LetterKey> = self
            .asked
            .values()
            .filter_map(|(asked, _)| match asked {
                Asked::Letter(key) => Some(*key),
                _ => None,
            })
            .collect();
        for home in self.outbox.homes() {
            let Some(peer) = self.neighbours.node_of(&home) else { continue };
            for key in self.outbox.due(now, &home, &under_way) {
                if let Some(letter) = self.outbox.begin(key) {
                    self.ask(now, peer, &Ask::Letter(letter), Asked::Letter(key));
                }
            }
        }
    }

    /// Goes on with a letter that another home answered. What it will never take is dropped, or it would be
    /// sent again until its last day; what it does not take now is put off. Whoever wrote a request sees
    /// [`RequestState::Undelivered`] then, and an open request in the meantime; a "no" that is dropped is
    /// seen by nobody: the request expires.
    pub(crate) fn letter_answered(&mut self, now: UnixMillis, key: &LetterKey, answer: &Answer) {
        let done = match answer {
            Answer::Kept => self.letter_kept(key),
            Answer::Declined { reason: decline::LETTER, .. } => self.drop_letter(key),
            Answer::Declined { .. } => {
                self.outbox.put_off(key, now);
                Ok(())
            }
            // Busy, or a word that is no answer to this: in the next round.
            _ => Ok(()),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "a letter that was answered is sent again");
        }
    }

    fn letter_kept(&mut self, key: &LetterKey) -> Result<(), LetterError> {
        if let Some(Letter { home, to, content: LetterContent::Erase }) = self.outbox.letter(key) {
            self.erasures.told(&(self.founding.cite(), to), &home)?;
        }
        Ok(self.outbox.forget(key)?)
    }

    fn drop_letter(&mut self, key: &LetterKey) -> Result<(), LetterError> {
        if let Some(Letter { content: LetterContent::Request { request, .. }, .. }) =
            self.outbox.letter(key)
            && let Ok(signed) = SignedRequest::decode(&request)
        {
            let (payee, id) = (signed.request().payee, signed.id());
            let sent = self.mailbox.letter(&payee, &id).filter(|kept| !kept.received);
            if let Some(kept) = sent.filter(|kept| kept.state == RequestState::Open) {
                let kept = Kept { state: RequestState::Undelivered, ..kept };
                self.mailbox.change(&payee, &id, &kept)?;
            }
        }
        Ok(self.outbox.forget(key)?)
    }

    /// Removes letters, and applications beside them, that have come to their end: once a day, and after every start.
    pub(crate) fn sweep(&mut self, now: UnixMillis) {
        let today = now.day();
        // Of those who were admitted just before this node stopped, or could not be read then.
        self.move_names();
        let is_member = |id: &MemberId| self.writer.state().member(id).is_some();
        let shelf = self.shelf.sweep(today, is_member);
        let done = [self.outbox.sweep(today), self.mailbox.sweep(today), shelf];
        for error in done.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "what has come to its end could not be removed");
        }
    }

    /// Returns the requests that a member received and sent.
    pub(crate) fn requests(&self, now: UnixMillis, member: &MemberId) -> Reply {
        let items = self.mailbox.letters(member).into_iter().filter_map(|kept| {
            let signed = SignedRequest::decode(&kept.request).ok()?;
            let request = signed.request();
            let state = match self.state_of(now.day(), &signed, kept.state) {
                RequestState::Open if !kept.received && self.outbox.carries(&signed.id()) => {
                    RequestState::UnderWay
                }
                state => state,
            };
            let payee = self.state().member(&request.payee);
            Some(RequestItem {
                payee_number: payee.map(|(_, payee)| payee.number),
                request: kept.request,
                body: kept.body,
                received: kept.received,
                state,
                // Whoever said no and then paid said yes last.
                reason: if state == RequestState::Declined { kept.reason } else { String::new() },
            })
        });
        Reply::Requests(items.take(PAGE_MAX).collect())
    }

    /// Returns the state of a request that a member of this cité signed, for whoever shows it whole: it was handed
    /// to them, and cannot be made up.
    pub(crate) fn shown_request(&self, now: UnixMillis, request: &[u8]) -> Reply {
        let Ok(signed) = SignedRequest::decode(request) else {
            return Reply::Refused(Refusal::RequestMalformed.into());
        };
        if let Some(why) = self.cannot_tell() {
            return Reply::Unavailable(why);
        }
        if let Err(refusal) = self.check_payee(&signed) {
            return Reply::Refused(refusal.into());
        }
        let sent = self.mailbox.letter(&signed.request().payee, &signed.id());
        let kept = match sent.filter(|kept| !kept.received).map(|kept| kept.state) {
            // It was delivered otherwise, for here it is.
            None | Some(RequestState::Undelivered) => RequestState::Open,
            Some(state) => state,
        };
        Reply::Request(self.state_of(now.day(), &signed, kept))
    }

    /// Returns the state of a request of which `kept` is known by letters. What the log says comes first: one that was
    /// declined may be paid all the same.
    fn state_of(&self, today: UtcDay, signed: &SignedRequest, kept: RequestState) -> RequestState {
        match kept {
            _ if self.state().request_used(&signed.id()) => RequestState::Paid,
            state if !is_open(state) => state,
            _ if signed.request().valid_until < today => RequestState::Expired,
            state => state,
        }
    }

    /// Declines a request that a member received, and says so to whoever asked.
    pub(crate) fn decline(
        &mut self,
        now: UnixMillis,
        member: &MemberId,
        id: &RequestId,
        reason: &str,
    ) -> Reply {
        let done = self.decline_here(now.day(), member, id, reason);
        self.send_letters(now);
        reply(done)
    }

    fn decline_here(
        &mut self,
        today: UtcDay,
        member: &MemberId,
        id: &RequestId,
        reason: &str,
    ) -> Result<(), LetterError> {
        let received = self.mailbox.letter(member, id).filter(|kept| kept.received);
        let kept = received.ok_or(Refusal::RequestMismatch)?;
        let signed = SignedRequest::decode(&kept.request).map_err(|_| Refusal::RequestMalformed)?;
        let (home, to) = (signed.request().home, signed.request().payee);
        if home == self.cite() {
            self.note_declined(&to, false, id, reason)?;
        } else if kept.state == RequestState::Open {
            // Before it is noted here: where there is no room for the letter, no can be said again.
            let content = LetterContent::Declined { request: *id, reason: reason.to_owned() };
            let letter = Letter { home, to, content };
            self.post_abroad(&letter, *member, today.plus(DECLINED_DAYS))?;
        }
        self.note_declined(member, true, id, reason)
    }
}

/// Returns whether a request may still be paid or declined: also when no letter could tell of it, for it may
/// have been handed over otherwise.
const fn is_open(state: RequestState) -> bool {
    matches!(state, RequestState::Open | RequestState::Undelivered)
}

fn reply(done: Result<(), LetterError>) -> Reply {
    match done {
        Ok(()) => Reply::Done,
        Err(LetterError::Refused(refusal)) => Reply::Refused(refusal.into()),
        Err(LetterError::Shelf(error)) => unavailable(&error),
        Err(LetterError::Silent) => Reply::Unavailable(Unavailable::CannotWrite),
    }
}
