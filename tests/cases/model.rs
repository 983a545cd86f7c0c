//! Random lives of three cités, lived twice: by the real fold and by the naive model. After every event
//! both must have answered the same, and every account, every open transfer and every invariant must hold.

use std::collections::BTreeMap;

use harness::{
    chance,
    disk::FaultyDisk,
    model::{CITES, Change, Event, Model, PEOPLE, Rules},
    real::{HOUSES, PERSONS, RULES, Reals},
};
use ledger::{
    fold::Fold,
    keybook::KeyBook,
    replay,
    snapshot::{self, Beside},
};
use proptest::prelude::*;
use proto::stream::Content;

/// Compares every account and every open transfer, and checks what must always hold.
fn compare(model: &Model, reals: &Reals) -> Result<(), TestCaseError> {
    for (at, (naive, real)) in model.cites.iter().zip(&reals.cites).enumerate() {
        let state = real.fold.state();
        prop_assert_eq!(state.sum().map(|sum| sum.0), Some(0), "the accounts of {}", at);
        let balances: BTreeMap<usize, i64> = (0..PEOPLE)
            .filter_map(|who| Some((who, state.balance(&PERSONS[at][who].id)?.0)))
            .collect();
        prop_assert_eq!(&balances, &naive.balances);
        prop_assert_eq!(state.commons().map(|commons| commons.balance.0), Some(naive.commons));
        prop_assert_eq!(state.peer_count(), naive.peers.len());
        for (of, peer) in &naive.peers {
            let (_, found) = state.peer(&HOUSES[*of].id).expect("as many as in the model");
            let cursors = (found.sent, found.received);
            let fits = |count: usize| u64::try_from(count).expect("few");
            prop_assert_eq!(cursors, (fits(peer.sent()), fits(peer.received)));
            prop_assert_eq!(found.balance.0, peer.balance);
            prop_assert_eq!(found.open_minutes.0, peer.open_minutes());
            let opens: Vec<(u64, u32)> = state
                .opens(HOUSES[*of].id, u64::MAX)
                .map(|(_, open)| (open.counter, open.minutes.0))
                .collect();
            let naive: Vec<(u64, u32)> =
                peer.open.iter().map(|(counter, _, minutes)| (fits(*counter), *minutes)).collect();
            prop_assert_eq!(u64::from(found.open), fits(opens.len()));
            prop_assert_eq!(opens, naive);
        }
        for other in at + 1..CITES {
            let owed = reals.peer(at, other) + reals.peer(other, at);
            let open = reals.on_their_way(at, other) + reals.on_their_way(other, at);
            prop_assert_eq!(owed, open, "between {} and {}", at, other);
        }
    }
    Ok(())
}

/// After an import: what the other owes, plus what it could still return, is within the line.
fn check_line(reals: &Reals, at: usize, of: usize) -> Result<(), TestCaseError> {
    let (_, peer) = reals.cites[at].fold.state().peer(&HOUSES[of].id).expect("just imported");
    let line = i64::from(peer.line_on(reals.now.day()).0);
    prop_assert!(-peer.balance.0 + peer.open_minutes.0 <= line, "above the line");
    Ok(())
}

fn both(model: &mut Model, reals: &mut Reals, event: &Event) -> Result<bool, TestCaseError> {
    let naive = model.try_event(event);
    let Some(real) = reals.try_event(event) else {
        prop_assert_eq!(naive, Err(0), "{:?}", event);
        return Ok(false);
    };
    prop_assert_eq!(real.map_err(|refusal| refusal.number()), naive, "{:?}", event);
    compare(model, reals)?;
    if let (Event::Deliver { from, to, .. }, Ok(None)) = (event, naive) {
        let counter = reals.cites[*to].fold.state().peer(&HOUSES[*from].id);
        let counter = counter.map_or(0, |(_, peer)| peer.received);
        let said = &reals.cites[*from].streams[to][usize::try_from(counter - 1).expect("few")];
        if matches!(said.content, Content::Transfer(_)) {
            check_line(reals, *to, *from)?;
        }
    }
    Ok(naive.is_ok())
}

/// Delivers and acknowledges, and lets those who are closed say their last messages, until nothing is on its way.
fn drain(model: &mut Model, reals: &mut Reals) -> Result<(), TestCaseError> {
    for _ in 0..6 {
        for (from, to) in (0..CITES).flat_map(|from| (0..CITES).map(move |to| (from, to))) {
            if from != to {
                while both(model, reals, &Event::Deliver { from, to, ahead: 0 })? {}
                both(model, reals, &Event::Acknowledge { at: to, to: from })?;
                both(model, reals, &Event::Farewell { at: to, to: from })?;
            }
        }
    }
    for (from, to) in (0..CITES).flat_map(|from| (0..CITES).map(move |to| (from, to))) {
        // A transfer to a cité that opened no account for its sender waits there, and is shown so.
        if reals.cites[to].fold.state().peer(&HOUSES[from].id).is_some() {
            let state = reals.cites[from].fold.state();
            let open = state.opens(HOUSES[to].id, u64::MAX).count();
            prop_assert_eq!(open, 0, "every transfer ends: {} to {}", from, to);
            let one_is_closed = model.cites[from].closed || model.cites[to].closed;
            let both_know = model.cites[from].peers.contains_key(&to);
            if both_know {
                prop_assert_eq!(state.has_ended(&HOUSES[to].id), one_is_closed);
            }
        }
    }
    Ok(())
}

