//! Answers: errors as JSON, and bodies that come bit by bit.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as HttpBody, Frame};
use runner::Stop;
use serde_json::json;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::UnboundedReceiver;

/// A request that is refused: `{"error":"...","hint":"..."}`.
#[derive(Debug)]
pub struct Refusal {
    /// A 4xx or 5xx.
    pub status: StatusCode,
    error: String,
    hint: String,
}

impl Refusal {
    /// What is wrong and what to do about it, in lower case, without a full stop.
    pub fn new(status: StatusCode, error: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            hint: hint.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error, "hint": self.hint }));
        let mut response = (self.status, body).into_response();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// A body whose pieces are sent as they come.
pub struct Stream {
    pieces: UnboundedReceiver<Bytes>,
    /// Stops the run when the reader has gone: hyper drops the body then.
    stop: Option<Stop>,
}

impl Stream {
    /// The pieces that a channel delivers, until all its senders are gone.
    pub fn new(pieces: UnboundedReceiver<Bytes>) -> Self {
        Self { pieces, stop: None }
    }

    /// Stops this run when the body is dropped, sent in full or not.
    pub fn stopping(mut self, stop: Stop) -> Self {
        self.stop = Some(stop);
        self
    }

    /// The answer with this body; it must not be stored or joined with others on its way.
    pub fn answer(self, content_type: &'static str) -> Response {
        let headers = [
            (header::CONTENT_TYPE, content_type),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, Body::new(self)).into_response()
    }
}

impl HttpBody for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.pieces
            .poll_recv(context)
            .map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(stop) = &self.stop {
            stop.stop();
        }
    }
}
