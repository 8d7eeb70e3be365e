//! Measurements, each with its goal and its peer beside it. Peers are run in the same call, with the
//! same cards and servers.

mod apdus;
mod app;
mod authority;
mod firefox;
mod idle;
mod login;
mod ours;
mod pace;
mod peers;
mod pkcs11;
mod stage;

pub use ours::known_cards;
pub use pkcs11::probe_here;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

/// A bench, with its name.
pub type Bench = (&'static str, fn() -> Vec<Row>);

/// All of them.
pub const BENCHES: &[Bench] = &[
    ("apdus", apdus::run),
    ("login", login::run),
    ("idle", idle::run),
    ("pace", pace::run),
    ("pkcs11", pkcs11::run),
    ("authority", authority::run),
    ("growth", authority::growth),
    ("app", app::run),
];

/// What a figure of ours has to be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// This.
    Exactly(f64),
    /// This or less.
    AtMost(f64),
    /// This many times the peer's figure, or less.
    TimesPeer(f64),
    /// The peer's figure and this, or less.
    AbovePeer(f64),
}

/// The peer's figure beside ours.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Program and version.
    pub name: String,
    /// Its figure.
    pub figure: f64,
}

/// One figure, as it is printed with `--json`. Fewer is better in all of them.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The bench.
    pub bench: &'static str,
    /// What was measured.
    pub metric: String,
    /// In which unit.
    pub unit: &'static str,
    /// Our figure.
    pub ours: f64,
    /// The peer's figure.
    pub peer: f64,
    /// Who the peer is.
    pub peer_name: String,
    /// Ours by the peer's.
    pub ratio: f64,
    /// What ours has to be.
    pub goal: String,
    /// Whether it is.
    pub met: bool,
}

impl Row {
    /// A figure beside a peer's.
    pub fn beside(
        (bench, metric): (&'static str, String),
        (ours, unit): (f64, &'static str),
        peer: &Peer,
        goal: Goal,
    ) -> Self {
        Self {
            bench,
            metric,
            unit,
            ours,
            peer: peer.figure,
            peer_name: peer.name.clone(),
            ratio: ours / peer.figure,
            goal: goal.text(unit),
            met: goal.is_met(ours, peer.figure),
        }
    }
}

impl Goal {
    fn is_met(self, ours: f64, peer: f64) -> bool {
        match self {
            Self::Exactly(goal) => (ours - goal).abs() < f64::EPSILON,
            Self::AtMost(goal) => ours <= goal,
            Self::TimesPeer(factor) => ours <= factor * peer,
            Self::AbovePeer(more) => ours <= peer + more,
        }
    }

    fn text(self, unit: &str) -> String {
        match self {
            Self::Exactly(goal) => format!("= {goal}"),
            Self::AtMost(goal) => format!("≤ {goal}"),
            Self::TimesPeer(factor) => format!("≤ {factor} × peer"),
            Self::AbovePeer(more) => format!("≤ peer + {more} {unit}"),
        }
    }
}

/// The one in the middle.
fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The rows as a table for a person.
pub fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "metric", "unit", "ours", "peer", "peer is", "ratio", "goal", "met",
    ]);
    let number = |figure: f64, digits: usize| format!("{figure:.digits$}");
    for row in rows {
        let digits = usize::from(row.ours.fract() != 0.0 || row.peer.fract() != 0.0);
        table.add_row([
            row.metric.clone(),
            row.unit.to_owned(),
            number(row.ours, digits),
            number(row.peer, digits),
            row.peer_name.clone(),
            number(row.ratio, 2),
            row.goal.clone(),
            if row.met { "yes" } else { "NO" }.to_owned(),
        ]);
    }
    for column in [2, 3, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_or_not() {
        assert!(Goal::Exactly(3.0).is_met(3.0, 40.0) && !Goal::Exactly(3.0).is_met(2.0, 40.0));
        assert!(Goal::AtMost(5.0).is_met(5.0, 40.0) && !Goal::AtMost(5.0).is_met(6.0, 40.0));
        assert!(
            Goal::TimesPeer(0.5).is_met(20.0, 40.0) && !Goal::TimesPeer(0.5).is_met(21.0, 40.0)
        );
        assert!(
            Goal::AbovePeer(9.0).is_met(49.0, 40.0) && !Goal::AbovePeer(9.0).is_met(50.0, 40.0)
        );
    }
}
