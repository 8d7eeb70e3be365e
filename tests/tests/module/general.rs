//! Setting up and winding up: twice, not at all, in a child.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use cryptoki_sys::{
    CKF_LIBRARY_CANT_CREATE_OS_THREADS, CKF_OS_LOCKING_OK, CKR_ARGUMENTS_BAD, CKR_CANT_LOCK,
    CKR_CRYPTOKI_ALREADY_INITIALIZED, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_OK,
};
use lichna_tests::module::{Argument, FUNCTIONS, Function, Kind, Rv, Setting, in_a_fork};
use lichna_tests::workspace::Home;

use crate::program::{
    self, IDENTIFICATION, Program, hear, initialized, module, say, session_and_key,
};
use crate::stage::Stage;

const NOT_INITIALIZED: Rv = Rv(CKR_CRYPTOKI_NOT_INITIALIZED);
const ALREADY: Rv = Rv(CKR_CRYPTOKI_ALREADY_INITIALIZED);

/// Harmless arguments for any function.
pub fn harmless(function: &Function) -> Vec<Argument> {
    let of = |kind| match kind {
        Kind::Slot | Kind::Number => Argument::Number(0),
        Kind::Session | Kind::Object => Argument::Number(1),
        Kind::Length => Argument::Number(8),
        Kind::LengthInOut => Argument::Length(8),
        Kind::Memory => Argument::zeros(),
        Kind::Reserved => Argument::Null,
    };
    function.kinds().map(of).collect()
}

/// Functions that answer before C_Initialize, by the standard.
const ALWAYS: [&str; 4] = [
    "C_Initialize",
    "C_GetFunctionList",
    "C_GetInterfaceList",
    "C_GetInterface",
];
/// Relics of a time before threads; the standard gives them one answer for ever.
const RELICS: [&str; 2] = ["C_GetFunctionStatus", "C_CancelFunction"];

// Req C.3
#[test]
fn before_initialization_every_function_says_so() {
    program::run(&Home::apart(), calls_everything_before_initialization);
}

#[test]
#[ignore = "a program of the test above"]
fn calls_everything_before_initialization() {
    let module = module();
    let says_so = || {
        for function in FUNCTIONS {
            assert!(module.has(function), "{} is NULL", function.name);
            if ALWAYS.contains(&function.name) {
                continue;
            }
            let said = module.call(function, &mut harmless(function)).unwrap();
            if RELICS.contains(&function.name) {
                let relic = Rv(cryptoki_sys::CKR_FUNCTION_NOT_PARALLEL);
                assert!(
                    [NOT_INITIALIZED, relic].contains(&said),
                    "{}: {said:?}",
                    function.name
                );
            } else {
                assert_eq!(said, NOT_INITIALIZED, "{}", function.name);
            }
        }
    };
    says_so();
    module.initialize().unwrap();
    module.finalize().unwrap();
    says_so();
}

// Req C.3
#[test]
fn a_second_initialization_is_refused_and_harms_nothing() {
    let stage = Stage::piv();
    program::run(&stage.home, initializes_twice);
}

#[test]
#[ignore = "a program of the test above"]
fn initializes_twice() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    assert_eq!(module.initialize(), Err(ALREADY));
    assert_eq!(module.initialize_with(Setting::default()), Err(ALREADY));
    // What there was is still there.
    module.session_info(session).unwrap();
    module
        .attribute(session, key, cryptoki_sys::CKA_ID)
        .unwrap();
    module.finalize().unwrap();
    assert_eq!(module.finalize(), Err(NOT_INITIALIZED));
    // Again and again: and what was before is over.
    for _ in 0..20 {
        module.initialize().unwrap();
        assert_eq!(
            module.session_info(session).map(|_| ()),
            Err(Rv(cryptoki_sys::CKR_SESSION_HANDLE_INVALID))
        );
        let (new, _) = session_and_key(&module, IDENTIFICATION);
        assert_ne!(new, session, "a handle is used again");
        module.finalize().unwrap();
    }
}

// Req C.3
#[test]
fn arguments_of_initialization_are_taken_or_refused_as_the_standard_says() {
    program::run(&Home::apart(), initializes_with_arguments);
}

