//! The table of planted bugs, by area. What a mistake looks like stands here and nowhere else.

mod auditing;
mod borders;
mod bytes;
mod disks;
mod mirrors;
mod nodes;
mod rules;

use super::Bug;

/// All bugs, by what they would spoil.
pub const AREAS: &[(&str, &[Bug])] = &[
    ("Bytes and signatures", bytes::BUGS),
    ("Disks and the home's word", disks::BUGS),
    ("Rules inside a cité", rules::BUGS),
    ("Hours across borders", borders::BUGS),
    ("Mirrors, certificates and resumes", mirrors::BUGS),
    ("Evidence and audits", auditing::BUGS),
    ("Nodes and people", nodes::BUGS),
];
