//! Enrolment over secure transport (RFC 7030): curl is the client, openssl reads what it gets.

use std::process::Command;

use lichna_tests::authority::call::Answer;
use lichna_tests::authority::people::{Enrolled, Person, request, subject};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::{Ca, Identity};
use serde_json::Value;

crate::on_both! {
    a_client_enrols_and_enrols_again;
}

const BASE: &str = "/.well-known/est";
const REQUEST: &str = "application/pkcs10";

/// The certificates in an answer, PEM, as openssl reads them.
fn certificates(answer: &Answer) -> Vec<String> {
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!(answer.status, 200, "{text}");
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("application/pkcs7-mime"), "{kind}");
    assert_eq!(
        answer.header("content-transfer-encoding").as_deref(),
        Some("base64")
    );
    let pem = format!("-----BEGIN PKCS7-----\n{text}\n-----END PKCS7-----\n");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    let mut openssl = Command::new("openssl");
    openssl
        .args(["pkcs7", "-print_certs", "-in"])
        .arg(file.path());
    let printed = String::from_utf8(openssl.output().unwrap().stdout).unwrap();
    let begin = "-----BEGIN CERTIFICATE-----";
    printed
        .split(begin)
        .skip(1)
        .map(|rest| rest.split("-----END").next().unwrap().replace('\n', ""))
        .collect()
}

fn only(answer: &Answer) -> String {
    let mut all = certificates(answer);
    assert_eq!(
        all.len(),
        1,
        "the certificate that was issued, and no other"
    );
    all.remove(0)
}

/// What a holder gets when he enrols again for both certificates, with new keys.
pub fn renewed(authority: &Authority, holder: &Enrolled, renewal: &Value) -> Enrolled {
    let of = subject(&renewal["subject"]);
    let [identification, signing] = ["", "/signing"].map(|label| {
        let key = authority.new_key();
        let call = authority.post(&format!("{BASE}{label}/simplereenroll"));
        let call = call.body(REQUEST, request(&key, &of).as_bytes());
        let answer = call.by(&holder.identification).send();
        Identity {
            certificate: authority.certificate(&only(&answer)),
            key,
        }
    });
    Enrolled {
        identifier: holder.identifier.clone(),
        application: renewal["id"].as_str().unwrap().to_owned(),
        card: holder.card.clone(),
        identification,
        signing,
    }
}

