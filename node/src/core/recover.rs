//! Recovering: a node whose root named a new incarnation fetches what others hold of its log, has its mirrors leave
//! the old incarnation alone, and goes on as soon as enough of them promised. Until then it signs nothing.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ledger::{
    aside::place,
    disk::{Disk, DiskError},
    home::{GivenUp, HomeError, Recovering, given_up},
    notes::read_file,
    object::MirrorsState,
    state::State,
};
use proto::{
    certificate::Certificate,
    codec::{Bytes, Canonical as _},
    desk::{Obstacle, OwnBranch, RecoveryMirror, RecoverySheet},
    founding::SignedFounding,
    ids::CiteId,
    keys::SigningKey,
    resume::SignedFence,
    time::UnixMillis,
    wire::{Answer, Ask, Extend, Held, decline},
};

use super::{
    Asked, Core, CoreError, DISK_LEAST, PeerKey, Writer,
    neighbours::{Neighbour, Neighbours},
    offers::{Offers, Rank, is_drip},
};

/// The founding record with the key epoch that the root named last: whoever runs the node puts it there with
/// `pirate node recover`, beside the keys of that epoch.
pub const RECORD: &str = "notes/record";

/// How long a mirror that did not promise is left alone, in milliseconds.
const TRY_AGAIN_MS: u64 = 5_000;

/// How long one at most that waits until a home was silent for long enough, in milliseconds: an hour.
const HEIRS_AGAIN_MS: u64 = 3_600_000;

/// How long what was fetched waits for whoever leads it further, in milliseconds: as long as a node is put off, so that
/// its connection may break and come again.
const GIVE_UP_MS: u64 = 60_000;

/// How long what was fetched may lead to no checkpoint of the log key while others could be asked, in milliseconds: in ten
/// minutes a line of 1 Mbit/s brings a hundred thousand entries. Twice as long each time that it was too short.
const UNSIGNED_MS: u64 = 600_000;

/// The longest such time, in milliseconds: a day.
const UNSIGNED_LONGEST_MS: u64 = 86_400_000;

/// Most new keys of one cité that are taken over in a day, or tried, in a run: who recovers on a bad day does it again
/// until it holds, and nothing certified comes from it before its allies have them. Of at most 2,304 bytes each
/// they fill 7 MB of a log in a year.
const KEYS_A_DAY: u8 = 8;

/// A home on its way to a new incarnation, and what others said that they hold of its log.
pub(crate) struct Recovery {
    home: Recovering,
    /// Since when its allies may come whose clocks this one's is compared with.
    since: UnixMillis,
    /// What connected nodes say that they hold.
    offers: Offers,
    /// A range is under way from this node.
    fetching: Option<PeerKey>,
    /// Who gave what came last, and when.
    from: Option<PeerKey>,
    came: UnixMillis,
    /// Since when what is here leads to no checkpoint, and how long it may.
    unsigned: UnixMillis,
    unsigned_ms: u64,
    /// Why mirrors said no, when they did last, and what that is about.
    declined: BTreeMap<CiteId, (u16, u64)>,
    /// What it does not get over by itself, as it was said last.
    obstacle: Option<Obstacle>,
    /// When each mirror is asked next.
    not_before: BTreeMap<CiteId, UnixMillis>,
    /// Stands for the state while nothing is here.
    nothing: State,
}

impl Recovery {
    /// Opens what is left of a log if the root named a later incarnation than it is in; `None` when it did not.
    ///
    /// # Errors
    /// [`CoreError`].
    pub(crate) fn open(
        disk: &Arc<dyn Disk>,
        index: &Path,
        cite: CiteId,
        log_key: &SigningKey,
        since: UnixMillis,
    ) -> Result<Option<Self>, CoreError> {
        let Some(signed) =
            named_record(disk.as_ref())?.filter(|record| record.founding.id() == cite)
        else {
            return Ok(None);
        };
        let home = Recovering::open(Arc::clone(disk), index, signed, log_key.clone())?;
        let here = home.state().and_then(State::mirrors).map(|mirrors| mirrors.incarnation);
        if here == Some(home.founding().incarnation()) {
            return Ok(None);
        }
        Ok(Some(Self {
            home,
            since,
            offers: Offers::default(),
            fetching: None,
            from: None,
            came: since,
            unsigned: since,
            unsigned_ms: UNSIGNED_MS,
            declined: BTreeMap::new(),
            obstacle: None,
            not_before: BTreeMap::new(),
            nothing: State::default(),
        }))
    }

