//! The writer thread: the only one that touches the log. It takes what has gathered, lets the core
//! commit it as one group, and hands out what came of it. It never waits for company.

use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use ledger::disk::Lock;
use proto::time::UnixMillis;
use tokio::sync::mpsc;

use crate::core::{Core, Input, Output};

/// Inputs in one batch at most: as many as there can be entries in a chunk.
pub(super) const BATCH_INPUTS_MAX: usize = 256;

/// Bytes after which a batch takes no further input: what one commit of the log holds (`protocol`
/// "Checkpoint"). A batch is at most one frame longer.
pub(super) const BATCH_BYTES_MAX: usize = 256 * 1024;

/// Batches of outputs that the shell has not fetched yet.
const OUTPUTS_MAX: usize = 4;

/// A state machine that this thread can drive: the core, and in tests machines that fail.
pub(super) trait Machine: Send + 'static {
    /// Takes what happened until `now` and returns what to do.
    fn handle(&mut self, now: UnixMillis, inputs: Vec<Input>) -> Vec<Output>;
    /// Ends cleanly.
    fn close(&mut self);
}

impl Machine for Core {
    fn handle(&mut self, now: UnixMillis, inputs: Vec<Input>) -> Vec<Output> {
        Self::handle(self, now, inputs)
    }

    fn close(&mut self) {
        Self::close(self);
    }
}

/// The running thread. It ends, after a clean close, when `inputs` is dropped.
pub(super) struct Writer {
    /// `None` when there will be no more.
    pub(super) inputs: Option<mpsc::Sender<Input>>,
    /// Closed when the thread has ended, for whatever reason.
    pub(super) outputs: mpsc::Receiver<Vec<Output>>,
    thread: Option<JoinHandle<()>>,
}

/// The writer thread panicked: nothing is known about what it was doing, so the process must end.
#[derive(Debug)]
pub(super) struct Panicked;

impl Writer {
    /// Starts the thread. It holds `lock` until it has ended, so that no other process opens the log
    /// while this one might still write.
    pub(super) fn start(mut machine: impl Machine, lock: Lock) -> std::io::Result<Self> {
        let (inputs, inputs_in) = mpsc::channel(BATCH_INPUTS_MAX);
        let (outputs_out, outputs) = mpsc::channel(OUTPUTS_MAX);
        let thread = thread::Builder::new().name("writer".into()).spawn(move || {
            let _held_to_the_end = lock;
            work(&mut machine, inputs_in, &outputs_out);
        })?;
        Ok(Self { inputs: Some(inputs), outputs, thread: Some(thread) })
    }

    /// Returns how the thread ended. To be called when `outputs` is closed: then it is over, or
    /// about to be.
    pub(super) fn outcome(&mut self) -> Result<(), Panicked> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(Panicked),
            _ => Ok(()),
        }
    }
}

fn work(
    machine: &mut impl Machine,
    mut inputs: mpsc::Receiver<Input>,
    outputs: &mpsc::Sender<Vec<Output>>,
) {
    while let Some(first) = inputs.blocking_recv() {
        let batch = gather(first, &mut inputs);
        let produced = machine.handle(now(), batch);
        if !produced.is_empty() && outputs.blocking_send(produced).is_err() {
            // Nobody is left to tell: the shell is gone.
            break;
        }
    }
    machine.close();
}

/// Returns the first input with all that wait already, up to the bounds of a batch.
fn gather(first: Input, inputs: &mut mpsc::Receiver<Input>) -> Vec<Input> {
    let mut bytes = frame_bytes(&first);
    let mut batch = vec![first];
    while batch.len() < BATCH_INPUTS_MAX && bytes < BATCH_BYTES_MAX {
        let Ok(next) = inputs.try_recv() else { break };
        bytes += frame_bytes(&next);
        batch.push(next);
    }
    batch
}

/// Returns the length of the frame in an input; 0 for those without.
pub(super) fn frame_bytes(input: &Input) -> usize {
    match input {
        Input::Asked { frame, .. }
        | Input::Gossiped { frame, .. }
        | Input::Called { frame, .. }
        | Input::Answered { frame: Some(frame), .. } => frame.len(),
        _ => 0,
    }
}

/// Returns the time of this machine's clock; 1970 for clocks before.
pub(super) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ReplyTo;

    fn called(bytes: usize) -> Input {
        Input::Called { frame: vec![0; bytes], reply_to: ReplyTo(0) }
    }

    #[test]
    fn a_batch_takes_what_waits_and_no_more_than_fits() {
        for (waiting, bytes, taken) in [(0, 10, 1), (3, 10, 4), (400, 10, 256), (9, 100_000, 3)] {
            let (sender, mut receiver) = mpsc::channel(512);
            for _ in 0..waiting {
                sender.try_send(called(bytes)).expect("the channel is long enough");
            }
            assert_eq!(gather(called(bytes), &mut receiver).len(), taken, "{waiting} of {bytes}");
        }
    }
}
