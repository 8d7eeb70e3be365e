//! The last checkpoints of an authority's journal that were seen here: who rewrites the journal
//! afterwards is found out by every client that kept one.

/// What is kept of journals.
pub struct Checkpoints;
