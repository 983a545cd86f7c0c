//! Who finds a place, who gives way and who is refused, with a clock that the tests turn.

use super::*;

const QUIET: Duration = Duration::from_secs(10);

/// A house with one clock, where each connection has the next number.
struct House {
    places: Places,
    now: Instant,
    next: usize,
}

fn ip(text: &str) -> Prefixes {
    Prefixes::of(text.parse().expect("an address"))
}

/// Returns an address in a network of its own for each number below 65,536.
fn elsewhere(number: usize) -> Prefixes {
    let [high, low] = u16::try_from(number).expect("few").to_be_bytes();
    Prefixes::of(IpAddr::from([20, high, low, 1]))
}

impl House {
    fn new() -> Self {
        Self { places: Places::new(QUIET), now: Instant::now(), next: 0 }
    }

    fn id(&mut self) -> ConnectionId {
        self.next += 1;
        ConnectionId::new_unchecked(self.next)
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// Lets somebody begin a handshake.
    fn begin(&mut self, from: Prefixes) -> Result<ConnectionId, Full> {
        let id = self.id();
        self.places.shake_hands(id, from).map(|()| id)
    }

    /// Lets `peer` call; returns who gives way, and closes that connection.
    fn come(&mut self, peer: PeerId, from: Prefixes) -> Result<Option<PeerId>, Full> {
        let gives_way = self.places.was_called(&peer, from, self.now)?;
        let id = self.id();
        self.places.hold(id, peer, Some(from), self.now);
        Ok(gives_way.map(|(peer, id)| {
            self.places.leave(id);
            peer
        }))
    }

    /// Lets strangers come, each of whom finds room.
    fn fill(&mut self, count: usize, from: impl Fn(usize) -> Prefixes) -> Vec<PeerId> {
        let come = |number| {
            let peer = PeerId::random();
            assert_eq!(self.come(peer, from(number)), Ok(None), "number {number}");
            peer
        };
        (0..count).map(come).collect()
    }
}

#[test]
fn addresses_are_told_apart_as_they_are_handed_out() {
    let (same, far) = ((true, true), (false, false));
    for (a, b, expected) in [
        ("192.0.2.1", "192.0.2.1", same),
        ("192.0.2.1", "::ffff:192.0.2.1", same),
        ("192.0.2.1", "192.0.2.254", (false, true)),
        ("192.0.2.1", "192.0.3.1", far),
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", same),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", (false, true)),
        ("2001:db8:1:2::3", "2001:db8:2:2::3", far),
        ("::c000:201", "192.0.2.1", far),
    ] {
        let (one, other) = (ip(a), ip(b));
        let found = (one.near == other.near, one.wide == other.wide);
        assert_eq!(found, expected, "{a} and {b}");
    }
}

#[test]
fn handshakes_from_one_place_leave_room_for_all_others() {
    let mut house = House::new();
    let near: Vec<_> = (0..6).map(|_| house.begin(ip("2001:db8:1:2::1"))).collect();
    assert!(near.iter().all(Result::is_ok), "{near:?}");
    assert_eq!(house.begin(ip("2001:db8:1:2:3:4:5:6")), Err(Full::Handshakes), "one /64");
    for _ in 0..6 {
        house.begin(ip("2001:db8:1:100::1")).expect("another /64");
    }
    assert_eq!(house.begin(ip("2001:db8:1:99::1")), Err(Full::Handshakes), "one /48");
    house.begin(ip("2001:db8:2::1")).expect("another /48");
    house.begin(ip("192.0.2.1")).expect("another family");
    for number in 14..256 {
        house.begin(elsewhere(number)).expect("room");
    }
    assert_eq!(house.begin(elsewhere(256)), Err(Full::Handshakes), "all together");
    // Whoever is done or gone makes room, and only once.
    house.places.over(near[0].expect("began"));
    house.places.over(near[0].expect("began"));
    house.begin(ip("2001:db8:1:2::1")).expect("room again");
    assert_eq!(house.begin(elsewhere(256)), Err(Full::Handshakes));
    house.places.hold(near[1].expect("began"), PeerId::random(), None, house.now);
    house.begin(elsewhere(256)).expect("a connection is no handshake any more");
}

/// Invariant N5.
#[test]
fn twenty_networks_do_not_take_all_handshakes() {
    let mut house = House::new();
    let mut taken = 0;
    for network in 0..20 {
        for address in 0..4 {
            let from = Prefixes::of(IpAddr::from([192, 0, network, address]));
            taken += (0..64).filter(|_| house.begin(from).is_ok()).count();
        }
    }
    assert_eq!(taken, 240, "a network takes more than its share");
    house.begin(elsewhere(1)).expect("room for whoever comes from elsewhere");
}

