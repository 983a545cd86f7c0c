//! `pirate cite found`: five questions, then a cité: its record, its keys, its log, its first steward.
//! All is built beside and moved into place at once; before that moment nothing is written that counts.

mod questions;
mod root;
mod site;

use std::path::Path;

use ledger::home::{FoundingPlan, Home, HomeError};
use node::keyfile::Keys;
use proto::{
    act::{Act, Admit, Level},
    codec::{Bytes, Canonical as _},
    entry::RootAct,
    founding::{Founding, Language, RootKeys, RootSignature, SignedFounding},
    ids::MemberId,
    keys::{Purpose, SigningKey},
    membership::Terms,
    order::SignedOrder,
};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    codes,
    commands::Args,
    context::Context,
    dates, entries,
    error::Failure,
    joining,
    keyring::Identity,
    language::Lang,
    output::{Done, Mark, Screen},
    text,
    wallet::{Membership, NewWallet, Wallet},
};
use questions::Answers;
use root::RootWords;
pub(in crate::commands) use root::root_key_of;
use site::Site;

/// Days within which a founder's own Join must be admitted: it is at once.
const JOIN_DAYS: u64 = 7;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let site = Site::look(&context.paths)?;
    if !context.keyring().holds(context.paths.profile())? {
        let profile = context.paths.profile();
        return Err(Failure::new(
            codes::NO_IDENTITY,
            text!("found-needs-identity", profile = profile),
        )
        .fix(&["pirate", "key", "new"])
        .fix_for(text!("fix-with-words"), &["pirate", "key", "new", "--restore"]));
    }
    if let Some(wallet) = Wallet::find(context)? {
        let profile = context.paths.profile();
        return Err(Failure::new(
            codes::CITE_EXISTS,
            text!("found-member-already", profile = profile, name = wallet.home_name()),
        )
        .fix_for(text!("fix-other-profile"), &["pirate", "cite", "found", "--profile", "…"]));
    }
    let words_output = args.path("words-output");
    if words_output.is_none() && !context.prompt.can_ask() && !context.global.dry_run {
        return Err(Failure::new(codes::WORDS_NOT_KEPT, text!("found-words-not-kept")).fix(&[
            "pirate",
            "cite",
            "found",
            "--words-output",
            "mots-de-la-cite.txt",
        ]));
    }
    let answers = Answers::ask(context, args)?;
    context.show(&announced(&answers));
    if context.global.dry_run {
        return Ok(Done::new(
            json!({ "founded": false, "slug": answers.slug }),
            Screen::new().line(text!("found-dry-run")),
        ));
    }
    context.prompt.confirm(&text!("found-confirm"), true)?;
    let identity = context.identity()?;
    let words = RootWords::fresh(answers.lang())?;
    if words_output.is_none() {
        words.show_and_check(context)?;
    }
    let keys = Keys::generate().map_err(|error| site.keys_failure(&error))?;
    let plan = Plan::of(context, &answers, &identity, &words.root_key(), &keys)?;
    let signed = plan.founding.signed.clone();
    let founder = (plan.join.order().author, identity.alias());
    let size = build(context, &site, plan.founding, &keys, founder)?;
    if let Some(path) = &words_output {
        words.write(path).inspect_err(|_| site.abandon())?;
    }
    site.move_in()?;
    let wallet = Wallet::create(
        context,
        NewWallet {
            founding: signed.encode(),
            addresses: Vec::new(),
            join: plan.join,
            token: None,
            alias: identity.alias().to_owned(),
            membership: Membership::Admitted,
            number: Some(1),
        },
    );
    let done = done(context, &signed.founding, size, words_output.as_deref());
    // The cité stands: a wallet that could not be written must not look like a founding that failed.
    Ok(match wallet {
        Ok(_) => done,
        Err(failure) => done
            .hint(text!("found-no-wallet", why = failure.message().clone()), &["pirate", "status"]),
    })
}

/// A founding, ready to be written.
struct Plan {
    founding: FoundingPlan,
    join: SignedOrder,
}

