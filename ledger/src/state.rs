//! The state: what a log says is true now. A pure fold of the log's own entries; no clock, no other
//! log, no order of any map. It changes only by effects, and an effect cannot fail.

mod ends;
mod members;
mod sheet;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use proto::{
    certificate::StateProof,
    codec::Canonical as _,
    entry::Seal,
    hash::{Hash, Use, digest},
    ids::{CiteId, MemberId, OrderId, RequestId},
    minutes::Balance,
    order::Head,
    time::{UnixMillis, UtcDay},
};

use crate::{
    frozen::FrozenState,
    object::{
        ActState, CiteState, ClockState, CommonsState, MemberState, MirrorsState, Object,
        OpenTransfer, PeerState, UsedRequest,
    },
    state_tree::StateTree,
};

/// Place of an object in the state tree.
pub type Slot = usize;

/// Slot of [`Object::Cite`].
pub const CITE: Slot = 0;
/// Slot of [`Object::Mirrors`].
pub const MIRRORS: Slot = 1;
/// Slot of [`Object::Clock`].
pub const CLOCK: Slot = 2;
/// Slot of [`Object::Commons`].
pub const COMMONS: Slot = 3;

/// How many seal heads an order may look back to: at one seal a quarter of a second this is 17
/// minutes of the busiest home, at a real one's pace weeks.
pub const RECENT_MAX: usize = 4_096;

/// Bytes that hold most objects: a member with two devices takes 200 to 300.
const USUAL_OBJECT: usize = 512;

/// What an entry changes: new values for slots. Made by the rules, which computed and checked every
/// value; applying it cannot fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Slots that get a new value.
    pub(crate) puts: Vec<(Slot, Object)>,
    /// Objects that get a slot of their own.
    pub(crate) adds: Vec<Object>,
    /// Slots that become vacant.
    pub(crate) removes: Vec<Slot>,
}

impl Effect {
    /// Returns the members that this adds.
    pub fn admitted(&self) -> impl Iterator<Item = &MemberState> {
        self.adds.iter().filter_map(|object| match object {
            Object::Member(member) => Some(member),
            _ => None,
        })
    }
}

/// A seal that orders may name as seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recent {
    /// Its head.
    pub head: Head,
    /// The certified size that it named.
    pub certified_size: u64,
}

/// The state of one log.
#[derive(Clone, Default)]
pub struct State {
    slots: Vec<Option<Arc<Object>>>,
    vacant: BTreeSet<Slot>,
    tree: StateTree,
    dirty: BTreeSet<Slot>,
    members: BTreeMap<MemberId, Slot>,
    accounts: BTreeMap<MemberId, Slot>,
    numbers: Vec<Slot>,
    peers: BTreeMap<CiteId, Slot>,
    opens: BTreeMap<(CiteId, u64), Slot>,
    used: BTreeMap<RequestId, Slot>,
    acts: BTreeMap<OrderId, Slot>,
    expiring: BTreeSet<(UtcDay, Slot)>,
    closed: Option<u64>,
    ended: BTreeSet<CiteId>,
    heirs: Option<Slot>,
    recent: VecDeque<Recent>,
}

impl State {
    /// Returns whether the cité was founded.
    pub fn is_founded(&self) -> bool {
        !self.slots.is_empty()
    }

    /// Returns the cité, once founded.
    pub fn cite(&self) -> Option<&CiteState> {
        match self.object(CITE)? {
            Object::Cite(cite) => Some(cite),
            _ => None,
        }
    }

    /// Returns who signs and cosigns, once founded.
    pub fn mirrors(&self) -> Option<&MirrorsState> {
        match self.object(MIRRORS)? {
            Object::Mirrors(mirrors) => Some(mirrors),
            _ => None,
        }
    }

    /// Returns where the log stands in time, once founded.
    pub fn clock(&self) -> Option<&ClockState> {
        match self.object(CLOCK)? {
            Object::Clock(clock) => Some(clock),
            _ => None,
        }
    }

    /// Returns the cité's own account, once founded.
    pub fn commons(&self) -> Option<&CommonsState> {
        match self.object(COMMONS)? {
            Object::Commons(commons) => Some(commons),
            _ => None,
        }
    }

