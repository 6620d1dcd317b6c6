//! Percentiles of measured values.

/// The value below which at most `percent` of the values are.
pub fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let at = values.len() * percent / 100;
    values.get(at).copied().unwrap_or_default()
}

/// The value in the middle; 0 without values.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(values.into_iter().collect(), 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the values themselves come back")]
    fn a_percentile_is_a_value_that_was_measured() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(
            percentile((0..100).rev().map(f64::from).collect(), 99),
            99.0
        );
        assert_eq!(median([]), 0.0);
    }
}
