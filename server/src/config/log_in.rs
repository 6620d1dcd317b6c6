//! `[log_in]`: the number of log-ins that may fail, and the delays after more failures.

use latchkey_core::{
    attempt::{MOST_CONSECUTIVE_FAILURES, Schedule},
    settings::LogInSettings,
};
use serde::{Deserialize, Serialize};

use super::{HelpUrl, Timeout, optional, problem::Complaint};

/// The longest text of help, in characters: a page, not a manual.
const LONGEST_HELP: usize = 2_000;

/// A shorter delay would slow no guesser down.
const SHORTEST_DELAY: Timeout = Timeout::from_secs(1);
/// A longer delay would lock people out of their own accounts.
const LONGEST_DELAY: Timeout = Timeout::from_secs(86_400);
const SHORTEST_WINDOW: Timeout = Timeout::from_secs(60);
const LONGEST_WINDOW: Timeout = Timeout::from_secs(30 * 86_400);
/// NIST SP 800-63B-4, 3.2.2: at most this many consecutive failures on one account, at any speed.
const MOST_ON_AN_ACCOUNT: u32 = 100;

/// The number of log-ins that may fail; `docs/configuration.md` has the reasons for the defaults (ASVS 5.0,
/// 6.1.1).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogIn {
    /// Failures on one account that bring no delay, in each `account_window`.
    pub account_failures: u32,
    /// The time in which `account_failures` failures on an account are forgotten, one after the other.
    pub account_window: Timeout,
    /// Failures from one address that bring no delay, in each `address_window`; 4 times as many from an IPv6 /56, and 16
    /// times as many from a /48.
    pub address_failures: u32,
    /// Different accounts that may fail from one address without delay, in each `address_window`.
    pub address_accounts: u32,
    /// The time in which `address_failures` failures from an address are forgotten, one after the other.
    pub address_window: Timeout,
    /// The first delay; each further failure doubles it.
    pub first_delay: Timeout,
    /// The longest delay, except for the delay of a day after a hundred failures on one account.
    pub longest_delay: Timeout,
    /// What people who have forgotten their password read, as plain text; empty: the product's words.
    pub help_text: String,
    /// Where these people get help.
    #[serde(with = "optional::empty")]
    pub help_url: Option<HelpUrl>,
}

impl Default for LogIn {
    fn default() -> Self {
        Self {
            account_failures: 5,
            account_window: Timeout::from_secs(86_400),
            address_failures: 20,
            address_accounts: 10,
            address_window: Timeout::from_secs(3_600),
            first_delay: Timeout::from_secs(30),
            longest_delay: Timeout::from_secs(3_600),
            help_text: String::new(),
            help_url: None,
        }
    }
}

impl LogIn {
    /// The section for the core.
    pub(super) fn settings(&self) -> LogInSettings {
        let account = Schedule {
            free: self.account_failures,
            window: self.account_window.duration(),
            first_delay: self.first_delay.duration(),
            longest_delay: self.longest_delay.duration(),
            most: Some(MOST_CONSECUTIVE_FAILURES),
        };
        let address = Schedule {
            free: self.address_failures,
            window: self.address_window.duration(),
            most: None,
            ..account
        };
        LogInSettings {
            account,
            address,
            spray: Schedule {
                free: self.address_accounts,
                ..address
            },
        }
    }

    pub(super) fn validate(&self) -> Vec<Complaint> {
        let windows = SHORTEST_WINDOW..=LONGEST_WINDOW;
        let on_address = 1..=1_000_000;
        let complaints = [
            Complaint::unless_within(
                "log_in.account_failures",
                &self.account_failures,
                &(1..=MOST_ON_AN_ACCOUNT),
            ),
            Complaint::unless_within("log_in.account_window", &self.account_window, &windows),
            Complaint::unless_within(
                "log_in.address_failures",
                &self.address_failures,
                &on_address,
            ),
            Complaint::unless_within(
                "log_in.address_accounts",
                &self.address_accounts,
                &on_address,
            ),
            Complaint::unless_within("log_in.address_window", &self.address_window, &windows),
            Complaint::unless_within(
                "log_in.first_delay",
                &self.first_delay,
                &(SHORTEST_DELAY..=LONGEST_DELAY),
            ),
            self.delays_in_order(),
            self.long_help(),
        ];
        complaints.into_iter().flatten().collect()
    }

    fn long_help(&self) -> Option<Complaint> {
        let length = self.help_text.chars().count();
        (length > LONGEST_HELP).then(|| {
            let reason = format!("{length} characters; at most {LONGEST_HELP}");
            Complaint::new("log_in.help_text", reason)
        })
    }

    fn delays_in_order(&self) -> Option<Complaint> {
        let option = "log_in.longest_delay";
        let (first, longest) = (self.first_delay, self.longest_delay);
        if longest < first {
            let reason = format!("{longest} is shorter than `first_delay`, {first}");
            return Some(Complaint::new(option, reason));
        }
        Complaint::unless_within(option, &longest, &(SHORTEST_DELAY..=LONGEST_DELAY))
    }
}
