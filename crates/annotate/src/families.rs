//! The families of expectation cues: what each matches, how much it speaks for an unmet expectation, and its gap types.
//!
//! Weights are log-odds. They start from the precision of each family on public complaint posts (Preotiuc-Pietro, Gaman
//! and Aletras 2019), smoothed, and are lowered for families that praise uses as well.

use groundswell_model::GapType;

use GapType::{
    AccuracyBilling, AvailabilityAccess, Completeness, CourtesyEmpathy, EaseEffort, HonestyPromise,
    PolicyFairness, QualityDefect, ResponsivenessFollowup, Timeliness, ValuePrice,
};

/// A family of cues. Explicit ones hold the expectation in words, implied ones only what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// "I expected, thought, hoped": counts only with a contrast or a bad turn behind it.
    ExpectVerb,
    /// "was supposed to".
    Supposed,
    /// "should have".
    Should,
    /// "you said".
    CompanySaid,
    /// "advertised as".
    SoldAs,
    /// "nothing like what".
    Unlike,
    /// "instead of".
    Instead,
    /// "paid for".
    PaidFor,
    /// "for that price".
    ForPrice,
    /// "at least".
    AtLeast,
    /// "ordered this and received that".
    OrderedGot,
    /// "still waiting".
    StillNot,
    /// "nobody, never, without".
    Never,
    /// "three weeks".
    Duration,
    /// "again, every time".
    Repeat,
    /// "cannot, refused".
    Cannot,
    /// "broken, crashes".
    Broken,
    /// "missing, half of".
    Missing,
    /// "wrong, billed twice".
    Wrong,
    /// "had to call".
    Effort,
    /// "rude, hung up".
    Treatment,
    /// "rip-off".
    Value,
    /// "without asking".
    Consent,
    /// "late, on hold".
    Late,
    /// "why is, how come".
    Why,
    /// "did not work".
    Negated,
    /// "please improve, could be better".
    Wish,
    /// "not enough, lack of, too small".
    Lack,
    /// "lost, cancelled, lied, scam".
    Harm,
    /// "problem, issue, fails".
    Trouble,
}

/// What the annotator knows about a family.
pub(crate) struct Row {
    pub(crate) family: Family,
    /// Short code, as in the lexicons.
    pub(crate) code: &'static str,
    /// Regular expression over folded bytes, ASCII word boundaries.
    pub(crate) pattern: &'static str,
    /// A cheaper one that matches in every text that `pattern` is looked for in; empty where there is none.
    pub(crate) sieve: &'static str,
    /// Log-odds that it adds.
    pub(crate) weight: f32,
    /// Gap types that it speaks for.
    pub(crate) gaps: &'static [(GapType, f32)],
}

impl Family {
    /// Says whether the expectation stands in the words.
    pub(crate) fn is_explicit(self) -> bool {
        self <= Self::OrderedGot
    }

    /// Says whether praise uses it as often as blame, so that thanks and questions cancel it.
    pub(crate) fn is_weak(self) -> bool {
        matches!(
            self,
            Self::Never
                | Self::Duration
                | Self::Repeat
                | Self::Cannot
                | Self::Should
                | Self::AtLeast
                | Self::Instead
                | Self::PaidFor
                | Self::ExpectVerb
                | Self::Supposed
                | Self::CompanySaid
                | Self::Negated
                | Self::Effort
                | Self::Wish
                | Self::Trouble
        )
    }

    pub(crate) fn row(self) -> Option<&'static Row> {
        FAMILIES.get(self as usize)
    }

    pub(crate) fn weight(self) -> f32 {
        self.row().map_or(0.0, |row| row.weight)
    }
}

const fn row(
    family: Family,
    code: &'static str,
    weight: f32,
    gaps: &'static [(GapType, f32)],
    pattern: &'static str,
) -> Row {
    Row { family, code, pattern, sieve: "", weight, gaps }
}

impl Row {
    /// The same row with a sieve.
    const fn behind(self, sieve: &'static str) -> Self {
        Self { sieve, ..self }
    }
}

