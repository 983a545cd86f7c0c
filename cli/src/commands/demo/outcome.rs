//! What a season came to: every figure of it, whether each check held, and how it is shown and said to
//! programs. Asks nothing and decides nothing but that.

mod screen;

use ledger::{
    audit::{PairReport, PairState, Report, Verdict},
    refusal::Refusal,
};
use proto::ids::CiteId;
use serde_json::{Map, Value as Json, json};

use super::{
    cite::line_minutes,
    faults::Fault,
    figures::{CITES, others},
    ledgers::Ledger,
    tally::Tally,
};
use crate::{
    codes::{self, Code},
    exit::Exit,
    language::Text,
    text,
};

/// A card that was checked at another cité.
pub(super) struct CardChecked {
    /// Number of the member.
    pub(super) number: usize,
    /// The home, by its place.
    pub(super) home: usize,
    /// The cité that checked, by its place.
    pub(super) at: usize,
    /// Whether the card is good there on the last day of the season.
    pub(super) good: bool,
    /// How many witnesses vouch for it.
    pub(super) witnesses: usize,
}

/// All that a demo found.
pub(super) struct Outcome {
    /// The seed.
    pub(super) seed: u64,
    /// Days of the season.
    pub(super) days: usize,
    /// Identities of the cités.
    pub(super) ids: Vec<CiteId>,
    /// Their ledgers.
    pub(super) ledgers: Vec<Ledger>,
    /// What people saw.
    pub(super) tally: Tally,
    /// The card.
    pub(super) card: CardChecked,
    /// What the auditor says of the bundles as they are.
    pub(super) report: Report,
    /// The fault that was planted, and what the auditor says then.
    pub(super) broken: Option<(Fault, Report)>,
    /// Seconds of real time.
    pub(super) seconds: f64,
}

/// Transfers between the cités, as the audit counted them.
#[derive(Clone, Copy, Default)]
struct Crossings {
    transfers: u64,
    imports: u64,
    returns: u64,
    returns_received: u64,
    open: u64,
}

impl Outcome {
    /// Returns how the program ends: 0 only if every check held; with a planted fault, the verdict on it.
    pub(super) fn exit(&self) -> Exit {
        if self.checks().iter().any(|(_, held)| !held) {
            return Exit::Failed;
        }
        match &self.broken {
            None => Exit::Done,
            // The auditor let a fault pass: that is the failure.
            Some((_, report)) if report.verdict == Verdict::Witnessed => Exit::Failed,
            Some((_, report)) => Exit::of_verdict(report.verdict.number()).unwrap_or(Exit::Failed),
        }
    }

    fn verdict(&self) -> Verdict {
        self.broken.as_ref().map_or(self.report.verdict, |(_, report)| report.verdict)
    }

    fn crossings(&self) -> Crossings {
        self.report.pairs.iter().fold(Crossings::default(), |sum, pair: &PairReport| Crossings {
            transfers: sum.transfers + pair.transfers,
            imports: sum.imports + pair.imports,
            returns: sum.returns + pair.returns,
            returns_received: sum.returns_received + pair.returns_received,
            open: sum.open + pair.open,
        })
    }

    /// Returns every check of a season, and whether it held.
    fn checks(&self) -> Vec<(Text, bool)> {
        let sum = self.crossings();
        let settled = self
            .ledgers
            .iter()
            .all(|ledger| ledger.entries == ledger.certified && ledger.entries == ledger.committed);
        let pairs = self.report.pairs.len() == CITES.len()
            && self.report.pairs.iter().all(|pair| pair.state == PairState::Pass);
        vec![
            (text!("demo-check-crossings"), pairs && sum.transfers == sum.imports + sum.returns),
            (text!("demo-check-members"), sum.transfers == self.tally.abroad),
            (text!("demo-check-returns"), sum.returns == sum.returns_received),
            (text!("demo-check-open"), sum.open == 0),
            (text!("demo-check-sum"), self.ledgers.iter().all(Ledger::is_zero_sum)),
            (text!("demo-check-lines"), self.lines_held()),
            (text!("demo-check-settled"), settled),
            (text!("demo-check-card"), self.card.good),
            (text!("demo-check-audit"), self.report.verdict == Verdict::Witnessed),
        ]
    }

