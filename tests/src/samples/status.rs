//! What a node says about itself to whoever runs it, and how far it has come with what somebody asked for, with
//! everything in it that may be there.

use proto::{
    desk::{
        ClockSheet, ComplaintSheet, ComplaintState, CopyState, ErasureSheet, MirrorItem,
        NodeStatus, RecoveryMirror, RecoverySheet, Reply, ScrubSheet, Unavailable,
    },
    time::UnixMillis,
};

use super::{addresses, cite, sheet};
use crate::people;

/// Returns the state of a node that signs, or why it does not.
pub(super) fn of(signing: Result<(), Unavailable>) -> NodeStatus {
    NodeStatus {
        sheet: Some(sheet()),
        node: people::tisserandes().network_key.public(),
        listening: addresses(),
        peers: 1,
        mirrored: [
            CopyState::Kept,
            CopyState::NoRoom,
            CopyState::Failed,
            CopyState::Wordless,
            CopyState::Refills { of: 12 },
        ]
        .map(copied)
        .to_vec(),
        witnesses: 2,
        signing,
        disk_free: 1,
        started: UnixMillis(2),
        version: "0.1.0".to_owned(),
        clock: ClockSheet {
            now: UnixMillis(9),
            trusted: UnixMillis(8),
            last_entry: UnixMillis(7),
            allies: 3,
            ahead_ms: Some(-5),
        },
        recovery: Some(RecoverySheet {
            incarnation: 1,
            entries: 7,
            signed: 5,
            held: 9,
            promised: 1,
            needed: 2,
            mirrors: [None, Some((3, 7))].map(mirror).to_vec(),
        }),
        scrub: ScrubSheet {
            running: true,
            ended: Some(UnixMillis(6)),
            records: 9,
            bytes: 900,
            flaws: 1,
            mended: 2,
        },
    }
}

fn copied(copy: CopyState) -> MirrorItem {
    MirrorItem { cite: cite(), slug: "mariniers".to_owned(), size: 9, convicted: false, copy }
}

fn mirror(declined: Option<(u16, u64)>) -> RecoveryMirror {
    RecoveryMirror {
        cite: cite(),
        slug: "mariniers".to_owned(),
        connected: true,
        promised: declined.is_none(),
        declined,
    }
}

/// Returns how far complaints and an erasure have come.
pub(super) fn standings() -> impl Iterator<Item = Reply> {
    let since = Some(UnixMillis(7));
    let all = [ComplaintState::Kept, ComplaintState::HoldsBack, ComplaintState::Recorded];
    let erasure = ErasureSheet { since, done: true, untold: vec![cite()] };
    all.into_iter()
        .map(move |state| ComplaintSheet { state, since, offers: 3, witnesses: 4 })
        .map(Reply::Complaint)
        .chain([Reply::Erasure(erasure)])
}
