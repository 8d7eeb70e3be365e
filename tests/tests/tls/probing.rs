//! What the first handshake tells, and why it tells nothing.

use std::{net::TcpListener, process::Command};

use lichna_tests::{
    ca::{Ca, Identity, KeyKind},
    ports::Ports,
    server::{Asks, Program, ServerSpec, Versions},
    until,
};
use lichna_tls::{
    Match, ProbeError, ServerDemand, ServerFault, SignatureScheme, Version, Warning, match_key,
    probe,
};
use ring::digest::{SHA256, digest};
use time::{Duration, OffsetDateTime};

use crate::{PATIENCE, soft_key::SoftKey, trust};

fn ask(server: &ServerSpec, ca: &Ca) -> Result<ServerDemand, ProbeError> {
    probe("localhost", server.start().port(), &trust(ca), PATIENCE)
}

#[test]
fn learns_who_the_server_is_and_what_it_asks_for() {
    let ca = Ca::new("Удостоверител");
    for program in [Program::Nginx, Program::OpenSsl, Program::Apache] {
        for (versions, version) in [
            (Versions::Tls12, Version::Tls12),
            (Versions::Tls13, Version::Tls13),
            (Versions::Both, Version::Tls13),
        ] {
            let identity = ca.server(&["localhost"]);
            let spec = ServerSpec::new(program, &ca)
                .versions(versions)
                .identity(identity.clone());
            let demand = ask(&spec, &ca).unwrap();
            assert_eq!(demand.version, version, "{program:?}");
            assert_eq!(demand.name.to_str(), "localhost");
            assert_eq!(demand.certificate.subject, "CN=localhost");
            assert_eq!(demand.certificate.issuer, "CN=Удостоверител");
            let fingerprint = digest(&SHA256, &identity.certificate.der);
            assert_eq!(demand.certificate.fingerprint, fingerprint.as_ref());
            let request = demand.request.unwrap();
            let names: Vec<_> = request
                .authorities
                .iter()
                .map(|authority| authority.display.as_str())
                .collect();
            assert_eq!(names, ["CN=Удостоверител"], "{program:?} {version}");
            assert!(
                request
                    .schemes
                    .contains(&SignatureScheme::ECDSA_NISTP256_SHA256)
            );
        }
    }
}

#[test]
fn learns_it_by_an_address_too() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let demand = probe("127.0.0.1", server.port(), &trust(&ca), PATIENCE).unwrap();
    assert_eq!(demand.name.to_str(), "127.0.0.1");
}

#[test]
fn tells_that_no_certificate_is_asked_for() {
    let ca = Ca::new("Test CA");
    let spec = ServerSpec::new(Program::Nginx, &ca).asks(Asks::Never);
    assert!(ask(&spec, &ca).unwrap().request.is_none());
    let spec = spec.asks(Asks::Optionally);
    assert!(ask(&spec, &ca).unwrap().request.is_some());
}

#[test]
fn warns_of_an_issuer_that_the_server_does_not_name() {
    let ca = Ca::new("Test CA");
    let demand = ask(&ServerSpec::new(Program::Nginx, &ca), &ca).unwrap();
    let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
    assert_eq!(
        match_key(&demand, &SoftKey::p256(&ca)),
        Ok(Match {
            scheme,
            warnings: vec![]
        })
    );
    let stranger = SoftKey::p256(&Ca::new("Other CA"));
    let warning = Warning::IssuerNotNamed {
        issuer: "CN=Other CA".into(),
        named: vec!["CN=Test CA".into()],
    };
    assert_eq!(
        match_key(&demand, &stranger),
        Ok(Match {
            scheme,
            warnings: vec![warning]
        })
    );
}

/// A server certificate with everything as the caller wants it.
fn identity(ca: &Ca, names: &[&str], valid: (i64, i64)) -> Identity {
    let mut identity = ca.client("server", KeyKind::P256);
    let read = lichna_pki::Certificate::parse(&identity.certificate.der).unwrap();
    identity.certificate = ca.client_with(read.spki_der(), "server", |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = names
            .iter()
            .map(|name| rcgen::SanType::DnsName((*name).try_into().unwrap()))
            .collect();
        params.not_before = OffsetDateTime::now_utc() + Duration::days(valid.0);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(valid.1);
    });
    identity
}

