//! The passes over everything around the learning: the sample, the assignment, the noise, and clusters without texts.

use std::collections::BTreeSet;

use rand::rngs::ChaCha8Rng;

use super::ThemesError;
use super::cluster::{Clustering, Clusters, Extent, Step, Watching};
use super::kmeans::{labels, uniform};
use super::vectors::{Rows, Units, Vectors, is_some, normalise};

/// Texts between two questions to the watch.
const CHUNK: usize = 4_096;

/// Draws at most `most` vectors, each with the same probability, in their order (Knuth's selection sampling).
pub(super) fn sample(vectors: &dyn Vectors, most: usize, random: &mut ChaCha8Rng) -> Units {
    let len = vectors.len();
    if len <= most {
        return Units::of(vectors, 0..len);
    }
    let mut wanted = most;
    let chosen = (0..len).filter(|at| {
        let takes = uniform(random) * ((len - at) as f64) < wanted as f64;
        wanted -= usize::from(takes);
        takes
    });
    Units::of(vectors, chosen)
}

/// Gives every text to its nearest centroid and measures the clusters.
pub(super) fn assigned(
    vectors: &dyn Vectors,
    people: &[u64],
    centroids: &Units,
    watch: &mut Watching<'_>,
) -> Result<Clusters, ThemesError> {
    let len = vectors.len();
    let (mut found, mut cosines) = (Vec::with_capacity(len), Vec::with_capacity(len));
    let mut row = vec![0.0; centroids.stride()];
    for at in 0..len {
        if at % CHUNK == 0 {
            watch.at(Step::Assign, at as f64 / len as f64)?;
        }
        row.fill(0.0);
        vectors.read(at, row.get_mut(..centroids.dimensions()).unwrap_or_default());
        normalise(&mut row);
        if is_some(&row) && centroids.len() > 0 {
            let near = centroids.nearest(&row);
            found.push(u32::try_from(near.at).ok());
            cosines.push(near.cosine);
        } else {
            found.push(None);
            cosines.push(0.0);
        }
    }
    watch.at(Step::Assign, 1.0)?;
    let extents = extents(&found, &cosines, people, centroids.len());
    let clusters = Clusters { centroids: centroids.to_rows(), extents, labels: found, cosines };
    Ok(clusters)
}

fn extents(found: &[Option<u32>], cosines: &[f32], people: &[u64], count: usize) -> Vec<Extent> {
    let mut extents = vec![Extent::default(); count];
    for (label, cosine) in found.iter().zip(cosines) {
        if let Some(extent) = label.and_then(|label| extents.get_mut(label as usize)) {
            extent.texts += 1;
            extent.cosine += f64::from(*cosine);
        }
    }
    let mut heard: Vec<(u32, u64)> =
        found.iter().zip(people).filter_map(|(label, person)| label.map(|label| (label, *person))).collect();
    heard.sort_unstable();
    heard.dedup();
    for (label, _) in heard {
        extents.get_mut(label as usize).into_iter().for_each(|extent| extent.people += 1);
    }
    for extent in &mut extents {
        extent.cosine /= extent.texts.max(1) as f64;
        if people.is_empty() {
            extent.people = extent.texts;
        }
    }
    extents
}

/// Drops clusters that are noise, but never one of the first `known`; numbers the others by their size.
pub(super) fn without_noise(clusters: Clusters, known: usize, clustering: &Clustering) -> Clusters {
    let mut order: Vec<(usize, &Extent)> = clusters
        .extents
        .iter()
        .enumerate()
        .filter(|(at, extent)| {
            *at < known
                || (extent.cosine >= clustering.least_cosine && extent.people >= clustering.least_people)
        })
        .collect();
    order.sort_by_key(|(at, extent)| {
        (*at >= known, if *at < known { 0 } else { usize::MAX - extent.texts }, *at)
    });
    let mut numbers: Vec<Option<u32>> = vec![None; clusters.extents.len()];
    for (number, (at, _)) in order.iter().enumerate() {
        numbers.get_mut(*at).into_iter().for_each(|place| *place = u32::try_from(number).ok());
    }
    let kept: Vec<f32> =
        order.iter().flat_map(|(at, _)| clusters.centroids.row(*at).iter().copied()).collect();
    let renumbered =
        |label: &Option<u32>| label.and_then(|label| numbers.get(label as usize).copied().flatten());
    Clusters {
        extents: order.iter().map(|(_, extent)| **extent).collect(),
        labels: clusters.labels.iter().map(renumbered).collect(),
        centroids: Rows::new(clusters.centroids.dimensions(), kept).unwrap_or(clusters.centroids),
        cosines: clusters.cosines,
    }
}

/// Gives clusters without rows, and those that are missing, a row that is farthest from its centroid, until `count` clusters
/// have rows or no more directions differ.
pub(super) fn fill_empty(rows: &Units, mut centroids: Units, count: usize) -> Units {
    loop {
        let near = labels(rows, &centroids);
        let taken: BTreeSet<usize> =
            rows.rows().zip(&near).filter(|(row, _)| is_some(row)).map(|(_, near)| near.at).collect();
        let empty = (0..centroids.len()).find(|at| !taken.contains(at));
        if empty.is_none() && centroids.len() >= count {
            return centroids;
        }
        let far = rows
            .rows()
            .zip(&near)
            .filter(|(row, near)| is_some(row) && near.cosine < 1.0 - 1e-5)
            .min_by(|(_, left), (_, right)| left.cosine.total_cmp(&right.cosine));
        let Some((row, _)) = far else { return only(&centroids, &taken) };
        match empty.and_then(|at| centroids.row_mut(at)) {
            Some(place) => place.copy_from_slice(row),
            None => centroids.push(row),
        }
    }
}

fn only(centroids: &Units, taken: &BTreeSet<usize>) -> Units {
    let mut kept = Units::new(centroids.dimensions());
    centroids.rows().enumerate().filter(|(at, _)| taken.contains(at)).for_each(|(_, row)| kept.push(row));
    kept
}