#[test]
fn members_behind_one_router_get_in_six_at_a_time() {
    let mut house = House::new();
    let router = ip("203.0.113.7");
    for round in 0..20 {
        let begun: Vec<_> = (0..7).map(|_| house.begin(router)).collect();
        assert_eq!(begun.iter().filter(|one| one.is_ok()).count(), 6, "round {round}");
        // Each is connected or gone a moment later.
        begun.into_iter().flatten().for_each(|id| house.places.over(id));
    }
    // In the end a quarter of all places is theirs at a time, and who is silent gives way to the next.
    house.fill(limits::ESTABLISHED_IN_NEAR_MAX, |_| router);
    house.pass(10);
    for _ in 0..limits::ESTABLISHED_IN_NEAR_MAX {
        let gave_way = house.come(PeerId::random(), router).expect("one is silent");
        assert!(gave_way.is_some());
    }
}

#[test]
fn the_stranger_who_was_silent_for_longest_gives_way_above_the_mark() {
    let mut house = House::new();
    let first = house.fill(48, elsewhere);
    // Nobody was silent for long enough, so the rest of the room is used.
    assert_eq!(house.come(PeerId::random(), elsewhere(100)), Ok(None));
    house.pass(5);
    house.places.spoke(&first[0], house.now);
    house.pass(5);
    assert_eq!(house.come(PeerId::random(), elsewhere(101)).map(|one| one.is_some()), Ok(true));
    house.places.spoke(&first[0], house.now);
    for peer in &first[1..] {
        house.places.spoke(peer, house.now);
    }
    // Only the one that came after them is silent.
    house.pass(9);
    for peer in &first {
        house.places.spoke(peer, house.now);
    }
    house.pass(1);
    let gave_way = house.come(PeerId::random(), elsewhere(102)).expect("there is room");
    assert!(gave_way.is_some_and(|peer| !first.contains(&peer)), "somebody who spoke gave way");
}

#[test]
fn a_flood_of_newcomers_cuts_nobody_off_who_speaks() {
    let mut house = House::new();
    let members = house.fill(16, elsewhere);
    let (mut refused, mut pushed_out) = (0, 0);
    for second in 0..100 {
        house.pass(1);
        if second % 9 == 0 {
            for member in &members {
                house.places.spoke(member, house.now);
            }
        }
        for number in 0..20 {
            let from = elsewhere(1_000 + 20 * second + number);
            match house.come(PeerId::random(), from) {
                Ok(None) => {}
                Ok(Some(peer)) => {
                    assert!(!members.contains(&peer), "a member after {second} s");
                    pushed_out += 1;
                }
                Err(error) => {
                    assert_eq!(error, Full::Strangers);
                    refused += 1;
                }
            }
        }
        assert!(house.places.held.len() <= limits::ESTABLISHED_IN_MAX);
    }
    assert!(refused > 0 && pushed_out > 0, "{refused} refused, {pushed_out} pushed out");
}

#[test]
fn strangers_from_one_place_give_way_to_one_another_only() {
    let mut house = House::new();
    let others = house.fill(8, elsewhere);
    let crowd = house.fill(16, |_| ip("192.0.2.1"));
    let late = PeerId::random();
    assert_eq!(house.come(late, ip("192.0.2.1")), Err(Full::Strangers), "nobody is silent");
    house.pass(10);
    house.places.spoke(&crowd[0], house.now);
    let gave_way = house.come(late, ip("192.0.2.1")).expect("one gives way");
    assert!(gave_way.is_some_and(|peer| crowd[1..].contains(&peer)), "{gave_way:?}");
    house.fill(16, |_| ip("192.0.2.2"));
    house.places.spoke(&late, house.now);
    let gave_way = house.come(PeerId::random(), ip("192.0.2.3")).expect("one gives way");
    assert!(gave_way.is_some_and(|peer| crowd[1..].contains(&peer)), "{gave_way:?}");
    assert_eq!(house.come(PeerId::random(), elsewhere(99)), Ok(None));
    assert!(others.iter().all(|peer| house.places.held.values().any(|p| p.peer == *peer)));
}

#[test]
fn callers_behind_a_proxy_on_this_machine_have_no_share_and_the_same_room() {
    for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        let mut house = House::new();
        for number in 0..256 {
            house.begin(ip(here)).unwrap_or_else(|error| panic!("{here}, {number}: {error}"));
        }
        assert_eq!(house.begin(ip(here)), Err(Full::Handshakes), "{here}");
        house.fill(64, |_| ip(here));
        assert_eq!(house.come(PeerId::random(), ip(here)), Err(Full::Strangers), "{here}");
        house.pass(10);
        assert!(house.come(PeerId::random(), ip(here)).is_ok_and(|one| one.is_some()), "{here}");
    }
    // Another address of the machine is one like all others.
    let mut house = House::new();
    house.fill(16, |_| ip("127.0.0.2"));
    assert_eq!(house.come(PeerId::random(), ip("127.0.0.2")), Err(Full::Strangers));
}

