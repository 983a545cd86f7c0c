//! Homes that are shown that they signed two histories, or are not the newest image: they fall silent, stay so, and go on
//! from what their mirrors hold.

use harness::{cluster::Cluster, people::founding_bytes};
use ledger::{
    aside::{ASIDE, ASIDE_MAX},
    segments::SegmentsReader,
};
use proto::{
    checkpoint::Checkpoint,
    codec::Canonical as _,
    desk::{Call, NodeStatus, Obstacle, Operator, OwnBranch, Query, Reply, Unavailable},
    evidence::Evidence,
    hash::Hash,
    keys::SigningKey,
    order::Head,
    wire::{Answer, Ask, Gossip, decline},
};

const HOME: usize = 0;
const ALLY: usize = 1;

fn paid(cluster: &mut Cluster, times: u32) {
    for _ in 0..times {
        assert!(matches!(cluster.pay(HOME, 1, 2, 15), Reply::Recorded(_)));
        cluster.run(2);
    }
}

/// Returns two cités, of which the first was set back by some payments, guard included, and then signed some others while
/// its only mirror was away; and how many of its entries the mirror holds.
fn forked(lost: u32, others: u32) -> (Cluster, u64) {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    paid(&mut cluster, 2);
    cluster.run(20);
    cluster.stop(HOME, true);
    let image = cluster.sites[HOME].files();
    cluster.start(HOME);
    cluster.run(15);
    paid(&mut cluster, lost);
    cluster.run(40);
    let sheet = cluster.sheet(HOME);
    let held = sheet.certificate.expect("its mirror cosigned it").checkpoint.head.size;
    cluster.stop(HOME, false);
    cluster.stop(ALLY, true);
    cluster.sites[HOME].roll_back(&image);
    cluster.start(HOME);
    cluster.run(15);
    // Nobody is there who could tell.
    paid(&mut cluster, others);
    cluster.run(30);
    (cluster, held)
}

fn is_silent(cluster: &mut Cluster, place: usize) -> bool {
    cluster.query(place, 1, Query::Card) == Reply::Unavailable(Unavailable::Restored)
}

/// Invariant L11: whatever the two histories are, of one size or of two.
#[test]
fn a_home_that_signed_two_histories_is_silent_as_soon_as_its_mirror_answers() {
    for (lost, others) in [(1, 1), (3, 1), (1, 4)] {
        let (mut cluster, _) = forked(lost, others);
        assert!(!is_silent(&mut cluster, HOME), "{lost}, {others}");
        cluster.start(ALLY);
        cluster.run(15);
        assert!(is_silent(&mut cluster, HOME), "{lost}, {others}");
        // Also with nobody there to tell it again.
        cluster.stop(ALLY, true);
        cluster.stop(HOME, false);
        cluster.start(HOME);
        cluster.run(40);
        assert!(is_silent(&mut cluster, HOME), "{lost}, {others}: after a restart");
    }
}

/// Invariant C14: what the home went on with alone gives way, and nothing that its mirror confirmed.
#[test]
fn a_home_that_signed_two_histories_recovers_from_what_its_mirror_holds() {
    for (lost, others) in [(1, 1), (3, 1), (1, 4)] {
        for told in [true, false] {
            let (mut cluster, held) = forked(lost, others);
            if told {
                cluster.start(ALLY);
                cluster.run(15);
            }
            cluster.stop(HOME, true);
            cluster.sites[HOME].recover(1);
            cluster.start(HOME);
            if !told {
                cluster.start(ALLY);
            }
            cluster.run(40);
            let case = format!("{lost}, {others}, {told}");
            let sheet = cluster.sheet(HOME);
            assert_eq!(sheet.checkpoint.origin.incarnation, 1, "{case}");
            assert!(sheet.checkpoint.head.size > held, "{case}");
            let paid = 15 * (2 + i64::from(lost));
            assert_eq!(cluster.account(HOME, 2).balance.0, paid, "{case}");
            // What it had signed alone is kept for whoever wants to look at it.
            assert!(
                cluster.sites[HOME].file("damaged/01/log/00000000.seg").len() > 1_000,
                "{case}"
            );
            // Old evidence says nothing of the new keys, and all goes on, also across the border.
            cluster.run(700);
            assert!(matches!(cluster.export((HOME, 1), (ALLY, 1), 15), Reply::Recorded(_)));
            cluster.run(60);
            assert_eq!(cluster.account(ALLY, 1).balance.0, 15, "{case}");
            cluster.stop(HOME, false);
            cluster.start(HOME);
            cluster.run(40);
            assert!(!is_silent(&mut cluster, HOME), "{case}");
        }
    }
}

