//! Writes the lines of the log on a separate thread.
//!
//! If a reader stops reading, the pipe fills, and a write to a full pipe waits as long as the reader likes.
//! Here only one thread waits. If too many lines are queued, further lines are lost, and the log says how
//! many as soon as it is read again.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Largest number of lines in the queue.
const MOST_LINES: usize = 10_000;

/// The time that the end of the program waits for queued lines.
const FLUSH_LIMIT: Duration = Duration::from_secs(2);

enum Message {
    Line(Vec<u8>),
    /// Answered when all earlier lines are written.
    Flush(SyncSender<()>),
}

/// Queues lines and never waits.
#[derive(Clone)]
pub(crate) struct LineWriter {
    lines: SyncSender<Message>,
    lost: Arc<AtomicUsize>,
}

/// One line, which is queued as a whole when it is dropped.
pub(crate) struct Line<'a> {
    bytes: Vec<u8>,
    writer: &'a LineWriter,
}

/// Writes the queued lines when it is dropped. At the end lines are lost only if the reader does not read.
pub(crate) struct Flush(LineWriter);

impl LineWriter {
    /// Writes lines to `output`. `tell` is called with the number of lines that were lost before, and may
    /// write a line itself.
    pub(crate) fn start(
        output: impl io::Write + Send + 'static,
        tell: impl Fn(usize) + Send + 'static,
    ) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(MOST_LINES);
        let lost = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&lost);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_all(output, &waiting, &counted, &tell))?;
        Ok(Self { lines, lost })
    }

    /// A guard that flushes when it is dropped.
    pub(crate) fn flush_at_end(&self) -> Flush {
        Flush(self.clone())
    }

    fn send(&self, line: Vec<u8>) {
        match self.lines.try_send(Message::Line(line)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

fn write_all(
    mut output: impl io::Write,
    waiting: &Receiver<Message>,
    lost: &AtomicUsize,
    tell: &impl Fn(usize),
) {
    while let Ok(message) = waiting.recv() {
        match message {
            // A write can fail on a full disk or without a reader. Such a line is lost.
            Message::Line(line) => drop(output.write_all(&line)),
            Message::Flush(done) => drop(done.try_send(())),
        }
        match lost.swap(0, Ordering::Relaxed) {
            0 => {}
            some => tell(some),
        }
    }
}

impl<'a> MakeWriter<'a> for LineWriter {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            bytes: Vec::new(),
            writer: self,
        }
    }
}

impl io::Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.writer.send(std::mem::take(&mut self.bytes));
        }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        let (done, written) = sync_channel(1);
        // If the queue is full, the reader does not read, and waiting would not help.
        if self.0.lines.try_send(Message::Flush(done)).is_ok() {
            let _ = written.recv_timeout(FLUSH_LIMIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader, Write as _, pipe},
        sync::Mutex,
    };

    use super::*;

    fn line(writer: &LineWriter, text: &str) {
        writeln!(writer.make_writer(), "{text}").unwrap();
    }

    #[test]
    fn what_was_logged_is_written_before_the_end() {
        let (reader, output) = pipe().unwrap();
        let writer = LineWriter::start(output, |_| {}).unwrap();
        let flush = writer.flush_at_end();
        for number in 0..1_000 {
            line(&writer, &number.to_string());
        }
        drop(flush);
        let lines = BufReader::new(reader).lines().take(1_000);
        let lines: Vec<String> = lines.map(Result::unwrap).collect();
        assert!(
            lines
                .iter()
                .map(|line| line.parse::<u32>().unwrap())
                .eq(0..1_000_u32)
        );
    }

    #[test]
    fn a_reader_that_stops_holds_no_writer_up_and_hears_how_much_it_missed() {
        let (reader, output) = pipe().unwrap();
        let missed = Arc::new(Mutex::new(0));
        let told = Arc::clone(&missed);
        let writer = LineWriter::start(output, move |lost| *told.lock().unwrap() += lost).unwrap();
        // More lines than the pipe and the queue hold.
        let all = MOST_LINES * 2;
        let text = "x".repeat(99);
        for _ in 0..all {
            line(&writer, &text);
        }
        let reading = thread::spawn(move || BufReader::new(reader).lines().count());
        drop(writer.flush_at_end());
        // The drop ends the thread, which closes the pipe.
        drop(writer);
        let read = reading.join().unwrap();
        let missed = *missed.lock().unwrap();
        assert!(missed > 0);
        assert_eq!(read + missed, all);
    }
}
