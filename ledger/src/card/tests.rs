//! Cards that hold, cards out of date, and cards with anything changed.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use proto::{
    act::{Act, Admit, Mirror, MirrorSet},
    certificate::{Certificate, EntryProof, StateProof},
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::{Bytes, Canonical as _},
    desk::{CardProof, CardWitness},
    entry::{Entry, Payload, RootAct, Seal},
    founding::{Founding, Language, Network, RootKeys, RootSignature, Rules, SignedFounding},
    hash::{Hash, Use, digest, tree_leaf, tree_node},
    ids::{CiteId, OrderId},
    keys::{Purpose, SigningKey},
    membership::{Level, Terms, Validity},
    minutes::Minutes,
    order::{Approve, Head, Join, MemberRecord, Order, Rank, RankedKey, SignedOrder, Statement},
    time::{UnixMillis, UtcDay},
};

use super::{CardError, NotChecked, Term, check};
use crate::{
    object::{Device, MemberState, MirrorsState, Object},
    proof::ProofError,
    state::MIRRORS,
    state_tree::StateTree,
};

const TODAY: UtcDay = UtcDay(20_780);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

struct World {
    founding: SignedFounding,
    log: SigningKey,
    mirror: SigningKey,
}

fn world() -> World {
    let (root, log, mirror) = (key(1), key(2), key(9));
    let founding = Founding {
        version: 1,
        network: Network { name: "exemple".to_owned(), test: true },
        slug: "tisserandes".to_owned(),
        name: "Les Tisserandes".to_owned(),
        place: "Arles".to_owned(),
        language: Language::French,
        root: RootKeys { threshold: 1, keys: vec![root.public()] },
        log_key: log.public(),
        mirror_key: key(3).public(),
        card_key: key(4).public(),
        network_key: key(5).public(),
        rules: Rules::default(),
        salt: [7; 16],
    };
    World { founding: SignedFounding::sign(founding, &[root]), log, mirror }
}

const TERMS: Terms = Terms {
    level: Level::Member,
    from: TODAY,
    until: UtcDay(TODAY.0 + 365),
    allowance: Minutes(60),
};

impl World {
    fn cite(&self) -> CiteId {
        self.founding.founding.id()
    }

    fn order(
        &self,
        author: &MemberRecord,
        statement: Statement,
        device: &SigningKey,
    ) -> SignedOrder {
        Order {
            author: author.id(),
            epoch: 0,
            network: self.founding.founding.network.id(),
            home: self.cite(),
            lane: 0,
            seq: 1,
            prev: OrderId::NONE,
            seen: Head::empty(),
            valid_until: TODAY.plus(30),
            statement,
            body: None,
        }
        .sign(device)
    }

    fn record(&self, device: &SigningKey) -> MemberRecord {
        MemberRecord {
            salt: [1; 16],
            keys: vec![RankedKey { rank: Rank::Device, key: device.public() }],
            next_key: digest(Use::NextKey, &[&key(8).public().0]),
            home: self.cite(),
        }
    }

    fn admit(&self) -> Admit {
        let device = key(6);
        let record = self.record(&device);
        let join = Join { record: record.clone(), rules: 1, pledge: Minutes(600) };
        let join = self.order(&record, Statement::Join(join), &device);
        Admit { join: Bytes::from(join.bytes().to_vec()), terms: TERMS }
    }

    fn by_root(&self, act: Act) -> Payload {
        let network = self.founding.founding.network.id();
        let payload = RootAct::payload(self.cite(), 1, &act);
        let signature = key(1).sign(Purpose::RootAct, &network, &payload);
        let signatures = vec![RootSignature { key: 0, signature }];
        Payload::RootAct(RootAct { cite: self.cite(), seq: 1, act, signatures })
    }

