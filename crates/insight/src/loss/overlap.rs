//! A customer with several problems leaves once: the loss is shared out to the issues, and no sum exceeds what there is.

/// Customers who share the same problems.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// How many they are.
    pub customers: f64,
    /// The issues by number, each with the loyalty that it costs (L0 − L of the issue).
    pub issues: Vec<(usize, f64)>,
}

/// Splits the loss of one customer with several problems: it is the loss of the gravest one, shared out in proportion to
/// what each costs. Drops below zero count as zero.
pub fn split(drops: &[f64]) -> Vec<f64> {
    let drops = || drops.iter().map(|drop| if drop.is_finite() { drop.max(0.0) } else { 0.0 });
    let (sum, gravest) = drops().fold((0.0, 0.0_f64), |(sum, gravest), drop| (sum + drop, gravest.max(drop)));
    drops().map(|drop| if sum > 0.0 { gravest * drop / sum } else { 0.0 }).collect()
}

/// Gives the customers lost to each of `issues` issues where groups of customers have several. An issue beyond that number
/// counts nowhere.
pub fn allocate(groups: &[Group], issues: usize) -> Vec<f64> {
    let mut lost = vec![0.0; issues];
    for group in groups {
        let drops: Vec<f64> = group.issues.iter().map(|(_, drop)| *drop).collect();
        for ((issue, _), share) in group.issues.iter().zip(split(&drops)) {
            if let Some(lost) = lost.get_mut(*issue) {
                *lost += share * group.customers;
            }
        }
    }
    lost
}

/// Brings losses down in proportion so that together they do not exceed what there is to lose: all customers times the share
/// that stays anyway, and times the value of one where the losses are revenue. Gives the factor applied, 1 where none was
/// needed.
pub fn cap(losses: &mut [f64], most: f64) -> f64 {
    let sum: f64 = losses.iter().sum();
    if sum <= most || sum <= 0.0 {
        return 1.0;
    }
    let factor = most.max(0.0) / sum;
    for loss in losses {
        *loss *= factor;
    }
    factor
}
