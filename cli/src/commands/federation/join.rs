//! `pirate federation join`: learns the way to a network from an invitation and keeps in touch from then on.
//! Refuses another network than the cité was founded in; an invitation cannot move a cité.

use std::time::{Duration, Instant};

use proto::{
    codec::Canonical as _,
    desk::{Call, Known, Operator, Reply},
    founding::SignedFounding,
    wire::Invitation,
};
use serde_json::json;

use crate::{
    codes,
    commands::Args,
    context::Context,
    entries,
    error::Failure,
    local::LocalLog,
    output::{Done, Mark, Screen},
    own_node::OwnNode,
    reply::unexpected,
    text, words,
};

/// How long the first handshake is waited for; the node goes on trying by itself afterwards.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Between two looks at whether it came about.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let invitation = Invitation::from_text(args.required("invitation")).map_err(|error| {
        Failure::new(codes::INVITATION_UNREADABLE, text!("invitation-unreadable")).caused_by(&error)
    })?;
    let log = LocalLog::own(&context.paths)?;
    let founding = log.founding()?.founding;
    if invitation.network != founding.network {
        let there = invitation.network.name.as_str();
        let here = founding.network.name.as_str();
        return Err(Failure::new(
            codes::OTHER_NETWORK,
            text!("other-network", there = there, here = here),
        )
        .because(text!("other-network-why"))
        .data(json!({
            "network": { "name": there, "test": invitation.network.test },
            "own": { "name": here, "test": founding.network.test },
        })));
    }
    if invitation.cite == founding.id() {
        return Err(Failure::new(codes::ONESELF, text!("invitation-own")));
    }
    if invitation.addresses.is_empty() {
        return Err(Failure::new(codes::INVITATION, text!("invitation-no-address")));
    }
    let spoken = words::fingerprint(context.lang, invitation.cite.as_bytes()).join(" · ");
    let mut screen = Screen::new()
        .fact(text!("label-network"), entries::network(&founding))
        .fact(text!("label-cite-id"), invitation.cite.to_string())
        .fact(text!("label-fingerprint"), spoken.clone())
        .fact(text!("label-address"), invitation.addresses.join(", "))
        .line(text!("join-we-will"));
    if founding.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    context.show(&screen);
    if context.global.dry_run {
        return Ok(Done::new(
            json!({ "joined": false, "network": founding.network.name }),
            Screen::new().line(text!("nothing-signed")),
        ));
    }
    context.prompt.confirm(&text!("join-confirm"), false)?;
    let mut node = OwnNode::need(context)?;
    let connect =
        Operator::Connect { node: invitation.node, addresses: invitation.addresses.clone() };
    if !matches!(node.ask(Call::Operator(connect))?, Reply::Done) {
        return Err(unexpected());
    }
    let (cites, connected) = {
        let _progress = context.progress(text!("joining-network"));
        await_handshake(context, &mut node, &invitation)?
    };
    let data = json!({
        "joined": true,
        "network": founding.network.name,
        "network_id": founding.network.id().to_string(),
        "cite": invitation.cite.to_string(),
        "fingerprint": spoken,
        "connected": connected,
        "cites": cites.len(),
        "convicted": cites.iter().filter(|known| known.convicted).count(),
    });
    let screen = if connected {
        Screen::new().mark(Mark::Good, text!("join-done", count = cites.len()))
    } else {
        Screen::new().mark(Mark::Warn, text!("join-not-yet"))
    };
    let mut done = Done::new(data, screen);
    if invitation.token.is_some() {
        done = done.hint_for_others(text!("join-admits"), &["pirate", "cite", "show"]);
    }
    Ok(done
        .hint(text!("next-federation-list"), &["pirate", "federation", "list"])
        .hint(text!("next-ally"), &["pirate", "federation", "ally", "…"]))
}

fn await_handshake(
    context: &Context,
    node: &mut OwnNode,
    invitation: &Invitation,
) -> Result<(Vec<Known>, bool), Failure> {
    let until = Instant::now() + HANDSHAKE.min(context.patience.left());
    loop {
        let cites = node.cites()?;
        let connected = cites.iter().any(|known| {
            known.connected
                && SignedFounding::decode(&known.founding)
                    .is_ok_and(|signed| signed.founding.id() == invitation.cite)
        });
        if connected || Instant::now() >= until {
            return Ok((cites, connected));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}
