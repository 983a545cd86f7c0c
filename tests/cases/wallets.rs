//! What a member's wallet does without its node and says afterwards, played with real nodes and commands.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::path::Path;

use harness::processes::{
    Allied, Daemon, Home, admitted, founded, free_address, person, text_of, wait_for,
};
use proto::wire::Invitation;
use serde_json::Value;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

#[test]
fn what_is_signed_without_the_node_counts_once_though_one_of_it_is_refused() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &["--listen", &free_address()]);
    let zoe = admitted(&cite, place.path(), "zoe");
    let ana = admitted(&cite, place.path(), "ana");
    let asked = cite.data(&["ask", "1h"]);
    let request = asked["uri"].as_str().expect("a link");
    // Without the node the next order follows this one, too.
    zoe.data(&["pay", "1", "15min", "--yes"]);
    let offline =
        |line: &[&str]| zoe.run(&[&["pay"][..], line, &["--yes", "--offline", "--json"]].concat());
    // The first one will be refused, for somebody else pays that request meanwhile; two more are signed behind it.
    for line in [&[request][..], &["1", "15min"], &["1", "30min"]] {
        let said = offline(line);
        assert_eq!((said.code, said.error_code().as_str()), (Some(75), "P0310"), "{said:?}");
    }
    let twice = offline(&[request]);
    assert_eq!((twice.code, twice.error_code().as_str()), (Some(4), "P0413"), "{twice:?}");
    ana.data(&["pay", request, "--yes"]);
    // What the last answer of the node forbids is not signed.
    for (amount, code) in [("100h", "P0405"), ("2000h", "P0426"), ("1h20", "P0425")] {
        let said = offline(&["1", amount]);
        assert_eq!((said.code, said.error_code().as_str()), (Some(4), code), "{said:?}");
    }
    // A dry run sends none of them, says that they wait, to people and to programs, and counts them in.
    let account = zoe.dir().join("wallets/default/account");
    let kept = || std::fs::read(&account).expect("an account was told");
    let before = kept();
    for line in [&["pay", "1", "15min"][..], &["ask", "15min"], &["card", "show"]] {
        let said = zoe.run(&[line, &["--dry-run", "--lang", "en"]].concat());
        assert!(
            said.code == Some(0) && said.err.contains("3 signed orders still wait"),
            "{said:?}"
        );
        let said = zoe.run(&[line, &["--dry-run", "--json"]].concat());
        let object: Value = serde_json::from_str(&said.out).expect("an object");
        assert_eq!(
            (&object["dry_run"], &object["warnings"][0]["code"]),
            (&true.into(), &"W0302".into())
        );
        assert_eq!(zoe.data(&["status"])["orders_waiting"], 3, "{said:?}");
    }
    assert_eq!(kept(), before, "nothing is written");
    let balance = zoe.data(&["pay", "1", "15min", "--dry-run"])["balance_min"].clone();
    assert_eq!(balance, serde_json::json!({ "before": -15, "waiting": 105, "after": -135 }));
    for (amount, code) in [("100h", "P0405"), ("2000h", "P0426"), ("1h20", "P0425")] {
        let said = zoe.run(&["pay", "1", amount, "--dry-run", "--json"]);
        assert_eq!((said.code, said.error_code().as_str()), (Some(4), code), "{said:?}");
    }
    let said = zoe.run(&["balance", "--lang", "en"]);
    let all = format!("{}{}", said.out, said.err);
    assert_eq!(all.matches("recorded now").count(), 2, "{said:?}");
    assert!(all.contains("signed anew") && all.contains("already paid"), "{said:?}");
    assert_eq!(zoe.data(&["balance"])["minutes"].as_i64(), Some(-60), "{said:?}");
}

