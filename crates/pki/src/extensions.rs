//! What a certificate says of itself beyond its subject, as far as that decides whether it is
//! trusted: RFC 5280 §4.2.

use x509_parser::{
    der_parser::asn1_rs::{Oid, oid},
    extensions::{DistributionPointName, GeneralName, ParsedExtension},
    oid_registry::{
        OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS,
        OID_X509_EXT_CERTIFICATE_POLICIES, OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE,
        OID_X509_EXT_SUBJECT_ALT_NAME, OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
    },
    prelude::{FromDer, X509Certificate},
};

use crate::{Certificate, PkiError};

/// id-pkix-ocsp-nocheck, RFC 6960 §4.2.2.2.1.
const OCSP_NO_CHECK: Oid<'static> = oid!(1.3.6.1.5.5.7.48.1.5);
const FRESHEST_CRL: Oid<'static> = oid!(2.5.29.46);
const OCSP: Oid<'static> = oid!(1.3.6.1.5.5.7.48.1);

/// Extensions that are understood where they are critical.
const UNDERSTOOD: [Oid<'static>; 7] = [
    OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
    OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_CERTIFICATE_POLICIES, // no policy is asked for
    OID_X509_EXT_EXTENDED_KEY_USAGE,
    OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_SUBJECT_ALT_NAME,
    OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
];

/// Extensions of a certificate; `None` where it has no such one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// basicConstraints: it is an authority's.
    pub authority: bool,
    /// … and so many authorities may stand between it and a certificate at the end.
    pub path_length: Option<u32>,
    pub key_usage: Option<KeyUsage>,
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    pub subject_key: Option<Vec<u8>>,
    pub authority_key: Option<Vec<u8>>,
    /// Where its authority's CRLs are.
    pub crl_urls: Vec<String>,
    /// Where its authority's delta CRLs are.
    pub freshest_urls: Vec<String>,
    /// Where its authority's OCSP responder is.
    pub ocsp_urls: Vec<String>,
    /// id-pkix-ocsp-nocheck.
    pub no_check: bool,
    /// A critical one that is not understood.
    pub not_understood: Option<String>,
}

/// keyUsage, as far as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    pub digital_signature: bool,
    pub non_repudiation: bool,
    pub certificates: bool,
    pub crls: bool,
}

/// extKeyUsage, as far as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    pub critical: bool,
    pub any: bool,
    pub client: bool,
    pub server: bool,
    pub ocsp: bool,
    pub timestamps: bool,
    /// It names nothing else.
    pub single: bool,
}

impl Certificate {
    /// Where the CRLs of its authority are (cRLDistributionPoints), as URLs.
    #[must_use]
    pub fn crl_urls(&self) -> Vec<String> {
        self.extensions()
            .map(|all| all.crl_urls)
            .unwrap_or_default()
    }

    /// Where the delta CRLs of its authority are (freshestCRL), as URLs.
    #[must_use]
    pub fn freshest_crl_urls(&self) -> Vec<String> {
        self.extensions()
            .map(|all| all.freshest_urls)
            .unwrap_or_default()
    }

    /// Where the OCSP responder of its authority is (authorityInfoAccess), as URLs.
    #[must_use]
    pub fn ocsp_urls(&self) -> Vec<String> {
        self.extensions()
            .map(|all| all.ocsp_urls)
            .unwrap_or_default()
    }

    /// subjectKeyIdentifier, or what RFC 5280 §4.2.1.2 (1) makes of its key where it has none.
    pub(crate) fn subject_key_identifier(&self) -> Vec<u8> {
        self.extensions()
            .ok()
            .and_then(|all| all.subject_key)
            .unwrap_or_else(|| self.key_identifier().to_vec())
    }

    pub(crate) fn extensions(&self) -> Result<Extensions, PkiError> {
        let (_, parsed) =
            X509Certificate::from_der(self.der()).map_err(|_| PkiError::NotACertificate)?;
        let mut all = Extensions::default();
        let mut seen = Vec::new();
        for extension in parsed.extensions() {
            if seen.contains(&&extension.oid) {
                return Err(PkiError::Malformed { part: "extensions" });
            }
            seen.push(&extension.oid);
            if extension.critical && !UNDERSTOOD.contains(&extension.oid) {
                all.not_understood
                    .get_or_insert_with(|| extension.oid.to_string());
            }
            if extension.oid == OCSP_NO_CHECK {
                all.no_check = true;
            } else if extension.oid == FRESHEST_CRL {
                all.freshest_urls = freshest(extension.value);
            } else {
                all.take(extension.parsed_extension(), extension.critical)?;
            }
        }
        Ok(all)
    }
}

impl Extensions {
    fn take(&mut self, extension: &ParsedExtension<'_>, critical: bool) -> Result<(), PkiError> {
        match extension {
            ParsedExtension::BasicConstraints(constraints) => {
                self.authority = constraints.ca;
                self.path_length = constraints.path_len_constraint;
            }
            ParsedExtension::KeyUsage(usage) => {
                self.key_usage = Some(KeyUsage {
                    digital_signature: usage.digital_signature(),
                    non_repudiation: usage.non_repudiation(),
                    certificates: usage.key_cert_sign(),
                    crls: usage.crl_sign(),
                });
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let named = [
                    usage.any,
                    usage.client_auth,
                    usage.server_auth,
                    usage.code_signing,
                    usage.email_protection,
                    usage.ocsp_signing,
                    usage.time_stamping,
                ];
                let count = named.into_iter().filter(|named| *named).count() + usage.other.len();
                self.extended_key_usage = Some(ExtendedKeyUsage {
                    critical,
                    any: usage.any,
                    client: usage.client_auth,
                    server: usage.server_auth,
                    ocsp: usage.ocsp_signing,
                    timestamps: usage.time_stamping,
                    single: count == 1,
                });
            }
            ParsedExtension::SubjectKeyIdentifier(key) => self.subject_key = Some(key.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(key) => {
                self.authority_key = key.key_identifier.as_ref().map(|key| key.0.to_vec());
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in points.iter() {
                    if let Some(DistributionPointName::FullName(names)) = &point.distribution_point
                    {
                        self.crl_urls.extend(urls(names));
                    }
                }
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                self.ocsp_urls = access
                    .accessdescs
                    .iter()
                    .filter(|one| one.access_method == OCSP)
                    .flat_map(|one| urls(core::slice::from_ref(&one.access_location)))
                    .collect();
            }
            ParsedExtension::ParseError { .. } => {
                return Err(PkiError::Malformed { part: "extensions" });
            }
            _ => {}
        }
        Ok(())
    }
}

fn urls<'a>(names: &'a [GeneralName<'_>]) -> impl Iterator<Item = String> + 'a {
    names.iter().filter_map(|name| match name {
        GeneralName::URI(url) => Some((*url).to_owned()),
        _ => None,
    })
}

/// URLs of a freshestCRL extension, which is built as cRLDistributionPoints; none where it is not.
pub fn freshest(value: &[u8]) -> Vec<String> {
    match x509_parser::extensions::CRLDistributionPoints::from_der(value) {
        Ok(([], points)) => points
            .iter()
            .filter_map(|point| match &point.distribution_point {
                Some(DistributionPointName::FullName(names)) => Some(urls(names)),
                _ => None,
            })
            .flatten()
            .collect(),
        _ => Vec::new(),
    }
}
