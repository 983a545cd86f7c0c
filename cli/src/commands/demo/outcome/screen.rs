//! What a season came to, for people: two tables, a few figures, every check, and the verdict.
//! Decides nothing; whether a check held is known already.

use super::{Outcome, code_of};
use crate::{
    commands::demo::{faults::Fault, figures::CITES},
    language::{Text, Value},
    output::{Mark, Screen, Table},
    text,
};
use ledger::audit::Verdict;

impl Outcome {
    /// Returns what people are shown.
    pub(in super::super) fn screen(&self) -> Screen {
        let sum = self.crossings();
        let refused: u64 = self.tally.refused.values().sum();
        let mean = Value::Minutes(i64::try_from(self.mean()).unwrap_or(i64::MAX));
        let mut screen = Screen::new()
            .title(text!("demo-title", days = self.days, seed = self.seed.to_string()))
            .blank()
            .table(self.ledgers_table())
            .blank()
            .table(self.positions_table())
            .blank()
            .fact(
                text!("demo-label-exchanges"),
                text!(
                    "demo-exchanges",
                    count = self.tally.inside + self.tally.abroad,
                    mean = mean,
                    requests = self.tally.requests
                ),
            )
            .fact(
                text!("demo-label-abroad"),
                text!(
                    "demo-abroad",
                    sent = sum.transfers,
                    imports = sum.imports,
                    returns = sum.returns
                ),
            )
            .fact(text!("demo-label-refused"), refused)
            .fact(
                text!("demo-label-card"),
                text!(
                    "demo-card",
                    number = self.card.number,
                    home = CITES[self.card.home].0,
                    at = CITES[self.card.at].0,
                    witnesses = self.card.witnesses
                ),
            )
            .blank();
        for (said, held) in self.checks() {
            screen = screen.mark(if held { Mark::Good } else { Mark::Bad }, said);
        }
        if let Some((fault, report)) = &self.broken {
            screen = screen.blank().line(planted(*fault));
            for (place, bundle) in report.bundles.iter().enumerate() {
                if let Some(fault) = &bundle.fault {
                    let name = CITES.get(place).map_or("", |(name, ..)| *name);
                    screen = screen.mark(Mark::Bad, found(name, fault.leaf()));
                }
            }
            for conviction in &report.convictions {
                let name = conviction.founding().founding().name.as_str();
                screen = screen.mark(Mark::Bad, text!("demo-two-histories", name = name));
            }
        }
        let verdict = self.verdict();
        let mark = if verdict == Verdict::Witnessed { Mark::Good } else { Mark::Bad };
        let code = code_of(verdict);
        let seconds = format!("{:.0}", self.seconds);
        screen
            .mark(mark, text!("demo-verdict", code = code.name(), said = Text::new(code.page())))
            .line(text!("demo-seconds", seconds = seconds))
    }

    fn ledgers_table(&self) -> Table {
        let mut table = Table::new(vec![
            text!("demo-column-cite"),
            text!("demo-column-members"),
            text!("demo-column-entries"),
            text!("demo-column-sum"),
            text!("demo-column-certified"),
            text!("demo-column-committed"),
        ]);
        for (ledger, (name, ..)) in self.ledgers.iter().zip(CITES) {
            // The sum that is furthest from zero at any entry.
            let sum = ledger.sum_farthest();
            table.row(vec![
                name.into(),
                ledger.members.into(),
                ledger.entries.into(),
                Value::Minutes(sum),
                ledger.certified.into(),
                ledger.committed.into(),
            ]);
        }
        table
    }

    fn positions_table(&self) -> Table {
        let mut table = Table::new(vec![
            text!("demo-column-of"),
            text!("demo-column-towards"),
            text!("demo-column-line"),
            text!("demo-column-lowest"),
            text!("demo-column-now"),
        ]);
        for (of, towards, line, lowest, now) in self.positions() {
            table.row(vec![
                CITES[of].0.into(),
                CITES[towards].0.into(),
                Value::Minutes(line),
                Value::Minutes(lowest),
                Value::Minutes(now),
            ]);
        }
        table
    }
}

fn planted(fault: Fault) -> Text {
    match fault {
        Fault::Sum => text!("demo-planted-sum"),
        Fault::Signature => text!("demo-planted-signature"),
        Fault::Fork => text!("demo-planted-fork"),
    }
}

fn found(name: &str, leaf: Option<u64>) -> Text {
    match leaf {
        Some(leaf) => text!("demo-found-entry", name = name, leaf = leaf),
        None => text!("demo-found", name = name),
    }
}