#[test]
fn a_list_of_requests_without_its_node_says_what_is_missing() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let address = free_address();
    let node = Daemon::start(&cite, &["--listen", &address]);
    let zoe = admitted(&cite, place.path(), "zoe");
    let asked = cite.data(&["ask", "1h", "--from", "2"]);
    let recipient = |asked: &Value| asked["recipients"][0].clone();
    let (sent, delivered) = (&recipient(&asked)["sent"], &recipient(&asked)["delivered"]);
    assert_eq!((sent, delivered), (&true.into(), &true.into()), "one home is both's");
    assert_eq!(cite.data(&["request", "list"])["items"][0]["with_number"], 2);
    let items = |said: &Value| said["items"].as_array().map(Vec::len);
    assert_eq!(items(&zoe.data(&["request", "list"])), Some(1));
    node.stop();
    let said = zoe.run(&["request", "list", "--lang", "en"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("No request made here"), "{said:?}");
    for (more, code) in [(&["--json"][..], "P0301"), (&["--json", "--offline"], "P0303")] {
        let said = zoe.run(&[&["request", "list"], more].concat());
        assert!(said.code == Some(0) && said.out.contains(code), "{said:?}");
        // Nobody says that there is none: only the home could know.
        let short = asked["short"].as_str().expect("a name");
        for line in [&["request", "show", short][..], &["pay", short, "--yes"]] {
            let said = zoe.run(&[line, more].concat());
            assert_eq!((said.code, said.error_code().as_str()), (Some(69), code), "{said:?}");
        }
    }
    // What is said to help with a link works: the name alone is not known here.
    let link = asked["uri"].as_str().expect("a link");
    let shown = zoe.run(&["request", "show", link, "--offline", "--json"]);
    let object: Value = serde_json::from_str(&shown.out).expect("an object");
    let pay = object["hints"][0]["argv"].as_array().expect("a command").clone();
    let pay: Vec<&str> = pay.iter().skip(1).filter_map(Value::as_str).collect();
    let paid = zoe.run(&[&pay[..], &["--yes", "--offline", "--json"]].concat());
    assert_eq!((paid.code, paid.error_code().as_str()), (Some(75), "P0310"), "{pay:?} {paid:?}");
    // One that nobody took to the member it asks does not look as if she had it.
    let left = cite.data(&["ask", "30min", "--from", "2"]);
    assert_eq!(recipient(&left)["sent"], false, "{left}");
    let _node = Daemon::start(&cite, &["--listen", &address]);
    let short = left["short"].as_str().expect("a name");
    assert_eq!(cite.data(&["request", "show", short])["state"], "undelivered");
    let shown = cite.run(&["request", "show", short]);
    assert!(shown.out.replace(['\n', ' '], "").contains(left["uri"].as_str().expect("a link")));
    assert_eq!(zoe.data(&["request", "list", "--state", "open"])["total"], 0, "she paid the other");
}

/// Where no ally tells it, only a new invitation does. One that leads to somebody else changes nothing.
#[test]
fn whoever_has_no_ally_to_ask_learns_from_an_invitation_where_the_node_is_now() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let node = Daemon::start(&cite, &["--listen", &free_address()]);
    let zoe = admitted(&cite, place.path(), "zoe");
    let first = text_of(&cite.data(&["member", "invite"]));
    let lou = person(place.path(), "lou");
    lou.data(&["join", &first, "--accept-charter", "--yes"]);
    assert_eq!(zoe.data(&["balance"])["fresh"], true);
    node.stop();
    let _moved = Daemon::start(&cite, &["--listen", &free_address()]);
    assert_eq!(zoe.data(&["balance"])["fresh"], false);
    let lost = lou.run(&["join", &first, "--json"]);
    assert_eq!((lost.code, lost.error_code().as_str()), (Some(69), "P0301"), "{lost:?}");
    let object: Value = serde_json::from_str(&lost.err).expect("an object");
    assert_eq!(object["fix"][1], "join", "{lost:?}");
    let now = text_of(&cite.data(&["member", "invite"]));
    let said = zoe.run(&["join", &now, "--lang", "en"]);
    assert!(said.code == Some(0) && said.err.contains("another address now"), "{said:?}");
    lou.data(&["join", &now]);
    let other = founded(&place.path().join("other"), "mariniers");
    let _other = Daemon::start(&other, &["--listen", &free_address()]);
    let read = |text: &str| Invitation::from_text(text).expect("an invitation");
    let elsewhere = read(&text_of(&other.data(&["member", "invite"])));
    let false_one = Invitation { cite: read(&now).cite, ..elsewhere };
    // It knows the home and shows what that says; it is another node all the same.
    other.data(&["federation", "join", &now, "--yes"]);
    let said = zoe.run(&["join", &false_one.to_text(), "--lang", "en"]);
    assert!(said.code == Some(0) && !said.err.contains("another address now"), "{said:?}");
    cite.data(&["member", "admit", "--all", "--yes"]);
    for who in [&zoe, &lou] {
        assert_eq!(who.data(&["balance"])["fresh"], true);
    }
}

