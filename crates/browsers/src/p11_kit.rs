//! p11-kit: a file of our own in one of its folders (pkcs11.conf(5)). GnuTLS, OpenSSL's engine and
//! provider, and desktop programs read it.

use std::path::{Path, PathBuf};

use super::{Found, Place, Program, Registry, State, Surroundings, files};
use crate::BrowserError;

const FILE: &str = "lichna.module";
/// `modules` and `pkcs11`, which are there for such files alone.
const FOLDERS: usize = 2;

/// This user's, unless the computer's says it already.
pub fn of_user(around: &Surroundings) -> Place {
    let own = around.config.join("pkcs11/modules").join(FILE);
    let place = place(own, around);
    if place.state == State::NotRegistered {
        let system = of_system(around);
        if system.state == State::Registered {
            return Place {
                registry: Registry::None,
                ..system
            };
        }
    }
    place
}

/// The computer's: that of the package where there is one, else the administrator's.
pub fn of_system(around: &Surroundings) -> Place {
    let packaged = around.system("/usr/share/p11-kit/modules").join(FILE);
    let packaged = place(packaged, around);
    if packaged.state == State::Registered {
        return Place {
            registry: Registry::None,
            ..packaged
        };
    }
    place(around.system("/etc/pkcs11/modules").join(FILE), around)
}

fn place(path: PathBuf, around: &Surroundings) -> Place {
    let found = look(&path, &around.module);
    Place::new(Program::P11Kit, path, found, Registry::P11Kit)
}

fn look(path: &Path, module: &Path) -> Found {
    let text = match files::read(path) {
        Ok(Some(text)) => text,
        Ok(None) => return Found::NOTHING,
        Err(_) => return Found::UNREADABLE,
    };
    let library = files::ini(text, ':').and_then(|ini| files::value(&ini, "module"));
    match library {
        Some(library) => Found::library(Path::new(&library), module),
        None => Found::UNREADABLE,
    }
}

pub fn write(path: &Path, module: &Path) -> Result<(), BrowserError> {
    let text = format!(
        "# The identity card, by Lichna. Made by: lichna browsers setup\nmodule: {}\n",
        module.display()
    );
    files::write(path, &text)
}

pub fn delete(path: &Path) -> Result<(), BrowserError> {
    files::delete(path, FOLDERS)
}
