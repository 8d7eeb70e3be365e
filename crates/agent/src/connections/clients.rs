//! The programs that are connected, and of which version what speaks for them is.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use lichna_ipc::{Hello, Peer};

/// All of them.
#[derive(Debug, Default)]
pub struct Clients(Mutex<Vec<Weak<There>>>);

/// One of them, until this is dropped.
#[derive(Debug)]
pub struct There {
    /// Its executable's name, where the system tells: of the module it is the browser's. Else what it
    /// calls itself.
    program: String,
    version: String,
}

impl Clients {
    /// One came.
    pub fn came(&self, peer: &Peer, hello: &Hello) -> Arc<There> {
        let name = peer.executable_path().and_then(|path| path.file_name());
        let name = name.map(|name| name.to_string_lossy().into_owned());
        let there = Arc::new(There {
            program: name.unwrap_or_else(|| hello.program.clone()),
            version: hello.version.clone(),
        });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.strong_count() > 0);
        all.push(Arc::downgrade(&there));
        there
    }

    /// Programs that are not of this version, each with its own.
    pub fn of_other_versions(&self, version: &str) -> BTreeSet<(String, String)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let there = all.iter().filter_map(Weak::upgrade);
        there
            .filter(|one| one.version != version)
            .map(|one| (one.program.clone(), one.version.clone()))
            .collect()
    }
}
