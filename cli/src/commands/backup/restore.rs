//! `pirate backup restore FILE`: makes the node's directory from a backup, where none is. What was restored reads,
//! and signs nothing: it has neither keys nor a guard, and goes on in a new incarnation (`pirate node recover`).

use std::{
    fs,
    io::{self, BufReader},
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
    sealed::{self, SealError},
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
        .and_then(|()| sealed::sync_folder(&node))
        .map_err(|error| file_failure(true, &node, &error))?;
    Ok(head)
}

/// Puts key files where there is none of the name; returns how many.
fn restore_keys(folder: &Path, keys: &[KeyFile]) -> Result<usize, Failure> {
    let failed = |error: io::Error| file_failure(true, folder, &error);
    let mut restored = 0_usize;
    for KeyFile { name, bytes } in keys {
        match sealed::write_new(&folder.join(name), bytes) {
            Ok(()) => restored += 1,
            // Whoever is here already is not replaced.
            Err(SealError::Exists) => {}
            Err(SealError::Io(error)) => return Err(failed(error)),
            Err(other) => return Err(failed(io::Error::other(other))),
        }
    }
    Ok(restored)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use ledger::backup::KeyFile;
    use proto::codec::Bytes;

    use super::restore_keys;

    #[test]
    fn whoever_is_here_already_is_not_replaced_and_no_link_is_followed() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let folder = dir.path().join("keys");
        fs::create_dir(&folder).expect("it is ours");
        fs::write(folder.join("alice.age"), "here").expect("it is ours");
        symlink(dir.path().join("elsewhere"), folder.join("link.age")).expect("it is ours");
        let key = |name: &str| KeyFile { name: name.into(), bytes: Bytes::from(b"new".to_vec()) };
        let keys = ["alice.age", "link.age", "zoe.age"].map(key);
        assert_eq!(restore_keys(&folder, &keys).expect("it can be written"), 1);
        let read = |name: &str| fs::read_to_string(folder.join(name)).expect("it is there");
        assert_eq!((read("alice.age").as_str(), read("zoe.age").as_str()), ("here", "new"));
        assert!(!dir.path().join("elsewhere").exists());
        assert_eq!(fs::read_dir(&folder).expect("it is ours").count(), 3, "nothing is left over");
    }
}
