//! A time limit for the body of a request.
//!
//! A request under way keeps its connection from being cut for another peer. A body is small and should
//! arrive with its head. A peer that sends a byte now and then is answered 408 (RFC 9110, 15.5.9).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, Version, header};
use hyper::body::{Frame, SizeHint};
use tokio::{
    sync::oneshot,
    time::{Sleep, sleep},
};

/// The time from the first read of the body to its end. It is as long as the limit for the head.
pub(super) const LONGEST_BODY: Duration = Duration::from_secs(10);

/// Answers 408 if the peer takes longer than `limit` for its body.
pub(super) async fn limit(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let version = request.version();
    let (late, is_late) = oneshot::channel();
    let request = request.map(|body| {
        Body::new(Arriving {
            body,
            limit,
            clock: None,
            late: Some(late),
        })
    });
    tokio::select! {
        biased;
        Ok(()) = is_late => too_late(version),
        response = next.run(request) => response,
    }
}

fn too_late(version: Version) -> Response {
    let mut response = StatusCode::REQUEST_TIMEOUT.into_response();
    // HTTP/2 has no `Connection` header, and a 408 ends one stream only.
    if version < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// A body whose bytes are still arriving.
struct Arriving {
    body: Body,
    limit: Duration,
    /// The clock, which starts with the first read of the body, because earlier delays are the handler's and
    /// not the peer's.
    clock: Option<Pin<Box<Sleep>>>,
    /// Reports that the limit has passed. It is dropped with the body, and then reports nothing.
    late: Option<oneshot::Sender<()>>,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let arriving = self.get_mut();
        let frame = Pin::new(&mut arriving.body).poll_frame(context);
        if frame.is_ready() {
            return frame;
        }
        let limit = arriving.limit;
        let clock = arriving.clock.get_or_insert_with(|| Box::pin(sleep(limit)));
        if clock.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        // The answer is 408 now, and the reader of the body is dropped. An error would let that reader answer
        // first. If there is no receiver, the answer has begun without the body.
        if arriving
            .late
            .take()
            .is_some_and(|late| late.send(()).is_ok())
        {
            return Poll::Pending;
        }
        let error = io::Error::new(io::ErrorKind::TimedOut, "the body of the request is late");
        Poll::Ready(Some(Err(axum::Error::new(error))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::{Router, middleware, routing::post};
    use futures::{StreamExt as _, stream};
    use tower::ServiceExt as _;

    use super::*;

    /// A limit that a test waits for.
    const SHORT: Duration = Duration::from_millis(50);

    /// The answer of a page that returns its body.
    async fn answer(limit: Duration, body: Body, version: Version) -> Response {
        let router = Router::new()
            .route("/", post(async |body: String| body))
            .layer(middleware::from_fn_with_state(limit, super::limit));
        let request = Request::post("/").version(version).body(body).unwrap();
        router.oneshot(request).await.unwrap()
    }

    /// An endless body: a byte each time that a fifth of the limit has passed.
    fn trickle() -> Body {
        let bytes = stream::unfold(tokio::time::interval(SHORT / 5), async |mut pace| {
            pace.tick().await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), pace))
        });
        Body::from_stream(bytes)
    }

    #[tokio::test]
    async fn a_body_that_trickles_or_stops_is_answered_408() {
        let stopped = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        for body in [trickle(), stopped()] {
            let answer = answer(SHORT, body, Version::HTTP_11).await;
            assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
            assert_eq!(answer.headers()[header::CONNECTION], "close");
        }
        let second = answer(SHORT, stopped(), Version::HTTP_2).await;
        assert_eq!(second.status(), StatusCode::REQUEST_TIMEOUT);
        assert!(!second.headers().contains_key(header::CONNECTION));
    }

    #[tokio::test]
    async fn a_body_that_comes_in_time_is_read() {
        let pieces = Body::from_stream(trickle().into_data_stream().take(3));
        let hour = Duration::from_hours(1);
        let answer = answer(hour, pieces, Version::HTTP_11).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body = axum::body::to_bytes(answer.into_body(), 9).await.unwrap();
        assert_eq!(body, "xxx");
    }
}
