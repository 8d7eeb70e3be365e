//! The kinds of certificates that are issued, and what each says. Req 11.1, 12, 14.1.5.
//!
//! | certificate | subject | keyUsage | extKeyUsage | besides |
//! |---|---|---|---|---|
//! | root | authority | keyCertSign, cRLSign | | basicConstraints CA; signed by itself |
//! | issuing authority | authority | keyCertSign, cRLSign | | basicConstraints CA, pathLen 0 |
//! | identification | holder | digitalSignature | clientAuth | names in both scripts, assurance level |
//! | signing | holder | nonRepudiation | | names in both scripts, assurance level |
//! | OCSP responder | service | digitalSignature | OCSPSigning | ocsp-nocheck |
//! | timestamps | service | digitalSignature | timeStamping, critical | |
//! | TLS server | service | digitalSignature | serverAuth | names of the server |
//! | client | organisation, official | digitalSignature | clientAuth | |
//!
//! All have keyUsage critical and subjectKeyIdentifier, all but the root authorityKeyIdentifier
//! and what is known of [`Locations`]: authorityInfoAccess, cRLDistributionPoints, freshestCRL.
//! None names a policy: a policy is a promise that somebody must keep.
//!
//! Art. 11.4 has the seal of the issuing authority made for certificates of electronic identity
//! alone. An OCSP responder must be certified by the authority whose answers it gives (RFC 6960
//! §4.2.2.2); servers, timestamps and clients belong to another authority under the same root, or
//! to the root.

use core::net::IpAddr;

use const_oid::{
    ObjectIdentifier,
    db::rfc5280::{
        ID_AD_CA_ISSUERS, ID_AD_OCSP, ID_KP_CLIENT_AUTH, ID_KP_OCSP_SIGNING, ID_KP_SERVER_AUTH,
        ID_KP_TIME_STAMPING,
    },
};
use der::{
    Decode, Sequence,
    asn1::{Ia5String, Null, OctetString},
};
use spki::SubjectPublicKeyInfoRef;
use x509_cert::{
    TbsCertificate,
    builder::{self, profile::BuilderProfile},
    ext::{
        Extension, ToExtension,
        pkix::{
            AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
            CrlDistributionPoints, ExtendedKeyUsage, FreshestCrl, KeyUsage, KeyUsages,
            SubjectAltName, SubjectKeyIdentifier,
            crl::dp::DistributionPoint,
            name::{DistributionPointName, GeneralName},
        },
    },
    name::Name,
};

use crate::{Certificate, HolderSubject, IssueError, Locations, Subject, SubjectFault, oids};

/// The assurance level of a carrier for which Art. 15 is kept: Regulation (EU) 910/2014, as its
/// implementing acts write it. Req 12.5.
pub const ASSURANCE_LEVEL_HIGH: &str = "http://eidas.europa.eu/LoA/high";

