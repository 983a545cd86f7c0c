//! `pirate cite approve`: the acts that wait, in words, and a steward's signature under one of them.

use std::collections::BTreeMap;

use ledger::fold::Fold;
use proto::{
    ids::{MemberId, OrderId},
    order::{Approve, Statement},
};
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::{Args, member::applications},
    context::Context,
    dates,
    entries::{self, Names, short},
    error::Failure,
    local::LocalLog,
    output::{Done, Mark, Screen, Table},
    pending::{self, Pending},
    text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let waiting = pending::acts(&mut session)?;
    let (fold, aliases) = (names_source(context), aliases(&mut session)?);
    let names = Names::new(fold.as_ref().map(Fold::state)).called(&aliases);
    let own = session.wallet.member();
    if args.flag("list") {
        return Ok(list(&waiting, &names));
    }
    let chosen = match (args.text("act"), waiting.as_slice()) {
        (None, [] | [_, _, ..]) => return Ok(list(&waiting, &names)),
        // A place in the list is another act's once one before it is decided: it means something only to who sees it.
        (typed, _) if context.global.yes && typed.is_none_or(is_place) => {
            return Err(unnamed(&waiting));
        }
        (Some(typed), _) => find(&waiting, typed)?,
        (None, [only]) => only,
    };
    let need = usize::from(chosen.item.need);
    let signed = chosen.item.approved_by.contains(&own);
    let have = chosen.item.approved_by.len().saturating_add(usize::from(!signed));
    // Where fewer are needed since, whoever signs next completes the act, be it a second time.
    if signed && have < need {
        return Ok(Done::new(
            json!({ "act": chosen.id.to_string(), "state": "waiting", "approved": false }),
            Screen::new().mark(Mark::Good, text!("approve-already")),
        ));
    }
    let founding = session.wallet.founding().founding();
    context.show(
        &Screen::new()
            .fact(text!("label-network"), entries::network(founding))
            .fact(text!("label-cite"), founding.name.as_str())
            .fact(text!("label-act"), entries::act(&chosen.act, &names))
            .fact(text!("label-proposed-by"), names.member(&chosen.author))
            .fact(
                text!("label-approvals"),
                text!(
                    "have-of",
                    have = chosen.item.approved_by.len(),
                    of = usize::from(chosen.item.need)
                ),
            )
            .line(text!("approve-undo")),
    );
    if context.global.dry_run {
        let data = json!({ "act": chosen.id.to_string(), "approved": false, "state": "waiting" });
        return Ok(Done::new(data, Screen::new().line(text!("nothing-signed"))));
    }
    context.prompt.confirm(&text!("approve-confirm"), false)?;
    let (order, receipt) = session.submit(Statement::Approve(Approve { act: chosen.id }), None)?;
    let in_force = have >= need;
    let said = if in_force {
        text!("approve-in-force")
    } else {
        text!("approve-waits", left = need.saturating_sub(have))
    };
    let data = json!({
        "act": chosen.id.to_string(),
        "approved": true,
        "order": order.id().to_string(),
        "entry": receipt.leaf,
        "have": have,
        "need": need,
        "state": if in_force { "in-force" } else { "waiting" },
    });
    Ok(Done::new(data, Screen::new().mark(Mark::Good, said)))
}

/// Returns numbers and short names from the log on this machine, where it is; identities speak otherwise.
fn names_source(context: &Context) -> Option<Fold> {
    let log = LocalLog::find(&context.paths).ok()??;
    let entries = log.entries().ok()?;
    log.fold(context, &entries).ok()
}

/// Returns the names of those who asked to be admitted, as they gave them.
fn aliases(session: &mut Session<'_>) -> Result<BTreeMap<MemberId, String>, Failure> {
    let waiting = applications(session)?;
    Ok(waiting.into_iter().map(|(member, application)| (member, application.alias)).collect())
}

/// Whether somebody names an act by its place in the list.
fn is_place(typed: &str) -> bool {
    typed.trim().bytes().all(|byte| byte.is_ascii_digit())
}

/// Nobody is there to see which act it is, so it must be named by what no other act has.
fn unnamed(waiting: &[Pending]) -> Failure {
    let failure = Failure::new(codes::USAGE, text!("approve-by-identity"));
    match waiting {
        [only] => failure.fix(&["pirate", "cite", "approve", &only.id.to_string(), "--yes"]),
        _ => failure.fix(&["pirate", "cite", "approve", "--list"]),
    }
}

/// Returns the act that a place in the list, an identity or its beginning stands for.
fn find<'a>(waiting: &'a [Pending], typed: &str) -> Result<&'a Pending, Failure> {
    let typed = typed.trim().trim_end_matches('…');
    let place = typed.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
    let by_place = place.and_then(|place| waiting.get(place));
    let mut begun = waiting
        .iter()
        .filter(|act| typed.len() > OrderId::PREFIX.len() && act.id.to_string().starts_with(typed));
    by_place
        .or_else(|| match (begun.next(), begun.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        })
        .ok_or_else(|| {
            Failure::new(codes::NO_SUCH_ACT, text!("no-such-act", typed = typed))
                .fix(&["pirate", "cite", "approve", "--list"])
        })
}

fn list(waiting: &[Pending], names: &Names<'_>) -> Done {
    let data = json!({ "items": waiting.iter().map(item).collect::<Vec<_>>() });
    if waiting.is_empty() {
        return Done::new(data, Screen::new().line(text!("acts-none")));
    }
    let mut table = Table::new(vec![
        text!("label-no"),
        text!("label-act"),
        text!("label-approvals"),
        text!("label-until"),
        text!("label-order"),
    ]);
    for (place, act) in waiting.iter().enumerate() {
        table.row(vec![
            (place + 1).into(),
            entries::act(&act.act, names).into(),
            text!("have-of", have = act.item.approved_by.len(), of = usize::from(act.item.need))
                .into(),
            dates::iso_day(act.item.until).into(),
            short(act.id).into(),
        ]);
    }
    Done::new(data, Screen::new().table(table))
        .hint_for_others(text!("next-approve"), &["pirate", "cite", "approve", "…"])
}

fn item(act: &Pending) -> Json {
    json!({
        "act": act.id.to_string(),
        "proposed_by": act.author.to_string(),
        "what": entries::act_json(&act.act),
        "approved_by": act.item.approved_by.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "have": act.item.approved_by.len(),
        "need": act.item.need,
        "until": dates::iso_day(act.item.until),
    })
}
