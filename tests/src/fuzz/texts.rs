//! Doors of texts that people type, paste, and write into files: whatever is read is shown in a form that
//! reads back as the same.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use ledger::audit::Anchors;
use node::{config::Config, keyfile::Keys, network::Address, run::Running};
use pirate::{
    amount, card_file, dates,
    keyring::Keyring,
    language::Lang,
    mailed, person,
    petition_file::Petition,
    proof_file,
    qr::{QrCode, photo},
    sealed::{self, Lock},
    tree,
    wallet::request_link::{self, RequestLink},
    words,
};
use proto::{
    card::{Challenge, Possession, ShortCard, SignedShortCard},
    checkpoint::{mirror_name, parse_verifier_key, verifier_key},
    codec::Canonical as _,
    desk::{CardProof, Subnet},
    evidence::Evidence,
    founding::SignedFounding,
    ids::{CiteId, MemberId, NetworkId, from_text, to_text},
    wire::Invitation,
};

use super::{Door, Entered, Heap};
use crate::{people, samples, vectors};

/// A text and what was made of it, a few times over, and what the libraries that read it keep once: lists of
/// words, the tree of commands (2 MiB), the 1 MiB of the weakest lock.
const HEAP: Heap = Heap { ahead: 4 * 1_024 * 1_024, times: 64 };

/// Files are read by their path and so written first, which costs as much as many values.
const FILE_COST: usize = 5;

/// Returns the doors.
pub(super) fn doors() -> Vec<Door> {
    [typed(), pasted(), files()].into_iter().flatten().collect()
}

fn door(
    name: &str,
    seeds: impl IntoIterator<Item = impl Into<Vec<u8>>>,
    read: impl Fn(&str) -> Option<()> + Send + Sync + 'static,
) -> Door {
    Door {
        name: name.to_owned(),
        forms: Vec::new(),
        seeds: seeds.into_iter().map(Into::into).collect(),
        heap: HEAP,
        cost: 1,
        enter: Box::new(move |bytes| {
            let read = read(&String::from_utf8_lossy(bytes));
            Entered::of(&read.ok_or(()))
        }),
    }
}

/// What a person types behind a command.
fn typed() -> Vec<Door> {
    let alice = people::Person::new("alice", &people::tisserandes());
    let someone = alice.id.to_string();
    vec![
        door("amount", ["1h30", "1 h 30", "90 min", "0:45", "1,5 h", "2.25h", "1h"], |text| {
            let minutes = amount::parse(text).ok()?;
            for lang in Lang::ALL {
                let shown = amount::show(lang, i64::from(minutes));
                assert_eq!(amount::parse(&shown), Ok(minutes), "{text:?} is shown as {shown:?}");
            }
            Some(())
        }),
        door("signed-amount", ["-1h30", "+90min", "−2 h", "-0:45"], |text| {
            let minutes = amount::parse_signed(text).ok()?;
            for lang in Lang::ALL {
                let shown = amount::show(lang, minutes);
                assert_eq!(amount::parse_signed(&shown), Ok(minutes), "{text:?}: {shown:?}");
            }
            Some(())
        }),
        door(
            "person",
            [
                "42",
                "42@tisserandes",
                "commun",
                "commons@ruchers",
                &someone,
                &format!("{someone}@x"),
            ],
            |text| person::parse(text).map(|_| ()),
        ),
        door("day", ["2026-11-23", " 1970-01-01", "20261123"], |text| {
            let day = dates::parse_day(text).ok()?;
            assert_eq!(dates::parse_day(&dates::iso_day(day)).ok(), Some(day), "{text:?}");
            Some(())
        }),
        door("span", ["30s", "5min", "2 h", "7d", "7j", "3660d"], |text| {
            dates::parse_span(text).ok().map(|_| ())
        }),
        door("words", phrases(), |text| {
            let read = words::read(text, None).ok()?;
            let again = words::phrase(read.lang, &read.entropy).join(" ");
            let again = words::read(&again, Some(read.lang)).expect("a phrase reads back");
            assert_eq!(again.entropy, read.entropy, "{text:?} reads as two secrets");
            Some(())
        }),
        door("command-line", COMMANDS.iter().copied(), |text| {
            let args = std::iter::once("pirate").chain(text.split('\n')).map(Into::into);
            tree::parse(Lang::Fr, &args.collect::<Vec<_>>(), |_| None).ok().map(|_| ())
        }),
    ]
}

