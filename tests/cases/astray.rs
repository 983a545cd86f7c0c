//! Entries that somebody makes up for the copy of a log whose home is away, valid and under a checkpoint that the home
//! signed: neither the home nor a mirror waits for that, and whoever gave them is the one who is left alone.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use harness::{
    cluster::Cluster,
    news::{MIRROR as BOATMEN, News, entries},
    people::founding_bytes,
};
use ledger::{
    fold::Fold,
    keybook::KeyBook,
    mirror::{Extended, MirrorLog},
    replay,
};
use node::core::Input;
use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical as _},
    desk::{Call, Operator, Reply},
    hash::Hash,
    order::Head,
    time::UnixMillis,
    wire::{Answer, Ask, Extend, Held, Hello, decline},
};

/// The cité whose log it is about.
const HOME: usize = 0;
/// A mirror of it, which was away.
const MIRROR: usize = 1;
/// Its other mirror.
const OTHER: usize = 2;
/// A node of a cité that nobody knows.
const STRANGER: usize = 3;

/// Returns a range of a log as it is read off one of its mirrors.
fn range(cluster: &mut Cluster, from: u64) -> Extend {
    let cite = cluster.sites[HOME].house.id;
    match cluster.ask(Some(HOME), OTHER, &Ask::Range { cite, incarnation: 0, from }) {
        Answer::Entries(Some(extend)) => *extend,
        other => panic!("a mirror gives a home what it holds: {other:?}"),
    }
}

/// A log that went on while one of its mirrors was away.
struct GoneOn {
    cluster: Cluster,
    /// Its first range.
    first: Extend,
    /// How many leaves the mirror that was away holds.
    from: u64,
    /// How many there are.
    size: u64,
}

/// Has a log go on by payments, and its home and its other mirror leave then. Whoever stays beside the mirror that was
/// away is a mirror, too, or somebody whom nobody knows.
fn gone_on(payments: usize, known: bool) -> GoneOn {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "loin"]);
    let mirrors = if known { vec![MIRROR, OTHER, STRANGER] } else { vec![MIRROR, OTHER] };
    for mirror in &mirrors {
        cluster.ally(HOME, *mirror, 100);
    }
    cluster.ally(MIRROR, OTHER, 100);
    cluster.mirror(HOME, &mirrors);
    cluster.run(40);
    let from = held(&mut cluster);
    cluster.stop(MIRROR, true);
    for number in 0..payments {
        let reply = cluster.pay(HOME, 1 + number % 2, 2 - number % 2, 15);
        assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    }
    cluster.run(40);
    let first = range(&mut cluster, 0);
    for place in [HOME, OTHER] {
        cluster.stop(place, true);
    }
    let size = first.checkpoint.head.size;
    GoneOn { cluster, first, from, size }
}

/// Returns how many leaves the mirror vouches for.
fn held(cluster: &mut Cluster) -> u64 {
    let cite = cluster.sites[HOME].house.id;
    match cluster.call(MIRROR, Call::Operator(Operator::Status)) {
        Reply::Status(status) => {
            status.mirrored.iter().find(|item| item.cite == cite).expect("a copy").size
        }
        other => panic!("no status: {other:?}"),
    }
}

/// Makes seals up that follow on the first `from` leaves, under the checkpoint that the home signed.
fn made_up(first: &Extend, from: u64, count: usize, time: UnixMillis) -> Extend {
    let before = usize::try_from(from).expect("few");
    let before: Vec<Vec<u8>> = first.entries[..before].iter().map(|entry| entry.to_vec()).collect();
    let (mut fold, prepared) = (Fold::default(), replay::prepare(&mut KeyBook::default(), &before));
    replay::fold(&mut fold, prepared).expect("a log");
    let named = fold.state().clock().expect("sealed").certified_size;
    let seals = (0..count).map(|_| Bytes::from(fold.seal(time, named).expect("founded").bytes));
    Extend { from, entries: seals.collect(), sidecars: Vec::new(), ..first.clone() }
}

/// Has the stranger give this whenever it is asked.
fn gives(cluster: &mut Cluster, lie: &Extend) {
    cluster.twisted.insert(STRANGER, vec![Answer::Entries(Some(Box::new(lie.clone())))]);
}

/// Has the stranger say that it holds so much.
fn says(cluster: &mut Cluster, size: u64) {
    let held = Held { cite: cluster.sites[HOME].house.id, incarnation: 0, size };
    let hello = Hello {
        founding: founding_bytes(&cluster.sites[STRANGER].house),
        addresses: Vec::new(),
        held: vec![held],
        others: Vec::new(),
        now: cluster.now,
    };
    let stranger = cluster.sites[STRANGER].peer();
    cluster.ask_as(stranger, MIRROR, &Ask::Hello(hello));
}

/// Returns how often the stranger was asked for a range since it is looked at.
fn asked(cluster: &mut Cluster) -> usize {
    let handed = cluster.handed.replace(Vec::new()).unwrap_or_default();
    let ranges = handed.into_iter().filter(|(place, input)| match input {
        Input::Asked { frame, .. } if *place == STRANGER => {
            matches!(Ask::decode(frame), Ok(Ask::Range { .. }))
        }
        _ => false,
    });
    ranges.count()
}

