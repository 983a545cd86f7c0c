//! The golden vectors are what this program makes, and what is in the file decodes and verifies.
//! A change of the format shows here first. After a change that is meant, write the file anew with
//! `PIRATE_BLESS=1 cargo test -p pirate-tests golden` and read the difference line by line.

mod files;
mod logs;

use std::{collections::BTreeMap, fs};

use harness::vectors;
use proto::{
    act::Act,
    body::Body,
    codec::Canonical,
    founding::{Founding, Network, Rules, SignedFounding},
    keys::{PublicKey, Signature},
    order::{MemberRecord, SignedOrder},
    request::SignedRequest,
    wire::Invitation,
};

/// Set to `1` to write the file instead of comparing with it.
const BLESS: &str = "PIRATE_BLESS";

#[test]
fn vectors_are_those_of_the_file() {
    let now = vectors::document();
    let path = vectors::path();
    if std::env::var(BLESS).is_ok_and(|value| value == "1") {
        fs::create_dir_all(path.parent().expect("the file lies in a folder"))
            .and_then(|()| fs::write(&path, &now))
            .expect("the file of vectors can be written");
    }
    let kept = fs::read_to_string(&path).expect("docs/format/vectors.json is there");
    let differs = kept.lines().zip(now.lines()).enumerate().find(|(_, (kept, now))| kept != now);
    if let Some((line, (kept, now))) = differs {
        panic!("line {}: the file says\n{kept}\nthis program\n{now}", line + 1);
    }
    assert_eq!(kept.len(), now.len(), "one of the two ends earlier");
}

type File = BTreeMap<String, BTreeMap<String, String>>;

/// Returns the vectors of the file, which is all that a verifier of another program has.
fn file() -> File {
    let text = fs::read_to_string(vectors::path()).expect("docs/format/vectors.json is there");
    let json: serde_json::Value = serde_json::from_str(&text).expect("the file is JSON");
    let list = json["vectors"].as_array().expect("a list of vectors");
    let file: File = list
        .iter()
        .map(|vector| {
            let name = vector["name"].as_str().expect("a name").to_owned();
            let values = vector["values"].as_object().expect("named values");
            let values = values
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().expect("a text").to_owned()))
                .collect();
            (name, values)
        })
        .collect();
    assert_eq!(file.len(), list.len(), "two vectors have one name");
    file
}

fn bytes(file: &File, vector: &str, value: &str) -> Vec<u8> {
    vectors::from_hex(&file[vector][value]).expect("hexadecimal")
}

/// Returns the names of a family, which ends in a slash, or the one name itself.
fn family<'a>(file: &'a File, family: &'a str) -> impl Iterator<Item = &'a String> {
    let belongs = |name: &&String| match family.ends_with('/') {
        true => name.starts_with(family),
        false => *name == family,
    };
    let names: Vec<&String> = file.keys().filter(belongs).collect();
    assert!(!names.is_empty(), "no vector of {family}");
    names.into_iter()
}

fn same<T: Canonical>(bytes: &[u8]) -> T {
    let value = T::decode(bytes).expect("the file holds canonical bytes");
    assert_eq!(value.encode(), bytes);
    value
}

#[test]
fn identities_of_the_file_follow_from_its_bytes() {
    let file = file();
    let text = |name: &str| file[name]["id_text"].clone();
    let network: Network = same(&bytes(&file, "network", "bytes"));
    assert_eq!(network.id().to_string(), text("network"));
    same::<Rules>(&bytes(&file, "rules", "bytes"));
    for name in family(&file, "founding/") {
        let record: Founding = same(&bytes(&file, name, "record"));
        assert_eq!(record.id().to_string(), text(name));
        let signed: SignedFounding = same(&bytes(&file, name, "bytes"));
        let verified = signed.verify().expect("the root keys signed");
        assert_eq!(verified.cite().to_string(), text(name));
    }
    let record: MemberRecord = same(&bytes(&file, "member", "bytes"));
    assert_eq!(record.id().to_string(), text("member"));
    let body: Body = same(&bytes(&file, "body", "bytes"));
    assert_eq!(vectors::hex(body.commitment().as_bytes()), file["body"]["commitment"]);
    let invitation: Invitation = same(&bytes(&file, "invitation", "bytes"));
    let written = &file["invitation"]["invitation_text"];
    assert_eq!(Invitation::from_text(written), Ok(invitation));
}

#[test]
fn signatures_of_the_file_verify_over_its_messages() {
    let file = file();
    let names =
        ["order/", "request", "short-card", "announce", "query", "checkpoint", "cosignature/"];
    for name in names.into_iter().flat_map(|names| family(&file, names)) {
        let key: [u8; 32] = bytes(&file, name, "public").try_into().expect("32 bytes");
        let signature = Signature::from_slice(&bytes(&file, name, "signature")).expect("64 bytes");
        let message = match file[name].get("signed_text") {
            Some(text) => text.clone().into_bytes(),
            None => bytes(&file, name, "message"),
        };
        let key = PublicKey(key).check().expect("an acceptable key");
        assert_eq!(key.verify_raw(&message, &signature), Ok(()), "{name}");
    }
}

#[test]
fn orders_and_requests_of_the_file_are_their_parts() {
    let file = file();
    for name in family(&file, "order/") {
        let signed = bytes(&file, name, "bytes");
        let order = SignedOrder::decode(&signed).expect("a well-formed order");
        let (unsigned, signature) = signed.split_at(signed.len() - 64);
        assert_eq!(order.order().encode(), unsigned, "{name}");
        assert_eq!(unsigned, bytes(&file, name, "unsigned"), "{name}");
        assert_eq!(signature, bytes(&file, name, "signature"), "{name}");
        assert_eq!(order.id().to_string(), file[name]["id_text"], "{name}");
    }
    let signed = bytes(&file, "request", "bytes");
    let request = SignedRequest::decode(&signed).expect("a well-formed request");
    assert_eq!(request.request().encode(), bytes(&file, "request", "unsigned"));
    for name in family(&file, "act/") {
        let kind = file[name]["kind"].parse().expect("a number");
        let body = bytes(&file, name, "body");
        let act = Act::from_body(kind, &body).expect("a well-formed act");
        assert_eq!((act.number(), act.body()), (kind, body), "{name}");
    }
}
