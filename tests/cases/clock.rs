//! A wrong clock: what it would put into a log stays there for ever, so a home that cannot believe its
//! clock signs nothing; and one that can is never kept from signing.

use harness::{cluster::Cluster, people::founding_bytes};
use node::core::{CLOCK_AHEAD_MAX_MS, CLOCK_JUMP_MAX_MS, Input, Verdict};
use proto::{
    act::Level,
    codec::Canonical as _,
    desk::{Call, ClockSheet, LastMove, Operator, Query, Reply, Unavailable},
    entry::Entry,
    ids::Account,
    keys::Purpose,
    minutes::{Balance, Minutes},
    order::{Pay, SignedOrder, Statement},
    wire::{Announce, Gossip},
};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const WEEK: u64 = 7 * 24 * HOUR;

/// Cités whose machines have real clocks, the first allied with all others. None mirrors another, so
/// nothing but the clock keeps a home from signing.
fn cites(count: usize) -> Cluster {
    let slugs = ["tisserandes", "mariniers", "ruchers", "vergers"];
    let mut cluster = Cluster::new(&slugs[..count]);
    for ally in 1..count {
        cluster.ally(0, ally, 100);
    }
    for place in 0..count {
        cluster.sites[place].scaled_clock = false;
        cluster.stop(place, true);
        cluster.start(place);
    }
    cluster.run(3);
    cluster
}

/// Returns a payment that a member of the first cité signed while its node still answered.
fn signed(cluster: &mut Cluster) -> SignedOrder {
    let payee = Account::Member(cluster.sites[0].people[2].id);
    let pay = Pay { payee, minutes: Minutes(15), request: None };
    cluster.order(0, 1, Statement::Pay(pay))
}

fn restart(cluster: &mut Cluster, cleanly: bool, off_ms: u64) {
    cluster.stop(0, cleanly);
    cluster.sleep(off_ms);
    cluster.start(0);
}

fn clock(cluster: &mut Cluster) -> ClockSheet {
    match cluster.call(0, Call::Operator(Operator::Status)) {
        Reply::Status(status) => status.clock,
        other => panic!("no status: {other:?}"),
    }
}

const DOUBTED: Reply = Reply::Unavailable(Unavailable::Clock);

#[test]
fn alone_a_jump_of_more_than_six_hours_needs_somebodys_word() {
    // A second passes before the node first looks at its clock.
    let longest = CLOCK_JUMP_MAX_MS - SECOND;
    for (off_ms, signs) in [(0, true), (longest, true), (longest + 1, false), (WEEK, false)] {
        let mut cluster = cites(1);
        let order = signed(&mut cluster);
        let stopped = cluster.now;
        restart(&mut cluster, true, off_ms);
        cluster.run(1);
        if !signs {
            assert_eq!(cluster.send(0, &order), DOUBTED, "after {off_ms} ms");
            cluster.run(60);
            assert_eq!(cluster.send(0, &order), DOUBTED, "it does not pass by itself");
            let said = clock(&mut cluster);
            assert_eq!((said.trusted, said.allies, said.ahead_ms), (stopped, 0, None));
            let word = cluster.call(0, Call::Operator(Operator::ClockIsRight));
            assert_eq!(word, Reply::Done);
        }
        assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)), "after {off_ms} ms");
    }
}

/// What its disk holds is nobody's secret while the clock is in doubt; and whoever cannot look says why,
/// instead of no.
#[test]
fn a_home_in_doubt_still_reads() {
    let mut cluster = cites(1);
    let order = signed(&mut cluster);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
    restart(&mut cluster, true, WEEK);
    cluster.run(1);
    assert_eq!(cluster.account(0, 1).balance, Balance(-15));
    let Reply::Members(members) = cluster.query(0, 0, Query::Members { from: 0 }) else {
        panic!("the members stand in the state");
    };
    // When somebody last paid does not: that is not known now, which is not never.
    assert!(!members.is_empty() && members.iter().all(|member| member.moved == LastMove::Unknown));
    for query in [Query::Card, Query::History { from: 0 }, Query::Order(order.id())] {
        assert_eq!(cluster.query(0, 1, query), DOUBTED);
    }
}