/// Command lines, one word a line.
const COMMANDS: &[&str] = &[
    "solde",
    "payer\n1@mariniers\n45min\n--for\nTour en barque\n--yes",
    "demander\n1h\n--from\n1\n--json",
    "--home\nmariniers\nnode\nrun",
    "cle\ncreer\n--alias\nZoé\n--test-lock",
    "audit\nverify\na.pirate\n--anchor\nb.txt",
    "help\npay",
    "--version",
];

fn phrases() -> Vec<String> {
    let entropies = [[0; 16], [0xff; 16], *b"sixteen secrets!"];
    let all = Lang::ALL.into_iter().flat_map(|lang| entropies.map(|e| (lang, e)));
    all.map(|(lang, entropy)| words::phrase(lang, &entropy).join(" ")).collect()
}

/// What travels by mail, paper and message.
fn pasted() -> Vec<Door> {
    let house = people::tisserandes();
    let invitations = of("invitation")
        .map(|bytes| Invitation::decode(&bytes).expect("a sample is read").to_text());
    let cards = of("card")
        .map(|bytes| card_file::write(&CardProof::decode(&bytes).expect("a sample is read")));
    let record = SignedFounding { epoch: Some(house.petition(1)), ..house.founding.clone() };
    let petitions = [mailed::write("pirate-petition/1", &record.encode())];
    let proofs = of("evidence")
        .map(|bytes| proof_file::write(&Evidence::decode(&bytes).expect("a sample is read")));
    let identities = [
        house.id.to_string(),
        house.network.to_string(),
        people::Person::new("a", &house).id.to_string(),
    ];
    let mirror = mirror_name(&house.network, &house.id);
    let challenge = Challenge([7; 32]);
    let alice = people::Person::new("alice", &house);
    let answer = challenge.answer(&house.network, &house.id, &alice.id, &alice.device);
    vec![
        door("identity", identities, |text| {
            let shown = [
                text.parse::<CiteId>().map(|id| id.to_string()),
                text.parse::<NetworkId>().map(|id| id.to_string()),
                text.parse::<MemberId>().map(|id| id.to_string()),
            ];
            let shown = shown.into_iter().find_map(Result::ok)?;
            // Whoever pastes brings spaces along.
            assert_eq!(shown, text.trim().to_lowercase(), "two texts for one identity");
            Some(())
        }),
        door("addresses", ["192.0.2.7", "192.0.2.7/24", "2001:db8:1:2::/64"], |text| {
            let read: Subnet = text.parse().ok()?;
            assert_eq!(read.to_string().parse(), Ok(read), "{text:?}");
            Some(())
        }),
        door("invitation-as-text", invitations, |text| {
            let read = Invitation::from_text(text).ok()?;
            assert_eq!(Invitation::from_text(&read.to_text()).ok(), Some(read), "{text:?}");
            Some(())
        }),
        door("card-as-text", cards, |text| {
            let read = card_file::read(text).ok()?;
            assert_eq!(card_file::read(&card_file::write(&read)), Ok(read), "{text:?}");
            Some(())
        }),
        door("petition-as-text", petitions, |text| {
            let read = Petition::from_text(text)?;
            assert_eq!(Petition::from_text(&read.to_text()), Some(read), "{text:?}");
            Some(())
        }),
        door("proof-as-text", proofs, |text| {
            let read = proof_file::read(text).ok()?;
            assert_eq!(proof_file::read(&proof_file::write(&read)), Ok(read), "{text:?}");
            Some(())
        }),
        request_links(),
        short_cards(),
        photos(),
        door("challenge-to-a-card", [challenge.to_text(), answer.to_text()], |text| {
            if let Ok(read) = Challenge::read(text) {
                assert_eq!(Challenge::read(&read.to_text()), Ok(read), "{text:?}");
                return Some(());
            }
            let read = Possession::read(text).ok()?;
            assert_eq!(Possession::read(&read.to_text()), Ok(read), "{text:?}");
            Some(())
        }),
        door("verifier-key", [verifier_key(&mirror, true, house.mirror.public())], |text| {
            let (name, key) = parse_verifier_key(text)?;
            assert_eq!(verifier_key(name, true, key), text, "two lines for one key");
            Some(())
        }),
        door(
            "address",
            [
                "127.0.0.1:17890",
                "[::1]:1",
                "a.example:65535",
                "/ip4/10.0.0.1/tcp/1",
                "/dns/a.b/tcp/2",
            ],
            |text| {
                let read: Address = text.parse().ok()?;
                let again = read.to_string().parse::<Address>().ok();
                assert_eq!(
                    again.map(|again| again.to_string()),
                    Some(read.to_string()),
                    "{text:?}"
                );
                Some(())
            },
        ),
        door("anchors", anchors(&house), |text| Anchors::parse(text).ok().map(|_| ())),
    ]
}

