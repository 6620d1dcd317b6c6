//! Who may reach a page or a server function.

use latchkey_words::{Resource, Step, Verb};

/// The visitors for whom a page or a server function is. For everyone else it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone, with or without a session.
    Anyone,
    /// The bearer of a session, also while the log-in waits for a step.
    Bearer,
    /// A person who is logged in.
    Person,
    /// A person who is logged in and has a right. The guard refuses the function to everyone else, and the document shows "No
    /// access" in the place of the page.
    Right(Verb, Resource),
    /// A visitor whose log-in waits for this step. A page is for that visitor only; a function is for people
    /// who are logged in, too.
    Step(Step),
}
