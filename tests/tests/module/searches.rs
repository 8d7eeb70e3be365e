//! Searches: PKCS#11 3.0 §5.7.7 to §5.7.9.

use std::collections::BTreeSet;

use cryptoki_sys::{
    CK_OBJECT_HANDLE, CKA_CLASS, CKA_ID, CKA_ISSUER, CKA_KEY_TYPE, CKA_LABEL, CKA_PRIVATE,
    CKA_SERIAL_NUMBER, CKA_SIGN, CKA_SUBJECT, CKA_TOKEN, CKA_VALUE, CKO_CERTIFICATE, CKO_DATA,
    CKO_PRIVATE_KEY, CKO_PROFILE, CKO_PUBLIC_KEY, CKO_SECRET_KEY, CKR_OBJECT_HANDLE_INVALID,
    CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED, CKR_SESSION_HANDLE_INVALID,
};
use lichna_tests::module::{Given, Module, Rv, Template};

use crate::program::{self, IDENTIFICATION, Program, hear, initialized, say, session_and_key};
use crate::stage::Stage;

/// NSS looks for its own: trust, CRLs, what its slots are. Its vendor's number is "NSCP".
const OF_NSS: [u64; 5] = [
    0xCE53_4351,
    0xCE53_4352,
    0xCE53_4353,
    0xCE53_4354,
    0xCE53_4355,
];

// Req C.3
#[test]
fn searches_find_what_fits_and_never_touch_the_card() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, searches);
    program.says_that("ready");
    let before = stage.card.commands();
    program.tell("go");
    program.ends();
    assert_eq!(stage.card.commands(), before, "a search reached the card");
}

#[test]
#[ignore = "a program of the test above"]
fn searches() {
    let module = initialized();
    // The first search waits until the agent has read the card.
    let (session, _) = session_and_key(&module, IDENTIFICATION);
    say("ready");
    hear("go");
    let find = |template: &Template| -> BTreeSet<_> {
        module
            .find(session, template)
            .unwrap()
            .into_iter()
            .collect()
    };
    let all = find(&Template::all());
    let of = |class| find(&Template::of_class(class));
    let classes = [
        CKO_CERTIFICATE,
        CKO_PUBLIC_KEY,
        CKO_PRIVATE_KEY,
        CKO_PROFILE,
    ];
    let together: BTreeSet<_> = classes.into_iter().flat_map(of).collect();
    assert_eq!(all, together);
    for class in classes {
        assert!(!of(class).is_empty(), "none of class {class}");
    }
    for class in [CKO_DATA, CKO_SECRET_KEY].into_iter().chain(OF_NSS) {
        assert!(of(class).is_empty(), "one of class {class:#x}");
    }
    // Whatever is true of an object finds it.
    let kinds = [
        CKA_CLASS,
        CKA_TOKEN,
        CKA_PRIVATE,
        CKA_LABEL,
        CKA_ID,
        CKA_SUBJECT,
        CKA_ISSUER,
        CKA_SERIAL_NUMBER,
        CKA_VALUE,
        CKA_KEY_TYPE,
        CKA_SIGN,
    ];
    for &object in &all {
        let mut everything = Template::all();
        for kind in kinds {
            let Ok(value) = module.attribute(session, object, kind) else {
                continue;
            };
            let by_it = Template::all().and(kind, value.clone());
            assert!(
                find(&by_it).contains(&object),
                "{kind:#x} does not find {object}"
            );
            everything = everything.and(kind, value.clone());
            what_is_nearly_so_finds_nothing(&module, session, kind, &value, object);
        }
        assert!(find(&everything).contains(&object));
        let but = everything.clone().and(CKA_LABEL, "somebody else");
        assert!(find(&but).is_empty());
        // The same attribute twice is as good as once; never two different ones.
        assert!(find(&everything.clone().and_flag(CKA_TOKEN, true)).contains(&object));
        assert!(find(&everything.and_flag(CKA_TOKEN, false)).is_empty());
    }
    strange_templates(&module, session);
    in_their_order(&module, session, &all);
    module.finalize().unwrap();
}

fn what_is_nearly_so_finds_nothing(
    module: &Module,
    session: u64,
    kind: u64,
    value: &[u8],
    object: CK_OBJECT_HANDLE,
) {
    let mut nearly = vec![[value, &[0]].concat()];
    if let Some((last, shorter)) = value.split_last() {
        nearly.extend([shorter.to_vec(), [shorter, &[last ^ 0x40]].concat()]);
    }
    for wrong in nearly {
        match module.find(session, &Template::all().and(kind, wrong)) {
            Ok(found) => assert!(!found.contains(&object), "{kind:#x}"),
            Err(rv) => assert_eq!(rv, Rv(cryptoki_sys::CKR_ATTRIBUTE_VALUE_INVALID)),
        }
    }
}