/// Returns the bytes of the samples of a form.
fn of(form: &'static str) -> impl Iterator<Item = Vec<u8>> {
    samples::all().into_iter().filter(move |sample| sample.is(form)).map(|sample| sample.bytes)
}

/// Links are made here of the bytes in them: a changed text ends at its checksum.
fn request_links() -> Door {
    let link = RequestLink::new(vectors::request(), None).expect("no words, none to compare");
    let text = link.to_text();
    let bare = text.trim_start_matches("pirate:");
    let seed = from_text(request_link::PREFIX, bare).expect("a link is read");
    Door {
        name: "request-link".to_owned(),
        forms: vec!["request with its text".to_owned()],
        seeds: vec![seed],
        heap: HEAP,
        cost: 1,
        enter: Box::new(|bytes| {
            if bytes.len() > LINK_BYTES_MAX {
                return Entered::Refused;
            }
            let read = RequestLink::read(&to_text(request_link::PREFIX, bytes));
            if let Ok(link) = &read {
                assert_eq!(
                    link.to_text(),
                    format!("pirate:{}", to_text(request_link::PREFIX, bytes))
                );
            }
            Entered::of(&read)
        }),
    }
}

/// Short cards are made here of the bytes in them, as links are.
fn short_cards() -> Door {
    Door {
        name: "short-card-as-text".to_owned(),
        forms: vec!["short card".to_owned()],
        seeds: vec![vectors::short_card().bytes().to_vec()],
        heap: HEAP,
        cost: 1,
        enter: Box::new(|bytes| {
            if bytes.len() > LINK_BYTES_MAX {
                return Entered::Refused;
            }
            let text = to_text(ShortCard::PREFIX, bytes);
            let read = SignedShortCard::read(&text);
            if let Ok(card) = &read {
                assert_eq!(card.to_text(), format!("pirate:{text}").to_ascii_uppercase());
                assert!(SignedShortCard::looks_like(&text));
            }
            Entered::of(&read)
        }),
    }
}

/// A photo unpacks to many times its bytes, up to its bound.
const PHOTO_HEAP: Heap = Heap { ahead: 128 * 1_024 * 1_024, times: 64 };
/// A photo is looked at in several sizes.
const PHOTO_COST: usize = 200;

/// Pictures in which somebody looks for a code.
fn photos() -> Door {
    let code = QrCode::of(&vectors::short_card().to_text()).expect("a short card fits a code");
    Door {
        name: "photo".to_owned(),
        forms: Vec::new(),
        seeds: vec![code.png()],
        heap: PHOTO_HEAP,
        cost: PHOTO_COST,
        enter: Box::new(|bytes| Entered::of(&photo::texts(bytes.to_vec()))),
    }
}

/// What Bech32m carries at most behind this prefix, in bytes.
const LINK_BYTES_MAX: usize = 632;

fn anchors(house: &people::House) -> Vec<String> {
    let (id, key) = (house.id, house.mirror.public());
    let line = verifier_key(&mirror_name(&house.network, &id), true, key);
    vec![
        format!("# whom I trust\ncite {id}\n"),
        format!("cite {id} {}\n", vectors::hex(&key.0)),
        format!("cite {id} {line}"),
    ]
}

