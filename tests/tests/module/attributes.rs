//! Reading attributes: PKCS#11 3.0 §5.7.5, C_GetAttributeValue.

use cryptoki_sys::{
    CK_ATTRIBUTE_TYPE, CK_FALSE, CK_TRUE, CK_UNAVAILABLE_INFORMATION, CKA_ALWAYS_AUTHENTICATE,
    CKA_ALWAYS_SENSITIVE, CKA_CERTIFICATE_TYPE, CKA_CLASS, CKA_DECRYPT, CKA_DERIVE, CKA_EC_PARAMS,
    CKA_EC_POINT, CKA_EXTRACTABLE, CKA_ID, CKA_ISSUER, CKA_KEY_TYPE, CKA_LABEL, CKA_LOCAL,
    CKA_MODIFIABLE, CKA_NEVER_EXTRACTABLE, CKA_PRIME_1, CKA_PRIVATE, CKA_PRIVATE_EXPONENT,
    CKA_SENSITIVE, CKA_SERIAL_NUMBER, CKA_SIGN, CKA_SIGN_RECOVER, CKA_SUBJECT, CKA_TOKEN,
    CKA_UNWRAP, CKA_VALUE, CKO_CERTIFICATE, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKR_ARGUMENTS_BAD,
    CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID, CKR_BUFFER_TOO_SMALL,
    CKR_OBJECT_HANDLE_INVALID, CKR_SESSION_HANDLE_INVALID,
};
use lichna_tests::module::{Module, Query, Rv, Template};

use crate::program::{IDENTIFICATION, Program, hear, initialized, say, session_and_key};
use crate::stage::{HOLDER, Stage};

/// An attribute of the vendor of something else.
const UNKNOWN: CK_ATTRIBUTE_TYPE = 0x8000_0000 + 0x4C49;
const NONE: u64 = CK_UNAVAILABLE_INFORMATION;

const OF_CERTIFICATE: [CK_ATTRIBUTE_TYPE; 10] = [
    CKA_CLASS,
    CKA_TOKEN,
    CKA_PRIVATE,
    CKA_LABEL,
    CKA_CERTIFICATE_TYPE,
    CKA_ID,
    CKA_SUBJECT,
    CKA_ISSUER,
    CKA_SERIAL_NUMBER,
    CKA_VALUE,
];
const OF_PUBLIC_KEY: [CK_ATTRIBUTE_TYPE; 7] = [
    CKA_CLASS,
    CKA_TOKEN,
    CKA_KEY_TYPE,
    CKA_ID,
    CKA_LABEL,
    CKA_EC_PARAMS,
    CKA_EC_POINT,
];
const OF_PRIVATE_KEY: [CK_ATTRIBUTE_TYPE; 8] = [
    CKA_CLASS,
    CKA_TOKEN,
    CKA_KEY_TYPE,
    CKA_ID,
    CKA_LABEL,
    CKA_SIGN,
    CKA_SENSITIVE,
    CKA_EC_PARAMS,
];

fn the_one(module: &Module, session: u64, class: u64) -> u64 {
    let found = module.find(session, &Template::of_class(class)).unwrap();
    let [object] = found[..] else {
        panic!("not one object of class {class}: {found:?}");
    };
    object
}

// Req C.3
#[test]
fn reads_attributes_as_the_standard_says() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, reads_attributes);
    program.says_that("ready");
    let before = stage.card.commands();
    program.tell("go");
    program.ends();
    // Everything was answered from memory.
    assert_eq!(stage.card.commands(), before);
}

#[test]
#[ignore = "a program of the test above"]
fn reads_attributes() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    say("ready");
    hear("go");
    let objects = [
        (
            the_one(&module, session, CKO_CERTIFICATE),
            &OF_CERTIFICATE[..],
        ),
        (
            the_one(&module, session, CKO_PUBLIC_KEY),
            &OF_PUBLIC_KEY[..],
        ),
        (key, &OF_PRIVATE_KEY[..]),
    ];
    for (object, kinds) in objects {
        for &kind in kinds {
            answers_length_and_value(&module, session, object, kind);
        }
        what_is_unknown_is_said_to_be(&module, session, object);
        many_at_once(&module, session, object, kinds);
    }
    secrets_stay_on_the_card(&module, session, key);
    belongs_together(&module, session);
    module.finalize().unwrap();
}

