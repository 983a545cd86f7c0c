//! The wallet: what it keeps, what it refuses to read, and the next order of a device.

use node::{
    client::ClientError,
    network::{DialFailure, PeerKey},
};
use proto::{
    act::Level,
    body::Body,
    codec::Canonical as _,
    desk::{AccountSheet, LaneSheet},
    epoch::{KeyEpoch, RoleKeys, SignedKeyEpoch},
    founding::{Founding, Language, Network, RootKeys, Rules, SignedFounding},
    hash::{Hash, Use, digest},
    ids::{CiteId, MemberId, NetworkId, OrderId},
    keys::SigningKey,
    membership::{Terms, Validity},
    minutes::{Balance, Minutes},
    order::{Head, Join, MemberRecord, Order, Pay, Rank, RankedKey, SignedOrder, Statement},
    request::Request,
    time::{UnixMillis, UtcDay},
};

use super::{Membership, NewWallet, Wallet, order, request_link::RequestLink, session, unhex_any};
use crate::{codes, context::Context, error::Failure, language::Lang, reply, text, tree::Global};

pub(crate) const TODAY: UtcDay = UtcDay(20_780);

/// A key of tests.
pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

/// A cité of tests; its log key is `key(2)`.
pub(crate) fn home() -> SignedFounding {
    let founding = Founding {
        version: 1,
        network: Network { name: "exemple".to_owned(), test: true },
        slug: "tisserandes".to_owned(),
        name: "Les Tisserandes".to_owned(),
        place: "Arles".to_owned(),
        language: Language::French,
        root: RootKeys { threshold: 1, keys: vec![key(1).public()] },
        log_key: key(2).public(),
        mirror_key: key(3).public(),
        card_key: key(4).public(),
        network_key: key(5).public(),
        rules: Rules::default(),
        salt: [7; 16],
    };
    SignedFounding::sign(founding, &[key(1)])
}

/// The same cité with keys that its root (or who pretends to be it) named for an incarnation: the log key is
/// `key(20 + incarnation)`.
pub(crate) fn home_at(incarnation: u8, root: u8) -> SignedFounding {
    let signed = home();
    let [log, mirror, card, network] =
        [20, 40, 60, 80].map(|base| key(base + incarnation).public());
    let keys = RoleKeys { log, mirror, card, network };
    let (cite, incarnation) = (signed.founding.id(), incarnation.into());
    let epoch = KeyEpoch { cite, incarnation, keys };
    let epoch = SignedKeyEpoch::sign(epoch, &signed.founding.network.id(), &[key(root)]);
    SignedFounding { epoch: Some(epoch), ..signed }
}

/// The Join of a person with this device key.
pub(crate) fn join_of(home: &SignedFounding, device: u8) -> SignedOrder {
    let device = key(device);
    let record = MemberRecord {
        salt: [1; 16],
        keys: vec![RankedKey { rank: Rank::Device, key: device.public() }],
        next_key: digest(Use::NextKey, &[&key(8).public().0]),
        home: home.founding.id(),
    };
    Order {
        author: record.id(),
        epoch: 0,
        network: home.founding.network.id(),
        home: home.founding.id(),
        lane: 0,
        seq: 1,
        prev: OrderId::NONE,
        seen: Head::empty(),
        valid_until: TODAY.plus(30),
        statement: Statement::Join(Join { record, rules: 1, pledge: Minutes(0) }),
        body: None,
    }
    .sign(&device)
}

/// A request for an hour and a half that the member `3` signed with this serial, with its words.
pub(crate) fn request_link(
    serial: u8,
    payer: Option<MemberId>,
    valid_until: UtcDay,
    body: Option<Body>,
) -> RequestLink {
    let request = Request {
        version: 1,
        network: NetworkId(Hash([1; 32])),
        home: CiteId(Hash([2; 32])),
        payee: MemberId(Hash([3; 32])),
        epoch: 0,
        lane: 0,
        payer,
        minutes: Minutes(90),
        serial: [serial; 16],
        valid_until,
        body: body.as_ref().map(Body::commitment),
    };
    RequestLink::new(request.sign(&key(6)), body).expect("the words are the request's")
}

pub(crate) fn context(directory: &std::path::Path) -> Context {
    let global = Global {
        home: Some(directory.to_owned()),
        timeout: Some(std::time::Duration::ZERO),
        ..Global::default()
    };
    Context::new(Lang::En, global).expect("a directory is a home")
}

