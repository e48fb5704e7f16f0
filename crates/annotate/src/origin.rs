//! Who or what set an expectation: cues in the words, in the order of the method's rules.

use groundswell_model::Origin;

use crate::families::Family;

const CONTRACT: [&str; 12] = [
    "terms",
    "warrant",
    "policy",
    "contract",
    "guarantee",
    "by law",
    "legal",
    "vertrag",
    "garantie",
    "contrat",
    "contrato",
    "contratto",
];
const PAST: [&str; 12] = [
    "usually",
    "always",
    "last time",
    "used to",
    "in the past",
    "previous",
    "before the update",
    "anymore",
    "any more",
    "normalerweise",
    "früher",
    "d'habitude",
];
const OTHERS: [&str; 8] =
    ["friend", "reviews", "everyone says", "everybody says", "recommended", "reputation", "freunde", "avis"];
const PRICE: [&str; 9] = [
    "that price",
    "this price",
    "the price i",
    "premium",
    "paid extra",
    "pay extra",
    "expensive hotel",
    "for the money",
    "that money",
];

/// Gives the origin of an unmet expectation from the families that fired and the words of its sentence.
pub(crate) fn origin(families: &[Family], expected: &str, sentence: &str) -> Origin {
    let names = |cues: &[&str]| cues.iter().any(|cue| sentence.contains(cue));
    let promised = families.iter().any(|family| matches!(family, Family::CompanySaid | Family::SoldAs));
    let listed = families.contains(&Family::Supposed)
        && ["promised", "guaranteed", "listed", "described", "advertised"]
            .iter()
            .any(|word| expected.starts_with(word));
    let contract = names(&CONTRACT);
    if contract && ["terms", "contract", "policy", "warrant"].iter().any(|word| expected.starts_with(word)) {
        Origin::ContractPolicy
    } else if promised || listed {
        Origin::CompanyPromise
    } else if contract {
        Origin::ContractPolicy
    } else if names(&PAST) {
        Origin::PastExperience
    } else if names(&OTHERS) {
        Origin::WordOfMouth
    } else if names(&PRICE) || families.contains(&Family::ForPrice) || families.contains(&Family::PaidFor) {
        Origin::PriceSignal
    } else {
        Origin::Norm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_is_recognised_by_its_words() {
        for (families, text, origin_of) in [
            (&[Family::CompanySaid][..], "you promised two days", Origin::CompanyPromise),
            (&[Family::Never], "the warranty was never honoured", Origin::ContractPolicy),
            (&[Family::Negated], "it used to work, it does not any more", Origin::PastExperience),
            (&[Family::ExpectVerb], "after all those reviews i expected more", Origin::WordOfMouth),
            (&[Family::ForPrice], "for that price", Origin::PriceSignal),
            (&[Family::Late], "it came late", Origin::Norm),
        ] {
            assert_eq!(origin(families, "", text), origin_of, "{text}");
        }
    }
}
