//! A connection's byte stream. It reports the arrival of bytes, and a peer that stops reading.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::waiting::Conversation;

/// A stream that reports to a conversation.
pub(super) struct Watched {
    stream: TcpStream,
    is_full: bool,
    conversation: Arc<Conversation>,
}

impl Watched {
    /// Watches `stream` for `conversation`.
    pub(super) fn new(stream: TcpStream, conversation: Arc<Conversation>) -> Self {
        Self {
            stream,
            is_full: false,
            conversation,
        }
    }

    fn note<T>(&mut self, written: Poll<T>) -> Poll<T> {
        let is_full = written.is_pending();
        if std::mem::replace(&mut self.is_full, is_full) != is_full {
            if is_full {
                self.conversation.offer();
            } else {
                self.conversation.taken();
            }
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let watched = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut watched.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            watched.conversation.hear();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let written = Pin::new(&mut watched.stream).poll_write(context, bytes);
        watched.note(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let written = Pin::new(&mut watched.stream).poll_write_vectored(context, slices);
        watched.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
