//! One request and its answer, counted until the last byte of the answer is handed over.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes, HttpBody};
use http::Version;
use hyper::body::{Frame, SizeHint};

use super::waiting::Conversation;

/// A request under way. Dropping the value ends the request.
pub(super) struct Exchange(Arc<Conversation>);

impl Exchange {
    /// Counts a request that has arrived.
    pub(super) fn begin(conversation: Arc<Conversation>, version: Version) -> Self {
        conversation.begin(version);
        Self(conversation)
    }

    /// The answer's body. It tells the conversation whether the server waits for the peer or the peer for the
    /// server.
    pub(super) fn answer(self, body: Body) -> Answer {
        let mut answer = Answer {
            body,
            is_offered: false,
            exchange: self,
        };
        answer.offer();
        answer
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// The body of an answer. hyper asks for a part when there is room for it. So between two parts the server
/// waits for the peer, and while a part is awaited the peer waits for the server. This also holds for HTTP/2,
/// where a peer can stop one answer without stopping the connection.
pub(super) struct Answer {
    body: Body,
    is_offered: bool,
    exchange: Exchange,
}

impl Answer {
    fn offer(&mut self) {
        if !std::mem::replace(&mut self.is_offered, true) {
            self.exchange.0.offer();
        }
    }

    fn taken(&mut self) {
        if std::mem::replace(&mut self.is_offered, false) {
            self.exchange.0.taken();
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let answer = self.get_mut();
        answer.taken();
        let frame = ready!(Pin::new(&mut answer.body).poll_frame(context));
        if matches!(frame, Some(Ok(_))) {
            answer.offer();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.taken();
    }
}
