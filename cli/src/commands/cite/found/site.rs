//! Where a cité is founded: an empty place, a draft beside it, and the one move that makes it count.
//! It never touches a place where a log, keys or a guard are.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ledger::disk::Disk;
use node::{
    core::keep_name,
    home_dir::{Claimed, HomeDir},
    keyfile::{KeyFileError, Keys},
};
use proto::ids::{CiteId, MemberId};

use crate::{
    codes,
    context::Context,
    error::{Failure, file_failure},
    local::home_failure,
    paths::Paths,
    text,
};

/// What a node that found no cité may have left in its directory: nothing that anybody needs.
const LEFT_OVERS: [&str; 2] = ["lock", "run"];

/// An empty place for a node.
pub(super) struct Site {
    place: PathBuf,
    draft: PathBuf,
}

/// The draft of a node's directory, held by this process alone.
pub(super) struct Draft {
    home: HomeDir,
    claimed: Claimed,
}

impl Site {
    /// Returns the place of the node, which must not be founded yet.
    pub(super) fn look(paths: &Paths) -> Result<Self, Failure> {
        let place = paths.node();
        let draft = place.with_extension("founding");
        let site = Self { place, draft };
        let names = match fs::read_dir(&site.place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(site),
            Err(error) => return Err(file_failure(false, &site.place, &error)),
            Ok(names) => names,
        };
        for name in names {
            let name = name.map_err(|error| file_failure(false, &site.place, &error))?.file_name();
            if LEFT_OVERS.iter().any(|left| name == *left) {
                continue;
            }
            return Err(Failure::new(
                codes::CITE_EXISTS,
                text!("found-exists", path = &site.place),
            )
            .because(text!("found-exists-lost-disk"))
            .fix_for(text!("fix-run-node"), &["pirate", "node", "run"])
            .fix_for(text!("fix-other-home"), &["pirate", "cite", "found", "--home", "…"]));
        }
        Ok(site)
    }

    pub(super) fn draft_path(&self) -> &Path {
        &self.draft
    }

    /// Returns a new draft. One that an interrupted try left behind never counted: it is removed.
    pub(super) fn draft(&self, context: &Context) -> Result<Draft, Failure> {
        self.abandon();
        let home = HomeDir::new(&self.draft);
        let claimed = home.claim(context.now().0).map_err(|error| home_failure(&home, &error))?;
        Ok(Draft { home, claimed })
    }

    /// Removes the draft.
    pub(super) fn abandon(&self) {
        // What stays is removed at the next try; it is nobody's cité.
        let _ = fs::remove_dir_all(&self.draft);
    }

    /// Makes the draft the node's directory, durably: from here on the cité exists.
    pub(super) fn move_in(&self) -> Result<(), Failure> {
        let moved = self.clear().and_then(|()| {
            fs::rename(&self.draft, &self.place)?;
            File::open(self.place.parent().unwrap_or(Path::new(".")))?.sync_all()
        });
        moved.map_err(|error| file_failure(true, &self.place, &error))
    }

    fn clear(&self) -> io::Result<()> {
        if !self.place.exists() {
            return Ok(());
        }
        // Looked at before the questions, it may have changed: only what was expected is removed.
        for name in LEFT_OVERS {
            let path = self.place.join(name);
            let removed =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::remove_dir(&self.place)
    }

    /// Returns what to say about keys that could not be made or written.
    pub(super) fn keys_failure(&self, error: &KeyFileError) -> Failure {
        keys_failure(&self.draft, error)
    }
}

fn keys_failure(path: &Path, error: &KeyFileError) -> Failure {
    match error {
        KeyFileError::Chance(_) => Failure::new(codes::BUG, text!("no-chance")).caused_by(error),
        _ => Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(error),
    }
}

impl Draft {
    pub(super) fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.claimed.disk) as Arc<dyn Disk>
    }

    pub(super) fn index(&self) -> PathBuf {
        self.home.index()
    }

    /// Writes the keys and the name of the cité.
    pub(super) fn write(&self, keys: &Keys, cite: &CiteId) -> Result<(), Failure> {
        let path = self.home.keys();
        keys.create(&path).map_err(|error| keys_failure(&path, &error))?;
        self.home
            .settle(self.claimed.disk.as_ref(), cite)
            .map_err(|error| home_failure(&self.home, &error))
    }
    /// Keeps the name that stewards see of a member.
    pub(super) fn keep_name(&self, member: &MemberId, name: &str) -> Result<(), Failure> {
        keep_name(self.claimed.disk.as_ref(), member, name).map_err(|error| {
            let path = self.home.root();
            Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(&error)
        })
    }
}
