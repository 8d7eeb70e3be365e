//! The authority.
#![forbid(unsafe_code)]
