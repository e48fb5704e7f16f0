//! Systemic issues for a terminal: the list, and one of them.

use std::fmt::Write;

use groundswell_model::{IssueState, Pattern, Verdict};
use groundswell_steps::issues::{AtRisk, Happening, IssueDetail, IssueRow, Span, TrendDay, What};

use crate::commands::grouped;

/// Days of a trend on one line.
const WEEK: usize = 7;

/// Writes the list.
pub fn issues(rows: &[IssueRow]) -> String {
    if rows.is_empty() {
        return "No systemic issue is known. One is found when a gap departs from its baseline, or is always bad, and \
                enough people say so; 28 days of feedback are needed first. `groundswell issues list --all` shows what \
                was seen and not confirmed.\n"
            .to_owned();
    }
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = list(&mut out, rows);
    out
}

/// Writes the issues of a report, numbered nowhere: their identity is what one acts on.
pub(super) fn list(out: &mut String, rows: &[IssueRow]) -> std::fmt::Result {
    for row in rows {
        head(out, row)?;
        let quote = row.quotes.first();
        if let Some(quote) = quote {
            writeln!(out, "    “{}” ({}, {})", quote.text, quote.kind, quote.day)?;
        }
    }
    Ok(())
}

fn head(out: &mut String, row: &IssueRow) -> std::fmt::Result {
    writeln!(
        out,
        "\n  {}  {} since {}, {}",
        row.id,
        match row.pattern {
            Pattern::Rising => "rising",
            Pattern::Standing => "standing",
        },
        row.since,
        state(row.state)
    )?;
    writeln!(
        out,
        "    {} people, {:.1} ({:.1} to {:.1}) per 1,000 {} a day [{}]{}",
        grouped(row.people),
        row.per_thousand,
        row.rate_interval[0],
        row.rate_interval[1],
        row.exposure,
        row.kinds.join(", "),
        row.owner.as_ref().map(|owner| format!("; owner {owner}")).unwrap_or_default()
    )?;
    writeln!(out, "    {}", because(row))?;
    about_lines(row).iter().try_for_each(|line| writeln!(out, "    {line}"))?;
    if let Some(price) = &row.revenue_at_risk {
        writeln!(out, "    at risk: {}", at_risk(price))?;
    }
    let Some(fix) = &row.fix else { return Ok(()) };
    write!(out, "    fix on {}: {}", fix.on, fix.what)?;
    match fix.verdict {
        None => writeln!(out, "; it was not looked at yet"),
        Some(verdict) => writeln!(out, "; {}", found(verdict)),
    }
}

/// Who or what set an expectation, in words.
fn origin_words(code: &str) -> &str {
    match code {
        "company_promise" => "the company's promise",
        "contract_policy" => "contract or policy",
        "past_experience" => "earlier experience",
        "word_of_mouth" => "word of mouth",
        "price_signal" => "the price",
        other => other,
    }
}

/// Who set the expectation, and where it is told more than elsewhere, in words.
pub(super) fn about_lines(row: &IssueRow) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(customers) = row.customers.filter(|_| row.place.is_none()) {
        let share = 1000.0 * row.people as f64 / customers as f64;
        lines.push(format!("{share:.1} of 1,000 of the {} customers on record", grouped(customers)));
    }
    let told: Vec<_> = row.origins.iter().filter(|origin| origin.origin != "norm").take(3).collect();
    if !told.is_empty() {
        let told: Vec<String> = told
            .iter()
            .map(|origin| {
                let (who, share) = (origin_words(&origin.origin), origin.share);
                format!("{who} {share:.0} % ({:.0} to {:.0})", origin.low, origin.high)
            })
            .collect();
        lines.push(format!("who set the expectation, where it is said: {}", told.join(", ")));
    }
    if !row.places.is_empty() {
        let places: Vec<String> = row
            .places
            .iter()
            .map(|place| {
                let value = place.value.replace('_', " ");
                let (family, ratio) = (&place.family, place.ratio);
                format!("{family} {value} ({ratio:.1} times as often, {:.1} to {:.1})", place.low, place.high)
            })
            .collect();
        lines.push(format!("where it concentrates: {}", places.join("; ")));
    }
    lines
}

fn because(row: &IssueRow) -> String {
    let because = &row.because;
    let mut text = match row.pattern {
        Pattern::Rising => format!(
            "found on {}: {} people in seven days where {:.1} were expected (chance {:.1e})",
            row.detected,
            grouped(because.people),
            because.expected,
            because.p
        ),
        Pattern::Standing => format!(
            "found on {}: always above {:.1} per 1,000, where the worst tenth of its stage begins",
            row.detected, because.threshold
        ),
    };
    if row.corroborated {
        let _ = write!(text, "; corroborated: {} agree, none shows it alone", listed(&row.agreeing));
    } else if row.agreeing.len() > 1 {
        let _ = write!(text, "; {} agree", listed(&row.agreeing));
    }
    text
}

/// Joins names as a sentence does.
pub(super) fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Says a state in words.
pub(super) fn state(state: IssueState) -> &'static str {
    match state {
        IssueState::Detected => "seen, not confirmed",
        IssueState::Confirmed => "confirmed, nobody owns it",
        IssueState::Assigned => "somebody is at it",
        IssueState::FixShipped => "a fix is on its way",
        IssueState::Verifying => "the fix is being looked at",
        IssueState::Resolved => "resolved",
        IssueState::Improved => "improved, not resolved",
        IssueState::NotResolved => "the fix did not help",
        IssueState::Regressed => "it came back",
        IssueState::Closed => "closed",
    }
}

