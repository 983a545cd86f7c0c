//! Vectors of what people carry about: recovery words with the keys that they stand for, links to requests,
//! and cards.

use pirate::{
    card_file,
    keyring::{LABEL_ACCOUNT, LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS, derive},
    language::Lang,
    wallet::request_link::{PREFIX, RequestLink},
    words::phrase,
};
use proto::{
    act::Level,
    card::{Challenge, ShortCard, SignedShortCard},
    codec::Canonical as _,
    desk::{CardProof, CardWitness},
    hash::{Use, digest},
    ids::from_text,
    keys::{Purpose, SigningKey, signed_bytes},
    membership::Terms,
    minutes::Minutes,
    request::Request,
};

use super::{Vector, identities::example_body, orders::request, story::story};
use crate::people::{self, Person, TODAY};

/// Label of a root key; root keys have words of their own.
const LABEL_ROOT: &str = "root 0";

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = vec![words("fr", Lang::Fr), words("en", Lang::En), link()];
    vectors.extend(story().cards.iter().map(|(name, card)| card_file_of(name, card)));
    vectors.push(short_card_of_alice());
    vectors
}

/// Returns the short card of Alice, as the weavers' home states it.
pub fn short_card() -> SignedShortCard {
    let house = people::tisserandes();
    let alice = Person::new("alice", &house);
    let card = ShortCard {
        version: 1,
        cite: house.id,
        incarnation: 0,
        member: alice.id,
        number: 1,
        terms: Terms {
            level: Level::Steward,
            from: TODAY,
            until: TODAY.plus(365),
            allowance: Minutes(60),
        },
        serial: 7,
        holder: alice.device.public(),
        stated: TODAY.start(),
    };
    card.sign(&house.network, &house.card)
}

fn short_card_of_alice() -> Vector {
    let house = people::tisserandes();
    let (card, alice) = (short_card(), Person::new("alice", &house));
    let challenge = Challenge(people::seed("challenge"));
    let unsigned = card.card().encode();
    Vector::new("short-card", "Alice's card in its short form, as the text of a QR code")
        .hex("unsigned", &unsigned)
        .hex("message", &signed_bytes(Purpose::ShortCard, &house.network, &unsigned))
        .hex("public", &house.card.public().0)
        .hex("signature", &card.bytes()[unsigned.len()..])
        .hex("bytes", card.bytes())
        .text("card_text", card.to_text())
        .text("challenge_text", challenge.to_text())
        .text(
            "answer_text",
            challenge.answer(&house.network, &house.id, &alice.id, &alice.device).to_text(),
        )
}

fn words(name: &str, lang: Lang) -> Vector {
    let entropy = people::salt("recovery words");
    let vector = Vector::new(
        format!("words/{name}"),
        "Twelve recovery words, the sixteen bytes that they write, and the keys and the salt derived from those",
    )
    .text("words_text", phrase(lang, &entropy).join(" "))
    .hex("secret", &entropy);
    let labels = [
        (LABEL_DEVICE, "device_0"),
        (LABEL_DEVICE_NEXT, "device_1"),
        (LABEL_WORDS, "words_0"),
        (LABEL_ROOT, "root_0"),
    ];
    let vector = labels.into_iter().fold(vector, |vector, (label, name)| {
        let seed = derive(&entropy, label);
        vector
            .text(format!("{name}_label_text"), label)
            .hex(format!("{name}_seed"), &*seed)
            .hex(format!("{name}_public"), &SigningKey::from_seed(&seed).public().0)
    });
    let next = SigningKey::from_seed(&derive(&entropy, LABEL_DEVICE_NEXT)).public();
    let account = format!("{LABEL_ACCOUNT} {}", people::tisserandes().id);
    vector
        .hex("next_key", digest(Use::NextKey, &[&next.0]).as_bytes())
        .hex("salt", &derive(&entropy, &account)[..16])
        .text("salt_label_text", account)
}

fn link() -> Vector {
    let body = example_body();
    let bob = Person::new("bob", &people::tisserandes());
    let asked = request().request().clone();
    let asked = Request { body: Some(body.commitment()), ..asked }.sign(&bob.device);
    let bytes = asked.bytes().to_vec();
    let link = RequestLink::new(asked, Some(body.clone())).expect("the words are the request's");
    let text = link.to_text();
    let bare = text.strip_prefix("pirate:").expect("a link begins so");
    Vector::new("request-link", "Bob's request with its words, as a link to send")
        .hex("request", &bytes)
        .hex("body", &body.encode())
        .hex("bytes", &from_text(PREFIX, bare).expect("we wrote it"))
        .text("link_text", text)
}

fn card_file_of(name: &str, card: &CardProof) -> Vector {
    let witness = match &card.witness {
        CardWitness::Certified(_) => "witnessed by mirrors",
        CardWitness::HomeOnly { .. } => "on the home's own word",
    };
    let act = if card.act.is_some() { ", admitted by two stewards" } else { "" };
    Vector::new(format!("card/{name}"), format!("A card, {witness}{act}: its bytes and its file"))
        .hex("bytes", &card.encode())
        .text("card_text", card_file::write(card))
}