#[test]
fn a_cite_alone_that_is_only_restarted_needs_nobodys_word() {
    // Nothing is entered for weeks; the machine is started anew once a day, cleanly or not.
    let mut cluster = cites(1);
    let order = signed(&mut cluster);
    for day in 0..3 {
        for _ in 0..24 {
            cluster.sleep(HOUR - SECOND);
            cluster.run(1);
        }
        restart(&mut cluster, day % 2 == 0, 60 * SECOND);
        cluster.run(1);
    }
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
    // Off for five hours after a power cut: what it wrote down last is at most an hour older.
    let order = signed(&mut cluster);
    restart(&mut cluster, false, CLOCK_JUMP_MAX_MS - HOUR - SECOND);
    cluster.run(1);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
}

#[test]
fn a_word_is_good_until_the_next_jump_and_is_not_asked_for_again() {
    let mut cluster = cites(1);
    restart(&mut cluster, true, WEEK);
    cluster.run(1);
    assert_eq!(cluster.call(0, Call::Operator(Operator::ClockIsRight)), Reply::Done);
    let order = signed(&mut cluster);
    // Nothing was entered since; the next start is like any other.
    restart(&mut cluster, false, 60 * SECOND);
    cluster.run(1);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
    let order = signed(&mut cluster);
    restart(&mut cluster, true, WEEK);
    cluster.run(1);
    assert_eq!(cluster.send(0, &order), DOUBTED);
}

/// Invariant L6: what allies said of a clock says nothing any more once it has leapt, also where it was in doubt
/// before. Two of three say that a week has passed; then the clock leaps before the third has come.
#[test]
fn what_allies_said_before_a_leap_of_the_clock_does_not_count() {
    let mut cluster = cites(4);
    let order = signed(&mut cluster);
    cluster.hold(3);
    cluster.sleep(WEEK);
    cluster.run(2);
    assert_eq!(cluster.send(0, &order), DOUBTED, "the third ally still has time to come");
    assert_eq!(clock(&mut cluster).allies, 2);
    cluster.sites[0].ahead = 1_000 * 3_600 * 24;
    cluster.run(1);
    assert_eq!(cluster.send(0, &order), DOUBTED);
    cluster.run(40);
    assert_eq!(cluster.send(0, &order), DOUBTED, "two of three say that it is a day ahead");
    cluster.sites[0].ahead = 0;
    cluster.run(40);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
}

/// Invariant L6.
#[test]
fn allies_say_whether_a_clock_is_ahead() {
    let most = i64::try_from(CLOCK_AHEAD_MAX_MS).expect("minutes");
    // By how much the first clock is ahead of each ally's, and whether it signs.
    let table: [(&[i64], bool); 9] = [
        (&[most], true),
        (&[most + 1], false),
        (&[-86_400_000], true),
        (&[most + 1, most], true),
        (&[most + 1, most + 1], false),
        (&[most, 86_400_000, most], true),
        (&[most + 1, 86_400_000, -86_400_000], false),
        (&[86_400_000, -86_400_000, 0], true),
        (&[0, 0, 86_400_000], true),
    ];
    for (ahead, signs) in table {
        let mut cluster = cites(1 + ahead.len());
        let order = signed(&mut cluster);
        cluster.stop(0, true);
        for (ally, ahead) in (1..).zip(ahead) {
            cluster.sites[ally].ahead = -ahead;
        }
        cluster.run(2);
        cluster.start(0);
        cluster.run(1);
        if !signs {
            assert_eq!(cluster.send(0, &order), DOUBTED, "{ahead:?}");
            assert_eq!(clock(&mut cluster).allies, u32::try_from(ahead.len()).expect("few"));
            // It goes on by itself, soon after more than half of them agree.
            cluster.sites.iter_mut().for_each(|site| site.ahead = 0);
            cluster.run(11);
        }
        assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)), "{ahead:?}");
    }
}

