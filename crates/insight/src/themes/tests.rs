//! Clustering, matching, naming and duplicates on made-up vectors and texts.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::*;

/// Numbers without a pattern, the same ones for the same seed (SplitMix64 by Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() + 0.5) * n as f32) as usize
    }
}

/// `each` vectors around each of `groups` directions that have nothing in common, one group after the other.
fn groups(groups: usize, each: usize, noise: f32, seed: u64) -> (Rows<f32>, Vec<u32>) {
    let dimensions = 24;
    let mut random = Random(seed);
    let (mut values, mut truth) = (Vec::new(), Vec::new());
    for group in 0..groups {
        for _ in 0..each {
            values.extend((0..dimensions).map(|at| f32::from(at == group) + noise * random.next()));
            truth.push(group as u32);
        }
    }
    (Rows::new(dimensions, values).unwrap(), truth)
}

fn go_on(_: Step, _: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn with(count: Count) -> Clustering {
    Clustering { count, ..Clustering::default() }
}

fn run(vectors: &dyn Vectors, count: Count) -> Clusters {
    cluster(vectors, &[], &with(count), &mut go_on).unwrap()
}

fn plain(clusters: &Clusters) -> Vec<u32> {
    clusters.labels.iter().map(|label| label.unwrap_or(u32::MAX)).collect()
}

#[test]
fn groups_are_found_whether_or_not_their_number_is_told() {
    let (vectors, truth) = groups(8, 40, 0.5, 1);
    for count in [Count::Known(8), Count::Found] {
        let found = run(&vectors, count);
        assert_eq!(found.extents.len(), 8, "{count:?}");
        assert!((adjusted_rand(&plain(&found), &truth) - 1.0).abs() < 1e-9, "{count:?}");
        assert!(
            found
                .extents
                .iter()
                .all(|extent| extent.texts == 40 && extent.people == 40 && extent.cosine > 0.6)
        );
    }
}

#[test]
fn near_clusters_of_the_usual_number_are_merged() {
    let (vectors, truth) = groups(4, 60, 0.1, 2);
    let found = run(&vectors, Count::Merged);
    assert_eq!((found.extents.len(), usual_count(240)), (4, 11));
    assert!((adjusted_rand(&plain(&found), &truth) - 1.0).abs() < 1e-9);
}

#[test]
fn the_same_seed_gives_the_same_themes_and_bytes_serve_as_well() {
    let (vectors, truth) = groups(6, 30, 0.5, 3);
    assert_eq!(run(&vectors, Count::Found), run(&vectors, Count::Found));
    let bytes: Vec<i8> = vectors.rows().flatten().map(|value| (value * 80.0) as i8).collect();
    let bytes = Rows::new(vectors.dimensions(), bytes).unwrap();
    assert!(adjusted_rand(&plain(&run(&bytes, Count::Found)), &truth) > 0.99);
}

#[test]
fn a_sample_teaches_and_every_text_is_assigned() {
    let (vectors, truth) = groups(5, 100, 0.5, 4);
    let clustering = Clustering { sample: 120, ..with(Count::Known(5)) };
    let found = cluster(&vectors, &[], &clustering, &mut go_on).unwrap();
    assert!(adjusted_rand(&plain(&found), &truth) > 0.99);
    assert_eq!(found.extents.iter().map(|extent| extent.texts).sum::<usize>(), 500);
}

#[test]
fn exactly_as_many_as_told_whatever_the_texts() {
    let mut random = Random(5);
    for count in [1, 2, 3, 7, 19, 40] {
        let values = (0..40 * 6).map(|_| random.next()).collect();
        let found = run(&Rows::new(6, values).unwrap(), Count::Known(count));
        let used: BTreeSet<u32> = plain(&found).into_iter().collect();
        assert_eq!((used.len(), found.extents.len()), (count, count));
    }
}

#[test]
fn more_themes_than_texts_or_directions_are_as_many_as_there_are() {
    let three = Rows::new(2, vec![1.0_f32, 0.0, 0.0, 1.0, -1.0, 0.0]).unwrap();
    assert_eq!(run(&three, Count::Known(10)).extents.len(), 3);
    let copies = Rows::new(2, [0.6_f32, 0.8].repeat(1_000)).unwrap();
    assert_eq!(run(&copies, Count::Known(4)).extents.len(), 1);
    let found = run(&copies, Count::Found);
    assert_eq!((found.extents.len(), found.extents[0].texts), (1, 1_000), "a thousand copies are one theme");
}

#[test]
fn nothing_and_nonsense_have_no_theme() {
    let none = Rows::<f32>::new(3, Vec::new()).unwrap();
    let one = Rows::new(3, vec![1.0_f32, 0.0, 0.0]).unwrap();
    let nonsense =
        Rows::new(2, [f32::NAN, 1.0, f32::INFINITY, 0.0, 0.0, 0.0, 3e38, 3e38].repeat(20)).unwrap();
    for count in [Count::Found, Count::Merged, Count::Known(3)] {
        assert!(run(&none, count).labels.is_empty());
        let single = run(&one, count);
        assert_eq!(single.extents.len(), usize::from(count == Count::Known(3)), "one person is no theme");
        let found = run(&nonsense, count);
        assert!(found.labels.chunks(4).all(|four| four[..3] == [None; 3] && four[3] == Some(0)), "{count:?}");
        assert!(found.centroids.rows().flatten().all(|value| value.is_finite()));
    }
}

#[test]
fn few_people_and_loose_clusters_are_noise() {
    let (vectors, _) = groups(3, 20, 0.3, 6);
    // The first group is all of four people, the others of twenty each.
    let people: Vec<u64> = (0..60).map(|at| if at < 20 { at % 4 } else { at }).collect();
    let found = cluster(&vectors, &people, &with(Count::Found), &mut go_on).unwrap();
    assert_eq!(found.extents.len(), 2);
    assert!(found.labels[..20].iter().all(Option::is_none) && found.labels[20..].iter().all(Option::is_some));
    let strict = Clustering { least_cosine: 0.999, ..with(Count::Found) };
    assert!(cluster(&vectors, &[], &strict, &mut go_on).unwrap().extents.is_empty());
    let told = cluster(&vectors, &people, &with(Count::Known(3)), &mut go_on).unwrap();
    assert_eq!(told.extents.len(), 3, "where the number is told, nothing is dropped");
}

#[test]
fn settings_and_shapes_are_checked() {
    let (vectors, _) = groups(2, 5, 0.1, 7);
    let fails =
        |clustering: Clustering, people: &[u64]| cluster(&vectors, people, &clustering, &mut go_on).is_err();
    assert!(fails(with(Count::Known(0)), &[]) && fails(with(Count::Found), &[1, 2]));
    assert!(fails(Clustering { sample: 0, ..with(Count::Found) }, &[]));
    assert!(fails(Clustering { least_cosine: f64::NAN, ..with(Count::Found) }, &[]));
    assert!(Rows::new(3, vec![1.0_f32; 4]).is_err() && Rows::<f32>::new(0, Vec::new()).is_err());
}

#[test]
fn a_watch_sees_every_step_and_may_stop_each() {
    let (vectors, _) = groups(3, 20, 0.3, 8);
    let mut steps = 0;
    let mut seen = Vec::new();
    let mut watch = |step, done: f64| {
        assert!((0.0..=1.0).contains(&done));
        steps += 1;
        seen.push(step);
        ControlFlow::Continue(())
    };
    cluster(&vectors, &[], &Clustering::default(), &mut watch).unwrap();
    assert!(
        [Step::Seed, Step::Train, Step::Count, Step::Refine, Step::Assign]
            .iter()
            .all(|step| seen.contains(step))
    );
    for last in (0..steps).step_by(5) {
        let mut left = last;
        let mut watch = |_, _| {
            left -= 1;
            if left < 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert_eq!(cluster(&vectors, &[], &Clustering::default(), &mut watch), Err(ThemesError::Stopped));
    }
}

#[test]
fn known_themes_stay_and_what_is_far_from_all_becomes_new() {
    let (vectors, truth) = groups(4, 30, 0.3, 9);
    let first = Rows::new(24, vectors.rows().take(90).flatten().copied().collect()).unwrap();
    let before = run(&first, Count::Found);
    assert_eq!(before.extents.len(), 3);
    let known = Known { centroids: &before.centroids, fixed: &[true, false, false] };
    let after = recluster(&vectors, &[], known, &Clustering::default(), &mut go_on).unwrap();
    assert_eq!(after.extents.len(), 4);
    assert_eq!(after.labels[..90], before.labels[..]);
    assert!(after.labels[90..].iter().all(|label| *label == Some(3)));
    assert!((adjusted_rand(&plain(&after), &truth) - 1.0).abs() < 1e-9);
    let moved: Vec<f32> =
        before.centroids.row(0).iter().zip(after.centroids.row(0)).map(|(a, b)| (a - b).abs()).collect();
    assert!(moved.iter().all(|moved| *moved < 1e-6), "a fixed theme does not move");
    let none = Rows::new(2, Vec::new()).unwrap();
    let other = Known { centroids: &none, fixed: &[] };
    assert!(recluster(&vectors, &[], other, &Clustering::default(), &mut go_on).is_err());
}

fn theme(people: std::ops::Range<u64>, direction: usize) -> Theme {
    let centroid = (0..8).map(|at| f32::from(at == direction)).collect();
    Theme { people: people.collect(), centroid, touched: false }
}

fn kinds(proposal: &Proposal) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = proposal.changes.iter().map(|change| change.kind).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn the_same_themes_keep_their_ids_in_any_order() {
    let known: Vec<Theme> = (0..6).map(|at| theme(at * 10..at * 10 + 10, at as usize)).collect();
    let mut turned = known.clone();
    turned.reverse();
    let proposal = propose(&known, &turned);
    assert_eq!(proposal.ids, (0..6).rev().map(Some).collect::<Vec<_>>());
    assert!(proposal.changes.iter().all(|change| change.kind == Kind::Unchanged && change.by_itself));
    assert_eq!(proposal.to_decide().count(), 0);
    assert_eq!(matches(&known, &known), (0..6).map(Some).collect::<Vec<_>>());
}

#[test]
fn changes_are_named() {
    let known = [theme(0..20, 0), theme(20..40, 1), theme(40..60, 2), theme(60..80, 3)];
    let found = [theme(0..25, 0), theme(30..40, 1), theme(80..99, 4), theme(60..80, 3)];
    let proposal = propose(&known, &found);
    assert_eq!(kinds(&proposal), [Kind::Unchanged, Kind::Grown, Kind::Shrunk, Kind::New, Kind::Gone]);
    assert_eq!(proposal.ids, [Some(0), Some(1), None, Some(3)]);
}

#[test]
fn splits_and_merges_are_seen_and_the_largest_part_keeps_the_id() {
    let known = [theme(0..30, 0), theme(30..50, 1), theme(50..70, 2)];
    let found = [theme(0..12, 4), theme(12..30, 0), theme(30..70, 1)];
    let proposal = propose(&known, &found);
    assert_eq!(kinds(&proposal), [Kind::Split, Kind::Merged]);
    let change = |kind| proposal.changes.iter().find(|change| change.kind == kind).unwrap();
    assert_eq!((&change(Kind::Split).known[..], &change(Kind::Split).found[..]), (&[0][..], &[1, 0][..]));
    assert_eq!((&change(Kind::Merged).known[..], &change(Kind::Merged).found[..]), (&[1, 2][..], &[2][..]));
    assert_eq!(proposal.ids, [None, Some(0), Some(1)]);
}

#[test]
fn what_a_person_edited_never_changes_by_itself() {
    let mut random = Random(10);
    for _ in 0..200 {
        let mut some = |touched: bool| -> Vec<Theme> {
            (0..6)
                .map(|at| {
                    let (from, len) = (random.below(80) as u64, random.below(30) as u64);
                    Theme { touched: touched && random.below(2) == 1, ..theme(from..from + len, at) }
                })
                .collect()
        };
        let (known, found) = (some(true), some(false));
        let proposal = propose(&known, &found);
        for change in &proposal.changes {
            assert_eq!(change.by_itself, !change.known.iter().any(|old| known[*old].touched));
        }
        // Every theme stands in exactly one change, and no id is given twice.
        let mut seen: Vec<usize> = proposal.changes.iter().flat_map(|change| change.known.clone()).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..6).collect::<Vec<_>>());
        let mut seen: Vec<usize> = proposal.changes.iter().flat_map(|change| change.found.clone()).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..6).collect::<Vec<_>>());
        let ids: Vec<usize> = proposal.ids.iter().flatten().copied().collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    }
}

