//! What the rules' numbered refusals mean to a person: code, sentence with its values, the command that helps.
//! Decides nothing; a number that this version does not know is said as a number.

use proto::desk::{Fact, Refused};
use serde_json::json;

use crate::{
    codes::{self, Code},
    error::Failure,
    language::{Text, Value},
    text,
};

/// Characters of an identity that are shown in the middle of a sentence.
const BRIEF_CHARS: usize = 16;

/// Returns what to tell the person whose order was refused.
pub fn failure(refused: &Refused) -> Failure {
    let said = say(refused);
    let facts: Vec<_> = refused.facts.iter().map(fact_json).collect();
    let failure = Failure::new(said.code, said.message)
        .data(json!({ "refusal": refused.number, "facts": facts }));
    if said.fix.is_empty() { failure } else { failure.fix(said.fix) }
}

/// Returns the code of a refusal, or `None` for a number that this version does not know.
pub fn code(number: u16) -> Option<Code> {
    let said = say(&Refused { number, facts: Vec::new() });
    (said.known).then_some(said.code)
}

/// Returns a refusal without its values, in a few words: why hours came back.
pub fn reason(number: u16) -> Text {
    match code(number) {
        Some(code) => Text::new(code.page()),
        None => text!("refusal-unknown", number = u32::from(number)),
    }
}

struct Said {
    code: Code,
    message: Text,
    fix: &'static [&'static str],
    known: bool,
}

impl Said {
    fn fix(mut self, argv: &'static [&'static str]) -> Self {
        self.fix = argv;
        self
    }
}

fn of(code: Code, message: Text) -> Said {
    Said { code, message, fix: &[], known: true }
}

/// The values of a refusal by their place; a missing one is said to be unknown.
struct Facts<'a>(&'a [Fact]);

impl Facts<'_> {
    fn at(&self, place: usize) -> Value {
        match self.0.get(place) {
            Some(Fact::Minutes(minutes)) => Value::Minutes(*minutes),
            Some(Fact::Number(number)) => Value::from(*number),
            Some(Fact::Day(day)) => Value::Day(*day),
            Some(Fact::Member(id)) => brief(&id.to_string()).into(),
            Some(Fact::Cite(id)) => brief(&id.to_string()).into(),
            Some(Fact::Order(id)) => brief(&id.to_string()).into(),
            None => text!("unknown-value").into(),
        }
    }

    /// A limit of balances, with its sign: whole hours without their zero minutes. The most that an amount or a
    /// debt may be is no balance and has no plus sign: [`Self::at`].
    fn limit(&self, place: usize) -> Value {
        match self.at(place) {
            Value::Minutes(minutes) => Value::Limit(minutes),
            other => other,
        }
    }
}

/// Returns the beginning of an identity's text.
pub fn brief(id: &str) -> String {
    let cut: String = id.chars().take(BRIEF_CHARS).collect();
    if cut.len() == id.len() { cut } else { format!("{cut}…") }
}

fn fact_json(fact: &Fact) -> serde_json::Value {
    match fact {
        Fact::Minutes(minutes) => json!({ "minutes": minutes }),
        Fact::Number(number) => json!({ "number": number }),
        Fact::Day(day) => json!({ "day": crate::dates::iso_day(*day) }),
        Fact::Member(id) => json!({ "member": id.to_string() }),
        Fact::Cite(id) => json!({ "cite": id.to_string() }),
        Fact::Order(id) => json!({ "order": id.to_string() }),
    }
}

fn say(refused: &Refused) -> Said {
    let facts = Facts(&refused.facts);
    match refused.number {
        0..=19 => about_the_order(refused.number, &facts),
        20..=29 => about_amounts(refused.number, &facts),
        30..=39 => about_requests(refused.number, &facts),
        40..=49 => about_borders(refused.number, &facts),
        50..=79 => about_acts(refused.number, &facts),
        80..=89 => about_resuming(refused.number, &facts),
        90..=99 => about_members(refused.number, &facts),
        100..=104 => about_heirs(refused.number, &facts),
        number => unknown(number),
    }
}

fn unknown(number: u16) -> Said {
    let message = text!("refusal-unknown", number = u32::from(number));
    Said { known: false, ..of(codes::ORDER_REFUSED, message) }
}

