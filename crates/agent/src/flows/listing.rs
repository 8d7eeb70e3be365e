//! Readers and cards, as a client is told of them.

use lichna_ipc::{
    CardInfo, CardPin, CardState, Genuineness, PaceState, ReaderInfo, Reply,
    ServiceState as Service, SlotState as Slot,
};
use lichna_reader::{ServiceState, SlotState};

use super::{ask, pin};
use crate::{
    Agent,
    cards::{CardView, ReaderView, Stage, View, hex, interface_kind, named},
    profiles,
};

/// The service and its readers.
pub async fn readers(agent: &Agent) -> Reply {
    let view = agent.cards.view().await;
    let view = agent.cards.look_again(view).await;
    let (service, readers) = readers_in(&view);
    Reply::Readers { service, readers }
}

/// The service and its readers, as they were last seen.
pub fn readers_in(view: &View) -> (Service, Vec<ReaderInfo>) {
    let service = match view.service.unwrap_or(ServiceState::NotRunning) {
        ServiceState::Running => Service::Running,
        ServiceState::NotInstalled => Service::NotInstalled,
        ServiceState::NoPermission => Service::NoPermission,
        ServiceState::ProtocolMismatch { .. } => Service::ProtocolMismatch,
        _ => Service::NotRunning,
    };
    let readers = view.readers.iter().map(|reader| ReaderInfo {
        name: reader.name.clone(),
        slot: slot(reader),
        pinpad: reader.pinpad,
    });
    (service, readers.collect())
}

fn slot(reader: &ReaderView) -> Slot {
    match &reader.slot {
        SlotState::Empty => Slot::Empty,
        SlotState::Mute => Slot::Mute,
        SlotState::InUse {
            exclusive: true, ..
        } => Slot::InUse {
            holders: named(&lichna_reader::holders(&reader.name)),
        },
        SlotState::Card { atr } | SlotState::InUse { atr, .. } => Slot::Card { atr: hex(atr) },
        _ => Slot::Unavailable,
    }
}

/// The cards, once they were read.
pub async fn cards(agent: &Agent) -> Reply {
    agent.cards.view().await;
    agent.cards.read_failed_again(None);
    let view = agent.cards.settled().await;
    let cards = view
        .readers
        .iter()
        .filter_map(|reader| reader.card.as_ref());
    Reply::Cards(cards.map(|card| card_info(card)).collect())
}

/// It is a practice card, as far as is known of it: one of our own, or one that its profile calls so.
pub fn is_practice(card: &CardView) -> bool {
    card.own || matches!(&card.stage, Stage::Known(known) if known.profile().is_practice())
}

/// A card, as a client is told of it.
pub fn card_info(card: &CardView) -> CardInfo {
    let known = match &card.stage {
        Stage::Known(known) => Some(known),
        _ => None,
    };
    let proof = known.map(|known| known.proof());
    CardInfo {
        reader: card.insertion.reader.clone(),
        atr: hex(&card.atr),
        interface: interface_kind(card.interface),
        card: match &card.stage {
            Stage::Reading => CardState::Reading,
            Stage::Unknown => CardState::Unknown,
            Stage::Failed(failure) => CardState::Failed {
                failure: Box::new(failure.clone()),
            },
            Stage::Known(known) => CardState::Known {
                profile: profiles::name(known.profile()),
                name: known.profile().name().to_owned(),
                unsigned_profile: known.profile().unsigned(),
            },
        },
        practice: is_practice(card),
        number: known.and_then(|known| known.number()).map(str::to_owned),
        pace: known.map_or(PaceState::NotNeeded, |known| known.pace_state()),
        genuineness: proof
            .as_ref()
            .map_or(Genuineness::NotChecked, |proof| proof.is),
        genuineness_reason: proof.and_then(|proof| proof.reason),
        pin: known
            .and_then(|known| known.last_pin())
            .map(|status| CardPin {
                state: pin::state(&status, None),
                tries_left: ask::tries_left(&status),
            }),
    }
}
