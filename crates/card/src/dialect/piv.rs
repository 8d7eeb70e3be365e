//! PIV, NIST SP 800-73-4 part 2.

use lichna_apdu::{Command, Instruction, Response, Status, tlv};

use super::{Commands, Signing, iso};
use crate::{
    AdminAlgorithm, AdminKey, CardError, Challenge, Compression, KeyAlgorithm, Personalisation,
    PinState,
    card::Administrator,
    certificate,
    profile::{Certificate, Key, PinRules},
    session::{Session, refused},
};

/// NIST SP 800-73-4.
pub struct Piv;

/// P1 and P2 of GET DATA and PUT DATA: the current application.
const CURRENT_APPLICATION: (u8, u8) = (0x3F, 0xFF);
/// Tag list, in front of the tag of an object.
const TAG_LIST: u16 = 0x5C;
/// What an object holds.
const OBJECT: u16 = 0x53;
/// Certificate, CertInfo and error detection code: SP 800-73-4 part 1, appendix A.
const CERTIFICATE: u16 = 0x70;
const CERTIFICATE_INFO: u16 = 0x71;
const ERROR_DETECTION: u16 = 0xFE;
/// CertInfo of a certificate that is packed with gzip.
const PACKED: u8 = 0x01;
/// The card's UUID in the CHUID, and its bytes: SP 800-73-4 part 1 §3.4.1. Cards of earlier
/// versions may have zeros there.
const GUID: u16 = 0x34;
const GUID_LENGTH: usize = 16;
/// Dynamic authentication template and what it holds: SP 800-73-4 part 2, table 7.
const DYNAMIC_AUTHENTICATION: u16 = 0x7C;
const WITNESS: u16 = 0x80;
const CHALLENGE: u16 = 0x81;
const RESPONSE: u16 = 0x82;
/// Control reference template of GENERATE ASYMMETRIC KEY PAIR, and the mechanism in it.
const KEY_TEMPLATE: u16 = 0xAC;
const MECHANISM: u16 = 0x80;

impl Commands for Piv {
    /// VERIFY without data, SP 800-73-4 part 2 §3.2.1. Only the PIN can be asked for so: the PUK
    /// tells its tries when it was wrong, and not before.
    fn pin_state(&self, session: &mut Session<'_>, pin: &PinRules) -> Result<PinState, CardError> {
        iso::pin_state(session, pin)
    }

