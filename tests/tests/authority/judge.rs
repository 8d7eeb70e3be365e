//! What the authority serves to everybody, found the way that a stranger finds it: by what stands
//! in a certificate. openssl and our own client judge it, and must say the same. Req 6.4, 16.3,
//! 17.2, 20.3.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::slice::from_ref;

use lichna_pki::{
    Certificate, CertificateId, Crl, Evidence, OcspHash, OcspRequest, OcspResponse, Purpose,
    RevocationList, Verdict,
};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::Identity;
use lichna_tests::until;
use serde_json::json;
use time::OffsetDateTime;

use crate::judged::{
    self, by_delta_list, by_full_list, by_ocsp, file, list, list_number, openssl, serial, text,
    try_openssl,
};
use crate::signed::Request;
use crate::status::Scene;

crate::on_both! {
    our_client_and_openssl_say_the_same_of_everything_that_is_served;
}

/// Full lists only when the test wants one.
const NO_FULL_LISTS: &str = "[status]\nfull_after_change_seconds = 10000\nlook_milliseconds = 50";

/// What our client makes of what is served, as openssl would say it.
struct Client<'a> {
    authority: &'a Authority,
    root: Certificate,
    issuing: Certificate,
}

impl<'a> Client<'a> {
    fn new(authority: &'a Authority) -> Self {
        Self {
            authority,
            root: pem(&authority.root()),
            issuing: pem(&authority.issuing()),
        }
    }

    fn list(&self, kind: &str) -> Crl {
        let der = fetch(&format!("{}/crl/{kind}.crl", self.authority.http_url(0)));
        Crl::read(&der, &self.issuing).expect("a list of the issuing authority")
    }

    /// By the full list, by both lists, by OCSP.
    fn verdicts(&self, certificate: &Certificate, purpose: Purpose) -> [Verdict; 3] {
        let full = RevocationList::new(self.list("full")).expect("a full list");
        let mut both = full.clone();
        both.join(self.list("delta")).expect("a delta list for it");
        let response = self.ask(certificate);
        let evidence = Evidence {
            anchors: from_ref(&self.root),
            authorities: from_ref(&self.issuing),
            ..Evidence::default()
        };
        let (full, both) = ([full], [both]);
        let nonce = response.nonce().map(<[u8]>::to_vec);
        let responses = [response];
        [
            Evidence {
                lists: &full,
                ..evidence
            },
            Evidence {
                lists: &both,
                ..evidence
            },
            Evidence {
                responses: &responses,
                nonce: nonce.as_deref(),
                ..evidence
            },
        ]
        .map(|evidence| evidence.check(certificate, purpose, OffsetDateTime::now_utc()))
    }

    fn ask(&self, certificate: &Certificate) -> OcspResponse {
        let mut nonce = vec![0; 32];
        getrandom::fill(&mut nonce).expect("the system's random numbers");
        let serial = certificate.serial_number().expect("a serial number");
        let id = CertificateId::new(&self.issuing, serial, OcspHash::Sha256).expect("its name");
        let request = OcspRequest::new(vec![id], Some(nonce)).expect("one certificate");
        let call = self.authority.post("/ocsp").plain();
        let der = request.to_der().expect("DER");
        let answer = call.body("application/ocsp-request", &der).send();
        let response = OcspResponse::read(&answer.body, &self.issuing).expect("a response");
        assert_eq!(response.nonce(), request.nonce(), "made for this question");
        response
    }
}

