//! Frames of gossip as hostile peers send them; the protobuf of gossipsub is written by hand. What is in them is made from
//! their number, so that each is another.

use proto::{
    codec::{Bytes, Canonical as _},
    keys::Purpose,
    wire::{Announce, Gossip},
};

use crate::{
    people::{House, network},
    samples,
};

/// Parts of a frame of gossip, in turn: what an honest node may send, and ever more.
const PARTS: [u64; 4] = [1, 4, 60, 700];

pub(super) fn topic() -> String {
    network().id().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A certificate, announcement or piece of evidence that decodes, each with another last byte or two.
pub(super) fn forged(number: u64) -> Vec<u8> {
    let known: Vec<Vec<u8>> = samples_of_gossip();
    let turn = usize::try_from(number).expect("few") % known.len();
    let mut data = known.into_iter().nth(turn).expect("there are samples");
    let end = data.len().saturating_sub(8);
    data.get_mut(end..).expect("a signature ends it").copy_from_slice(&number.to_le_bytes());
    field(2, &[field(2, &data), field(4, topic().as_bytes())].concat())
}

fn samples_of_gossip() -> Vec<Vec<u8>> {
    static KNOWN: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
        let all = samples::all().into_iter().filter(|sample| sample.is("gossip"));
        all.map(|sample| sample.bytes).collect()
    });
    KNOWN.clone()
}

/// Up to hundreds of subscriptions, grafts and prunes: of the topic and of others.
pub(super) fn control(number: u64) -> Vec<u8> {
    let mut frame = Vec::new();
    let mut meshes = Vec::new();
    for part in 0..parts(number).min(300) {
        let other = format!("{number}/{part}");
        let name = if part % 2 == 0 { topic() } else { other };
        frame.extend(subscribe(part % 3 != 0, &name));
        let name = field(1, name.as_bytes());
        meshes.extend(field(3, &name));
        meshes.extend(field(4, &[name, [&[0x18][..], &varint(3_600)].concat()].concat()));
    }
    frame.extend(field(3, &meshes));
    frame
}

fn parts(number: u64) -> u64 {
    let turn = usize::try_from(number).expect("few") % PARTS.len();
    PARTS[turn]
}

/// Ids that nobody has heard of, offered and wanted.
pub(super) fn ids(number: u64) -> Vec<u8> {
    let (mut offered, mut wanted) = (field(1, topic().as_bytes()), Vec::new());
    for part in 0..parts(number) {
        let mut id = [0; 32];
        let (front, rest) = id.split_at_mut(8);
        front.copy_from_slice(&number.to_le_bytes());
        rest[..8].copy_from_slice(&part.to_le_bytes());
        offered.extend(field(2, &id));
        wanted.extend(field(1, &id));
    }
    field(3, &[field(1, &offered), field(2, &wanted)].concat())
}

/// A frame of gossipsub: its length as a varint, then its bytes.
pub(super) fn framed(rpc: &[u8]) -> Vec<u8> {
    [varint(rpc.len()), rpc.to_vec()].concat()
}

/// A subscription, or its end: field 1 of a frame.
pub(super) fn subscribe(begin: bool, topic: &str) -> Vec<u8> {
    field(1, &[vec![0x08, u8::from(begin)], field(2, topic.as_bytes())].concat())
}

/// A field of protobuf that has a length.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![number << 3 | 2], varint(bytes.len()), bytes.to_vec()].concat()
}

pub(super) fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Bytes of messages of no kind, in turn: small ones are many, and large ones much.
const SIZES: [usize; 4] = [56, 56, 56, 60 * 1_024];

/// A message of a kind that no program knows.
pub(super) fn unknown(number: u64) -> Vec<u8> {
    let turn = usize::try_from(number).expect("few") % SIZES.len();
    let data = [vec![0xff; SIZES[turn]], number.to_le_bytes().to_vec()].concat();
    field(2, &[field(2, &data), field(4, topic().as_bytes())].concat())
}

/// Returns what makes announcements by the node of a cité, each of a second later than the one before.
pub(super) fn announced(slug: &str) -> impl Fn(u64) -> Vec<u8> {
    let house = House::new(slug, slug, "Lyon", 1, 1);
    let founding = Bytes::from(house.founding.encode());
    let begun = crate::processes::clock().0 / 1_000;
    move |number| {
        let (addresses, since_s) = (vec!["192.0.2.9:17890".to_owned()], begun + number);
        let payload = Announce::payload(&house.id, &addresses, since_s);
        let signature = house.network_key.sign(Purpose::Announce, &house.network, &payload);
        let founding = founding.clone();
        let said = Gossip::Announce(Announce { founding, addresses, since_s, signature });
        field(2, &[field(2, &said.encode()), field(4, topic().as_bytes())].concat())
    }
}
