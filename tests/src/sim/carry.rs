//! From the outputs of one node to the inputs of another: asks, answers and gossip on their way, connections that
//! stand and break. What the shell of a node does with sockets, these few functions do with the queue.

use node::core::{Input, MessageId, Output, PeerKey, ReplyTo, Verdict};
use proto::{
    codec::Canonical as _,
    hash::{Use, digest},
    wire::{Answer, Ask, decline},
};

use super::{Event, LOOK_MS, Sent, Sim};

/// How long a shell waits for an answer, in milliseconds.
const ANSWER_MS: u64 = 10_000;

impl Sim {
    /// Does what a node said.
    pub(super) fn carry(&mut self, from: usize, output: Output) {
        match output {
            Output::Ask { peer, frame, token } => self.carry_ask(from, &peer, frame, token),
            Output::Answer { reply_to, frame } => self.carry_answer(reply_to.0, frame),
            Output::Reply { reply_to, frame } => self.replied(from, reply_to.0, &frame),
            Output::Publish(frame) => {
                let id = digest(Use::Gossip, &[&frame]).0;
                if self.seen.gossip(&frame) {
                    self.reached.note("a certificate was made");
                }
                self.gossip.insert(id, frame);
                self.heard.insert((from, id));
                self.spread(from, id);
            }
            Output::Judge { id, verdict: Verdict::Accept, .. } => self.spread(from, id.0),
            Output::Judge { .. }
            | Output::WasWrong(_)
            | Output::Block(_)
            | Output::Keep(_)
            | Output::Dial(_)
            | Output::Stop => {}
        }
    }

    /// Returns the node that a key on the network leads to from here.
    fn reached_by(&mut self, from: usize, peer: &PeerKey) -> Option<usize> {
        let named = |to: &usize| *to != from && self.wires.known_as(from, *to) == Some(*peer);
        let found: Vec<usize> = (0..self.sites.len()).filter(named).collect();
        // Where a copy of a node runs beside it, nobody can tell which of the two is reached.
        match found.as_slice() {
            [] => None,
            [only] => Some(*only),
            several => several.get(self.chance.index(several.len())).copied(),
        }
    }

    fn carry_ask(&mut self, from: usize, peer: &PeerKey, frame: Vec<u8>, token: u64) {
        let life = self.sites[from].life;
        self.open.insert((from, life, token));
        let ask = Ask::decode(&frame).expect("asks are canonical");
        if self.seen.ask(&ask) {
            self.reached.note("a certificate was made");
        }
        let unanswered = Event::Input(from, life, Input::Answered { token, frame: None });
        let Some(to) = self.reached_by(from, peer) else {
            return self.due(1, unanswered);
        };
        if self.sites[to].runs()
            && self.wires.is_open(from, to)
            && let Some(answer) = self.lies_as_mirror(to, &ask)
        {
            let way = 2 * self.wires.way(&self.rates);
            let input = Input::Answered { token, frame: Some(answer.encode()) };
            return self.due(way, Event::Input(from, life, input));
        }
        if self.drops_offer(to, &ask) {
            return self.due(ANSWER_MS, Event::Deadline(from, life, token));
        }
        let same = self.wires.stands(from, to) == Some(self.sites[to].life);
        if !self.sites[to].runs() || !same {
            // The machine says that nobody is there, or it says nothing.
            if self.wires.is_open(to, from) {
                return self.due(1, unanswered);
            }
            return self.due(ANSWER_MS, Event::Deadline(from, life, token));
        }
        if !self.wires.forgets() {
            self.due(ANSWER_MS, Event::Deadline(from, life, token));
        }
        let repeatable = !matches!(ask, Ask::Desk { .. } | Ask::Letter(_));
        let sent = Sent { from, life, to, token, repeatable };
        let peer = self.sites[from].peer();
        let mut input = Input::Asked { peer, frame, reply_to: ReplyTo(0) };
        self.wires.remember(to, &input);
        if !self.wires.is_open(from, to) {
            return;
        }
        for after in self.wires.arrivals(&self.rates) {
            self.next += 1;
            let id = self.next;
            self.asks.insert(id, sent);
            if let Input::Asked { reply_to, .. } = &mut input {
                *reply_to = ReplyTo(id);
            }
            self.due(after, Event::Input(to, 0, input.clone()));
        }
    }

