//! The registers: rows and queries of their tables, and the look-ups over HTTP.
//!
//! A query takes whatever executes it: `store.pool()`, or `&mut *transaction`.

mod administrators;
mod carriers;
mod certificates;
mod clients;
mod persons;
mod places;
mod routes;

pub use administrators::{AdministratorRow, OfficerRow};
pub use carriers::{CarrierRow, PRACTICE};
pub use certificates::{CertificateRow, CertificateState, Role};
pub use clients::{ClientKind, ClientRow};
pub use persons::{Latin, Names, NumberKind, Person, PersonRow};
pub use places::PlaceRow;
pub use routes::router;