fn about_the_order(number: u16, facts: &Facts<'_>) -> Said {
    match number {
        1 => of(codes::WRONG_NETWORK, text!("refusal-network")),
        2 => of(codes::WRONG_HOME, text!("refusal-home", cite = facts.at(0))),
        3 => of(codes::NOT_ADMITTED, text!("refusal-author", member = facts.at(0))),
        4 => of(codes::KEY_REPLACED, text!("refusal-epoch", current = facts.at(0))),
        5 => of(codes::UNKNOWN_DEVICE, text!("refusal-lane", lane = facts.at(0))),
        6 => of(codes::SIGNATURE_REFUSED, text!("refusal-signature")),
        7 => of(codes::ORDER_OVERTAKEN, text!("refusal-taken", seq = facts.at(0))),
        8 => of(codes::ORDER_MISSING, text!("refusal-gap", next = facts.at(0))),
        9 => of(codes::ORDER_OVERTAKEN, text!("refusal-prev")),
        10 => {
            of(codes::ORDER_TERM, text!("refusal-date", until = facts.at(0), today = facts.at(1)))
        }
        11 => of(codes::ORDER_TERM, text!("refusal-far", latest = facts.at(1))),
        12 => of(codes::OTHER_HISTORY, text!("refusal-head", size = facts.at(0))),
        13 => of(codes::ORDER_REFUSED, text!("refusal-join-alone")).fix(&["pirate", "join", "…"]),
        14 => of(codes::ORDER_REFUSED, text!("refusal-malformed")).fix(&["pirate", "--version"]),
        15 => of(codes::ORDER_REFUSED, text!("refusal-founding")),
        16 => of(codes::ALREADY_RECORDED, text!("refusal-recorded", leaf = facts.at(0))),
        17 => of(codes::CITE_CLOSED, text!("refusal-closed")),
        18 => of(codes::SUSPENDED, text!("refusal-suspended")),
        19 => of(codes::MEMBER_LEFT, text!("refusal-left")),
        number => unknown(number),
    }
}

fn about_amounts(number: u16, facts: &Facts<'_>) -> Said {
    match number {
        20 => of(codes::AMOUNT_ZERO, text!("refusal-zero")),
        21 => of(codes::NOT_A_STEP, text!("refusal-step", step = facts.at(0))),
        22 => of(codes::TOO_MUCH, text!("refusal-too-much", max = facts.at(0))),
        23 => of(codes::TO_ONESELF, text!("refusal-oneself")),
        24 => of(codes::NO_SUCH_MEMBER, text!("refusal-payee")),
        25 => of(
            codes::BELOW_LIMIT,
            text!(
                "refusal-floor",
                missing = facts.at(0),
                after = facts.at(1),
                floor = facts.limit(2)
            ),
        ),
        26 => of(
            codes::ABOVE_LIMIT,
            text!(
                "refusal-ceiling",
                excess = facts.at(0),
                after = facts.at(1),
                ceiling = facts.limit(2)
            ),
        ),
        27 => of(codes::TOO_MUCH, text!("refusal-overflow")),
        28 => of(codes::PAYEE_LEFT, text!("refusal-payee-left")),
        number => unknown(number),
    }
}

fn about_requests(number: u16, facts: &Facts<'_>) -> Said {
    match number {
        30 => of(codes::REQUEST_UNREADABLE, text!("refusal-request-malformed")),
        31 => of(codes::REQUEST_FORGED, text!("refusal-request-signature")),
        32 => of(codes::REQUEST_MISMATCH, text!("refusal-request-mismatch")),
        33 => of(
            codes::REQUEST_EXPIRED,
            text!("refusal-request-expired", until = facts.at(0), today = facts.at(1)),
        ),
        34 => of(codes::REQUEST_USED, text!("refusal-request-used")),
        35 => of(codes::REQUEST_TOO_LONG, text!("refusal-request-long", latest = facts.at(0))),
        number => unknown(number),
    }
}

