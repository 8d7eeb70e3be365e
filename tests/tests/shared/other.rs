//! Another program that uses the card: this same test binary, run once more.

use std::ffi::CString;
use std::process::{Child, Stdio};

use crate::stage::Stage;

/// A process that runs one ignored test of this binary, until it is ended.
pub struct OtherProgram(pub Child);

impl OtherProgram {
    /// Runs that test, by its whole name, with the reader of the stage.
    pub fn running(test: &str, stage: &Stage) -> Self {
        let mut command = stage.pcscd.command(std::env::current_exe().unwrap());
        let child = command
            .args(["--ignored", "--exact", "--nocapture", test])
            .env("READER", stage.pcscd.reader(0).name())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for OtherProgram {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// In that process: the reader, and the service.
pub fn reader() -> (CString, pcsc::Context) {
    let reader = CString::new(std::env::var("READER").unwrap()).unwrap();
    (reader, pcsc::Context::establish(pcsc::Scope::User).unwrap())
}

/// In that process: stays until whoever started it goes, or ends it.
pub fn stay() {
    std::io::stdin().lines().for_each(drop);
}
