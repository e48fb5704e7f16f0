//! The demo's report against the truth of the demo: planted gaps show at their stages, decoys do not lead. Slow: it runs
//! the whole demo in process, against the built program.

use std::time::Instant;

use groundswell::demo::{Demo, DemoRecord, DemoSettings, generate};
use groundswell::engine::Shared;
use groundswell_log::{Append, Header, partition_for};
use groundswell_model::{Day, Decision, IssueState, Pattern};
use groundswell_server::{Deed, Installation, ThemeQuery};
use groundswell_steps::decided::themes::ThemeRow;
use groundswell_steps::envelope;
use groundswell_steps::issues::IssueRow;
use groundswell_steps::report::{MatrixCell, Report};
use groundswell_tests::{House, PATIENCE};

/// What `groundswell demo` generates by default.
const SETTINGS: (u64, &str, u32, f64) = (7, "2026-01-05", 90, 1.0);
/// Records of one transaction.
const CHUNK: usize = 1_000;
/// The largest theme about a planted thing has at least this share of as many people, and all of them this one.
const LARGEST: f64 = 0.15;
const THEMED: f64 = 0.3;
/// A planted gap's cell holds at least this share of its people.
const SHARE: f64 = 0.45;

#[test]
fn the_report_shows_what_was_planted_and_no_decoy_leads() {
    let (seed, start, days, scale) = SETTINGS;
    let demo = generate(&DemoSettings { seed, start: start.parse().unwrap(), days, scale });
    let house = House::new("truth");
    let begun = Instant::now();
    house.visit(|shared| append(shared, &demo.records));
    let (report, counts, list) = house.visit(|shared| {
        assert!(shared.await_judged(Instant::now() + PATIENCE).unwrap(), "the demo was not judged");
        declare_fix(shared, &demo);
        let list = shared.themes(&ThemeQuery::default()).unwrap().themes;
        (shared.report(None, None, None).unwrap(), shared.counts().unwrap(), list)
    });
    println!("{} records in {:.1} s", demo.records.len(), begun.elapsed().as_secs_f64());
    show(&report, &demo);
    assert!(counts.holds, "{:?}", counts.faults);
    let dead: u64 = counts.pipelines.values().map(|row| row.dead_letters).sum();
    assert_eq!(dead, demo.truth.counts.broken, "dead letters");

    let mut faults = Vec::new();
    heard(&report, &demo, &mut faults);
    planted(&report, &demo, &mut faults);
    decoys(&report, &demo, &mut faults);
    exceeded(&report, &demo, &mut faults);
    issues(&report, &demo, &mut faults);
    themes(&list, &demo, &mut faults);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn append(shared: &Shared, records: &[DemoRecord]) {
    let text = |name: &str, value: String| Header { name: name.to_owned(), value: value.into_bytes() };
    let raw = |record: &DemoRecord| {
        let mut headers = vec![
            text(envelope::PIPELINE, record.pipeline.to_owned()),
            text(envelope::RECEIVED_AT, record.received_at.to_string()),
        ];
        let columns = record.columns.iter();
        headers.extend(columns.map(|names| text(envelope::COLUMNS, serde_json::json!(names).to_string())));
        Append {
            topic: shared.topics.raw.clone(),
            partition: partition_for(&record.bytes, shared.config.log.partitions),
            timestamp_ms: shared.clock.now().millis(),
            key: None,
            headers,
            value: Some(record.bytes.clone()),
        }
    };
    for chunk in records.chunks(CHUNK) {
        shared.log.append(chunk.iter().map(raw).collect()).unwrap();
    }
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap(), "the demo did not come through");
}

fn show(report: &Report, demo: &Demo) {
    println!(
        "{} people, {} feedback, {:.1} % unknown",
        report.people,
        report.feedback,
        100.0 * report.unknown_share
    );
    for cell in report.matrix.iter().take(16) {
        println!(
            "{:>14} × {:<26} {:>5} people {:>5} feedback {:>4} copied",
            cell.stage, cell.gap, cell.people, cell.feedback, cell.copied_posts
        );
    }
    for gap in demo.truth.planted.iter().chain(&demo.truth.exceeded) {
        let seen = cell(report, &gap.stage, &gap.gap).map_or(0, |cell| cell.people);
        println!(
            "planted {:<32} {} × {}: {} people, {seen} in its cell",
            gap.name, gap.stage, gap.gap, gap.people
        );
    }
}

fn cell<'a>(report: &'a Report, stage: &str, gap: &str) -> Option<&'a MatrixCell> {
    report.matrix.iter().find(|cell| cell.stage == stage && cell.gap == gap)
}

