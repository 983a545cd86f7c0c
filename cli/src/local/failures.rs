//! What to say where a log on this machine cannot be found or read.
//! Looks at nothing itself: the caller saw what is wrong.

use ledger::segments::SegmentsError;
use node::home_dir::{FORMAT, HomeDir, HomeDirError};
use serde_json::json;

use crate::{
    codes,
    error::{Failure, file_failure},
    paths::Paths,
    text,
};

/// Returns what to say where no cité was founded.
pub fn no_cite_here(paths: &Paths) -> Failure {
    Failure::new(codes::NO_CITE_HERE, text!("no-cite-here", path = &paths.node()))
        .fix_for(text!("fix-found"), &["pirate", "cite", "found"])
        .fix_for(text!("fix-join"), &["pirate", "join", "…"])
}

/// Returns what to say about a name that no known cité has.
pub fn no_such_cite(named: &str) -> Failure {
    Failure::new(codes::NO_SUCH_CITE, text!("no-such-cite", named = named)).fix(&[
        "pirate",
        "federation",
        "list",
    ])
}

/// Returns what to say about a directory that cannot be a node's.
pub fn home_failure(home: &HomeDir, error: &HomeDirError) -> Failure {
    match error {
        HomeDirError::Held { holder, .. } => {
            let failure = Failure::new(codes::LEDGER_LOCKED, text!("log-held"));
            match holder {
                Some(holder) => failure
                    .because(text!("log-held-by", process = holder.pid.to_string()))
                    .data(json!({ "pid": holder.pid, "started_ms": holder.started_ms })),
                None => failure,
            }
        }
        HomeDirError::Remote { path, kind } => {
            Failure::new(codes::SETTINGS, text!("disk-remote", path = path, kind = *kind))
                .fix(&["pirate", "node", "run", "--home", "…"])
        }
        HomeDirError::Format { path, found } => {
            let failure = Failure::new(codes::LATER_FORMAT, text!("format-later", path = path));
            match found {
                Some(found) => failure
                    .because(text!("format-numbers", found = *found, known = FORMAT))
                    .data(json!({ "format": found })),
                None => failure,
            }
        }
        HomeDirError::Cite { .. }
        | HomeDirError::NotFounded { .. }
        | HomeDirError::Leaf(_)
        | HomeDirError::Founding(_) => {
            Failure::new(codes::LEDGER_DAMAGED, text!("log-not-founded", path = home.root()))
                .caused_by(error)
        }
        HomeDirError::Log(SegmentsError::Disk(_)) | HomeDirError::Disk(_) => {
            Failure::new(codes::CANNOT_READ, text!("cannot-read", path = home.root()))
                .caused_by(error)
        }
        HomeDirError::Log(error) => {
            Failure::new(codes::LEDGER_DAMAGED, text!("log-unreadable", path = home.root()))
                .caused_by(error)
                .fix(&["pirate", "node", "scrub"])
        }
        HomeDirError::Examine { source, .. } => file_failure(false, home.root(), source),
    }
}