    fn read_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
    ) -> Result<Option<Vec<u8>>, CardError> {
        let what = "certificate object";
        let Some(object) = self.read_object(session, place.object())? else {
            return Ok(None);
        };
        let (mut bytes, mut packed) = (None, false);
        let mut rest = object.as_slice();
        while !rest.is_empty() {
            let (tag, value, after) = tlv::split_first(rest).map_err(CardError::tlv(what))?;
            match tag {
                CERTIFICATE => bytes = Some(value),
                CERTIFICATE_INFO => packed = value.first().is_some_and(|info| info & PACKED != 0),
                _ => {}
            }
            rest = after;
        }
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        if packed && place.compression() == Compression::Marked {
            return certificate::cut(&certificate::unpack(bytes)?);
        }
        certificate::cut(bytes)
    }

    /// GET DATA, SP 800-73-4 part 2 §3.1.2.
    fn read_object(
        &self,
        session: &mut Session<'_>,
        tag: &[u8],
    ) -> Result<Option<Vec<u8>>, CardError> {
        let (p1, p2) = CURRENT_APPLICATION;
        let command = Command::new(Instruction::GetDataOdd, p1, p2)
            .data(&tlv::encode(TAG_LIST, tag))
            .expect(0);
        let response = session.send(&command)?;
        match response.status() {
            Status::Success => {
                let (found, value, _) =
                    tlv::split_first(response.data()).map_err(CardError::tlv("data object"))?;
                if found != OBJECT {
                    return Err(CardError::malformed("data object"));
                }
                Ok(Some(value.to_vec()))
            }
            Status::FileNotFound | Status::ReferencedDataNotFound => Ok(None),
            _ => Err(refused(Instruction::GetDataOdd, &response)),
        }
    }

    /// The GUID of the CHUID, in hexadecimal digits, SP 800-73-4 part 1 §3.1.2.
    fn read_card_number(
        &self,
        session: &mut Session<'_>,
        tag: &[u8],
    ) -> Result<Option<String>, CardError> {
        let what = "CHUID";
        let object = self.read_object(session, tag)?.unwrap_or_default();
        let mut rest = object.as_slice();
        while !rest.is_empty() {
            let (tag, value, after) = tlv::split_first(rest).map_err(CardError::tlv(what))?;
            if tag == GUID && value.len() != GUID_LENGTH {
                return Err(CardError::malformed(what));
            }
            if tag == GUID {
                let is_set = value.iter().any(|byte| *byte != 0);
                return Ok(is_set.then(|| hex::encode_upper(value)));
            }
            rest = after;
        }
        Ok(None)
    }

    /// GENERAL AUTHENTICATE, SP 800-73-4 part 2 §3.2.4 and appendix A.4: the hash, or the padded
    /// hash, in; the signature out.
    fn sign(&self, session: &mut Session<'_>, request: &Signing<'_>) -> Result<Vec<u8>, CardError> {
        let what = "signature";
        let modulus = request.algorithm.modulus_length();
        let input = request.padded().ok_or(request.not_offered())?;
        let mut template = tlv::encode(RESPONSE, &[]);
        template.extend(tlv::encode(CHALLENGE, &input));
        let response = general_authenticate(
            session,
            mechanism(request.algorithm),
            request.key.reference().byte(),
            &template,
            // A P-384 signature has 104 bytes and fits a short answer; only RSA may need more.
            if modulus.is_some() { 0 } else { 256 },
        )?;
        match response.status() {
            Status::Success => {}
            // Nitrokey's PIV application says 6985 for a key that was never made.
            Status::ReferencedDataNotFound | Status::ConditionsOfUseNotSatisfied => {
                return Err(CardError::KeyMissing {
                    key: request.key.reference(),
                });
            }
            _ => return Err(refused(Instruction::GeneralAuthenticateOdd, &response)),
        }
        let signature = template_value(&response, RESPONSE, what)?;
        match request.algorithm {
            KeyAlgorithm::EcP256 => p256::ecdsa::Signature::from_der(&signature)
                .map(|valid| valid.to_bytes().to_vec())
                .map_err(|_| CardError::malformed(what)),
            KeyAlgorithm::EcP384 => p384::ecdsa::Signature::from_der(&signature)
                .map(|valid| valid.to_bytes().to_vec())
                .map_err(|_| CardError::malformed(what)),
            _ if Some(signature.len()) == modulus => Ok(signature),
            _ => Err(CardError::malformed(what)),
        }
    }

    /// The first half of external authentication with the card management key, SP 800-73-4 part 2
    /// §3.2.4 and appendix A. P1 says what the key is, and the standard has no way to ask: each
    /// kind of the profile is tried, and the card refuses what its key is not (6A86).
    fn challenge(&self, session: &mut Session<'_>) -> Result<Challenge, CardError> {
        let what = "challenge";
        let mut refusal = CardError::NotInProfile { what };
        let Some(Personalisation::ManagementKey {
            reference,
            algorithms,
        }) = session.profile.personalisation()
        else {
            return Err(refusal);
        };
        for algorithm in algorithms {
            let wanted = tlv::encode(CHALLENGE, &[]);
            let response =
                general_authenticate(session, algorithm.code(), *reference, &wanted, 256)?;
            if !response.status().is_success() {
                refusal = refused(Instruction::GeneralAuthenticateOdd, &response);
                continue;
            }
            let bytes = template_value(&response, CHALLENGE, what)?;
            if bytes.len() != algorithm.block_length() {
                return Err(CardError::malformed(what));
            }
            return Ok(Challenge {
                bytes,
                algorithm: Some(*algorithm),
            });
        }
        Err(refusal)
    }

    /// By the card management key, SP 800-73-4 part 2, appendix A. Mutual where it is here: the
    /// card proves that it has the key before it learns that we do.
    fn authenticate_administrator(
        &self,
        session: &mut Session<'_>,
        administrator: &Administrator<'_>,
    ) -> Result<(), CardError> {
        let no_such = CardError::NotInProfile {
            what: "administrator's key",
        };
        let Some(Personalisation::ManagementKey {
            reference,
            algorithms,
        }) = session.profile.personalisation()
        else {
            return Err(no_such);
        };
        match administrator {
            Administrator::Key { key, challenge } if algorithms.contains(&key.algorithm()) => {
                mutual_authentication(session, *reference, key, challenge)
            }
            Administrator::Answer { challenge, answer } => {
                let algorithm = challenge.algorithm.ok_or(no_such)?;
                external_authentication(session, *reference, algorithm, answer)
            }
            _ => Err(no_such),
        }
    }

    /// GENERATE ASYMMETRIC KEY PAIR, SP 800-73-4 part 2 §3.3.2.
    fn generate_key(
        &self,
        session: &mut Session<'_>,
        key: &Key,
        algorithm: KeyAlgorithm,
    ) -> Result<Vec<u8>, CardError> {
        let template = tlv::encode(
            KEY_TEMPLATE,
            &tlv::encode(MECHANISM, &[mechanism(algorithm)]),
        );
        let command = Command::new(
            Instruction::GenerateAsymmetricKeyPair,
            0x00,
            key.reference().byte(),
        )
        .data(&template)
        .expect(0);
        Ok(session.demand(&command)?.data().to_vec())
    }

    /// PUT DATA, SP 800-73-4 part 2 §3.3.1.
    fn write_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
        der: &[u8],
    ) -> Result<(), CardError> {
        let mut content = tlv::encode(CERTIFICATE, der);
        content.extend(tlv::encode(CERTIFICATE_INFO, &[0]));
        content.extend(tlv::encode(ERROR_DETECTION, &[]));
        let mut object = tlv::encode(TAG_LIST, place.object());
        object.extend(tlv::encode(OBJECT, &content));
        let (p1, p2) = CURRENT_APPLICATION;
        let command = Command::new(Instruction::PutDataOdd, p1, p2).data(&object);
        session.demand(&command).map(|_| ())
    }
}