/// The founder applied to nobody; and a name that is not kept is not an empty one.
#[test]
fn a_list_of_members_has_the_founders_name_and_says_which_are_not_known() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &[]);
    assert_eq!(cite.data(&["member", "list"])["items"][0]["alias"], "tisserandes");
    std::fs::remove_dir_all(cite.node().join("names")).expect("the directory is ours");
    assert_eq!(cite.data(&["member", "list"])["items"][0]["alias"], Value::Null);
    let said = cite.run(&["member", "list", "--lang", "en"]);
    let row = said.out.lines().find(|line| line.trim_start().starts_with('1')).unwrap_or_default();
    assert!(row.contains("unknown"), "{said:?}");
    // An invitation ends with a day, and whoever wrote less is told.
    for wrong in ["1s", "30s", "2h", "0d"] {
        let said = cite.run(&["member", "invite", "--expires", wrong, "--json"]);
        assert_eq!(said.error_code(), "P0416", "{said:?}");
    }
    cite.data(&["member", "invite", "--expires", "1d"]);
}

/// Founds a cité in which two stewards decide together, once there are two.
fn founded_by_two(place: &Path) -> Home {
    let cite = person(place, "tisserandes");
    let line = ["cite", "found", "--name", "tisserandes", "--place", "Lyon", "--test-network"];
    let rest = ["--approvals", "2", "--words-output", "mots-de-la-cite.txt", "--yes"];
    cite.data(&[&line[..], &rest].concat());
    cite
}

#[test]
fn an_alliance_that_waits_for_another_signature_is_not_proposed_twice() {
    let place = folder();
    let cite = founded_by_two(place.path());
    let other = founded(place.path(), "mariniers");
    let start = |home| Daemon::start(home, &["--listen", &free_address()]);
    let _nodes = [&cite, &other].map(start);
    let zoe = person(place.path(), "zoe");
    let invitation = text_of(&cite.data(&["member", "invite"]));
    zoe.data(&["join", &invitation, "--accept-charter", "--yes"]);
    cite.data(&["member", "admit", "--all", "--steward", "--yes"]);
    let invitation = text_of(&other.data(&["member", "invite"]));
    cite.data(&["federation", "join", &invitation, "--yes"]);
    let ally =
        |limit| cite.run(&["federation", "ally", "mariniers", "--limit", limit, "--yes", "--json"]);
    wait_for("the other cité to be known", || (ally("10h").code == Some(0)).then_some(()));
    let acts = || cite.data(&["cite", "approve", "--list"])["items"].clone();
    let proposed = acts();
    assert_eq!(proposed.as_array().map(Vec::len), Some(2), "the account and the witness");
    for limit in ["10h", "20h"] {
        let said = ally(limit);
        assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0736"), "{said:?}");
        assert_eq!(acts(), proposed);
    }
    for act in proposed.as_array().expect("a list") {
        let act = act["act"].as_str().expect("an identity");
        zoe.data(&["cite", "approve", act, "--yes"]);
    }
    assert_eq!(cite.data(&["cite", "show"])["mirrors"].as_array().map(Vec::len), Some(1));
    // Another line may be proposed now; it is another act.
    assert_eq!(ally("20h").code, Some(0));
    assert_eq!(acts()[0]["what"]["type"], "line");
}

