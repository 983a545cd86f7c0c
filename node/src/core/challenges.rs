//! Challenges that members answer to prove who asks. Giving one out costs the node no memory, so that
//! nobody can use them up: only those that a member has answered are remembered, until they lapse.

use std::collections::BTreeSet;

use proto::{
    hash::{Hash, Use, digest},
    time::UnixMillis,
};

/// How long a challenge can be answered, in milliseconds.
const OPEN_FOR_MS: u64 = 60_000;

/// Most answered challenges that are remembered, some 4 MB: a thousand private queries in each of the
/// 60 seconds that a challenge lives. Beyond it the oldest is forgotten, and with it all challenges that
/// were given out before it lapse: whoever floods the node with genuine queries shortens the time that
/// there is to answer, and nothing is ever answered twice.
const ANSWERED_MAX: usize = 65_536;

/// A challenge: milliseconds and a counter, both big-endian, so that the order of the bytes is the order
/// in which they were given out; then half a digest under the node's key.
type Challenge = [u8; 32];

/// What is known about challenges: the key that they are recognised by, and those that were answered.
///
/// They are not kept while they are open. Kept for all, or for each node that asks, they would be used
/// up by whoever asks and never answers, and a node that passes on calls would answer for the greed of
/// those behind it. Single use protects from a node that passes calls on: it sees a member's signed
/// query, and must not have an invitation made again and again.
#[derive(Debug)]
pub(crate) struct Challenges {
    key: [u8; 32],
    given: u64,
    /// The latest time seen: a clock that is set back opens nothing again.
    time: UnixMillis,
    answered: BTreeSet<Challenge>,
    /// Up to this one all have lapsed.
    lapsed: Challenge,
}

impl Challenges {
    /// Returns challenges under an unguessable key; those under another are unknown to them.
    pub(crate) const fn new(key: [u8; 32]) -> Self {
        Self { key, given: 0, time: UnixMillis(0), answered: BTreeSet::new(), lapsed: [0; 32] }
    }

    /// Returns a challenge that was never given out before.
    pub(crate) fn give(&mut self, now: UnixMillis) -> Challenge {
        self.look(now);
        self.given = self.given.wrapping_add(1);
        let mut head = [0; 16];
        let (time, number) = head.split_at_mut(8);
        time.copy_from_slice(&self.time.0.to_be_bytes());
        number.copy_from_slice(&self.given.to_be_bytes());
        self.whole(head)
    }

    /// Returns whether a challenge was given out here, less than 60 s ago, and is not answered yet.
    pub(crate) fn is_open(&mut self, now: UnixMillis, challenge: &Challenge) -> bool {
        self.look(now);
        let Some(head) = challenge.first_chunk() else { return false };
        // A digest of both is compared, so that how long it takes says nothing about where they differ.
        let blind =
            |challenge: &Challenge| -> Hash { digest(Use::Chance, &[&self.key, challenge]) };
        blind(challenge) == blind(&self.whole(*head))
            && self.time.since(given_at(challenge)) < OPEN_FOR_MS
            && *challenge > self.lapsed
            && !self.answered.contains(challenge)
    }

    /// Remembers that an open challenge was answered.
    pub(crate) fn answer(&mut self, challenge: Challenge) {
        self.answered.insert(challenge);
        while self.answered.len() > ANSWERED_MAX
            && let Some(oldest) = self.answered.pop_first()
        {
            self.lapsed = oldest;
        }
    }

    /// Forgets what has lapsed by itself.
    pub(crate) fn look(&mut self, now: UnixMillis) {
        self.time = self.time.max(now);
        while let Some(oldest) = self.answered.first()
            && self.time.since(given_at(oldest)) >= OPEN_FOR_MS
        {
            self.answered.pop_first();
        }
    }

    /// Returns the challenge that begins with `head`.
    fn whole(&self, head: [u8; 16]) -> Challenge {
        let mut whole = digest(Use::Chance, &[&self.key, &head]).0;
        if let Some(first) = whole.first_chunk_mut() {
            *first = head;
        }
        whole
    }
}

fn given_at(challenge: &Challenge) -> UnixMillis {
    UnixMillis(challenge.first_chunk().copied().map_or(0, u64::from_be_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    #[test]
    fn a_challenge_is_answered_once() {
        let mut challenges = Challenges::new([1; 32]);
        let given = [challenges.give(NOW), challenges.give(NOW)];
        assert!(given.iter().all(|one| challenges.is_open(NOW, one)));
        challenges.answer(given[0]);
        assert!(!challenges.is_open(NOW, &given[0]), "answered");
        assert!(challenges.is_open(NOW, &given[1]), "another one");
    }

    #[test]
    fn a_challenge_lapses_and_a_clock_that_is_set_back_does_not_open_it_again() {
        let mut challenges = Challenges::new([1; 32]);
        let (used, unused) = (challenges.give(NOW), challenges.give(NOW));
        challenges.answer(used);
        assert!(challenges.is_open(NOW.plus(OPEN_FOR_MS - 1), &unused));
        assert!(!challenges.is_open(NOW.plus(OPEN_FOR_MS), &unused));
        assert!(challenges.answered.is_empty(), "what has lapsed is kept");
        for challenge in [used, unused] {
            assert!(!challenges.is_open(NOW, &challenge), "open again");
        }
        // And those given out on the set back clock are good.
        let late = challenges.give(NOW);
        assert!(challenges.is_open(NOW, &late));
    }

    #[test]
    fn what_was_not_given_out_here_is_not_open() {
        let (mut ours, mut others) = (Challenges::new([1; 32]), Challenges::new([2; 32]));
        let challenge = ours.give(NOW);
        assert!(!others.is_open(NOW, &challenge), "another node's");
        for bit in 0..256_usize {
            let mut forged = challenge;
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(!ours.is_open(NOW, &forged), "bit {bit} may be flipped");
        }
        assert!(ours.is_open(NOW, &challenge));
    }

    /// Invariant N2.
    #[test]
    fn answered_challenges_are_bounded_and_those_forgotten_stay_closed() {
        let mut challenges = Challenges::new([1; 32]);
        let mut given = Vec::new();
        let (early, answered) = (challenges.give(NOW), ANSWERED_MAX + 10);
        for _ in 0..answered {
            let challenge = challenges.give(NOW);
            assert!(challenges.is_open(NOW, &challenge));
            challenges.answer(challenge);
            given.push(challenge);
        }
        assert_eq!(challenges.answered.len(), ANSWERED_MAX);
        assert!(given.iter().all(|one| !challenges.is_open(NOW, one)), "answered twice");
        assert!(!challenges.is_open(NOW, &early), "it was given out before one that is forgotten");
        let next = challenges.give(NOW);
        assert!(challenges.is_open(NOW, &next));
    }
}
