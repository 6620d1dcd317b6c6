//! Whether the server waits for the peer on one connection, and for how long it may.

use std::time::Duration;

use http::Version;
use tokio::sync::watch;

use super::{Limits, admission::Place};

/// The counts of one connection.
pub(super) struct Conversation {
    state: watch::Sender<State>,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Requests that have arrived and are not answered to the last byte.
    requests: usize,
    /// Parts of answers, and writes, that the peer has not read yet.
    untaken: usize,
    /// Whether any request has arrived.
    has_begun: bool,
    /// Whether the connection speaks HTTP/1. Over HTTP/2 a peer may send bytes without a request, such as the
    /// answer to a ping.
    is_http_1: bool,
    /// Whether a part of the next head has arrived.
    hears_head: bool,
}

impl State {
    /// The time for which the server waits in this state. `None`: the peer waits for the server.
    fn limit(self, limits: Limits) -> Option<Duration> {
        match self {
            Self { untaken: 1.., .. } => Some(limits.write),
            Self { requests: 1.., .. } => None,
            Self {
                has_begun: true,
                hears_head: false,
                ..
            } => Some(limits.next_request),
            Self { .. } => Some(limits.head),
        }
    }
}

impl Conversation {
    /// A connection without any bytes yet.
    pub(super) fn new(place: Place) -> Self {
        let state = watch::Sender::new(State::default());
        Self { state, place }
    }

    /// Bytes have arrived. Between two requests the first byte begins a head; later bytes do not postpone its
    /// limit.
    pub(super) fn hear(&self) {
        self.state.send_if_modified(|state| {
            let is_head =
                state.is_http_1 && state.has_begun && state.requests == 0 && !state.hears_head;
            state.hears_head |= is_head;
            is_head
        });
    }

    /// A request has arrived.
    pub(super) fn begin(&self, version: Version) {
        self.state.send_modify(|state| {
            state.has_begun = true;
            state.is_http_1 = version < Version::HTTP_2;
            state.hears_head = false;
            state.requests += 1;
            if state.requests == 1 {
                self.place.is_answered();
            }
        });
    }

    /// A request has been answered or abandoned.
    pub(super) fn finish(&self) {
        self.state.send_modify(|state| {
            state.requests -= 1;
            if state.requests == 0 {
                self.place.waits();
            }
        });
    }

    /// The peer has something to read.
    pub(super) fn offer(&self) {
        self.state.send_modify(|state| state.untaken += 1);
    }

    /// The peer has read it.
    pub(super) fn taken(&self) {
        self.state.send_modify(|state| state.untaken -= 1);
    }

    /// Resolves when the peer has kept the server waiting for too long.
    pub(super) async fn outstayed(&self, limits: Limits) {
        let mut changes = self.state.subscribe();
        loop {
            let state = *changes.borrow_and_update();
            let patience = async {
                match state.limit(limits) {
                    Some(limit) => tokio::time::sleep(limit).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = patience => return,
                _ = changes.changed() => {}
            }
        }
    }

    /// Resolves when another connection takes this connection's place.
    pub(super) async fn cut(&self) {
        self.place.taken_away().await;
    }
}