#[test]
fn nobody_is_called_admitted_who_waits_for_another_signature() {
    let place = folder();
    let cite = founded_by_two(place.path());
    let _node = Daemon::start(&cite, &["--listen", &free_address()]);
    let apply = |name: &str| {
        let invitation = cite.data(&["member", "invite"]);
        let member = person(place.path(), name);
        member.data(&["join", &text_of(&invitation), "--accept-charter", "--yes"]);
        member
    };
    let admit = |more: &[&str]| {
        let line = ["member", "admit", "--all", "--yes", "--lang", "en"];
        let said = cite.run(&[&line[..], more].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out
    };
    // One steward alone decides alone, whatever the rules say.
    let zoe = apply("zoe");
    let alone = admit(&["--steward"]);
    assert!(alone.contains("zoe admitted"), "{alone}");
    let ana = apply("ana");
    let both = admit(&[]);
    assert!(both.contains("Admission of ana: signed") && !both.contains("ana admitted"), "{both}");
    // Until the other steward signed, too, she waits, and is known by her name.
    let hers = ana.run(&["balance", "--lang", "en"]);
    assert!(hers.err.contains("not admitted you yet"), "{hers:?}");
    let applied = cite.data(&["member", "list", "--state", "applied"]);
    assert_eq!(applied["items"][0]["state"], "proposed");
    // Nothing is left to decide about her; what helps is the missing signature.
    for (line, list) in [
        (&["member", "list", "--state", "applied"][..], "items"),
        (&["member", "admit", "--all", "--yes"], "waiting"),
        (&["member", "admit"], "waiting"),
    ] {
        let said = zoe.run(&[line, &["--json"]].concat());
        let object: Value = serde_json::from_str(&said.out).expect("an object");
        assert_eq!(object["data"][list][0]["alias"], "ana", "{said:?}");
        assert_eq!(object["hints"][0]["argv"][1], "cite", "{said:?}");
    }
    let again = zoe.run(&["member", "admit", "ana", "--yes", "--json"]);
    assert_eq!((again.code, again.error_code().as_str()), (Some(4), "P0735"), "{again:?}");
    let act = cite.data(&["cite", "approve", "--list"])["items"][0]["act"].clone();
    let object: Value = serde_json::from_str(&again.err).expect("an object");
    assert_eq!((&object["fix"][2], &object["fix"][3]), (&"approve".into(), &act), "{again:?}");
    let declined = cite.run(&["member", "decline", "ana", "--yes", "--json"]);
    assert_eq!((declined.code, declined.error_code().as_str()), (Some(4), "P0735"), "{declined:?}");
    // Where nobody sees which act it is, it is named by what no other act has.
    for line in [&["cite", "approve"][..], &["cite", "approve", "1"]] {
        let said = zoe.run(&[line, &["--yes", "--json"]].concat());
        assert_eq!((said.code, said.error_code().as_str()), (Some(2), "P0001"), "{said:?}");
    }
    let act = act.as_str().expect("an identity");
    let signed = zoe.run(&["cite", "approve", act, "--yes", "--lang", "en"]);
    let all = format!("{}{}", signed.out, signed.err);
    assert!(signed.code == Some(0) && all.contains("of ana (pmemb1"), "{signed:?}");
    assert_eq!(ana.data(&["balance"])["number"], 3);
    let names = cite.data(&["member", "list"]);
    assert_eq!(
        (&names["items"][2]["alias"], &names["items"][2]["state"]),
        (&"ana".into(), &"active".into())
    );
    assert_eq!(cite.data(&["member", "list", "--state", "applied"])["items"][0], Value::Null);
}

#[test]
fn a_request_handed_over_as_a_link_is_shown_as_its_home_knows_it() {
    let place = folder();
    let Allied { cites: [payee, _there], members: [zoe, ana], nodes: [here, _node] } =
        Allied::new(place.path());
    let asked = payee.data(&["ask", "1h"]);
    let link = asked["uri"].as_str().expect("a link");
    let state = |who: &Home| who.data(&["request", "show", link])["state"].clone();
    let everybody = |said: &str| {
        // Who made it, who may pay it, and somebody of another cité, through the own node.
        assert_eq!([&payee, &zoe, &ana].map(state), [said; 3]);
        let listed = payee.data(&["request", "list"]);
        let items = listed["items"].as_array().expect("a list");
        let one = items.iter().find(|item| item["request"] == asked["request"]);
        assert_eq!(one.expect("it is hers")["state"], said);
    };
    everybody("open");
    // What is sent to another home is on its way there; whether that takes it is not known yet.
    let sent = payee.data(&["ask", "1h", "--from", "2@mariniers"])["recipients"][0].clone();
    assert_eq!((&sent["sent"], &sent["delivered"]), (&true.into(), &false.into()), "{sent}");
    zoe.data(&["pay", link, "--yes"]);
    everybody("paid");
    let again = ana.run(&["pay", link, "--yes", "--json"]);
    assert_eq!((again.code, again.error_code().as_str()), (Some(4), "P0413"), "{again:?}");
    here.stop();
    assert_eq!(state(&ana), "unknown", "nobody answers");
}

#[test]
fn recovery_words_bring_back_the_account_and_open_no_second_one() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &["--listen", &free_address()]);
    let zoe = admitted(&cite, place.path(), "zoe");
    zoe.data(&["pay", "1", "15min", "--yes"]);
    let address = text_of(&cite.data(&["cite", "show"]));
    let restored = |name: &str, words: &Home| {
        let home = Home::at(place.path().join(name));
        let words = words.dir().join("mots.txt").display().to_string();
        home.data(&["key", "new", "--test-lock", "--alias", name, "--words-file", &words]);
        home
    };
    let new = restored("new", &zoe);
    let dry = new.run(&["join", &address, "--dry-run", "--lang", "en"]);
    assert!(dry.code == Some(0) && dry.out.contains("number 2"), "{dry:?}");
    assert_eq!(new.data(&["join", &address, "--dry-run"])["state"], "dry_run");
    let said = new.run(&["join", &address, "--lang", "en"]);
    assert!(
        said.code == Some(0) && said.out.contains("a member of tisserandes already"),
        "{said:?}"
    );
    assert_eq!(new.data(&["join", &address])["number"], 2, "said again");
    for known in [&zoe, &new] {
        assert_eq!(known.data(&["balance"])["minutes"].as_i64(), Some(-15), "{said:?}");
    }
    assert_eq!(new.data(&["card", "show"])["member"], zoe.data(&["card", "show"])["member"]);
    new.data(&["pay", "1", "30min", "--yes"]);
    assert_eq!(zoe.data(&["balance"])["minutes"].as_i64(), Some(-45), "one account");
    // Who founded the cité is a member like others; who is none needs an invitation.
    let founder = restored("founder", &cite).data(&["join", &address]);
    assert_eq!((&founder["number"], &founder["state"]), (&1.into(), &"admitted".into()));
    let stranger = person(place.path(), "stranger").run(&["join", &address, "--json"]);
    assert_eq!((stranger.code, stranger.error_code().as_str()), (Some(4), "P0704"), "{stranger:?}");
    assert_eq!(cite.data(&["member", "list"])["items"].as_array().map(Vec::len), Some(2));
}

