//! `pirate node run`: the node, in the foreground, until it is told to stop. What service managers start.
//! One that runs already is no error; one without a cité is a wrong setting, so that nothing loops.

use std::path::Path;

use ledger::{
    disk::DiskError, guard::GuardError, home::HomeError, mirror::MirrorError, notes::NotesError,
    segments::SegmentsError, store::StoreError, tree::TreeError,
};
use node::{
    config::{Config, ConfigError, Overrides},
    core::CoreError,
    home_dir::HomeDir,
    keyfile::KeyFileError,
    network::{Address, NetworkError},
    run::{self, Notice, RunError, RunOptions, Running},
};
use proto::{time::UnixMillis, wire::Invitation};
use serde_json::json;

use super::rebuild::INDEX;
use crate::{
    codes,
    commands::Args,
    context::Context,
    error::{Failure, file_failure},
    exit::Exit,
    input,
    language::Text,
    local::{LocalLog, home_failure, no_cite_here},
    output::{Done, Mark, Screen},
    text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let config_file = args.path("config").unwrap_or_else(|| context.paths.config_file());
    let config = settings(args, &config_file)?;
    let home = HomeDir::new(context.paths.node());
    // Looked at first, so that a node without a cité leaves no directory behind.
    if LocalLog::find(&context.paths)?.is_none() {
        return Err(no_cite_here(&context.paths).numbered(codes::NODE_WITHOUT_CITE));
    }
    if context.global.dry_run {
        return Ok(Done::new(
            json!({ "started": false }),
            Screen::new().line(text!("node-dry-run", path = home.root())),
        ));
    }
    let printer = context.printer;
    let options = RunOptions {
        home: home.clone(),
        socket: context.paths.socket(),
        config,
        version: env!("CARGO_PKG_VERSION"),
        scaled_clock: args.flag("scaled-clock"),
        notices: Box::new(move |notice| printer.aside(&said(&notice))),
    };
    match run::run(options) {
        Ok(()) => Ok(Done::new(
            json!({ "started": true, "stopped": true }),
            Screen::new().mark(Mark::Good, text!("node-stopped-cleanly")),
        )),
        Err(RunError::AlreadyRunning { pid, since }) => Ok(already(&home, pid, since)),
        Err(error) => Err(failure(context, &home, &error)),
    }
}

fn settings(args: &Args<'_>, file: &Path) -> Result<Config, Failure> {
    // Without a name, there need not be any.
    if args.text("config").is_some() {
        input::check(file)
            .map_err(|error| file_failure(false, file, &error).numbered(codes::SETTINGS))?;
    }
    let config = Config::load(file).map_err(|error| config_failure(&error))?;
    let mut peers = Vec::new();
    for typed in args.list("bootstrap") {
        let invitation = Invitation::from_text(typed).map_err(|error| {
            Failure::new(codes::INVITATION_UNREADABLE, text!("invitation-unreadable"))
                .caused_by(&error)
        })?;
        peers.push((invitation.node, addresses(invitation.addresses.iter().map(String::as_str))?));
    }
    Ok(config.with(Overrides {
        listen: addresses(args.list("listen"))?,
        announce: addresses(args.list("announce"))?,
        mdns: args.flag("mdns").then_some(true),
        peers,
    }))
}

fn addresses<'a>(typed: impl IntoIterator<Item = &'a str>) -> Result<Vec<Address>, Failure> {
    typed
        .into_iter()
        .map(|typed| {
            typed.parse().map_err(|error| {
                Failure::new(codes::ADDRESS, text!("address-unreadable", typed = typed))
                    .caused_by(&error)
            })
        })
        .collect()
}

fn config_failure(error: &ConfigError) -> Failure {
    if let ConfigError::Read { path, source } = error
        && source.kind() == std::io::ErrorKind::PermissionDenied
    {
        return file_failure(false, path, source);
    }
    Failure::new(codes::SETTINGS, text!("settings-wrong")).caused_by(error)
}

/// What is told on stderr while the node runs; the log tells the rest, in English.
fn said(notice: &Notice) -> Screen {
    match notice {
        Notice::PortMoved { usual, port } => Screen::new().mark(
            Mark::Warn,
            text!("node-port-moved", usual = usual.to_string(), port = port.to_string()),
        ),
        Notice::Ready(running) => ready(running),
        Notice::Stopping => Screen::new().line(text!("node-stopping")),
    }
}

fn ready(running: &Running) -> Screen {
    Screen::new()
        .mark(Mark::Good, text!("node-ready", cite = running.cite.as_str()))
        .fact(text!("label-listening"), listed(&running.listening))
        .fact(text!("label-socket"), &running.socket)
}

fn listed(addresses: &[String]) -> crate::language::Value {
    if addresses.is_empty() { text!("unknown").into() } else { addresses.join(", ").into() }
}

