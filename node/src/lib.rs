//! Who said it to whom: a sans-IO core that talks in values, and a thin shell with libp2p, tokio, sockets
//! and the real clock.

pub mod client;
pub mod config;
pub mod core;
pub mod home_dir;
pub mod keyfile;
mod last_minutes;
pub mod network;
pub mod run;
pub mod socket;
