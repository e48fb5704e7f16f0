//! Counter-cues: what shows that an expectation was met, only asked for, or only imagined.

use std::ops::Range;

use crate::clauses::Clause;
use crate::families::Family;
use crate::patterns::Hit;

/// What a counter-cue says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    /// As expected or better.
    Met,
    /// Better than expected, for languages without patterns.
    Exceeded,
    /// "I was afraid that": better than expected where a turn follows and nothing bad with it; for languages without patterns.
    Feared,
    /// "and they really are".
    Good,
    /// "if it had": nothing happened.
    Imagined,
    /// "can I move": a request.
    Asked,
    /// Thanks and praise.
    Praise,
}

/// The patterns of counter-cues, over folded bytes.
pub(crate) static COUNTERS: [(Counter, &str); 5] = [
    (
        Counter::Met,
        r"\b(?:(?:earlier|sooner|faster|better|quicker|easier|cheaper|more|nicer|higher) than (?:i |we |i had |we had |i was |originally )?(?:expected|promised|hoped|thought|expecting|anticipated|imagined)|(?:exactly |just )?as (?:described|promised|advertised|expected|pictured|stated|hoped)|exceed(?:ed|s|ing)|surpass(?:ed|es|ing)|no complaints?|nothing to (?:complain|fault|improve|change|add)|(?:nothing|no) (?:was|is|were) too much|no (?:problems?|issues?|trouble|difficult(?:y|ies)|delays?|faults?|hassle)|(?:lived|living) up to|can(?:'t|not) (?:really )?(?:fault|praise|thank|say anything (?:bad|negative|wrong)|recommend .{0,15}enough|say enough|complain|think of any|speak highly)|could(?:n't| not) (?:fault|have (?:managed|done (?:it|this)|coped|asked)|have been (?:better|nicer|kinder|more)|be (?:better|happier|more)|have asked|ask for|wish for|do (?:more|any better)|think of any)|above and beyond|never (?:a problem|too? much|had (?:a|any) (?:problem|issue)s?|let (?:me|us) down|fails? to|disappoint(?:s|ed)?)|without (?:a|any) (?:problem|issue|hitch|delay|fuss|trouble)s?|(?:not|nothing) (?:a lot|much|really|anything)(?: \w+)? (?:better|improve|else))\b",
    ),
    (
        Counter::Good,
        r"\b(?:but|and) (?:it |they |she |he |everything |all )?(?:took only|only took|just took|works? (?:great|fine|perfectly|well)|really (?:are|is|did|was|were)|loved|(?:was|were|is|are) (?:\w+ )?(?:great|fine|perfect|easy|excellent|lovely|wonderful|brilliant|fantastic|amazing))\b",
    ),
    (Counter::Imagined, r"\bif (?:it|i|they|we|you|he|she) had\b|\bi expect to\b"),
    (Counter::Asked, r"\b(?:do i need|can i (?:move|change|get|have|use|still|also)|could i (?:get|have))\b"),
    (
        Counter::Praise,
        r"\b(?:thank(?:s| you)|favou?rite|(?:highly|would|definitely|will) recommend|well packed|(?:never|not) had to wait|worth every|love (?:it|this|the|my|your|that|how)|(?:amazing|excellent|fantastic|brilliant|wonderful|perfect(?:ly)?|outstanding|superb|great|lovely))\b",
    ),
];

/// What became of the cues of a sentence.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The hits that hold.
    pub(crate) held: Vec<Hit>,
    /// The clause that says that an expectation was met.
    pub(crate) met: Option<Range<usize>>,
    /// True where "better than expected", "exceeded" and the like stand in it.
    pub(crate) exceeded: bool,
}

/// Weighs the cues of one folded sentence against its counter-cues.
pub(crate) fn weigh(
    (text, sentence): (&str, &Range<usize>),
    clauses: &[Clause],
    hits: &[Hit],
    counters: &[(Counter, usize, usize)],
    tone: f32,
) -> Verdict {
    let part = text.get(sentence.clone()).unwrap_or("");
    let mut out = Verdict { held: hits.to_vec(), ..Verdict::default() };
    for &(counter, start, end) in counters {
        match counter {
            Counter::Met | Counter::Exceeded
                if denied(text, start)
                    || hits
                        .iter()
                        .any(|hit| hit.family == Family::Unlike && hit.end > start && hit.start < end) =>
            {
                if !out.held.iter().any(|hit| hit.family == Family::Unlike)
                    && text.get(start..end).is_some_and(compares)
                {
                    out.held.push(Hit { family: Family::Unlike, start, end });
                }
            }
            Counter::Met | Counter::Exceeded => {
                let words = text.get(start..end).unwrap_or("");
                out.met =
                    clauses.iter().find(|clause| clause.range.end > start).map(|clause| clause.range.clone());
                out.exceeded |= counter == Counter::Exceeded
                    || words.contains("than")
                    || words.contains("exceed")
                    || words.contains("surpass")
                    || words.contains("beyond");
                cancel(&mut out.held, clauses, start, |hit, segment, clause| {
                    clause || (segment && hit.family.is_weak())
                });
            }
            Counter::Good => {
                cancel(&mut out.held, clauses, start, |hit, _, clause| clause || hit.family.is_weak())
            }
            Counter::Feared => relieve(&mut out, clauses, hits, end),
            Counter::Imagined => out.held.clear(),
            Counter::Asked => out.held.retain(|hit| !hit.family.is_weak()),
            Counter::Praise if tone >= 0.0 => {
                cancel(&mut out.held, clauses, start, |hit, segment, clause| {
                    (clause || segment) && hit.family.is_weak()
                });
            }
            Counter::Praise => {}
        }
    }
    if says_nothing(part) {
        out.held.clear();
    }
    if asks(part) && tone > -2.5 {
        out.held.retain(|hit| {
            matches!(hit.family, Family::StillNot | Family::Treatment | Family::Consent | Family::Why)
        });
    }
    out
}

