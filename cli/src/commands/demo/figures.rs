//! What is played: three cités, how far they trust each other, and what people exchange on each day of a
//! season. Drawn from one seed before anything runs; knows no node and no answer of one.

use proto::minutes::Minutes;

use super::chance::Chance;

/// The cités, by their places 0 to 2: name, short name, commune.
pub(super) const CITES: [(&str, &str, &str); 3] = [
    ("Les Tisserandes", "tisserandes", "Lyon 4e"),
    ("Quai-Nord", "quai-nord", "Strasbourg"),
    ("Les Ruchers", "ruchers", "Die"),
];

/// Members of a cité, its steward among them: the median of 156 time banks (DG scrape, 2026).
pub(super) const MEMBERS: usize = 41;

/// Lines between cités that trade: what the design says that they want (50 to 150 h).
const LINE: Minutes = Minutes(6_000);

/// The one line that fills: from the last cité towards the second.
const LINE_SHORT: Minutes = Minutes(300);

/// Most that each cité lets itself owe the others together: above all lines, so that the lines decide.
pub(super) const DEFICIT_MAX: Minutes = Minutes(18_000);

/// Exchanges drawn per cité and day. With 90 days and three cités this is some two thousand.
const EXCHANGES_PER_DAY: usize = 8;

/// How many of a hundred exchanges cross a border.
const ABROAD_PERCENT: usize = 20;

/// How many of a hundred payments answer a request that the payee signed.
const REQUEST_PERCENT: usize = 25;

/// How many of a hundred payers are the people who always ask: they reach their limit.
const EAGER_PERCENT: usize = 33;

/// How many of a hundred exchanges of the second cité go to the one that trusts it least.
const TOWARDS_SHORT_PERCENT: usize = 70;

/// The first and the day after the last on which the third cité's node is away, in hundredths of the
/// season; both are rounded to even days, on which acknowledgements are due.
const AWAY_PERCENT: (usize, usize) = (44, 51);

/// Place of the cité whose node goes away.
pub(super) const AWAY: usize = 2;

/// Returns how far cité `of` lets cité `towards` go.
pub(super) const fn line(of: usize, towards: usize) -> Minutes {
    if of == 2 && towards == 1 { LINE_SHORT } else { LINE }
}

/// A member, by the places of cité and person.
pub(super) type Who = (usize, usize);

/// Somebody is to pay somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Exchange {
    /// Who received the service and pays.
    pub(super) payer: Who,
    /// Who gave it.
    pub(super) payee: Who,
    /// How much.
    pub(super) minutes: Minutes,
    /// Whether the payee signed a request first.
    pub(super) request: bool,
}

/// All that happens, day by day.
#[derive(Clone, Debug)]
pub(super) struct Season {
    /// The exchanges of each day, those inside cités apart from those across borders.
    pub(super) days: Vec<Day>,
    /// The day on whose morning a node is stopped, and the one on whose morning it starts again.
    pub(super) away: (usize, usize),
}

/// The exchanges of one day.
#[derive(Clone, Debug, Default)]
pub(super) struct Day {
    /// Inside, by cité, in waves: within one wave nobody has a part in two payments, so that what
    /// becomes of each does not depend on which is entered first.
    pub(super) inside: [Vec<Vec<Exchange>>; 3],
    /// Across borders, by the payer's cité. Nobody has a part in two of one day.
    pub(super) abroad: [Vec<Exchange>; 3],
}

impl Season {
    /// Draws a season of `days` days.
    pub(super) fn draw(chance: &mut Chance, days: usize) -> Self {
        let even = |percent: usize| (days * percent / 100).next_multiple_of(2);
        let away = (even(AWAY_PERCENT.0), even(AWAY_PERCENT.1).max(even(AWAY_PERCENT.0) + 2));
        let mut busy = Busy::default();
        let mut drawn = Vec::new();
        for day in 0..days {
            let is_away = (away.0..away.1).contains(&day);
            // What waits for the node that is away arrives all at once: until then it counts as one day.
            if !is_away {
                busy.clear();
            }
            drawn.push(Day::draw(chance, is_away, &mut busy));
        }
        Self { days: drawn, away }
    }
}

/// Who has a part in an exchange across borders already.
type Busy = Vec<Who>;

impl Day {
    fn draw(chance: &mut Chance, is_away: bool, busy: &mut Busy) -> Self {
        let mut day = Self::default();
        for cite in 0..CITES.len() {
            for _ in 0..EXCHANGES_PER_DAY {
                let abroad = chance.happens(ABROAD_PERCENT);
                let exchange = draw_exchange(chance, cite, abroad);
                if is_away && cite == AWAY {
                    continue;
                }
                if !abroad {
                    place(&mut day.inside[cite], exchange);
                } else if !busy.contains(&exchange.payer) && !busy.contains(&exchange.payee) {
                    busy.extend([exchange.payer, exchange.payee]);
                    day.abroad[cite].push(exchange);
                }
            }
        }
        day
    }
}

