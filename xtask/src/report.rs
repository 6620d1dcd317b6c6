//! Headings and times of a command with many steps.

use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// A series of named steps that ends at the first failure.
#[derive(Debug)]
pub(crate) struct Report {
    started: Instant,
    passed: usize,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            passed: 0,
        }
    }

    /// Runs one step under a heading, and prints its time.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n── {name}");
        let started = Instant::now();
        work().with_context(|| self.failure(name, started))?;
        self.passed += 1;
        println!("── {name}: passed in {}", text(started.elapsed()));
        Ok(())
    }

    /// Prints the closing line, after all steps have passed.
    pub(crate) fn finish(self) {
        println!(
            "\n{} steps passed, 0 failed, in {}",
            self.passed,
            text(self.started.elapsed())
        );
    }

    fn failure(&self, name: &str, started: Instant) -> String {
        format!(
            "{} steps passed, 1 failed: {name}, after {} (the steps behind it were not run)",
            self.passed,
            text(started.elapsed())
        )
    }
}

fn text(duration: Duration) -> String {
    match (duration.as_secs() / 60, duration.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_step_and_keeps_its_cause() {
        let mut report = Report::new();
        report.step("first", || Ok(())).unwrap();
        let error = report
            .step("second", || anyhow::bail!("the cause"))
            .unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.starts_with("1 steps passed, 1 failed: second"),
            "{text}"
        );
        assert!(text.ends_with("the cause"), "{text}");
    }

    #[test]
    fn times_read_like_times() {
        assert_eq!(text(Duration::from_secs(59)), "59 s");
        assert_eq!(text(Duration::from_secs(125)), "2 min 5 s");
    }
}