fn answers_length_and_value(module: &Module, session: u64, object: u64, kind: u64) {
    let mut length = [Query::length_of(kind)];
    module.attributes(session, object, &mut length).unwrap();
    let length = usize::try_from(length[0].length).unwrap();
    assert!(length > 0, "{kind:#x} is empty");
    // Just enough, and more than enough.
    let mut just = [Query::of(kind, length)];
    module.attributes(session, object, &mut just).unwrap();
    let mut ample = [Query::of(kind, length + 100)];
    module.attributes(session, object, &mut ample).unwrap();
    assert_eq!(just[0].value(), ample[0].value());
    let rest = &ample[0].buffer.as_ref().unwrap()[length..];
    assert!(
        rest.iter().all(|byte| *byte == 0xEE),
        "{kind:#x}: beyond its length"
    );
    // The length that a call that failed left behind is no length.
    let mut left = [Query::of(kind, length).claiming(NONE)];
    let said = module.attributes(session, object, &mut left);
    assert_eq!(said, Err(Rv(CKR_BUFFER_TOO_SMALL)), "{kind:#x}");
    assert!(left[0].is_untouched());
    // Too little: nothing is written, and no length is given.
    for room in [0, 1, length - 1].into_iter().filter(|room| *room < length) {
        let mut small = [Query::of(kind, room)];
        let said = module.attributes(session, object, &mut small);
        assert_eq!(said, Err(Rv(CKR_BUFFER_TOO_SMALL)), "{kind:#x} in {room}");
        assert_eq!(small[0].length, NONE);
        assert!(small[0].is_untouched());
    }
}

fn what_is_unknown_is_said_to_be(module: &Module, session: u64, object: u64) {
    for kind in [UNKNOWN, u64::MAX, u64::MAX / 2, 0x0BAD] {
        for mut query in [[Query::length_of(kind)], [Query::of(kind, 64)]] {
            let said = module.attributes(session, object, &mut query);
            assert_eq!(said, Err(Rv(CKR_ATTRIBUTE_TYPE_INVALID)), "{kind:#x}");
            assert_eq!(query[0].length, NONE);
            assert!(query[0].is_untouched());
        }
    }
    for wrong in [0, object + 1_000_000, u64::MAX] {
        let said = module.attributes(session, wrong, &mut [Query::length_of(CKA_CLASS)]);
        assert_eq!(said, Err(Rv(CKR_OBJECT_HANDLE_INVALID)));
    }
    let said = module.attributes(0, object, &mut [Query::length_of(CKA_CLASS)]);
    assert_eq!(said, Err(Rv(CKR_SESSION_HANDLE_INVALID)));
}

/// Whatever is wrong with one, the others are answered.
fn many_at_once(module: &Module, session: u64, object: u64, kinds: &[u64]) {
    let mut queries: Vec<_> = kinds.iter().map(|kind| Query::of(*kind, 4096)).collect();
    module.attributes(session, object, &mut queries).unwrap();
    let right: Vec<_> = queries.iter().map(Query::value).collect();

    let mut queries: Vec<_> = kinds.iter().map(|kind| Query::of(*kind, 4096)).collect();
    queries.insert(0, Query::of(UNKNOWN, 16));
    queries.insert(2, Query::of(CKA_CLASS, 1));
    queries.push(Query::length_of(CKA_LABEL));
    queries.push(Query::of(UNKNOWN, 0));
    let said = module.attributes(session, object, &mut queries);
    let allowed = [CKR_ATTRIBUTE_TYPE_INVALID, CKR_BUFFER_TOO_SMALL].map(|rv| Err(Rv(rv)));
    assert!(allowed.contains(&said), "{said:?}");
    for wrong in [0, 2, queries.len() - 1] {
        assert_eq!(queries[wrong].length, NONE, "at {wrong}");
    }
    let label = queries[queries.len() - 2].length;
    assert!(label > 0 && label != NONE);
    let answered: Vec<_> = queries
        .iter()
        .filter(|query| query.length != NONE && query.buffer.is_some())
        .map(Query::value)
        .collect();
    assert_eq!(answered, right);
    // The same one, many times.
    let mut queries = vec![Query::of(CKA_LABEL, 512); 1000];
    module.attributes(session, object, &mut queries).unwrap();
    assert!(
        queries
            .windows(2)
            .all(|pair| pair[0].value() == pair[1].value())
    );
    // None at all.
    let none = module.attributes(session, object, &mut []);
    assert!(
        [Ok(()), Err(Rv(CKR_ARGUMENTS_BAD))].contains(&none),
        "{none:?}"
    );
}

