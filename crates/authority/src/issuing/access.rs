//! Who may take the steps of an application: whoever has its code, the officers of the
//! administrator that sent it, the holder who renews.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{application::Kind, record::Application};
use crate::{
    Authority, Caller, Problem,
    journal::{Actor, Operation},
    problem::{Code, internal},
    status::rules,
};

/// Bytes of a code, by chance.
const CODE: usize = 32;

/// An application's code. It is told once, and stored as its hash.
pub struct ApplicationCode(Zeroizing<String>);

impl ApplicationCode {
    /// A new one.
    pub fn new() -> Result<Self, Problem> {
        let mut bytes = Zeroizing::new([0; CODE]);
        getrandom::fill(bytes.as_mut_slice()).map_err(internal)?;
        Ok(Self(Zeroizing::new(
            URL_SAFE_NO_PAD.encode(bytes.as_slice()),
        )))
    }

    /// The code that a caller has sent.
    pub fn sent(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// Base64url, for the one who applies.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored: of 32 bytes by chance, nobody finds them by their hash.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

/// By what right a caller takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// The application's code.
    Code,
    /// He is an officer of the administrator that sent it.
    Officer,
    /// He is the holder who renews.
    Holder,
}

impl Right {
    /// Who it is in the history of certificates.
    pub const fn actor(self) -> rules::Actor {
        match self {
            // The code is the officer's, or whoever he gave it to.
            Self::Code | Self::Officer => rules::Actor::Officer,
            Self::Holder => rules::Actor::Holder,
        }
    }
}

/// What a caller has shown.
pub struct Credentials {
    /// By his certificate.
    pub caller: Caller,
    /// The code in `Authorization: Bearer`.
    code: Option<ApplicationCode>,
}

impl Credentials {
    /// An operation of this kind by whoever shows them.
    pub fn operation(&self, kind: &'static str, id: Uuid) -> Operation {
        let operation = match &self.code {
            Some(_) => Operation::by(kind, Actor::new("application-code", id)),
            None => Operation::new(kind, &self.caller),
        };
        operation.about(id)
    }

    /// By what right the caller takes steps of this application.
    ///
    /// # Errors
    /// By none.
    pub fn right(&self, application: &Application) -> Result<Right, Problem> {
        if let Some(code) = &self.code {
            return opens(application, code).map(|()| Right::Code);
        }
        match &self.caller {
            Caller::Anonymous => Err(Code::NotIdentified.into()),
            Caller::Officer { administrator, .. }
                if application.administrator.as_deref() == Some(&administrator.id) =>
            {
                Ok(Right::Officer)
            }
            Caller::Holder(certificate) | Caller::Officer { certificate, .. }
                if application.kind == Kind::Renew
                    && application.identifier.as_deref() == Some(&certificate.identifier) =>
            {
                Ok(Right::Holder)
            }
            _ => Err(Problem::new(Code::NotPermitted)
                .detail("this is for those who applied, or who have the application's code")),
        }
    }

    /// The code counts here; of a renewal also a certificate of the same carrier.
    ///
    /// # Errors
    /// It is another's.
    pub fn by_code_or_carrier(&self, application: &Application) -> Result<(), Problem> {
        let (None, Kind::Renew, Ok(certificate)) =
            (&self.code, application.kind, self.caller.holder())
        else {
            return self.by_code(application);
        };
        let same = application.identifier.as_deref() == Some(&certificate.identifier)
            && application.carrier.as_deref() == Some(&certificate.carrier);
        if same {
            Ok(())
        } else {
            Err(Code::NotPermitted.into())
        }
    }

    /// The code alone counts here.
    ///
    /// # Errors
    /// There is none, or it is another's.
    pub fn by_code(&self, application: &Application) -> Result<(), Problem> {
        match &self.code {
            Some(code) => opens(application, code),
            None => Err(Code::NotIdentified.into()),
        }
    }
}

/// Whether that is the application's code.
///
/// # Errors
/// It is not.
pub fn opens(application: &Application, code: &ApplicationCode) -> Result<(), Problem> {
    if application.code.as_deref() == Some(&code.hash()) {
        Ok(())
    } else {
        Err(Code::ApplicationCodeWrong.into())
    }
}

impl FromRequestParts<Authority> for Credentials {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, authority: &Authority) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, authority).await?;
        let code = bearer(&parts.headers).map(ApplicationCode::sent);
        Ok(Self { caller, code })
    }
}

/// What stands behind `Authorization: Bearer`, RFC 6750 §2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, code) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| code.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_new_each_time_and_known_by_its_hash() {
        let (one, other) = (
            ApplicationCode::new().unwrap(),
            ApplicationCode::new().unwrap(),
        );
        assert_eq!(one.as_str().len(), 43);
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.hash(), ApplicationCode::sent(one.as_str()).hash());
    }

    #[test]
    fn reads_a_bearer_of_any_case_and_no_other_scheme() {
        let mut headers = HeaderMap::new();
        assert_eq!(bearer(&headers), None);
        for (value, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
        ] {
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(bearer(&headers), expected, "{value}");
        }
    }
}
