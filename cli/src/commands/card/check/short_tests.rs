//! Verdicts on short cards: each its exit, its state, its words, and what is said not to have been checked.

use std::time::Duration;

use proto::{
    act::Level,
    card::{Challenge, ShortCard, SignedShortCard},
    founding::{Network, SignedFounding},
    hash::Hash,
    ids::MemberId,
    membership::Terms,
    minutes::Minutes,
    time::{UnixMillis, UtcDay},
};

use super::{Here, Known, find, judged, photographed, unread};
use crate::{
    codes,
    language::Lang,
    output::{Done, Form},
    qr::QrCode,
    wallet::tests::{TODAY, home, home_at, key},
};

fn card(incarnation: u32, signer: u8) -> SignedShortCard {
    let founding = home().verify().expect("it is well signed");
    let card = ShortCard {
        version: 1,
        cite: founding.cite(),
        incarnation,
        member: MemberId(Hash([6; 32])),
        number: 42,
        terms: Terms {
            level: Level::Member,
            from: TODAY,
            until: TODAY.plus(365),
            allowance: Minutes(60),
        },
        serial: 3,
        holder: key(6).public(),
        stated: TODAY.start(),
    };
    card.sign(&founding.network(), &key(signer))
}

fn here(record: &SignedFounding, known: Known) -> Here {
    let founding = record.verify().expect("it is well signed");
    let network = Some(founding.founding().network.clone());
    Here { network, record: Some(founding), known, ..Here::default() }
}

fn on(day: UtcDay, known: Known, max: Option<Duration>) -> Done {
    judged(day.start(), card(0, 4), here(&home(), known), (max, None))
}

fn outcome(done: &Done) -> (i32, String, bool) {
    let state = done.data()["state"].as_str().unwrap_or_default().to_owned();
    (done.exit().code(), state, done.data()["valid"] == true)
}

#[test]
fn each_day_and_each_standing_has_its_verdict() {
    let week = Some(Duration::from_secs(7 * 86_400));
    for (day, known, max, exit, state) in [
        (TODAY, Known::Own, None, 0, "active"),
        (TODAY, Known::Account, None, 0, "active"),
        (TODAY, Known::No, None, 20, "active"),
        (TODAY.plus(365), Known::Account, None, 0, "active"),
        (TODAY.plus(366), Known::Account, None, 4, "expired"),
        (UtcDay(TODAY.0 - 1), Known::Account, None, 4, "not_yet"),
        (TODAY.plus(7), Known::Account, week, 0, "active"),
        (TODAY.plus(8), Known::Account, week, 10, "active"),
    ] {
        let done = on(day, known, max);
        let expected = (exit, state.to_owned(), exit == 0);
        assert_eq!(outcome(&done), expected, "{day:?} {known:?}");
    }
}

#[test]
fn what_cannot_be_believed_is_not_called_valid() {
    let other = Network { name: "ailleurs".to_owned(), test: true };
    let now = TODAY.start();
    let own = || here(&home(), Known::Own);
    for (card, here, exit, state) in [
        (card(0, 5), own(), 40, "forged"),
        (card(1, 4), own(), 20, "unknown_keys"),
        (card(0, 4), here(&home_at(1, 1), Known::Own), 4, "old_keys"),
        (card(1, 61), here(&home_at(1, 1), Known::Own), 0, "active"),
        (card(0, 4), Here { network: Some(other), ..own() }, 4, "other_network"),
        (card(0, 4), Here::default(), 20, "unknown_cite"),
    ] {
        let done = judged(now, card, here, (None, None));
        assert_eq!(outcome(&done), (exit, state.to_owned(), exit == 0));
    }
}

#[test]
fn what_was_not_checked_is_said_on_a_screen_of_eighty_columns() {
    let unknown = judged(TODAY.start(), card(0, 4), Here::default(), (None, None));
    for (done, open) in [
        (on(TODAY, Known::Own, None), &["revocation", "holder", "witnesses", "label"][..]),
        (on(TODAY, Known::No, None), &["revocation", "holder", "witnesses", "cite", "label"]),
        (unknown, &["signature", "revocation", "holder", "cite", "label"]),
    ] {
        assert_eq!(done.data()["not_checked"], serde_json::json!(open));
        for lang in Lang::ALL {
            let said = done.screen().render(lang, Form::Human, 80);
            let said = anstream::adapter::strip_str(&said).to_string();
            assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
            assert_eq!(said.matches("\n–").count(), open.len(), "{said}");
        }
    }
}

#[test]
fn a_card_is_found_in_mail_on_paper_and_on_a_photo() {
    let card = card(0, 4);
    let text = card.to_text();
    let lines: Vec<&str> =
        (0..text.len()).step_by(52).map(|at| &text[at..text.len().min(at + 52)]).collect();
    for written in [
        text.clone(),
        text.to_lowercase(),
        format!("Bonjour,\nvoici ma carte : {text} À demain !"),
        format!("Voici ma carte ({text})."),
        format!("<desc>{text}</desc>"),
        lines.join("\n"),
    ] {
        assert_eq!(find(&written), Some(Ok(card.clone())), "{written}");
    }
    assert_eq!(find("pirate-card/1\nAAAA"), None);
    let cut = find(&text[..200]).expect("it begins as one").expect_err("it is cut");
    assert_eq!(unread(cut).code(), codes::CARD_UNREADABLE);
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let photo = folder.path().join("photo.png");
    let take = |text: &str| {
        let code = QrCode::of(text).expect("it is short");
        std::fs::write(&photo, code.png()).expect("the directory is ours");
        photographed(&photo)
    };
    assert_eq!(take(&text).ok(), Some(card));
    let failure = take("https://example.org").expect_err("that is no card");
    assert_eq!(failure.code(), codes::PHOTO);
    assert_eq!(take(&text[..200]).expect_err("it is cut").code(), codes::CARD_UNREADABLE);
}

#[test]
fn the_time_of_a_card_from_the_future_is_no_age() {
    let early = UnixMillis(TODAY.start().0 + 1);
    let mut stated = *card(0, 4).card();
    stated.stated = UnixMillis(early.0 + 60_000);
    let founding = home().verify().expect("it is well signed");
    let card = stated.sign(&founding.network(), &key(4));
    let done = judged(early, card, here(&home(), Known::Own), (Some(Duration::from_secs(1)), None));
    assert_eq!((done.exit().code(), &done.data()["revocation_age_s"]), (0, &0.into()));
}

#[test]
fn only_the_device_of_the_card_answers_for_it() {
    let founding = home().verify().expect("it is well signed");
    let (asked, other) = (Challenge([7; 32]), Challenge([8; 32]));
    let member = card(0, 4).card().member;
    let answer = |asked: &Challenge, device: u8| {
        asked.answer(&founding.network(), &founding.cite(), &member, &key(device))
    };
    for (proof, exit, held) in [
        (None, 0, serde_json::Value::Null),
        (Some((asked, answer(&asked, 6))), 0, true.into()),
        (Some((asked, answer(&asked, 9))), 4, false.into()),
        (Some((asked, answer(&other, 6))), 4, false.into()),
    ] {
        let done = judged(TODAY.start(), card(0, 4), here(&home(), Known::Own), (None, proof));
        assert_eq!((done.exit().code(), &done.data()["held"]), (exit, &held));
        let open = done.data()["not_checked"].as_array().expect("a list");
        assert_eq!(open.contains(&"holder".into()), held.is_null());
        assert_eq!(done.data()["valid"], exit == 0);
    }
}
