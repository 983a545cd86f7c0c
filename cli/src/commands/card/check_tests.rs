//! Verdicts on cards: their exits, their words, and what is said not to have been checked.

use std::time::Duration;

use ledger::{
    card::{CheckedCard, check},
    object::{Device, MemberState, Object},
    state_tree::StateTree,
};
use proto::{
    act::{Act, Admit},
    checkpoint::{Checkpoint, Origin},
    codec::{Bytes, Canonical as _},
    desk::{CardProof, CardWitness},
    entry::{Entry, Payload, RootAct, Seal},
    founding::RootSignature,
    hash::{Hash, tree_leaf, tree_node},
    ids::CiteId,
    keys::Purpose,
    membership::{Level, Terms, Validity},
    minutes::Minutes,
    order::{Head, Statement},
    time::{UnixMillis, UtcDay},
};

use super::{Known, forged, here::Here, spoken, verdict};
use crate::{
    codes,
    language::Lang,
    output::Form,
    wallet::tests::{TODAY, home, join_of, key},
};

const TERMS: Terms = Terms {
    level: Level::Member,
    from: TODAY,
    until: UtcDay(TODAY.0 + 365),
    allowance: Minutes(60),
};

/// The member that the root's act makes.
fn member() -> MemberState {
    let join = join_of(&home(), 6);
    let order = join.order().clone();
    let Statement::Join(join) = order.statement else { unreachable!("a joining") };
    let key = join.record.device_key().expect("it has one");
    MemberState {
        id: order.author,
        number: 1,
        terms: TERMS,
        serial: 1,
        issued: 1,
        validity: Validity::Good,
        epoch: 0,
        devices: vec![Device { lane: 0, key }],
        keys: join.record.keys,
        next_key: join.record.next_key,
        admitted: 1,
        rules: join.rules,
        pledge: join.pledge,
    }
}

fn checked() -> CheckedCard {
    let founding = home().verify().expect("it is well signed");
    let act =
        Act::Admit(Admit { join: Bytes::from(join_of(&home(), 6).bytes().to_vec()), terms: TERMS });
    let payload = RootAct::payload(founding.cite(), 1, &act);
    let signature = key(1).sign(Purpose::RootAct, &founding.network(), &payload);
    let signatures = vec![RootSignature { key: 0, signature }];
    let root = RootAct { cite: founding.cite(), seq: 1, act, signatures };
    let entry = Entry { time: UnixMillis(2), payload: Payload::RootAct(root) }.encode();
    let before = Hash([8; 32]);
    let member = Object::Member(member()).encode();
    let mut state = StateTree::default();
    state.set(0, Some(&member));
    let seal =
        Seal { seq: 1, certified_size: 0, state_root: state.root(), previous: Head::empty() };
    let seal = Entry { time: TODAY.start(), payload: Payload::Seal(seal) }.encode();
    let (below, last) = (tree_node(&before, &tree_leaf(&entry)), tree_leaf(&seal));
    let head = Head { size: 3, root: tree_node(&below, &last) };
    let origin = Origin { network: founding.network(), cite: founding.cite(), incarnation: 0 };
    let witness = CardWitness::HomeOnly {
        founding: Bytes::from(home().encode()),
        entry: Bytes::from(entry),
        leaf: 1,
        path: vec![before, last],
        seal: Bytes::from(seal),
        seal_path: vec![below],
        checkpoint: Box::new(Checkpoint::sign(origin, head, &key(2))),
    };
    let member = state.prove(0, &member).expect("the slot was just set");
    check(&CardProof { act: None, witness, member }).expect("nothing was changed")
}

