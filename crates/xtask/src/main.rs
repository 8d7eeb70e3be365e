//! Set-up, demo, tests, benches of the project.
fn main() {}
