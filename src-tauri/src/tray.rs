//! The icon beside the clock: how the card is, and the way to the window. Where the desktop has no
//! place for one, or no library that makes one, the app goes without.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lichna_i18n::{Messages, plain};
use lichna_ipc::{CardState, KeyRole, ServiceInfo, State};
use tauri::image::Image;
use tauri::menu::{Menu, MenuBuilder, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager};

use crate::outside::{self, Outside};

/// Most services that the menu offers.
const MOST_SERVICES: usize = 5;

const OPEN: &str = "open";
const QUIT: &str = "quit";
/// Before the server's name in the id of an entry that logs in there.
const LOGIN: &str = "login:";

/// The icon, and what it shows.
pub struct Tray {
    icon: TrayIcon,
    shown: Mutex<Shown>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shown {
    card: Card,
    /// Servers that were logged in to.
    services: Vec<String>,
}

/// How the cards are, in a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Card {
    /// There is none that is known.
    #[default]
    None,
    /// One, whose certificate names its holder, or not.
    One {
        name: Option<String>,
        practice: bool,
    },
    /// So many.
    Several(usize),
}

/// Puts the icon there, where that can be done. On the main thread.
pub fn make(app: &AppHandle) {
    // The library that makes icons on Linux is looked for when it is first used, and without it
    // that ends in a panic.
    let made = catch_unwind(AssertUnwindSafe(|| build(app)));
    if let Ok(Ok(icon)) = made {
        let shown = Mutex::default();
        app.manage(Tray { icon, shown });
    }
}

/// There is one.
pub fn is_there(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some()
}

fn build(app: &AppHandle) -> tauri::Result<TrayIcon> {
    let shown = Shown::default();
    let messages = app.state::<Outside>().messages();
    let mut tray = TrayIconBuilder::with_id("lichna")
        .menu(&menu(app, messages, &shown)?)
        .tooltip(shown.card.said(messages))
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()));
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(painted(icon, &shown.card));
    }
    tray.build(app)
}

fn chosen(app: &AppHandle, entry: &str) {
    match entry.strip_prefix(LOGIN) {
        Some(server) => {
            let wanted = outside::login(&format!("https://{server}/"));
            app.state::<Outside>().want(wanted);
            outside::show(app);
        }
        None if entry == OPEN => outside::show(app),
        None if entry == QUIT => app.exit(0),
        None => {}
    }
}

/// Shows how the cards are now.
pub fn tell(app: &AppHandle, state: &State) {
    change(app, |shown| shown.card = Card::of(state));
}

/// Offers these services.
pub fn offer(app: &AppHandle, services: &[ServiceInfo]) {
    let first = services.iter().take(MOST_SERVICES);
    let services: Vec<_> = first.map(|one| one.server.clone()).collect();
    change(app, |shown| shown.services = services);
}

/// Says the same in another language.
pub fn refresh(app: &AppHandle) {
    if let Some(tray) = app.try_state::<Tray>() {
        tray.show(app, &tray.shown().clone());
    }
}

fn change(app: &AppHandle, how: impl FnOnce(&mut Shown)) {
    let Some(tray) = app.try_state::<Tray>() else {
        return;
    };
    let changed = {
        let mut shown = tray.shown();
        let before = shown.clone();
        how(&mut shown);
        (*shown != before).then(|| shown.clone())
    };
    if let Some(shown) = changed {
        tray.show(app, &shown);
    }
}

impl Tray {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the desktop does not take it does without.
    fn show(&self, app: &AppHandle, shown: &Shown) {
        let messages = app.state::<Outside>().messages();
        if let Ok(menu) = menu(app, messages, shown) {
            self.icon.set_menu(Some(menu)).ok();
        }
        self.icon.set_tooltip(Some(shown.card.said(messages))).ok();
        if let Some(icon) = app.default_window_icon() {
            self.icon.set_icon(Some(painted(icon, &shown.card))).ok();
        }
    }
}

fn menu(app: &AppHandle, messages: &Messages, shown: &Shown) -> tauri::Result<Menu<tauri::Wry>> {
    let state = MenuItemBuilder::new(shown.card.said(messages))
        .enabled(false)
        .build(app)?;
    let mut menu = MenuBuilder::new(app)
        .item(&state)
        .separator()
        .text(OPEN, messages.text("tray-open", &[]));
    for server in &shown.services {
        let name = plain(server);
        let text = messages.text("tray-login", &[("server", (&name).into())]);
        menu = menu.text(format!("{LOGIN}{server}"), text);
    }
    menu.separator()
        .text(QUIT, messages.text("tray-quit", &[]))
        .build()
}

impl Card {
    fn of(state: &State) -> Self {
        let known = |one: &&lichna_ipc::CardInfo| matches!(one.card, CardState::Known { .. });
        let mut cards = state.cards.iter().filter(known);
        match (cards.next(), cards.count()) {
            (None, _) => Self::None,
            (Some(card), 0) => {
                let certificates = state.certificates.iter();
                let name = certificates
                    .filter(|one| one.reader == card.reader && one.role == KeyRole::Authentication)
                    .find_map(|one| one.common_name.clone());
                let practice = card.practice;
                Self::One { name, practice }
            }
            (Some(_), others) => Self::Several(others.saturating_add(1)),
        }
    }

    fn said(&self, messages: &Messages) -> String {
        match self {
            Self::None => messages.text("tray-no-card", &[]),
            Self::One { practice: true, .. } => messages.text("tray-practice", &[]),
            Self::One { name: None, .. } => messages.text("tray-card", &[]),
            Self::One {
                name: Some(name), ..
            } => messages.text("tray-card-of", &[("name", plain(name).into())]),
            Self::Several(count) => {
                let count = u32::try_from(*count).unwrap_or(u32::MAX);
                messages.text("tray-cards", &[("count", count.into())])
            }
        }
    }
}

/// Pale as long as there is no card.
fn painted(icon: &Image<'_>, card: &Card) -> Image<'static> {
    let mut pixels = icon.rgba().to_vec();
    if *card == Card::None {
        for alpha in pixels.iter_mut().skip(3).step_by(4) {
            *alpha /= 2;
        }
    }
    Image::new_owned(pixels, icon.width(), icon.height())
}
