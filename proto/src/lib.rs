//! What is said between members, cités and auditors: types, canonical bytes, signatures.
//! No clock, no randomness, no files, no async; nothing here decides whether something is true.

#![warn(clippy::as_conversions, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod act;
pub mod body;
pub mod card;
pub mod certificate;
pub mod checkpoint;
pub mod codec;
pub mod desk;
pub mod entry;
pub mod epoch;
pub mod evidence;
pub mod founding;
pub mod hash;
pub mod heirs;
pub mod ids;
pub mod keys;
pub mod membership;
pub mod minutes;
pub mod order;
pub mod request;
pub mod resume;
pub mod stream;
pub mod text;
pub mod time;
pub mod wire;
