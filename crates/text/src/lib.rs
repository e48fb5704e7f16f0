//! Text in; normalised text, language, tokens, stems and redacted spans out. Knows nothing of feedback.
