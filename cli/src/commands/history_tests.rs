//! Tests of `pirate history`: the sums, the table for spreadsheets and the width of the screen.
//! They ask no node.

use std::collections::BTreeMap;

use proto::{
    body::Body,
    desk::{Movement, Standing},
    hash::Hash,
    ids::{Account, CiteId, MemberId, OrderId},
    minutes::Balance,
    time::UtcDay,
};

use super::{
    Names, on_its_way, screen,
    statement::{Line, Wrong, cut},
    written::{cell_of, csv, data},
};
use crate::language::Lang;

const DAY: UtcDay = UtcDay(20_780);

fn moved(day: u64, change: i64) -> Movement {
    Movement {
        leaf: day,
        time: UtcDay(DAY.0 + day).start(),
        order: OrderId(Hash([1; 32])),
        with: Account::Member(MemberId(Hash([2; 32]))),
        with_number: Some(42),
        abroad: None,
        change: Balance(change),
        body: None,
        standing: Standing::Recorded,
    }
}

fn names() -> Names {
    Names { own: "tisserandes".to_owned(), slugs: BTreeMap::new(), known: BTreeMap::new() }
}

fn all() -> Vec<Movement> {
    vec![moved(0, 60), moved(1, -15), moved(2, 30), moved(9, -75)]
}

#[test]
fn only_own_hours_that_left_and_did_not_arrive_are_on_their_way() {
    let with = Account::Peer(CiteId(Hash([3; 32])));
    let left = |standing| Movement { with, standing, ..moved(1, -15) };
    for (movement, open) in [
        (left(Standing::Recorded), true),
        (left(Standing::Committed), true),
        (left(Standing::Arrived), false),
        (left(Standing::Returned(24)), false),
        (Movement { with, ..moved(1, 15) }, false),
        (moved(1, -15), false),
    ] {
        assert_eq!(on_its_way(&movement), open, "{movement:?}");
    }
}

#[test]
fn opening_and_movements_make_the_closing_balance() {
    let day = |n| Some(UtcDay(DAY.0 + n));
    for (from, to, opening, closing, count) in [
        (None, None, 0, 0, 4),
        (day(1), day(2), 60, 75, 2),
        (day(3), day(8), 75, 75, 0),
        (day(9), None, 75, 0, 1),
        (day(20), None, 0, 0, 0),
        (None, day(0), 0, 60, 1),
    ] {
        let statement = cut(all(), Balance(0), from, to).expect("the sums fit");
        assert_eq!((statement.opening, statement.closing), (opening, closing), "{from:?}");
        assert_eq!(statement.entries.len(), count, "{from:?}");
        assert_eq!(statement.opening + statement.sum(), statement.closing, "{from:?}");
    }
    assert_eq!(cut(Vec::new(), Balance(0), None, None).map(|s| s.closing), Ok(0));
}

#[test]
fn a_statement_that_does_not_add_up_is_refused() {
    let wrong = Wrong { opening: 0, sum: 0, closing: 76 };
    assert_eq!(cut(all(), Balance(76), None, None), Err(wrong));
    let mut bad = all();
    bad.remove(0);
    assert!(cut(bad, Balance(0), None, None).is_err(), "an account begins at nothing");
    let bad = vec![moved(0, i64::MAX), moved(1, 1)];
    assert!(cut(bad, Balance(i64::MIN), None, None).is_err());
}

#[test]
fn csv_is_for_machines_and_runs_nothing_in_a_spreadsheet() {
    for (cell, written) in [
        ("-15", "-15"),
        ("vélo", "vélo"),
        ("a,b", "\"a,b\""),
        ("dit \"oui\"", "\"dit \"\"oui\"\"\""),
        ("=1+1", "'=1+1"),
        ("@x,y", "\"'@x,y\""),
    ] {
        assert_eq!(cell_of(cell), written);
    }
    let rows = cut(all(), Balance(0), None, None).expect("the sums fit").entries;
    let text = csv(&rows.iter().collect::<Vec<_>>(), &names());
    assert_eq!(text.lines().count(), 5);
    assert!(text.contains(",-15,45,,,recorded\r\n"), "{text}");
}

#[test]
fn hours_abroad_say_since_when_they_wait() {
    let mut away = moved(0, -60);
    away.with = Account::Peer(CiteId(Hash([3; 32])));
    away.abroad = Some(MemberId(Hash([4; 32])));
    away.with_number = None;
    away.standing = Standing::Committed;
    away.body = Some(Body {
        salt: [0; 32],
        text: "Réparation de vélo et de bien d’autres choses encore".to_owned(),
        category: String::new(),
    });
    let statement = cut(vec![away], Balance(-60), None, None).expect("the sums fit");
    let shown: Vec<&Line> = statement.entries.iter().collect();
    let object = data(&statement, &shown, &names(), None, None);
    assert_eq!(object["entries"][0]["state"], "committed");
    assert!(object["entries"][0]["waiting_since"].is_string());
    for lang in Lang::ALL {
        let said =
            screen(&statement, &shown, &names()).render(lang, crate::output::Form::Human, 80);
        assert!(said.contains("✓✓"), "{said}");
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    }
}
