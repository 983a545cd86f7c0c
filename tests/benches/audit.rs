//! How fast a log is audited offline, as a ratio to the one thing that an audit cannot do without: bare
//! `verify_strict` over the same signatures, with decompressed keys, on all cores, in the same run.

#![allow(clippy::print_stdout, reason = "the ratio is what this program is for")]
#![allow(clippy::indexing_slicing, reason = "a benchmark may stop")]
#![allow(missing_docs, reason = "criterion's macros write functions without documents")]

use std::{
    cell::RefCell,
    collections::BTreeMap,
    hint::black_box,
    io::Cursor,
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use harness::{logs::Log, people};
use ledger::audit::{self, Question, Verdict};
use proto::{
    entry::{Entry, Payload},
    ids::MemberId,
    keys::{Purpose, Signature, VerifyingKey, signed_bytes},
    order::SignedOrder,
};
use rayon::prelude::*;

/// Accounts in the log.
const ACCOUNTS: usize = 200;
/// Payments in the log.
const PAYMENTS: usize = 30_000;
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

/// Time of a piece of work: by the clock, and of all processors together. On a machine that others use as
/// well only the second says something.
#[derive(Clone, Copy, Default)]
struct Cost {
    wall: Duration,
    processors: Duration,
}

impl Cost {
    fn least(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), processors: self.processors.min(other.processors) }
    }
}

/// Returns the processor time that this process has used, to a hundredth of a second (proc(5), "stat").
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells of every process");
    let (_, behind_name) = stat.rsplit_once(')').expect("the name stands in brackets");
    let ticks = behind_name.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(|field| field.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(ticks * 10)
}

/// Runs `work` under criterion and returns the medians of its times.
fn measure(c: &mut Criterion, name: &str, orders: usize, work: impl Fn()) -> Cost {
    let times = RefCell::new((Vec::new(), Vec::new()));
    let mut group = c.benchmark_group("audit");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::try_from(orders).expect("few")));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|rounds| {
            let (begun, used) = (Instant::now(), processor_time());
            (0..rounds).for_each(|_| work());
            let (taken, used) = (begun.elapsed(), processor_time() - used);
            let mut times = times.borrow_mut();
            times.0.push(taken.div_f64(rounds as f64));
            times.1.push(used.div_f64(rounds as f64));
            taken
        });
    });
    group.finish();
    let (wall, processors) = times.into_inner();
    Cost { wall: median(wall), processors: median(processors) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
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
    let limit = measure(c, "verify_strict alone", count, bare);
    let taken = measure(c, "whole audit", count, whole);
    // Again, the other way round: another load of the machine must not decide.
    let taken = taken.least(measure(c, "whole audit, again", count, whole));
    let limit = limit.least(measure(c, "verify_strict alone, again", count, bare));
    let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    println!(
        "audit: {count} orders, {} entries, {} accounts, {} threads",
        log.entries.len(),
        ACCOUNTS,
        rayon::current_num_threads()
    );
    for (of, limit, taken) in [
        ("by the clock", limit.wall, taken.wall),
        ("of all processors", limit.processors, taken.processors),
    ] {
        println!(
            "audit: {of}: verify_strict alone {:.2} µs, whole audit {:.2} µs an order: ratio {:.3} (goal 0.8)",
            each(limit),
            each(taken),
            limit.as_secs_f64() / taken.as_secs_f64()
        );
    }
}

criterion_group!(benches, offline_audit);
criterion_main!(benches);
