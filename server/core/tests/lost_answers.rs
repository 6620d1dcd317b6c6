//! Browsers on bad connections: half of all answers are lost, requests overtake each other, and addresses alternate. No
//! browser is mistaken for a thief.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc, time::Duration};

use latchkey_core::{
    Core,
    client::Client,
    database::Database,
    session::{Activity, Resumed, SessionToken},
    settings::{SessionSettings, Settings},
    testing::{self, TestBed, TestClock},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The rotation interval. Two days have as many rotations as nearly three weeks with the default interval.
const INTERVAL: Duration = Duration::from_mins(20);
const TWO_DAYS: u64 = 2 * 24 * 3_600_000;
const ADDRESSES: [&str; 2] = ["203.0.113.7", "2001:db8::7"];

/// Pseudo-random numbers that are the same in each run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// The answers that are lost.
#[derive(Clone, Copy, Debug)]
enum Loss {
    EverySecond,
    Half,
}

/// The times at which pages are opened.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// At random times, with several requests for each page.
    Pages,
    /// One request at each interval, in seconds.
    Steady(u64),
}

/// A browser's next event.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    PageIsOpened,
    RequestIsSent,
    RequestComesIn([u8; 16]),
    AnswerComesIn([u8; 16]),
}

/// A browser with its own session and its own clock.
struct Browser {
    core: Core,
    database: Database,
    clock: Arc<TestClock>,
    dice: Dice,
    loss: Loss,
    pace: Pace,
    cookie: [u8; 16],
    answers: u64,
    rotations: u64,
    lost_in_a_row: u64,
    most_lost_in_a_row: u64,
}

impl Browser {
    /// Uses the session for two days, and returns the browser with its counts.
    async fn live(mut self) -> Self {
        let mut events = BinaryHeap::from([Reverse((0, Happens::PageIsOpened))]);
        let mut now = 0;
        while let Some(Reverse((at, happens))) = events.pop() {
            if at > TWO_DAYS {
                break;
            }
            self.clock.advance(Duration::from_millis(at - now));
            now = at;
            for (later, happens) in self.happen(happens).await {
                events.push(Reverse((now + later, happens)));
            }
        }
        self
    }

    async fn happen(&mut self, happens: Happens) -> Vec<(u64, Happens)> {
        match happens {
            Happens::PageIsOpened => self.open_page(),
            Happens::RequestIsSent => {
                vec![(self.travel(), Happens::RequestComesIn(self.cookie))]
            }
            Happens::RequestComesIn(cookie) => {
                let answer = self.request(cookie).await;
                let answer = answer.map(|cookie| (self.travel(), Happens::AnswerComesIn(cookie)));
                answer.into_iter().collect()
            }
            Happens::AnswerComesIn(cookie) => {
                self.cookie = cookie;
                Vec::new()
            }
        }
    }

    fn open_page(&mut self) -> Vec<(u64, Happens)> {
        if let Pace::Steady(seconds) = self.pace {
            let next = (seconds * 1000, Happens::PageIsOpened);
            return vec![next, (0, Happens::RequestIsSent)];
        }
        // The person clicks around, reads, or is away.
        let pause = match self.dice.below(8) {
            0..3 => self.dice.below(15_000),
            3..7 => self.dice.below(300_000),
            _ => self.dice.below(3_600_000),
        };
        let mut events = vec![(pause, Happens::PageIsOpened), (0, Happens::RequestIsSent)];
        for _ in 0..self.dice.below(4) {
            events.push((self.dice.below(800), Happens::RequestIsSent));
        }
        events
    }

    /// The time that a message takes, in milliseconds.
    fn travel(&mut self) -> u64 {
        match self.dice.below(20) {
            0 => self.dice.below(8_000),
            _ => 20 + self.dice.below(400),
        }
    }

    /// Sends a request, and returns the new token if there is one and the answer arrives.
    async fn request(&mut self, cookie: [u8; 16]) -> Option<[u8; 16]> {
        let token = SessionToken::from_bytes(cookie);
        let address = match self.pace {
            Pace::Pages => ADDRESSES[usize::from(self.dice.below(3) == 0)],
            Pace::Steady(_) => ADDRESSES[0],
        };
        let client = Client {
            address: address.parse().ok(),
            ..testing::client()
        };
        let resumed = self
            .core
            .sessions
            .resume(&self.database, &token, &client, Activity::Person);
        let resumed = resumed.await.unwrap();
        self.answers += 1;
        let is_lost = match self.loss {
            Loss::EverySecond => self.answers % 2 == 1,
            Loss::Half => self.dice.below(2) == 0,
        };
        let Resumed::Live(caller) = resumed else {
            panic!("{:?} {:?} was logged out", self.loss, self.pace);
        };
        let new = self.core.sessions.rotate_token(&caller).await.unwrap()?;
        self.rotations += 1;
        self.lost_in_a_row = if is_lost { self.lost_in_a_row + 1 } else { 0 };
        self.most_lost_in_a_row = self.most_lost_in_a_row.max(self.lost_in_a_row);
        (!is_lost).then(|| new.to_bytes())
    }
}

fn settings() -> Settings {
    Settings {
        sessions: SessionSettings {
            rotation_interval: Some(INTERVAL),
            ..Settings::default().sessions
        },
        ..Settings::default()
    }
}

#[sqlx::test(migrations = false)]
async fn a_browser_that_loses_half_of_all_answers_stays_logged_in(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::with(options.clone(), settings(), Vec::new()).await;
    let steady = [45, 60, 90].map(|seconds| (Loss::EverySecond, Pace::Steady(seconds)));
    let pages = [Loss::EverySecond, Loss::Half].map(|loss| (loss, Pace::Pages));
    let kinds = steady.into_iter().chain(pages.into_iter().cycle().take(10));
    let mut browsers = Vec::new();
    for (seed, (loss, pace)) in (1..).zip(kinds) {
        let opened = bed.log_in().await;
        let clock = Arc::new(TestClock::at(bed.core.clock.now()));
        let core = testing::core(options.clone(), settings(), Vec::new(), clock.clone());
        let browser = Browser {
            database: core.databases.open_any(bed.database.name()).await.unwrap(),
            core,
            clock,
            dice: Dice(seed),
            loss,
            pace,
            cookie: opened.token.to_bytes(),
            answers: 0,
            rotations: 0,
            lost_in_a_row: 0,
            most_lost_in_a_row: 0,
        };
        browsers.push(tokio::spawn(browser.live()));
    }
    let (mut most_lost, mut most_lost_steadily) = (0, 0);
    for browser in browsers {
        let browser = browser.await.unwrap();
        assert!(browser.rotations > 100, "{}", browser.rotations);
        match browser.pace {
            Pace::Steady(_) => {
                most_lost_steadily = browser.most_lost_in_a_row.max(most_lost_steadily);
            }
            Pace::Pages => most_lost = browser.most_lost_in_a_row.max(most_lost),
        }
    }
    // The simulation does lose tokens, and many of them in a row.
    assert!(most_lost > 6, "{most_lost}");
    assert!(
        (1..=2).contains(&most_lost_steadily),
        "{most_lost_steadily}"
    );
}