fn our_client_and_openssl_say_the_same_of_everything_that_is_served(database: Database) {
    let scene = Scene::new(&Spec::new(database).settings(NO_FULL_LISTS));
    let authority = &scene.authority;
    let client = Client::new(authority);
    let (identification, signing) = (&scene.holder.identification, &scene.holder.signing);
    let ours = [
        (
            identification,
            parse(identification),
            Purpose::Authentication,
        ),
        (signing, parse(signing), Purpose::Signing),
    ];
    let same = |when: &str| {
        for (identity, certificate, purpose) in &ours {
            let theirs = [
                by_full_list(authority, identity),
                by_delta_list(authority, 0, identity),
                by_ocsp(authority, 0, identity),
            ];
            let verdicts = client.verdicts(certificate, *purpose);
            assert_eq!(verdicts.clone().map(said), theirs, "{when}: {verdicts:?}");
        }
        client.verdicts(&ours[0].1, Purpose::Authentication)
    };
    let signed = |action| {
        let request = Request::new(action, &serial(identification));
        request.sign(authority, signing).send().expect(200);
    };
    let suspend = || {
        let call = authority.post("/v1/holder/suspensions").by(identification);
        call.json(&json!({})).send().expect(200);
    };

    let [_, _, fresh] = same("confirmed");
    assert!(matches!(fresh, Verdict::Good { until } if until > OffsetDateTime::now_utc()));
    suspend();
    let [old, by_lists, by_ocsp] = same("suspended");
    assert!(matches!(old, Verdict::Good { .. }));
    let Verdict::Hold { since } = by_lists else {
        panic!("{by_lists:?}")
    };
    assert_eq!(
        by_ocsp,
        Verdict::Hold { since },
        "lists and OCSP know the same moment"
    );
    next_full_list(authority);
    same("suspended, next full list");
    signed("resume");
    same("resumed");
    next_full_list(authority);
    same("resumed, next full list");
    suspend();
    signed("resume");
    same("suspended and resumed between two full lists");
    signed("revoke");
    let [_, by_lists, by_ocsp] = same("revoked");
    assert!(matches!(by_lists, Verdict::Revoked { .. }), "{by_lists:?}");
    assert_eq!(by_lists, by_ocsp);
    next_full_list(authority);
    same("revoked, next full list");
}

