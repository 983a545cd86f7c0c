//! `pirate request …`: requests for hours, received and sent; and how one is found and shown.
//! One file per command.

pub(super) mod decline;
pub(super) mod list;
pub(super) mod show;

use proto::{
    desk::{Call, Query, Reply, RequestItem, RequestState},
    ids::RequestId,
    request::SignedRequest,
    time::UtcDay,
};
use serde_json::json;

use crate::{
    codes, dates,
    error::Failure,
    language::{Text, Value},
    person::{self, Person, Word},
    reply::unexpected,
    text,
    wallet::{request_link::RequestLink, session::Session},
};

/// Characters of a request's short name.
const SHORT_CHARS: usize = 8;
/// What the characters of an identity are (BIP 173).
const NAME_CHARS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Bytes of `preq1` in front of the characters that tell requests apart.
pub(super) const ID_HEAD: &str = "preq1";

/// A request, wherever it was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The request and its words.
    pub(super) link: RequestLink,
    /// Whether one is asked (not asking).
    pub(super) received: bool,
    /// Its state; `None` when nobody told: whether a link was paid or declined, only its home knows.
    pub(super) state: Option<RequestState>,
    /// Why it was declined.
    pub(super) reason: String,
    /// The payee's number, if the node said it.
    pub(super) payee_number: Option<u32>,
    /// Whether the home has it, so that it can be declined there.
    pub(super) at_home: bool,
}

impl Found {
    /// Returns whether it may be paid, as far as is known.
    pub(super) fn may_be_open(&self) -> bool {
        matches!(self.state, None | Some(RequestState::Open))
    }

    /// Returns the request's identity.
    pub(super) fn id(&self) -> RequestId {
        self.link.request.id()
    }

    /// Returns its words, if there are any.
    pub(super) fn words(&self) -> Option<&str> {
        let body = self.link.body.as_ref()?;
        (!body.text.is_empty()).then_some(body.text.as_str())
    }
}

/// Returns the first characters that tell a request from others.
pub(super) fn short(id: RequestId) -> String {
    id.to_string().chars().skip(ID_HEAD.len()).take(SHORT_CHARS).collect()
}

/// Returns every request that the home or this wallet knows, newest last day first.
pub(super) fn all(session: &mut Session<'_>, today: UtcDay) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    if session.is_fresh() {
        let Reply::Requests(items) = session.private(Query::Requests)? else {
            return Err(unexpected());
        };
        found.extend(items.into_iter().filter_map(of_item));
    }
    for link in session.wallet.kept_requests()? {
        if found.iter().all(|known| known.id() != link.request.id()) {
            found.push(of_link(link, session.wallet.member(), today));
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.link.request.request().valid_until));
    Ok(found)
}

fn of_item(item: RequestItem) -> Option<Found> {
    let request = SignedRequest::decode(&item.request).ok()?;
    let (received, state) = (item.received, item.state);
    let (reason, payee_number) = (item.reason, item.payee_number);
    // Words that were changed on the way are not shown as those of the request.
    let link =
        RequestLink::new(request.clone(), item.body).or_else(|| RequestLink::new(request, None))?;
    Some(Found { link, received, state: Some(state), reason, payee_number, at_home: true })
}

/// A request that no node told of: all that is known is what it says itself.
pub(super) fn of_link(link: RequestLink, me: proto::ids::MemberId, today: UtcDay) -> Found {
    let request = link.request.request();
    let expired = request.valid_until < today;
    Found {
        received: request.payee != me,
        state: expired.then_some(RequestState::Expired),
        reason: String::new(),
        payee_number: None,
        at_home: false,
        link,
    }
}

/// Returns the request that `typed` names: a link, an identity, or the beginning of one.
///
/// # Errors
/// P0414, P0415, P0427; why the home could not be asked, where only the home could know it.
pub(super) fn find(
    session: &mut Session<'_>,
    typed: &str,
    today: UtcDay,
) -> Result<Found, Failure> {
    if RequestLink::looks_like(typed) {
        let link = RequestLink::read(typed)?;
        let me = session.wallet.member();
        let known = all(session, today)?;
        let same = known.into_iter().find(|found| found.id() == link.request.id());
        return Ok(told(session, same.unwrap_or_else(|| of_link(link, me, today))));
    }
    let known = all(session, today)?;
    let unasked = if session.is_fresh() { None } else { session.silence() };
    let found = named(known, typed, unasked)?;
    Ok(told(session, found))
}

