//! Object identifiers that `const-oid` does not list.
//!
//! None of them is private. One could be had without asking under 2.25 followed by a UUID, but an
//! arc of 128 bits makes a certificate unreadable to Go (golang/go#30757), pyca/cryptography
//! (#11338) and RustCrypto (`const_oid::Arc` is a `u32`): the holder could not log in there. So
//! everything that the scheme says in a certificate is said with published attributes and
//! extensions.

use const_oid::ObjectIdentifier;

/// organizationIdentifier, X.520 §6.4.4; its form is ETSI EN 319 412-1 §5.1.4.
pub const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");

/// id-ce-authContext, RFC 7773 §2: how sure it is that the holder is who the subject names.
pub const AUTHENTICATION_CONTEXTS: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.752.201.5.1");

/// id-pkix-ocsp-nocheck, RFC 6960 §4.2.2.2.1.
pub const OCSP_NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
