//! The ways between network and core, and what waits on them. Whatever can move moves: it never waits
//! for one side while the other has something to say.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::queue::Queue;
use super::writer::Writer;
use crate::core::{Input, Output};
use crate::network::{Command, Event, Network};

/// Commands above which the core's outputs are not fetched. One batch may exceed it.
const COMMANDS_MAX: usize = 512;

/// Network and writer, with what is on its way to each.
pub(super) struct Ways {
    pub(super) network: Network,
    pub(super) writer: Writer,
    pub(super) to_core: Queue,
    pub(super) to_network: VecDeque<Command>,
}

/// What moved.
pub(super) enum Moved {
    /// The network says something; `None`: it has ended.
    Event(Option<Event>),
    /// The core wants something done; `None`: the writer has ended.
    Outputs(Option<Vec<Output>>),
    /// An input or a command went on its way.
    On,
}

impl Ways {
    /// Waits until something comes or can go. Nothing is lost when it is not waited for to the end.
    pub(super) async fn moved(&mut self) -> Moved {
        let Self { network, writer, to_core, to_network } = self;
        tokio::select! {
            event = network.events.recv() => Moved::Event(event),
            outputs = writer.outputs.recv(), if to_network.len() < COMMANDS_MAX => {
                Moved::Outputs(outputs)
            }
            room = room(&writer.inputs), if !to_core.is_empty() => {
                pass(room, || to_core.pop());
                Moved::On
            }
            room = room_in(&network.commands), if !to_network.is_empty() => {
                pass(room, || to_network.pop_front());
                Moved::On
            }
        }
    }

    /// Sends the last commands and ends the network.
    pub(super) async fn hang_up(&mut self) {
        let Self { network, to_network, .. } = self;
        to_network.push_back(Command::Shutdown);
        loop {
            tokio::select! {
                room = room_in(&network.commands), if !to_network.is_empty() => {
                    pass(room, || to_network.pop_front());
                }
                event = network.events.recv() => if event.is_none() {
                    break;
                },
            }
        }
    }
}

/// Returns room for one input. Without a writer it waits for ever: that it has ended is seen where its
/// outputs end, after the last of them.
async fn room(inputs: &Option<mpsc::Sender<Input>>) -> mpsc::Permit<'_, Input> {
    match inputs {
        Some(inputs) => room_in(inputs).await,
        None => std::future::pending().await,
    }
}

/// Returns room in a channel. One whose other end is gone never has any: that is seen where what comes
/// back from there ends.
async fn room_in<T>(channel: &mpsc::Sender<T>) -> mpsc::Permit<'_, T> {
    match channel.reserve().await {
        Ok(room) => room,
        Err(_) => std::future::pending().await,
    }
}

/// Sends the next of what waits.
fn pass<T>(room: mpsc::Permit<'_, T>, next: impl FnOnce() -> Option<T>) {
    if let Some(next) = next() {
        room.send(next);
    }
}
