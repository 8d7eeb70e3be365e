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

/// Req C.2: out of swap ("lo"), out of core dumps ("dd"), unreadable between uses.
#[cfg(target_os = "linux")]
#[test]
fn lives_in_a_locked_page_that_no_dump_holds() {
    let locked = || {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut header = String::new();
        let mut found = Vec::new();
        for line in maps.lines() {
            if let Some(flags) = line.strip_prefix("VmFlags:") {
                let flags: Vec<_> = flags.split_whitespace().collect();
                if flags.contains(&"lo") {
                    assert!(
                        flags.contains(&"dd"),
                        "locked, but dumped: {header} {flags:?}"
                    );
                    found.push(header.clone());
                }
            } else if line
                .split_whitespace()
                .nth(1)
                .is_some_and(|word| word.len() == 4)
            {
                header = line.to_owned();
            }
        }
        found
    };
    assert!(
        locked().is_empty(),
        "nothing is locked before: {:?}",
        locked()
    );
    let pin = Pin::take(&mut b"123456".to_vec()).unwrap();
    let [page] = &locked()[..] else {
        panic!("one page, not {:?}", locked())
    };
    assert!(page.contains("---p"), "unreadable between uses: {page}");
    pin.expose(|_| assert!(locked()[0].contains("r--p"), "readable in use"));
    assert!(locked()[0].contains("---p"), "unreadable again");
    drop(pin);
    assert!(locked().is_empty(), "given back: {:?}", locked());
}
