//! What runs where, for whoever wants to go on by himself.

use std::io::Read;

use lichna_ipc::Terminal;
use lichna_tests::built;
use lichna_tests::scheme::{EidCard, Scheme};
use lichna_tests::server::Server;

use crate::table::Steps;
use crate::texts;

/// Says it, and waits for Enter, or for the end of the input where there is no terminal.
///
/// # Errors
/// The terminal cannot be used.
pub fn until_enough(
    steps: &Steps,
    scheme: &Scheme,
    server: &Server,
    officer: &EidCard,
    card: &EidCard,
) -> anyhow::Result<()> {
    let say = |text, value: &str| println!("  {}: {value}", steps.text(text));
    println!("\n{}", steps.text(texts::KEPT));
    say(texts::KEPT_AUTHORITY, &scheme.authority.url(0));
    say(texts::KEPT_STATUS, &scheme.authority.http_url(0));
    say(
        texts::KEPT_DATA,
        &scheme.authority.data().display().to_string(),
    );
    say(texts::KEPT_SERVER, &server.url());
    let of = |card: &EidCard| {
        format!(
            "{} ({}), CAN {}, PIN {}",
            card.number, card.reader, card.can, card.pin
        )
    };
    say(texts::KEPT_OFFICER, &of(officer));
    say(texts::KEPT_CARD, &of(card));
    println!("\n{}", steps.text(texts::KEPT_TRY));
    for (name, value) in scheme.home.environment() {
        let wanted = ["LICHNA_HOME", "XDG_RUNTIME_DIR", "PCSCLITE_CSOCK_NAME"];
        if wanted.iter().any(|one| name == one) {
            println!("  export {}={}", name.display(), value.display());
        }
    }
    let lichna = built::lichna().display().to_string();
    let (reader, ca) = (&card.reader, scheme.ca.root().path.display());
    println!("  {lichna} history --reader '{reader}'");
    println!("  {lichna} suspend --reader '{reader}'");
    println!("  {lichna} status --reader '{reader}'");
    println!(
        "  {lichna} login {} --ca {ca} --reader '{reader}'",
        server.url()
    );
    println!();
    if Terminal::is_there() {
        let prompt = format!("{} ", steps.text(texts::KEPT_ENOUGH));
        // Also Ctrl-C is an answer here, so that nothing is left running.
        Terminal::open()?.read_answer(&prompt, None)?;
    } else {
        std::io::stdin().read_to_end(&mut Vec::new())?;
    }
    Ok(())
}
