//! Cards that hold, cards out of date, and cards with anything changed.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use proto::{
    act::{Act, Admit, Level, Mirror, MirrorSet},
    certificate::{Certificate, EntryProof},
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::{Bytes, Canonical as _},
    desk::{CardProof, CardWitness},
    entry::{Entry, Payload, RootAct, Seal},
    founding::{Founding, Language, Network, RootKeys, RootSignature, Rules, SignedFounding},
    hash::{Hash, Use, digest, tree_leaf, tree_node},
    ids::{CiteId, OrderId},
    keys::{Purpose, SigningKey},
    minutes::Minutes,
    order::{Approve, Head, Join, MemberRecord, Order, Rank, RankedKey, SignedOrder, Statement},
    time::{UnixMillis, UtcDay},
};

use super::{CardError, NotChecked, Term, check};
use crate::{
    object::{MirrorsState, Object},
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
        Admit {
            join: Bytes::from(join.bytes().to_vec()),
            level: Level::Member,
            from: TODAY,
            until: TODAY.plus(365),
        }
    }

    fn by_root(&self, act: Act) -> Payload {
        let network = self.founding.founding.network.id();
        let payload = RootAct::payload(self.cite(), 1, &act);
        let signature = key(1).sign(Purpose::RootAct, &network, &payload);
        let signatures = vec![RootSignature { key: 0, signature }];
        Payload::RootAct(RootAct { cite: self.cite(), seq: 1, act, signatures })
    }

    /// Founding record, entry: two leaves that the home alone vouches for.
    fn home_only(&self, payload: Payload) -> CardWitness {
        let found = Entry { time: UnixMillis(1), payload: Payload::Found(self.founding.clone()) };
        let entry = Entry { time: UnixMillis(2), payload }.encode();
        let first = tree_leaf(&found.encode());
        let head = Head { size: 2, root: tree_node(&first, &tree_leaf(&entry)) };
        CardWitness::HomeOnly {
            founding: Bytes::from(self.founding.encode()),
            entry: Bytes::from(entry),
            leaf: 1,
            path: vec![first],
            checkpoint: Box::new(Checkpoint::sign(self.origin(), head, &self.log)),
        }
    }

    fn origin(&self) -> Origin {
        Origin { network: self.founding.founding.network.id(), cite: self.cite(), incarnation: 0 }
    }

    /// The same entry, then a seal that names it as certified, cosigned by the only mirror.
    fn certified(&self, payload: Payload) -> CardProof {
        let ally = CiteId(Hash([42; 32]));
        let current = MirrorSet { mirrors: vec![Mirror { cite: ally, key: self.mirror.public() }] };
        let mirrors = MirrorsState { log_key: self.log.public(), current, pending: None };
        let leaf = Object::Mirrors(mirrors).encode();
        let mut tree = StateTree::default();
        for slot in 0..4 {
            tree.set(slot, Some(if slot == MIRRORS { &leaf } else { b"other" }));
        }
        let seal = Entry {
            time: UnixMillis(3),
            payload: Payload::Seal(Seal {
                seq: 1,
                certified_size: 1,
                state_root: tree.root(),
                previous: Head::empty(),
            }),
        }
        .encode();
        let entry = Entry { time: UnixMillis(2), payload }.encode();
        let head = Head { size: 2, root: tree_node(&tree_leaf(&entry), &tree_leaf(&seal)) };
        let checkpoint = Checkpoint::sign(self.origin(), head, &self.log);
        let proof = EntryProof {
            founding: Bytes::from(self.founding.encode()),
            path: vec![tree_leaf(&seal)],
            seal_path: vec![tree_leaf(&entry)],
            entry: Bytes::from(entry),
            leaf: 0,
            seal: Bytes::from(seal),
            certificate: Certificate {
                checkpoint,
                cosignatures: vec![Cosignature::sign(&checkpoint, ally, 4, &self.mirror)],
            },
            mirrors: tree.prove(MIRRORS, &leaf).expect("the slot was just set"),
        };
        CardProof { act: None, witness: CardWitness::Certified(Box::new(proof)) }
    }
}

