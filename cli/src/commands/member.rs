//! `pirate member …`: what stewards decide about who joins, on what terms, who is suspended, who leaves, and who wants
//! to be forgotten.

pub(super) mod admit;
pub(super) mod decline;
pub(super) mod erase;
pub(super) mod invite;
pub(super) mod leave;
pub(super) mod list;
pub(super) mod renew;
pub(super) mod resume;
pub(super) mod suspend;

use std::collections::BTreeMap;

use proto::{
    act::Act,
    desk::{Application, MemberItem, Query, Reply},
    ids::{MemberId, OrderId},
    order::SignedOrder,
};
use serde_json::{Value as Json, json};

use crate::{
    codes,
    context::Context,
    dates, deciding,
    entries::{self, Names},
    error::Failure,
    language::Text,
    output::{Done, Screen},
    pending,
    person::{self, Person},
    reply::unexpected,
    text,
    wallet::session::Session,
};

/// Somebody who asked to be admitted, and who that is.
pub(super) struct Applicant {
    pub(super) member: MemberId,
    pub(super) application: Application,
    /// The order by which a steward proposed the admission, where others must still sign it.
    proposed: Option<OrderId>,
}

impl Applicant {
    /// Returns this applicant, whom no steward proposed yet: a second proposal is not the signature that is missing,
    /// and what was signed is not taken back.
    ///
    /// # Errors
    /// P0735, with the act to sign.
    fn unproposed(&self) -> Result<&Self, Failure> {
        let Some(order) = self.proposed else { return Ok(self) };
        let alias = self.application.alias.as_str();
        Err(Failure::new(codes::ADMISSION_PROPOSED, text!("application-proposed", alias = alias))
            .because(text!("application-proposed-why"))
            .fix(&["pirate", "cite", "approve", &order.to_string()]))
    }

    fn json(&self) -> Json {
        json!({
            "member": self.member.to_string(),
            "alias": self.application.alias,
            "state": if self.proposed.is_some() { "proposed" } else { "applied" },
            "applied_at": dates::rfc3339(self.application.time),
        })
    }
}

/// Returns who asked to be admitted, oldest first as the home gives them.
fn applicants(session: &mut Session<'_>) -> Result<Vec<Applicant>, Failure> {
    let applications = applications(session)?;
    let acts = if applications.is_empty() { Vec::new() } else { pending::acts(session)? };
    let by = acts.iter().filter_map(|act| Some((act.admits()?, act.id)));
    let proposed: BTreeMap<MemberId, OrderId> = by.collect();
    let known = applications.into_iter().map(|(member, application)| Applicant {
        member,
        application,
        proposed: proposed.get(&member).copied(),
    });
    Ok(known.collect())
}

/// Returns who applied, with what they sent.
pub(super) fn applications(
    session: &mut Session<'_>,
) -> Result<Vec<(MemberId, Application)>, Failure> {
    let Reply::Applications(applications) = session.private(Query::Applications)? else {
        return Err(unexpected());
    };
    let of = |application: Application| {
        let join = SignedOrder::decode(&application.join).ok()?;
        Some((join.order().author, application))
    };
    Ok(applications.into_iter().filter_map(of).collect())
}

/// Returns whom a steward means: a member of the own cité.
fn found(session: &mut Session<'_>, typed: &str) -> Result<(Person, MemberId), Failure> {
    let desk = session.desk.as_mut().map_err(|failure| failure.clone());
    let person = person::find(&session.wallet, desk, typed)?;
    let member = person.member().ok_or_else(|| person::unreadable(typed))?;
    if person.home != session.wallet.home() {
        let elsewhere = text!("member-elsewhere", who = person.shown());
        return Err(Failure::new(codes::NO_SUCH_MEMBER, elsewhere));
    }
    Ok((person, member))
}

/// Returns a member as the home's stewards see one.
fn item(
    session: &mut Session<'_>,
    person: &Person,
    member: MemberId,
) -> Result<Option<MemberItem>, Failure> {
    let from = person.number.unwrap_or_default();
    match session.private(Query::Members { from })? {
        Reply::Members(page) => Ok(page.into_iter().find(|item| item.member == member)),
        _ => Err(unexpected()),
    }
}

/// Returns the member with the name that the home has, so that nobody decides about the wrong person by a slip of a
/// number.
fn called(session: &mut Session<'_>, person: &Person, member: MemberId) -> Result<Text, Failure> {
    let item = item(session, person, member)?;
    Ok(named(person, item.as_ref()))
}

fn named(person: &Person, item: Option<&MemberItem>) -> Text {
    match item.map(|item| item.alias.as_str()).filter(|alias| !alias.is_empty()) {
        Some(alias) => text!("member-who", who = person.shown(), alias = alias),
        None => text!("member-who-unnamed", who = person.shown()),
    }
}

/// What a steward is about to decide about a member, and in whose words.
struct Decision {
    person: Person,
    member: MemberId,
    act: Act,
    /// What it means, beyond what the act says.
    means: Vec<Text>,
    /// The question.
    question: Text,
    /// What is done once it is in force.
    done: Text,
    /// What the act says, as data.
    data: Json,
}

/// Shows a decision, asks, and has it entered.
fn carry(
    context: &Context,
    session: &mut Session<'_>,
    decision: Decision,
) -> Result<Done, Failure> {
    let Decision { person, member, act, means, question, done, mut data } = decision;
    let who = called(session, &person, member)?;
    let screen = deciding::announced(session, &act).inset(who);
    context.show(&means.into_iter().fold(screen, Screen::line));
    data["member"] = json!(member.to_string());
    data["number"] = json!(person.number);
    if context.global.dry_run {
        data["state"] = json!("dry_run");
        return Ok(Done::new(data, Screen::new().line(text!("nothing-signed"))));
    }
    context.prompt.confirm(&question, false)?;
    let proposed = entries::act(&act, &Names::default());
    let decided = deciding::decide(session, act)?;
    if let (Some(data), Some(more)) = (data.as_object_mut(), decided.json().as_object()) {
        data.extend(more.clone());
    }
    let shown = decided.show(Screen::new(), if decided.waits() { proposed } else { done });
    Ok(decided.hint(Done::new(data, shown)))
}
