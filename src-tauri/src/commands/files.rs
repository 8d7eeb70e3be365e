//! Files that a person keeps: certificates, receipts, reports.

use std::io::{self, Write};
use std::path::Path;

use tauri::AppHandle;
use tauri_plugin_dialog::DialogExt;
use tempfile::NamedTempFile;

use crate::agent::Answer;
use crate::problem::Problem;

/// Has the person choose a place, and writes there. `false`: none was chosen.
#[tauri::command]
pub async fn save_file(app: AppHandle, name: String, contents: Vec<u8>) -> Answer<bool> {
    tauri::async_runtime::spawn_blocking(move || {
        let chosen = app.dialog().file().set_file_name(name).blocking_save_file();
        let Some(chosen) = chosen else {
            return Ok(false);
        };
        let path = chosen
            .into_path()
            .map_err(|error| Problem::saving(&error))?;
        write(&path, &contents).map_err(|error| Problem::saving(&error))?;
        Ok(true)
    })
    .await?
}

/// Whole or not at all.
fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
