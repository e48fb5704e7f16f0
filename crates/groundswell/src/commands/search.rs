//! `groundswell search`: ranked hits with highlights and facets.

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use serde_json::Value;

use groundswell_model::{Decision, FeedbackId, SavedSearch};
use groundswell_search::{Cursor, Filter, Query, Sort, Step};
use groundswell_server::{Installation, Recorded, SavedRow, SearchRequest};

use super::access::Access;
use super::issues::By;
use super::output::{Format, grouped, print, print_json};
use super::{Context, Exit};
use crate::remote::escaped;
use crate::render;

/// What is searched for: words, and conditions that all must hold.
#[derive(Debug, Args)]
pub(super) struct Conditions {
    /// Words, "phrases", -minus, OR, deliver*, field:value, score:0..6, since:2026-03-01 (see docs/search.md).
    query: Vec<String>,
    /// Only this stage; repeat for either.
    #[arg(long)]
    stage: Vec<String>,
    /// Only this gap type; repeat for either.
    #[arg(long)]
    gap: Vec<String>,
    /// Only this theme, by id or name; repeat for either.
    #[arg(long)]
    theme: Vec<String>,
    /// Only this kind; repeat for either.
    #[arg(long)]
    kind: Vec<String>,
    /// Only this source; repeat for either.
    #[arg(long)]
    source: Vec<String>,
    /// Only this language; repeat for either.
    #[arg(long)]
    language: Vec<String>,
    /// First day, YYYY-MM-DD in the reporting zone.
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Last day.
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
}

/// Search what people said.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell search 'late parcel' --stage fulfilment\n  groundswell search '\"call back\" -refund' --kind complaint --format json\n  groundswell search 'deliver* severity:>=3' --sort severity --by week --facet touchpoint --facet region\n  groundswell search 'refund -parcel' --kind complaint --save 'Refunds' --alert 20\n  groundswell search --saved\n  groundswell search --named Refunds"
)]
pub struct Search {
    #[command(flatten)]
    conditions: Conditions,
    /// What comes first: relevance, time or severity.
    #[arg(long, value_enum, default_value_t)]
    sort: Order,
    /// Count by day, week or month.
    #[arg(long, value_enum, value_name = "STEP")]
    by: Option<Bars>,
    /// Count values of this field; repeat for several.
    #[arg(long, value_name = "FIELD")]
    facet: Vec<String>,
    /// Only what is like this feedback, by the embeddings of both, the most alike first.
    #[arg(long, value_name = "ID")]
    like: Option<FeedbackId>,
    /// Show every copy of a text; else one stands for all with their number.
    #[arg(long)]
    copies: bool,
    /// Go on behind the page before: its `next`.
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,
    /// Most hits.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Keep this search under a name; another of that name is replaced.
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// The saved search raises an alert where so many people say so within seven days.
    #[arg(long, value_name = "PEOPLE", requires = "save")]
    alert: Option<u64>,
    /// List saved searches with their trend and their alerts.
    #[arg(long, conflicts_with_all = ["save", "named", "forget", "query"])]
    saved: bool,
    /// Search by a saved search; what else is said narrows it.
    #[arg(long, value_name = "NAME", conflicts_with = "save")]
    named: Option<String>,
    /// Keep a saved search no longer.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["save", "named", "query"])]
    forget: Option<String>,
    #[command(flatten)]
    by_whom: By,
    /// text or json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Order {
    /// Best first.
    #[default]
    Relevance,
    /// Newest first.
    Time,
    /// Most severe first.
    Severity,
}

/// How long the bars are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Bars {
    Day,
    Week,
    Month,
}

/// Fields that are counted beside the hits, where none is named.
const FACETS: [&str; 5] = ["stage", "gap", "theme", "kind", "language"];

/// What a search shows.
enum Shown {
    Hits(Value),
    Saved(Vec<SavedRow>),
    Made(Recorded),
}

