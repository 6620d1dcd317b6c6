//! Who is asking, among few sessions and among many.

use anyhow::{Context as _, Result};

use crate::{
    Effort,
    load::{median, percentile},
    report::{Bound, Report},
    rows::Rows,
    stage::Stage,
};

const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;
/// In each round, one after the other.
const LOOK_UPS: usize = 3_000;

/// Gives the largest database, for more to be done with it.
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
        let rows = Rows::fill(stage, *count).await?;
        round(&rows).await?;
        sizes.push((rows, Vec::new(), Vec::new()));
    }
    for _ in 0..effort.rounds {
        for (rows, p50, p99) in &mut sizes {
            let times = round(rows).await?;
            p50.push(percentile(times.clone(), 50));
            p99.push(percentile(times, 99));
        }
    }
    let mut figures = counts.iter().zip(&sizes).map(|(count, (_, p50, p99))| {
        let (p50, p99) = (median(p50.clone()), median(p99.clone()));
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

async fn round(rows: &Rows) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(LOOK_UPS);
    for _ in 0..LOOK_UPS {
        times.push(rows.look_up().await?);
    }
    Ok(times)
}

/// With a comma before each three digits.
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
