//! What happens to frames between the nodes of a cluster: they arrive at once, or as a faulty network
//! has it. Nothing in here looks into a frame but for the checkpoints and letters that it carries.

use std::mem::discriminant;

use node::core::{Input, MessageId, Output, PeerKey, ReplyTo, Verdict};
use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame, Reply},
    hash::{Use, digest},
    ids::MemberId,
    order::SignedOrder,
    wire::{Answer, Ask},
};

use super::{
    Cluster,
    faults::{Faults, Rates, Sent, checkpoint_in_gossip, checkpoints_in_ask, is_repeatable},
};

/// Returns whose order an ask brings to a home.
fn author_of(frame: &[u8]) -> Option<MemberId> {
    let Ok(Ask::Desk { passed, .. }) = Ask::decode(frame) else { return None };
    let Ok(Frame { call: Call::Submit { order, .. }, .. }) = Frame::decode(&passed.call) else {
        return None;
    };
    SignedOrder::decode(&order).ok().map(|order| order.order().author)
}

/// Returns the next lie of an answer's kind, if there is one.
fn twisted(frame: Vec<u8>, lies: &mut Vec<Answer>) -> Vec<u8> {
    let Ok(honest) = Answer::decode(&frame) else { return frame };
    let place = lies.iter().position(|lie| discriminant(lie) == discriminant(&honest));
    let Some(lie) = place.map(|place| lies.remove(place)) else { return frame };
    let frame = lie.encode();
    lies.push(lie);
    frame
}

impl Cluster {
    fn place_of(&self, peer: &PeerKey) -> Option<usize> {
        self.sites.iter().position(|site| site.peer() == *peer)
    }

    /// Makes the network faulty from now on, and returns how much.
    pub fn disturb(&mut self, seed: u64) -> Rates {
        self.faults.insert(Faults::new(seed)).rates
    }

    /// Makes the network good again: what is on its way arrives, and connections that were broken stand.
    /// Those that stood go on as they are: nobody is made to forget what an ask was for.
    pub fn heal(&mut self) {
        self.faults = None;
        let late = std::mem::take(&mut self.late).into_iter();
        self.inbox.extend(late.map(|(_, to, what)| (to, what)));
    }

    fn is_cut(&self, a: usize, b: usize) -> bool {
        self.cut.contains(&(a, b)) || self.cut.contains(&(b, a))
    }

    /// Returns whom gossip reaches: neighbours pass it on, so only where every way is cut nobody hears of it.
    fn passed_on(&self, from: usize) -> Vec<usize> {
        let mut reached = vec![from];
        let mut next = 0;
        while let Some(at) = reached.get(next).copied() {
            next += 1;
            let others = (0..self.sites.len()).filter(|to| !self.is_cut(at, *to));
            let new: Vec<usize> = others.filter(|to| !reached.contains(to)).collect();
            reached.extend(new);
        }
        reached.split_off(1)
    }

    /// Breaks the connection between two nodes.
    pub fn disconnect(&mut self, a: usize, b: usize) {
        self.inbox.push((a, Input::Disconnected(self.sites[b].peer())));
        self.inbox.push((b, Input::Disconnected(self.sites[a].peer())));
    }

    /// Lets arrive what is due in this second, and whatever the network does by itself.
    pub(super) fn arrive(&mut self) {
        let now = self.now;
        let due = self.late.extract_if(.., |(when, _, _)| *when <= now);
        self.inbox.extend(due.map(|(_, to, what)| (to, what)));
        let Some(faults) = &mut self.faults else { return };
        let (broken, repeated) = (faults.broken(self.sites.len()), faults.repeated());
        if let Some((a, b, seconds)) = broken {
            self.disconnect(a, b);
            for (to, peer) in [(a, b), (b, a)] {
                self.post(seconds, to, Input::Connected(self.sites[peer].peer()));
            }
        }
        if let Some((to, mut input)) = repeated {
            // Whatever it answers goes nowhere.
            if let Input::Asked { reply_to, .. } = &mut input {
                self.next += 1;
                *reply_to = ReplyTo(self.next);
            }
            self.inbox.push((to, input));
        }
    }

    /// Returns after how many seconds each copy of a frame arrives.
    fn arrivals(&mut self, to: usize, input: &Input) -> Vec<u64> {
        let Some(faults) = &mut self.faults else { return vec![self.delay] };
        faults.remember(to, input.clone());
        faults.arrivals()
    }

    fn post(&mut self, seconds: u64, to: usize, input: Input) {
        match seconds {
            0 => self.inbox.push((to, input)),
            _ => self.late.push((self.now.plus(seconds * 1_000), to, input)),
        }
    }

    /// Lets a node learn, now or later or never, that what it asked is not answered.
    fn give_up(&mut self, from: usize, token: u64) {
        if let Some(seconds) = self.faults.as_mut().and_then(Faults::gives_up) {
            self.post(seconds, from, Input::Answered { token, frame: None });
        }
    }

