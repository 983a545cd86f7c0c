//! Audits of bundles in memory: what a stranger does with files. What the report must say, each case says.

use std::{
    io::{self, Cursor, Read},
    sync::Arc,
};

use ledger::{
    audit::{self, Anchors, Open, Question, Report},
    bundle::LogFiles,
    disk::Disk,
};

/// Returns the audit of these bundles, with an anchor file of this text.
///
/// # Panics
/// When the text is no anchor file.
pub fn audited(bundles: &[impl AsRef<[u8]>], anchors: Option<&str>, strict: bool) -> Report {
    let anchors = anchors.map(|text| Anchors::parse(text).expect("the cases write good anchors"));
    let shared: Vec<Arc<[u8]>> = bundles.iter().map(|bytes| Arc::from(bytes.as_ref())).collect();
    let opens: Vec<_> = shared
        .iter()
        .map(|bytes| {
            move || -> io::Result<Box<dyn Read + Send>> {
                Ok(Box::new(Cursor::new(Arc::clone(bytes))))
            }
        })
        .collect();
    let opens: Vec<&Open<'_>> = opens.iter().map(|open| open as &Open<'_>).collect();
    let question = Question { bundles: &opens, proofs: &[], anchors: anchors.as_ref(), strict };
    audit::verify(&question, &|_, _| ())
}

/// Returns a node's own log in a bundle.
///
/// # Panics
/// When it cannot be read whole.
pub fn own_bundle(disk: Arc<dyn Disk>) -> Vec<u8> {
    let files = LogFiles::own(disk).expect("the log is there");
    let mut bytes = Vec::new();
    files.write(&mut bytes, |_| ()).expect("it is whole, and memory is enough");
    bytes
}
