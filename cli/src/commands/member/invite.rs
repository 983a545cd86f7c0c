//! `pirate member invite`: a text that lets somebody ask to be admitted, a number of times, for a while.

use proto::{
    act::Level,
    desk::{Query, Reply},
    wire::Invitation,
};
use serde_json::json;

use crate::{
    codes,
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    output::{Done, Mark, Screen},
    reply::unexpected,
    text,
    wallet::session::Session,
};

/// Days that an invitation holds when nobody says otherwise.
const DAYS: u64 = 7;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let days = args.days("expires")?.unwrap_or(DAYS);
    let until = context.now().day().plus(days);
    let uses = args.number("uses", 1..=u64::from(u16::MAX))?.unwrap_or(1);
    let uses = u16::try_from(uses).expect("it was looked at");
    let mut session = Session::open(context)?;
    if context.global.dry_run {
        // Who may invite, the home says in earnest.
        if session.account()?.terms.level != Level::Steward {
            return Err(Failure::new(codes::NOT_STEWARD, text!("reply-stewards-only")));
        }
        return Ok(Done::new(
            json!({ "invitation": null, "uses": uses, "expires_at": dates::iso_day(until) }),
            Screen::new().line(text!("invite-dry-run", until = until)),
        ));
    }
    let Reply::Invitation { token, addresses, node } =
        session.private(Query::Invite { until, uses })?
    else {
        return Err(unexpected());
    };
    let founding = session.wallet.founding();
    let invitation = Invitation {
        network: founding.founding().network.clone(),
        cite: founding.cite(),
        node,
        addresses,
        token: Some(token),
    };
    let text = invitation.to_text();
    let uri = format!("pirate:{text}");
    let data = json!({
        "invitation": text,
        "uri": uri,
        "words": null,
        "uses": uses,
        "expires_at": dates::iso_day(until),
        "addresses": invitation.addresses,
    });
    let screen = Screen::new()
        .mark(
            Mark::Good,
            text!(
                "invite-done",
                cite = founding.founding().name.as_str(),
                uses = u64::from(uses),
                until = until
            ),
        )
        .verbatim(text);
    let done = Done::new(data, screen);
    let done = if invitation.addresses.is_empty() {
        done.hint(text!("invite-no-address"), &["pirate", "node", "run", "--announce", "…"])
    } else {
        done
    };
    Ok(done
        .hint_for_others(text!("invite-next"), &["pirate", "join", "pinv1…"])
        .hint(text!("next-applications"), &["pirate", "member", "list", "--state", "applied"]))
}
