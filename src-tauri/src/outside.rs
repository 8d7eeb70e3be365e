//! What is asked for from outside the window: a link, an address given to the app, an entry of the
//! tray. None of them does anything by itself: the page shows it, and the person decides.

use std::sync::{Mutex, MutexGuard, PoisonError};

use lichna_i18n::{Language, Messages};
use lichna_ipc::{Failure, WindowLanguage};
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Url};

use crate::problem::Problem;

/// The argument that has the app wait in the tray, with no window.
pub const IN_BACKGROUND: &str = "--background";

/// How a link begins that the system hands to this app; an address follows.
const SCHEME: &str = "lichna:";
/// Most characters of an address.
const LONGEST: usize = 2000;

/// What is wanted.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "wanted", rename_all = "kebab-case")]
pub enum Wanted {
    /// To log in there, when the person says so.
    Login {
        /// An `https` address.
        address: String,
    },
    /// Nothing that can be done.
    Refused {
        /// Why.
        problem: Problem,
    },
}

/// Whoever is told what is wanted, and in which language the app speaks outside its window.
pub struct Outside(Mutex<Inner>);

struct Inner {
    page: Option<Channel<Wanted>>,
    /// As long as there is no page.
    waiting: Option<Wanted>,
    messages: &'static Messages,
}

impl Outside {
    /// With what the app was started for.
    pub fn new(waiting: Option<Wanted>) -> Self {
        Self(Mutex::new(Inner {
            page: None,
            waiting,
            messages: messages(Language::from_system()),
        }))
    }

    /// Tells this page from now on.
    pub fn listen(&self, page: Channel<Wanted>) {
        let mut inner = self.inner();
        if let Some(wanted) = inner.waiting.take() {
            page.send(wanted).ok();
        }
        inner.page = Some(page);
    }

    /// Has the page show this.
    pub fn want(&self, wanted: Wanted) {
        let mut inner = self.inner();
        match &inner.page {
            // A page that is gone takes nothing; the next one asks anew.
            Some(page) => drop(page.send(wanted)),
            None => inner.waiting = Some(wanted),
        }
    }

    /// Speaks the language that was set from now on; where none was, the system's. Whether that is
    /// another than before.
    pub fn speak(&self, language: Option<WindowLanguage>) -> bool {
        let messages = messages(match language {
            Some(WindowLanguage::Bg) => Language::Bulgarian,
            Some(WindowLanguage::En) => Language::English,
            None => Language::from_system(),
        });
        let before = std::mem::replace(&mut self.inner().messages, messages);
        !std::ptr::eq(before, messages)
    }

    /// What the app says outside its window.
    pub fn messages(&self) -> &'static Messages {
        self.inner().messages
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each language is read once.
fn messages(language: Language) -> &'static Messages {
    use std::sync::LazyLock;
    static BULGARIAN: LazyLock<Messages> = LazyLock::new(|| Messages::of(Language::Bulgarian));
    static ENGLISH: LazyLock<Messages> = LazyLock::new(|| Messages::of(Language::English));
    match language {
        Language::Bulgarian => &BULGARIAN,
        Language::English => &ENGLISH,
    }
}

/// What the app was started for, by its arguments without its own name.
pub fn wanted(arguments: impl IntoIterator<Item = String>) -> Option<Wanted> {
    let mut arguments = arguments.into_iter();
    let given = arguments.find(|one| !one.starts_with("--"))?;
    Some(login(&given))
}

/// A login at this address, or at the one in this link.
pub fn login(given: &str) -> Wanted {
    match address(given.strip_prefix(SCHEME).unwrap_or(given)) {
        Some(address) => Wanted::Login { address },
        None => {
            let url = given.chars().take(200).collect();
            let problem = Failure::UrlInvalid { url }.into();
            Wanted::Refused { problem }
        }
    }
}

/// An `https` address as a browser would go to it: a name in ASCII, nobody's password, no place in
/// the page.
fn address(text: &str) -> Option<String> {
    let is_plain = text.len() <= LONGEST && !text.contains(char::is_control);
    let mut url = Url::parse(text).ok().filter(|_| is_plain)?;
    let nobodys = url.username().is_empty() && url.password().is_none();
    if url.scheme() != "https" || !nobodys || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    url.set_fragment(None);
    Some(url.into())
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // Whether the desktop obeys is the desktop's.
        window.unminimize().ok();
        window.show().ok();
        window.set_focus().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(arguments: &[&str]) -> Option<Result<String, ()>> {
        let wanted = wanted(arguments.iter().map(|one| (*one).to_owned()));
        wanted.map(|wanted| match wanted {
            Wanted::Login { address } => Ok(address),
            Wanted::Refused { .. } => Err(()),
        })
    }

    #[test]
    fn a_link_or_an_address_is_where_to_log_in() {
        for (given, address) in [
            ("https://eid.egov.bg/", "https://eid.egov.bg/"),
            (
                "lichna:https://eid.egov.bg/a?b=c#d",
                "https://eid.egov.bg/a?b=c",
            ),
            ("lichna:https://localhost:8443", "https://localhost:8443/"),
            ("lichna:https://иван.bg/", "https://xn--80adrw.bg/"),
        ] {
            assert_eq!(wants(&[IN_BACKGROUND, given]), Some(Ok(address.to_owned())));
        }
        assert_eq!(wants(&[]), None);
        assert_eq!(wants(&[IN_BACKGROUND]), None);
    }

    #[test]
    fn anything_but_a_plain_https_address_is_refused() {
        let long = format!("https://egov.bg/{}", "a".repeat(LONGEST));
        for given in [
            "http://egov.bg/",
            "lichna:http://egov.bg/",
            "lichna:lichna:https://egov.bg/",
            "lichna:",
            "lichna:file:///etc/passwd",
            "javascript:alert(1)",
            "egov.bg",
            "https://",
            "https://bank.bg@egov.bg/",
            "https://egov.bg/\nHost: other",
            &long,
        ] {
            assert_eq!(wants(&[given]), Some(Err(())), "{given}");
        }
    }
}
