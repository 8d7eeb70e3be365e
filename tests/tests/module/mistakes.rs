//! Signatures that are asked for wrongly: nobody is bothered with them.

use cryptoki_sys::{
    CKG_MGF1_SHA256, CKM_RSA_PKCS, CKM_SHA_1, CKM_SHA256, CKO_PUBLIC_KEY, CKR_DATA_LEN_RANGE,
    CKR_KEY_HANDLE_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_OK, CKR_OPERATION_NOT_INITIALIZED,
};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::approver::pending;
use lichna_tests::ca::KeyKind;
use lichna_tests::module::{Argument, Function, Mechanism, Rv, Template};

use crate::program::{self, IDENTIFICATION, initialized, session_and_key};
use crate::scene::quiet;
use crate::signing::ECDSA;
use crate::stage::Stage;

// Req C.3
#[test]
fn what_a_program_gets_wrong_about_a_signature_never_reaches_the_holder() {
    let stage = Stage::piv();
    let before = quiet(&stage);
    program::run(&stage.home, signs_wrongly);
    assert_eq!(stage.card.commands(), before);
    assert!(pending(&stage.home).is_empty());
}

#[test]
#[ignore = "a program of the test above"]
fn signs_wrongly() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let public = module
        .find(session, &Template::of_class(CKO_PUBLIC_KEY))
        .unwrap()[0];
    let init = |mechanism: &Mechanism, key| module.sign_init(session, mechanism, key);
    // Another object than the private key.
    for wrong in [0, key + 1_000_000, u64::MAX] {
        assert_eq!(init(&ECDSA, wrong), Err(Rv(CKR_KEY_HANDLE_INVALID)));
    }
    let said = init(&ECDSA, public).unwrap_err();
    let allowed = [
        CKR_KEY_HANDLE_INVALID,
        cryptoki_sys::CKR_KEY_FUNCTION_NOT_PERMITTED,
        cryptoki_sys::CKR_KEY_TYPE_INCONSISTENT,
    ];
    assert!(allowed.contains(&said.0), "{said:?}");
    // A parameter where none belongs.
    let with = Mechanism {
        parameter: Some(vec![1, 2, 3]),
        ..ECDSA
    };
    for wrong in [
        with.clone(),
        with.claiming(u64::MAX),
        ECDSA.claiming(8),
        ECDSA.claiming(u64::MAX),
    ] {
        assert_eq!(
            init(&wrong, key),
            Err(Rv(CKR_MECHANISM_PARAM_INVALID)),
            "{wrong:?}"
        );
    }
    // Too little, too much, more than memory can be; and each time the operation is over.
    for length in [0, 1, 19, 65, 100_000] {
        init(&ECDSA, key).unwrap();
        let mut buffer = [0; 64];
        let said = module.sign(session, &vec![0; length], Some(&mut buffer)).0;
        assert_eq!(said, Err(Rv(CKR_DATA_LEN_RANGE)), "{length} bytes");
        let over = Err(Rv(CKR_OPERATION_NOT_INITIALIZED));
        assert_eq!(module.sign(session, &[0; 32], Some(&mut buffer)).0, over);
    }
    for (name, lengths) in [
        ("C_Sign", [u64::MAX, 64]),
        ("C_SignUpdate", [u64::MAX - 7, 0]),
    ] {
        let other = module.open_session(IDENTIFICATION).unwrap();
        module.sign_init(other, &ECDSA, key).unwrap();
        let mut arguments = vec![
            Argument::Number(other),
            Argument::zeros(),
            Argument::Number(lengths[0]),
        ];
        if name == "C_Sign" {
            arguments.extend([Argument::zeros(), Argument::Length(lengths[1])]);
        }
        let said = module.call(Function::named(name), &mut arguments).unwrap();
        assert_ne!(said, Rv(CKR_OK), "{name}");
        assert!(said.name().is_some(), "{name}: {said:?}");
        module.close_session(other).unwrap();
    }
    module.finalize().unwrap();
}

// Req C.3
#[test]
fn a_card_with_rsa_takes_sound_parameters_only() {
    let stage = Stage::with(Making::new(Kind::Piv), KeyKind::Rsa2048);
    let before = quiet(&stage);
    program::run(&stage.home, signs_wrongly_with_rsa);
    assert_eq!(stage.card.commands(), before);
}

#[test]
#[ignore = "a program of the test above"]
fn signs_wrongly_with_rsa() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let invalid = Err(Rv(CKR_MECHANISM_PARAM_INVALID));
    let good = Mechanism::pss(CKM_SHA256, CKG_MGF1_SHA256, 32);
    let wrong = [
        Mechanism::plain(good.kind),
        Mechanism::plain(good.kind).claiming(24),
        good.clone().claiming(0),
        good.clone().claiming(23),
        good.clone().claiming(8),
        good.clone().claiming(u64::MAX),
        Mechanism::pss(CKM_SHA256, CKG_MGF1_SHA256, 0),
        Mechanism::pss(CKM_SHA256, CKG_MGF1_SHA256, 33),
        Mechanism::pss(CKM_SHA256, CKG_MGF1_SHA256, u64::MAX),
        Mechanism::pss(CKM_SHA256, 0, 32),
        Mechanism::pss(CKM_SHA256, u64::MAX, 32),
        Mechanism::pss(CKM_SHA_1, CKG_MGF1_SHA256, 32),
        Mechanism::pss(u64::MAX, CKG_MGF1_SHA256, 32),
    ];
    for mechanism in wrong {
        assert_eq!(
            module.sign_init(session, &mechanism, key),
            invalid,
            "{mechanism:?}"
        );
    }
    let lengths = |mechanism: &Mechanism, lengths: &[usize]| {
        for length in lengths {
            module.sign_init(session, mechanism, key).unwrap();
            assert_eq!(module.sign(session, &[], None), (Ok(()), 256));
            let said = module
                .sign(session, &vec![0; *length], Some(&mut [0; 256]))
                .0;
            assert_eq!(said, Err(Rv(CKR_DATA_LEN_RANGE)), "{length} bytes");
        }
    };
    lengths(&good, &[0, 31, 33, 256]);
    lengths(&Mechanism::plain(CKM_RSA_PKCS), &[246, 256, 5000]);
    module.finalize().unwrap();
}