/// Drops hits that `goes` says, by whether they stand in the counter's segment (between contrasts) and in its clause.
fn cancel(held: &mut Vec<Hit>, clauses: &[Clause], at: usize, goes: impl Fn(&Hit, bool, bool) -> bool) {
    let place = |at: usize| {
        let clause = clauses.partition_point(|clause| clause.range.start <= at).saturating_sub(1);
        let segment = clauses.get(clause).map_or(0, |clause| clause.segment);
        (clause, segment)
    };
    let (clause, segment) = place(at);
    held.retain(|hit| {
        let (its_clause, its_segment) = place(hit.start);
        !goes(hit, its_segment == segment, its_clause == clause)
    });
}

/// Turns a fear that did not come true into an exceeded expectation: behind it a turn follows, and nothing bad with it.
fn relieve(out: &mut Verdict, clauses: &[Clause], hits: &[Hit], end: usize) {
    let Some(turn) = clauses.iter().find(|clause| clause.contrast && clause.range.start > end) else {
        return;
    };
    let bad =
        |hit: &Hit| hit.start >= turn.range.start && !hit.family.is_weak() && hit.family != Family::Duration;
    if !hits.iter().any(bad) {
        out.met = Some(turn.range.clone());
        out.exceeded = true;
        out.held.clear();
    }
}

/// Says whether a cue compares with what was said: "as described".
fn compares(cue: &str) -> bool {
    ["as ", "wie ", "comme ", "como ", "come ", "zoals ", "conform"].iter().any(|word| cue.contains(word))
}

/// Says whether a "not" or "never" stands right before.
fn denied(text: &str, start: usize) -> bool {
    let from = (start.saturating_sub(12)..=start).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
    let before = text.get(from..start).unwrap_or("").trim_end();
    let last = before.rsplit(' ').next().unwrap_or("");
    NEGATORS.contains(&last)
        || (["not", "n't", "never", "nowhere near", "nt"].iter().any(|word| before.ends_with(word))
            && !before.ends_with("ent"))
}

/// Words of other languages that deny what follows.
const NEGATORS: [&str; 10] =
    ["nicht", "keineswegs", "pas", "no", "non", "niet", "geenszins", "não", "nao", "nunca"];

/// Says whether a folded sentence is no more than "Nothing at all." or "Don't know".
fn says_nothing(sentence: &str) -> bool {
    let mut words = sentence
        .split(|sign: char| !(sign.is_alphanumeric() || sign == '\''))
        .filter(|word| !word.is_empty());
    let opens = matches!(
        words.next().unwrap_or(""),
        "nothing"
            | "none"
            | "no"
            | "not"
            | "absolutely"
            | "nope"
            | "nil"
            | "honestly"
            | "don't"
            | "dont"
            | "nichts"
            | "rien"
            | "nada"
            | "niente"
            | "niets"
    );
    opens
        && words.take(5).count() <= 3
        && [
            "nothing", "none", "know", "sure", "a lot", "not much", "nope", "nil", "nichts", "rien", "nada",
            "niente", "niets",
        ]
        .iter()
        .any(|word| sentence.contains(word))
        && !["work", "fix", "happen", "change", "arriv", "came", "still", "reply", "answer"]
            .iter()
            .any(|word| sentence.contains(word))
}

/// Words that open a question.
const ASKING: [&str; 83] = [
    "how", "what", "when", "where", "should", "can", "could", "do", "does", "is", "are", "will", "may",
    "which", "who", "would", // de
    "wann", "wie", "wo", "was", "welche", "welcher", "welches", "muss", "müssen", "kann", "können", "soll",
    "darf", "gibt", "haben", "hat", // fr
    "à", "combien", "quand", "où", "quel", "quelle", "quels", "dois", "puis", "peut", "est",
    "comment", // es
    "cuándo", "cuánto", "cuánta", "dónde", "qué", "cómo", "tengo", "puedo", "hay", "cuál",
    "tienen", // it
    "quando", "quanto", "quanta", "dove", "come", "che", "devo", "posso", "quale", "avete", "c", // nl
    "hoe", "wanneer", "waar", "wat", "moet", "kan", "mag", "welke", "hebben", "zijn", // pt
    "onde", "como", "que", "tenho", "há", "qual", "quanta",
];

/// Says whether a folded sentence is an open question.
fn asks(sentence: &str) -> bool {
    sentence.trim_end().ends_with('?')
        && sentence
            .split(|sign: char| !sign.is_alphanumeric())
            .find(|word| !word.is_empty())
            .is_some_and(|first| ASKING.contains(&first))
}
