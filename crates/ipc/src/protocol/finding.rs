//! What the doctor found, and what mends it.

use serde::{Deserialize, Serialize};

use super::Failure;

/// One thing that `doctor` looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Finding {
    /// What was looked at: `agent`, `versions`, `firefox`, `service`, `reader`, `card`, `profile`, `certificate`, `pin`,
    /// `clock`, `trust`, `authority`…
    pub check: String,
    /// How it is.
    pub state: FindingState,
    /// What is wrong, if something is. Its texts say the cause and the fix.
    pub failure: Option<Box<Failure>>,
    /// A command that fixes it, where one does.
    pub fix: Option<String>,
    /// The same for a program, which may carry it out when the holder says so.
    pub remedy: Option<Remedy>,
    /// What it concerns: a reader, a file.
    pub subject: Option<String>,
}

/// How a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum FindingState {
    Good,
    Warning,
    Bad,
    Skipped,
}

/// What mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "remedy", rename_all = "kebab-case")]
pub enum Remedy {
    /// The smart card service is installed.
    InstallService,
    /// It is started.
    StartService,
    /// This user gets the right to use it.
    AllowService {
        /// Path of its socket.
        socket: String,
    },
    /// A program is ended: it holds the card and lets go of it then, or it is an agent from before an
    /// update, and another one is started when it is wanted.
    EndProgram {
        /// Its process.
        pid: u32,
        /// Its name.
        name: String,
    },
    /// The clock of this computer is set by the network.
    SetClock,
    /// The module is put into browsers and into p11-kit (`lichna browsers setup`).
    SetUpBrowsers,
    /// The PIN is unblocked with the PUK ([`Request::PinUnblock`](super::Request::PinUnblock)).
    UnblockPin {
        /// Name of the reader.
        reader: String,
    },
}

/// A command of the operating system, word by word: no shell reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Only the administrator may.
    pub elevated: bool,
    /// The program and its arguments.
    pub words: Vec<String>,
}

impl Remedy {
    /// The command that carries it out, where this system has one. Unblocking a PIN has none here: it
    /// is a request to the agent.
    #[must_use]
    pub fn command(&self) -> Option<Command> {
        let command = |elevated: bool, words: &[&str]| {
            Some(Command {
                elevated,
                words: words.iter().map(|word| (*word).to_owned()).collect(),
            })
        };
        match (std::env::consts::OS, self) {
            ("linux", Self::InstallService) => command(true, &["apt", "install", "pcscd"]),
            ("linux", Self::StartService) => command(true, &["systemctl", "start", "pcscd.socket"]),
            ("linux", Self::AllowService { socket }) => command(true, &["chmod", "a+rw", socket]),
            ("linux", Self::SetClock) => command(true, &["timedatectl", "set-ntp", "true"]),
            ("windows", Self::StartService) => command(false, &["sc", "start", "SCardSvr"]),
            (_, Self::SetUpBrowsers) => command(false, &["lichna", "browsers", "setup"]),
            (_, Self::EndProgram { name, .. }) if name == "scdaemon" => {
                command(false, &["gpgconf", "--kill", "scdaemon"])
            }
            (_, Self::EndProgram { pid, .. }) if std::env::consts::FAMILY == "unix" => {
                command(false, &["kill", &pid.to_string()])
            }
            _ => None,
        }
    }
}

/// As a person types it.
impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.elevated {
            f.write_str("sudo ")?;
        }
        f.write_str(&self.words.join(" "))
    }
}

impl Finding {
    /// The same for strangers: nothing in it says whose computer or card it is. Names of readers and
    /// programs stay, for they are what help is asked about.
    #[must_use]
    pub fn struck_out(&self, home_folder: Option<&str>) -> Self {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        strike_out(&mut value, home_folder);
        // It has the same fields, and texts where texts were.
        serde_json::from_value(value).unwrap_or_else(|_| Self {
            failure: None,
            fix: None,
            remedy: None,
            subject: None,
            ..self.clone()
        })
    }
}

/// Fields that name a person's card, certificate or task.
const PERSONAL: &[&str] = &[
    "card",
    "expected",
    "found",
    "number",
    "numbers",
    "task",
    "application",
];
/// What stands in their place.
const STRUCK_OUT: &str = "…";

fn strike_out(value: &mut serde_json::Value, home_folder: Option<&str>) {
    use serde_json::Value;
    match value {
        Value::String(text) => {
            if let Some(folder) = home_folder.filter(|folder| folder.len() > 1) {
                *text = text.replace(folder, "~");
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| strike_out(one, home_folder)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if PERSONAL.contains(&name.as_str()) => {
                        *text = STRUCK_OUT.to_owned();
                    }
                    field => strike_out(field, home_folder),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_for_strangers_names_neither_folder_nor_card() {
        let finding = Finding {
            check: "card".into(),
            state: FindingState::Bad,
            failure: Some(Box::new(Failure::CarrierUnknown {
                card: "P12345678".into(),
            })),
            fix: None,
            remedy: Some(Remedy::EndProgram {
                pid: 7,
                name: "scdaemon".into(),
            }),
            subject: Some("/home/ivan/.config/lichna/config.toml".into()),
        };
        let struck = finding.struck_out(Some("/home/ivan"));
        let text = format!("{struck:?}");
        assert!(
            !text.contains("ivan") && !text.contains("P12345678"),
            "{text}"
        );
        assert_eq!(struck.remedy, finding.remedy);
        assert_eq!(struck.check, "card");
    }
}
