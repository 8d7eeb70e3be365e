//! Colours and sizes.

use egui::style::ScrollStyle;
use egui::{Color32, Context, CornerRadius, FontId, Stroke, TextStyle, Theme as Shade, Visuals};
use lichna_ipc::{Contrast, KeypadOrder, Look, TextSize, Theme};

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Behind everything.
    pub ground: Color32,
    /// In what is typed into, and on keys.
    pub field: Color32,
    /// Words.
    pub text: Color32,
    /// Words that say what stands beside them.
    pub muted: Color32,
    /// What is to be pressed, and what has the focus.
    pub accent: Color32,
    /// Words on it.
    pub on_accent: Color32,
    /// Warnings, and behind them.
    pub warning: (Color32, Color32),
    /// What cannot be undone, and behind it.
    pub danger: (Color32, Color32),
    /// What is as it should be.
    pub good: Color32,
    /// Around fields and keys.
    pub border: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

const LIGHT: Palette = Palette {
    ground: rgb(0xF6_F7F9),
    field: rgb(0xFF_FFFF),
    text: rgb(0x14_202E),
    muted: rgb(0x51_5E6B),
    accent: rgb(0x0B_5A9C),
    on_accent: rgb(0xFF_FFFF),
    warning: (rgb(0x5F_3D00), rgb(0xFF_F1D6)),
    danger: (rgb(0x8E_1116), rgb(0xFD_E8E8)),
    good: rgb(0x14_6334),
    border: rgb(0x6F_7C89),
};

const DARK: Palette = Palette {
    ground: rgb(0x16_1B21),
    field: rgb(0x0E_1217),
    text: rgb(0xEE_F2F6),
    muted: rgb(0xB2_BDC8),
    accent: rgb(0x7C_BDF5),
    on_accent: rgb(0x08_1A2B),
    warning: (rgb(0xFF_DD99), rgb(0x3A_2C10)),
    danger: (rgb(0xFF_B3AF), rgb(0x43_181A)),
    good: rgb(0x8F_DDAA),
    border: rgb(0x76_828E),
};

const HIGH_LIGHT: Palette = Palette {
    ground: Color32::WHITE,
    field: Color32::WHITE,
    text: Color32::BLACK,
    muted: Color32::BLACK,
    accent: rgb(0x00_00C8),
    on_accent: Color32::WHITE,
    warning: (Color32::BLACK, Color32::WHITE),
    danger: (rgb(0x90_0000), Color32::WHITE),
    good: Color32::BLACK,
    border: Color32::BLACK,
};

const HIGH_DARK: Palette = Palette {
    ground: Color32::BLACK,
    field: Color32::BLACK,
    text: Color32::WHITE,
    muted: Color32::WHITE,
    accent: rgb(0xFF_FF00),
    on_accent: Color32::BLACK,
    warning: (Color32::WHITE, Color32::BLACK),
    danger: (rgb(0xFF_FF00), Color32::BLACK),
    good: Color32::WHITE,
    border: Color32::WHITE,
};

/// The colours; `system_is_dark` where the system says so.
pub fn palette(look: &Look, system_is_dark: bool) -> Palette {
    let dark = match look.theme {
        Theme::System => system_is_dark,
        Theme::Light => false,
        Theme::Dark => true,
    };
    match (look.contrast, dark) {
        (Contrast::System, false) => LIGHT,
        (Contrast::System, true) => DARK,
        (Contrast::High, false) => HIGH_LIGHT,
        (Contrast::High, true) => HIGH_DARK,
    }
}

/// How many times as large as usual everything is.
pub const fn zoom(look: &Look) -> f32 {
    match look.text {
        TextSize::Normal => 1.0,
        TextSize::Large => 1.25,
        TextSize::Larger => 1.5,
        TextSize::Largest => 2.0,
    }
}

/// Makes egui look so.
pub fn apply(context: &Context, palette: &Palette) {
    let mut visuals = Visuals::light();
    visuals.override_text_color = Some(palette.text);
    visuals.panel_fill = palette.ground;
    visuals.extreme_bg_color = palette.field;
    visuals.selection.bg_fill = palette.accent;
    visuals.selection.stroke = Stroke::new(2.0, palette.accent);
    let widgets = &mut visuals.widgets;
    for widget in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(6);
        widget.bg_fill = palette.field;
        widget.weak_bg_fill = palette.field;
        widget.bg_stroke = Stroke::new(1.0, palette.border);
        widget.fg_stroke = Stroke::new(1.5, palette.text);
        widget.expansion = 0.0;
    }
    widgets.hovered.bg_stroke = Stroke::new(2.0, palette.accent);
    widgets.active.bg_stroke = Stroke::new(3.0, palette.accent);
    context.set_theme(Shade::Light);
    context.set_visuals(visuals);
    context.all_styles_mut(|style| {
        style.animation_time = 0.0;
        style.interaction.selectable_labels = false;
        // Beside what it scrolls, never over it.
        style.spacing.scroll = ScrollStyle::solid();
        style.text_styles = [
            (TextStyle::Heading, FontId::proportional(20.0)),
            (TextStyle::Body, FontId::proportional(15.0)),
            (TextStyle::Button, FontId::proportional(16.0)),
            (TextStyle::Small, FontId::proportional(13.0)),
            (TextStyle::Monospace, FontId::monospace(15.0)),
        ]
        .into();
    });
}

/// The digits in the order in which the keypad has them.
///
/// # Errors
/// The system has no random numbers.
pub fn digits(order: KeypadOrder) -> Result<[u8; 10], getrandom::Error> {
    let mut digits = *b"1234567890";
    if order == KeypadOrder::Shuffled {
        // Fisher and Yates; each order is as likely as the others.
        for last in (1..digits.len()).rev() {
            digits.swap(last, below(last + 1)?);
        }
    }
    Ok(digits)
}

/// A number from 0 up to but not including `limit`, which is at most 256; each as likely.
fn below(limit: usize) -> Result<usize, getrandom::Error> {
    let fair = 256 - 256 % limit;
    loop {
        let mut byte = [0];
        getrandom::fill(&mut byte)?;
        let [byte] = byte.map(usize::from);
        if byte < fair {
            return Ok(byte % limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance and contrast ratio.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let luminance = |colour: Color32| {
            let [red, green, blue, _] = colour.to_array().map(|part| {
                let part = f32::from(part) / 255.0;
                if part <= 0.04045 {
                    part / 12.92
                } else {
                    ((part + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn all_words_are_well_legible_in_every_theme() {
        for (palette, least) in [
            (LIGHT, 4.5),
            (DARK, 4.5),
            (HIGH_LIGHT, 7.0),
            (HIGH_DARK, 7.0),
        ] {
            let pairs = [
                (palette.text, palette.ground),
                (palette.text, palette.field),
                (palette.muted, palette.ground),
                (palette.good, palette.ground),
                (palette.on_accent, palette.accent),
                (palette.accent, palette.ground),
                palette.warning,
                palette.danger,
            ];
            for (words, behind) in pairs {
                let ratio = contrast(words, behind);
                assert!(ratio >= least, "{words:?} on {behind:?}: {ratio}");
            }
            // What is no word: 3 to 1.
            assert!(
                contrast(palette.border, palette.ground) >= 3.0,
                "{palette:?}"
            );
        }
    }

    #[test]
    fn a_shuffled_keypad_has_every_digit_once() {
        let mut orders = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let mut digits = digits(KeypadOrder::Shuffled).unwrap();
            orders.insert(digits);
            digits.sort_unstable();
            assert_eq!(&digits, b"0123456789");
        }
        assert!(orders.len() > 1);
    }
}
