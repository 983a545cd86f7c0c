//! The core of a node: everything that it decides, as one state machine that talks in values. It is
//! handed time, frames and a disk, and returns what to send; it knows no socket, no runtime, no clock.

mod astray;
mod blocks;
mod border;
mod challenges;
mod chance;
mod clock;
mod complaints;
mod convicted;
mod copies;
mod desk;
mod erasing;
mod exchange;
mod follow;
mod gossip;
mod heirs;
mod hello;
mod letters;
mod mailbox;
mod neighbours;
mod offers;
mod outbox;
mod passing;
mod private;
mod proofs;
mod push;
mod recover;
mod refill;
mod scrub;
mod shelf;
mod shown;
mod value;
mod watch;
mod writer;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ledger::{
    disk::{Disk, DiskError},
    home::{Dormant, Home, HomeError},
    mirror::{MirrorError, MirrorLog},
    state::State,
};
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Reply, Syncs, Unavailable},
    evidence::Party,
    founding::VerifiedFounding,
    ids::{CiteId, NetworkId, OrderId},
    time::{UnixMillis, UtcDay},
    wire::{Answer, Ask},
};

use crate::keyfile::Keys;
use challenges::Challenges;
use chance::Chance;
use clock::Clock;
use erasing::Erasures;
use mailbox::Mailbox;
use neighbours::Neighbours;
use outbox::{LetterKey, Outbox};
use recover::Recovery;
use shelf::Shelf;
use writer::Writer;

pub use blocks::{Blocks, BlocksError, Change};
pub use clock::{CLOCK_AHEAD_MAX_MS, CLOCK_JUMP_MAX_MS};
pub use neighbours::{keep_in_touch_with, known_record};
pub use recover::{RECORD, named_record};
pub use shelf::keep_name;
pub use shown::{SHOWN, Shown, has_checkpoint, shown};
pub use value::{Input, MessageId, Output, PeerUse, ReplyTo, Verdict};
pub use watch::{MEMORY_BUDGET_BYTES, SYNC_SLOW};

/// A peer by the Ed25519 key of its node: 32 bytes that the network shell has authenticated.
pub type PeerKey = proto::keys::PublicKey;

/// Below this many free bytes on the disk the node stops saying yes: 50 MiB, so that what is under way,
/// a snapshot and the logs of the system still fit.
pub const DISK_LEAST: u64 = 50 * 1_024 * 1_024;

/// Below this many free bytes no entries of others' logs are taken: as much again as the node's own log is left, so
/// that its allies cannot bring it to where it says yes to nobody.
pub(crate) const DISK_LEAST_FOR_COPIES: u64 = 2 * DISK_LEAST;

/// Most asks under way at once. Each peer has one push and one delivery under way, and hellos are rare.
const ASKED_MAX: usize = 4_096;

/// How long an ask is waited for before its place is given up, in milliseconds; the shell's own deadline is shorter.
const ASKED_FOR_MS: u64 = 60_000;

/// Why a node could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The home refused.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A copy of another log refused.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// What a core is opened with.
pub struct Settings {
    /// The node's role keys.
    pub keys: Keys,
    /// Fresh randomness from the operating system.
    pub seed: [u8; 32],
    /// When the process started.
    pub started: UnixMillis,
    /// Version of the program.
    pub version: &'static str,
    /// Nodes to keep in touch with, with their addresses.
    pub friends: Vec<(PeerKey, Vec<String>)>,
    /// Whether time goes on from the log's last entry, at the pace of the real clock, and clients may
    /// set it forwards. Honoured on test networks only.
    pub scaled_clock: bool,
}

/// What an ask that is under way was for.
#[derive(Debug)]
pub(crate) enum Asked {
    Hello(PeerKey),
    Push(CiteId),
    Deliver(CiteId),
    Opening(CiteId),
    Letter(LetterKey),
    /// A call was passed on to this peer.
    Pass(Origin, PeerKey),
    /// A mirror is asked, before anything is signed, whether it holds more of this log.
    Amnesia(CiteId),
    /// Entries of a mirrored log are asked of somebody who holds more.
    Follow(CiteId, PeerKey, u64),
    /// Entries of a copy that was damaged are asked of somebody who holds them.
    Refill(CiteId, PeerKey),
    /// Entries of this log are asked of somebody who holds them.
    Missing(PeerKey),
    /// A mirror is asked to leave the old incarnation alone.
    Promise(CiteId),
    /// Proofs of imports that are damaged here are asked of somebody who holds them, with the entries.
    Proofs(CiteId, PeerKey),
    /// Entries that are damaged here are asked of somebody who holds them.
    Mend(CiteId, PeerKey),
    /// Evidence against a key was handed to this peer.
    Evidence(PeerKey, Party),
    /// A home was offered an order that it does not take.
    Complaint(CiteId, OrderId),
}

