//! The registers: rows and queries of their tables, and the look-ups over HTTP.
//!
//! A query takes whatever executes it: `store.pool()`, or `&mut *transaction`.

mod administrators;
mod carriers;
mod certificates;
mod clients;
mod lookups;
mod persons;
mod places;
mod public;
mod search;

pub use administrators::{AdministratorRow, OfficerRow};
pub use carriers::{CarrierRow, Scheme};
pub use certificates::{CertificateRow, CertificateState, Role};
pub use clients::{ClientKind, ClientRow};
pub use persons::{Latin, Names, NumberKind, Person, PersonRow};
pub use places::PlaceRow;

use utoipa_axum::router::OpenApiRouter;

use crate::Authority;

/// The look-ups over HTTP.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .merge(public::router())
        .merge(lookups::router())
        .merge(search::router())
}