pub(super) fn found(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TooEarly => "too early to say",
        Verdict::Resolved => "it worked",
        Verdict::Improved => "it helped, and not enough",
        Verdict::NotResolved => "it did not help",
        Verdict::Undecided => "nothing can be said yet",
        Verdict::Regressed => "it worked, and the issue came back",
        Verdict::ChannelQuiet => "people went quiet altogether, so fewer voices say nothing",
    }
}

/// Writes one issue with everything that is known of it.
pub fn issue(detail: &IssueDetail) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = whole(&mut out, detail);
    out
}

fn whole(out: &mut String, detail: &IssueDetail) -> std::fmt::Result {
    head(out, &detail.row)?;
    if let Some(fix) = &detail.row.fix
        && let (Some(halved), Some([before, during, after])) = (fix.halved, fix.counts)
    {
        let rate = |[people, heard]: [u64; 2]| format!("{people} of {heard}");
        writeln!(
            out,
            "    people of those heard, by day: {} before, {} while it lasted, {} after; the rate is under half with probability {halved:.2}",
            rate(before),
            rate(during),
            rate(after)
        )?;
    }
    if let Some(price) = &detail.row.revenue_at_risk {
        behind(out, price)?;
    }
    if !detail.row.quotes.is_empty() {
        writeln!(out, "\nIn their words")?;
    }
    for quote in &detail.row.quotes {
        writeln!(out, "  “{}” ({}, {})", quote.text, quote.kind, quote.day)?;
        for (name, words) in [("expected", &quote.expected), ("happened", &quote.happened)] {
            if let Some(words) = words {
                writeln!(out, "     {name}: {words}")?;
            }
        }
    }
    trend(out, &detail.trend)?;
    writeln!(out, "\nWhat happened")?;
    detail.history.iter().try_for_each(|entry| writeln!(out, "  {}", line(entry)))
}

/// Says what is at risk, never a point alone.
pub(super) fn at_risk(price: &AtRisk) -> String {
    let range = |span: &Span| format!("{:.0} to {:.0}", span.low, span.high);
    let lost = format!("{} customers", range(&price.customers_lost));
    match (&price.revenue, &price.currency) {
        (Some(revenue), Some(currency)) => format!(
            "{currency} {} to {} in {:.1} years, {lost} (nine of ten draws; it rests on assumptions)",
            money(revenue.low),
            money(revenue.high),
            price.years.unwrap_or(0.0)
        ),
        _ => format!("{lost} (nine of ten draws; it rests on assumptions, and no customer has a value)"),
    }
}

/// Money without false precision: three digits.
fn money(amount: f64) -> String {
    let unit = 10_f64.powf((amount.max(1.0).log10().floor() - 2.0).max(0.0));
    grouped(((amount / unit).round() * unit) as u64)
}

/// What the price rests on, and what could be done.
fn behind(out: &mut String, price: &AtRisk) -> std::fmt::Result {
    writeln!(
        out,
        "\nWhat it costs: {} said it; {:.0} to {:.0} customers have the problem; {:.0} to {:.0} never come because somebody told them",
        grouped(price.complainants),
        price.affected.low,
        price.affected.high,
        price.deterred.low,
        price.deterred.high
    )?;
    for lever in &price.levers {
        writeln!(out, "  {}: keeps {:.0} to {:.0} customers", lever.what, lever.kept.low, lever.kept.high)?;
    }
    let movers: Vec<_> = price.sensitivity.iter().map(|mover| mover.quantity.clone()).collect();
    writeln!(
        out,
        "  measure first: {}; `groundswell assumptions` shows and changes what it rests on",
        movers.join(", ")
    )?;
    price.warning.iter().try_for_each(|warning| writeln!(out, "  {warning}"))
}

/// Weeks as bars: people who said it, those expected, those heard at all.
fn trend(out: &mut String, days: &[TrendDay]) -> std::fmt::Result {
    let weeks: Vec<_> = days.rchunks(WEEK).rev().collect();
    let people = |week: &[TrendDay]| week.iter().map(|day| day.people).sum::<u32>();
    let most = weeks.iter().map(|week| people(week)).max().unwrap_or(0).max(1);
    writeln!(out, "\nWeek by week: people who said it, expected, heard at all (person-days)")?;
    for week in weeks {
        let Some(first) = week.first() else { continue };
        let known: Vec<f64> = week.iter().filter_map(|day| day.expected).collect();
        let expected =
            if known.is_empty() { "·".to_owned() } else { format!("{:.1}", known.iter().sum::<f64>()) };
        let heard: u32 = week.iter().map(|day| day.heard).sum();
        let bar = "█".repeat((40 * people(week)).div_ceil(most) as usize);
        let line =
            format!("  {} {:>5} {expected:>7} {:>7}  {bar}", first.day, people(week), grouped(heard.into()));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn line(entry: &Happening) -> String {
    let what = match &entry.what {
        What::Detected { state: IssueState::Detected, people, expected, .. } => {
            format!("seen: {people} people in seven days, {expected:.1} expected")
        }
        What::Detected { state, people, expected, pattern } => {
            format!("{state} as {pattern}: {people} people in seven days, {expected:.1} expected")
        }
        What::Verified { verdict } => format!("the fix was looked at: {}", found(*verdict)),
        What::Assigned { owner } => format!("assigned to {owner}"),
        What::Noted { note } => format!("note: {note}"),
        What::FixDeclared { on, what } => format!("fix declared for {on}: {what}"),
        What::Told { people } => format!("{} people were told", grouped(*people)),
        What::Closed => "closed".to_owned(),
        What::Reopened => "reopened".to_owned(),
    };
    let reason = entry.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}  {what}, by {}{reason}", entry.day, entry.actor)
}
