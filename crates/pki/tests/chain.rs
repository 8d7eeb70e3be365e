//! Chains that hold and chains that do not, beside openssl and webpki.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod openssl;

use std::fs;

use lichna_pki::{Certificate, ChainFault, Evidence, Purpose, Verdict};
use openssl::Openssl;
use rustls_pki_types::{CertificateDer, UnixTime};
use time::{Duration, OffsetDateTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

const P256: &str = "EC -pkeyopt ec_paramgen_curve:P-256";
const ROOT: &str = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n\
                    subjectKeyIdentifier = hash\n";
const BELOW: &str = "authorityKeyIdentifier = keyid\nsubjectKeyIdentifier = hash\n";
const AUTHORITY: &str = "basicConstraints = critical, CA:TRUE, pathlen:0\n\
                         keyUsage = critical, keyCertSign, cRLSign\n";
const HOLDER: &str = "keyUsage = critical, digitalSignature\nextendedKeyUsage = clientAuth\n";

/// Certificates made by openssl, as odd as the case wants them.
struct Forge(Openssl);

impl Forge {
    fn new() -> Self {
        Self(Openssl::new())
    }

    /// A certificate with a new key, signed by another one of the forge or by itself.
    fn make(&self, name: &str, subject: &str, by: Option<&str>, days: u32, text: &str) {
        let key = self.0.key(P256);
        fs::rename(self.0.path(&key), self.0.path(&format!("{name}.key"))).unwrap();
        self.sign(name, subject, by, days, text, "-sha256");
    }

    fn sign(
        &self,
        name: &str,
        subject: &str,
        by: Option<&str>,
        days: u32,
        text: &str,
        digest: &str,
    ) {
        fs::write(self.0.path("ext.cnf"), text).unwrap();
        self.0.run(&format!(
            "req -new -key {name}.key -subj /CN={subject} -out request.pem"
        ));
        let by = match by {
            Some(by) => format!("-CA {by}.pem -CAkey {by}.key"),
            None => format!("-signkey {name}.key"),
        };
        self.0.run(&format!(
            "x509 -req -in request.pem {by} {digest} -days {days} -extfile ext.cnf -out {name}.pem"
        ));
    }

    fn certificate(&self, name: &str) -> Certificate {
        Certificate::parse(&self.0.run(&format!("x509 -in {name}.pem -outform DER"))).unwrap()
    }

    fn usual(&self) {
        self.make("root", "root", None, 3000, ROOT);
        self.make(
            "issuing",
            "issuing",
            Some("root"),
            2000,
            &both(BELOW, AUTHORITY),
        );
        self.make(
            "holder",
            "holder",
            Some("issuing"),
            1000,
            &both(BELOW, HOLDER),
        );
    }

    /// Whether openssl takes it, for TLS clients, at that moment.
    fn openssl(&self, chain: &[&str], now: OffsetDateTime) -> bool {
        let moment = now.unix_timestamp().to_string();
        let mut arguments = vec!["verify", "-purpose", "sslclient", "-attime", &moment];
        // At this level SHA-1 is too weak.
        arguments.extend(["-auth_level", "2", "-CAfile", "root.pem"]);
        let between: String = chain
            .iter()
            .map(|name| fs::read_to_string(self.0.path(&format!("{name}.pem"))).unwrap())
            .collect();
        fs::write(self.0.path("between.pem"), between).unwrap();
        if !chain.is_empty() {
            arguments.extend(["-untrusted", "between.pem"]);
        }
        arguments.push("holder.pem");
        self.0.judge(&arguments, b"").0
    }

    /// Whether webpki does.
    fn webpki(&self, chain: &[&str], now: OffsetDateTime) -> bool {
        let der = |name: &str| CertificateDer::from(self.certificate(name).der().to_vec());
        let (root, holder) = (der("root"), der("holder"));
        let between: Vec<_> = chain.iter().map(|name| der(name)).collect();
        let now = u64::try_from(now.unix_timestamp()).unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(now));
        let anchors = [anchor_from_trusted_cert(&root).unwrap()];
        EndEntityCert::try_from(&holder).is_ok_and(|holder| {
            let purpose = KeyUsage::client_auth();
            holder
                .verify_for_usage(
                    ALL_VERIFICATION_ALGS,
                    &anchors,
                    &between,
                    now,
                    purpose,
                    None,
                    None,
                )
                .is_ok()
        })
    }

    /// Our verdict. There is no word on revocation here, so what holds otherwise lacks that.
    fn ours(&self, chain: &[&str], now: OffsetDateTime) -> Verdict {
        let between: Vec<_> = chain.iter().map(|name| self.certificate(name)).collect();
        Evidence {
            anchors: &[self.certificate("root")],
            authorities: &between,
            ..Evidence::default()
        }
        .check(&self.certificate("holder"), Purpose::Authentication, now)
    }
}

fn both(one: &str, two: &str) -> String {
    format!("{one}{two}")
}

