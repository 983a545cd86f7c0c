//! One node of a demo: a process of its own, started as whoever runs a cité starts it, and the
//! connections to its desk. It is stopped when this is dropped, whatever happened.

use std::{
    fs::File,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use node::client::{Client, Reach};
use proto::desk::{Call, Frame, Operator, Reply, Sheet, Unavailable};
use proto::time::UnixMillis;
use rustix::process::{Pid, Signal, kill_process};

use super::ground::Ground;
use crate::{codes, context::Context, error::Failure, reply, text};

/// Connections to a node: calls made at once are committed together, so a few hide the disk's syncs.
pub(super) const DESKS: usize = 4;

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a node may take to start or to stop.
const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(15);

/// Pause between two looks at something that takes a few milliseconds.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(3);

/// A running node.
pub(super) struct Running {
    child: Child,
    socket: PathBuf,
    slug: &'static str,
    desks: Vec<Client>,
}

impl Running {
    /// Starts the node of the cité at home in `context`, and waits until it answers. Its log goes to
    /// `node.log` beside its directories.
    pub(super) fn start(
        ground: &Ground,
        context: &Context,
        slug: &'static str,
    ) -> Result<Self, Failure> {
        let ended = || Failure::new(codes::DEMO, text!("demo-node-ended", name = slug));
        let home = ground.at(slug);
        let log = home.join("node.log");
        let log = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(|error| crate::error::file_failure(true, &log, &error))?;
        let program = std::env::current_exe().map_err(|error| ended().caused_by(&error))?;
        let child = Command::new(program)
            .args(["node", "run", "--scaled-clock", "--no-input", "--lang", context.lang.tag()])
            .arg("--home")
            .arg(&home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // Ctrl-C at the terminal is for this program, which then stops its nodes in order.
            .process_group(0)
            .spawn()
            .map_err(|error| ended().caused_by(&error))?;
        let socket = context.paths.socket();
        let mut running = Self { child, socket, slug, desks: Vec::new() };
        let until = Instant::now() + START_MAX;
        while running.desks.is_empty() {
            ground.check()?;
            let over = running.child.try_wait().map_err(|error| ended().caused_by(&error))?;
            if over.is_some() || Instant::now() > until {
                return Err(ended().because(text!("demo-see-keep")));
            }
            match Client::connect(&Reach::Socket(running.socket.clone()), PATIENCE) {
                Ok(client) => running.desks.push(client),
                Err(_) => std::thread::sleep(LOOK_AGAIN),
            }
        }
        while running.desks.len() < DESKS {
            let client = Client::connect(&Reach::Socket(running.socket.clone()), PATIENCE)
                .map_err(|error| running.silent(&error))?;
            running.desks.push(client);
        }
        Ok(running)
    }

    fn silent(&self, error: &node::client::ClientError) -> Failure {
        reply::no_reply(error, &self.socket.display().to_string())
    }

    /// Returns the reply to a call.
    pub(super) fn call(&mut self, call: Call) -> Result<Reply, Failure> {
        let mut replies = self.calls(vec![call])?;
        replies.pop().ok_or_else(reply::unexpected)
    }

    /// Returns the replies to calls made at once, in their order. Which of them the node takes first is
    /// not said.
    pub(super) fn calls(&mut self, calls: Vec<Call>) -> Result<Vec<Reply>, Failure> {
        let mut shares: Vec<Vec<(usize, Call)>> = vec![Vec::new(); self.desks.len()];
        let count = calls.len();
        for (place, call) in calls.into_iter().enumerate() {
            if let Some(share) = shares.get_mut(place % DESKS) {
                share.push((place, call));
            }
        }
        let place = self.socket.display().to_string();
        let answered = std::thread::scope(|scope| {
            let askers: Vec<_> = self
                .desks
                .iter_mut()
                .zip(shares)
                .filter(|(_, share)| !share.is_empty())
                .map(|(desk, share)| scope.spawn(|| ask_all(desk, share)))
                .collect();
            askers
                .into_iter()
                .map(|asker| asker.join().expect("asking does not panic"))
                .collect::<Result<Vec<_>, _>>()
        });
        let mut replies: Vec<(usize, Reply)> = answered
            .map_err(|error| reply::no_reply(&error, &place))?
            .into_iter()
            .flatten()
            .collect();
        replies.sort_by_key(|(place, _)| *place);
        if replies.len() == count {
            Ok(replies.into_iter().map(|(_, reply)| reply).collect())
        } else {
            Err(reply::unexpected())
        }
    }

    /// Returns the public sheet; `None` while the node does not sign yet.
    pub(super) fn sheet(&mut self) -> Result<Option<Sheet>, Failure> {
        match self.call(Call::Sheet)? {
            Reply::Sheet(sheet) => Ok(Some(*sheet)),
            Reply::Unavailable(Unavailable::Busy | Unavailable::Waking) => Ok(None),
            Reply::Unavailable(why) => Err(reply::unavailable(why)),
            _ => Err(reply::unexpected()),
        }
    }

    /// Sets the clock; never back.
    pub(super) fn set_clock(&mut self, to: UnixMillis) -> Result<(), Failure> {
        match self.call(Call::Operator(Operator::Clock(to)))? {
            Reply::Done => Ok(()),
            Reply::Unavailable(why) => Err(reply::unavailable(why)),
            _ => Err(reply::unexpected()),
        }
    }

    /// Stops the node as a service manager does, and waits until it is over.
    pub(super) fn stop(mut self) -> Result<(), Failure> {
        self.desks.clear();
        self.signal(Signal::TERM);
        let until = Instant::now() + STOP_MAX;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if Instant::now() < until => std::thread::sleep(LOOK_AGAIN),
                _ => {
                    let name = self.slug;
                    return Err(Failure::new(codes::DEMO, text!("demo-node-ended", name = name)));
                }
            }
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // One that is gone already needs no signal.
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn ask_all(
    desk: &mut Client,
    share: Vec<(usize, Call)>,
) -> Result<Vec<(usize, Reply)>, node::client::ClientError> {
    share
        .into_iter()
        .map(|(place, call)| Ok((place, desk.call(&Frame { home: None, call })?)))
        .collect()
}
