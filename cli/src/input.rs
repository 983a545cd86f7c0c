//! Files that a person names for reading: the one way to open them. A pipe that nobody writes to would keep a
//! command waiting for ever, without a word; so only files are read, and what is open already.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use crate::{
    codes,
    error::{Failure, file_failure},
    text,
};

/// Where a process finds what it was started with: whoever named one of these holds its other end
/// (`/dev/stdin`, and what a shell makes of `<(command)`).
const OPEN_ALREADY: [&str; 4] = ["/dev/stdin", "/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"];

/// Opens a file for reading. Does not wait: what would is refused before it is opened.
///
/// # Errors
/// What the system says; [`io::ErrorKind::NotSeekable`] for a pipe, a socket or a device.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    check(path)?;
    File::open(path)
}

/// Checks that a file can be opened without waiting.
///
/// # Errors
/// As [`open`].
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let open_already = OPEN_ALREADY.iter().any(|place| path.starts_with(place));
    match check_again(path) {
        Err(error) if error.kind() == io::ErrorKind::NotSeekable && open_already => Ok(()),
        other => other,
    }
}

/// Checks that a file can be opened without waiting, and that it says the same when it is read again.
///
/// # Errors
/// As [`open`], and [`io::ErrorKind::NotSeekable`] for a pipe that is open already.
pub(crate) fn check_again(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?;
    match (found.is_file(), found.is_dir()) {
        (true, _) => Ok(()),
        (_, true) => Err(io::ErrorKind::IsADirectory.into()),
        (false, false) => Err(io::ErrorKind::NotSeekable.into()),
    }
}

/// Opens a file, or standard input where the name is `-`.
///
/// # Errors
/// P0202.
pub(crate) fn open_or_stdin(name: &str) -> Result<Box<dyn io::Read>, Failure> {
    match name {
        "-" => Ok(Box::new(io::stdin())),
        name => {
            let path = Path::new(name);
            let file = open(path).map_err(|error| file_failure(false, path, &error))?;
            Ok(Box::new(file))
        }
    }
}

/// Opens a file with a secret in it: nobody but its owner may read it, as with keys and as `ssh` asks.
/// What is no file on a disk (`/dev/fd/3`, `<(pass show pirate)`) has nobody else who could.
///
/// # Errors
/// P0109, P0119.
pub(crate) fn open_secret(path: &Path) -> Result<File, Failure> {
    let refuse = |error: io::Error| {
        Failure::new(codes::PASSPHRASE_FILE, text!("passphrase-file", path = path))
            .caused_by(&error)
    };
    let file = open(path).map_err(refuse)?;
    let found = file.metadata().map_err(refuse)?;
    if found.is_file() && found.mode() & 0o077 != 0 {
        let mode = format!("{:04o}", found.mode() & 0o7777);
        let message = text!("passphrase-file-open", path = path, mode = mode);
        return Err(Failure::new(codes::PASSPHRASE_FILE_OPEN, message).fix(&[
            "chmod",
            "600",
            &path.display().to_string(),
        ]));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, io, os::unix::fs::PermissionsExt as _, path::Path};

    use super::{check, open, open_secret};
    use crate::codes;

    #[test]
    fn only_files_are_opened_and_what_is_open_already() {
        let place = tempfile::tempdir().expect("a temporary directory can be made");
        let kind = |path: &Path| open(path).map_err(|error| error.kind()).err();
        let file = place.path().join("file");
        std::fs::write(&file, "text").expect("the directory is ours");
        assert_eq!(kind(&file), None);
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&file, &link).expect("the directory is ours");
        assert_eq!(kind(&link), None);
        assert_eq!(kind(place.path()), Some(io::ErrorKind::IsADirectory));
        assert_eq!(kind(&place.path().join("absent")), Some(io::ErrorKind::NotFound));
        // Opened, it would wait for ever, and so would this test.
        let pipe = place.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo is on every Unix").success());
        assert_eq!(kind(&pipe), Some(io::ErrorKind::NotSeekable));
        assert_eq!(kind(Path::new("/dev/zero")), Some(io::ErrorKind::NotSeekable));
        assert!(check(Path::new("/dev/stdin")).is_ok());
    }

    #[test]
    fn a_secret_is_its_owners_alone() {
        let place = tempfile::tempdir().expect("a temporary directory can be made");
        let file = place.path().join("secret");
        std::fs::write(&file, "four words are enough").expect("the directory is ours");
        for (mode, code) in [
            (0o600, None),
            (0o400, None),
            (0o640, Some(codes::PASSPHRASE_FILE_OPEN)),
            (0o604, Some(codes::PASSPHRASE_FILE_OPEN)),
            (0o620, Some(codes::PASSPHRASE_FILE_OPEN)),
        ] {
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).expect("it is ours");
            assert_eq!(
                open_secret(&file).map_err(|failure| failure.code()).err(),
                code,
                "{mode:o}"
            );
        }
        let failure = open_secret(&file).expect_err("others may write it");
        let fixes = failure.fixes();
        let fix = &fixes.first().expect("there is a way out").argv;
        assert_eq!(fix.get(..2), Some(&["chmod".to_owned(), "600".to_owned()][..]));
        let absent = open_secret(&place.path().join("absent")).expect_err("it is not there");
        assert_eq!(absent.code(), codes::PASSPHRASE_FILE);
    }
}