    /// Returns another cité and its slot.
    pub fn peer(&self, cite: &CiteId) -> Option<(Slot, &PeerState)> {
        let slot = *self.peers.get(cite)?;
        match self.object(slot)? {
            Object::Peer(peer) => Some((slot, peer)),
            _ => None,
        }
    }

    /// Returns all other cités with an account here, in the order of their identities.
    pub fn peers(&self) -> impl Iterator<Item = &PeerState> {
        self.peers.values().filter_map(|slot| match self.object(*slot)? {
            Object::Peer(peer) => Some(peer),
            _ => None,
        })
    }

    /// Returns how many cités have an account here.
    pub fn peer_count(&self) -> usize {
        self.peers.len()
    }

    /// Returns the open transfers to a cité up to a counter, in order.
    pub fn opens(&self, peer: CiteId, up_to: u64) -> impl Iterator<Item = (Slot, &OpenTransfer)> {
        self.opens.range((peer, 0)..=(peer, up_to)).filter_map(|(_, slot)| {
            match self.object(*slot)? {
                Object::Open(open) => Some((*slot, open)),
                _ => None,
            }
        })
    }

    /// Returns whether a request was paid, as far as that is remembered.
    pub fn request_used(&self, request: &RequestId) -> bool {
        self.used.contains_key(request)
    }

    /// Returns a pending act and its slot.
    pub fn act(&self, order: &OrderId) -> Option<(Slot, &ActState)> {
        let slot = *self.acts.get(order)?;
        match self.object(slot)? {
            Object::Act(act) => Some((slot, act)),
            _ => None,
        }
    }

    /// Returns all pending acts.
    pub fn acts(&self) -> impl Iterator<Item = &ActState> {
        self.acts.values().filter_map(|slot| match self.object(*slot)? {
            Object::Act(act) => Some(act),
            _ => None,
        })
    }

    /// Returns how many acts are pending.
    pub fn act_count(&self) -> usize {
        self.acts.len()
    }

    /// Returns the seal with a size, if it is among the last [`RECENT_MAX`].
    pub fn recent(&self, size: u64) -> Option<&Recent> {
        self.kept(size).filter(|_| !self.is_too_old(size))
    }

    /// Returns the seal with a size, if it is among the last [`RECENT_MAX`] or the one named last as certified.
    pub fn kept(&self, size: u64) -> Option<&Recent> {
        self.recent.get(self.recent.binary_search_by_key(&size, |recent| recent.head.size).ok()?)
    }

    /// Returns whether a seal of this size would lie before the oldest of the last [`RECENT_MAX`].
    pub fn is_too_old(&self, size: u64) -> bool {
        let surplus = self.recent.len().saturating_sub(RECENT_MAX);
        self.recent.get(surplus).is_some_and(|oldest| size < oldest.head.size)
    }

    /// Remembers a seal, and forgets those that are too old; never the one named last as certified, for a resume shows it.
    fn remember(&mut self, seal: Recent) {
        self.recent.push_back(seal);
        let named = |oldest: &Recent| oldest.head.size == seal.certified_size;
        let keeps = usize::from(self.recent.front().is_some_and(named));
        while self.recent.len() > RECENT_MAX.saturating_add(keeps) {
            self.recent.remove(keeps);
        }
    }

    /// Returns the newest seal's head, the empty one before the first.
    pub fn head(&self) -> Head {
        self.clock().map_or_else(Head::empty, |clock| clock.head)
    }

    /// Returns the sum of all accounts: 0 at every prefix of every log (invariant F2), or `None` on
    /// overflow.
    pub fn sum(&self) -> Option<Balance> {
        let mut objects = self.slots.iter().flatten().map(Arc::as_ref);
        objects.try_fold(Balance::ZERO, |sum, object| sum.plus(object.balance()))
    }

    /// Returns by how much an effect would change that sum: by every rule, not at all.
    pub fn change_of_sum(&self, effect: &Effect) -> Option<Balance> {
        let put = effect.puts.iter().try_fold(Balance::ZERO, |sum, (slot, object)| {
            let before = self.object(*slot).map_or(Balance::ZERO, Object::balance);
            sum.plus(object.balance())?.plus(before.negated()?)
        })?;
        effect.adds.iter().try_fold(put, |sum, object| sum.plus(object.balance()))
    }

