//! An authority with somebody of each kind.

use std::process::Command;

use lichna_tests::authority::people::{Enrolled, Person};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::{Ca, Identity, KeyKind};
use time::OffsetDateTime;

/// An authority with somebody of each kind.
pub struct Town {
    pub authority: Authority,
    pub ca: Ca,
    pub administrator: Identity,
    pub officer: Enrolled,
    pub holder: Enrolled,
    pub centre: Identity,
    pub official: Identity,
}

impl Town {
    /// With one of each kind that the registers know.
    pub fn new(database: Database) -> Self {
        let authority = Authority::start(&Spec::new(database));
        let ca = Ca::new("Organisations");
        let (administrator_id, administrator) = authority.new_administrator(&ca, "Столична община");
        let officer = authority.officer(&administrator_id, &Person::georgi(), "P00000001");
        let holder = authority.holder(&officer, &Person::maria(), "P00000002");
        let centre = ca.client("Centre", KeyKind::P256);
        authority.client("centre", "Център", &centre.certificate);
        let official = ca.client("Official", KeyKind::P384);
        authority.client("official", "Служител", &official.certificate);
        Self {
            authority,
            ca,
            administrator,
            officer,
            holder,
            centre,
            official,
        }
    }

    /// The serial number of the holder's identification certificate.
    pub fn serial(&self) -> String {
        serial(&self.authority, &self.holder)
    }
}

/// The serial number of a holder's identification certificate, as openssl reads it.
fn serial(authority: &Authority, enrolled: &Enrolled) -> String {
    let output = Command::new("openssl")
        .args(["x509", "-noout", "-serial", "-in"])
        .arg(&enrolled.identification.certificate.path)
        .current_dir(authority.data())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim().strip_prefix("serial=").unwrap().to_owned()
}

/// A centre that was registered while its certificate was good.
pub fn expired_centre(town: &Town) -> Identity {
    let key = town.authority.new_key();
    let public = Command::new("openssl")
        .args(["pkey", "-pubout", "-outform", "DER", "-in"])
        .arg(&key)
        .output()
        .unwrap();
    let certificate = town.ca.client_with(&public.stdout, "Expired", |params| {
        params.not_after = OffsetDateTime::now_utc() - time::Duration::HOUR;
    });
    town.authority
        .client("centre", "Изтекъл център", &certificate);
    Identity { certificate, key }
}