    fn carry_answer(&mut self, id: u64, frame: Vec<u8>) {
        let answer = Answer::decode(&frame).expect("answers are canonical");
        if self.answers_lie(id, &answer) {
            return;
        }
        if matches!(answer, Answer::Declined { reason: decline::FUTURE, .. }) {
            self.reached.note("a log came before its time to a mirror");
        }
        // Whoever asked before its frame came again has its answer.
        let Some(sent) = self.asks.remove(&id) else { return };
        let vouches = matches!(answer, Answer::Cosigned(_) | Answer::Fenced { .. });
        assert!(!vouches || sent.to < self.rates.cites, "a copy of a node vouches for a log");
        if self.seen.answer(&answer) {
            self.reached.note("a certificate was made");
        }
        if !self.wires.is_open(sent.to, sent.from) {
            return;
        }
        let arrives = self.wires.answer(&self.rates, sent, frame.clone());
        if arrives != frame {
            self.reached.note("an older answer stood for a new one");
        }
        let input = Input::Answered { token: sent.token, frame: Some(arrives) };
        for after in self.wires.arrivals(&self.rates) {
            self.due(after, Event::Input(sent.from, sent.life, input.clone()));
        }
    }

    /// Lets the shell of a node give up an ask that was not answered.
    pub(super) fn gives_up_ask(&mut self, place: usize, life: u64, token: u64) {
        if self.open.contains(&(place, life, token)) {
            self.hand(place, life, Input::Answered { token, frame: None });
        }
    }

    /// Passes gossip on to all whom a node is connected with and who have not heard it.
    fn spread(&mut self, from: usize, id: [u8; 32]) {
        let Some(frame) = self.gossip.get(&id).cloned() else { return };
        let peer = self.sites[from].peer();
        for to in 0..self.sites.len() {
            let reachable = self.wires.stands(from, to) == Some(self.sites[to].life)
                && self.wires.is_open(from, to);
            if to == from || !reachable || self.heard.contains(&(to, id)) {
                continue;
            }
            let input = Input::Gossiped { peer, id: MessageId(id), frame: frame.clone() };
            self.wires.remember(to, &input);
            let arrivals = self.wires.arrivals(&self.rates);
            if !arrivals.is_empty() {
                self.heard.insert((to, id));
            }
            for after in arrivals {
                self.due(after, Event::Input(to, 0, input.clone()));
            }
        }
    }

    /// Lets something of before arrive again.
    pub(super) fn repeat(&mut self) {
        if !self.trouble {
            return;
        }
        self.due(1_000, Event::Repeat);
        if let Some((to, input)) = self.wires.repeated(&self.rates, 0) {
            self.due(0, Event::Input(to, 0, input));
        }
    }

    /// Looks whether two nodes can be connected, and tells each what it notices of that.
    pub(super) fn look(&mut self, a: usize, b: usize) {
        self.due(self.turn_ms(LOOK_MS), Event::Look(a, b));
        let lives = (self.sites[a].life, self.sites[b].life);
        let both = self.sites[a].runs() && self.sites[b].runs();
        let open = both && self.wires.is_open(a, b) && self.wires.is_open(b, a);
        // Nobody calls himself.
        if self.sites[a].peer() == self.sites[b].peer() {
            return;
        }
        for (end, other, life) in [(a, b, lives.1), (b, a, lives.0)] {
            if !self.sites[end].runs() {
                continue;
            }
            match self.wires.stands(end, other) {
                Some(known) if open && known == life => {}
                None if open => self.connect(end, other),
                // A new process at the other end: the old connection ends before or after the new one stands.
                Some(_) if open => {
                    let peer = self.sites[other].peer();
                    let same = self.wires.known_as(end, other) == Some(peer);
                    if !same || self.chance.below(2) == 0 {
                        self.disconnect(end, other);
                        self.connect(end, other);
                    } else {
                        self.wires.note(end, other, Some((life, peer)));
                    }
                }
                Some(_) if self.wires.gives_up(end, other) => {
                    self.reached.note("a connection was given up");
                    self.disconnect(end, other);
                }
                _ => {}
            }
        }
    }

    fn connect(&mut self, end: usize, other: usize) {
        let peer = self.sites[other].peer();
        self.wires.note(end, other, Some((self.sites[other].life, peer)));
        self.due(1, Event::Input(end, self.sites[end].life, Input::Connected(peer)));
    }

    /// Tells a node that a connection is gone.
    pub(super) fn disconnect(&mut self, end: usize, other: usize) {
        let Some(peer) = self.wires.known_as(end, other) else { return };
        self.wires.note(end, other, None);
        self.due(1, Event::Input(end, self.sites[end].life, Input::Disconnected(peer)));
    }
}
