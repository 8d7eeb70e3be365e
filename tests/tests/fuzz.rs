//! What crashed a fuzz target once does not do so again, and neither do the seeds.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a failure names the file that was fed last"
)]

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::{fs, path::Path};

/// Feeds each file of the target's folders to it. A panic is the failure.
fn feed(name: &str, target: fn(&[u8])) {
    let mut fed = 0;
    for kind in ["seeds", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../fuzz")
            .join(kind)
            .join(name);
        // A target that never crashed has no folder of regressions.
        for file in fs::read_dir(folder).into_iter().flatten() {
            let path = file.unwrap().path();
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
            fed += 1;
        }
    }
    assert!(fed > 0, "{name} has no seeds");
}

macro_rules! targets {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            feed(stringify!($name), fuzz::$name);
        }
    )*};
}

targets!(
    response,
    tlv,
    card,
    cia,
    profile,
    frame,
    certificate,
    trust,
    security_infos,
    secure_messaging,
    security_object,
    attributes,
    crl,
    ocsp,
    timestamp,
    message,
    request,
    journal_records,
    journal_checkpoint,
    journal_archive
);
