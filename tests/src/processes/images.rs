//! Images of a home: what whoever copies a disk has of it, and a machine that is set back to one. Nothing here decides
//! whether a case passes.

use std::{fs, path::Path, process::Command};

use super::Home;

impl Home {
    /// Returns a copy of everything in it, as whoever restores a backup or copies a disk has it. A file that
    /// the running node puts in another's place while it is copied calls for another try.
    pub fn image(&self, dir: &Path) -> Self {
        let copied = (0..20).any(|_| {
            // What the try before left is not there any more, or there was none.
            let _ = fs::remove_dir_all(dir);
            let copy = Command::new("cp").arg("-a").arg(&self.dir).arg(dir).output();
            copy.expect("cp is there").status.success()
        });
        assert!(copied, "{} is not copied", self.dir.display());
        Self { dir: dir.to_owned(), under: self.under.clone() }
    }

    /// Puts everything that the node has back to what it was, guard included, in the same files: so nothing on this
    /// machine can tell, as when a virtual machine is set back.
    ///
    /// # Panics
    /// When it cannot be copied.
    pub fn set_back(&self, to: &Self) {
        let from = format!("{}/.", to.node().display());
        // Onto the files that are there: cp writes into them, and makes none anew.
        let copied = Command::new("cp").args(["-r", &from]).arg(self.node()).output();
        let copied = copied.expect("cp is there");
        assert!(copied.status.success(), "{copied:?}");
    }
}
