//! The writer of this cité's log within the node: asleep until the mirrors were asked and the clock is
//! believed, signing, or silent because it was restored or failed; and those who wait for the next commit.

use ledger::{
    home::{Dormant, Home, HomeError},
    proof::verify_founding,
    state::State,
};
use proto::{
    codec::Bytes,
    desk::{Receipt, Reply, Unavailable},
    ids::CiteId,
    time::UnixMillis,
    wire::{Answer, Ask, decline},
};

use super::{Asked, Core, Origin, ReplyTo, recover::Recovery};

/// How long the mirrors are asked before a matching image goes on alone, in milliseconds (`protocol`
/// "Fence and resume"): local life does not wait for the network.
pub(crate) const ASK_MIRRORS_MS: u64 = 10_000;

/// The writer of this cité's log.
pub(crate) enum Writer {
    /// The image matches its guard; the mirrors are being asked whether they hold more, and all allies
    /// what their clocks show. Or that is done, and the clock is not believed.
    Asleep {
        /// The log.
        dormant: Box<Dormant>,
        /// Since when.
        since: UnixMillis,
        /// Mirrors that were asked, and whether they answered.
        asked: Vec<(CiteId, bool)>,
    },
    /// The log is written and signed.
    Signing(Box<Home>),
    /// The root named a new incarnation: what others hold is fetched, and nothing is signed.
    Recovering(Box<Recovery>),
    /// This image was restored or copied, or the mirrors hold more: it reads and signs nothing.
    Restored(Box<Dormant>),
    /// This image signed until a mirror showed that it is not the newest: it reads and signs nothing.
    Overtaken(Box<Home>),
    /// The log could not be started; nothing is known of it.
    Failed(Box<State>),
}

/// Somebody who waits for the next commit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Waiting {
    /// A client who submitted an order.
    Order { origin: Origin, leaf: u64 },
    /// Whoever runs the node, with an act of the root keys.
    RootAct { origin: Origin },
    /// Maybe people who are admitted: their names move from the applications to the members.
    Admission,
    /// A home that delivered a stream message.
    Delivery { reply_to: ReplyTo, from: CiteId },
}

impl Writer {
    /// Returns the writer of a log that was just opened.
    pub(crate) fn asleep(dormant: Dormant, since: UnixMillis) -> Self {
        let dormant = Box::new(dormant);
        match dormant.distrust() {
            None => Self::Asleep { dormant, since, asked: Vec::new() },
            Some(distrust) => {
                tracing::error!(%distrust, "this image of the log signs nothing");
                Self::Restored(dormant)
            }
        }
    }

    /// Returns what is durable in the log.
    pub(crate) fn state(&self) -> &State {
        match self {
            Self::Signing(home) | Self::Overtaken(home) => home.state(),
            Self::Asleep { dormant, .. } | Self::Restored(dormant) => dormant.state(),
            Self::Recovering(recovery) => recovery.state(),
            Self::Failed(nothing) => nothing,
        }
    }

    pub(crate) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::Failed(Box::default()))
    }
}

impl Core {
    /// Begins to sign once the mirrors were asked and the clock was compared.
    pub(crate) fn wake(&mut self, now: UnixMillis) {
        let Writer::Asleep { dormant, since, asked } = &self.writer else { return };
        let mirrors = dormant.state().mirrors().map(|mirrors| mirrors.all()).unwrap_or_default();
        let heard = |cite| asked.iter().any(|(asked, answered)| *asked == cite && *answered);
        let all_heard = mirrors.iter().all(|mirror| heard(mirror.cite))
            && self.allies().iter().all(|ally| self.clock.is_compared(ally));
        if all_heard || now.since(*since) >= ASK_MIRRORS_MS {
            if self.clock_may_count(now) {
                self.start(now);
            }
            return;
        }
        let unasked: Vec<CiteId> = mirrors
            .iter()
            .map(|mirror| mirror.cite)
            .filter(|cite| !asked.iter().any(|(asked, _)| asked == cite))
            .collect();
        let from = dormant.head().size;
        let (cite, incarnation) = (dormant.cite(), dormant.origin().incarnation);
        for mirror in unasked {
            let Some(peer) = self.neighbours.node_of(&mirror) else { continue };
            let ask = Ask::Range { cite, incarnation, from };
            if self.ask(now, peer, &ask, Asked::Amnesia(mirror))
                && let Writer::Asleep { asked, .. } = &mut self.writer
            {
                asked.push((mirror, false));
            }
        }
    }

