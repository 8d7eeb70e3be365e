//! What is installed, and where.

/// A file: where it comes from, where it goes below the root, and its mode.
pub struct Installed {
    pub from: From,
    pub to: &'static str,
    pub mode: &'static str,
}

/// Where a file comes from.
#[derive(Clone, Copy)]
pub enum From {
    /// The target folder's release profile.
    Release(&'static str),
    /// The repository.
    Repository(&'static str),
    /// What `lichna` prints in this language with these words.
    Printed(&'static str, &'static [&'static str]),
    /// What this program, which speaks English alone, prints as its manual page.
    Manual(&'static str),
    /// What the authors of the crates that the package in this folder is made of want to be said
    /// wherever their work is passed on: their names and licences.
    Notices(&'static str),
}

const fn program(name: &'static str, to: &'static str) -> Installed {
    let from = From::Release(name);
    let mode = "755";
    Installed { from, to, mode }
}

const fn notices(folder: &'static str, to: &'static str) -> Installed {
    file(From::Notices(folder), to)
}

const fn file(from: From, to: &'static str) -> Installed {
    let mode = "644";
    Installed { from, to, mode }
}

/// All that is installed for holders. The agent and the module stand at these very places in
/// `lichna-ipc`, too; the PIN window stands beside the agent.
pub const HOLDERS: &[Installed] = &[
    program("lichna", "usr/bin/lichna"),
    program("lichna-app", "usr/bin/lichna-app"),
    program("lichna-agent", "usr/libexec/lichna/lichna-agent"),
    program("lichna-prompt", "usr/libexec/lichna/lichna-prompt"),
    file(
        From::Release("liblichna_pkcs11.so"),
        "usr/lib/lichna/liblichna_pkcs11.so",
    ),
    file(
        From::Repository("installers/systemd/lichna-agent.socket"),
        "usr/lib/systemd/user/lichna-agent.socket",
    ),
    file(
        From::Repository("installers/systemd/lichna-agent.service"),
        "usr/lib/systemd/user/lichna-agent.service",
    ),
    file(
        From::Repository("installers/desktop/lichna-app.desktop"),
        "usr/share/applications/lichna-app.desktop",
    ),
    file(
        From::Repository("installers/desktop/bg.lichna.app.metainfo.xml"),
        "usr/share/metainfo/bg.lichna.app.metainfo.xml",
    ),
    file(
        From::Repository("src-tauri/icons/32x32.png"),
        "usr/share/icons/hicolor/32x32/apps/lichna.png",
    ),
    file(
        From::Repository("src-tauri/icons/128x128.png"),
        "usr/share/icons/hicolor/128x128/apps/lichna.png",
    ),
    file(
        From::Repository("src-tauri/icons/icon.png"),
        "usr/share/icons/hicolor/256x256/apps/lichna.png",
    ),
    file(
        From::Repository("src-tauri/icons/icon.svg"),
        "usr/share/icons/hicolor/scalable/apps/lichna.svg",
    ),
    file(
        From::Printed("en", &["completions", "bash"]),
        "usr/share/bash-completion/completions/lichna",
    ),
    file(
        From::Printed("en", &["completions", "fish"]),
        "usr/share/fish/vendor_completions.d/lichna.fish",
    ),
    file(
        From::Printed("en", &["completions", "zsh"]),
        "usr/share/zsh/vendor-completions/_lichna",
    ),
    file(From::Printed("en", &["man"]), "usr/share/man/man1/lichna.1"),
    file(
        From::Printed("bg", &["man"]),
        "usr/share/man/bg/man1/lichna.1",
    ),
    file(
        From::Repository("CHANGELOG.md"),
        "usr/share/doc/lichna/CHANGELOG.md",
    ),
    file(From::Repository("LICENSE"), "usr/share/doc/lichna/LICENSE"),
];

/// What an authority runs.
pub const AUTHORITY: &[Installed] = &[
    program("lichna-authority", "usr/bin/lichna-authority"),
    program("lichna-journal", "usr/bin/lichna-journal"),
    file(
        From::Repository("installers/systemd/lichna-authority.service"),
        "usr/lib/systemd/system/lichna-authority.service",
    ),
    file(
        From::Manual("lichna-authority"),
        "usr/share/man/man1/lichna-authority.1",
    ),
    file(
        From::Manual("lichna-journal"),
        "usr/share/man/man1/lichna-journal.1",
    ),
];

/// What packages have beyond what is installed: p11-kit's entry, which the command `lichna browsers`
/// makes for one user, what their scripts run, and the notices of what others have made.
pub const HOLDERS_PACKAGED: &[Installed] = &[
    file(
        From::Repository("installers/packages/lichna.module"),
        "usr/share/p11-kit/modules/lichna.module",
    ),
    Installed {
        from: From::Repository("installers/packages/stop-agents"),
        to: "usr/libexec/lichna/stop-agents",
        mode: "755",
    },
    notices(
        "crates/agent",
        "usr/share/doc/lichna/third-party/lichna-agent.txt",
    ),
    notices("crates/cli", "usr/share/doc/lichna/third-party/lichna.txt"),
    notices(
        "crates/pkcs11",
        "usr/share/doc/lichna/third-party/lichna-pkcs11.txt",
    ),
    notices(
        "crates/prompt",
        "usr/share/doc/lichna/third-party/lichna-prompt.txt",
    ),
    notices(
        "src-tauri",
        "usr/share/doc/lichna/third-party/lichna-app.txt",
    ),
    file(
        From::Repository("ui/dist/.vite/license.md"),
        "usr/share/doc/lichna/third-party/lichna-app-page.md",
    ),
];

/// The same for an authority's.
pub const AUTHORITY_PACKAGED: &[Installed] = &[
    notices(
        "crates/authority",
        "usr/share/doc/lichna-authority/third-party/lichna-authority.txt",
    ),
    notices(
        "crates/journal",
        "usr/share/doc/lichna-authority/third-party/lichna-journal.txt",
    ),
];
