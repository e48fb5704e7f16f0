//! What one feedback says: sentiment, expectations and, given a journey map, its stage. Pure.
