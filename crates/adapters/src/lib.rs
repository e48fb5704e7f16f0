//! One vendor's bytes to drafts; a file per source. Pure.