const HOLDS: Verdict = Verdict::NoFreshEvidence { ended: None };

fn untrusted(fault: ChainFault) -> Verdict {
    Verdict::Untrusted(fault)
}

/// Calls the three judges. webpki is told apart where it looks at less.
fn judge(forge: &Forge, chain: &[&str], days: i64, expected: Verdict, webpki: bool) {
    let now = OffsetDateTime::now_utc() + Duration::MINUTE + Duration::days(days);
    let ours = forge.ours(chain, now);
    assert_eq!(ours, expected);
    assert_eq!(
        forge.openssl(chain, now),
        ours == HOLDS,
        "openssl, of {ours:?}"
    );
    assert_eq!(forge.webpki(chain, now), webpki, "webpki, of {ours:?}");
}

/// Req 20.3.
#[test]
fn dates_count() {
    let forge = Forge::new();
    forge.usual();
    judge(&forge, &["issuing"], 0, HOLDS, true);
    judge(&forge, &["issuing"], 999, HOLDS, true);
    let holder = forge.certificate("holder");
    let expired = Verdict::Expired {
        since: holder.not_after(),
    };
    judge(&forge, &["issuing"], 1001, expired.clone(), false);
    judge(&forge, &["issuing"], 2500, expired, false);
    let early = Verdict::NotYetValid {
        from: holder.not_before(),
    };
    judge(&forge, &["issuing"], -1, early, false);
}

#[test]
fn an_authority_that_ended_before_its_certificates_is_not_trusted() {
    let forge = Forge::new();
    forge.make("root", "root", None, 3000, ROOT);
    forge.make(
        "issuing",
        "issuing",
        Some("root"),
        10,
        &both(BELOW, AUTHORITY),
    );
    forge.make(
        "holder",
        "holder",
        Some("issuing"),
        1000,
        &both(BELOW, HOLDER),
    );
    judge(&forge, &["issuing"], 9, HOLDS, true);
    let subject = "CN=issuing".to_owned();
    let ended = untrusted(ChainFault::AuthorityNotValid { subject });
    judge(&forge, &["issuing"], 11, ended, false);

    // Of an anchor webpki takes the name and the key alone.
    let forge = Forge::new();
    forge.make("root", "root", None, 10, ROOT);
    forge.make(
        "issuing",
        "issuing",
        Some("root"),
        1000,
        &both(BELOW, AUTHORITY),
    );
    forge.make(
        "holder",
        "holder",
        Some("issuing"),
        1000,
        &both(BELOW, HOLDER),
    );
    let subject = "CN=root".to_owned();
    let ended = untrusted(ChainFault::AuthorityNotValid { subject });
    judge(&forge, &["issuing"], 11, ended, true);
}

#[test]
fn a_chain_with_a_link_missing_is_none() {
    let forge = Forge::new();
    forge.usual();
    let issuer = "CN=issuing".to_owned();
    judge(
        &forge,
        &[],
        0,
        untrusted(ChainFault::UnknownIssuer { issuer }),
        false,
    );
    // Another root with other keys and the same name.
    forge.make("root", "root", None, 3000, ROOT);
    let issuer = "CN=root".to_owned();
    judge(
        &forge,
        &["issuing"],
        0,
        untrusted(ChainFault::UnknownIssuer { issuer }),
        false,
    );
}

#[test]
fn authorities_of_the_same_name_are_told_apart() {
    let forge = Forge::new();
    forge.usual();
    fs::copy(forge.0.path("issuing.pem"), forge.0.path("right.pem")).unwrap();
    fs::copy(forge.0.path("issuing.key"), forge.0.path("right.key")).unwrap();
    // By key identifiers …
    forge.make(
        "wrong",
        "issuing",
        Some("root"),
        2000,
        &both(BELOW, AUTHORITY),
    );
    judge(&forge, &["wrong", "right"], 0, HOLDS, true);
    // … and by signatures, where there are none.
    let text = both("authorityKeyIdentifier = none\n", HOLDER);
    forge.make("holder", "holder", Some("right"), 1000, &text);
    judge(&forge, &["right", "wrong"], 0, HOLDS, true);
    let now = OffsetDateTime::now_utc() + Duration::MINUTE;
    assert_eq!(forge.ours(&["wrong", "right"], now), HOLDS);
    assert!(forge.webpki(&["wrong", "right"], now));
    let subject = "CN=holder".to_owned();
    let wrong = untrusted(ChainFault::WrongSignature { subject });
    judge(&forge, &["wrong"], 0, wrong, false);
}

