//! What the web view may ask of the shell. Each command is under the access control list.

use lichna_i18n::Language;
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::agent::Agent;
use crate::watching::{self, Link};

pub mod cards;
pub mod certificates;
pub mod check_up;
pub mod desktop;
pub mod files;
pub mod logins;
pub mod practice;
pub mod settings;
pub mod uses;

/// What this program is, and which language the system speaks.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    version: &'static str,
    language: &'static str,
}

/// This program.
#[tauri::command]
pub fn about() -> About {
    About {
        version: env!("CARGO_PKG_VERSION"),
        language: Language::from_system().code(),
    }
}

/// Has all that the agent tells of itself sent through this channel, from now on.
#[tauri::command]
pub fn watch(app: AppHandle, agent: State<'_, Agent>, links: Channel<Link>) {
    let agent = agent.inner().clone();
    std::thread::spawn(move || watching::watch(&app, &agent, &links));
}

/// Gives up the command whose steps go through the channel with this id.
#[tauri::command]
pub fn cancel(agent: State<'_, Agent>, task: u32) {
    agent.cancel(task);
}
