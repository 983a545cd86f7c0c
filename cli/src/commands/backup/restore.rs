//! `pirate backup restore FILE`: makes the node's directory from a backup, where none is. What was restored reads,
//! and signs nothing: it has neither keys nor a guard, and goes on in a new incarnation (`pirate node recover`).

use std::{
    fs::{self, OpenOptions},
    io::{self, BufReader, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use ledger::{
    backup::{self, KeyFile},
    disk::Disk,
};
use node::home_dir::HomeDir;
use proto::order::Head;
use serde_json::json;

use super::file;
use crate::{
    codes,
    commands::Args,
    context::Context,
    error::{Failure, file_failure},
    input,
    local::{LocalLog, home_failure},
    output::{Done, Mark, Screen},
    text,
};

/// The directory beside the node's in which it is made.
const UNFINISHED: &str = "node.restoring";

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let node = context.paths.node();
    if LocalLog::find(&context.paths)?.is_some() || node.join("log").exists() {
        return Err(Failure::new(codes::CITE_EXISTS, text!("backup-lives-here", path = &node)));
    }
    let path = std::path::PathBuf::from(args.required("backup"));
    let contents = file::check(context, &path)?;
    if context.global.dry_run {
        let data = json!({
            "restored": false, "cite": contents.front.cite.to_string(), "entries": contents.entries,
        });
        return Ok(Done::new(data, Screen::new().line(text!("backup-dry-run"))));
    }
    let keys = restore_keys(&context.paths.keys(), &contents.front.keys)?;
    let head = restore(context, &path)?;
    let data = json!({
        "restored": true,
        "cite": contents.front.cite.to_string(),
        "entries": head.size,
        "keys": keys,
    });
    let screen = Screen::new()
        .mark(Mark::Good, text!("backup-restored", entries = head.size))
        .fact(text!("label-key-files"), keys)
        .mark(Mark::Warn, text!("backup-signs-nothing"));
    Ok(Done::new(data, screen)
        .hint(text!("backup-next-recover"), &["pirate", "node", "recover", "--via", "pinv1…"]))
}

/// Makes the directory beside its place, and moves it there as a whole.
fn restore(context: &Context, path: &Path) -> Result<Head, Failure> {
    let node = context.paths.node();
    let beside = context.paths.data().join(UNFINISHED);
    let failed = |error: io::Error| file_failure(true, &beside, &error);
    match fs::remove_dir_all(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let home = HomeDir::new(&beside);
    let claimed = home.claim(context.now().0).map_err(|error| home_failure(&home, &error))?;
    let disk: Arc<dyn Disk> = Arc::clone(&claimed.disk) as _;
    let input = input::open(path).map_err(|error| file_failure(false, path, &error))?;
    let (front, head) = backup::restore(&disk, BufReader::new(input))
        .map_err(|error| file::damaged(path, &error))?;
    home.settle(disk.as_ref(), &front.cite).map_err(|error| home_failure(&home, &error))?;
    drop((disk, claimed));
    // Only an empty directory gives way.
    fs::rename(&beside, &node)
        .and_then(|()| file::sync_folder(&node))
        .map_err(|error| file_failure(true, &node, &error))?;
    Ok(head)
}

/// Puts key files where there is none of the name; returns how many.
fn restore_keys(folder: &Path, keys: &[KeyFile]) -> Result<usize, Failure> {
    let failed = |error: io::Error| file_failure(true, folder, &error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let mut restored = 0_usize;
    for KeyFile { name, bytes } in keys {
        let path = folder.join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = match file {
            // Whoever is here already is not replaced.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            other => other.and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            }),
        };
        written.map_err(failed)?;
        restored += 1;
    }
    Ok(restored)
}