/// Decision 25: the true home has orders with the numbers that an older image of it would give.
#[test]
fn nothing_is_signed_on_the_word_of_a_home_that_was_set_back() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let address = free_address();
    let node = Daemon::start(&cite, &["--listen", &address]);
    let zoe = admitted(&cite, place.path(), "zoe");
    node.stop();
    let older = cite.image(&place.path().join("older"));
    let node = Daemon::start(&cite, &["--listen", &address]);
    for _ in 0..2 {
        zoe.data(&["pay", "1", "30min", "--yes"]);
    }
    assert_eq!(zoe.data(&["balance"])["minutes"], -60);
    node.stop();
    let newer = cite.image(&place.path().join("newer"));
    cite.set_back(&older);
    let node = Daemon::start(&cite, &["--listen", &address]);
    let said = zoe.run(&["balance", "--json"]);
    let data = said.answer();
    assert_eq!((&data["fresh"], &data["minutes"]), (&false.into(), &(-60).into()), "{said:?}");
    assert!(said.out.contains("P0214"), "{said:?}");
    let waits = zoe.run(&["pay", "1", "15min", "--yes", "--json"]);
    assert_eq!((waits.code, waits.error_code().as_str()), (Some(75), "P0310"), "{waits:?}");
    node.stop();
    cite.set_back(&newer);
    let _node = Daemon::start(&cite, &["--listen", &address]);
    assert_eq!(
        zoe.data(&["balance"])["minutes"],
        -75,
        "what waited is recorded, behind the others"
    );
    assert_eq!(zoe.data(&["history"])["entries"].as_array().map(Vec::len), Some(3));
}

/// Whoever asks how far an application is knows it from then on, also without the home.
#[test]
fn an_application_that_was_declined_is_called_so() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &["--listen", &free_address()]);
    let invitation = || text_of(&cite.data(&["member", "invite"]));
    let tim = person(place.path(), "tim");
    tim.data(&["join", &invitation(), "--accept-charter", "--yes"]);
    let state = || tim.data(&["status"])["member"]["state"].clone();
    assert_eq!(state(), "applied");
    cite.data(&["member", "decline", "tim", "--yes"]);
    assert_eq!(tim.run(&["card", "show", "--json"]).error_code(), "P0734");
    assert_eq!(state(), "declined");
    let said = tim.run(&["status"]);
    assert!(said.out.contains("demande refusée") && said.err.contains("rejoindre"), "{said:?}");
    tim.data(&["join", &invitation(), "--accept-charter", "--yes"]);
    assert_eq!(state(), "applied");
}