/// Where a desk call came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The machine's own socket.
    Socket(ReplyTo),
    /// Another node.
    Peer(ReplyTo),
}

impl Origin {
    /// Returns whether the call came through another node.
    const fn is_afar(self) -> bool {
        matches!(self, Self::Peer(_))
    }
}

/// A node but for its sockets and its clock.
pub struct Core {
    disk: Arc<dyn Disk>,
    keys: Keys,
    version: &'static str,
    started: UnixMillis,
    test: bool,
    scaled_clock: bool,
    /// What a scaled clock is ahead of the real one (negative: behind it), in milliseconds.
    ahead: i64,
    clock: Clock,
    founding: VerifiedFounding,
    signed_founding: Bytes,
    writer: Writer,
    mirrors: BTreeMap<CiteId, MirrorLog>,
    closed: BTreeMap<CiteId, copies::Closed>,
    /// Not before this instant are copies opened again that had no room.
    reopen_at: Option<UnixMillis>,
    refills: BTreeMap<CiteId, refill::Refilling>,
    neighbours: Neighbours,
    blocks: Blocks,
    /// Whether the shell knows the list as it stands.
    blocks_told: bool,
    /// What peers used lately, as the shell counted it last.
    used: BTreeMap<PeerKey, PeerUse>,
    shelf: Shelf,
    mailbox: Mailbox,
    outbox: Outbox,
    erasures: Erasures,
    convicted: convicted::Convicted,
    pushes: BTreeMap<CiteId, push::Push>,
    astray: astray::Astray,
    /// On which day another cité's new keys were last taken over, or tried, and how often on that day.
    keys_taken: BTreeMap<CiteId, (UtcDay, u8)>,
    heirs: heirs::Heirs,
    deliveries: BTreeMap<CiteId, border::Stream>,
    openings: border::Openings,
    passing: passing::Passing,
    waiting: Vec<writer::Waiting>,
    challenges: Challenges,
    asked: BTreeMap<u64, (Asked, UnixMillis)>,
    next_token: u64,
    listening: Vec<String>,
    kept: Vec<(PeerKey, Vec<String>)>,
    rounds: hello::Rounds,
    scrubbing: scrub::Scrubbing,
    published: gossip::Published,
    disk_free: u64,
    measured: (Option<u64>, Syncs),
    chance: Chance,
    out: Vec<Output>,
}

