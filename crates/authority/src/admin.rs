//! The commands beside `run`: what the operator does at the authority's own computer. Each is in a
//! journal of its own, `operator-INSTANCE`, for the instance's may be in use.

mod check;
mod command;
mod init;
mod office;
mod registers;

pub use command::{Cli, run};