    /// The member that an admission at leaf 1 makes.
    fn member(admit: &Admit) -> MemberState {
        let join = SignedOrder::decode(&admit.join).expect("a joining");
        let order = join.order().clone();
        let Statement::Join(join) = order.statement else { unreachable!("a joining") };
        let key = join.record.device_key().expect("it has one");
        MemberState {
            id: order.author,
            number: 1,
            terms: admit.terms,
            serial: 1,
            issued: 1,
            validity: Validity::Good,
            epoch: 0,
            devices: vec![Device { lane: 0, key }],
            keys: join.record.keys,
            next_key: join.record.next_key,
            admitted: 1,
            rules: join.rules,
            pledge: join.pledge,
        }
    }

    /// The state with these members behind the first four slots.
    fn state(&self, members: &[MemberState]) -> State {
        let ally = CiteId(Hash([42; 32]));
        let current = MirrorSet { mirrors: vec![Mirror { cite: ally, key: self.mirror.public() }] };
        let log_key = self.log.public();
        let mirrors = MirrorsState { incarnation: 0, base: 0, log_key, current, pending: None };
        let mut slots = vec![vec![0], Object::Mirrors(mirrors).encode(), vec![2], vec![3]];
        slots.extend(members.iter().map(|member| Object::Member(member.clone()).encode()));
        let mut tree = StateTree::default();
        slots.iter().enumerate().for_each(|(slot, bytes)| tree.set(slot, Some(bytes)));
        State { tree, slots }
    }

    /// Founding record, entry, seal; the home alone vouches for them.
    fn home_only(&self, payload: Payload, state: &mut State) -> CardProof {
        let log = self.log_of(payload, state);
        let witness = CardWitness::HomeOnly {
            founding: Bytes::from(self.founding.encode()),
            entry: Bytes::from(log.entry),
            leaf: 1,
            path: log.path,
            seal: Bytes::from(log.seal),
            seal_path: log.seal_path,
            checkpoint: Box::new(log.checkpoint),
        };
        CardProof { act: None, witness, member: state.prove(MEMBER) }
    }

    fn log_of(&self, payload: Payload, state: &mut State) -> Log {
        let found = Entry { time: UnixMillis(1), payload: Payload::Found(self.founding.clone()) };
        let entry = Entry { time: UnixMillis(2), payload }.encode();
        let seal = Seal {
            seq: 1,
            certified_size: 2,
            state_root: state.tree.root(),
            previous: Head::empty(),
        };
        let seal = Entry { time: UnixMillis(3), payload: Payload::Seal(seal) }.encode();
        let [first, second, third] =
            [found.encode(), entry.clone(), seal.clone()].map(|bytes| tree_leaf(&bytes));
        let both = tree_node(&first, &second);
        let head = Head { size: 3, root: tree_node(&both, &third) };
        let checkpoint = Checkpoint::sign(self.origin(), head, &self.log);
        Log { entry, path: vec![first, third], seal, seal_path: vec![both], checkpoint }
    }

    /// What the root admits, with the state that this makes.
    fn admitted(&self) -> (Payload, State) {
        let admit = self.admit();
        let state = self.state(&[Self::member(&admit)]);
        (self.by_root(Act::Admit(admit)), state)
    }

    fn origin(&self) -> Origin {
        Origin { network: self.founding.founding.network.id(), cite: self.cite(), incarnation: 0 }
    }

    /// The same log, cosigned by its only mirror.
    fn certified(&self, payload: Payload, state: &mut State) -> CardProof {
        let log = self.log_of(payload, state);
        let ally = CiteId(Hash([42; 32]));
        let proof = EntryProof {
            founding: Bytes::from(self.founding.encode()),
            path: log.path,
            seal_path: log.seal_path,
            entry: Bytes::from(log.entry),
            leaf: 1,
            seal: Bytes::from(log.seal),
            certificate: Certificate {
                checkpoint: log.checkpoint,
                cosignatures: vec![Cosignature::sign(&log.checkpoint, ally, 4, &self.mirror)],
            },
            mirrors: state.prove(MIRRORS),
        };
        let witness = CardWitness::Certified(Box::new(proof));
        CardProof { act: None, witness, member: state.prove(MEMBER) }
    }
}

