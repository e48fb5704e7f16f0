//! What emerges between two runs: micro-clusters of texts that belong to no known theme, fading over time.
//!
//! After DenStream (Cao, Ester, Qian and Zhou 2006): the weight of a text fades as 2^(−λt); a text joins the nearest micro-cluster
//! within reach, or begins one. Memory: at most [`Settings::most`] micro-clusters of a vector and 32 people each.

use serde::{Deserialize, Serialize};

use super::vectors::{Rows, normalise};

/// People that a micro-cluster remembers; enough to know that they are many.
const PEOPLE: usize = 32;

/// When texts join, fade and become a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Days after which a text weighs half.
    pub half_life: f64,
    /// Cosine distance (1 − cosine) up to which a text joins.
    pub reach: f64,
    /// Weight of a candidate.
    pub heavy: f64,
    /// Share of that weight from which a micro-cluster is worth keeping; lighter ones go first.
    pub potential: f64,
    /// Distinct people of a candidate.
    pub people: usize,
    /// Cosine to a known theme from which it is that theme.
    pub apart: f64,
    /// Micro-clusters at most.
    pub most: usize,
}

impl Default for Settings {
    /// The values of methods 5.1, step 5.
    fn default() -> Self {
        Self {
            half_life: 14.0,
            reach: 0.45,
            heavy: 10.0,
            potential: 0.2,
            people: 5,
            apart: 0.75,
            most: 1_000,
        }
    }
}

impl Settings {
    /// What a text weighs after so many days: 2^(−days / half-life).
    pub fn faded(&self, days: f64) -> f64 {
        (-days.max(0.0) / self.half_life).exp2()
    }
}

/// Texts near each other that belong to no known theme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Micro {
    number: u64,
    /// The sum of the texts' unit vectors, each by its weight on `day`.
    sum: Vec<f32>,
    weight: f64,
    day: f64,
    /// Who spoke, with the last day, in the order of the people.
    people: Vec<(u64, f64)>,
}

/// A micro-cluster that may be a new theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its number, the same as long as it lives.
    pub number: u64,
    /// Its direction, of unit length.
    pub centroid: Vec<f32>,
    /// Its weight on the day asked for.
    pub weight: f64,
    /// Distinct people, up to 32.
    pub people: usize,
}

/// All micro-clusters. They depend on the order of the texts; the same texts in the same order give the same ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MicroClusters {
    settings: Settings,
    next: u64,
    all: Vec<Micro>,
}

impl MicroClusters {
    /// Starts without any.
    pub fn new(settings: Settings) -> Self {
        Self { settings, next: 0, all: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Takes a text in: its vector, who said it, and the day (a count from any beginning; late ones may come). Gives the number of
    /// its micro-cluster; none for a vector without a direction or a day that is no number.
    pub fn add(&mut self, vector: &[f32], person: u64, day: f64) -> Option<u64> {
        let mut unit = vector.to_vec();
        normalise(&mut unit);
        if !day.is_finite() || unit.iter().all(|value| *value == 0.0) {
            return None;
        }
        let settings = self.settings;
        let reached = self
            .all
            .iter_mut()
            .map(|micro| (cosine(&micro.sum, &unit), micro))
            .filter(|(cosine, _)| 1.0 - cosine <= settings.reach)
            .max_by(|(left, a), (right, b)| left.total_cmp(right).then(b.number.cmp(&a.number)));
        if let Some((_, micro)) = reached {
            micro.take(&unit, person, day, &settings);
            return Some(micro.number);
        }
        self.make_room(day);
        let number = self.next;
        self.next += 1;
        self.all.push(Micro { number, sum: unit, weight: 1.0, day, people: vec![(person, day)] });
        Some(number)
    }

    /// Drops the lightest where another would be one too many, and all that have faded below a hundredth of a text.
    fn make_room(&mut self, day: f64) {
        let settings = self.settings;
        if self.all.len() < settings.most.max(1) {
            return;
        }
        self.all.retain(|micro| micro.weight_on(day, &settings) >= 0.01);
        while self.all.len() >= settings.most.max(1) {
            let weighed =
                self.all.iter().enumerate().map(|(at, micro)| (micro.weight_on(day, &settings), at));
            let Some((_, at)) = weighed.min_by(|left, right| left.0.total_cmp(&right.0)) else { break };
            self.all.remove(at);
        }
    }

    /// Gives the candidates for new themes on a day, the heaviest first: heavy enough, of enough people, and nearer than
    /// [`Settings::apart`] to no known theme.
    pub fn candidates(&self, day: f64, known: &Rows<f32>) -> Vec<Candidate> {
        let settings = &self.settings;
        let mut found: Vec<Candidate> = self
            .all
            .iter()
            .filter(|micro| {
                micro.weight_on(day, settings) >= settings.heavy && micro.people.len() >= settings.people
            })
            .filter(|micro| known.rows().all(|theme| cosine(theme, &micro.sum) < settings.apart))
            .map(|micro| micro.candidate(day, settings))
            .collect();
        found
            .sort_by(|left, right| right.weight.total_cmp(&left.weight).then(left.number.cmp(&right.number)));
        found
    }

    /// How many are heavy enough to be watched: [`Settings::potential`] of a candidate's weight.
    pub fn potential(&self, day: f64) -> usize {
        let least = self.settings.potential * self.settings.heavy;
        self.all.iter().filter(|micro| micro.weight_on(day, &self.settings) >= least).count()
    }

    /// Forgets a micro-cluster, once it has become a theme or was turned down.
    pub fn forget(&mut self, number: u64) {
        self.all.retain(|micro| micro.number != number);
    }
}

impl Micro {
    fn weight_on(&self, day: f64, settings: &Settings) -> f64 {
        self.weight * settings.faded(day - self.day)
    }

    fn take(&mut self, unit: &[f32], person: u64, day: f64, settings: &Settings) {
        let before = settings.faded(day - self.day);
        let own = settings.faded(self.day - day);
        for (sum, value) in self.sum.iter_mut().zip(unit) {
            *sum = (f64::from(*sum) * before + f64::from(*value) * own) as f32;
        }
        self.weight = self.weight * before + own;
        self.day = self.day.max(day);
        match self.people.binary_search_by_key(&person, |(known, _)| *known) {
            Ok(at) => self.people.get_mut(at).into_iter().for_each(|(_, last)| *last = last.max(day)),
            Err(at) => {
                self.people.insert(at, (person, day));
                if self.people.len() > PEOPLE {
                    let oldest = self.people.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1));
                    if let Some((oldest, _)) = oldest {
                        self.people.remove(oldest);
                    }
                }
            }
        }
    }

