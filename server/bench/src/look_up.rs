//! The look-up of a request's caller, among few sessions and among many.

use anyhow::{Context as _, Result};

use crate::{
    Effort,
    percentile::percentile,
    report::{Bound, Report},
    rows::Rows,
    stage::Stage,
};

const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;
/// Turns in each round, in which each database is measured once, so other work on the machine slows down all
/// of them.
const TURNS: u32 = 8;
/// Look-ups in each turn, one after the other. The first look-ups find the processor's caches filled by the
/// other databases. With this number such look-ups are less than the slowest hundredth.
const LOOK_UPS: usize = 400;

/// Returns the largest database for further measurements.
pub async fn measure(
    stage: &Stage,
    effort: Effort,
    most: u32,
    report: &mut Report,
) -> Result<Rows> {
    let mut counts = vec![FEW, MANY.min(most)];
    counts.extend((most > MANY).then_some(most));
    let mut sizes = Vec::new();
    for count in &counts {
        sizes.push((Rows::fill(stage, *count).await?, Vec::new()));
    }
    // The first round fills the caches and does not count.
    for round in 0..=effort.rounds {
        for _ in 0..TURNS {
            for (rows, times) in &mut sizes {
                for _ in 0..LOOK_UPS {
                    let time = rows.look_up().await?;
                    times.extend((round > 0).then_some(time));
                }
            }
        }
    }
    let mut figures = counts.iter().zip(&sizes).map(|(count, (_, times))| {
        let of = |percent| percentile(times.clone(), percent);
        let (p50, p99) = (of(50), of(99));
        eprintln!(
            "  look-up among {count}: p50 {:.3} ms, p99 {:.3} ms",
            p50 * 1e3,
            p99 * 1e3
        );
        (*count, p50, p99)
    });
    let (few, few_p50, few_p99) = figures.next().context("few")?;
    for (count, p50, p99) in figures {
        let (count, few) = (grouped(count), grouped(few));
        let mut row = |percent, ratio| {
            let what = format!("look-up of a session among {count}, p{percent} ÷ among {few}");
            report.row(&what, ratio, "", Bound::AtMost(1.5));
        };
        row(50, p50 / few_p50);
        row(99, p99 / few_p99);
    }
    let (largest, ..) = sizes.pop().context("none")?;
    Ok(largest)
}

/// The number with a comma before each three digits.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_make_a_group() {
        assert_eq!(
            [7, 1_000, 10_000_000].map(grouped),
            ["7", "1,000", "10,000,000"]
        );
    }
}
