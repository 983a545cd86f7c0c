//! Who said it to whom: a sans-IO core that talks in values, and a thin shell with libp2p, tokio, sockets
//! and the real clock.

pub mod core;
pub mod network;
pub mod socket;
