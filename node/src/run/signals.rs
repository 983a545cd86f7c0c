//! What the operator's system says to the process: stop, and stop now. It stops nothing itself.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

/// A further signal counts as a second one only after this time: a terminal and the program in front
/// of the node often send the same wish twice at once.
const SAME_WISH: Duration = Duration::from_secs(1);

/// The signals that end a node.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    last: Option<Instant>,
}

impl Signals {
    /// Returns the process's signals; from now on they no longer end it by themselves. A file that
    /// grows over the process's limit is a failed write from now on, not the end. Errors: the system.
    pub(super) fn listen() -> io::Result<Self> {
        // Registered once, it stays caught for the life of the process; nobody needs to hear of it.
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            last: None,
        })
    }

    /// Returns the number of the next signal to stop that is a wish of its own.
    pub(super) async fn next(&mut self) -> i32 {
        loop {
            let kind = tokio::select! {
                _ = self.terminate.recv() => SignalKind::terminate(),
                _ = self.interrupt.recv() => SignalKind::interrupt(),
                _ = self.hang_up.recv() => SignalKind::hangup(),
            };
            let now = Instant::now();
            if self.last.is_none_or(|last| now.duration_since(last) >= SAME_WISH) {
                self.last = Some(now);
                return kind.as_raw_value();
            }
        }
    }
}
