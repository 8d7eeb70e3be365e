//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use configparser::ini::Ini;

use crate::BrowserError;

/// Writes a file, and makes its folder where there is none. One that is there keeps its
/// permissions, and stays the file that a link leads to.
pub fn write(path: &Path, text: &str) -> Result<(), BrowserError> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    try_write(&target, text).map_err(|error| unwritable(path, &error))
}

fn try_write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let beside = beside(path);
    let written = new_file(&beside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| match fs::metadata(path) {
            Ok(old) => fs::set_permissions(&beside, old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of it would only confuse.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".lichna-{}", std::process::id()));
    path.with_file_name(name)
}

/// Deletes a file, and of the folders above it as many as are empty then, up to `most`.
pub fn delete(path: &Path, most: usize) -> Result<(), BrowserError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(unwritable(path, &error)),
        _ => {}
    }
    for folder in path.ancestors().skip(1).take(most) {
        // One that is not empty stays.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

/// What is in a file; `None` where there is none.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> BrowserError {
    BrowserError::RegistryUnwritable {
        file: path.display().to_string(),
        reason: error.to_string(),
    }
}

/// Lines of names and values, in sections or not. `None` when it is something else.
pub fn ini(text: String, delimiter: char) -> Option<Ini> {
    let mut defaults = Ini::new_cs().defaults();
    defaults.delimiters = vec![delimiter];
    // Within a line these may be part of a path.
    defaults.enable_inline_comments = false;
    let mut ini = Ini::new_from_defaults(defaults);
    ini.read(text).ok()?;
    Some(ini)
}

/// The value of a name that stands in no section.
pub fn value(ini: &Ini, name: &str) -> Option<String> {
    ini.get(&ini.defaults().default_section, name)
}