    fn start(&mut self, now: UnixMillis) {
        let Writer::Asleep { dormant, .. } = self.writer.take() else { return };
        match dormant.start(now) {
            Ok(home) => {
                tracing::info!(size = home.checkpoint().head.size, "the log is open");
                if !home.has_proofs() {
                    tracing::error!(
                        "damaged proofs of imports find no room to be set aside: nothing is taken in from abroad"
                    );
                }
                self.writer = Writer::Signing(Box::new(home));
                // Asleep it announced nothing.
                self.begin_round();
                self.keep_evidence();
            }
            Err(error) => tracing::error!(%error, "the log cannot be signed"),
        }
    }

    /// Takes in what a mirror answered when it was asked for more of this log than is here.
    pub(crate) fn remembered(&mut self, now: UnixMillis, mirror: CiteId, answer: Option<Answer>) {
        let held = match answer {
            Some(Answer::Entries(extend)) => {
                extend.map(|extend| (verify_founding(&extend.founding), extend.checkpoint))
            }
            // No answer, or no sense: the mirror may be asked again.
            _ => {
                if let Writer::Asleep { asked, .. } = &mut self.writer {
                    asked.retain(|(cite, _)| *cite != mirror);
                }
                return;
            }
        };
        if let Writer::Asleep { asked, .. } = &mut self.writer {
            for (cite, answered) in asked {
                *answered |= *cite == mirror;
            }
        }
        if let Some((Ok(record), checkpoint)) = held {
            self.compare_own(&record, &checkpoint, &[mirror]);
        }
        self.wake(now);
    }

    /// Commits what is pending, and whatever seal that calls for; then answers those who waited. Nothing is
    /// pending, and nothing is sealed, while the clock is doubted.
    pub(crate) fn commit(&mut self, now: UnixMillis) {
        if self.clock.is_doubted() {
            return;
        }
        loop {
            let Writer::Signing(home) = &mut self.writer else { return };
            match home.commit(now) {
                Ok(None) => return self.answer_waiting(),
                Ok(Some(committed)) => {
                    tracing::debug!(size = committed.checkpoint.head.size, "committed");
                    self.answer_waiting();
                }
                Err(error) => {
                    // Once, for the failure itself: also when it was a seal that nobody waits for.
                    if !matches!(error, HomeError::Stopped) {
                        tracing::error!(%error, "the node stops saying yes: the disk failed");
                    }
                    return self.refuse_waiting();
                }
            }
        }
    }

    fn answer_waiting(&mut self) {
        for waiting in core::mem::take(&mut self.waiting) {
            match waiting {
                Waiting::Order { origin, leaf } => {
                    let reply = self.receipt(leaf);
                    self.reply(origin, &reply);
                }
                Waiting::RootAct { origin } => self.reply(origin, &Reply::Done),
                Waiting::Admission => self.move_names(),
                Waiting::Delivery { reply_to, from } => {
                    let received =
                        self.writer.state().peer(&from).map_or(0, |(_, peer)| peer.received);
                    self.answer(reply_to, &Answer::Cursor { received });
                }
            }
        }
    }

    /// Moves the names of people who are members by now from the applications to the members.
    pub(crate) fn move_names(&self) {
        let state = self.writer.state();
        if let Err(error) = self.shelf.admitted(|id| state.member(id).is_some()) {
            tracing::warn!(%error, "the name of a new member was not kept");
        }
    }

    /// Tells those who wait that nothing is entered: the disk failed, or this image signs no more.
    pub(crate) fn refuse_waiting(&mut self) {
        let why = self.cannot_write().unwrap_or(Unavailable::CannotWrite);
        for waiting in core::mem::take(&mut self.waiting) {
            match waiting {
                Waiting::Order { origin, .. } | Waiting::RootAct { origin } => {
                    self.reply(origin, &Reply::Unavailable(why));
                }
                Waiting::Admission => {}
                Waiting::Delivery { reply_to, .. } => {
                    let reason = decline::CANNOT_WRITE;
                    self.answer(reply_to, &Answer::Declined { reason, at: 0 });
                }
            }
        }
    }

    /// Returns the receipt of a durable entry.
    pub(crate) fn receipt(&self, leaf: u64) -> Reply {
        self.readable()
            .and_then(|home| receipt(home, leaf))
            .map_or_else(|| self.unreadable(), |receipt| Reply::Recorded(Box::new(receipt)))
    }
}

fn receipt(home: &Home, leaf: u64) -> Option<Receipt> {
    let checkpoint = *home.checkpoint();
    let size = checkpoint.head.size;
    Some(Receipt {
        entry: Bytes::from(home.entry_bytes(leaf).ok()?),
        leaf,
        path: home.path(leaf, size).ok()?,
        checkpoint,
        cosignatures: home.cosignatures(size),
        standing: home.standing(leaf).ok()?,
    })
}
