//! What is wrong with a node, if anything: each with its code and the command that helps. For `status`
//! and `node status`, running or not.

use core::iter;

use ledger::{
    aside::{ASIDE_MAX, place},
    guard::Distrust,
    segments::SegmentsReader,
};
use node::core::{CLOCK_AHEAD_MAX_MS, DISK_LEAST, MEMORY_BUDGET_BYTES};
use proto::{
    desk::{
        CopyState, CutOff, MirrorItem, NodeStatus, Obstacle, OwnBranch, RecoveryMirror,
        RecoverySheet, SilentWitness, Syncs, Unavailable,
    },
    ids::CiteId,
    wire::decline,
};
use serde_json::{Value as Json, json};

use crate::{
    codes::{self, Code},
    context::Context,
    entries::short,
    error::Failure,
    language::{Text, Value},
    local::{LocalLog, Silent},
    output::{Mark, Screen},
    reply, text,
    tree::Typed,
};

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;
/// Free space below which people are told, as a multiple of that.
const DISK_WARN_TIMES: u64 = 4;
/// A clock that is behind the last entry by more than this, in milliseconds, is mentioned: as far as a
/// mirror lets a seal lie ahead. Until it has caught up all entries carry the time of that one.
const CLOCK_BEHIND_LOG_MS: u64 = ledger::mirror::SEAL_AHEAD_MAX_MS;
/// A clock that differs from the allies' by more than this, in milliseconds: what is read off an answer is wrong by at most
/// half of the ten seconds that it may take.
const CLOCK_ALARM_MS: u64 = 5_000;
/// Memory from which on people are told: 70 % of what a node is given.
const MEMORY_ALARM_BYTES: u64 = MEMORY_BUDGET_BYTES / 10 * 7;
/// So many slow waits for the disk, and more than one in a hundred: one hiccup is no worn card.
const SLOW_LEAST: u64 = 3;
/// So many wrong messages, and more than one in a hundred: whoever has an older program says some.
const INVALID_LEAST: u64 = 10;
/// A witness of which nothing was heard for longer than this, in milliseconds: an hour, many times what a restart takes.
const SILENT_MS: u64 = 3_600_000;
/// Entries that wait for witnesses for longer than this, in milliseconds: ten minutes. A witness that is busy is asked again
/// within one.
const UNCONFIRMED_MS: u64 = 600_000;
/// Hours that wait longer than this, in milliseconds, are mentioned: a day.
pub(crate) const WAITING_MS: u64 = 86_400_000;

/// Something to look at.
#[derive(Clone, Debug)]
pub struct Alert {
    /// The numbered page that explains it.
    pub code: Code,
    /// Whether something does not work; otherwise it soon may not.
    pub error: bool,
    /// What is the matter.
    pub message: Text,
    /// The command that helps, in canonical English; may be empty.
    pub fix: Vec<String>,
    /// Whether `--check` is to end with 1 for it: what does not work, and what passed a threshold.
    pub alarm: bool,
}

impl Alert {
    /// Returns an alert.
    pub fn new(code: Code, error: bool, message: Text, fix: &[&str]) -> Self {
        let fix = fix.iter().map(|word| (*word).to_owned()).collect();
        Self { code, error, message, fix, alarm: error }
    }

    /// Returns that a threshold was passed: all works still.
    pub fn alarm(code: Code, message: Text, fix: &[&str]) -> Self {
        Self { alarm: true, ..Self::new(code, false, message, fix) }
    }

    /// Returns it as data, with the command that helps as it is typed here.
    pub fn json(&self, context: &Context) -> serde_json::Value {
        let mut fix = self.fix.clone();
        Typed::nothing(context.global.place.clone()).complete(&mut fix);
        json!({
            "code": self.code.name(),
            "alarm": self.alarm,
            "severity": if self.error { "error" } else { "warning" },
            "message": context.lang.say(&self.message),
            "fix": fix,
        })
    }

    /// Adds it to a screen.
    pub fn show(&self, screen: Screen) -> Screen {
        let mark = if self.error { Mark::Bad } else { Mark::Warn };
        let screen = screen.mark(mark, self.message.clone());
        if self.fix.is_empty() { screen } else { screen.arrow(None, &self.fix) }
    }
}

