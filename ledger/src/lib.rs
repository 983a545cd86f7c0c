//! What is true: rules decide, state follows, the log remembers, mirrors confirm.
//! No network, no clock, no randomness, no async; disks come in as arguments.

#![warn(clippy::as_conversions, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod aside;
pub mod audit;
pub mod backup;
pub mod bundle;
pub mod card;
pub mod disk;
pub mod evidence;
pub mod fold;
pub mod frozen;
pub mod guard;
#[cfg(feature = "index")]
pub mod home;
#[cfg(feature = "index")]
pub mod index;
pub mod keybook;
pub mod mirror;
pub mod notes;
pub mod object;
pub mod proof;
pub mod refusal;
pub mod replay;
pub mod resume;
pub mod rules;
pub mod scrub;
pub mod segments;
pub mod sidecars;
pub mod snapshot;
pub mod state;
pub mod state_tree;
pub mod store;
pub mod tree;
