//! Orders at a home on a real disk: sent twice, out of order, after a restart; and what its receipts and
//! checkpoints prove. An order counts once, whatever the network does with it.

use std::{path::Path, sync::Arc};

use harness::{
    disk::{Calls, Fault},
    people::{self, TODAY, seed},
    world::{Wallet, World, found},
};
use ledger::{
    disk::{Disk, Holder, MachineId, RealDisk},
    home::{Committed, Dormant, Home, Submitted},
    index::{Index, Note},
    refusal::Refusal,
    tree::{self, verify_consistency, verify_inclusion},
};
use proto::{
    checkpoint::Checkpoint,
    entry::{Entry, Payload},
    hash::tree_leaf,
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, SignedOrder, Statement},
    time::UnixMillis,
};

/// The boatmen's home in a directory of the real file system, with the wallets of its two members.
struct Place {
    dir: tempfile::TempDir,
    now: UnixMillis,
    zoe: Wallet,
    marcel: Wallet,
}

impl Place {
    fn new() -> Self {
        let house = people::mariniers();
        let [zoe, marcel] = ["zoe", "marcel"].map(|name| Wallet::new(name, &house));
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self { dir, now: TODAY.start(), zoe, marcel }
    }

    fn disk(&self) -> Arc<dyn Disk> {
        let holder = Holder { pid: 1, started_ms: 0 };
        let disk = RealDisk::open(&self.dir.path().join("node"), MachineId([b'm'; 32]), holder);
        Arc::new(disk.expect("a directory of our own"))
    }

    fn index(&self) -> std::path::PathBuf {
        self.dir.path().join("index")
    }

    fn found(&self) -> Home {
        let house = people::mariniers();
        let index = self.index();
        found(&house, &["zoe", "marcel"], self.disk(), &index, self.now).expect("founded")
    }

    fn open(&self, index: &Path) -> Home {
        let house = people::mariniers();
        let dormant = Dormant::open(self.disk(), index, house.id, house.log).expect("opened");
        assert_eq!(dormant.distrust(), None);
        dormant.start(self.now).expect("this is the image that signed")
    }

    /// Zoé's next order: 15 minutes for Marcel.
    fn pay(&mut self) -> SignedOrder {
        let payee = Account::Member(self.marcel.person.id);
        let pay = Pay { payee, minutes: Minutes(15), request: None };
        self.zoe.sign(Head::empty(), Statement::Pay(pay))
    }

    /// Two orders of Zoé's device with one number, of which only one can be entered.
    fn two_in_one_place(&mut self) -> [SignedOrder; 2] {
        let (seq, prev) = (self.zoe.seq, self.zoe.prev);
        let first = self.pay();
        let Statement::Pay(pay) = first.order().statement.clone() else { panic!("a payment") };
        (self.zoe.seq, self.zoe.prev) = (seq, prev);
        let other = Statement::Pay(Pay { minutes: Minutes(30), ..pay });
        [first, self.zoe.sign(Head::empty(), other)]
    }

    fn commit(&mut self, home: &mut Home) -> Committed {
        self.now = self.now.plus(1);
        home.commit(self.now).expect("a sound disk").expect("something waits")
    }
}

fn refused(home: &mut Home, now: UnixMillis, order: &SignedOrder) -> u16 {
    home.submit(now, order.clone()).expect_err("it stands in the log already").number()
}

#[test]
fn the_same_order_is_answered_with_the_same_leaf() {
    let mut place = Place::new();
    let mut home = place.found();
    let order = place.pay();
    let Ok(Submitted::Pending(leaf)) = home.submit(place.now, order.clone()) else {
        panic!("an honest payment");
    };
    // While it waits, the second sender waits for the same batch.
    assert_eq!(home.submit(place.now, order.clone()), Ok(Submitted::Pending(leaf)));
    place.commit(&mut home);
    assert_eq!(home.submit(place.now, order.clone()), Ok(Submitted::Recorded(leaf)));
    assert!(home.is_idle(), "the second time nothing is entered");
    // After a restart as well, with the index and without.
    drop(home);
    for index in [place.index(), place.dir.path().join("another index")] {
        let mut home = place.open(&index);
        assert_eq!(home.submit(place.now, order.clone()), Ok(Submitted::Recorded(leaf)));
        assert!(home.is_idle());
        let entry = home.entry(leaf).expect("recorded");
        assert_eq!(entry.payload, Payload::Order(order.clone()));
    }
}

