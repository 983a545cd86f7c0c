//! Every way out that an error, a warning or a page names is a command line of this program, in both languages.

use std::{ffi::OsString, fs, path::Path};

use crate::{
    codes,
    language::Lang,
    tree::{self, Asked},
};

/// Stand for the command that the person typed, where a way out adds a flag to it: one of them has the flag.
const TYPED: [&[&str]; 2] = [&["status"], &["ask", "1h"]];

/// Returns why a command line is none, or `None`.
fn fault(lang: Lang, argv: &[String]) -> Option<String> {
    if argv.get(1).is_none_or(|word| word != "…") {
        return fault_of(lang, argv);
    }
    let faults = TYPED.map(|typed| {
        let mut argv = argv.to_vec();
        argv.splice(1..2, typed.iter().map(|word| (*word).to_owned()));
        fault_of(lang, &argv)
    });
    faults.into_iter().min()?
}

fn fault_of(lang: Lang, argv: &[String]) -> Option<String> {
    let typed: Vec<OsString> =
        tree::spoken(lang, argv).split(' ').map(|word| word.replace('\'', "").into()).collect();
    match tree::parse(lang, &typed, |_| None) {
        Ok(Asked::Help(words)) if !words.is_empty() && tree::overview(lang, &words).is_none() => {
            Some(format!("{argv:?}: no such page"))
        }
        Ok(Asked::Run(run)) if run.command == "help" => {
            let topic: Vec<String> = argv.iter().skip(2).cloned().collect();
            // Capitals and `…` stand for a name that the person knows.
            let open =
                topic.iter().any(|word| *word == "…" || word.chars().all(char::is_uppercase));
            let known = topic.is_empty() || open || tree::overview(lang, &topic).is_some();
            (!known).then(|| format!("{argv:?}: no such page"))
        }
        Ok(_) => None,
        Err(failure) => Some(format!("{argv:?}: {}", lang.say(failure.message()))),
    }
}

#[test]
fn every_code_names_a_command_that_is_one() {
    for code in codes::ALL {
        for lang in Lang::ALL {
            assert_eq!(fault(lang, &code.fix()), None, "{} in {lang:?}", code.name());
        }
    }
    // The search would see one that is none.
    for wrong in ["pirate ke new", "pirate key new --restored", "pirate … --nothing"] {
        let argv: Vec<String> = wrong.split(' ').map(str::to_owned).collect();
        assert!(fault(Lang::En, &argv).is_some(), "{wrong}");
    }
}

/// No command helps with these, or none of whoever reads it (P0214 is told to members); their pages say what to do.
const ONLY_A_PAGE: &[&str] =
    &["P0214", "P0311", "W0101", "W0102", "W0201", "W0301", "V0", "V10", "V11", "V30", "V40"];

#[test]
fn an_error_leads_to_its_page_only_where_no_command_helps() {
    let page = |code: &codes::Code| code.fix().get(1).is_some_and(|word| word == "explain");
    let only: Vec<&str> = codes::ALL.iter().filter(|c| page(c)).map(|c| c.name()).collect();
    let pages: Vec<&str> = only.into_iter().filter(|name| *name != "P0004").collect();
    assert_eq!(pages, ONLY_A_PAGE);
}

