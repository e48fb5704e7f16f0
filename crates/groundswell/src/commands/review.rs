//! `groundswell review`: people judge a random sample of mappings, so that a report can say how often they are right.

use std::io::BufRead;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Deserialize;

use groundswell_model::{Decision, FeedbackId};
use groundswell_server::{Installation, ReviewItem, ReviewSample};
use groundswell_steps::decided::Agreement;

use super::access::Access;
use super::filters::reader;
use super::issues::By;
use super::output::{Format, ask, can_ask, complain, grouped, print, print_json};
use super::{Context, Exit};

/// Judge a random sample of mappings; the report then says how often reviewers agree.
#[derive(Debug, Args)]
#[command(
    after_help = "At a terminal each feedback is shown and asked for: y (right), n (wrong), s (skip), q (quit).\n\nExamples:\n  groundswell review\n  groundswell review --size 50 --format json > sample.json\n  groundswell review --answers judged.jsonl      # lines such as {\"id\": \"fb_…\", \"agrees\": true}"
)]
pub struct Review {
    /// Feedback to draw, at most 200.
    #[arg(long, default_value_t = 20)]
    size: usize,
    /// The same seed draws the same sample.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Take answers from a file, or from standard input with -, instead of asking.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// text or json; json only shows the sample.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    by: By,
}

/// One answer of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    id: FeedbackId,
    agrees: bool,
}

impl Review {
    /// Draws a sample and takes answers.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let answers = self.answers.as_ref().map(answers).transpose()?;
        let access = Access::existing(context)?;
        let done = self.carry_out(access.installation(), answers);
        access.close()?;
        done
    }

    fn carry_out(&self, installation: &dyn Installation, answers: Option<Vec<Answer>>) -> Result<Exit> {
        if let Some(answers) = answers {
            let (judged, unknown) = self.take(installation, &answers)?;
            let agreement = installation.review(0, self.seed)?.agreement;
            print(&format!("{judged} judged\n{}", told(agreement)))?;
            return Ok(if unknown == 0 { Exit::Done } else { Exit::Fault });
        }
        let sample = installation.review(self.size, self.seed)?;
        match self.format {
            Format::Json => print_json(&sample)?,
            Format::Text if !can_ask() => print(&shown(&sample))?,
            Format::Text => {
                self.ask(installation, &sample)?;
                print(&told(installation.review(0, self.seed)?.agreement))?;
            }
        }
        Ok(Exit::Done)
    }

    fn record(&self, installation: &dyn Installation, item: &ReviewItem, agrees: bool) -> Result<()> {
        let decision = Decision::MappingReviewed {
            feedback: item.id,
            agrees,
            stage: item.mapping.stage.clone(),
            gaps: item.mapping.gaps.iter().map(|gap| gap.gap).collect(),
        };
        installation.decide(self.by.clone().deed(decision))?;
        Ok(())
    }

    /// Takes answers for feedback of the sample of this seed; others are told.
    fn take(&self, installation: &dyn Installation, answers: &[Answer]) -> Result<(u64, u64)> {
        let sample = installation.review(MOST, self.seed)?;
        let (mut judged, mut unknown) = (0, 0);
        for answer in answers {
            match sample.sample.iter().find(|item| item.id == answer.id) {
                Some(item) => {
                    self.record(installation, item, answer.agrees)?;
                    judged += 1;
                }
                None => {
                    complain(&format!(
                        "{}: not in the sample of seed {}, or judged before",
                        answer.id, self.seed
                    ));
                    unknown += 1;
                }
            }
        }
        Ok((judged, unknown))
    }

    fn ask(&self, installation: &dyn Installation, sample: &ReviewSample) -> Result<()> {
        for (at, item) in sample.sample.iter().enumerate() {
            complain(&format!("\n{} of {}{}", at + 1, sample.sample.len(), one(item)));
            loop {
                match ask("right? [y]es, [n]o, [s]kip, [q]uit")?.as_str() {
                    "y" | "yes" => self.record(installation, item, true)?,
                    "n" | "no" => self.record(installation, item, false)?,
                    "s" | "skip" => {}
                    "q" | "quit" => return Ok(()),
                    _ => continue,
                }
                break;
            }
        }
        Ok(())
    }
}

/// Feedback of a sample at most.
const MOST: usize = 200;

/// Reads answers; every line is right, or nothing is taken.
fn answers(path: &PathBuf) -> Result<Vec<Answer>> {
    let standard = path.as_os_str() == "-";
    let lines = reader((!standard).then_some(path))?.lines();
    let mut answers = Vec::new();
    for (at, line) in lines.enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            let answer = serde_json::from_str(&line)
                .with_context(|| format!("line {}: write {{\"id\": \"fb_…\", \"agrees\": true}}", at + 1))?;
            answers.push(answer);
        }
    }
    Ok(answers)
}

fn one(item: &ReviewItem) -> String {
    let gaps: Vec<String> = item.mapping.gaps.iter().map(|gap| gap.gap.to_string()).collect();
    let gaps = if gaps.is_empty() { "no unmet expectation".to_owned() } else { gaps.join(", ") };
    let texts: Vec<String> = item.texts.iter().map(|text| format!("    {text}")).collect();
    format!(
        "  {} ({}, {})\n{}\n  mapped to: stage {}, {gaps}",
        item.id,
        item.kind,
        item.day,
        texts.join("\n"),
        item.mapping.stage
    )
}

fn shown(sample: &ReviewSample) -> String {
    let items: Vec<String> = sample.sample.iter().map(one).collect();
    format!("{}\n\n{}", items.join("\n\n"), told(sample.agreement))
}

fn told(agreement: Option<Agreement>) -> String {
    match agreement {
        None => "Nothing was judged yet.\n".to_owned(),
        Some(agreement) => format!(
            "Reviewers agreed with {:.0} % ({:.0} to {:.0} %) of {}.\n",
            agreement.value,
            agreement.low,
            agreement.high,
            grouped(agreement.n)
        ),
    }
}
