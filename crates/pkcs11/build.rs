//! How the module is linked.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "this is how a build script speaks")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Programs may hold the symbols of another module, p11-kit's for one, where all of the process
    // sees them. Ours are to find each other.
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if ["linux", "freebsd"].contains(&system.as_str()) {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    }
}
