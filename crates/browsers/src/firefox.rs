//! The profiles of Firefox.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Found, Packaging, Place, Program, Registry, Surroundings, files, nss};

/// Where it is when it was not installed like other programs, from the home folder.
const SANDBOXES: [(&str, Packaging); 2] = [
    ("snap/firefox", Packaging::Snap),
    (".var/app/org.mozilla.firefox", Packaging::Flatpak),
];

pub fn places(around: &Surroundings) -> Vec<Place> {
    // The first is where it always was, the second where new installations have it.
    let roots = [
        around.home.join(".mozilla/firefox"),
        around.config.join("mozilla/firefox"),
    ];
    let mut places = Vec::new();
    let mut known = BTreeSet::new();
    for root in roots {
        match profiles(&root) {
            Ok(profiles) => {
                let new = profiles.into_iter().filter(|path| known.insert(real(path)));
                places.extend(new.map(|path| place(path, around)));
            }
            Err(list) => places.push(Place::new(
                Program::Firefox,
                list,
                Found::UNREADABLE,
                Registry::None,
            )),
        }
    }
    for (folder, packaging) in SANDBOXES {
        let folder = around.home.join(folder);
        if folder.is_dir() {
            places.push(Place::in_sandbox(Program::Firefox, packaging, folder));
        }
    }
    places
}

fn place(path: PathBuf, around: &Surroundings) -> Place {
    let found = nss::look(&path, &around.module);
    Place {
        running: runs(&path),
        ..Place::new(Program::Firefox, path, found, Registry::Nss)
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The folders of the profiles that the lists in `root` name; the list that cannot be read.
fn profiles(root: &Path) -> Result<Vec<PathBuf>, PathBuf> {
    let mut profiles = Vec::new();
    for (list, key) in [("profiles.ini", "Path"), ("installs.ini", "Default")] {
        let list = root.join(list);
        let text = match files::read(&list) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(_) => return Err(list),
        };
        let Some(ini) = files::ini(text, '=') else {
            return Err(list);
        };
        let named = ini.sections().into_iter().filter_map(|section| {
            ini.get(&section, key)
                .map(|path| root.join(path))
                .filter(|path| path.is_dir() && path != root)
        });
        profiles.extend(named);
    }
    profiles.sort();
    Ok(profiles)
}

/// A running Firefox holds its profile with a link that names its process. One that ended badly
/// leaves it behind.
fn runs(profile: &Path) -> bool {
    let Ok(holder) = fs::read_link(profile.join("lock")) else {
        return false;
    };
    let holder = holder.to_string_lossy();
    let Some(pid) = holder.rsplit('+').next().filter(|pid| is_number(pid)) else {
        return false;
    };
    match fs::read_link(format!("/proc/{pid}/exe")) {
        // Another program has the number now.
        Ok(program) => program.to_string_lossy().contains("firefox"),
        // It is somebody else's, or the system does not tell.
        Err(_) => Path::new(&format!("/proc/{pid}")).exists(),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
