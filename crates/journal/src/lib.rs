//! The journal.
#![forbid(unsafe_code)]
