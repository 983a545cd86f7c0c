//! `pirate member …`: what stewards do with those who want to join and those who have.

pub(super) mod admit;
pub(super) mod decline;
pub(super) mod invite;
pub(super) mod list;

use std::collections::BTreeSet;

use proto::{
    desk::{Application, Query, Reply},
    ids::MemberId,
    order::SignedOrder,
};
use serde_json::{Value as Json, json};

use crate::{
    codes, dates,
    error::Failure,
    pending::{self, Pending},
    reply::unexpected,
    text,
    wallet::session::Session,
};

/// Somebody who asked to be admitted, and who that is.
pub(super) struct Applicant {
    pub(super) member: MemberId,
    pub(super) application: Application,
    /// Whether a steward proposed the admission, and others must still sign it.
    proposed: bool,
}

impl Applicant {
    /// Returns this applicant, of whom nobody decided yet: a second proposal is not the signature that is missing, and
    /// what was signed is not taken back.
    ///
    /// # Errors
    /// P0735.
    fn unproposed(&self) -> Result<&Self, Failure> {
        if !self.proposed {
            return Ok(self);
        }
        let alias = self.application.alias.as_str();
        Err(Failure::new(codes::ADMISSION_PROPOSED, text!("application-proposed", alias = alias))
            .because(text!("application-proposed-why"))
            .fix(&["pirate", "cite", "approve", "--list"]))
    }

    fn json(&self) -> Json {
        json!({
            "member": self.member.to_string(),
            "alias": self.application.alias,
            "state": if self.proposed { "proposed" } else { "applied" },
            "applied_at": dates::rfc3339(self.application.time),
        })
    }
}

/// Returns who asked to be admitted, oldest first as the home gives them.
pub(super) fn applicants(session: &mut Session<'_>) -> Result<Vec<Applicant>, Failure> {
    let Reply::Applications(applications) = session.private(Query::Applications)? else {
        return Err(unexpected());
    };
    let acts = if applications.is_empty() { Vec::new() } else { pending::acts(session)? };
    let proposed: BTreeSet<MemberId> = acts.iter().filter_map(Pending::admits).collect();
    let known = applications.into_iter().filter_map(|application| {
        let member = SignedOrder::decode(&application.join).ok()?.order().author;
        Some(Applicant { member, application, proposed: proposed.contains(&member) })
    });
    Ok(known.collect())
}
