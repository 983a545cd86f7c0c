//! The story behind the example logs: what three homes and their mirrors really write when the weavers
//! found their cité, govern it, pay, and pay abroad. Keys and times are fixed; the homes decide the rest.

use std::sync::OnceLock;

use ledger::bundle::LogFiles;
use proto::{
    act::{Act, Level, Line, MirrorSet, PeerOpen},
    certificate::EntryProof,
    checkpoint::Checkpoint,
    codec::Bytes,
    desk::CardProof,
    entry::Entry,
    founding::Rules,
    ids::Account,
    minutes::Minutes,
    order::{Approve, Export, Order, Pay, SignedOrder, Statement},
    request::{Request, SignedRequest},
};

use super::{
    identities::example_body,
    log::{ExampleLog, at},
    orders::request,
};
use crate::{
    people::{self, Person, TODAY, founding_bytes},
    world::{Village, Wallet, World},
};

/// Places of the three cités.
const WEAVERS: usize = 0;
const BOATMEN: usize = 1;
const BEEKEEPERS: usize = 2;
/// Places of the weavers' stewards.
const ALICE: usize = 0;
const BOB: usize = 1;

/// What the story leaves behind.
#[derive(Clone)]
pub(super) struct Story {
    /// The weavers' log.
    pub(super) weavers: ExampleLog,
    /// The boatmen's log.
    pub(super) boatmen: ExampleLog,
    /// Files of the weavers' node, by name.
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
    /// The first segment of the beekeepers' log, which is the founding and no more.
    pub(super) segment: Vec<u8>,
    /// Cards, by the name of who holds them.
    pub(super) cards: Vec<(&'static str, CardProof)>,
    /// The proof of the weavers' second payment abroad, as the boatmen keep it.
    pub(super) sidecar: EntryProof,
}

/// Returns the story; told once, for founding and mirroring take a while.
pub(super) fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(tell)
}

fn tell() -> Story {
    let mut world = World { villages: Vec::new(), now: at(0) };
    let houses = [people::tisserandes(), people::mariniers(), people::ruchers()];
    let founded = houses.iter().zip([["alice"], ["carol"], ["dora"]]);
    world.villages = founded
        .map(|(house, names)| Village::new(house.clone(), &names, &houses, world.now))
        .collect();
    govern(&mut world);
    let first = pay(&mut world);
    ally(&mut world);
    pay_abroad(&mut world);
    leave_behind(&mut world, first)
}

/// Alice opens an account for the boatmen, chooses mirrors, admits Bob as the second steward, and from
/// then on two stewards decide.
fn govern(world: &mut World) {
    world.now = at(1);
    let boatmen = founding_bytes(&world.villages[BOATMEN].house);
    world.act(WEAVERS, Act::PeerOpen(PeerOpen { founding: boatmen, line: Minutes(600) }));
    let mirrors = mirrors(world, WEAVERS);
    world.act(WEAVERS, Act::MirrorSet(mirrors));
    let bob = Person::new("bob", &world.villages[WEAVERS].house);
    world.act(WEAVERS, Act::Admit(bob.admission(Level::Steward)));
    let bob = Wallet::new("bob", &world.villages[WEAVERS].house);
    world.villages[WEAVERS].wallets.push(bob);
    let rules = Rules { version: 2, approvals: 2, ..Rules::default() };
    world.act(WEAVERS, Act::Rules(rules));
    world.commit(WEAVERS);
    world.now = at(2);
    world.settle(WEAVERS);
}

/// Two stewards raise a line; Alice pays what Bob asked for, with words; Bob pays the commons.
/// Returns the checkpoint over that.
fn pay(world: &mut World) -> Checkpoint {
    world.now = at(3);
    let boatmen = world.villages[BOATMEN].house.id;
    let act = Act::Line(Line { cite: boatmen, line: Minutes(1_200) });
    let proposed = world.act(WEAVERS, act);
    let approve = Statement::Approve(Approve { act: proposed.id() });
    world.order(WEAVERS, BOB, approve).expect("a steward approves");
    let bob = Account::Member(world.villages[WEAVERS].wallets[BOB].person.id);
    let asked = Some(Bytes::from(request().bytes().to_vec()));
    let pay = Statement::Pay(Pay { payee: bob, minutes: Minutes(90), request: asked });
    with_words(world, ALICE, pay);
    let commons = Pay { payee: Account::Commons, minutes: Minutes(30), request: None };
    world.order(WEAVERS, BOB, Statement::Pay(commons)).expect("a member may pay the commons");
    let sealed = world.commit(WEAVERS).expect("four orders wait").checkpoint;
    world.now = at(4);
    world.settle(WEAVERS);
    sealed
}

/// The boatmen open an account for the weavers and choose mirrors.
fn ally(world: &mut World) {
    world.now = at(5);
    let weavers = founding_bytes(&world.villages[WEAVERS].house);
    world.act(BOATMEN, Act::PeerOpen(PeerOpen { founding: weavers, line: Minutes(600) }));
    let mirrors = mirrors(world, BOATMEN);
    world.act(BOATMEN, Act::MirrorSet(mirrors));
    world.settle(BOATMEN);
}

