//! What the core has not taken yet. It sheds what others can send again, never what the core must
//! hear: answers to its own questions, and who is connected. Gossip waits behind all else: whoever pays does not wait for
//! what allies announce.

use std::collections::VecDeque;

use super::writer::frame_bytes;
use crate::core::Input;

/// Inputs above which questions and gossip are turned away: two batches of each sort of caller.
const INPUTS_MAX: usize = 1024;

/// Bytes above which questions and gossip are turned away. A quarter of what a service of this kind
/// is given (`MemoryHigh=256M`).
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Inputs above which something is wrong: what is never shed is bounded by the connections and by
/// the questions that the core itself has asked.
const OWED_MAX: usize = 8 * 1024;

/// Other inputs for which one of gossip is taken while both wait: a home that is asked without end still hears what its
/// allies saw.
const OTHERS_PER_GOSSIP: usize = 8;

/// The core asks more than it takes answers to: a defect, and stopping is better than hanging.
#[derive(Debug)]
pub(super) struct Overrun;

/// Inputs on their way to the core: gossip, and all else, each in the order in which it happened.
#[derive(Default)]
pub(super) struct Queue {
    inputs: VecDeque<Input>,
    gossip: VecDeque<Input>,
    bytes: usize,
    /// Others that were taken since the last of gossip.
    others: usize,
}

impl Queue {
    /// Returns whether questions and gossip are still taken.
    pub(super) fn has_room(&self) -> bool {
        self.len() < INPUTS_MAX && self.bytes < BYTES_MAX
    }

    fn len(&self) -> usize {
        self.inputs.len() + self.gossip.len()
    }

    /// Returns whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an input that must be heard, or one for which there is room.
    pub(super) fn push(&mut self, input: Input) -> Result<(), Overrun> {
        match &input {
            // A tick says only what the next one says too.
            Input::Tick if self.inputs.contains(&Input::Tick) => return Ok(()),
            // Who came and went before the core heard of it was never there. So peers that come and
            // go as fast as they can fill no queue.
            Input::Disconnected(peer) => {
                let came = Input::Connected(*peer);
                if let Some(place) = self.inputs.iter().rposition(|input| *input == came) {
                    self.inputs.remove(place);
                    return Ok(());
                }
            }
            _ => {}
        }
        if self.len() >= OWED_MAX {
            return Err(Overrun);
        }
        self.bytes += frame_bytes(&input);
        match input {
            Input::Gossiped { .. } => self.gossip.push_back(input),
            _ => self.inputs.push_back(input),
        }
        Ok(())
    }

    /// Returns the input that is next.
    pub(super) fn pop(&mut self) -> Option<Input> {
        let gossip_is_due = self.inputs.is_empty() || self.others >= OTHERS_PER_GOSSIP;
        let input = match self.gossip.pop_front_if(|_| gossip_is_due) {
            Some(gossip) => {
                self.others = 0;
                gossip
            }
            None => {
                self.others += 1;
                self.inputs.pop_front()?
            }
        };
        self.bytes -= frame_bytes(&input);
        Some(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{PeerKey, ReplyTo};

    fn peer(number: u8) -> PeerKey {
        proto::keys::PublicKey([number; 32])
    }

    fn drained(mut queue: Queue) -> Vec<Input> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn what_waits_keeps_its_order_and_ticks_are_one() {
        let mut queue = Queue::default();
        let answered = Input::Answered { token: 1, frame: None };
        for input in [Input::Tick, answered.clone(), Input::Tick, Input::DiskFree(3)] {
            queue.push(input).expect("there is room");
        }
        assert_eq!(drained(queue), [Input::Tick, answered, Input::DiskFree(3)]);
    }

    #[test]
    fn a_peer_that_comes_and_goes_leaves_at_most_its_leaving() {
        let mut queue = Queue::default();
        queue.push(Input::Connected(peer(1))).expect("there is room");
        for _ in 0..OWED_MAX + 10 {
            queue.push(Input::Connected(peer(2))).expect("there is room");
            queue.push(Input::Disconnected(peer(2))).expect("there is room");
        }
        assert_eq!(drained(queue), [Input::Connected(peer(1))]);
        // One that the core has heard of is reported as gone, and as back.
        let mut queue = Queue::default();
        let back = [Input::Disconnected(peer(3)), Input::Connected(peer(3))];
        for input in back.clone() {
            queue.push(input).expect("there is room");
        }
        assert_eq!(drained(queue), back);
    }

    #[test]
    fn room_ends_by_count_and_by_bytes_and_comes_back() {
        let ask = |bytes| Input::Called { frame: vec![0; bytes], reply_to: ReplyTo(0) };
        for (bytes, count) in [(0, INPUTS_MAX), (1024 * 1024, 64)] {
            let mut queue = Queue::default();
            for _ in 0..count {
                assert!(queue.has_room(), "{bytes}");
                queue.push(ask(bytes)).expect("there is room");
            }
            assert!(!queue.has_room(), "{bytes}");
            queue.push(Input::Answered { token: 0, frame: None }).expect("it must be heard");
            queue.pop();
            queue.pop();
            assert!(queue.has_room(), "{bytes}");
        }
    }

    /// Whoever pays does not wait behind what allies announce, and what they announce is heard however many pay.
    #[test]
    fn gossip_waits_behind_all_else_but_not_for_ever() {
        let gossip = || Input::Gossiped {
            peer: peer(1),
            id: crate::core::MessageId([0; 32]),
            frame: vec![0],
        };
        let call = || Input::Called { frame: vec![0], reply_to: ReplyTo(0) };
        let mut queue = Queue::default();
        for _ in 0..100 {
            queue.push(gossip()).expect("there is room");
        }
        queue.push(call()).expect("there is room");
        assert_eq!(queue.pop(), Some(call()));
        assert_eq!(queue.pop(), Some(gossip()));
        for _ in 0..90 {
            queue.push(call()).expect("there is room");
        }
        let first: Vec<_> = std::iter::from_fn(|| queue.pop()).take(90).collect();
        assert_eq!(first.iter().filter(|input| **input == gossip()).count(), 10);
        assert_eq!(drained(queue).len(), 100 - 1 - 10 + 10);
    }

    #[test]
    fn a_core_that_asks_without_end_is_stopped() {
        let mut queue = Queue::default();
        let heard = (0..)
            .take_while(|token| queue.push(Input::Answered { token: *token, frame: None }).is_ok());
        assert_eq!(heard.count(), OWED_MAX);
    }
}
