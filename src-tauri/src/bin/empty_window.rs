//! A window with an empty page, by the same toolkit: what the app is measured beside
//! (`cargo xtask bench app`).
#![forbid(unsafe_code)]

fn main() -> tauri::Result<()> {
    let context = tauri::generate_context!("empty_window/tauri.conf.json");
    tauri::Builder::default().run(context)
}
