//! Reading a CRL.

use core::fmt;

use const_oid::{
    ObjectIdentifier,
    db::rfc5280::{
        ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS,
        ID_CE_DELTA_CRL_INDICATOR, ID_CE_FRESHEST_CRL, ID_CE_ISSUING_DISTRIBUTION_POINT,
    },
};
use der::{Decode, Encode, Sequence, asn1::AnyRef};
use time::OffsetDateTime;
use x509_cert::{
    ext::pkix::{
        AuthorityKeyIdentifier, CrlReason, IssuingDistributionPoint,
        name::{DistributionPointName, GeneralName},
    },
    time::Time,
};

use super::{CrlEntry, CrlFault, LONGEST_CRL, build::Entry};
use crate::{
    Certificate, CrlNumber, PublicKey, Revocation, RevocationReason, SerialNumber,
    extensions::{self, Extensions},
    signed::{Elements, ExtensionRef, Signed, moment},
};

/// A CRL that an authority signed, in the order of serial numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Crl {
    issuer: Vec<u8>,
    signed_by: PublicKey,
    authority_key: Option<Vec<u8>>,
    number: Option<CrlNumber>,
    base: Option<CrlNumber>,
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
    freshest: Vec<String>,
    scope: CrlScope,
    rows: Vec<Row>,
}

/// For which certificates of the authority a CRL is: issuingDistributionPoint, RFC 5280 §5.2.5.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrlScope {
    /// Only those that name one of these URLs; all when there is none.
    pub urls: Vec<String>,
    /// Only those at the end of a chain.
    pub only_end: bool,
    /// Only authorities.
    pub only_authorities: bool,
}

/// An entry in memory: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Row {
    serial: SerialNumber,
    reason: RevocationReason,
    /// Seconds since the beginning of 1970.
    since: i64,
}

/// TBSCertList, RFC 5280 §5.1, with its entries unread.
#[derive(Sequence)]
struct TbsCertList<'a> {
    version: Option<u8>,
    signature: AnyRef<'a>,
    issuer: AnyRef<'a>,
    this_update: Time,
    next_update: Option<Time>,
    revoked_certificates: Option<Elements<'a>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    crl_extensions: Option<Elements<'a>>,
}

impl Crl {
    /// Reads a CRL in DER and checks that this authority signed it.
    ///
    /// # Errors
    /// [`CrlFault`] says what is wrong with it.
    pub fn read(der: &[u8], issuer: &Certificate) -> Result<Self, CrlFault> {
        if der.len() > LONGEST_CRL {
            return Err(CrlFault::TooLong { length: der.len() });
        }
        let signed = Signed::read(der).map_err(|_| CrlFault::NotACrl)?;
        let list = TbsCertList::from_der(signed.content).map_err(|_| CrlFault::NotACrl)?;
        let named = encoded(&list.issuer)?;
        if named != issuer.subject_der() {
            return Err(CrlFault::OtherIssuer);
        }
        let authority = issuer.extensions().map_err(|_| CrlFault::MayNotSign)?;
        if authority.key_usage.is_some_and(|usage| !usage.crls) {
            return Err(CrlFault::MayNotSign);
        }
        // Nothing that is in the list is read before it is known who says it.
        signed
            .verify(issuer.public_key())
            .map_err(|_| CrlFault::WrongSignature)?;
        if encoded(&list.signature)? != signed.algorithm || list.version != Some(V2) {
            return Err(CrlFault::Malformed {
                part: "version or algorithm",
            });
        }
        let mut crl = Self {
            issuer: named,
            signed_by: issuer.public_key().clone(),
            authority_key: None,
            number: None,
            base: None,
            this_update: date(list.this_update, "thisUpdate")?,
            next_update: list
                .next_update
                .ok_or(CrlFault::Malformed { part: "nextUpdate" })
                .and_then(|time| date(time, "nextUpdate"))?,
            freshest: Vec::new(),
            scope: CrlScope::default(),
            rows: Vec::new(),
        };
        if let Some(all) = list.crl_extensions {
            crl.read_extensions(all, &authority)?;
        }
        if let Some(entries) = list.revoked_certificates {
            crl.read_entries(entries)?;
        }
        Ok(crl)
    }

