//! The module in browsers, by NSS's own tools, p11-kit and Firefox itself. Req C.3.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use lichna_tests::ca::Ca;
use lichna_tests::workspace::{Home, Output, finish};
use lichna_tests::{built, until};
use serde_json::{Value, json};

use super::{assert_documented, assert_fails};

/// A user with a home folder of his own.
struct User {
    home: Home,
    folder: tempfile::TempDir,
}

impl User {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna user имe ")
            .tempdir()
            .unwrap();
        let mut home = Home::apart();
        home.set("HOME", folder.path());
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            home.set(name, "");
        }
        // The file beside the command is the module where no package is installed.
        built::module();
        Self { home, folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn browsers(&self, arguments: &str) -> Output {
        let arguments = arguments.split_whitespace();
        self.home.run(["browsers"].into_iter().chain(arguments))
    }

    fn json(&self, arguments: &str) -> Value {
        self.browsers(&format!("{arguments} --json")).json()
    }

    /// A program that says nothing of importance.
    fn tool(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = self.home.command(program);
        command.args(arguments);
        finish(command, b"").success().to_owned()
    }

    /// A profile that Firefox made, with the databases that it makes when it is first used, a
    /// certificate that the user trusts, and a module of somebody else.
    fn firefox_profile(&self, ca: &Ca) -> PathBuf {
        self.tool("firefox-esr", &["--headless", "-CreateProfile", "work"]);
        let root = [".mozilla/firefox", ".config/mozilla/firefox"]
            .map(|root| self.path(root))
            .into_iter()
            .find(|root| root.join("profiles.ini").exists())
            .expect("Firefox made a profile");
        let folders = fs::read_dir(root).unwrap();
        let profile = folders
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|name| name == "work"))
            .unwrap();
        self.used(&profile, ca);
        profile
    }

    fn used(&self, folder: &Path, ca: &Ca) {
        fs::create_dir_all(folder).unwrap();
        let database = format!("sql:{}", folder.display());
        let root = ca.root().path.display().to_string();
        self.tool("certutil", &["-N", "-d", &database, "--empty-password"]);
        self.tool(
            "certutil",
            &[
                "-A", "-d", &database, "-n", "Test CA", "-t", "C,,", "-i", &root,
            ],
        );
        self.tool(
            "modutil",
            &[
                "-dbdir", &database, "-add", "Another", "-libfile", SOFTHSM, "-force",
            ],
        );
    }

    /// All files with their contents. Of the list of modules, its paragraphs.
    fn files(&self) -> BTreeMap<PathBuf, BTreeSet<Vec<u8>>> {
        fn collect(folder: &Path, into: &mut BTreeMap<PathBuf, BTreeSet<Vec<u8>>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    into.insert(path.clone(), BTreeSet::new());
                    collect(&path, into);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    let parts = if path.ends_with("pkcs11.txt") {
                        let text = String::from_utf8(bytes).unwrap();
                        let paragraphs = text.split("\n\n").map(str::trim);
                        let some = paragraphs.filter(|paragraph| !paragraph.is_empty());
                        some.map(|paragraph| paragraph.as_bytes().to_vec())
                            .collect()
                    } else {
                        BTreeSet::from([bytes])
                    };
                    into.insert(path, parts);
                }
            }
        }
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files
    }
}

const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// NSS's list of modules. (The tool itself cannot show one whose path has a space in it.)
fn list(folder: &Path) -> String {
    fs::read_to_string(folder.join("pkcs11.txt")).unwrap()
}

/// The state of each place of such a program.
fn states(said: &Value, program: &str) -> Vec<String> {
    let places = said["places"].as_array().unwrap();
    places
        .iter()
        .filter(|place| place["program"] == program)
        .map(|place| place["state"].as_str().unwrap().to_owned())
        .collect()
}

fn changes(said: &Value) -> Vec<&str> {
    let places = said["places"].as_array().unwrap();
    let changes = places.iter().map(|place| place["change"].as_str().unwrap());
    changes.collect()
}