impl Core {
    /// Opens a node's directory; the index is at `index`.
    ///
    /// # Errors
    /// [`CoreError`].
    pub fn open(
        disk: Arc<dyn Disk>,
        index: &Path,
        cite: CiteId,
        settings: Settings,
    ) -> Result<Self, CoreError> {
        let log_key = &settings.keys.log;
        let since = settings.started;
        let (writer, signed_founding) = match Recovery::open(&disk, index, cite, log_key, since)? {
            Some(recovery) => {
                let signed = recovery.signed_founding();
                (Writer::Recovering(Box::new(recovery)), signed)
            }
            None => {
                let dormant = Dormant::open(Arc::clone(&disk), index, cite, log_key.clone())?;
                let signed = dormant.founding().clone();
                (Writer::asleep(dormant, since), signed)
            }
        };
        let founding = ledger::proof::verify_founding(&signed_founding)
            .map_err(|_| HomeError::Refused(ledger::refusal::Refusal::Founding))?;
        let network = founding.network();
        let test = founding.founding().network.test;
        let ahead = match writer.state().clock() {
            Some(clock) if test && settings.scaled_clock => between(settings.started, clock.time),
            _ => 0,
        };
        let neighbours = Neighbours::open(Arc::clone(&disk), network, cite, settings.friends)?;
        let mut chance = Chance::new(settings.seed);
        let mut core = Self {
            shelf: Shelf::open(Arc::clone(&disk))?,
            mailbox: Mailbox::new(Arc::clone(&disk)),
            outbox: Outbox::open(Arc::clone(&disk))?,
            erasures: Erasures::open(Arc::clone(&disk))?,
            keys: settings.keys,
            version: settings.version,
            started: settings.started,
            test,
            scaled_clock: settings.scaled_clock,
            ahead,
            clock: Clock::open(Arc::clone(&disk), test && settings.scaled_clock)?,
            founding,
            signed_founding,
            writer,
            mirrors: BTreeMap::new(),
            closed: BTreeMap::new(),
            reopen_at: None,
            refills: BTreeMap::new(),
            neighbours,
            blocks: Blocks::open(Arc::clone(&disk))?,
            blocks_told: false,
            used: BTreeMap::new(),
            convicted: convicted::Convicted::default(),
            pushes: BTreeMap::new(),
            astray: astray::Astray::default(),
            keys_taken: BTreeMap::new(),
            heirs: heirs::Heirs::default(),
            deliveries: BTreeMap::new(),
            openings: border::Openings::open(Arc::clone(&disk))?,
            passing: passing::Passing::default(),
            waiting: Vec::new(),
            challenges: Challenges::new(chance.bytes()),
            asked: BTreeMap::new(),
            next_token: 0,
            listening: Vec::new(),
            kept: Vec::new(),
            rounds: hello::Rounds::default(),
            scrubbing: scrub::Scrubbing::after(scaled(settings.started, ahead)),
            published: gossip::Published::default(),
            disk_free: u64::MAX,
            measured: (None, Syncs::default()),
            chance,
            out: Vec::new(),
            disk,
        };
        if let Writer::Asleep { since, .. } = &mut core.writer {
            *since = scaled(*since, ahead);
        }
        core.open_evidence()?;
        core.open_shown()?;
        core.open_copies();
        Ok(core)
    }

    /// Takes in what happened, commits once, and returns what to do. What it acknowledges is durable.
    pub fn handle(&mut self, now: UnixMillis, inputs: Vec<Input>) -> Vec<Output> {
        let now = scaled(now, self.ahead);
        self.look_at_clock(now);
        for input in inputs {
            self.take(now, input);
            if self.home().is_some_and(Home::is_full) {
                self.commit(now);
            }
        }
        self.commit(now);
        self.pursue(now);
        core::mem::take(&mut self.out)
    }

    /// Writes what makes the next start quick. The node must not be used afterwards.
    pub fn close(&mut self) {
        if self.home().is_some() && !self.clock.is_doubted() {
            self.clock.mark();
        }
        self.neighbours.keep_news();
        if let Writer::Signing(home) = &mut self.writer
            && let Err(error) = home.snapshot()
        {
            tracing::warn!(%error, "no snapshot was written; the next start takes longer");
        }
    }

    fn take(&mut self, now: UnixMillis, input: Input) {
        match input {
            Input::Tick => self.tick(now),
            Input::Listening(address) => self.listening.push(address),
            Input::Connected(peer) => self.connected(now, peer),
            Input::Disconnected(peer) => {
                self.was_there(now, &peer);
                self.disconnected(&peer);
            }
            Input::Asked { peer, frame, reply_to } => self.asked(now, peer, &frame, reply_to),
            Input::Answered { token, frame } => self.answered(now, token, frame.as_deref()),
            Input::Gossiped { peer, id, frame } => self.gossiped(now, peer, id, &frame),
            Input::Called { frame, reply_to } => self.called(now, &frame, reply_to),
            Input::Measured { memory, syncs } => self.measured = (memory, syncs),
            Input::DiskFree(free) => self.disk_free = free,
            Input::Used(used) => self.used = used.into_iter().map(|by| (by.peer, by)).collect(),
        }
    }

    /// Follows up on everything that is under way with others.
    fn pursue(&mut self, now: UnixMillis) {
        self.push_all(now);
        self.deliver_all(now);
        self.tell_blocked();
        self.keep_in_touch();
    }

    fn tick(&mut self, now: UnixMillis) {
        self.wake(now);
        self.recover(now);
        self.watch_clock(now);
        if let Writer::Signing(home) = &mut self.writer
            && !self.clock.is_doubted()
        {
            home.acknowledge(now);
            home.say_farewell(now);
            self.learn_keys(now);
        }
        self.give_up_asks(now);
        self.reopen_for_room(now);
        self.refill(now);
        self.challenges.look(now);
        self.offer_complaints(now);
        self.watch_for_heirs(now);
        self.anti_entropy(now);
        self.neighbours.keep_in_time(now);
        self.go_on_erasing(now);
        self.scrub(now);
    }