/// Every family, in the order of [`Family`].
pub(crate) static FAMILIES: [Row; 30] = [
    row(
        Family::ExpectVerb,
        "E1",
        2.6,
        &[],
        r"\b(?:i|we|you|one)(?:'d| had| have| was| were| am| would)? *(?:really |fully |only |just |also |still |at least )?(?:expect(?:ed|ing)?|anticipat(?:ed|ing)|hop(?:ed|ing|e)|assum(?:ed|ing)|thought|figured|counted on|think|understood)\b",
    )
    .behind(r"\b(?:expect|anticipat|hop(?:ed|ing|e)|assum|thought|figured|counted on|think|understood)"),
    row(
        Family::Supposed,
        "E2",
        3.6,
        &[(HonestyPromise, 0.2)],
        r"\b(?:was|were|is|are|am|'s|been) +(?:also |only |clearly )?(?:supposed|meant|due|scheduled|promised|guaranteed|listed|described|advertised)\b|\b(?:was|were) going to\b"),
    row(
        Family::Should,
        "E3",
        2.4,
        &[],
        r"\bshould(?:n't| not)? (?:have|be|get|contain|come|work|include|arrive|take|cost)\b|\bought to\b"),
    row(
        Family::CompanySaid,
        "E4",
        2.5,
        &[(HonestyPromise, 0.7)],
        r"\b(?:said|says|swore|told|agreed on|lets me|lists|covers|promis(?:e|ed|es)|guarante(?:e|ed|es)|assur(?:e|ed|es)|quoted|advertised?|states?|stated|confirmed|mention(?:s|ed)?|give me|claim(?:s|ed)?|advised|informed)\b"),
    row(
        Family::SoldAs,
        "E5",
        3.2,
        &[(HonestyPromise, 1.4)],
        r"\b(?:advertised|described|marketed|listed|sold|billed|pictured) (?:to (?:me|us) )?as\b"),
    row(
        Family::Unlike,
        "E6",
        3.3,
        &[(HonestyPromise, 1.6)],
        r"\b(?:nothing like|not (?:at all )?(?:as|like)|far from|different from|unlike) (?:what|the|as|how|in)\b|\bnot (?:at all )?as (?:described|advertised|promised|pictured|expected|shown|stated|good|nice|big)\b"),
    row(Family::Instead, "E7", 2.3, &[], r"\binstead(?: of)?\b|\brather than\b"),
    row(
        Family::PaidFor,
        "E8",
        2.3,
        &[(ValuePrice, 1.2)],
        r"\bpa(?:id|y|ying) (?:\w+ ){0,2}for\b",
    )
    .behind(r"\bpa(?:id|y|ying) "),
    row(
        Family::ForPrice,
        "E9",
        3.0,
        &[(ValuePrice, 1.8)],
        r"\bfor (?:a premium|(?:th(?:at|is|e)|such a) (?:high )?(?:price|money|amount|cost|fee))\b"),
    row(Family::AtLeast, "E10", 1.6, &[], r"\b(?:at (?:the very )?least|the least)\b"),
    row(
        Family::OrderedGot,
        "E11",
        3.3,
        &[(AccuracyBilling, 1.2)],
        r"\b(?:ordered|asked for|chose|picked|selected|booked|requested)\b[^.;!?]{3,60}?\b(?:received|got|came|arrived|sent|printed|given|put)\b",
    )
    .behind(r"\b(?:ordered|asked for|chose|picked|selected|booked|requested)\b"),
    row(
        Family::StillNot,
        "I1",
        4.3,
        &[(Timeliness, 0.9), (ResponsivenessFollowup, 0.4)],
        r"\bstill (?:no|not|have(?:n't| not)|has(?:n't| not)|had(?:n't| not|) no|waiting|wait|await(?:ing)?|is(?:n't| not)|are(?:n't| not)|can(?:'t|not)|do(?:es)?(?:n't| not)|did(?:n't| not)|won't|nothing|missing|broken|down|pending)\b|\b(?:has|have|had)(?:n't| not) (?:yet )?(?:arrived|received|come|been (?:fixed|refunded|delivered|resolved|credited))\b"),
    row(
        Family::Never,
        "I2",
        3.05,
        &[(ResponsivenessFollowup, 0.3)],
        r"\b(?:nobody|no one|noone|never|not one|nothing|nowhere|without)\b"),
    row(
        Family::Duration,
        "I3",
        2.75,
        &[(Timeliness, 1.0)],
        r"\b(?:min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|years?)\b"),
    row(
        Family::Repeat,
        "I4",
        3.2,
        &[(EaseEffort, 0.5)],
        r"\b(?:again|twice|every (?:single )?time|(?:second|third|fourth|\d+(?:nd|rd|th)) time|keeps? \w+ing|over and over|four different|(?:three|four|several|many|multiple) (?:emails|calls|times)|constantly|repeatedly)\b"),
    row(
        Family::Cannot,
        "I5",
        3.3,
        &[(AvailabilityAccess, 0.9)],
        r"\b(?:can(?:'t|not| not)|cant|could(?:n't| not)|unable to|impossible|no way to|refus(?:e|ed|es|ing|al)|not (?:possible|allowed|able)|unavailable|denied|declined)\b"),
    row(
        Family::Broken,
        "I6",
        3.8,
        &[(QualityDefect, 1.6)],
        r"\b(?:broke(?:n)?|crack(?:ed|s)?|snapp?(?:ed|s)|crash(?:es|ed|ing)?|dead|dent(?:ed|s)?|leak(?:s|ing|ed|y)?|stopp?ed working|killed|faulty|defect(?:ive|s)?|frozen|freez(?:es?|ing)|too hot|overheat(?:s|ed|ing)?|damaged|malfunction\w*|flicker\w*|glitch\w*|peel(?:s|ed|ing))\b"),
    row(
        Family::Missing,
        "I7",
        3.5,
        &[(Completeness, 2.0)],
        r"\b(?:missing|incomplete|leaves? out|left out|half of|short by|(?:does|did|do) not exist|doesn't exist|not included|half empty)\b"),
    row(
        Family::Wrong,
        "I8",
        3.6,
        &[(AccuracyBilling, 1.6)],
        r"\b(?:wrong(?:ly)?|incorrect(?:ly)?|inaccurate|billed twice|charged twice|double[- ](?:charged|billed)|overcharged|not mine|another customer'?s|someone else'?s|different (?:answers?|story|stories|information)|mistakes?|errors?|mix(?:ed)?[- ]up)\b"),
    row(
        Family::Effort,
        "I9",
        3.3,
        &[(EaseEffort, 1.6)],
        r"\b(?:had|have|having) to (?:\w+ )?(?:call|phone|ring|explain|repeat|drive|chase|send|write|go|wait|keep|email|contact|pay|travel|try)\b|\bexplain (?:\w+ )?(?:the same|again)\b|\bthrows everything away\b|\b(?:chas(?:e|ing)|confusing|complicated|hassle|difficult to|hard to)\b"),
    row(
        Family::Treatment,
        "I10",
        4.0,
        &[(CourtesyEmpathy, 2.2)],
        r"\b(?:rude(?:ly|ness)?|dismissive|hung up|ignor(?:ed|es|ing)|rolled (?:his|her|their) eyes|laughed at|talked down|shout(?:ed|ing)|grabbed|patroni[sz]ing|condescending|disrespect\w*|unprofessional|unhelpful|impolite|abrupt|arrogant|discourteous)\b"),
    row(
        Family::Value,
        "I11",
        3.6,
        &[(ValuePrice, 2.0)],
        r"\b(?:not worth|waste of (?:\w+ )?(?:money|time)|rip[- ]?off|ripped off|overpriced|over priced|(?:is|was|are|what|such) a joke|costs? more than|too expensive|money back|poor value)\b"),
    row(
        Family::Consent,
        "I12",
        4.2,
        &[(PolicyFairness, 2.0)],
        r"\bwithout (?:\w+ )?(?:asking|telling|notice|consent|permission|warning|anyone|authori[sz]ation|knowledge|explanation|my)\b"),
    row(
        Family::Late,
        "I13",
        3.7,
        &[(Timeliness, 2.0)],
        r"\b(?:late|delay(?:s|ed|ing)?|overdue|behind schedule|too long|so long|forever|ages|slow(?:ly)?)\b|\bon hold\b"),
    row(
        Family::Why,
        "A1",
        2.7,
        &[],
        r"\bwhy (?:is|are|was|were|do|does|did|can't|cannot|won't|don't|doesn't|isn't|hasn't|haven't|have|has|would|am|the|i|my|not)\b|\bhow come\b|\bwhat(?:'s| is| has)? (?:wrong|happened)\b|\bwhere(?:'s| is| are) my\b|\bhow (?:can|could|do|is it possible)\b.{0,20}\byou\b"),
    row(
        Family::Negated,
        "A2",
        3.0,
        &[(QualityDefect, 0.6)],
        r"\b(?:did|does|do|is|are|was|were|has|have|had|will|would)(?:n't| not|nt) (?:\w+ ){0,2}?(?:work|working|arrive|arrived|receive|received|get|come|came|open|load|let|allow|help|helped|respond|responded|answer|answered|reply|replied|call|called|show|turn|fit|last|connect|start|charge|send|sent|give|given|told|explain|explained|listen|listened|honou?r|deliver|delivered|happen|refund|refunded|care|understand|enough|available|clear|good|clean|ready|properly|happy|able|fixed|resolved|done)\b|\bwon't (?:\w+ )?\w+\b"),
    row(
        Family::Wish,
        "A3",
        3.3,
        &[],
        r"(?:^|[.!?;] )\W*(?:more|better|shorter|quicker|faster|longer|bigger|larger|less|fewer|improve|improved|improvement|reduce|increase|provide|offer|stop|bring back|make it|make the|make sure|fix|add|ensure|employ|hire|train|communicate|listen (?:to|more)|have (?:more|a|better)|give (?:us|more|better|people|patients|customers)|be more|try to|let (?:us|people)|keep (?:us|to|the)|answer the|allow)\b|\b(?:please (?:fix|improve|add|stop|bring|change|make|sort|help|let)|could(?: have)? (?:be|been|do|have) \w*(?:better|more|quicker|faster|clearer|improved|easier|less|sooner|longer|warmer|cleaner|shorter)|(?:i|we)(?:'d| would)? (?:just |also |only |really )?(?:wish|like to see|like more|prefer(?:red)?|appreciate (?:if|more|a))|would (?:be|have been) (?:\w+ )?(?:nice|good|great|better|helpful|useful|beneficial|easier|appreciated|quicker|clearer|perfect)|would (?:have )?(?:liked?|help(?:ed)?|benefit|make it|improve)|needs? (?:to be |to have |to |more |a |some |better |an |updat|improv|fix)|pay (?:\w+ ){1,3}more|short (?:staff|of staff)|if only|room for improvement|(?:be|been|bit|little|much|lot) (?:\w+ )?(?:clearer|quicker|sooner|earlier|faster|easier|shorter|warmer|quieter|cheaper|bigger)|(?:fix|improve|change|update) (?:this|it|the|your)|bring back)\b"),
    row(
        Family::Lack,
        "A4",
        3.0,
        &[],
        r"\b(?:lack(?:s|ed|ing)?|not enough|isn't enough|too (?:small|big|large|cold|hot|loud|noisy|short|long|few|much|many|quick|early|busy|complicated|slow|expensive|difficult|hard|far|little|tight|thin|weak|salty|dark|heavy)|limited|insufficient|inadequate|no (?:help|response|reply|answer|explanation|communication|information|record|sign|luck|refund|apology|way|option|parking|contact|support|signal|service|reason|idea|longer|access|follow[- ]up|heating|wifi|water|charger|signs?|staff|care)|only (?:one|two|a few|had))\b"),
    row(
        Family::Harm,
        "A5",
        3.4,
        &[],
        r"\b(?:lost|cancell?ed|lied|lies|lying|scam(?:med|mers?)?|fraud(?:ulent(?:ly)?)?|stole(?:n)?|misl(?:ed|eading)|decepti(?:ve|on)|unauthori[sz]ed|harass(?:ed|ing|ment)?|threaten(?:ed|ing)?|hack(?:ed|ers?)?|breach|disconnected|stranded|unacceptable|outage|fell (?:off|apart)|ruined|worse than|violat\w+|illegal(?:ly)?|disput(?:e|ed|ing)|reject(?:ed|s)?|messed up|screwed|danger(?:ous)?|hazard(?:ous)?|unsafe|burn(?:ed|t|s)|injur(?:ed|y|ies)|electric shock|caught fire|unfair(?:ly)?|not fair|clueless|incompeten(?:t|ce)|unqualified|untrained|no idea|discriminat\w+)\b"),
    row(
        Family::Trouble,
        "A6",
        2.6,
        &[(QualityDefect, 0.4)],
        r"\b(?:problems?|issues?|trouble|fail(?:s|ed|ing|ure)?|bugs?|buggy|complain(?:t|ts|ed|ing)?|unfortunately|annoying|frustrat(?:ed|ing|ion)|disappoint(?:ed|ing|ment|s)?|let down|poorly|struggl(?:e|ed|ing)|fix)\b"),
];

/// Finds a family by its code.
pub(crate) fn by_code(code: &str) -> Option<Family> {
    FAMILIES.iter().find(|row| row.code == code).map(|row| row.family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_families() {
        for (index, row) in FAMILIES.iter().enumerate() {
            assert_eq!(row.family as usize, index);
            assert_eq!(by_code(row.code), Some(row.family));
            assert!(row.weight > 0.0 && !row.pattern.is_empty());
        }
    }
}
