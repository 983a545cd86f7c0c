//! How the shell stops: nothing new is taken, what was begun is finished, and then it hangs up.
//! How long that may take is its caller's.

use std::time::Duration;

use super::{Ended, Shell};
use crate::run::{RunError, ways::Moved};

/// Clients have this long to take their last replies, which are in the socket's buffer by then.
const LAST_REPLIES: Duration = Duration::from_millis(100);

impl Shell {
    /// Takes nothing new, lets the core finish what it has and close, and then hangs up.
    pub(super) async fn stop(mut self) -> Result<(), RunError> {
        // Closing the channel ends the server, which removes its socket.
        self.calls.close();
        while let Ok(call) = self.calls.try_recv() {
            self.stopping(|shell| shell.on_call(call))?;
        }
        // The core first. The network is listened to meanwhile, so that it takes commands; but nothing
        // of what it says is done any more.
        loop {
            if self.ways.to_core.is_empty() {
                // The writer ends when nobody can send to it any more.
                self.ways.writer.inputs = None;
            }
            match self.ways.moved().await {
                Moved::Outputs(Some(outputs)) => self.stopping(|shell| shell.act(outputs))?,
                Moved::Outputs(None) => break,
                Moved::Event(None) => return Err(RunError::NetworkEnded),
                _ => {}
            }
        }
        let asked_to = self.ways.writer.inputs.is_none();
        match self.writer_ended() {
            RunError::WriterEnded if asked_to => {}
            error => return Err(error),
        }
        self.ways.hang_up().await;
        tokio::time::sleep(LAST_REPLIES).await;
        // The server was told first; it is long done, and never panics on the way out.
        let _ = self.server.await;
        Ok(())
    }

    /// Does a step of stopping, in which a further wish to stop is no news.
    fn stopping(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), Ended>,
    ) -> Result<(), RunError> {
        match step(self) {
            Err(Ended::Failed(error)) => Err(error),
            Ok(()) | Err(Ended::Wanted) => Ok(()),
        }
    }
}
