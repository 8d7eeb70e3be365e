//! Signed archives.