impl Plan {
    fn of(
        context: &Context,
        answers: &Answers,
        identity: &Identity,
        root: &SigningKey,
        keys: &Keys,
    ) -> Result<Self, Failure> {
        let founding = Founding {
            version: 1,
            network: answers.network.clone(),
            slug: answers.slug.clone(),
            name: answers.name.clone(),
            place: answers.place.clone(),
            language: match answers.lang() {
                Lang::Fr => Language::French,
                Lang::En => Language::English,
            },
            root: RootKeys { threshold: 1, keys: vec![root.public()] },
            log_key: keys.log.public(),
            mirror_key: keys.mirror.public(),
            card_key: keys.card.public(),
            network_key: keys.network.public(),
            rules: answers.rules.clone(),
            salt: chance()?,
        };
        let (cite, network) = (founding.id(), founding.network.id());
        let today = context.now().day();
        let until = today.plus(JOIN_DAYS);
        let join = joining::order(identity, network, cite, &founding.rules, until);
        let days = u64::from(founding.rules.card_days).saturating_sub(1);
        let admission = Act::Admit(Admit {
            join: Bytes::from(join.bytes().to_vec()),
            terms: Terms {
                level: Level::Steward,
                from: today,
                until: today.plus(days),
                allowance: founding.rules.allowance_max,
            },
        });
        let payload = RootAct::payload(cite, 1, &admission);
        let signature = root.sign(Purpose::RootAct, &network, &payload);
        let acts = vec![RootAct {
            cite,
            seq: 1,
            act: admission,
            signatures: vec![RootSignature { key: 0, signature }],
        }];
        let signed = SignedFounding::sign(founding, std::slice::from_ref(root));
        Ok(Self { founding: FoundingPlan { signed, acts }, join })
    }
}

/// Writes keys and log beside their place, and the name that stewards see of the founder, who applied to nobody; returns
/// the number of entries.
fn build(
    context: &Context,
    site: &Site,
    plan: FoundingPlan,
    keys: &Keys,
    (founder, alias): (MemberId, &str),
) -> Result<u64, Failure> {
    let cite = plan.signed.founding.id();
    let draft = site.draft(context)?;
    let written = draft
        .write(keys, &cite)
        .and_then(|()| draft.keep_name(&founder, alias))
        .and_then(|()| {
            Home::found(draft.disk(), &draft.index(), plan, keys.log.clone(), context.now())
                .map_err(|error| found_failure(&error, site.draft_path()))
        })
        .map(|home| home.checkpoint().head.size);
    drop(draft);
    written.inspect_err(|_| site.abandon())
}

fn found_failure(error: &HomeError, path: &Path) -> Failure {
    match error {
        HomeError::Refused(_) | HomeError::Key(_) => {
            Failure::new(codes::BUG, text!("bug")).caused_by(error)
        }
        _ => Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(error),
    }
}

fn chance<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
    Ok(bytes)
}

/// Returns sixteen secret random bytes.
fn secret() -> Result<Zeroizing<[u8; 16]>, Failure> {
    Ok(Zeroizing::new(chance()?))
}

/// What is about to happen, before the question.
fn announced(answers: &Answers) -> Screen {
    let network = match answers.network.test {
        true => text!("network-test-named", name = answers.network.name.as_str()),
        false => text!("network-real-named", name = answers.network.name.as_str()),
    };
    let mut screen = Screen::new()
        .title(text!("found-title"))
        .fact(text!("label-network"), network)
        .fact(text!("label-cite"), answers.name.as_str())
        .fact(text!("label-place"), answers.place.as_str())
        .fact(text!("label-slug"), answers.slug.as_str())
        .fact(text!("label-rules"), entries::rules_in_words(&answers.rules));
    if answers.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    screen.line(text!("found-changes")).line(text!("found-undo"))
}

fn done(context: &Context, founding: &Founding, size: u64, words_output: Option<&Path>) -> Done {
    let rules = &founding.rules;
    let data = json!({
        "founded": true,
        "cite": founding.id().to_string(),
        "slug": founding.slug,
        "name": founding.name,
        "place": founding.place,
        "network": founding.network.name,
        "test_network": founding.network.test,
        "network_id": founding.network.id().to_string(),
        "entry": 0,
        "entries": size,
        "granularity_min": rules.step.0,
        "limits_min": [-i64::from(rules.floor.0), i64::from(rules.ceiling.0)],
        "quorum": [rules.approvals, 1],
        "number": 1,
        "member_until": dates::iso_day(context.now().day().plus(u64::from(rules.card_days).saturating_sub(1))),
        "words_output": words_output.map(|path| path.display().to_string()),
    });
    let screen = Screen::new()
        .mark(Mark::Good, text!("found-done", name = founding.name.as_str(), time = context.now()))
        .fact(text!("label-cite-id"), founding.id().to_string())
        .fact(text!("label-you"), text!("found-you"));
    let mut done = Done::new(data, screen);
    if founding.network.test {
        done = done.warn(codes::TEST_NETWORK, text!("test-network"), &[]);
    }
    if let Some(path) = words_output {
        done = done.hint(text!("found-next-words", path = path), &[]);
    }
    done.hint(text!("found-next-run"), &["pirate", "node", "run"])
        .hint(text!("found-next-invite"), &["pirate", "member", "invite"])
        .hint(text!("found-next-ally"), &["pirate", "federation", "join", "…"])
        .hint(text!("found-next-disk"), &[])
}
