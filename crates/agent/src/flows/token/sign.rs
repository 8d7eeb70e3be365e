//! One signature for a program, by a grant or with the holder's PIN.

use std::{sync::Arc, time::Instant};

use lichna_card::{HashAlgorithm, SigningInput};
use lichna_ipc::{ConsentRoute, Failure, HashName, KeyRole, Mechanism, Purpose, SignRequest, Step};
use lichna_pki::{HashName as CheckedHash, SignedInput};
use tokio::task::block_in_place;

use super::{
    found::{Found, find},
    granting::{self, Granting},
    is_classic, open_until,
};
use crate::{
    Agent,
    connections::Dialogue,
    consent::Prompter,
    flows::{
        ask,
        signing::{Given, Giving, SIGNING, salt},
    },
    tokens::{Lent, SIGNATURES},
};

/// Signs.
///
/// # Errors
/// Why not.
pub async fn sign(
    agent: &Agent,
    dialogue: &Dialogue,
    request: &SignRequest,
    end: Instant,
) -> Result<Vec<u8>, Failure> {
    let came = Instant::now();
    let found = find(agent, dialogue, &request.token, end).await?;
    may_be_signed(&found, request)?;
    let signed = with_pin(agent, dialogue, &found, request, (came, end));
    found.while_there(agent, dialogue, signed).await
}

/// By a grant, or with a PIN that is asked for.
async fn with_pin(
    agent: &Agent,
    dialogue: &Dialogue,
    found: &Found,
    request: &SignRequest,
    (came, end): (Instant, Instant),
) -> Result<Vec<u8>, Failure> {
    if let Some(lent) = found.access.lend() {
        match by_grant(found, lent, request, end).await {
            // It ended a moment ago.
            Err(Failure::NotLoggedIn) => {}
            signed => return signed,
        }
    }
    if found.is_typed() && is_classic(agent)? {
        return Err(Failure::NotLoggedIn);
    }
    // Browsers open several connections for one page: the holder is asked once for all of them.
    let _turn = found.access.turn().await;
    if let Some(lent) = found.access.lend() {
        return by_grant(found, lent, request, end).await;
    }
    if found.access.refuses(&request.input, came) {
        return Err(Failure::Refused);
    }
    let signed = by_holder(agent, dialogue, found, request, end).await;
    if let Err(Failure::Refused) = signed {
        found.access.refuse(&request.input);
    }
    signed
}

/// With the PIN that is kept.
async fn by_grant(
    found: &Found,
    lent: Lent,
    request: &SignRequest,
    end: Instant,
) -> Result<Vec<u8>, Failure> {
    let giving = granting::giving(&lent);
    let given = Given::Kept {
        pin: lent.pin,
        last: lent.last,
    };
    let signed = on_the_card(found, given, giving, request, end).await;
    if signed.is_err() {
        found.access.end();
    }
    signed
}

/// With the PIN that the holder types now.
async fn by_holder(
    agent: &Agent,
    dialogue: &Dialogue,
    found: &Found,
    request: &SignRequest,
    end: Instant,
) -> Result<Vec<u8>, Failure> {
    let ((), status) = tokio::join!(
        dialogue.look_for_window(&agent.windows),
        granting::status(agent, dialogue, found, end),
    );
    let status = status?;
    let peer = dialogue.peer();
    let is_offered = found.role == KeyRole::Authentication && found.is_typed();
    let offer = is_offered.then(|| {
        block_in_place(|| {
            granting::offer(
                SIGNATURES,
                agent.programs.knows(peer),
                peer.may_be_remembered(),
            )
        })
    });
    let purpose = Purpose::Signature { role: found.role };
    let mut answered = granting::ask(
        agent,
        dialogue,
        found,
        (purpose, ConsentRoute::Prompter),
        (status, offer),
        open_until(end),
    )
    .await?;
    let giving = Giving {
        last_try: ask::last_try(&answered.agreed, &status),
        known: Some(status),
    };
    let Some(pin) = answered.pin.take() else {
        dialogue.progress(Step::TypeAtReader);
        let signed = on_the_card(found, Given::AtKeypad, giving, request, end).await?;
        agent.policy.right_at_pinpad(found.insertion());
        return Ok(signed);
    };
    dialogue.progress(Step::Sign);
    let choices = answered.agreed.choices;
    let Some(offer) = offer.filter(|offer| offer.remembered || choices.grant) else {
        let given = Given::Once(Some(pin));
        return on_the_card(found, given, giving, request, end).await;
    };
    let granting = Granting::new(pin, answered.typed, status, found);
    let given = granting.given();
    let signed = on_the_card(found, given, giving, request, end).await?;
    granting.grant(agent, found, offer.signatures - 1);
    if choices.remember_program && offer.may_be_remembered {
        let remembered = block_in_place(|| agent.programs.remember(peer));
        if let Err(failure) = remembered {
            // He will be asked again.
            tracing::warn!(%failure, "a program is not remembered");
        }
    }
    Ok(signed)
}