/// The state is a function of the log's bytes: replayed, and through a snapshot, it is the same.
fn replay_all(reals: &mut Reals) -> Result<(), TestCaseError> {
    for real in &mut reals.cites {
        let (mut again, mut book) = (Fold::default(), KeyBook::default());
        let prepared = replay::prepare(&mut book, &real.entries);
        prop_assert_eq!(replay::fold(&mut again, prepared), Ok(()));
        prop_assert_eq!(again.head(), real.fold.head());
        let root = real.fold.state_mut().root();
        prop_assert_eq!(again.state_mut().root(), root);
        let disk = FaultyDisk::new(1);
        let state = real.fold.state();
        snapshot::write(&disk, "snapshot", state, Beside::default()).expect("a sound disk");
        let read = snapshot::read(&disk, "snapshot").expect("a sound disk");
        let (mut state, _) = read.expect("just written");
        prop_assert_eq!(state.root(), root);
    }
    Ok(())
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => prop::bool::weighted(0.8).prop_map(Change::Card),
        2 => prop::option::of(-1..40i8).prop_map(Change::Suspend),
        2 => Just(Change::Lift),
        1 => Just(Change::Leave),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let cite = || 0..CITES;
    let who = || 0..PEOPLE;
    // Mostly those who are there from the beginning.
    let by = || prop_oneof![4 => 0..2usize, 1 => 0..PEOPLE];
    let minutes = || prop_oneof![8 => (0..20u32).prop_map(|n| n * 15), 1 => 0..70_000u32];
    let line = || (0..8u32).prop_map(|hours| hours * 60);
    let rules = (0..3usize, 0..4u32, 0..4u32, 0..3u32, 1..4u8).prop_map(
        |(step, floor, ceiling, deficit, approvals)| Rules {
            step: [15, 30, 7][step],
            floor: floor * 240,
            ceiling: ceiling * 480,
            deficit: deficit * 300,
            approvals,
        },
    );
    let event = prop_oneof![
        6 => (cite(), by(), prop::option::weighted(0.8, by()), minutes())
            .prop_map(|(at, by, to, minutes)| Event::Pay { at, by, to, minutes }),
        8 => (cite(), by(), (cite(), by()), minutes())
            .prop_map(|(at, by, to, minutes)| Event::Export { at, by, to, minutes }),
        12 => (cite(), cite(), prop_oneof![8 => Just(0i8), 1 => Just(-1), 1 => Just(1)])
            .prop_filter("two cités", |(from, to, _)| from != to)
            .prop_map(|(from, to, ahead)| Event::Deliver { from, to, ahead }),
        2 => (cite(), cite()).prop_map(|(at, to)| Event::Acknowledge { at, to }),
        2 => (cite(), by(), who(), any::<bool>())
            .prop_map(|(at, by, who, steward)| Event::Admit { at, by, who, steward }),
        3 => (cite(), by(), by(), change())
            .prop_map(|(at, by, who, change)| Event::Decide { at, by, who, change }),
        3 => (cite(), 0..2usize, cite(), line())
            .prop_map(|(at, by, cite, line)| Event::Open { at, by, cite, line }),
        2 => (cite(), by(), cite(), line())
            .prop_map(|(at, by, cite, line)| Event::Line { at, by, cite, line }),
        1 => (cite(), by(), rules).prop_map(|(at, by, rules)| Event::Rules { at, by, rules }),
        3 => (cite(), by(), by())
            .prop_map(|(at, by, whose)| Event::Approve { at, by, whose }),
        1 => (cite(), who()).prop_map(|(at, by)| Event::Again { at, by }),
        1 => prop_oneof![12 => cite().prop_map(|at| Event::Seal { at }),
            1 => cite().prop_map(|at| Event::Close { at })],
        1 => (cite(), cite()).prop_map(|(at, to)| Event::Farewell { at, to }),
        1 => prop_oneof![5 => 0..3u64, 2 => 25..40u64, 1 => 300..400u64].prop_map(Event::Days),
    ];
    prop::collection::vec(event, 1..150)
}

/// Invariants F1, F2, F5, F7, X2, X4.
#[test]
fn the_fold_lives_as_the_model_does() {
    let openings: Vec<Event> = (0..CITES)
        .flat_map(|at| (0..CITES).map(move |cite| (at, cite)))
        .filter(|(at, cite)| at != cite && (*at, *cite) != (0, 2))
        .map(|(at, cite)| Event::Open { at, by: 0, cite, line: 300 })
        .collect();
    // In half of the lives a cité closes while hours are on their way, and says what it can to the others at once.
    let closing = prop::option::of((0..CITES, 0..150usize));
    chance::check(60, &(events(), closing), |(mut events, closing)| {
        if let Some((at, place)) = closing {
            let last_words = (0..CITES).map(|to| Event::Farewell { at, to });
            let closes = std::iter::once(Event::Close { at }).chain(last_words);
            let place = place.min(events.len());
            events.splice(place..place, closes);
        }
        let mut model = Model::new(RULES);
        let mut reals = Reals::default();
        for event in openings.iter().chain(&events) {
            both(&mut model, &mut reals, event)?;
        }
        drain(&mut model, &mut reals)?;
        replay_all(&mut reals)
    });
}