/// Returns what is wrong where no node runs, as far as the log tells that stands there, and what of it cannot be read.
pub fn of_stopped(log: &LocalLog, entries: &SegmentsReader) -> Vec<Alert> {
    let look = || -> Result<Option<Alert>, Failure> {
        let named = log.record_named()?.map_or(0, |(record, _)| record.incarnation());
        if named > log.record(entries)?.0.incarnation() {
            return Ok(Some(prepared()));
        }
        Ok(log.silent(entries)?.map(|why| silent(&why)))
    };
    let looked = look().unwrap_or_else(|failure| Some(of_failure(&failure)));
    iter::once(stopped()).chain(looked).collect()
}

/// Returns that something could not be looked at, as the command would say that needs it.
fn of_failure(failure: &Failure) -> Alert {
    let code = failure.code();
    // There is no command to stand for `…`.
    let fix =
        failure.fixes().into_iter().map(|fix| fix.argv).find(|fix| !fix.contains(&"…".into()));
    let fix = fix.unwrap_or_else(|| ["pirate", "explain", code.name()].map(str::to_owned).to_vec());
    let message = failure.message().clone();
    Alert { code, error: true, message, fix, alarm: true }
}

/// Returns that no node runs.
pub fn stopped() -> Alert {
    Alert::new(codes::NODE_ABSENT, true, text!("node-stopped"), &["pirate", "node", "run"])
}

/// Returns that the root named new keys, and that the node has yet to take the log up with them.
pub fn prepared() -> Alert {
    Alert::new(codes::RECOVERING, true, text!("recovering-prepared"), &["pirate", "node", "run"])
}

/// Returns that the log on this disk is signed no more.
fn silent(silent: &Silent) -> Alert {
    let fix = &["pirate", "node", "recover"];
    Alert::new(codes::RESTORED_IMAGE, true, why_silent(silent), fix)
}

/// Returns why the log on this disk is signed no more.
pub fn why_silent(silent: &Silent) -> Text {
    match silent {
        Silent::Distrusted(distrust) => text!("check-guard-not", said = why_distrusted(distrust)),
        Silent::Shown(checkpoint) => text!("log-shown", size = checkpoint.head.size),
    }
}

/// Returns what tells that this machine signed another log than the one that stands here.
pub fn why_distrusted(distrust: &Distrust) -> Text {
    match *distrust {
        Distrust::Missing | Distrust::Damaged => text!("guard-unreadable"),
        Distrust::OtherMachine | Distrust::OtherFile => text!("guard-copied"),
        Distrust::OtherLog | Distrust::OtherIncarnation { .. } => text!("guard-of-other"),
        Distrust::AboveLog { signed } => text!("guard-above", signed = signed),
        Distrust::OtherBranch { signed } => text!("guard-branch", signed = signed),
    }
}