pub(crate) fn wallet(context: &Context) -> Wallet {
    let new = NewWallet {
        founding: home().encode(),
        addresses: vec!["192.0.2.7:17890".to_owned()],
        join: join_of(&home(), 6),
        token: Some([5; 16]),
        alias: "Zoé".to_owned(),
        membership: Membership::Signed,
        number: None,
    };
    Wallet::create(context, new).expect("the directory is ours")
}

/// An account of tests at 2 h whose device `key(6)` signed four orders.
pub(crate) fn account(last: OrderId) -> AccountSheet {
    AccountSheet {
        number: 42,
        terms: Terms {
            level: Level::Member,
            from: TODAY,
            until: TODAY.plus(365),
            allowance: Minutes(60),
        },
        serial: 1,
        validity: Validity::Good,
        balance: Balance(120),
        floor: Balance(-1_200),
        ceiling: Balance(2_400),
        abroad: 0,
        epoch: 0,
        lanes: vec![LaneSheet { lane: 0, key: key(6).public(), seq: 4, last }],
        seen: Head::empty(),
        rules: Rules::default(),
        now: UnixMillis(9),
    }
}

fn pay() -> Statement {
    Statement::Pay(Pay { payee: proto::ids::Account::Commons, minutes: Minutes(15), request: None })
}

#[test]
fn what_was_kept_is_read_back_and_nobody_else_has_it_meanwhile() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let context = context(dir.path());
    assert!(Wallet::find(&context).expect("nothing is there").is_none());
    let mut made = wallet(&context);
    assert_eq!(Wallet::load(&context).expect_err("it is open").code(), codes::WALLET_BUSY);
    made.keep_account(&account(OrderId::NONE)).expect("the directory is ours");
    let (member, join) = (made.member(), made.join().id());
    drop(made);
    let read = Wallet::load(&context).expect("it was just written");
    assert_eq!((read.member(), read.join().id()), (member, join));
    assert_eq!((read.number(), read.token()), (Some(42), Some([5; 16])));
    assert_eq!((read.membership(), read.alias()), (Membership::Admitted, "Zoé"));
    assert_eq!(read.kept_account().map(|account| account.balance), Some(Balance(120)));
}

#[test]
fn keys_that_the_root_named_later_are_taken_over_and_no_others() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let context = context(dir.path());
    let mut made = wallet(&context);
    let mut other = home();
    other.founding.salt = [8; 16];
    let other = SignedFounding::sign(other.founding, &[key(1)]);
    for (record, newer) in [
        (home(), false),
        (home_at(2, 9), false),
        (home_at(2, 1), true),
        (home_at(2, 1), false),
        (home_at(1, 1), false),
        (other, false),
    ] {
        assert_eq!(made.renew(&record.encode()).expect("ours"), newer, "{record:?}");
    }
    assert!(!made.renew(b"no record").expect("ours"));
    drop(made);
    let read = Wallet::load(&context).expect("it was just written");
    assert_eq!((read.founding().incarnation(), read.home()), (2, home().founding.id()));
    assert_eq!(read.founding().keys().log, key(22).public());
}

#[test]
fn an_edited_wallet_is_not_believed() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let context = context(dir.path());
    drop(wallet(&context));
    let path = context.paths.wallet().join("wallet.toml");
    let good = std::fs::read_to_string(&path).expect("it was just written");
    let other = join_of(&home(), 7).order().author.to_string();
    let member = join_of(&home(), 6).order().author.to_string();
    for bad in [
        good.replace("version = 1", "version = 2"),
        good.replace(&member, &other),
        good.replace("exemple", "autre"),
        good.replace("founding = \"01", "founding = \"02"),
        good[..good.len() / 2].to_owned(),
    ] {
        if bad == good {
            continue;
        }
        std::fs::write(&path, &bad).expect("it is ours");
        assert_eq!(
            Wallet::load(&context).map(|_| ()).expect_err("edited").code(),
            codes::WALLET_DAMAGED
        );
    }
    std::fs::write(&path, &good).expect("it is ours");
    assert!(Wallet::load(&context).is_ok());
}

