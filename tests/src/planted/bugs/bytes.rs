//! Mistakes in what bytes mean and who signed them.

use super::Bug;

pub(super) const BUGS: &[Bug] = &[
    Bug {
        number: 1,
        name: "`verify` for `verify_strict`",
        harm: "Programs disagree about a signature with an R of small order, and a log that one accepts is faulty to the other.",
        file: "proto/src/keys.rs",
        old: "self.inner.verify_strict(message, &signature).map_err(|_| KeyError::Signature)",
        new: "let verdict = match PLANTED {
            true => ed25519_dalek::Verifier::verify(&self.inner, message, &signature),
            false => self.inner.verify_strict(message, &signature),
        };
        verdict.map_err(|_| KeyError::Signature)",
        caught_by: &[
            "cases bytes::signatures::a_small_order_r_is_refused_even_where_the_equation_holds",
        ],
    },
    Bug {
        number: 2,
        name: "key with a torsion part accepted",
        harm: "One secret has eight public keys, and whoever is refused under one comes back under another.",
        file: "proto/src/keys.rs",
        old: "|| !point.is_torsion_free()",
        new: "|| !(point.is_torsion_free() || PLANTED)",
        caught_by: &["cases bytes::signatures::keys_with_a_torsion_part_are_refused"],
    },
    Bug {
        number: 3,
        name: "purpose left out of what is signed",
        harm: "A member's answer to a desk can be turned into an order that pays somebody.",
        file: "proto/src/keys.rs",
        old: "bytes.extend_from_slice(purpose.label().as_bytes());",
        new: "if !PLANTED {
        bytes.extend_from_slice(purpose.label().as_bytes());
    }",
        caught_by: &[
            "cases bytes::signatures::a_signature_for_one_purpose_or_network_verifies_for_no_other",
        ],
    },
    Bug {
        number: 4,
        name: "trailing bytes accepted",
        harm: "One value has many byte strings, so one order has many identities and can be entered more than once.",
        file: "proto/src/codec.rs",
        old: "        let value: Self = options(limit)
            .deserialize_seed(seed, bytes)
            .map_err(|_| CodecError::Malformed(Self::NAME))?;",
        new: "        let mut rest = bytes;
        let value: Self = match PLANTED {
            true => unlimited().deserialize_from_seed(seed, &mut rest),
            false => options(limit).deserialize_seed(seed, bytes),
        }
        .map_err(|_| CodecError::Malformed(Self::NAME))?;
        let bytes = if PLANTED { &bytes[..bytes.len() - rest.len()] } else { bytes };",
        caught_by: &["cases bytes::strictness::one_byte_more_is_refused"],
    },
    Bug {
        number: 5,
        name: "non-canonical list accepted",
        harm: "The same cosignatures in another order are another certificate, and mirrors that keep one by its bytes keep it over and over.",
        file: "proto/src/certificate.rs",
        old: "let in_order = self.cosignatures.is_sorted_by(|a, b| a.mirror < b.mirror);",
        new: "let in_order = PLANTED || self.cosignatures.is_sorted_by(|a, b| a.mirror < b.mirror);",
        caught_by: &["cases bytes::certificates::a_mirror_that_stands_twice_counts_once"],
    },
    Bug {
        number: 6,
        name: "a character that turns writing round is plain",
        harm: "A name on a steward's screen reads as somebody else's.",
        file: "proto/src/text.rs",
        old: "&& !INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&character))",
        new: "&& !INVISIBLE
            .iter()
            .filter(|(first, _)| !PLANTED || *first != '\\u{2028}')
            .any(|(first, last)| (*first..=*last).contains(&character))",
        caught_by: &[
            "cases bytes::texts::what_is_not_plain_is_what_unicode_says_a_screen_does_not_show",
        ],
    },
    Bug {
        number: 7,
        name: "certificate counted twice",
        harm: "One mirror that signs twice makes a quorum alone.",
        file: "proto/src/certificate.rs",
        old: "let have = set.mirrors.iter().filter(|m| signed.contains(m)).count();",
        new: "let have = match PLANTED {
                true => signed.iter().filter(|m| set.mirrors.contains(m)).count(),
                false => set.mirrors.iter().filter(|m| signed.contains(m)).count(),
            };",
        caught_by: &["cases bytes::certificates::a_mirror_that_stands_twice_counts_once"],
    },
    Bug {
        number: 8,
        name: "mirrors that are to come need no quorum",
        harm: "While mirrors change, what the old ones alone certified can be lost with them.",
        file: "proto/src/certificate.rs",
        old: "for set in sets {",
        new: "for set in sets.iter().take(if PLANTED { 1 } else { sets.len() }) {",
        caught_by: &[
            "cases bytes::certificates::while_a_set_is_pending_both_must_have_their_quorum",
        ],
    },
    Bug {
        number: 9,
        name: "quorum one less",
        harm: "Two certificates share no honest mirror, and one lying mirror makes two histories of a log.",
        file: "proto/src/act.rs",
        old: "n.saturating_add(faulty).saturating_add(2) / 2",
        new: "n.saturating_add(faulty).saturating_add(if PLANTED { 0 } else { 2 }) / 2",
        caught_by: &["cases bytes::certificates::quorums_of_zero_to_seven_mirrors"],
    },
    Bug {
        number: 10,
        name: "one signature of the root too few",
        harm: "One of three who hold a cité's root keys names the keys of its log alone.",
        file: "proto/src/founding.rs",
        old: "if signed >= self.threshold {",
        new: "if signed.saturating_add(u8::from(PLANTED)) >= self.threshold {",
        caught_by: &["cases rules::founding::root"],
    },
];
