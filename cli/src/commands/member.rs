//! `pirate member …`: what stewards do with those who want to join, those who have, and those who want to be forgotten.

pub(super) mod admit;
pub(super) mod decline;
pub(super) mod erase;
pub(super) mod invite;
pub(super) mod list;

use std::collections::BTreeMap;

use proto::{
    desk::{Application, Query, Reply},
    ids::{MemberId, OrderId},
    order::SignedOrder,
};
use serde_json::{Value as Json, json};

use crate::{
    codes, dates, error::Failure, pending, reply::unexpected, text, wallet::session::Session,
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
