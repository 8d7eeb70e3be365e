//! Subjects of certificates and requests: distinguished names of a few known attributes, RFC 5280
//! §4.1.2.6.

use const_oid::{
    ObjectIdentifier,
    db::rfc4519::{CN, COUNTRY_NAME, GIVEN_NAME, ORGANIZATION_NAME, SERIAL_NUMBER, SN},
};
use der::{
    Decode, Encode, Tag, Tagged,
    asn1::{
        Any, BmpString, Ia5StringRef, PrintableString, PrintableStringRef, SetOfVec, Utf8StringRef,
    },
};
use thiserror::Error;
use uuid::Uuid;
use x509_cert::{
    attr::AttributeTypeAndValue,
    name::{Name, RdnSequence, RelativeDistinguishedName},
};

use crate::{identifier, oids};

/// RFC 5280 appendix A: ub-common-name, ub-organization-name, ub-serial-number.
pub const LONGEST_VALUE: usize = 64;

/// A value of a subject is empty, too long, or has characters that do not belong there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the {attribute} of the subject cannot be used")]
pub struct SubjectFault {
    /// Which attribute.
    pub attribute: &'static str,
}

/// The subject of a certificate or of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    country: Option<String>,
    organization: Option<String>,
    organization_identifier: Option<String>,
    serial_number: Option<String>,
    given_name: Option<String>,
    surname: Option<String>,
    common_name: String,
}

impl Subject {
    /// A subject with this commonName: the names of the holder in Cyrillic, or what an authority,
    /// a service or a server is called.
    #[must_use]
    pub fn new(common_name: &str) -> Self {
        Self {
            common_name: common_name.to_owned(),
            ..Self::default()
        }
    }

    /// The same with a country, two letters of ISO 3166.
    #[must_use]
    pub fn country(mut self, country: &str) -> Self {
        self.country = Some(country.to_owned());
        self
    }

    /// The same with an organizationName.
    #[must_use]
    pub fn organization(mut self, organization: &str) -> Self {
        self.organization = Some(organization.to_owned());
        self
    }

    /// The same with an organizationIdentifier, ETSI EN 319 412-1 §5.1.4: for an organisation of
    /// the Bulgarian register, `NTRBG-` and its EIK.
    #[must_use]
    pub fn organization_identifier(mut self, identifier: &str) -> Self {
        self.organization_identifier = Some(identifier.to_owned());
        self
    }

    /// The same with the holder's electronic identifier as serialNumber.
    #[must_use]
    pub fn electronic_identifier(mut self, identifier: Uuid) -> Self {
        self.serial_number = Some(identifier::attribute(identifier));
        self
    }

    /// The same with a givenName: the first name in Latin letters.
    #[must_use]
    pub fn given_name(mut self, given_name: &str) -> Self {
        self.given_name = Some(given_name.to_owned());
        self
    }

    /// The same with a surname, in Latin letters.
    #[must_use]
    pub fn surname(mut self, surname: &str) -> Self {
        self.surname = Some(surname.to_owned());
        self
    }

    /// The name in DER.
    ///
    /// # Errors
    /// [`SubjectFault`] names the attribute that cannot be used.
    pub fn to_der(&self) -> Result<Vec<u8>, SubjectFault> {
        self.to_name()?.to_der().map_err(|_| SubjectFault {
            attribute: "whole name",
        })
    }

    pub(crate) fn to_name(&self) -> Result<Name, SubjectFault> {
        let rdns: Result<Vec<_>, _> = self
            .attributes()
            .map(|(attribute, value)| attribute.rdn(value))
            .collect();
        name(rdns?)
    }

    /// Compares with the name that somebody else wrote. How the strings are encoded and in which
    /// order they stand is his business; that each is there, alone, and nothing else, is not.
    pub(crate) fn is_that_of(&self, name: &Name) -> Result<(), Difference> {
        let mut found = texts(name).ok_or(Difference::Unreadable)?;
        for (attribute, value) in self.attributes() {
            let place = found
                .iter()
                .position(|(oid, text)| *oid == attribute.oid && text == value)
                .ok_or(Difference::Attribute(attribute.name))?;
            found.swap_remove(place);
        }
        match found.first() {
            None => Ok(()),
            Some((oid, _)) => Err(Difference::Unexpected(oid.to_string())),
        }
    }