#[test]
#[ignore = "a program of the test above"]
fn initializes_with_arguments() {
    let module = module();
    let locks = |mutexes, flags| Setting {
        mutexes,
        flags,
        reserved: false,
    };
    let taken = [
        Setting::default(),
        locks([false; 4], CKF_OS_LOCKING_OK),
        locks([false; 4], CKF_LIBRARY_CANT_CREATE_OS_THREADS),
        locks(
            [false; 4],
            CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS,
        ),
        // The program's own mutexes, or the system's: the system's are taken.
        locks([true; 4], CKF_OS_LOCKING_OK),
    ];
    for setting in taken {
        assert_eq!(module.initialize_with(setting), Ok(()), "{setting:?}");
        module.finalize().unwrap();
    }
    // Its own mutexes alone: either is the standard's.
    match module.initialize_with(locks([true; 4], 0)) {
        Ok(()) => module.finalize().unwrap(),
        Err(said) => assert_eq!(said, Rv(CKR_CANT_LOCK)),
    }
    let mut refused = vec![Setting {
        reserved: true,
        ..Setting::default()
    }];
    // Some of the four, not all.
    for bits in 1..15_u8 {
        let mutexes = [0, 1, 2, 3].map(|bit| bits & (1 << bit) != 0);
        refused.push(locks(mutexes, 0));
        refused.push(locks(mutexes, CKF_OS_LOCKING_OK));
    }
    for setting in refused {
        assert_eq!(
            module.initialize_with(setting),
            Err(Rv(CKR_ARGUMENTS_BAD)),
            "{setting:?}"
        );
        // It is not initialised now.
        assert_eq!(module.finalize(), Err(NOT_INITIALIZED), "{setting:?}");
    }
}

// Req C.3
#[test]
fn a_forked_child_begins_anew_and_the_parent_goes_on() {
    let stage = Stage::piv();
    program::run(&stage.home, forks);
}

#[test]
#[ignore = "a program of the test above"]
fn forks() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let id = module
        .attribute(session, key, cryptoki_sys::CKA_ID)
        .unwrap();
    let child = in_a_fork(|| {
        // Nothing of the parent's counts here.
        assert_eq!(
            module.session_info(session).map(|_| ()),
            Err(NOT_INITIALIZED)
        );
        assert_eq!(module.slots(false), Err(NOT_INITIALIZED));
        assert_eq!(module.finalize(), Err(NOT_INITIALIZED));
        assert_eq!(module.close_session(session), Err(NOT_INITIALIZED));
        // It may begin anew, and end.
        module.initialize().unwrap();
        let (session, key) = session_and_key(&module, IDENTIFICATION);
        let same = module
            .attribute(session, key, cryptoki_sys::CKA_ID)
            .unwrap()
            == id;
        assert!(same, "another key");
        module.finalize().unwrap();
        // A grandchild of a child that has ended it, too.
        in_a_fork(|| {
            assert_eq!(module.slots(false), Err(NOT_INITIALIZED));
            module.initialize().unwrap();
            0
        })
    });
    assert_eq!(child, 0);
    // The child neither took the parent's connection nor closed it.
    module.session_info(session).unwrap();
    assert_eq!(module.attribute(session, key, cryptoki_sys::CKA_ID), Ok(id));
    assert_eq!(module.slots(true).unwrap(), [IDENTIFICATION]);
    // Children that only end, as most do.
    for _ in 0..8 {
        assert_eq!(in_a_fork(|| 7), 7);
    }
    session_and_key(&module, IDENTIFICATION);
    module.finalize().unwrap();
}

/// What is inherited is the descriptor of a connection: a child that only lives must not be what
/// keeps the agent from seeing that the parent is gone, nor be able to use it.
// Req C.3
#[test]
fn forks_while_other_threads_are_in_the_module() {
    let stage = Stage::piv();
    program::run(&stage.home, forks_amid_calls);
}

