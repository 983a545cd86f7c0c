//! Where a demo is played: a directory of its own, gone at the end unless it is to be kept, and the word
//! that somebody wants it to end. Never touches a directory that holds anything.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use tokio::signal::unix::{SignalKind, signal};

use crate::{
    codes,
    context::Context,
    error::{Failure, file_failure},
    paths::Paths,
    prompt::Prompt,
    text,
    tree::Global,
};

/// How often a free name for the directory is looked for.
const NAMES_MAX: u32 = 100;

/// The directory of a demo.
#[derive(Debug)]
pub(super) struct Ground {
    root: PathBuf,
    keep: bool,
    /// Number of the signal that asked the program to end; 0 before one did.
    ended_by: Arc<AtomicI32>,
}

impl Ground {
    /// Makes the directory: `keep`, which must be empty or missing, else one that will be removed.
    pub(super) fn new(keep: Option<PathBuf>) -> Result<Self, Failure> {
        let ended_by = listen()?;
        match keep {
            Some(root) => {
                let root = std::path::absolute(&root).unwrap_or(root);
                let refuse = |error: &io::Error| file_failure(true, &root, error);
                private(&root, true).map_err(|error| refuse(&error))?;
                if fs::read_dir(&root).map_err(|error| refuse(&error))?.next().is_some() {
                    return Err(Failure::new(
                        codes::CANNOT_WRITE,
                        text!("demo-keep-full", path = &root),
                    ));
                }
                Ok(Self { root, keep: true, ended_by })
            }
            None => Ok(Self { root: temporary()?, keep: false, ended_by }),
        }
    }

    /// Returns a path in it.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Returns the directory, if it will be there afterwards.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.keep.then_some(self.root.as_path())
    }

    /// Returns the same run, but at home in one of the directories: what the real commands are handed
    /// with `--home`.
    pub(super) fn context(&self, context: &Context, slug: &str) -> Result<Context, Failure> {
        let home = self.at(slug);
        private(&home, true).map_err(|error| file_failure(true, &home, &error))?;
        let global = Global {
            passphrase_file: Some(home.join("passphrase")),
            home: Some(home),
            profile: None,
            node: None,
            offline: false,
            yes: true,
            no_input: true,
            dry_run: false,
            ..context.global.clone()
        };
        let paths = Paths::new(&global, |_| None)?;
        Ok(Context {
            lang: context.lang,
            printer: context.printer,
            prompt: Prompt::new(context.printer, context.patience.clone(), true, true),
            patience: context.patience.clone(),
            beside: std::sync::Mutex::default(),
            paths,
            global,
        })
    }

    /// Fails when somebody asked the program to end.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let code = match self.ended_by.load(Ordering::Relaxed) {
            0 => return Ok(()),
            signal if signal == SignalKind::interrupt().as_raw_value() => codes::INTERRUPTED,
            _ => codes::TERMINATED,
        };
        Err(Failure::new(code, text!("demo-interrupted")))
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if !self.keep {
            // What stays holds nothing that counts; the system clears its temporary directory.
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

fn private(path: &Path, parents: bool) -> io::Result<()> {
    DirBuilder::new().recursive(parents).mode(0o700).create(path)
}

/// Makes a new private directory among the temporary ones. A short name: sockets will be in it.
fn temporary() -> Result<PathBuf, Failure> {
    let parent = std::env::temp_dir();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..NAMES_MAX {
        let root = parent.join(format!("pirate-demo-{}-{number}", std::process::id()));
        match private(&root, false) {
            Ok(()) => return Ok(root),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(file_failure(true, &root, &error)),
        }
    }
    Err(file_failure(true, &parent, &last))
}

/// Begins to listen for Ctrl-C and SIGTERM: the nodes are to be stopped and the directory removed
/// before the program ends.
fn listen() -> Result<Arc<AtomicI32>, Failure> {
    let refuse = |error: io::Error| Failure::new(codes::BUG, text!("bug")).caused_by(&error);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(refuse)?;
    let ended_by = Arc::new(AtomicI32::new(0));
    let heard = Arc::clone(&ended_by);
    let (mut interrupt, mut terminate) = {
        let _guard = runtime.enter();
        (
            signal(SignalKind::interrupt()).map_err(refuse)?,
            signal(SignalKind::terminate()).map_err(refuse)?,
        )
    };
    // The thread ends with the process: it waits for something that mostly never comes.
    std::thread::spawn(move || {
        let kind = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
            }
        });
        heard.store(kind.as_raw_value(), Ordering::Relaxed);
    });
    Ok(ended_by)
}

#[cfg(test)]
mod tests {
    use super::Ground;

    #[test]
    fn a_directory_that_holds_something_is_left_alone() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let full = dir.path().join("full");
        std::fs::create_dir(&full).expect("it is ours");
        std::fs::write(full.join("letter"), "dear").expect("it is ours");
        assert!(Ground::new(Some(full.clone())).is_err());
        assert_eq!(std::fs::read(full.join("letter")).expect("it is there"), b"dear");
    }

    #[test]
    fn what_is_not_kept_is_gone_and_what_is_kept_stays() {
        let root = Ground::new(None).expect("the temporary directory is writable").at("");
        assert!(!root.exists());
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let keep = dir.path().join("kept");
        drop(Ground::new(Some(keep.clone())).expect("it is ours"));
        assert!(keep.is_dir());
    }
}