impl Search {
    /// Searches.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let format = self.format;
        let access = Access::existing(context)?;
        let shown = self.carry_out(context, access.installation());
        access.close()?;
        match (format, shown?) {
            (Format::Json, Shown::Hits(answer)) => print_json(&answer)?,
            (Format::Json, Shown::Saved(rows)) => print_json(&rows)?,
            (Format::Json, Shown::Made(recorded)) => print_json(&recorded)?,
            (Format::Text, Shown::Hits(answer)) => print(&render::hits(&answer))?,
            (Format::Text, Shown::Saved(rows)) => print(&render::saved(&rows))?,
            (Format::Text, Shown::Made(recorded)) => print(&format!(
                "recorded as number {}; it finds {} feedback. `groundswell search --saved` lists what is saved\n",
                recorded.number.unwrap_or(0),
                grouped(recorded.feedback)
            ))?,
        }
        Ok(Exit::Done)
    }

    fn carry_out(mut self, context: &Context, installation: &dyn Installation) -> Result<Shown> {
        if self.saved {
            return Ok(Shown::Saved(installation.saved_searches()?));
        }
        if let Some(name) = self.forget {
            let deed = self.by_whom.deed(Decision::SearchForgotten { name });
            return Ok(Shown::Made(installation.decide(deed)?));
        }
        if let Some(name) = self.save {
            anyhow::ensure!(
                self.conditions.since.is_none() && self.conditions.until.is_none(),
                "a saved search has no days: it is asked again and again; leave --since and --until out"
            );
            let (q, filter) = self.conditions.as_text();
            let search = SavedSearch { name, q, filter, alert: self.alert };
            let deed = self.by_whom.deed(Decision::SearchSaved { search });
            return Ok(Shown::Made(installation.decide(deed)?));
        }
        let named = self.named.take();
        let mut query = self.into_query(context)?;
        if let Some(name) = named {
            let rows = installation.saved_searches()?;
            let row =
                rows.into_iter().find(|row| row.search.name.to_lowercase() == name.trim().to_lowercase());
            let search =
                row.with_context(|| format!("no search is saved as {name:?}; --saved lists them"))?.search;
            let asked = SearchRequest { q: search.q, filter: search.filter, ..SearchRequest::default() };
            let Query { text, filters, .. } = asked.into_query()?;
            query.text = format!("{text} {}", query.text).trim().to_owned();
            query.filters.extend(filters);
        }
        Ok(Shown::Hits(installation.search(query)?))
    }

    fn into_query(self, context: &Context) -> Result<Query> {
        let facets = match self.facet.is_empty() {
            true => FACETS.iter().map(|field| (*field).to_owned()).collect(),
            false => self.facet,
        };
        Ok(Query {
            limit: self.limit,
            facets,
            sort: match self.sort {
                Order::Relevance => Sort::Relevance,
                Order::Time => Sort::Time,
                Order::Severity => Sort::Severity,
            },
            histogram: self.by.is_some(),
            step: match self.by {
                Some(Bars::Week) => Step::Week,
                Some(Bars::Month) => Step::Month,
                Some(Bars::Day) | None => Step::Day,
            },
            like: self.like,
            copies: self.copies,
            after: self.after,
            ..self.conditions.into_query(context)?
        })
    }
}

impl Conditions {
    /// Makes the query that asks for all that meets them.
    pub(super) fn into_query(self, context: &Context) -> Result<Query> {
        let zone = context.config.zone();
        let start = |day: &str| -> Result<_> { Ok(zone.start_of(day.parse()?)) };
        let end =
            |day: &str| -> Result<_> { Ok(zone.start_of(day.parse::<groundswell_model::Day>()?.plus(1))) };
        let filters = self.filters();
        Ok(Query {
            text: self.query.join(" "),
            filters: filters
                .into_iter()
                .filter(|(_, values)| !values.is_empty())
                .map(|(field, values)| Filter { field: field.to_owned(), values })
                .collect(),
            since: self.since.as_deref().map(start).transpose()?,
            until: self.until.as_deref().map(end).transpose()?,
            ..Query::default()
        })
    }

    /// The fields with the values that they may have.
    fn filters(&self) -> [(&'static str, Vec<String>); 6] {
        [
            ("stage", self.stage.clone()),
            ("gap", self.gap.clone()),
            ("theme", self.theme.clone()),
            ("kind", self.kind.clone()),
            ("source", self.source.clone()),
            ("language", self.language.clone()),
        ]
    }

    /// Writes words and filters as they are saved.
    fn as_text(&self) -> (String, String) {
        let filters = self.filters();
        let written = filters.iter().flat_map(|(field, values)| {
            values.iter().map(move |value| format!("{field}:{}", escaped(value)))
        });
        (self.query.join(" "), written.collect::<Vec<_>>().join(","))
    }
}