fn already(home: &HomeDir, pid: Option<u32>, since: Option<UnixMillis>) -> Done {
    let process =
        pid.map_or_else(|| text!("unknown"), |pid| Text::new("said").with("said", pid.to_string()));
    let since_said: crate::language::Value = match since.filter(|since| since.0 > 0) {
        Some(since) => since.into(),
        None => text!("unknown").into(),
    };
    let socket = Running::read(&home.running()).ok().flatten().map(|running| running.socket);
    let data = json!({
        "started": false,
        "already_running": true,
        "pid": pid,
        "since": since.map(crate::dates::rfc3339),
        "socket": socket,
    });
    let sentence = Text::new("node-already").with("process", process).with("since", since_said);
    Done::new(data, Screen::new().mark(Mark::Good, sentence))
        .hint(text!("next-node-status"), &["pirate", "node", "status"])
}

fn failure(context: &Context, home: &HomeDir, error: &RunError) -> Failure {
    match error {
        RunError::NoCite { .. } => no_cite_here(&context.paths).numbered(codes::NODE_WITHOUT_CITE),
        RunError::RealClock => Failure::new(codes::SETTINGS, text!("node-real-clock")),
        RunError::Home(error) => {
            let failure = home_failure(home, error);
            // A wrong owner or place does not heal by starting again.
            match failure.exit() {
                Exit::Failed => failure.numbered(codes::SETTINGS),
                _ => failure,
            }
        }
        RunError::Keys(error) => {
            let path = home.keys();
            let failure =
                Failure::new(codes::SETTINGS, text!("node-keys", path = &path)).caused_by(error);
            match error {
                // As after a restore: the root names others.
                KeyFileError::Missing { .. } => failure.fix(&["pirate", "node", "recover"]),
                _ => failure,
            }
        }
        RunError::PortsTaken { first, last } => Failure::new(
            codes::PORT_TAKEN,
            text!("node-ports-taken", first = first.to_string(), last = last.to_string()),
        ),
        RunError::Network(NetworkError::Listen { address, source, .. }) => {
            let said = text!("node-cannot-listen", address = address.to_string());
            Failure::new(codes::PORT_TAKEN, said).caused_by(source)
        }
        RunError::Network(error) => {
            Failure::new(codes::PORT_TAKEN, text!("node-network")).caused_by(error)
        }
        RunError::Socket(error) => {
            let socket = context.paths.socket();
            Failure::new(codes::SETTINGS, text!("node-socket", path = &socket)).caused_by(error)
        }
        RunError::Core(CoreError::Home(HomeError::LogKey)) => {
            let path = home.keys();
            Failure::new(codes::SETTINGS, text!("node-keys-other", path = &path))
                .because(text!("node-keys-other-why"))
                .fix(&["pirate", "node", "recover"])
        }
        RunError::Core(error) => core_failure(home, error),
        RunError::Insisted { signal } => {
            let code = if *signal == SIGINT { codes::INTERRUPTED } else { codes::TERMINATED };
            Failure::new(code, text!("node-stopped-at-once"))
        }
        other => Failure::new(codes::NODE_ENDED, text!("node-ended")).caused_by(other),
    }
}

/// Returns whether what could not be opened is made anew from the log.
fn is_index(error: &CoreError) -> bool {
    match error {
        CoreError::Home(HomeError::Index(_)) => true,
        CoreError::Home(HomeError::Store(
            StoreError::Disk(error) | StoreError::Tree(TreeError::Disk(error)),
        )) => error.file.starts_with(INDEX),
        _ => false,
    }
}

/// Returns the file that could not be read, where that is why.
fn unread(error: &CoreError) -> Option<&DiskError> {
    match error {
        CoreError::Disk(error)
        | CoreError::Mirror(MirrorError::Disk(error))
        | CoreError::Home(
            HomeError::Store(
                StoreError::Disk(error) | StoreError::Segments(SegmentsError::Disk(error)),
            )
            | HomeError::Guard(GuardError::Disk(error))
            | HomeError::Notes(NotesError::Disk(error)),
        ) => Some(error),
        _ => None,
    }
}

/// Number of the signal that Ctrl-C sends (signal(7)).
const SIGINT: i32 = 2;

fn core_failure(home: &HomeDir, error: &CoreError) -> Failure {
    if is_index(error) {
        return Failure::new(codes::CANNOT_READ, text!("node-index-unopened"))
            .caused_by(error)
            .fix(&["pirate", "node", "rebuild"]);
    }
    if let Some(unread) = unread(error) {
        let path = home.root().join(&*unread.file);
        return Failure::new(codes::CANNOT_READ, text!("cannot-read", path = &path))
            .caused_by(unread)
            .fix(&["pirate", "explain", codes::CANNOT_READ.name()]);
    }
    Failure::new(codes::LEDGER_DAMAGED, text!("node-log-unopened"))
        .caused_by(error)
        .fix(&["pirate", "node", "scrub"])
}
