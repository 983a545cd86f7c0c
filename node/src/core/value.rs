//! The values that the core of a node talks in: what happened, and what to do.
//! Nothing here decides.

use proto::desk::{Blocked, Ip, Syncs, Use};

use super::PeerKey;

/// Where an answer goes; made by the shell, opaque here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ReplyTo(pub u64);

/// A gossip message, by the shell's name for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageId(pub [u8; 32]);

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// Time passed. At least once a second.
    Tick,
    /// The node listens at an address, as `host:port`.
    Listening(String),
    /// A connection to a peer stands.
    Connected(PeerKey),
    /// The last connection to a peer is gone.
    Disconnected(PeerKey),
    /// A peer asks.
    Asked {
        /// Who.
        peer: PeerKey,
        /// An encoded [`proto::wire::Ask`].
        frame: Vec<u8>,
        /// Where the answer goes.
        reply_to: ReplyTo,
    },
    /// A peer answered what was asked with a token; `None`: it did not, for whatever reason.
    Answered {
        /// The token.
        token: u64,
        /// An encoded [`proto::wire::Answer`].
        frame: Option<Vec<u8>>,
    },
    /// A peer passed gossip on; wants a verdict.
    Gossiped {
        /// Who.
        peer: PeerKey,
        /// Name of the message.
        id: MessageId,
        /// An encoded [`proto::wire::Gossip`].
        frame: Vec<u8>,
    },
    /// A client calls at the machine's own socket.
    Called {
        /// An encoded [`proto::desk::Frame`].
        frame: Vec<u8>,
        /// Where the reply goes.
        reply_to: ReplyTo,
    },
    /// How many bytes are free on the disk.
    DiskFree(u64),
    /// What every peer used in the last minutes, as the shell counts it; all of them each time.
    Used(Vec<PeerUse>),
    /// What the shell measures of its machine.
    Measured {
        /// Bytes of memory that the process holds, if the system says so.
        memory: Option<u64>,
        /// Waits for the disk in the last minutes.
        syncs: Syncs,
    },
}

/// What a peer used lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeerUse {
    /// Who.
    pub peer: PeerKey,
    /// Where it is, if that is known in figures.
    pub at: Option<Ip>,
    /// How much.
    pub used: Use,
}

/// What to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Ask a peer.
    Ask {
        /// Whom.
        peer: PeerKey,
        /// An encoded [`proto::wire::Ask`].
        frame: Vec<u8>,
        /// Comes back with the answer.
        token: u64,
    },
    /// Answer a peer: an encoded [`proto::wire::Answer`].
    Answer {
        /// Which ask.
        reply_to: ReplyTo,
        /// The answer.
        frame: Vec<u8>,
    },
    /// Reply to a client: an encoded [`proto::desk::Reply`].
    Reply {
        /// Which call.
        reply_to: ReplyTo,
        /// The reply.
        frame: Vec<u8>,
    },
    /// Tell everybody who listens: an encoded [`proto::wire::Gossip`].
    Publish(Vec<u8>),
    /// Say whether gossip may be passed on.
    Judge {
        /// Who passed it here.
        peer: PeerKey,
        /// The message.
        id: MessageId,
        /// What is to become of it.
        verdict: Verdict,
    },
    /// Count that a peer said something that cannot be read. What is rejected counts by itself.
    WasWrong(PeerKey),
    /// Have nothing to do with exactly these: at the start, and the whole list each time it changes.
    Block(Vec<Blocked>),
    /// Keep connected to exactly these peers; the whole list each time it changes.
    Keep(Vec<(PeerKey, Vec<String>)>),
    /// Dial these addresses once.
    Dial(Vec<String>),
    /// Stop cleanly.
    Stop,
}

/// What is to become of a gossip message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// New and checked: pass it on.
    Accept,
    /// Provably wrong: whoever sent it should not have.
    Reject,
    /// Known, or not to be judged here.
    Ignore,
}
