//! The page that a PIN lives in, as the system sees it.

use lichna_secret::{LONGEST, Passphrase, Pin, Puk, SecretError};

#[test]
fn wipes_the_source_whether_or_not_it_is_accepted() {
    let mut good = *b"123456";
    let pin = Pin::take(&mut good).unwrap();
    assert_eq!(good, [0; 6]);
    assert_eq!(pin.length(), 6);
    pin.expose(|digits| assert_eq!(digits, b"123456"));

    let mut bad = *b"12\n456";
    assert!(matches!(
        Pin::take(&mut bad),
        Err(SecretError::Character { position: 3 })
    ));
    assert_eq!(bad, [0; 6]);
}

#[test]
fn words_may_be_cyrillic_and_a_pin_may_not() {
    let words = "тайна дума";
    let taken = Passphrase::take(&mut words.to_owned().into_bytes()).unwrap();
    taken.expose(|bytes| assert_eq!(bytes, words.as_bytes()));
    assert_eq!(taken.length(), words.len());
    assert!(matches!(
        Pin::take(&mut words.to_owned().into_bytes()),
        Err(SecretError::Character { position: 1 })
    ));
    // A control character, half a letter, and bytes that no letter begins with.
    for (bad, at) in [
        (&b"\xD0\xB4\xD0\xB0\n"[..], 3),
        (b"\xD0\xB4\xD0", 2),
        (b"a\xFF", 2),
    ] {
        let refused = Passphrase::take(&mut bad.to_vec()).err().unwrap();
        assert!(
            matches!(refused, SecretError::Character { position } if position == at),
            "{refused:?}"
        );
    }
}

#[test]
fn refuses_an_empty_pin() {
    assert!(matches!(Pin::take(&mut []), Err(SecretError::Empty)));
}

#[test]
fn refuses_what_is_longer_than_the_page() {
    let mut long = vec![b'1'; LONGEST + 1];
    assert!(
        matches!(Puk::take(&mut long), Err(SecretError::TooLong { length }) if length == LONGEST + 1)
    );
    assert!(long.iter().all(|byte| *byte == 0));
}

#[test]
fn refuses_a_source_that_ends_early() {
    let mut source: &[u8] = b"123";
    assert!(matches!(
        Pin::read(&mut source, 6),
        Err(SecretError::Read(_))
    ));
}