    /// Gives the allies whose clocks count their time again: the clock leapt to `now`.
    pub(crate) const fn wait_anew(&mut self, now: UnixMillis) {
        self.since = now;
        self.came = now;
        self.unsigned = now;
    }

    /// Makes everything due that was put off.
    pub(crate) fn try_again(&mut self) {
        self.offers.try_again();
        self.not_before.clear();
    }

    /// Returns the founding record with the new keys, as signed.
    pub(crate) fn signed_founding(&self) -> Bytes {
        self.home.signed_founding()
    }

    /// Returns what is here of the log.
    pub(crate) fn state(&self) -> &State {
        self.home.state().unwrap_or(&self.nothing)
    }

    /// Returns how far it is.
    pub(crate) fn sheet(&self, neighbours: &Neighbours) -> RecoverySheet {
        let count = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let entries = self.home.len();
        let offered = self.offers.largest();
        let named = self.home.held().map(|(_, size)| size);
        let told = self.home.told().map(|head| head.size);
        let all = self.state().mirrors().map(MirrorsState::all).unwrap_or_default();
        let mirror = |cite: CiteId| RecoveryMirror {
            cite,
            slug: neighbours.get(&cite).map(Neighbour::slug).unwrap_or_default(),
            connected: neighbours.node_of(&cite).is_some(),
            promised: self.home.has_promise(&cite),
            declined: self.declined.get(&cite).copied(),
        };
        let (promised, needed) = self.home.promises();
        RecoverySheet {
            incarnation: self.home.founding().incarnation(),
            entries,
            signed: self.home.good(),
            held: offered.into_iter().chain(named).chain(told).max().unwrap_or(0).max(entries),
            promised: count(promised),
            needed: count(needed),
            mirrors: all.into_iter().map(|known| mirror(known.cite)).collect(),
            obstacle: self.obstacle,
        }
    }
}

/// Returns the founding record at [`RECORD`], if it names keys of a later incarnation than the first. Nothing
/// of it was verified.
///
/// # Errors
/// The disk.
pub fn named_record(disk: &dyn Disk) -> Result<Option<SignedFounding>, DiskError> {
    let record = read_file(disk, RECORD)?.and_then(|bytes| SignedFounding::decode(&bytes).ok());
    Ok(record.filter(|record| record.epoch.is_some()))
}

impl Core {
    fn recovery(&mut self) -> Option<&mut Recovery> {
        match &mut self.writer {
            Writer::Recovering(recovery) => Some(recovery),
            _ => None,
        }
    }

    /// Notes what a peer holds of this log.
    pub(crate) fn offered(&mut self, now: UnixMillis, peer: PeerKey, held: &[Held]) {
        let own = self.cite();
        let Some(recovery) = self.recovery() else { return };
        match held.iter().find(|held| held.cite == own) {
            Some(held) => recovery.offers.note(now, peer, held.incarnation, held.size),
            None => recovery.offers.withdraw(&peer),
        }
    }

    /// Forgets what a node offered that is gone.
    pub(crate) fn withdrawn(&mut self, peer: &PeerKey) {
        if let Some(recovery) = self.recovery() {
            recovery.offers.withdraw(peer);
            recovery.fetching = recovery.fetching.filter(|from| from != peer);
        }
    }

