//! How fast a log is audited offline, as a ratio to the one thing that an audit cannot do without: bare
//! `verify_strict` over the same signatures, with decompressed keys, on all cores, in the same run.

#![allow(clippy::print_stdout, reason = "the ratio is what this program is for")]
#![allow(clippy::indexing_slicing, reason = "a benchmark may stop")]
#![allow(missing_docs, reason = "criterion's macros write functions without documents")]

mod measure;

use std::{collections::BTreeMap, hint::black_box, io::Cursor, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use harness::{logs::Log, people};
use ledger::audit::{self, Question, Verdict};
use measure::{Cost, Pairs, READINGS, at_least, at_place, measure};
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
                log.fold.state().balance(&id)
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

/// Pairs of runs whose costs are compared, each with the stacks of all threads at another place.
const PAIRS: usize = 16;

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
        let question = Question { bundles: &[&open], proofs: &[], anchors: None, strict: false };
        let report = audit::verify(&question, &|_, _| ());
        assert_eq!(report.verdict, Verdict::Unanchored);
    };
    measure(c, "audit", "verify_strict alone", count, || Cost::of(bare));
    measure(c, "audit", "whole audit", count, || Cost::of(whole));
    let places = (0..PAIRS).map(|place| {
        (at_place(place, PAIRS, || Cost::of(bare)), at_place(place, PAIRS, || Cost::of(whole)))
    });
    let pairs = Pairs::of(places);
    println!(
        "(a) audit: {count} signatures, {} entries, {ACCOUNTS} accounts, {} threads, {PAIRS} pairs of runs",
        log.entries.len(),
        rayon::current_num_threads()
    );
    for (of, reading) in READINGS {
        let each = |time: f64| time * 1e6 / count as f64;
        println!(
            "(a) audit, {of}: verify_strict alone {:.2} µs, whole audit {:.2} µs an order: ratio {}",
            each(pairs.limit(reading)),
            each(pairs.ours(reading)),
            at_least(pairs.ratio(reading), 0.8),
        );
    }
}

criterion_group!(benches, offline_audit);
criterion_main!(benches);