#[test]
fn another_order_with_a_used_number_is_refused_for_ever() {
    let mut place = Place::new();
    let mut home = place.found();
    let [first, other] = place.two_in_one_place();
    let seq = first.order().seq;
    assert_ne!(first.id(), other.id());
    home.submit(place.now, first.clone()).expect("an honest payment");
    let taken = Refusal::SeqTaken { seq, last: first.id() };
    assert_eq!(home.submit(place.now, other.clone()), Err(taken));
    place.commit(&mut home);
    assert_eq!(home.submit(place.now, other.clone()), Err(taken));
    drop(home);
    let mut home = place.open(&place.index());
    assert_eq!(home.submit(place.now, other), Err(taken));
    assert!(home.is_idle(), "a refusal is not remembered");
}

/// The index is a cache: what it says of an order is looked up in the log.
#[test]
fn an_index_that_says_something_else_than_the_log_is_not_believed() {
    let mut place = Place::new();
    let mut home = place.found();
    let [first, other] = place.two_in_one_place();
    home.submit(place.now, first.clone()).expect("an honest payment");
    let size = place.commit(&mut home).checkpoint.head.size;
    drop(home);
    let elsewhere = place.dir.path().join("an index of elsewhere");
    let mut index = Index::open(&elsewhere).expect("an empty directory");
    index.write(&[Note::Order { order: other.id(), leaf: 1 }], size).expect("noted");
    index.flush().expect("written out");
    drop(index);
    let mut home = place.open(&elsewhere);
    assert_eq!(home.leaf_of(&other.id()), None);
    let taken = Refusal::SeqTaken { seq: other.order().seq, last: first.id() };
    assert_eq!(home.submit(place.now, other), Err(taken));
}

#[test]
fn another_signature_makes_no_other_order() {
    let mut place = Place::new();
    let mut home = place.found();
    let order = place.pay();
    let forged = order.order().clone().sign(&place.marcel.person.device);
    assert_eq!(forged.id(), order.id());
    assert_eq!(home.submit(place.now, forged.clone()), Err(Refusal::BadSignature));
    home.submit(place.now, order.clone()).expect("an honest payment");
    let committed = place.commit(&mut home);
    // It names what stands in the log, and is refused all the same; the log keeps the good one.
    assert_eq!(home.submit(place.now, forged), Err(Refusal::BadSignature));
    assert_eq!(home.submit(place.now, order.clone()), Ok(Submitted::Recorded(committed.from)));
    let entry = home.entry(committed.from).expect("recorded");
    assert_eq!(entry.payload, Payload::Order(order));
}

#[test]
fn orders_that_come_out_of_order_wait_for_those_before_them() {
    let mut place = Place::new();
    let mut home = place.found();
    let [first, second, third] = [place.pay(), place.pay(), place.pay()];
    assert_eq!(refused(&mut home, place.now, &third), 8);
    assert_eq!(refused(&mut home, place.now, &second), 8);
    home.submit(place.now, first.clone()).expect("the first of its lane");
    place.commit(&mut home);
    assert_eq!(refused(&mut home, place.now, &third), 8);
    home.submit(place.now, second).expect("the second of its lane");
    home.submit(place.now, third).expect("in the same batch");
    place.commit(&mut home);
    assert!(matches!(home.submit(place.now, first), Ok(Submitted::Recorded(_))));
}