#[test]
fn an_order_waits_as_the_very_bytes_that_were_signed() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let context = context(dir.path());
    let made = wallet(&context);
    let next = |waiting: &[_]| {
        order::next(&made, key(6).public(), &account(OrderId::NONE), waiting, TODAY, pay(), None)
            .expect("the device is the account's")
    };
    let first = next(&[]);
    assert_eq!((first.seq, first.valid_until), (5, TODAY.plus(30)));
    let kept = made.keep_order(first.sign(&key(6)), None).expect("the directory is ours");
    let waiting = made.waiting().expect("it is ours");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].frame, kept.frame);
    assert_eq!(waiting[0].order.bytes(), kept.order.bytes());
    // What is signed next follows what waits.
    let second = next(&waiting);
    assert_eq!((second.seq, second.prev), (6, kept.id()));
    let later = made.keep_order(second.sign(&key(6)), None).expect("the directory is ours");
    let ids: Vec<_> = made.waiting().expect("it is ours").iter().map(|w| w.id()).collect();
    assert_eq!(ids, [kept.id(), later.id()]);
    made.drop_order(&kept).expect("it is ours");
    assert_eq!(made.waiting().expect("it is ours").len(), 1);
    assert!(waiting[0].is_expired(TODAY.plus(31)) && !waiting[0].is_expired(TODAY.plus(30)));
}

/// Keeps three payments, one behind the other, signed on this head.
fn three(made: &Wallet, seen: Head) -> Vec<OrderId> {
    let account = AccountSheet { seen, ..account(OrderId::NONE) };
    let one = |_| {
        let waiting = made.waiting().expect("it is ours");
        let key = key(6);
        let next = order::next(made, key.public(), &account, &waiting, TODAY, pay(), None);
        let signed = next.expect("the device is the account's").sign(&key);
        made.keep_order(signed, None).expect("the directory is ours").id()
    };
    (0..3).map(one).collect()
}

/// Puts what waits in place, and returns number, predecessor and head of all.
fn placed(made: &Wallet, account: &AccountSheet) -> Vec<(u64, OrderId, u64)> {
    let waiting = made.waiting().expect("it is ours");
    for (old, signed) in order::anew(made, &key(6), account, &waiting, TODAY) {
        assert!(signed.order().seq <= old.order.order().seq, "the two exclude one another");
        made.replace_order(old, signed).expect("the directory is ours");
    }
    let waiting = made.waiting().expect("it is ours");
    let seen = |order: &Order| (order.seq, order.prev, order.seen.size);
    waiting.iter().map(|waiting| seen(waiting.order.order())).collect()
}

#[test]
fn a_refused_order_takes_none_with_it_that_waits_behind() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let made = wallet(&context(dir.path()));
    let ids = three(&made, Head::empty());
    let account = account(OrderId::NONE);
    let before = placed(&made, &account);
    assert_eq!(before, [(5, OrderId::NONE, 0), (6, ids[0], 0), (7, ids[1], 0)], "all is well");
    made.drop_refused(&made.waiting().expect("ours")[0]).expect("ours");
    // As if the machine stopped when the first of two was put in place: nothing is there twice.
    let waiting = made.waiting().expect("ours");
    let (old, signed) = order::anew(&made, &key(6), &account, &waiting, TODAY).remove(0);
    made.replace_order(old, signed).expect("ours");
    let after = placed(&made, &account);
    let first = made.waiting().expect("ours")[0].id();
    assert_eq!(after, [(5, OrderId::NONE, 0), (6, first, 0)]);
    // All three are alike, and yet what took a place is none that an old one follows.
    assert!(made.waiting().expect("ours").iter().all(|waiting| !ids.contains(&waiting.id())));
    // What is signed next is beside them and over neither.
    let waiting = made.waiting().expect("ours");
    let next = order::next(&made, key(6).public(), &account, &waiting, TODAY, pay(), None);
    made.keep_order(next.expect("ours").sign(&key(6)), None).expect("ours");
    assert_eq!(made.waiting().expect("ours").len(), 3);
    // Days later none is signed for longer than was said.
    let late = TODAY.plus(31);
    made.drop_refused(&made.waiting().expect("ours")[0]).expect("ours");
    let waiting = made.waiting().expect("ours");
    assert!(order::anew(&made, &key(6), &account, &waiting, late).is_empty());
}

