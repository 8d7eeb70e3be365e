//! What a process runs.

use std::path::{Path, PathBuf};

/// The file that a process runs, by its inode: a file of the same name may be another by now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Executable {
    /// Its path.
    pub path: PathBuf,
    /// Device.
    pub device: u64,
    /// Inode.
    pub inode: u64,
}

impl Executable {
    /// It is a program of its own, not an interpreter of any script, and `user` can neither write
    /// to it nor put another in its place.
    #[must_use]
    pub fn may_be_remembered(&self, user: u32) -> bool {
        !is_interpreter(&self.path) && self.is_still_there() && out_of_reach(&self.path, user)
    }

    /// The very file is still at its path.
    #[must_use]
    #[cfg(unix)]
    pub fn is_still_there(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        std::fs::symlink_metadata(&self.path)
            .is_ok_and(|found| found.dev() == self.device && found.ino() == self.inode)
    }

    /// The very file is still at its path: this system does not tell.
    #[must_use]
    #[cfg(not(unix))]
    pub fn is_still_there(&self) -> bool {
        false
    }
}

/// It runs what it is told, so its name says nothing of what it does.
fn is_interpreter(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return true;
    };
    // `python3.11`, `lua5.4` and `ld-linux-x86-64.so.2` are told by how they begin.
    let family = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    name.starts_with("ld-") || name.starts_with("ld.so") || INTERPRETERS.contains(&family)
}

/// Programs that run scripts, other programs, or code in another process.
const INTERPRETERS: &[&str] = &[
    "ash",
    "awk",
    "bash",
    "bun",
    "busybox",
    "csh",
    "dash",
    "deno",
    "dotnet",
    "env",
    "expect",
    "fish",
    "gawk",
    "gdb",
    "gjs",
    "guile",
    "irb",
    "java",
    "js",
    "ksh",
    "lldb",
    "lua",
    "luajit",
    "mawk",
    "mono",
    "nawk",
    "node",
    "nodejs",
    "osascript",
    "perl",
    "php",
    "pwsh",
    "pypy",
    "python",
    "qemu",
    "ruby",
    "screen",
    "sh",
    "socat",
    "ssh",
    "strace",
    "tclsh",
    "tmux",
    "toybox",
    "wine",
    "wine64",
    "wish",
    "xonsh",
    "yash",
    "zsh",
];

/// Neither the file nor a folder on the way to it can be written by `user`.
#[cfg(unix)]
fn out_of_reach(path: &Path, user: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    path.is_absolute()
        && path.ancestors().all(|step| {
            std::fs::symlink_metadata(step).is_ok_and(|found| {
                let others_write = found.mode() & 0o022 != 0;
                found.uid() != user && !others_write && !found.is_symlink()
            })
        })
}

#[cfg(not(unix))]
fn out_of_reach(_path: &Path, _user: u32) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    /// No process has it.
    const SOMEBODY: u32 = 54321;

    fn executable(path: &str) -> Executable {
        let path = std::fs::canonicalize(path).unwrap();
        let found = path.metadata().unwrap();
        Executable {
            device: found.dev(),
            inode: found.ino(),
            path,
        }
    }

    #[test]
    fn a_program_of_the_system_may_be_remembered() {
        assert!(executable("/bin/ls").may_be_remembered(SOMEBODY));
    }

    #[test]
    fn refuses_to_remember_an_interpreter() {
        assert!(!executable("/bin/sh").may_be_remembered(SOMEBODY));
        for name in [
            "python3.11",
            "ld-linux-x86-64.so.2",
            "perl",
            "node",
            "lua5.4",
            "bash",
        ] {
            assert!(is_interpreter(&Path::new("/usr/bin").join(name)), "{name}");
        }
        for name in ["curl", "firefox-esr", "ld", "shred", "lichna"] {
            assert!(!is_interpreter(&Path::new("/usr/bin").join(name)), "{name}");
        }
    }

    #[test]
    fn refuses_to_remember_what_the_user_can_overwrite() {
        let owner = Path::new("/bin/ls").metadata().unwrap().uid();
        assert!(!executable("/bin/ls").may_be_remembered(owner));
        let temporary = tempfile::tempdir().unwrap();
        let copy = temporary.path().join("program");
        std::fs::copy("/bin/ls", &copy).unwrap();
        // `/tmp` can be written by everybody.
        assert!(!executable(copy.to_str().unwrap()).may_be_remembered(SOMEBODY));
    }

    #[test]
    fn refuses_to_remember_a_file_that_was_replaced() {
        let mut replaced = executable("/bin/ls");
        replaced.inode += 1;
        assert!(!replaced.may_be_remembered(SOMEBODY));
    }
}
