//! Service time as people write and read it: `1h30`, `90min`, `1,5h` in; `1 h 30`, `−0 h 45` out.
//! Never guesses a unit and never rounds; zero parses, the rules of the ledger refuse it.

use serde_json::json;
use unicode_normalization::UnicodeNormalization as _;

use crate::{codes, error::Failure, language::Lang, text};

/// Why a text is not an amount of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// A bare number: minutes or hours?
    #[error("no unit")]
    NoUnit,
    /// Below zero where that means nothing.
    #[error("negative")]
    Negative,
    /// More minutes than an amount can hold.
    #[error("too large")]
    TooLarge,
    /// Hours with a fraction that is not a whole number of minutes, or with three decimals or more.
    #[error("not whole minutes")]
    NotWhole,
    /// Anything else.
    #[error("not an amount of time")]
    Unreadable,
}

impl AmountError {
    /// Returns what to tell the person who typed `typed`.
    pub fn failure(self, typed: &str) -> Failure {
        match self {
            Self::NoUnit => {
                Failure::new(codes::AMOUNT_AMBIGUOUS, text!("amount-ambiguous", typed = typed))
            }
            Self::Negative => {
                Failure::new(codes::AMOUNT_NEGATIVE, text!("amount-negative", typed = typed))
            }
            Self::TooLarge => {
                Failure::new(codes::AMOUNT_TOO_LARGE, text!("amount-too-large", typed = typed))
            }
            Self::NotWhole => {
                Failure::new(codes::AMOUNT_UNREADABLE, text!("amount-not-whole", typed = typed))
            }
            Self::Unreadable => {
                Failure::new(codes::AMOUNT_UNREADABLE, text!("amount-unreadable", typed = typed))
            }
        }
    }
}

/// Returns the whole minutes that `typed` stands for. Accepted with any spaces: `1h30`, `1h05min`,
/// `1:30`, `90min`, `1,5h`, `1.5h`, `2h`, and what [`show`] prints.
///
/// # Errors
/// [`AmountError`].
pub fn parse(typed: &str) -> Result<u32, AmountError> {
    match parse_signed(typed)? {
        minutes if minutes < 0 => Err(AmountError::Negative),
        minutes => u32::try_from(minutes).map_err(|_| AmountError::TooLarge),
    }
}

/// Returns the whole minutes that `typed` stands for, with a sign (limits of balances).
///
/// # Errors
/// [`AmountError`]; never [`AmountError::Negative`]. The size is bounded by `u32` either way.
pub fn parse_signed(typed: &str) -> Result<i64, AmountError> {
    let folded: String =
        typed.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect();
    let (negative, body) = match folded.strip_prefix(['-', '\u{2212}', '\u{2013}']) {
        Some(rest) => (true, rest),
        None => (false, folded.strip_prefix('+').unwrap_or(&folded)),
    };
    let minutes = i64::from(parse_body(body)?);
    Ok(if negative { -minutes } else { minutes })
}

