//! A queue for work that keeps a processor busy for long.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// There are too many log-ins at once. Trying again soon helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many log-ins at once; try again in {retry_after_seconds} s")]
pub struct Overloaded {
    /// Seconds after which to try again.
    pub retry_after_seconds: u32,
}

/// Runs work on separate threads: a bounded number at a time, while a bounded number waits.
pub(super) struct Queue {
    running: Arc<Semaphore>,
    /// Permits for running and for waiting work together.
    admitted: Arc<Semaphore>,
}

impl Queue {
    pub(super) fn new(concurrent: usize, waiting: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(concurrent)),
            admitted: Arc::new(Semaphore::new(concurrent + waiting)),
        }
    }

    /// Waits for a place and runs the work.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let _admitted = self.admit()?;
        // Neither semaphore is ever closed.
        let permit = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_closed| overloaded())?;
        let job = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        job.await.map_err(|_stopping| overloaded())
    }

    fn admit(&self) -> Result<OwnedSemaphorePermit, Overloaded> {
        Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_full| overloaded())
    }
}

/// The refusal. The queue is empty within a second or two.
fn overloaded() -> Overloaded {
    Overloaded {
        retry_after_seconds: 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn more_than_may_wait_are_turned_away() {
        let queue = Arc::new(Queue::new(1, 1));
        let (release, occupied) = std::sync::mpsc::channel::<()>();
        let spawn = |queue: &Arc<Queue>, work: Box<dyn FnOnce() + Send>| {
            let queue = Arc::clone(queue);
            tokio::spawn(async move { queue.run(work).await })
        };
        let first = spawn(&queue, Box::new(move || occupied.recv().unwrap()));
        tokio::task::yield_now().await;
        let second = spawn(&queue, Box::new(|| ()));
        tokio::task::yield_now().await;
        let third = spawn(&queue, Box::new(|| ())).await.unwrap();
        assert_eq!(third, Err(overloaded()));
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
        assert_eq!(second.await.unwrap(), Ok(()));
        assert_eq!(queue.run(|| 7).await, Ok(7));
    }
}