/// Returns after how many seconds the mirror vouches for all that it missed, once a node is back that has it; two minutes
/// at most.
fn caught_up(cluster: &mut Cluster, back: usize, size: u64) -> u64 {
    cluster.start(back);
    let mut seconds = 0;
    while held(cluster) < size && seconds < 120 {
        cluster.run(1);
        seconds += 1;
    }
    seconds
}

/// Invariant C13: as little as one entry that follows, and as much as a range holds, by somebody whom nobody knows or by a
/// mirror.
#[test]
fn nobody_waits_for_what_somebody_made_up() {
    let (mut waited, mut waits) = (Vec::new(), Vec::new());
    let whole = [(256, 130, false, HOME), (256, 130, true, OTHER)];
    let drips = [(false, HOME), (false, OTHER), (true, HOME), (true, OTHER)];
    let drips = drips.map(|(known, back)| (1, 3, known, back));
    for (count, payments, known, back) in drips.into_iter().chain(whole) {
        let GoneOn { mut cluster, size, .. } = gone_on(payments, known);
        if known {
            cluster.stop(STRANGER, true);
        }
        cluster.start(MIRROR);
        cluster.run(20);
        waits.push((count, known, back, caught_up(&mut cluster, back, size), 0));
        let GoneOn { mut cluster, first, from, size } = gone_on(payments, known);
        let lie = made_up(&first, from, count, cluster.now);
        assert!(from + u64::try_from(count).expect("few") < size);
        cluster.handed = Some(Vec::new());
        gives(&mut cluster, &lie);
        cluster.start(MIRROR);
        cluster.run(20);
        says(&mut cluster, size);
        cluster.run(1);
        assert!(asked(&mut cluster) >= 1, "it is listened to");
        let seconds = caught_up(&mut cluster, back, size);
        // It was that one, and nobody else, who led the copy astray.
        cluster.stop(back, true);
        asked(&mut cluster);
        says(&mut cluster, size + 9);
        cluster.run(5);
        waited.push((count, known, back, seconds, asked(&mut cluster)));
    }
    assert_eq!(waited, waits);
}

/// A home that is connected pushes by itself: what others give of its log is not taken in any more, however long ago
/// they were asked.
#[test]
fn nobody_is_followed_while_the_home_is_there() {
    let GoneOn { mut cluster, first, from, size } = gone_on(130, false);
    cluster.start(MIRROR);
    cluster.run(20);
    let lie = made_up(&first, from, 256, cluster.now);
    cluster.handed = Some(Vec::new());
    cluster.drips = 1;
    gives(&mut cluster, &lie);
    says(&mut cluster, size);
    cluster.start(HOME);
    cluster.run(3);
    assert_eq!(asked(&mut cluster), 1, "it was asked before");
    let bare = Extend { from: u64::MAX, entries: Vec::new(), sidecars: Vec::new(), ..first };
    let holds = cluster.ask(Some(HOME), MIRROR, &Ask::Extend(Box::new(bare)));
    assert_eq!(holds, Answer::Holds { size: from, head: None, incarnation: 0 });
}

/// The newest that the home signed is less than what somebody made up behind what is held: it cannot be compared leaf by
/// leaf, and yet it says that the one is not what was signed.
#[test]
fn a_smaller_head_that_was_signed_shows_what_was_made_up() {
    let mut news = News::allied();
    let (cite, now, held) = (news.home().cite(), news.world.now, news.held);
    let honest = news.honest();
    let all = entries(news.home(), held);
    let first = Extend { entries: all.into_iter().map(Bytes::from).collect(), ..honest.clone() };
    let larger = Head { size: held + 30, root: Hash([7; 32]) };
    let checkpoint = Checkpoint::sign(honest.checkpoint.origin, larger, news.log_key());
    let lie = Extend { checkpoint, ..made_up(&first, held, 20, now) };
    let village = &mut news.world.villages[BOATMEN];
    let mut mirror = village.mirrors.remove(&cite).expect("a mirror");
    let ask = |mirror: &mut MirrorLog, extend: &Extend| {
        mirror.extend(now, extend, village.house.id, &village.house.mirror).expect("a sound disk")
    };
    let holds = Extended::Holds { size: held + 20, incarnation: 0 };
    assert_eq!(ask(&mut mirror, &lie), holds);
    let behind =
        Extend { from: held + 20, entries: Vec::new(), sidecars: Vec::new(), ..honest.clone() };
    let size = honest.checkpoint.head.size;
    let declined = Extended::Declined { reason: decline::SIGNATURE, at: size };
    assert_eq!(ask(&mut mirror, &behind), declined);
    assert!(mirror.is_astray());
    let mut mirror = mirror.reopen().expect("a sound disk");
    assert!(matches!(ask(&mut mirror, &honest), Extended::Cosigned(_)));
}
