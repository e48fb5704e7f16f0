//! The search index and its position: queries, facets, highlights.
