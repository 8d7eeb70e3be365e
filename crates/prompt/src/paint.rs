//! Paints what egui made of the window, triangle by triangle, without a GPU: it looks the same in a
//! virtual machine, over a remote desktop, and on a computer whose graphics driver is broken.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageData, Primitive, Vertex};
use egui::{Color32, Pos2, Rect, TextureId, TexturesDelta};

/// A picture that triangles are painted with: the letters.
struct Texture {
    width: usize,
    height: usize,
    pixels: Vec<Color32>,
}

/// What is painted on: a row of `0x00RRGGBB` after the other.
pub struct Canvas<'a> {
    /// The pixels.
    pub pixels: &'a mut [u32],
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Red, green, blue and opacity, 0 to 255; the first three times the last.
type Colour = [f32; 4];

/// Paints.
#[derive(Default)]
pub struct Painter(HashMap<TextureId, Texture>);

impl Painter {
    /// Takes over what is new of the textures, before painting. What comes back is not wanted any
    /// more after it.
    #[must_use]
    pub fn take(&mut self, mut delta: TexturesDelta) -> Vec<TextureId> {
        for (id, changes) in &delta.set {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                let [width, height] = image.size;
                match (change.pos, self.0.get_mut(id)) {
                    (Some([x, y]), Some(texture)) => texture.patch(x, y, width, &image.pixels),
                    _ => {
                        let pixels = image.pixels.clone();
                        let texture = Texture {
                            width,
                            height,
                            pixels,
                        };
                        self.0.insert(*id, texture);
                    }
                }
            }
        }
        let over = delta.free.iter().copied().collect();
        // egui counts what nobody took.
        delta.clear();
        over
    }

    /// Forgets textures.
    pub fn forget(&mut self, over: &[TextureId]) {
        for id in over {
            self.0.remove(id);
        }
    }

    /// Paints all, at so many pixels for each of egui's points.
    pub fn paint(&self, canvas: &mut Canvas<'_>, scale: f32, primitives: &[ClippedPrimitive]) {
        for clipped in primitives {
            let Primitive::Mesh(mesh) = &clipped.primitive else {
                continue;
            };
            let Some(texture) = self.0.get(&mesh.texture_id) else {
                continue;
            };
            let within = clipped.clip_rect * scale;
            let corner = |index: &u32| -> Option<Vertex> {
                let mut vertex = *mesh.vertices.get(usize::try_from(*index).ok()?)?;
                vertex.pos = Pos2::ZERO + vertex.pos.to_vec2() * scale;
                Some(vertex)
            };
            for indices in mesh.indices.chunks_exact(3) {
                if let [a, b, c] = indices
                    && let (Some(a), Some(b), Some(c)) = (corner(a), corner(b), corner(c))
                {
                    triangle(canvas, within, texture, [a, b, c]);
                }
            }
        }
    }
}

impl Texture {
    fn patch(&mut self, x: usize, y: usize, width: usize, pixels: &[Color32]) {
        let rows = self.pixels.chunks_exact_mut(self.width.max(1)).skip(y);
        for (row, new) in rows.zip(pixels.chunks_exact(width.max(1))) {
            if let Some(place) = row.get_mut(x..x + width) {
                place.copy_from_slice(new);
            }
        }
    }

    fn pixel(&self, x: f32, y: f32) -> Colour {
        let x = whole(x, self.width.saturating_sub(1));
        let y = whole(y, self.height.saturating_sub(1));
        let pixel = self.pixels.get(y * self.width + x);
        colour(*pixel.unwrap_or(&Color32::TRANSPARENT))
    }

    /// Between the four pixels around a place; `at` is 0 to 1 over the whole texture.
    fn sample(&self, at: Pos2) -> Colour {
        let (x, y) = (
            at.x * real(self.width) - 0.5,
            at.y * real(self.height) - 0.5,
        );
        let (left, top) = (x.floor(), y.floor());
        let upper = mixed(self.pixel(left, top), self.pixel(left + 1.0, top), x - left);
        let lower = mixed(
            self.pixel(left, top + 1.0),
            self.pixel(left + 1.0, top + 1.0),
            x - left,
        );
        mixed(upper, lower, y - top)
    }
}

