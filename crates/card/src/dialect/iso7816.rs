//! Cards of ISO/IEC 7816-4, -8 and -15: files, keys and algorithms by number. What the numbers
//! are stands in the profile.

pub mod files;

use lichna_apdu::{Command, Instruction, Status, tlv};
use lichna_secret::Pin;
use zeroize::Zeroizing;

use super::{Commands, Signing, done_with_key, iso, plain_signature};
use crate::{
    CardError, Challenge, HashAlgorithm, KeyAlgorithm, Personalisation, PinState, Profile,
    SigningInput,
    card::Administrator,
    certificate, padding,
    pin::push_block,
    profile::{AlgorithmInput, CardAlgorithm, Certificate, Key, PinRules, SigningCommand},
    session::{Session, refused},
};

/// ISO/IEC 7816-4, -8 and -15.
pub struct Iso7816;

/// MANAGE SECURITY ENVIRONMENT: set for computation, digital signature template (ISO/IEC 7816-4
/// §11.5.11).
const SET_SIGNATURE: (u8, u8) = (0x41, 0xB6);
/// PSO: COMPUTE DIGITAL SIGNATURE, ISO/IEC 7816-8 §11.6: a signature of plain data.
const COMPUTE_SIGNATURE: (u8, u8) = (0x9E, 0x9A);
/// Data objects of control reference templates, ISO/IEC 7816-4 table 63; in GENERATE ASYMMETRIC
/// KEY PAIR the algorithm's place holds the kind of key.
const ALGORITHM: u16 = 0x80;
const PRIVATE_KEY: u16 = 0x84;
const SIGNATURE_TEMPLATE: u16 = 0xB6;
/// P1 of GENERATE ASYMMETRIC KEY PAIR, ISO/IEC 7816-8 §11.2: a new pair, or the public key again.
const GENERATE: u8 = 0x80;
const READ_AGAIN: u8 = 0x81;
/// P1 of RESET RETRY COUNTER: the new reference data alone, ISO/IEC 7816-4 §11.5.10.
const NEW_ALONE: u8 = 0x02;
/// Longest EF.GDO that is read, in bytes.
const LONGEST_DATA: usize = 256;
/// The number of the card, in EF.GDO: its primary account number, ISO/IEC 7816-6.
const CARD_NUMBER: u16 = 0x5A;

impl Commands for Iso7816 {
    /// VERIFY without data, ISO/IEC 7816-4 §11.5.6. A PUK has no such question.
    fn pin_state(&self, session: &mut Session<'_>, pin: &PinRules) -> Result<PinState, CardError> {
        iso::pin_state(session, pin)
    }

