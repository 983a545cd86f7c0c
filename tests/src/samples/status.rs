//! What a node says about itself to whoever runs it, and how far it has come with what somebody asked for, with
//! everything in it that may be there.

use std::net::Ipv4Addr;

use proto::{
    desk::{
        Blocked, BlockedItem, ClockSheet, ComplaintSheet, ComplaintState, CopyState, CutOff,
        ErasureSheet, Ip, MirrorItem, NodeStatus, Obstacle, OwnBranch, PeerItem, RecoveryMirror,
        RecoverySheet, Reply, ScrubSheet, SilentWitness, Subnet, Syncs, Unavailable, Use,
        WatchSheet,
    },
    time::UnixMillis,
};

use super::{addresses, cite, sheet};
use crate::people;

/// Returns the state of a node that signs, or why it does not.
pub(super) fn of(signing: Result<(), Unavailable>, obstacle: Option<Obstacle>) -> NodeStatus {
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
            obstacle,
        }),
        given_up: vec![OwnBranch { kept: 3, of: 5, number: 1 }],
        scrub: ScrubSheet {
            running: true,
            ended: Some(UnixMillis(6)),
            records: 9,
            bytes: 900,
            flaws: 1,
            mended: 2,
            imports_wait: true,
        },
        blocked: 2,
        cut_off: vec![cut_off()],
        watch: WatchSheet {
            memory: Some(9),
            syncs: Syncs { count: 8, slow: 7, longest_ms: 6 },
            messages: 5,
            invalid: 4,
            silent: vec![SilentWitness {
                cite: cite(),
                slug: "mariniers".to_owned(),
                since: UnixMillis(3),
            }],
            unconfirmed: Some(UnixMillis(2)),
        },
    }
}

/// Returns somebody of each sort with whom a node may have nothing to do.
pub(super) fn blocked() -> [Blocked; 2] {
    let here = Ipv4Addr::new(192, 0, 2, 7).into();
    [Blocked::Node(people::tisserandes().network_key.public()), Blocked::Subnet(Subnet::wide(here))]
}

/// Returns an entry of the list of those.
pub(super) fn blocked_item(what: Blocked) -> BlockedItem {
    BlockedItem { what, since: UnixMillis(7), cuts_off: vec![cut_off()] }
}

fn cut_off() -> CutOff {
    CutOff { cite: cite(), slug: "mariniers".to_owned(), witness: true }
}

/// Returns a peer that was connected.
pub(super) fn peer() -> PeerItem {
    PeerItem {
        node: people::tisserandes().network_key.public(),
        cite: Some(cite()),
        slug: "mariniers".to_owned(),
        addresses: addresses(),
        since: None,
        at: Some(Ip([7; 16])),
        used: Use { bytes_in: 9, bytes_out: 8, messages: 7, invalid: 6 },
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
