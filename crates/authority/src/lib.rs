//! The authority: the registers of the Regulation, the issuing of certificates, their status, and
//! what holders ask for. The program is `lichna-authority`.
//!
//! # What lives where
//!
//! | module | what |
//! |---|---|
//! | [`config`] | `authority.toml`: every field with a value that works; [`config::Data`]: the folder |
//! | [`authority`] | [`Authority`]: what every handler gets (store, keys, vault, journal, settings) |
//! | [`store`] | the database: [`store::Store::begin`], jobs; `migrations/` are its tables |
//! | [`registers`] | rows and queries of the tables of `0001_registers`; look-ups over HTTP |
//! | [`vault`] | what is sealed in the store: persons, keys of carriers; the index of numbers |
//! | [`keys`] | the authority's own keys, in files or behind PKCS#11, and their certificates |
//! | [`caller`] | [`Caller`]: who asks, by the certificate of the connection |
//! | [`problem`] | [`Problem`] and its [`problem::Code`]s: what a caller is told (RFC 9457) |
//! | [`extract`] | `Json`, `Path`, `Query`, `Bytes` whose refusals are problems |
//! | [`journal`] | [`journal::Operation`]: every operation of a register, also a refused one, is recorded |
//! | [`issuing`] | applications, the state machine, personalisation, confirmation, EST |
//! | [`holder`] | what holders ask for: names, suspension, resumption, revocation, renewal, history |
//! | [`status`] | CRLs, OCSP, timestamps |
//! | [`server`] | listeners, TLS, limits, headers, the router put together, the graceful stop |
//! | [`metrics`] | counters and times for Prometheus |
//! | [`sandbox`] | an authority for practice, made and served by one command |
//! | [`admin`] | the commands beside `run`: `init`, administrators, officers, clients, places, carriers |
//!
//! # A handler
//!
//! ```ignore
//! /// What it does, in a line: the OpenAPI document says the same.
//! #[utoipa::path(get, path = "/v1/things/{id}", tag = "things",
//!     responses((status = 200, body = Thing), (status = "default", body = Document)))]
//! async fn thing(
//!     State(authority): State<Authority>,
//!     caller: Caller,                       // anonymous, or known; unknown and revoked are refused
//!     Path(id): Path<Uuid>,
//! ) -> Result<Json<Thing>, Problem> {
//!     let operation = Operation::new("thing.read", &caller).about(id);
//!     let thing = async {
//!         let officer = caller.officer()?;  // a problem for everybody else
//!         authority.store.things().find(id).await
//!     };
//!     operation.carry_out(&authority, thing).await.map(Json) // recorded before the answer leaves
//! }
//! ```
//!
//! A module gives its handlers as `pub fn router() -> OpenApiRouter<Authority>`; work in the
//! background is `pub fn start(authority: &Authority, tasks: &mut Tasks)`.
#![forbid(unsafe_code)]

pub mod admin;
pub mod authority;
pub mod caller;
pub mod clock;
pub mod config;
pub mod extract;
pub mod holder;
pub mod issuing;
pub mod journal;
pub mod keys;
pub mod metrics;
pub mod problem;
pub mod registers;
pub mod sandbox;
pub mod server;
pub mod status;
pub mod store;
mod system;
pub mod vault;

pub use authority::Authority;
pub use caller::Caller;
pub use problem::Problem;
