//! What peers ask of this node, and what they answered: each is handed to the part of the core that it is for.

use proto::{
    codec::Canonical as _,
    desk::Reply,
    founding::SignedFounding,
    time::UnixMillis,
    wire::{Answer, Ask},
};

use super::{Asked, Core, Output, PeerKey, ReplyTo};

impl Core {
    /// Answers an ask of a peer.
    pub(super) fn asked(
        &mut self,
        now: UnixMillis,
        peer: PeerKey,
        frame: &[u8],
        reply_to: ReplyTo,
    ) {
        let Ok(ask) = Ask::decode(frame) else {
            // The shell's answer deadline ends it; a malformed ask earns no words.
            self.out.push(Output::WasWrong(peer));
            return self.answer(reply_to, &Answer::Busy);
        };
        match ask {
            Ask::Hello(hello) => {
                let signed = SignedFounding::decode(&hello.founding).ok();
                let cite = signed.map(|signed| signed.founding.id());
                self.heard_hello(now, peer, hello);
                self.wake(now);
                let hello = self.hello(now, cite);
                self.answer(reply_to, &Answer::Hello(hello));
            }
            Ask::Extend(extend) => {
                let answer = self.mirror(now, &peer, &extend);
                self.answer(reply_to, &answer);
            }
            Ask::Range { cite, incarnation, from } => {
                let answer = match self.may_read(&peer, &cite) {
                    true => self.range(&cite, incarnation, from),
                    false => Answer::Entries(None),
                };
                self.answer(reply_to, &answer);
            }
            Ask::Deliver(delivery) => self.delivered(now, *delivery, reply_to),
            Ask::Opening { towards } => {
                let answer = self.opening(&peer, &towards);
                self.answer(reply_to, &answer);
            }
            Ask::Sidecar { leaf } => {
                let own = self.cite();
                let proof = self
                    .home()
                    .filter(|_| self.may_read(&peer, &own))
                    .and_then(|home| home.sidecar(leaf).ok().flatten());
                self.answer(reply_to, &Answer::Proof(proof.map(Box::new)));
            }
            Ask::Letter(letter) => {
                let answer = self.take_letter(now, &peer, &letter);
                self.answer(reply_to, &answer);
            }
            Ask::Desk { passed, hops } => self.called_from_afar(now, peer, passed, hops, reply_to),
            Ask::Fence(founding) => {
                let answer = self.fence(now, peer, &founding);
                self.answer(reply_to, &answer);
            }
            Ask::Evidence(evidence) => {
                let answer = self.handed_evidence(now, *evidence);
                self.answer(reply_to, &answer);
            }
        }
    }

    /// Goes on with what an ask was for.
    pub(super) fn answered(&mut self, now: UnixMillis, token: u64, frame: Option<&[u8]>) {
        let Some((what, asked)) = self.asked.remove(&token) else { return };
        let answer = frame.and_then(|frame| Answer::decode(frame).ok());
        match (what, answer) {
            (Asked::Hello(peer), Some(Answer::Hello(hello))) => {
                let theirs = hello.now;
                self.heard_hello(now, peer, hello);
                self.compare_clocks(asked, now, &peer, theirs);
                self.wake(now);
            }
            (Asked::Push(cite), answer) => self.pushed(now, cite, answer),
            (Asked::Deliver(cite), answer) => self.was_delivered(now, cite, answer),
            (Asked::Opening(cite), Some(Answer::Proof(Some(proof)))) => {
                self.was_opened(cite, &proof);
            }
            (Asked::Letter(key), Some(answer)) => self.letter_answered(now, &key, &answer),
            (Asked::Pass(origin, way), answer) => self.passed(now, origin, way, answer),
            (Asked::Complaint(home, order), answer) => {
                // A node that does not sign yet says neither yes nor no.
                let not_now =
                    |reply: &[u8]| matches!(Reply::decode(reply), Ok(Reply::Unavailable(_)));
                let answered = match answer {
                    Some(Answer::Desk(reply)) => !not_now(&reply),
                    _ => false,
                };
                self.was_offered(now, home, &order, answered);
            }
            (Asked::Amnesia(cite), answer) => self.remembered(now, cite, answer),
            (Asked::Missing(peer), Some(Answer::Entries(extend))) => {
                self.missing(now, peer, extend.as_deref());
            }
            (Asked::Missing(peer), _) => self.missing(now, peer, None),
            (Asked::Refill(cite, peer), Some(Answer::Entries(extend))) => {
                self.refilled(now, cite, peer, extend.as_deref());
            }
            (Asked::Refill(cite, peer), _) => self.refilled(now, cite, peer, None),
            (Asked::Mend(cite, peer), Some(Answer::Entries(extend))) => {
                self.given(cite, peer, extend.as_deref());
            }
            (Asked::Proofs(cite, peer), Some(Answer::Entries(extend))) => {
                self.proofs_given(cite, peer, extend.map(|extend| extend.sidecars));
            }
            (Asked::Proofs(cite, peer), _) => self.proofs_given(cite, peer, None),
            (Asked::Mend(cite, peer), _) => self.given(cite, peer, None),
            (Asked::Promise(cite), answer) => self.promised(now, cite, answer),
            (Asked::Evidence(peer, party), answer) => {
                self.was_told(now, peer, party, answer.as_ref());
            }
            (Asked::Follow(cite, peer, from), Some(Answer::Entries(Some(extend)))) => {
                self.followed(now, cite, peer, from, &extend);
            }
            (Asked::Hello(_) | Asked::Opening(_) | Asked::Letter(_) | Asked::Follow(..), _) => {}
        }
    }
}
