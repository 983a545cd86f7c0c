//! The command tree: both languages, every spelling, screens that fit, errors that help.

use std::ffi::OsString;

use unicode_normalization::UnicodeNormalization as _;

use super::{Asked, SPECS, command, find, help, parse, spoken};
use crate::{codes, language::Lang};

fn asked(lang: Lang, line: &str) -> Result<Asked, crate::error::Failure> {
    let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    parse(lang, &args, |_| None)
}

fn ran(lang: Lang, line: &str) -> Option<&'static str> {
    match asked(lang, line) {
        Ok(Asked::Run(invocation)) => Some(invocation.command),
        _ => None,
    }
}

#[test]
fn clap_finds_no_fault_in_the_tree() {
    for lang in Lang::ALL {
        command(lang).debug_assert();
    }
}

#[test]
fn every_spelling_of_a_command_is_understood_in_both_languages() {
    for lang in Lang::ALL {
        for line in ["key show", "cle voir", "clé voir", "key voir", "clé show"] {
            assert_eq!(ran(lang, &format!("pirate {line}")), Some("key show"), "{line}");
            let decomposed: String = line.nfd().collect();
            assert_eq!(ran(lang, &format!("pirate {decomposed}")), Some("key show"), "{line}");
        }
        assert_eq!(ran(lang, "pirate aide"), Some("help"));
        assert_eq!(ran(lang, "pirate expliquer P0401 --json"), Some("explain"));
        assert_eq!(ran(lang, "pirate --plain explain P0401"), Some("explain"));
    }
}

#[test]
fn nothing_is_guessed() {
    for line in ["pirate ke new", "pirate key ne", "pirate expl P0401", "pirate pay"] {
        let failure = asked(Lang::En, line).expect_err("no command is guessed from its beginning");
        assert_eq!(failure.code(), codes::USAGE, "{line}");
    }
}

#[test]
fn names_are_ascii_and_unique_in_each_language() {
    for (place, spec) in SPECS.iter().enumerate() {
        assert!(spec.en.is_ascii() && spec.fr.is_ascii());
        assert_eq!(spec.names().0.len(), spec.fr.split(' ').count(), "{}", spec.en);
        assert_eq!(spec.names().0.len(), spec.accented.split(' ').count(), "{}", spec.en);
        let bare: String = spec
            .accented
            .nfd()
            .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
            .collect();
        assert_eq!(bare, spec.fr, "the accented name is the French name with accents");
        for other in SPECS.iter().skip(place + 1) {
            assert!(spec.en != other.en && spec.fr != other.fr, "{}", spec.en);
        }
    }
}