    fn read_extensions(
        &mut self,
        all: Elements<'_>,
        authority: &Extensions,
    ) -> Result<(), CrlFault> {
        let malformed = |_| CrlFault::Malformed { part: "extensions" };
        let mut seen = Vec::new();
        all.each(|extension: ExtensionRef<'_>| {
            if seen.contains(&extension.id) {
                return Err(CrlFault::Malformed { part: "extensions" });
            }
            seen.push(extension.id);
            let value = extension.value.as_bytes();
            match extension.id {
                ID_CE_AUTHORITY_KEY_IDENTIFIER => {
                    let key = AuthorityKeyIdentifier::from_der(value).map_err(malformed)?;
                    self.authority_key = key.key_identifier.map(|key| key.as_bytes().to_vec());
                    let both = self
                        .authority_key
                        .as_ref()
                        .zip(authority.subject_key.as_ref());
                    if both.is_some_and(|(named, own)| named != own) {
                        return Err(CrlFault::OtherIssuer);
                    }
                }
                ID_CE_CRL_NUMBER => {
                    self.number = Some(CrlNumber::from_der(value).map_err(malformed)?);
                }
                ID_CE_DELTA_CRL_INDICATOR => {
                    self.base = Some(CrlNumber::from_der(value).map_err(malformed)?);
                }
                ID_CE_FRESHEST_CRL => self.freshest = extensions::freshest(value),
                ID_CE_ISSUING_DISTRIBUTION_POINT => self.scope = CrlScope::read(value)?,
                _ => understood(&extension)?,
            }
            Ok(())
        })
    }

    fn read_entries(&mut self, entries: Elements<'_>) -> Result<(), CrlFault> {
        let delta = self.base.is_some();
        self.rows.reserve_exact(entries.0.len() / SHORTEST_ENTRY);
        entries.each(|entry: Entry<'_>| {
            let reason = match entry.extensions {
                Some(extensions) => entry_reason(extensions)?,
                None => RevocationReason::Unspecified,
            };
            if reason == RevocationReason::RemoveFromCrl && !delta {
                return Err(CrlFault::Malformed { part: "reason" });
            }
            self.rows.push(Row {
                serial: entry.serial,
                reason,
                since: date(entry.date, "revocationDate")?.unix_timestamp(),
            });
            Ok(())
        })?;
        self.rows.shrink_to_fit();
        self.rows.sort_unstable_by_key(|row| row.serial);
        let mut pairs = self.rows.iter().zip(self.rows.iter().skip(1));
        match pairs.find(|(one, next)| one.serial == next.serial) {
            Some((twice, _)) => Err(CrlFault::ListedTwice {
                serial: twice.serial,
            }),
            None => Ok(()),
        }
    }

    /// What it says of a certificate; nothing when it is not listed.
    #[must_use]
    pub fn entry(&self, serial: SerialNumber) -> Option<Revocation> {
        let place = self.rows.binary_search_by_key(&serial, |row| row.serial);
        let row = self.rows.get(place.ok()?)?;
        Some(Revocation {
            since: row.since(),
            reason: row.reason,
        })
    }

    /// Its entries by serial number.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = CrlEntry> {
        self.rows.iter().map(|row| CrlEntry {
            serial: row.serial,
            since: row.since(),
            reason: row.reason,
        })
    }

    /// Who issued it: a Name in DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// Its number, where it has one.
    #[must_use]
    pub const fn number(&self) -> Option<CrlNumber> {
        self.number
    }

    /// For a delta CRL: the oldest full CRL that it can be joined to.
    #[must_use]
    pub const fn base(&self) -> Option<CrlNumber> {
        self.base
    }

    /// When it was made.
    #[must_use]
    pub const fn this_update(&self) -> OffsetDateTime {
        self.this_update
    }

    /// When the next one is there at the latest.
    #[must_use]
    pub const fn next_update(&self) -> OffsetDateTime {
        self.next_update
    }

    /// Where newer delta CRLs are, as URLs.
    #[must_use]
    pub fn freshest_urls(&self) -> &[String] {
        &self.freshest
    }

    /// For which certificates of the authority it is.
    #[must_use]
    pub const fn scope(&self) -> &CrlScope {
        &self.scope
    }

    /// Whether this authority, with this very key, signed it.
    #[must_use]
    pub fn is_from(&self, authority: &Certificate) -> bool {
        self.issuer == authority.subject_der() && self.signed_by == *authority.public_key()
    }

    /// Whether both are from one authority, by one key, for the same certificates.
    pub(super) fn is_of_the_same(&self, other: &Self) -> bool {
        (
            &self.issuer,
            &self.signed_by,
            &self.authority_key,
            &self.scope,
        ) == (
            &other.issuer,
            &other.signed_by,
            &other.authority_key,
            &other.scope,
        )
    }
}

