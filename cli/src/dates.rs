//! Instants and days as people read them, and as machines do (RFC 3339).
//! The only clock of the command line is [`now`]; everything else is a function of its arguments.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::{Timestamp, civil, tz::TimeZone};
use proto::time::{UnixMillis, UtcDay};

use crate::{codes, error::Failure, language::Lang, text};

const MONTHS_FR: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.",
    "déc.",
];
const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Returns the instant that this machine's clock shows; 0 when it stands before 1970.
pub fn now() -> UnixMillis {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

/// The zone of this machine; where it says none, that of Paris; UTC without a zone table.
fn zone() -> TimeZone {
    TimeZone::try_system().or_else(|_| TimeZone::get("Europe/Paris")).unwrap_or(TimeZone::UTC)
}

fn timestamp(instant: UnixMillis) -> Timestamp {
    let millis = i64::try_from(instant.0).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

/// Returns `23 nov. 2026, 14 h 05` or `23 Nov 2026, 14:05`, in the zone of this machine.
pub fn show_instant(lang: Lang, instant: UnixMillis) -> String {
    show_in(lang, instant, zone())
}

fn show_in(lang: Lang, instant: UnixMillis, zone: TimeZone) -> String {
    let local = timestamp(instant).to_zoned(zone);
    let day = show_date(lang, local.date());
    match lang {
        Lang::Fr => format!("{day}, {}\u{a0}h\u{a0}{:02}", local.hour(), local.minute()),
        Lang::En => format!("{day}, {:02}:{:02}", local.hour(), local.minute()),
    }
}

/// Returns `23 nov. 2026` or `23 Nov 2026`.
pub fn show_day(lang: Lang, day: UtcDay) -> String {
    show_date(lang, date(day))
}

fn date(day: UtcDay) -> civil::Date {
    timestamp(day.start()).to_zoned(TimeZone::UTC).date()
}

fn show_date(lang: Lang, date: civil::Date) -> String {
    let months = match lang {
        Lang::Fr => &MONTHS_FR,
        Lang::En => &MONTHS_EN,
    };
    let place = usize::try_from(date.month()).map_or(0, |month| month.saturating_sub(1));
    let month = months.get(place).copied().unwrap_or_default();
    match (lang, date.day()) {
        (Lang::Fr, 1) => format!("1er\u{a0}{month}\u{a0}{}", date.year()),
        (_, day) => format!("{day}\u{a0}{month}\u{a0}{}", date.year()),
    }
}

/// Returns `2026-11-23`: for tables, `--plain` and JSON, in every language.
pub fn iso_day(day: UtcDay) -> String {
    date(day).to_string()
}

/// Returns the day `2026-11-23` of an instant in the zone of this machine, for tables.
pub fn table_day(instant: UnixMillis) -> String {
    timestamp(instant).to_zoned(zone()).date().to_string()
}

/// Returns the day of an instant in the zone of this machine.
pub fn day_here(instant: UnixMillis) -> UtcDay {
    let day = timestamp(instant).to_zoned(zone()).date();
    parse_day(&day.to_string()).unwrap_or_else(|_| instant.day())
}

/// Returns RFC 3339 in UTC with milliseconds: `2026-11-23T13:05:00.000Z`.
pub fn rfc3339(instant: UnixMillis) -> String {
    format!("{:.3}", timestamp(instant))
}

/// Returns the day written `2026-11-23`.
///
/// # Errors
/// P0416.
pub fn parse_day(typed: &str) -> Result<UtcDay, Failure> {
    let unreadable =
        || Failure::new(codes::DATE_UNREADABLE, text!("date-unreadable", typed = typed));
    let date: civil::Date = typed.trim().parse().map_err(|_| unreadable())?;
    let start = date.to_zoned(TimeZone::UTC).map_err(|_| unreadable())?.timestamp();
    let millis = u64::try_from(start.as_millisecond()).map_err(|_| unreadable())?;
    Ok(UnixMillis(millis).day())
}

/// Returns a span such as `30s`, `5min`, `2h`, `7d` (also `7j`), at most 3,660 days.
///
/// # Errors
/// P0416.
pub fn parse_span(typed: &str) -> Result<Duration, Failure> {
    let folded: String = typed.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let end = folded.find(|c: char| !c.is_ascii_digit()).unwrap_or(folded.len());
    let (digits, unit) = folded.split_at(end);
    let seconds = match unit {
        "s" => Some(1),
        "min" | "mn" => Some(60),
        "h" => Some(3_600),
        "d" | "j" => Some(DAY_S),
        _ => None,
    };
    digits
        .parse::<u64>()
        .ok()
        .zip(seconds)
        .and_then(|(count, seconds)| count.checked_mul(seconds))
        .filter(|total| *total <= SPAN_S_MAX)
        .map(Duration::from_secs)
        .ok_or_else(|| {
            Failure::new(codes::DATE_UNREADABLE, text!("span-unreadable", typed = typed))
        })
}

/// Returns whole days, at least one, written as a span: `7d`, `7j`. What ends with a day has no hours, and an hour that is
/// silently made a day is a lie.
///
/// # Errors
/// P0416.
pub fn parse_days(typed: &str) -> Result<u64, Failure> {
    parse_span(typed)
        .ok()
        .map(|span| span.as_secs())
        .filter(|seconds| *seconds > 0 && seconds.is_multiple_of(DAY_S))
        .map(|seconds| seconds / DAY_S)
        .ok_or_else(|| Failure::new(codes::DATE_UNREADABLE, text!("days-only", typed = typed)))
}

/// Seconds of a day.
const DAY_S: u64 = 86_400;

/// The longest span that an option takes: ten years, so that sums with instants cannot overflow.
const SPAN_S_MAX: u64 = 3_660 * DAY_S;

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proto::time::{UnixMillis, UtcDay};

    use super::{iso_day, parse_day, parse_days, parse_span, rfc3339, show_day, show_in};
    use crate::{codes, language::Lang};

    // 2026-11-23T13:05:00Z, by `date -u -d 2026-11-23T13:05 +%s`.
    const INSTANT: UnixMillis = UnixMillis(1_795_439_100_000);

    #[test]
    fn instants_in_both_languages() {
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(
            show_in(Lang::Fr, INSTANT, paris.clone()),
            "23\u{a0}nov.\u{a0}2026, 14\u{a0}h\u{a0}05"
        );
        assert_eq!(show_in(Lang::En, INSTANT, paris), "23\u{a0}Nov\u{a0}2026, 14:05");
        assert_eq!(rfc3339(INSTANT), "2026-11-23T13:05:00.000Z");
    }

    #[test]
    fn days_read_back() {
        for day in [0, 1, 11_016, 20_780, 40_000] {
            assert_eq!(parse_day(&iso_day(UtcDay(day))).ok(), Some(UtcDay(day)));
        }
        assert_eq!(show_day(Lang::Fr, UtcDay(20_454)), "1er\u{a0}janv.\u{a0}2026");
        for wrong in ["23/11/2026", "2026-13-01", "", "1969-12-31"] {
            assert!(parse_day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn spans() {
        assert_eq!(parse_span("7 j").ok().map(|s| s.as_secs()), Some(604_800));
        assert_eq!(parse_span("30s").ok().map(|s| s.as_secs()), Some(30));
        for wrong in ["30", "s", "4000d", "99999999999999999999h", "1y"] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_ends_with_a_day_takes_whole_days() {
        for (typed, days) in [("7d", 7), ("7 j", 7), ("1d", 1), ("48h", 2), ("3660d", 3_660)] {
            assert_eq!(parse_days(typed).ok(), Some(days), "{typed}");
        }
        for wrong in ["0d", "1s", "30s", "2h", "36h", "0s", "7", "3661d", "demain"] {
            let said = parse_days(wrong).map_err(|failure| failure.code());
            assert_eq!(said.err(), Some(codes::DATE_UNREADABLE), "{wrong}");
        }
    }

    #[test]
    fn the_end_of_time_does_not_panic() {
        let _ = show_in(Lang::Fr, UnixMillis(u64::MAX), TimeZone::UTC);
        let _ = show_day(Lang::En, UtcDay(u64::MAX));
    }
}
