//! What people mistype, repeat or forget, at real nodes: each is told what is wrong, and nothing is signed,
//! sent or entered for it.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use harness::processes::{
    Allied, Daemon, Home, Said, admitted, founded, free_address, person, text_of,
};
use serde_json::{Value, json};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn refused(home: &Home, line: &[&str]) -> String {
    home.run(&[line, &["--json"]].concat()).error_code()
}

#[test]
fn what_cannot_be_paid_is_not_asked_for_and_nobody_is_called_by_a_typing_error() {
    let place = folder();
    let allied = Allied::new(place.path());
    let [zoe, ana] = &allied.members;
    for (amount, code) in [("7min", "P0425"), ("2000h", "P0426")] {
        assert_eq!(refused(zoe, &["ask", amount]), code);
        assert_eq!(refused(zoe, &["ask", amount, "--from", "2@mariniers"]), code);
        // `pay` says the same.
        assert_eq!(refused(zoe, &["pay", "1", amount, "--yes"]), code);
    }
    for home in [zoe, ana] {
        assert_eq!(
            home.data(&["request", "list"])["items"],
            json!([]),
            "nothing was signed or sent"
        );
    }
    for (who, code) in [
        ("Marcel", "P0434"),
        ("pmemb1xxx", "P0434"),
        ("4294967296", "P0404"),
        ("4294967296@mariniers", "P0404"),
        ("preq14vsw6rp0", "P0414"),
    ] {
        assert_eq!(refused(zoe, &["pay", who, "15min", "--yes"]), code, "{who}");
    }
    assert_eq!(refused(zoe, &["ask", "15min", "--from", "4294967296"]), "P0404");
    assert_eq!(zoe.data(&["balance"])["minutes"], 0);
}

#[test]
fn allying_again_says_what_changed_and_a_card_of_an_ally_is_one_of_a_cite_known_here() {
    let place = folder();
    let Allied { cites, members, nodes } = Allied::new(place.path());
    let [here, there] = &cites;
    // Allied with 100 h.
    let ally = |line: &[&str]| here.run(&[&["federation", "ally"], line].concat());
    let same = ally(&["mariniers", "--limit", "100h", "--yes"]);
    assert!(same.out.contains("Rien à changer") && same.out.contains("100"), "{same:?}");
    let signed = |said: Said| said.data()["signed"].clone();
    for line in [&["mariniers", "--limit", "100h", "--json"][..], &["mariniers", "--yes", "--json"]]
    {
        assert_eq!(signed(ally(line)), json!([]), "no line was named, so none changes: {line:?}");
    }
    let other = ally(&["mariniers", "--limit", "10h", "--yes"]);
    assert!(other.out.contains("changée") && !other.out.contains("ouvert"), "{other:?}");
    for me in ["tisserandes", &identity(here)] {
        assert_eq!(refused(here, &["federation", "ally", me, "--limit", "10h", "--yes"]), "P0715");
    }
    // An invitation that would admit a person still joins, and says which one is better.
    let invitation = text_of(&there.data(&["member", "invite"]));
    let joined = here.run(&["federation", "join", &invitation, "--yes"]);
    assert!(joined.err.contains("admet une personne"), "{joined:?}");
    let invitation = text_of(&there.data(&["cite", "show"]));
    let joined = here.run(&["federation", "join", &invitation, "--yes"]);
    assert!(joined.code == Some(0) && !joined.err.contains("admet une personne"), "{joined:?}");
    // Who is where, without any node.
    members[0].data(&["card", "show", "-o", "zoe.pirate-card"]);
    let card = members[0].dir().join("zoe.pirate-card").display().to_string();
    for node in nodes {
        node.stop();
    }
    let stranger = person(place.path(), "nour");
    for (home, known) in [
        (here, json!("own")),
        (&members[0], json!("own")),
        (there, json!("account")),
        (&members[1], Value::Null),
        (&stranger, Value::Null),
    ] {
        let said = home.run(&["card", "check", &card, "--json"]);
        let checked = said.answer();
        assert_eq!(checked["known_by"], known, "{home:?}");
        // By the alliance's first seals, nobody may have looked at the card's log yet.
        let certified = checked["certified"] == true;
        let exit = match known.as_str() {
            Some("own") => 0,
            Some(_) => {
                if certified {
                    0
                } else {
                    10
                }
            }
            None => 20,
        };
        assert_eq!(said.code, Some(exit), "{home:?}: {said:?}");
        let open = checked["not_checked"].as_array().expect("a list").contains(&json!("cite"));
        assert_eq!(open, known.is_null(), "{home:?}");
    }
}

