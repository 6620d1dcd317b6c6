//! Shared work: one statement answers all requests that wait for the same kind of answer.
//!
//! At most one round is under way. Questions that come in meanwhile wait for the next round. A round takes up only
//! questions that were asked before its statement is sent. So each answer is as fresh as if its request had sent the
//! statement alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Largest number of questions in a round.
const MOST: usize = 256;

/// Largest number of rounds in a row that use the same kept value.
const MOST_KEPT: usize = 32;

/// Collects questions, and has them answered in rounds.
pub(crate) struct Rounds<Q, A>(Mutex<State<Q, A>>);

struct State<Q, A> {
    waiting: Vec<Waiting<Q, A>>,
    is_under_way: bool,
}

struct Waiting<Q, A> {
    question: Q,
    reply: oneshot::Sender<A>,
}

impl<Q, A> Default for Rounds<Q, A> {
    fn default() -> Self {
        Self(Mutex::new(State {
            waiting: Vec::new(),
            is_under_way: false,
        }))
    }
}

impl<Q: Send + 'static, A: Send + 'static> Rounds<Q, A> {
    /// Asks `question` in the next round. `answer` answers a whole round, with one answer for each question, in the
    /// same order. All rounds in a row use the `answer` of the question that began them. `None` if the round came to no
    /// answer, because of a panic or because the node stops.
    ///
    /// `answer` also returns a value that the next round may use if it follows at once, such as a connection. After
    /// [`MOST_KEPT`] rounds the value is dropped and the next round gets the default, so that others who wait for a
    /// connection get this connection.
    ///
    /// The rounds run in a separate task, so that a request that is cancelled does not cancel the questions of other
    /// requests.
    pub(crate) async fn ask<K, F, R>(self: &Arc<Self>, question: Q, answer: F) -> Option<A>
    where
        K: Default + Send + 'static,
        F: Fn(K, Vec<Q>) -> R + Send + 'static,
        R: Future<Output = (K, Vec<A>)> + Send + 'static,
    {
        let (reply, answered) = oneshot::channel();
        let must_begin = {
            let mut state = self.lock();
            state.waiting.push(Waiting { question, reply });
            !std::mem::replace(&mut state.is_under_way, true)
        };
        if must_begin {
            tokio::spawn(run(Arc::clone(self), answer));
        }
        answered.await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, State<Q, A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The questions of the next round, and the channels for their answers. If there are no questions, the rounds end,
    /// and this is `None`.
    fn next(&self) -> Option<(Vec<Q>, Vec<oneshot::Sender<A>>)> {
        let mut state = self.lock();
        let count = state.waiting.len().min(MOST);
        if count == 0 {
            state.is_under_way = false;
            return None;
        }
        let round = state.waiting.drain(..count);
        Some(
            round
                .map(|waiting| (waiting.question, waiting.reply))
                .unzip(),
        )
    }
}

/// Runs rounds until no question is left.
async fn run<K, Q, A, F, R>(rounds: Arc<Rounds<Q, A>>, answer: F)
where
    K: Default,
    Q: Send + 'static,
    A: Send + 'static,
    F: Fn(K, Vec<Q>) -> R,
    R: Future<Output = (K, Vec<A>)>,
{
    let under_way = UnderWay(&rounds);
    let (mut kept, mut count) = (K::default(), 0);
    while let Some((questions, replies)) = rounds.next() {
        if count == MOST_KEPT {
            (kept, count) = (K::default(), 0);
        }
        let answers;
        (kept, answers) = answer(kept, questions).await;
        count += 1;
        for (reply, answer) in replies.into_iter().zip(answers) {
            // The request may have been cancelled.
            let _ = reply.send(answer);
        }
    }
    std::mem::forget(under_way);
}

/// A guard against rounds that are cut off by a panic, or because the node stops. Dropping the guard answers all
/// waiting questions with `None`, and lets the next question start new rounds.
struct UnderWay<'a, Q: Send + 'static, A: Send + 'static>(&'a Rounds<Q, A>);

impl<Q: Send + 'static, A: Send + 'static> Drop for UnderWay<'_, Q, A> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_under_way = false;
        state.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn questions_that_come_in_during_a_round_share_the_next_one() {
        let rounds = Arc::new(Rounds::<usize, usize>::default());
        let (gate, count) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let ask = |question: usize| {
            let (gate, count) = (Arc::clone(&gate), Arc::clone(&count));
            let answer = move |(), questions: Vec<usize>| {
                let (gate, count) = (Arc::clone(&gate), Arc::clone(&count));
                async move {
                    count.fetch_add(1, Ordering::SeqCst);
                    gate.acquire().await.unwrap().forget();
                    ((), questions.into_iter().map(|it| it * 2).collect())
                }
            };
            let rounds = Arc::clone(&rounds);
            tokio::spawn(async move { rounds.ask(question, answer).await })
        };
        let first = ask(1);
        while count.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (2..20).map(ask).collect();
        while rounds.lock().waiting.len() < others.len() {
            tokio::task::yield_now().await;
        }
        gate.add_permits(2);
        assert_eq!(first.await.unwrap(), Some(2));
        let answers = join_all(others).await.into_iter().map(Result::unwrap);
        let expected = (2..20).map(|question| Some(question * 2));
        assert!(answers.eq(expected), "each gets its own answer");
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_round_that_panics_answers_none_and_the_next_one_works() {
        let rounds = Arc::new(Rounds::<bool, ()>::default());
        let answer = |(), questions: Vec<bool>| async move {
            assert!(questions.iter().all(|is_fine| *is_fine));
            ((), vec![(); questions.len()])
        };
        assert_eq!(rounds.ask(false, answer).await, None);
        assert_eq!(rounds.ask(true, answer).await, Some(()));
    }

    #[tokio::test]
    async fn a_round_has_a_bound_and_all_are_answered() {
        let rounds = Arc::new(Rounds::<usize, usize>::default());
        let answer = |(), questions: Vec<usize>| async move {
            assert!(questions.len() <= MOST);
            tokio::task::yield_now().await;
            ((), questions)
        };
        let asked = (0..MOST * 3).map(|question| rounds.ask(question, answer));
        let answers = join_all(asked).await;
        assert!(answers.into_iter().eq((0..MOST * 3).map(Some)));
    }

    /// The answer to a question is the number of earlier rounds that used the same kept value.
    #[tokio::test]
    async fn rounds_in_a_row_keep_what_they_work_with_and_not_for_ever() {
        let rounds = Arc::new(Rounds::<(), usize>::default());
        let answer = |kept: usize, questions: Vec<()>| async move {
            tokio::task::yield_now().await;
            (kept + 1, vec![kept; questions.len()])
        };
        let ask = async || rounds.ask((), answer).await.unwrap();
        assert_eq!((ask().await, ask().await), (0, 0), "each was alone");

        let all = (0..MOST * (MOST_KEPT + 1)).map(|_| ask());
        let answers = join_all(all).await;
        let round = |number: usize| answers.get(number * MOST);
        assert_eq!((round(0), round(1)), (Some(&0), Some(&1)));
        assert_eq!(round(MOST_KEPT - 1), Some(&(MOST_KEPT - 1)));
        assert_eq!(round(MOST_KEPT), Some(&0));
    }
}
