//! A series as a row of small bars.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws counts as bars, the largest the highest; nothing as the lowest.
pub(super) fn bars(counts: &[u32]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |count: &u32| {
        let height = (u64::from(*count) * (BARS.len() as u64 - 1)).div_ceil(u64::from(most));
        BARS.get(usize::try_from(height).unwrap_or(0)).copied().unwrap_or('█')
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::bars;

    #[test]
    fn the_largest_is_the_highest_and_nothing_the_lowest() {
        assert_eq!(bars(&[0, 1, 4, 7]), "▁▂▅█");
        assert_eq!(bars(&[0, 0]), "▁▁");
        assert_eq!(bars(&[]), "");
    }
}
