//! Stolen keys: after the root named others and enough mirrors promised, whoever has the old ones signs on, and it is
//! worth nothing: not certified, not believed, and nobody who was honest is accused for it.

use std::sync::Arc;

use harness::{
    cluster::Cluster,
    disk::FaultyDisk,
    people::{self, House, founding_bytes},
    world::{World, copied, extend},
};
use ledger::{
    home::{Cosigned, Recovering},
    mirror::{Extended, Fenced},
};
use proto::{
    certificate::Certificate,
    checkpoint::{Checkpoint, Cosignature},
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Reply},
    evidence::Evidence,
    hash::Hash,
    order::Head,
    wire::{Answer, Ask, Extend, Gossip, Hello, decline},
};

/// The cité whose keys are stolen.
const ROBBED: usize = 0;
/// Mirrors of it that promise.
const PROMISED: [usize; 2] = [1, 2];
/// A mirror that is away meanwhile.
const AWAY: usize = 3;

/// Commits what waits at the home, and returns what it seeks cosignatures for.
fn target(world: &mut World) -> Checkpoint {
    world.commit(ROBBED).expect("an export waits");
    let checkpoint = world.villages[ROBBED].home.target(world.now);
    checkpoint.expect("it is not certified yet")
}

/// Shows the mirror that was away what leads to a checkpoint, from where the log went on, until it cosigns.
fn led_forward(world: &mut World, checkpoint: Checkpoint) {
    let cite = world.villages[ROBBED].house.id;
    let base = world.villages[ROBBED].home.state().mirrors().expect("founded").base;
    let push = extend(&world.villages[ROBBED].home, checkpoint, base);
    let village = &mut world.villages[AWAY];
    let (own, key) = (village.house.id, village.house.mirror.clone());
    let mut mirror = village.mirrors.remove(&cite).expect("all mirror all");
    let cut = mirror.extend(world.now, &push, own, &key).expect("a sound disk");
    assert_eq!(cut, Extended::Holds { size: base, incarnation: 0 });
    // Its copy is opened anew, as a node does, and takes in what follows.
    let mut mirror = mirror.reopen().expect("a sound disk");
    let answer = mirror.extend(world.now, &push, own, &key).expect("a sound disk");
    assert!(matches!(answer, Extended::Cosigned(_)), "{answer:?}");
    village.mirrors.insert(cite, mirror);
}

/// A thief who has the disk and the keys goes on with the log, and members are in league with him: what they order is
/// valid. The mirror that has not heard yet cosigns it; that is one of three.
#[test]
fn what_a_thief_signs_after_the_promises_is_never_certified() {
    let orchards = House::new("vergers", "Les Vergers", "Die", 1, 1);
    let mut world =
        World::of(&[people::tisserandes(), people::mariniers(), people::ruchers(), orchards]);
    world.export((ROBBED, 1), (1, 1), 30).expect("allowed");
    world.drain();
    let house = world.villages[ROBBED].house.clone();
    let index = tempfile::tempdir().expect("a temporary directory");
    let [log_key, ..] = house.role_keys(1);
    let disk = Arc::new(FaultyDisk::new(2));
    let recovering = Recovering::open(disk, index.path(), house.founding_at(1), log_key);
    let mut recovering = recovering.expect("a record with its log key");
    while let Some(extend) = copied(&world.villages[1].mirrors[&house.id], recovering.len())
        && recovering.take(&extend).expect("a sound disk")
    {}
    let signed = recovering.signed_founding();
    for place in PROMISED {
        let village = &mut world.villages[place];
        let (own, key) = (village.house.id, village.house.mirror.clone());
        let mirror = village.mirrors.get_mut(&house.id).expect("all mirror all");
        match mirror.fence(world.now, &signed, own, &key).expect("a sound disk") {
            Fenced::Promised(fence, known) => {
                recovering.fenced(*fence, known).expect("a mirror of this log");
            }
            Fenced::Declined { reason, at } => panic!("declined: {reason} {at}"),
        }
    }
    let frozen =
        |answer: &Extended| matches!(answer, Extended::Declined { reason: decline::FROZEN, .. });
    let certified = world.villages[ROBBED].home.certified_size();
    for round in 0..5 {
        world.export((ROBBED, 0), (1, 1), 15).expect("allowed");
        let checkpoint = target(&mut world);
        for place in PROMISED {
            let answer = world.push(ROBBED, place, checkpoint);
            assert!(frozen(&answer), "{round}: {answer:?}");
        }
        let Extended::Cosigned(cosignature) = world.push(ROBBED, AWAY, checkpoint) else {
            panic!("whoever has not heard of it cosigns")
        };
        let counted = world.villages[ROBBED].home.cosigned(checkpoint.head.size, cosignature);
        assert!(!matches!(counted, Ok(Cosigned::Certified(_))), "{round}: {counted:?}");
        assert!(world.next_message(ROBBED, 1).is_none(), "an ally takes nothing of it");
    }
    assert_eq!(world.villages[ROBBED].home.certified_size(), certified);
    // The cité goes on beside it, and takes the mirror with it that was away.
    let honest = recovering.resume(world.now).expect("two of three promised");
    let thief = std::mem::replace(&mut world.villages[ROBBED].home, honest);
    world.export((ROBBED, 1), (2, 1), 15).expect("allowed");
    let checkpoint = target(&mut world);
    for place in PROMISED {
        let Extended::Cosigned(cosignature) = world.push(ROBBED, place, checkpoint) else {
            panic!("they hold all that is below")
        };
        let counted = world.villages[ROBBED].home.cosigned(checkpoint.head.size, cosignature);
        counted.expect("a sound disk");
    }
    assert!(world.villages[ROBBED].home.certified_size() > certified);
    led_forward(&mut world, checkpoint);
    let late = extend(&thief, *thief.checkpoint(), 0);
    for place in [1, 2, AWAY] {
        let village = &mut world.villages[place];
        let (own, key) = (village.house.id, village.house.mirror.clone());
        let mirror = village.mirrors.get_mut(&house.id).expect("all mirror all");
        let answer = mirror.extend(world.now, &late, own, &key).expect("a sound disk");
        assert!(frozen(&answer), "{place}: {answer:?}");
    }
}

