//! The module databases of NSS: `pkcs11.txt` in a folder. They are read here, and written by NSS's
//! own tool `modutil`, which knows what may be in them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Found, NAME, State, files};
use crate::BrowserError;

const LIST: &str = "pkcs11.txt";
/// The certificates. A folder without is one that no program has used yet.
const CERTIFICATES: &str = "cert9.db";
/// What stands for all modules of p11-kit.
const PROXY: &str = "p11-kit-proxy.so";

/// A module in the list.
struct Entry {
    name: String,
    library: PathBuf,
}

/// What the database in this folder has of our module.
pub fn look(folder: &Path, module: &Path) -> Found {
    let entries = match entries(folder) {
        Ok(entries) => entries,
        Err(_) => return Found::UNREADABLE,
    };
    let ours = entries.iter().find(|entry| entry.name == NAME);
    if let Some(entry) = ours {
        return Found::library(&entry.library, module);
    }
    let found = |entry: &Entry| Found::library(&entry.library, module);
    if let Some(found) = entries
        .iter()
        .map(found)
        .find(|found| found.state == State::Registered)
    {
        return found;
    }
    match entries.into_iter().find(|entry| is_proxy(&entry.library)) {
        Some(proxy) => Found {
            state: State::ThroughP11Kit,
            library: Some(proxy.library),
        },
        None => Found::NOTHING,
    }
}

/// A module is there under our name.
pub fn has_ours(folder: &Path) -> bool {
    entries(folder).is_ok_and(|entries| entries.iter().any(|entry| entry.name == NAME))
}

fn is_proxy(library: &Path) -> bool {
    library.file_name().is_some_and(|name| name == PROXY)
}

fn entries(folder: &Path) -> std::io::Result<Vec<Entry>> {
    let text = files::read(&folder.join(LIST))?.unwrap_or_default();
    Ok(modules(&text))
}

/// One paragraph a module, `name=value` on each line. What is none is passed over: the tool that
/// writes there knows better what to do with it.
fn modules(text: &str) -> Vec<Entry> {
    text.split("\n\n").filter_map(entry).collect()
}

fn entry(paragraph: &str) -> Option<Entry> {
    let ini = files::ini(paragraph.to_owned(), '=')?;
    let value = |name| files::value(&ini, name);
    Some(Entry {
        name: value("name")?,
        library: PathBuf::from(value("library")?),
    })
}

/// Adds the module. The tool loads it once, so one that does not work is not added.
pub fn add(folder: &Path, module: &Path) -> Result<(), BrowserError> {
    let is_new = ![LIST, CERTIFICATES]
        .iter()
        .any(|file| folder.join(file).exists());
    if is_new {
        std::fs::create_dir_all(folder).map_err(|error| BrowserError::RegistryUnwritable {
            file: folder.display().to_string(),
            reason: error.to_string(),
        })?;
        modutil(folder, &["-create"], None)?;
    }
    modutil(folder, &["-add", NAME, "-libfile"], Some(module))
}

/// Takes the module out.
pub fn remove(folder: &Path) -> Result<(), BrowserError> {
    modutil(folder, &["-delete", NAME], None)
}

fn modutil(folder: &Path, arguments: &[&str], last: Option<&Path>) -> Result<(), BrowserError> {
    let mut database = std::ffi::OsString::from("sql:");
    database.push(folder);
    let output = Command::new("modutil")
        .arg("-dbdir")
        .arg(database)
        .args(arguments)
        .args(last)
        .arg("-force")
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(BrowserError::NssToolsMissing);
        }
        Err(error) => return Err(failed(folder, &error.to_string())),
    };
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(failed(folder, said.trim()))
}

fn failed(folder: &Path, reason: &str) -> BrowserError {
    BrowserError::NssToolFailed {
        folder: folder.display().to_string(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_list_as_nss_writes_it() {
        let text = "library=\nname=NSS Internal PKCS #11 Module\n\
                    parameters=configdir='sql:/home/a = b;c'  \n\
                    NSS=Flags=internal,critical slotParams=(1={slotFlags=[ECC,RSA] timeout=30})\n\n\
                    library=/opt/a b/дом;#1=x.so\nname=Lichna\n\n\n";
        let found: Vec<_> = modules(text)
            .into_iter()
            .map(|entry| (entry.name, entry.library))
            .collect();
        let internal = "NSS Internal PKCS #11 Module".to_owned();
        assert_eq!(
            found,
            [
                (internal, PathBuf::new()),
                ("Lichna".to_owned(), PathBuf::from("/opt/a b/дом;#1=x.so")),
            ]
        );
    }

    #[test]
    fn what_is_no_list_has_no_modules() {
        for text in [
            "",
            "\n\n\n",
            "\u{0}\u{fffd}",
            "[section\nname",
            "name=Lichna\n",
        ] {
            assert!(modules(text).is_empty(), "{text:?}");
        }
    }
}
