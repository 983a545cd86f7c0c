//! `pirate node block [KEY|ADDRESS] [--lift] [--list]`: with whom the node has nothing to do, whether it runs or not.
//! Blocking is undone at once and loses nothing, so nobody is asked; what it costs is said.

use std::net::{Ipv4Addr, Ipv6Addr};

use ledger::disk::Lock;
use node::core::{Blocks, BlocksError, Change};
use proto::{
    desk::{BLOCKED_MAX, Blocked, BlockedItem, Call, Operator, Reply, Subnet, Unavailable},
    hash::Hash,
    keys::PublicKey,
};
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    health,
    keyring::unhex,
    language::Value,
    local::{LocalLog, home_failure},
    output::{Done, Mark, Screen, Table},
    own_node::OwnNode,
    reply, text,
};

/// Characters of a key that people see; `--plain` and `--json` have all of it.
const KEY_CHARS: usize = 16;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let lift = args.flag("lift");
    let named = args.text("who").map(read).transpose()?;
    let Some(who) = named.filter(|_| !args.flag("list")) else {
        if lift {
            return Err(Failure::new(codes::USAGE, text!("block-lift-whom")));
        }
        let (items, acting) = List::open(context, false)?.items()?;
        return Ok(Done::new(data(&items, acting, None), listed(&items)));
    };
    let mut list = List::open(context, !context.global.dry_run)?;
    if let List::Running(node) = &mut list {
        let own = node.status()?.node;
        refuse_own(who, own)?;
    }
    let (before, acting) = list.items()?;
    let is_there = before.iter().any(|item| item.what == who);
    let changed = is_there == lift;
    if context.global.dry_run {
        let screen = Screen::new().line(text!("block-dry-run"));
        return Ok(Done::new(data(&before, acting, Some((who, false))), screen));
    }
    let change = if lift { Change::Lift(who) } else { Change::Block(who) };
    let items = if changed { list.change(context, change)? } else { before };
    let name = shown(who);
    let said = match (lift, changed) {
        (false, true) => text!("block-done", who = name),
        (false, false) => text!("block-already", who = name),
        (true, true) => text!("block-lifted", who = name),
        (true, false) => text!("block-not-there", who = name),
    };
    let mut screen = Screen::new().mark(Mark::Good, said);
    if !acting {
        screen = screen.line(text!("block-from-next-start"));
    }
    let mut done = Done::new(data(&items, acting, Some((who, changed))), screen);
    let cuts_off = items.iter().filter(|item| item.what == who).flat_map(|item| &item.cuts_off);
    let back = ["pirate", "node", "block", &who.to_string(), "--lift"];
    for ally in cuts_off {
        done = done.warn(codes::ALLY_BLOCKED, health::cost(ally), &back);
    }
    Ok(done)
}

/// Reads a key or addresses.
fn read(typed: &str) -> Result<Blocked, Failure> {
    let typed = typed.trim();
    if let Some(key) = unhex::<32>(typed) {
        return Ok(Blocked::Node(PublicKey(key)));
    }
    let subnet: Subnet = typed.parse().map_err(|error| {
        Failure::new(codes::NOT_TO_BLOCK, text!("block-unreadable", typed = typed))
            .caused_by(&error)
    })?;
    let nowhere = [Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST];
    if subnet.is_multicast() || nowhere.iter().any(|ip| subnet.contains((*ip).into())) {
        return Err(Failure::new(codes::NOT_TO_BLOCK, text!("block-nobody-there")));
    }
    // Everybody who comes through a proxy or an onion service of this machine comes from there.
    if subnet.is_loopback() || subnet.contains(Ipv6Addr::LOCALHOST.into()) {
        return Err(Failure::new(codes::NOT_TO_BLOCK, text!("block-this-machine")));
    }
    Ok(Blocked::Subnet(subnet))
}

fn refuse_own(who: Blocked, own: PublicKey) -> Result<(), Failure> {
    match who == Blocked::Node(own) {
        true => Err(Failure::new(codes::NOT_TO_BLOCK, text!("block-own-node"))),
        false => Ok(()),
    }
}

