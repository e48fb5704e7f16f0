//! Many series at once: which of a day's departures to believe, which cell to name, and a limit for alarms that open
//! tickets one by one.
//!
//! Sources: Benjamini and Hochberg 1995; SAFFRON: Ramdas, Zrnic, Wainwright and Jordan 2018.

use crate::stats::mid_p;

/// Share of the believed that may be wrong.
pub const FALSE_SHARE: f64 = 0.10;

/// Gives the adjusted p of each (Benjamini–Hochberg): believing all up to `q` leaves a share of at most `q` wrong.
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = p.iter().copied().map(sane).enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut out = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (above, (place, p)) in order.iter().enumerate() {
        let rank = order.len() - above;
        least = least.min(p * order.len() as f64 / rank as f64);
        if let Some(out) = out.get_mut(*place) {
            *out = least;
        }
    }
    out
}

/// Says which to believe when a share `q` of the believed may be wrong.
pub fn believed(p: &[f64], q: f64) -> Vec<bool> {
    adjusted(p).into_iter().map(|p| p <= q).collect()
}

fn sane(p: f64) -> f64 {
    if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
}

/// A cell of a day's test.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// Count of the window.
    pub count: u64,
    /// Expected in it.
    pub expected: f64,
    /// Variance by mean.
    pub dispersion: f64,
    /// Cells that this one is a part of, and by what they are split (a number for each dimension, such as version or region):
    /// children by the same dimension share no count.
    pub parents: Vec<(usize, u32)>,
}

impl Tested {
    fn p(&self, without: u64) -> f64 {
        mid_p(self.count.saturating_sub(without), self.expected, self.dispersion)
    }

    fn excess(&self) -> u64 {
        (self.count as f64 - self.expected).max(0.0).round() as u64
    }
}

/// A cell that is worth naming.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its place among those tested.
    pub cell: usize,
    /// Its p.
    pub p: f64,
    /// Its p adjusted for the number of cells.
    pub adjusted: f64,
    /// Cells above it that it explains: without its excess they are as expected.
    pub explains: Vec<usize>,
}

/// Believes cells by Benjamini–Hochberg, and names of each family the most specific that explains those above it: the
/// excess of the believed children by one dimension is taken out of their parent, and the parent tested again. A parent that
/// stays believed is the wider issue, and its children are not named beside it. Ordered by p.
pub fn most_specific(cells: &[Tested], q: f64) -> Vec<Named> {
    let p: Vec<f64> = cells.iter().map(|cell| cell.p(0)).collect();
    let adjusted = adjusted(&p);
    let is_believed = |cell: usize| adjusted.get(cell).is_some_and(|p| *p <= q);
    // The largest p that is believed is the limit for the second test.
    let limit = (0..cells.len()).filter(|cell| is_believed(*cell)).filter_map(|cell| p.get(cell)).copied();
    let limit = limit.fold(0.0, f64::max);

    let mut explained_by: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
    for (parent, cell) in cells.iter().enumerate().filter(|(parent, _)| is_believed(*parent)) {
        if let Some(children) = explanation(cells, parent, cell, limit, &is_believed)
            && let Some(slot) = explained_by.get_mut(parent)
        {
            *slot = children;
        }
    }
    let explained = |cell: usize| explained_by.get(cell).is_some_and(|by| !by.is_empty());
    let mut named: Vec<Named> = Vec::new();
    for (at, cell) in cells.iter().enumerate().filter(|(at, _)| is_believed(*at) && !explained(*at)) {
        let above: Vec<usize> =
            cell.parents.iter().map(|(parent, _)| *parent).filter(|up| is_believed(*up)).collect();
        let explains: Vec<usize> = above.iter().copied().filter(|up| helps(&explained_by, *up, at)).collect();
        if explains.len() == above.len() || above.is_empty() {
            let (Some(p), Some(adjusted)) = (p.get(at), adjusted.get(at)) else { continue };
            named.push(Named { cell: at, p: *p, adjusted: *adjusted, explains });
        }
    }
    named.sort_by(|a, b| a.p.total_cmp(&b.p).then(a.cell.cmp(&b.cell)));
    named
}

fn helps(explained_by: &[Vec<usize>], parent: usize, child: usize) -> bool {
    explained_by.get(parent).is_some_and(|children| children.contains(&child))
}

/// Gives the believed children, of the dimension that does so best, without whose excess the parent is as expected.
fn explanation(
    cells: &[Tested],
    parent: usize,
    cell: &Tested,
    limit: f64,
    is_believed: &impl Fn(usize) -> bool,
) -> Option<Vec<usize>> {
    let mut by_dimension: std::collections::BTreeMap<u32, (u64, Vec<usize>)> =
        std::collections::BTreeMap::new();
    for (at, child) in cells.iter().enumerate().filter(|(at, _)| is_believed(*at)) {
        for (_, dimension) in child.parents.iter().filter(|(up, _)| *up == parent) {
            let (excess, children) = by_dimension.entry(*dimension).or_default();
            *excess = excess.saturating_add(child.excess());
            children.push(at);
        }
    }
    let best = by_dimension.into_values().map(|(excess, children)| (cell.p(excess), children));
    let (p, children) = best.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.len().cmp(&a.1.len())))?;
    (p > limit).then_some(children)
}

