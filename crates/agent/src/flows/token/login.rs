//! Classic PKCS#11: the program took the PIN itself, and logs in with it. Only where the
//! configuration switches that on, never with a keypad.

use std::time::Instant;

use lichna_ipc::{ConsentRoute, Failure, KeyRole, Purpose, TokenId};

use super::{
    found::{Found, find},
    granting::{self, Granting},
    is_classic, open_until,
};
use crate::{
    Agent,
    connections::Dialogue,
    flows::{
        ask,
        signing::{Giving, SIGNING},
    },
    tokens::SIGNATURES,
};

/// Has the card check the PIN, and grants what it opens: several signatures with the key for logging
/// in, one with the key for documents.
///
/// # Errors
/// Why not.
pub async fn login(
    agent: &Agent,
    dialogue: &Dialogue,
    id: &TokenId,
    end: Instant,
) -> Result<(), Failure> {
    if !is_classic(agent)? {
        return Err(Failure::ProgramLoginOff);
    }
    let found = find(agent, dialogue, id, end).await?;
    if !found.is_typed() {
        return Err(Failure::PinpadOnly);
    }
    let opened = open(agent, dialogue, &found, end);
    found.while_there(agent, dialogue, opened).await
}

async fn open(
    agent: &Agent,
    dialogue: &Dialogue,
    found: &Found,
    end: Instant,
) -> Result<(), Failure> {
    let _turn = found.access.turn().await;
    found.access.end();
    let status = granting::status(agent, dialogue, found, end).await?;
    let signatures = match found.role {
        KeyRole::Authentication => SIGNATURES,
        KeyRole::Signing | KeyRole::Other => 1,
    };
    let mut answered = granting::ask(
        agent,
        dialogue,
        found,
        (Purpose::TokenLogin, ConsentRoute::Caller),
        (status, Some(granting::offer(signatures, false, false))),
        open_until(end),
    )
    .await?;
    let pin = answered.pin.take().ok_or(Failure::NotLoggedIn)?;
    let giving = Giving {
        last_try: ask::last_try(&answered.agreed, &status),
        known: Some(status),
    };
    let granting = Granting::new(pin, answered.typed, status, found);
    let deadline = end.min(Instant::now() + SIGNING);
    let given = granting.given();
    let opened = found.signer.with_pin(given, giving, deadline, |_| Ok(()));
    let opened = opened.await;
    opened?;
    granting.grant(agent, found, signatures);
    Ok(())
}
