//! How fast a log is audited offline, as a ratio to the one thing that an audit cannot do without: bare
//! `verify_strict` over the same signatures, with decompressed keys, on all cores, in the same run.

#![allow(clippy::print_stdout, reason = "the ratio is what this program is for")]
#![allow(clippy::indexing_slicing, reason = "a benchmark may stop")]
#![allow(missing_docs, reason = "criterion's macros write functions without documents")]

mod measure;

use std::{
    collections::BTreeMap,
    hint::black_box,
    io::Cursor,
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use harness::{logs::Log, people};
use ledger::audit::{self, Question, Verdict};
use measure::at_least;
use proto::{
    entry::{Entry, Payload},
    ids::MemberId,
    keys::{Purpose, Signature, VerifyingKey, signed_bytes},
    order::SignedOrder,
};
use rayon::prelude::*;

/// Accounts in the log.
const ACCOUNTS: usize = 200;
/// Payments in the log: 500 an account, some years of a busy cité. Each admission costs an audit as much
/// as seven signatures (keys are checked, not only used); in a log that is mostly admissions, that shows.
const PAYMENTS: usize = 100_000;
/// Payments before each seal, over and over: 1.3 on average.
const BETWEEN_SEALS: [usize; 10] = [1, 1, 2, 1, 1, 2, 1, 1, 2, 1];

fn log() -> Log {
    let mut log = Log::found(people::tisserandes(), ACCOUNTS);
    let (mut chance, mut paid) = (1_u64, 0);
    let mut rhythm = BETWEEN_SEALS.iter().cycle();
    while paid < PAYMENTS {
        for _ in 0..*rhythm.next().expect("a cycle does not end") {
            let mut draw = || {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                usize::try_from(chance >> 33).expect("31 bits") % ACCOUNTS
            };
            let (a, b) = (draw(), draw());
            if a == b {
                continue;
            }
            let standing = |who: usize| {
                let id = log.people[who].id;
                log.fold.state().member(&id).map(|(_, member)| member.balance)
            };
            // Whoever has more pays, so that nobody meets a limit.
            let (from, to) = if standing(a) >= standing(b) { (a, b) } else { (b, a) };
            log.pay(from, to, 15);
            log.wait(1_000);
            paid += 1;
        }
        log.seal();
    }
    log
}

/// How one figure is read off a cost.
type Reading = fn(&Cost) -> f64;

/// Pairs of runs, one after the other, whose ratios are compared: what else the machine does meets both.
const PAIRS: usize = 15;

/// Time of a piece of work in seconds: by the clock, and of all processors together. On a machine that
/// others use as well only the second says something.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    processors: f64,
}

fn cost(work: impl Fn()) -> Cost {
    let (begun, used) = (Instant::now(), processor_time());
    work();
    Cost {
        wall: begun.elapsed().as_secs_f64(),
        processors: (processor_time() - used).as_secs_f64(),
    }
}

/// Returns the processor time that all threads of this process have used (kernel, "sched-stats").
fn processor_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux tells of every thread");
    let nanos = threads.filter_map(|thread| {
        let stat = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// Runs `work` under criterion.
fn measure(c: &mut Criterion, name: &str, orders: usize, work: impl Fn()) {
    let mut group = c.benchmark_group("audit");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::try_from(orders).expect("few")));
    group.bench_function(name, |bencher| bencher.iter(&work));
    group.finish();
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn offline_audit(c: &mut Criterion) {
    let log = log();
    let bundle: Arc<[u8]> = log.bundle().into();
    let orders: Vec<SignedOrder> = log
        .entries
        .iter()
        .filter_map(|bytes| match Entry::decode(bytes).ok()?.payload {
            Payload::Order(order) => Some(order),
            _ => None,
        })
        .chain(log.people.iter().map(|person| person.join()))
        .collect();
    let keys: BTreeMap<MemberId, VerifyingKey> =
        log.people.iter().map(|person| (person.id, person.device.verifying())).collect();
    let signed: Vec<(Vec<u8>, Signature, VerifyingKey)> = orders
        .into_iter()
        .map(|order| {
            let unsigned = order.bytes().len() - Signature::LEN;
            let (payload, signature) = order.bytes().split_at(unsigned);
            let signature = Signature::from_slice(signature).expect("64 bytes");
            let network = order.order().network;
            let key = keys[&order.order().author];
            (signed_bytes(Purpose::Order, &network, payload), signature, key)
        })
        .collect();
    let count = signed.len();
    let bare = || {
        let good = signed
            .par_iter()
            .with_min_len(64)
            .filter(|(message, signature, key)| {
                black_box(key.verify_raw(message, signature)).is_ok()
            })
            .count();
        assert_eq!(good, count);
    };
    let open = || -> std::io::Result<Box<dyn std::io::Read + Send>> {
        Ok(Box::new(Cursor::new(Arc::clone(&bundle))))
    };
    let whole = || {
        let question = Question { bundles: &[&open], anchors: None, strict: false };
        let report = audit::verify(&question, &|_, _| ());
        assert_eq!(report.verdict, Verdict::Unanchored);
    };
    measure(c, "verify_strict alone", count, bare);
    measure(c, "whole audit", count, whole);
    let pairs: Vec<(Cost, Cost)> = (0..PAIRS).map(|_| (cost(bare), cost(whole))).collect();
    println!(
        "(a) audit: {count} signatures, {} entries, {ACCOUNTS} accounts, {} threads, {PAIRS} pairs of runs",
        log.entries.len(),
        rayon::current_num_threads()
    );
    let of: [(&str, Reading); 2] =
        [("by the clock", |cost| cost.wall), ("of all processors", |cost| cost.processors)];
    for (of, time) in of {
        let each = |times: Vec<f64>| median(times) * 1e6 / count as f64;
        println!(
            "(a) audit, {of}: verify_strict alone {:.2} µs, whole audit {:.2} µs an order: ratio {}",
            each(pairs.iter().map(|(bare, _)| time(bare)).collect()),
            each(pairs.iter().map(|(_, whole)| time(whole)).collect()),
            at_least(
                median(pairs.iter().map(|(bare, whole)| time(bare) / time(whole)).collect()),
                0.8
            ),
        );
    }
}

criterion_group!(benches, offline_audit);
criterion_main!(benches);