#[test]
fn themes_without_common_people_are_matched_by_their_centroids() {
    let proposal = propose(&[theme(0..9, 0), theme(9..20, 1)], &[theme(50..60, 1), theme(60..70, 5)]);
    assert_eq!(proposal.ids, [Some(1), None]);
    assert_eq!(propose(&[], &[]), Proposal::default());
    assert_eq!(kinds(&propose(&[], &[theme(0..3, 0)])), [Kind::New]);
}

#[test]
fn merging_a_tree_keeps_every_member() {
    let mut random = Random(11);
    for _ in 0..20 {
        let len = 2 + random.below(30);
        let values = (0..len * 5).map(|_| random.next()).collect();
        let rows = vectors::Units::of(&Rows::new(5, values).unwrap(), 0..len);
        for linkage in [merge::Linkage::LeastLoss, merge::Linkage::Average] {
            let tree = merge::Tree::of(&rows, linkage);
            for count in 1..=len {
                let cut = tree.cut(count);
                let used: BTreeSet<usize> = cut.iter().copied().collect();
                assert_eq!((cut.len(), used), (len, (0..count).collect()));
                // A coarser cut never parts what a finer one holds together.
                let coarser = tree.cut(count - 1);
                for (a, b) in (0..len).flat_map(|a| (0..a).map(move |b| (a, b))) {
                    assert!(cut[a] != cut[b] || coarser[a] == coarser[b]);
                }
            }
        }
    }
}

