//! Vectors of what is said outside the log: invitations, announcements, desk queries, one frame each of
//! the two unsigned message sets.

use proto::{
    codec::Canonical as _,
    desk::{Call, Frame, Query, Reply, SignedQuery},
    keys::{Purpose, signed_bytes},
    wire::{Announce, Answer, Ask, Gossip, Invitation},
};

use super::{Vector, log::example_evidence, log::example_log};
use crate::people::{self, House, Person, TODAY, founding_bytes};

pub(super) fn vectors() -> Vec<Vector> {
    let a = people::tisserandes();
    vec![invitation(&a), announce(&a), query(&a, &Person::new("alice", &a)), frames(&a), gossip(&a)]
}

fn addresses() -> Vec<String> {
    vec!["tisserandes.example:4717".to_owned(), "[2001:db8::7]:4717".to_owned()]
}

fn invitation(house: &House) -> Vector {
    let invitation = Invitation {
        network: people::network(),
        cite: house.id,
        node: house.network_key.public(),
        addresses: addresses(),
        token: Some(people::salt("token")),
    };
    Vector::new("invitation", "How to reach a cité, with a token for a person who may join")
        .hex("bytes", &invitation.encode())
        .text("invitation_text", invitation.to_text())
}

/// Returns the weavers' announcement.
fn example_announce(house: &House) -> Announce {
    let since_s = TODAY.start().0 / 1_000;
    let payload = Announce::payload(&house.id, &addresses(), since_s);
    Announce {
        founding: founding_bytes(house),
        addresses: addresses(),
        since_s,
        signature: house.network_key.sign(Purpose::Announce, &house.network, &payload),
    }
}

fn announce(house: &House) -> Vector {
    let announce = example_announce(house);
    let payload = Announce::payload(&house.id, &announce.addresses, announce.since_s);
    Vector::new("announce", "Where a cité's node listens: what its network key signs")
        .hex("payload", &payload)
        .hex("message", &signed_bytes(Purpose::Announce, &house.network, &payload))
        .hex("public", &house.network_key.public().0)
        .hex("signature", &announce.signature.to_bytes())
}

fn example_query(house: &House, person: &Person) -> SignedQuery {
    SignedQuery::sign(
        &house.network,
        &house.id,
        person.id,
        (0, 0),
        people::seed("challenge"),
        Query::History { from: 3 },
        &person.device,
    )
}

fn query(house: &House, person: &Person) -> Vector {
    let signed = example_query(house, person);
    let payload = SignedQuery::payload(&house.id, &signed.challenge, &signed.member, &signed.query);
    Vector::new("query", "Alice asks for her movements from leaf 3 on: what her device signs")
        .hex("query", &signed.query.encode())
        .hex("payload", &payload)
        .hex("message", &signed_bytes(Purpose::Desk, &house.network, &payload))
        .hex("public", &person.device.public().0)
        .hex("signature", &signed.signature.to_bytes())
}

fn frames(house: &House) -> Vector {
    let call = Frame { home: Some(house.id), call: Call::Challenge };
    let ask = Ask::Range { cite: house.id, incarnation: 0, from: 5 };
    let answer = Answer::Cursor { received: 1 };
    let reply = Reply::Challenge(people::seed("challenge"));
    Vector::new("frames", "One frame of each message set: desk call and reply, ask and answer")
        .hex("desk_call", &call.encode())
        .hex("desk_reply", &reply.encode())
        .hex("ask", &ask.encode())
        .hex("answer", &answer.encode())
}

fn gossip(house: &House) -> Vector {
    let log = example_log();
    let evidence = example_evidence(&log).swap_remove(0);
    let certificate =
        Gossip::Certificate { founding: founding_bytes(house), certificate: log.certificate };
    let announce = Gossip::Announce(example_announce(house));
    Vector::new("gossip", "The three messages that everybody passes on")
        .hex("certificate", &certificate.encode())
        .hex("evidence", &Gossip::Evidence(Box::new(evidence)).encode())
        .hex("announce", &announce.encode())
}
