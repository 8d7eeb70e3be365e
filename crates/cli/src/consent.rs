//! The consent, as a person is shown it at the terminal.

use lichna_ipc::Consent;

use crate::output::{Output, plain_table};

/// All that a person needs to decide.
pub fn shown(consent: &Consent, out: &Output) -> String {
    let shown = lichna_consent::shown(consent, &out.messages);
    let mut table = plain_table();
    for row in shown.rows {
        table.add_row([format!("{}:", out.text(row.label)), row.text]);
    }
    let mut text = format!("{}\n", table.trim_fmt());
    for warning in shown.warnings {
        text.push_str(&format!("! {warning}\n"));
    }
    text
}

/// Day and time, as RFC 3339 writes them, for people: without the fraction of a second.
pub fn moment(time: &str) -> String {
    let (day, rest) = time.split_once('T').unwrap_or((time, ""));
    let rest = rest.trim_end_matches('Z');
    let clock = rest.split_once('.').map_or(rest, |(clock, _)| clock);
    format!("{day} {clock} UTC")
}
