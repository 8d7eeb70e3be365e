//! What the agent remembers of the uses of keys: sealed, as long as the holder wants, and nothing
//! where there is no key store.

use std::fs;
use std::path::PathBuf;

use lichna_ipc::{Failure, InterfaceKind, KeyRole, KeyUse, Reply, Request, UseKind, Uses};
use lichna_tests::key_store::KeyStore;
use lichna_tests::practice::NUMBER;
use lichna_tests::until;
use lichna_tests::workspace::Home;
use serde_json::json;

use crate::client::{Person, WRONG, call, cards_are_read};
use crate::documents::assert_documented;
use crate::own_card::{Own, PIN};

fn uses(home: &Home) -> Uses {
    match call(home, Request::Uses, &mut Person::nobody()) {
        Ok(Reply::Uses(uses)) => *uses,
        other => panic!("{other:?}"),
    }
}

/// So many uses, once they are written down.
pub fn remembered(home: &Home, count: usize) -> Vec<KeyUse> {
    until("the uses to be written down", || {
        uses(home).uses.len() == count
    });
    uses(home).uses
}

fn file(home: &Home) -> PathBuf {
    lichna_ipc::Home::at(home.path()).unwrap().uses()
}

// Req C.4
#[test]
fn what_a_key_was_used_for_is_remembered_sealed_until_the_holder_says_forget() {
    let mut session = KeyStore::start();
    let own = Own::with(&session.env());
    let server = own.server();
    own.insert(NUMBER, InterfaceKind::Contact);
    cards_are_read(&own.home, 1);
    own.login(&server, &mut Person::who_types(&[PIN])).unwrap();
    let wrong = own.login(&server, &mut Person::who_types(&[WRONG]));
    assert_eq!(wrong, Err(Failure::WrongPin { tries_left: 2 }));

    let uses = remembered(&own.home, 2);
    let [failed, login] = uses.as_slice() else {
        panic!("{uses:?}");
    };
    assert_eq!(
        (login.what, login.role),
        (UseKind::Login, KeyRole::Authentication)
    );
    let at = server.url().replace("https://", "").replace('/', "");
    assert_eq!(login.server.as_ref(), Some(&at));
    assert_eq!(login.card.as_deref(), Some(NUMBER));
    assert!(login.practice && login.failure.is_none());
    let this = std::env::current_exe().unwrap().display().to_string();
    assert_eq!(login.program.as_ref(), Some(&this));
    let why = failed.failure.as_deref();
    assert_eq!(why, Some(&Failure::WrongPin { tries_left: 2 }));
    assert_documented("`uses`", 0, &own.home.run(["uses", "--json"]));
    let services = own.home.run(["services", "--json"]);
    let services = assert_documented("`services`", 0, &services);
    let first = &services["services"][0];
    assert_eq!(
        (&first["server"], &first["logins"]),
        (&json!(at), &json!(1))
    );
    assert_eq!(first["trusted"], json!(false));

    let text = fs::read_to_string(file(&own.home)).unwrap();
    for word in ["localhost", NUMBER, "login", "practice"] {
        assert!(!text.contains(word), "{text}");
    }
    let forgotten = own.home.run(["uses", "--forget", "--json"]);
    assert_documented("`uses`", 1, &forgotten);
    assert!(!file(&own.home).exists());
    assert!(remembered(&own.home, 0).is_empty());

    // After a wrong PIN the card has to be taken out.
    own.remove(NUMBER);
    own.insert(NUMBER, InterfaceKind::Contact);
    cards_are_read(&own.home, 1);
    // What is written after that is there without the store, too, but only for who has the key.
    own.login(&server, &mut Person::who_types(&[PIN])).unwrap();
    remembered(&own.home, 1);
    session.stop();
    let own = own.restarted();
    let refused = call(&own.home, Request::Uses, &mut Person::nobody());
    assert!(
        matches!(refused, Err(Failure::KeyStoreUnavailable { .. })),
        "{refused:?}"
    );
}

#[test]
fn without_a_key_store_no_use_is_written_down_and_that_is_said() {
    let own = Own::new();
    let server = own.server();
    own.insert(NUMBER, InterfaceKind::Contact);
    cards_are_read(&own.home, 1);
    own.login(&server, &mut Person::who_types(&[PIN])).unwrap();
    let uses = uses(&own.home);
    assert!(uses.uses.is_empty());
    let why = uses.not_kept.as_deref();
    assert!(matches!(why, Some(Failure::KeyStoreUnavailable { .. })));
    assert!(!file(&own.home).exists());
}