    fn attributes(&self) -> impl Iterator<Item = (&'static Attribute, &str)> {
        [
            (&COUNTRY, self.country.as_deref()),
            (&ORGANIZATION, self.organization.as_deref()),
            (
                &ORGANIZATION_IDENTIFIER,
                self.organization_identifier.as_deref(),
            ),
            (&SERIAL, self.serial_number.as_deref()),
            (&GIVEN, self.given_name.as_deref()),
            (&SURNAME, self.surname.as_deref()),
            (&COMMON_NAME, Some(self.common_name.as_str())),
        ]
        .into_iter()
        .filter_map(|(attribute, value)| Some((attribute, value?)))
    }
}

/// How a name differs from the subject that it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// This attribute is missing, or has another value.
    Attribute(&'static str),
    /// An attribute that does not belong there.
    Unexpected(String),
    /// Something that is no text, or several values in one RDN.
    Unreadable,
}

/// An attribute of a name: how it is called here, and how its value is written.
pub struct Attribute {
    name: &'static str,
    oid: ObjectIdentifier,
    printable: bool,
    longest: usize,
}

const fn attribute(name: &'static str, oid: ObjectIdentifier) -> Attribute {
    Attribute {
        name,
        oid,
        printable: false,
        longest: LONGEST_VALUE,
    }
}

const fn printable(name: &'static str, oid: ObjectIdentifier, longest: usize) -> Attribute {
    Attribute {
        name,
        oid,
        printable: true,
        longest,
    }
}

const COUNTRY: Attribute = printable("country", COUNTRY_NAME, 2);
const ORGANIZATION: Attribute = attribute("organization", ORGANIZATION_NAME);
const ORGANIZATION_IDENTIFIER: Attribute =
    attribute("organization identifier", oids::ORGANIZATION_IDENTIFIER);
const SERIAL: Attribute = printable("serial number", SERIAL_NUMBER, LONGEST_VALUE);
/// givenName.
pub const GIVEN: Attribute = attribute("given name", GIVEN_NAME);
/// surname.
pub const SURNAME: Attribute = attribute("surname", SN);
const COMMON_NAME: Attribute = attribute("common name", CN);
/// name, the supertype of them all, which has room for three long ones (ub-name).
pub const WHOLE_NAME: Attribute = Attribute {
    name: "whole name",
    oid: const_oid::db::rfc4519::NAME,
    printable: false,
    longest: 32_768,
};

impl Attribute {
    /// Its identifier.
    pub const fn oid(&self) -> ObjectIdentifier {
        self.oid
    }

    /// The attribute with this value, alone.
    pub fn rdn(&self, value: &str) -> Result<RelativeDistinguishedName, SubjectFault> {
        let fault = || SubjectFault {
            attribute: self.name,
        };
        let length = value.chars().count();
        if length == 0 || length > self.longest || value.chars().any(char::is_control) {
            return Err(fault());
        }
        let value = if self.printable {
            PrintableStringRef::new(value).and_then(|text| Any::encode_from(&text))
        } else {
            Utf8StringRef::new(value).and_then(|text| Any::encode_from(&text))
        };
        let mut set = SetOfVec::new();
        set.insert(AttributeTypeAndValue {
            oid: self.oid,
            value: value.map_err(|_| fault())?,
        })
        .map_err(|_| fault())?;
        Ok(set.into())
    }
}

/// A name of these.
pub fn name(rdns: Vec<RelativeDistinguishedName>) -> Result<Name, SubjectFault> {
    RdnSequence::from(rdns)
        .to_der()
        .and_then(|bytes| Name::from_der(&bytes))
        .map_err(|_| SubjectFault {
            attribute: "whole name",
        })
}

/// Attributes of a name with their texts; `None` where one is no text, or does not stand alone.
pub fn texts(name: &Name) -> Option<Vec<(ObjectIdentifier, String)>> {
    name.iter_rdn()
        .map(|rdn| {
            let mut all = rdn.iter();
            match (all.next(), all.next()) {
                (Some(one), None) => Some((one.oid, text(&one.value)?)),
                _ => None,
            }
        })
        .collect()
}

fn text(value: &Any) -> Option<String> {
    match value.tag() {
        Tag::Utf8String => value.decode_as::<String>().ok(),
        Tag::PrintableString => value
            .decode_as::<PrintableString>()
            .ok()
            .map(|text| text.as_str().to_owned()),
        Tag::Ia5String => value
            .decode_as::<Ia5StringRef<'_>>()
            .ok()
            .map(|text| text.as_str().to_owned()),
        Tag::BmpString => BmpString::from_ucs2(value.value())
            .ok()
            .map(|text| text.chars().collect()),
        _ => None,
    }
}