/// Feedback by kind (deleted ones do not count) and people are what was sent, within 2 %.
fn heard(report: &Report, demo: &Demo, faults: &mut Vec<String>) {
    let truth = &demo.truth.counts;
    let mut near = |what: &str, seen: u64, sent: u64, slack: u64| {
        if seen > sent || seen + slack + sent / 50 < sent {
            faults.push(format!("{what}: {seen} in the report, {sent} were sent"));
        }
    };
    for (kind, sent) in &truth.feedback_by_kind {
        let seen = report.kinds.get(kind).map_or(0, |heard| heard.feedback);
        near(kind, seen, *sent, truth.deletions);
    }
    let sent: u64 = truth.feedback_by_kind.values().sum();
    near("all feedback", report.feedback, sent, truth.deletions);
    let (seen, people) = (report.people as f64, truth.people as f64);
    if (seen - people).abs() > 0.02 * people {
        faults.push(format!("people: {seen} in the report, {people} spoke"));
    }
}

/// Words by which the theme of each planted thing may be named.
const NAMES: [(&str, &[&str]); 6] = [
    ("courier change", &["courier", "late", "parcel", "delivery"]),
    ("discount unknown to the tills", &["discount", "percent", "code"]),
    ("charged twice at renewal", &["twice", "charged", "renewal", "fee"]),
    ("support never calls back", &["call", "callback"]),
    ("repairs faster than promised", &["repair", "workshop", "technician"]),
    ("a friendly call to new customers", &["onboarding", "welcome", "call"]),
];

/// Everything planted is a theme with a sensible name, or several, and enough of its people; what rises is seen to rise.
fn themes(list: &[ThemeRow], demo: &Demo, faults: &mut Vec<String>) {
    for gap in demo.truth.planted.iter().chain(&demo.truth.exceeded) {
        let words = NAMES.iter().find(|(name, _)| *name == gap.name).map_or(&[][..], |(_, words)| words);
        let named = |row: &&ThemeRow| {
            words.iter().any(|word| row.name.split([' ', ',']).any(|own| own.starts_with(word)))
        };
        let found: Vec<&ThemeRow> = list.iter().filter(named).collect();
        let told: Vec<_> = found.iter().map(|row| (&row.name, row.people)).collect();
        println!("theme of {:<32} {told:?}", gap.name);
        let (largest, all) = (
            found.iter().map(|row| row.people).max().unwrap_or(0) as f64,
            found.iter().map(|row| row.people).sum::<u64>() as f64,
        );
        let people = gap.people as f64;
        if largest < LARGEST * people || all < THEMED * people {
            faults.push(format!(
                "{}: too few of {} people are in themes named so: {told:?}",
                gap.name, gap.people
            ));
        }
        let rises = |row: &&ThemeRow| row.rise.is_some_and(|rise| rise.until.is_none());
        if gap.pattern == "rising" && !found.iter().any(rises) {
            faults.push(format!("{}: none of its themes rises", gap.name));
        }
    }
}

/// Every planted gap stands in its cell, and these cells lead those of known stages, with at most one intruder.
fn planted(report: &Report, demo: &Demo, faults: &mut Vec<String>) {
    let planted = &demo.truth.planted;
    let known: Vec<&MatrixCell> = report.matrix.iter().filter(|cell| cell.stage != "unknown").collect();
    let mut by_people = known.clone();
    by_people.sort_by_key(|cell| std::cmp::Reverse(cell.people - cell.copied_posts));
    let top: Vec<_> = by_people.iter().take(planted.len() + 1).map(|cell| (&cell.stage, &cell.gap)).collect();
    for gap in planted {
        let seen = cell(report, &gap.stage, &gap.gap).map_or(0, |cell| cell.people);
        if (seen as f64) < SHARE * gap.people as f64 {
            faults.push(format!(
                "{}: {seen} of {} people are in {} × {}",
                gap.name, gap.people, gap.stage, gap.gap
            ));
        }
        if !top.contains(&(&gap.stage, &gap.gap)) {
            faults.push(format!("{}: {} × {} is not among {top:?}", gap.name, gap.stage, gap.gap));
        }
    }
}

