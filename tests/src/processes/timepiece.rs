//! A clock that a case moves, for the programs of several machines and people at once. It only shows another time of
//! day: what passes by itself, as the wait for an answer, passes as ever.

use std::{fs::File, os::unix::fs::FileExt as _, path::Path};

use crate::volume;

/// The clock of everybody who lives by it ([`super::Home::living_by`]).
pub struct Timepiece {
    file: File,
    /// The words under which a program sees it.
    pub(super) words: Vec<String>,
}

impl Timepiece {
    /// Makes a clock below `dir` that shows the right time; what it takes is `rights::Need::Preload`.
    ///
    /// # Panics
    /// When that is not there.
    pub fn new(dir: &Path) -> Self {
        let library = volume::clock().expect("it was compiled a moment ago");
        let at = dir.join("clock");
        std::fs::write(&at, 0_i64.to_ne_bytes()).expect("the directory is ours");
        let file = File::options().write(true).open(&at).expect("it was made a moment ago");
        let preload = format!("LD_PRELOAD={}", library.display());
        let shows = format!("PIRATE_TEST_CLOCK={}", at.display());
        Self { file, words: vec!["env".to_owned(), preload, shows] }
    }

    /// Sets it so many seconds ahead of the right time, at once.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn set(&self, ahead: i64) {
        // In place: programs have the file in their memory.
        self.file.write_all_at(&ahead.to_ne_bytes(), 0).expect("the file is ours");
    }
}
