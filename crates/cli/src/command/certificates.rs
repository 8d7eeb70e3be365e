//! `lichna certs`, `lichna cert show` and `lichna cert export`.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lichna_consent::date;
use lichna_i18n::plain;
use lichna_ipc::{CertificateChoice, CertificateInfo, Reply, Request};
use pem_rfc7468::LineEnding;
use serde_json::json;

use super::{ask_with, can, unexpected};
use crate::arguments::{Cert, Format, OfKey, OfReader};
use crate::face::Face;
use crate::output::{Output, plain_table};
use crate::problem::{Here, Problem};

pub fn list(of: OfReader, out: &Output) -> Result<(), Problem> {
    let face = Face::new(out, can(of.can_stdin));
    let request = Request::Certificates { reader: of.reader };
    let Reply::Certificates(certificates) = ask_with(request, face)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "certificates": certificates }));
    }
    if certificates.is_empty() {
        return out.print(&out.text("certs-none"));
    }
    let row = |certificate: &CertificateInfo| {
        vec![
            out.reader(&certificate.reader, certificate.practice),
            plain(&certificate.key),
            out.word("role", &certificate.role),
            plain(name(certificate)),
            plain(date(&certificate.not_after)),
            plain(&certificate.algorithm),
        ]
    };
    out.print_table(
        &[
            "title-reader",
            "title-key",
            "title-role",
            "title-name",
            "title-until",
            "title-algorithm",
        ],
        certificates.iter().map(row).collect(),
    )
}

pub fn one(cert: Cert, out: &Output) -> Result<(), Problem> {
    match cert {
        Cert::Show(of) => show(of, out),
        Cert::Export { of, format, output } => export(of, format, output.as_deref(), out),
    }
}

fn show(of: OfKey, out: &Output) -> Result<(), Problem> {
    let (info, der) = read(of, out)?;
    if out.json {
        return out.print_json(&json!({ "certificate": info, "der": STANDARD.encode(der) }));
    }
    let mut table = plain_table();
    let mut line = |title: &str, text: &str| {
        table.add_row([format!("{}:", out.text(title)), plain(text)]);
    };
    line("title-name", name(&info));
    line("title-subject", &info.subject);
    line("title-issuer", &info.issuer);
    line("title-serial", &info.serial);
    line("title-from", &info.not_before);
    line("title-until", &info.not_after);
    line("title-algorithm", &info.algorithm);
    if let Some(identifier) = &info.electronic_identifier {
        line("title-identifier", identifier);
    }
    line("title-fingerprint", &info.fingerprint);
    line("title-key", &info.key);
    line("title-role", &out.word("role", &info.role));
    line("title-reader", &out.reader(&info.reader, info.practice));
    out.print(&table.trim_fmt())
}

fn export(of: OfKey, format: Format, to: Option<&Path>, out: &Output) -> Result<(), Problem> {
    let (info, der) = read(of, out)?;
    let pem = pem_rfc7468::encode_string("CERTIFICATE", LineEnding::LF, &der)
        .map_err(|_| unexpected())?;
    let bytes = match format {
        Format::Pem => pem.into_bytes(),
        Format::Der => der,
    };
    if let Some(file) = to {
        std::fs::write(file, &bytes).map_err(|error| Here::Output {
            reason: format!("{}: {error}", file.display()),
        })?;
        return if out.json {
            let file = file.display().to_string();
            out.print_json(&json!({ "file": file, "fingerprint": info.fingerprint }))
        } else {
            Ok(())
        };
    }
    if out.json {
        let text = match format {
            Format::Pem => String::from_utf8_lossy(&bytes).into_owned(),
            Format::Der => STANDARD.encode(&bytes),
        };
        return out.print_json(&json!({ "data": text, "fingerprint": info.fingerprint }));
    }
    out.write(&bytes)
}

fn read(of: OfKey, out: &Output) -> Result<(CertificateInfo, Vec<u8>), Problem> {
    let face = Face::new(out, can(of.can_stdin));
    let request = Request::Certificate(CertificateChoice {
        reader: of.reader,
        key: of.key,
    });
    let Reply::Certificate { info, der } = ask_with(request, face)? else {
        return Err(unexpected());
    };
    let der = STANDARD.decode(der).map_err(|_| unexpected())?;
    Ok((*info, der))
}

fn name(certificate: &CertificateInfo) -> &str {
    certificate
        .common_name
        .as_deref()
        .unwrap_or(&certificate.subject)
}