#[test]
fn each_verdict_has_its_exit_and_fits_the_screen() {
    let card = checked();
    let day = |day: UtcDay| day.start();
    let week = Some(Duration::from_secs(7 * 86_400));
    for (now, max, exit, state) in [
        (day(TODAY), None, 0, "active"),
        (day(TODAY.plus(365)), None, 0, "active"),
        (day(TODAY.plus(366)), None, 4, "expired"),
        (day(UtcDay(TODAY.0 - 1)), None, 4, "not_yet"),
        (day(TODAY.plus(7)), week, 0, "active"),
        (day(TODAY.plus(8)), week, 10, "active"),
    ] {
        let done = verdict(&card, now, max, (Known::Own, None), &Here::default());
        assert_eq!((done.exit().code(), &done.data()["state"]), (exit, &state.into()));
        assert_eq!(done.data()["valid"], exit == 0);
    }
    let done = forged(&crate::card_file::CardFileError::Damaged);
    assert_eq!((done.exit().code(), &done.data()["valid"]), (40, &false.into()));
}

fn screen(done: &crate::output::Done) -> String {
    let said = done.screen().render(Lang::Fr, Form::Human, 80);
    anstream::adapter::strip_str(&said).to_string()
}

/// Whoever founds a cité can make such a card, with any name on it.
#[test]
fn a_card_that_only_its_cite_vouches_for_is_not_called_valid() {
    let card = checked();
    let other = CiteId(Hash([9; 32]));
    for (known, namesake, exit, first) in [
        (Known::Own, None, 0, "Carte valable aujourd’hui"),
        (Known::Account, None, 10, "Seule la cité elle-même répond de cette carte"),
        (Known::No, None, 20, "Seule la cité elle-même répond de cette carte"),
        (Known::No, Some(other), 20, "Seule la cité elle-même répond de cette carte"),
    ] {
        let done = verdict(&card, TODAY.start(), None, (known, namesake), &Here::default());
        assert_eq!(done.exit().code(), exit, "{known:?}");
        assert_eq!(done.data()["valid"], exit == 0, "{known:?}");
        let said = screen(&done);
        assert!(said.lines().next().is_some_and(|line| line.contains(first)), "{said}");
        assert_eq!(said.contains(&other.to_string()), namesake.is_some(), "{said}");
        assert_eq!(
            done.data()["namesake"],
            serde_json::json!(namesake.map(|cite| cite.to_string()))
        );
    }
    // A day before its first, a card has not expired.
    let early = UtcDay(TODAY.0 - 1).start();
    let done = verdict(&card, early, None, (Known::Own, None), &Here::default());
    assert_eq!(done.warnings().map(codes::Code::name).collect::<Vec<_>>(), ["P0505"]);
}

#[test]
fn what_was_not_checked_is_said() {
    let card = checked();
    let done = verdict(&card, TODAY.start(), None, (Known::No, None), &Here::default());
    let open = done.data()["not_checked"].as_array().expect("a list").clone();
    for name in ["revocation", "holder", "witnesses", "cite", "label"] {
        assert!(open.contains(&name.into()), "{name}");
    }
    assert!(done.data()["known_by"].is_null());
    // Which way the cité is known is said: an account is the stewards' word, the own home is one's own.
    for (known, word, said) in
        [(Known::Own, "own", "C’est votre cité."), (Known::Account, "account", "un compte")]
    {
        let known = verdict(&card, TODAY.start(), None, (known, None), &Here::default());
        assert!(!known.data()["not_checked"].as_array().expect("a list").contains(&"cite".into()));
        assert_eq!(known.data()["known_by"], word);
        let screen = known.screen().render(Lang::Fr, Form::Human, 80);
        assert!(screen.contains(said), "{screen}");
    }
    for lang in Lang::ALL {
        let said = done.screen().render(lang, Form::Human, 80);
        let said = anstream::adapter::strip_str(&said).to_string();
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
        assert!(said.contains("Les Tisserandes"), "{said}");
    }
}

#[test]
fn a_short_age_is_not_said_to_be_none() {
    for (seconds, said) in [
        (1, "1 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7_199, "119 min"),
        (7_200, "2 h"),
        (2 * 86_400, "2 days"),
    ] {
        assert_eq!(Lang::En.show(&spoken(Duration::from_secs(seconds))), said);
    }
}
