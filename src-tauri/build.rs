//! What the web view may ask of the shell, and the front end that is put into the program.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::path::Path;

/// Every command of `src/commands`: it needs a line in `capabilities/main.json`, too.
const COMMANDS: &[&str] = &[
    "about",
    "cancel",
    "certificate",
    "certificate_status",
    "change_pin",
    "check_card",
    "delete_practice_card",
    "enrol_practice_card",
    "examine",
    "forget",
    "forget_programs",
    "forget_uses",
    "history",
    "insert_practice_card",
    "log_in",
    "log_in_practising",
    "make_practice_card",
    "mend",
    "name_certificate",
    "pins",
    "programs",
    "remove_practice_card",
    "renew",
    "resume",
    "resume_task",
    "revoke",
    "save_file",
    "services",
    "set",
    "start_with_computer",
    "starts_with_computer",
    "stored",
    "suspend",
    "unblock_pin",
    "unlock_card",
    "uses",
    "wanted",
    "watch",
];

/// Where the front end is built to.
const FRONT_END: &str = "../ui/dist";

/// What stands there as long as it was not built.
const NOT_BUILT: &str = "<!doctype html><title>Lichna</title><p>npm --prefix ui run build</p>\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={FRONT_END}");
    let page = Path::new(FRONT_END).join("index.html");
    if !page.exists() {
        fs::create_dir_all(FRONT_END)?;
        fs::write(page, NOT_BUILT)?;
    }
    let commands = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}