#[test]
fn every_page_fits_the_screen_and_begins_with_two_examples() {
    for lang in Lang::ALL {
        // As it will be when every command of the table has its handler.
        let all: Vec<_> = SPECS.iter().collect();
        let first = help::first_page(lang, &all);
        assert!(first.contains(&lang.t("cmd-balance")) && first.lines().count() <= 24, "{first}");
        let pages = SPECS.iter().map(|spec| help::page(lang, spec));
        for page in pages.chain([first, help::everything(lang)]) {
            for line in page.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
        for spec in SPECS {
            let page = help::page(lang, spec);
            let examples =
                page.lines().skip(3).take(2).filter(|line| line.starts_with("  pirate ")).count();
            assert_eq!(examples, 2, "{page}");
        }
    }
}

#[test]
fn examples_name_commands_of_the_table() {
    for lang in Lang::ALL {
        for spec in SPECS {
            for example in ["ex1", "ex2"] {
                let line =
                    lang.attribute(&spec.id(), example).expect("every command has two examples");
                let name = format!("pirate {}", spec.name(lang));
                assert!(line == name || line.starts_with(&format!("{name} ")), "{line}");
            }
        }
    }
}

#[test]
fn commands_in_sentences_are_in_the_words_of_the_reader() {
    let argv = ["pirate", "key", "new", "--alias", "Zoé de Lyon"].map(str::to_owned);
    assert_eq!(spoken(Lang::Fr, &argv), "pirate cle creer --alias 'Zoé de Lyon'");
    assert_eq!(spoken(Lang::En, &argv), "pirate key new --alias 'Zoé de Lyon'");
    let other = ["chmod", "600", "/a b"].map(str::to_owned);
    assert_eq!(spoken(Lang::Fr, &other), "chmod 600 '/a b'");
}

#[test]
fn a_shell_reads_the_words_of_a_command_and_does_nothing_that_they_say() {
    let words =
        ["$(echo sh)", "a>b", "`echo sh`", "a;b", "it's", "\"", "$HOME", "!!", "a\\b", "*", ""];
    let argv: Vec<String> =
        ["printf", "%s\\n"].iter().chain(&words).map(|w| (*w).to_owned()).collect();
    let line = spoken(Lang::En, &argv);
    let said =
        std::process::Command::new("sh").args(["-c", &line]).output().expect("there is a shell");
    let read = String::from_utf8(said.stdout).expect("they are text");
    assert_eq!(read.lines().collect::<Vec<_>>(), words, "{line}");
}

#[test]
fn wrong_usage_is_said_in_the_language_of_the_reader() {
    for (line, fr, en) in [
        ("pirate xyzzy", "n’est pas une commande", "is not a command"),
        ("pirate key", "Il manque un mot après", "A word is missing after"),
        ("pirate key show --nope", "n’existe pas ici", "There is no option"),
        ("pirate explain P0401 encore", "est de trop", "is one too many"),
        ("pirate --lang de help", "ne convient pas", "does not fit"),
        ("pirate completion", "Il manque <SHELL>", "<SHELL> is missing"),
        ("pirate audit verify", "Il manque <FICHIER>.", "<FILE> is missing."),
        ("pirate --home", "Il manque une valeur", "A value is missing"),
    ] {
        for (lang, part) in [(Lang::Fr, fr), (Lang::En, en)] {
            let failure = asked(lang, line).expect_err("this is no command line of ours");
            let said = lang.say(failure.message());
            assert!(said.contains(part) && !said.contains(".."), "{line}: {said}");
            assert_eq!(failure.exit().code(), 2);
        }
    }
}

#[test]
fn what_was_probably_meant_is_offered() {
    let failure = asked(Lang::Fr, "pirate expliqer P0401").expect_err("mistyped");
    let said: Vec<String> = failure.details().iter().map(|detail| Lang::Fr.say(detail)).collect();
    assert!(said.iter().any(|line| line.contains("expliquer")), "{said:?}");
    // Of several the nearest stands first.
    let failure = asked(Lang::Fr, "pirate paier 1 1h").expect_err("mistyped");
    let said: Vec<String> = failure.details().iter().map(|detail| Lang::Fr.say(detail)).collect();
    assert!(said.iter().any(|line| line.contains("payer ou aide")), "{said:?}");
}

#[test]
fn what_help_is_asked_about_is_in_the_readers_language_too() {
    for (argv, french) in [
        ("pirate help pay", "pirate aide payer"),
        ("pirate help request list", "pirate aide demande lister"),
        ("pirate help node", "pirate aide noeud"),
        ("pirate help all", "pirate aide tout"),
        ("pirate help nothing", "pirate aide nothing"),
        ("pirate member list --state applied", "pirate membre lister --state applied"),
        ("pirate pay node 1h", "pirate payer node 1h"),
    ] {
        let words: Vec<String> = argv.split(' ').map(str::to_owned).collect();
        assert_eq!(super::spoken(Lang::Fr, &words), french);
        assert_eq!(super::spoken(Lang::En, &words), argv);
    }
}

#[test]
fn help_is_found_from_the_words_before_it() {
    for line in
        ["pirate key new --help", "pirate --home x cle creer --aide", "pirate key new --alias a -h"]
    {
        match asked(Lang::En, line) {
            Ok(Asked::Help(words)) => {
                let spec = find(&words.join(" ")).expect("the words before --help are a command");
                assert_eq!(spec.en, "key new", "{line}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}
