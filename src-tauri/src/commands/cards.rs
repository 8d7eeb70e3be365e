//! A card and its PINs. Req C.4.

use lichna_ipc::{CardInfo, ConsentRoute, PinInfo, Reply, Request, Step};
use tauri::State;
use tauri::ipc::Channel;

use crate::agent::{Agent, Answer};

/// Has the holder asked for the CAN of the card in this reader.
#[tauri::command]
pub async fn unlock_card(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<()> {
    let take = |reply| matches!(reply, Reply::TokenUnlocked).then_some(());
    agent
        .ask(steps, Request::TokenUnlock { reader }, take)
        .await
}

/// Asks the card whether it is genuine.
#[tauri::command]
pub async fn check_card(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<CardInfo> {
    let take = |reply| match reply {
        Reply::CardChecked(card) => Some(*card),
        _ => None,
    };
    let reader = Some(reader);
    agent.ask(steps, Request::CheckCard { reader }, take).await
}

/// How the card's PINs are; spends no try.
#[tauri::command]
pub async fn pins(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<Vec<PinInfo>> {
    let take = |reply| match reply {
        Reply::PinStatus(pins) => Some(pins),
        _ => None,
    };
    let reader = Some(reader);
    agent.ask(steps, Request::PinStatus { reader }, take).await
}

/// A new PIN for the old one, or the first for the transport PIN.
#[tauri::command]
pub async fn change_pin(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    pin: String,
) -> Answer<()> {
    let request = Request::PinChange {
        reader: Some(reader),
        pin: Some(pin),
        consent: ConsentRoute::Prompter,
    };
    let take = |reply| matches!(reply, Reply::PinChanged).then_some(());
    agent.ask(steps, request, take).await
}

/// A new PIN for the PUK.
#[tauri::command]
pub async fn unblock_pin(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    pin: String,
) -> Answer<()> {
    let request = Request::PinUnblock {
        reader: Some(reader),
        pin: Some(pin),
        consent: ConsentRoute::Prompter,
    };
    let take = |reply| matches!(reply, Reply::PinUnblocked).then_some(());
    agent.ask(steps, request, take).await
}
