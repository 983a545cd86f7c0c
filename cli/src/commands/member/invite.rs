//! `pirate member invite`: a text that lets somebody ask to be admitted, a number of times, for a while.

use std::time::Duration;

use proto::{
    act::Level,
    desk::{Query, Reply},
    time::UnixMillis,
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

/// How long an invitation holds when nobody says otherwise: a week, in seconds.
const EXPIRES: Duration = Duration::from_secs(7 * 86_400);

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let expires = args.span("expires")?.unwrap_or(EXPIRES);
    let millis = u64::try_from(expires.as_millis()).unwrap_or(u64::MAX);
    let until = UnixMillis(context.now().0.saturating_add(millis)).day();
    let uses = args.number("uses")?.unwrap_or(1);
    let uses = u16::try_from(uses).ok().filter(|uses| *uses > 0).ok_or_else(|| {
        Failure::new(codes::USAGE, text!("invite-uses", typed = uses.to_string()))
    })?;
    let mut session = Session::open(context)?;
    if context.global.dry_run {
        // Who may invite, the home says in earnest.
        if session.account()?.level != Level::Steward {
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
