//! `groundswell demo`: ninety days of a made-up company through everything, in a folder of its own, then the report.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;

use groundswell_log::{Append, Header, partition_for};
use groundswell_model::{Day, Decision, GapType, IssueId, Promise, PromiseId};
use groundswell_server::{Deed, Installation};
use groundswell_steps::envelope;

use super::output::{complain, grouped, print, progress};
use super::{Context, Exit};
use crate::clock::Clock;
use crate::demo::{Demo as Company, DemoRecord, DemoSettings, generate};
use crate::engine::{Engine, Opening, Roles, Running, Shared, journey};
use crate::folder::DataFolder;
use crate::render;

/// First day of the demo.
const START: &str = "2026-01-05";
/// Days of the demo.
const DAYS: u32 = 90;
/// Records appended in one transaction.
const CHUNK: usize = 1_000;

/// Run ninety days of a made-up company's feedback through everything and show the report.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  groundswell demo\n\nThe folder is ./groundswell-demo unless --folder names another. A second run shows the same report again."
)]
pub struct Demo {
    /// Folder of the demo.
    #[arg(long, default_value = "./groundswell-demo", value_name = "DIR")]
    folder: PathBuf,
    /// Seed of the made-up company.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Multiple of the usual volume of about 20,000 records.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
}

impl Demo {
    /// Runs the demo.
    pub(super) fn run(self, context: Context) -> Result<Exit> {
        let data = DataFolder::new(&self.folder);
        let marker = data.root().join("demo-settings.json");
        let settings = serde_json::json!({ "seed": self.seed, "scale": self.scale }).to_string();
        if data.exists() {
            let before = std::fs::read_to_string(&marker).unwrap_or_default();
            anyhow::ensure!(
                before == settings,
                "{} holds something else than this demo: name another folder with --folder, or remove it",
                data.root().display()
            );
        }
        data.create()?;
        std::fs::write(&marker, &settings).with_context(|| format!("cannot write {}", marker.display()))?;
        let company = self.company()?;
        let config = context.config;
        let running =
            Engine::open(Opening { config, data, clock: Clock::system(), roles: Roles::ALL })?.start()?;
        let shown = self.show(&running, &company);
        running.stop()?;
        shown?;
        Ok(Exit::Done)
    }

    fn company(&self) -> Result<Company> {
        let start: Day = START.parse()?;
        Ok(generate(&DemoSettings { seed: self.seed, start, days: DAYS, scale: self.scale }))
    }

    fn show(&self, running: &Running, company: &Company) -> Result<()> {
        let shared = running.shared();
        let folder = shared.data.root().to_owned();
        let started = Instant::now();
        append(shared, &company.records)?;
        let done = shared.await_reported(Instant::now() + Duration::from_secs(1800))?;
        anyhow::ensure!(done, "the demo's records did not come through: see the messages above");
        let judged = shared.await_judged(Instant::now() + Duration::from_secs(600))?;
        anyhow::ensure!(judged, "the demo's days were not judged: see the messages above");
        let themed = shared.await_themes(Instant::now() + Duration::from_secs(600))?;
        anyhow::ensure!(themed, "the demo's themes were not looked for: see the messages above");
        declare_fix(shared, company)?;
        register_promise(shared, company)?;
        let report = shared.report(None, None, None)?;
        let issues: Vec<_> =
            report.issues.iter().map(|issue| shared.issue(&issue.id)).collect::<Result<_, _>>()?;
        let map = journey(&shared.config)?;
        let page = folder.join("report.html");
        std::fs::write(&page, render::html(&report, &map, &issues))
            .with_context(|| format!("cannot write {}", page.display()))?;
        std::fs::write(folder.join("truth.json"), serde_json::to_string_pretty(&company.truth)?)?;
        print(&render::text(&report, &map))?;
        complain(&format!(
            "\n{} is made up: {} raw records in {:.1} s. The page is {}, what was hidden in the data is {}.\n\
             Go on with: groundswell --data {} search 'call back'",
            company.company,
            grouped(company.records.len() as u64),
            started.elapsed().as_secs_f64(),
            page.display(),
            folder.join("truth.json").display(),
            folder.display()
        ));
        Ok(())
    }
}

/// Declares the fix that the made-up company shipped, once, so that the report shows whether it worked.
fn declare_fix(shared: &Shared, company: &Company) -> Result<()> {
    let fix = &company.truth.fix;
    let Some(planted) = company.truth.planted.iter().find(|gap| gap.name == fix.name) else { return Ok(()) };
    let issue: IssueId = format!("{}.{}", planted.stage, planted.gap).parse()?;
    let known = shared.issues(true)?.into_iter().find(|row| row.id == issue.to_string());
    if known.is_none_or(|row| row.fix.is_some()) {
        return Ok(());
    }
    let decision = Decision::FixDeclared { issue, on: fix.date.parse()?, what: fix.note.clone() };
    shared.act(Deed { actor: "demo".to_owned(), reason: None, decision })?;
    Ok(())
}

/// Registers what the made-up company promises, once, with what its warehouse says of it.
fn register_promise(shared: &Shared, company: &Company) -> Result<()> {
    if !shared.promises()?.promises.is_empty() {
        return Ok(());
    }
    let id: PromiseId = "two-days".parse()?;
    let promise = Promise {
        id: id.clone(),
        text: "delivered within two days".to_owned(),
        gap: GapType::Timeliness,
        stage: Some("fulfilment".parse()?),
        touchpoint: None,
        from: None,
        until: None,
    };
    let from: Day = company.truth.start.parse()?;
    let until = from.plus(i32::try_from(company.truth.days)? - 1);
    let decisions = [
        Decision::PromiseRegistered { promise },
        Decision::PromiseMeasured { promise: id, from, until, kept: 8_312, of: 10_240 },
    ];
    for decision in decisions {
        shared.decide(Deed { actor: "demo".to_owned(), reason: None, decision })?;
    }
    Ok(())
}

/// Appends the records that are not there yet: a run that was interrupted goes on.
fn append(shared: &Shared, records: &[DemoRecord]) -> Result<()> {
    let there: u64 = shared.log.extents(&shared.topics.raw)?.iter().map(|extent| extent.end).sum();
    let bar = progress(records.len() as u64, "taking in");
    let now = shared.clock.now().millis();
    let rest = records.get(usize::try_from(there)?..).unwrap_or_default();
    bar.set_position(there);
    for chunk in rest.chunks(CHUNK) {
        let appends = chunk.iter().map(|record| raw(shared, record, now)).collect();
        shared.log.append(appends)?;
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

fn raw(shared: &Shared, record: &DemoRecord, now: i64) -> Append {
    let text = |name: &str, value: String| Header { name: name.to_owned(), value: value.into_bytes() };
    let mut headers = vec![
        text(envelope::PIPELINE, record.pipeline.to_owned()),
        text(envelope::RECEIVED_AT, record.received_at.to_string()),
    ];
    headers.extend(
        record.columns.iter().map(|columns| text(envelope::COLUMNS, serde_json::json!(columns).to_string())),
    );
    Append {
        topic: shared.topics.raw.clone(),
        partition: partition_for(&record.bytes, shared.config.log.partitions),
        timestamp_ms: now,
        key: None,
        headers,
        value: Some(record.bytes.clone()),
    }
}
