//! Conversations recorded from `piv-authenticator`, `opcard` and the practice card, said again word for word.

use crate::{
    channels::Transcript,
    flows::{self, Which},
    practice,
};

fn replay(which: Which) {
    let mut replayed = Vec::new();
    for flow in flows::all(which) {
        let mut channel = Transcript::open(which.name(), flow.name, flow.longest);
        (flow.run)(which, &mut channel);
        channel.finish();
        replayed.push(format!("{}.apdu", flow.name));
    }
    all_are_replayed(which.name(), replayed);
}

/// A transcript that no flow reads proves nothing.
fn all_are_replayed(card: &str, mut replayed: Vec<String>) {
    let folder = Transcript::folder().join(card);
    let mut present: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    present.sort();
    replayed.sort();
    assert_eq!(present, replayed);
}

#[test]
fn piv_says_what_was_recorded() {
    replay(Which::Piv);
}

#[test]
fn openpgp_says_what_was_recorded() {
    replay(Which::OpenPgp);
}

/// Over the radio as well: what the terminal makes up for PACE is the same each time.
#[test]
fn the_practice_card_says_what_was_recorded() {
    let card = "bg-eid-practice";
    let mut replayed = Vec::new();
    for flow in practice::all().iter().filter(|flow| flow.recorded) {
        let mut channel = Transcript::open(card, flow.name, flow.longest).on(flow.face);
        (flow.run)(&mut practice::Reader::new(&mut channel));
        channel.finish();
        replayed.push(format!("{}.apdu", flow.name));
    }
    all_are_replayed(card, replayed);
}

#[test]
#[should_panic(expected = "never sent")]
fn a_transcript_that_is_not_used_up_fails() {
    Transcript::parse("t", "# x\n> 00A4\n< 9000\n", 261).finish();
}
