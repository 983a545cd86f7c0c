//! What a payment shows before it is signed and after its receipt, for people and for programs.
//! Decides nothing and sends nothing.

use proto::{
    desk::{AccountSheet, Receipt},
    ids::{Account, CiteId},
    minutes::Balance,
    order::SignedOrder,
};
use serde_json::json;

use super::Plan;
use crate::{
    amount, codes,
    language::{Text, Value},
    output::{Done, Mark, Screen},
    person::{Person, Word},
    standing, text,
    wallet::session::Session,
};

pub(super) fn shown(session: &Session<'_>, plan: &Plan, account: &AccountSheet) -> Screen {
    let network = standing::network(session.wallet.network());
    let after = after(plan, account);
    let before: Value = if session.is_fresh() {
        account.balance.into()
    } else {
        text!("balance-as-of", balance = account.balance, at = account.now).into()
    };
    let mut screen = Screen::new()
        .title(text!("pay-title", network = network))
        .fact(text!("label-to"), plan.to.shown())
        .fact(text!("label-amount"), plan.minutes);
    if !plan.words.is_empty() {
        screen = screen.fact(text!("label-for"), plan.words.as_str());
    }
    if plan.waiting > 0 {
        screen = screen.fact(text!("label-signed-waiting"), Value::Minutes(minutes(plan.waiting)));
    }
    screen = screen
        .fact(text!("label-balance"), text!("before-after", before = before, after = after))
        .fact(text!("label-lowest"), Value::Limit(account.floor.0))
        .fact(
            text!("label-card-mine"),
            text!("card-from-to", from = account.terms.from, until = account.terms.until),
        );
    if plan.declined {
        screen = screen.mark(Mark::Warn, text!("pay-declined-before"));
    }
    on_whose_word(screen, &plan.to, session.wallet.home())
}

/// Returns the balance once this and all that waits is recorded.
fn after(plan: &Plan, account: &AccountSheet) -> Balance {
    let gone = minutes(plan.waiting).saturating_add(plan.minutes.0.into());
    Balance(account.balance.0.saturating_sub(gone))
}

fn minutes(many: u64) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

/// Says who it is that is paid when the home did not say so just now: then the whole identity stands there,
/// too, for whoever can compare it.
fn on_whose_word(screen: Screen, to: &Person, own: CiteId) -> Screen {
    let cite = to.slug.as_str();
    let said = match to.word {
        Word::Home => return screen,
        Word::Wallet(day) => text!("pay-word-wallet", cite = cite, day = day),
        Word::Command if to.home == own => text!("pay-word-own", cite = cite),
        Word::Command => text!("pay-word-command", cite = cite),
    };
    let id = to.member().map(|member| member.to_string()).unwrap_or_default();
    screen.fact(text!("label-identity"), id).mark(Mark::Warn, said)
}

pub(super) fn data(
    session: &Session<'_>,
    plan: &Plan,
    account: &AccountSheet,
    recorded: Option<&(SignedOrder, Box<Receipt>)>,
) -> serde_json::Value {
    let amount_min = i64::from(plan.minutes.0);
    let receipt = recorded.map(|(_, receipt)| receipt);
    let standing = receipt.map(|receipt| receipt.standing);
    json!({
        "entry": recorded.map(|(order, _)| order.id().to_string()),
        "request": plan.request.as_ref().map(|link| link.request.id().to_string()),
        "request_declined": plan.declined,
        "minutes": amount_min,
        "iso": amount::iso(amount_min),
        "from": session.wallet.member().to_string(),
        "to": match plan.to.account {
            Account::Member(member) => member.to_string(),
            _ => "commons".to_owned(),
        },
        "to_number": plan.to.number,
        "to_word": plan.to.word.neutral(),
        "cite": plan.to.home.to_string(),
        "for": if plan.words.is_empty() { None } else { Some(plan.words.as_str()) },
        "network": session.wallet.network().name,
        "test": session.wallet.network().test,
        "balance_min": {
            "before": account.balance.0,
            "waiting": plan.waiting,
            "after": after(plan, account).0,
        },
        "level": standing.map_or("planned", standing::level),
        "witnesses": standing.map(standing::witnesses),
        "receipt": receipt.map(|receipt| json!({
            "leaf": receipt.leaf,
            "size": receipt.checkpoint.head.size,
            "root": receipt.checkpoint.head.root.to_string(),
        })),
    })
}

pub(super) fn done(
    session: &Session<'_>,
    plan: &Plan,
    account: &AccountSheet,
    recorded: &(SignedOrder, Box<Receipt>),
) -> Done {
    let receipt = &recorded.1;
    let (amount, who) = (plan.minutes, plan.to.shown());
    let balance = account.balance.debited(plan.minutes).unwrap_or(account.balance);
    let abroad = plan.to.home != session.wallet.home();
    let said: Text = if abroad {
        text!("pay-sent-abroad", amount = amount, who = who, balance = balance)
    } else {
        text!("pay-paid", amount = amount, who = who, balance = balance)
    };
    // How far it came is only said beside it: "recorded" is what the sentence itself says.
    let entered = proto::entry::Entry::decode(&receipt.entry).map_or(account.now, |e| e.time);
    let screen = Screen::new().mark(Mark::Good, said).inset(standing::words(
        receipt.standing,
        false,
        entered,
    ));
    let done = Done::new(data(session, plan, account, Some(recorded)), screen);
    if session.wallet.network().test {
        done.warn(codes::TEST_NETWORK, text!("warn-test-network"), &[])
    } else {
        done
    }
}
