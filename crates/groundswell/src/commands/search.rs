//! `groundswell search`: ranked hits with highlights and facets.

use anyhow::Result;
use clap::{Args, ValueEnum};

use groundswell_model::FeedbackId;
use groundswell_search::{Cursor, Filter, Query, Sort, Step};

use super::access::Access;
use super::output::{Format, print, print_json};
use super::{Context, Exit};
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
    after_help = "Examples:\n  groundswell search 'late parcel' --stage fulfilment\n  groundswell search '\"call back\" -refund' --kind complaint --format json\n  groundswell search 'deliver* severity:>=3' --sort severity --by week --facet touchpoint --facet region"
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
    /// Only what shares telling words with this feedback, the most alike first.
    #[arg(long, value_name = "ID")]
    like: Option<FeedbackId>,
    /// Go on behind the page before: its `next`.
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,
    /// Most hits.
    #[arg(long, default_value_t = 10)]
    limit: usize,
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
const FACETS: [&str; 4] = ["stage", "gap", "kind", "language"];

impl Search {
    /// Searches.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let format = self.format;
        let query = self.into_query(context)?;
        let access = Access::existing(context)?;
        let answer = access.installation().search(query);
        access.close()?;
        let answer = answer?;
        match format {
            Format::Json => print_json(&answer)?,
            Format::Text => print(&render::hits(&answer))?,
        }
        Ok(Exit::Done)
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
        let filters = [
            ("stage", self.stage),
            ("gap", self.gap),
            ("kind", self.kind),
            ("source", self.source),
            ("language", self.language),
        ];
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
}
