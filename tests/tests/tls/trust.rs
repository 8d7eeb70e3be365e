//! Whom a server's certificate must come from.

use std::{env, fs, process::Command};

use lichna_tests::{
    ca::Ca,
    server::{Program, ServerSpec},
};
use lichna_tls::{ProbeError, ServerFault, ServerTrust, TrustError, probe};

use crate::{PATIENCE, trust};

/// Set in the process that is to look at the system's roots, to the port of the server.
const PORT: &str = "LICHNA_TEST_PORT";

#[test]
fn trusts_whom_the_system_trusts_and_whom_it_is_given() {
    let name = "trust::trusts_whom_the_system_trusts_and_whom_it_is_given";
    if let Ok(port) = env::var(PORT) {
        let port = port.parse().unwrap();
        probe("localhost", port, &ServerTrust::system(), PATIENCE).unwrap();
        // Given authorities do not take the place of the system's.
        let other = Ca::new("Other CA");
        let both = ServerTrust::system().with_file(&other.root().path).unwrap();
        probe("localhost", port, &both, PATIENCE).unwrap();
        let told = probe("localhost", port, &trust(&other), PATIENCE).unwrap_err();
        assert!(matches!(told, ProbeError::Server(_)), "{told}");
        return;
    }
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let told = probe("localhost", server.port(), &ServerTrust::system(), PATIENCE).unwrap_err();
    assert!(
        matches!(&told, ProbeError::Server(fault) if matches!(**fault,
            ServerFault::NotTrusted { .. } | ServerFault::NoSystemRoots)),
        "{told}"
    );

    // The system of a second process trusts the test's authority.
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(PORT, server.port().to_string())
        .env("SSL_CERT_FILE", &ca.root().path)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{output:?}"
    );
}

#[test]
fn says_that_there_is_nobody_to_trust() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let told = probe("localhost", server.port(), &ServerTrust::nobody(), PATIENCE).unwrap_err();
    assert!(
        matches!(&told, ProbeError::Server(fault) if **fault == ServerFault::NoSystemRoots),
        "{told}"
    );
}

#[test]
fn trusts_every_certificate_of_a_file() {
    let (one, two) = (Ca::new("One"), Ca::new("Two"));
    let text = [&one, &two]
        .map(|ca| fs::read_to_string(&ca.root().path).unwrap())
        .concat();
    let both = ServerTrust::nobody()
        .with_pem("two authorities", text.as_bytes())
        .unwrap();
    for ca in [one, two] {
        let server = ServerSpec::new(Program::Nginx, &ca).start();
        probe("localhost", server.port(), &both, PATIENCE).unwrap();
    }
}

#[test]
fn names_the_file_and_the_certificate_at_fault() {
    let ca = Ca::new("Test CA");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roots.pem");
    let good = fs::read_to_string(&ca.root().path).unwrap();
    let told = |text: &str| {
        fs::write(&path, text).unwrap();
        ServerTrust::nobody().with_file(&path).unwrap_err()
    };

    let error = told("nothing here\n");
    assert!(matches!(error, TrustError::Empty { .. }), "{error}");
    let error = told(&format!(
        "{good}-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"
    ));
    assert!(
        matches!(error, TrustError::Pem { number: 2, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("roots.pem"), "{error}");
    let error = told(&format!(
        "{good}-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    ));
    assert!(
        matches!(error, TrustError::Certificate { number: 2, .. }),
        "{error}"
    );
    let error = told(&"x".repeat(5_000_000));
    assert!(matches!(error, TrustError::TooLarge { .. }), "{error}");

    fs::remove_file(&path).unwrap();
    let error = ServerTrust::nobody().with_file(&path).unwrap_err();
    assert!(matches!(error, TrustError::Unreadable { .. }), "{error}");
}