/// Returns what is wrong with a running node.
pub fn of_node(status: &NodeStatus) -> Vec<Alert> {
    let mut alerts = of_clock(status);
    if let Some(recovery) = &status.recovery {
        alerts.extend(of_recovery(recovery));
    }
    // A doubted clock has its own words, and so has a recovery.
    if let Err(why) = status.signing
        && !matches!(why, Unavailable::Clock | Unavailable::Recovering)
    {
        let failure = reply::unavailable(why);
        // Who runs the machine is told what it is; a member, what to make of it.
        let code = match why {
            Unavailable::Restored => codes::RESTORED_IMAGE,
            _ => failure.code(),
        };
        // Whoever reads this has asked for the status already.
        let asked = |fix: &Vec<String>| {
            let mut words = fix.iter().skip(1);
            words.clone().eq(["node", "status"]) || words.any(|word| word == "…")
        };
        let explain = || ["pirate", "explain", code.name()].map(str::to_owned).to_vec();
        let fix = Some(code.fix()).filter(|fix| !asked(fix)).unwrap_or_else(explain);
        let message = failure.message().clone();
        alerts.push(Alert { code, error: true, message, fix, alarm: true });
    }
    if status.disk_free < DISK_LEAST.saturating_mul(DISK_WARN_TIMES) {
        let full = status.disk_free < DISK_LEAST;
        let message = text!(
            "disk-nearly-full",
            free = megabytes(status.disk_free),
            least = megabytes(DISK_LEAST)
        );
        let alert = Alert::alarm(codes::NODE_DISK_FULL, message, &[]);
        alerts.push(Alert { error: full, ..alert });
    }
    if status.scrub.flaws > 0 {
        let message = text!("scrub-found", flaws = status.scrub.flaws);
        alerts.push(Alert::new(codes::LEDGER_DAMAGED, true, message, &["pirate", "node", "scrub"]));
    }
    if status.scrub.imports_wait {
        let fix = &["pirate", "explain", codes::LEDGER_DAMAGED.name()];
        alerts.push(Alert::new(codes::LEDGER_DAMAGED, true, text!("imports-wait"), fix));
    }
    alerts.extend(of_watch(status));
    alerts.extend(status.cut_off.iter().map(|ally| {
        let fix = &["pirate", "node", "block", "--list"];
        Alert::new(codes::ALLY_BLOCKED, false, cost(ally), fix)
    }));
    alerts.extend(status.mirrored.iter().filter_map(of_copy));
    for log in status.mirrored.iter().filter(|log| log.convicted) {
        let message = text!("two-histories", cite = name_of(log.cite, &log.slug));
        alerts.push(Alert::new(
            codes::TWO_HISTORIES,
            false,
            message,
            &["pirate", "explain", "V30"],
        ));
    }
    if let Some(sheet) = &status.sheet {
        if !sheet.mirrors.is_empty() && status.peers == 0 {
            let message = text!("nobody-connected");
            alerts.push(Alert::new(
                codes::NODE_ABSENT,
                false,
                message,
                &["pirate", "node", "peers"],
            ));
        }
        for peer in &sheet.peers {
            let waiting = peer.waiting_since.filter(|since| sheet.now.since(*since) > WAITING_MS);
            if let Some(since) = waiting {
                let minutes = i64::try_from(peer.open_minutes).unwrap_or(i64::MAX);
                let message = text!(
                    "hours-waiting",
                    cite = peer.slug.as_str(),
                    minutes = Value::Minutes(minutes),
                    since = since
                );
                alerts.push(Alert::new(
                    codes::HOME_UNREACHABLE,
                    false,
                    message,
                    &["pirate", "federation", "list"],
                ));
            }
        }
    }
    alerts
}

/// Returns which numbers of a running node passed their threshold (`docs/operations.md` has the table).
fn of_watch(status: &NodeStatus) -> Vec<Alert> {
    let watch = &status.watch;
    let mut alerts = Vec::new();
    if let Some(memory) = watch.memory.filter(|memory| *memory > MEMORY_ALARM_BYTES) {
        let (held, of) = (megabytes(memory), megabytes(MEMORY_BUDGET_BYTES));
        let top = &["pirate", "node", "peers", "--top"];
        alerts.push(Alert::alarm(
            codes::MEMORY_HIGH,
            text!("watch-memory", held = held, of = of),
            top,
        ));
    }
    let Syncs { count, slow, longest_ms } = watch.syncs;
    if slow >= SLOW_LEAST && one_in_a_hundred(slow, count) {
        let message =
            text!("watch-syncs", slow = slow, count = count, seconds = longest_ms.div_ceil(1_000));
        alerts.push(Alert::alarm(codes::DISK_SLOW, message, &["pirate", "explain", "W0201"]));
    }
    if watch.invalid >= INVALID_LEAST && one_in_a_hundred(watch.invalid, watch.messages) {
        let message = text!("watch-invalid", invalid = watch.invalid, messages = watch.messages);
        let top = &["pirate", "node", "peers", "--top"];
        alerts.push(Alert::alarm(codes::MANY_INVALID, message, top));
    }
    let silent = |witness: &&SilentWitness| status.clock.now.since(witness.since) > SILENT_MS;
    for witness in watch.silent.iter().filter(silent) {
        let cite = name_of(witness.cite, &witness.slug);
        let message = text!("watch-silent", cite = cite, since = witness.since);
        alerts.push(Alert::alarm(codes::WITNESS_SILENT, message, &["pirate", "node", "peers"]));
    }
    let late = watch.unconfirmed.filter(|at| status.clock.now.since(*at) > UNCONFIRMED_MS);
    if let Some(since) = late {
        let message = text!("watch-unconfirmed", since = since);
        alerts.push(Alert::alarm(codes::UNCONFIRMED, message, &["pirate", "node", "peers"]));
    }
    alerts
}