#[test]
fn the_module_comes_into_every_browser_and_leaves_nothing_behind() {
    let user = User::new();
    let ca = Ca::new("Test CA");
    let profile = user.firefox_profile(&ca);
    // One elsewhere, as an absolute path.
    let apart = user.path("профил на друго място");
    user.used(&apart, &ca);
    let ini = profile.parent().unwrap().join("profiles.ini");
    let text = fs::read_to_string(&ini).unwrap();
    let more = format!(
        "{text}\n[Profile7]\nName=apart\nIsRelative=0\nPath={}\n",
        apart.display()
    );
    fs::write(&ini, more).unwrap();
    let chromium = user.path(".pki/nssdb");
    user.used(&chromium, &ca);
    let before = user.files();

    let status = assert_documented("`browsers status`", 0, &user.browsers("status --json"));
    assert_eq!(states(&status, "firefox"), ["not-registered"; 2]);
    assert_eq!(user.files(), before, "looking changes nothing");

    let done = assert_documented("`browsers setup`", 0, &user.browsers("setup --json"));
    assert_eq!(changes(&done), ["added"; 4]);
    assert_eq!(done["module"], json!(built::module()));
    let module = built::module().display().to_string();
    for folder in [&profile, &apart, &chromium] {
        let list = list(folder);
        assert!(list.contains(&module), "{list}");
        assert!(list.contains(SOFTHSM), "{list}");
        // NSS itself loads it. (With no card in any slot the tool ends with an error.)
        let mut lists = user.home.command("modutil");
        lists.args(["-list", "Lichna", "-dbdir"]);
        lists.arg(format!("sql:{}", folder.display()));
        let slots = finish(lists, b"").stdout;
        assert!(slots.contains("Slot: Lichna"), "{slots}");
    }
    // p11-kit reads no user's files for the administrator, as whom tests may run.
    let as_user = ["-U", "--map-user=1000", "p11-kit", "list-modules"];
    let modules = user.tool("unshare", &as_user);
    assert!(modules.contains("lichna: "), "{modules}");
    let status = user.json("status");
    assert_eq!(states(&status, "firefox"), ["registered"; 2]);
    assert_eq!(states(&status, "chromium"), ["registered"]);
    assert_eq!(states(&status, "p11-kit")[0], "registered");

    let after = user.files();
    let again = user.json("setup");
    assert_eq!(changes(&again), ["nothing"; 4]);
    assert_eq!(user.files(), after, "once is enough");

    let removed = assert_documented("`browsers remove`", 0, &user.browsers("remove --json"));
    assert_eq!(changes(&removed), ["removed"; 4]);
    assert_eq!(user.files(), before);
    assert_eq!(changes(&user.json("remove")), ["nothing"; 4]);
    assert_eq!(user.files(), before);
}

#[test]
fn the_doctor_says_which_browsers_do_not_see_the_card_and_what_mends_that() {
    let user = User::new();
    let profile = user.firefox_profile(&Ca::new("Test CA"));
    fs::create_dir_all(user.path(".config/chromium")).unwrap();
    fs::create_dir_all(user.path("snap/firefox/common")).unwrap();
    let of = |check: &str| {
        let doctor = user.home.run(["doctor", "--json"]);
        let said: Value = serde_json::from_str(&doctor.stdout).unwrap();
        let all = said["findings"].as_array().unwrap().clone();
        let of_it = all.into_iter().filter(|one| one["check"] == check);
        let codes = of_it.map(|one| {
            let (code, fix) = (&one["failure"]["code"], &one["fix"]);
            (
                code.as_str().map(str::to_owned),
                fix.as_str().map(str::to_owned),
            )
        });
        codes.collect::<Vec<_>>()
    };
    let fix = "lichna browsers setup".to_owned();
    let missing = (Some("browser-not-set-up".to_owned()), Some(fix.clone()));
    let sandboxed = (Some("browser-sandboxed".to_owned()), None);
    assert_eq!(of("firefox"), [missing.clone(), sandboxed.clone()]);
    assert_eq!(of("chromium"), std::slice::from_ref(&missing));
    assert_eq!(of("p11-kit"), [missing]);

    user.home.run(fix.split(' ').skip(1)).success();
    let good = (None, None);
    assert_eq!(of("firefox"), [good.clone(), sandboxed]);
    assert_eq!(of("chromium"), std::slice::from_ref(&good));
    assert_eq!(of("p11-kit"), [good]);

    // What another program wrote is another file.
    let elsewhere = list(&profile).replace("liblichna_pkcs11.so", "libother.so");
    fs::write(profile.join("pkcs11.txt"), elsewhere).unwrap();
    let other = Some("browser-set-up-elsewhere".to_owned());
    assert_eq!(of("firefox")[0], (other, Some(fix)));
}

#[test]
fn a_browser_that_was_never_used_gets_it_too() {
    let user = User::new();
    user.tool("firefox-esr", &["--headless", "-CreateProfile", "new"]);
    fs::create_dir_all(user.path(".config/chromium")).unwrap();
    assert_eq!(changes(&user.json("setup")), ["added"; 3]);
    let status = user.json("status");
    assert_eq!(states(&status, "firefox"), ["registered"]);
    assert_eq!(states(&status, "chromium"), ["registered"]);
    let list = list(&user.path(".pki/nssdb"));
    assert!(list.contains("Lichna"), "{list}");
    // Without a browser there is p11-kit.
    let nobody = User::new();
    assert_eq!(changes(&nobody.json("setup")), ["added"]);
}

