//! The card profiles that are in use: those that come with Lichna, then the user's own.

use std::{fs, path::Path};

use lichna_card::{Profile, ProfileError, Profiles};
use lichna_ipc::{Failure, ProfileInfo};

use crate::config::read_bounded;

/// Most files of the user's that are looked at.
const MOST_FILES: usize = 64;

/// What was found.
pub struct Loaded {
    /// What is used.
    pub profiles: Profiles,
    /// The user's files that are not, and why.
    pub refused: Vec<(String, Failure)>,
}

/// Reads the profiles. The user's are the files `*.toml` in `folder`, by name; a folder that is
/// not there has none.
pub fn load(folder: &Path) -> Loaded {
    let mut loaded = Loaded {
        profiles: Profiles::builtin(),
        refused: Vec::new(),
    };
    let mut files: Vec<_> = match fs::read_dir(folder) {
        Ok(entries) => entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            })
            .take(MOST_FILES)
            .collect(),
        Err(_) => Vec::new(),
    };
    files.sort();
    for file in files {
        let name = file.display().to_string();
        let added = match read_bounded(&file) {
            Ok(text) => loaded.profiles.add_unsigned(&name, &text).map_err(told),
            Err(error) => Err(Failure::FileUnreadable {
                file: name.clone(),
                reason: error.to_string(),
            }),
        };
        if let Err(failure) = added {
            tracing::warn!(%failure, "a card profile is not used");
            loaded.refused.push((name, failure));
        }
    }
    loaded
}

/// What is told of the profiles.
pub fn list(folder: &Path) -> Vec<ProfileInfo> {
    let loaded = load(folder);
    let used = loaded.profiles.iter().map(|profile| info(profile));
    let refused = loaded
        .refused
        .into_iter()
        .map(|(file, failure)| ProfileInfo {
            name: stem(&file),
            card: String::new(),
            issuer: String::new(),
            dialect: String::new(),
            unsigned: true,
            source: file,
            rejected: Some(Box::new(failure)),
        });
    used.chain(refused).collect()
}

/// Checks the text of a profile as if it lay in the user's folder.
///
/// # Errors
/// What is wrong with it, and where.
pub fn check(file: &str, text: &str) -> Result<ProfileInfo, Failure> {
    let mut profiles = Profiles::builtin();
    profiles.add_unsigned(file, text).map_err(told)?;
    Profile::check(file, text)
        .map(|profile| info(&profile))
        .map_err(told)
}

/// The name of a profile: that of its file.
pub fn name(profile: &Profile) -> String {
    stem(profile.file())
}

fn info(profile: &Profile) -> ProfileInfo {
    ProfileInfo {
        name: name(profile),
        card: profile.name().to_owned(),
        issuer: profile.issuer().to_owned(),
        dialect: profile.dialect().name().to_owned(),
        unsigned: profile.unsigned(),
        source: if profile.unsigned() {
            profile.file().to_owned()
        } else {
            "built in".into()
        },
        rejected: None,
    }
}

fn stem(file: &str) -> String {
    let stem = Path::new(file).file_stem();
    stem.map_or_else(
        || file.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

fn told(error: ProfileError) -> Failure {
    let reason = error.to_string();
    let line = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    match error {
        ProfileError::ClaimsKnownCard { file, known, .. } => Failure::ProfileClaimsKnownCard {
            file,
            profile: known,
        },
        ProfileError::ProfileInvalid {
            file,
            line: at,
            field,
            fault,
        } => Failure::ProfileInvalid {
            file,
            line: line(at),
            field,
            reason: fault.to_string(),
        },
        ProfileError::RelaxesProtection {
            file,
            line: at,
            field,
        } => Failure::ProfileInvalid {
            file,
            line: line(at),
            field,
            reason,
        },
        _ => Failure::ProfileInvalid {
            file: String::new(),
            line: 0,
            field: String::new(),
            reason,
        },
    }
}