/// Returns whether some are more than one in a hundred of all.
const fn one_in_a_hundred(some: u64, all: u64) -> bool {
    some.saturating_mul(100) > all
}

/// Returns what it costs that an ally is blocked.
pub fn cost(ally: &CutOff) -> Text {
    let cite = name_of(ally.cite, &ally.slug);
    match ally.witness {
        true => text!("blocked-witness", cite = cite),
        false => text!("blocked-ally", cite = cite),
    }
}

/// Returns an ally that is cut off, as data.
pub fn cut_off_json(ally: &CutOff) -> Json {
    json!({ "cite": ally.cite.to_string(), "slug": ally.slug, "witness": ally.witness })
}

/// Returns what is wrong with the copy of an ally's log, if something is.
fn of_copy(log: &MirrorItem) -> Option<Alert> {
    let cite = name_of(log.cite, &log.slug);
    let cite = cite.as_str();
    let (code, message) = match log.copy {
        CopyState::Kept => return None,
        CopyState::NoRoom | CopyState::Failed => {
            (codes::NODE_CANNOT_WRITE, text!("copy-closed", cite = cite))
        }
        CopyState::Refills { of } => {
            (codes::LEDGER_DAMAGED, text!("copy-refills", cite = cite, here = log.size, of = of))
        }
        CopyState::Wordless => {
            let message = text!("copy-wordless", cite = cite);
            let fix = &["pirate", "node", "recover"];
            return Some(Alert::new(codes::LEDGER_DAMAGED, false, message, fix));
        }
    };
    Some(Alert::new(code, false, message, &["pirate", "explain", code.name()]))
}

/// Returns how far a node is that recovers its log, and whom it waits for.
pub fn of_recovery(recovery: &RecoverySheet) -> Vec<Alert> {
    let silent = recovery.mirrors.iter().filter(|mirror| !mirror.promised && !mirror.connected);
    let silent = silent.map(witness_name).collect::<Vec<_>>().join(", ");
    let refusing = recovery.mirrors.iter().filter(|mirror| !mirror.promised);
    let declined = |mirror: &&RecoveryMirror| {
        mirror.declined.is_some_and(|(reason, _)| reason != decline::NOT_SILENT)
    };
    let refusing = refusing.filter(declined).map(witness_name);
    let refusing = refusing.collect::<Vec<_>>().join(", ");
    let said = match (recovery.entries, recovery.held > recovery.entries) {
        (0, _) => text!("recovering-nothing-yet"),
        (here, true) => text!("recovering-fetching", here = here, held = recovery.held),
        (here, _) if here > recovery.signed => {
            text!("recovering-unsigned", here = here, signed = recovery.signed)
        }
        _ => text!(
            "recovering-promises",
            have = u64::from(recovery.promised),
            need = u64::from(recovery.needed)
        ),
    };
    let waits = recovery.mirrors.iter().filter(|mirror| !mirror.promised);
    let waits = waits.filter_map(|mirror| mirror.declined);
    let waits = waits.filter(|(reason, _)| *reason == decline::NOT_SILENT);
    let waits = waits.map(|(_, missing)| missing.div_ceil(DAY_MS)).max();
    let mut alerts = vec![Alert::new(codes::RECOVERING, true, said, &["pirate", "node", "peers"])];
    alerts.extend(recovery.obstacle.map(of_obstacle));
    if !silent.is_empty() {
        let message = text!("recovering-silent", names = silent);
        alerts.push(Alert::new(codes::RECOVERING, false, message, &[]));
    }
    if let Some(days) = waits {
        let message = text!("recovering-heirs-wait", days = days);
        alerts.push(Alert::new(codes::RECOVERING, false, message, &[]));
    }
    if !refusing.is_empty() {
        let message = text!("recovering-refused", names = refusing);
        let again = &["pirate", "node", "recover"];
        alerts.push(Alert::new(codes::RECOVERING, false, message, again));
    }
    alerts
}

