//! Minutes and balances at their edges: every sum either fits or says that it does not.

use proto::{
    minutes::{Balance, Minutes},
    time::{DAY_MS, UnixMillis, UtcDay},
};

#[test]
fn hours_become_minutes_or_do_not_fit() {
    let most = u32::MAX / 60;
    assert_eq!(Minutes::from_hours(0), Some(Minutes(0)));
    assert_eq!(Minutes::from_hours(1_000), Some(Minutes::PAYMENT_MAX));
    assert_eq!(Minutes::from_hours(most), Some(Minutes(most * 60)));
    assert_eq!(Minutes::from_hours(most + 1), None);
}

#[test]
fn credit_and_debit_at_the_edges() {
    let one = Minutes(1);
    let all = Minutes(u32::MAX);
    let rows: [(i64, Minutes, Option<i64>, Option<i64>); 7] = [
        (0, Minutes(0), Some(0), Some(0)),
        (0, all, Some(4_294_967_295), Some(-4_294_967_295)),
        (-15, Minutes(15), Some(0), Some(-30)),
        (i64::MAX, one, None, Some(i64::MAX - 1)),
        (i64::MIN, one, Some(i64::MIN + 1), None),
        (i64::MAX - 4_294_967_295, all, Some(i64::MAX), Some(i64::MAX - 8_589_934_590)),
        (i64::MAX - 4_294_967_294, all, None, Some(i64::MAX - 8_589_934_589)),
    ];
    for (balance, minutes, credited, debited) in rows {
        assert_eq!(
            Balance(balance).credited(minutes),
            credited.map(Balance),
            "{balance} + {minutes:?}"
        );
        assert_eq!(
            Balance(balance).debited(minutes),
            debited.map(Balance),
            "{balance} - {minutes:?}"
        );
    }
}

#[test]
fn sums_and_signs_of_balances_at_the_edges() {
    assert_eq!(Balance(i64::MAX).plus(Balance(1)), None);
    assert_eq!(Balance(i64::MIN).plus(Balance(-1)), None);
    assert_eq!(Balance(i64::MAX).plus(Balance(i64::MIN)), Some(Balance(-1)));
    assert_eq!(Balance(i64::MIN).negated(), None);
    assert_eq!(Balance(i64::MAX).negated(), Some(Balance(-i64::MAX)));
    assert_eq!(Balance::ZERO.negated(), Some(Balance::ZERO));
    assert_eq!(Minutes(u32::MAX).as_balance(), Balance(4_294_967_295));
}

#[test]
fn a_payment_at_the_bound_can_be_repeated_for_ever() {
    // 2^63 minutes at 60,000 a payment: more payments than a log has leaves in any lifetime.
    let payments = i64::MAX / Minutes::PAYMENT_MAX.as_balance().0;
    assert!(payments > 1_i64 << 47, "{payments}");
}

#[test]
fn days_begin_and_end_at_midnight_utc() {
    assert_eq!(UnixMillis(DAY_MS - 1).day(), UtcDay(0));
    assert_eq!(UnixMillis(DAY_MS).day(), UtcDay(1));
    assert_eq!(UtcDay(20_780).start().day(), UtcDay(20_780));
    assert_eq!(UtcDay(u64::MAX).start(), UnixMillis(u64::MAX));
    assert_eq!(UtcDay(u64::MAX).plus(1), UtcDay(u64::MAX));
    assert_eq!(UnixMillis(u64::MAX).plus(1), UnixMillis(u64::MAX));
    assert_eq!(UnixMillis(5).since(UnixMillis(7)), 0);
    assert_eq!(UnixMillis(7).since(UnixMillis(5)), 2);
}
