//! Prints the messages of the protocol as TypeScript. `cargo xtask typescript` runs it.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io::Write;

use lichna_ipc::{AgentMessage, ClientMessage};
use ts_rs::{Config, TS, TypeVisitor};

/// The declarations that were found, by the name of the type.
struct Declarations {
    config: Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let name = T::ident(&self.config);
        // What is of TypeScript itself stands nowhere.
        if T::output_path().is_none() || self.found.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}\n", T::decl(&self.config));
        self.found.insert(name, declaration);
        T::visit_dependencies(self);
    }
}

fn main() -> std::io::Result<()> {
    let mut all = Declarations {
        // Numbers of the protocol are counts, which JSON carries exactly.
        config: Config::new().with_large_int("number"),
        found: BTreeMap::new(),
    };
    all.visit::<AgentMessage>();
    all.visit::<ClientMessage>();
    let mut out = std::io::stdout().lock();
    writeln!(out, "// Written by `cargo xtask typescript`.")?;
    for declaration in all.found.values() {
        write!(out, "\n{declaration}")?;
    }
    Ok(())
}
