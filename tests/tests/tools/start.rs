//! The module starts the agent where it is installed, and no other, whatever its program's
//! environment says. The place is made in a namespace of the test's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use lichna_tests::applet::{Kind, Making};
use lichna_tests::built;
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::programs::{Provider, Running};
use lichna_tests::until;
use lichna_tests::workspace::{Home, Output};

use crate::stage::HOLDER;

/// A home in which no agent runs, and a folder full of traps.
struct Scene {
    home: Home,
    provider: Provider,
    folder: tempfile::TempDir,
    _pcscd: Pcscd,
    _card: lichna_tests::vpicc::Card,
}

impl Scene {
    fn new() -> Self {
        let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Start Reader")]);
        let ca = Ca::new("Start Test CA");
        let (card, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
        let card = pcscd.reader(0).insert(card);
        let home = Home::new(&pcscd);
        let scene = Self {
            provider: Provider::ours(&home),
            home,
            folder: tempfile::tempdir().unwrap(),
            _pcscd: pcscd,
            _card: card,
        };
        scene.set_traps();
        scene
    }

    /// A false agent wherever a search could lead, and a library for whoever loads it.
    fn set_traps(&self) {
        let trap = format!("#!/bin/sh\necho $0 >> {}\n", self.path("trapped").display());
        for place in [
            "lichna-agent",
            "lichna/lichna-agent",
            "usr/libexec/lichna/lichna-agent",
        ] {
            let file = self.path(place);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &trap).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
        }
        let source = format!(
            "#include <fcntl.h>\n#include <string.h>\n#include <unistd.h>\n#include <errno.h>\n\
             __attribute__((constructor)) static void come(void) {{\n\
             int file = open(\"{}\", O_WRONLY | O_CREAT | O_APPEND, 0600);\n\
             if (write(file, program_invocation_short_name, strlen(program_invocation_short_name)) < 0) return;\n\
             if (write(file, \"\\n\", 1) < 0) return;\n close(file);\n}}\n",
            self.path("loaded").display()
        );
        fs::write(self.path("loaded.c"), source).unwrap();
        let built = Command::new("gcc")
            .args(["-D_GNU_SOURCE", "-shared", "-fPIC", "-o"])
            .args([self.path("loaded.so"), self.path("loaded.c")])
            .status();
        assert!(built.unwrap().success());
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// What the traps caught.
    fn caught(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// `pkcs11-tool -L` where that is all that `/usr/libexec` has, in the midst of the traps.
    fn list(&self, libexec: &str) -> Output {
        let folder = self.folder.path();
        let mut command = self.provider.command("unshare", folder);
        let script = format!("mount -t tmpfs tmpfs /usr/libexec && {libexec} exec \"$@\"");
        command
            .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
            .args([&script, "sh"])
            .args(["env", "-C"])
            .arg(folder)
            .arg(format!("PATH={}", hostile_path(folder)))
            .arg(format!("LD_PRELOAD={}", self.path("loaded.so").display()))
            .arg(format!("LD_LIBRARY_PATH={}", folder.display()))
            .args(["/usr/bin/pkcs11-tool", "--module"])
            .arg(&self.provider.path)
            .arg("-L")
            .env("AGENT", built::agent())
            .env("LICHNA_AGENT", self.path("lichna-agent"));
        Running::start(&mut command, "").finish()
    }
}

fn hostile_path(folder: &Path) -> String {
    format!("{}:/usr/bin:/bin", folder.display())
}

#[test]
fn the_agent_that_is_installed_is_started_and_nothing_comes_with_it() {
    let scene = Scene::new();
    assert!(scene.home.agents().is_empty());
    let said = scene.list(
        "mkdir /usr/libexec/lichna && cp \"$AGENT\" /usr/libexec/lichna/lichna-agent && \
         chmod 755 /usr/libexec/lichna/lichna-agent &&",
    );
    assert!(said.success().contains("token label"), "{said:?}");
    assert_eq!(scene.home.agents().len(), 1);
    assert_eq!(scene.caught("trapped"), "");
    // The trap works: the program itself fell into it.
    let loaded = scene.caught("loaded");
    assert!(loaded.contains("pkcs11-tool"), "{loaded}");
    assert!(!loaded.contains("lichna"), "{loaded}");
}

#[test]
fn where_no_agent_is_installed_none_is_started_and_there_are_no_tokens() {
    let scene = Scene::new();
    let said = scene.list("");
    assert!(!said.success().contains("token label"), "{said:?}");
    assert!(scene.home.agents().is_empty());
    assert_eq!(scene.caught("trapped"), "");
    assert!(scene.caught("loaded").contains("pkcs11-tool"));
}

/// An agent that listens is used, wherever it came from; none is started beside it.
#[test]
fn an_agent_that_listens_is_used() {
    let scene = Scene::new();
    let _agent = crate::client::agent(&scene.home);
    crate::client::cards_are_read(&scene.home, 1);
    let said = scene.list("");
    assert!(said.success().contains("token label"), "{said:?}");
    until("one agent", || scene.home.agents().len() == 1);
    assert_eq!(scene.caught("trapped"), "");
}
