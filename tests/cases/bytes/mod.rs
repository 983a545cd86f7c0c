//! What is said, byte by byte: golden vectors, strictness, signatures, C2SP notes, trees, amounts, identities.

mod amounts;
mod certificates;
mod golden;
mod identities;
mod notes;
mod short_card;
mod signatures;
mod strictness;
mod texts;
mod trees;
mod variants;
