//! What the system says of the page that a PIN lives in.
//!
//! One test, for it looks at the memory of the whole process.

#[cfg(target_os = "linux")]
use lichna_secret::Pin;

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
