//! `pirate key show`: my public identifier, in hex and as six words to compare aloud.
//! Needs no passphrase; shows no secret.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proto::time::UnixMillis;
use serde_json::json;

use crate::{
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    keyring::{Nameplate, hex},
    language::Lang,
    output::{Done, Screen},
    text,
    wallet::Wallet,
    words,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let plate = match context.keyring().nameplate(context.paths.profile()) {
        Some(plate) => plate,
        // No nameplate: either there is no identity, which opening says, or it has to be written anew.
        None => context.identity()?.nameplate(None),
    };
    let key = plate.public().map(|key| key.0).unwrap_or_default();
    if args.flag("raw") {
        return Ok(Done::raw(format!("{}\n", hex(&key))));
    }
    Ok(done(context, &plate, &key))
}

fn done(context: &Context, plate: &Nameplate, key: &[u8; 32]) -> Done {
    // Whoever joined no cité is nobody's member yet.
    let member = Wallet::look(context).ok().flatten();
    let spoken = |lang| words::fingerprint(lang, key).join(" · ");
    let checked = plate.words_checked_ms.map(UnixMillis);
    let screen = Screen::new()
        .fact(text!("label-profile"), context.paths.profile())
        .fact(text!("label-alias"), plate.alias.as_str())
        .fact(text!("label-public-key"), hex(key))
        .fact(text!("label-fingerprint"), spoken(context.lang))
        .fact(text!("label-created"), UnixMillis(plate.created_ms))
        .fact(
            text!("label-words-checked"),
            match checked {
                Some(instant) => crate::language::Value::Instant(instant),
                None => text!("words-never-checked").into(),
            },
        );
    let data = json!({
        "profile": context.paths.profile(),
        "alias": plate.alias,
        "member": member.map(|wallet| wallet.member().to_string()),
        "public_key": hex(key),
        "ssh": ssh(key),
        "fingerprint_words": {
            "fr": words::fingerprint(Lang::Fr, key),
            "en": words::fingerprint(Lang::En, key),
        },
        "words_checked_at": checked.map(dates::rfc3339),
        "created_at": dates::rfc3339(UnixMillis(plate.created_ms)),
        "locked": true,
    });
    Done::new(data, screen)
}

/// Returns the key as OpenSSH writes it in one line: two strings, each with its length (RFC 4253, 6.6 and
/// RFC 8709), so that `ssh-keygen -l` reads it.
fn ssh(key: &[u8; 32]) -> String {
    let kind = b"ssh-ed25519";
    let mut bytes = Vec::with_capacity(51);
    for part in [&kind[..], key] {
        let length = u32::try_from(part.len()).expect("11 or 32");
        bytes.extend(length.to_be_bytes());
        bytes.extend(part);
    }
    format!("ssh-ed25519 {}", STANDARD.encode(bytes))
}