#[test]
fn a_clock_that_is_put_right_is_believed_again() {
    let mut cluster = cites(2);
    let order = signed(&mut cluster);
    cluster.stop(0, true);
    cluster.sites[0].ahead = 30 * 86_400_000;
    cluster.start(0);
    cluster.run(30);
    assert_eq!(cluster.send(0, &order), DOUBTED);
    // It is set back while nobody is there to compare with: the last word on it is forgotten, too.
    cluster.cut.push((0, 1));
    cluster.sites[0].ahead = 0;
    cluster.run(11);
    let Reply::Recorded(receipt) = cluster.send(0, &order) else { panic!("it does not sign") };
    let entry = Entry::decode(&receipt.entry).expect("an entry");
    assert!(entry.time <= cluster.now, "nothing of the wrong clock is in the log");
}

#[test]
fn allies_vouch_for_a_week_off_and_somebodys_word_is_above_theirs() {
    let mut cluster = cites(2);
    let order = signed(&mut cluster);
    restart(&mut cluster, true, WEEK);
    cluster.run(1);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
    // Off for another week, and the ally cannot be reached: until it can.
    let order = signed(&mut cluster);
    cluster.cut.push((0, 1));
    restart(&mut cluster, true, WEEK);
    cluster.run(30);
    assert_eq!(cluster.send(0, &order), DOUBTED);
    cluster.cut.clear();
    cluster.run(11);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
    // An ally with a wrong clock does not silence a home whose people know better.
    let order = signed(&mut cluster);
    cluster.sites[1].ahead = -86_400_000;
    cluster.run(2);
    restart(&mut cluster, true, SECOND);
    cluster.run(1);
    assert_eq!(cluster.send(0, &order), DOUBTED);
    assert_eq!(cluster.call(0, Call::Operator(Operator::ClockIsRight)), Reply::Done);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
}

#[test]
fn a_jump_while_the_node_runs_is_not_signed_either() {
    for (jump_ms, signs) in [(CLOCK_JUMP_MAX_MS, true), (CLOCK_JUMP_MAX_MS + 1, false)] {
        let mut cluster = cites(1);
        let order = signed(&mut cluster);
        cluster.sleep(jump_ms);
        let reply = cluster.send(0, &order);
        assert_eq!(matches!(reply, Reply::Recorded(_)), signs, "{jump_ms} ms: {reply:?}");
        if !signs {
            assert_eq!(reply, DOUBTED);
            // Back at where it was, it is believed without anybody's word.
            cluster.sites[0].ahead = -i64::try_from(jump_ms).expect("hours");
            cluster.run(1);
            assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
        }
    }
}

/// Invariant L6: an echo of the wrong clock is no majority beside one ally that disagrees.
#[test]
fn after_a_jump_two_allies_that_disagree_need_somebodys_word() {
    let mut cluster = cites(3);
    let order = signed(&mut cluster);
    for place in [0, 1] {
        cluster.sites[place].ahead = 365 * 86_400_000;
    }
    cluster.run(60);
    assert_eq!(cluster.send(0, &order), DOUBTED);
    // Of the two clocks that agree now, one is the home's own ally's that was right all the time.
    cluster.sites[0].ahead = 0;
    cluster.run(12);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
}

/// Invariant L6: whoever answers first does not decide alone.
#[test]
fn after_a_jump_one_ally_cannot_speak_for_all() {
    let mut cluster = cites(4);
    let order = signed(&mut cluster);
    let year = 365 * 86_400_000;
    for place in [2, 3] {
        cluster.hold(place);
    }
    for place in [0, 1] {
        cluster.sites[place].ahead = year;
    }
    cluster.run(60);
    assert_eq!(cluster.send(0, &order), DOUBTED, "the liar has answered, the others have not");
    for place in [2, 3] {
        cluster.release(place);
    }
    cluster.run(12);
    assert_eq!(cluster.send(0, &order), DOUBTED, "two of three say that it is ahead");
    cluster.sites[0].ahead = 0;
    cluster.run(12);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
}

