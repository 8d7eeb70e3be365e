//! Making a CRL.

use const_oid::{
    ObjectIdentifier,
    db::rfc5280::{
        ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS,
        ID_CE_DELTA_CRL_INDICATOR, ID_CE_FRESHEST_CRL,
    },
};
use der::{
    Encode, Sequence, Tag, TagMode, TagNumber,
    asn1::{BitStringRef, ContextSpecificRef, Ia5String, OctetString},
};
use time::OffsetDateTime;
use x509_cert::{
    ext::{
        Extension,
        pkix::{
            AuthorityKeyIdentifier, FreshestCrl,
            crl::dp::DistributionPoint,
            name::{DistributionPointName, GeneralName},
        },
    },
    time::Time,
};

use super::{CrlEntry, CrlError, read::V2};
use crate::{
    Certificate, CrlNumber, RevocationReason, SerialNumber, Signer,
    signed::{self, Elements},
};

/// Bytes before the entries besides the name of the authority and the algorithm: three headers,
/// the version, two moments.
const HEADERS: usize = 3 * 6 + 3 + 2 * 17;

/// What a CRL says besides its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlFields {
    /// crlNumber: greater than that of every CRL before, full or delta. A full and a delta CRL that
    /// are made together from the same state have the same.
    pub number: CrlNumber,
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// When the next one is there at the latest.
    pub next_update: OffsetDateTime,
    /// Full or delta.
    pub kind: CrlKind,
}

/// Full or delta.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlKind {
    /// Every certificate that is revoked or suspended.
    Full {
        /// URL of the delta CRLs (freshestCRL, RFC 5280 §5.2.6); programs look for them only where
        /// it stands.
        freshest: Option<String>,
    },
    /// What changed since a full CRL.
    Delta {
        /// Number of that full CRL (BaseCRLNumber, §5.2.4).
        base: CrlNumber,
    },
}

/// An entry: SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL }.
#[derive(Sequence)]
pub(super) struct Entry<'a> {
    pub serial: SerialNumber,
    pub date: Time,
    pub extensions: Option<Elements<'a>>,
}

impl CrlFields {
    /// Makes the CRL. Entries are encoded as they come and take no memory beyond their bytes.
    ///
    /// # Errors
    /// [`CrlError`] says whose fault it is.
    pub fn sign(
        &self,
        issuer: &Certificate,
        signer: &dyn Signer,
        entries: impl IntoIterator<Item = CrlEntry>,
    ) -> Result<Vec<u8>, CrlError> {
        if signer.public_key() != issuer.public_key() {
            return Err(CrlError::OtherKey);
        }
        let algorithm = signer.algorithm().identifier()?.to_der()?;
        let (this_update, next_update) = (
            signed::time(self.this_update)?.to_der()?,
            signed::time(self.next_update)?.to_der()?,
        );
        let room = HEADERS + algorithm.len() + issuer.subject_der().len();
        let mut list = List::new(room);
        self.put_entries(&mut list, entries)?;
        let entries = list.bytes().len();
        list.append(&self.extensions(issuer)?);

        // revokedCertificates is left out where there are none (§5.1.2.6).
        if entries > 0 {
            list.prepend(&signed::header(Tag::Sequence, entries)?)?;
        }
        list.prepend(&next_update)?;
        list.prepend(&this_update)?;
        list.prepend(issuer.subject_der())?;
        list.prepend(&algorithm)?;
        list.prepend(&V2.to_der()?)?;
        list.prepend(&signed::header(Tag::Sequence, list.bytes().len())?)?;

        let signature = signer.sign(list.bytes())?;
        list.append(&algorithm);
        list.append(&BitStringRef::from_bytes(&signature)?.to_der()?);
        list.prepend(&signed::header(Tag::Sequence, list.bytes().len())?)?;
        Ok(list.finish())
    }

    /// crlExtensions, with their tag.
    fn extensions(&self, issuer: &Certificate) -> der::Result<Vec<u8>> {
        let key = AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(issuer.subject_key_identifier())?),
            ..AuthorityKeyIdentifier::default()
        };
        let mut all = vec![
            extension(ID_CE_AUTHORITY_KEY_IDENTIFIER, false, &key)?,
            extension(ID_CE_CRL_NUMBER, false, &self.number)?,
        ];
        match &self.kind {
            CrlKind::Full { freshest: None } => {}
            CrlKind::Full {
                freshest: Some(url),
            } => {
                let url = GeneralName::UniformResourceIdentifier(Ia5String::new(url)?);
                let point = DistributionPoint {
                    distribution_point: Some(DistributionPointName::FullName(vec![url])),
                    reasons: None,
                    crl_issuer: None,
                };
                let freshest = FreshestCrl(vec![point]);
                all.push(extension(ID_CE_FRESHEST_CRL, false, &freshest)?);
            }
            CrlKind::Delta { base } => all.push(extension(ID_CE_DELTA_CRL_INDICATOR, true, base)?),
        }
        ContextSpecificRef {
            tag_number: TagNumber(0),
            tag_mode: TagMode::Explicit,
            value: &all,
        }
        .to_der()
    }
}

impl CrlFields {
    fn put_entries(
        &self,
        list: &mut List,
        entries: impl IntoIterator<Item = CrlEntry>,
    ) -> Result<(), CrlError> {
        let extensions = RevocationReason::ALL
            .map(|reason| Ok((reason, entry_extensions(reason)?)))
            .into_iter()
            .collect::<der::Result<Vec<_>>>()?;
        let full = matches!(self.kind, CrlKind::Full { .. });
        for entry in entries {
            let CrlEntry {
                serial,
                since,
                reason,
            } = entry;
            if full && reason == RevocationReason::RemoveFromCrl {
                return Err(CrlError::NothingToRemoveFrom { serial });
            }
            let extensions = extensions
                .iter()
                .find(|(this, _)| *this == reason)
                .and_then(|(_, extensions)| extensions.as_deref())
                .map(Elements);
            let date = signed::time(since)?;
            Entry {
                serial,
                date,
                extensions,
            }
            .encode_to_vec(&mut list.buffer)?;
        }
        Ok(())
    }
}

/// crlEntryExtensions for a reason, without header; none for `unspecified` (§5.3.1).
fn entry_extensions(reason: RevocationReason) -> der::Result<Option<Vec<u8>>> {
    if reason == RevocationReason::Unspecified {
        return Ok(None);
    }
    extension(ID_CE_CRL_REASONS, false, &reason.to_standard())?
        .to_der()
        .map(Some)
}

/// Extension, RFC 5280 §4.1.
fn extension(id: ObjectIdentifier, critical: bool, value: &impl Encode) -> der::Result<Extension> {
    let extn_value = OctetString::new(value.to_der()?)?;
    Ok(Extension {
        extn_id: id,
        critical,
        extn_value,
    })
}

/// A CRL that grows at both ends, so that it is in memory once.
struct List {
    /// Room at the start, then the list.
    buffer: Vec<u8>,
    start: usize,
}

impl List {
    fn new(room: usize) -> Self {
        Self {
            buffer: vec![0; room],
            start: room,
        }
    }

    fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    fn append(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn prepend(&mut self, bytes: &[u8]) -> der::Result<()> {
        let start = self.start.checked_sub(bytes.len());
        let place = start.and_then(|start| self.buffer.get_mut(start..self.start));
        match (start, place) {
            (Some(start), Some(place)) => {
                place.copy_from_slice(bytes);
                self.start = start;
                Ok(())
            }
            _ => Err(der::ErrorKind::Overflow.into()),
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.buffer.drain(..self.start);
        self.buffer
    }
}