    /// Returns the root of the state tree.
    pub fn root(&mut self) -> Hash {
        self.settle();
        self.tree.root()
    }

    /// Returns a proof of one slot under [`State::root`].
    pub fn prove(&mut self, slot: Slot) -> Option<StateProof> {
        self.settle();
        let bytes = self.object(slot)?.encode();
        self.tree.prove(slot, &bytes)
    }

    /// Returns what can still be proved under [`State::root`] after the state has moved on: 72 bytes a
    /// slot, and the objects of those that change.
    pub fn freeze(&mut self) -> FrozenState {
        let root = self.root();
        FrozenState::new(root, self.slots.clone(), self.tree.clone())
    }

    /// Applies what an entry changes. The only way, besides seals, in which a state changes.
    pub fn apply(&mut self, time: UnixMillis, effect: Effect) {
        for slot in effect.removes {
            self.remove(slot);
        }
        for (slot, object) in effect.puts {
            self.put(slot, object);
        }
        for object in effect.adds {
            self.add(object);
        }
        self.tick(time);
    }

    /// Applies a seal: `head` is the head that includes it.
    pub fn apply_seal(&mut self, time: UnixMillis, seal: &Seal, head: Head) {
        self.tick(time);
        let committed = self.recent(seal.certified_size).map(|certified| certified.certified_size);
        let Some(mut clock) = self.clock().copied() else { return };
        clock.seals = seal.seq;
        clock.certified_size = seal.certified_size;
        clock.committed_size = committed.unwrap_or(0).max(clock.committed_size);
        clock.chain = digest(
            Use::SealChain,
            &[clock.chain.as_bytes(), &head.size.to_le_bytes(), head.root.as_bytes()],
        );
        clock.head = head;
        self.put(CLOCK, Object::Clock(clock));
        self.remember(Recent { head, certified_size: seal.certified_size });
        self.change_mirrors(clock.committed_size);
        self.forget(time.day());
    }

    /// Puts pending mirrors in force once their entry is committed. To be certified is not enough: the new
    /// mirrors alone could then certify a seal of which the old ones, whose fences a resume may rest on,
    /// know nothing (decision 18).
    fn change_mirrors(&mut self, committed_size: u64) {
        let Some(mirrors) = self.mirrors() else { return };
        let Some((pending, leaf)) = mirrors.pending.clone() else { return };
        if committed_size > leaf {
            let changed = MirrorsState { current: pending, pending: None, ..mirrors.clone() };
            self.put(MIRRORS, Object::Mirrors(changed));
        }
    }

    /// Forgets used requests and pending acts whose last day has passed.
    fn forget(&mut self, today: UtcDay) {
        while let Some(&(until, slot)) = self.expiring.first() {
            if until >= today {
                return;
            }
            self.remove(slot);
        }
    }

    fn tick(&mut self, time: UnixMillis) {
        let Some(Some(slot)) = self.slots.get_mut(CLOCK) else { return };
        if let Object::Clock(clock) = Arc::make_mut(slot) {
            clock.time = time;
            clock.leaves = clock.leaves.saturating_add(1);
            self.dirty.insert(CLOCK);
        }
    }

