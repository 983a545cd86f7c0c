//! Vectors of what people copy by hand: recovery words with the keys that they stand for, and links to
//! requests.

use pirate::{
    keyring::{LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS, derive},
    language::Lang,
    wallet::request_link::{PREFIX, RequestLink},
    words::phrase,
};
use proto::{
    codec::Canonical as _,
    hash::{Use, digest},
    ids::from_text,
    keys::SigningKey,
    request::Request,
};

use super::{Vector, identities::example_body, orders::request};
use crate::people::{self, Person};

/// Label of a root key; root keys have words of their own.
const LABEL_ROOT: &str = "root 0";

pub(super) fn vectors() -> Vec<Vector> {
    vec![words("fr", Lang::Fr), words("en", Lang::En), link()]
}

fn words(name: &str, lang: Lang) -> Vector {
    let entropy = people::salt("recovery words");
    let vector = Vector::new(
        format!("words/{name}"),
        "Twelve recovery words, the sixteen bytes that they write, and the keys derived from those",
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
    vector.hex("next_key", digest(Use::NextKey, &[&next.0]).as_bytes())
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