#[test]
fn whoever_was_declined_by_mistake_asks_again_with_another_invitation() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let node = Daemon::start(&cite, &["--listen", &free_address()]);
    let nour = person(place.path(), "nour");
    let waiting = || cite.data(&["member", "list", "--state", "applied"])["items"].clone();
    let first = text_of(&cite.data(&["member", "invite"]));
    let line = ["join", &first, "--accept-charter", "--yes"];
    assert_eq!(nour.data(&[&line[..], &["--dry-run"]].concat())["state"], "dry_run");
    assert_eq!(waiting(), json!([]), "nothing is sent");
    nour.data(&line);
    // Said again it waits, and a dry run says so too: there is nothing that it would send.
    for line in [&line[..], &[&line[..], &["--dry-run"]].concat()] {
        assert_eq!(nour.data(line)["state"], "applied");
        let said = nour.run(&[line, &["--lang", "en"]].concat());
        assert!(said.out.contains("application to tisserandes waits"), "{said:?}");
    }
    let who = waiting()[0]["member"].clone();
    assert_eq!(refused(&cite, &["member", "decline", "ana", "--yes"]), "P0731");
    let declined = cite.data(&["member", "decline", "Nour", "--yes"]);
    assert_eq!((&declined["member"], &declined["state"]), (&who, &json!("declined")));
    assert_eq!(waiting(), json!([]));
    // Any command says what happened, and which one helps; the used invitation sends nothing more.
    let again = ["join", &first, "--accept-charter", "--yes"];
    for line in [&["balance"][..], &["card", "show"], &again] {
        for (lang, says) in
            [("fr", "a refusé votre candidature"), ("en", "declined your application")]
        {
            let said = nour.run(&[line, &["--lang", lang, "--json"]].concat());
            let told = (said.code, said.error_code());
            assert_eq!(told, (Some(4), "P0734".to_owned()), "{said:?}");
            let object: Value = said
                .err
                .lines()
                .last()
                .and_then(|line| serde_json::from_str(line).ok())
                .expect("an object");
            assert!(object["message"].as_str().is_some_and(|said| said.contains(says)), "{object}");
            assert_eq!(object["fix"][1], "join", "{object}");
        }
    }
    assert_eq!(waiting(), json!([]));
    let second = text_of(&cite.data(&["member", "invite"]));
    nour.data(&["join", &second, "--accept-charter", "--yes", "--dry-run"]);
    assert_eq!(waiting(), json!([]), "nothing is sent");
    nour.data(&["join", &second, "--accept-charter", "--yes"]);
    assert_eq!((waiting()[0]["member"].clone(), waiting()[1].is_null()), (who, true));
    cite.data(&["member", "admit", "--all", "--yes"]);
    assert_eq!(nour.data(&["balance"])["minutes"], 0);
    node.stop();
}

/// Whoever pays what they declined before is told so first.
#[test]
fn a_request_that_was_declined_is_paid_by_nobody_unawares() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &["--listen", &free_address()]);
    cite.until_it_signs();
    let zoe = admitted(&cite, place.path(), "zoe");
    let asked = zoe.data(&["ask", "15min", "--from", "1"]);
    let request = asked["uri"].as_str().expect("a link");
    let told = |lang| cite.run(&["pay", request, "--dry-run", "--lang", lang]);
    for declined in [false, true] {
        if declined {
            cite.data(&["request", "decline", request, "--yes"]);
        }
        assert_eq!(cite.data(&["pay", request, "--dry-run"])["request_declined"], declined);
        for (lang, says) in [("fr", "déjà été refusée"), ("en", "was declined before")] {
            let said = told(lang);
            assert_eq!(said.code, Some(0), "{said:?}");
            assert_eq!(
                [&said.out, &said.err].iter().any(|on| on.contains(says)),
                declined,
                "{said:?}"
            );
        }
    }
}

fn identity(cite: &Home) -> String {
    cite.data(&["cite", "show"])["cite"].as_str().expect("an identity").to_owned()
}

#[test]
fn words_without_a_terminal_name_the_flag_that_helps() {
    let place = folder();
    let home = Home::at(place.path().join("lea"));
    let said = home.run(&["key", "new", "--restore"]);
    assert!(said.err.contains("P0002") && said.err.contains("--words-file"), "{said:?}");
    assert!(said.err.contains("Mots de secours") && !said.err.contains("--yes"), "{said:?}");
    let words =
        "legal winner thank year wave sausage aubaine corniche problème annonce gélatine insulter";
    std::fs::write(home.dir().join("mots.txt"), words).expect("the directory is ours");
    let said = home.run(&["key", "new", "--words-file", "mots.txt", "--test-lock"]);
    assert!(said.err.contains("P0112") && !said.err.contains("P0106"), "{said:?}");
}

/// What somebody left at the name that is written first is not written to, whatever it leads to.
#[test]
fn an_audit_file_is_written_to_no_place_that_a_link_leads_to() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &["--listen", &free_address()]);
    let other = cite.dir().join("other");
    std::fs::write(&other, "mine").expect("it is ours");
    let part = cite.dir().join("a.pirate-audit.part");
    std::os::unix::fs::symlink(&other, &part).expect("it is ours");
    let said = cite.run(&["audit", "bundle", "-o", "a.pirate-audit"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(std::fs::read_to_string(&other).expect("it is there"), "mine");
    let written = cite.dir().join("a.pirate-audit").symlink_metadata().expect("it is there");
    assert!(written.is_file() && !part.exists(), "{written:?}");
}
