//! The policies of Firefox for all users: `SecurityDevices` in `policies.json`. What else stands in
//! the file stays as it is, in its order.

use std::path::Path;

use serde_json::{Map, Value};

use super::{Found, NAME, Place, Program, Registry, Surroundings, files};
use crate::BrowserError;

const FILE: &str = "/etc/firefox/policies/policies.json";
/// `policies` and `firefox`: of what is empty then, nothing is missed.
const FOLDERS: usize = 2;

const POLICIES: &str = "policies";
const DEVICES: &str = "SecurityDevices";
/// Since Firefox 114: modules to add, by name. Before that the names stood in [`DEVICES`] itself,
/// and they still may; then nothing is read from here.
const ADD: &str = "Add";
const DELETE: &str = "Delete";

pub fn place(around: &Surroundings) -> Place {
    let path = around.system(FILE);
    let found = match read(&path) {
        Err(_) => Found::UNREADABLE,
        Ok(mut file) => match devices(&mut file).map(|devices| devices.get(NAME)) {
            None => Found::UNREADABLE,
            Some(None) => Found::NOTHING,
            Some(Some(Value::String(library))) => {
                Found::library(Path::new(library), &around.module)
            }
            Some(Some(_)) => Found::UNREADABLE,
        },
    };
    Place::new(Program::FirefoxPolicy, path, found, Registry::Policy)
}

pub fn add(path: &Path, module: &Path) -> Result<(), BrowserError> {
    let mut file = read(path)?;
    let devices = devices(&mut file).ok_or_else(|| unreadable(path))?;
    devices.insert(NAME.to_owned(), module.display().to_string().into());
    write(path, file)
}

pub fn remove(path: &Path) -> Result<(), BrowserError> {
    let mut file = read(path)?;
    let devices = devices(&mut file).ok_or_else(|| unreadable(path))?;
    // The order of the others stays.
    devices.shift_remove(NAME);
    // What stands around nothing was made for ours, and says nothing.
    prune(&mut file, &[POLICIES, DEVICES, ADD]);
    if file.is_empty() {
        return files::delete(path, FOLDERS);
    }
    write(path, file)
}

/// The modules that are added, made where there are none; `None` when something else stands there.
fn devices(file: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    let policies = object(file, POLICIES)?;
    let devices = object(policies, DEVICES)?;
    let is_flat =
        !devices.is_empty() && !devices.contains_key(ADD) && !devices.contains_key(DELETE);
    if is_flat {
        return Some(devices);
    }
    object(devices, ADD)
}

fn object<'a>(within: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Map<String, Value>> {
    within
        .entry(key)
        .or_insert_with(|| Value::Object(Map::new()))
        .as_object_mut()
}

/// Takes away what is empty at the end of this path, from there upwards.
fn prune(within: &mut Map<String, Value>, path: &[&str]) {
    let Some((key, below)) = path.split_first() else {
        return;
    };
    if let Some(inner) = within.get_mut(*key).and_then(Value::as_object_mut) {
        prune(inner, below);
        if inner.is_empty() {
            within.shift_remove(*key);
        }
    }
}

fn read(path: &Path) -> Result<Map<String, Value>, BrowserError> {
    let text = files::read(path).map_err(|_| unreadable(path))?;
    match text {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(&text).map_err(|_| unreadable(path)),
    }
}

fn write(path: &Path, file: Map<String, Value>) -> Result<(), BrowserError> {
    let text = serde_json::to_string_pretty(&file).unwrap_or_default();
    files::write(path, &format!("{text}\n"))
}

fn unreadable(path: &Path) -> BrowserError {
    let file = path.display().to_string();
    BrowserError::RegistryUnreadable { file }
}
