//! Every fault of a profile file is named, with its place. Req C.7.

use lichna_card::{Profile, ProfileError, ProfileFault};

use crate::profiles::{example, example_with, line_of};

/// A fault in the example: what is replaced by what, the field that is named, and the fault.
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
    let unknown: fn(&F) -> bool = |fault| *fault == F::UnknownField;
    let wrong_type: fn(&F) -> bool = |fault| matches!(fault, F::WrongType { .. });
    let out_of_range: fn(&F) -> bool = |fault| matches!(fault, F::OutOfRange { .. });
    let length: fn(&F) -> bool = |fault| matches!(fault, F::Length { .. });
    vec![
        ("schema = 1", "schema = 2", "schema", out_of_range),
        (
            "name = \"Example staff card\"",
            "name = \"\"",
            "name",
            length,
        ),
        (
            "name = \"Example staff card\"",
            "name = 5",
            "name",
            wrong_type,
        ),
        ("issuer = ", "isuer = ", "issuer", missing),
        (
            "dialect = \"piv\"",
            "dialect = \"piw\"",
            "dialect",
            not_one_of,
        ),
        (
            "extended_length = false",
            "extended_length = \"no\"",
            "extended_length",
            wrong_type,
        ),
        (
            "extended_length = false",
            "extended_length = false\ncolour = 1",
            "colour",
            unknown,
        ),
        (
            "\"F0 45 58 41 4D 50 4C 45 01\"",
            "\"F0 45\"",
            "recognise.aids[0]",
            length,
        ),
        (
            "\"F0 45 58 41 4D 50 4C 45 01\"",
            "\"F0 45 58 41 4\"",
            "recognise.aids[0]",
            |fault| *fault == F::NotHexadecimal,
        ),
        (
            "\"F0 45 58 41 4D 50 4C 45 01\"",
            "",
            "recognise.aids",
            length,
        ),
        (
            "mask    = \"FF",
            "mask    = \"",
            "recognise.atrs[0].mask",
            length,
        ),
        (
            "contactless = \"refused\"",
            "contactless = \"needs-pace\"",
            "pace.passwords",
            missing,
        ),
        (
            "contactless = \"refused\"",
            "contactless = \"maybe\"",
            "pace.contactless",
            not_one_of,
        ),
        (
            "role = \"user\"",
            "role = \"holder\"",
            "pins[0].role",
            not_one_of,
        ),
        (
            "reference = 0x80",
            "reference = 0x180",
            "pins[0].reference",
            out_of_range,
        ),
        (
            "reference = 0x80",
            "reference = -1",
            "pins[0].reference",
            out_of_range,
        ),
        (
            "reference = 0x80",
            "reference = 1.5",
            "pins[0].reference",
            wrong_type,
        ),
        (
            "shortest = 6",
            "shortest = 0",
            "pins[0].shortest",
            out_of_range,
        ),
        (
            "longest = 8",
            "longest = 5",
            "pins[0].longest",
            out_of_range,
        ),
        (
            "padding = 0xFF",
            "padding = 0x30",
            "pins[0].padding",
            contradiction,
        ),
        ("tries = 3", "tries = 0", "pins[0].tries", out_of_range),
        (
            "tries = 3",
            "tries = 3\nsuspended_at = 1",
            "pins[0].suspended_at",
            contradiction,
        ),
        (
            "unblocked_by = \"puk\"",
            "unblocked_by = \"pug\"",
            "pins[0].unblocked_by",
            not_there,
        ),
        (
            "unblocked_by = \"puk\"",
            "unblocked_by = \"pin\"",
            "pins[0].unblocked_by",
            contradiction,
        ),
        ("id = \"puk\"", "id = \"pin\"", "pins[1].id", twice),
        (
            "reference = 0x9A",
            "reference = 0x01",
            "keys[0].reference",
            out_of_range,
        ),
        ("[\"ec-p256\"]", "[]", "keys[0].algorithms", missing),
        (
            "[\"ec-p256\"]",
            "[\"ec-p256\", \"ec-p256\"]",
            "keys[0].algorithms[1]",
            twice,
        ),
        (
            "[\"ec-p256\"]",
            "[\"rsa-2048\"]",
            "keys[0].schemes",
            contradiction,
        ),
        (
            "role = \"authentication\"",
            "role = \"signature\"",
            "keys[0].schemes",
            contradiction,
        ),
        (
            "\"ecdsa_secp256r1_sha256\"",
            "\"ecdsa\"",
            "keys[0].schemes[0]",
            not_one_of,
        ),
        ("pin = \"pin\"", "pin = \"pim\"", "keys[0].pin", not_there),
        (
            "pin = \"pin\"",
            "pin = \"puk\"",
            "keys[0].pin",
            contradiction,
        ),
        ("pin = \"pin\"\n", "", "keys[0].pin", missing),
        ("key = 0x9A", "key = 0x9C", "certificates[0].key", not_there),
        (
            "\"5F C1 05\"",
            "\"5F C1 05 00\"",
            "certificates[0].object",
            length,
        ),
        (
            "[[certificates]]\nkey = 0x9A\nobject = \"5F C1 05\"\ncompression = \"none\"",
            "",
            "certificates",
            not_there,
        ),
        (
            "compression = \"none\"",
            "compression = \"none\"\noccurrence = 1",
            "certificates[0].occurrence",
            contradiction,
        ),
        (
            "\"management-key\"",
            "\"pin\"",
            "personalisation.administrator",
            contradiction,
        ),
        (
            "[personalisation]\nadministrator = \"management-key\"\nreference = 0x9B\nalgorithms = [\"aes-256\"]",
            "",
            "personalisation",
            missing,
        ),
        (
            "[\"aes-256\"]",
            "[\"rot-13\"]",
            "personalisation.algorithms[0]",
            not_one_of,
        ),
        (
            "\"overwrite\"",
            "\"spare\"",
            "renewal.method",
            contradiction,
        ),
        ("[renewal]", "[renewal", "file", |fault| {
            matches!(fault, F::Syntax { .. })
        }),
    ]
}

#[test]
fn every_fault_is_named_with_its_file_line_and_field() {
    for (from, to, expected, is_it) in faults() {
        let text = example_with(from, to);
        let found = Profile::check("staff.toml", &text);
        let Err(ProfileError::ProfileInvalid {
            file,
            line,
            field,
            fault,
        }) = found
        else {
            panic!("{to:?}: {found:?}");
        };
        assert_eq!(file, "staff.toml");
        assert_eq!(field, expected, "{to:?}: {fault}");
        assert!(is_it(&fault), "{to:?}: {fault:?}");
        // A field that is there is found in its line; one that is not, where its table begins.
        let at = text.lines().nth(line - 1).unwrap();
        let name = field.rsplit('.').next().unwrap();
        let name = name.split('[').next().unwrap();
        let table = field.split(['.', '[']).next().unwrap();
        // What is not TOML has no field, only a line.
        let begins = line == 1 || field == "file" || at.starts_with('[') && at.contains(table);
        assert!(
            at.starts_with(name) || begins,
            "{to:?}: {fault}: line {line}: {at}"
        );
        if !to.is_empty() && at.starts_with(name) && name != "schemes" {
            let changed = line_of(&example(), from) + to.matches('\n').count();
            assert_eq!(line, changed, "{to:?}: {fault}");
        }
    }
}
