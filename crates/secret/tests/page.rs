//! The page that a PIN lives in, as the system sees it.

use lichna_secret::{LONGEST, Pin, Puk, SecretError};

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
