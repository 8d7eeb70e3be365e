//! The app on the desktop: which language it speaks outside its window, and whether it starts
//! with the computer.

use lichna_i18n::Language;
use tauri::{AppHandle, State};
use tauri_plugin_autostart::ManagerExt;

use crate::agent::Answer;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::tray;

/// The page speaks this language (ISO 639-1): so do the tray and the notifications from now on.
#[tauri::command]
pub fn speak(app: AppHandle, outside: State<'_, Outside>, language: String) {
    outside.speak(Language::for_locales([language]));
    tray::refresh(&app);
}

/// Whether the app is started when the person logs in to the computer.
#[tauri::command]
pub fn starts_with_computer(app: AppHandle) -> Answer<bool> {
    let enabled = app.autolaunch().is_enabled();
    enabled.map_err(|error| Problem::here(&error))
}

/// Has it started then, or not any more.
#[tauri::command]
pub fn start_with_computer(app: AppHandle, start: bool) -> Answer<()> {
    let starts = app.autolaunch();
    let changed = if start {
        starts.enable()
    } else {
        starts.disable()
    };
    changed.map_err(|error| Problem::here(&error))
}
