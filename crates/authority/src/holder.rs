//! What holders ask for, and officers for them: names, suspension, resumption, revocation,
//! history. Req 16, 17, 18.
//!
//! | who | by what | what |
//! |---|---|---|
//! | the holder | his identification certificate, in the connection | list, name, suspend, history |
//! | the holder | a message signed by his signing certificate | suspend, resume, revoke; renew the other |
//! | an officer | his own certificate, and the holder's telephone password | suspend |
//! | an officer | his own certificate, with the holder before him | resume, also a lost card's |

mod history;
mod manage;
mod nonces;
mod officer;
mod settings;
mod signed;
mod telephone;
mod view;

use utoipa_axum::router::OpenApiRouter;

pub use settings::Settings;
pub use signed::{RenewalRequest, Signed};

use crate::{Authority, server::Tasks, status};

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .merge(manage::router())
        .merge(history::router())
        .merge(signed::router())
        .merge(officer::router())
        .merge(status::register())
}

/// Starts what works in the background.
pub fn start(authority: &Authority, tasks: &mut Tasks) {
    let authority = authority.clone();
    tasks.spawn(|stop| nonces::forget_old(authority, stop));
}
