//! The one task between network, socket, clock and writer: it hands on, and decides nothing.
//!
//! It never waits for one side while another has something to say. The network is always listened to,
//! so it always takes commands; so what the core wants done always leaves; so the core always works
//! on. What would pile up meanwhile is shed (see [`Queue`]): a question is answered "busy", gossip is
//! not passed on. Both come again.

mod stopping;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use proto::codec::Canonical as _;
use proto::desk::{Reply, Unavailable};
use proto::wire;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, interval_at};

use super::measures::{SyncTimes, memory_bytes};
use super::queue::Overrun;
use super::replies::{Asker, Replies};
use super::running::{Running, RunningFile};
use super::signals::Signals;
use super::ways::{Moved, Ways};
use super::{Notice, Notices, RunError};
use crate::core::{self, Input, Output};
use crate::home_dir::HomeDir;
use crate::network::{self, Command, Event};
use crate::socket;

/// How often the core is told that time passes.
const TICK: Duration = Duration::from_millis(250);

/// How often the core is told what is free on the disk, what peers use, and what else is measured.
const DISK: Duration = Duration::from_secs(10);

/// Claims of the local network that are followed in one tick: sixteen nodes that answer at once, with
/// four addresses each. A flood of them is not worth more calls.
const CLAIMS_MAX: usize = 64;

/// A clean stop takes at most this long (`reliability` F37); then the process ends as it is, which
/// loses nothing that was acknowledged.
const STOP_MAX: Duration = Duration::from_secs(5);

/// Everything that runs.
pub(super) struct Shell {
    pub(super) home: HomeDir,
    pub(super) ways: Ways,
    pub(super) calls: mpsc::Receiver<socket::Request>,
    pub(super) server: JoinHandle<()>,
    pub(super) file: RunningFile,
    pub(super) running: Running,
    /// Whether the core is told where the node listens; not when others are told something else.
    pub(super) tell_listening: bool,
    pub(super) notices: Notices,
    pub(super) replies: Replies,
    pub(super) shed: u64,
    pub(super) sync_times: SyncTimes,
    /// Addresses that somebody in the local network claims; called with the next tick.
    pub(super) claims: Vec<String>,
}

/// Why the loop ended.
enum Ended {
    /// Somebody wants the node to stop.
    Wanted,
    /// It cannot go on.
    Failed(RunError),
}

impl From<Overrun> for Ended {
    fn from(Overrun: Overrun) -> Self {
        Self::Failed(RunError::Overrun)
    }
}

impl Shell {
    /// Runs until the node is told to stop, and stops it cleanly. Errors: a part that failed, a stop
    /// that took too long, a second signal.
    pub(super) async fn run(mut self, mut signals: Signals) -> Result<(), RunError> {
        match self.serve(&mut signals).await {
            Ended::Failed(error) => Err(error),
            Ended::Wanted => {
                (self.notices)(Notice::Stopping);
                tokio::select! {
                    stopped = tokio::time::timeout(STOP_MAX, self.stop()) => {
                        stopped.unwrap_or(Err(RunError::StopTooSlow))
                    }
                    signal = signals.next() => Err(RunError::Insisted { signal }),
                }
            }
        }
    }

    async fn serve(&mut self, signals: &mut Signals) -> Ended {
        let mut tick = interval(TICK);
        let mut disk = interval_at((Instant::now() + DISK).into(), DISK);
        for interval in [&mut tick, &mut disk] {
            interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        }
        loop {
            // The choice among ready branches is random and has to be: in a fixed order a flood on
            // one side would starve the other.
            let step = tokio::select! {
                signal = signals.next() => Step::Signal(signal),
                call = self.calls.recv(), if self.ways.to_core.has_room() => Step::Call(call),
                _ = tick.tick() => Step::Tick,
                _ = disk.tick() => Step::Disk,
                moved = self.ways.moved() => Step::Moved(moved),
            };
            let outcome = match step {
                Step::Signal(signal) => {
                    tracing::info!(signal, "told to stop");
                    Err(Ended::Wanted)
                }
                Step::Moved(Moved::Event(Some(event))) => self.on_event(event),
                Step::Moved(Moved::Event(None)) => Err(Ended::Failed(RunError::NetworkEnded)),
                Step::Call(Some(call)) => self.on_call(call),
                Step::Call(None) => Err(Ended::Failed(RunError::SocketEnded)),
                Step::Moved(Moved::Outputs(Some(outputs))) => self.act(outputs),
                Step::Moved(Moved::Outputs(None)) => Err(Ended::Failed(self.writer_ended())),
                Step::Moved(Moved::On) => Ok(()),
                Step::Tick => {
                    self.replies.forget_lapsed(Instant::now());
                    self.call_claims();
                    self.ways.to_core.push(Input::Tick).map_err(Ended::from)
                }
                Step::Disk => self.look_at_disk(),
            };
            if let Err(ended) = outcome {
                return ended;
            }
        }
    }

