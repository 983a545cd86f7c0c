//! Samples of memberships: terms of a card, and members as stewards see them.

use proto::{
    act::Level,
    desk::{LastMove, MemberItem},
    membership::{Terms, Validity},
    minutes::{Balance, Minutes},
    time::{UnixMillis, UtcDay},
};

use super::person;

pub(super) fn terms(level: Level) -> Terms {
    Terms { level, from: UtcDay(1), until: UtcDay(2), allowance: Minutes(60) }
}

pub(super) fn members() -> impl Iterator<Item = MemberItem> {
    let all = [
        (LastMove::Unknown, Validity::Good),
        (LastMove::Never, Validity::Suspended { leaf: 4, until: Some(UtcDay(5)) }),
        (LastMove::At(UnixMillis(3)), Validity::Left { leaf: 6 }),
    ];
    (1..).zip(all).map(|(number, (moved, validity))| MemberItem {
        member: person().id,
        number,
        alias: "Alice".to_owned(),
        terms: terms(Level::Member),
        serial: 1,
        validity,
        balance: Balance(1),
        moved,
    })
}
