//! Who waits for which answer: the core names its answers by number, the network and the socket by
//! their own handles. It never keeps a handle longer than somebody waits for it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::core::ReplyTo;
use crate::{network, socket};

/// Answers that may be owed at a time: two to each of 160 connected peers (all of the network's
/// limits together), one to each client.
pub(super) const REPLIES_MAX: usize = 2 * 160 + socket::CONNECTIONS_MAX;

/// A peer's request lapses after 10 s in the network shell; nobody waits for it after this.
const PEER_WAITS: Duration = Duration::from_secs(15);

/// Where an answer goes.
pub(super) enum Asker {
    /// A peer.
    Peer(network::ReplyTo),
    /// A client at the socket.
    Client(oneshot::Sender<Vec<u8>>),
}

struct Owed {
    asker: Asker,
    since: Instant,
}

/// The answers that are owed.
#[derive(Default)]
pub(super) struct Replies {
    next: u64,
    owed: BTreeMap<u64, Owed>,
}

impl Replies {
    /// Returns the number under which the core answers; gives the asker back when too many wait.
    pub(super) fn owe(&mut self, asker: Asker, now: Instant) -> Result<ReplyTo, Asker> {
        if self.owed.len() >= REPLIES_MAX {
            self.forget_lapsed(now);
        }
        if self.owed.len() >= REPLIES_MAX {
            return Err(asker);
        }
        let number = self.next;
        self.next += 1;
        self.owed.insert(number, Owed { asker, since: now });
        Ok(ReplyTo(number))
    }

    /// Returns to whom the answer goes, if somebody still waits for it.
    pub(super) fn settle(&mut self, ReplyTo(number): ReplyTo) -> Option<Asker> {
        self.owed.remove(&number).map(|owed| owed.asker)
    }

    /// Forgets those who no longer wait.
    pub(super) fn forget_lapsed(&mut self, now: Instant) {
        self.owed.retain(|_, owed| match &owed.asker {
            Asker::Peer(_) => now.saturating_duration_since(owed.since) < PEER_WAITS,
            Asker::Client(reply) => !reply.is_closed(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_to_whoever_asked_and_only_once() {
        let (mut replies, now) = (Replies::default(), Instant::now());
        let (first, mut first_waits) = oneshot::channel();
        let (second, mut second_waits) = oneshot::channel();
        let first = replies.owe(Asker::Client(first), now).ok().expect("there is room");
        let second = replies.owe(Asker::Client(second), now).ok().expect("there is room");
        for (number, says) in [(second, 2), (first, 1)] {
            let Some(Asker::Client(reply)) = replies.settle(number) else {
                panic!("{number:?} is owed")
            };
            reply.send(vec![says]).expect("somebody waits");
            assert!(replies.settle(number).is_none(), "it was settled");
        }
        assert_eq!(first_waits.try_recv(), Ok(vec![1]));
        assert_eq!(second_waits.try_recv(), Ok(vec![2]));
    }

    #[test]
    fn a_full_table_forgets_who_left_before_it_turns_anybody_away() {
        let (mut replies, now) = (Replies::default(), Instant::now());
        let mut waiting = Vec::new();
        for _ in 0..REPLIES_MAX {
            let (reply, waits) = oneshot::channel();
            assert!(replies.owe(Asker::Client(reply), now).is_ok());
            waiting.push(waits);
        }
        let (reply, _waits) = oneshot::channel();
        let Err(asker) = replies.owe(Asker::Client(reply), now) else { panic!("it was full") };
        waiting.pop();
        assert!(replies.owe(asker, now).is_ok(), "one left, so there is room for one");
    }
}