/// Invariant N5.
#[test]
fn a_crowd_that_speaks_all_the_time_gives_way_to_those_from_elsewhere() {
    let mut house = House::new();
    let members = house.fill(4, elsewhere);
    let crowds: Vec<PeerId> = (0..60_u8)
        .map(|number| {
            let from = Prefixes::of(IpAddr::from([192, 0, number / 20, number]));
            let peer = PeerId::random();
            assert_eq!(house.come(peer, from), Ok(None), "number {number}");
            peer
        })
        .collect();
    for number in 0..40 {
        let gave_way = house.come(PeerId::random(), elsewhere(100 + number));
        let gave_way = gave_way.unwrap_or_else(|error| panic!("number {number}: {error}"));
        let gave_way = gave_way.expect("all places are taken");
        assert!(crowds.contains(&gave_way) && !members.contains(&gave_way), "{number}");
    }
    // A newcomer of the crowd itself has no such right.
    assert_eq!(house.come(PeerId::random(), ip("192.0.1.99")), Err(Full::Strangers));
}

#[test]
fn known_peers_are_not_counted_and_do_not_give_way() {
    let mut house = House::new();
    let known: Vec<PeerId> = (0..70).map(|_| PeerId::random()).collect();
    house.places.set_known(known.iter().copied().collect());
    for peer in known.iter().chain(&known).chain(&known) {
        assert_eq!(house.come(*peer, ip("192.0.2.1")), Ok(None));
        let id = house.id();
        assert_eq!(house.places.call(id, Some(peer)), Ok(()));
        assert_eq!(house.places.has_called(peer), Ok(()));
    }
    house.pass(100);
    let strangers = house.fill(16, |_| ip("192.0.2.1"));
    let late = house.come(PeerId::random(), ip("192.0.2.1"));
    assert_eq!(late, Err(Full::Strangers), "the known were silent, the strangers were not");
    // Who is known no more is a stranger, silent for long.
    house.places.set_known(known[1..].iter().copied().collect());
    let late = house.come(PeerId::random(), ip("192.0.2.1"));
    assert_eq!(late, Ok(Some(known[0])));
    assert!(strangers.iter().all(|peer| house.places.held.values().any(|p| p.peer == *peer)));
}

#[test]
fn own_calls_and_connections_of_one_peer_are_bounded() {
    let mut house = House::new();
    let calls: Vec<ConnectionId> = (0..16).map(|_| house.id()).collect();
    assert!(calls.iter().all(|id| house.places.call(*id, None).is_ok()));
    let late = house.id();
    assert_eq!(house.places.call(late, Some(&PeerId::random())), Err(Full::Calls));
    house.places.over(calls[0]);
    assert_eq!(house.places.call(late, None), Ok(()));
    for id in 1_000..1_032 {
        let (id, peer) = (ConnectionId::new_unchecked(id), PeerId::random());
        assert_eq!(house.places.has_called(&peer), Ok(()));
        house.places.hold(id, peer, None, house.now);
    }
    assert_eq!(house.places.has_called(&PeerId::random()), Err(Full::Strangers));
    // Those whom the node called take no places of those who call, and never give way to them.
    house.pass(100);
    let one = house.fill(48, elsewhere)[0];
    assert_eq!(house.come(one, elsewhere(0)), Ok(None));
    assert_eq!(house.come(one, elsewhere(0)), Err(Full::Peer), "a third one");
}

#[test]
fn few_leave_at_a_time() {
    let mut house = House::new();
    house.fill(64, elsewhere);
    house.pass(10);
    let mut leaving = Vec::new();
    for number in 0..16 {
        let gives_way = house.places.was_called(&PeerId::random(), elsewhere(number), house.now);
        leaving.extend(gives_way.expect("all are silent"));
        let id = house.id();
        house.places.hold(id, PeerId::random(), Some(elsewhere(number)), house.now);
    }
    assert_eq!(leaving.iter().collect::<HashSet<_>>().len(), 16, "one was told twice");
    let late = PeerId::random();
    let refused = house.places.was_called(&late, elsewhere(99), house.now);
    assert_eq!(refused, Err(Full::Strangers));
    house.places.leave(leaving[0].1);
    let gives_way = house.places.was_called(&late, elsewhere(99), house.now);
    assert!(gives_way.is_ok_and(|one| one.is_some()), "{gives_way:?}");
}
