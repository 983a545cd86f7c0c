//! Vectors of hashes, keys, and of everything that has an identity of its own.

use proto::{
    body::Body,
    codec::Canonical as _,
    founding::Rules,
    hash::{Use, digest, sha256, tree_empty, tree_leaf, tree_node},
    keys::{Purpose, SigningKey, signed_bytes},
};

use super::Vector;
use crate::people::{self, House, Person};

/// All uses of BLAKE3, in the order of the written format.
pub(super) const USES: [Use; 15] = [
    Use::Network,
    Use::Cite,
    Use::Member,
    Use::Order,
    Use::Request,
    Use::Body,
    Use::NextKey,
    Use::StateLeaf,
    Use::StateNode,
    Use::SealChain,
    Use::Disk,
    Use::Bundle,
    Use::Gossip,
    Use::KeyFromWords,
    Use::Chance,
];

pub(super) fn vectors() -> Vec<Vector> {
    let a = people::tisserandes();
    let alice = Person::new("alice", &a);
    let mut vectors: Vec<Vector> = USES.into_iter().map(context).collect();
    vectors.push(tree_hashes());
    vectors.extend(keys(&a, &alice));
    vectors.push(purpose(&a, &alice));
    vectors.push(network());
    vectors.push(rules());
    vectors.extend([a, people::mariniers(), people::ruchers()].iter().map(founding));
    vectors.push(member(&alice));
    vectors.push(body());
    vectors
}

fn context(purpose: Use) -> Vector {
    let name = purpose.context().trim_start_matches("pirate/1 ");
    Vector::new(format!("hash/{name}"), "BLAKE3 derive_key of \"abc\" under this context")
        .text("context_text", purpose.context())
        .hex("input", b"abc")
        .hex("digest", digest(purpose, &[b"abc"]).as_bytes())
}

fn tree_hashes() -> Vector {
    let (left, right) = (tree_leaf(b""), tree_leaf(b"abc"));
    Vector::new("hash/tree", "SHA-256 in the shape of RFC 6962")
        .hex("empty", tree_empty().as_bytes())
        .hex("leaf_of_nothing", left.as_bytes())
        .hex("leaf_of_abc", right.as_bytes())
        .hex("node_of_both", tree_node(&left, &right).as_bytes())
        .hex("plain_sha256_of_abc", sha256(b"abc").as_bytes())
}

fn keys(house: &House, person: &Person) -> Vec<Vector> {
    let key = |label: &str, key: &SigningKey| {
        Vector::new(format!("key/{label}"), "Ed25519 key of a label")
            .text("label_text", label)
            .hex("seed", &people::seed(label))
            .hex("public", &key.public().0)
    };
    vec![
        key("tisserandes root 0", &house.roots[0]),
        key("tisserandes root 1", &house.roots[1]),
        key("tisserandes root 2", &house.roots[2]),
        key("tisserandes log", &house.log),
        key("tisserandes mirror", &house.mirror),
        key("tisserandes card", &house.card),
        key("tisserandes network", &house.network_key),
        key("alice device", &person.device),
        key("alice words", &person.words),
        key("alice next", &people::key("alice next"))
            .hex("next_key", person.record.next_key.as_bytes()),
    ]
}

fn purpose(house: &House, person: &Person) -> Vector {
    let purposes = [
        ("order", Purpose::Order),
        ("request", Purpose::Request),
        ("found", Purpose::Found),
        ("root_act", Purpose::RootAct),
        ("key_epoch", Purpose::KeyEpoch),
        ("petition", Purpose::Petition),
        ("fence", Purpose::Fence),
        ("announce", Purpose::Announce),
        ("desk", Purpose::Desk),
        ("card", Purpose::Card),
        ("short_card", Purpose::ShortCard),
    ];
    purposes.into_iter().fold(
        Vector::new(
            "signature/purposes",
            "What is signed when the payload is \"abc\", for each purpose, then Alice's signature",
        )
        .hex("public", &person.device.public().0),
        |vector, (name, purpose)| {
            let signature = person.device.sign(purpose, &house.network, b"abc");
            vector
                .hex(name, &signed_bytes(purpose, &house.network, b"abc"))
                .hex(signature_name(purpose), &signature.to_bytes())
        },
    )
}

const fn signature_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Order => "order_signature",
        Purpose::Request => "request_signature",
        Purpose::Found => "found_signature",
        Purpose::RootAct => "root_act_signature",
        Purpose::KeyEpoch => "key_epoch_signature",
        Purpose::Petition => "petition_signature",
        Purpose::Fence => "fence_signature",
        Purpose::Announce => "announce_signature",
        Purpose::Desk => "desk_signature",
        Purpose::Card => "card_signature",
        Purpose::ShortCard => "short_card_signature",
    }
}

fn network() -> Vector {
    let network = people::network();
    Vector::new("network", "A network for rehearsals, called exemple")
        .hex("bytes", &network.encode())
        .hex("id", network.id().as_bytes())
        .text("id_text", network.id().to_string())
}

fn rules() -> Vector {
    Vector::new("rules", "The rules proposed to a new cité")
        .hex("bytes", &Rules::default().encode())
}

fn founding(house: &House) -> Vector {
    let record = &house.founding.founding;
    let bytes = record.encode();
    Vector::new(
        format!("founding/{}", house.slug),
        format!(
            "The founding record of a cité, {} of {} root keys needed, all of them signed",
            record.root.threshold,
            record.root.keys.len()
        ),
    )
    .hex("record", &bytes)
    .hex("id", house.id.as_bytes())
    .text("id_text", house.id.to_string())
    .hex("message", &signed_bytes(Purpose::Found, &house.network, &bytes))
    .hex("bytes", &house.founding.encode())
}

fn member(person: &Person) -> Vector {
    Vector::new("member", "Alice's first record: a device's key and the words'")
        .hex("bytes", &person.record.encode())
        .hex("id", person.id.as_bytes())
        .text("id_text", person.id.to_string())
}

/// Returns the text that Alice's payment commits to.
pub(super) fn example_body() -> Body {
    Body {
        salt: people::seed("body"),
        text: "Réparé le métier à tisser".to_owned(),
        category: "atelier".to_owned(),
    }
}

fn body() -> Vector {
    let body = example_body();
    Vector::new("body", "A text kept outside the log, and what an order commits to")
        .hex("bytes", &body.encode())
        .hex("commitment", body.commitment().as_bytes())
}
