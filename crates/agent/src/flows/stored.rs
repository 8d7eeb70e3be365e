//! What is kept on this computer, and where.

use std::path::Path;

use lichna_ipc::{Failure, Stored, StoredKind};
use tokio::task::block_in_place;

use crate::{Agent, practice};

/// All that is there; what cannot be counted, without a count.
pub async fn list(agent: &Agent) -> Vec<Stored> {
    let uses = agent.uses.list().await.ok().map(|told| told.uses.len());
    let home = &agent.home;
    block_in_place(|| {
        [
            (StoredKind::Uses, uses, home.uses()),
            (
                StoredKind::Programs,
                len(agent.programs.list()),
                home.remembered_programs(),
            ),
            (
                StoredKind::Cans,
                len(agent.cans.numbers()),
                home.remembered_cans(),
            ),
            (
                StoredKind::PracticeCards,
                len(practice::list(agent)),
                home.practice_cards(),
            ),
            (StoredKind::PracticeAuthority, None, home.sandbox()),
            (StoredKind::Tasks, len(agent.tasks.list()), home.tasks()),
            (StoredKind::Checkpoints, None, home.journal_checkpoints()),
            (StoredKind::Settings, None, home.configuration_file()),
        ]
        .into_iter()
        .filter(|(_, count, place)| *count != Some(0) && place.exists())
        .map(|(what, count, place)| stored(what, count, &place))
        .collect()
    })
}

fn stored(what: StoredKind, count: Option<usize>, place: &Path) -> Stored {
    Stored {
        what,
        count: count.and_then(|count| u32::try_from(count).ok()),
        place: place.display().to_string(),
    }
}

fn len<T>(list: Result<Vec<T>, Failure>) -> Option<usize> {
    list.ok().map(|list| list.len())
}