#[test]
fn old_orders_replayed_after_a_restart_change_nothing() {
    let mut place = Place::new();
    let mut home = place.found();
    let orders: Vec<SignedOrder> = (0..30).map(|_| place.pay()).collect();
    for some in orders.chunks(7) {
        for order in some {
            home.submit(place.now, order.clone()).expect("an honest payment");
        }
        place.commit(&mut home);
    }
    let before = home.checkpoint().head;
    drop(home);
    let mut home = place.open(&place.index());
    assert_eq!(home.checkpoint().head, before);
    for order in orders.iter().rev() {
        assert!(matches!(home.submit(place.now, order.clone()), Ok(Submitted::Recorded(_))));
    }
    assert_eq!(home.commit(place.now).expect("a sound disk"), None);
    let marcel = home.state().balance(&place.marcel.person.id).expect("a member");
    assert_eq!(marcel.0, 30 * 15);
}

#[test]
fn receipts_prove_themselves_and_checkpoints_go_on_from_one_another() {
    let mut place = Place::new();
    let mut home = place.found();
    let log_key = people::mariniers().log.verifying();
    let mut all: Vec<Checkpoint> = vec![*home.checkpoint()];
    let mut leaves = Vec::new();
    for count in [1, 2, 3, 5, 8] {
        for _ in 0..count {
            let order = place.pay();
            let Ok(Submitted::Pending(leaf)) = home.submit(place.now, order) else {
                panic!("an honest payment");
            };
            leaves.push(leaf);
        }
        all.push(place.commit(&mut home).checkpoint);
    }
    for checkpoint in &all {
        checkpoint.verify(&log_key).expect("signed by the log key");
        let Head { size, root } = checkpoint.head;
        for leaf in leaves.iter().filter(|leaf| **leaf < size) {
            let bytes = home.entry_bytes(*leaf).expect("recorded");
            let path = home.path(*leaf, size).expect("under a head");
            verify_inclusion(tree_leaf(&bytes), *leaf, size, &path, root)
                .expect("it proves itself");
            let other = tree_leaf(&seed("another entry"));
            assert!(verify_inclusion(other, *leaf, size, &path, root).is_err());
        }
        let last = home.entry_bytes(size - 1).expect("recorded");
        let last = Entry::decode(&last).expect("an entry").payload;
        assert!(matches!(last, Payload::Seal(_)), "the last leaf under a checkpoint is a seal");
    }
    // An auditor's own tree, from the bytes alone, shows that each head begins with the one before.
    let mut hashes = Vec::new();
    let mut frontier = tree::Frontier::default();
    for leaf in 0..home.checkpoint().head.size {
        let bytes = home.entry_bytes(leaf).expect("recorded");
        frontier.push_stored(tree_leaf(&bytes), &mut hashes);
    }
    for pair in all.windows(2) {
        let [old, new] = [pair[0].head, pair[1].head];
        let path = tree::consistency_proof(&hashes, old.size, new.size).expect("two sizes");
        verify_consistency(old.size, old.root, new.size, new.root, &path).expect("consistent");
        assert!(verify_consistency(old.size, new.root, new.size, new.root, &path).is_err());
    }
}

/// An order that is in the log is not refused because the disk does not answer at that moment.
#[test]
fn whoever_cannot_look_does_not_say_no() {
    let mut world = World::allied();
    let payee = Account::Commons;
    let pay = Statement::Pay(Pay { payee, minutes: Minutes(15), request: None });
    let order = world.order(0, 1, pay).expect("an honest payment");
    world.commit(0);
    let (now, village) = (world.now, &mut world.villages[0]);
    village.disk.fail(Calls::Reads, 1, Fault::Broken);
    assert!(!village.home.can_tell_of(&order.id()));
    village.disk.spare();
    assert!(village.home.can_tell_of(&order.id()));
    assert!(matches!(village.home.submit(now, order), Ok(Submitted::Recorded(_))));
}
