//! What is drawn beside the words.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, FontId, Label, Pos2, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo,
};

use crate::look::Palette;

/// A place to type in: a dot for each character, never the character.
pub fn dots(ui: &Ui, rect: Rect, typed: usize, active: bool, palette: &Palette) {
    const STEP: f32 = 16.0;
    let painter = ui.painter().with_clip_rect(rect.shrink(4.0));
    let (width, edge) = if active {
        (2.0, palette.accent)
    } else {
        (1.0, palette.border)
    };
    ui.painter().rect(
        rect,
        6.0,
        palette.field,
        Stroke::new(width, edge),
        StrokeKind::Inside,
    );
    let mut at = rect.left_center() + Vec2::new(18.0, 0.0);
    // What does not fit is not seen; the hint says how many there are.
    for _ in 0..typed {
        painter.circle_filled(at, 5.0, palette.text);
        at.x += STEP;
    }
    if active {
        let caret = [at + Vec2::new(-4.0, -11.0), at + Vec2::new(-4.0, 11.0)];
        painter.line_segment(caret, Stroke::new(2.0, palette.text));
    }
}

/// A card, and where its number stands.
pub fn card(ui: &mut Ui, words: &str, palette: &Palette) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let (rect, response) = ui.allocate_exact_size(Vec2::new(116.0, 74.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
        let painter = ui.painter();
        let line = Stroke::new(1.0, palette.border);
        painter.rect(rect, 7.0, palette.field, line, StrokeKind::Inside);
        let part = |x: f32, y: f32, width: f32, height: f32| {
            Rect::from_min_size(rect.min + Vec2::new(x, y), Vec2::new(width, height))
        };
        // The picture, the names, and the number.
        painter.rect(
            part(9.0, 20.0, 27.0, 36.0),
            3.0,
            Color32::TRANSPARENT,
            line,
            StrokeKind::Inside,
        );
        for y in [20.0, 28.0, 36.0] {
            painter.line_segment(
                [part(44.0, y, 0.0, 0.0).min, part(92.0, y, 0.0, 0.0).min],
                Stroke::new(2.0, palette.border),
            );
        }
        let number = part(58.0, 49.0, 51.0, 18.0);
        painter.rect(
            number,
            4.0,
            palette.ground,
            Stroke::new(2.0, palette.accent),
            StrokeKind::Outside,
        );
        painter.text(
            number.center(),
            Align2::CENTER_CENTER,
            "123456",
            FontId::monospace(11.0),
            palette.text,
        );
        ui.add(Label::new(RichText::new(words).small()).wrap());
    });
}

/// A reader with a keypad.
pub fn keypad(ui: &mut Ui, palette: &Palette) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(120.0, 150.0), Sense::hover());
    let painter = ui.painter();
    let line = Stroke::new(1.5, palette.border);
    painter.rect(rect, 10.0, palette.field, line, StrokeKind::Inside);
    let screen = Rect::from_min_size(rect.min + Vec2::new(14.0, 14.0), Vec2::new(92.0, 28.0));
    painter.rect(
        screen,
        4.0,
        palette.ground,
        Stroke::new(2.0, palette.accent),
        StrokeKind::Inside,
    );
    for (y, row) in [56.0, 78.0, 100.0, 122.0].into_iter().zip(0..) {
        for x in [26.0, 52.0, 78.0] {
            let key = Rect::from_min_size(rect.min + Vec2::new(x - 6.0, y), Vec2::new(20.0, 15.0));
            painter.rect(key, 3.0, palette.ground, line, StrokeKind::Inside);
            if row < 3 {
                painter.circle_filled(Pos2::new(key.center().x, key.center().y), 1.5, palette.text);
            }
        }
    }
}