/// Neither the loud customer nor the campaign leads; the promotion brings no gap of its own to the top.
fn decoys(report: &Report, demo: &Demo, faults: &mut Vec<String>) {
    let is_planted = |cell: &MatrixCell| {
        demo.truth.planted.iter().any(|gap| gap.stage == cell.stage && gap.gap == cell.gap)
    };
    let leads = |what: &str, report: &Report, faults: &mut Vec<String>| match report
        .matrix
        .iter()
        .find(|cell| cell.stage != "unknown")
    {
        Some(first) if is_planted(first) => {}
        first => faults.push(format!("{what}: {:?} leads", first.map(|cell| (&cell.stage, &cell.gap)))),
    };
    leads("whole window", report, faults);
    let (loud, campaign) = (&demo.truth.loud_customer, &demo.truth.campaign);
    if demo.truth.planted.iter().any(|gap| (&gap.stage, &gap.gap) == (&loud.stage, &loud.gap)) {
        faults.push("the loud customer's cell is a planted one: the test would say nothing".to_owned());
    }
    let of_campaign = cell(report, &campaign.stage, &campaign.gap);
    if of_campaign.is_some_and(|cell| cell.copied_posts < campaign.accounts / 2) {
        faults.push(format!(
            "the campaign's {} accounts are not seen as copies: {of_campaign:?}",
            campaign.accounts
        ));
    }
}

/// Exceeded expectations show at their stages, and are not counted as gaps there.
fn exceeded(report: &Report, demo: &Demo, faults: &mut Vec<String>) {
    for gap in &demo.truth.exceeded {
        let stage = report.stages.iter().find(|row| row.stage == gap.stage);
        if stage.is_none_or(|row| row.exceeded == 0) {
            faults.push(format!("{}: nobody at {} was exceeded", gap.name, gap.stage));
        }
        if let Some(row) = stage {
            println!("exceeded at {}: {} people, {} planted", row.stage, row.exceeded, gap.people);
        }
    }
}

/// Tells of the repair that the made-up company made.
fn declare_fix(shared: &Shared, demo: &Demo) {
    let fix = &demo.truth.fix;
    let planted = demo.truth.planted.iter().find(|gap| gap.name == fix.name).unwrap();
    let issue = format!("{}.{}", planted.stage, planted.gap).parse().unwrap();
    let decision = Decision::FixDeclared { issue, on: fix.date.parse().unwrap(), what: fix.note.clone() };
    shared.act(Deed { actor: "truth".to_owned(), reason: None, decision }).unwrap();
}

/// Every planted gap is a systemic issue with its stage, gap and kinds, dated within a week; the repair worked. Neither the
/// promotion, nor the loud customer, nor the copied posts are one.
fn issues(report: &Report, demo: &Demo, faults: &mut Vec<String>) {
    let days = |day: &str| day.parse::<Day>().unwrap().number();
    for issue in &report.issues {
        println!(
            "issue {:<36} {} since {}: {} people, {:?}",
            issue.id, issue.pattern, issue.since, issue.people, issue.state
        );
    }
    let find = |stage: &str, gap: &str| report.issues.iter().find(|row| row.stage == stage && row.gap == gap);
    for gap in &demo.truth.planted {
        let Some(issue) = find(&gap.stage, &gap.gap) else {
            faults.push(format!("{}: no issue at {} × {}", gap.name, gap.stage, gap.gap));
            continue;
        };
        let standing = gap.pattern == "standing";
        if (issue.pattern == Pattern::Standing) != standing {
            faults.push(format!("{}: {} instead of {}", gap.name, issue.pattern, gap.pattern));
        }
        if (days(&issue.since) - days(&gap.from)).abs() > 7 {
            faults.push(format!("{}: since {} instead of {}", gap.name, issue.since, gap.from));
        }
        if let Some(kind) = gap.people_by_kind.keys().find(|kind| !issue.kinds.contains(kind)) {
            faults.push(format!("{}: {kind} is not among {:?}", gap.name, issue.kinds));
        }
        let resolved = issue.state == IssueState::Resolved;
        if resolved != (gap.pattern == "fixed") {
            faults.push(format!("{}: {:?}", gap.name, issue.state));
        }
    }
    let (loud, campaign, promotion) =
        (&demo.truth.loud_customer, &demo.truth.campaign, &demo.truth.promotion);
    for (what, stage, gap) in
        [("loud customer", &loud.stage, &loud.gap), ("campaign", &campaign.stage, &campaign.gap)]
    {
        if find(stage, gap).is_some() {
            faults.push(format!("the {what} is an issue"));
        }
    }
    let within = |issue: &&IssueRow| {
        let since = days(&issue.since);
        since >= days(&promotion.from) && since <= days(&promotion.until) && issue.pattern == Pattern::Rising
    };
    if let Some(issue) = report.issues.iter().find(within) {
        faults.push(format!("the promotion raises {}", issue.id));
    }
}