    fn on_event(&mut self, event: Event) -> Result<(), Ended> {
        let input = match event {
            Event::Listening { address } => {
                tracing::info!(%address, "listening");
                self.running.listening.push(address.clone());
                self.say_running();
                match self.tell_listening {
                    true => Input::Listening(address),
                    false => return Ok(()),
                }
            }
            Event::Connected { peer } => {
                tracing::debug!(peer = short(&peer), "connected");
                Input::Connected(key(peer))
            }
            Event::Disconnected { peer } => {
                tracing::debug!(peer = short(&peer), "disconnected");
                Input::Disconnected(key(peer))
            }
            Event::Request { peer, frame, reply_to } => {
                return self.on_request(peer, frame, reply_to);
            }
            Event::Response { token, frame } => Input::Answered { token, frame: Some(frame) },
            Event::RequestFailed { token, why } => {
                tracing::debug!(%why, "a question has no answer");
                Input::Answered { token, frame: None }
            }
            Event::Gossip { peer, id: network::MessageId(id), frame } => {
                if !self.ways.to_core.has_room() {
                    self.shed += 1;
                    let (id, verdict) = (network::MessageId(id), network::Verdict::Ignore);
                    self.ways.to_network.push_back(Command::Judge { id, peer, verdict });
                    return Ok(());
                }
                Input::Gossiped { peer: key(peer), id: core::MessageId(id), frame }
            }
            Event::Discovered { peer, address } => {
                tracing::debug!(peer = short(&peer), "somebody in the local network");
                if self.claims.len() < CLAIMS_MAX {
                    self.claims.push(address);
                }
                return Ok(());
            }
            Event::DialFailed { why, .. } => {
                tracing::debug!(%why, "a call failed");
                return Ok(());
            }
            Event::Subscribed { .. } => return Ok(()),
        };
        Ok(self.ways.to_core.push(input)?)
    }

    /// Calls whoever was heard of in the local network since the last tick. mDNS tells an address once
    /// and each in its own time, and at some of a machine's addresses nobody is met: so all are called,
    /// but not each by itself, for both sides close what are too many connections with one peer.
    fn call_claims(&mut self) {
        // What waits already goes first.
        if self.ways.to_network.len() >= CLAIMS_MAX {
            return;
        }
        for address in self.claims.drain(..) {
            self.ways.to_network.push_back(Command::Dial { addresses: vec![address] });
        }
    }

    fn on_request(
        &mut self,
        peer: network::PeerKey,
        frame: Vec<u8>,
        reply_to: network::ReplyTo,
    ) -> Result<(), Ended> {
        let owed = match self.ways.to_core.has_room() {
            true => self.replies.owe(Asker::Peer(reply_to), Instant::now()).ok(),
            false => None,
        };
        let Some(number) = owed else {
            self.shed += 1;
            let frame = wire::Answer::Busy.encode();
            self.ways.to_network.push_back(Command::Respond { reply_to, frame });
            return Ok(());
        };
        let peer = key(peer);
        Ok(self.ways.to_core.push(Input::Asked { peer, frame, reply_to: number })?)
    }

    fn on_call(&mut self, call: socket::Request) -> Result<(), Ended> {
        let socket::Request { frame, reply } = call;
        match self.replies.owe(Asker::Client(reply), Instant::now()) {
            Ok(reply_to) => Ok(self.ways.to_core.push(Input::Called { frame, reply_to })?),
            Err(asker) => {
                settle(asker, busy(), &mut self.ways.to_network);
                Ok(())
            }
        }
    }

