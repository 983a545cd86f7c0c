//! A cité of bad will among honest ones: with the keys of its home, of its mirror and of its root it says what no
//! honest node says. Its own node stays as it is beneath, so that what its members were told can be looked at.

use std::collections::BTreeSet;

use ledger::tree::Frontier;
use node::core::{Input, ReplyTo};
use proto::{
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Reply},
    entry::{Entry, Payload, Seal},
    founding::SignedFounding,
    hash::{Hash, tree_leaf},
    ids::CiteId,
    order::Head,
    resume::{Fence, Resume, SignedFence},
    wire::{Answer, Ask, Extend, decline},
};

use super::{Event, Sim, checks::Stands, site::Site};
use crate::people::founding_bytes;

/// Between two lies of a home, in milliseconds.
const LIE_MS: u64 = 5_000;

/// For how long a convicted home goes on, in milliseconds, while nobody listens any more.
const FROZEN_MS: u64 = 30_000;

/// Whose orders a home does not take, among its people.
pub(super) const DROPPED: usize = 1;

/// How a cité lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lie {
    /// As a mirror it cosigns nothing.
    Refuses,
    /// As a mirror it cosigns whatever it is shown, and keeps nothing of it.
    CosignsUnseen,
    /// Its home signs a second history.
    TwoHistories,
    /// Its home goes on in a new incarnation with promises that nobody gave.
    MakesUpResume,
    /// Its home takes no orders of one of its members.
    DropsOrders,
    /// Nor does it take those that its mirrors offer it.
    DropsOffers,
}

pub(super) const LIES: [Lie; 6] = [
    Lie::Refuses,
    Lie::CosignsUnseen,
    Lie::TwoHistories,
    Lie::MakesUpResume,
    Lie::DropsOrders,
    Lie::DropsOffers,
];

/// The lie of a cité, and how far it got.
pub(super) struct Liar {
    pub(super) place: usize,
    pub(super) lie: Lie,
    /// Lies under way to a mirror.
    sent: BTreeSet<u64>,
    /// It lies from now on.
    pub(super) began: bool,
    /// A mirror heard the lie of the home, and said so; or the home hears again.
    pub(super) heard: bool,
    /// Its members pay although the trouble is over.
    pub(super) goes_on: bool,
}

impl Liar {
    pub(super) const fn new(place: usize, lie: Lie) -> Self {
        Self { place, lie, sent: BTreeSet::new(), began: false, heard: false, goes_on: false }
    }

    const fn lies_in_its_log(&self) -> bool {
        matches!(self.lie, Lie::TwoHistories | Lie::MakesUpResume)
    }
}

/// What an honest node has of a convicted cité.
#[derive(PartialEq, Eq, Debug)]
struct Has {
    size: Option<u64>,
    received: Option<u64>,
}

impl Sim {
    /// Returns whether a place is of bad will, in whatever it does.
    pub(super) fn is_liar(&self, place: usize) -> bool {
        self.liar.as_ref().is_some_and(|liar| liar.place == place)
    }

    /// Returns whether the log of a place says what it likes: nothing is expected of it.
    pub(super) fn lies_in_its_log(&self, place: usize) -> bool {
        self.liar.as_ref().is_some_and(|liar| liar.place == place && liar.lies_in_its_log())
    }

    /// Returns what a mirror that lies answers instead of its node.
    pub(super) fn lies_as_mirror(&mut self, mirror: usize, ask: &Ask) -> Option<Answer> {
        let (Ask::Extend(extend), Some(liar)) = (ask, &self.liar) else { return None };
        if liar.place != mirror {
            return None;
        }
        let house = &self.sites[mirror].house;
        match liar.lie {
            Lie::Refuses => {
                self.reached.note("a mirror refused to cosign");
                Some(Answer::Declined { reason: decline::BAD_ENTRY, at: extend.from })
            }
            Lie::CosignsUnseen => {
                self.reached.note("a mirror cosigned what it did not look at");
                let seconds = self.now.0 / 1_000;
                let shown = &extend.checkpoint;
                Some(Answer::Cosigned(Cosignature::sign(shown, house.id, seconds, &house.mirror)))
            }
            _ => None,
        }
    }

