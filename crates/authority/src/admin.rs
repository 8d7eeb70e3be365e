//! The commands beside `run`.

mod command;
mod init;

pub use command::{Cli, run};