fn about_borders(number: u16, facts: &Facts<'_>) -> Said {
    match number {
        40 => of(codes::NOT_ALLIED, text!("refusal-peer", cite = facts.at(0))),
        41 => of(codes::TOO_MANY_OPEN, text!("refusal-open", open = facts.at(0))),
        42 => of(codes::DEFICIT, text!("refusal-deficit", after = facts.at(0), max = facts.at(1))),
        43 => of(codes::LINE_FULL, text!("refusal-line", after = facts.at(0), line = facts.at(1))),
        44 => of(codes::NOT_ALLIED, text!("refusal-not-opened", cite = facts.at(0))),
        45 => of(codes::STREAM, text!("refusal-turn", expected = facts.at(0))),
        46 => of(codes::STREAM, text!("refusal-destination")),
        47 => of(codes::STREAM, text!("refusal-transfer", counter = facts.at(0))),
        48 => of(codes::STREAM, text!("refusal-nothing-to-acknowledge")),
        49 => of(codes::STREAM, text!("refusal-received", sent = facts.at(0))),
        number => unknown(number),
    }
}

fn about_acts(number: u16, facts: &Facts<'_>) -> Said {
    match number {
        50 => of(codes::NOT_STEWARD, text!("refusal-steward")),
        51 => of(codes::NO_SUCH_ACT, text!("refusal-act")),
        52 => of(codes::ALREADY_APPROVED, text!("refusal-approved")),
        53 => of(codes::ACTS_PENDING, text!("refusal-pending", pending = facts.at(0))),
        54 => of(codes::RULES_VERSION, text!("refusal-rules-version", next = facts.at(0))),
        55 => of(codes::ALREADY_MEMBER, text!("refusal-member", number = facts.at(0))),
        56 => of(codes::JOIN_UNUSABLE, text!("refusal-not-a-join")),
        57 => of(codes::JOIN_UNUSABLE, text!("refusal-join-signature")),
        58 => of(
            codes::JOIN_UNUSABLE,
            text!("refusal-join-date", until = facts.at(0), today = facts.at(1)),
        ),
        59 => of(codes::CARD_TERM, text!("refusal-card-term", days = facts.at(0))),
        60 => of(codes::PEER_EXISTS, text!("refusal-peer-exists", cite = facts.at(0))),
        61 => of(codes::ONESELF, text!("refusal-own-neighbour")),
        62 => of(codes::PEER_RECORD, text!("refusal-peer-network")),
        63 => of(codes::PEER_RECORD, text!("refusal-peer-founding")),
        64 => of(codes::TOO_MANY_PEERS, text!("refusal-peers", max = facts.at(0))),
        65 => of(codes::MIRROR_KEY, text!("refusal-mirror-key", cite = facts.at(0))),
        66 => of(codes::LINE_TOO_HIGH, text!("refusal-line-high", max = facts.at(0))),
        67 => of(codes::MIRRORS_PENDING, text!("refusal-mirrors-pending")),
        68 => of(codes::ROOT_ACT, text!("refusal-root-seq", next = facts.at(0))),
        69 => of(codes::ROOT_ACT, text!("refusal-root-late")),
        70 => of(codes::ROOT_ACT, text!("refusal-root-signature")),
        71 => of(codes::RULES_UNCHANGED, text!("refusal-rules-same")),
        72 => of(codes::RULES_VERSION, text!("refusal-join-rules", current = facts.at(0))),
        73 => of(codes::TOO_MANY_MEMBERS, text!("refusal-members", max = facts.at(0))),
        74 => of(codes::ROOT_ACT, text!("refusal-root-only")),
        75 => of(codes::CITE_CLOSED, text!("refusal-ended", cite = facts.at(0))),
        76 => of(codes::STREAM, text!("refusal-not-closed")),
        77 => of(codes::STREAM, text!("refusal-still-open", open = facts.at(0))),
        number => unknown(number),
    }
}

fn about_resuming(number: u16, facts: &Facts<'_>) -> Said {
    let said = match number {
        80 => text!("refusal-resume-keys"),
        81 => text!("refusal-resume-incarnation", current = facts.at(0)),
        82 => text!("refusal-resume-base", size = facts.at(0)),
        83 => text!("refusal-fences-missing", have = facts.at(0), need = facts.at(1)),
        84 => text!("refusal-fence-stranger", cite = facts.at(0)),
        85 => text!("refusal-fence-signature", cite = facts.at(0)),
        86 => text!("refusal-fence-ahead", cite = facts.at(0), size = facts.at(1)),
        87 => text!("refusal-resume-certificate"),
        88 => text!("refusal-keys-known", current = facts.at(0)),
        89 => text!("refusal-resume-named", size = facts.at(0)),
        number => return unknown(number),
    };
    of(codes::RESUME, said)
}