fn fault(program: Program, versions: Versions, ca: &Ca, identity: Identity) -> ServerFault {
    let spec = ServerSpec::new(program, ca)
        .versions(versions)
        .identity(identity);
    match ask(&spec, ca) {
        Err(ProbeError::Server(fault)) => *fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn refuses_a_server_with_another_name_and_says_which_it_has() {
    let ca = Ca::new("Test CA");
    for versions in [Versions::Tls12, Versions::Tls13] {
        let other = identity(&ca, &["other.example", "third.example"], (-1, 30));
        match fault(Program::Nginx, versions, &ca, other) {
            ServerFault::WrongName {
                asked, presented, ..
            } => {
                assert_eq!(asked, "localhost");
                assert_eq!(presented, ["other.example", "third.example"]);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn refuses_a_server_whose_certificate_is_out_of_date() {
    let ca = Ca::new("Test CA");
    for versions in [Versions::Tls12, Versions::Tls13] {
        let expired = identity(&ca, &["localhost"], (-30, -1));
        let yesterday = (OffsetDateTime::now_utc() - Duration::DAY).unix_timestamp();
        match fault(Program::OpenSsl, versions, &ca, expired) {
            ServerFault::Expired {
                not_after: Some(not_after),
                ..
            } => assert!(i64::try_from(not_after).unwrap().abs_diff(yesterday) <= 10),
            other => panic!("{other:?}"),
        }
        let early = identity(&ca, &["localhost"], (1, 30));
        let told = fault(Program::OpenSsl, versions, &ca, early);
        assert!(matches!(told, ServerFault::NotYetValid { .. }), "{told:?}");
    }
}

#[test]
fn refuses_a_server_from_an_authority_that_is_not_trusted() {
    let ca = Ca::new("Test CA");
    // An authority of the same name, with another key.
    for stranger in [Ca::new("Other CA"), Ca::new("Test CA")] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let told = fault(Program::Nginx, versions, &ca, stranger.server(&[]));
            match &told {
                ServerFault::NotTrusted { certificate } => {
                    assert!(certificate.issuer.ends_with("CA"), "{certificate:?}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn says_why_there_is_no_connection() {
    let ca = Ca::new("Test CA");
    let trust = trust(&ca);
    let free = Ports::take(1);
    let told = probe("localhost", free.first(), &trust, PATIENCE).unwrap_err();
    assert!(matches!(told, ProbeError::Refused { .. }), "{told}");

    let told = probe("no-such-host.invalid", 443, &trust, PATIENCE).unwrap_err();
    assert!(matches!(told, ProbeError::NameUnknown { .. }), "{told}");

    for host in ["", "two words", "https://localhost"] {
        let told = probe(host, 443, &trust, PATIENCE).unwrap_err();
        assert!(
            matches!(told, ProbeError::HostName { .. }),
            "{host}: {told}"
        );
    }
}

#[test]
fn says_that_a_server_is_too_old() {
    let ca = Ca::new("Test CA");
    let identity = ca.server(&[]);
    let ports = Ports::take(1);
    let mut server = Command::new("openssl")
        .args([
            "s_server",
            "-quiet",
            "-tls1_1",
            "-cipher",
            "ALL:@SECLEVEL=0",
        ])
        .arg("-accept")
        .arg(format!("127.0.0.1:{}", ports.first()))
        .arg("-cert")
        .arg(&identity.certificate.path)
        .arg("-key")
        .arg(&identity.key)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut told = None;
    until("the server to listen", || {
        told = probe("localhost", ports.first(), &trust(&ca), PATIENCE).err();
        !matches!(told, Some(ProbeError::Refused { .. }))
    });
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(matches!(told, Some(ProbeError::ProtocolTooOld)), "{told:?}");
}

#[test]
fn gives_up_on_a_server_that_takes_no_connection() {
    // A listener whose queue is full answers no SYN.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let patience = std::time::Duration::from_millis(300);
    let mut queued = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, patience) {
        queued.push(stream);
        assert!(queued.len() < 10_000, "the queue is never full");
    }
    let ca = Ca::new("Test CA");
    let told = probe("127.0.0.1", address.port(), &trust(&ca), patience).unwrap_err();
    assert!(
        matches!(
            told,
            ProbeError::Timeout {
                phase: lichna_tls::Phase::Connecting
            }
        ),
        "{told}"
    );
}