    fn read_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
    ) -> Result<Option<Vec<u8>>, CardError> {
        match files::read_object(session, place.object(), certificate::LONGEST)? {
            Some(bytes) => certificate::cut(&bytes),
            None => Ok(None),
        }
    }

    /// What is in the file at this path.
    fn read_object(
        &self,
        session: &mut Session<'_>,
        path: &[u8],
    ) -> Result<Option<Vec<u8>>, CardError> {
        files::read_object(session, path, certificate::LONGEST)
    }

    fn read_card_number(
        &self,
        session: &mut Session<'_>,
        path: &[u8],
    ) -> Result<Option<String>, CardError> {
        let what = "card number";
        let Some(file) = files::read_object(session, path, LONGEST_DATA)? else {
            return Ok(None);
        };
        let (tag, number, _) = tlv::split_first(&file).map_err(CardError::tlv(what))?;
        if tag != CARD_NUMBER || number.is_empty() {
            return Err(CardError::malformed(what));
        }
        let readable = number.iter().all(u8::is_ascii_alphanumeric);
        Ok(Some(match core::str::from_utf8(number) {
            Ok(text) if readable => text.to_owned(),
            _ => hex::encode_upper(number),
        }))
    }

    fn sign(&self, session: &mut Session<'_>, request: &Signing<'_>) -> Result<Vec<u8>, CardError> {
        let known = card_algorithm(session.profile, request.algorithm, request.input);
        let (Some(algorithm), Some(command)) = (known, request.key.command()) else {
            return Err(request.not_offered());
        };
        let reference = algorithm.reference();
        let input = input_of(request, algorithm.input()).ok_or(request.not_offered())?;
        let key = request.key.reference();
        let command = match command {
            SigningCommand::InternalAuthenticate => {
                Command::new(Instruction::InternalAuthenticate, reference, key.byte())
            }
            SigningCommand::ComputeDigitalSignature => {
                let mut template = tlv::encode(ALGORITHM, &[reference]);
                template.extend(tlv::encode(PRIVATE_KEY, &[key.byte()]));
                let (p1, p2) = SET_SIGNATURE;
                let set =
                    Command::new(Instruction::ManageSecurityEnvironment, p1, p2).data(&template);
                let response = session.send(&set)?;
                done_with_key(
                    request.key,
                    Instruction::ManageSecurityEnvironment,
                    &response,
                )?;
                let (p1, p2) = COMPUTE_SIGNATURE;
                Command::new(Instruction::PerformSecurityOperation, p1, p2)
            }
        };
        let (instruction, ..) = command.header();
        let response = session.send(&command.data(&input).expect(request.expected()))?;
        done_with_key(request.key, instruction, &response)?;
        plain_signature(request.algorithm, response.data())
    }

    /// GET CHALLENGE, ISO/IEC 7816-4 §11.5.3.
    fn challenge(&self, session: &mut Session<'_>) -> Result<Challenge, CardError> {
        let Some(Personalisation::Challenge { length, .. }) = session.profile.personalisation()
        else {
            return Err(CardError::NotInProfile { what: "challenge" });
        };
        let length = usize::from(*length);
        let command = Command::new(Instruction::GetChallenge, 0x00, 0x00).expect(length);
        let challenge = session.demand(&command)?.into_data();
        if challenge.len() != length {
            return Err(CardError::malformed("challenge"));
        }
        Ok(Challenge {
            bytes: challenge.to_vec(),
            algorithm: None,
        })
    }

    /// EXTERNAL AUTHENTICATE, ISO/IEC 7816-4 §11.5.4, with an answer that somebody else gave.
    fn authenticate_administrator(
        &self,
        session: &mut Session<'_>,
        administrator: &Administrator<'_>,
    ) -> Result<(), CardError> {
        let (
            Administrator::Answer { answer, .. },
            Some(Personalisation::Challenge { reference, .. }),
        ) = (administrator, session.profile.personalisation())
        else {
            return Err(CardError::NotInProfile {
                what: "administrator's challenge",
            });
        };
        // Longer than a short command carries is no answer; it would only be chained.
        if answer.is_empty() || answer.len() > 255 {
            return Err(CardError::AdministratorRefused { retries_left: None });
        }
        let command =
            Command::new(Instruction::ExternalAuthenticate, 0x00, *reference).data(answer);
        let response = session.send(&command)?;
        match response.status() {
            Status::Success => Ok(()),
            Status::VerificationFailed(retries_left) => {
                Err(CardError::AdministratorRefused { retries_left })
            }
            _ => Err(refused(Instruction::ExternalAuthenticate, &response)),
        }
    }

    /// GENERATE ASYMMETRIC KEY PAIR, ISO/IEC 7816-8 §11.2.
    fn generate_key(
        &self,
        session: &mut Session<'_>,
        key: &Key,
        algorithm: KeyAlgorithm,
    ) -> Result<Vec<u8>, CardError> {
        let not_offered = CardError::AlgorithmNotOffered { algorithm };
        let Some(Personalisation::Challenge { key_types, .. }) = session.profile.personalisation()
        else {
            return Err(not_offered);
        };
        let (_, number) = key_types
            .iter()
            .find(|(known, _)| *known == algorithm)
            .ok_or(not_offered)?;
        let mut template = tlv::encode(PRIVATE_KEY, &[key.reference().byte()]);
        template.extend(tlv::encode(ALGORITHM, &[*number]));
        key_pair(session, GENERATE, &template)
    }

    fn read_public_key(&self, session: &mut Session<'_>, key: &Key) -> Result<Vec<u8>, CardError> {
        let template = tlv::encode(PRIVATE_KEY, &[key.reference().byte()]);
        key_pair(session, READ_AGAIN, &template).map_err(|error| match error {
            CardError::CardRefused {
                status: Status::ReferencedDataNotFound,
                ..
            } => CardError::KeyMissing {
                key: key.reference(),
            },
            other => other,
        })
    }

    fn write_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
        der: &[u8],
    ) -> Result<(), CardError> {
        files::write(session, place.object(), der)
    }

    /// ACTIVATE FILE, ISO/IEC 7816-9 §10.5, for the certificate: its key is the one in use then.
    fn activate(&self, session: &mut Session<'_>, place: &Certificate) -> Result<(), CardError> {
        files::must_select(session, place.object())?;
        let command = Command::new(Instruction::ActivateFile, 0x00, 0x00);
        session.demand(&command).map(|_| ())
    }

    fn set_transport_pin(
        &self,
        session: &mut Session<'_>,
        transport: &PinRules,
        pin: &Pin,
    ) -> Result<(), CardError> {
        session.may_send_pin()?;
        let mut block = Zeroizing::new(Vec::with_capacity(lichna_secret::LONGEST));
        pin.expose(|characters| push_block(transport, characters, &mut block))?;
        let command = Command::new(
            Instruction::ResetRetryCounter,
            NEW_ALONE,
            transport.change_reference(),
        )
        .secret_data(block);
        session.demand(&command).map(|_| ())
    }
}

