//! `groundswell search`: ranked hits with highlights and facets.

use anyhow::Result;
use clap::Args;

use groundswell_search::{Filter, Query};

use super::access::Access;
use super::output::{Format, print, print_json};
use super::{Context, Exit};
use crate::render;

/// Search what people said.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell search 'late parcel' --stage fulfilment\n  groundswell search '\"call back\" -refund' --kind complaint --format json"
)]
pub struct Search {
    /// Words, "phrases", -minus, OR, field:value.
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
    /// Most hits.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// text or json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Fields that are counted beside the hits.
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
            limit: self.limit,
            facets: FACETS.iter().map(|field| (*field).to_owned()).collect(),
            ..Query::default()
        })
    }
}