    /// Goes on with recovering: first what is missing, then promises, then the first entry of the incarnation.
    pub(crate) fn recover(&mut self, now: UnixMillis) {
        let Some(recovery) = self.recovery() else { return };
        if recovery.fetching.is_some() {
            return;
        }
        self.give_up(now);
        // What is fetched, or set aside, must leave room for what the log goes on with.
        let full = self.disk_free < DISK_LEAST;
        if !full && self.give_up_another(now) {
            return;
        }
        let fetches = !full && self.fetch_more(now);
        let unsigned = |recovery: &mut Recovery| recovery.home.is_unsigned();
        if fetches || full || self.recovery().is_none_or(unsigned) {
            return;
        }
        self.ask_for_promises(now);
        let Writer::Recovering(recovery) = &self.writer else { return };
        let ready = recovery.home.is_ready() && self.allies_had_time(now, recovery.since);
        if ready && self.clock_may_count(now) {
            self.resume(now);
        }
    }

    /// Gives up what leads to no checkpoint of the log key yet when nobody led it further for a while, or somebody does
    /// so by little steps while others could be asked: whoever began it may be gone, or a liar, and others hold
    /// something else.
    fn give_up(&mut self, now: UnixMillis) {
        let others = self.can_ask_another(now);
        let Some(recovery) = self.recovery().filter(|recovery| recovery.home.is_unsigned()) else {
            return;
        };
        let takes_long = now.since(recovery.unsigned) >= recovery.unsigned_ms && others;
        if now.since(recovery.came) < GIVE_UP_MS && !takes_long {
            return;
        }
        tracing::warn!(entries = recovery.home.len(), "what was fetched is signed by nobody");
        recovery.came = now;
        recovery.offers.led(false);
        if takes_long {
            recovery.unsigned_ms = recovery.unsigned_ms.saturating_mul(2).min(UNSIGNED_LONGEST_MS);
        }
        if let Some(from) = recovery.from.take() {
            recovery.offers.put_off(now, from);
        }
        if let Err(error) = recovery.home.give_up_unsigned() {
            self.fetched_in_vain(&error);
        }
    }

    /// Gives up what was fetched where a quorum of mirrors holds another history: a thief signed one with the log key,
    /// and was asked first. And what this home entered itself, if that is where it left them: it was set back, and signed
    /// on with none of them in reach. Returns whether that waits for somebody to make room.
    fn give_up_another(&mut self, now: UnixMillis) -> bool {
        let Some(recovery) = self.recovery() else { return false };
        let obstacle = match recovery.home.obstacle() {
            Ok(obstacle) => obstacle,
            Err(error) => {
                self.fetched_in_vain(&error);
                return true;
            }
        };
        if obstacle != recovery.obstacle {
            match obstacle {
                Some(_) => {
                    tracing::error!(?obstacle, "this log cannot give way to what its mirrors hold")
                }
                None => tracing::info!("nothing keeps this log from going on any more"),
            }
            recovery.obstacle = obstacle;
        }
        if obstacle.is_some() || !recovery.home.is_contradicted() {
            return obstacle == Some(Obstacle::NoPlace);
        }
        tracing::warn!(entries = recovery.home.len(), "a quorum of mirrors holds another history");
        recovery.offers.put_givers_off(now);
        match recovery.home.give_up_branch() {
            Ok(GivenUp::Fetched) => {}
            Ok(GivenUp::Own(OwnBranch { kept, of, number })) => tracing::warn!(
                kept,
                of,
                aside = place(number),
                "what this log went on with alone gives way to what its mirrors confirmed; all of it is kept there"
            ),
            Err(error) => self.fetched_in_vain(&error),
        }
        false
    }

    /// Returns what recoveries gave up of this cité's own log, as far as it lies here still.
    pub(crate) fn given_up(&self) -> Vec<OwnBranch> {
        let failed =
            |error: &DiskError| tracing::warn!(%error, "what was set aside cannot be looked at");
        given_up(self.disk.as_ref()).inspect_err(failed).unwrap_or_default()
    }

    /// Returns whether somebody else than whoever gave what came last could be asked for it.
    fn can_ask_another(&self, now: UnixMillis) -> bool {
        let Writer::Recovering(recovery) = &self.writer else { return false };
        let (good, from) = (recovery.home.good(), recovery.from);
        let rank = |peer: &PeerKey| if Some(*peer) == from { Rank::Nobody } else { Rank::Cite };
        let best = recovery.offers.best(now, |_| false, |_, size| size > good, rank);
        best.is_some_and(|(peer, _)| Some(peer) != from)
    }

