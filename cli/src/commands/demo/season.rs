//! The season: three nodes as processes, and what their people do day by day. A barrier ends every step
//! whose outcome another one could change, so that one seed gives one table on every machine.
//!
//! Within a day: what came the day before is acknowledged; payments inside the cités, in waves; then the payments
//! abroad of one cité after the other, each followed by a wait until every message was taken in. Each day is played
//! at noon and within minutes, so that nothing falls due for acknowledgement while it is being played.

use proto::{
    desk::{Call, CardProof, Operator, Query, Reply},
    minutes::Minutes,
    order::Statement,
    time::{DAY_MS, UnixMillis, UtcDay},
};

use super::{
    barrier::Until,
    chance::Chance,
    cite::{Cite, Entered, defect},
    figures::{AWAY, CITES, Day, Exchange, Season},
    ground::Ground,
    tally::{Tally, Waited},
};
use crate::{context::Context, error::Failure, output::Screen, progress::Progress, reply, text};

/// Days between the founding and today beyond those of the season: the founding, what drains, and room
/// for the zones of clocks, so that kept directories can be used with the real clock afterwards.
const DAYS_AROUND: u64 = 5;

/// Three cités with their nodes.
pub(super) struct Federation<'a> {
    context: &'a Context,
    /// Where they stand.
    pub(super) ground: &'a Ground,
    chance: Chance,
    /// The cités.
    pub(super) cites: Vec<Cite>,
    /// What happened so far.
    pub(super) tally: Tally,
    first_day: UtcDay,
    /// What their clocks showed when the day began.
    pub(super) noon: UnixMillis,
    /// What their clocks show.
    pub(super) clock: UnixMillis,
}

impl<'a> Federation<'a> {
    /// Founds the cités, starts their nodes, admits their people and allies them.
    pub(super) fn found(
        context: &'a Context,
        ground: &'a Ground,
        mut chance: Chance,
        days: usize,
    ) -> Result<Self, Failure> {
        let back = u64::try_from(days).unwrap_or(u64::MAX).saturating_add(DAYS_AROUND);
        let founded_on = UtcDay(context.now().day().0.saturating_sub(back));
        let clock = founded_on.start().plus(DAY_MS / 2);
        let mut cites = Vec::new();
        for place in 0..CITES.len() {
            cites.push(Cite::found(ground, context, &mut chance, place, clock)?);
        }
        let tally = Tally::default();
        let first_day = founded_on.plus(1);
        let noon = clock;
        let mut federation = Self { context, ground, chance, cites, tally, first_day, noon, clock };
        federation.begin(founded_on)?;
        Ok(federation)
    }

    fn begin(&mut self, today: UtcDay) -> Result<(), Failure> {
        let ground = self.ground;
        self.each(|_, cite| cite.start(ground))?;
        self.set_clocks(self.clock)?;
        let nodes: Vec<_> =
            self.cites.iter().map(|cite| (cite.keys.network.public(), cite.address())).collect();
        for (place, cite) in self.cites.iter_mut().enumerate() {
            for (node, address) in nodes.iter().skip(place + 1) {
                let addresses = vec![address.clone()];
                let call = Call::Operator(Operator::Connect { node: *node, addresses });
                match cite.node()?.call(call)? {
                    Reply::Done => {}
                    _ => return Err(reply::unexpected()),
                }
            }
        }
        let all: Vec<_> = self.cites.iter().map(Cite::card).collect();
        self.each(|place, cite| {
            cite.admit_all(today)?;
            cite.ally(place, &all, today)
        })?;
        self.wait(Until::Allied)?;
        self.tell(text!("demo-allied"));
        Ok(())
    }