/// Signs, and lets nothing out that is no signature of this key.
async fn on_the_card(
    found: &Found,
    given: Given,
    giving: Giving,
    request: &SignRequest,
    end: Instant,
) -> Result<Vec<u8>, Failure> {
    let identity = &found.signer.identity;
    let (key, algorithm) = (identity.key, identity.algorithm);
    let request = Arc::new(request.clone());
    let of_job = Arc::clone(&request);
    let work = move |card: &mut lichna_card::Card<'_, lichna_card::Verified>| {
        Ok(card.sign_input(key, algorithm, &input(&of_job), &salt()?)?)
    };
    let deadline = match given {
        // A person types meanwhile.
        Given::AtKeypad => end,
        _ => end.min(Instant::now() + SIGNING),
    };
    let signed = found.signer.with_pin(given, giving, deadline, work).await;
    let signature = signed?;
    let key = identity.certificate.parsed.public_key();
    key.verify(&checked(&request), &signature)
        .map_err(|_| Failure::CertificateKeyMismatch {
            key: identity.key.to_string(),
        })?;
    Ok(signature)
}

/// Whether the key signs that, before anybody is asked.
fn may_be_signed(found: &Found, request: &SignRequest) -> Result<(), Failure> {
    let (identity, input) = (&found.signer.identity, input(request));
    let profile = found.chosen().known.profile();
    let offered = profile.inputs(identity.key, identity.algorithm);
    if !offered.contains(&input.kind()) {
        return Err(Failure::MechanismNotOffered {
            key: identity.key.to_string(),
            mechanism: input.kind().to_string(),
        });
    }
    input
        .check_length(identity.algorithm)
        .map_err(|error| Failure::RequestInvalid {
            reason: error.to_string(),
        })
}

/// What is signed, for the card.
fn input(request: &SignRequest) -> SigningInput<'_> {
    let bytes = request.input.as_slice();
    match request.mechanism {
        Mechanism::Ecdsa => SigningInput::Ecdsa { digest: bytes },
        Mechanism::RsaPkcs1 => SigningInput::RsaPkcs1 { encoded: bytes },
        Mechanism::RsaPss { hash } => SigningInput::RsaPss {
            hash: match hash {
                HashName::Sha256 => HashAlgorithm::Sha256,
                HashName::Sha384 => HashAlgorithm::Sha384,
                HashName::Sha512 => HashAlgorithm::Sha512,
            },
            digest: bytes,
        },
    }
}

/// The same, to be checked.
fn checked(request: &SignRequest) -> SignedInput<'_> {
    let bytes = request.input.as_slice();
    match request.mechanism {
        Mechanism::Ecdsa => SignedInput::Ecdsa { digest: bytes },
        Mechanism::RsaPkcs1 => SignedInput::RsaPkcs1 { encoded: bytes },
        Mechanism::RsaPss { hash } => SignedInput::RsaPss {
            hash: match hash {
                HashName::Sha256 => CheckedHash::Sha256,
                HashName::Sha384 => CheckedHash::Sha384,
                HashName::Sha512 => CheckedHash::Sha512,
            },
            digest: bytes,
        },
    }
}
