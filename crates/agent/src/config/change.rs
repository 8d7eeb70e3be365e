//! What is set in a window, written into the configuration file. Comments, order and everything
//! that is not set stay as they are.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use lichna_ipc::{Failure, SettingChange};
use lichna_tls::TrustList;
use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::{Config, invalid, text_of};
use crate::state_file;

/// One change at a time.
static MINE: Mutex<()> = Mutex::new(());

/// Makes that change in `file`, which is made where there is none.
///
/// # Errors
/// [`Failure::ServerNameInvalid`]; [`Failure::ConfigurationInvalid`] where the file cannot be read
/// or written, which is as it was then.
pub fn set(file: &Path, change: &SettingChange) -> Result<(), Failure> {
    let _mine = MINE.lock().unwrap_or_else(PoisonError::into_inner);
    let text = text_of(file)?;
    let changed = changed(&text, change).map_err(|fault| match fault {
        Fault::Name(failure) => failure,
        Fault::File(reason) => invalid(file, reason),
    })?;
    if changed == text {
        return Ok(());
    }
    // What is written is what will be read.
    Config::parse(&changed).map_err(|reason| invalid(file, reason))?;
    state_file::write_bytes(file, changed.as_bytes())
        .map_err(|error| invalid(file, error.to_string()))
}

enum Fault {
    Name(Failure),
    File(String),
}

fn changed(text: &str, change: &SettingChange) -> Result<String, Fault> {
    Config::parse(text).map_err(Fault::File)?;
    let unreadable = |error: &dyn std::error::Error| Fault::File(error.to_string());
    let mut document: DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| unreadable(&e))?;
    match change {
        SettingChange::Look(look) => {
            let new = toml_edit::ser::to_document(look).map_err(|error| unreadable(&error))?;
            let look = table(&mut document, "look")?;
            look.retain(|key, _| new.contains_key(key));
            for (key, item) in new.iter() {
                if let Some(value) = item.as_value() {
                    put(look, key, value.clone());
                }
            }
        }
        SettingChange::Trust { server } => {
            let server = server.trim();
            TrustList::parse([server]).map_err(|error| {
                Fault::Name(Failure::ServerNameInvalid {
                    name: server.to_owned(),
                    reason: error.to_string(),
                })
            })?;
            let trusted = trusted(&mut document)?;
            if !trusted.iter().any(|one| one.as_str() == Some(server)) {
                trusted.push(server);
            }
        }
        SettingChange::Distrust { server } => {
            trusted(&mut document)?.retain(|one| one.as_str() != Some(server));
        }
    }
    Ok(document.to_string())
}

fn trusted(document: &mut DocumentMut) -> Result<&mut Array, Fault> {
    table(document, "servers")?
        .entry("trusted")
        .or_insert_with(|| Item::Value(Value::Array(Array::new())))
        .as_array_mut()
        .ok_or_else(|| Fault::File("“trusted” is no list".to_owned()))
}

fn table<'a>(document: &'a mut DocumentMut, name: &str) -> Result<&'a mut Table, Fault> {
    document
        .entry(name)
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_mut()
        .ok_or_else(|| Fault::File(format!("[{name}] is no table of its own")))
}

/// Another value where one stands keeps what is written beside it.
fn put(table: &mut Table, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(there) => {
            *value.decor_mut() = there.decor().clone();
            *there = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use lichna_ipc::{Contrast, Look, WindowLanguage};

    use super::*;

    fn made(text: &str, change: &SettingChange) -> String {
        changed(text, change).unwrap_or_else(|_| panic!("{change:?}"))
    }

    fn trust(server: &str) -> SettingChange {
        let server = server.to_owned();
        SettingChange::Trust { server }
    }

    #[test]
    fn what_is_not_set_stays_as_it_is() {
        let text = "# mine\n[servers]\n# the office\ntrusted = [\"a.example\"] # one\n\n\
                    [look]\ntext = \"large\" # my eyes\nlanguage = \"bg\"\n";
        let look = Look {
            contrast: Contrast::High,
            language: None,
            ..Look::default()
        };
        let made = made(text, &SettingChange::Look(look));
        assert!(
            made.starts_with("# mine\n[servers]\n# the office\ntrusted = [\"a.example\"] # one\n")
        );
        assert!(made.contains("text = \"normal\" # my eyes\n"), "{made}");
        assert!(!made.contains("language"), "{made}");
        assert_eq!(Config::parse(&made).unwrap().look, look);
    }

    #[test]
    fn a_file_is_begun_where_there_is_none() {
        let look = Look {
            language: Some(WindowLanguage::En),
            ..Look::default()
        };
        let made = made("", &SettingChange::Look(look));
        assert_eq!(Config::parse(&made).unwrap().look, look);
    }

    #[test]
    fn a_server_is_trusted_once_and_no_longer() {
        let once = made("", &trust(" *.egov.bg "));
        assert_eq!(made(&once, &trust("*.egov.bg")), once);
        assert_eq!(Config::parse(&once).unwrap().servers.trusted, ["*.egov.bg"]);
        let server = "*.egov.bg".to_owned();
        let none = made(&once, &SettingChange::Distrust { server });
        assert!(Config::parse(&none).unwrap().servers.trusted.is_empty());
    }

    #[test]
    fn what_is_no_name_of_a_server_is_refused() {
        for name in ["", "*", "*.bg", "a b", "https://a.example", "a.example/x"] {
            let refused = changed("", &trust(name));
            assert!(
                matches!(refused, Err(Fault::Name(Failure::ServerNameInvalid { .. }))),
                "{name}"
            );
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "[servers\n").unwrap();
        let refused = set(&file, &trust("a.example"));
        assert!(matches!(refused, Err(Failure::ConfigurationInvalid { .. })));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "[servers\n");
    }
}