/// Nothing is known here but the root, and what the certificate says.
#[test]
fn what_a_certificate_names_is_served() {
    let scene = Scene::new(&Spec::new(Database::Sqlite));
    let authority = &scene.authority;
    until("the delta list", || {
        authority.get("/crl/delta.crl").plain().send().status == 200
    });
    for identity in [&scene.holder.identification, &scene.holder.signing] {
        let path = text(&identity.certificate.path);
        let says = said_of(
            path,
            &[
                "-ext",
                "authorityInfoAccess,crlDistributionPoints,freshestCRL",
            ],
        );
        let issuer = after(&says, "CA Issuers - URI:");
        let responder = after(&says, "OCSP - URI:");
        let lists: Vec<&str> = all_after(&says, "URI:")
            .into_iter()
            .filter(|url| *url != issuer && *url != responder)
            .collect();
        let [full, delta] = lists.as_slice() else {
            panic!("{says}")
        };

        let above = file(authority, &fetch(issuer));
        let above = openssl(&["x509", "-inform", "DER", "-in", text(&above)]).stdout;
        let above = file(authority, &above);
        let root = authority.root();
        let of_above = said_of(text(&above), &["-ext", "authorityInfoAccess"]);
        let served = file(authority, &fetch(after(&of_above, "CA Issuers - URI:")));
        let served = openssl(&["x509", "-inform", "DER", "-in", text(&served)]).stdout;
        assert_eq!(
            served,
            openssl(&["x509", "-in", text(&root)]).stdout,
            "the root"
        );

        let mut both = Vec::new();
        for (url, line) in [
            (*full, "X509v3 Freshest CRL"),
            (*delta, "X509v3 Delta CRL Indicator: critical"),
        ] {
            let der = file(authority, &fetch(url));
            let arguments = [
                "crl",
                "-inform",
                "DER",
                "-in",
                text(&der),
                "-CAfile",
                text(&above),
                "-text",
            ];
            let output = openssl(&arguments);
            let verified = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(verified.contains("verify OK"), "{url}: {verified}");
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(printed.contains(line), "{url}: {printed}");
            both.extend(output.stdout);
        }
        let both = file(authority, &both);
        let chain = [
            "-CAfile",
            text(&root),
            "-untrusted",
            text(&above),
            "-CRLfile",
            text(&both),
        ];
        let strict = [
            "verify",
            "-x509_strict",
            "-crl_check",
            "-extended_crl",
            "-use_deltas",
        ];
        openssl(&[&strict[..], &chain, &[path]].concat());

        let question = [
            "ocsp",
            "-issuer",
            text(&above),
            "-cert",
            path,
            "-url",
            responder,
        ];
        let trust = ["-CAfile", text(&root), "-verify_other", text(&above)];
        let output = openssl(&[&question[..], &trust].concat());
        let verified = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(verified.contains("Response verify OK"), "{verified}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(": good"));
    }
}

/// A stranger's clock that is wrong is no reason to say that a certificate is bad.
#[test]
fn a_wrong_clock_is_told_from_a_bad_certificate() {
    let scene = Scene::new(&Spec::new(Database::Sqlite));
    let client = Client::new(&scene.authority);
    let certificate = parse(&scene.holder.identification);
    let response = client.ask(&certificate);
    let nonce = response.nonce().map(<[u8]>::to_vec);
    let list = RevocationList::new(client.list("full")).expect("a full list");
    let evidence = Evidence {
        anchors: from_ref(&client.root),
        authorities: from_ref(&client.issuing),
        lists: from_ref(&list),
        responses: from_ref(&response),
        nonce: nonce.as_deref(),
    };
    for days in [-4000, -1, 1, 4000] {
        let now = OffsetDateTime::now_utc() + time::Duration::days(days);
        let verdict = evidence.check(&certificate, Purpose::Authentication, now);
        assert!(
            matches!(verdict, Verdict::ClockTrouble(_)),
            "{days}: {verdict:?}"
        );
    }
}

#[test]
fn a_question_about_many_certificates_is_answered_and_one_about_too_many_is_not() {
    let scene = Scene::new(&Spec::new(Database::Sqlite));
    let authority = &scene.authority;
    let issuing = authority.issuing();
    let ask = |count: u32| {
        let path = file(authority, b"");
        let serials: Vec<String> = (1..count).map(|number| format!("0x{number:X}")).collect();
        let mut arguments = vec!["ocsp", "-issuer", text(&issuing)];
        arguments.extend(["-cert", text(&scene.holder.identification.certificate.path)]);
        for serial in &serials {
            arguments.extend(["-serial", serial]);
        }
        arguments.extend(["-reqout", text(&path)]);
        openssl(&arguments);
        let body = fs::read(&path).expect("own file");
        let call = authority.post("/ocsp").plain();
        call.body("application/ocsp-request", &body).send().body
    };
    let answer = file(authority, &ask(32));
    let printed = try_openssl(&["ocsp", "-noverify", "-resp_text", "-respin", text(&answer)]);
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    assert_eq!(printed.matches("Cert Status: good").count(), 1, "{printed}");
    assert_eq!(printed.matches("Cert Status: unknown").count(), 31);
    // OCSPResponse { malformedRequest }
    assert_eq!(ask(33), [0x30, 3, 0x0A, 1, 1]);
}

fn next_full_list(authority: &Authority) {
    let number = list_number(&list(authority, 0, "full"));
    authority.query("UPDATE crl_state SET base_at = 0");
    until("a new full list and its delta list", || {
        let full = list_number(&list(authority, 0, "full"));
        full > number && list_number(&list(authority, 0, "delta")) > full
    });
}

fn said(verdict: Verdict) -> judged::Verdict {
    match verdict {
        Verdict::Good { .. } => judged::Verdict::Good,
        Verdict::Hold { .. } | Verdict::Revoked { .. } => judged::Verdict::Revoked,
        other => judged::Verdict::Other(format!("{other:?}")),
    }
}

fn parse(identity: &Identity) -> Certificate {
    Certificate::parse(&identity.certificate.der).expect("a certificate")
}

fn pem(path: &Path) -> Certificate {
    let der = openssl(&["x509", "-outform", "DER", "-in", text(path)]).stdout;
    Certificate::parse(&der).expect("a certificate")
}

fn said_of(certificate: &str, what: &[&str]) -> String {
    let arguments = [&["x509", "-noout", "-in", certificate][..], what].concat();
    String::from_utf8(openssl(&arguments).stdout).expect("text")
}

fn all_after<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(mark).map(|(_, rest)| rest.trim()))
        .collect()
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    match all_after(text, mark).as_slice() {
        [one] => one,
        _ => panic!("{mark}: {text}"),
    }
}

/// As any program that follows the URLs of certificates does.
fn fetch(url: &str) -> Vec<u8> {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--fail",
            "--show-error",
            "--proto",
            "=http",
            url,
        ])
        .output()
        .expect("curl is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{url}: {said}");
    output.stdout
}
