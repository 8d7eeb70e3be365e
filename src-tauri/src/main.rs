//! The desktop app's shell: a window on what the agent says. It holds no card and no state of its
//! own; the web view in it sees no PIN. Req C.2, C.4.
#![forbid(unsafe_code)]
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use lichna_ipc::Home;
use tauri::{Manager, RunEvent, WindowEvent};

mod agent;
#[allow(
    clippy::unreachable,
    reason = "Tauri's attribute of commands writes it"
)]
mod commands;
mod notifications;
mod outside;
mod problem;
mod sandbox;
mod tray;
mod watching;

use agent::Agent;
use commands::{cards, certificates, check_up, desktop, files, logins, practice, settings, uses};
use notifications::Told;
use outside::{IN_BACKGROUND, Outside};

fn main() -> anyhow::Result<()> {
    let agent = Agent::of(Home::from_environment()?);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let in_background = arguments.iter().any(|one| one == IN_BACKGROUND);
    tauri::Builder::default()
        // First, so that a second start ends before it has done anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            if let Some(wanted) = outside::wanted(arguments.into_iter().skip(1)) {
                app.state::<Outside>().want(wanted);
            }
            outside::show(app);
        }))
        .plugin(
            tauri_plugin_autostart::Builder::new()
                .arg(IN_BACKGROUND)
                .build(),
        )
        .plugin(tauri_plugin_dialog::init())
        .manage(agent)
        .manage(Outside::new(outside::wanted(arguments)))
        .manage(Told::default())
        .setup(move |app| {
            let app = app.handle();
            tray::make(app);
            // With no icon to open it by, a window that nobody sees is of no use.
            if !in_background || !tray::is_there(app) {
                outside::show(app);
            }
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
            commands::about,
            commands::cancel,
            commands::watch,
            desktop::start_with_computer,
            desktop::starts_with_computer,
            logins::log_in,
            logins::services,
            logins::wanted,
            uses::forget_programs,
            uses::forget_uses,
            uses::programs,
            uses::uses,
            cards::change_pin,
            cards::check_card,
            cards::pins,
            cards::unblock_pin,
            cards::unlock_card,
            check_up::examine,
            check_up::mend,
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
            practice::enrol_practice_card,
            practice::insert_practice_card,
            practice::log_in_practising,
            practice::make_practice_card,
            practice::remove_practice_card,
            settings::forget,
            settings::set,
            settings::stored,
        ])
        .build(tauri::generate_context!())?
        .run(move |app, event| {
            // Started with the computer it stays beside the clock until it is told to quit.
            if let RunEvent::WindowEvent {
                label,
                event: WindowEvent::CloseRequested { api, .. },
                ..
            } = event
                && in_background
                && tray::is_there(app)
                && let Some(window) = app.get_webview_window(&label)
            {
                api.prevent_close();
                window.hide().ok();
            }
        });
    Ok(())
}