/// Bob pays somebody whom the boatmen do not know, and Carol what she asked for. The first payment comes
/// back; a day later the boatmen acknowledge the second.
fn pay_abroad(world: &mut World) {
    world.now = at(6);
    let boatmen = world.villages[BOATMEN].house.id;
    let nobody = Person::new("nobody", &world.villages[BOATMEN].house).id;
    let export = Export { to: boatmen, payee: nobody, minutes: Minutes(15), request: None };
    world.order(WEAVERS, BOB, Statement::Export(export)).expect("the home cannot know");
    let asked = request_from_abroad();
    let Request { payee, minutes, .. } = *asked.request();
    let asked = Some(Bytes::from(asked.bytes().to_vec()));
    let export = Export { to: boatmen, payee, minutes, request: asked };
    world.order(WEAVERS, BOB, Statement::Export(export)).expect("within all limits");
    world.settle(WEAVERS);
    world.now = at(7);
    deliver_all(world, WEAVERS, BOATMEN);
    world.now = at(8 + 24 * 60);
    let acknowledged = world.villages[BOATMEN].home.acknowledge(world.now);
    assert_eq!(acknowledged, 1, "a day has passed since the payment was taken in");
    world.settle(BOATMEN);
    world.now = at(9 + 24 * 60);
    deliver_all(world, BOATMEN, WEAVERS);
}

/// Returns the request that Carol gave Bob.
pub(super) fn request_from_abroad() -> SignedRequest {
    let (a, b) = (people::tisserandes(), people::mariniers());
    let carol = Person::new("carol", &b);
    Request {
        version: 1,
        network: b.network,
        home: b.id,
        payee: carol.id,
        epoch: 0,
        lane: 0,
        payer: Some(Person::new("bob", &a).id),
        minutes: Minutes(60),
        serial: people::salt("request from abroad"),
        valid_until: TODAY.plus(7),
        body: None,
    }
    .sign(&carol.device)
}

fn mirrors(world: &World, of: usize) -> MirrorSet {
    let others = [WEAVERS, BOATMEN, BEEKEEPERS].into_iter().filter(|other| *other != of);
    let mut mirrors: Vec<_> = others.map(|other| world.villages[other].house.as_mirror()).collect();
    mirrors.sort_unstable();
    MirrorSet { mirrors }
}

/// Submits a member's next order with the commitment to the example text.
fn with_words(world: &mut World, who: usize, statement: Statement) -> SignedOrder {
    let village = &mut world.villages[WEAVERS];
    let wallet = &mut village.wallets[who];
    let seen = village.home.checkpoint().head;
    let order = wallet.person.order(wallet.seq + 1, wallet.prev, statement);
    let body = Some(example_body().commitment());
    let signed = Order { seen, body, ..order }.sign(&wallet.person.device);
    (wallet.seq, wallet.prev) = (wallet.seq + 1, signed.id());
    village.home.submit(world.now, signed.clone()).expect("the rules allow this payment");
    signed
}

fn deliver_all(world: &mut World, from: usize, to: usize) {
    while let Some(proof) = world.next_message(from, to) {
        world.deliver(to, proof).expect("the next message is taken in");
        // What comes next is asked of what is durable.
        world.commit(to);
    }
    world.settle(to);
}

fn leave_behind(world: &mut World, first: Checkpoint) -> Story {
    let weavers = log_of(&world.villages[WEAVERS], first);
    let boatmen = &world.villages[BOATMEN];
    let founding = boatmen.home.checkpoint();
    let boatmen = log_of(boatmen, *founding);
    let village = &mut world.villages[WEAVERS];
    village.home.snapshot().expect("a sound disk");
    let files = ["guard", "index/checkpoint", "index/tree", "index/snapshot"]
        .map(|name| (name, village.disk.contents(name)));
    let last = boatmen.leaf("import-taken");
    let sidecar = world.villages[BOATMEN].home.sidecar(last).expect("a sound disk");
    let sidecar = sidecar.expect("every import has its proof");
    let segment = world.villages[BEEKEEPERS].disk.contents("log/00000000.seg");
    let cards = cards(world);
    Story { weavers, boatmen, files: files.into(), segment, cards, sidecar }
}

/// Returns the cards of Alice, whom the root admitted, of Bob, whom one steward did, both witnessed by
/// mirrors; and of Fanny, whom two stewards of the beekeepers admit, who have no mirrors.
fn cards(world: &mut World) -> Vec<(&'static str, CardProof)> {
    for (name, level) in [("emile", Level::Steward), ("fanny", Level::Member)] {
        let person = Person::new(name, &world.villages[BEEKEEPERS].house);
        let proposed = world.act(BEEKEEPERS, Act::Admit(person.admission(level)));
        if level == Level::Steward {
            let wallet = Wallet::new(name, &world.villages[BEEKEEPERS].house);
            world.villages[BEEKEEPERS].wallets.push(wallet);
            let rules = Rules { version: 2, approvals: 2, ..Rules::default() };
            world.act(BEEKEEPERS, Act::Rules(rules));
        } else {
            let approve = Statement::Approve(Approve { act: proposed.id() });
            world.order(BEEKEEPERS, 1, approve).expect("a steward approves");
        }
        world.commit(BEEKEEPERS);
    }
    [("alice", WEAVERS), ("bob", WEAVERS), ("fanny", BEEKEEPERS)]
        .into_iter()
        .map(|(name, at)| {
            let village = &world.villages[at];
            let id = Person::new(name, &village.house).id;
            let card = village.home.card(&id).expect("a sound disk");
            (name, card.expect("a member has a card"))
        })
        .collect()
}

fn log_of(village: &Village, first: Checkpoint) -> ExampleLog {
    let home = &village.home;
    let size = home.checkpoint().head.size;
    let entries: Vec<Entry> =
        (0..size).map(|leaf| home.entry(leaf).expect("a home reads its own log")).collect();
    let mut bundle = Vec::new();
    LogFiles::own(village.disk.clone())
        .and_then(|files| files.write(&mut bundle, |_| ()))
        .expect("a sound disk");
    ExampleLog::new(village, entries, first, bundle)
}
