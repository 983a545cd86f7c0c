//! Words of tables: durations, days, and names of what a refusal tells. Nothing in here decides.

use proto::{
    desk::Fact,
    minutes::{Balance, Minutes},
    time::UtcDay,
};

use crate::people;

/// Returns the minutes that `1h30`, `2h`, `45m`, `-20h` or `0` stand for.
pub(super) fn balance(text: &str) -> Balance {
    let (sign, amount) = match text.strip_prefix('-') {
        Some(amount) => (-1, amount),
        None => (1, text),
    };
    let number = |text: &str| -> i64 {
        text.parse().unwrap_or_else(|_| panic!("{text} is no part of a duration"))
    };
    let minutes = match amount.split_once('h') {
        Some((hours, "")) => number(hours) * 60,
        Some((hours, minutes)) => number(hours) * 60 + number(minutes),
        None => number(amount.strip_suffix('m').unwrap_or(amount)),
    };
    Balance(sign * minutes)
}

/// Returns a duration that is not negative.
pub(super) fn minutes(text: &str) -> Minutes {
    Minutes(u32::try_from(balance(text).0).expect("an amount is not negative"))
}

/// Returns the number that a word stands for.
pub(super) fn number<N: core::str::FromStr>(text: &str) -> N {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// Returns the day `days` after the first one of all tables.
pub(super) fn day(days: &str) -> UtcDay {
    let days: i64 = number(days);
    UtcDay(people::TODAY.0.checked_add_signed(days).expect("a day after 1970"))
}

/// Returns a duration as tables write it.
pub(super) fn duration(minutes: i64) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    let (hours, rest) = (minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60);
    match (hours, rest) {
        (0, 0) => "0".to_owned(),
        (0, rest) => format!("{sign}{rest}m"),
        (hours, 0) => format!("{sign}{hours}h"),
        (hours, rest) => format!("{sign}{hours}h{rest:02}"),
    }
}

/// Returns a value of a refusal as tables write it; days count from `first`.
pub(super) fn fact(fact: &Fact, first: u64, name: impl Fn(&Fact) -> String) -> String {
    match fact {
        Fact::Minutes(minutes) => duration(*minutes),
        Fact::Number(number) => number.to_string(),
        Fact::Day(day) => format!("day{:+}", i128::from(day.0) - i128::from(first)),
        Fact::Order(_) => "another".to_owned(),
        Fact::Member(_) | Fact::Cite(_) => name(fact),
    }
}