/// Returns what a recovery does not get over by itself, and what helps.
fn of_obstacle(obstacle: Obstacle) -> Alert {
    match obstacle {
        Obstacle::NoPlace => {
            let code = codes::NO_PLACE_ASIDE;
            let message = text!("recovering-no-place", count = ASIDE_MAX);
            Alert::new(code, true, message, &["pirate", "explain", code.name()])
        }
        Obstacle::Certified { size } => {
            let message = text!("recovering-certified", size = size);
            let again = &["pirate", "node", "recover", "--via", "…"];
            Alert::new(codes::OTHER_LOG_CERTIFIED, true, message, again)
        }
    }
}

/// Returns what of the own log gave way in a recovery, as data.
pub fn given_up_json(own: &OwnBranch) -> Json {
    json!({ "kept": own.kept, "of": own.of, "aside": place(own.number) })
}

/// Returns what of the own log gave way in a recovery, and where it lies.
pub fn given_up(own: &OwnBranch) -> Text {
    let lost = own.of.saturating_sub(own.kept);
    text!("given-up", lost = lost, from = own.kept, aside = place(own.number))
}

/// Returns a witness's short name, else the beginning of its identity.
fn witness_name(mirror: &RecoveryMirror) -> String {
    name_of(mirror.cite, &mirror.slug)
}

fn name_of(cite: CiteId, slug: &str) -> String {
    if slug.is_empty() { short(cite) } else { slug.to_owned() }
}

/// Returns what is wrong with a running node's clock: whether nothing is signed because of it, or it only
/// differs from the allies' or lies behind the log.
pub fn of_clock(status: &NodeStatus) -> Vec<Alert> {
    let clock = &status.clock;
    let most = i64::try_from(CLOCK_AHEAD_MAX_MS).unwrap_or(i64::MAX);
    let set = &["sudo", "timedatectl", "set-ntp", "true"][..];
    let word = &["pirate", "node", "clock", "--is-right"][..];
    let by = clock.ahead_ms.map(|ahead| (ahead, clock_minutes(ahead)));
    let mut alerts = Vec::new();
    let mut tell = |error, message, fix| {
        alerts.push(Alert { error, ..Alert::alarm(codes::CLOCK, message, fix) });
    };
    match (status.signing, by) {
        (Err(Unavailable::Clock), Some((_, by))) => {
            tell(true, text!("clock-ahead", by = by, count = clock.allies), set);
        }
        (Err(Unavailable::Clock), None) => {
            tell(true, text!("clock-jumped", now = clock.now, trusted = clock.trusted), word);
        }
        (_, Some((ahead, by))) if ahead > most => {
            tell(false, text!("clock-ahead-of", by = by, count = clock.allies), set);
        }
        (_, Some((ahead, by))) if ahead < -most => {
            tell(false, text!("clock-behind", by = by, count = clock.allies), set);
        }
        (_, Some((ahead, _))) if ahead.unsigned_abs() > CLOCK_ALARM_MS => {
            let seconds = ahead.unsigned_abs() / 1_000;
            let message = match ahead > 0 {
                true => text!("watch-clock-ahead", seconds = seconds, count = clock.allies),
                false => text!("watch-clock-behind", seconds = seconds, count = clock.allies),
            };
            tell(false, message, set);
        }
        _ => {}
    }
    let behind = clock.last_entry.since(clock.now);
    if behind > CLOCK_BEHIND_LOG_MS {
        let by = clock_minutes(i64::try_from(behind).unwrap_or(i64::MAX));
        tell(false, text!("clock-behind-log", by = by, last = clock.last_entry), set);
    }
    alerts
}

/// Returns a difference between clocks without its sign, in whole minutes.
pub fn clock_minutes(millis: i64) -> Value {
    Value::Minutes(i64::try_from(millis.unsigned_abs() / 60_000).unwrap_or(i64::MAX))
}

/// Returns bytes in whole mebibytes.
pub fn megabytes(bytes: u64) -> u64 {
    bytes >> 20
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