    /// Lets a home say what is not so to one of its mirrors, until one has heard it.
    pub(super) fn lie(&mut self) {
        let lies = |liar: &&Liar| liar.lies_in_its_log() && !liar.heard;
        let Some(liar) = self.liar.as_ref().filter(lies) else { return };
        let (place, lie) = (liar.place, liar.lie);
        self.due(LIE_MS, Event::Lie);
        let count = self.rates.cites;
        let to = (place + 1 + self.chance.index(count - 1)) % count;
        let peer = self.sites[place].peer();
        let known = self.wires.known_as(to, place) == Some(peer);
        if !known || !self.sites[place].runs() || !self.sites[to].runs() {
            return;
        }
        let extend = match lie {
            Lie::TwoHistories => self.other_history(place),
            Lie::MakesUpResume => Some(self.made_up_resume(place)),
            _ => None,
        };
        let Some(extend) = extend else { return };
        self.trace.happened(self.now, place, &format!("lies to {to}"));
        self.next += 1;
        let id = self.next;
        self.liar.iter_mut().for_each(|liar| {
            liar.sent.insert(id);
        });
        let frame = Ask::Extend(Box::new(extend)).encode();
        self.due(1, Event::Input(to, 0, Input::Asked { peer, frame, reply_to: ReplyTo(id) }));
    }

    /// Takes in what a mirror answers to a lie; returns whether it was one.
    ///
    /// # Panics
    /// When the mirror cosigns it.
    pub(super) fn answers_lie(&mut self, id: u64, answer: &Answer) -> bool {
        let Some(liar) = &mut self.liar else { return false };
        if !liar.sent.remove(&id) {
            return false;
        }
        assert!(!matches!(answer, Answer::Cosigned(_)), "an honest mirror cosigns a lie");
        match (liar.lie, answer) {
            (Lie::TwoHistories, Answer::Declined { reason: decline::FORK, .. }) => {
                liar.heard = true;
                self.reached.note("a mirror was shown two histories of a log");
            }
            (Lie::MakesUpResume, Answer::Declined { reason: decline::BAD_ENTRY, .. }) => {
                liar.heard = true;
                self.reached.note("a mirror was shown a resume that was made up");
            }
            _ => {}
        }
        true
    }

    /// Another head of as many leaves as a head that the mirrors hold.
    fn other_history(&mut self, place: usize) -> Option<Extend> {
        let house = &self.sites[place].house;
        let known = self.seen.certified.get(&(house.id, 0))?;
        let size = *known.keys().next_back()?;
        let root = Hash([u8::try_from(self.chance.below(256)).expect("a byte"); 32]);
        let origin = origin(&self.sites[place], 0);
        let house = &self.sites[place].house;
        let checkpoint = Checkpoint::sign(origin, Head { size, root }, &house.log);
        Some(push(founding_bytes(house), checkpoint, size, Vec::new()))
    }

    /// A new incarnation, with keys that the root named and promises that no mirror gave.
    fn made_up_resume(&self, place: usize) -> Extend {
        let site = &self.sites[place];
        let house = &site.house;
        let log = Stands::read(std::sync::Arc::new(site.disk.restored(0)));
        let mut tree = Frontier::default();
        let mut sealed = (0, Head::empty());
        for entry in &log.entries {
            tree.push(tree_leaf(entry));
            if let Ok(Entry { payload: Payload::Seal(seal), .. }) = Entry::decode(entry) {
                sealed = (seal.seq, Head { size: tree.size(), root: tree.root() });
            }
        }
        let base = Head { size: tree.size(), root: tree.root() };
        let others =
            self.sites[..self.rates.cites].iter().filter(|other| other.house.id != house.id);
        let mut fences: Vec<SignedFence> = others
            .map(|other| Fence {
                cite: house.id,
                below: 1,
                mirror: other.house.id,
                held: None,
                certified: None,
            })
            .map(|fence| SignedFence::sign(fence, &house.network, &house.mirror))
            .collect();
        fences.sort_by_key(|fence| fence.fence.mirror);
        let resume = Resume { epoch: house.epoch(1), base, named: None, certificate: None, fences };
        // A head that ends with anything but a seal is evidence by itself: here the promises alone are wrong.
        let (seq, previous) = (sealed.0 + 1, sealed.1);
        let seal = Seal { seq, certified_size: 0, state_root: base.root, previous };
        let entries = [Payload::Resume(Box::new(resume)), Payload::Seal(seal)]
            .map(|payload| Bytes::from(Entry { time: self.now, payload }.encode()));
        entries.iter().for_each(|entry| tree.push(tree_leaf(entry)));
        let head = Head { size: tree.size(), root: tree.root() };
        let [log_key, ..] = house.role_keys(1);
        let checkpoint = Checkpoint::sign(origin(site, 1), head, &log_key);
        let founding = Bytes::from(house.founding_at(1).encode());
        push(founding, checkpoint, base.size, entries.to_vec())
    }

