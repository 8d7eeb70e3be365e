//! Chromium and its relatives: all of them use one database of the user.

use std::path::PathBuf;

use super::{Packaging, Place, Program, Registry, Surroundings, nss};

/// Folders of settings, in the user's configuration: with one of them there is such a browser.
const BROWSERS: [&str; 8] = [
    "chromium",
    "google-chrome",
    "google-chrome-beta",
    "google-chrome-unstable",
    "BraveSoftware",
    "microsoft-edge",
    "vivaldi",
    "opera",
];

/// Where they are when they were not installed like other programs, from the home folder.
const SANDBOXES: [(&str, Packaging); 8] = [
    ("snap/chromium", Packaging::Snap),
    ("snap/brave", Packaging::Snap),
    (".var/app/org.chromium.Chromium", Packaging::Flatpak),
    (".var/app/com.google.Chrome", Packaging::Flatpak),
    (".var/app/com.brave.Browser", Packaging::Flatpak),
    (".var/app/com.microsoft.Edge", Packaging::Flatpak),
    (".var/app/com.vivaldi.Vivaldi", Packaging::Flatpak),
    (".var/app/com.opera.Opera", Packaging::Flatpak),
];

pub fn places(around: &Surroundings) -> Vec<Place> {
    let usual = around.home.join(".pki/nssdb");
    let other = around.data.join("pki/nssdb");
    let used = BROWSERS
        .iter()
        .any(|browser| around.config.join(browser).is_dir());
    // Made where a browser is about to make it.
    let usual_counts = usual.is_dir() || used && !other.is_dir();
    let databases = [
        usual_counts.then_some(usual),
        other.is_dir().then_some(other),
    ];
    let place = |path: PathBuf| {
        let found = nss::look(&path, &around.module);
        Place::new(Program::Chromium, path, found, Registry::Nss)
    };
    let mut places: Vec<Place> = databases.into_iter().flatten().map(place).collect();
    for (folder, packaging) in SANDBOXES {
        let folder = around.home.join(folder);
        if folder.is_dir() {
            places.push(Place::in_sandbox(Program::Chromium, packaging, folder));
        }
    }
    places
}