fn status(cluster: &mut Cluster) -> NodeStatus {
    match cluster.call(HOME, Call::Operator(Operator::Status)) {
        Reply::Status(status) => *status,
        other => panic!("no status: {other:?}"),
    }
}

fn obstacle(cluster: &mut Cluster) -> Option<Obstacle> {
    status(cluster).recovery.and_then(|recovery| recovery.obstacle)
}

/// Where all places for what is set aside are taken the own branch cannot give way: that is said, and it does as soon as
/// somebody made room, without a restart.
#[test]
fn a_home_that_has_no_place_to_set_its_branch_aside_says_so_and_goes_on_when_it_has() {
    let (mut cluster, held) = forked(3, 1);
    cluster.start(ALLY);
    cluster.run(15);
    cluster.stop(HOME, true);
    let disk = cluster.sites[HOME].disk();
    for number in 1..=ASIDE_MAX {
        disk.create_dir(&format!("{ASIDE}/{number:02}")).expect("a sound disk");
    }
    cluster.sites[HOME].recover(1);
    cluster.start(HOME);
    for restarted in [false, true] {
        if restarted {
            cluster.stop(HOME, false);
            cluster.start(HOME);
        }
        cluster.run(60);
        assert_eq!(obstacle(&mut cluster), Some(Obstacle::NoPlace), "{restarted}");
    }
    disk.move_dir("damaged/07", "looked-at").expect("a sound disk");
    cluster.run(40);
    let sheet = cluster.sheet(HOME);
    assert_eq!(sheet.checkpoint.origin.incarnation, 1);
    assert!(sheet.checkpoint.head.size > held);
    assert_eq!(cluster.account(HOME, 2).balance.0, 15 * 5);
    assert_eq!(status(&mut cluster).given_up[0].number, 7);
}

/// What gave way is told of in numbers, not in the log lines alone, for as long as it lies there.
#[test]
fn a_home_tells_how_much_of_its_own_branch_gave_way() {
    let (mut cluster, _) = forked(1, 4);
    let of = cluster.sheet(HOME).checkpoint.head.size;
    let own = entries(&cluster, HOME, "log");
    let copy = format!("mirrors/{}/log", cluster.sites[HOME].house.id.0);
    let theirs = entries(&cluster, ALLY, &copy);
    cluster.start(ALLY);
    cluster.run(15);
    let kept = own.iter().zip(&theirs).take_while(|(own, theirs)| own == theirs).count();
    let told = OwnBranch { kept: u64::try_from(kept).expect("small"), of, number: 1 };
    assert!(told.kept > 3 && told.kept < of, "{told:?}");
    assert_eq!(status(&mut cluster).given_up, Vec::new());
    cluster.stop(HOME, true);
    cluster.sites[HOME].recover(1);
    cluster.start(HOME);
    cluster.run(40);
    for restarted in [false, true] {
        if restarted {
            cluster.stop(HOME, false);
            cluster.start(HOME);
            cluster.run(40);
        }
        let status = status(&mut cluster);
        assert!(status.recovery.is_none() && status.signing.is_ok(), "{restarted}");
        assert_eq!(status.given_up, [told], "{restarted}");
    }
    let disk = cluster.sites[HOME].disk();
    disk.move_dir("damaged/01", "looked-at").expect("a sound disk");
    assert_eq!(status(&mut cluster).given_up, Vec::new());
}

/// Returns the entries of the first cité's log that lie in a directory of a node.
fn entries(cluster: &Cluster, place: usize, dir: &str) -> Vec<Vec<u8>> {
    let (cite, disk) = (cluster.sites[HOME].house.id, cluster.sites[place].disk());
    let log = SegmentsReader::open(disk, dir, cite.0).expect("it holds it");
    (0..log.len()).map(|leaf| log.read(leaf).expect("a sound disk")).collect()
}

