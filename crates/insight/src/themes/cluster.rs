//! Clustering vectors into themes: over-cluster, merge, count, assign everything, drop what is noise.
//!
//! Memory besides the caller's vectors: a sample of at most [`Clustering::sample`] rows in `f32` (102 MB for 100,000 rows of 256
//! numbers), the centroids, and about 40 bytes a text. Time grows with texts × clusters × dimensions.

use std::ops::ControlFlow;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::ThemesError;
use super::count::{self, Overclustered, usual_count};
use super::fit::{assigned, fill_empty, sample, without_noise};
use super::kmeans::{self, Training, labels, means};
use super::merge::{Linkage, Tree, sums};
use super::vectors::{Rows, Units, Vectors};

/// Clusters at most, before they are merged.
pub const MOST_CLUSTERS: usize = 400;
/// Centroids this near are one theme (methods 5.1, step 4).
pub const MERGE_COSINE: f64 = 0.80;
/// A cluster whose mean cosine to its centroid is below this is noise (methods 5.1, step 4).
pub const LEAST_COSINE: f64 = 0.45;
/// A cluster of fewer distinct people is noise.
pub const LEAST_PEOPLE: usize = 5;

/// A theme beside known ones is new where it is less near than this to every one of them (methods 5.1, step 5).
pub const NEW_COSINE: f64 = 0.75;
/// A run adds at most one theme for so many known ones (three where there are few), and one for [`UNUSUAL`] once there are √(n/2).
const GROWTH: usize = 10;
const UNUSUAL: usize = 50;
/// Passes over everything in which known themes move.
const MOVES: usize = 3;

/// So many times as many clusters as √(n/2) are made before merging, where the number is to be found: what is never apart
/// cannot be found.
const OVER: usize = 3;
/// Passes over everything once the clusters are merged.
const REFINE: usize = 10;
/// Over-clusterings, where nobody says how many.
const STARTS: usize = 3;
pub const SMALL: usize = 20_000;
/// Rows by which numbers of clusters are judged.
const JUDGED: usize = 4_000;

/// How many themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// As many as fit the vectors best.
    Found,
    /// ⌈√(n/2)⌉ clusters, and then those merged that are nearer than [`Clustering::merge_cosine`] (methods 5.1, step 4).
    Merged,
    /// Exactly so many, and none is dropped as noise; fewer only where fewer directions differ.
    Known(usize),
}

/// How to cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Clustering {
    /// How many themes.
    pub count: Count,
    /// What the draws begin with: the same seed gives the same themes.
    pub seed: u64,
    /// Clusters before merging, at most.
    pub most: usize,
    /// Texts that the centroids learn from, at most; all others are only assigned.
    pub sample: usize,
    /// Texts of a mini-batch.
    pub batch: usize,
    /// Mini-batch passes.
    pub passes: usize,
    /// Over-clusterings of a sample of at most [`SMALL`] rows, of which the best is kept; of larger ones there is one.
    pub starts: usize,
    /// Cosine from which centroids merge; only for [`Count::Merged`].
    pub merge_cosine: f64,
    /// Mean cosine below which a cluster is noise.
    pub least_cosine: f64,
    /// Distinct people below which a cluster is noise.
    pub least_people: usize,
}

impl Default for Clustering {
    fn default() -> Self {
        Self {
            count: Count::Found,
            seed: 0,
            most: MOST_CLUSTERS,
            sample: 100_000,
            batch: 1_024,
            passes: 20,
            starts: STARTS,
            merge_cosine: MERGE_COSINE,
            least_cosine: LEAST_COSINE,
            least_people: LEAST_PEOPLE,
        }
    }
}

/// What a clustering is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The first centroids are chosen.
    Seed,
    /// The centroids learn.
    Train,
    /// The number of themes is sought.
    Count,
    /// The themes move to the middle of their texts.
    Refine,
    /// Every text gets its theme.
    Assign,
}

impl Step {
    /// Gives its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Train => "train",
            Self::Count => "count",
            Self::Refine => "refine",
            Self::Assign => "assign",
        }
    }
}

/// Sees how far a step is (0 to 1), and may stop everything; it is asked at least once for every few thousand texts.
pub type Watch<'a> = &'a mut dyn FnMut(Step, f64) -> ControlFlow<()>;

/// A watch and what it saw last.
pub(super) struct Watching<'a> {
    watch: Watch<'a>,
    last: (Step, f64),
}

impl<'a> Watching<'a> {
    pub fn new(watch: Watch<'a>) -> Self {
        Self { watch, last: (Step::Seed, 0.0) }
    }

    /// Says how far it is.
    pub fn at(&mut self, step: Step, done: f64) -> Result<(), ThemesError> {
        self.last = (step, done);
        self.stopped()
    }

    /// Asks whether to go on.
    pub fn stopped(&mut self) -> Result<(), ThemesError> {
        match (self.watch)(self.last.0, self.last.1) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ThemesError::Stopped),
        }
    }
}

/// What one cluster holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    /// Texts.
    pub texts: usize,
    /// Distinct people.
    pub people: usize,
    /// Mean cosine of the texts to the centroid.
    pub cosine: f64,
}

