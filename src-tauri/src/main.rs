//! The desktop app's shell: a window on what the agent says. It holds no card and no state of its
//! own; the web view in it sees no PIN. Req C.2, C.4.
#![forbid(unsafe_code)]
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use lichna_ipc::Home;
use tauri::{AppHandle, Manager};

mod agent;
#[allow(
    clippy::unreachable,
    reason = "Tauri's attribute of commands writes it"
)]
mod commands;
mod problem;
mod watching;

use agent::Agent;
use commands::{cards, certificates, files, practice, settings};

fn main() -> anyhow::Result<()> {
    let agent = Agent::of(Home::from_environment()?);
    tauri::Builder::default()
        // First, so that a second start ends before it has done anything.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| show(app)))
        .plugin(tauri_plugin_dialog::init())
        .manage(agent)
        .invoke_handler(tauri::generate_handler![
            commands::about,
            commands::cancel,
            commands::examine,
            commands::watch,
            cards::change_pin,
            cards::check_card,
            cards::pins,
            cards::unblock_pin,
            cards::unlock_card,
            certificates::certificate,
            certificates::certificate_status,
            certificates::history,
            certificates::name_certificate,
            certificates::renew,
            certificates::resume,
            certificates::resume_task,
            certificates::revoke,
            certificates::suspend,
            files::save_file,
            practice::delete_practice_card,
            practice::insert_practice_card,
            practice::make_practice_card,
            practice::remove_practice_card,
            settings::forget,
            settings::set,
            settings::stored,
        ])
        .run(tauri::generate_context!())?;
    Ok(())
}

/// Brings the window to the front: the app was started once more.
fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // Whether the desktop obeys is the desktop's.
        window.unminimize().ok();
        window.show().ok();
        window.set_focus().ok();
    }
}
