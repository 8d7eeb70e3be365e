//! A register with many certificates, which nobody has the keys of.

use std::ops::Range;
use std::process::Command;

use super::spec;
use crate::authority::Authority;
use crate::bench::stage::run as run_command;

/// How many of them are on revocation lists.
#[derive(Clone, Copy, Debug)]
pub enum Revoked {
    /// Every one.
    All,
    /// One of so many.
    One {
        /// Of that many.
        of: u64,
    },
}

impl Revoked {
    /// A certificate whose number is divisible by that is revoked.
    pub const fn step(self) -> u64 {
        match self {
            Self::All => 1,
            Self::One { of } => of,
        }
    }
}

/// The serial number of the certificate with that number, as registers have it: 20 bytes, in the order
/// of the numbers.
pub fn serial(number: u64) -> String {
    format!("{BEFORE}{number:016X}{AFTER}")
}

const BEFORE: &str = "5FA0";
const AFTER: &str = "C6A1D14B0C4F9E8D7C6B";

/// An authority that stands still, with no certificate in its register.
pub fn empty() -> Authority {
    let mut authority = Authority::start(&spec());
    assert!(authority.stop(0), "{}", authority.log(0));
    authority
}

/// Adds certificates of one person to the register of an authority that stands still.
pub fn fill(authority: &Authority, numbers: Range<u64>, revoked: Revoked) {
    let step = revoked.step();
    let (begin, end) = (numbers.start, numbers.end);
    let sql = format!(
        "PRAGMA synchronous=OFF; PRAGMA cache_size=-500000; BEGIN;
         INSERT OR IGNORE INTO persons VALUES ('bench', x'00', x'00', 0);
         WITH RECURSIVE numbers(n) AS
             (SELECT {begin} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {end})
         INSERT INTO certificates (serial, identifier, role, state, der, fingerprint, key_hash,
             carrier, application, not_before, not_after, issued_at, changed_at,
             revocation_reason, revoked_at)
         SELECT '{BEFORE}' || printf('%016X', n) || '{AFTER}', 'bench',
             'identification', CASE WHEN n % {step} = 0 THEN 'REVOKED' ELSE 'ACTIVE' END,
             zeroblob(16), printf('%064x', n), printf('%064x', n), 'bench', 'bench',
             1795305600000, 4102444800000, 1795305600000, 1795305600000,
             CASE WHEN n % {step} = 0 THEN 4 END,
             CASE WHEN n % {step} = 0 THEN 1795305600000 END
         FROM numbers;
         COMMIT;"
    );
    let mut command = Command::new("sqlite3");
    run_command(command.arg(authority.data().join("authority.db")).arg(sql));
}

/// Has the authority make a full list when it starts again.
pub fn want_list(authority: &Authority) {
    authority.query("UPDATE crl_state SET base_at = 0");
}
