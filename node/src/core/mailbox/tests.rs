//! Shares of a mailbox, up to their last place.

use std::sync::Arc;

use ledger::disk::{Holder, MachineId, RealDisk};
use proto::{
    hash::Hash,
    ids::{CiteId, MemberId, NetworkId},
    keys::SigningKey,
    minutes::Minutes,
    request::{Request, SignedRequest},
    time::UtcDay,
};
use tempfile::TempDir;

use super::{Kept, Mailbox, RECEIVED_MAX, SENT_MAX};
use crate::core::shelf::ShelfError;

const HOME: CiteId = CiteId(Hash([1; 32]));
const MEMBER: MemberId = MemberId(Hash([2; 32]));
const TODAY: UtcDay = UtcDay(20_780);

/// Returns the `number`-th request of somebody at home: ten of each person.
fn request(number: usize, payee: Option<MemberId>) -> SignedRequest {
    let number = u8::try_from(number).expect("fewer than 256");
    Request {
        version: 1,
        network: NetworkId(Hash([3; 32])),
        home: HOME,
        payee: payee.unwrap_or(MemberId(Hash([100 + number / 10; 32]))),
        epoch: 0,
        lane: 0,
        payer: None,
        minutes: Minutes(60),
        serial: [number; 16],
        valid_until: TODAY,
        body: None,
    }
    .sign(&SigningKey::from_seed(&[4; 32]))
}

/// Keeps the `number`-th letter that the member received, or sent.
fn keep(mailbox: &Mailbox, number: usize, received: bool, today: UtcDay) -> Result<(), ShelfError> {
    let request = request(number, (!received).then_some(MEMBER));
    let kept = Kept::open(&request, None, received);
    mailbox.keep((&HOME, &MEMBER), &request.id(), &kept, today).map(|_| ())
}

#[test]
fn letters_received_and_sent_are_in_nobodys_way() {
    for (first, share) in [(true, RECEIVED_MAX), (false, SENT_MAX)] {
        let dir = TempDir::new().expect("a directory");
        let holder = Holder { pid: 1, started_ms: 0 };
        let disk = RealDisk::open(dir.path(), MachineId([b'0'; 32]), holder);
        let mailbox = Mailbox::new(Arc::new(disk.expect("a fresh directory")));
        for number in 0..share {
            keep(&mailbox, number, first, TODAY).expect("within the share");
        }
        let beyond = keep(&mailbox, share, first, TODAY);
        assert!(matches!(beyond, Err(ShelfError::Full)), "beyond the share: {beyond:?}");
        keep(&mailbox, 0, !first, TODAY).expect("a share of its own");
        // What has expired gives way, and only to letters that go the same way.
        keep(&mailbox, share, first, TODAY.plus(1)).expect("one gives way");
        let kept = mailbox.letters(&MEMBER);
        let same = kept.iter().filter(|kept| kept.received == first).count();
        assert_eq!((same, kept.len() - same), (share, 1));
    }
}
