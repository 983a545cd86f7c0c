//! How fast a home takes orders in, what its log costs on the disk, and how soon it is open again. Each
//! figure is a ratio to a limit measured in the same run, or an absolute that the goal names.
//!
//! `cargo bench -p pirate-tests --bench home`; `PIRATE_BENCH_ENTRIES` sets the size of the large log
//! (1,000,000 by default).

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]
#![allow(clippy::indexing_slicing, reason = "a benchmark may stop")]
#![allow(missing_docs, reason = "criterion's macros write functions without documents")]

mod measure;

use std::{fs::File, hint::black_box, io::Write as _};

use criterion::{Criterion, criterion_group, criterion_main};
use harness::people::{self, House};
use ledger::{
    home::{Dormant, Home, Submitted},
    segments::{Record, Segments},
};
use measure::{
    Cost, Pairs, Payments, at_least, at_most, begin, crowd, disk, found, measure, size_of, timed,
};
use proto::{
    hash::Hash,
    keys::{Purpose, Signature, VerifyingKey, signed_bytes},
    order::SignedOrder,
};
use tempfile::TempDir;

/// Payments of the small runs.
const PAYMENTS: usize = 20_000;

/// Pairs of runs whose ratios are compared.
const PAIRS: usize = 7;

fn home(c: &mut Criterion) {
    ingest(c);
    segments(c);
    sizes();
    start();
}

criterion_group!(benches, home);
criterion_main!(benches);

/// (b) Ingest in batches of up to 256 KiB, guard synced, against bare `verify_strict` on one core.
fn ingest(c: &mut Criterion) {
    let house = people::mariniers();
    let crowd = crowd(&house, 200);
    let orders = payments(&crowd, PAYMENTS);
    let signed = signed(&crowd, &orders);
    let limit = || {
        Cost::of(|| {
            for (message, signature, key) in &signed {
                black_box(key.verify_raw(message, signature)).expect("it was signed");
            }
        })
    };
    let ours = || {
        let dir = TempDir::new().expect("a directory");
        let mut home = found(dir.path(), &house, &crowd);
        Cost::of(|| take(&mut home, &orders, usize::MAX))
    };
    measure(c, "ingest", "verify_strict on one core", orders.len(), limit);
    measure(c, "ingest", "home", orders.len(), ours);
    let pairs = Pairs::run(PAIRS, limit, ours);
    let each = |time: f64| time * 1e6 / orders.len() as f64;
    println!(
        "(b) ingest: {} orders; limit {:.2} µs, ours {:.2} µs each; ratio {}",
        orders.len(),
        each(pairs.limit(|cost| cost.wall)),
        each(pairs.ours(|cost| cost.wall)),
        at_least(pairs.ratio(|cost| cost.wall), 0.5)
    );
}

/// (c) Appending and syncing segments against a plain file with the same bytes and the same syncs.
fn segments(c: &mut Criterion) {
    let payload = vec![0x5a_u8; 380];
    // The home has the hash of an entry from its tree: it is no part of what a segment costs.
    let batch = [Record::of(&payload); 690];
    let bytes = payload.repeat(batch.len());
    let rounds = 60;
    let plain = || {
        let dir = TempDir::new().expect("a directory");
        let mut file = File::create(dir.path().join("plain")).expect("a file");
        Cost::of(|| {
            for _ in 0..rounds {
                file.write_all(&bytes).expect("there is room");
                file.sync_data().expect("the disk works");
            }
        })
    };
    let ours = || {
        let dir = TempDir::new().expect("a directory");
        let mut log =
            Segments::create_new(disk(dir.path()), "log", Hash([7; 32])).expect("an empty place");
        Cost::of(|| {
            for _ in 0..rounds {
                log.append(&batch).expect("there is room");
                log.sync().expect("the disk works");
            }
        })
    };
    measure(c, "segments", "plain file", rounds, plain);
    measure(c, "segments", "log", rounds, ours);
    let pairs = Pairs::run(PAIRS, plain, ours);
    let mib = (bytes.len() * rounds) as f64 / 1_048_576.0;
    let used = |seconds: f64| seconds * 1e3 / mib;
    println!(
        "(c) segments: {mib:.1} MiB; plain {:.1} ms, ours {:.1} ms; {:.2} and {:.2} ms of CPU per MiB; ratio {}",
        pairs.limit(|cost| cost.wall) * 1e3,
        pairs.ours(|cost| cost.wall) * 1e3,
        used(pairs.limit(|cost| cost.processors)),
        used(pairs.ours(|cost| cost.processors)),
        at_least(pairs.ratio(|cost| cost.wall), 0.8),
    );
}

