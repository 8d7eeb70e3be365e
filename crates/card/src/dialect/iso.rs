//! The PIN commands of ISO/IEC 7816-4 §11.5, which all families share.

use lichna_apdu::{Command, Instruction, PinModification, PinVerification, Response, Status};
use lichna_secret::{Pin, Puk};
use zeroize::Zeroizing;

use super::of;
use crate::{
    CardError, PinState,
    pin::{push_block, state_from, state_on},
    profile::{PinRole, PinRules},
    session::{Session, refused},
};

/// Two PINs of the greatest length: a block that holds them is never moved, so no copy stays
/// behind.
const LONGEST_BLOCK: usize = 2 * lichna_secret::LONGEST;

/// P1 of VERIFY that forgets that a PIN was verified, SP 800-73-4 part 2 §3.2.1, OpenPGP 3.4
/// §7.2.2.
const FORGET: u8 = 0xFF;

/// VERIFY without data, ISO/IEC 7816-4 §11.5.6: the state of a user's PIN. A PUK has no such
/// question.
pub fn pin_state(session: &mut Session<'_>, pin: &PinRules) -> Result<PinState, CardError> {
    if pin.role() != PinRole::User {
        return Ok(PinState::Unknown);
    }
    let query = Command::new(Instruction::Verify, 0x00, pin.verify_reference());
    let status = session.send(&query)?.status();
    let protected = session.channel.is_protected();
    Ok(state_on(protected, pin, status).unwrap_or(PinState::Unknown))
}

/// VERIFY, ISO/IEC 7816-4 §11.5.6.
pub fn verify(session: &mut Session<'_>, rules: &PinRules, pin: &Pin) -> Result<(), CardError> {
    session.may_send_pin()?;
    let mut block = Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK));
    pin.expose(|characters| push_block(rules, characters, &mut block))?;
    let command =
        Command::new(Instruction::Verify, 0x00, rules.verify_reference()).secret_data(block);
    let response = session.send(&command)?;
    let outcome = outcome(session, rules, Instruction::Verify, &response);
    if let Err(CardError::WrongPin { .. }) = outcome
        && let Ok(Some(why)) = of(session.profile.dialect()).why_wrong(session)
    {
        return Err(why);
    }
    outcome
}

/// VERIFY with the PIN typed on the reader.
pub fn verify_on_pinpad(session: &mut Session<'_>, rules: &PinRules) -> Result<(), CardError> {
    session.may_send_pin()?;
    let verification = PinVerification {
        reference: rules.verify_reference(),
        format: rules.format(),
    };
    let pinpad = session.channel.pinpad().ok_or(CardError::NoPinpad)?;
    let response = pinpad.verify(&verification)?;
    outcome(session, rules, Instruction::Verify, &response)
}

/// CHANGE REFERENCE DATA, ISO/IEC 7816-4 §11.5.7.
pub fn change(
    session: &mut Session<'_>,
    (old_rules, old): (&PinRules, &Pin),
    (rules, new): (&PinRules, &Pin),
) -> Result<(), CardError> {
    session.may_send_pin()?;
    let mut block = Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK));
    old.expose(|characters| push_block(old_rules, characters, &mut block))?;
    new.expose(|characters| push_block(rules, characters, &mut block))?;
    let command = Command::new(
        Instruction::ChangeReferenceData,
        0x00,
        rules.change_reference(),
    )
    .secret_data(block);
    let response = session.send(&command)?;
    outcome(session, rules, Instruction::ChangeReferenceData, &response)
}

/// CHANGE REFERENCE DATA with both PINs typed on the reader.
pub fn change_on_pinpad(session: &mut Session<'_>, rules: &PinRules) -> Result<(), CardError> {
    modify_on_pinpad(
        session,
        rules,
        &PinModification {
            instruction: Instruction::ChangeReferenceData,
            p1: 0x00,
            reference: rules.change_reference(),
            old: rules.format(),
            new: rules.format(),
        },
    )
}

/// RESET RETRY COUNTER with the PUK and a new PIN, ISO/IEC 7816-4 §11.5.10.
pub fn unblock(
    session: &mut Session<'_>,
    rules: &PinRules,
    unblocking: &PinRules,
    puk: &Puk,
    new: &Pin,
) -> Result<(), CardError> {
    session.may_send_pin()?;
    let mut block = Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK));
    puk.expose(|characters| push_block(unblocking, characters, &mut block))?;
    new.expose(|characters| push_block(rules, characters, &mut block))?;
    let command = Command::new(
        Instruction::ResetRetryCounter,
        0x00,
        rules.change_reference(),
    )
    .secret_data(block);
    let response = session.send(&command)?;
    outcome(
        session,
        unblocking,
        Instruction::ResetRetryCounter,
        &response,
    )
}

/// RESET RETRY COUNTER with the PUK and the new PIN typed on the reader.
pub fn unblock_on_pinpad(
    session: &mut Session<'_>,
    rules: &PinRules,
    unblocking: &PinRules,
) -> Result<(), CardError> {
    modify_on_pinpad(
        session,
        unblocking,
        &PinModification {
            instruction: Instruction::ResetRetryCounter,
            p1: 0x00,
            reference: rules.change_reference(),
            old: unblocking.format(),
            new: rules.format(),
        },
    )
}

/// VERIFY that forgets: the PIN must be given again.
pub fn forget(session: &mut Session<'_>, rules: &PinRules) -> Result<(), CardError> {
    let command = Command::new(Instruction::Verify, FORGET, rules.verify_reference());
    session.demand(&command).map(|_| ())
}

fn modify_on_pinpad(
    session: &mut Session<'_>,
    compared: &PinRules,
    modification: &PinModification,
) -> Result<(), CardError> {
    session.may_send_pin()?;
    let pinpad = session.channel.pinpad().ok_or(CardError::NoPinpad)?;
    let response = pinpad.modify(modification)?;
    outcome(session, compared, modification.instruction, &response)
}

/// What the answer to a command that compared a secret means. `compared` is that secret.
fn outcome(
    session: &Session<'_>,
    compared: &PinRules,
    command: Instruction,
    response: &Response,
) -> Result<(), CardError> {
    let status = response.status();
    if status == Status::Success {
        return Ok(());
    }
    if of(session.profile.dialect()).means_wrong_pin(status) {
        return Err(compared.wrong(None));
    }
    if let Status::VerificationFailed(left @ (None | Some(1..))) = status {
        // Wrong, whether or not the card suspends the PIN from now on.
        return Err(compared.wrong(left));
    }
    Err(match state_from(compared, status) {
        Some(PinState::Blocked | PinState::UnblockingBlocked) => compared.blocked(),
        Some(PinState::Suspended) if compared.role() == PinRole::User => CardError::PinSuspended,
        Some(PinState::NotActivated) => CardError::PinNotActivated,
        _ => refused(command, response),
    })
}