/// Req 13.6; RFC 7030 §4.1, 4.2, 4.5.
fn a_client_enrols_and_enrols_again(database: Database) {
    let authority = Authority::start(&Spec::new(database));
    let ca = Ca::new("Administrators");
    let (administrator, _) = authority.new_administrator(&ca, "Столична община");
    let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");

    // Whose certificates, which keys: for everyone, with and without the label.
    for label in ["", "/signing"] {
        let all = certificates(&authority.get(&format!("{BASE}{label}/cacerts")).send());
        assert_eq!(all.len(), 2);
        let answer = authority.get(&format!("{BASE}{label}/csrattrs")).send();
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some("application/csrattrs")
        );
        let text = String::from_utf8(answer.body).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["base64", "-d", "-A", "-in"]);
        let der = openssl.arg(file.path()).output().unwrap().stdout;
        std::fs::write(file.path(), der).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["asn1parse", "-inform", "DER", "-in"]);
        openssl.arg(file.path());
        let parsed = String::from_utf8(openssl.output().unwrap().stdout).unwrap();
        for expected in ["id-ecPublicKey", "prime256v1", "secp384r1", "rsaEncryption"] {
            assert!(parsed.contains(expected), "{expected}: {parsed}");
        }
    }

    // The first certificates, on an application's code.
    let (id, code) = authority.apply(&officer, &Person::maria(), "P00000002");
    let application = authority.get(&format!("/v1/applications/{id}")).code(&code);
    let application = application.send().expect(200);
    let of = subject(&application["subject"]);
    let enrol = |label: &str, user: &str, request: &str| {
        let call = authority.post(&format!("{BASE}{label}/simpleenroll"));
        let call = call.body(REQUEST, request.as_bytes());
        let user = if user.is_empty() {
            vec![]
        } else {
            vec!["--user", user]
        };
        call.arguments(&user).send()
    };
    let keys = [authority.new_key(), authority.new_key()];
    let [first, second] = [0, 1].map(|n| request(&keys[n], &of));
    let user = format!("{id}:{code}");
    let nobody = enrol("", "", &first);
    assert_eq!(nobody.code(), "not-identified");
    let challenge = nobody.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Basic "), "{challenge}");
    assert_eq!(
        enrol("", &format!("{id}:{id}"), &first).code(),
        "application-code-wrong"
    );
    assert_eq!(enrol("", "maria:secret", &first).code(), "not-identified");
    assert_eq!(enrol("", &user, "!").code(), "request-invalid");
    let json = authority
        .post(&format!("{BASE}/simpleenroll"))
        .body("text/plain", b"");
    let json = json.arguments(&["--user", &user]).send();
    assert_eq!(json.code(), "unsupported-media-type");

    let identification = only(&enrol("", &user, &first));
    assert_eq!(
        only(&enrol("", &user, &first)),
        identification,
        "sent again"
    );
    let enrolled = |identification: &str, signing: &str| Enrolled {
        identifier: application["subject"]["identifier"]
            .as_str()
            .unwrap()
            .to_owned(),
        application: id.clone(),
        card: "P00000002".to_owned(),
        identification: Identity {
            certificate: authority.certificate(identification),
            key: keys[0].clone(),
        },
        signing: Identity {
            certificate: authority.certificate(signing),
            key: keys[1].clone(),
        },
    };
    // One is not both; the label decides which it is.
    let half = enrolled(&identification, &identification);
    assert_eq!(authority.confirm(&half).code(), "application-state");
    assert_eq!(enrol("/signing", &user, &first).code(), "key-seen-before");
    assert_eq!(enrol("", &user, &second).code(), "requests-differ");
    let signing = only(&enrol("/signing", &user, &second));
    let holder = enrolled(&identification, &signing);
    let usage = |identity: &Identity| {
        let mut openssl = Command::new("openssl");
        openssl.args(["x509", "-noout", "-ext", "keyUsage", "-in"]);
        openssl.arg(&identity.certificate.path);
        String::from_utf8(openssl.output().unwrap().stdout).unwrap()
    };
    assert!(usage(&holder.identification).contains("Digital Signature"));
    assert!(usage(&holder.signing).contains("Non Repudiation"));

    // Not confirmed, they renew nothing.
    let again = |by: Option<&Enrolled>, request: &str| {
        let call = authority.post(&format!("{BASE}/simplereenroll"));
        let call = call.body(REQUEST, request.as_bytes());
        match by {
            Some(holder) => call.by(&holder.identification).send(),
            None => call.send(),
        }
    };
    let next = request(&authority.new_key(), &of);
    assert_eq!(again(Some(&holder), &next).code(), "certificate-pending");
    authority.confirm(&holder).expect(200);

    // Again, on the certificate itself; the renewal begins by that.
    assert_eq!(again(None, &next).code(), "not-identified");
    let others = request(&authority.new_key(), &of.replace("GN=Maria", "GN=Mara"));
    assert_eq!(
        again(Some(&holder), &others).code(),
        "request-subject-differs"
    );
    assert_eq!(again(Some(&holder), &first).code(), "key-seen-before");
    let renewal = authority
        .post("/v1/holder/renewal")
        .by(&holder.identification);
    let renewal = renewal.send().expect(200);
    assert_eq!(
        renewal["state"], "APPROVED",
        "it is the one that was begun: {renewal}"
    );
    let new = renewed(&authority, &holder, &renewal);
    let confirmed = authority.confirm(&new).expect(200);
    assert_eq!(confirmed["application"], renewal["id"]);
    let list = authority
        .get("/v1/holder/certificates")
        .by(&new.identification);
    assert_eq!(
        list.send().expect(200)["certificates"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
}
