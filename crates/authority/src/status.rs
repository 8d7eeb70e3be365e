//! The status of certificates: revocation lists (RFC 5280 §5), OCSP (RFC 6960), timestamps
//! (RFC 3161). Req 5.1, 5.4, 6.4, 16.3, 17.
//!
//! What happens to a certificate is entered by [`changes::enter`] in the transaction that does it;
//! lists are made from that by whichever instance comes first, and a change that cannot wait is on
//! a delta list before its caller has an answer ([`lists::publish`]).

pub mod changes;
mod job;
pub mod lists;
mod memory;
mod ocsp;
mod published;
mod register;
pub mod rules;
mod settings;
pub mod strike;
pub mod suspension;
pub mod text;
pub mod timestamps;

use lichna_pki::{Revocation, RevocationReason};
use utoipa_axum::router::OpenApiRouter;

pub use memory::Memory;
pub use settings::Settings;

use crate::{Authority, clock, registers::CertificateState, server::Tasks};

/// The routes that need no TLS, for what they answer is signed.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .merge(published::router())
        .merge(ocsp::router())
        .merge(timestamps::router())
}

/// The list of suspensions, for those who may read registers.
pub fn register() -> OpenApiRouter<Authority> {
    register::router()
}

/// Starts what works in the background.
pub fn start(authority: &Authority, tasks: &mut Tasks) {
    let authority = authority.clone();
    tasks.spawn(|stop| job::run(authority, stop));
}

/// What revocation lists and OCSP say of a certificate; `None`: nothing, it is good.
///
/// `code` and `since` are the register's `revocation_reason` and `revoked_at`, where it has them.
fn standing(
    state: CertificateState,
    code: Option<i64>,
    since: Option<i64>,
    changed_at: i64,
) -> Option<Revocation> {
    let code = code.and_then(|code| u8::try_from(code).ok());
    let reason = code.and_then(RevocationReason::from_code);
    let reason = match state {
        CertificateState::Active => return None,
        // One that is not confirmed is good for nobody else.
        CertificateState::Signed | CertificateState::Stopped => RevocationReason::CertificateHold,
        // A final state is never shown as one that may end.
        CertificateState::Revoked | CertificateState::Failed => match reason {
            None | Some(RevocationReason::CertificateHold | RevocationReason::RemoveFromCrl) => {
                RevocationReason::Unspecified
            }
            Some(reason) => reason,
        },
    };
    let since = clock::time(since.unwrap_or(changed_at));
    Some(Revocation { since, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_force_is_never_good_and_what_is_final_never_on_hold() {
        for state in CertificateState::ALL {
            for code in [
                None,
                Some(0),
                Some(6),
                Some(8),
                Some(1),
                Some(255),
                Some(-1),
            ] {
                let standing = standing(state, code, None, 1000);
                assert_eq!(standing.is_none(), state == CertificateState::Active);
                let waits = matches!(state, CertificateState::Signed | CertificateState::Stopped);
                if let Some(standing) = standing {
                    assert_eq!(standing.is_hold(), waits, "{state} {code:?}");
                    assert_ne!(standing.reason, RevocationReason::RemoveFromCrl);
                }
            }
        }
    }
}
