//! Logins through the agent: third-party applets as cards, real servers. Req C.3, 20.1.
#![allow(missing_docs, reason = "the names of the tests say it")]

#[path = "../shared/client.rs"]
mod client;
mod commands;
mod keypad;
mod matrix;
mod pulled;
mod refusals;
#[path = "../shared/stage.rs"]
mod stage;