    /// Returns whom a node knows to be convicted.
    pub(super) fn convicted_at(&mut self, place: usize) -> Vec<CiteId> {
        let Some(Reply::Cites(cites)) = self.ask(place, Call::Cites) else {
            panic!("the cités that a node knows are for anybody")
        };
        let of = |known: &Known| SignedFounding::decode(&known.founding).expect("a record");
        let convicted = cites.iter().filter(|known| known.convicted);
        convicted.map(|known| of(known).founding.id()).collect()
    }

    /// Returns who must be convicted at every honest node, once one of them saw why.
    pub(super) fn guilty(&self) -> Vec<CiteId> {
        let signed_two = |liar: &&Liar| liar.lie == Lie::TwoHistories;
        let liar = self.liar.iter().filter(signed_two);
        liar.map(|liar| self.sites[liar.place].house.id).collect()
    }

    /// Returns whether the lie was told, and everybody honest knows what must be known of it; else what is not so.
    pub(super) fn lie_is_over(&mut self) -> Result<(), String> {
        let began = |liar: &&Liar| liar.began && liar.lies_in_its_log();
        let Some(liar) = self.liar.as_ref().filter(began) else { return Ok(()) };
        if !liar.heard {
            return Err("no mirror heard the lie".to_owned());
        }
        let (place, guilty) = (liar.place, self.guilty());
        for honest in (0..self.rates.cites).filter(|honest| *honest != place) {
            if self.convicted_at(honest) != guilty {
                return Err(format!("{honest} does not know of two histories of {place}"));
            }
        }
        Ok(())
    }

    /// Lets a convicted home go on for a while, and compares what others have of it before and after.
    ///
    /// # Panics
    /// When somebody takes anything in.
    pub(super) fn stays_frozen(&mut self) {
        let [convicted] = self.guilty()[..] else { return };
        let before = self.all_have_of(convicted);
        let certified = self.seen.certified.get(&(convicted, 0)).cloned();
        self.liar.iter_mut().for_each(|liar| liar.goes_on = true);
        for payer in 0..self.payers.len() {
            self.due(1, Event::Payer(payer));
        }
        self.pass(FROZEN_MS);
        assert_eq!(self.all_have_of(convicted), before, "somebody takes in what is convicted");
        assert_eq!(self.seen.certified.get(&(convicted, 0)).cloned(), certified);
        self.reached.note("a convicted home was frozen everywhere");
    }

    fn all_have_of(&mut self, cite: CiteId) -> Vec<Has> {
        let honest: Vec<usize> = (0..self.rates.cites).filter(|at| !self.is_liar(*at)).collect();
        let has = |place| {
            let status = self.status(place).expect("nodes run");
            let held = status.mirrored.iter().find(|item| item.cite == cite);
            let sheet = status.sheet.as_ref().expect("a node that signs has one");
            let peer = sheet.peers.iter().find(|peer| peer.cite == cite);
            Has { size: held.map(|held| held.size), received: peer.map(|peer| peer.received) }
        };
        honest.into_iter().map(has).collect()
    }
}

fn origin(site: &Site, incarnation: u32) -> Origin {
    Origin { cite: site.house.id, network: site.house.network, incarnation }
}

fn push(founding: Bytes, checkpoint: Checkpoint, from: u64, entries: Vec<Bytes>) -> Extend {
    Extend { founding, checkpoint, from, entries, certificate: None, sidecars: Vec::new() }
}
