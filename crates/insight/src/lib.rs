//! What many say together: series of distinct people, scores. Pure maths over counts.