    fn candidate(&self, day: f64, settings: &Settings) -> Candidate {
        let mut centroid = self.sum.clone();
        normalise(&mut centroid);
        let weight = self.weight_on(day, settings);
        Candidate { number: self.number, centroid, weight, people: self.people.len() }
    }
}

/// The cosine of two vectors; 0 where one has no direction or they have different lengths.
pub fn cosine(left: &[f32], right: &[f32]) -> f64 {
    if left.len() != right.len() {
        return 0.0;
    }
    let (mut both, mut a, mut b) = (0.0, 0.0, 0.0);
    for (left, right) in left.iter().zip(right) {
        let (left, right) = (f64::from(*left), f64::from(*right));
        both += left * right;
        a += left * left;
        b += right * right;
    }
    let length = (a * b).sqrt();
    if length > 0.0 && length.is_finite() { both / length } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> Rows<f32> {
        Rows::new(2, Vec::new()).unwrap()
    }

    #[test]
    fn a_text_weighs_half_after_two_weeks() {
        let settings = Settings::default();
        assert!((settings.faded(14.0) - 0.5).abs() < 1e-12);
        assert!((settings.faded(30.0) - 0.226_431).abs() < 5e-7);
        assert_eq!(settings.faded(-3.0), 1.0);
    }

    #[test]
    fn ten_texts_of_five_people_that_are_no_known_theme_are_a_candidate() {
        let mut micro = MicroClusters::new(Settings::default());
        for at in 0..11 {
            micro.add(&[1.0, at as f32 * 0.01], at % 5, 0.0);
        }
        let found = micro.candidates(0.0, &none());
        assert_eq!((found.len(), found[0].people), (1, 5));
        assert!((found[0].weight - 11.0).abs() < 1e-9);
        assert!(micro.candidates(10.0, &none()).is_empty(), "11 texts weigh 6.7 after ten days");
        let near = Rows::new(2, vec![1.0, 0.1]).unwrap();
        assert!(micro.candidates(0.0, &near).is_empty(), "a known theme");
        let far = Rows::new(2, vec![0.0, 1.0]).unwrap();
        assert_eq!(micro.candidates(0.0, &far).len(), 1);
        micro.forget(found[0].number);
        assert!(micro.is_empty());
    }

    #[test]
    fn few_people_are_no_candidate_however_loud() {
        let mut micro = MicroClusters::new(Settings::default());
        (0..40).for_each(|at| {
            micro.add(&[1.0, 0.0], at % 4, 0.0);
        });
        assert!(micro.candidates(0.0, &none()).is_empty());
        assert_eq!(micro.potential(0.0), 1);
    }

    #[test]
    fn a_late_text_weighs_what_is_left_of_it() {
        let (mut ordered, mut late) =
            (MicroClusters::new(Settings::default()), MicroClusters::new(Settings::default()));
        for day in [0.0, 7.0, 20.0] {
            ordered.add(&[1.0, 0.2], 1, day);
        }
        for day in [20.0, 0.0, 7.0] {
            late.add(&[1.0, 0.2], 1, day);
        }
        assert!((ordered.all[0].weight - late.all[0].weight).abs() < 1e-9);
    }

    #[test]
    fn micro_clusters_are_bounded_and_nonsense_is_left_out() {
        let mut micro = MicroClusters::new(Settings { most: 10, ..Settings::default() });
        for at in 0..100_u64 {
            let mut vector = vec![0.0; 128];
            vector[at as usize] = 1.0;
            assert_eq!(micro.add(&vector, at, at as f64), Some(at));
        }
        assert_eq!(micro.len(), 10);
        assert_eq!(micro.all[0].number, 90, "the lightest, which are the oldest, are gone");
        for vector in [vec![0.0; 128], vec![f32::NAN; 128]] {
            assert_eq!(micro.add(&vector, 1, 0.0), None);
        }
        assert_eq!(micro.add(&[1.0], 1, f64::NAN), None);
        assert!((0..100).all(|person| {
            let mut vector = vec![0.0; 128];
            vector[99] = 1.0;
            micro.add(&vector, person, 99.0).is_some()
        }));
        assert!(micro.all.iter().all(|micro| micro.people.len() <= PEOPLE));
    }
}
