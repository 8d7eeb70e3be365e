//! Wrong arguments, in every place of every function.

use cryptoki_sys::{
    CK_ULONG, CKF_DONT_BLOCK, CKF_SERIAL_SESSION, CKR_ARGUMENTS_BAD, CKR_FUNCTION_NOT_SUPPORTED,
    CKR_OK, CKR_SESSION_HANDLE_INVALID, CKR_SLOT_ID_INVALID,
};
use lichna_tests::module::{Argument, FUNCTIONS, Function, Kind, Module, Rv};

use crate::program::{self, IDENTIFICATION, initialized, session_and_key};
use crate::scene::quiet;
use crate::stage::Stage;

/// Pointers that may be NULL: a query for a length, an argument that may be left out.
const MAY_BE_NULL: [(&str, usize); 7] = [
    ("C_GetSlotList", 1),
    ("C_GetMechanismList", 1),
    ("C_OpenSession", 2),
    ("C_OpenSession", 3),
    ("C_GetInterfaceList", 0),
    ("C_GetInterface", 0),
    ("C_GetInterface", 1),
];

/// What is not done is not done whatever the arguments.
const NOT_DONE: [Rv; 2] = [
    Rv(CKR_FUNCTION_NOT_SUPPORTED),
    Rv(cryptoki_sys::CKR_RANDOM_NO_RNG),
];

/// What is right, for a session and a key that there are.
struct Right {
    session: CK_ULONG,
    key: CK_ULONG,
}

impl Right {
    fn arguments(&self, function: &Function) -> Vec<Argument> {
        let of = |kind| match kind {
            Kind::Slot => Argument::Number(IDENTIFICATION),
            Kind::Number if function.name == "C_OpenSession" => {
                Argument::Number(CKF_SERIAL_SESSION)
            }
            // Of C_WaitForSlotEvent, which would wait otherwise; for all others it is harmless.
            Kind::Number => Argument::Number(CKF_DONT_BLOCK),
            Kind::Session => Argument::Number(self.session),
            Kind::Object => Argument::Number(self.key),
            Kind::Length => Argument::Number(8),
            Kind::LengthInOut => Argument::Length(8),
            Kind::Memory => Argument::zeros(),
            Kind::Reserved => Argument::Null,
        };
        function.kinds().map(of).collect()
    }

    /// Everything that may be wrong with an argument of that kind.
    fn wrong(&self, kind: Kind) -> Vec<Argument> {
        const HALF: CK_ULONG = CK_ULONG::MAX / 2;
        let numbers =
            |numbers: &[CK_ULONG]| numbers.iter().copied().map(Argument::Number).collect();
        match kind {
            Kind::Slot => numbers(&[40, 77, HALF, CK_ULONG::MAX - 1, CK_ULONG::MAX]),
            Kind::Session => {
                let never = self.session + 1_000_000;
                numbers(&[0, never, HALF, CK_ULONG::MAX])
            }
            Kind::Object => numbers(&[0, self.key + 1_000_000, HALF, CK_ULONG::MAX]),
            // One of them is a CK_BBOOL, a byte; for one that is even, somebody would wait.
            Kind::Number => numbers(&[3, 0x55]),
            Kind::Length => numbers(&[0, 1, HALF + 1, HALF + 2, CK_ULONG::MAX - 7, CK_ULONG::MAX]),
            Kind::LengthInOut => vec![
                Argument::Null,
                Argument::Length(0),
                Argument::Length(1),
                Argument::Length(HALF + 1),
                Argument::Length(CK_ULONG::MAX),
            ],
            Kind::Memory => vec![Argument::Null],
            Kind::Reserved => vec![Argument::zeros()],
        }
    }
}

// Req C.3
#[test]
fn wrong_arguments_get_an_error_of_the_standard() {
    let stage = Stage::piv();
    let commands = quiet(&stage);
    program::run(&stage.home, gives_wrong_arguments);
    assert_eq!(stage.card.commands(), commands, "the card was bothered");
}

#[test]
#[ignore = "a program of the test above"]
fn gives_wrong_arguments() {
    let module = initialized();
    let mut calls = 0;
    for function in FUNCTIONS {
        for (place, kind) in function.kinds().enumerate() {
            let (session, key) = session_and_key(&module, IDENTIFICATION);
            let right = Right { session, key };
            for wrong in right.wrong(kind) {
                // A callback that is none cannot be told from one.
                if function.name == "C_OpenSession" && kind == Kind::Reserved {
                    continue;
                }
                let mut arguments = right.arguments(function);
                arguments[place] = wrong.clone();
                let said = module.call(function, &mut arguments).unwrap();
                judge(function, (place, kind), &wrong, said);
                calls += 1;
            }
            // Whatever was said: the session is there, unless it was closed by its name.
            if !function.name.starts_with("C_Close") {
                module.session_info(session).unwrap();
            }
            module.close_session(session).ok();
        }
    }
    assert!(calls > 700, "only {calls} calls");
    module.finalize().unwrap();
}

