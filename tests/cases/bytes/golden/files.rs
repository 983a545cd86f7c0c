//! Whole files of the file of vectors: bundles are audited; what a node keeps is put together by hand from
//! the written format and read by the program; words and links are read as a person would type them.

use std::sync::Arc;

use harness::{audited::audited, disk::FaultyDisk, people, vectors};
use ledger::{
    audit::Verdict,
    bundle::DIGEST_BYTES,
    card::{self, Term},
    disk::Disk as _,
    segments::SegmentsReader,
};
use pirate::{
    card_file,
    keyring::{Identity, LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS, derive},
    language::Lang,
    wallet::request_link::RequestLink,
    words,
};
use proto::{
    body::Body,
    card::{Challenge, Possession, ShortCard, SignedShortCard},
    checkpoint::Checkpoint,
    codec::Canonical as _,
    desk::CardProof,
    founding::Founding,
    hash::{Hash, Use, digest, tree_leaf},
    keys::SigningKey,
    time::UnixMillis,
};

use super::{bytes, family, file, same};

fn check(said: Hash) -> [u8; 16] {
    *said.0.first_chunk().expect("a hash is longer than a check")
}

fn xor(a: [u8; 16], b: [u8; 16]) -> [u8; 16] {
    std::array::from_fn(|at| a[at] ^ b[at])
}

/// The last twelve bytes of what a check is combined with: where, and the four bytes there.
fn place(offset: u32, first_four: [u8; 4]) -> [u8; 16] {
    let mut place = [0; 16];
    place[8..12].copy_from_slice(&offset.to_le_bytes());
    place[12..].copy_from_slice(&first_four);
    place
}

#[test]
fn bundles_of_the_file_are_audited_without_a_fault() {
    let file = file();
    let bundles: Vec<Vec<u8>> =
        family(&file, "bundle/").map(|name| bytes(&file, name, "bytes")).collect();
    for (name, bundle) in family(&file, "bundle/").zip(&bundles) {
        let (before, last) = bundle.split_at(bundle.len() - DIGEST_BYTES);
        assert_eq!(digest(Use::Bundle, &[before]).as_bytes(), last, "{name}");
        assert_eq!(last, bytes(&file, name, "digest"), "{name}");
    }
    let trusted: String = family(&file, "founding/")
        .map(|name| {
            let record: Founding = same(&bytes(&file, name, "record"));
            let key = vectors::hex(&record.mirror_key.0);
            format!("cite {} {key}\n", file[name]["id_text"])
        })
        .collect();
    let report = audited(&bundles, Some(&trusted), false);
    assert!(report.bundles.iter().all(|bundle| bundle.fault.is_none()));
    assert_eq!(report.verdict, Verdict::Witnessed);
}

#[test]
fn a_segment_of_the_file_is_what_its_description_says() {
    let file = file();
    let header = bytes(&file, "file/segment", "header");
    let identity: [u8; 32] = header[24..56].try_into().expect("32 bytes");
    assert_eq!(Hash(identity), people::ruchers().id.0);
    let written = [
        b"PIRATSEG".as_slice(),
        &1_u32.to_le_bytes(),
        &0_u32.to_le_bytes(),
        &0_u64.to_le_bytes(),
        &identity,
    ]
    .concat();
    assert_eq!([written.as_slice(), &check(digest(Use::Disk, &[&written]))].concat(), header);
    let segment = check(digest(Use::Disk, &[&identity, &0_u64.to_le_bytes()]));
    let mut whole = header;
    let mut payloads = Vec::new();
    for record in 0.. {
        let Some(offset) = file["file/segment"].get(&format!("offset_{record}")) else { break };
        let offset: u32 = offset.parse().expect("a number");
        assert_eq!(usize::try_from(offset), Ok(whole.len()));
        let bytes = bytes(&file, "file/segment", &format!("record_{record}"));
        let (head, payload) = bytes.split_at(20);
        let first_four: [u8; 4] = head[..4].try_into().expect("four bytes");
        let expected = xor(xor(check(tree_leaf(payload)), segment), place(offset, first_four));
        assert_eq!(head[4..], expected, "record {record}");
        assert_eq!(usize::from(u16::from_le_bytes([head[0], head[1]])), payload.len());
        let unsynced = usize::from(u16::from_le_bytes([head[2], head[3]]));
        assert_eq!(unsynced, (whole.len() - 72).div_ceil(16), "nothing but the header was synced");
        whole.extend(&bytes);
        payloads.push(payload.to_vec());
    }
    assert_eq!(payloads.len(), 3, "founding record, steward, seal");
    let disk = Arc::new(FaultyDisk::new(1));
    disk.create_dir("log").expect("an empty disk");
    disk.replace("log/00000000.seg", &whole).expect("an empty disk");
    let reader = SegmentsReader::open_found(disk, "log").expect("a segment");
    for (at, payload) in (0..).zip(&payloads) {
        assert_eq!(reader.read(at).as_ref().ok(), Some(payload));
    }
}

