//! The trace of a run: a digest over everything that any node was handed and everything that it did. Two runs of
//! one seed must have the same; whatever differs between them is chance that came in by a back door.

use node::core::{Input, Output};
use proto::{
    hash::{Hash, Use, digest},
    time::UnixMillis,
};

/// Bytes that are hashed at a time: many short hashes were a tenth of a run.
const PAGE_BYTES: usize = 64 * 1_024;

/// A digest that everything goes into, in order.
#[derive(Debug)]
pub(super) struct Trace {
    digest: Hash,
    page: Vec<u8>,
    /// Whether what befalls machines is printed, too.
    told: bool,
}

impl Trace {
    pub(super) const fn new(told: bool) -> Self {
        Self { digest: Hash::ZERO, page: Vec::new(), told }
    }

    fn part(&mut self, tag: u8, number: u64, bytes: &[u8]) {
        self.page.push(tag);
        self.page.extend_from_slice(&number.to_le_bytes());
        self.page.extend_from_slice(&bytes.len().to_le_bytes());
        self.page.extend_from_slice(bytes);
    }

    /// Takes a full page into the digest.
    fn turn(&mut self) {
        if self.page.len() >= PAGE_BYTES {
            self.take_in();
        }
    }

    fn take_in(&mut self) {
        self.digest = digest(Use::Chance, &[&self.digest.0, &self.page]);
        self.page.clear();
    }

    /// Notes what a node is about to be handed.
    pub(super) fn handed(&mut self, now: UnixMillis, place: usize, inputs: &[Input]) {
        self.part(0, now.0, &place.to_le_bytes());
        for input in inputs {
            match input {
                Input::Tick => self.part(1, 0, &[]),
                Input::Listening(at) => self.part(2, 0, at.as_bytes()),
                Input::Connected(peer) => self.part(3, 0, &peer.0),
                Input::Disconnected(peer) => self.part(4, 0, &peer.0),
                Input::Asked { frame, reply_to, .. } => self.part(5, reply_to.0, frame),
                Input::Answered { token, frame: Some(frame) } => self.part(6, *token, frame),
                Input::Answered { token, frame: None } => self.part(7, *token, &[]),
                Input::Gossiped { frame, .. } => self.part(8, 0, frame),
                Input::Called { frame, reply_to } => self.part(9, reply_to.0, frame),
                Input::DiskFree(free) => self.part(10, *free, &[]),
                Input::Measured { syncs, .. } => self.part(12, syncs.count, &[]),
                Input::Used(used) => used.iter().for_each(|by| self.part(11, 0, &by.peer.0)),
            }
        }
        self.turn();
    }

    /// Notes what a node did.
    pub(super) fn did(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Ask { frame, token, .. } => self.part(20, *token, frame),
                Output::Answer { reply_to, frame } => self.part(21, reply_to.0, frame),
                Output::Reply { reply_to, frame } => self.part(22, reply_to.0, frame),
                Output::Publish(frame) => self.part(23, 0, frame),
                Output::Judge { id, verdict, .. } => {
                    self.part(24, u64::from(*verdict == node::core::Verdict::Accept), &id.0);
                }
                Output::Keep(peers) => {
                    peers.iter().for_each(|(peer, _)| self.part(25, 0, &peer.0));
                }
                Output::Dial(to) => to.iter().for_each(|at| self.part(26, 0, at.as_bytes())),
                Output::Stop => self.part(27, 0, &[]),
                Output::WasWrong(peer) => self.part(28, 0, &peer.0),
                Output::Block(list) => {
                    list.iter().for_each(|one| self.part(29, 0, one.to_string().as_bytes()));
                }
            }
        }
        self.turn();
    }

    /// Notes something else that happened at a place.
    #[allow(
        clippy::print_stderr,
        reason = "whoever plays one run again wants to read what befell it"
    )]
    pub(super) fn happened(&mut self, now: UnixMillis, place: usize, what: &str) {
        if self.told {
            eprintln!("{} node {place}: {what}", now.0);
        }
        self.part(40, 0, what.as_bytes());
        self.turn();
    }

    /// Returns the digest of all so far.
    pub(super) fn digest(&mut self) -> Hash {
        self.take_in();
        self.digest
    }
}
