//! The token that a program named, when it is still there.

use std::{sync::Arc, time::Instant};

use lichna_card::{InputKind, Key};
use lichna_ipc::{
    CertificateInfo, Failure, KeyRole as Role, Mechanism, PinEntry, TokenId, UseKind,
};

use crate::{
    Agent,
    cards::{Chosen, Hold, KnownCard, Tally, insertion},
    connections::Dialogue,
    flows::{
        ask, certificates,
        signing::{CardSigner, Identity, algorithm},
        unlock,
    },
    pin_policy::{Insertion, is_wrong},
    tokens::Access,
    uses::Using,
};

/// A token, found.
pub struct Found {
    /// Its key.
    pub signer: CardSigner,
    /// What the key is for.
    pub role: Role,
    /// Its certificate, for people.
    pub certificate: CertificateInfo,
    /// What the asking connection has to do with it.
    pub access: Arc<Access>,
    /// The secure channel stays until the request is done.
    _hold: Hold,
}

impl Found {
    /// The card that the token is on.
    pub fn chosen(&self) -> &Chosen {
        &self.signer.chosen
    }

    /// The insertion that the token is of.
    pub fn insertion(&self) -> &Insertion {
        &self.signer.chosen.card.insertion
    }

    /// Does this with the token, which ends when the card is taken out. A wrong PIN counts against
    /// the asking program, and changes what is told of the token.
    ///
    /// # Errors
    /// [`Failure::CardRemoved`], and those of `work`.
    pub async fn while_there<T>(
        &self,
        agent: &Agent,
        dialogue: &Dialogue,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let done = tokio::select! {
            done = work => done,
            () = agent.cards.removed(self.insertion()) => Err(Failure::CardRemoved),
        };
        let done = match done {
            Err(failure) => Err(agent.cards.or_removed(self.insertion(), failure).await),
            done => done,
        };
        if done.as_ref().is_err_and(is_wrong) {
            agent.consents.asked_in_vain(dialogue.asker().program);
            agent.cards.changed();
        }
        done
    }

    /// The PIN is typed at the computer.
    pub fn is_typed(&self) -> bool {
        ask::entry(self.chosen()) == PinEntry::Typed
    }
}

/// Finds a token of this very insertion.
///
/// # Errors
/// [`Failure::CardRemoved`], [`Failure::KeyUnknown`], or why the card cannot be read.
pub async fn find(
    agent: &Agent,
    dialogue: &Dialogue,
    id: &TokenId,
    end: Instant,
) -> Result<Found, Failure> {
    let insertion = Insertion {
        reader: id.reader.clone(),
        count: id.insertion,
    };
    let chosen = agent.cards.of_insertion(&insertion)?;
    let hold = chosen.thread.hold();
    let tally = Tally::default();
    {
        // Known since the token is: nobody is asked, unless the number was wrong at last.
        let _turn = chosen.known.for_programs().unlocking().await;
        unlock::unlock(agent, dialogue, &chosen, super::need(&tally, end)).await?;
    }
    let unknown = || Failure::KeyUnknown {
        key: id.key.clone(),
    };
    let key = insertion::key(&chosen.known, Some(&id.key))?;
    let role = role(key).ok_or_else(unknown)?;
    let pin = key.pin().ok_or_else(unknown)?;
    let certificate = certificates::certificate(&chosen, key.reference(), &tally).await?;
    let identity = Identity {
        key: key.reference(),
        pin,
        algorithm: algorithm(certificate.parsed.key_algorithm()).ok_or_else(unknown)?,
        certificate: Arc::clone(&certificate),
    };
    Ok(Found {
        certificate: certificates::info(&chosen.card, key, &certificate.parsed),
        role,
        access: dialogue.accesses().to(id),
        signer: CardSigner {
            identity,
            tally,
            policy: agent.policy.clone(),
            using: Using::by(agent, dialogue, UseKind::Program),
            chosen,
        },
        _hold: hold,
    })
}

/// The keys that may be tokens, with what each is for: those that the holder opens with a PIN, for
/// logging in or for documents, in the order of the profile.
pub fn keys(known: &KnownCard) -> impl Iterator<Item = (&Key, Role)> {
    let keys = known.profile().keys().iter();
    keys.filter(|key| key.pin().is_some())
        .filter(|key| known.profile().certificate(key.reference()).is_some())
        .filter_map(|key| Some((key, role(key)?)))
}

/// What a key is for, if it may be a token.
fn role(key: &Key) -> Option<Role> {
    let role = certificates::role(key);
    (key.is_current() && role != Role::Other).then_some(role)
}

/// A way to sign, as the protocol says it.
pub fn mechanism(kind: InputKind) -> Option<Mechanism> {
    use lichna_card::HashAlgorithm as Card;
    use lichna_ipc::HashName as Name;
    Some(match kind {
        InputKind::Ecdsa => Mechanism::Ecdsa,
        InputKind::RsaPkcs1 => Mechanism::RsaPkcs1,
        InputKind::RsaPss { hash } => Mechanism::RsaPss {
            hash: match hash {
                Card::Sha256 => Name::Sha256,
                Card::Sha384 => Name::Sha384,
                Card::Sha512 => Name::Sha512,
                _ => return None,
            },
        },
        _ => return None,
    })
}