#[test]
fn the_footer_of_the_file_is_what_its_description_says() {
    let file = file();
    let identity = bytes(&file, "file/segment-footer", "identity");
    let payload = bytes(&file, "file/segment-footer", "payload");
    let records: u32 = file["file/segment-footer"]["records"].parse().expect("a number");
    let length = 20 + u32::try_from(payload.len()).expect("a short payload");
    let table: Vec<u8> =
        (0..records).flat_map(|record| (72 + record * length).to_le_bytes()).collect();
    let end = 72 + records * length;
    let segment = check(digest(Use::Disk, &[&identity, &0_u64.to_le_bytes()]));
    let said = check(digest(Use::Disk, &[&table]));
    let footer = [
        b"PIRATEND".as_slice(),
        &records.to_le_bytes(),
        &end.to_le_bytes(),
        &xor(xor(said, segment), place(end, records.to_le_bytes())),
    ]
    .concat();
    assert_eq!(footer, bytes(&file, "file/segment-footer", "footer_end"));
}

#[test]
fn guards_and_caches_of_the_file_are_what_their_descriptions_say() {
    let file = file();
    let checkpoint = bytes(&file, "file/checkpoint", "bytes");
    let certified = bytes(&file, "certificate", "bytes");
    let head = &checkpoint[68..108];
    assert_eq!(checkpoint.len(), 172, "a checkpoint and nothing else");
    assert_eq!(certified[..172], checkpoint, "the newest one");
    let slots = ["slot_0", "slot_1"].map(|slot| bytes(&file, "file/guard", slot));
    let number = |slot: &[u8]| u64::from_le_bytes(slot[12..20].try_into().expect("eight bytes"));
    for (parity, slot) in (0..).zip(&slots) {
        assert_eq!(slot.len(), 184);
        assert_eq!(slot[..12], *b"PIRATGRD\x01\0\0\0");
        assert_eq!(digest(Use::Disk, &[&slot[..152]]).as_bytes(), &slot[152..]);
        assert_eq!(slot[68..100], *people::tisserandes().id.as_bytes());
        assert_eq!(number(slot) % 2, parity);
    }
    let newest = slots.iter().max_by_key(|slot| number(slot)).expect("two slots");
    assert_eq!(newest[104..144], *head, "the guard covers what was signed, and no more");
    let snapshot = bytes(&file, "file/snapshot", "bytes");
    assert_eq!(digest(Use::Disk, &[&snapshot[32..]]).as_bytes(), &snapshot[..32]);
    let leaves = vectors::example_log().leaves();
    let mut stored: Vec<u8> = Vec::new();
    for size in 1..=leaves.len() {
        for height in 0..=size.trailing_zeros() {
            let from = size - (1 << height);
            stored.extend(vectors::range_root(&leaves[from..size]).0);
        }
    }
    assert_eq!(stored, bytes(&file, "file/tree", "bytes"));
}

#[test]
fn checkpoints_on_the_disk_are_read_by_the_program() {
    let file = file();
    let log = vectors::example_log();
    let kept = bytes(&file, "file/checkpoint", "bytes");
    assert_eq!(log.certificate.checkpoint.verify(&log.house.log.verifying()), Ok(()));
    let Checkpoint { head, .. } = log.certificate.checkpoint;
    assert_eq!(kept[68..76], head.size.to_le_bytes());
    assert_eq!(kept[76..108], head.root.0);
}

