//! Costs by size, as a drawing.

use std::path::Path;

use plotters::prelude::{
    BLACK, ChartBuilder, Color, IntoDrawingArea, IntoLogRange, LineSeries, Palette, Palette99,
    PathElement, SVGBackend, SeriesLabelPosition, WHITE,
};

use super::growth::Line;
use super::measured::number;

const SIZE: (u32, u32) = (900, 560);
const FONT: (&str, u32) = ("sans-serif", 15);

/// Draws each line as a multiple of what it is at the smallest size.
///
/// # Panics
/// When the file cannot be written.
pub fn draw(file: &Path, lines: &[Line]) {
    let backend = SVGBackend::new(file, SIZE);
    let area = backend.into_drawing_area();
    area.fill(&WHITE).expect("a drawing");
    let sizes = lines
        .iter()
        .flat_map(|line| &line.figures)
        .map(|(size, _)| number(*size));
    let (least, most) = sizes.fold((f64::MAX, 1.0), |(least, most), size| {
        (f64::min(least, size), f64::max(most, size))
    });
    let relative: Vec<Vec<(f64, f64)>> = lines
        .iter()
        .map(|line| {
            let first = line.figures.first().map_or(1.0, |(_, figure)| *figure);
            let figures = line.figures.iter();
            figures
                .map(|(size, figure)| (number(*size), figure / first))
                .collect()
        })
        .collect();
    let all = || relative.iter().flatten().map(|(_, times)| *times);
    let (low, high) = (all().fold(0.5, f64::min), all().fold(2.0, f64::max));

    let mut chart = ChartBuilder::on(&area)
        .caption("Cost beside that with the fewest", ("sans-serif", 18))
        .margin(16)
        .margin_right(48)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d((least..most).log_scale(), (low..high * 1.2).log_scale())
        .expect("a drawing");
    chart
        .configure_mesh()
        .x_desc("certificates, records")
        .y_desc("times")
        .x_labels(5)
        .x_label_formatter(&|size| format!("{size:.0}"))
        .light_line_style(WHITE)
        .label_style(FONT)
        .draw()
        .expect("a drawing");
    for ((line, points), index) in lines.iter().zip(relative).zip(0..) {
        let color = Palette99::pick(index).stroke_width(2);
        let last = line.figures.last().map_or(0.0, |(_, figure)| *figure);
        chart
            .draw_series(LineSeries::new(points, color))
            .expect("a drawing")
            .label(format!("{} ({last:.1} {})", line.what, line.unit))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .label_font(FONT)
        .draw()
        .expect("a drawing");
    area.present().expect("a file that can be written");
}
