//! The proposal of a pipeline for a file that has none: shown, asked about where the data leaves doubt, and written on yes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use groundswell_adapters::propose::{Proposal, propose};

use super::output::{ask, can_ask, complain};

/// Bytes of the file's head that are looked at; a spreadsheet is read as a whole.
const HEAD: u64 = 4 << 20;
const SPREADSHEET: u64 = 256 << 20;

/// Proposes a pipeline for a file and settles its questions: by `answers` of the form `key=option`, by asking where a
/// person is there and `yes` was not said, else by the defaults, which are told.
///
/// # Errors
/// When the file cannot be read, or an answer names no question or option.
pub fn settle(path: &Path, answers: &[String], yes: bool) -> Result<Proposal> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("table");
    let mut proposal = propose(name, &head(path)?).with_context(|| format!("{}", path.display()))?;
    for answer in answers {
        given(&mut proposal, answer)?;
    }
    complain(&format!("No pipeline is named, so here is a proposal for {}.", path.display()));
    for note in &proposal.notes {
        complain(&format!("  {note}"));
    }
    let table = proposal.pipeline.table.as_ref();
    if table.is_some_and(|table| table.occurred_at.is_none()) {
        complain(
            "  No column says when it was said: every row will count for the day on which it is taken in.",
        );
    }
    let settled = |key: &str| {
        answers.iter().any(|answer| answer.split_once('=').is_some_and(|(known, _)| known == key))
    };
    for question in proposal.questions.clone() {
        if settled(&question.key) {
            continue;
        }
        let labels: Vec<_> = question.options.iter().map(|(label, _)| label.as_str()).collect();
        let default = labels.get(question.default).copied().unwrap_or_default();
        if yes || !can_ask() {
            complain(&format!(
                "  {} Taken as: {default} (--answer {}=N; N from 1: {})",
                question.text,
                question.key,
                numbered(&labels)
            ));
            continue;
        }
        complain(&format!("\n{}\n{}", question.text, numbered(&labels)));
        let chosen = choose(labels.len(), question.default)?;
        proposal.answer(&question.key, chosen);
    }
    Ok(proposal)
}

/// Gives the name that a proposal for a file would have.
///
/// # Errors
/// When the file cannot be read.
pub fn name_for(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("table");
    Ok(propose(name, &head(path)?).with_context(|| format!("{}", path.display()))?.pipeline.name)
}

fn head(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let spreadsheet = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"));
    let mut bytes = Vec::new();
    file.take(if spreadsheet { SPREADSHEET } else { HEAD }).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn given(proposal: &mut Proposal, answer: &str) -> Result<()> {
    let Some((key, option)) = answer.split_once('=') else { bail!("--answer {answer}: write KEY=NUMBER") };
    let Some(question) = proposal.questions.iter().find(|question| question.key == key) else {
        let keys: Vec<_> = proposal.questions.iter().map(|question| question.key.as_str()).collect();
        bail!("--answer {answer}: there is no such question; there are: {}", keys.join(", "));
    };
    let count = question.options.len();
    let number: usize =
        option.parse().with_context(|| format!("--answer {answer}: {option:?} is no number"))?;
    anyhow::ensure!((1..=count).contains(&number), "--answer {answer}: the options are 1 to {count}");
    proposal.answer(key, number - 1);
    Ok(())
}

fn numbered(labels: &[&str]) -> String {
    let lines: Vec<_> = labels.iter().enumerate().map(|(at, label)| format!("{} {label}", at + 1)).collect();
    lines.join(", ")
}

fn choose(count: usize, default: usize) -> Result<usize> {
    loop {
        let answer = ask(&format!("[{}]", default + 1))?;
        if answer.is_empty() {
            return Ok(default);
        }
        match answer.parse::<usize>() {
            Ok(number) if (1..=count).contains(&number) => return Ok(number - 1),
            _ => complain(&format!("write a number from 1 to {count}, or nothing for {}", default + 1)),
        }
    }
}