fn triangle(canvas: &mut Canvas<'_>, within: Rect, texture: &Texture, corners: [Vertex; 3]) {
    let [a, mut b, mut c] = corners;
    let mut area = edge(a.pos, b.pos, c.pos);
    if area.abs() < 1e-6 {
        return;
    }
    if area < 0.0 {
        std::mem::swap(&mut b, &mut c);
        area = -area;
    }
    let bounds = Rect::from_points(&[a.pos, b.pos, c.pos]).expand(0.5);
    let bounds = bounds.intersect(within);
    let (left, right) = (
        whole(bounds.min.x.round(), canvas.width),
        whole(bounds.max.x.round(), canvas.width),
    );
    let (top, bottom) = (
        whole(bounds.min.y.round(), canvas.height),
        whole(bounds.max.y.round(), canvas.height),
    );
    // A plain colour is looked up once.
    let plain = (a.uv == b.uv && b.uv == c.uv).then(|| texture.sample(a.uv));
    let colours = [colour(a.color), colour(b.color), colour(c.color)];
    // An edge that two triangles share is painted by one of them.
    let owned = [
        is_top_left(b.pos, c.pos),
        is_top_left(c.pos, a.pos),
        is_top_left(a.pos, b.pos),
    ];
    for y in top..bottom {
        let start = y * canvas.width;
        let Some(row) = canvas.pixels.get_mut(start + left..start + right.max(left)) else {
            return;
        };
        for (x, pixel) in (left..).zip(row) {
            let at = Pos2::new(real(x) + 0.5, real(y) + 0.5);
            let edges = [
                edge(b.pos, c.pos, at),
                edge(c.pos, a.pos, at),
                edge(a.pos, b.pos, at),
            ];
            let mut sides = edges.iter().zip(owned);
            if !sides.all(|(side, owned)| *side > 0.0 || (*side == 0.0 && owned)) {
                continue;
            }
            let [u, v, w] = edges.map(|side| side / area);
            let [of_a, of_b, of_c] = colours;
            let texel = plain.unwrap_or_else(|| {
                texture.sample(Pos2::new(
                    a.uv.x * u + b.uv.x * v + c.uv.x * w,
                    a.uv.y * u + b.uv.y * v + c.uv.y * w,
                ))
            });
            let vertex = sum(sum(times(of_a, u), times(of_b, v)), times(of_c, w));
            *pixel = over(*pixel, product(texel, vertex));
        }
    }
}

/// Twice the area of the triangle, positive when it goes clockwise.
fn edge(from: Pos2, to: Pos2, at: Pos2) -> f32 {
    (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x)
}

fn is_top_left(from: Pos2, to: Pos2) -> bool {
    (from.y == to.y && to.x > from.x) || to.y < from.y
}

fn colour(colour: Color32) -> Colour {
    colour.to_array().map(f32::from)
}

fn times(colour: Colour, factor: f32) -> Colour {
    colour.map(|part| part * factor)
}

fn sum([a, b, c, d]: Colour, [e, f, g, h]: Colour) -> Colour {
    [a + e, b + f, c + g, d + h]
}

fn product([a, b, c, d]: Colour, [e, f, g, h]: Colour) -> Colour {
    times([a * e, b * f, c * g, d * h], 1.0 / 255.0)
}

fn mixed(one: Colour, other: Colour, share: f32) -> Colour {
    sum(times(one, 1.0 - share), times(other, share))
}

/// The colour laid over what is there.
fn over(pixel: u32, [red, green, blue, opacity]: Colour) -> u32 {
    let [_, r, g, b] = pixel.to_be_bytes();
    let kept = 1.0 - opacity / 255.0;
    let part = |new: f32, old: u8| byte(new + f32::from(old) * kept + 0.5);
    u32::from_be_bytes([0, part(red, r), part(green, g), part(blue, b)])
}

/// The whole part, from 0 to `most`.
#[allow(
    clippy::as_conversions,
    reason = "there is no other way from a float; `as` saturates"
)]
fn whole(number: f32, most: usize) -> usize {
    (number as usize).min(most)
}

#[allow(
    clippy::as_conversions,
    reason = "there is no other way from a float; `as` saturates"
)]
fn byte(number: f32) -> u8 {
    number as u8
}

#[allow(
    clippy::as_conversions,
    reason = "there is no other way to a float; the sides of a window are exact"
)]
fn real(number: usize) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use egui::TextureOptions;
    use egui::epaint::{ColorImage, ImageDelta, Mesh};

    use super::*;

    /// What a mesh becomes on black, 8 by 8.
    fn painted(mesh: Mesh) -> Vec<u32> {
        let mut painter = Painter::default();
        let mut delta = TexturesDelta::default();
        let white = ColorImage::filled([1, 1], Color32::WHITE);
        let whole = ImageDelta::full(white, TextureOptions::LINEAR);
        delta.push(TextureId::default(), whole);
        assert!(painter.take(delta).is_empty());
        let mut pixels = vec![0; 64];
        let mut canvas = Canvas {
            pixels: &mut pixels,
            width: 8,
            height: 8,
        };
        let clip_rect = Rect::from_min_size(Pos2::ZERO, egui::vec2(7.0, 8.0));
        let primitive = Primitive::Mesh(mesh);
        painter.paint(
            &mut canvas,
            1.0,
            &[ClippedPrimitive {
                clip_rect,
                primitive,
            }],
        );
        pixels
    }

    #[test]
    fn the_edge_that_two_triangles_share_is_painted_once() {
        let mut mesh = Mesh::default();
        let half = Color32::from_rgba_premultiplied(100, 0, 0, 128);
        let square = Rect::from_min_max(Pos2::new(1.0, 1.0), Pos2::new(9.0, 5.0));
        mesh.add_colored_rect(square, half);
        let pixels = painted(mesh);
        for (at, pixel) in (0..).zip(pixels) {
            let (x, y) = (at % 8, at / 8);
            // Nothing beyond the rectangle that it is cut to.
            let inside = (1..7).contains(&x) && (1..5).contains(&y);
            assert_eq!(pixel, if inside { 0x0064_0000 } else { 0 }, "{x}, {y}");
        }
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut mesh = Mesh::default();
        let far = Rect::from_min_max(Pos2::new(-1e9, -1e9), Pos2::new(1e9, -1.0));
        mesh.add_colored_rect(far, Color32::WHITE);
        assert!(painted(mesh).iter().all(|pixel| *pixel == 0));
    }
}