/// Shows whose and which; entries are counted.
impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("number", &self.number)
            .field("base", &self.base)
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .field("entries", &self.rows.len())
            .finish_non_exhaustive()
    }
}

impl Row {
    fn since(&self) -> OffsetDateTime {
        // INVARIANT: the number came from such a moment.
        OffsetDateTime::from_unix_timestamp(self.since).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl CrlScope {
    /// Lists for some reasons alone, for attribute certificates, or for other authorities are not
    /// understood.
    fn read(value: &[u8]) -> Result<Self, CrlFault> {
        let not_understood = CrlFault::NotUnderstood {
            oid: ID_CE_ISSUING_DISTRIBUTION_POINT.to_string(),
        };
        let point = IssuingDistributionPoint::from_der(value).map_err(|_| CrlFault::Malformed {
            part: "issuingDistributionPoint",
        })?;
        if point.only_some_reasons.is_some()
            || point.indirect_crl
            || point.only_contains_attribute_certs
        {
            return Err(not_understood);
        }
        let urls = match point.distribution_point {
            None => Vec::new(),
            Some(DistributionPointName::FullName(names)) => names
                .iter()
                .filter_map(|name| match name {
                    GeneralName::UniformResourceIdentifier(url) => Some(url.as_str().to_owned()),
                    _ => None,
                })
                .collect(),
            Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => return Err(not_understood),
        };
        Ok(Self {
            urls,
            only_end: point.only_contains_user_certs,
            only_authorities: point.only_contains_ca_certs,
        })
    }

    /// Whether a certificate of the authority is among them.
    #[must_use]
    pub fn covers(&self, certificate: &Certificate) -> bool {
        let Ok(extensions) = certificate.extensions() else {
            return false;
        };
        let kind = if extensions.authority {
            !self.only_end
        } else {
            !self.only_authorities
        };
        let named = |url: &String| extensions.crl_urls.contains(url);
        kind && (self.urls.is_empty() || self.urls.iter().any(named))
    }
}

fn entry_reason(extensions: Elements<'_>) -> Result<RevocationReason, CrlFault> {
    let mut reason = RevocationReason::Unspecified;
    extensions.each(|extension: ExtensionRef<'_>| {
        if extension.id == ID_CE_CRL_REASONS {
            reason = CrlReason::from_der(extension.value.as_bytes())
                .map(RevocationReason::from_standard)
                .map_err(|_| CrlFault::Malformed { part: "reason" })?;
            return Ok(());
        }
        understood(&extension)
    })?;
    Ok(reason)
}

fn understood(extension: &ExtensionRef<'_>) -> Result<(), CrlFault> {
    if extension.critical {
        let oid: ObjectIdentifier = extension.id;
        return Err(CrlFault::NotUnderstood {
            oid: oid.to_string(),
        });
    }
    Ok(())
}

fn encoded(part: &AnyRef<'_>) -> Result<Vec<u8>, CrlFault> {
    part.to_der().map_err(|_| CrlFault::NotACrl)
}

fn date(time: Time, part: &'static str) -> Result<OffsetDateTime, CrlFault> {
    moment(time.to_unix_duration()).map_err(|_| CrlFault::Malformed { part })
}

impl From<der::Error> for CrlFault {
    fn from(_: der::Error) -> Self {
        Self::Malformed {
            part: "list of entries or extensions",
        }
    }
}

/// Version 2.
pub(super) const V2: u8 = 1;
/// Bytes of an entry: header, a serial number of one byte, a UTCTime.
const SHORTEST_ENTRY: usize = 2 + 3 + 15;