/// The algorithm of the card for this input.
fn card_algorithm<'p>(
    profile: &'p Profile,
    algorithm: KeyAlgorithm,
    input: &SigningInput<'_>,
) -> Option<&'p CardAlgorithm> {
    let kind = input.kind();
    // A card may have a number of its own for each hash, also where the hash comes with its name.
    let named = match input {
        SigningInput::RsaPkcs1 { encoded } => padding::hash_of(encoded),
        _ => None,
    };
    let signs = |known: &&CardAlgorithm, hash: Option<HashAlgorithm>| {
        known.schemes().iter().any(|scheme| {
            scheme.fits(algorithm)
                && scheme.input() == kind
                && hash.is_none_or(|hash| scheme.hash() == hash)
        })
    };
    let algorithms = profile.algorithms();
    algorithms
        .iter()
        .find(|known| signs(known, named))
        .or_else(|| algorithms.iter().find(|known| signs(known, None)))
}

/// What the card is given to sign; `None` when the key is too short for it.
fn input_of(request: &Signing<'_>, wanted: AlgorithmInput) -> Option<Vec<u8>> {
    match (wanted, request.input) {
        (AlgorithmInput::Hash, SigningInput::RsaPss { digest, .. }) => Some(digest.to_vec()),
        (AlgorithmInput::Hash, SigningInput::Ecdsa { .. }) | (AlgorithmInput::Padded, _) => {
            request.padded()
        }
        (AlgorithmInput::DigestInfo, SigningInput::RsaPkcs1 { encoded }) => Some(encoded.to_vec()),
        _ => None,
    }
}

fn key_pair(session: &mut Session<'_>, p1: u8, template: &[u8]) -> Result<Vec<u8>, CardError> {
    let command = Command::new(Instruction::GenerateAsymmetricKeyPair, p1, 0x00)
        .data(&tlv::encode(SIGNATURE_TEMPLATE, template))
        .expect(0);
    Ok(session.demand(&command)?.data().to_vec())
}