/// Slot of the first member.
const MEMBER: usize = 4;

struct State {
    tree: StateTree,
    slots: Vec<Vec<u8>>,
}

impl State {
    fn prove(&mut self, slot: usize) -> StateProof {
        self.tree.prove(slot, &self.slots[slot]).expect("the slot is set")
    }
}

struct Log {
    entry: Vec<u8>,
    path: Vec<Hash>,
    seal: Vec<u8>,
    seal_path: Vec<Hash>,
    checkpoint: Checkpoint,
}

#[test]
fn a_card_of_the_home_holds_and_says_what_it_leaves_open() {
    let world = world();
    let (payload, mut state) = world.admitted();
    let card = check(&world.home_only(payload, &mut state)).expect("nothing was changed");
    assert_eq!(card.member(), world.record(&key(6)).id());
    assert_eq!((card.pledge(), card.leaf(), card.issued()), (Minutes(600), 1, UnixMillis(2)));
    assert_eq!((card.number(), card.keys()), (1, &*world.record(&key(6)).keys));
    assert_eq!((card.sealed(), card.witnesses()), (UnixMillis(3), &[][..]));
    assert!(card.not_checked().contains(&NotChecked::Witnesses));
    assert!(!card.not_checked().contains(&NotChecked::Approvals), "the root signed");
}

#[test]
fn a_certified_card_names_its_witnesses_and_its_age() {
    let world = world();
    let (payload, mut state) = world.admitted();
    let card = check(&world.certified(payload, &mut state)).expect("nothing was changed");
    assert_eq!(card.sealed(), UnixMillis(3));
    assert_eq!(card.witnesses(), &[CiteId(Hash([42; 32]))]);
    assert_eq!(card.not_checked(), [NotChecked::Revocation, NotChecked::Holder]);
}

#[test]
fn only_the_members_own_leaf_under_this_very_seal_counts() {
    let world = world();
    let (payload, mut state) = world.admitted();
    let good = world.certified(payload.clone(), &mut state);
    let with = |member: StateProof| check(&CardProof { member, ..good.clone() }).err();
    assert_eq!(with(state.prove(MEMBER)), None);
    // A slot that is no member.
    assert_eq!(with(state.prove(MIRRORS)), Some(CardError::NotInForce));
    // The own slot with other bytes.
    let honest = World::member(&world.admit());
    let later = MemberState { number: 2, ..honest.clone() };
    let mut forged = state.prove(MEMBER);
    forged.leaf = Bytes::from(Object::Member(later.clone()).encode());
    assert_eq!(with(forged), Some(CardError::OtherState));
    // The own slot under the root of another seal.
    let stale = world.state(&[later]).prove(MEMBER);
    assert_eq!(with(stale), Some(CardError::OtherState));
    // Under the right root, but not what this admission made.
    let with = |terms: Terms| MemberState { terms, ..honest.clone() };
    let steward = with(Terms { level: Level::Steward, ..TERMS });
    let longer = with(Terms { until: TODAY.plus(366), ..TERMS });
    let richer = with(Terms { allowance: Minutes(600), ..TERMS });
    let elsewhere = MemberState { issued: 0, ..honest.clone() };
    let second = MemberState { serial: 2, ..honest.clone() };
    let renewed = MemberState { epoch: 1, ..honest.clone() };
    let mut other = honest.clone();
    other.id = world.record(&key(7)).id();
    for member in [steward, longer, richer, elsewhere, second, renewed, other] {
        let mut state = world.state(&[member]);
        for card in [
            world.certified(payload.clone(), &mut state),
            world.home_only(payload.clone(), &mut state),
        ] {
            assert_eq!(check(&card).err(), Some(CardError::NotInForce));
        }
    }
    // Another member's slot beside the own one.
    let mut other = honest.clone();
    other.id = world.record(&key(7)).id();
    let mut both = world.state(&[honest, other]);
    let card = world.certified(payload, &mut both);
    assert!(check(&card).is_ok());
    let card = CardProof { member: both.prove(MEMBER + 1), ..card };
    assert_eq!(check(&card).err(), Some(CardError::NotInForce));
}