    /// Ends asks that were waited for too long, as if they had failed: after a jump of the clock (a
    /// machine that slept) what they were for must go on, whether or not the shell still answers them.
    fn give_up_asks(&mut self, now: UnixMillis) {
        let late = self.asked.iter().filter(|(_, (_, since))| now.since(*since) >= ASKED_FOR_MS);
        let late: Vec<u64> = late.map(|(token, _)| *token).collect();
        for token in late {
            self.answered(now, token, None);
        }
    }

    /// Forgets what was put off or begun: after the clock was set back, that may lie days ahead.
    fn try_everything_again(&mut self, now: UnixMillis) {
        self.rounds = hello::Rounds::default();
        self.challenges = Challenges::new(self.chance.bytes());
        self.pushes.clear();
        self.astray.try_again();
        self.reopen_at = None;
        self.deliveries.clear();
        self.outbox.try_again();
        self.erasures.try_again();
        self.refills.values_mut().for_each(|refilling| refilling.try_again(now));
        self.scrubbing.try_again(now);
        self.wait_for_allies_anew(now);
        if let Writer::Recovering(recovery) = &mut self.writer {
            recovery.try_again();
        }
    }

    /// Returns the home, if it signs.
    fn home(&self) -> Option<&Home> {
        match &self.writer {
            Writer::Signing(home) => Some(home),
            _ => None,
        }
    }

    /// Returns the home to read from: also one that does not sign any more.
    fn readable(&self) -> Option<&Home> {
        match &self.writer {
            Writer::Signing(home) | Writer::Overtaken(home) => Some(home),
            _ => None,
        }
    }

    /// Returns what is durable in this cité's log.
    fn state(&self) -> &State {
        self.writer.state()
    }

    /// Returns this cité.
    fn cite(&self) -> CiteId {
        self.founding.cite()
    }

    /// Returns this cité's network.
    fn network(&self) -> NetworkId {
        self.founding.network()
    }

    /// Returns why nothing can be entered now, if so.
    fn cannot_write(&self) -> Option<Unavailable> {
        match &self.writer {
            Writer::Recovering(_) => Some(Unavailable::Recovering),
            Writer::Restored(_) | Writer::Overtaken(_) => Some(Unavailable::Restored),
            Writer::Asleep { .. } | Writer::Signing(_) if self.clock.is_doubted() => {
                Some(Unavailable::Clock)
            }
            Writer::Asleep { .. } => Some(Unavailable::Waking),
            Writer::Failed(_) => Some(Unavailable::CannotWrite),
            Writer::Signing(home) if home.is_stopped() => Some(Unavailable::CannotWrite),
            Writer::Signing(_) if self.disk_free < DISK_LEAST => Some(Unavailable::DiskFull),
            Writer::Signing(_) => None,
        }
    }

    /// Asks a peer; returns whether there was room for it.
    fn ask(&mut self, now: UnixMillis, peer: PeerKey, ask: &Ask, what: Asked) -> bool {
        if self.asked.len() >= ASKED_MAX {
            return false;
        }
        self.next_token = self.next_token.wrapping_add(1);
        let token = self.next_token;
        self.asked.insert(token, (what, now));
        self.out.push(Output::Ask { peer, frame: ask.encode(), token });
        true
    }

    fn answer(&mut self, reply_to: ReplyTo, answer: &Answer) {
        self.out.push(Output::Answer { reply_to, frame: answer.encode() });
    }

    fn reply(&mut self, origin: Origin, reply: &Reply) {
        let frame = reply.encode();
        match origin {
            Origin::Socket(reply_to) => self.out.push(Output::Reply { reply_to, frame }),
            Origin::Peer(reply_to) => self.answer(reply_to, &Answer::Desk(Bytes::from(frame))),
        }
    }
}

/// Returns what a scaled clock shows that is `ahead` of the real one.
fn scaled(real: UnixMillis, ahead: i64) -> UnixMillis {
    UnixMillis(real.0.saturating_add_signed(ahead))
}

/// Returns how many milliseconds `to` lies after `from`; negative when it lies before.
fn between(from: UnixMillis, to: UnixMillis) -> i64 {
    let millis = |span: u64| i64::try_from(span).unwrap_or(i64::MAX);
    millis(to.since(from)).saturating_sub(millis(from.since(to)))
}
