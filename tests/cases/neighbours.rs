//! Neighbours: cités that strangers make up take neither an ally's name, nor its place, nor the disk.

use harness::{cluster::Cluster, people::House};
use proto::{
    act::{Act, PeerOpen},
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Operator, Reply},
    founding::SignedFounding,
    ids::CiteId,
    minutes::Minutes,
    order::Statement,
    wire::{Ask, Hello, Neighbour},
};

/// More cités than a node keeps.
const CROWD: usize = 1_100;

fn allied() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    cluster.ally(0, 1, 100);
    cluster.mirror(0, &[1]);
    cluster.mirror(1, &[0]);
    cluster.run(40);
    cluster
}

fn made_up(number: usize) -> House {
    House::new(&format!("inventee-{number}"), "Inventée", "Nulle part", 1, 1)
}

fn record(house: &House) -> Neighbour {
    let founding = Bytes::from(house.founding.encode());
    Neighbour { founding, addresses: vec!["192.0.2.9:17890".to_owned()] }
}

fn hello(cluster: &Cluster, itself: Neighbour, others: Vec<Neighbour>) -> Ask {
    let Neighbour { founding, addresses } = itself;
    Ask::Hello(Hello { founding, addresses, held: Vec::new(), others, now: cluster.now })
}

/// Lets the third cité tell the first of others.
fn tell(cluster: &mut Cluster, others: Vec<Neighbour>) {
    let itself = record(&cluster.sites[2].house);
    let hello = hello(cluster, itself, others);
    cluster.ask(Some(2), 0, &hello);
}

fn cites(cluster: &mut Cluster, place: usize) -> Vec<Known> {
    match cluster.call(place, Call::Cites) {
        Reply::Cites(known) => known,
        other => panic!("no cités: {other:?}"),
    }
}

fn knows(cluster: &mut Cluster, place: usize, house: &House) -> bool {
    let record = Bytes::from(house.founding.encode());
    cites(cluster, place).iter().any(|known| known.founding == record)
}

/// Returns the cités of the nodes that are connected with one.
fn identified(cluster: &mut Cluster, place: usize) -> Vec<CiteId> {
    match cluster.call(place, Call::Operator(Operator::Peers)) {
        Reply::Peers(peers) => peers.iter().filter_map(|peer| peer.cite).collect(),
        other => panic!("no peers: {other:?}"),
    }
}

/// Invariant N4: a record that names another's key is nobody's proof of being it.
#[test]
fn hearsay_does_not_take_a_nodes_name() {
    let mut cluster = allied();
    let thief = {
        let house = made_up(0);
        let mut founding = house.founding.founding.clone();
        founding.network_key = cluster.sites[1].peer();
        SignedFounding::sign(founding, &house.roots)
    };
    let ally = cluster.sites[1].house.id;
    let others = vec![Neighbour { founding: Bytes::from(thief.encode()), addresses: Vec::new() }];
    tell(&mut cluster, others);
    for _ in 0..2 {
        assert!(identified(&mut cluster, 0).contains(&ally));
        let reply = cluster.export((0, 1), (1, 1), 60);
        assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
        cluster.run(20);
        // Also after a start, from what was written down, and on a new connection.
        cluster.stop(0, true);
        cluster.run(1);
        cluster.start(0);
        cluster.run(12);
    }
    cluster.run(20);
    let sheet = cluster.sheet(1);
    assert_eq!(sheet.peers.iter().map(|peer| peer.balance.0).sum::<i64>(), -120, "all arrived");
}