/// (f) Bytes on the disk at 16 orders a seal, against the bytes of the orders as received.
fn sizes() {
    let house = people::mariniers();
    let crowd = crowd(&house, 200);
    let orders = payments(&crowd, PAYMENTS);
    let dir = TempDir::new().expect("a directory");
    let mut home = found(dir.path(), &house, &crowd);
    let (log, all) = (size_of(&dir.path().join("log")), size_of(dir.path()));
    take(&mut home, &orders, 16);
    home.snapshot().expect("the disk works");
    drop(home);
    let received: usize = orders.iter().map(Vec::len).sum();
    let per = |bytes: u64| bytes as f64 / received as f64;
    println!(
        "(f) sizes: orders {:.1} MB; segments × {}, whole directory × {}",
        received as f64 / 1e6,
        at_most(per(size_of(&dir.path().join("log")) - log), 1.6),
        at_most(per(size_of(dir.path()) - all), 3.0),
    );
}

/// (e) From opening a large log, whose guard matches, to the first accepted order.
fn start() {
    let entries: usize = std::env::var("PIRATE_BENCH_ENTRIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let house = people::mariniers();
    let crowd = crowd(&house, 200);
    let dir = TempDir::new().expect("a directory");
    let mut home = found(dir.path(), &house, &crowd);
    let mut payments = Payments::new(&crowd);
    let mut left = entries;
    while left > 0 {
        let orders: Vec<Vec<u8>> = (0..left.min(50_000)).map(|_| payments.sign()).collect();
        take(&mut home, &orders, usize::MAX);
        left -= orders.len();
    }
    // As if killed: whatever the last snapshot does not hold is replayed.
    drop(home);
    let next = payments.sign();
    let (taken, home) = timed(|| open(&house, dir.path(), &next));
    println!(
        "(e) start of a home after a kill: {entries} entries, seconds to the first accepted order {}",
        at_most(taken.as_secs_f64(), 1.0)
    );
    drop(home);
    let next = payments.sign();
    let (taken, mut home) = timed(|| open(&house, dir.path(), &next));
    home.snapshot().expect("the disk works");
    drop(home);
    println!("(e) start again: {}", at_most(taken.as_secs_f64(), 1.0));
    let next = payments.sign();
    let (taken, _home) = timed(|| open(&house, dir.path(), &next));
    println!("(e) start after a clean stop: {}", at_most(taken.as_secs_f64(), 1.0));
}

fn open(house: &House, root: &std::path::Path, order: &[u8]) -> Home {
    let index = root.join("index/sled");
    let dormant = Dormant::open(disk(root), &index, house.id, house.log.clone());
    let mut home = dormant.expect("the log opens").start(begin()).expect("the guard matches");
    take(&mut home, &[order.to_vec()], 1);
    home
}

fn payments(crowd: &[people::Person], count: usize) -> Vec<Vec<u8>> {
    let mut payments = Payments::new(crowd);
    (0..count).map(|_| payments.sign()).collect()
}

/// Submits all orders, committing whenever the batch is full or holds `at_most`.
fn take(home: &mut Home, orders: &[Vec<u8>], at_most: usize) {
    let mut waiting = 0;
    for bytes in orders {
        let order = SignedOrder::decode(bytes).expect("well-formed");
        let submitted = home.submit(begin(), order).expect("the rules accept it");
        assert!(matches!(submitted, Submitted::Pending(_)));
        waiting += 1;
        if home.is_full() || waiting >= at_most {
            home.commit(begin()).expect("the disk works");
            waiting = 0;
        }
    }
    home.commit(begin()).expect("the disk works");
}

/// Returns what a home verifies of orders: message, signature, key.
fn signed(crowd: &[people::Person], orders: &[Vec<u8>]) -> Vec<(Vec<u8>, Signature, VerifyingKey)> {
    let keys: Vec<VerifyingKey> = crowd.iter().map(|person| person.device.verifying()).collect();
    let signed = orders.iter().enumerate().map(|(n, bytes)| {
        let (unsigned, signature) = bytes.split_at(bytes.len() - Signature::LEN);
        let network = people::network().id();
        let message = signed_bytes(Purpose::Order, &network, unsigned);
        (message, Signature::from_slice(signature).expect("64 bytes"), keys[n % keys.len()])
    });
    signed.collect()
}
