//! What only C can do to a module: a fork, mutexes of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cryptoki_sys::{CK_RV, CKR_OK};
use rustix::process::{Pid, WaitOptions, waitpid};

/// Runs that in a child that fork(2) made, and gives its answer. The child ends without any of
/// what a program does at its end.
///
/// # Panics
/// When the child panicked, or a signal ended it.
pub fn in_a_fork(child: impl FnOnce() -> u8) -> u8 {
    const PANICKED: u8 = u8::MAX;
    // SAFETY: the child runs what a test gives it, on a copy of the one thread that called, and
    // ends by _exit. What other threads held when it forked is the matter of the test.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no fork");
    if pid == 0 {
        let answer = catch_unwind(AssertUnwindSafe(child)).unwrap_or(PANICKED);
        // SAFETY: it ends the child at once.
        unsafe { libc::_exit(i32::from(answer)) }
    }
    let pid = Pid::from_raw(pid).expect("a child has a number");
    let (_, status) = waitpid(Some(pid), WaitOptions::empty())
        .expect("own child")
        .expect("it was waited for");
    let code = status.exit_status();
    let answer = code.unwrap_or_else(|| panic!("a signal ended the child: {status:?}"));
    let answer = u8::try_from(answer).expect("it came from one");
    assert_ne!(answer, PANICKED, "the child panicked");
    answer
}

pub(super) unsafe extern "C" fn create_mutex(_: *mut *mut std::ffi::c_void) -> CK_RV {
    CKR_OK
}

pub(super) unsafe extern "C" fn mutex(_: *mut std::ffi::c_void) -> CK_RV {
    CKR_OK
}
