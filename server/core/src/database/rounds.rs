//! Work that requests share: one statement answers all that wait for the same kind of thing.
//!
//! At most one round is under way. Questions that come in meanwhile wait for the next one. A round takes up
//! only questions that were asked before its statement is sent, so that each answer is as fresh as if its
//! request had sent the statement alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The most questions in a round.
const MOST: usize = 256;

/// The most rounds in a row that keep what they work with.
const MOST_KEPT: usize = 32;

/// Collects questions, and has them answered round by round.
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
    /// Asks in the next round. `answer` answers a whole round: as many answers as questions, in the same
    /// order. `None` if the round came to no answer, because the node stops.
    ///
    /// `answer` also returns what the next round may work with if there is one at once, such as a connection. After some
    /// rounds the work begins with the default again, so that others who wait for a connection get this connection.
    ///
    /// The rounds run in a task of their own: a request that is cancelled takes no other one along.
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

    /// The questions of the next round, and where their answers go. Without questions the rounds are over.
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
            // The request may be gone.
            let _ = reply.send(answer);
        }
    }
    std::mem::forget(under_way);
}

/// Rounds that are cut off: by a panic, or because the node stops. Those who wait hear that there is no
/// answer, and the next question begins anew.
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

    /// The answer to a question is the number of rounds before that worked with the same.
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