    fn fetched_in_vain(&mut self, error: &HomeError) {
        tracing::error!(%error, "what is fetched cannot be kept");
        self.writer = Writer::Failed(Box::default());
    }

    /// Asks whoever holds most for what is not here; returns whether somebody was asked.
    fn fetch_more(&mut self, now: UnixMillis) -> bool {
        let cite = self.cite();
        let Writer::Recovering(recovery) = &self.writer else { return false };
        let from = recovery.home.len();
        let here = recovery.state().mirrors().map_or(0, |mirrors| mirrors.incarnation);
        let lacks = recovery.home.lacks_named() || recovery.home.is_unsigned();
        let wanted = |later, size| later > here || size > from || (lacks && size == from);
        let mirrors = recovery.home.mirrors().map(MirrorsState::all).unwrap_or_default();
        let rank = |peer: &PeerKey| match self.neighbours.cite_of(peer) {
            _ if self.neighbours.is_friend(peer) => Rank::Friend,
            None => Rank::Nobody,
            Some(cite) if recovery.home.has_promise(&cite) => Rank::Mirror,
            Some(cite) if mirrors.iter().any(|mirror| mirror.cite == cite) => Rank::Mirror,
            Some(_) => Rank::Cite,
        };
        // Whoever began goes on: others may hold another end of it.
        let began = recovery.from.filter(|_| recovery.home.is_unsigned());
        let best = recovery.offers.best(now, |peer| began == Some(*peer), wanted, rank);
        let Some((peer, incarnation)) = best else { return false };
        let ask = Ask::Range { cite, incarnation, from };
        let asked = self.ask(now, peer, &ask, Asked::Missing(peer));
        if let Some(recovery) = self.recovery().filter(|_| asked) {
            recovery.fetching = Some(peer);
        }
        asked
    }

    /// Takes in what somebody holds of this log. Whoever has nothing useful is left alone for a while.
    pub(crate) fn missing(&mut self, now: UnixMillis, peer: PeerKey, extend: Option<&Extend>) {
        let cite = self.neighbours.cite_of(&peer);
        let Some(recovery) = self.recovery() else { return };
        recovery.fetching = None;
        // Where it does not follow on what another gave, that is given up, and this one is asked again.
        let unsigned = recovery.home.is_unsigned();
        let of_another = unsigned && recovery.from != Some(peer);
        let useful = extend.filter(|extend| !is_drip(extend, extend.checkpoint.head.size));
        let more = match useful.map(|extend| recovery.home.take(extend)) {
            Some(Ok(more)) => more,
            Some(Err(error)) => return self.fetched_in_vain(&error),
            None => false,
        };
        if more {
            (recovery.from, recovery.came) = (Some(peer), now);
            recovery.offers.was_useful(&peer);
            if !recovery.home.is_unsigned() {
                recovery.offers.led(true);
                recovery.unsigned_ms = UNSIGNED_MS;
            } else if !unsigned {
                recovery.unsigned = now;
            }
        } else if !of_another || recovery.home.is_unsigned() {
            recovery.offers.put_off(now, peer);
            if let (Some(cite), Some(given), false) = (cite, extend, unsigned) {
                recovery.home.leads_elsewhere(cite, given);
            }
        }
        self.recover(now);
    }

    fn ask_for_promises(&mut self, now: UnixMillis) {
        let Some(recovery) = self.recovery() else { return };
        let due = |cite: &CiteId| {
            recovery.not_before.get(cite).is_none_or(|not_before| *not_before <= now)
        };
        let wanted: Vec<CiteId> = recovery.home.wanted().into_iter().filter(due).collect();
        let record = recovery.signed_founding();
        for mirror in wanted {
            let Some(peer) = self.neighbours.node_of(&mirror) else { continue };
            if self.ask(now, peer, &Ask::Fence(record.clone()), Asked::Promise(mirror))
                && let Some(recovery) = self.recovery()
            {
                recovery.not_before.insert(mirror, now.plus(TRY_AGAIN_MS));
            }
        }
    }

