//! Vectors of fence and resume: keys that the root or its heirs name, a mirror's promise, the first entry of an incarnation.

use proto::{
    codec::Canonical as _,
    entry::{Entry, Payload, RootAct},
    hash::tree_leaf,
    keys::{Purpose, signed_bytes},
    resume::{Fence, HeldHead, Resume, SignedFence},
    time::UnixMillis,
};

use super::{Vector, example_log};
use crate::people::{self, House};

/// Returns the promise of the boatmen to leave the weavers' first incarnation alone.
pub fn fence() -> SignedFence {
    promise(&people::mariniers())
}

fn promise(mirror: &House) -> SignedFence {
    let log = example_log();
    let certified = log.certificate.checkpoint;
    let fence = Fence {
        cite: log.house.id,
        below: 1,
        mirror: mirror.id,
        held: Some(HeldHead::of(&certified)),
        certified: Some((0, certified.head)),
    };
    SignedFence::sign(fence, &log.house.network, &mirror.mirror)
}

/// Returns the first entry of the weavers' second incarnation, behind their certified head.
pub fn resume() -> Resume {
    let log = example_log();
    let mut fences = [people::mariniers(), people::ruchers()].map(|mirror| promise(&mirror));
    fences.sort_by_key(|fence| fence.fence.mirror);
    Resume {
        epoch: log.house.epoch(1),
        base: log.certificate.checkpoint.head,
        named: Some(log.named),
        certificate: Some(log.certificate),
        fences: fences.into(),
    }
}

pub(super) fn vectors() -> Vec<Vector> {
    let house = people::tisserandes();
    let epoch = house.epoch(1);
    let payload = epoch.epoch.encode();
    let named = house.names_heirs(4);
    let will = RootAct::payload(named.cite, named.seq, &named.act);
    let fence = fence();
    let promise = fence.fence.encode();
    let entry =
        Entry { time: UnixMillis(1_795_446_900_000), payload: Payload::Resume(Box::new(resume())) };
    let bytes = entry.encode();
    vec![
        Vector::new("key-epoch", "The root names the keys of the weavers' second incarnation")
            .hex("payload", &payload)
            .hex("message", &signed_bytes(Purpose::KeyEpoch, &house.network, &payload))
            .hex("bytes", &epoch.encode())
            .hex("record", &house.founding_at(1).encode()),
        Vector::new(
            "petition",
            "Two of the weavers' three heirs ask for those keys, whom the root named",
        )
        .hex("will_message", &signed_bytes(Purpose::RootAct, &house.network, &will))
        .hex("will", &house.will().encode())
        .hex("message", &signed_bytes(Purpose::Petition, &house.network, &payload))
        .hex("bytes", &house.petition(1).encode()),
        Vector::new("fence", "The boatmen promise to cosign the first incarnation no more")
            .hex("public", &people::mariniers().mirror.public().0)
            .hex("payload", &promise)
            .hex("message", &signed_bytes(Purpose::Fence, &house.network, &promise))
            .hex("signature", &fence.signature.to_bytes()),
        Vector::new("resume", "The first entry of the second incarnation")
            .hex("bytes", &bytes)
            .hex("leaf_hash", tree_leaf(&bytes).as_bytes()),
    ]
}
