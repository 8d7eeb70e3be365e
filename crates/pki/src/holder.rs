//! The holder of an electronic identity, as his certificates name him. Req 12.3, 12.4.
//!
//! The subject is what certificates of the field have: C, serialNumber `PI:BG-<identifier>`,
//! givenName and surname in Latin, commonName with all names in Cyrillic. No X.520 attribute is for
//! a second name, and none says which script it is in, so the whole names stand once more in
//! subjectAltName, as two directory names: Cyrillic first, Latin second, each with givenName,
//! surname, and all names in `name`. The second name is what lies between the other two.
//!
//! The personal number (EGN, LNCh) is nowhere.

mod names;

use core::fmt;

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Decode;
use thiserror::Error;
use uuid::Uuid;
use x509_cert::{
    ext::pkix::{SubjectAltName, name::GeneralName},
    name::Name,
};

use crate::{
    Certificate, HolderIdentifier, Subject, SubjectFault,
    subject::{self, GIVEN, LONGEST_VALUE, SURNAME, WHOLE_NAME},
};

pub use names::{LONGEST_NAME, NameFault, NamePart, Names, Script};

/// Why there is no such holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HolderFault {
    /// The country is not two capital letters.
    #[error("a country is two capital letters (ISO 3166)")]
    Country,
    /// Names in the wrong script.
    #[error("the names are not in {expected}")]
    Script {
        /// The script that they should be in.
        expected: Script,
    },
}

/// Whom a certificate of electronic identity is about: one source for the request that a card
/// signs and for the certificate that the authority makes of it.
///
/// `Debug` does not show the names.
#[derive(Clone, PartialEq, Eq)]
pub struct HolderSubject {
    identifier: Uuid,
    country: String,
    cyrillic: Names,
    latin: Names,
}

impl HolderSubject {
    /// A holder by electronic identifier, country (`BG`), and names in both scripts.
    ///
    /// # Errors
    /// [`HolderFault`] when the country is none, or names are in the other script.
    pub fn new(
        identifier: Uuid,
        country: &str,
        cyrillic: Names,
        latin: Names,
    ) -> Result<Self, HolderFault> {
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(HolderFault::Country);
        }
        for (names, expected) in [(&cyrillic, Script::Cyrillic), (&latin, Script::Latin)] {
            if names.script() != expected {
                return Err(HolderFault::Script { expected });
            }
        }
        Ok(Self {
            identifier,
            country: country.to_owned(),
            cyrillic,
            latin,
        })
    }

    /// The electronic identifier.
    #[must_use]
    pub const fn identifier(&self) -> Uuid {
        self.identifier
    }

    /// The country, two letters of ISO 3166.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The names in Cyrillic.
    #[must_use]
    pub const fn cyrillic(&self) -> &Names {
        &self.cyrillic
    }

    /// The names in Latin.
    #[must_use]
    pub const fn latin(&self) -> &Names {
        &self.latin
    }

    /// The subject of the request and of the certificate.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(&self.common_name())
            .country(&self.country)
            .electronic_identifier(self.identifier)
            .given_name(self.latin.first())
            .surname(self.latin.last())
    }

    /// All names in Cyrillic. A commonName has 64 characters at most (RFC 5280, ub-common-name):
    /// where they are longer, the second name is left out, and the rest cut off if need be. The
    /// whole is in subjectAltName.
    fn common_name(&self) -> String {
        let short = format!("{} {}", self.cyrillic.first(), self.cyrillic.last());
        [self.cyrillic.full(), short.clone()]
            .into_iter()
            .find(|name| name.chars().count() <= LONGEST_VALUE)
            .unwrap_or_else(|| {
                let cut: String = short.chars().take(LONGEST_VALUE).collect();
                cut.trim_end().to_owned()
            })
    }

    /// subjectAltName with the names in both scripts.
    pub(crate) fn alternative_names(&self) -> Result<SubjectAltName, SubjectFault> {
        let names = [&self.cyrillic, &self.latin].into_iter().map(|names| {
            let name = subject::name(vec![
                GIVEN.rdn(names.first())?,
                SURNAME.rdn(names.last())?,
                WHOLE_NAME.rdn(&names.full())?,
            ])?;
            Ok(GeneralName::DirectoryName(name))
        });
        Ok(SubjectAltName(names.collect::<Result<_, _>>()?))
    }

    /// Reads what a certificate of the scheme says of its holder; `None` when it is not made like
    /// that. Whether the certificate is to be believed is for others to check.
    #[must_use]
    pub fn read(certificate: &Certificate) -> Option<Self> {
        let identifier = certificate
            .holder_identifier()
            .and_then(HolderIdentifier::electronic)?;
        let subject = Name::from_der(certificate.subject_der()).ok()?;
        let country = value(&subject, const_oid::db::rfc4519::COUNTRY_NAME)?;
        let value = certificate.extension(&SubjectAltName::OID)?;
        let SubjectAltName(all) = SubjectAltName::from_der(&value).ok()?;
        let [
            GeneralName::DirectoryName(cyrillic),
            GeneralName::DirectoryName(latin),
        ] = all.as_slice()
        else {
            return None;
        };
        Self::new(
            identifier,
            &country,
            names(Script::Cyrillic, cyrillic)?,
            names(Script::Latin, latin)?,
        )
        .ok()
    }
}

fn names(script: Script, name: &Name) -> Option<Names> {
    Names::from_full(
        script,
        &value(name, GIVEN.oid())?,
        &value(name, SURNAME.oid())?,
        &value(name, WHOLE_NAME.oid())?,
    )
}

/// The one value of an attribute.
fn value(name: &Name, oid: ObjectIdentifier) -> Option<String> {
    let mut all = subject::texts(name)?
        .into_iter()
        .filter(|(found, _)| *found == oid);
    match (all.next(), all.next()) {
        (Some((_, text)), None) => Some(text),
        _ => None,
    }
}

impl fmt::Debug for HolderSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HolderSubject")
            .field("identifier", &self.identifier)
            .finish_non_exhaustive()
    }
}
