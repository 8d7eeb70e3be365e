//! The PKCS#11 module, abused: by programs that call it wrongly, at the wrong time, from many
//! threads at once, and by cards, readers and an agent that go away meanwhile.
//!
//! The module is in a program of its own each time: this test binary, run once more
//! ([`program::Program`]). To have it run under a checker of memory:
//!
//! ```sh
//! MODULE_TESTS_UNDER="valgrind --error-exitcode=99 --quiet" cargo test -p lichna-tests --test module
//! ```
//!
//! For AddressSanitizer, `MODULE_TESTS_MODULE` names a module that was built with it, and
//! `MODULE_TESTS_UNDER` is `env LD_PRELOAD=…/libasan.so`.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test; its names say it"
)]

mod arguments;
mod attributes;
mod classic;
#[path = "../shared/client.rs"]
mod client;
mod general;
mod liar;
mod made;
mod mistakes;
mod program;
mod scene;
mod searches;
mod signing;
mod slots;
#[path = "../shared/stage.rs"]
mod stage;
mod threads;
mod trouble;
