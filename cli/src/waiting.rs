//! Waiting for somebody else: a node, or another command that has the wallet. Whoever waits more than two
//! seconds is told for what, and `--timeout` is the time of the whole command, not of each wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{language::Text, output::Printer, progress::Progress};

/// How long each node, or a wallet, is waited for when `--timeout` says nothing.
const USUAL: Duration = Duration::from_secs(30);

/// How long this run still waits; every copy counts the same time.
#[derive(Clone, Debug)]
pub struct Patience {
    printer: Printer,
    begun: Instant,
    /// What `--timeout` allows from `begun` on.
    allowed: Option<Duration>,
    /// Milliseconds in which a person was asked: they are not the command's.
    answering: Arc<AtomicU64>,
}

impl Patience {
    /// Returns the patience of a command that begins now, with what `--timeout` says.
    pub fn new(printer: Printer, allowed: Option<Duration>) -> Self {
        Self { printer, begun: Instant::now(), allowed, answering: Arc::default() }
    }

    /// Returns how long a wait that begins now may last; zero when the time of the command is over.
    pub fn left(&self) -> Duration {
        let Some(allowed) = self.allowed else { return USUAL };
        let answering = Duration::from_millis(self.answering.load(Ordering::Relaxed));
        allowed.saturating_add(answering).saturating_sub(self.begun.elapsed())
    }

    /// Returns the patience for one of so many that are asked in turn, so that a silent one leaves time for
    /// the next.
    #[must_use]
    pub fn part(&self, of: usize) -> Self {
        let of = u32::try_from(of).unwrap_or(u32::MAX).max(1);
        let allowed = self.allowed.map(|_| self.left() / of);
        Self::new(self.printer, allowed)
    }

    /// Says after two seconds that `what` is waited for (without a full stop), until what it returns is dropped.
    #[must_use]
    pub fn wait(&self, what: Text) -> Progress {
        Progress::start(self.printer, what)
    }

    /// Returns the answer of a person, whose time is not counted.
    pub fn ask<T>(&self, ask: impl FnOnce() -> T) -> T {
        let asked = Instant::now();
        let answer = ask();
        let took = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.answering.fetch_add(took, Ordering::Relaxed);
        answer
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{thread::sleep, time::Duration};

    use super::{Patience, USUAL};
    use crate::{
        language::Lang,
        output::{Colour, Printer},
    };

    pub(crate) fn patience(allowed: Option<Duration>) -> Patience {
        let printer = Printer::new(Lang::En, false, false, true, Colour::Never, |_| None);
        Patience::new(printer, allowed)
    }

    #[test]
    fn one_time_for_all_waits_in_which_people_do_not_count() {
        let pause = Duration::from_millis(30);
        let all = patience(Some(Duration::from_secs(3)));
        all.ask(|| sleep(pause));
        let copy = all.clone();
        sleep(pause);
        let left = copy.left();
        assert!(left <= Duration::from_secs(3).saturating_sub(pause), "{left:?}");
        assert!(left > Duration::from_secs(2), "{left:?}");
        assert!(copy.part(3).left() <= left / 3);
        assert_eq!(patience(Some(Duration::ZERO)).left(), Duration::ZERO);
        let asked = patience(Some(pause));
        asked.ask(|| sleep(pause * 3));
        assert!(asked.left() > Duration::ZERO, "the person took that long, not the command");
        assert_eq!((patience(None).left(), patience(None).part(9).left()), (USUAL, USUAL));
    }
}
