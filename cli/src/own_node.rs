//! The node of this machine, asked through its socket: its state, its peers, its sheet.
//! Signs nothing; whoever runs the machine may ask, nobody proves who he is.

use std::path::PathBuf;

use node::{
    client::{Client, ClientError, Reach},
    home_dir::HomeDir,
    run::Running,
};
use proto::{
    desk::{Call, Frame, Known, NodeStatus, Operator, PeerItem, Reply, Sheet},
    ids::CiteId,
};

use crate::{
    asking, codes,
    context::Context,
    error::{Failure, file_failure},
    local::{LocalLog, no_cite_here},
    named_node::NamedNode,
    reply, text,
    waiting::Patience,
};

/// A connection to the node of this machine.
pub struct OwnNode {
    client: Client,
    place: String,
    patience: Patience,
}

impl OwnNode {
    /// Returns the node of this machine, or `None` when none runs (or `--offline` is given).
    ///
    /// # Errors
    /// P0301, P0302, P0215 when something else than its absence is in the way.
    pub fn find(context: &Context) -> Result<Option<Self>, Failure> {
        if context.global.offline {
            return Ok(None);
        }
        for socket in sockets(context)? {
            let place = socket.display().to_string();
            let patience = context.patience.clone();
            let _wait = patience.wait(text!("waiting-node", place = place.as_str()));
            match Client::connect(&Reach::Socket(socket), patience.left()) {
                Ok(client) => return Ok(Some(Self { client, place, patience })),
                Err(ClientError::NotRunning { .. }) => {}
                Err(error) => return Err(reply::no_reply(&error, &place)),
            }
        }
        Ok(None)
    }

    /// Returns the node of this machine.
    ///
    /// # Errors
    /// P0303 with `--offline`, P0301 when none runs.
    pub fn need(context: &Context) -> Result<Self, Failure> {
        if context.global.offline {
            return Err(Failure::new(codes::OFFLINE_ASKED, text!("offline-asked")));
        }
        if let Some(node) = Self::find(context)? {
            return Ok(node);
        }
        // A node that is named need not be this machine's.
        Err(match context.global.node.is_none() && LocalLog::find(&context.paths)?.is_none() {
            true => no_cite_here(&context.paths),
            false => Failure::new(codes::NODE_ABSENT, text!("node-stopped"))
                .fix(&["pirate", "node", "run"]),
        })
    }

    /// Returns the reply to a call, which is neither a refusal nor "not now".
    ///
    /// # Errors
    /// The numbered refusal, or why the node cannot answer.
    pub fn ask(&mut self, call: Call) -> Result<Reply, Failure> {
        self.send(&Frame { home: None, call })
    }

    fn send(&mut self, frame: &Frame) -> Result<Reply, Failure> {
        match asking::ask(&mut self.client, frame, &self.patience, &self.place)? {
            Reply::Unavailable(why) => Err(reply::unavailable(why)),
            reply => Ok(reply),
        }
    }

    /// Returns the state of the node.
    ///
    /// # Errors
    /// Those of [`Self::ask`].
    pub fn status(&mut self) -> Result<NodeStatus, Failure> {
        match self.ask(Call::Operator(Operator::Status))? {
            Reply::Status(status) => Ok(*status),
            _ => Err(reply::unexpected()),
        }
    }

    /// Returns the peers of the node.
    ///
    /// # Errors
    /// Those of [`Self::ask`].
    pub fn peers(&mut self) -> Result<Vec<PeerItem>, Failure> {
        match self.ask(Call::Operator(Operator::Peers))? {
            Reply::Peers(peers) => Ok(peers),
            _ => Err(reply::unexpected()),
        }
    }

    /// Returns the public sheet of a cité: of the node's own for `None`, else passed on to its home.
    ///
    /// # Errors
    /// Those of [`Self::ask`].
    pub fn sheet(&mut self, home: Option<CiteId>) -> Result<Sheet, Failure> {
        match self.send(&Frame { home, call: Call::Sheet })? {
            Reply::Sheet(sheet) => Ok(*sheet),
            _ => Err(reply::unexpected()),
        }
    }

    /// Returns the cités that the node knows.
    ///
    /// # Errors
    /// Those of [`Self::ask`].
    pub fn cites(&mut self) -> Result<Vec<Known>, Failure> {
        match self.ask(Call::Cites)? {
            Reply::Cites(cites) => Ok(cites),
            _ => Err(reply::unexpected()),
        }
    }
}

/// Where the node may be listening: what `--node` says; else the usual place, and what the node itself
/// wrote down when it was started with another.
fn sockets(context: &Context) -> Result<Vec<PathBuf>, Failure> {
    if let Some(named) = &context.global.node
        && let NamedNode::Socket(socket) = NamedNode::read(named)?
    {
        return Ok(vec![socket]);
    }
    let mut sockets = vec![context.paths.socket()];
    let running = HomeDir::new(context.paths.node()).running();
    match Running::read(&running) {
        Ok(Some(running)) => sockets.push(running.socket),
        Ok(None) => {}
        // Nobody may say that no node runs where he may not look.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(file_failure(false, &running, &error));
        }
        Err(_) => {}
    }
    sockets.dedup();
    Ok(sockets)
}
