//! What the window shows, and what is done in it.

use std::time::Instant;

use egui::accesskit::{Live, Role};
use egui::{
    Align, Button, Frame, Key, Layout, Margin, Response, RichText, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo,
};
use lichna_consent::Shown;
use lichna_i18n::{Messages, Value};
use lichna_ipc::{Consent, PinEntry, Purpose, SecretKind};

use crate::drawing;
use crate::form::{Choice, Fault, Form};
use crate::look::Palette;

/// Widths, in points.
const READING: f32 = 360.0;
const TYPING: f32 = 300.0;
const GAP: f32 = 24.0;
const MARGIN: f32 = 20.0;
/// The height of the part with the buttons.
const ANSWER: f32 = 70.0;

/// What the person did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Done {
    /// Nothing yet.
    #[default]
    Open,
    /// Agreed, and all is there.
    Agreed,
    /// Refused.
    Refused,
}

/// All that is shown.
pub struct Face {
    messages: Messages,
    palette: Palette,
    shown: Shown,
    agree: &'static str,
    grant: Vec<(&'static str, Value<'static>)>,
    at_reader: bool,
    digits: [u8; 10],
    latest: Instant,
    /// What is typed and ticked.
    pub form: Form,
    /// What was said when the person wanted to go on.
    said: Option<Fault>,
    /// The next pass puts the focus there.
    focus: Focus,
    /// A place to type in has the focus, or nothing has.
    pub types: bool,
    /// Side by side, or one below the other.
    pub wide: bool,
    /// What the person did.
    pub done: Done,
    /// Agreeing counts from now on: before, a key may have been meant for another window.
    agrees_from: Option<Instant>,
}

/// What is to have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    /// What has it.
    AsItIs,
    /// The active place to type in; where there is none, the button that refuses.
    Active,
    /// The same in the next pass.
    Next,
}

impl Face {
    /// What is shown for this consent.
    pub fn new(
        consent: &Consent,
        messages: Messages,
        palette: Palette,
        digits: [u8; 10],
        form: Form,
        latest: Instant,
    ) -> Self {
        Self {
            shown: lichna_consent::shown(consent, &messages),
            agree: agree(consent),
            grant: consent
                .grant
                .iter()
                .flat_map(|grant| lichna_consent::limits(grant))
                .collect(),
            at_reader: consent.entry == PinEntry::Pinpad,
            messages,
            palette,
            digits,
            latest,
            form,
            said: None,
            focus: Focus::Active,
            types: true,
            wide: true,
            done: Done::Open,
            agrees_from: None,
        }
    }

    /// The name of the window.
    pub fn title(&self) -> String {
        let purpose = self.shown.rows.first();
        let purpose = purpose.map_or("", |row| row.text.as_str());
        self.messages
            .text("prompt-title", &[("purpose", purpose.into())])
    }

    /// How wide the window is, in points.
    pub const fn width(&self) -> f32 {
        if self.wide {
            READING + GAP + TYPING + 2.0 * MARGIN
        } else {
            READING + 2.0 * MARGIN
        }
    }

    /// In these colours.
    pub const fn dress(&mut self, palette: Palette) {
        self.palette = palette;
    }

    /// The active place to type in is to have the focus.
    pub const fn refocus(&mut self) {
        self.focus = Focus::Active;
    }

    /// Agreeing counts from then on.
    pub const fn agrees_from(&mut self, then: Instant) {
        self.agrees_from = Some(then);
    }

    /// Something was typed: what was said before is not so any more.
    pub const fn changed(&mut self) {
        self.said = None;
    }

    /// One pass. Comes back with the height that all of it takes, in points.
    pub fn show(&mut self, ui: &mut Ui) -> f32 {
        let title = self.title();
        ui.ctx()
            .accesskit_node_builder(egui::accesskit_root_id(), |node| {
                node.set_role(Role::Dialog);
                node.set_label(title);
            });
        if ui.input(|input| input.key_pressed(Key::Escape)) {
            self.done = Done::Refused;
        }
        self.types = true;
        let all = ui.max_rect();
        ui.painter().rect_filled(all, 0.0, self.palette.ground);
        let border = all.max.y - ANSWER;
        let (above, below) = all.split_top_bottom_at_y(border);
        let within = UiBuilder::new().max_rect(above.shrink(MARGIN));
        let content = ui.scope_builder(within, |ui| {
            let area = ScrollArea::vertical().auto_shrink([false, true]);
            area.show(ui, |ui| self.columns(ui)).content_size.y
        });
        let line = Stroke::new(1.0, self.palette.border);
        ui.painter().hline(all.x_range(), border, line);
        // After what is above, also for those who hear it read.
        let within = UiBuilder::new().max_rect(below.shrink2(Vec2::new(MARGIN, 14.0)));
        ui.scope_builder(within, |ui| self.answer(ui));
        self.focus = match self.focus {
            // What was done in this pass is seen in the next.
            Focus::Next => {
                ui.ctx().request_repaint();
                Focus::Active
            }
            Focus::Active | Focus::AsItIs => Focus::AsItIs,
        };
        content.inner + 2.0 * MARGIN + ANSWER
    }