    /// Takes in what a mirror answered who was asked to leave the old incarnation alone.
    pub(crate) fn promised(&mut self, now: UnixMillis, mirror: CiteId, answer: Option<Answer>) {
        match answer {
            Some(Answer::Fenced { fence, certificate }) => {
                self.take_promise(now, mirror, *fence, certificate);
            }
            Some(Answer::Declined { reason, at }) => {
                if let Some(recovery) = self.recovery() {
                    recovery.declined.insert(mirror, (reason, at));
                    if reason == decline::NOT_SILENT {
                        let later = now.plus(at.clamp(TRY_AGAIN_MS, HEIRS_AGAIN_MS));
                        recovery.not_before.insert(mirror, later);
                    } else {
                        tracing::warn!(%mirror, reason, at, "a mirror does not promise");
                    }
                }
            }
            _ => {}
        }
        self.recover(now);
    }

    fn take_promise(
        &mut self,
        now: UnixMillis,
        mirror: CiteId,
        fence: SignedFence,
        known: Option<Certificate>,
    ) {
        let peer = self.neighbours.node_of(&mirror);
        let Some(recovery) = self.recovery() else { return };
        if let (Some(peer), Some(held)) = (peer, fence.fence.held) {
            recovery.offers.note(now, peer, held.incarnation, held.head.size);
        }
        recovery.declined.remove(&mirror);
        if let Err(refusal) = recovery.home.fenced(fence, known) {
            tracing::warn!(%mirror, %refusal, "a mirror's promise counts for nothing");
        }
    }

    /// Enters the keys that the roots of other cités named since their accounts were opened; or their heirs, where that
    /// is confirmed: what is entered cannot be taken back, and counts among the mirrors of this log, too.
    pub(crate) fn learn_keys(&mut self, now: UnixMillis) {
        let newer = |cite: &CiteId, epoch| {
            let known = self.neighbours.get(cite)?;
            let record = &known.founding;
            let counts = record.heirs().is_none() || self.is_confirmed(record);
            (counts && record.incarnation() > epoch).then(|| known.signed.clone())
        };
        let peers = self.state().peers();
        let news: Vec<Bytes> = peers.filter_map(|peer| newer(&peer.cite, peer.epoch)).collect();
        let Writer::Signing(home) = &mut self.writer else { return };
        for signed in news {
            let Ok(record) = SignedFounding::decode(&signed) else { continue };
            let cite = record.founding.id();
            // Another root may name keys as often as it likes: that fills no log of ours.
            let today = now.day();
            let (day, tries) = self.keys_taken.entry(cite).or_insert((today, 0));
            if *day != today {
                (*day, *tries) = (today, 0);
            }
            if *tries > KEYS_A_DAY {
                continue;
            }
            *tries = tries.saturating_add(1);
            if *tries > KEYS_A_DAY {
                tracing::warn!(%cite, most = KEYS_A_DAY, "too many new keys today: taken over tomorrow");
                continue;
            }
            match home.learn_keys(now, record) {
                Ok(leaf) => tracing::info!(%cite, leaf, "another cité has new keys"),
                Err(refusal) => tracing::warn!(%cite, %refusal, "new keys are not taken over"),
            }
        }
    }

    fn resume(&mut self, now: UnixMillis) {
        let writer = self.writer.take();
        let Writer::Recovering(recovery) = writer else {
            self.writer = writer;
            return;
        };
        match recovery.home.resume(now) {
            Ok(home) => {
                let incarnation = home.origin().incarnation;
                tracing::info!(incarnation, size = home.checkpoint().head.size, "the log goes on");
                self.writer = Writer::Signing(Box::new(home));
                self.pushes.clear();
                self.keep_evidence();
            }
            Err(error) => tracing::error!(%error, "the log cannot go on"),
        }
    }
}
