//! What the operator enters into the registers.

pub(super) mod administrators;
pub(super) mod carriers;
pub(super) mod clients;
pub(super) mod officers;
pub(super) mod places;

use std::path::Path;

use anyhow::Context;
use lichna_pki::Certificate;

use crate::{
    Problem,
    problem::{Code, internal},
    store::StoreError,
};

/// A certificate in a file, PEM or DER.
fn certificate(file: &Path) -> anyhow::Result<Certificate> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let der = match pem_rfc7468::decode_vec(&bytes) {
        Ok((_, der)) => der,
        Err(_) => bytes,
    };
    let certificate = Certificate::parse(&der);
    certificate.with_context(|| format!("{}: not a certificate", file.display()))
}

/// A text that is shown to people: not empty, not too long, without control characters.
fn text(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if length == 0 || length > 200 || text.chars().any(char::is_control) {
        return Err("it is 1 to 200 characters, none of them a control character".to_owned());
    }
    Ok(text.to_owned())
}

/// What is there already is a problem of the operator's.
fn entered(result: Result<(), StoreError>) -> Result<(), Problem> {
    match result {
        Err(error) if error.is_unique_violation() => Err(Problem::new(Code::AlreadyRegistered)),
        Err(error) => Err(internal(error)),
        Ok(()) => Ok(()),
    }
}

/// What is not there cannot be ended.
fn ended(result: Result<bool, StoreError>) -> Result<(), Problem> {
    match result {
        Ok(true) => Ok(()),
        Ok(false) => Err(Code::NotFound.into()),
        Err(error) => Err(error.into()),
    }
}