    fn carry_ask(&mut self, sent: Sent, frame: &[u8], token: u64) {
        self.note(checkpoints_in_ask(frame));
        if self.liars.contains_key(&sent.to) {
            self.asked_liar += frame.len();
        }
        let peer = self.sites[sent.from].peer();
        let asked = |id| Input::Asked { peer, frame: frame.to_vec(), reply_to: ReplyTo(id) };
        let arrivals = self.arrivals(sent.to, &asked(0));
        if arrivals.is_empty() {
            self.give_up(sent.from, token);
        }
        for seconds in arrivals {
            self.next += 1;
            self.tokens.insert(self.next, (sent, token));
            self.post(seconds, sent.to, asked(self.next));
        }
    }

    fn carry_answer(&mut self, sent: Sent, frame: Vec<u8>, token: u64) {
        let frame = match self.liars.get_mut(&sent.to) {
            Some(lies) if !lies.is_empty() => {
                lies.rotate_left(1);
                lies.last().cloned().unwrap_or(frame)
            }
            _ => frame,
        };
        let frame = match self.twisted.get_mut(&sent.to) {
            Some(lies) => {
                let frame = twisted(frame, lies);
                if self.drips > 0 && matches!(Answer::decode(&frame), Ok(Answer::Entries(Some(_))))
                {
                    let input = Input::Answered { token, frame: Some(frame) };
                    return self.post(self.drips, sent.from, input);
                }
                frame
            }
            None => frame,
        };
        let Some(faults) = &mut self.faults else {
            let input = Input::Answered { token, frame: Some(frame) };
            return self.post(self.delay, sent.from, input);
        };
        let frame = faults.answer(sent, frame);
        let arrivals = faults.arrivals();
        if arrivals.is_empty() {
            self.give_up(sent.from, token);
        }
        for seconds in arrivals {
            self.post(seconds, sent.from, Input::Answered { token, frame: Some(frame.clone()) });
        }
    }

    /// Lets a node pass gossip on to its neighbours in the mesh, where it arrives at the next heartbeat.
    fn relay(&mut self, from: usize, id: MessageId) {
        let peer = self.sites[from].peer();
        let Some(mesh) = &mut self.mesh else { return };
        for (to, frame) in mesh.next(from, id) {
            self.post(1, to, Input::Gossiped { peer, id, frame });
        }
    }

    fn note(&mut self, checkpoints: impl IntoIterator<Item = Checkpoint>) {
        let parts = |signed: Checkpoint| (signed.origin.cite, signed.head.size, signed.head.root);
        self.signed.extend(checkpoints.into_iter().map(parts));
    }

    pub(super) fn carry(&mut self, from: usize, output: Output) {
        match output {
            Output::Ask { peer, frame, token } => {
                let Some(to) = self.place_of(&peer) else {
                    // Somebody whom a test plays: it answers nothing.
                    return self.inbox.push((from, Input::Answered { token, frame: None }));
                };
                if let Ok(Ask::Letter(letter)) = Ask::decode(&frame) {
                    self.letters.push((self.now, letter));
                }
                if let Some(answer) = author_of(&frame).and_then(|who| self.dropped.get(&(to, who)))
                {
                    let desk = |reply: &Reply| Answer::Desk(Bytes::from(reply.encode())).encode();
                    let frame = answer.as_ref().map(desk);
                    return self.inbox.push((from, Input::Answered { token, frame }));
                }
                if self.sites[to].core.is_some() && !self.is_cut(from, to) {
                    self.carry_ask(
                        Sent { from, to, repeatable: is_repeatable(&frame) },
                        &frame,
                        token,
                    );
                } else {
                    self.inbox.push((from, Input::Answered { token, frame: None }));
                }
            }
            Output::Answer { reply_to, frame } => {
                if let Some((sent, token)) = self.tokens.remove(&reply_to.0) {
                    self.carry_answer(sent, frame, token);
                }
            }
            Output::Reply { reply_to, frame } => {
                let reply = Reply::decode(&frame).expect("replies are canonical");
                self.calls.insert(reply_to.0, Some(reply));
            }
            Output::Publish(frame) => {
                let id = MessageId(digest(Use::Gossip, &[&frame]).0);
                self.note(checkpoint_in_gossip(&frame));
                if let Some(mesh) = &mut self.mesh {
                    mesh.publish(from, id, &frame);
                    return self.relay(from, id);
                }
                let peer = self.sites[from].peer();
                for to in self.passed_on(from) {
                    let input = Input::Gossiped { peer, id, frame: frame.clone() };
                    for seconds in self.arrivals(to, &input) {
                        self.post(seconds, to, input.clone());
                    }
                }
            }
            Output::Keep(keep) => self.sites[from].keep = keep,
            Output::Judge { id, verdict: Verdict::Accept, .. } => self.relay(from, id),
            Output::Judge { .. }
            | Output::WasWrong(_)
            | Output::Block(_)
            | Output::Dial(_)
            | Output::Stop => {}
        }
    }
}