fn parse_body(body: &str) -> Result<u32, AmountError> {
    let (first, rest) = split_digits(body);
    if first.is_empty() {
        return Err(AmountError::Unreadable);
    }
    match rest {
        "" => Err(AmountError::NoUnit),
        "min" | "mn" | "minute" | "minutes" => integer(first),
        _ if rest.starts_with([',', '.']) => {
            decimal_hours(first, rest.get(1..).unwrap_or_default())
        }
        _ => {
            let after = hour_unit(rest).ok_or(AmountError::Unreadable)?;
            let hours = integer(first)?;
            let extra = if after.is_empty() { 0 } else { minutes_after_hours(after)? };
            hours.checked_mul(60).and_then(|m| m.checked_add(extra)).ok_or(AmountError::TooLarge)
        }
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn integer(digits: &str) -> Result<u32, AmountError> {
    digits.parse().map_err(|_| AmountError::TooLarge)
}

/// Returns what follows the hour unit; `1:` counts as one and needs its minutes.
fn hour_unit(rest: &str) -> Option<&str> {
    if let Some(after) = rest.strip_prefix(':') {
        return (!after.is_empty()).then_some(after);
    }
    ["heures", "heure", "hours", "hour", "h"].iter().find_map(|unit| rest.strip_prefix(unit))
}

/// Two digits without a unit (`1h05`), or one or two with it (`1h5min`); `1h5` alone could be a
/// mistyped `1h50`, so it is refused.
fn minutes_after_hours(after: &str) -> Result<u32, AmountError> {
    let (digits, unit) = split_digits(after);
    let fits = match unit {
        "" => digits.len() == 2,
        "min" | "mn" | "minute" | "minutes" => (1..=2).contains(&digits.len()),
        _ => false,
    };
    let minutes = if fits {
        integer(digits)?
    } else {
        return Err(AmountError::Unreadable);
    };
    if minutes < 60 { Ok(minutes) } else { Err(AmountError::Unreadable) }
}

/// `1,25h`: at most two decimals, because `1,000h` means one hour to some and a thousand to others.
fn decimal_hours(whole: &str, rest: &str) -> Result<u32, AmountError> {
    let (decimals, unit) = split_digits(rest);
    match hour_unit(unit) {
        Some("") if !unit.starts_with(':') => {}
        _ if unit.is_empty() => return Err(AmountError::NoUnit),
        _ => return Err(AmountError::Unreadable),
    }
    let scale: u32 = match decimals.len() {
        1 => 10,
        2 => 100,
        0 => return Err(AmountError::Unreadable),
        _ => return Err(AmountError::NotWhole),
    };
    let parts = integer(decimals)?.checked_mul(60).ok_or(AmountError::TooLarge)?;
    if parts % scale != 0 {
        return Err(AmountError::NotWhole);
    }
    integer(whole)?
        .checked_mul(60)
        .and_then(|m| m.checked_add(parts / scale))
        .ok_or(AmountError::TooLarge)
}

/// Returns `1 h 30` in French and `1 h 30 min` in English, with no-break spaces and U+2212; hours are
/// never grouped, since `1,000 h` reads as one hour to some.
pub fn show(lang: Lang, minutes: i64) -> String {
    let sign = if minutes < 0 { "\u{2212}" } else { "" };
    let size = minutes.unsigned_abs();
    match lang {
        Lang::Fr => format!("{sign}{}\u{a0}h\u{a0}{:02}", size / 60, size % 60),
        Lang::En => format!("{sign}{}\u{a0}h\u{a0}{:02}\u{a0}min", size / 60, size % 60),
    }
}

/// Returns a limit: `−20 h`, `+40 h`, `+1 h 30`: signed, whole hours without their minutes.
pub fn show_limit(lang: Lang, minutes: i64) -> String {
    let plus = if minutes > 0 { "+" } else { "" };
    if minutes % 60 == 0 {
        let sign = if minutes < 0 { "\u{2212}" } else { "" };
        return format!("{plus}{sign}{}\u{a0}h", minutes.unsigned_abs() / 60);
    }
    format!("{plus}{}", show(lang, minutes))
}

/// Returns the ISO 8601 duration: `PT1H30M`, `-PT45M`, `PT0M`.
pub fn iso(minutes: i64) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    let size = minutes.unsigned_abs();
    match (size / 60, size % 60) {
        (0, rest) => format!("{sign}PT{rest}M"),
        (hours, 0) => format!("{sign}PT{hours}H"),
        (hours, rest) => format!("{sign}PT{hours}H{rest}M"),
    }
}

/// Returns `{"minutes":90,"iso":"PT1H30M"}`.
pub fn json(minutes: i64) -> serde_json::Value {
    json!({ "minutes": minutes, "iso": iso(minutes) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AmountError, iso, parse, parse_signed, show, show_limit};
    use crate::language::Lang;

    #[test]
    fn what_people_write_is_read() {
        for (typed, minutes) in [
            ("1h30", 90),
            ("1:30", 90),
            ("90min", 90),
            ("90 mn", 90),
            ("1,5h", 90),
            ("1.5h", 90),
            ("2h", 120),
            ("1 h 30", 90),
            ("1\u{a0}h\u{a0}30", 90),
            ("1\u{202f}h\u{202f}30", 90),
            ("1 h 30 min", 90),
            ("1H05", 65),
            ("1h5min", 65),
            ("0,25 h", 15),
            ("0h00", 0),
            ("0min", 0),
            ("12 heures", 720),
            ("1 heure 15", 75),
            ("2 hours", 120),
            (" 45 minutes ", 45),
            ("+1h", 60),
            ("71582788h15", 4_294_967_295),
        ] {
            assert_eq!(parse(typed), Ok(minutes), "{typed}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        use AmountError::{Negative, NoUnit, NotWhole, TooLarge, Unreadable};
        for (typed, error) in [
            ("90", NoUnit),
            ("1,5", NoUnit),
            ("-1h", Negative),
            ("\u{2212}1h30", Negative),
            ("1,000h", NotWhole),
            ("1,33h", NotWhole),
            ("71582788h16", TooLarge),
            ("99999999999min", TooLarge),
            ("", Unreadable),
            ("h", Unreadable),
            ("1h5", Unreadable),
            ("1h60", Unreadable),
            ("1:", Unreadable),
            ("1:5", Unreadable),
            ("1.5:", Unreadable),
            ("1h30s", Unreadable),
            ("1,h", Unreadable),
            ("deux heures", Unreadable),
            ("1 jour", Unreadable),
            ("--1h", Unreadable),
        ] {
            assert_eq!(parse(typed), Err(error), "{typed}");
        }
    }

    #[test]
    fn what_people_read() {
        assert_eq!(show(Lang::Fr, 90), "1\u{a0}h\u{a0}30");
        assert_eq!(show(Lang::Fr, -45), "\u{2212}0\u{a0}h\u{a0}45");
        assert_eq!(show(Lang::En, 90), "1\u{a0}h\u{a0}30\u{a0}min");
        assert_eq!(show_limit(Lang::Fr, -1200), "\u{2212}20\u{a0}h");
        assert_eq!(show_limit(Lang::Fr, 2400), "+40\u{a0}h");
        assert_eq!(
            (iso(90), iso(-45), iso(120), iso(0)),
            ("PT1H30M".into(), "-PT45M".into(), "PT2H".into(), "PT0M".into())
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(minutes in any::<u32>()) {
            for lang in Lang::ALL {
                let signed = i64::from(minutes);
                prop_assert_eq!(parse(&show(lang, signed)), Ok(minutes));
                prop_assert_eq!(parse_signed(&show(lang, -signed)), Ok(-signed));
                prop_assert_eq!(parse_signed(&show_limit(lang, -signed)), Ok(-signed));
            }
        }

        #[test]
        fn no_text_panics(typed in "\\PC{0,24}") {
            let _ = parse(&typed);
        }

        #[test]
        fn a_bare_number_is_never_an_amount(digits in "[0-9]{1,6}") {
            prop_assert_eq!(parse(&digits), Err(AmountError::NoUnit));
        }
    }
}