#[test]
fn a_card_of_the_home_holds_and_says_what_it_leaves_open() {
    let world = world();
    let witness = world.home_only(world.by_root(Act::Admit(world.admit())));
    let card = check(&CardProof { act: None, witness }).expect("nothing was changed");
    assert_eq!(card.member(), world.record(&key(6)).id());
    assert_eq!((card.pledge(), card.leaf(), card.entered()), (Minutes(600), 1, UnixMillis(2)));
    assert_eq!((card.sealed(), card.witnesses()), (None, &[][..]));
    assert!(card.not_checked().contains(&NotChecked::Witnesses));
    assert!(!card.not_checked().contains(&NotChecked::Approvals));
}

#[test]
fn a_certified_card_names_its_witnesses_and_its_age() {
    let world = world();
    let card = world.certified(world.by_root(Act::Admit(world.admit())));
    let card = check(&card).expect("nothing was changed");
    assert_eq!(card.sealed(), Some(UnixMillis(3)));
    assert_eq!(card.witnesses(), &[CiteId(Hash([42; 32]))]);
    assert!(!card.not_checked().contains(&NotChecked::Age));
}

#[test]
fn the_first_and_the_last_day_count() {
    let world = world();
    let witness = world.home_only(world.by_root(Act::Admit(world.admit())));
    let card = check(&CardProof { act: None, witness }).expect("nothing was changed");
    assert_eq!(card.term(UtcDay(TODAY.0 - 1)), Term::NotYet);
    assert_eq!(card.term(TODAY), Term::Valid);
    assert_eq!(card.term(TODAY.plus(365)), Term::Valid);
    assert_eq!(card.term(TODAY.plus(366)), Term::Expired);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let world = world();
    let payload = world.by_root(Act::Admit(world.admit()));
    let home = CardProof { act: None, witness: world.home_only(payload.clone()) };
    for good in [home, world.certified(payload)] {
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
    let witness = || world.home_only(Payload::Order(approval.clone()));
    let shown = |act: Option<&SignedOrder>| {
        let act = act.map(|order| Bytes::from(order.bytes().to_vec()));
        check(&CardProof { act, witness: witness() })
    };
    let card = shown(Some(&act)).expect("this act was approved");
    assert!(card.not_checked().contains(&NotChecked::Approvals));
    assert_eq!(shown(None).err(), Some(CardError::OtherAct));
    let other = Admit { level: Level::Steward, ..admit };
    let other = world.order(&record, Statement::Act(Act::Admit(other)), &steward);
    assert_eq!(shown(Some(&other)).err(), Some(CardError::OtherAct));
    assert_eq!(shown(Some(&approval)).err(), Some(CardError::OtherAct));
}

#[test]
fn what_is_no_admission_is_no_card() {
    let world = world();
    let rules = world.by_root(Act::Rules(Rules::default()));
    let witness = world.home_only(rules);
    let card = CardProof { act: None, witness };
    assert_eq!(check(&card).err(), Some(CardError::NotAnAdmission));
    // A joining signed by somebody else's device is nobody's.
    let mut admit = world.admit();
    let record = world.record(&key(6));
    let join = Join { record: record.clone(), rules: 1, pledge: Minutes(0) };
    let forged = world.order(&record, Statement::Join(join), &key(12));
    admit.join = Bytes::from(forged.bytes().to_vec());
    let witness = world.home_only(world.by_root(Act::Admit(admit)));
    assert_eq!(check(&CardProof { act: None, witness }).err(), Some(CardError::NotAJoin));
}

#[test]
fn another_log_key_is_not_the_home() {
    let mut world = world();
    world.log = key(13);
    let witness = world.home_only(world.by_root(Act::Admit(world.admit())));
    let card = CardProof { act: None, witness };
    assert!(matches!(check(&card).err(), Some(CardError::Checkpoint(_))));
}