    /// Does something with all cités at once, each in a thread of its own.
    fn each<T: Send>(
        &mut self,
        work: impl Fn(usize, &mut Cite) -> Result<T, Failure> + Sync,
    ) -> Result<Vec<T>, Failure> {
        let work = &work;
        std::thread::scope(|scope| {
            let workers: Vec<_> = self
                .cites
                .iter_mut()
                .enumerate()
                .map(|(place, cite)| scope.spawn(move || work(place, cite)))
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or_else(|_| Err(defect())))
                .collect()
        })
    }

    /// Plays all days of a season, and one on which nobody pays, so that nothing is open in the end.
    pub(super) fn play(&mut self, season: &Season, progress: &Progress) -> Result<(), Failure> {
        let days = season.days.len();
        progress.total(u64::try_from(days).unwrap_or(u64::MAX));
        for (number, day) in season.days.iter().enumerate() {
            self.ground.check()?;
            self.morning(number, season.away)?;
            self.inside(day)?;
            for cite in 0..CITES.len() {
                self.abroad(cite, day)?;
                if !is_away(number, season.away) {
                    self.wait(Until::TakenIn)?;
                }
            }
            progress.at(u64::try_from(number + 1).unwrap_or(u64::MAX));
        }
        self.begin_day(days)?;
        self.wait(Until::Closed)?;
        self.wait(Until::Certified)
    }

    /// Begins a day, and waits for the acknowledgements that fall due. Where a node was away the day before, nothing
    /// was committed and so nothing came.
    fn morning(&mut self, number: usize, away: (usize, usize)) -> Result<(), Failure> {
        let back = number == away.1;
        if back {
            self.take_note_of_what_waits(away)?;
            let ground = self.ground;
            self.at(AWAY)?.start(ground)?;
        }
        self.begin_day(number)?;
        if back {
            self.wait(Until::TakenIn)?;
            self.tell(text!("demo-back", name = CITES[AWAY].0));
        } else if !is_away(number, (away.0 + 1, away.1)) {
            self.wait(Until::Closed)?;
        }
        if number == away.0 {
            self.at(AWAY)?.stop()?;
            self.tell(text!("demo-away", name = CITES[AWAY].0, day = self.today()));
        }
        Ok(())
    }

    /// Has people pay inside their cités, wave by wave, all cités at once.
    fn inside(&mut self, day: &Day) -> Result<(), Failure> {
        let mut drawn: Vec<Vec<Vec<(usize, Statement)>>> = Vec::new();
        for waves in &day.inside {
            let mut statements = Vec::new();
            for wave in waves {
                statements.push(self.statements(wave)?);
            }
            drawn.push(statements);
        }
        let today = self.today();
        let entered = self.each(|place, cite| {
            let mut entered = Vec::new();
            for wave in drawn.get(place).into_iter().flatten() {
                entered.extend(cite.enter(wave.clone(), today)?);
            }
            Ok(entered)
        })?;
        for (waves, entered) in day.inside.iter().zip(entered) {
            for (exchange, entered) in waves.iter().flatten().zip(entered) {
                self.count(exchange, &entered);
            }
        }
        Ok(())
    }

    /// Has people of one cité pay people of the others, one after the other: their order is that of the
    /// messages on the way.
    fn abroad(&mut self, place: usize, day: &Day) -> Result<(), Failure> {
        let today = self.today();
        for exchange in day.abroad.get(place).into_iter().flatten() {
            let statements = self.statements(std::slice::from_ref(exchange))?;
            for entered in self.at(place)?.enter(statements, today)? {
                self.count(exchange, &entered);
            }
        }
        Ok(())
    }

    fn statements(&mut self, exchanges: &[Exchange]) -> Result<Vec<(usize, Statement)>, Failure> {
        let today = self.today();
        let mut statements = Vec::new();
        for Exchange { payer, payee, minutes, request } in exchanges {
            let home = self.at(payer.0)?.id();
            let from = self.at(payer.0)?.people.get(payer.1).ok_or_else(defect)?.id;
            let chance = &mut self.chance;
            let to = self
                .cites
                .get(payee.0)
                .and_then(|cite| cite.people.get(payee.1))
                .ok_or_else(defect)?;
            let request = request.then(|| to.request(chance, from, *minutes, today));
            statements.push((payer.1, to.paid_from(home, *minutes, request.as_ref())));
        }
        Ok(statements)
    }

    fn count(&mut self, exchange: &Exchange, entered: &Entered) {
        let Exchange { payer, payee, minutes: Minutes(minutes), request } = exchange;
        match entered {
            Ok(_) => {
                let abroad = payer.0 != payee.0;
                self.tally.abroad += u64::from(abroad);
                self.tally.inside += u64::from(!abroad);
                self.tally.requests += u64::from(*request);
                self.tally.minutes += u64::from(*minutes);
            }
            Err(refused) => *self.tally.refused.entry(refused.number).or_default() += 1,
        }
    }

    /// Shows what waits for the node that is away, and since when.
    fn take_note_of_what_waits(&mut self, away: (usize, usize)) -> Result<(), Failure> {
        let cite = self.at(AWAY)?.id();
        let days = away.1.saturating_sub(away.0);
        let mut waited =
            Waited { days: u64::try_from(days).unwrap_or(u64::MAX), ..Waited::default() };
        let mut since: Option<UnixMillis> = None;
        for sheet in self.sheets()?.into_iter().flatten() {
            for peer in sheet.peers.iter().filter(|peer| peer.cite == cite) {
                waited.transfers += u64::from(peer.open);
                waited.minutes += peer.open_minutes;
                since = [since, peer.waiting_since].into_iter().flatten().min();
            }
        }
        if let Some(since) = since {
            let total = i64::try_from(waited.minutes).unwrap_or(i64::MAX);
            self.tell(text!(
                "demo-waiting",
                name = CITES[AWAY].0,
                count = waited.transfers,
                amount = crate::language::Value::Minutes(total),
                since = since
            ));
        }
        self.tally.waited = waited;
        Ok(())
    }

    /// Returns the card of a member, as its home's node gives it to that member.
    pub(super) fn card_of(&mut self, place: usize, who: usize) -> Result<CardProof, Failure> {
        let cite = self.at(place)?;
        let Reply::Challenge(challenge) = cite.node()?.call(Call::Challenge)? else {
            return Err(reply::unexpected());
        };
        let person = cite.people.get(who).ok_or_else(defect)?;
        let call = person.query(challenge, Query::Card);
        match cite.node()?.call(call)? {
            Reply::Card(card) => Ok(*card),
            _ => Err(reply::unexpected()),
        }
    }

    /// Stops all nodes.
    pub(super) fn stop(&mut self) -> Result<(), Failure> {
        self.each(|_, cite| cite.stop()).map(|_| ())
    }

    /// Returns the day that the clocks show.
    pub(super) fn today(&self) -> UtcDay {
        self.clock.day()
    }

    fn at(&mut self, place: usize) -> Result<&mut Cite, Failure> {
        self.cites.get_mut(place).ok_or_else(defect)
    }

    fn begin_day(&mut self, number: usize) -> Result<(), Failure> {
        let day = self.first_day.plus(u64::try_from(number).unwrap_or(u64::MAX));
        self.noon = day.start().plus(DAY_MS / 2);
        self.set_clocks(self.noon)
    }

    /// Sets the clocks of all nodes that run.
    pub(super) fn set_clocks(&mut self, to: UnixMillis) -> Result<(), Failure> {
        self.clock = to;
        self.each(|_, cite| match &mut cite.node {
            Some(node) => node.set_clock(to),
            None => Ok(()),
        })?;
        Ok(())
    }

    fn tell(&self, said: crate::language::Text) {
        if !self.context.printer.quiet() {
            self.context.show(&Screen::new().line(said));
        }
    }
}

fn is_away(day: usize, away: (usize, usize)) -> bool {
    (away.0..away.1).contains(&day)
}
