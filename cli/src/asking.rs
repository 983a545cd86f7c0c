//! Asking a node over a connection. Asks again only while a node says that it is busy, or opens its ledger still; every
//! other no is said at once.

use std::{
    thread,
    time::{Duration, Instant},
};

use node::client::{Client, ClientError};
use proto::desk::{Frame, Reply, Unavailable};

use crate::{
    error::Failure,
    refusals,
    reply::{no_reply, unavailable},
    text,
    waiting::Patience,
};

/// First pause before a busy node is asked again; doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(100);
/// Longest pause before a busy node is asked again.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Returns the reply of the node at `place`, which is no refusal. "Not now" for any reason but the two above is a reply.
///
/// # Errors
/// The numbered refusal, or why there is no reply.
pub(crate) fn ask(
    client: &mut Client,
    frame: &Frame,
    patience: &Patience,
    place: &str,
) -> Result<Reply, Failure> {
    let _wait = patience.wait(text!("waiting-node", place = place));
    let until = Instant::now() + patience.left();
    let mut pause = PAUSE;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let busy = match client.call_within(frame, left) {
            Ok(Reply::Unavailable(why @ (Unavailable::Busy | Unavailable::Waking))) => {
                unavailable(why)
            }
            Err(ClientError::Busy) => unavailable(Unavailable::Busy),
            Ok(Reply::Refused(refused)) => return Err(refusals::failure(&refused)),
            Ok(reply) => return Ok(reply),
            Err(error) => return Err(no_reply(&error, place)),
        };
        if Instant::now() + pause > until {
            return Err(busy);
        }
        thread::sleep(pause);
        pause = PAUSE_MAX.min(pause * 2);
    }
}