/// SAFFRON: a limit for each of a stream of p values, so that of those under it a share of at most `share` is wrong in the
/// long run. Better than LORD++ where few are strong.
#[derive(Clone, Debug)]
pub struct Saffron {
    share: f64,
    tested: u64,
    candidates: u64,
    /// For each rejection: when it was, and how many candidates there were up to it.
    rejections: Vec<(u64, u64)>,
}

impl Saffron {
    /// p above which a test is no candidate, and costs nothing later.
    const CANDIDATE: f64 = 0.5;
    /// 1 / Σ j^−1.6 over the first 100,000 j.
    const GAMMA_SCALE: f64 = 0.437_809_393_657_14;

    /// Starts a stream in which a share of at most `share` of the believed may be wrong.
    pub fn new(share: f64) -> Self {
        Self { share, tested: 0, candidates: 0, rejections: Vec::new() }
    }

    /// Tests the next p: gives its limit, and whether it is believed.
    pub fn test(&mut self, p: f64) -> (f64, bool) {
        self.tested += 1;
        let limit = self.limit().min(Self::CANDIDATE);
        self.candidates += u64::from(p <= Self::CANDIDATE);
        let is_believed = p <= limit;
        if is_believed {
            self.rejections.push((self.tested, self.candidates));
        }
        (limit, is_believed)
    }

    fn limit(&self) -> f64 {
        let wealth = self.share / 2.0;
        // Candidates after a time do not advance the stream's clock.
        let clock = |from: u64, before: u64| Self::gamma(self.tested - from - (self.candidates - before));
        let mut sum = wealth * clock(0, 0);
        for (number, (time, before)) in self.rejections.iter().enumerate() {
            sum += if number == 0 { self.share - wealth } else { self.share } * clock(*time, *before);
        }
        (1.0 - Self::CANDIDATE) * sum
    }

    fn gamma(j: u64) -> f64 {
        if j == 0 { 0.0 } else { Self::GAMMA_SCALE * (j as f64).powf(-1.6) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_p_are_those_of_the_method() {
        let p = [0.0002, 0.0011, 0.008, 0.012, 0.021, 0.041, 0.06, 0.2, 0.5, 0.9];
        let wanted = [0.002, 0.0055, 0.026667, 0.03, 0.042, 0.068333, 0.085714, 0.25, 0.555556, 0.9];
        for (found, wanted) in adjusted(&p).iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6, "{found} instead of {wanted}");
        }
        assert_eq!(believed(&p, FALSE_SHARE).iter().filter(|believed| **believed).count(), 7);
        let mut turned = p;
        turned.reverse();
        assert!(believed(&turned, FALSE_SHARE)[3..].iter().all(|believed| *believed));
        assert_eq!(adjusted(&[]), Vec::<f64>::new());
        assert_eq!(adjusted(&[f64::NAN, 0.5]), [1.0, 1.0]);
    }

    #[test]
    fn a_stream_of_tickets_has_the_limits_of_the_method() {
        let mut stream = Saffron::new(0.05);
        let tests = [0.001, 0.4, 0.9, 0.0004, 0.03, 0.7, 0.00001, 0.2].map(|p| stream.test(p));
        let wanted = [0.005473, 0.010945, 0.010945, 0.003611, 0.014556, 0.014556, 0.005498, 0.016443];
        for ((limit, _), wanted) in tests.iter().zip(wanted) {
            assert!((limit - wanted).abs() < 1e-6, "{limit} instead of {wanted}");
        }
        assert_eq!(
            tests.map(|(_, believed)| believed),
            [true, false, false, true, false, false, true, false]
        );
    }

    fn cell(count: u64, expected: f64, parents: &[(usize, u32)]) -> Tested {
        Tested { count, expected, dispersion: 1.0, parents: parents.to_vec() }
    }

    fn names(cells: &[Tested]) -> Vec<usize> {
        most_specific(cells, FALSE_SHARE).iter().map(|named| named.cell).collect()
    }

    #[test]
    fn the_version_that_explains_its_stage_is_named_alone() {
        let cells = [
            cell(130, 100.0, &[]),
            cell(61, 30.0, &[(0, 1)]),
            cell(34, 35.0, &[(0, 1)]),
            cell(35, 35.0, &[(0, 1)]),
            cell(78, 60.0, &[(0, 2)]),
        ];
        let named = most_specific(&cells, FALSE_SHARE);
        assert_eq!((named.len(), named[0].cell, named[0].explains.clone()), (1, 1, vec![0]));
        assert!(named[0].p < 1e-5 && named[0].adjusted >= named[0].p);
    }

    #[test]
    fn an_issue_of_the_whole_stage_is_named_as_such() {
        let cells = [
            cell(200, 100.0, &[]),
            cell(68, 30.0, &[(0, 1)]),
            cell(44, 35.0, &[(0, 1)]),
            cell(44, 35.0, &[(0, 1)]),
        ];
        assert_eq!(names(&cells), [0]);
    }

    #[test]
    fn two_children_may_explain_together_and_a_grandchild_both_above_it() {
        let together = [cell(160, 100.0, &[]), cell(66, 30.0, &[(0, 1)]), cell(60, 35.0, &[(0, 1)])];
        assert_eq!(names(&together), [1, 2]);
        let line = [cell(140, 100.0, &[]), cell(72, 32.0, &[(0, 1)]), cell(50, 10.0, &[(1, 2)])];
        assert_eq!(names(&line), [2]);
        assert!(names(&[cell(100, 100.0, &[])]).is_empty());
        assert!(most_specific(&[], FALSE_SHARE).is_empty());
    }
}