fn about_members(number: u16, facts: &Facts<'_>) -> Said {
    match number {
        90 => of(codes::NO_SUCH_MEMBER, text!("refusal-no-member", member = facts.at(0))),
        91 => of(
            codes::SUSPENSION,
            text!("refusal-suspension-past", until = facts.at(0), today = facts.at(1)),
        ),
        92 => of(codes::SUSPENSION, text!("refusal-not-suspended")),
        93 => of(codes::MEMBER_LEFT, text!("refusal-left-already")),
        94 => of(codes::LAST_STEWARD, text!("refusal-last-steward")),
        95 => of(codes::CARD_TERM, text!("refusal-allowance", max = facts.at(0))),
        number => unknown(number),
    }
}

fn about_heirs(number: u16, facts: &Facts<'_>) -> Said {
    let said = match number {
        100 => text!("refusal-heirs-known"),
        101 => text!("refusal-heir-key", place = facts.at(0)),
        102 => text!("refusal-heir-oneself", place = facts.at(0)),
        103 => text!("refusal-not-the-heirs"),
        104 => text!("refusal-heirs-unwatched"),
        number => return unknown(number),
    };
    of(codes::HEIRS, said)
}

#[cfg(test)]
mod tests {
    use ledger::refusal::Refusal;
    use proto::{
        desk::{Fact, Refused},
        minutes::{Balance, Minutes},
        time::UtcDay,
    };

    use super::{code, failure, reason};
    use crate::{codes, language::Lang, reply::is_refusal};

    #[test]
    fn every_refusal_of_the_rules_has_a_code_and_a_sentence_in_both_languages() {
        let facts = vec![Fact::Number(1), Fact::Number(2), Fact::Number(3)];
        for (number, name) in Refusal::NUMBERS {
            assert!(code(*number).is_some(), "{number} {name} has no code");
            let refused = Refused { number: *number, facts: facts.clone() };
            let failure = failure(&refused);
            assert!(is_refusal(&failure, *number), "{number} {name}");
            for lang in Lang::ALL {
                // A missing placeholder or sentence is an error in debug builds.
                assert!(lang.say(failure.message()).len() > 10, "{number} {name}");
                assert!(lang.say(&reason(*number)).len() > 3, "{number} {name}");
            }
        }
    }

    #[test]
    fn no_number_is_said_that_the_rules_do_not_have() {
        for number in 0..200 {
            let has = Refusal::NUMBERS.iter().any(|(known, _)| *known == number);
            assert_eq!(code(number).is_some(), has, "{number}");
        }
    }

    #[test]
    fn the_values_stand_in_the_sentence() {
        let refusal = Refusal::BelowFloor {
            missing: Minutes(105),
            after: Balance(-1_305),
            floor: Balance(-1_200),
        };
        let failure = failure(&refusal.into());
        assert_eq!(failure.code(), codes::BELOW_LIMIT);
        let said = Lang::Fr.say(failure.message());
        for part in ["1\u{a0}h\u{a0}45", "\u{2212}21\u{a0}h\u{a0}45", "\u{2212}20\u{a0}h"] {
            assert!(said.contains(part), "{said}");
        }
        let refusal = Refusal::RequestExpired { until: UtcDay(20_777), today: UtcDay(20_780) };
        let said = Lang::En.say(super::failure(&refusal.into()).message());
        assert!(said.contains("20\u{a0}Nov\u{a0}2026"), "{said}");
    }

    #[test]
    fn the_most_that_may_be_paid_has_no_sign() {
        let max = Minutes::PAYMENT_MAX;
        for refusal in [Refusal::TooMuch { max }, Refusal::LineTooHigh { max }] {
            let failure = failure(&refusal.into());
            for lang in Lang::ALL {
                let said = lang.say(failure.message());
                assert!(said.contains("1000\u{a0}h") && !said.contains('+'), "{said}");
            }
        }
    }

    #[test]
    fn missing_values_are_said_to_be_unknown() {
        for (number, _) in Refusal::NUMBERS {
            let failure = failure(&Refused { number: *number, facts: Vec::new() });
            for lang in Lang::ALL {
                assert!(!lang.say(failure.message()).is_empty());
            }
        }
    }
}
