//! A folder that no other user may enter.

use std::path::Path;

use super::HomeError;

/// Makes the folder if it is not there, and makes sure that it belongs to this user alone:
/// no symbolic link, our own, mode 0700.
///
/// # Errors
/// [`HomeError::NotOurs`] when it is a link or another user's; [`HomeError::Folder`] when the
/// system refuses.
#[cfg(unix)]
pub fn private_folder(folder: &Path) -> Result<(), HomeError> {
    use std::os::unix::fs::DirBuilderExt;

    use rustix::fs::{Mode, OFlags};

    let failed = |source: std::io::Error| HomeError::Folder {
        folder: folder.to_owned(),
        source,
    };
    let not_ours = |reason| HomeError::NotOurs {
        folder: folder.to_owned(),
        reason,
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed)?;
    // One open folder for all that follows, so nobody can put another in its place meanwhile.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let open = match rustix::fs::open(folder, flags, Mode::empty()) {
        Ok(open) => open,
        Err(rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR) => {
            return Err(not_ours("is a symbolic link"));
        }
        Err(error) => return Err(failed(error.into())),
    };
    let found = rustix::fs::fstat(&open).map_err(|error| failed(error.into()))?;
    if found.st_uid != rustix::process::geteuid().as_raw() {
        return Err(not_ours("belongs to another user"));
    }
    if found.st_mode & 0o077 != 0 {
        rustix::fs::fchmod(&open, Mode::RWXU).map_err(|error| failed(error.into()))?;
    }
    Ok(())
}

/// Makes the folder if it is not there. It is in the user's profile, which no other user enters.
///
/// # Errors
/// [`HomeError::Folder`] when the system refuses.
#[cfg(not(unix))]
pub fn private_folder(folder: &Path) -> Result<(), HomeError> {
    std::fs::create_dir_all(folder).map_err(|source| HomeError::Folder {
        folder: folder.to_owned(),
        source,
    })
}

/// Makes a file that is not there yet, and that no other user may read.
///
/// # Errors
/// As the system says; [`std::io::ErrorKind::AlreadyExists`] when there is something of that name.
pub fn new_file_for_owner(file: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn makes_the_folder_for_this_user_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("a/b");
        private_folder(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
        private_folder(&folder).unwrap();
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn refuses_a_symbolic_link() {
        let temporary = tempfile::tempdir().unwrap();
        let link = temporary.path().join("link");
        symlink(temporary.path(), &link).unwrap();
        let refused = private_folder(&link).unwrap_err();
        assert!(matches!(refused, HomeError::NotOurs { .. }));
    }

    #[test]
    fn refuses_a_folder_of_another_user() {
        // Every system has folders of root, and `/` is nobody else's.
        let root = Path::new("/");
        if root.metadata().unwrap().uid() == rustix::process::geteuid().as_raw() {
            let temporary = tempfile::tempdir().unwrap();
            std::os::unix::fs::chown(temporary.path(), Some(65534), None).unwrap();
            let refused = private_folder(temporary.path()).unwrap_err();
            assert!(matches!(refused, HomeError::NotOurs { .. }));
        } else {
            let refused = private_folder(root).unwrap_err();
            assert!(matches!(refused, HomeError::NotOurs { .. }));
        }
    }
}
