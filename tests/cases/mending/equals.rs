//! Liars who are known as well as those who hold the log, while a node fetches its copy of an ally's log anew: neither
//! one who gives a range a minute nor two at once keep it from those who hold it.

use harness::cluster::Cluster;
use node::core::keep_in_touch_with;
use proto::{codec::Bytes, desk::CopyState, entry::Entry, wire::Extend};

use super::{
    HOME, MIRROR, OTHER,
    liars::{lies_as, lived_among, lost, made_up, whole},
    told,
};

/// Strangers whom whoever runs the mirror named, and the other mirror as well: all are known equally well.
const LIARS: [usize; 2] = [3, 4];

/// Entries that a node gives at a time.
const RANGE: usize = 256;

/// A home with more than two ranges of a log, and a mirror that has those who hold it and liars for friends.
fn befriended() -> Cluster {
    let mut cluster =
        lived_among(&["tisserandes", "mariniers", "ruchers", "loin", "ailleurs"], 260);
    cluster.stop(MIRROR, true);
    let (network, own) = (cluster.sites[MIRROR].house.network, cluster.sites[MIRROR].house.id);
    for friend in [OTHER, LIARS[0], LIARS[1]] {
        let disk = cluster.sites[MIRROR].disk();
        let peer = cluster.sites[friend].peer();
        keep_in_touch_with(disk, network, own, peer, Vec::new()).expect("a sound disk");
    }
    cluster.start(MIRROR);
    cluster.run(5);
    // What they make up is for that mirror alone.
    cluster.cut.extend(LIARS.map(|liar| (OTHER, liar)));
    cluster
}

/// What a liar makes up behind the founding, which it says was at this time: whole ranges, as an honest node gives them.
/// It has nothing for a moment after each, so that it is asked for the next one a minute later.
fn slowly(whole: &Extend, later_ms: u64) -> Vec<Option<Extend>> {
    let founding = Entry::decode(&whole.entries[0]).expect("an entry");
    let founding = Entry { time: founding.time.plus(later_ms), ..founding };
    let line = made_up(whole, Bytes::from(founding.encode()), 2 * RANGE);
    let ranges = line.entries.chunks(RANGE).zip(0..).map(|(entries, number)| Extend {
        from: number * RANGE as u64,
        entries: entries.to_vec(),
        ..line.clone()
    });
    ranges.flat_map(|range| [Some(range), None]).collect()
}

/// Invariant C12.
#[test]
fn whoever_gives_a_range_a_minute_gives_way_to_one_who_is_known_as_well() {
    let mut cluster = befriended();
    let whole = whole(&mut cluster);
    lies_as(&mut cluster, LIARS[0], slowly(&whole, 0));
    lost(&mut cluster, &[HOME, OTHER]);
    cluster.run(5);
    assert_eq!(told(&mut cluster).size, RANGE as u64, "nobody says otherwise");
    cluster.start(OTHER);
    cluster.run(50);
    assert_eq!(told(&mut cluster).size, RANGE as u64, "a connection may have been bad");
    cluster.run(30);
    assert_eq!(told(&mut cluster).copy, CopyState::Kept);
}

/// Invariant C12.
#[test]
fn two_liars_at_once_keep_no_copy_from_one_who_is_known_as_well() {
    let mut cluster = befriended();
    let whole = whole(&mut cluster);
    for (liar, later_ms) in LIARS.into_iter().zip([0, 1]) {
        lies_as(&mut cluster, liar, slowly(&whole, later_ms));
    }
    lost(&mut cluster, &[HOME, OTHER]);
    cluster.run(5);
    assert_eq!(told(&mut cluster).size, RANGE as u64);
    cluster.start(OTHER);
    cluster.run(240);
    assert_eq!(told(&mut cluster).copy, CopyState::Kept);
}
