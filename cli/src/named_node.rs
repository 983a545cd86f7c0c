//! What `--node` (else `PIRATE_NODE`) names: a socket of this machine, or an address; and which commands can use
//! which. Asks nobody.

use std::path::PathBuf;

use node::network::Address;
use proto::keys::PublicKey;

use crate::{codes, error::Failure, keyring::unhex, text, tree::Global};

/// A node that somebody named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum NamedNode {
    /// By the path of its socket.
    Socket(PathBuf),
    /// By where it listens, and perhaps by its key.
    At {
        /// Its network key.
        key: Option<PublicKey>,
        /// `host:port` or multiaddr, which was read once.
        address: String,
    },
}

/// Whom a command asks.
enum Asks {
    /// The desk of a cité: any node passes calls on to it.
    Desk,
    /// The node of this machine, which tells nobody else.
    Own,
    /// Nobody.
    Nobody,
}

fn asks(command: &str) -> Asks {
    match command {
        "ask" | "balance" | "card show" | "cite approve" | "complain" | "federation ally"
        | "history" | "join" | "member admit" | "member decline" | "member erase"
        | "member invite" | "member list" | "node inherit" | "node recover" | "pay"
        | "request decline" | "request list" | "request show" => Asks::Desk,
        "cite close" | "cite heirs" | "cite show" | "federation join" | "federation list"
        | "node block" | "node clock" | "node peers" | "node scrub" | "node status" | "status" => {
            Asks::Own
        }
        _ => Asks::Nobody,
    }
}

impl NamedNode {
    /// Returns what was typed, read.
    ///
    /// # Errors
    /// P0305.
    pub(crate) fn read(typed: &str) -> Result<Self, Failure> {
        let unreadable = || Failure::new(codes::ADDRESS, text!("node-address", typed = typed));
        let (key, address) = match typed.split_once('@') {
            Some((key, address)) => {
                (Some(PublicKey(unhex::<32>(key).ok_or_else(unreadable)?)), address)
            }
            None => (None, typed),
        };
        let multiaddr = address.starts_with("/ip") || address.starts_with("/dns");
        if typed.contains('/') && !multiaddr {
            return Ok(Self::Socket(typed.into()));
        }
        let read: Result<Address, _> = address.parse();
        read.map_err(|error| unreadable().caused_by(&error))?;
        Ok(Self::At { key, address: address.to_owned() })
    }
}

/// Refuses a node that a command cannot ask. What `PIRATE_NODE` says is meant for other commands as well, so
/// it need only be readable.
///
/// # Errors
/// P0001, P0305.
pub(crate) fn check(global: &Global, command: &str) -> Result<(), Failure> {
    let Some(typed) = &global.node else { return Ok(()) };
    let refuse = |message| Err(Failure::new(codes::USAGE, message));
    match (asks(command), global.node_typed) {
        (Asks::Desk, _) | (Asks::Own, false) => NamedNode::read(typed).map(|_| ()),
        (Asks::Own, true) => match NamedNode::read(typed)? {
            NamedNode::Socket(_) => Ok(()),
            NamedNode::At { .. } => refuse(text!("node-own-only", typed = typed.as_str())),
        },
        (Asks::Nobody, true) => refuse(text!("node-asks-nobody", typed = typed.as_str())),
        (Asks::Nobody, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Global, NamedNode, check};
    use crate::{codes, commands};

    #[test]
    fn a_command_is_told_what_it_cannot_ask() {
        let global = |node: &str, node_typed| Global {
            node: Some(node.to_owned()),
            node_typed,
            ..Global::default()
        };
        let key = format!("{}@192.0.2.7:17890", "07".repeat(32));
        for (command, typed, code) in [
            ("balance", "192.0.2.7:17890", None),
            ("balance", &key, None),
            ("balance", "/run/pirate/node.sock", None),
            ("balance", "n'importe quoi", Some(codes::ADDRESS)),
            ("status", "./node.sock", None),
            ("status", "192.0.2.7:17890", Some(codes::USAGE)),
            ("node status", "/ip4/192.0.2.7/tcp/17890", Some(codes::USAGE)),
            ("federation list", "n'importe quoi", Some(codes::ADDRESS)),
            ("log list", "./node.sock", Some(codes::USAGE)),
            ("audit bundle", "n'importe quoi", Some(codes::USAGE)),
        ] {
            let said = check(&global(typed, true), command).map_err(|failure| failure.code());
            assert_eq!(said.err(), code, "{command} --node {typed}");
        }
        for (command, named, code) in [
            ("status", "192.0.2.7:17890", None),
            ("cite show", "n'importe quoi", Some(codes::ADDRESS)),
            ("log list", "n'importe quoi", None),
        ] {
            let said = check(&global(named, false), command).map_err(|failure| failure.code());
            assert_eq!(said.err(), code, "PIRATE_NODE={named} {command}");
        }
        assert!(matches!(NamedNode::read("./n"), Ok(NamedNode::Socket(_))));
    }

    #[test]
    fn the_commands_that_ask_are_commands() {
        let source = include_str!("named_node.rs");
        let body = source.split("fn asks").nth(1).and_then(|rest| rest.split("impl").next());
        let names: Vec<&str> = body.unwrap_or_default().split('"').skip(1).step_by(2).collect();
        assert!(names.len() > 20, "{names:?}");
        for name in names {
            assert!(commands::handler(name).is_some(), "{name}");
        }
    }
}
