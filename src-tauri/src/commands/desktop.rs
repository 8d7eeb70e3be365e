//! The app on the desktop: whether it starts with the computer.

use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt;

use crate::agent::Answer;
use crate::problem::Problem;

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
