//! CPU time of annotating and placing one feedback of 340 characters, as the kernel counts it; other programs do not disturb it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use groundswell_annotate::{Annotator, Evidence, Heads, Mapper};
use groundswell_model::{Clock, JourneyMap};

const TEXT: &str = "I ordered the garden table three weeks ago and you promised delivery within five working days, but the courier \
    has still not been here. When I called your hotline I was on hold for forty minutes, then the agent told me that the parcel was \
    in transit. The website says the same since Monday. Please find out where it is or give me my money back, thank you.";
const ROUNDS: u32 = 40_000;

/// Gives microseconds of CPU for annotating and for placing; nothing where the system does not count them.
pub fn microseconds(heads: &Arc<Heads>) -> Option<(f64, f64)> {
    let annotator = Annotator::with_heads(heads.clone()).ok()?;
    let mapper = Mapper::with_heads(JourneyMap::shipped().ok()?, heads.clone()).ok()?;
    let context = BTreeMap::new();
    let evidence = Evidence {
        kind: None,
        channel: "email",
        context: &context,
        clock: Clock::default(),
        occurred_at: None,
    };
    let said = annotator.annotate(TEXT, None);
    let start = ticks()?;
    for _ in 0..ROUNDS {
        black_box(annotator.annotate(black_box(TEXT), None));
    }
    let middle = ticks()?;
    for _ in 0..ROUNDS {
        black_box(mapper.place(black_box(&[(TEXT, &said)]), &evidence));
    }
    // A tick is a hundredth of a second.
    let each = |ticks: f64| ticks * 10_000.0 / f64::from(ROUNDS);
    Some((each(middle - start), each(ticks()? - middle)))
}

/// Gives the ticks of CPU that this program has used.
fn ticks() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    Some(fields.nth(11)?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?)
}