fn mutual_authentication(
    session: &mut Session<'_>,
    reference: u8,
    key: &AdminKey,
    challenge: &[u8; 16],
) -> Result<(), CardError> {
    let code = key.algorithm().code();
    let length = key.algorithm().block_length();
    let challenge = challenge.get(..length).unwrap_or(challenge);
    let response = general_authenticate(session, code, reference, &tlv::encode(WITNESS, &[]), 256)?;
    if !response.status().is_success() {
        return Err(refused(Instruction::GeneralAuthenticateOdd, &response));
    }
    let witness = key
        .decrypt(&template_value(&response, WITNESS, "witness")?)
        .ok_or(CardError::malformed("witness"))?;
    let mut template = tlv::encode(WITNESS, &witness);
    template.extend(tlv::encode(CHALLENGE, challenge));
    let response = general_authenticate(session, code, reference, &template, 256)?;
    administrator_accepted(&response)?;
    let proof = template_value(&response, RESPONSE, "response to the challenge")?;
    if key.encrypt(challenge).is_some_and(|right| *right == proof) {
        return Ok(());
    }
    Err(CardError::CardNotGenuine)
}

/// The second half of external authentication: the challenge, encrypted elsewhere.
fn external_authentication(
    session: &mut Session<'_>,
    reference: u8,
    algorithm: AdminAlgorithm,
    answer: &[u8],
) -> Result<(), CardError> {
    // Of another length it cannot be right, and the card would forget what it asked.
    if answer.len() != algorithm.block_length() {
        return Err(CardError::AdministratorRefused { retries_left: None });
    }
    let template = tlv::encode(RESPONSE, answer);
    let command = Command::new(
        Instruction::GeneralAuthenticateOdd,
        algorithm.code(),
        reference,
    )
    .data(&tlv::encode(DYNAMIC_AUTHENTICATION, &template));
    administrator_accepted(&session.send(&command)?)
}

/// What cards say of a wrong proof: the standard's 6300, YubiKey's 6982, Nitrokey's 6A80.
fn administrator_accepted(response: &Response) -> Result<(), CardError> {
    match response.status() {
        Status::Success => Ok(()),
        Status::VerificationFailed(_)
        | Status::SecurityStatusNotSatisfied
        | Status::IncorrectData => Err(CardError::AdministratorRefused { retries_left: None }),
        _ => Err(refused(Instruction::GeneralAuthenticateOdd, response)),
    }
}

fn general_authenticate(
    session: &mut Session<'_>,
    algorithm: u8,
    reference: u8,
    template: &[u8],
    expected: usize,
) -> Result<Response, CardError> {
    let command = Command::new(Instruction::GeneralAuthenticateOdd, algorithm, reference)
        .data(&tlv::encode(DYNAMIC_AUTHENTICATION, template))
        .expect(expected);
    session.send(&command)
}

/// One value out of the dynamic authentication template that a card answered.
fn template_value(response: &Response, tag: u16, what: &'static str) -> Result<Vec<u8>, CardError> {
    let template = tlv::parse(response.data()).map_err(CardError::tlv(what))?;
    tlv::value_at(&template, &[tag])
        .map(<[u8]>::to_vec)
        .map_err(CardError::tlv(what))
}

/// Identifiers of algorithms, SP 800-78-5 §6.2. It has none for 4096 bits: that is Yubico's and
/// Nitrokey's.
const fn mechanism(algorithm: KeyAlgorithm) -> u8 {
    match algorithm {
        KeyAlgorithm::EcP256 => 0x11,
        KeyAlgorithm::EcP384 => 0x14,
        KeyAlgorithm::Rsa2048 => 0x07,
        KeyAlgorithm::Rsa3072 => 0x05,
        KeyAlgorithm::Rsa4096 => 0x16,
    }
}
