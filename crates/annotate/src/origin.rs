//! Who or what set an expectation: cues in the words, in the order of the method's rules.

use groundswell_model::Origin;

use crate::families::Family;

/// What the words of a sentence hint at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Terms, warranty, contract, law.
    Contract,
    /// What it used to be.
    Past,
    /// What others say.
    Others,
    /// What the price suggests.
    Price,
    /// Blame: lies, fraud, lawyers.
    Blame,
}

/// The word beginnings of each mark.
pub(crate) const MARKS: [(Mark, &[&str]); 5] = [
    (
        Mark::Contract,
        &[
            "terms",
            "warrant",
            "policy",
            "policies",
            "contract",
            "guarantee",
            "by law",
            "legal",
            "vertrag",
            "garantie",
            "contrat",
            "contratto",
        ],
    ),
    (
        Mark::Past,
        &[
            "usually",
            "always",
            "last time",
            "used to",
            "in the past",
            "previous",
            "anymore",
            "any more",
            "normalerweise",
            "früher",
            "d'habitude",
        ],
    ),
    (
        Mark::Others,
        &[
            "friend",
            "reviews",
            "everyone says",
            "everybody says",
            "recommended",
            "reputation",
            "freunde",
            "avis",
        ],
    ),
    (
        Mark::Price,
        &["that price", "this price", "premium", "paid extra", "pay extra", "for the money", "that money"],
    ),
    (
        Mark::Blame,
        &[
            "your fault",
            "lied",
            "liar",
            "scam",
            "fraud",
            "stole",
            "theft",
            "lawyer",
            "solicitor",
            "sue",
            "criminal",
            "ombudsman",
            "incompeten",
            "disgrace",
        ],
    ),
];

/// Gives the origin of an unmet expectation from the families that fired and the marks of its sentence.
pub(crate) fn origin(families: &[Family], expected: &str, marks: &[Mark]) -> Origin {
    let promised = families.iter().any(|family| matches!(family, Family::CompanySaid | Family::SoldAs));
    let listed = families.contains(&Family::Supposed)
        && ["promised", "guaranteed", "listed", "described", "advertised"]
            .iter()
            .any(|word| expected.starts_with(word));
    let contract = marks.contains(&Mark::Contract);
    if contract && ["terms", "contract", "policy", "warrant"].iter().any(|word| expected.starts_with(word)) {
        Origin::ContractPolicy
    } else if promised || listed {
        Origin::CompanyPromise
    } else if contract {
        Origin::ContractPolicy
    } else if marks.contains(&Mark::Past) {
        Origin::PastExperience
    } else if marks.contains(&Mark::Others) {
        Origin::WordOfMouth
    } else if marks.contains(&Mark::Price)
        || families.contains(&Family::ForPrice)
        || families.contains(&Family::PaidFor)
    {
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
        let cues = crate::gaps::GapCues::new(&groundswell_model::JourneyMap::shipped().unwrap());
        for (families, text, origin_of) in [
            (&[Family::CompanySaid][..], "you promised two days", Origin::CompanyPromise),
            (&[Family::Never], "the warranty was never honoured", Origin::ContractPolicy),
            (&[Family::Negated], "it used to work, it does not any more", Origin::PastExperience),
            (&[Family::ExpectVerb], "after all those reviews i expected more", Origin::WordOfMouth),
            (&[Family::ForPrice], "for that price", Origin::PriceSignal),
            (&[Family::Late], "it came late", Origin::Norm),
        ] {
            let found = cues.find(&crate::fold::Folded::new(text).spaced);
            let marks: Vec<Mark> = found.marks.into_iter().map(|(mark, _)| mark).collect();
            assert_eq!(origin(families, "", &marks), origin_of, "{text}");
        }
    }
}