#[test]
#[ignore = "a program of the test above"]
fn forks_amid_calls() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    module.slots(true).unwrap();
                    module
                        .attribute(session, key, cryptoki_sys::CKA_ID)
                        .unwrap();
                    let own = module.open_session(IDENTIFICATION).unwrap();
                    module.close_session(own).unwrap();
                }
            });
        }
        // A lock that another thread held when it forked stays locked in the child for ever.
        let child = || in_a_fork(|| u8::from(module.slots(false) != Err(NOT_INITIALIZED)));
        let children = std::panic::catch_unwind(AssertUnwindSafe(|| {
            (0..20).map(|_| child()).collect::<Vec<_>>()
        }));
        // Else the threads would go on for ever.
        over.store(true, Ordering::Relaxed);
        assert_eq!(children.unwrap(), [0; 20]);
    });
    module.finalize().unwrap();
}

// Req C.3
#[test]
fn without_an_agent_there_are_slots_and_no_tokens() {
    program::run(&Home::apart(), looks_around_without_an_agent);
}

#[test]
#[ignore = "a program of the test above"]
fn looks_around_without_an_agent() {
    let module = initialized();
    let slots = module.slots(false).unwrap();
    assert!(slots.len() >= 2, "{slots:?}");
    assert!(module.slots(true).unwrap().is_empty());
    for slot in slots {
        let info = module.slot_info(slot).unwrap();
        assert_eq!(info.flags & cryptoki_sys::CKF_TOKEN_PRESENT, 0);
        assert_ne!(info.flags & cryptoki_sys::CKF_REMOVABLE_DEVICE, 0);
        let absent = Err(Rv(cryptoki_sys::CKR_TOKEN_NOT_PRESENT));
        assert_eq!(module.token_info(slot).map(|_| ()), absent);
        assert_eq!(module.open_session(slot).map(|_| ()), absent);
    }
    module.finalize().unwrap();
}

// Req C.3
#[test]
fn unloads_and_loads_again() {
    let stage = Stage::piv();
    program::run(&stage.home, loads_again);
}

#[test]
#[ignore = "a program of the test above"]
fn loads_again() {
    for _ in 0..3 {
        let module = initialized();
        session_and_key(&module, IDENTIFICATION);
        module.finalize().unwrap();
        drop(module);
    }
    // A careless program unloads what it never wound up.
    let module = initialized();
    session_and_key(&module, IDENTIFICATION);
    drop(module);
    let module = module_again();
    session_and_key(&module, IDENTIFICATION);
}

/// Whether unloading took the state with it or not is the loader's matter.
fn module_again() -> lichna_tests::module::Module {
    let module = module();
    match module.initialize() {
        Ok(()) => {}
        Err(said) => assert_eq!(said, ALREADY),
    }
    module
}

/// The module starts an agent from one fixed place, whatever the environment says.
// Req C.3
#[test]
fn no_variable_of_the_environment_names_another_agent() {
    let home = Home::apart();
    let folder = tempfile::tempdir().unwrap();
    let trap = folder.path().join("lichna-agent");
    let sprung = folder.path().join("sprung");
    std::fs::write(&trap, format!("#!/bin/sh\ntouch {}\n", sprung.display())).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&trap, mode).unwrap();
    let mut program = Program::prepared(&home, stays_initialized, |command| {
        command
            .current_dir(folder.path())
            .env("PATH", folder.path())
            .env("LICHNA_AGENT", &trap)
            .env("LICHNA_BIN", folder.path())
            .env("LD_LIBRARY_PATH", folder.path());
    });
    program.says_that("initialised");
    assert!(!is_there(&sprung), "another agent was started");
    assert!(home.agents().is_empty());
    program.tell("end");
    program.ends();
    assert!(!is_there(&sprung), "another agent was started");
}

fn is_there(path: &Path) -> bool {
    path.exists()
}

#[test]
#[ignore = "a program of the test above"]
fn stays_initialized() {
    let module = initialized();
    module.slots(true).unwrap();
    say("initialised");
    hear("end");
    module.finalize().unwrap();
    let again = module.call(Function::named("C_Finalize"), &mut [Argument::Null]);
    assert_ne!(again, Some(Rv(CKR_OK)));
}
