//! From three stopped nodes to an auditor's desk: the bundles, the anchor file, and the audit of all of
//! them together. Reads directories and files; has no node, no key and no network.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read},
    path::{Path, PathBuf},
};

use ledger::{
    audit::{self, Anchors, Open, Question, Report},
    bundle::LogFiles,
    home::Home,
};
use node::home_dir::HomeDir;

use super::{
    cite::{Cite, defect},
    ground::Ground,
};
use crate::{
    codes,
    context::Context,
    error::{Failure, file_failure},
    keyring::hex,
    local::home_failure,
    text,
};

/// Folder of the bundles.
const FOLDER: &str = "bundles";

/// Name of the file that names whom the auditor trusts.
const ANCHORS: &str = "anchors.txt";

/// Writes the bundle of every cité; returns the files in their order.
pub(super) fn write_all(ground: &Ground, cites: &[Cite]) -> Result<Vec<PathBuf>, Failure> {
    let folder = ground.at(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| file_failure(true, &folder, &error))?;
    cites
        .iter()
        .map(|cite| {
            let path = folder.join(format!("{}.pirate-audit", cite.slug));
            write(&cite.home, &path)?;
            Ok(path)
        })
        .collect()
}

/// Writes the bundle of the log in a node's directory.
pub(super) fn write(home: &HomeDir, path: &Path) -> Result<(), Failure> {
    let cannot = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(error)
    };
    let disk = home.look().map_err(|error| home_failure(home, &error))?;
    let log = LogFiles::own(disk).map_err(|error| cannot(&error))?;
    let file = File::create(path).map_err(|error| cannot(&error))?;
    log.write(BufWriter::new(file), |_| {}).map_err(|error| cannot(&error))?;
    Ok(())
}

/// Writes the list of cités with their mirror keys: what an auditor learns from posters and people.
pub(super) fn write_anchors(ground: &Ground, cites: &[Cite]) -> Result<PathBuf, Failure> {
    let path = ground.at(ANCHORS);
    let lines: String = cites
        .iter()
        .map(|cite| {
            let key = hex(&cite.keys.mirror.public().0);
            format!("cite {} {key}  # {}\n", cite.id(), cite.name)
        })
        .collect();
    std::fs::write(&path, lines).map_err(|error| file_failure(true, &path, &error))?;
    Ok(path)
}

/// Audits bundles together, offline, with the anchors in a file.
pub(super) fn audit(
    context: &Context,
    bundles: &[PathBuf],
    anchors: &Path,
) -> Result<Report, Failure> {
    let progress = context.progress(text!("demo-auditing"));
    let written =
        std::fs::read_to_string(anchors).map_err(|error| file_failure(false, anchors, &error))?;
    let anchors = Anchors::parse(&written).map_err(|error| defect().caused_by(&error))?;
    let opens: Vec<Box<Open<'_>>> = bundles
        .iter()
        .map(|path| {
            let open = move || -> io::Result<Box<dyn Read + Send>> {
                Ok(Box::new(BufReader::new(File::open(path)?)))
            };
            Box::new(open) as Box<Open<'_>>
        })
        .collect();
    let opens: Vec<&Open<'_>> = opens.iter().map(AsRef::as_ref).collect();
    let question =
        Question { bundles: &opens, proofs: &[], anchors: Some(&anchors), strict: false };
    Ok(audit::verify(&question, &|done, all| {
        progress.total(all);
        progress.at(done);
    }))
}

/// Closes a home so that its bundle reaches its last checkpoint.
pub(super) fn close(mut home: Home) -> Result<(), Failure> {
    home.snapshot().map_err(|error| defect().caused_by(&error))
}