/// Puts a payment into the first wave after all those in which its people have a part.
fn place(waves: &mut Vec<Vec<Exchange>>, exchange: Exchange) {
    let meets = |other: &Exchange| {
        [exchange.payer, exchange.payee]
            .iter()
            .any(|who| *who == other.payer || *who == other.payee)
    };
    let after = waves.iter().rposition(|wave| wave.iter().any(meets)).map_or(0, |last| last + 1);
    match waves.get_mut(after) {
        Some(wave) => wave.push(exchange),
        None => waves.push(vec![exchange]),
    }
}

fn draw_exchange(chance: &mut Chance, cite: usize, abroad: bool) -> Exchange {
    let eager = chance.happens(EAGER_PERCENT);
    let (one, other) = (chance.below(MEMBERS), chance.below(MEMBERS));
    let payer = (cite, if eager { one.min(other) } else { one });
    let payee = if abroad {
        let [first, second] = others(cite);
        let first_percent = if cite == 1 { 100 - TOWARDS_SHORT_PERCENT } else { 50 };
        let to = if chance.happens(first_percent) { first } else { second };
        (to, chance.below(MEMBERS))
    } else {
        // Anybody but the payer.
        (cite, (payer.1 + 1 + chance.below(MEMBERS - 1)) % MEMBERS)
    };
    let request = chance.happens(REQUEST_PERCENT);
    Exchange { payer, payee, minutes: duration(chance), request }
}

/// Returns the two other cités.
pub(super) const fn others(cite: usize) -> [usize; 2] {
    match cite {
        0 => [1, 2],
        1 => [0, 2],
        _ => [0, 1],
    }
}

/// Returns the duration of an exchange: quarter hours, 2.7 h on average (DG scrape: the typical exchange),
/// mostly half an hour to five hours, now and then a day's work.
fn duration(chance: &mut Chance) -> Minutes {
    let mut quarters = 1 + chance.below(9) + chance.below(10);
    if chance.below(8) == 0 {
        quarters += chance.below(21);
    }
    Minutes(u32::try_from(quarters * 15).expect("ten hours are a small number"))
}

#[cfg(test)]
mod tests {
    use super::{AWAY, CITES, Chance, MEMBERS, Season};

    fn all(season: &Season) -> Vec<super::Exchange> {
        let of_day = |day: &super::Day| {
            let inside = day.inside.iter().flatten().flatten().cloned();
            inside.chain(day.abroad.iter().flatten().cloned()).collect::<Vec<_>>()
        };
        season.days.iter().flat_map(of_day).collect()
    }

    #[test]
    fn the_figures_are_those_of_real_time_banks() {
        let season = Season::draw(&mut Chance::new(1), 90);
        let exchanges = all(&season);
        assert!((1_800..2_400).contains(&exchanges.len()), "{}", exchanges.len());
        let minutes: u32 = exchanges.iter().map(|exchange| exchange.minutes.0).sum();
        let mean = minutes as usize / exchanges.len();
        assert!((155..169).contains(&mean), "{mean} min is not 2.7 h");
        assert!(exchanges.iter().all(|e| e.minutes.0 % 15 == 0 && e.minutes.0 > 0));
        let abroad = exchanges.iter().filter(|e| e.payer.0 != e.payee.0).count();
        assert!((15..25).contains(&(abroad * 100 / exchanges.len())), "{abroad}");
        assert!(exchanges.iter().all(|e| e.payer != e.payee && e.payer.1 < MEMBERS));
    }

    #[test]
    fn nobody_is_twice_in_a_wave_or_abroad_on_one_day() {
        let season = Season::draw(&mut Chance::new(7), 90);
        for day in &season.days {
            let abroad: Vec<_> = day.abroad.iter().flatten().cloned().collect();
            let waves = day.inside.iter().flatten().cloned().chain([abroad]);
            for wave in waves {
                let mut people: Vec<_> = wave.iter().flat_map(|e| [e.payer, e.payee]).collect();
                let count = people.len();
                people.sort_unstable();
                people.dedup();
                assert_eq!(people.len(), count);
            }
        }
    }

    #[test]
    fn nobody_pays_from_a_cite_whose_node_is_away() {
        for days in [10, 90] {
            let season = Season::draw(&mut Chance::new(1), days);
            let (from, until) = season.away;
            assert!(from > 0 && from < until && until < days && from % 2 == 0 && until % 2 == 0);
            for day in &season.days[from..until] {
                assert!(day.inside[AWAY].is_empty() && day.abroad[AWAY].is_empty());
            }
        }
        assert_eq!(CITES.len(), 3);
    }
}