/// Returns the numbers of the evidence that a node keeps, and whether it believes a cité no more.
fn accused(cluster: &mut Cluster, place: usize, cite: usize) -> (Vec<u16>, bool) {
    let files = cluster.sites[place].files().into_iter();
    let files = files.filter(|(name, _)| name.starts_with("notes/evidence/"));
    let kept =
        files.map(|(_, bytes)| Evidence::decode(&bytes).expect("it was kept whole").number());
    let kept = kept.collect();
    let record = founding_bytes(&cluster.sites[cite].house);
    let Reply::Cites(known) = cluster.call(place, Call::Cites) else { panic!("for anybody") };
    let root = |bytes: &Bytes| {
        let signed = proto::founding::SignedFounding::decode(bytes).expect("a record");
        signed.founding.id()
    };
    let is = |known: &&Known| root(&known.founding) == root(&record);
    (kept, known.iter().filter(is).any(|known| known.convicted))
}

/// Invariant A3, at nodes: the thief calls with the stolen key of the network, says that he is the cité, asks for its log,
/// pushes his own, and tells everybody of heads that one mirror cosigned before it heard.
#[test]
fn a_thief_who_calls_with_the_old_keys_is_told_nothing_and_accuses_nobody() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    assert!(matches!(cluster.pay(ROBBED, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(40);
    let old = cluster.sites[ROBBED].house.clone();
    let before = cluster.sheet(ROBBED).checkpoint;
    cluster.stop(AWAY, true);
    cluster.stop(ROBBED, false);
    cluster.sites[ROBBED].lose_all(1);
    cluster.start(ROBBED);
    cluster.run(60);
    assert_eq!(cluster.sheet(ROBBED).checkpoint.origin.incarnation, 1);

    let thief = old.network_key.public();
    let heads = (0..4).map(|more| {
        let head = Head { root: Hash([0xee; 32]), size: before.head.size + more };
        Checkpoint::sign(before.origin, head, &old.log)
    });
    let heads: Vec<Checkpoint> = heads.collect();
    let cosigner = cluster.sites[AWAY].house.clone();
    let attack = |cluster: &mut Cluster, places: &[usize]| {
        for place in places {
            cluster.connect_as(thief, *place);
            let hello = Hello {
                founding: founding_bytes(&old),
                addresses: vec!["192.0.2.9:17890".to_owned()],
                held: Vec::new(),
                others: Vec::new(),
                now: cluster.now,
            };
            cluster.ask_as(thief, *place, &Ask::Hello(hello));
            let all = Ask::Range { cite: old.id, incarnation: 0, from: 0 };
            assert_eq!(cluster.ask_as(thief, *place, &all), Answer::Entries(None), "{place}");
            for checkpoint in std::iter::once(&before).chain(&heads) {
                let push = Extend {
                    founding: founding_bytes(&old),
                    checkpoint: *checkpoint,
                    from: checkpoint.head.size,
                    entries: Vec::new(),
                    certificate: None,
                    sidecars: Vec::new(),
                };
                let answer = cluster.ask_as(thief, *place, &Ask::Extend(Box::new(push)));
                assert!(matches!(answer, Answer::Declined { .. }), "{place}: {answer:?}");
                let time = cluster.now.0 / 1_000;
                let one = Cosignature::sign(checkpoint, cosigner.id, time, &cosigner.mirror);
                for cosignatures in [Vec::new(), vec![one]] {
                    let certificate = Certificate { checkpoint: *checkpoint, cosignatures };
                    let founding = founding_bytes(&old);
                    let said = Gossip::Certificate { founding, certificate }.encode();
                    cluster.gossip(thief, *place, said);
                }
            }
        }
        cluster.run(10);
    };
    attack(&mut cluster, &PROMISED);
    for place in PROMISED {
        for cite in [ROBBED, AWAY] {
            assert_eq!(accused(&mut cluster, place, cite), (Vec::new(), false), "{place} {cite}");
        }
    }
    // The one that was away is back, follows, and leaves the thief alone as well.
    cluster.start(AWAY);
    cluster.run(100);
    attack(&mut cluster, &[1, 2, AWAY]);
    for place in [1, 2, AWAY] {
        let others = [ROBBED, AWAY].into_iter().filter(|cite| *cite != place);
        for cite in others {
            assert_eq!(accused(&mut cluster, place, cite), (Vec::new(), false), "{place} {cite}");
        }
    }
    // Everybody still finds the cité and not the thief.
    for (from, to, minutes) in [((1, 1), (ROBBED, 1), 15), ((ROBBED, 2), (1, 1), 30)] {
        let reply = cluster.export(from, to, minutes);
        assert!(matches!(reply, Reply::Recorded(_)), "{from:?}: {reply:?}");
    }
    cluster.run(60);
    assert_eq!(cluster.account(ROBBED, 1).balance.0, -45);
    assert_eq!(cluster.account(1, 1).balance.0, 15);
    let sheet = cluster.sheet(ROBBED);
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
}
