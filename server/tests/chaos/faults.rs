//! The faults, and their order.

use std::{thread, time::Duration};

use rustix::process::Signal;

use super::{dice::Dice, nodes::Nodes};
use crate::program::cluster;

/// A fault. The numbers are those of nodes.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The node's connections to PostgreSQL die silently. New connections work.
    Freeze(usize),
    /// The node's connections to PostgreSQL are cut.
    Cut(usize),
    /// Each packet between the node and PostgreSQL is late by this much.
    Delay(usize, Duration),
    /// PostgreSQL is killed.
    Crash,
    /// PostgreSQL is told to stop at once.
    Shutdown,
    /// The node is killed.
    Kill(usize),
    /// The node is told to stop.
    Stop(usize),
    /// The node is paused for this time.
    Pause(usize, Duration),
}

/// The part that a fault happens to.
#[derive(PartialEq, Eq)]
enum Place {
    Postgresql,
    Connections(usize),
    Process(usize),
}

const KINDS: usize = 8;

/// The number of pairs of faults in each round of all kinds.
const PAIRS: usize = 2;

impl Fault {
    fn of_kind(kind: usize, dice: &mut Dice) -> Self {
        let node = dice.below(2);
        match kind {
            0 => Self::Freeze(node),
            1 => Self::Cut(node),
            2 => {
                let delays = [200, 1_000, 2_600].map(Duration::from_millis);
                Self::Delay(node, *dice.one_of(&delays).unwrap())
            }
            3 => Self::Crash,
            4 => Self::Shutdown,
            5 => Self::Kill(node),
            6 => Self::Stop(node),
            _ => {
                // PostgreSQL ends a transaction of a node that is silent for ten seconds.
                let lengths = [1, 3, 11].map(Duration::from_secs);
                Self::Pause(node, *dice.one_of(&lengths).unwrap())
            }
        }
    }

    /// The fault's name in the table of recovery times.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Freeze(_) => "connections die without a word",
            Self::Cut(_) => "connections are cut",
            Self::Delay(_, delay) if *delay < Duration::from_secs(2) => "connections are slow",
            Self::Delay(..) => "connections are slower than the limits",
            Self::Crash => "PostgreSQL is killed",
            Self::Shutdown => "PostgreSQL is stopped",
            Self::Kill(_) => "a node is killed",
            Self::Stop(_) => "a node is stopped",
            Self::Pause(..) => "a node stands still",
        }
    }

    fn place(&self) -> Place {
        match *self {
            Self::Crash | Self::Shutdown => Place::Postgresql,
            Self::Freeze(node) | Self::Cut(node) | Self::Delay(node, _) => Place::Connections(node),
            Self::Kill(node) | Self::Stop(node) | Self::Pause(node, _) => Place::Process(node),
        }
    }

    /// Whether the fault lasts until the test ends it.
    pub fn lasts(&self) -> bool {
        !matches!(self, Self::Freeze(_) | Self::Cut(_))
    }

    /// Whether the fault has its own length.
    pub fn holds_up(&self) -> bool {
        matches!(self, Self::Pause(..))
    }

    pub fn begin(&self, nodes: &Nodes<'_>) {
        match *self {
            Self::Freeze(node) => {
                let proxy = nodes.proxy(node);
                // The node has long given up the connections that were frozen before. PostgreSQL counts them until they
                // are buried.
                proxy.bury();
                proxy.freeze();
            }
            Self::Cut(node) => nodes.proxy(node).cut(),
            Self::Delay(node, delay) => nodes.proxy(node).delay(delay),
            Self::Crash => nodes.node.signal_postgres(Signal::KILL),
            Self::Shutdown => nodes.node.signal_postgres(Signal::QUIT),
            Self::Kill(node) => nodes.end(node, Signal::KILL),
            Self::Stop(node) => nodes.end(node, Signal::TERM),
            Self::Pause(node, length) => {
                nodes.signal(node, Signal::STOP);
                thread::sleep(length);
            }
        }
    }

    pub fn end(&self, nodes: &Nodes<'_>) {
        match *self {
            Self::Freeze(_) | Self::Cut(_) => {}
            Self::Delay(node, _) => nodes.proxy(node).delay(Duration::ZERO),
            Self::Crash | Self::Shutdown => {
                cluster(&nodes.node.path("postgres")).close().unwrap();
            }
            Self::Kill(node) | Self::Stop(node) => nodes.start(node),
            Self::Pause(node, _) => nodes.signal(node, Signal::CONT),
        }
    }
}

/// Each kind of fault once, and some pairs of simultaneous faults in different places, in random order.
pub fn rounds(dice: &mut Dice) -> Vec<Vec<Fault>> {
    let mut rounds: Vec<Vec<Fault>> = (0..KINDS)
        .map(|kind| vec![Fault::of_kind(kind, dice)])
        .collect();
    while rounds.len() < KINDS + PAIRS {
        let pair = [(); 2].map(|()| Fault::of_kind(dice.below(KINDS), dice));
        if pair[0].place() != pair[1].place() {
            let mut pair = pair.to_vec();
            pair.sort_by_key(Fault::holds_up);
            rounds.push(pair);
        }
    }
    dice.shuffle(&mut rounds);
    rounds
}
