//! The codes of problems: one row each, in alphabetical order within its part.

use std::fmt;

use axum::http::StatusCode;
use utoipa::openapi::{
    RefOr, Schema,
    schema::{ObjectBuilder, SchemaType, Type},
};
use utoipa::{PartialSchema, ToSchema};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident, $text:literal, $status:ident, $title:literal;)+) => {
        /// What is wrong with a request. The text of a code stays the same for ever.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code as it is written: lower-case words and hyphens.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The status of an answer with it.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }

            /// What it is, in a few words.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)+
                }
            }
        }
    };
}

codes! {
    // Any request.
    /// It is in the register already, or was.
    AlreadyRegistered, "already-registered", CONFLICT, "it is in the register already";
    /// Another instance has what was asked for.
    AnotherInstance, "another-instance", MISDIRECTED_REQUEST, "another instance has this";
    /// The request cannot be read.
    BadRequest, "bad-request", BAD_REQUEST, "the request cannot be read";
    /// The store, or the server as a whole, has more to do than it can.
    Busy, "busy", SERVICE_UNAVAILABLE, "there is too much to do at the moment";
    /// A fault of the server's.
    Internal, "internal", INTERNAL_SERVER_ERROR, "something failed in the server";
    /// A value is not one that can be.
    InvalidValue, "invalid-value", UNPROCESSABLE_ENTITY, "a value cannot be accepted";
    /// There is no such method here.
    MethodNotAllowed, "method-not-allowed", METHOD_NOT_ALLOWED, "not by this method";
    /// There is nothing of that name.
    NotFound, "not-found", NOT_FOUND, "there is no such thing";
    /// The body is longer than it may be.
    TooLarge, "too-large", PAYLOAD_TOO_LARGE, "the body is too long";
    /// The caller asks too often.
    TooMany, "too-many-requests", TOO_MANY_REQUESTS, "too many requests";
    /// The request took too long to arrive or to be carried out.
    TooSlow, "too-slow", REQUEST_TIMEOUT, "the request took too long";
    /// The body is not of the media type that it must be.
    UnsupportedMediaType, "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "not a body of the right kind";

    // Who calls.
    /// The caller's certificate has expired.
    CertificateExpired, "certificate-expired", FORBIDDEN, "the certificate has expired";
    /// The caller's certificate is not yet confirmed, and good for its confirmation alone.
    CertificatePending, "certificate-pending", FORBIDDEN, "the certificate is not confirmed yet";
    /// The caller's certificate is revoked.
    CertificateRevoked, "certificate-revoked", FORBIDDEN, "the certificate is revoked";
    /// The caller's certificate is suspended.
    CertificateSuspended, "certificate-suspended", FORBIDDEN, "the certificate is suspended";
    /// The caller's certificate is in no register.
    CertificateUnknown, "certificate-unknown", FORBIDDEN, "the certificate is not registered";
    /// A certificate for signatures does not identify its holder to a server.
    CertificateWrongRole, "certificate-wrong-role", FORBIDDEN, "the certificate is not one for identification";
    /// Nobody who may ask for this has identified himself.
    NotIdentified, "not-identified", UNAUTHORIZED, "this needs a certificate or a code";
    /// The caller is known, but this is not for him.
    NotPermitted, "not-permitted", FORBIDDEN, "this is not for this caller";

    // Issuing.
    /// It is not the application's code.
    ApplicationCodeWrong, "application-code-wrong", FORBIDDEN, "not the code of this application";
    /// An application with this id is there, about something else.
    ApplicationDiffers, "application-differs", CONFLICT, "the application was sent before, with another content";
    /// The time of the application is over.
    ApplicationOver, "application-over", GONE, "the time of the application is over";
    /// What is asked for does not happen to an application in its state.
    ApplicationState, "application-state", CONFLICT, "the application is in another state";
    /// Another application for the carrier is under way.
    CarrierInUse, "carrier-in-use", CONFLICT, "another application for this card is under way";
    /// The carrier has certificates of somebody else's.
    CarrierOfAnother, "carrier-of-another", CONFLICT, "the card is another person's";
    /// No such carrier is registered.
    CarrierUnknown, "carrier-unknown", UNPROCESSABLE_ENTITY, "the card is not registered";
    /// The key was certified before, here or in the other request.
    KeySeenBefore, "key-seen-before", CONFLICT, "the key was certified before";
    /// The key is of a kind that is not certified, or a weak one.
    KeyUnfit, "key-unfit", UNPROCESSABLE_ENTITY, "the key cannot be certified";
    /// The caller's certificates are not being renewed.
    NoRenewal, "no-renewal", CONFLICT, "there is no renewal under way";
    /// It is no PKCS#10, or not signed by its own key.
    RequestInvalid, "request-invalid", UNPROCESSABLE_ENTITY, "the request for a certificate cannot be accepted";
    /// The request names somebody, or something, else.
    RequestSubjectDiffers, "request-subject-differs", UNPROCESSABLE_ENTITY, "the request is for another subject";
    /// Certificates were issued on other requests.
    RequestsDiffer, "requests-differ", CONFLICT, "certificates were issued on other requests";
    /// The carrier has asked more often than it needs to.
    TooManyAnswers, "too-many-answers", TOO_MANY_REQUESTS, "too many challenges were answered";

    // What holders ask for.
    /// The card was said to be lost: its certificates are resumed by an officer.
    OfficerOnly, "officer-only", FORBIDDEN, "only an officer does this";
    /// The person's certificates were issued through another administrator.
    OtherAdministrator, "other-administrator", FORBIDDEN, "the certificates are of another administrator";
    /// A signed request was carried out, or refused, before.
    RequestReplayed, "request-replayed", CONFLICT, "this very request was here before";
    /// A signed request is from too long ago, or from the future.
    RequestStale, "request-stale", UNPROCESSABLE_ENTITY, "the request is not of this moment";
    /// A signing certificate is suspended only with its card.
    SigningCertificateAlone, "signing-certificate-alone", UNPROCESSABLE_ENTITY, "a signing certificate is not suspended alone";
    /// A message is not signed, or not by whom it says.
    SignatureWrong, "signature-wrong", FORBIDDEN, "the signature cannot be accepted";
    /// Too many wrong telephone passwords.
    TelephoneLocked, "telephone-locked", TOO_MANY_REQUESTS, "too many telephone passwords were tried";
    /// The person has agreed on no telephone password.
    TelephonePasswordMissing, "telephone-password-missing", CONFLICT, "no telephone password was agreed on";
    /// It is not the telephone password that was agreed on.
    WrongTelephonePassword, "wrong-telephone-password", FORBIDDEN, "not the telephone password";
}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let lines = Self::ALL.iter().map(|code| {
            let status = code.status().as_u16();
            format!("- `{code}` ({status}): {}", code.title())
        });
        let lines: Vec<String> = lines.collect();
        let object = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .description(Some(lines.join("\n")))
            .enum_values(Some(Self::ALL.iter().map(|code| code.text())));
        object.into()
    }
}

impl ToSchema for Code {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_codes_are_written_the_same() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for text in texts {
            let fits = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(text.chars().all(fits), "{text}");
        }
    }

    #[test]
    fn every_code_is_a_failure() {
        for code in Code::ALL {
            let status = code.status();
            assert!(
                status.is_client_error() || status.is_server_error(),
                "{code}"
            );
        }
    }
}