    fn columns(&mut self, ui: &mut Ui) {
        let column = |ui: &mut Ui, width: f32, add: &mut dyn FnMut(&mut Ui)| {
            let size = Vec2::new(width, 0.0);
            ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 6.0;
                add(ui);
            });
        };
        if self.wide {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                column(ui, READING, &mut |ui| self.reading(ui));
                ui.add_space(GAP);
                column(ui, TYPING, &mut |ui| self.typing(ui));
            });
        } else {
            column(ui, READING, &mut |ui| self.reading(ui));
            ui.add_space(GAP);
            column(ui, READING, &mut |ui| self.typing(ui));
        }
    }

    /// Who asks, for what.
    fn reading(&self, ui: &mut Ui) {
        let mut rows = self.shown.rows.iter();
        if let Some(purpose) = rows.next() {
            ui.label(RichText::new(&purpose.text).heading().strong());
            ui.add_space(4.0);
        }
        for row in rows {
            let label = self.messages.text(row.label, &[]);
            ui.scope(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.label(RichText::new(label).small().color(self.palette.muted));
                let text = RichText::new(&row.text);
                ui.label(match row.label {
                    "consent-trust" if self.is_trusted() => text.color(self.palette.good),
                    "consent-trust" => text.strong().color(self.palette.warning.0),
                    "consent-requester" | "consent-server" | "consent-tries" => text.strong(),
                    _ => text,
                });
            });
        }
        ui.add_space(2.0);
        for warning in &self.shown.warnings {
            self.notice(ui, warning, self.palette.warning);
        }
    }

    fn is_trusted(&self) -> bool {
        let trusted = self.messages.text("consent-trusted", &[]);
        let mut rows = self.shown.rows.iter();
        rows.any(|row| row.label == "consent-trust" && row.text == trusted)
    }

    fn notice(&self, ui: &mut Ui, text: &str, (words, behind): (egui::Color32, egui::Color32)) {
        let frame = Frame::new()
            .fill(behind)
            .stroke(Stroke::new(1.0, words))
            .corner_radius(6)
            .inner_margin(Margin::symmetric(10, 8));
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(text).color(words));
        });
    }

    /// What is typed and ticked.
    fn typing(&mut self, ui: &mut Ui) {
        let last = self
            .form
            .ticks
            .iter()
            .any(|tick| tick.choice == Choice::LastTry);
        if last {
            let text = self.messages.text("prompt-last-try", &[]);
            self.notice(ui, &text, self.palette.danger);
        }
        if self.at_reader {
            let text = self.messages.text("prompt-at-reader", &[]);
            ui.label(RichText::new(text).heading());
            drawing::keypad(ui, &self.palette);
        }
        for place in 0..self.form.entries.len() {
            self.entry(ui, place);
        }
        self.status(ui);
        self.ticks(ui);
        if self.form.takes_digits() {
            ui.add_space(4.0);
            self.keypad(ui);
        }
    }

    fn entry(&mut self, ui: &mut Ui, place: usize) {
        let active = self.form.active == place;
        let Some(entry) = self.form.entries.get(place) else {
            return;
        };
        let (label, hint) = (entry.label(&self.messages), entry.hint(&self.messages));
        let (kind, typed) = (entry.field.kind, entry.line.length());
        ui.label(RichText::new(&label).strong());
        let size = Vec2::new(ui.available_width(), 44.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::PasswordInput, true, &label));
        let dots = "•".repeat(typed);
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_value(dots);
            node.set_description(hint.clone());
        });
        drawing::dots(ui, rect, typed, active, &self.palette);
        let hint = ui.label(RichText::new(hint).small().color(self.palette.muted));
        if active {
            ui.ctx()
                .accesskit_node_builder(hint.id, |node| node.set_live(Live::Polite));
        }
        if kind == SecretKind::Can {
            let where_it_is = self.messages.text("prompt-can-place", &[]);
            drawing::card(ui, &where_it_is, &self.palette);
        }
        if active && self.focus == Focus::Active {
            response.request_focus();
        }
        if response.clicked() {
            response.request_focus();
        }
        if response.gained_focus() && self.focus == Focus::AsItIs {
            self.form.activate(place);
        }
        if response.has_focus() {
            self.ring(ui, &response);
            if ui.input(|input| input.key_pressed(Key::Enter)) {
                self.enter(self.form.active);
            }
        }
        self.moved_to(&response);
    }

    /// Enter goes on to the next place, and from the last one to the answer.
    fn enter(&mut self, place: usize) {
        let next = place + 1;
        let here = self.form.lacks().and_then(|(at, _)| at);
        if here == Some(next)
            && self
                .form
                .entries
                .get(next)
                .is_some_and(|entry| entry.line.is_empty())
        {
            self.form.activate(next);
            self.focus = Focus::Next;
        } else {
            self.agree();
        }
    }

    /// Says what is wrong, at once and aloud.
    fn status(&mut self, ui: &mut Ui) {
        let fault = self.form.fault().or(self.said);
        let text = fault.map_or_else(String::new, |fault| {
            let active = self.form.entries.get(self.form.active);
            let limits = active.map_or((0, 0), |entry| (entry.field.shortest, entry.field.longest));
            let limits = [("shortest", limits.0.into()), ("longest", limits.1.into())];
            self.messages.text(fault.message(), &limits)
        });
        // It is there also while it says nothing: a screen reader hears only what it knew.
        let status = ui.label(RichText::new(text).strong().color(self.palette.danger.0));
        ui.ctx().accesskit_node_builder(status.id, |node| {
            node.set_role(Role::Status);
            node.set_live(Live::Assertive);
        });
    }

    fn ticks(&mut self, ui: &mut Ui) {
        let granted = self
            .form
            .ticks
            .iter()
            .any(|tick| tick.choice == Choice::Grant && tick.on);
        let mut changed = false;
        let mut seen = Vec::new();
        for tick in &mut self.form.ticks {
            let text = match tick.choice {
                Choice::Meant(id) => self.messages.text(id, &[]),
                Choice::LastTry => self.messages.text("prompt-spend-last-try", &[]),
                Choice::RememberCan => self.messages.text("prompt-remember-can", &[]),
                Choice::Grant => self.messages.text("prompt-grant", &self.grant),
                Choice::RememberProgram => self.messages.text("prompt-remember-program", &[]),
            };
            let of_use = tick.choice != Choice::RememberProgram || granted;
            let response = ui.add_enabled_ui(of_use, |ui| ui.checkbox(&mut tick.on, text));
            changed |= response.inner.changed();
            seen.push(response.inner);
        }
        if changed {
            self.said = None;
        }
        for response in seen {
            self.pressable(ui, &response);
        }
    }

    fn keypad(&mut self, ui: &mut Ui) {
        let gap = 8.0;
        let size = Vec2::new((ui.available_width() - 2.0 * gap) / 3.0, 40.0);
        let name = self.messages.text("prompt-take-back", &[]);
        let digits: Vec<KeypadKey> = self.digits.into_iter().map(KeypadKey::Digit).collect();
        let (rows, last) = digits.split_at(digits.len().saturating_sub(1));
        // The last digit stands in the middle, as on a telephone.
        let mut keys = rows.to_vec();
        keys.push(KeypadKey::Nothing);
        keys.extend(last);
        keys.push(KeypadKey::TakeBack);
        let mut pressed = None;
        let mut seen = Vec::new();
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(gap);
            for row in keys.chunks(3) {
                ui.horizontal(|ui| {
                    for key in row {
                        let words = match key {
                            KeypadKey::Digit(digit) => word(*digit),
                            KeypadKey::TakeBack => name.as_str(),
                            KeypadKey::Nothing => {
                                ui.allocate_exact_size(size, Sense::hover());
                                continue;
                            }
                        };
                        let response = ui.add_sized(size, Button::new(words));
                        if response.clicked() {
                            pressed = Some(*key);
                        }
                        seen.push(response);
                    }
                });
            }
        });
        match pressed {
            Some(KeypadKey::Digit(digit)) => self.form.typed(char::from(digit)),
            Some(KeypadKey::TakeBack) => self.form.take_back(),
            Some(KeypadKey::Nothing) | None => {}
        }
        if pressed.is_some() {
            self.said = None;
            ui.ctx().request_repaint();
        }
        for response in seen {
            self.pressable(ui, &response);
        }
    }

    /// The two buttons, and how long they are there.
    fn answer(&mut self, ui: &mut Ui) {
        let left = self.latest.saturating_duration_since(Instant::now());
        // Again when the next second begins.
        let next = u64::from(left.subsec_millis()) + 1;
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_millis(next));
        let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX);
        let (refuse, agree) = (
            self.messages.text("prompt-refuse", &[]),
            self.messages.text(self.agree, &[]),
        );
        let ready = self.form.lacks().is_none();
        ui.horizontal(|ui| {
            let text = self
                .messages
                .text("prompt-seconds", &[("seconds", seconds.into())]);
            let clock = ui.label(RichText::new(text).small().color(self.palette.muted));
            if matches!(seconds, 10 | 30) {
                ui.ctx()
                    .accesskit_node_builder(clock.id, |node| node.set_live(Live::Polite));
            }
            ui.spacing_mut().item_spacing.x = 10.0;
            let size = Vec2::new(130.0, 40.0);
            ui.add_space(ui.available_width() - 2.0 * size.x - 10.0);
            let refuse = ui.add_sized(size, Button::new(refuse));
            let agree = RichText::new(agree).strong();
            let agree = ui.add_sized(
                size,
                if ready {
                    Button::new(agree.color(self.palette.on_accent)).fill(self.palette.accent)
                } else {
                    Button::new(agree)
                },
            );
            if self.form.entries.is_empty() && self.focus == Focus::Active {
                refuse.request_focus();
            }
            if refuse.clicked() {
                self.done = Done::Refused;
            } else if agree.clicked() {
                self.agree();
            }
            for response in [refuse, agree] {
                self.pressable(ui, &response);
            }
        });
    }

    /// Agrees, where all is there; else says what is not, and goes there.
    fn agree(&mut self) {
        let now = Instant::now();
        if self.agrees_from.is_none_or(|from| now < from) {
            return;
        }
        match self.form.lacks() {
            None => self.done = Done::Agreed,
            Some((place, fault)) => {
                if let Some(place) = place {
                    self.form.activate(place);
                    self.focus = Focus::Next;
                }
                self.said = Some(fault);
            }
        }
    }

    /// Something that keys press, not type into.
    fn pressable(&mut self, ui: &Ui, response: &Response) {
        if response.has_focus() {
            self.types = false;
            self.ring(ui, response);
        }
        self.moved_to(response);
    }

    fn moved_to(&self, response: &Response) {
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
    }

    fn ring(&self, ui: &Ui, response: &Response) {
        let stroke = Stroke::new(3.0, self.palette.accent);
        let rect = response.rect.expand(2.0);
        ui.painter()
            .rect_stroke(rect, 8.0, stroke, StrokeKind::Inside);
    }
}

/// What the button says that agrees.
fn agree(consent: &Consent) -> &'static str {
    let only_can = !consent.secrets.is_empty()
        && consent
            .secrets
            .iter()
            .all(|field| field.kind == SecretKind::Can);
    match &consent.purpose {
        _ if only_can => "prompt-go-on",
        Purpose::Login { .. } => "prompt-log-in",
        Purpose::Signature {
            role: lichna_ipc::KeyRole::Authentication,
        } => "prompt-allow",
        Purpose::Signature { .. } => "prompt-sign",
        Purpose::PinChange | Purpose::PinUnblock | Purpose::PinActivation => "prompt-change",
        _ => "prompt-go-on",
    }
}

/// A key of the keypad.
#[derive(Clone, Copy)]
enum KeypadKey {
    Digit(u8),
    TakeBack,
    Nothing,
}

/// The word for a digit: itself.
const fn word(key: u8) -> &'static str {
    match key {
        b'0' => "0",
        b'1' => "1",
        b'2' => "2",
        b'3' => "3",
        b'4' => "4",
        b'5' => "5",
        b'6' => "6",
        b'7' => "7",
        b'8' => "8",
        _ => "9",
    }
}
