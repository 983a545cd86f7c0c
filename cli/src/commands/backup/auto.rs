//! `pirate backup auto [--to FOLDER] [--keep N]`: one backup a day in a folder, and no more than so many of them.
//! For a timer: called again on the same day it does nothing. Old ones go only after the new one was checked.

use std::{fs, io, os::unix::fs::DirBuilderExt as _, path::Path};

use serde_json::json;

use super::file::{self, SUFFIX};
use crate::{
    commands::Args,
    context::Context,
    dates,
    error::{Failure, file_failure},
    output::{Done, Mark, Screen},
    text,
};

/// Backups that are kept when nothing is said: what goes wrong on a Friday is still there on the Monday after next.
const KEEP: u64 = 10;
/// Backups that are kept at most: a year.
const KEEP_MAX: u64 = 366;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let keep = args.number("keep", 1..=KEEP_MAX)?.unwrap_or(KEEP);
    let log = file::log(context)?;
    let folder = args.path("to").unwrap_or_else(|| context.paths.data().join("backups"));
    let day = dates::iso_day(context.now().day());
    let path = folder.join(format!("{}-{day}.{SUFFIX}", log.slug()));
    if context.global.dry_run {
        return planned(&folder, &path, log.slug(), keep);
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|error| file_failure(true, &folder, &error))?;
    let made = !path.exists();
    let contents = match made {
        true => file::make(context, &log, &path)?,
        false => file::check(context, &path)?,
    };
    let mut names =
        backups(&folder, log.slug()).map_err(|error| file_failure(false, &folder, &error))?;
    let surplus = surplus(names.len(), keep);
    let removed: Vec<String> = names.drain(..surplus).collect();
    for name in &removed {
        let old = folder.join(name);
        fs::remove_file(&old).map_err(|error| file_failure(true, &old, &error))?;
    }
    let data = json!({
        "path": path.display().to_string(),
        "made": made,
        "entries": contents.entries,
        "certified": contents.certified,
        "kept": names.len(),
        "removed": removed,
    });
    let entries = contents.entries;
    let said = match made {
        true => text!("backup-written", entries = entries, file = &path),
        false => text!("backup-made-today", entries = entries, file = &path),
    };
    let screen = Screen::new().mark(Mark::Good, said).fact(text!("label-kept"), names.len());
    Ok(Done::new(data, screen))
}

/// Returns how many of so many backups are too many.
fn surplus(count: usize, keep: u64) -> usize {
    count.saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX))
}

/// Says what would be written and removed, and does neither.
fn planned(folder: &Path, path: &Path, slug: &str, keep: u64) -> Result<Done, Failure> {
    let mut names = match backups(folder, slug) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(|error| file_failure(false, folder, &error))?,
    };
    let new = !path.exists();
    let surplus = surplus(names.len() + usize::from(new), keep);
    let removed: Vec<String> = names.drain(..surplus.min(names.len())).collect();
    let screen = match new {
        true => Screen::new().line(text!("file-dry-run", path = path)),
        false => Screen::new().line(text!("backup-dry-today", file = path)),
    };
    let said = |screen: Screen, name: &String| {
        screen.line(text!("file-dry-remove", path = &folder.join(name)))
    };
    let screen = removed.iter().fold(screen, said);
    let path = path.display().to_string();
    Ok(Done::new(json!({ "path": path, "written": false, "removed": removed }), screen))
}

/// Returns the names of this cité's daily backups in a folder, oldest first. Nothing else there is ours.
fn backups(folder: &Path, slug: &str) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let day = name
            .strip_prefix(slug)
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_suffix(SUFFIX))
            .and_then(|rest| rest.strip_suffix('.'));
        if day.is_some_and(|day| dates::parse_day(day).is_ok_and(|it| dates::iso_day(it) == day)) {
            found.push(name);
        }
    }
    found.sort_unstable();
    Ok(found)
}