#[test]
fn words_of_the_file_are_read_and_give_its_keys() {
    let file = file();
    for (name, lang) in [("words/fr", Lang::Fr), ("words/en", Lang::En)] {
        let reading = words::read(&file[name]["words_text"], None).expect("twelve words");
        assert_eq!(reading.lang, lang);
        assert!(reading.corrected.is_empty(), "{name}");
        assert_eq!(reading.entropy.as_slice(), bytes(&file, name, "secret"));
        for (label, value) in
            [(LABEL_DEVICE, "device_0"), (LABEL_DEVICE_NEXT, "device_1"), (LABEL_WORDS, "words_0")]
        {
            assert_eq!(file[name][&format!("{value}_label_text")], label);
            let seed = derive(&reading.entropy, label);
            assert_eq!(seed.as_slice(), bytes(&file, name, &format!("{value}_seed")));
            let public = SigningKey::from_seed(&seed).public();
            assert_eq!(public.0.to_vec(), bytes(&file, name, &format!("{value}_public")));
        }
        let next = bytes(&file, name, "device_1_public");
        let next = digest(Use::NextKey, &[&next]);
        assert_eq!(next.as_bytes().to_vec(), bytes(&file, name, "next_key"));
        let cite = people::tisserandes().id;
        assert_eq!(file[name]["salt_label_text"], format!("account 0 {cite}"));
        let one = Identity::new(reading.entropy, lang, String::new(), UnixMillis(0));
        assert_eq!(one.salt(cite).to_vec(), bytes(&file, name, "salt"));
    }
}

#[test]
fn the_link_of_the_file_is_read() {
    let file = file();
    let value = |name: &str| bytes(&file, "request-link", name);
    let link = RequestLink::read(&file["request-link"]["link_text"]).expect("a link");
    assert_eq!(link.request.bytes(), value("request"));
    assert_eq!(link.body.as_ref().map(Body::encode), Some(value("body")));
    let length = u64::try_from(value("request").len()).expect("short").to_le_bytes();
    let joined = [length.as_slice(), &value("request"), &[1], &value("body")].concat();
    assert_eq!(joined, value("bytes"));
    let key = people::Person::new("bob", &people::tisserandes()).device.verifying();
    assert!(link.request.clone().verify(&key).is_ok());
}

#[test]
fn the_short_card_of_the_file_holds() {
    let file = file();
    let signed = SignedShortCard::read(&file["short-card"]["card_text"]).expect("a short card");
    assert_eq!(signed.bytes(), bytes(&file, "short-card", "bytes"));
    assert_eq!(signed.card().encode(), bytes(&file, "short-card", "unsigned"));
    assert!(signed.bytes().len() <= ShortCard::SIGNED_MAX);
    let founding = people::tisserandes().founding.verify().expect("the root keys signed");
    let card = signed.verify(&founding).expect("the card key of the cité signed");
    let text = |name: &str| &file["short-card"][name];
    let challenge = Challenge::read(text("challenge_text")).expect("a challenge");
    let answer = Possession::read(text("answer_text")).expect("an answer");
    assert!(card.is_held(&founding.network(), &challenge, &answer).is_ok());
    let other = Challenge([0; 32]);
    assert!(card.is_held(&founding.network(), &other, &answer).is_err());
    assert_eq!(card.card().member, people::Person::new("alice", &people::tisserandes()).id);
}

#[test]
fn cards_of_the_file_hold() {
    let file = file();
    let mut witnesses = Vec::new();
    for name in family(&file, "card/") {
        let card: CardProof = same(&bytes(&file, name, "bytes"));
        assert_eq!(card_file::read(&file[name]["card_text"]).as_ref(), Ok(&card), "{name}");
        let person = name.trim_start_matches("card/");
        let checked = card::check(&card).unwrap_or_else(|error| panic!("{name}: {error}"));
        let house = match checked.founding().cite() {
            cite if cite == people::ruchers().id => people::ruchers(),
            _ => people::tisserandes(),
        };
        assert_eq!(checked.member(), people::Person::new(person, &house).id, "{name}");
        assert_eq!(checked.term(people::TODAY), Term::Valid, "{name}");
        witnesses.push((checked.witnesses().len(), card.act.is_some()));
    }
    assert_eq!(witnesses, [(2, false), (2, false), (0, true)]);
}
