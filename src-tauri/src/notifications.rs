//! What a person is told outside the window: what the agent says comes once each, and that another
//! program waits for an answer. Where nobody shows notifications, the window alone tells. Req C.4.

use std::sync::{Mutex, PoisonError};

use lichna_i18n::plain;
use lichna_ipc::{Notice, PendingRequest, State};
use tauri::{AppHandle, Manager};

use crate::outside::{self, Outside};

mod system;

/// What was told of the present state.
#[derive(Default)]
pub struct Told(Mutex<(Vec<Notice>, Vec<u32>)>);

impl Told {
    /// What of this is new; what is no longer true may be told again when it comes again.
    fn new_of(&self, state: &State) -> (Vec<Notice>, Vec<PendingRequest>) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (notices, pending) = &mut *told;
        let is_new = |one: &&Notice| !notices.contains(one);
        let new_notices = state.notices.iter().filter(is_new).cloned().collect();
        let is_new = |one: &&PendingRequest| !pending.contains(&one.id);
        let new_pending = state.pending.iter().filter(is_new).cloned().collect();
        notices.clone_from(&state.notices);
        *pending = state.pending.iter().map(|one| one.id).collect();
        (new_notices, new_pending)
    }
}

/// Tells what is new.
pub fn tell(app: &AppHandle, state: &State) {
    let (notices, pending) = app.state::<Told>().new_of(state);
    let messages = app.state::<Outside>().messages();
    for notice in notices {
        let (title, text) = match &notice {
            Notice::CertificateEnds { not_after, .. } => {
                let date = not_after.split('T').next().unwrap_or_default();
                let text = messages.text("notify-ends-text", &[("date", date.into())]);
                (messages.text("notify-ends", &[]), text)
            }
            Notice::CardForgotten { reader } => {
                let reader = plain(reader);
                let text = messages.text("notify-forgotten-text", &[("reader", (&reader).into())]);
                (messages.text("notify-forgotten", &[]), text)
            }
        };
        show(app, title, text);
    }
    for one in pending {
        let program = match &one.requester.executable {
            Some(path) => plain(path),
            None => messages.text("consent-program-unknown", &[]),
        };
        let text = messages.text("notify-pending-text", &[("program", program.into())]);
        show(app, messages.text("notify-pending", &[]), text);
    }
}

/// Nobody waits for whoever shows it, nor for the person.
fn show(app: &AppHandle, title: String, text: String) {
    let app = app.clone();
    std::thread::spawn(move || {
        if system::show(&title, &text) {
            outside::show(&app);
        }
    });
}
