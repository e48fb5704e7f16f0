//! Themes of a batch of texts: each text redacted, embedded and stemmed, all clustered, each theme named by its words and by the
//! text that stands for it.

mod namer;

use std::ops::ControlFlow;
use std::sync::Arc;

use groundswell_annotate::{AnnotateError, DIMENSIONS, Embedder, embedder};
use groundswell_insight::themes::{
    Clustering, Count, Rows, Step, ThemesError, Vectors, cluster, medoids, topics,
};
use groundswell_text::{Format, Redactor, normalise};

pub use namer::{Namer, TERMS, stems};

/// Longest text that is read, in characters; the theme of a longer one is that of its beginning.
const LONGEST: usize = 20_000;

/// Texts that are gathered to be clustered. It keeps 256 bytes and four bytes a word of each text, and the redacted text.
pub struct Gathered {
    embedder: Arc<Embedder>,
    redactor: Redactor,
    namer: Namer,
    vectors: Rows<i8>,
    texts: Vec<String>,
}

/// One theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its words, the most telling first; empty where no word tells anything.
    pub name: Vec<String>,
    /// Number of the topic above it.
    pub topic: u32,
    /// Texts.
    pub texts: usize,
    /// Mean cosine of its texts to its middle, -1 to 1.
    pub cosine: f64,
    /// The text nearest to its middle, redacted.
    pub example: Option<String>,
}

/// The themes of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Themes {
    /// The theme of each text, in order; none where it belongs to none.
    pub labels: Vec<Option<u32>>,
    /// Themes by number, the largest first.
    pub themes: Vec<Theme>,
}

impl Gathered {
    /// Starts with no texts.
    ///
    /// # Errors
    /// [`AnnotateError::Embedding`] when the shipped embedding is damaged.
    pub fn new() -> Result<Self, AnnotateError> {
        Ok(Self {
            embedder: embedder()?,
            redactor: Redactor::new(),
            namer: Namer::new(),
            vectors: Rows::new(DIMENSIONS, Vec::new())
                .map_err(|_| AnnotateError::Embedding { what: "it has no dimensions" })?,
            texts: Vec::new(),
        })
    }

    /// Adds a text. One in which no word is known belongs to no theme.
    pub fn add(&mut self, text: &str) {
        let plain = normalise(text, Format::Plain, LONGEST).text;
        let text = self.redactor.redact(&plain, &[]).text;
        self.namer.add(None, &text, None);
        let row = self.embedder.embed(&text).to_int8();
        // The row has as many dimensions as the embedding it comes from.
        let pushed = self.vectors.push(&row);
        debug_assert!(pushed.is_ok(), "{pushed:?}");
        self.texts.push(text);
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Finds the themes: as many as are asked for, or as fit the texts. The same texts give the same themes. `watch` sees the
    /// step and how far it is (0 to 1), and may stop.
    ///
    /// # Errors
    /// As [`cluster`].
    pub fn themes(
        &self,
        count: Option<usize>,
        watch: &mut dyn FnMut(Step, f64) -> ControlFlow<()>,
    ) -> Result<Themes, ThemesError> {
        if self.vectors.len() == 0 {
            return Ok(Themes::default());
        }
        let clustering =
            Clustering { count: count.map_or(Count::Found, Count::Known), ..Clustering::default() };
        let found = cluster(&self.vectors, &[], &clustering, watch)?;
        let number = found.extents.len();
        let names = self.namer.names_of(&found.labels, number);
        let sizes: Vec<usize> = found.extents.iter().map(|extent| extent.texts).collect();
        let topics = topics(&found.centroids, &sizes);
        let middles = medoids(&found.labels, &found.cosines, number);
        let mut topics = topics.into_iter();
        let mut middles = middles.into_iter();
        let themes = found.extents.iter().zip(names).map(|(extent, name)| Theme {
            name,
            topic: topics.next().unwrap_or(0),
            texts: extent.texts,
            cosine: extent.cosine,
            example: middles.next().flatten().and_then(|at| self.texts.get(at).cloned()),
        });
        Ok(Themes { themes: themes.collect(), labels: found.labels.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(texts: &[&str]) -> Gathered {
        let mut gathered = Gathered::new().unwrap();
        texts.iter().for_each(|text| gathered.add(text));
        gathered
    }

    fn found(texts: &[&str], count: Option<usize>) -> Themes {
        gathered(texts).themes(count, &mut |_, _| ControlFlow::Continue(())).unwrap()
    }

    const LATE: [&str; 6] = [
        "My parcel came four days late.",
        "The parcel was late again.",
        "Late parcel, nobody knows where it is.",
        "Where is my parcel? It is late.",
        "Parcel delivery late by a week.",
        "The courier brought the parcel late.",
    ];
    const CRASH: [&str; 6] = [
        "The app crashes when I open it.",
        "App crashes all the time.",
        "After the update the app crashes.",
        "It crashes, this app.",
        "Your app crashes at the start.",
        "The app crashes on my phone.",
    ];

    #[test]
    fn two_subjects_are_two_themes_with_their_words() {
        let texts: Vec<&str> = LATE.iter().chain(&CRASH).copied().collect();
        let themes = found(&texts, Some(2));
        let (late, crash) = themes.labels.split_at(6);
        assert!(late.iter().all(|label| *label == late[0]) && crash.iter().all(|label| *label == crash[0]));
        assert_ne!(late[0], crash[0]);
        let name = |label: Option<u32>| themes.themes[label.unwrap() as usize].name.join(" ");
        assert!(name(late[0]).contains("parcel"), "{themes:#?}");
        assert!(name(crash[0]).contains("crash"), "{themes:#?}");
        assert!(texts.contains(&themes.themes[0].example.as_deref().unwrap()));
        assert_eq!(themes, found(&texts, Some(2)), "the same texts give the same themes");
    }

    #[test]
    fn nothing_one_text_copies_and_texts_without_words_are_no_fault() {
        assert_eq!(found(&[], None), Themes::default());
        assert_eq!(found(&[], Some(3)), Themes::default());
        assert_eq!(found(&["late"], None).labels.len(), 1);
        let copies = found(&[LATE[0]; 1_000], None);
        assert!(copies.themes.len() <= 1, "{copies:#?}");
        let odd = found(&["", "   ", "12345", "\u{202e}\u{0}", "🙂🙂", LATE[0]], Some(2));
        assert_eq!((odd.labels[0], odd.labels[1]), (None, None));
    }

    #[test]
    fn personal_data_neither_names_a_theme_nor_stands_in_its_example() {
        let texts: Vec<String> =
            (0..8).map(|n| format!("My parcel is late, write to anna{n}@example.com please.")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let themes = found(&texts, Some(1));
        let theme = &themes.themes[0];
        assert!(theme.example.as_deref().unwrap().contains("[email]"), "{theme:?}");
        assert!(theme.name.iter().all(|word| !word.contains("email") && !word.contains("anna")), "{theme:?}");
    }
}