fn secrets_stay_on_the_card(module: &Module, session: u64, key: u64) {
    for kind in [CKA_VALUE, CKA_PRIVATE_EXPONENT, CKA_PRIME_1] {
        for mut query in [[Query::length_of(kind)], [Query::of(kind, 512)]] {
            let said = module.attributes(session, key, &mut query);
            // A key on a curve has no primes.
            let allowed = if kind == CKA_VALUE {
                vec![CKR_ATTRIBUTE_SENSITIVE]
            } else {
                vec![CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID]
            };
            assert!(said.is_err_and(|rv| allowed.contains(&rv.0)), "{said:?}");
            assert_eq!(query[0].length, NONE);
            assert!(query[0].is_untouched());
        }
    }
    let flag = |kind| match module.attribute(session, key, kind).unwrap()[..] {
        [CK_TRUE] => true,
        [CK_FALSE] => false,
        ref other => panic!("{kind:#x} is {other:?}"),
    };
    for kind in [CKA_TOKEN, CKA_SENSITIVE, CKA_SIGN] {
        assert!(flag(kind), "{kind:#x}");
    }
    // It signs, and nothing else: nothing is ever decrypted, unwrapped or derived.
    let never = [
        CKA_PRIVATE,
        CKA_ALWAYS_AUTHENTICATE,
        CKA_EXTRACTABLE,
        CKA_MODIFIABLE,
        CKA_DECRYPT,
        CKA_UNWRAP,
        CKA_DERIVE,
        CKA_SIGN_RECOVER,
    ];
    for kind in never {
        assert!(!flag(kind), "{kind:#x}");
    }
    // What the key was before it came to the card is for the card's issuer to say.
    for kind in [CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE] {
        flag(kind);
    }
}

/// Certificate, public and private key name each other, and their holder.
fn belongs_together(module: &Module, session: u64) {
    let objects = [CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY]
        .map(|class| the_one(module, session, class));
    let of = |kind| objects.map(|object| module.attribute(session, object, kind).unwrap());
    let ids = of(CKA_ID);
    assert_eq!(ids[0].len(), 20);
    assert!(ids.iter().all(|id| *id == ids[0]));
    for label in of(CKA_LABEL) {
        assert!(String::from_utf8(label).unwrap().contains(HOLDER));
    }
    let certificate = module.attribute(session, objects[0], CKA_VALUE).unwrap();
    let (_, parsed) = x509_parser::parse_x509_certificate(&certificate).unwrap();
    let subject = module.attribute(session, objects[0], CKA_SUBJECT).unwrap();
    assert_eq!(subject, parsed.subject().as_raw());
    let issuer = module.attribute(session, objects[0], CKA_ISSUER).unwrap();
    assert_eq!(issuer, parsed.issuer().as_raw());
    let serial = module
        .attribute(session, objects[0], CKA_SERIAL_NUMBER)
        .unwrap();
    assert_eq!(serial[0], 2, "not an INTEGER");
    assert_eq!(&serial[2..], parsed.raw_serial());
    let point = module.attribute(session, objects[1], CKA_EC_POINT).unwrap();
    assert_eq!(point[..2], [4, 65], "not an OCTET STRING");
    assert_eq!(&point[2..], &*parsed.public_key().subject_public_key.data);
}
