//! The PKCS#11 module: a thin client of the agent, loaded by browsers and tools.
//!
//! It has no thread, no card and no secret of its own. What tokens there are the agent tells on one
//! connection, which is looked at when a program calls; everything but a signature, a login and a
//! change of the PIN is answered from what it said last. What each function does, and why some do
//! nothing, is written in `docs/pkcs11.md`.
//!
//! A function has two parts: one in C, which turns pointers into Rust and stands in the file of its
//! chapter of the standard, and a safe one that does it.
#![allow(
    non_snake_case,
    reason = "the functions are named as the standard names them"
)]

pub mod contents;
mod desk;
mod digests;
pub mod error;
mod ffi;
mod functions;
mod general;
mod link;
mod mechanism;
mod module;
pub mod object;
mod objects;
mod pin;
mod session;
mod sessions;
mod signing;
mod slots;
mod unsupported;
mod world;

pub use general::{C_GetFunctionList, C_GetInterface, C_GetInterfaceList};