/// Returns a request with the state that the home of its payee tells whoever shows it whole, where no letter told
/// of it. Without an answer it stays unknown: whether it may be paid, the homes decide.
pub(super) fn told(session: &mut Session<'_>, found: Found) -> Found {
    if found.state.is_some() {
        return found;
    }
    let call = Call::Request(found.link.request.bytes().to_vec().into());
    let (home, payer) = (found.link.request.request().home, found.link.request.request().payer);
    // The home carried no letter of it, or it would have told: whoever is asked sees it only as a link.
    let is_left = session.is_fresh() && !found.received && payer.is_some();
    match session.desk().and_then(|desk| desk.call_at(home, call)) {
        Ok(Reply::Request(RequestState::Open)) if is_left => {
            Found { state: Some(RequestState::Undelivered), ..found }
        }
        Ok(Reply::Request(state)) => Found { state: Some(state), ..found },
        _ => found,
    }
}

/// The one request whose identity begins with `typed`. Without the home, which alone knows what others asked, nobody can
/// say that there is none: then the failure is `unasked`.
fn named(known: Vec<Found>, typed: &str, unasked: Option<&Failure>) -> Result<Found, Failure> {
    let folded = typed.trim().to_lowercase();
    let bare = folded.strip_prefix("pirate:").unwrap_or(&folded);
    let bare = bare.strip_prefix(ID_HEAD).unwrap_or(bare);
    let could_be = !bare.is_empty() && bare.chars().all(|c| NAME_CHARS.contains(c));
    let none = || match unasked.filter(|_| could_be) {
        Some(silence) => silence.clone(),
        None => Failure::new(codes::NO_SUCH_REQUEST, text!("request-none", typed = typed))
            .fix(&["pirate", "request", "list"]),
    };
    if bare.is_empty() {
        return Err(none());
    }
    let begins = |found: &Found| {
        found.id().to_string().strip_prefix(ID_HEAD).is_some_and(|id| id.starts_with(bare))
    };
    let mut hits: Vec<Found> = known.into_iter().filter(begins).collect();
    match (hits.pop(), hits.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            Err(Failure::new(codes::NO_SUCH_REQUEST, text!("request-many", typed = typed))
                .fix(&["pirate", "request", "list"]))
        }
        (None, _) => Err(none()),
    }
}

/// Returns who asks.
pub(super) fn payee(session: &mut Session<'_>, found: &Found) -> Person {
    let request = found.link.request.request();
    let (home, payee) = (request.home, request.payee);
    let desk = session.desk.as_mut().map_err(|failure| failure.clone());
    let person = person::of_id(&session.wallet, desk, home, payee);
    match (person.number, found.payee_number) {
        // The own home knew the number when it answered.
        (None, Some(number)) => Person { number: Some(number), word: Word::Home, ..person },
        _ => person,
    }
}

/// Who is asked. A request says who, and not in which cité.
pub(super) struct Payer {
    pub(super) shown: Value,
    /// The number in the payer's own cité, where it is known.
    pub(super) number: Option<u32>,
}

/// Returns who is asked, or that whoever holds the request may pay it.
pub(super) fn payer(session: &mut Session<'_>, found: &Found) -> Payer {
    let Some(payer) = found.link.request.request().payer else {
        return Payer { shown: text!("request-anyone").into(), number: None };
    };
    let own = session.wallet.home();
    let desk = session.desk.as_mut().map_err(|failure| failure.clone());
    let person = person::of_id(&session.wallet, desk, own, payer);
    if person.number.is_some() {
        return Payer { shown: person.shown().into(), number: person.number };
    }
    // Not a member here; but whoever was asked by number is remembered.
    match session.wallet.payees().into_iter().rev().find(|known| known.member == payer) {
        Some(known) => Payer {
            shown: format!("{}@{}", known.number, known.slug).into(),
            number: Some(known.number),
        },
        None => Payer { shown: crate::refusals::brief(&payer.to_string()).into(), number: None },
    }
}