#[test]
fn what_a_sandbox_makes_impossible_is_said_with_what_to_do_instead() {
    let user = User::new();
    for folder in [
        "snap/firefox/common/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/.mozilla/firefox",
        "snap/chromium/current/.pki/nssdb",
        ".var/app/com.google.Chrome/data",
    ] {
        fs::create_dir_all(user.path(folder)).unwrap();
    }
    let before = user.files();
    let said = user.browsers("status").success().to_owned();
    assert_eq!(said.matches("impossible").count(), 4, "{said}");
    assert_eq!(said.matches("packages.mozilla.org").count(), 4, "{said}");
    let done = user.json("setup");
    assert_eq!(states(&done, "firefox"), ["impossible"; 2]);
    assert_eq!(states(&done, "chromium"), ["impossible"; 2]);
    user.browsers("remove").success();
    let mut after = user.files();
    // Made for p11-kit's folder, and not known to be nobody else's.
    after.remove(&user.path(".config"));
    assert_eq!(after, before);
}

/// A Firefox that is ended with this.
struct Firefox(Child);

impl Firefox {
    fn start(user: &User, profile: &Path) -> Self {
        let mut command = user.home.command("firefox-esr");
        command
            .args(["--headless", "--no-remote", "--profile"])
            .arg(profile)
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn refuses_to_touch_a_profile_that_firefox_uses_at_the_moment() {
    let user = User::new();
    let profile = user.firefox_profile(&Ca::new("Test CA"));
    let list = || fs::read(profile.join("pkcs11.txt")).unwrap();
    let before = list();
    let firefox = Firefox::start(&user, &profile);
    until("Firefox to hold its profile", || {
        fs::symlink_metadata(profile.join("lock")).is_ok()
    });
    let refused = user.browsers("setup --json");
    assert_eq!(refused.code(), 11);
    let said: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(said["places"][0]["failure"]["code"], "browser-running");
    assert_eq!(said["places"][0]["change"], "nothing");
    // The others got it all the same.
    assert_eq!(states(&said, "p11-kit"), ["registered"]);
    let people = user.browsers("setup");
    assert!(people.stderr.contains("Close Firefox"), "{people:?}");
    assert_eq!(list(), before);
    drop(firefox);
    // It was killed: what it leaves behind holds nobody up.
    assert!(fs::symlink_metadata(profile.join("lock")).is_ok());
    let done = user.json("setup");
    assert_eq!(states(&done, "firefox"), ["registered"]);
    fs::remove_file(profile.join("lock")).unwrap();
    // The number of a process that is another program by now.
    symlink(
        format!("127.0.0.1:+{}", std::process::id()),
        profile.join("lock"),
    )
    .unwrap();
    assert_eq!(states(&user.json("remove"), "firefox"), ["not-registered"]);
}

#[test]
fn another_file_under_its_name_is_seen_and_replaced() {
    let user = User::new();
    let folder = user.path(".pki/nssdb");
    user.used(&folder, &Ca::new("Test CA"));
    let database = format!("sql:{}", folder.display());
    let old = [
        "-dbdir", &database, "-add", "Lichna", "-libfile", SOFTHSM, "-force",
    ];
    // NSS takes no file twice, under whatever name.
    let another = ["-dbdir", &database, "-delete", "Another", "-force"];
    user.tool("modutil", &another);
    user.tool("modutil", &old);
    let status = user.json("status");
    assert_eq!(states(&status, "chromium"), ["elsewhere"]);
    assert_eq!(status["places"][0]["library"], SOFTHSM);
    let said = user.browsers("status").success().to_owned();
    assert!(said.contains(SOFTHSM), "{said}");
    assert_eq!(changes(&user.json("setup")), ["added"; 2]);
    let list = list(&folder);
    assert!(!list.contains(SOFTHSM), "{list}");
    assert!(
        list.contains(&built::module().display().to_string()),
        "{list}"
    );
}

#[test]
fn a_browser_that_takes_what_p11_kit_has_gets_no_second_entry() {
    let user = User::new();
    let folder = user.path(".pki/nssdb");
    user.used(&folder, &Ca::new("Test CA"));
    let database = format!("sql:{}", folder.display());
    let proxy = [
        "-dbdir",
        &database,
        "-add",
        "p11-kit-proxy",
        "-libfile",
        "p11-kit-proxy.so",
        "-force",
    ];
    user.tool("modutil", &proxy);
    let before = list(&folder);
    let done = user.json("setup");
    assert_eq!(states(&done, "chromium"), ["through-p11-kit"]);
    assert_eq!(changes(&done), ["nothing", "added"]);
    assert_eq!(changes(&user.json("remove")), ["nothing", "removed"]);
    assert_eq!(list(&folder), before);
}

/// The policies of Firefox, for a computer whose files are elsewhere.
fn policies(user: &User, before: Option<&str>) -> (PathBuf, String) {
    let root = user.path("root");
    let file = root.join("etc/firefox/policies/policies.json");
    if let Some(text) = before {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    (file, "--system --root root".to_owned())
}

/// Runs in the user's folder, so that the root needs no escaping.
fn in_folder(user: &User, arguments: &str) -> Output {
    let mut command: Command = user.home.lichna(arguments.split_whitespace());
    command.current_dir(user.folder.path());
    finish(command, b"")
}

#[test]
fn all_users_of_firefox_get_it_by_its_policies_and_other_policies_stay() {
    let user = User::new();
    let module = json!(built::module());
    // Nothing there, and nothing afterwards.
    let (file, system) = policies(&user, None);
    in_folder(&user, &format!("browsers setup {system}")).success();
    let read = || serde_json::from_str::<Value>(&fs::read_to_string(&file).unwrap()).unwrap();
    let alone = json!({"policies": {"SecurityDevices": {"Add": {"Lichna": module}}}});
    assert_eq!(read(), alone);
    let p11_kit = user.path("root/etc/pkcs11/modules/lichna.module");
    assert!(p11_kit.exists());
    let status = in_folder(&user, "browsers status --system --root root --json").json();
    assert_eq!(states(&status, "firefox-policy"), ["registered"]);
    assert_eq!(states(&status, "p11-kit"), ["registered"]);
    in_folder(&user, &format!("browsers remove {system}")).success();
    assert!(!file.exists() && !p11_kit.exists());

    // Beside others: in their order, and of either syntax. As text, for the order is theirs.
    let entry = format!("\"Lichna\": {module}");
    for (before, after) in [
        (
            r#"{"policies":{"Zoo":true,"SecurityDevices":{"Delete":["Old"]},"Alpha":[1]},"note":"ours"}"#,
            r#"{"policies":{"Zoo":true,"SecurityDevices":{"Delete":["Old"],"Add":{ENTRY}},"Alpha":[1]},"note":"ours"}"#,
        ),
        (
            r#"{"policies":{"SecurityDevices":{"Other":"/usr/lib/other.so"}}}"#,
            r#"{"policies":{"SecurityDevices":{"Other":"/usr/lib/other.so",ENTRY}}}"#,
        ),
        (
            r#"{"policies":{"SecurityDevices":{"Add":{"Other":"/usr/lib/other.so"}}}}"#,
            r#"{"policies":{"SecurityDevices":{"Add":{"Other":"/usr/lib/other.so",ENTRY}}}}"#,
        ),
    ] {
        let compact = |text: &str| text.split_whitespace().collect::<String>();
        policies(&user, Some(before));
        in_folder(&user, &format!("browsers setup {system}")).success();
        let written = fs::read_to_string(&file).unwrap();
        assert_eq!(compact(&written), after.replace("ENTRY", &compact(&entry)));
        in_folder(&user, &format!("browsers remove {system}")).success();
        assert_eq!(compact(&fs::read_to_string(&file).unwrap()), before);
    }
}

#[test]
fn a_policy_file_that_cannot_be_understood_is_left_alone() {
    let user = User::new();
    for text in [
        "{ \"policies\": ",
        "[]",
        "{\"policies\": {\"SecurityDevices\": 7}}",
    ] {
        let (file, system) = policies(&user, Some(text));
        for command in ["setup", "remove"] {
            let output = in_folder(&user, &format!("browsers {command} {system} --json"));
            assert_eq!(output.code(), 11, "{text}");
            let said: Value = serde_json::from_str(&output.stdout).unwrap();
            assert_eq!(states(&said, "firefox-policy"), ["unreadable"]);
            let failure = &said["places"][0]["failure"];
            assert_eq!(failure["code"], "registry-unreadable");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }
}

#[test]
fn says_what_is_missing_before_anything_is_changed() {
    let mut user = User::new();
    fs::create_dir_all(user.path(".config/chromium")).unwrap();
    // Another user's files would come to belong to the administrator.
    user.home.set("SUDO_USER", "somebody");
    assert_fails(&user.browsers("setup --json"), "not-through-sudo", 2);
    user.home.set("SUDO_USER", "root");
    // A command without a module beside it, and without a package.
    let alone = user.path("lichna");
    fs::copy(built::lichna(), &alone).unwrap();
    let mut command = user.home.command(&alone);
    command.args(["browsers", "setup", "--json"]);
    assert_fails(&finish(command, b""), "module-missing", 11);
    // Without NSS's tool the databases stay as they are, and the package is named.
    user.home.set("PATH", "/nowhere");
    let output = user.browsers("setup");
    assert_eq!(output.code(), 11);
    assert!(output.stderr.contains("libnss3-tools"), "{output:?}");
    assert!(!user.path(".pki/nssdb/pkcs11.txt").exists());
}
