//! `pirate demo`: three real nodes on this machine, three cités, a season, and an auditor at the end.
//! Everything happens in a directory of its own, on a test network, and nothing of it counts.

mod barrier;
mod bundles;
mod chance;
mod child;
mod cite;
mod faults;
mod figures;
mod ground;
mod ledgers;
mod outcome;
mod people;
mod season;
mod tally;

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use ledger::card::{self, NotChecked, Term};
use proto::desk::CardProof;
use serde_json::{Value as Json, json};

use crate::{
    card_file, codes,
    commands::Args,
    context::Context,
    error::{Failure, file_failure},
    exit::Exit,
    output::{Done, Screen},
    text,
};
use chance::Chance;
use cite::{Cite, defect};
use faults::Fault;
use figures::CITES;
use ground::Ground;
use outcome::{CardChecked, Outcome};
use season::Federation;

/// The seed when none is given: two people who say nothing see the same season.
const SEED: u64 = 1;

/// Days of a season, and what `--days` may say instead: below, no node could be away in between.
const DAYS: u64 = 90;
const DAYS_MIN: u64 = 6;
const DAYS_MAX: u64 = 366;

/// Whose card is checked where: the second member of the first cité, at the second.
const CARD: (usize, usize) = (0, 1);
const CARD_AT: usize = 1;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let seed = args.number("seed", 0..=u64::MAX)?.unwrap_or(SEED);
    let days = args.number("days", DAYS_MIN..=DAYS_MAX)?.unwrap_or(DAYS);
    let fault = args.text("break").and_then(Fault::named);
    let days = usize::try_from(days).map_err(|_| defect())?;
    if context.global.dry_run {
        let screen = Screen::new().line(text!("demo-announced", days = days));
        return Ok(Done::new(json!({ "played": false }), screen));
    }
    let ground = Ground::new(args.path("keep"))?;
    if !context.printer.quiet() {
        context.show(&Screen::new().line(text!("demo-announced", days = days)));
    }
    let outcome = play(context, &ground, seed, days, fault)?;
    Ok(told(&outcome, &ground))
}

fn play(
    context: &Context,
    ground: &Ground,
    seed: u64,
    days: usize,
    fault: Option<Fault>,
) -> Result<Outcome, Failure> {
    let begun = Instant::now();
    let mut chance = Chance::new(seed);
    let season = figures::Season::draw(&mut chance, days);
    let mut federation = {
        let _progress = context.progress(text!("demo-founding"));
        Federation::found(context, ground, chance, days)?
    };
    {
        let progress = context.progress(text!("demo-playing"));
        federation.play(&season, &progress)?;
    }
    let card = federation.card_of(CARD.0, CARD.1)?;
    let card = check_card(ground, &federation, &card)?;
    federation.stop()?;
    ground.check()?;
    let Federation { cites, tally, .. } = federation;
    let handed = bundles::write_all(ground, &cites)?;
    let anchors = bundles::write_anchors(ground, &cites)?;
    let report = bundles::audit(context, &handed, &anchors)?;
    let broken = match fault {
        None => None,
        Some(fault) => {
            let faulty = fault.plant(ground, &cites, &handed)?;
            Some((fault, bundles::audit(context, &faulty, &anchors)?))
        }
    };
    let ledgers =
        cites.iter().map(|cite| ledgers::read(&cite.home)).collect::<Result<Vec<_>, _>>()?;
    Ok(Outcome {
        seed,
        days,
        ids: cites.iter().map(Cite::id).collect(),
        ledgers,
        tally,
        card,
        report,
        broken,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// Carries a card as a file to another cité and has it checked there, as somebody does at its door: by the command, from the
/// file and what is on that cité's disk. What only the demo knows is compared: whose card it is.
fn check_card(
    ground: &Ground,
    federation: &Federation<'_>,
    card: &CardProof,
) -> Result<CardChecked, Failure> {
    let path = ground.at("member.pirate-card");
    let written = card_file::write(card);
    std::fs::write(&path, written).map_err(|error| file_failure(true, &path, &error))?;
    let brought =
        std::fs::read_to_string(&path).map_err(|error| file_failure(false, &path, &error))?;
    let brought = card_file::read(&brought).map_err(|error| defect().caused_by(&error))?;
    let checked = card::check(&brought).map_err(|error| {
        Failure::new(codes::CARD_INVALID, text!("demo-card-bad")).caused_by(&error)
    })?;
    let (home, at) =
        federation.cites.get(CARD.0).zip(federation.cites.get(CARD_AT)).ok_or_else(defect)?;
    let good = known_at(ground, CITES[CARD_AT].1, &path)?
        && checked.founding().cite() == home.id()
        && home.people.get(CARD.1).is_some_and(|person| person.id == checked.member())
        && checked.witnesses().contains(&at.id())
        && !checked.not_checked().contains(&NotChecked::Approvals)
        && checked.term(federation.today()) == Term::Valid;
    Ok(CardChecked {
        number: CARD.1 + 1,
        home: CARD.0,
        at: CARD_AT,
        good,
        witnesses: checked.witnesses().len(),
    })
}

/// Returns whether the cité at home in `slug` says, without a network, that it has an account with the cité of a card, which
/// holds. Whether it holds today depends on the demo's calendar, not on this machine's.
fn known_at(ground: &Ground, slug: &str, card: &Path) -> Result<bool, Failure> {
    let program = env::current_exe().map_err(|error| defect().caused_by(&error))?;
    let said = Command::new(program)
        .args(["card", "check", "--offline", "--no-input", "--json", "--home"])
        .arg(ground.at(slug))
        .arg(card)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| defect().caused_by(&error))?;
    let answer: Json = serde_json::from_slice(&said.stdout).unwrap_or_default();
    let is = |field, value: Json| answer.pointer(field) == Some(&value);
    Ok(is("/data/known_by", "account".into())
        && is("/data/certified", true.into())
        && !is("/data/state", "forged".into()))
}

fn told(outcome: &Outcome, ground: &Ground) -> Done {
    let mut done = Done::new(outcome.json(), outcome.screen());
    if let Some(root) = ground.kept() {
        let (_, slug, _) = CITES[0];
        let home = root.join(slug).display().to_string();
        let passphrase = root.join(slug).join("passphrase").display().to_string();
        done = done
            .hint(text!("demo-kept-log"), &["pirate", "log", "list", "--home", &home])
            .hint(text!("demo-kept-node"), &["pirate", "node", "run", "--home", &home])
            .hint(
                text!("demo-kept-clock"),
                &["pirate", "node", "clock", "--is-right", "--home", &home],
            )
            .hint(
                text!("demo-kept-balance"),
                &["pirate", "balance", "--home", &home, "--passphrase-file", &passphrase],
            );
    }
    match outcome.exit() {
        Exit::Done => done,
        exit => done.exiting(exit),
    }
}
