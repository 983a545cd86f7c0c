//! Cards of real homes: what they prove while the log goes on, across a start, and that an act that too few
//! stewards signed makes no card, however it is dressed up.

use std::sync::Arc;

use harness::{
    people::Person,
    world::{Wallet, World},
};
use ledger::{
    card::{self, CardError, CheckedCard, NotChecked},
    home::{Dormant, Home},
    object::{MemberState, Object},
    state_tree::StateTree,
};
use proto::{
    act::{Act, Level},
    certificate::StateProof,
    codec::{Bytes, Canonical as _},
    desk::{CardProof, CardWitness},
    founding::Rules,
    ids::MemberId,
    order::{Approve, Statement},
};

/// The cité whose cards are looked at; the other two mirror it.
const HOME: usize = 0;
/// Wallets of the cité in the order of their joining.
const MEMBER: usize = 1;
const SECOND: usize = 2;

fn home(world: &World) -> &Home {
    &world.villages[HOME].home
}

fn id(world: &World, who: usize) -> MemberId {
    world.villages[HOME].wallets[who].person.id
}

fn card(home: &Home, id: &MemberId) -> CardProof {
    home.card(id).expect("a home reads its own log").expect("a member")
}

fn checked(home: &Home, id: &MemberId) -> CheckedCard {
    card::check(&card(home, id)).expect("a home proves what is so")
}

fn certified(card: &CheckedCard) -> bool {
    !card.not_checked().contains(&NotChecked::Witnesses)
}

/// Returns the member as a card shows the state.
fn shown(card: &CardProof) -> MemberState {
    match Object::decode(&card.member.leaf) {
        Ok(Object::Member(member)) => member,
        other => panic!("a card shows a member, not {other:?}"),
    }
}

/// Gives the cité another wallet, of somebody who asks to join; returns the act that admits.
fn applicant(world: &mut World, name: &str, level: Level) -> Act {
    let village = &mut world.villages[HOME];
    village.wallets.push(Wallet::new(name, &village.house));
    Act::Admit(Person::new(name, &village.house).admission(level))
}

#[test]
fn a_card_rests_on_the_newest_certificate_while_the_log_goes_on() {
    let mut world = World::allied();
    let act = applicant(&mut world, "zoe", Level::Member);
    world.act(HOME, act);
    let zoe = id(&world, SECOND);
    assert_eq!(home(&world).card(&zoe).expect("readable"), None, "nothing is durable yet");
    world.wait(1_000);
    world.commit(HOME);
    let fresh = checked(home(&world), &zoe);
    assert!(!certified(&fresh) && fresh.not_checked().contains(&NotChecked::Approvals));
    assert_eq!((fresh.sealed(), fresh.number()), (world.now, 3));
    world.settle(HOME);
    let settled = checked(home(&world), &zoe);
    assert!(certified(&settled) && !settled.not_checked().contains(&NotChecked::Approvals));
    // The log goes on; who certified last vouches for what was then.
    let member = id(&world, MEMBER);
    let old = card(home(&world), &member);
    let before = shown(&old);
    for _ in 0..3 {
        world.wait(1_000);
        world.pay(HOME, MEMBER, 15);
        world.commit(HOME);
        let (zoe, now) = (checked(home(&world), &zoe), card(home(&world), &member));
        assert_eq!(zoe.sealed(), settled.sealed());
        assert!(certified(&zoe) && card::check(&now).is_ok_and(|card| certified(&card)));
        assert_eq!(shown(&now), before);
    }
    // What the hours do meanwhile is not in the card.
    let moved = home(&world).state().balance(&member).expect("an account");
    assert_eq!(moved.0, -45);
    // A checkpoint is chosen to be cosigned, and the log goes on while the mirrors look at it.
    let village = &mut world.villages[HOME];
    let chosen = village.home.target(world.now).expect("there is news");
    let sealed = world.now;
    world.wait(1_000);
    world.pay(HOME, MEMBER, 15);
    world.commit(HOME);
    assert_eq!(world.witness(HOME), chosen.head.size);
    let now = card(home(&world), &member);
    let good = card::check(&now).expect("a home proves what is so");
    assert_eq!((good.sealed(), good.head()), (sealed, chosen.head));
    assert_eq!(shown(&now), before);
    // What an older seal says of the member does not go with a newer one.
    let stale = CardProof { member: old.member, ..now };
    assert_eq!(card::check(&stale).err(), Some(CardError::OtherState));
}