/// Returns the word for a state.
pub(super) fn state(state: Option<RequestState>) -> Text {
    match state {
        None => text!("request-unknown"),
        Some(RequestState::Open) => text!("request-open"),
        Some(RequestState::Paid) => text!("request-paid"),
        Some(RequestState::Declined) => text!("request-declined"),
        Some(RequestState::Expired) => text!("request-expired"),
        Some(RequestState::Undelivered) => text!("request-undelivered"),
    }
}

/// Returns the neutral word for a state.
pub(super) fn state_word(state: Option<RequestState>) -> &'static str {
    match state {
        None => "unknown",
        Some(RequestState::Open) => "open",
        Some(RequestState::Paid) => "paid",
        Some(RequestState::Declined) => "declined",
        Some(RequestState::Expired) => "expired",
        Some(RequestState::Undelivered) => "undelivered",
    }
}

/// Returns a request for programs; `with_number` is the number of the other side.
pub(super) fn json_of(
    found: &Found,
    payee: &Person,
    with_number: Option<u32>,
) -> serde_json::Value {
    let request = found.link.request.request();
    json!({
        "request": found.id().to_string(),
        "short": short(found.id()),
        "direction": if found.received { "received" } else { "sent" },
        "with": if found.received {
            Some(request.payee.to_string())
        } else {
            request.payer.map(|payer| payer.to_string())
        },
        "with_number": with_number,
        "payee": request.payee.to_string(),
        "payee_number": payee.number,
        "cite": request.home.to_string(),
        "minutes": request.minutes.0,
        "for": found.words(),
        "state": state_word(found.state),
        "reason": if found.reason.is_empty() { None } else { Some(found.reason.as_str()) },
        "expires_at": dates::iso_day(request.valid_until),
        "uri": found.link.to_text(),
    })
}

#[cfg(test)]
mod tests {
    use proto::{desk::RequestState, hash::Hash, ids::MemberId, time::UtcDay};

    use super::{Found, named, of_link, short, state_word};
    use crate::{codes, wallet::tests::request_link};

    const TODAY: UtcDay = UtcDay(20_780);

    fn found(serial: u8, valid_until: UtcDay) -> Found {
        let link = request_link(serial, None, valid_until, None);
        of_link(link, MemberId(Hash([3; 32])), TODAY)
    }

    #[test]
    fn the_beginning_of_an_identity_is_enough_while_it_is_the_only_one() {
        let all: Vec<Found> = (0..40).map(|serial| found(serial, TODAY)).collect();
        for one in &all {
            for typed in [short(one.id()), one.id().to_string(), short(one.id()).to_uppercase()] {
                let hit =
                    named(all.clone(), &typed, None).expect("eight characters tell forty apart");
                assert_eq!(hit.id(), one.id());
            }
        }
        // Forty requests cannot all begin differently: 32 characters exist.
        let many = (0..40).find_map(|place: usize| {
            let first: String = short(all[place].id()).chars().take(1).collect();
            named(all.clone(), &first, None).err()
        });
        assert_eq!(many.map(|failure| failure.code()), Some(codes::NO_SUCH_REQUEST));
        // Whoever could not ask the home does not know that there is none, where it could be one.
        let silence = crate::reply::late("192.0.2.7:17890");
        for (typed, unasked, code) in [
            ("preq1", None, codes::NO_SUCH_REQUEST),
            ("b", None, codes::NO_SUCH_REQUEST),
            ("b", Some(&silence), codes::NO_SUCH_REQUEST),
            ("qqqqqqqqqq", None, codes::NO_SUCH_REQUEST),
            ("qqqqqqqqqq", Some(&silence), codes::NO_ANSWER_IN_TIME),
        ] {
            let said = named(all.clone(), typed, unasked).map_err(|failure| failure.code());
            assert_eq!(said.err(), Some(code), "{typed}");
        }
    }

    #[test]
    fn the_last_day_still_counts() {
        // Nobody said whether it was paid.
        assert!(found(1, TODAY).state.is_none() && found(1, TODAY).may_be_open());
        assert_eq!(state_word(found(1, TODAY).state), "unknown");
        assert_eq!(found(1, UtcDay(TODAY.0 - 1)).state, Some(RequestState::Expired));
        assert!(!found(1, UtcDay(TODAY.0 - 1)).may_be_open());
        assert!(!found(1, TODAY).received, "the payee is the reader");
    }
}