/// Returns what a head of the first cité's log makes with another one of the same size that a key signed.
fn twice(cluster: &mut Cluster, with: &SigningKey) -> Evidence {
    let founding = founding_bytes(&cluster.sites[HOME].house);
    let first = cluster.sheet(HOME).checkpoint;
    let head = Head { root: Hash([0xff; 32]), ..first.head };
    Evidence::SameSize { founding, first, second: Checkpoint::sign(first.origin, head, with) }
}

/// Invariant L11: whoever brings it, by whatever way.
#[test]
fn evidence_that_its_own_key_signed_silences_a_home_whoever_brings_it() {
    for by_gossip in [true, false] {
        let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
        let log = cluster.sites[HOME].house.log.clone();
        let evidence = Box::new(twice(&mut cluster, &log));
        let stranger = SigningKey::from_seed(&[9; 32]).public();
        if by_gossip {
            cluster.gossip(stranger, HOME, Gossip::Evidence(evidence).encode());
        } else {
            assert_eq!(cluster.ask(None, HOME, &Ask::Evidence(evidence)), Answer::Kept);
        }
        assert!(is_silent(&mut cluster, HOME), "{by_gossip}");
        for _ in 0..2 {
            cluster.stop(HOME, true);
            cluster.start(HOME);
            cluster.run(40);
            assert!(is_silent(&mut cluster, HOME), "{by_gossip}");
        }
        assert!(!is_silent(&mut cluster, ALLY));
    }
}

/// Invariant L11: nobody silences a home without what its own key signed, a mirror that lies least of all.
#[test]
fn nothing_but_what_its_own_key_signed_silences_a_home() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let Checkpoint { origin, head, .. } = cluster.sheet(HOME).checkpoint;
    let all = Ask::Range { cite: origin.cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(genuine)) = cluster.ask(Some(ALLY), HOME, &all) else {
        panic!("a mirror may read it");
    };
    paid(&mut cluster, 1);
    cluster.run(20);
    let (other, log) =
        (cluster.sites[ALLY].house.log.clone(), cluster.sites[HOME].house.log.clone());
    let forged = Ask::Evidence(Box::new(twice(&mut cluster, &other)));
    let wrong = Answer::Declined { reason: decline::SIGNATURE, at: 0 };
    assert_eq!(cluster.ask(Some(ALLY), HOME, &forged), wrong);
    // It says no to every push, and that it holds this: another root and a larger log under its own key, what was signed
    // before.
    let mut answers = Vec::new();
    for (size, root) in [(head.size, [7; 32]), (head.size + 100, [7; 32]), (head.size, head.root.0)]
    {
        let mut said = genuine.clone();
        let key = if root == head.root.0 { &log } else { &other };
        said.checkpoint = Checkpoint::sign(origin, Head { size, root: Hash(root) }, key);
        for reason in [decline::FORK, decline::FROZEN, decline::BAD_ENTRY] {
            answers.push(Answer::Declined { reason, at: size }.encode());
            answers.push(Answer::Entries(Some(said.clone())).encode());
        }
    }
    cluster.liars.insert(ALLY, answers);
    for _ in 0..20 {
        paid(&mut cluster, 1);
        cluster.run(6);
    }
    assert!(cluster.asked_liar > 0);
    assert!(!is_silent(&mut cluster, HOME));
    cluster.liars.clear();
    // What signed before its root named other keys, whoever has it now.
    let retired = Ask::Evidence(Box::new(twice(&mut cluster, &log)));
    cluster.stop(HOME, true);
    cluster.sites[HOME].recover(1);
    cluster.start(HOME);
    cluster.run(40);
    let no_concern = Answer::Declined { reason: decline::NOT_A_MIRROR, at: 0 };
    assert_eq!(cluster.ask(Some(ALLY), HOME, &retired), no_concern);
    assert_eq!(cluster.sheet(HOME).checkpoint.origin.incarnation, 1);
    assert!(!is_silent(&mut cluster, HOME));
}