#[test]
fn the_way_out_is_that_of_the_command_and_of_the_home_that_were_typed() {
    let typed = |line: &str| -> tree::Typed {
        let typed: Vec<OsString> = line.split(' ').map(Into::into).collect();
        match tree::parse(Lang::Fr, &typed, |_| Some("other".to_owned())) {
            Ok(Asked::Run(run)) => run.typed,
            other => panic!("{other:?}"),
        }
    };
    let here = typed("pirate membre lister");
    let there = typed("pirate --home /tmp/x membre lister --profile zoe");
    for (line, same, elsewhere) in [
        ("pirate … --timeout 60s", "pirate member list --timeout 60s", true),
        ("pirate help …", "pirate help member list", false),
        ("pirate explain P0311", "pirate explain P0311", false),
        ("pirate node run", "pirate node run", true),
        ("chmod 600 a", "chmod 600 a", false),
    ] {
        let complete = |typed: &tree::Typed| {
            let mut argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
            typed.complete(&mut argv);
            argv.join(" ")
        };
        assert_eq!(complete(&here), same);
        let place = if elsewhere { " --home /tmp/x --profile zoe" } else { "" };
        assert_eq!(complete(&there), format!("{same}{place}"));
    }
    let pay = typed("pirate payer 1 1h30 --for Pain --on 2026-11-27 --yes");
    for (line, whole) in [
        ("pirate … --yes", "pirate pay 1 1h30 --for Pain --on 2026-11-27 --yes"),
        ("pirate … --for …", "pirate pay 1 1h30 --on 2026-11-27 --for …"),
        ("pirate help …", "pirate help pay"),
    ] {
        let mut argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
        pay.complete(&mut argv);
        assert_eq!(argv.join(" "), whole);
    }
    // What failed leads to its own page, and to itself with what it lacked.
    for (line, code, whole) in [
        ("pirate demo --days 3", codes::USAGE, "pirate help demo"),
        ("pirate releve --with 99", codes::NO_SUCH_MEMBER, "pirate help history"),
        ("pirate demander 1h --from x", codes::PAYEE_UNREADABLE, "pirate help ask"),
        ("pirate carte voir -o a", codes::CANNOT_WRITE, "pirate help card show"),
        (
            "pirate federation rejoindre pinv1abc",
            codes::INVITATION_UNREADABLE,
            "pirate help federation join",
        ),
        (
            "pirate demander 1h --expires 400j",
            codes::REQUEST_TOO_LONG,
            "pirate ask 1h --expires 7d",
        ),
    ] {
        let mut argv = code.fix();
        typed(line).complete(&mut argv);
        assert_eq!(argv.join(" "), whole, "{line}");
    }
    let late = ["pirate", "etat", "--timeout", "3"].map(OsString::from);
    let failure = tree::parse(Lang::Fr, &late, |_| None).expect_err("three of what?");
    assert_eq!(failure.fixes()[0].argv, ["pirate", "help", "status"]);
    let mut other: Vec<String> =
        ["pirate", "join", "…", "--profile", "…"].map(str::to_owned).into();
    there.complete(&mut other);
    assert_eq!(other.join(" "), "pirate join … --profile … --home /tmp/x");
}

/// Returns the command lines that stand in the source, with `…` for what is not known before the program
/// runs.
fn in_source(folder: &Path, found: &mut Vec<(String, Vec<String>)>) {
    for entry in fs::read_dir(folder).expect("the sources are there").flatten() {
        let path = entry.path();
        let name = path.display().to_string();
        if path.is_dir() {
            in_source(&path, found);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).expect("a source is text");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for list in text.split('[').skip(1) {
                let list = list.split(']').next().unwrap_or_default().trim();
                if !list.starts_with("\"pirate\",") {
                    continue;
                }
                let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
                let argv = words.map(|word| {
                    let bare = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
                    bare.unwrap_or("…").to_owned()
                });
                found.push((name.clone(), argv.collect()));
            }
        }
    }
}

#[test]
fn every_command_that_the_source_offers_is_one() {
    let mut found = Vec::new();
    in_source(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    assert!(found.len() > 60, "the search has lost the source: {}", found.len());
    for (file, argv) in found {
        for lang in Lang::ALL {
            assert_eq!(fault(lang, &argv), None, "{file} in {lang:?}");
        }
    }
}

#[test]
fn every_command_on_the_page_of_a_code_is_one_in_the_words_of_its_language() {
    let (mut commands, mut wrong) = (0, Vec::new());
    for code in codes::ALL {
        for lang in Lang::ALL {
            let steps = lang.attribute(&code.page(), "todo").expect("every page has its steps");
            for step in steps.lines() {
                let Some((_, line)) = step.split_once("pirate ") else { continue };
                let line = line.split([';', ',', '(', ')']).next().unwrap_or_default().trim();
                let mut argv = vec!["pirate".to_owned()];
                argv.extend(line.split_whitespace().map(str::to_owned));
                wrong.extend(fault(lang, &argv).map(|fault| (code.name(), lang, fault)));
                commands += 1;
                // In its own language: English words are not shown to who reads French, nor the other way.
                let english: Vec<&str> =
                    line.split(' ').take_while(|w| !w.starts_with('-')).collect();
                let known = (1..=english.len().min(2))
                    .rev()
                    .find_map(|count| tree::find(&english.get(..count)?.join(" ")));
                if let Some(spec) = known {
                    let name = if lang == Lang::Fr { spec.fr } else { spec.en };
                    assert!(line.starts_with(name), "{} in {lang:?}: {step}", code.name());
                }
            }
        }
    }
    assert_eq!(wrong, []);
    assert!(commands > 60, "the search has lost the pages: {commands}");
}