    /// Does what the core wants, in its order.
    fn act(&mut self, outputs: Vec<Output>) -> Result<(), Ended> {
        let mut stop = false;
        for output in outputs {
            let command = match output {
                Output::Ask { peer, frame, token } => {
                    Command::Request { peer: network::PeerKey(peer.0), frame, token }
                }
                Output::Answer { reply_to, frame } | Output::Reply { reply_to, frame } => {
                    if let Some(asker) = self.replies.settle(reply_to) {
                        settle(asker, frame, &mut self.ways.to_network);
                    }
                    continue;
                }
                Output::Publish(frame) => Command::Publish { frame },
                Output::Judge { peer, id, verdict } => Command::Judge {
                    id: network::MessageId(id.0),
                    peer: network::PeerKey(peer.0),
                    verdict: match verdict {
                        core::Verdict::Accept => network::Verdict::Accept,
                        core::Verdict::Reject => network::Verdict::Reject,
                        core::Verdict::Ignore => network::Verdict::Ignore,
                    },
                },
                Output::Keep(peers) => {
                    let named =
                        |(key, addresses): (core::PeerKey, _)| (network::PeerKey(key.0), addresses);
                    Command::SetPeers { peers: peers.into_iter().map(named).collect() }
                }
                Output::WasWrong(peer) => Command::WasWrong { peer: network::PeerKey(peer.0) },
                Output::Block(list) => Command::Block { list },
                Output::Dial(addresses) => Command::Dial { addresses },
                Output::Stop => {
                    stop = true;
                    continue;
                }
            };
            self.ways.to_network.push_back(command);
        }
        if stop { Err(Ended::Wanted) } else { Ok(()) }
    }

    /// Tells the core what was measured and what peers used: whoever runs the node asks it.
    fn tell_measures(&mut self) -> Result<(), Ended> {
        let (memory, syncs) = (memory_bytes(), self.sync_times.lately(Instant::now()));
        self.ways.to_core.push(Input::Measured { memory, syncs })?;
        let table = self.ways.network.usage.table(Instant::now());
        let named = |used: network::Used| core::PeerUse {
            peer: key(used.peer),
            at: used.at,
            used: used.used,
        };
        Ok(self.ways.to_core.push(Input::Used(table.into_iter().map(named).collect()))?)
    }

    fn look_at_disk(&mut self) -> Result<(), Ended> {
        self.tell_measures()?;
        if self.shed > 0 {
            tracing::warn!(
                turned_away = self.shed,
                "more questions and gossip than this node takes"
            );
            self.shed = 0;
        }
        match self.home.disk_free() {
            Ok(bytes) => {
                if bytes < core::DISK_LEAST {
                    tracing::error!(
                        bytes,
                        "the disk is nearly full: the node says yes to nothing new"
                    );
                }
                Ok(self.ways.to_core.push(Input::DiskFree(bytes))?)
            }
            Err(error) => {
                tracing::error!(%error, "the disk does not say how much is free");
                Ok(())
            }
        }
    }

    /// Tells the world of programs, and once the person, where the node is reached.
    fn say_running(&mut self) {
        if let Err(error) = self.file.write(&self.running) {
            tracing::warn!(%error, "the file that says where the node is reached was not written");
        }
        if self.running.listening.len() == 1 {
            (self.notices)(Notice::Ready(self.running.clone()));
        }
    }

    fn writer_ended(&mut self) -> RunError {
        match self.ways.writer.outcome() {
            Err(super::writer::Panicked) => RunError::WriterPanicked,
            Ok(()) => RunError::WriterEnded,
        }
    }
}

/// What happened next.
enum Step {
    /// The process was told to stop, by this signal.
    Signal(i32),
    /// A client calls; `None`: the socket has ended.
    Call(Option<socket::Request>),
    /// Something moved between network and core.
    Moved(Moved),
    /// Time passed.
    Tick,
    /// It is time to look at the disk.
    Disk,
}

/// Hands an answer to whoever waits for it. One who has left is no error.
fn settle(asker: Asker, frame: Vec<u8>, to_network: &mut VecDeque<Command>) {
    match asker {
        Asker::Peer(reply_to) => to_network.push_back(Command::Respond { reply_to, frame }),
        Asker::Client(reply) => {
            let _: Result<(), Vec<u8>> = oneshot::Sender::send(reply, frame);
        }
    }
}

/// Returns the reply to a call for which there is no room.
pub(super) fn busy() -> Vec<u8> {
    Reply::Unavailable(Unavailable::Busy).encode()
}

fn key(network::PeerKey(bytes): network::PeerKey) -> core::PeerKey {
    proto::keys::PublicKey(bytes)
}

/// Returns the beginning of a key: enough to tell peers apart in a log, too little to follow one
/// across machines.
fn short(peer: &network::PeerKey) -> String {
    peer.to_string().chars().take(8).collect()
}