/// Clusters of texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    /// A unit vector of each cluster.
    pub centroids: Rows<f32>,
    /// What each cluster holds.
    pub extents: Vec<Extent>,
    /// The cluster of each text, in the order of the texts; none is noise.
    pub labels: Vec<Option<u32>>,
    /// The cosine of each text to the centroid nearest to it; 0 for texts without a direction.
    pub cosines: Vec<f32>,
}

/// Finds the themes of some vectors. `people` says who said each text; empty where every text is of another person. Clusters
/// are numbered by size, the largest first. A vector without a direction (all zero, or not finite) belongs to none.
///
/// # Errors
/// [`ThemesError::Lengths`] when there are other than as many people as vectors, [`ThemesError::OutOfRange`] for settings,
/// [`ThemesError::TooMany`] above 2³² texts, [`ThemesError::Stopped`] when the watch says so.
pub fn cluster(
    vectors: &dyn Vectors,
    people: &[u64],
    clustering: &Clustering,
    watch: Watch<'_>,
) -> Result<Clusters, ThemesError> {
    check(vectors, people, clustering)?;
    let mut watch = Watching::new(watch);
    let centroids = learn(vectors, clustering, &mut watch)?;
    let mut clusters = assigned(vectors, people, &centroids, &mut watch)?;
    if !matches!(clustering.count, Count::Known(_)) {
        clusters = without_noise(clusters, 0, clustering);
    }
    Ok(clusters)
}

/// Themes that are known from a run before.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Their centroids.
    pub centroids: &'a Rows<f32>,
    /// Whether each must stay where it is, because a person edited it; may be empty.
    pub fixed: &'a [bool],
}

/// Finds the themes anew from those known: the known ones move with their texts but for the fixed ones, and texts far from
/// all of them (a cosine below [`super::NEAR`]) are clustered on their own. What they form becomes a theme where it is less near
/// than [`NEW_COSINE`] to every known one, the largest first: a tenth of the known ones a run, and a fiftieth once there are √(n/2)
/// themes. The first clusters are the known ones, in their order, however small they
/// have become; the new ones follow, the largest first.
///
/// # Errors
/// As [`cluster`], and [`ThemesError::Shape`] where the known ones have other dimensions.
pub fn recluster(
    vectors: &dyn Vectors,
    people: &[u64],
    known: Known<'_>,
    clustering: &Clustering,
    watch: Watch<'_>,
) -> Result<Clusters, ThemesError> {
    check(vectors, people, clustering)?;
    if known.centroids.dimensions() != vectors.dimensions() {
        return Err(ThemesError::Shape {
            values: vectors.dimensions(),
            dimensions: known.centroids.dimensions(),
        });
    }
    let mut watch = Watching::new(watch);
    let mut random = ChaCha8Rng::seed_from_u64(clustering.seed);
    let rows = sample(vectors, clustering.sample, &mut random);
    let mut centroids = Units::new(vectors.dimensions());
    known.centroids.rows().for_each(|row| centroids.push(row));
    watch.at(Step::Seed, 0.0)?;
    let nearest = labels(&rows, &centroids);
    let far = nearest.iter().enumerate().filter(|(_, near)| f64::from(near.cosine) < super::NEAR);
    let pool = rows.chosen(far.map(|(at, _)| at));
    let before = centroids.len();
    let room = room(before, usual_count(vectors.len()));
    for found in kept(&pool, clustering, &mut watch)?.rows() {
        if centroids.len() < before + room && f64::from(centroids.nearest(found).cosine) < NEW_COSINE {
            centroids.push(found);
        }
    }
    for pass in 0..MOVES {
        watch.at(Step::Refine, pass as f64 / MOVES as f64)?;
        centroids = means(&rows, &centroids, known.fixed);
    }
    let clusters = assigned(vectors, people, &centroids, &mut watch)?;
    Ok(without_noise(clusters, known.centroids.len(), clustering))
}

/// How many themes a run may add to those known.
fn room(known: usize, usual: usize) -> usize {
    if known == 0 {
        return usual;
    }
    usual.saturating_sub(known).max(known.div_ceil(UNUSUAL)).min(known.div_ceil(GROWTH).max(3))
}

/// The centroids of a pool that are not noise by their mean cosine and their number of texts.
fn kept(pool: &Units, clustering: &Clustering, watch: &mut Watching<'_>) -> Result<Units, ThemesError> {
    let one = Clustering { count: Count::Found, ..clustering.clone() };
    let centroids = learn(pool, &one, watch)?;
    let clusters = without_noise(assigned(pool, &[], &centroids, watch)?, 0, &one);
    let mut kept = Units::new(pool.dimensions());
    clusters.centroids.rows().for_each(|row| kept.push(row));
    Ok(kept)
}

