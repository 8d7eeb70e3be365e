//! What the holder sets in a window: the agent keeps it, and tells whoever watches.

use std::fs;

use lichna_ipc::{
    Contrast, Failure, Look, Reply, Request, SettingChange, StoredKind, WindowLanguage,
};
use lichna_tests::workspace::Home;

use crate::client::{Person, agent, call};
use crate::watch::Watcher;

fn set(home: &Home, change: SettingChange) -> Result<Reply, Failure> {
    call(home, Request::Set(change), &mut Person::nobody())
}

fn trust(server: &str) -> SettingChange {
    let server = server.to_owned();
    SettingChange::Trust { server }
}

#[test]
fn what_is_set_is_kept_and_told_and_the_rest_of_the_file_stays() {
    let home = Home::apart();
    let file = home.path().join("config.toml");
    fs::write(&file, "# mine\n[pkcs11]\nlogin = false # never\n").unwrap();
    let _agent = agent(&home);
    let watcher = Watcher::begin(&home);
    let begun = watcher.until("the first state", |_| true);
    assert_eq!(begun.settings.look, Look::default());

    let look = Look {
        language: Some(WindowLanguage::En),
        contrast: Contrast::High,
        ..Look::default()
    };
    assert_eq!(set(&home, SettingChange::Look(look)), Ok(Reply::Set));
    watcher.until("the look", |state| state.settings.look == look);
    assert_eq!(set(&home, trust("*.egov.bg")), Ok(Reply::Set));
    watcher.until("the trust", |state| {
        state.settings.trusted == ["*.egov.bg"] && state.settings.look == look
    });
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with("# mine\n[pkcs11]\nlogin = false # never\n"),
        "{text}"
    );
    let refused = set(&home, trust("*.bg")).unwrap_err();
    assert!(
        matches!(&refused, Failure::ServerNameInvalid { name, .. } if name == "*.bg"),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn what_is_kept_on_this_computer_is_told_with_its_place() {
    let home = Home::apart();
    let _agent = agent(&home);
    let stored = || match call(&home, Request::Stored, &mut Person::nobody()) {
        Ok(Reply::Stored(stored)) => stored,
        other => panic!("{other:?}"),
    };
    assert_eq!(stored(), []);
    set(&home, trust("eid.egov.bg")).unwrap();
    let there = stored();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0].what, StoredKind::Settings);
    assert_eq!(
        there[0].place,
        home.path().join("config.toml").display().to_string()
    );
}