#[test]
fn who_is_no_authority_issues_nothing() {
    let subject = || "CN=issuing".to_owned();
    for text in [
        "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, keyCertSign\n",
        "keyUsage = critical, digitalSignature\n",
        HOLDER,
    ] {
        let forge = Forge::new();
        forge.make("root", "root", None, 3000, ROOT);
        forge.make("issuing", "issuing", Some("root"), 2000, &both(BELOW, text));
        forge.make(
            "holder",
            "holder",
            Some("issuing"),
            1000,
            &both(BELOW, HOLDER),
        );
        let none = untrusted(ChainFault::NotAnAuthority { subject: subject() });
        judge(&forge, &["issuing"], 0, none, false);
    }
    // webpki does not look at keyUsage.
    let forge = Forge::new();
    forge.make("root", "root", None, 3000, ROOT);
    let text = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, cRLSign\n";
    forge.make("issuing", "issuing", Some("root"), 2000, &both(BELOW, text));
    forge.make(
        "holder",
        "holder",
        Some("issuing"),
        1000,
        &both(BELOW, HOLDER),
    );
    let none = untrusted(ChainFault::NotAnAuthority { subject: subject() });
    judge(&forge, &["issuing"], 0, none, true);
}

#[test]
fn an_authority_has_no_more_below_it_than_it_may() {
    let forge = Forge::new();
    forge.make("root", "root", None, 3000, ROOT);
    forge.make(
        "upper",
        "upper",
        Some("root"),
        2000,
        &both(BELOW, AUTHORITY),
    );
    forge.make(
        "issuing",
        "issuing",
        Some("upper"),
        2000,
        &both(BELOW, AUTHORITY),
    );
    forge.make(
        "holder",
        "holder",
        Some("issuing"),
        1000,
        &both(BELOW, HOLDER),
    );
    let subject = "CN=upper".to_owned();
    let too_many = untrusted(ChainFault::PathLength { subject });
    judge(&forge, &["issuing", "upper"], 0, too_many, false);

    let forge = Forge::new();
    forge.make("root", "root", None, 3000, ROOT);
    let text = AUTHORITY.replace("pathlen:0", "pathlen:1");
    forge.make("upper", "upper", Some("root"), 2000, &both(BELOW, &text));
    forge.make(
        "issuing",
        "issuing",
        Some("upper"),
        2000,
        &both(BELOW, AUTHORITY),
    );
    forge.make(
        "holder",
        "holder",
        Some("issuing"),
        1000,
        &both(BELOW, HOLDER),
    );
    judge(&forge, &["issuing", "upper"], 0, HOLDS, true);
}

#[test]
fn a_certificate_is_for_what_it_says() {
    let cases = [
        (HOLDER, true, true),
        ("keyUsage = critical, digitalSignature\n", true, true),
        ("extendedKeyUsage = clientAuth\n", true, true),
        (
            "extendedKeyUsage = serverAuth\nkeyUsage = digitalSignature\n",
            false,
            false,
        ),
        ("extendedKeyUsage = serverAuth, clientAuth\n", true, true),
        // As some certificates of the field have it; webpki does not look at keyUsage.
        (
            "keyUsage = critical, nonRepudiation\nextendedKeyUsage = clientAuth\n",
            false,
            true,
        ),
    ];
    let forge = Forge::new();
    forge.make("root", "root", None, 3000, ROOT);
    for (text, holds, webpki) in cases {
        forge.make("holder", "holder", Some("root"), 1000, &both(BELOW, text));
        let other = untrusted(ChainFault::OtherPurpose);
        judge(&forge, &[], 0, if holds { HOLDS } else { other }, webpki);
    }
}

#[test]
fn what_must_be_understood_and_is_not_ends_it() {
    let forge = Forge::new();
    forge.make("root", "root", None, 3000, ROOT);
    let unknown = |subject: &str| {
        untrusted(ChainFault::NotUnderstood {
            subject: subject.to_owned(),
            oid: "1.2.3.4".to_owned(),
        })
    };
    let text = format!("{BELOW}{HOLDER}1.2.3.4 = critical, DER:0500\n");
    forge.make("holder", "holder", Some("root"), 1000, &text);
    judge(&forge, &[], 0, unknown("CN=holder"), false);
    let text = format!("{BELOW}{HOLDER}1.2.3.4 = DER:0500\n");
    forge.make("holder", "holder", Some("root"), 1000, &text);
    judge(&forge, &[], 0, HOLDS, true);

    let text = format!("{BELOW}{AUTHORITY}1.2.3.4 = critical, DER:0500\n");
    forge.make("issuing", "issuing", Some("root"), 2000, &text);
    forge.make(
        "holder",
        "holder",
        Some("issuing"),
        1000,
        &both(BELOW, HOLDER),
    );
    judge(&forge, &["issuing"], 0, unknown("CN=issuing"), false);
}

#[test]
fn sha1_signs_nothing() {
    let forge = Forge::new();
    forge.usual();
    forge.sign("holder", "holder", Some("issuing"), 1000, HOLDER, "-sha1");
    let subject = "CN=holder".to_owned();
    let wrong = untrusted(ChainFault::WrongSignature { subject });
    judge(&forge, &["issuing"], 0, wrong, false);
}
