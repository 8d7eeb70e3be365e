//! Conversations recorded from `piv-authenticator` and `opcard`, said again word for word.

use crate::{
    channels::Transcript,
    flows::{self, Which},
};

fn replay(which: Which) {
    let mut replayed = Vec::new();
    for flow in flows::all(which) {
        let mut channel = Transcript::open(which.name(), flow.name, flow.longest);
        (flow.run)(which, &mut channel);
        channel.finish();
        replayed.push(format!("{}.apdu", flow.name));
    }
    // A transcript that no flow reads proves nothing.
    let folder = Transcript::folder().join(which.name());
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

#[test]
#[should_panic(expected = "never sent")]
fn a_transcript_that_is_not_used_up_fails() {
    Transcript::parse("t", "# x\n> 00A4\n< 9000\n", 261).finish();
}