#[test]
fn a_home_in_doubt_takes_nothing_in_and_cosigns_nothing() {
    let mut cluster = cites(2);
    cluster.mirror(0, &[1]);
    cluster.mirror(1, &[0]);
    cluster.run(40);
    let (size, held) = (cluster.sheet(0).checkpoint.head.size, certified(&mut cluster, 1));
    // A machine that slept: its clock is a day ahead of the ally's.
    cluster.sites[0].ahead = 86_400_000;
    assert!(matches!(cluster.export((1, 1), (0, 2), 30), Reply::Recorded(_)));
    cluster.run(60);
    assert_eq!(cluster.sheet(0).checkpoint.head.size, size, "nothing was entered");
    assert_eq!(certified(&mut cluster, 1), held, "nothing was cosigned");
    assert_eq!(cluster.account(0, 2).terms.level, Level::Member, "members are still answered");
    cluster.sites[0].ahead = 0;
    cluster.run(60);
    assert_eq!(cluster.account(0, 2).balance.0, 30, "what waited arrives");
}

/// What was put off until a time that the clock showed before would wait for as long as the clock was wrong.
#[test]
fn a_clock_that_is_set_back_by_minutes_puts_nothing_off() {
    let mut cluster = cites(2);
    cluster.mirror(0, &[1]);
    cluster.run(40);
    // A mirror whose own clock is wrong declines, and is left alone for some seconds.
    cluster.sites[1].ahead = 86_400_000;
    cluster.run(2);
    let order = signed(&mut cluster);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
    cluster.run(20);
    let before = certified(&mut cluster, 0);
    cluster.sites[0].ahead = -240_000;
    cluster.sites[1].ahead = 0;
    cluster.run(30);
    assert!(certified(&mut cluster, 0) > before, "{before:?}");
}

/// What gossip said while a clock was ahead keeps nothing from being said, or heard, once it is right.
#[test]
fn a_clock_that_is_set_back_keeps_nothing_from_gossip() {
    let mut cluster = cites(2);
    cluster.mirror(0, &[1]);
    cluster.run(40);
    for ahead in [240_000, 0] {
        cluster.sites[0].ahead = ahead;
        cluster.run(61);
        cluster.handed = Some(Vec::new());
        let order = signed(&mut cluster);
        assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
        cluster.run(5);
        let handed = cluster.handed.take().expect("it is kept");
        let told = handed.iter().any(|(to, input)| match input {
            Input::Gossiped { frame, .. } if *to == 1 => {
                matches!(Gossip::decode(frame), Ok(Gossip::Certificate { .. }))
            }
            _ => false,
        });
        assert!(told, "ahead by {ahead} ms");
    }
    // A year ahead a home signs nothing, and says where it listens all the same.
    let house = cluster.sites[0].house.clone();
    let now_s = cluster.now.0 / 1_000;
    for (since_s, counts) in [(now_s + 86_400 * 365, false), (now_s + 3_600, true)] {
        let addresses = vec!["192.0.2.9:17890".to_owned()];
        let payload = Announce::payload(&house.id, &addresses, since_s);
        let signature = house.network_key.sign(Purpose::Announce, &house.network, &payload);
        let founding = founding_bytes(&house);
        let announce = Gossip::Announce(Announce { founding, addresses, since_s, signature });
        let verdict = cluster.gossip(cluster.sites[0].peer(), 1, announce.encode());
        assert_eq!(verdict == Verdict::Accept, counts, "{since_s}");
    }
}

fn certified(cluster: &mut Cluster, place: usize) -> Option<u64> {
    cluster.sheet(place).certificate.map(|certificate| certificate.checkpoint.head.size)
}

#[test]
fn a_clock_set_by_hand_is_meant() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers"]);
    cluster.ally(0, 1, 100);
    let order = signed(&mut cluster);
    let to = cluster.now.plus(WEEK);
    assert_eq!(cluster.call(0, Call::Operator(Operator::Clock(to))), Reply::Done);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
}
