//! Topics above themes: themes whose centroids lie near each other.

use super::merge::{Linkage, Tree};
use super::vectors::{Rows, Units};

/// Gives the topic of each theme, numbered in the order of their first themes: ⌈√k⌉ topics of k themes, made by merging the
/// themes' sums (centroid × texts) where it costs least. Three themes and fewer are one topic each.
pub fn topics(centroids: &Rows<f32>, texts: &[usize]) -> Vec<u32> {
    let mut sums = Units::new(centroids.rows().next().map_or(1, <[f32]>::len));
    let mut count = 0_usize;
    for (row, texts) in centroids.rows().zip(texts) {
        sums.push(row);
        for value in sums.row_mut(count).into_iter().flatten() {
            *value *= (*texts).max(1) as f32;
        }
        count += 1;
    }
    let wanted = if count <= 3 { count } else { (count as f64).sqrt().ceil() as usize };
    let cut = Tree::of(&sums, Linkage::LeastLoss).cut(wanted);
    cut.into_iter().map(|topic| u32::try_from(topic).unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_themes_are_one_topic() {
        let rows = Rows::new(2, vec![1.0, 0.0, 0.98, 0.2, 0.0, 1.0, 0.2, 0.98]).unwrap();
        assert_eq!(topics(&rows, &[10, 20, 30, 40]), [0, 0, 1, 1]);
        let few = Rows::new(2, vec![1.0, 0.0, 1.0, 0.1]).unwrap();
        assert_eq!(topics(&few, &[1, 1]), [0, 1]);
        assert_eq!(topics(&Rows::new(2, Vec::new()).unwrap(), &[]), Vec::<u32>::new());
    }
}