fn split(vectors: &dyn Vectors, people: &[u64], count: Option<usize>) -> Option<Clusters> {
    parts(vectors, people, &Splitting { count, ..Splitting::default() }, &mut go_on).unwrap()
}

#[test]
fn a_theme_has_the_parts_that_are_in_it() {
    let (vectors, truth) = groups(3, 40, 0.5, 5);
    for count in [None, Some(3)] {
        let found = split(&vectors, &[], count).unwrap();
        assert_eq!(found.extents.len(), 3, "{count:?}");
        assert!(adjusted_rand(&plain(&found), &truth) > 0.99);
        assert_eq!(Some(found), split(&vectors, &[], count), "the same twice");
    }
    assert_eq!(split(&vectors, &[], Some(2)).unwrap().extents.len(), 2);
    assert_eq!(split(&vectors, &[], Some(5)).unwrap().extents.len(), 5);
}

#[test]
fn the_largest_part_comes_first_and_a_part_of_few_people_is_none() {
    let (mut vectors, _) = groups(1, 20, 0.5, 6);
    let (all, _) = groups(2, 40, 0.5, 7);
    for at in 40..80 {
        vectors.push(all.row(at)).unwrap();
    }
    let found = split(&vectors, &[], None).unwrap();
    assert_eq!(found.extents.iter().map(|extent| extent.texts).collect::<Vec<_>>(), [40, 20]);
    assert_eq!((found.labels[0], found.labels[59]), (Some(1), Some(0)));
    let mut people: Vec<u64> = (0..60).collect();
    people[..20].iter_mut().for_each(|person| *person %= 4);
    let apart = split(&vectors, &people, None);
    assert!(apart.is_none_or(|found| found.extents.iter().all(|extent| extent.people >= LEAST_PEOPLE)));
    assert_eq!(split(&vectors, &[0; 60], Some(3)), None, "one person");
}

#[test]
fn what_has_no_two_parts_has_none() {
    let copies = Rows::new(2, [1.0_f32, 0.0].repeat(200)).unwrap();
    assert_eq!(split(&copies, &[], None), None);
    assert_eq!(split(&copies, &[], Some(4)), None);
    assert_eq!(split(&Rows::new(2, Vec::<f32>::new()).unwrap(), &[], None), None);
    assert_eq!(split(&Rows::new(2, vec![0.0_f32; 40]).unwrap(), &[], Some(2)), None);
    let stop = &mut |_, _| ControlFlow::Break(());
    assert_eq!(parts(&copies, &[], &Splitting::default(), stop), Err(ThemesError::Stopped));
    assert!(parts(&copies, &[1], &Splitting::default(), &mut go_on).is_err());
}
