//! Re-annotation: a stored part is brought to this program's processing version from its redacted text alone.

use groundswell_annotate::CODE_VERSION;
use groundswell_model::{Mark, Part, ProcessingVersion, Speaker};
use groundswell_text::{Language, identify};

use crate::fields::Cleaner;
use crate::ingest::Ingester;

impl Ingester {
    /// Annotates a stored part anew. Its text is redacted once more, as the redactor may know more than it did; a language
    /// that was not known is asked for again. Everything else stays, so the part keeps its place among the parts of its
    /// feedback, and only its processing version rises.
    ///
    /// `None` for a part that is current, or of a newer program, and for a deletion.
    pub fn reannotated(&self, part: Part) -> Option<Part> {
        if part.deleted || part.processing.code >= CODE_VERSION {
            return None;
        }
        let mut part = part;
        let mut cleaner = Cleaner::new(self.redactor(), Vec::new());
        let mut unknown = false;
        for statement in &mut part.content.statements {
            statement.text = cleaner.redact(&statement.text);
            let declared = statement.language.as_deref().and_then(|code| code.parse::<Language>().ok());
            let language = declared.or_else(|| identify(&statement.text));
            unknown |= language.is_none();
            statement.language = language.map(|language| language.to_string());
            statement.annotation = (statement.speaker != Speaker::Agent)
                .then(|| self.annotator().annotate(&statement.text, language));
        }
        for (kind, count) in cleaner.redactions {
            *part.content.redactions.entry(kind).or_default() += count;
        }
        part.content.marks.remove(&Mark::LanguageUnknown);
        if unknown {
            part.content.marks.insert(Mark::LanguageUnknown);
        }
        part.processing = ProcessingVersion { code: CODE_VERSION, ..part.processing };
        Some(part)
    }
}
