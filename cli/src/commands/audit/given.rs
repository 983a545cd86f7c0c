//! The files that an audit is given: bundles, which it reads itself, and proofs, which must hold by themselves.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use ledger::{
    audit::Open,
    evidence::{self, Conviction},
};

use crate::{
    codes,
    error::{Failure, file_failure},
    input,
    mailed::FILE_BYTES_MAX,
    proof_file, text,
};

/// Bundles and proofs, in the order in which they were given.
pub(super) struct Given {
    /// Paths of the bundles.
    pub(super) bundles: Vec<PathBuf>,
    /// What the proofs say.
    pub(super) proofs: Vec<Conviction>,
}

impl Given {
    /// Sorts the files that were given.
    ///
    /// # Errors
    /// P0202 for a file that cannot be read, P0805 for a proof that proves nothing.
    pub(super) fn take<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Failure> {
        let mut given = Self { bundles: Vec::new(), proofs: Vec::new() };
        for path in names.into_iter().map(PathBuf::from) {
            // A file that is not there is a slip of the hand, not a verdict. Bundles are read several times: the
            // second time a pipe would be empty, and a good bundle be said not to hold.
            input::check_again(&path).map_err(|error| file_failure(false, &path, &error))?;
            match proof(&path)? {
                Some(conviction) => given.proofs.push(conviction),
                None => given.bundles.push(path),
            }
        }
        Ok(given)
    }

    /// Hands the bundles to an audit, each to be opened as often as it needs.
    pub(super) fn with_opened<R>(&self, audit: impl FnOnce(&[&Open<'_>]) -> R) -> R {
        let opens: Vec<_> = self.bundles.iter().map(|path| move || open(path)).collect();
        let bundles: Vec<&Open<'_>> = opens.iter().map(|open| open as &Open<'_>).collect();
        audit(&bundles)
    }
}

fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(input::open(path)?))
}

/// Returns what a file proves if it begins as a proof does.
fn proof(path: &Path) -> Result<Option<Conviction>, Failure> {
    let mut bytes = Vec::new();
    input::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes))
        .map_err(|error| file_failure(false, path, &error))?;
    // A bundle is no text.
    let Ok(text) = String::from_utf8(bytes) else { return Ok(None) };
    if !text.contains(proof_file::HEADING) {
        return Ok(None);
    }
    let nothing = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(codes::PROVES_NOTHING, text!("audit-proves-nothing", file = path))
            .caused_by(error)
    };
    let evidence = proof_file::read(&text).map_err(|error| nothing(&error))?;
    evidence::verify(&evidence).map(Some).map_err(|error| nothing(&error))
}