/// What a certificate is issued for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Profile<'a> {
    /// An authority below the root.
    IssuingAuthority(&'a Subject),
    /// The holder's key that identifies him: TLS client authentication and nothing else.
    Identification(&'a HolderSubject),
    /// The holder's key that signs in his name.
    Signing(&'a HolderSubject),
    /// The responder that answers what became of certificates, RFC 6960 §4.2.2.2.
    OcspResponder(&'a Subject),
    /// The authority that stamps times, RFC 3161 §2.3.
    Timestamps(&'a Subject),
    /// A TLS server.
    TlsServer {
        /// Its subject.
        subject: &'a Subject,
        /// Its names, in DNS or as IP addresses; one at least.
        names: &'a [&'a str],
    },
    /// A client of the registers: an administrator, a centre, a named official. Which of them it
    /// is the register says.
    Client(&'a Subject),
}

/// What a certificate has beside names, key and times.
pub struct Shape {
    key_usage: KeyUsage,
    extended: Option<(bool, ObjectIdentifier)>,
    authority: Option<BasicConstraints>,
    names: Option<SubjectAltName>,
    assurance: bool,
    no_check: bool,
}

impl Profile<'_> {
    pub(crate) fn subject(&self) -> Result<Name, SubjectFault> {
        match self {
            Self::Identification(holder) | Self::Signing(holder) => holder.subject().to_name(),
            Self::IssuingAuthority(subject)
            | Self::OcspResponder(subject)
            | Self::Timestamps(subject)
            | Self::TlsServer { subject, .. }
            | Self::Client(subject) => subject.to_name(),
        }
    }

    pub(crate) fn shape(&self) -> Result<Shape, IssueError> {
        let digital_signature = Shape::new(KeyUsages::DigitalSignature);
        Ok(match self {
            Self::IssuingAuthority(_) => Shape::authority(Some(0)),
            Self::Identification(holder) => Shape {
                extended: Some((false, ID_KP_CLIENT_AUTH)),
                names: Some(holder.alternative_names()?),
                assurance: true,
                ..digital_signature
            },
            Self::Signing(holder) => Shape {
                names: Some(holder.alternative_names()?),
                assurance: true,
                ..Shape::new(KeyUsages::NonRepudiation)
            },
            Self::OcspResponder(_) => Shape {
                extended: Some((false, ID_KP_OCSP_SIGNING)),
                no_check: true,
                ..digital_signature
            },
            Self::Timestamps(_) => Shape {
                extended: Some((true, ID_KP_TIME_STAMPING)),
                ..digital_signature
            },
            Self::TlsServer { names, .. } => Shape {
                extended: Some((false, ID_KP_SERVER_AUTH)),
                names: Some(server_names(names)?),
                ..digital_signature
            },
            Self::Client(_) => Shape {
                extended: Some((false, ID_KP_CLIENT_AUTH)),
                ..digital_signature
            },
        })
    }
}

impl Shape {
    pub fn root() -> Self {
        Self::authority(None)
    }

    fn authority(path_length: Option<u8>) -> Self {
        Self {
            authority: Some(BasicConstraints {
                ca: true,
                path_len_constraint: path_length,
            }),
            ..Self::new(KeyUsages::KeyCertSign | KeyUsages::CRLSign)
        }
    }

    fn new(key_usage: impl Into<der::flagset::FlagSet<KeyUsages>>) -> Self {
        Self {
            key_usage: KeyUsage(key_usage.into()),
            extended: None,
            authority: None,
            names: None,
            assurance: false,
            no_check: false,
        }
    }
}

fn server_names(names: &[&str]) -> Result<SubjectAltName, IssueError> {
    let wrong = |value: &str| IssueError::Location {
        value: value.to_owned(),
    };
    if names.is_empty() {
        return Err(wrong(""));
    }
    let names = names.iter().map(|name| match name.parse::<IpAddr>() {
        Ok(address) => Ok(GeneralName::from(address)),
        Err(_) if is_host(name) => Ia5String::new(name)
            .map(GeneralName::DnsName)
            .map_err(|_| wrong(name)),
        Err(_) => Err(wrong(name)),
    });
    Ok(SubjectAltName(names.collect::<Result<_, _>>()?))
}

/// Preferred name syntax, RFC 1034 §3.5, as RFC 5280 §4.2.1.6 wants it.
fn is_host(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// A certificate to be: what the builder asks for.
pub struct Issued<'a> {
    pub shape: Shape,
    pub issuer: Name,
    pub subject: Name,
    /// subjectKeyIdentifier of the authority; `None` for a root.
    pub authority_key: Option<Vec<u8>>,
    pub locations: &'a Locations,
}

impl BuilderProfile for Issued<'_> {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let mut all = Extensions(&self.subject, Vec::new());
        if let Some(authority_key) = &self.authority_key {
            all.add(&AuthorityKeyIdentifier {
                key_identifier: Some(OctetString::new(authority_key.as_slice())?),
                ..AuthorityKeyIdentifier::default()
            })?;
        }
        all.add(&SubjectKeyIdentifier::try_from(key)?)?;
        all.add(&self.shape.key_usage)?;
        if let Some((critical, purpose)) = self.shape.extended {
            all.add((critical, &ExtendedKeyUsage(vec![purpose])))?;
        }
        if let Some(constraints) = &self.shape.authority {
            all.add(constraints)?;
        }
        if let Some(names) = &self.shape.names {
            all.add(names)?;
        }
        self.add_locations(&mut all)?;
        if self.shape.no_check {
            all.add((oids::OCSP_NO_CHECK, false, &Null))?;
        }
        if self.shape.assurance {
            all.add((oids::AUTHENTICATION_CONTEXTS, false, &assurance_level()))?;
        }
        Ok(all.1)
    }
}

impl Issued<'_> {
    fn add_locations(&self, all: &mut Extensions<'_>) -> der::Result<()> {
        // Whether a responder's own certificate was revoked is not asked: ocsp-nocheck.
        let responder = self.shape.no_check;
        let Locations {
            authority,
            ocsp,
            crl,
            delta_crl,
        } = self.locations;
        if let Some(crl) = crl.as_ref().filter(|_| !responder) {
            all.add(&CrlDistributionPoints(points(crl)?))?;
        }
        if let Some(delta_crl) = delta_crl.as_ref().filter(|_| !responder) {
            all.add(&FreshestCrl(points(delta_crl)?))?;
        }
        let ocsp = ocsp.as_ref().filter(|_| !responder);
        let mut access = Vec::new();
        for (method, url) in [(ID_AD_OCSP, ocsp), (ID_AD_CA_ISSUERS, authority.as_ref())] {
            if let Some(url) = url {
                access.push(AccessDescription {
                    access_method: method,
                    access_location: location(url)?,
                });
            }
        }
        if !access.is_empty() {
            all.add(&AuthorityInfoAccessSyntax(access))?;
        }
        Ok(())
    }
}

/// Extensions of a certificate for this subject.
struct Extensions<'a>(&'a Name, Vec<Extension>);

impl Extensions<'_> {
    fn add<E: ToExtension<Error = der::Error>>(&mut self, extension: E) -> der::Result<()> {
        let extension = extension.to_extension(self.0, &self.1)?;
        self.1.push(extension);
        Ok(())
    }
}

fn points(url: &str) -> der::Result<Vec<DistributionPoint>> {
    Ok(vec![DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![location(url)?])),
        reasons: None,
        crl_issuer: None,
    }])
}

fn location(url: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(url)?))
}

/// AuthenticationContext, RFC 7773 §2. Where it has no contextInfo, contextType says it all.
#[derive(Sequence)]
struct AuthenticationContext {
    context_type: String,
    #[asn1(optional = "true")]
    context_info: Option<String>,
}

fn assurance_level() -> Vec<AuthenticationContext> {
    vec![AuthenticationContext {
        context_type: ASSURANCE_LEVEL_HIGH.to_owned(),
        context_info: None,
    }]
}

impl Certificate {
    /// The assurance level of the carrier that the key is on, as a URI (RFC 7773): for electronic
    /// identities [`ASSURANCE_LEVEL_HIGH`]. Req 12.5.
    #[must_use]
    pub fn assurance_level(&self) -> Option<String> {
        let value = self.extension(&oids::AUTHENTICATION_CONTEXTS)?;
        let contexts = Vec::<AuthenticationContext>::from_der(&value).ok()?;
        match <[_; 1]>::try_from(contexts).ok()? {
            [
                AuthenticationContext {
                    context_type,
                    context_info: None,
                },
            ] => Some(context_type),
            _ => None,
        }
    }
}
