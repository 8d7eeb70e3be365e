//! A person answers the requests of other programs at a terminal of his own. Req C.2, C.3.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Stdio};

use lichna_tests::workspace::{self, Home};
use lichna_tests::{built, until};
use serde_json::{Value, json};

use super::{Desk, PIN, assert_documented, assert_shape, documented, press};

impl Desk {
    /// A login that is to be answered elsewhere.
    fn asks_elsewhere(&self) -> Child {
        let mut asker = self.home.lichna(self.login_and("--prompt agent"));
        asker.stdout(Stdio::null()).stderr(Stdio::null());
        asker.spawn().unwrap()
    }

    /// A signature that OpenSC's tool asks for, through the module.
    fn signs(&self) -> Child {
        let mut tool = self.home.command("pkcs11-tool");
        tool.arg("--module").arg(built::module());
        tool.args(["--sign", "--mechanism", "ECDSA", "--input-file"]);
        let digest = self.home.path().join("digest");
        fs::write(&digest, [7; 32]).unwrap();
        tool.arg(digest);
        tool.stdin(Stdio::null()).stdout(Stdio::null());
        tool.stderr(Stdio::null());
        tool.spawn().unwrap()
    }

    fn pending(&self) -> Value {
        self.home.run(["approve", "--json"]).json()
    }

    fn card_is_read(&self) {
        until("the card to be read", || {
            self.home.run(["cards", "--json"]).json()["cards"][0]["pin"] != Value::Null
        });
    }
}

#[test]
fn one_window_answers_one_request_after_the_other_until_it_is_told_to_end() {
    let desk = Desk::new();
    let mut window = desk.home.terminal(["approve", "--wait"]);
    window.exp_string("Leave this window open").unwrap();
    // Agreed, refused, agreed again.
    for (typed, said, succeeds) in [
        (format!("{PIN}\r"), "Answered.", true),
        ("\r".to_owned(), "[refused]", false),
        (format!("{PIN}\r"), "Answered.", true),
    ] {
        let mut asker = desk.asks_elsewhere();
        window.exp_string("localhost").unwrap();
        window.exp_string("PIN (Enter alone to refuse):").unwrap();
        press(&mut window, &typed);
        window.exp_string(said).unwrap();
        assert_eq!(asker.wait().unwrap().success(), succeeds, "{said}");
    }
    // What lapses while it is shown is no reason to end.
    let mut asker = desk.asks_elsewhere();
    window.exp_string("PIN (Enter alone to refuse):").unwrap();
    asker.kill().unwrap();
    asker.wait().unwrap();
    window.exp_string("[pending-unknown]").unwrap();
    // Ctrl-C at a question ends it.
    let mut asker = desk.asks_elsewhere();
    window.exp_string("PIN (Enter alone to refuse):").unwrap();
    press(&mut window, "\u{3}");
    let rest = window.exp_eof().unwrap();
    assert!(rest.contains("[cancelled]"), "{rest}");
    asker.kill().unwrap();
    asker.wait().unwrap();
}

#[test]
fn a_program_is_named_and_granted_more_only_when_the_holder_says_so() {
    let desk = Desk::new();
    desk.card_is_read();
    let mut tool = desk.signs();
    until("the request to wait", || {
        desk.pending()["pending"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    });
    let pending = desk.pending();
    assert_shape(&documented("`approve`")[0], &pending, "approve");
    assert_eq!(pending["pending"][0]["signature"], "authentication");
    let mut window = desk.home.terminal(["approve"]);
    let shown = window.exp_string("PIN (Enter alone to refuse):").unwrap();
    for wanted in ["log you in", "/pkcs11-tool (", "CN=Test CA"] {
        assert!(shown.contains(wanted), "{wanted} in {shown}");
    }
    // Nothing is asked with an echo before the PIN is typed.
    assert!(!shown.contains("May this program"), "{shown}");
    press(&mut window, &format!("{PIN}\r"));
    window
        .exp_string("May this program make up to 8 signatures within 60 seconds")
        .unwrap();
    press(&mut window, "yes\r");
    // The administrator could put another program in any one's place, so nothing is remembered.
    if workspace::owner(desk.home.path()) != Some(0) {
        window.exp_string("every time this program asks").unwrap();
        press(&mut window, "\r");
    }
    let rest = window.exp_eof().unwrap();
    assert!(rest.contains("Answered."), "{rest}");
    assert!(!rest.contains("every time"), "{rest}");
    assert!(tool.wait().unwrap().success());
}

#[test]
fn remembered_programs_are_listed_and_forgotten_one_by_one_or_all_at_once() {
    let home = Home::apart();
    let programs = |arguments: &[&str]| home.run(["programs"].iter().chain(arguments));
    assert_eq!(
        programs(&["list", "--json"]).json(),
        json!({ "programs": [] })
    );
    home.stop_agent();
    let there = built::lichna().canonicalize().unwrap();
    let found = fs::metadata(&there).unwrap();
    let entry = |path: &Path, inode: u64| json!({"path": path, "device": found.dev(), "inode": inode, "since": "2026-01-01T00:00:00Z"});
    // One that is there, one whose place another file has taken, one that is gone.
    let other = there.with_file_name("lichna-agent");
    let gone = Path::new("/nowhere/browser");
    let list = json!({"programs": [
        entry(&there, found.ino()), entry(&other, 1), entry(gone, 2)
    ]});
    let file = home.path().join("state/remembered-programs.json");
    fs::write(&file, list.to_string()).unwrap();
    let said = assert_documented("`programs list`", 0, &programs(&["list", "--json"]));
    let current: Vec<_> = said["programs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["current"].as_bool().unwrap())
        .collect();
    assert_eq!(current, [true, false, false]);
    let people = programs(&["list"]).success().to_owned();
    assert_eq!(people.matches("no longer counts").count(), 2, "{people}");
    let path = there.display().to_string();
    let forgotten = programs(&["forget", &path, "--json"]);
    let forgotten = assert_documented("`programs forget`", 0, &forgotten);
    assert_eq!(forgotten, json!({ "forgotten": 1 }));
    let people = programs(&["forget", &path]).success().to_owned();
    assert!(people.contains("No such program"), "{people}");
    let rest = programs(&["forget", "--json"]).json();
    assert_eq!(rest, json!({ "forgotten": 2 }));
    let text = fs::read_to_string(&file).unwrap_or_default();
    assert!(!text.contains("nowhere"), "{text}");
}