/// A template that cannot be is refused or finds nothing, and leaves no search behind.
fn strange_templates(module: &Module, session: u64) {
    let all = Template::all();
    let class = CKO_CERTIFICATE.to_ne_bytes().to_vec();
    let strange = [
        all.clone().and_given(CKA_CLASS, Given::Null(0)),
        all.clone().and_given(CKA_LABEL, Given::Null(5)),
        all.clone().and_given(CKA_CLASS, Given::Null(8)),
        all.clone().and_given(CKA_CLASS, Given::Null(u64::MAX)),
        all.clone().and_given(CKA_CLASS, Given::Endless(class)),
        all.clone().and(CKA_CLASS, []),
        all.clone().and(CKA_CLASS, [2]),
        all.clone().and(CKA_TOKEN, [1, 1]),
        all.clone().and(CKA_TOKEN, [2]),
        all.clone().and(0x8000_1234, [0; 8]),
        all.clone().and(u64::MAX, []),
        all.clone().and(CKA_VALUE, vec![0x30; 1 << 20]),
        (0..1000).fold(all, |it, at| it.and_number(CKA_CLASS, at)),
    ];
    for template in strange {
        match module.find_init(session, &template) {
            Ok(()) => {
                assert_eq!(module.find_next(session, 9), Ok(Vec::new()), "{template:?}");
                module.find_final(session).unwrap();
            }
            Err(rv) => {
                let name = rv.name().unwrap();
                let allowed = ["CKR_ARGUMENTS_BAD", "CKR_ATTRIBUTE_VALUE_INVALID"];
                assert!(allowed.contains(&name), "{rv:?} for {template:?}");
                let none = Err(Rv(CKR_OPERATION_NOT_INITIALIZED));
                assert_eq!(module.find_next(session, 1), none, "{template:?}");
            }
        }
    }
}

fn in_their_order(module: &Module, session: u64, all: &BTreeSet<CK_OBJECT_HANDLE>) {
    let none = Rv(CKR_OPERATION_NOT_INITIALIZED);
    assert_eq!(module.find_next(session, 1), Err(none));
    assert_eq!(module.find_final(session), Err(none));
    module.find_init(session, &Template::all()).unwrap();
    let active = Err(Rv(CKR_OPERATION_ACTIVE));
    assert_eq!(module.find_init(session, &Template::all()), active);
    // The first one goes on, one by one; another session has its own.
    let other = module.open_session(IDENTIFICATION).unwrap();
    module
        .find_init(other, &Template::of_class(CKO_PRIVATE_KEY))
        .unwrap();
    let mut found = BTreeSet::new();
    assert_eq!(module.find_next(session, 0), Ok(Vec::new()));
    while let [object] = module.find_next(session, 1).unwrap()[..] {
        assert!(found.insert(object), "found twice");
    }
    assert_eq!(found, *all);
    assert_eq!(module.find_next(session, 1), Ok(Vec::new()));
    assert_eq!(module.find_next(other, 100).unwrap().len(), 1);
    // Between the parts of a search, attributes are read.
    module
        .attribute(session, *found.first().unwrap(), CKA_CLASS)
        .unwrap();
    module.find_final(session).unwrap();
    assert_eq!(module.find_final(session), Err(none));
    // A session that is closed takes its search with it, and no other's.
    module.close_session(session).unwrap();
    assert_eq!(
        module.find_next(session, 1),
        Err(Rv(CKR_SESSION_HANDLE_INVALID))
    );
    module.find_final(other).unwrap();
}

/// Handles are stable while the token is there, the same in every session, and not guessed from
/// those of another token.
// Req C.3
#[test]
fn handles_belong_to_their_token() {
    let stage = Stage::piv();
    program::run(&stage.home, compares_handles);
}

#[test]
#[ignore = "a program of the test above"]
fn compares_handles() {
    let module = initialized();
    let (one, key) = session_and_key(&module, IDENTIFICATION);
    let (other, same) = session_and_key(&module, IDENTIFICATION);
    assert_eq!(key, same);
    module.close_session(one).unwrap();
    module.attribute(other, key, CKA_ID).unwrap();
    for near in [key + 100, key.wrapping_sub(100)] {
        let said = module.attribute(other, near, CKA_CLASS);
        assert!(said.is_ok() || said == Err(Rv(CKR_OBJECT_HANDLE_INVALID)));
    }
    module.finalize().unwrap();
}
