//! `pirate key new`: a new identity and its recovery words, or (`--restore`) the same identity again.
//! Words are shown once to a person, or written to a private file; never to stdout, never to a log.

use std::{io::Read as _, path::Path};

use proto::desk::ALIAS_MAX;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    asked_back,
    codes::{self, Code},
    commands::Args,
    context::Context,
    error::{Failure, file_failure},
    input,
    keyring::{Identity, hex},
    language::{Lang, Text},
    output::{Done, Mark, Screen},
    sealed::{self, Lock, SealError},
    text, typed,
    words::{self, Entropy, Reading},
};

/// Largest words file that is read, in bytes.
const WORDS_BYTES_MAX: u64 = 4_096;
/// What is wrong with words where a finger may have slipped.
const SLIPS: [Code; 3] = [codes::WORDS_COUNT, codes::UNKNOWN_WORD, codes::WORDS_DO_NOT_FIT];

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let keyring = context.keyring();
    let profile = context.paths.profile();
    if keyring.holds(profile)? {
        return Err(Failure::new(
            codes::IDENTITY_EXISTS,
            text!("identity-exists", profile = profile),
        )
        .because(text!("identity-nothing-changed"))
        .fix(&["pirate", "key", "show"])
        .fix_for(text!("fix-other-profile"), &["pirate", "key", "new", "--profile", "…"]));
    }
    let lang = args.text("words-lang").and_then(Lang::of_locale);
    let restore = args.flag("restore") || args.text("words-file").is_some();
    if restore {
        let reading = read_words(context, args.text("words-file"), lang)?;
        let alias = alias(context, args)?;
        let identity = Identity::new(reading.entropy, reading.lang, alias, context.now());
        return keep(context, args, &identity, None, true);
    }
    if !context.prompt.can_ask() && args.text("words-output").is_none() {
        return Err(Failure::new(codes::WORDS_NOT_KEPT, text!("words-not-kept")).fix(&[
            "pirate",
            "key",
            "new",
            "--words-output",
            "…",
        ]));
    }
    let alias = alias(context, args)?;
    let identity = Identity::new(fresh()?, lang.unwrap_or(context.lang), alias, context.now());
    let output = args.path("words-output");
    let checked = output.is_none() && show_and_check(context, &identity)?;
    keep(context, args, &identity, output.as_deref(), checked)
}

fn fresh() -> Result<Entropy, Failure> {
    let mut entropy = Zeroizing::new([0; 16]);
    getrandom::fill(entropy.as_mut_slice())
        .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
    Ok(entropy)
}

/// Returns how the person wants to be called here; the profile's name when nobody can be asked.
fn alias(context: &Context, args: &Args<'_>) -> Result<String, Failure> {
    let given = match args.text("alias") {
        Some(alias) => alias.to_owned(),
        None if context.prompt.can_ask() => {
            context.prompt.line(&text!("ask-alias"), "--alias")?.to_string()
        }
        None => String::new(),
    };
    let alias = typed::plain(&given, ALIAS_MAX)?;
    Ok(if alias.is_empty() { context.paths.profile().to_owned() } else { alias })
}

/// Returns twelve words from a file, or as somebody types them; what was read otherwise than typed was
/// confirmed.
pub(in crate::commands) fn read_words(
    context: &Context,
    file: Option<&str>,
    lang: Option<Lang>,
) -> Result<Reading, Failure> {
    let reading = match file {
        None => {
            context.show(&Screen::new().line(text!("ask-words-how")));
            context.typed(&SLIPS, || {
                let typed = context.prompt.line(&text!("ask-words"), "--words-file")?;
                words::read(&typed, lang).map_err(words::WordsError::failure)
            })?
        }
        Some(name) => {
            let mut read = Zeroizing::new(String::new());
            input::open_or_stdin(name)?
                .take(WORDS_BYTES_MAX)
                .read_to_string(&mut read)
                .map_err(|error| file_failure(false, Path::new(name), &error))?;
            words::read(&read, lang).map_err(words::WordsError::failure)?
        }
    };
    confirm_reading(context, &reading)?;
    Ok(reading)
}

/// What was read otherwise than typed is always shown, and confirmed when somebody is there.
fn confirm_reading(context: &Context, reading: &Reading) -> Result<(), Failure> {
    if reading.corrected.is_empty() {
        return Ok(());
    }
    let screen = reading.corrected.iter().fold(Screen::new(), |screen, (place, typed, read)| {
        screen.inset(text!(
            "word-read-as",
            place = *place,
            typed = typed.as_str(),
            read = read.as_str()
        ))
    });
    context.show(&screen);
    if context.prompt.can_ask() {
        context.prompt.confirm(&text!("words-read-right"), true)
    } else {
        Ok(())
    }
}

fn write_words(identity: &Identity, path: &Path) -> Result<(), Failure> {
    let phrase = words::phrase(identity.words_lang(), identity.entropy());
    let line = Zeroizing::new(format!("{}\n", phrase.join(" ")));
    sealed::write_new(path, line.as_bytes()).map_err(|error| match error {
        SealError::Io(error) => file_failure(true, path, &error),
        other => {
            Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(&other)
        }
    })
}

/// Shows the words and asks three of them back, so that a key without written words is never used.
fn show_and_check(context: &Context, identity: &Identity) -> Result<bool, Failure> {
    let lang = identity.words_lang();
    let phrase = words::phrase(lang, identity.entropy());
    let unknown = Failure::new(codes::WORDS_NOT_KEPT, text!("words-not-known-back"));
    let heading = text!("words-write-down");
    asked_back::show(context, (lang, &phrase), &heading, unknown)?;
    Ok(true)
}

/// Keeps the identity; the words first, so that there is never a key whose words nobody has.
fn keep(
    context: &Context,
    args: &Args<'_>,
    identity: &Identity,
    words_output: Option<&Path>,
    checked: bool,
) -> Result<Done, Failure> {
    let profile = context.paths.profile();
    let passphrase = context.new_passphrase()?;
    let lock = if args.flag("test-lock") { Lock::Test } else { Lock::Strong };
    let words_checked = checked.then(|| context.now());
    if !context.global.dry_run {
        let _progress = context.progress(text!("locking"));
        if let Some(path) = words_output {
            write_words(identity, path)?;
        }
        context.keyring().create(profile, identity, words_checked, &passphrase, lock)?;
    }
    let key = identity.device_key().public().0;
    let data = json!({
        "profile": profile,
        "alias": identity.alias(),
        "public_key": hex(&key),
        "fingerprint_words": {
            "fr": words::fingerprint(Lang::Fr, &key),
            "en": words::fingerprint(Lang::En, &key),
        },
        "words_lang": identity.words_lang().tag(),
        "words_checked": checked,
        "kept": !context.global.dry_run,
    });
    let kept = if context.global.dry_run { "key-dry-run" } else { "key-created" };
    let screen = Screen::new()
        .mark(Mark::Good, Text::new(kept).with("alias", identity.alias()))
        .fact(text!("label-fingerprint"), words::fingerprint(context.lang, &key).join(" · "));
    let mut done = Done::new(data, screen);
    if context.global.dry_run {
        return Ok(done);
    }
    if !checked {
        done = done.warn(codes::WORDS_NOT_CHECKED, text!("warn-words-not-checked"), &[]);
    }
    if lock == Lock::Test {
        done = done.warn(codes::TEST_LOCK, text!("warn-test-lock"), &[]);
    }
    Ok(done.hint(text!("next-show-key"), &["pirate", "key", "show"]))
}
