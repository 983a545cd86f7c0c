//! `pirate node rebuild`: throws the index away and makes it again from the signed entries, every one
//! decided and verified anew. Always safe: nothing that cannot be rebuilt is touched.

use std::fs;

use ledger::{
    fold::Fold,
    guard::Distrust,
    store::{Store, StoreError},
};
use proto::minutes::Balance;
use serde_json::json;

use crate::{
    codes,
    commands::Args,
    context::Context,
    error::{Failure, file_failure},
    exit::Exit,
    health,
    local::{LocalLog, Silent, home_failure},
    output::{Done, Mark, Screen},
    text,
};

/// The directory that is thrown away, within the node's.
pub(super) const INDEX: &str = "index";

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    rebuild(context, args).map_err(|failure| match failure.code() {
        codes::LEDGER_DAMAGED => failure.because(text!("rebuild-no-mending")),
        _ => failure,
    })
}

fn rebuild(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let log = LocalLog::own(&context.paths)?;
    if args.flag("check-only") || context.global.dry_run {
        return check(context, &log);
    }
    // Whoever holds the directory may write the index meanwhile.
    let home = log.home();
    let claimed =
        home.claim(context.now().0).map_err(|error| match home_failure(home, &error) {
            failure if failure.code() == codes::LEDGER_LOCKED => failure
                .because(text!("rebuild-node-runs"))
                .fix(&["pirate", "node", "rebuild", "--check-only"]),
            failure => failure,
        })?;
    // A log that lost entries must not be opened for writing: that would cut what may be mended.
    let distrust = log.distrust(&log.entries()?)?;
    if let Some(lost @ (Distrust::AboveLog { .. } | Distrust::OtherBranch { .. })) = distrust {
        return Err(Failure::new(codes::LEDGER_DAMAGED, text!("log-lost-entries"))
            .because(health::why_distrusted(&lost))
            .because(text!("log-damaged-nothing")));
    }
    let path = home.root().join(INDEX);
    // Whatever stands in its place: a file, a link to another disk.
    let is_dir = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
    match if is_dir { fs::remove_dir_all(&path) } else { fs::remove_file(&path) } {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(file_failure(true, &path, &error));
        }
        _ => {}
    }
    let progress = context.progress(text!("rebuilding"));
    let opened = Store::open(claimed.disk.clone(), "", log.cite().0)
        .map_err(|error| store_failure(&log, &error))?;
    drop(progress);
    let (mut store, fold, beside) = (opened.store, opened.fold, opened.beside);
    store.snapshot(&fold, beside).map_err(|error| store_failure(&log, &error))?;
    let head = fold.head();
    let data = json!({
        "rebuilt": true,
        "entries": head.size,
        "root": head.root.to_string(),
        "sum_min": fold.state().sum().map(|sum| sum.0),
    });
    let screen = Screen::new()
        .mark(Mark::Good, text!("rebuild-done", entries = head.size))
        .fact(text!("label-root"), head.root.to_string());
    Ok(Done::new(data, screen).hint(text!("rebuild-next"), &["pirate", "node", "run"]))
}

/// Decides and verifies every entry anew and compares with what is kept; writes nothing.
fn check(context: &Context, log: &LocalLog) -> Result<Done, Failure> {
    let entries = log.entries()?;
    let mut fold = log.fold_all(context, &entries)?;
    let (head, sum) = (fold.head(), fold.state().sum());
    let state = fold.state_mut().root();
    // All entries follow: where what is kept leads elsewhere, it is that which is wrong.
    let is_here = |mut kept: Fold| kept.head() == head && kept.state_mut().root() == state;
    let leads_here = log.fold(context, &entries).is_ok_and(is_here);
    let index_fits = leads_here && log.index_fits(&log.entries()?)?;
    let certified = log.certified().map(|seal| seal.certificate.checkpoint.head);
    // A certificate above the log is an amnesia: the log was cut or is an older image.
    let certified_fits = match certified {
        None => None,
        Some(known) if known.size > head.size => Some(false),
        Some(known) => Some(fold.state().recent(known.size).is_none_or(|seal| seal.head == known)),
    };
    let zero = sum == Some(Balance::ZERO);
    let silent = log.silent(&entries)?;
    let is_last = silent.is_none();
    let good = index_fits && zero && certified_fits != Some(false) && is_last;
    let data = json!({
        "rebuilt": false,
        "entries": head.size,
        "root": head.root.to_string(),
        "sum_min": sum.map(|sum| sum.0),
        "index_fits": index_fits,
        "guard_fits": !matches!(silent, Some(Silent::Distrusted(_))),
        // Not looked at where the guard alone says enough.
        "shown_fits": match silent {
            None => Some(true),
            Some(Silent::Shown(_)) => Some(false),
            Some(Silent::Distrusted(_)) => None,
        },
        "certified": certified.map(|known| known.size),
        "certified_fits": certified_fits,
    });
    let mark = |good| if good { Mark::Good } else { Mark::Bad };
    let mut screen = Screen::new()
        .mark(Mark::Good, text!("check-entries", entries = head.size))
        .mark(mark(zero), text!("check-sum"))
        .mark(mark(index_fits), text!("check-index"));
    screen = match silent {
        None => screen.mark(Mark::Good, text!("check-guard")),
        Some(silent) => screen.mark(Mark::Bad, health::why_silent(&silent)),
    };
    screen = match (certified, certified_fits) {
        (Some(known), Some(fits)) => {
            screen.mark(mark(fits), text!("check-certified", size = known.size))
        }
        _ => screen.mark(Mark::NotChecked, text!("check-no-certificate")),
    };
    let done = Done::new(data, screen.fact(text!("label-root"), head.root.to_string()));
    Ok(if good {
        done
    } else {
        let done = done.exiting(Exit::Failed);
        if !is_last {
            done.hint(text!("check-do-recover"), &["pirate", "node", "recover"])
        } else if zero && certified_fits != Some(false) {
            done.hint(text!("scrub-do-rebuild"), &["pirate", "node", "rebuild"])
        } else {
            done.hint(text!("check-do"), &["pirate", "node", "scrub"])
        }
    })
}

fn store_failure(log: &LocalLog, error: &StoreError) -> Failure {
    match error {
        StoreError::Segments(error) => log.segments_failure(error),
        StoreError::Fault(fault) => log.fault(fault),
        StoreError::Disk(_) | StoreError::Tree(_) | StoreError::ReadBack => {
            let path = log.home().root();
            Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(error)
        }
    }
}
