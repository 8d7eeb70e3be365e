//! The lichna command.
fn main() {}