/// Invariant N4: allies whose records name a friend's key add addresses to call it at, and replace none.
#[test]
fn a_record_that_names_anothers_key_does_not_have_it_called_elsewhere() {
    let mut cluster = allied();
    let friend = cluster.sites[1].peer();
    let thieves = (0..6).map(|number| {
        let house = made_up(number);
        let mut founding = house.founding.founding.clone();
        founding.network_key = friend;
        let founding = Bytes::from(SignedFounding::sign(founding, &house.roots).encode());
        let addresses = (0..4).map(|at| format!("192.0.2.{}:17890", 10 * number + at)).collect();
        Neighbour { founding, addresses }
    });
    let thieves: Vec<Neighbour> = thieves.collect();
    tell(&mut cluster, thieves.clone());
    for Neighbour { founding, .. } in &thieves {
        let open = PeerOpen { founding: founding.clone(), line: Minutes(60) };
        let reply = cluster.submit(0, 0, Statement::Act(Act::PeerOpen(open)));
        assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    }
    cluster.run(20);
    let called = |cluster: &Cluster| -> Vec<String> {
        let mut keep = cluster.sites[0].keep.iter().filter(|(node, _)| *node == friend);
        keep.next().map(|(_, addresses)| addresses.clone()).expect("a friend is called")
    };
    let at = called(&cluster);
    assert_eq!((at.len(), at[0].as_str()), (8, "127.0.0.1:17891"), "{at:?}");
    // Also while nobody has said anything yet.
    cluster.stop(0, true);
    cluster.stop(1, true);
    cluster.run(1);
    cluster.sites[0].keep.clear();
    cluster.start(0);
    cluster.run(1);
    let at = called(&cluster);
    assert!(at.len() == 8 && at.contains(&"127.0.0.1:17891".to_owned()), "{at:?}");
}

/// Invariant N4: an ally is found, by its name as well, however many cités are made up.
#[test]
fn made_up_cites_push_no_ally_out_of_sight() {
    let mut cluster = allied();
    let ally = cluster.sites[1].house.clone();
    let mut crowd: Vec<Neighbour> = (0..CROWD).map(|number| record(&made_up(number))).collect();
    for _ in 0..CROWD.div_ceil(Hello::OTHERS_MAX) {
        let others = crowd.split_off(crowd.len().saturating_sub(Hello::OTHERS_MAX));
        tell(&mut cluster, others);
    }
    let known = cites(&mut cluster, 0);
    assert_eq!(known.len(), 128);
    let first = known.first().expect("the ally");
    assert!(first.account && first.founding == Bytes::from(ally.founding.encode()));
    assert!(known[1..].iter().all(|known| !known.account));
    // Hearsay goes no further.
    cluster.run(1_500);
    assert_eq!(cites(&mut cluster, 1).len(), 2);
}

/// Invariant N4: the list is full, and whoever speaks for itself is taken in; allies stay.
#[test]
fn a_full_list_has_room_for_whoever_speaks_for_itself() {
    let mut cluster = allied();
    for number in 0..CROWD {
        let house = made_up(number);
        let hello = hello(&cluster, record(&house), Vec::new());
        cluster.ask_as(house.network_key.public(), 0, &hello);
    }
    let honest = House::new("phalanstere", "Phalanstère", "Guise", 1, 1);
    let hello = hello(&cluster, record(&honest), Vec::new());
    cluster.connect_as(honest.network_key.public(), 0);
    cluster.ask_as(honest.network_key.public(), 0, &hello);
    assert!(identified(&mut cluster, 0).contains(&honest.id));
    assert!(knows(&mut cluster, 0, &honest));
    for place in [1, 2] {
        let house = cluster.sites[place].house.clone();
        assert!(knows(&mut cluster, 0, &house), "{}", house.slug);
    }
}

/// Invariant N4: who says another address with each hello does not make the node write each time.
#[test]
fn addresses_are_written_down_once_in_a_while() {
    let mut cluster = allied();
    cluster.run(11);
    let mut written = std::collections::BTreeSet::new();
    for number in 0..100 {
        let mut itself = record(&cluster.sites[2].house);
        itself.addresses = vec![format!("192.0.2.{number}:17890")];
        let hello = hello(&cluster, itself, Vec::new());
        cluster.ask(Some(2), 0, &hello);
        written.insert(cluster.sites[0].file("notes/neighbours"));
    }
    assert!(written.len() <= 2, "{} writes in a moment", written.len());
    cluster.run(11);
    let kept = cluster.sites[0].file("notes/neighbours");
    let newest = b"192.0.2.99:17890";
    assert!(kept.windows(newest.len()).any(|part| part == newest));
}