#[test]
fn an_act_that_waits_for_a_steward_makes_no_card() {
    let mut world = World::allied();
    let second = applicant(&mut world, "second steward", Level::Steward);
    world.act(HOME, second);
    world.act(HOME, Act::Rules(Rules { version: 2, approvals: 2, ..Rules::default() }));
    let admit = applicant(&mut world, "zoe", Level::Member);
    let act = world.act(HOME, admit);
    world.settle(HOME);
    let zoe = id(&world, SECOND + 1);
    assert_eq!(home(&world).card(&zoe).expect("readable"), None, "one of two has signed");
    // What is certified is the act; a card of it needs a member that the state does not have.
    let leaf = home(&world).leaf_of(&act.id()).expect("recorded");
    let proof = home(&world).prove(leaf).expect("readable").expect("committed");
    let witness = CardWitness::Certified(Box::new(proof));
    let forged = |member| card::check(&CardProof { act: None, witness: witness.clone(), member });
    for who in 0..=SECOND {
        let others = card(home(&world), &id(&world, who)).member;
        assert_eq!(forged(others).err(), Some(CardError::NotInForce), "wallet {who}");
    }
    // The very member that the approval will make, at a place that it could have.
    world.order(HOME, SECOND, Statement::Approve(Approve { act: act.id() })).expect("a steward");
    world.settle(HOME);
    let good = card(home(&world), &zoe);
    let seen = card::check(&good).expect("two of two have signed");
    assert!(certified(&seen) && !seen.not_checked().contains(&NotChecked::Approvals));
    assert!(good.act.is_some() && seen.leaf() > leaf);
    assert_eq!(forged(good.member.clone()).err(), Some(CardError::OtherState));
    let member = MemberState { issued: leaf, ..shown(&good) };
    assert_eq!(forged(alone(&member)).err(), Some(CardError::OtherState));
}

/// Returns the proof of a member in a tree that the cité never sealed.
fn alone(member: &MemberState) -> StateProof {
    let mut tree = StateTree::default();
    let bytes = Object::Member(member.clone()).encode();
    tree.set(0, Some(&bytes));
    tree.prove(0, &bytes).expect("the slot was just set")
}

#[test]
fn every_flipped_byte_of_a_real_card_is_noticed() {
    let world = World::allied();
    let bytes = card(home(&world), &id(&world, MEMBER)).encode();
    for place in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[place] ^= 1 << (place % 8);
        let held = CardProof::decode(&bad).is_ok_and(|card| card::check(&card).is_ok());
        assert!(!held, "byte {place} of {}", bytes.len());
    }
    let mut longer = card(home(&world), &id(&world, MEMBER));
    longer.member.leaf = Bytes::from(vec![0; StateProof::LEAF_MAX + 1]);
    assert!(CardProof::decode(&longer.encode()).is_err());
}

/// Opens a home on what is durable now, as after a loss of power.
fn started(world: &World, index: &std::path::Path) -> Home {
    let village = &world.villages[HOME];
    let disk = Arc::new(village.disk.image());
    Dormant::open(disk, index, village.house.id, village.house.log.clone())
        .expect("the log opens")
        .start(world.now)
        .expect("the guard matches")
}

#[test]
fn a_start_finds_the_state_under_the_last_seal_again() {
    let mut world = World::allied();
    let member = id(&world, MEMBER);
    world.pay(HOME, MEMBER, 15);
    world.settle(HOME);
    let before = card(home(&world), &member);
    for snapshot in [false, true] {
        if snapshot {
            world.villages[HOME].home.snapshot().expect("a sound disk");
        }
        let index = tempfile::tempdir().expect("a directory");
        assert_eq!(card(&started(&world, index.path()), &member), before, "snapshot: {snapshot}");
    }
    // Where the last seal is not certified, only the home vouches until the mirrors answer.
    world.wait(1_000);
    world.pay(HOME, MEMBER, 15);
    world.commit(HOME);
    for snapshot in [false, true] {
        if snapshot {
            world.villages[HOME].home.snapshot().expect("a sound disk");
        }
        let index = tempfile::tempdir().expect("a directory");
        let card = checked(&started(&world, index.path()), &member);
        assert!(!certified(&card), "snapshot: {snapshot}");
        assert_eq!(card.sealed(), world.now);
    }
    let index = tempfile::tempdir().expect("a directory");
    world.villages[HOME].home = started(&world, index.path());
    world.settle(HOME);
    let card = checked(home(&world), &member);
    assert!(certified(&card) && card.sealed() == world.now);
}
