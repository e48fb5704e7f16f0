//! Time per tracing span, so that a slow step is seen by name: `--spans` prints it when a command ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::span::Id;
use tracing::{Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Adds up the time that threads spend inside each span, by the span's name.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    totals: Arc<Mutex<BTreeMap<&'static str, (u64, Duration)>>>,
}

struct Entered(Instant);

impl Spans {
    /// Gives one line per span: name, how often it was entered, seconds inside.
    pub fn table(&self) -> String {
        let totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |(name, (times, inside)): (&&str, &(u64, Duration))| {
            format!("span {name:<12} {times:>8} times {:>9.3} s\n", inside.as_secs_f64())
        };
        totals.iter().map(line).collect()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, _: &span::Attributes<'_>, _: &Id, _: Context<'_, S>) {}

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(Entered(Instant::now()));
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let Some(Entered(since)) = span.extensions_mut().remove::<Entered>() else { return };
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let total = totals.entry(span.name()).or_default();
        total.0 += 1;
        total.1 += since.elapsed();
    }
}
