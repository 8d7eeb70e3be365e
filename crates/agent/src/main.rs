//! The daemon that owns the card: consent, PIN, flows.
fn main() {}