fn judge(function: &Function, (place, kind): (usize, Kind), wrong: &Argument, said: Rv) {
    let what = || format!("{} with {wrong:?} at {place}: {said:?}", function.name);
    assert!(said == Rv(CKR_OK) || said.name().is_some(), "{}", what());
    let internal = [
        cryptoki_sys::CKR_GENERAL_ERROR,
        cryptoki_sys::CKR_HOST_MEMORY,
    ];
    assert!(!internal.contains(&said.0), "{}", what());
    let one_of = |values: &[CK_ULONG]| {
        assert!(
            values.contains(&said.0) || NOT_DONE.contains(&said),
            "{}",
            what()
        );
    };
    let relic = cryptoki_sys::CKR_FUNCTION_NOT_PARALLEL;
    match kind {
        Kind::Slot => one_of(&[CKR_SLOT_ID_INVALID]),
        Kind::Session => one_of(&[CKR_SESSION_HANDLE_INVALID, relic]),
        Kind::Memory | Kind::LengthInOut if matches!(wrong, Argument::Null) => {
            if function.name == "C_Initialize" {
                one_of(&[cryptoki_sys::CKR_CRYPTOKI_ALREADY_INITIALIZED]);
            } else if !MAY_BE_NULL.contains(&(function.name, place)) {
                assert_ne!(said.0, CKR_OK, "{}", what());
            }
        }
        Kind::Reserved => one_of(&[CKR_ARGUMENTS_BAD]),
        _ => {}
    }
}

// Req C.3
#[test]
fn nothing_but_null_gets_an_error_of_the_standard() {
    let stage = Stage::piv();
    program::run(&stage.home, gives_nothing);
}

#[test]
#[ignore = "a program of the test above"]
fn gives_nothing() {
    let module = initialized();
    for function in FUNCTIONS {
        // With nothing, these two do what they are there for: the one winds up, the other waits.
        if ["C_Finalize", "C_WaitForSlotEvent"].contains(&function.name) {
            continue;
        }
        let mut nothing: Vec<_> = function
            .kinds()
            .map(|kind| match kind {
                Kind::Slot | Kind::Session | Kind::Object | Kind::Length | Kind::Number => {
                    Argument::Number(0)
                }
                Kind::Memory | Kind::LengthInOut | Kind::Reserved => Argument::Null,
            })
            .collect();
        let said = module.call(function, &mut nothing).unwrap();
        let closes = function.name == "C_CloseAllSessions";
        assert!(closes || said != Rv(CKR_OK), "{}", function.name);
        assert!(
            closes || said.name().is_some(),
            "{}: {said:?}",
            function.name
        );
    }
    module.finalize().unwrap();
}

/// Sessions that were closed, one by one or all at once, are gone for every function.
// Req C.3
#[test]
fn closed_sessions_are_gone_for_every_function() {
    let stage = Stage::piv();
    program::run(&stage.home, uses_closed_sessions);
}

#[test]
#[ignore = "a program of the test above"]
fn uses_closed_sessions() {
    let module = initialized();
    let (one, key) = session_and_key(&module, IDENTIFICATION);
    let other = module.open_writable_session(IDENTIFICATION).unwrap();
    module.close_session(one).unwrap();
    is_gone(&module, one, key);
    // The other session is another's matter.
    assert_ne!(module.session_info(other).unwrap().flags, 0);
    module.attribute(other, key, cryptoki_sys::CKA_ID).unwrap();
    module.close_all_sessions(IDENTIFICATION).unwrap();
    is_gone(&module, other, key);
    let (new, _) = session_and_key(&module, IDENTIFICATION);
    assert!(new != one && new != other, "a handle is used again");
    module.finalize().unwrap();
}

fn is_gone(module: &Module, session: CK_ULONG, key: CK_ULONG) {
    let right = Right { session, key };
    for function in FUNCTIONS {
        if function.kinds().all(|kind| kind != Kind::Session) || function.name == "C_OpenSession" {
            continue;
        }
        let said = module
            .call(function, &mut right.arguments(function))
            .unwrap();
        let relic = Rv(cryptoki_sys::CKR_FUNCTION_NOT_PARALLEL);
        assert!(
            [Rv(CKR_SESSION_HANDLE_INVALID), relic].contains(&said) || NOT_DONE.contains(&said),
            "{}: {said:?}",
            function.name
        );
    }
}

/// A search, a signature: two of a kind in one session are one too many, and what belongs to the
/// one token is nothing to the other.
// Req C.3
#[test]
fn flags_that_no_session_can_have_are_refused() {
    let stage = Stage::piv();
    program::run(&stage.home, opens_strange_sessions);
}

#[test]
#[ignore = "a program of the test above"]
fn opens_strange_sessions() {
    use cryptoki_sys::{
        CKF_RW_SESSION, CKR_SESSION_PARALLEL_NOT_SUPPORTED, CKS_RO_PUBLIC_SESSION,
        CKS_RW_PUBLIC_SESSION,
    };
    let module = initialized();
    for flags in [0, CKF_RW_SESSION] {
        assert_eq!(
            module.open_session_with(IDENTIFICATION, flags),
            Err(Rv(CKR_SESSION_PARALLEL_NOT_SUPPORTED))
        );
    }
    let state = |flags| {
        let session = module.open_session_with(IDENTIFICATION, flags).unwrap();
        let info = module.session_info(session).unwrap();
        assert_eq!((info.slotID, info.flags), (IDENTIFICATION, flags));
        info.state
    };
    assert_eq!(state(CKF_SERIAL_SESSION), CKS_RO_PUBLIC_SESSION);
    assert_eq!(
        state(CKF_SERIAL_SESSION | CKF_RW_SESSION),
        CKS_RW_PUBLIC_SESSION
    );
    // Sessions cost little: a program that never closes any is served on.
    let many: Vec<_> = (0..5000)
        .map(|_| module.open_session(IDENTIFICATION).unwrap())
        .collect();
    let different: std::collections::BTreeSet<_> = many.iter().collect();
    assert_eq!(different.len(), many.len());
    module.close_all_sessions(IDENTIFICATION).unwrap();
    module.finalize().unwrap();
}
