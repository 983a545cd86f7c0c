//! What is wrong with a node, if anything: each with its code and the command that helps. For `status`
//! and `node status`, running or not.

use ledger::guard::Distrust;
use node::core::DISK_LEAST;
use proto::desk::NodeStatus;
use serde_json::json;

use crate::{
    codes::{self, Code},
    language::{Lang, Text},
    output::{Mark, Screen},
    reply, text,
};

/// Free space below which people are told, as a multiple of that.
const DISK_WARN_TIMES: u64 = 4;
/// Hours that wait longer than this, in milliseconds, are mentioned: a day.
const WAITING_MS: u64 = 86_400_000;

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
}

impl Alert {
    /// Returns an alert.
    pub fn new(code: Code, error: bool, message: Text, fix: &[&str]) -> Self {
        Self { code, error, message, fix: fix.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// Returns it as data.
    pub fn json(&self, lang: Lang) -> serde_json::Value {
        json!({
            "code": self.code.name(),
            "severity": if self.error { "error" } else { "warning" },
            "message": lang.say(&self.message),
            "fix": self.fix,
        })
    }

    /// Adds it to a screen.
    pub fn show(&self, screen: Screen) -> Screen {
        let mark = if self.error { Mark::Bad } else { Mark::Warn };
        let screen = screen.mark(mark, self.message.clone());
        if self.fix.is_empty() { screen } else { screen.arrow(None, &self.fix) }
    }
}

/// Returns that no node runs.
pub fn stopped() -> Alert {
    Alert::new(codes::NODE_ABSENT, true, text!("node-stopped"), &["pirate", "node", "run"])
}

/// Returns that the log on this disk is not the one that this machine signed last.
pub fn distrusted(distrust: &Distrust) -> Alert {
    let message = text!("check-guard-not", said = distrust.to_string());
    Alert::new(codes::RESTORED_IMAGE, true, message, &["pirate", "explain", "P0206"])
}

/// Returns what is wrong with a running node.
pub fn of_node(status: &NodeStatus) -> Vec<Alert> {
    let mut alerts = Vec::new();
    if let Err(why) = status.signing {
        let failure = reply::unavailable(why);
        let fix = match why {
            proto::desk::Unavailable::Restored => &["pirate", "explain", "P0206"][..],
            _ => &["pirate", "explain", failure.code().name()][..],
        };
        let fix: Vec<String> = fix.iter().map(|word| (*word).to_owned()).collect();
        let (code, message) = (failure.code(), failure.message().clone());
        alerts.push(Alert { code, error: true, message, fix });
    }
    if status.disk_free < DISK_LEAST.saturating_mul(DISK_WARN_TIMES) {
        let full = status.disk_free < DISK_LEAST;
        let message = text!(
            "disk-nearly-full",
            free = megabytes(status.disk_free),
            least = megabytes(DISK_LEAST)
        );
        alerts.push(Alert::new(codes::NODE_DISK_FULL, full, message, &[]));
    }
    for log in status.mirrored.iter().filter(|log| log.convicted) {
        let message = text!("two-histories", cite = log.slug.as_str());
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
                    minutes = crate::language::Value::Minutes(minutes),
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

/// Returns bytes in whole mebibytes.
pub fn megabytes(bytes: u64) -> u64 {
    bytes >> 20
}
