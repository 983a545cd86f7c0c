//! Calls on their way to another home: how many of them one node is asked at a time, and whose turn it
//! is. It neither reads a call nor sends one.

use std::collections::{BTreeMap, VecDeque};

use proto::{time::UnixMillis, wire::Passed};

use super::{Origin, PeerKey};

/// Calls of others that one node is asked at a time: as many as it works on. The shell has eight more
/// places for it, and strangers never reach those: they are for this node's own pushes and deliveries.
const OTHERS_AT_ONCE: usize = 2;

/// Calls from the machine's own socket that one node is asked at a time, beside those of others. Four
/// places are left: a push, a delivery, a hello and one letter.
const OWN_AT_ONCE: usize = 4;

/// Calls that wait for their turn with one node, for each of both sorts: one for each place among
/// connections or clients. 16 KiB each at most, so 4 MiB.
const WAITING_MAX: usize = 256;

/// Callers are gone after this time, in milliseconds: the shell's deadline for answers.
const WAITS_MS: u64 = 10_000;

/// A call of somebody that is to be passed on.
#[derive(Debug)]
pub(crate) struct Call {
    /// Where the reply goes.
    pub(crate) origin: Origin,
    /// Who called; `None` for the machine's own socket.
    pub(crate) caller: Option<PeerKey>,
    /// The call.
    pub(crate) passed: Passed,
    /// How often it may still be passed on after this.
    pub(crate) hops: u8,
}

/// What to do with a call.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Ask now.
    Now(Call),
    /// It waits.
    Later,
    /// Too many wait.
    Full(Origin),
}

/// Calls of one sort with one node.
#[derive(Debug, Default)]
struct Line {
    under_way: usize,
    waiting: VecDeque<(UnixMillis, Call)>,
}

/// All calls on their way, by the node that is asked and whether the machine's own socket asks.
#[derive(Debug, Default)]
pub(crate) struct Passing {
    lines: BTreeMap<(PeerKey, bool), Line>,
}

const fn at_once(own: bool) -> usize {
    if own { OWN_AT_ONCE } else { OTHERS_AT_ONCE }
}

impl Passing {
    /// Takes a call for `way`; what is returned as [`Turn::Now`] counts as under way. Each caller has one
    /// call in the line, so that whoever asks the most waits the longest.
    pub(crate) fn begin(&mut self, now: UnixMillis, way: PeerKey, call: Call) -> Turn {
        let own = call.caller.is_none();
        let line = self.lines.entry((way, own)).or_default();
        if line.under_way < at_once(own) && line.waiting.is_empty() {
            line.under_way = line.under_way.saturating_add(1);
            return Turn::Now(call);
        }
        let waits = |(_, other): &(UnixMillis, Call)| !own && other.caller == call.caller;
        if line.waiting.len() >= WAITING_MAX || line.waiting.iter().any(waits) {
            return Turn::Full(call.origin);
        }
        line.waiting.push_back((now, call));
        Turn::Later
    }

    /// A call to `way` is over. Returns whose turn it is, now under way, and who waited for too long.
    pub(crate) fn end(
        &mut self,
        now: UnixMillis,
        way: PeerKey,
        own: bool,
    ) -> (Option<Call>, Vec<Origin>) {
        let mut in_vain = Vec::new();
        let Some(line) = self.lines.get_mut(&(way, own)) else { return (None, in_vain) };
        while let Some((since, call)) = line.waiting.pop_front() {
            if now.since(since) < WAITS_MS {
                // The place of the call that is over.
                return (Some(call), in_vain);
            }
            in_vain.push(call.origin);
        }
        line.under_way = line.under_way.saturating_sub(1);
        if line.under_way == 0 {
            self.lines.remove(&(way, own));
        }
        (None, in_vain)
    }

    /// A peer is gone: nobody waits for it, and it waits for nobody. Returns who waited for it. What was
    /// under way ends by itself.
    pub(crate) fn gone(&mut self, peer: &PeerKey) -> Vec<Origin> {
        let mut in_vain = Vec::new();
        for own in [false, true] {
            if let Some(line) = self.lines.get_mut(&(*peer, own)) {
                in_vain.extend(line.waiting.drain(..).map(|(_, call)| call.origin));
            }
        }
        for line in self.lines.values_mut() {
            line.waiting.retain(|(_, call)| call.caller.as_ref() != Some(peer));
        }
        in_vain
    }
}

#[cfg(test)]
mod tests {
    use proto::{codec::Bytes, ids::CiteId, keys::PublicKey};

    use super::*;
    use crate::core::ReplyTo;

    const WAY: PeerKey = PublicKey([1; 32]);
    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn call(caller: Option<u8>, number: u64) -> Call {
        let caller = caller.map(|byte| PublicKey([byte; 32]));
        let origin = if caller.is_some() { Origin::Peer } else { Origin::Socket }(ReplyTo(number));
        let home = CiteId(proto::hash::Hash([7; 32]));
        Call { origin, caller, passed: Passed { home, call: Bytes::from(Vec::new()) }, hops: 2 }
    }

    fn begun(passing: &mut Passing, caller: Option<u8>, number: u64) -> &'static str {
        match passing.begin(NOW, WAY, call(caller, number)) {
            Turn::Now(_) => "now",
            Turn::Later => "later",
            Turn::Full(_) => "full",
        }
    }

    #[test]
    fn others_have_two_places_one_turn_each_and_leave_ours_alone() {
        let mut passing = Passing::default();
        let turns: Vec<_> = [10, 10, 10, 10, 11, 11, 12]
            .iter()
            .zip(0..)
            .map(|(caller, number)| begun(&mut passing, Some(*caller), number))
            .collect();
        assert_eq!(turns, ["now", "now", "later", "full", "later", "full", "later"]);
        let own: Vec<_> = (20..26).map(|number| begun(&mut passing, None, number)).collect();
        assert_eq!(own, ["now", "now", "now", "now", "later", "later"]);
        let origins: Vec<_> =
            (0..4).map(|_| passing.end(NOW, WAY, false).0.map(|call| call.origin)).collect();
        let peer = |number| Some(Origin::Peer(ReplyTo(number)));
        assert_eq!(origins, [peer(2), peer(4), peer(6), None]);
    }

    #[test]
    fn who_is_gone_and_who_waited_too_long_takes_no_turn() {
        let mut passing = Passing::default();
        for (caller, number) in [(10, 0), (10, 1), (10, 2), (11, 3), (12, 4)] {
            begun(&mut passing, Some(caller), number);
        }
        assert!(passing.gone(&PublicKey([10; 32])).is_empty(), "it waits for nobody else");
        let (next, in_vain) = passing.end(NOW, WAY, false);
        assert_eq!(next.map(|call| call.origin), Some(Origin::Peer(ReplyTo(3))));
        assert!(in_vain.is_empty());
        let (next, in_vain) = passing.end(NOW.plus(WAITS_MS), WAY, false);
        assert!(next.is_none());
        assert_eq!(in_vain, [Origin::Peer(ReplyTo(4))]);
        begun(&mut passing, Some(13), 5);
        begun(&mut passing, Some(14), 6);
        assert_eq!(passing.gone(&WAY), [Origin::Peer(ReplyTo(6))]);
        for _ in 0..3 {
            assert!(passing.end(NOW, WAY, false).0.is_none());
        }
        assert!(passing.lines.is_empty(), "nothing is kept about those who are gone");
    }
}