#[test]
fn what_was_signed_before_anything_was_confirmed_is_put_on_what_is() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let made = wallet(&context(dir.path()));
    three(&made, Head::empty());
    let seen = Head { size: 9, ..Head::empty() };
    let account = AccountSheet { seen, ..account(OrderId::NONE) };
    let after = placed(&made, &account);
    let ids: Vec<_> = made.waiting().expect("ours").iter().map(|waiting| waiting.id()).collect();
    assert_eq!(after, [(5, OrderId::NONE, 9), (6, ids[0], 9), (7, ids[1], 9)]);
}

#[test]
fn what_a_home_knew_and_knows_no_more_is_counted() {
    let known = account(OrderId::NONE);
    for (seq, epoch, gone) in [(0, 0, 4), (3, 0, 1), (4, 0, 0), (5, 0, 0), (0, 1, 0)] {
        let lanes = vec![LaneSheet { seq, ..known.lanes[0] }];
        let told = AccountSheet { lanes, epoch, ..known.clone() };
        assert_eq!(order::gone(&known, &told, 0), gone, "{seq} {epoch}");
    }
}

#[test]
fn an_order_that_may_be_recorded_is_never_signed_anew() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let made = wallet(&context(dir.path()));
    let ids = three(&made, Head::empty());
    let before: Vec<_> = made.waiting().expect("ours").iter().map(|waiting| waiting.id()).collect();
    // The home has the first two, whose receipts never came; or numbers that others took.
    for last in [ids[1], OrderId::NONE] {
        let mut account = account(OrderId::NONE);
        account.lanes[0] = LaneSheet { seq: 6, last, ..account.lanes[0] };
        let waiting = made.waiting().expect("ours");
        let anew = order::anew(&made, &key(6), &account, &waiting, TODAY);
        let touched: Vec<_> = anew.iter().map(|(old, _)| old.id()).collect();
        let expected = if last == ids[1] { Vec::new() } else { vec![ids[2]] };
        assert_eq!(touched, expected);
    }
    assert_eq!(before, ids);
}

#[test]
fn nothing_that_helps_an_order_that_waits_signs_another() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let made = wallet(&context(dir.path()));
    let account = account(OrderId::NONE);
    let order = order::next(&made, key(6).public(), &account, &[], TODAY, pay(), None)
        .expect("the device is the account's");
    let kept = made.keep_order(order.sign(&key(6)), None).expect("the directory is ours");
    let other = ClientError::Unreachable(DialFailure::WrongPeer(PeerKey([7; 32])));
    for (silence, more) in [
        (Failure::new(codes::OFFLINE_ASKED, text!("offline-asked")), &[][..]),
        (reply::late("192.0.2.7:17890"), &["--timeout", "60s"]),
        (reply::no_reply(&ClientError::Timeout, "a, b"), &["--timeout", "60s"]),
        (reply::no_reply(&other, "a, b"), &["--node", "…"]),
    ] {
        let failure = session::waits(&kept, silence);
        assert_eq!(failure.code(), codes::ORDER_WAITS);
        for fix in failure.fixes() {
            assert_eq!(fix.argv, [&["pirate", "balance"], more].concat());
        }
    }
    // What helps in another way stands as it is.
    let silence = reply::unavailable(proto::desk::Unavailable::DiskFull);
    assert_eq!(session::waits(&kept, silence).fixes()[0].argv, ["pirate", "node", "status"]);
}

#[test]
fn a_device_that_the_account_does_not_have_signs_nothing() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let context = context(dir.path());
    let made = wallet(&context);
    let code = |device: u8, epoch| {
        let account = AccountSheet { epoch, ..account(OrderId::NONE) };
        let device = key(device).public();
        order::next(&made, device, &account, &[], TODAY, pay(), None)
            .map(|_| ())
            .expect_err("it is not this account's")
            .code()
    };
    assert_eq!(code(7, 0), codes::UNKNOWN_DEVICE);
    assert_eq!(code(6, 1), codes::KEY_REPLACED);
}

#[test]
fn hex_of_any_even_length() {
    assert_eq!(unhex_any("00ff"), Some(vec![0, 255]));
    assert_eq!(unhex_any(""), Some(Vec::new()));
    for wrong in ["0", "0g", "é0", "+1"] {
        assert_eq!(unhex_any(wrong), None, "{wrong}");
    }
}
