//! Who waits for whom on one connection, and for how long.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use super::{Limits, admission::Place, exchange::Exchange};

/// What happens on one connection, counted.
pub(super) struct Conversation {
    state: watch::Sender<State>,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Requests that came in and are not answered to the last byte.
    requests: usize,
    /// Parts of answers, and writes, that the peer has not taken yet.
    untaken: usize,
    /// Whether a request has come at all.
    has_begun: bool,
}

impl State {
    /// How long the peer may leave it at that. `None`: it is the server's turn.
    fn limit(self, limits: Limits) -> Option<Duration> {
        match self {
            Self { untaken: 1.., .. } => Some(limits.write),
            Self { requests: 1.., .. } => None,
            Self {
                has_begun: true, ..
            } => Some(limits.next_request),
            Self { .. } => Some(limits.first_request),
        }
    }
}

impl Conversation {
    /// A connection on which nothing was said yet.
    pub(super) fn new(place: Place) -> Self {
        let state = watch::Sender::new(State::default());
        Self { state, place }
    }

    /// A request has come in.
    pub(super) fn begin(self: &Arc<Self>) -> Exchange {
        self.state.send_modify(|state| {
            state.has_begun = true;
            state.requests += 1;
            if state.requests == 1 {
                self.place.is_answered();
            }
        });
        Exchange::new(self.clone())
    }

    /// A request is answered, or given up.
    pub(super) fn finish(&self) {
        self.state.send_modify(|state| {
            state.requests -= 1;
            if state.requests == 0 {
                self.place.waits();
            }
        });
    }

    /// There is something for the peer to take.
    pub(super) fn offer(&self) {
        self.state.send_modify(|state| state.untaken += 1);
    }

    /// The peer has taken it.
    pub(super) fn taken(&self) {
        self.state.send_modify(|state| state.untaken -= 1);
    }

    /// Ready when the peer has kept the server waiting for too long.
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

    /// Ready when another connection takes the place of this one.
    pub(super) async fn cut(&self) {
        self.place.taken_away().await;
    }
}
