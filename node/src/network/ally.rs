//! One configured ally: where to call it, and when to call again after a failure.
//! It opens no connection and reads no clock: the time and chance come in as arguments.

use std::time::{Duration, Instant};

use libp2p::swarm::ConnectionId;

use super::address::Address;

/// How fast the shell acts. Tests are in more of a hurry than a network is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// First pause before calling again.
    pub(super) redial_first: Duration,
    /// Longest pause.
    pub(super) redial_last: Duration,
    /// A connection without streams is closed after this time.
    pub(super) idle: Duration,
    /// A connection must be agreed on within this time.
    pub(super) handshake: Duration,
    /// A stranger who was silent for this long may have to give way.
    pub(super) quiet: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            redial_first: Duration::from_secs(1),
            redial_last: Duration::from_secs(60),
            idle: super::limits::IDLE,
            handshake: super::limits::HANDSHAKE,
            quiet: super::limits::QUIET,
        }
    }
}

impl Pace {
    /// Returns the pause after `failures` failures in a row: doubled each time up to the last, then
    /// shortened by up to a half, so that cités that went down together do not call together.
    /// `chance` is uniform over all its values.
    pub(super) fn pause(&self, failures: u32, chance: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        let whole = self.redial_first.saturating_mul(doubled).min(self.redial_last);
        let half = whole / 2;
        half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// An ally that the shell keeps connected.
pub(super) struct Ally {
    pub(super) addresses: Vec<Address>,
    state: State,
    /// Failures in a row, also of connections that did not last.
    failures: u32,
}

enum State {
    /// To be called at this time.
    Waiting(Instant),
    /// Being called.
    Calling(ConnectionId),
    /// Connected since this time.
    Connected(Instant),
}

impl Ally {
    /// Returns an ally that is to be called at once, or that is `connected` already.
    pub(super) fn new(addresses: Vec<Address>, connected: bool, now: Instant) -> Self {
        let state = if connected { State::Connected(now) } else { State::Waiting(now) };
        Self { addresses, state, failures: 0 }
    }

    /// Replaces the addresses; the state and the pause stay, so that a busy configuration does not
    /// hammer the ally.
    pub(super) fn moved_to(self, addresses: Vec<Address>) -> Self {
        Self { addresses, ..self }
    }

    /// Returns when to call, if it is neither connected nor being called.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.state {
            // Without an address the only way is that it calls.
            State::Waiting(at) if !self.addresses.is_empty() => Some(at),
            _ => None,
        }
    }

    /// Remembers that connection `id` is being opened.
    pub(super) fn calling(&mut self, id: ConnectionId) {
        self.state = State::Calling(id);
    }

    /// Returns whether `id` is the call under way.
    pub(super) fn is_calling(&self, id: ConnectionId) -> bool {
        matches!(self.state, State::Calling(calling) if calling == id)
    }

    /// The ally is connected, whoever called.
    pub(super) fn connected(&mut self, now: Instant) {
        if !matches!(self.state, State::Connected(_)) {
            self.state = State::Connected(now);
        }
    }

    /// The call failed or the last connection closed. A connection counts as success only when it
    /// lasted for the longest pause; else a peer that hangs up at once would be called every second.
    pub(super) fn lost(&mut self, pace: &Pace, chance: u32, now: Instant) {
        if let State::Connected(since) = self.state
            && now.saturating_duration_since(since) >= pace.redial_last
        {
            self.failures = 0;
        }
        self.state = State::Waiting(now + pace.pause(self.failures, chance));
        self.failures = self.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_double_up_to_a_minute_and_vary_by_half() {
        let pace = Pace::default();
        for (failures, whole) in [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (31, 60), (4_000, 60)] {
            let whole = SECOND * whole;
            assert_eq!(pace.pause(failures, 0), whole / 2, "after {failures}");
            assert_eq!(pace.pause(failures, u32::MAX), whole, "after {failures}");
        }
    }

    #[test]
    fn a_lasting_connection_forgives_and_a_short_one_does_not() {
        let pace = Pace::default();
        let start = Instant::now();
        let address = "127.0.0.1:1".parse().expect("an address");
        let mut ally = Ally::new(vec![address], false, start);
        assert_eq!(ally.due(), Some(start));
        let id = ConnectionId::new_unchecked(7);
        ally.calling(id);
        assert!(ally.is_calling(id) && ally.due().is_none());
        ally.lost(&pace, u32::MAX, start);
        assert_eq!(ally.due(), Some(start + SECOND));
        ally.connected(start);
        ally.lost(&pace, u32::MAX, start + SECOND);
        assert_eq!(ally.due(), Some(start + SECOND * 3), "a second's connection is a failure");
        ally.connected(start);
        ally.lost(&pace, u32::MAX, start + SECOND * 60);
        assert_eq!(ally.due(), Some(start + SECOND * 61), "a minute's connection is none");
    }

    #[test]
    fn an_ally_without_address_is_never_called() {
        assert_eq!(Ally::new(Vec::new(), false, Instant::now()).due(), None);
    }
}