#[test]
fn the_first_and_the_last_day_count() {
    let world = world();
    let (payload, mut state) = world.admitted();
    let card = check(&world.home_only(payload, &mut state)).expect("nothing was changed");
    assert_eq!(card.term(UtcDay(TODAY.0 - 1)), Term::NotYet);
    assert_eq!(card.term(TODAY), Term::Valid);
    assert_eq!(card.term(TODAY.plus(365)), Term::Valid);
    assert_eq!(card.term(TODAY.plus(366)), Term::Expired);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let world = world();
    let (payload, mut state) = world.admitted();
    let home = world.home_only(payload.clone(), &mut state);
    for good in [home, world.certified(payload, &mut state)] {
        let bytes = good.encode();
        assert!(CardProof::decode(&bytes).is_ok_and(|card| check(&card).is_ok()));
        for place in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[place] ^= 1 << (place % 8);
            let held = CardProof::decode(&bad).is_ok_and(|card| check(&card).is_ok());
            assert!(!held, "byte {place} of {}", bytes.len());
        }
    }
}

#[test]
fn an_approval_holds_only_with_the_act_that_it_approves() {
    let world = world();
    let (steward, admit) = (key(10), world.admit());
    let record = world.record(&steward);
    let act = world.order(&record, Statement::Act(Act::Admit(admit.clone())), &steward);
    let approve = Statement::Approve(Approve { act: act.id() });
    let approval = world.order(&record, approve, &key(11));
    let (payload, mut state) =
        (Payload::Order(approval.clone()), world.state(&[World::member(&admit)]));
    let home = world.home_only(payload.clone(), &mut state);
    let certified = world.certified(payload, &mut state);
    let bytes = |order: &SignedOrder| Bytes::from(order.bytes().to_vec());
    let shown =
        |act: Option<&SignedOrder>| check(&CardProof { act: act.map(bytes), ..home.clone() });
    let card = shown(Some(&act)).expect("this act was approved");
    assert!(card.not_checked().contains(&NotChecked::Approvals), "only the home says it");
    let card = check(&CardProof { act: Some(bytes(&act)), ..certified }).expect("approved as well");
    assert!(!card.not_checked().contains(&NotChecked::Approvals), "a mirror decided it again");
    assert_eq!(shown(None).err(), Some(CardError::OtherAct));
    let terms = Terms { level: Level::Steward, ..TERMS };
    let other = Admit { terms, ..admit };
    let other = world.order(&record, Statement::Act(Act::Admit(other)), &steward);
    assert_eq!(shown(Some(&other)).err(), Some(CardError::OtherAct));
    assert_eq!(shown(Some(&approval)).err(), Some(CardError::OtherAct));
}

#[test]
fn what_issues_nothing_is_no_card() {
    let world = world();
    let rules = world.by_root(Act::Rules(Rules::default()));
    let (_, mut state) = world.admitted();
    let card = world.home_only(rules, &mut state);
    assert_eq!(check(&card).err(), Some(CardError::NotAnIssue));
    // A joining signed by somebody else's device is nobody's.
    let mut admit = world.admit();
    let record = world.record(&key(6));
    let join = Join { record: record.clone(), rules: 1, pledge: Minutes(0) };
    let forged = world.order(&record, Statement::Join(join), &key(12));
    admit.join = Bytes::from(forged.bytes().to_vec());
    let mut state = world.state(&[World::member(&admit)]);
    let card = world.home_only(world.by_root(Act::Admit(admit)), &mut state);
    assert_eq!(check(&card).err(), Some(CardError::NotAJoin));
}

#[test]
fn another_log_key_is_not_the_home() {
    let mut world = world();
    world.log = key(13);
    let (payload, mut state) = world.admitted();
    let card = world.home_only(payload, &mut state);
    let error = check(&card).err();
    assert!(matches!(error, Some(CardError::Proof(ProofError::Checkpoint(_)))), "{error:?}");
}
