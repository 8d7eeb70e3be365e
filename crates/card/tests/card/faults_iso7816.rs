//! Faults of the fields that only profiles of the dialect `iso7816` have. Req C.7.

use lichna_card::{Profile, ProfileError, ProfileFault};

use crate::iso7816::file;

/// What is replaced by what in the practice card's profile, the field named, the fault.
type Fault = (
    &'static str,
    &'static str,
    &'static str,
    fn(&ProfileFault) -> bool,
);

fn faults() -> Vec<Fault> {
    use ProfileFault as F;
    let contradiction: fn(&F) -> bool = |fault| matches!(fault, F::Contradiction { .. });
    let missing: fn(&F) -> bool = |fault| *fault == F::Missing;
    let twice: fn(&F) -> bool = |fault| *fault == F::Twice;
    let not_there: fn(&F) -> bool = |fault| matches!(fault, F::NotThere { .. });
    let not_one_of: fn(&F) -> bool = |fault| matches!(fault, F::NotOneOf { .. });
    let length: fn(&F) -> bool = |fault| matches!(fault, F::Length { .. });
    let out_of_range: fn(&F) -> bool = |fault| matches!(fault, F::OutOfRange { .. });
    let unknown: fn(&F) -> bool = |fault| *fault == F::UnknownField;
    vec![
        (
            "\"iso7816\"",
            "\"piv\"",
            "algorithms[0].reference",
            contradiction,
        ),
        (
            "card_number = \"2F 02\"",
            "card_number = \"2F\"",
            "card_number",
            length,
        ),
        (
            "card_number = \"2F 02\"",
            "card_number = \"2F 02 01\"",
            "card_number",
            contradiction,
        ),
        (
            "order = \"can-first\"",
            "order = \"puk\"",
            "pace.order",
            not_one_of,
        ),
        (
            "passwords = [\"can\", \"pin\", \"puk\"]\norder = \"can-first\"",
            "passwords = [\"can\", \"puk\"]\norder = \"pin\"",
            "pace.order",
            contradiction,
        ),
        (
            "chip_authentication = \"01 0E\"\n",
            "",
            "genuine.chip_authentication",
            missing,
        ),
        (
            "security_object = \"01 1D\"",
            "security_object = \"1D\"",
            "genuine.security_object",
            length,
        ),
        (
            "object_directory = \"50 15 50 31\"\n",
            "",
            "cia.object_directory",
            missing,
        ),
        (
            "information =",
            "informations =",
            "cia.informations",
            unknown,
        ),
        (
            "transport_length = 5",
            "transport_length = 6",
            "pins[0].transport_length",
            contradiction,
        ),
        (
            "tries = 10",
            "tries = 10\ntransport_length = 5",
            "pins[1].transport_length",
            contradiction,
        ),
        (
            "reference = 0x02\nschemes",
            "reference = 0x01\nschemes",
            "algorithms[1].reference",
            twice,
        ),
        (
            "schemes = [\"rsa_pss_rsae_sha256\"]",
            "schemes = [\"rsa_pkcs1_sha256\"]",
            "algorithms[2].schemes",
            twice,
        ),
        (
            "schemes = [\"rsa_pss_rsae_sha256\"]",
            "schemes = []",
            "algorithms[2].schemes",
            missing,
        ),
        (
            "input = \"hash\"",
            "input = \"digest-info\"",
            "algorithms[0].input",
            contradiction,
        ),
        (
            "input = \"digest-info\"",
            "input = \"hash\"",
            "algorithms[1].input",
            contradiction,
        ),
        (
            "input = \"hash\"",
            "input = \"padded\"",
            "algorithms[0].input",
            contradiction,
        ),
        (
            "\"rsa_pss_rsae_sha384\", \"rsa_pss_rsae_sha512\"]\ninput",
            "\"rsa_pss_rsae_sha384\"]\ninput",
            "keys[0].schemes",
            contradiction,
        ),
        (
            "command = \"internal-authenticate\"\n",
            "",
            "keys[0].command",
            missing,
        ),
        (
            "\"internal-authenticate\"",
            "\"decipher\"",
            "keys[0].command",
            not_one_of,
        ),
        ("spare = 0x02", "spare = 0x03", "keys[0].spare", not_there),
        (
            "spare = 0x02",
            "spare = 0x01",
            "keys[0].spare",
            contradiction,
        ),
        (
            "spare = 0x02",
            "spare = 0x11",
            "keys[0].spare",
            contradiction,
        ),
        (
            "\"50 15 C1 01\"",
            "\"50 15 C1\"",
            "certificates[0].object",
            contradiction,
        ),
        (
            "object = \"50 15 C1 01\"",
            "object = \"50 15 C1 01\"\noccurrence = 1",
            "certificates[0].occurrence",
            contradiction,
        ),
        (
            "\"challenge\"",
            "\"pin\"",
            "personalisation.administrator",
            contradiction,
        ),
        (
            "challenge_length = 16",
            "challenge_length = 4",
            "personalisation.challenge_length",
            out_of_range,
        ),
        (
            "challenge_length = 16\n",
            "",
            "personalisation.challenge_length",
            missing,
        ),
        (
            "algorithm = \"rsa-3072\"",
            "algorithm = \"rsa-4096\"",
            "personalisation.key_types",
            not_there,
        ),
        (
            "algorithm = \"rsa-3072\"",
            "algorithm = \"rsa-2048\"",
            "personalisation.key_types[3].algorithm",
            twice,
        ),
    ]
}

#[test]
fn every_fault_of_the_new_fields_is_named_with_its_line() {
    let right = file("bg-eid-practice.toml");
    for (from, to, expected, is_it) in faults() {
        assert!(right.contains(from), "{from:?}");
        let text = right.replacen(from, to, 1);
        let found = Profile::check("p.toml", &text);
        let Err(ProfileError::ProfileInvalid {
            line, field, fault, ..
        }) = found
        else {
            panic!("{to:?}: {found:?}");
        };
        assert_eq!(field, expected, "{to:?}: {fault}");
        assert!(is_it(&fault), "{to:?}: {fault:?}");
        let at = text.lines().nth(line - 1).unwrap();
        let name = field.rsplit('.').next().unwrap().split('[').next().unwrap();
        let table = field.split(['.', '[']).next().unwrap();
        assert!(
            at.starts_with(name) || at.starts_with('[') && at.contains(table),
            "{to:?}: line {line}: {at}"
        );
    }
    // A place in an incomplete profile may be unknown; in a complete one none may.
    let text = file("bg-eid.toml").replace("complete = false", "complete = true");
    assert!(Profile::check("p.toml", &text).is_err());
}
