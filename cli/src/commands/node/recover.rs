//! `pirate node recover`: takes a log up again whose disk was lost, set back or robbed of its keys. The root
//! names new keys; the node then fetches what its witnesses hold and goes on in a new incarnation.
//! Asks nobody to promise anything and touches no entry: the node does that once it runs.

pub(super) mod place;
mod records;

use node::keyfile::Keys;
use proto::{
    epoch::{KeyEpoch, SignedKeyEpoch},
    founding::{RootSignature, SignedFounding, VerifiedFounding},
    keys::{Purpose, SigningKey},
    wire::Invitation,
};
use serde_json::json;

use crate::{
    codes,
    commands::{Args, cite::found::root_key_of, key::new::read_words},
    context::Context,
    entries,
    error::Failure,
    language::Text,
    output::{Done, Mark, Screen},
    text,
};
use place::Place;
use records::Chosen;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let via = args.text("via").map(invitation).transpose()?;
    let place = Place::look(context)?;
    if place.is_healthy() && !args.flag("keys-stolen") && !args.flag("rolled-back") {
        return Err(healthy());
    }
    if args.text("words-file").is_none() {
        context.show(&Screen::new().line(text!("recover-words")));
    }
    let words = read_words(context, args.text("words-file"), None)?;
    let root = root_key_of(&words.entropy);
    let chosen = records::choose(context, args, &place, via.as_ref(), &root.public())?;
    let incarnation = chosen.newest.checked_add(1).ok_or_else(|| {
        // Four thousand million recoveries: somebody made this up.
        Failure::new(codes::BUG, text!("bug"))
    })?;
    context.show(&announced(&place, &chosen, incarnation));
    let founding = chosen.record.founding();
    if context.global.dry_run {
        return Ok(Done::new(
            json!({ "prepared": false, "cite": chosen.record.cite().to_string(), "incarnation": incarnation }),
            Screen::new().line(text!("recover-dry-run")),
        ));
    }
    context.prompt.confirm(&text!("recover-confirm"), false)?;
    let keys = Keys::generate()
        .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
    let named = named(&chosen, incarnation, &root, &keys)?;
    place.prepare(context, &named, via.as_ref(), chosen.certified, &keys)?;
    let data = json!({
        "prepared": true,
        "cite": chosen.record.cite().to_string(),
        "slug": founding.slug,
        "incarnation": incarnation,
        "entries": place.entries(),
        "lost": place.is_lost(),
    });
    let said = text!("recover-done", cite = founding.name.as_str());
    let done = Done::new(data, Screen::new().mark(Mark::Good, said));
    let done = match (&via, place.is_lost()) {
        (None, true) => done.hint(
            text!("recover-next-bootstrap"),
            &["pirate", "node", "run", "--bootstrap", "pinv1…"],
        ),
        _ => done.hint(text!("recover-next-run"), &["pirate", "node", "run"]),
    };
    Ok(done.hint(text!("recover-next-status"), &["pirate", "node", "status"]))
}

pub(super) fn invitation(typed: &str) -> Result<Invitation, Failure> {
    let invitation = Invitation::from_text(typed).map_err(|error| {
        Failure::new(codes::INVITATION_UNREADABLE, text!("invitation-unreadable")).caused_by(&error)
    })?;
    if invitation.addresses.is_empty() {
        return Err(Failure::new(codes::INVITATION, text!("invitation-no-address")));
    }
    Ok(invitation)
}

/// Nothing is to be mended here, as far as this disk can tell.
fn healthy() -> Failure {
    Failure::new(codes::NOTHING_LOST, text!("recover-healthy"))
        .fix(&["pirate", "node", "run"])
        .fix_for(text!("fix-keys-stolen"), &["pirate", "node", "recover", "--keys-stolen"])
        .fix_for(text!("fix-rolled-back"), &["pirate", "node", "recover", "--rolled-back"])
}

/// Returns the record with the new keys, signed by the root.
fn named(
    chosen: &Chosen,
    incarnation: u32,
    root: &SigningKey,
    keys: &Keys,
) -> Result<SignedFounding, Failure> {
    let Chosen { record, signed, key, .. } = chosen;
    let epoch = KeyEpoch { cite: record.cite(), incarnation, keys: keys.public() };
    let mut named = SignedKeyEpoch::sign(epoch, &record.network(), &[]);
    named.signatures.push(signature(*key, &epoch, record, root));
    let named = SignedFounding { epoch: Some(named), ..signed.clone() };
    // Nobody else would believe it either: a board must sign together, and this version asks for one key.
    named.verify().map_err(|error| {
        let need = record.founding().root.threshold;
        Failure::new(codes::ROOT_WORDS, text!("recover-threshold", need = u64::from(need)))
            .caused_by(&error)
    })?;
    Ok(named)
}

fn signature(
    key: u8,
    epoch: &KeyEpoch,
    record: &VerifiedFounding,
    root: &SigningKey,
) -> RootSignature {
    use proto::codec::Canonical as _;
    let signature = root.sign(Purpose::KeyEpoch, &record.network(), &epoch.encode());
    RootSignature { key, signature }
}

/// What is about to happen, before the question.
fn announced(place: &Place, chosen: &Chosen, incarnation: u32) -> Screen {
    let founding = chosen.record.founding();
    let here: Text = match place.entries() {
        Some(entries) => text!("recover-here", entries = entries),
        None => text!("recover-nothing-here"),
    };
    let mut screen = Screen::new()
        .title(text!("recover-title"))
        .fact(text!("label-network"), entries::network(founding))
        .fact(
            text!("label-cite"),
            text!(
                "cite-and-place",
                name = founding.name.as_str(),
                place = founding.place.as_str(),
                slug = founding.slug.as_str()
            ),
        )
        .fact(text!("label-cite-id"), chosen.record.cite().to_string())
        .fact(text!("label-here"), here)
        .fact(text!("label-incarnation"), incarnation.to_string())
        .line(text!("recover-keys"))
        .line(text!("recover-witnesses"))
        .mark(Mark::Warn, text!("recover-old-machine"));
    if place.is_lost() {
        screen = screen.mark(Mark::Warn, text!("recover-gone"));
    }
    if founding.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    screen
}