    fn put(&mut self, slot: Slot, object: Object) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(Arc::new(object));
            self.dirty.insert(slot);
        }
    }

    fn add(&mut self, object: Object) {
        let slot = self.vacant.pop_first().unwrap_or(self.slots.len());
        self.learn(slot, &object);
        match self.slots.get_mut(slot) {
            Some(place) => *place = Some(Arc::new(object)),
            None => self.slots.push(Some(Arc::new(object))),
        }
        self.dirty.insert(slot);
    }

    /// Enters an object into the maps that find it.
    fn learn(&mut self, slot: Slot, object: &Object) {
        match object {
            Object::Member(member) => {
                self.members.insert(member.id, slot);
                self.numbers.push(slot);
            }
            Object::Account(account) => {
                self.accounts.insert(account.owner, slot);
            }
            Object::Peer(peer) => {
                self.peers.insert(peer.cite, slot);
            }
            Object::Open(open) => {
                self.opens.insert((open.peer, open.counter), slot);
            }
            Object::Used(used) => {
                self.used.insert(used.request, slot);
                self.expiring.insert((used.until, slot));
            }
            Object::Act(act) => {
                self.acts.insert(act.order, slot);
                self.expiring.insert((act.until, slot));
            }
            Object::Closed(closed) => self.closed = Some(closed.leaf),
            Object::Ended(ended) => {
                self.ended.insert(ended.peer);
            }
            Object::Heirs(_) => self.heirs = Some(slot),
            Object::Cite(_) | Object::Mirrors(_) | Object::Clock(_) | Object::Commons(_) => {}
        }
    }

    fn remove(&mut self, slot: Slot) {
        let Some(object) = self.slots.get_mut(slot).and_then(Option::take) else { return };
        match object.as_ref() {
            Object::Open(open) => {
                self.opens.remove(&(open.peer, open.counter));
            }
            Object::Used(UsedRequest { request, until }) => {
                self.used.remove(request);
                self.expiring.remove(&(*until, slot));
            }
            Object::Act(act) => {
                self.acts.remove(&act.order);
                self.expiring.remove(&(act.until, slot));
            }
            Object::Member(_) | Object::Account(_) | Object::Peer(_) => {
                unreachable!("invariant F5: accounts are never removed")
            }
            Object::Closed(_) | Object::Ended(_) => {
                unreachable!("what is closed is closed for good")
            }
            Object::Heirs(_) => unreachable!("heirs give way to others, never to none"),
            Object::Cite(_) | Object::Mirrors(_) | Object::Clock(_) | Object::Commons(_) => {
                unreachable!("invariant F5: the first four slots are never removed")
            }
        }
        self.vacant.insert(slot);
        self.dirty.insert(slot);
    }

    fn settle(&mut self) {
        // As long as most objects are: grown from nothing it would move seven times, at each seal.
        let mut bytes = Vec::with_capacity(USUAL_OBJECT);
        for slot in core::mem::take(&mut self.dirty) {
            bytes.clear();
            let object = self.slots.get(slot).and_then(Option::as_deref);
            if let Some(object) = object {
                object.encode_into(&mut bytes);
            }
            self.tree.set(slot, object.map(|_| bytes.as_slice()));
        }
    }

    fn object(&self, slot: Slot) -> Option<&Object> {
        self.slots.get(slot)?.as_deref()
    }

    /// Returns all slots.
    pub(crate) fn slots(&self) -> &[Option<Arc<Object>>] {
        &self.slots
    }

    /// Returns all slots and recent seals, for a snapshot.
    pub(crate) fn parts(&self) -> (Vec<Option<Object>>, &VecDeque<Recent>) {
        (self.slots.iter().map(|slot| slot.as_deref().cloned()).collect(), &self.recent)
    }

    /// Returns the state with these slots and recent seals, or `None` when the first four slots do
    /// not hold what they must.
    pub(crate) fn from_parts(slots: Vec<Option<Object>>, recent: VecDeque<Recent>) -> Option<Self> {
        let mut state = Self { recent, ..Self::default() };
        for (slot, object) in slots.into_iter().enumerate() {
            match &object {
                Some(object) => state.learn(slot, object),
                None => {
                    state.vacant.insert(slot);
                }
            }
            state.slots.push(object.map(Arc::new));
            state.dirty.insert(slot);
        }
        // Numbers follow admission, slots follow vacancy: put them in the order of the numbers.
        let mut numbers: Vec<(u32, Slot)> = state
            .numbers
            .iter()
            .filter_map(|slot| Some((state.member_at(*slot)?.number, *slot)))
            .collect();
        numbers.sort_unstable();
        state.numbers = numbers.into_iter().map(|(_, slot)| slot).collect();
        let whole = state.cite().is_some()
            && state.mirrors().is_some()
            && state.clock().is_some()
            && state.commons().is_some();
        whole.then_some(state)
    }
}