/// Says what does not fit.
pub(super) fn check(
    vectors: &dyn Vectors,
    people: &[u64],
    clustering: &Clustering,
) -> Result<(), ThemesError> {
    let out = |what, value: usize, wanted| Err(ThemesError::OutOfRange { what, value: value as f64, wanted });
    if !people.is_empty() && people.len() != vectors.len() {
        return Err(ThemesError::Lengths { what: "people", found: people.len(), wanted: vectors.len() });
    }
    if vectors.len() > u32::MAX as usize {
        return Err(ThemesError::TooMany { found: vectors.len(), most: u32::MAX as usize });
    }
    if clustering.count == Count::Known(0) {
        return out("the number of themes", 0, "at least one");
    }
    if clustering.most < 1 || clustering.sample < 1 {
        return out("the number of clusters or of texts to learn from", 0, "at least one");
    }
    for (what, value) in
        [("the cosine to merge at", clustering.merge_cosine), ("the least cosine", clustering.least_cosine)]
    {
        if !(-1.0..=1.0).contains(&value) {
            return Err(ThemesError::OutOfRange { what, value, wanted: "between −1 and 1" });
        }
    }
    Ok(())
}

/// Gives the centroids.
fn learn(
    vectors: &dyn Vectors,
    clustering: &Clustering,
    watch: &mut Watching<'_>,
) -> Result<Units, ThemesError> {
    let mut random = ChaCha8Rng::seed_from_u64(clustering.seed);
    let rows = sample(vectors, clustering.sample, &mut random);
    let usual = usual_count(vectors.len()).min(clustering.most);
    if clustering.count == Count::Merged {
        let centroids = over(&rows, usual, clustering, &mut random, watch)?;
        let cut = Tree::of(&centroids, Linkage::Average).cut_at(1.0 - clustering.merge_cosine);
        let (near, left) = (labels(&rows, &centroids), cut.iter().max().map_or(0, |last| last + 1));
        let merged = sums(&rows, near.iter().map(|near| cut.get(near.at).copied()), left);
        return Ok(means(&rows, &Units::of(&merged.to_rows(), 0..left), &[]));
    }
    let wanted = match clustering.count {
        Count::Known(count) => Some(count),
        Count::Found | Count::Merged => None,
    };
    let most = (OVER * usual_count(vectors.len())).min(clustering.most);
    let most = wanted.map_or(most, |count| most.max((OVER * count).min(4 * MOST_CLUSTERS)).max(count));
    let starts = if rows.len() <= SMALL { clustering.starts.max(1) } else { 1 };
    let mut overclustered = Vec::new();
    for _ in 0..starts {
        overclustered.push(merged(&rows, most.min(rows.len()), clustering, &mut random, watch)?);
    }
    let count = match wanted {
        Some(count) => count,
        None => {
            let judged = rows.chosen(strided(rows.len(), JUDGED));
            count::best(&judged, vectors.len(), &overclustered, watch)?
        }
    };
    let centroids = refined(&rows, &overclustered, count, watch)?;
    Ok(if wanted.is_some() { fill_empty(&rows, centroids, count) } else { centroids })
}

/// So many centroids from the over-clustering that fits the rows best, moved to the middle of their rows.
pub(super) fn refined(
    rows: &Units,
    overclustered: &[Overclustered],
    count: usize,
    watch: &mut Watching<'_>,
) -> Result<Units, ThemesError> {
    let mut best: Option<(f64, Units)> = None;
    for one in overclustered {
        let mut centroids = one.centroids(count);
        for pass in 0..REFINE {
            watch.at(Step::Refine, pass as f64 / REFINE as f64)?;
            centroids = means(rows, &centroids, &[]);
        }
        let fit: f64 = labels(rows, &centroids).iter().map(|near| f64::from(near.cosine)).sum();
        if best.as_ref().is_none_or(|best| fit > best.0) {
            best = Some((fit, centroids));
        }
    }
    Ok(best.map_or_else(|| Units::new(rows.dimensions()), |best| best.1))
}

/// At most `most` numbers below `len`, evenly spread.
fn strided(len: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by(len.div_ceil(most.max(1)).max(1))
}

fn over(
    rows: &Units,
    count: usize,
    clustering: &Clustering,
    random: &mut ChaCha8Rng,
    watch: &mut Watching<'_>,
) -> Result<Units, ThemesError> {
    let centroids = kmeans::seed(rows, count, random, watch)?;
    let training = Training { batch: clustering.batch, passes: clustering.passes, full: 1 };
    kmeans::train(rows, centroids, &training, random, watch)
}

/// Over-clusters rows, and says how the clusters merge.
pub(super) fn merged(
    rows: &Units,
    count: usize,
    clustering: &Clustering,
    random: &mut ChaCha8Rng,
    watch: &mut Watching<'_>,
) -> Result<Overclustered, ThemesError> {
    let centroids = over(rows, count, clustering, random, watch)?;
    let near = labels(rows, &centroids);
    let all = sums(rows, near.iter().map(|near| Some(near.at)), centroids.len());
    let mut sums = Units::new(rows.dimensions());
    all.rows().filter(|row| super::vectors::is_some(row)).for_each(|row| sums.push_as_it_is(row));
    let tree = Tree::of(&sums, Linkage::LeastLoss);
    Ok(Overclustered { sums, tree })
}