/// Files that are read by their path.
fn files() -> Vec<Door> {
    let key = vectors::hex(&people::mariniers().network_key.public().0);
    let settings = format!(
        "[node]\nlisten = [\"127.0.0.1:0\"]\nannounce = [\"a.example:1\"]\nmdns = true\n\
         peers = [{{ key = \"{key}\", addresses = [\"b.example:2\"] }}]\n"
    );
    let running = "{\"schema\":\"pirate.node.running/1\",\"pid\":7,\"since_ms\":1,\"cite\":\"c\",\
        \"node\":\"n\",\"socket\":\"/s\",\"listening\":[\"127.0.0.1:1\"]}";
    vec![
        file("settings-of-a-node", [settings], |path| Config::load(path).ok().map(|_| ())),
        file("keys-of-a-node", [node_keys()], |path| Keys::load(path).ok().map(|_| ())),
        file("running-node", [running.to_owned()], |path| {
            Running::read(path).ok().flatten().map(|_| ())
        }),
        nameplate(),
        identity_file(),
        locked_file(),
    ]
}

fn file(
    name: &str,
    seeds: impl IntoIterator<Item = String>,
    read: impl Fn(&Path) -> Option<()> + Send + Sync + 'static,
) -> Door {
    Door {
        name: name.to_owned(),
        forms: Vec::new(),
        seeds: seeds.into_iter().map(String::into_bytes).collect(),
        heap: HEAP,
        cost: FILE_COST,
        enter: Box::new(move |bytes| {
            let dir = tempfile::tempdir().expect("a temporary directory");
            let path = dir.path().join("file");
            write_private(&path, bytes);
            Entered::of(&read(&path).ok_or(()))
        }),
    }
}

fn write_private(path: &Path, bytes: &[u8]) {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).expect("a temporary file can be written");
}

fn node_keys() -> String {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("keys");
    let house = people::tisserandes();
    let (log, mirror, card, network) = (house.log, house.mirror, house.card, house.network_key);
    Keys { log, mirror, card, network }.create(&path).expect("a fresh directory");
    fs::read_to_string(path).expect("it was just written")
}

const PROFILE: &str = "someone";
const PASSPHRASE: &str = "correct horse";

/// Returns a keyring with one identity.
fn keyring(dir: &Path) -> Keyring {
    let keyring = Keyring::new(dir.join("keys"));
    let identity = pirate::keyring::Identity::new(
        [7; 16].into(),
        Lang::Fr,
        "Alice".to_owned(),
        proto::time::UnixMillis(1),
    );
    keyring.create(PROFILE, &identity, None, PASSPHRASE, Lock::Test).expect("a fresh directory");
    keyring
}

fn nameplate() -> Door {
    let dir = tempfile::tempdir().expect("a temporary directory");
    keyring(dir.path());
    let name = format!("keys/{PROFILE}.toml");
    let seed = fs::read_to_string(dir.path().join(&name)).expect("it was just written");
    file("nameplate", [seed], |path| {
        let dir = path.parent()?;
        fs::rename(path, dir.join(format!("{PROFILE}.toml"))).ok()?;
        Keyring::new(dir.to_owned()).nameplate(PROFILE).map(|_| ())
    })
}

/// What stands inside of a locked key file: locked here, for a changed file opens nothing.
fn identity_file() -> Door {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = keyring(dir.path()).key_file(PROFILE);
    let seed = sealed::open(&path, PASSPHRASE).expect("it was just locked").to_vec();
    Door {
        cost: 50,
        ..file("identity-in-its-file", [String::from_utf8(seed).expect("it is TOML")], |path| {
            let dir = path.parent()?;
            let content = fs::read(path).ok()?;
            let keyring = Keyring::new(dir.to_owned());
            sealed::seal(&keyring.key_file(PROFILE), &content, PASSPHRASE, Lock::Test).ok()?;
            keyring.open(PROFILE, PASSPHRASE).ok().map(|_| ())
        })
    }
}

/// A locked file behind its first two lines: they say how much work the lock is, and an owner who writes a
/// larger number there waits for it.
fn locked_file() -> Door {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = keyring(dir.path()).key_file(PROFILE);
    let whole = fs::read(path).expect("it was just locked");
    let lines = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let head = lines.take(2).last().expect("a header has lines");
    let (head, rest) = (whole[..head].to_vec(), whole[head..].to_vec());
    Door {
        name: "locked-file".to_owned(),
        forms: Vec::new(),
        seeds: vec![rest],
        heap: HEAP,
        cost: 50,
        enter: Box::new(move |bytes| {
            let dir = tempfile::tempdir().expect("a temporary directory");
            let path = dir.path().join("file");
            write_private(&path, &[&head, bytes].concat());
            Entered::of(&sealed::open(&path, PASSPHRASE))
        }),
    }
}