    /// Returns whether no cité ever owed another more than its line.
    fn lines_held(&self) -> bool {
        self.positions().all(|(_, _, line, lowest, _)| lowest.saturating_neg() <= line)
    }

    /// Returns for each ordered pair of cités: places, line, lowest position and position at the end.
    fn positions(&self) -> impl Iterator<Item = (usize, usize, i64, i64, i64)> {
        self.ledgers.iter().enumerate().flat_map(|(of, ledger)| {
            others(of).into_iter().map(move |towards| {
                let (_, slug, _) = CITES[towards];
                // An account that is not there has never held its line.
                let (lowest, now) = ledger.peers.get(slug).copied().unwrap_or((i64::MIN, 0));
                (of, towards, line_minutes(of, towards), lowest, now)
            })
        })
    }

    /// Returns the data of `pirate.demo/1`.
    pub(super) fn json(&self) -> Json {
        let sum = self.crossings();
        let cites: Vec<Json> = self
            .ledgers
            .iter()
            .zip(&self.ids)
            .zip(CITES)
            .map(|((ledger, id), (name, slug, _))| {
                let lowest: Map<String, Json> = ledger
                    .peers
                    .iter()
                    .map(|(slug, (low, _))| (slug.clone(), json!(low)))
                    .collect();
                let now: Map<String, Json> = ledger
                    .peers
                    .iter()
                    .map(|(slug, (_, now))| (slug.clone(), json!(now)))
                    .collect();
                json!({
                    "cite": id.to_string(),
                    "slug": slug,
                    "name": name,
                    "members": ledger.members,
                    "entries": ledger.entries,
                    "sum_min": ledger.sum_farthest(),
                    "certified": ledger.certified,
                    "committed": ledger.committed,
                    "peer_min": now,
                    "peer_lowest_min": lowest,
                })
            })
            .collect();
        let refused: Map<String, Json> = self
            .tally
            .refused
            .iter()
            .map(|(number, count)| (refusal_name(*number), json!(count)))
            .collect();
        let waited = &self.tally.waited;
        json!({
            "seed": self.seed,
            "days": self.days,
            "cites": cites,
            "exchanges": self.tally.inside + self.tally.abroad,
            "inside": self.tally.inside,
            "requests": self.tally.requests,
            "mean_minutes": self.mean(),
            "transfers": sum.transfers,
            "imports": sum.imports,
            "returns": sum.returns,
            "returns_received": sum.returns_received,
            "open": sum.open,
            "refused": refused,
            "waited": {
                "days": waited.days,
                "transfers": waited.transfers,
                "minutes": waited.minutes,
            },
            "card": { "valid": self.card.good, "witnesses": self.card.witnesses },
            "verdict": self.verdict().number(),
            "seconds": self.seconds,
        })
    }

    fn mean(&self) -> u64 {
        self.tally.minutes.checked_div(self.tally.inside + self.tally.abroad).unwrap_or(0)
    }
}

fn code_of(verdict: Verdict) -> Code {
    match verdict {
        Verdict::Witnessed => codes::VERIFIED,
        Verdict::Minority => codes::MINORITY_OF_WITNESSES,
        Verdict::FewWitnesses => codes::FEW_WITNESSES,
        Verdict::Unanchored => codes::UNANCHORED,
        Verdict::TwoHistories => codes::TWO_HISTORIES,
        Verdict::Invalid => codes::INVALID,
    }
}

/// Returns the name of a refusal as programs read it: `BelowFloor` is `below_floor`.
fn refusal_name(number: u16) -> String {
    let known = Refusal::NUMBERS.iter().find(|(known, _)| *known == number);
    let Some((_, name)) = known else { return number.to_string() };
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::refusal_name;

    #[test]
    fn refusals_have_neutral_names() {
        assert_eq!(refusal_name(25), "below_floor");
        assert_eq!(refusal_name(26), "above_ceiling");
        assert_eq!(refusal_name(9_999), "9999");
    }
}
