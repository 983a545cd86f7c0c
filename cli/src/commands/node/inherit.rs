//! `pirate node inherit`: takes up the log of a cité that is silent for good, for its heirs. First it makes keys and a
//! petition for the heirs to sign; with the signed petition it prepares the node, as `node recover` does with the root's
//! words. The node then waits with the witnesses, who wait for thirty days of silence.

use std::path::Path;

use node::{home_dir::HomeDir, keyfile::Keys};
use proto::{
    codec::Canonical as _,
    desk::{Call, Known, Reply},
    epoch::{KeyEpoch, SignedKeyEpoch},
    founding::SignedFounding,
    wire::Invitation,
};
use serde_json::json;

use super::recover::{invitation, place::Place};
use crate::{
    codes,
    commands::{Args, join::target},
    context::Context,
    entries,
    error::Failure,
    local::no_such_cite,
    output::{Done, Mark, Screen},
    petition_file::Petition,
    reply::unexpected,
    sheet, text,
    wallet::desk::Desk,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let via = args.text("via").map(invitation).transpose()?;
    let Some(path) = args.path("petition") else {
        return Err(Failure::new(codes::USAGE, text!("inherit-how"))
            .fix(&["pirate", "help", "node", "inherit"]));
    };
    match args.text("cite") {
        Some(cite) => begin(context, cite, &path, via.as_ref()),
        None => finish(context, &path, via.as_ref()),
    }
}

/// Makes the keys of the node and the petition that asks for them.
fn begin(
    context: &Context,
    named: &str,
    path: &Path,
    via: Option<&Invitation>,
) -> Result<Done, Failure> {
    let Some(via) = via else {
        return Err(Failure::new(codes::USAGE, text!("inherit-how"))
            .fix(&["pirate", "help", "node", "inherit"]));
    };
    let place = Place::look(context)?;
    if place.cite().is_some() || path.exists() {
        return Err(Failure::new(codes::HEIRS, text!("inherit-place-taken", path = path)));
    }
    let cites = asked(context, via)?;
    let (record, known) = sheet::known(&cites, named).ok_or_else(|| no_such_cite(named))?;
    let will = known
        .will
        .clone()
        .ok_or_else(|| Failure::new(codes::HEIRS, text!("inherit-no-will", cite = named)))?;
    let founding = record.founding();
    let keys = Keys::generate()
        .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
    let epoch = KeyEpoch {
        cite: record.cite(),
        incarnation: record.incarnation().saturating_add(1),
        keys: keys.public(),
    };
    let signed = SignedFounding::decode(&known.founding).map_err(|_| unexpected())?;
    let epoch = Some(SignedKeyEpoch::petition(epoch, will));
    let petition = Petition { record: SignedFounding { epoch, ..signed } };
    let (_, need) = petition.signed();
    if !context.global.dry_run {
        place.keep_keys(context, &keys)?;
        petition.write(path)?;
    }
    let file = path.display().to_string();
    let data = json!({
        "prepared": false,
        "cite": record.cite().to_string(),
        "slug": founding.slug,
        "incarnation": petition.epoch().epoch.incarnation,
        "petition": file,
        "threshold": need,
    });
    let screen = Screen::new()
        .fact(text!("label-network"), entries::network(founding))
        .fact(text!("label-cite"), founding.name.as_str())
        .mark(Mark::Good, text!("inherit-begun", path = path, need = need));
    Ok(Done::new(data, screen)
        .hint(text!("inherit-next-sign"), &["pirate", "cite", "petition", file.as_str()])
        .hint(
            text!("inherit-next-finish"),
            &["pirate", "node", "inherit", "--petition", file.as_str()],
        ))
}

/// Prepares the node with a petition that enough heirs signed.
fn finish(context: &Context, path: &Path, via: Option<&Invitation>) -> Result<Done, Failure> {
    let petition = Petition::read(path)?;
    let (have, need) = petition.signed();
    if have < need {
        return Err(Failure::new(codes::HEIRS, text!("inherit-too-few", have = have, need = need))
            .fix(&["pirate", "cite", "petition", "…"]));
    }
    let place = Place::look(context)?;
    let cite = petition.record.founding.id();
    let foreign = || Failure::new(codes::HEIRS, text!("inherit-other-keys"));
    if place.cite().is_some_and(|here| here != cite) || !place.is_lost() {
        return Err(foreign());
    }
    let keys = Keys::load(&HomeDir::new(context.paths.node()).keys()).map_err(|_| foreign())?;
    if keys.public() != petition.epoch().epoch.keys {
        return Err(foreign());
    }
    if !context.global.dry_run {
        place.prepare(context, &petition.record, via, None, &keys)?;
    }
    let founding = &petition.record.founding;
    let data = json!({
        "prepared": !context.global.dry_run,
        "cite": cite.to_string(),
        "slug": founding.slug,
        "incarnation": petition.epoch().epoch.incarnation,
        "petition": path.display().to_string(),
        "threshold": need,
    });
    let said = text!("inherit-done", cite = founding.name.as_str());
    let screen = Screen::new().mark(Mark::Good, said).line(text!("inherit-waits"));
    Ok(Done::new(data, screen)
        .hint(text!("recover-next-run"), &["pirate", "node", "run"])
        .hint(text!("recover-next-status"), &["pirate", "node", "status"]))
}

/// Returns what an ally's node knows of other cités.
fn asked(context: &Context, via: &Invitation) -> Result<Vec<Known>, Failure> {
    let _progress = context.progress(text!("recover-asking"));
    let mut desk = Desk::reach(context, &target(via))?;
    match desk.call_here(Call::Cites)? {
        Reply::Cites(known) => Ok(known),
        _ => Err(unexpected()),
    }
}
