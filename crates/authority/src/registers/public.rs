//! What everybody may see: public keys of certificates (Art. 6 (2)), and where administrators
//! receive people (Art. 37 (8)).

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CertificateRow, PlaceRow, lookups::Serial};
use crate::{
    Authority, Caller,
    extract::{Json, Path},
    journal::Operation,
    problem::{Code, Document, Problem, internal},
};

pub(super) fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(public_certificate))
        .routes(routes!(places))
}

/// What everybody may know of a certificate.
#[derive(Debug, Serialize, ToSchema)]
struct PublicCertificate {
    /// Its serial number, 40 hexadecimal digits.
    serial: String,
    /// Its SubjectPublicKeyInfo: base64 of the DER.
    public_key: String,
}

/// The public key of a certificate.
#[utoipa::path(get, path = "/v1/public/certificates/{serial}", tag = "public",
    params(("serial" = String, Path, description = "Serial number, 40 hexadecimal digits")),
    responses((status = 200, body = PublicCertificate), (status = "default", body = Document)))]
async fn public_certificate(
    State(authority): State<Authority>,
    Path(serial): Path<Serial>,
) -> Result<Json<PublicCertificate>, Problem> {
    // Req 6.2: free for everyone, so nobody is asked who he is.
    let operation = Operation::new("register.certificate.key", &Caller::Anonymous).about(&serial.0);
    let work = async {
        let row = CertificateRow::by_serial(authority.store.pool(), &serial.0).await?;
        let row = row.ok_or(Code::NotFound)?;
        let certificate = lichna_pki::Certificate::parse(&row.der).map_err(internal)?;
        Ok(PublicCertificate {
            serial: row.serial,
            public_key: BASE64_STANDARD.encode(certificate.spki_der()),
        })
    };
    operation.carry_out(&authority, work).await.map(Json)
}

/// GeoJSON, RFC 7946 §3.3.
#[derive(Debug, Serialize, ToSchema)]
struct FeatureCollection {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    kind: &'static str,
    features: Vec<Feature>,
}

/// A place, RFC 7946 §3.2.
#[derive(Debug, Serialize, ToSchema)]
struct Feature {
    /// `Feature`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// UUID.
    id: String,
    geometry: Point,
    properties: Properties,
}

/// Where it is, RFC 7946 §3.1.2.
#[derive(Debug, Serialize, ToSchema)]
struct Point {
    /// `Point`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Degrees east, degrees north (WGS 84).
    coordinates: [f64; 2],
}

/// What there is to know of it.
#[derive(Debug, Serialize, ToSchema)]
struct Properties {
    /// The place.
    name: String,
    address: String,
    /// When it is open, as OpenStreetMap writes it.
    opening_hours: String,
    /// Whose it is.
    administrator: String,
    /// UUID.
    administrator_id: String,
}

/// Where administrators receive people, as open data (GeoJSON).
#[utoipa::path(get, path = "/v1/public/places", tag = "public",
    responses((status = 200, content_type = "application/geo+json", body = FeatureCollection),
        (status = "default", body = Document)))]
async fn places(State(authority): State<Authority>) -> Result<Response, Problem> {
    // Req 37.8: data about nobody, so that nobody's access is kept in the journal.
    let rows = PlaceRow::current(authority.store.pool()).await?;
    let features = rows.into_iter().map(|(place, administrator)| Feature {
        kind: "Feature",
        id: place.id,
        geometry: Point {
            kind: "Point",
            coordinates: [place.longitude, place.latitude],
        },
        properties: Properties {
            name: place.name,
            address: place.address,
            opening_hours: place.hours,
            administrator,
            administrator_id: place.administrator,
        },
    });
    let body = serde_json::to_vec(&FeatureCollection {
        kind: "FeatureCollection",
        features: features.collect(),
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/geo+json"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
        // Any page may show them.
        (
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ),
    ];
    Ok((headers, body.map_err(internal)?).into_response())
}
