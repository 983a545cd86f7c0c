//! File systems of a test's own: a disk in a file that loses its power, and a small one in memory that fills
//! up. Mounting takes rights that not every machine gives; whoever asks is told which are missing.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use rustix::{
    fs::{FallocateFlags, fallocate},
    io::Errno,
};
use tempfile::TempDir;

/// Size of a disk on which little is written, in bytes: a node says no below 50 MiB free, and takes no entries of
/// allies' logs below 100.
const DISK_BYTES: u64 = 160 * 1_024 * 1_024;

/// How the disk is mounted: nothing reaches it by the passing of time, only by a sync that was asked for. So
/// what a power cut takes is as much as it can ever be.
const OPTIONS: &str = "loop,commit=300,noatime";

/// The program that cuts a file system off.
const CUT: &str = include_str!("volume/cut.c");

/// The library that gives a process a clock of its own.
const CLOCK: &str = include_str!("chaos/clock.c");

/// What was compiled for this process; gone with it.
type Built = OnceLock<Result<(TempDir, PathBuf), String>>;

/// Returns the program that cuts an ext4 file system off, compiled for this process.
///
/// # Errors
/// What the compiler said.
pub fn cutter() -> Result<PathBuf, String> {
    static BUILT: Built = OnceLock::new();
    compiled(&BUILT, CUT, &[])
}

/// Returns the library that gives a process a clock of its own, compiled for this process.
///
/// # Errors
/// What the compiler said.
pub fn clock() -> Result<PathBuf, String> {
    static BUILT: Built = OnceLock::new();
    compiled(&BUILT, CLOCK, &["-shared", "-fPIC"])
}

fn compiled(built: &Built, source: &str, words: &[&str]) -> Result<PathBuf, String> {
    let build = || {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (file, made) = (folder.path().join("source.c"), folder.path().join("made"));
        fs::write(&file, source).map_err(|error| error.to_string())?;
        run(&[&["cc"], words, &["-o", text(&made), text(&file), "-ldl"]].concat())?;
        Ok((folder, made))
    };
    built.get_or_init(build).as_ref().map(|(_, made)| made.clone()).map_err(Clone::clone)
}

/// Runs a program to its end.
///
/// # Errors
/// What it said, or why it could not be started.
pub fn run(line: &[&str]) -> Result<(), String> {
    let (program, args) = line.split_first().ok_or("an empty line")?;
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are ASCII")
}

/// A file system at a place, taken away when dropped.
pub struct Volume {
    at: PathBuf,
}

impl Volume {
    /// Mounts what `how` names at `at`.
    ///
    /// # Errors
    /// What the system said.
    fn mount(at: &Path, how: &[&str]) -> Result<Self, String> {
        fs::create_dir_all(at).map_err(|error| error.to_string())?;
        run(&[&["mount"], how, &[text(at)]].concat())?;
        Ok(Self { at: at.to_owned() })
    }

    /// Mounts a file system in memory that holds at most `bytes`.
    ///
    /// # Errors
    /// What the system said.
    pub fn in_memory(at: &Path, bytes: u64) -> Result<Self, String> {
        Self::mount(at, &["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
    }

    /// Lets what is mounted hold `bytes`.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn grow(&self, bytes: u64) {
        let how = format!("remount,size={bytes}");
        run(&["mount", "-o", &how, text(&self.at)]).expect("it could be mounted");
    }

    /// Takes all that is free, to the last page, and returns the file that has it.
    ///
    /// # Panics
    /// When anything but the lack of room stops it.
    pub fn fill(&self) -> PathBuf {
        let filler = self.at.join("filler");
        let file = File::create(&filler).expect("a new file takes no room");
        let mut taken = 0;
        // Room that is taken and not written costs no time, however large the disk.
        for step in [64 * 1_024 * 1_024, 1_024 * 1_024, 4_096] {
            let full = loop {
                match fallocate(&file, FallocateFlags::empty(), taken, step) {
                    Ok(()) => taken += step,
                    Err(error) => break error,
                }
            };
            assert_eq!(full, Errno::NOSPC, "{full}");
        }
        filler
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Also while somebody still has a file open in it: nobody is waited for.
        let _ = run(&["umount", "--lazy", text(&self.at)]);
    }
}

/// A disk with an ext4 file system, kept in a file, that can lose its power.
pub struct Disk {
    file: PathBuf,
    mounted: Option<Volume>,
    at: PathBuf,
    cuts: u32,
}

impl Disk {
    /// Makes a disk below `dir` and mounts it at `at`.
    ///
    /// # Errors
    /// What the system said: the rights or the programs for it are missing.
    pub fn new(dir: &Path, at: &Path) -> Result<Self, String> {
        Self::of(dir, at, DISK_BYTES)
    }

    /// Makes a disk of so many bytes below `dir` and mounts it at `at`. It takes no more room than is written on it.
    ///
    /// # Errors
    /// What the system said: the rights or the programs for it are missing.
    pub fn of(dir: &Path, at: &Path, bytes: u64) -> Result<Self, String> {
        let file = dir.join("disk");
        let made = File::create(&file).and_then(|file| file.set_len(bytes));
        made.map_err(|error| error.to_string())?;
        run(&["mkfs.ext4", "-q", "-F", text(&file)])?;
        let mut disk = Self { file, mounted: None, at: at.to_owned(), cuts: 0 };
        disk.mount()?;
        Ok(disk)
    }

    fn mount(&mut self) -> Result<(), String> {
        self.mounted = Some(Volume::mount(&self.at, &["-o", OPTIONS, text(&self.file)])?);
        Ok(())
    }

    /// Keeps what the disk holds now, as a power cut would: whatever the file system has only in memory is
    /// not in it. Whoever writes must stand still meanwhile.
    ///
    /// # Panics
    /// When the file cannot be copied.
    pub fn freeze(&mut self) {
        self.cuts += 1;
        let kept = self.file.with_extension(self.cuts.to_string());
        run(&["cp", "--sparse=always", text(&self.file), text(&kept)]).expect("there is room");
        // What is mounted keeps its file although the name is gone.
        fs::remove_file(&self.file).expect("it is ours");
        self.file = kept;
    }

    /// Cuts the file system off at once, in the middle of whatever it is doing: nothing reaches the disk from
    /// here on, and every write and sync fails (what xfstests calls `godown`).
    ///
    /// # Panics
    /// When the kernel refuses.
    pub fn cut(&self) {
        let cutter = cutter().expect("it was compiled a moment ago");
        run(&[text(&cutter), text(&self.at)]).expect("an ext4 file system can be cut off");
    }

    /// Lets the kernel give the file system up, as it does after an error in its journal: it is read-only from
    /// here on, under the files that are open.
    pub fn give_up(&self) {
        // The kernel does as it is told and reports an error, for it is given up.
        let _ = run(&["mount", "-o", "remount,abort", text(&self.at)]);
    }

    /// Takes all that is free, and returns the file that has it.
    ///
    /// # Panics
    /// When the disk is not mounted, or anything but the lack of room stops it.
    pub fn fill(&self) -> PathBuf {
        self.mounted.as_ref().expect("a disk that is in use is mounted").fill()
    }

    /// Puts the kept disk in the place of the mounted one: the power is back.
    ///
    /// # Panics
    /// When it cannot be mounted: an ext4 file system survives a power cut.
    pub fn back(&mut self) {
        self.mounted = None;
        self.mount().expect("a disk after a power cut");
    }
}