/// The list, at the running node or on the disk of one that is stopped.
enum List {
    Running(Box<OwnNode>),
    Stopped {
        blocks: Blocks,
        /// Held as long as this may write, so that no node starts meanwhile.
        _lock: Option<Lock>,
    },
}

impl List {
    fn open(context: &Context, writes: bool) -> Result<Self, Failure> {
        if let Some(node) = OwnNode::find(context)? {
            return Ok(Self::Running(Box::new(node)));
        }
        let log = LocalLog::own(&context.paths)?;
        let home = log.home();
        let (disk, lock) = if writes {
            let claimed =
                home.claim(context.now().0).map_err(|error| home_failure(home, &error))?;
            (claimed.disk, Some(claimed.lock))
        } else {
            (home.look().map_err(|error| home_failure(home, &error))?, None)
        };
        let blocks = Blocks::open(disk).map_err(|error| home_failure(home, &error.into()))?;
        Ok(Self::Stopped { blocks, _lock: lock })
    }

    /// Returns the entries, and whether a node acts on them now.
    fn items(&mut self) -> Result<(Vec<BlockedItem>, bool), Failure> {
        match self {
            Self::Running(node) => Ok((blocked(node, Operator::Blocked)?, true)),
            Self::Stopped { blocks, .. } => Ok((of_disk(blocks), false)),
        }
    }

    fn change(&mut self, context: &Context, change: Change) -> Result<Vec<BlockedItem>, Failure> {
        match self {
            Self::Running(node) => blocked(
                node,
                match change {
                    Change::Block(who) => Operator::Block(who),
                    Change::Lift(who) => Operator::Lift(who),
                },
            ),
            Self::Stopped { blocks, .. } => {
                blocks.change(context.now(), change).map_err(|error| match error {
                    BlocksError::Full => reply::unavailable(Unavailable::BlockedFull),
                    BlocksError::Disk(error) => {
                        let path = context.paths.node();
                        Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = &path))
                            .caused_by(&error)
                    }
                })?;
                Ok(of_disk(blocks))
            }
        }
    }
}

fn blocked(node: &mut OwnNode, operator: Operator) -> Result<Vec<BlockedItem>, Failure> {
    match node.ask(Call::Operator(operator))? {
        Reply::Blocked(items) => Ok(items),
        _ => Err(reply::unexpected()),
    }
}

fn of_disk(blocks: &Blocks) -> Vec<BlockedItem> {
    let item = |(what, since)| BlockedItem { what, since, cuts_off: Vec::new() };
    blocks.all().map(item).collect()
}

fn shown(who: Blocked) -> Value {
    match who {
        Blocked::Node(key) => {
            let whole = Hash(key.0).to_string();
            let short = whole.chars().take(KEY_CHARS).chain(['…']).collect();
            Value::Long { short, whole }
        }
        Blocked::Subnet(subnet) => subnet.to_string().into(),
    }
}

fn listed(items: &[BlockedItem]) -> Screen {
    if items.is_empty() {
        return Screen::new().line(text!("blocked-nobody"));
    }
    let mut table =
        Table::new(vec![text!("label-blocked"), text!("label-since"), text!("label-cuts-off")]);
    for item in items {
        let allies: Vec<String> = item.cuts_off.iter().map(|ally| ally.slug.clone()).collect();
        table.row(vec![shown(item.what), Value::Instant(item.since), allies.join(", ").into()]);
    }
    let room = text!("blocked-room", count = items.len(), most = BLOCKED_MAX);
    Screen::new().table(table).line(room)
}

fn data(items: &[BlockedItem], acting: bool, asked: Option<(Blocked, bool)>) -> Json {
    json!({
        "items": items.iter().map(item_json).collect::<Vec<_>>(),
        "most": BLOCKED_MAX,
        "acting": acting,
        "asked": asked.map(|(who, _)| who.to_string()),
        "changed": asked.is_some_and(|(_, changed)| changed),
    })
}

fn item_json(item: &BlockedItem) -> Json {
    json!({
        "what": item.what.to_string(),
        "kind": match item.what {
            Blocked::Node(_) => "node",
            Blocked::Subnet(_) => "addresses",
        },
        "since": dates::rfc3339(item.since),
        "cuts_off": item.cuts_off.iter().map(health::cut_off_json).collect::<Vec<_>>(),
    })
}
