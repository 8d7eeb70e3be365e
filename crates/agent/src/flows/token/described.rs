//! The tokens, as programs are told of them: from what is known already, no card is asked.

use lichna_card::PinRules;
use lichna_ipc::{
    Failure, KeyRole, PinEntry, PinState, PublicKey, Token, TokenCertificate, TokenId, TokenPin,
    TokenReader, Tokens,
};
use lichna_pki::{Certificate, KeyParts};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::found;
use crate::{
    Agent,
    cards::{CardView, KnownCard, ReaderView, Stage, View},
    config::Config,
    flows::{ask, certificates::moment, listing::is_practice, pin, signing::algorithm},
};

/// What is said of all tokens.
struct Terms {
    classic: bool,
    authorities: Vec<Certificate>,
}

/// The tokens at this moment.
pub fn tokens(agent: &Agent, view: &View) -> Tokens {
    let terms = terms(agent);
    Tokens {
        settled: view.service.is_some() && view.readers.iter().all(is_settled),
        readers: view.readers.iter().map(|one| reader(one, &terms)).collect(),
    }
}

/// What the configuration says of tokens. One with a fault stops nobody from seeing his card; the
/// signature will name the fault.
fn terms(agent: &Agent) -> Terms {
    let file = agent.home.configuration_file();
    let config = Config::read(&file).unwrap_or_else(|failure| {
        tracing::warn!(%failure, "tokens are shown as without it");
        Config::default()
    });
    let mut authorities = Vec::new();
    for pem in config.chain(&file) {
        match pem {
            Ok(pem) => authorities.extend(parsed(&pem.file, &pem.pem)),
            Err(failure) => tracing::warn!(%failure, "an authority is not shown"),
        }
    }
    Terms {
        classic: config.pkcs11.login,
        authorities,
    }
}

/// The certificates in a PEM file.
fn parsed(file: &str, pem: &str) -> Vec<Certificate> {
    let parsed = CertificateDer::pem_slice_iter(pem.as_bytes()).map(|der| {
        let invalid = |reason: String| Failure::AuthorityInvalid {
            file: file.to_owned(),
            reason,
        };
        let der = der.map_err(|error| invalid(error.to_string()))?;
        Certificate::parse(&der).map_err(|error| invalid(error.to_string()))
    });
    let good = parsed.filter_map(|one: Result<_, Failure>| match one {
        Ok(certificate) => Some(certificate),
        Err(failure) => {
            tracing::warn!(%failure, "an authority is not shown");
            None
        }
    });
    good.collect()
}

/// Nothing more is about to be known of what is in it.
pub fn is_settled(reader: &ReaderView) -> bool {
    match reader.card.as_ref().map(|card| &card.stage) {
        Some(Stage::Reading) => false,
        Some(Stage::Known(known)) => known.for_programs().is_settled(),
        _ => true,
    }
}

fn reader(reader: &ReaderView, terms: &Terms) -> TokenReader {
    let mut described = TokenReader {
        name: reader.name.clone(),
        wants_can: false,
        tokens: Vec::new(),
    };
    let Some(card) = &reader.card else {
        return described;
    };
    let Stage::Known(known) = &card.stage else {
        return described;
    };
    if known.may_be_used(&reader.name).is_err() {
        return described;
    }
    if known.is_sealed() && !known.is_read() {
        let guard = known.guard(&reader.name);
        described.wants_can = matches!(guard, Err(Failure::CanNeeded { .. }));
        return described;
    }
    for (key, role) in found::keys(known) {
        if described.tokens.iter().any(|other| other.role == role) {
            continue;
        }
        let id = TokenId {
            reader: reader.name.clone(),
            insertion: card.insertion.count,
            key: key.reference().to_string(),
        };
        if let Some(token) = token(card, known, (key, role), id, terms) {
            described.tokens.push(token);
        }
    }
    described
}

fn token(
    card: &CardView,
    known: &KnownCard,
    (key, role): (&lichna_card::Key, KeyRole),
    id: TokenId,
    terms: &Terms,
) -> Option<Token> {
    let profile = known.profile();
    let rules = profile.pin(key.pin()?)?;
    let certificate = known.certificate(key.reference())?.ok()??;
    let certificate = &certificate.parsed;
    let algorithm = algorithm(certificate.key_algorithm())?;
    let inputs = profile.inputs(key.reference(), algorithm);
    let mechanisms: Vec<_> = inputs.into_iter().filter_map(found::mechanism).collect();
    if mechanisms.is_empty() {
        return None;
    }
    let entry = if known.pinpad() {
        PinEntry::Pinpad
    } else {
        PinEntry::Typed
    };
    let authorities = [known.chain(), &terms.authorities].concat();
    let chain = certificate.chain(&authorities).into_iter();
    Some(Token {
        id,
        role,
        card: profile.name().to_owned(),
        issuer: profile.issuer().to_owned(),
        number: known.number().map(str::to_owned),
        practice: is_practice(card),
        // Nobody but the holder's finger has what is typed at a keypad.
        login: terms.classic && entry == PinEntry::Typed,
        pin: token_pin(known, rules, entry),
        key: match certificate.public_key().parts()? {
            KeyParts::Ec { parameters, point } => PublicKey::Ec { parameters, point },
            KeyParts::Rsa { modulus, exponent } => PublicKey::Rsa { modulus, exponent },
            _ => return None,
        },
        mechanisms,
        chain: chain.map(described).collect(),
        certificate: described(certificate),
    })
}

fn token_pin(known: &KnownCard, rules: &PinRules, entry: PinEntry) -> TokenPin {
    let said = known.for_programs().said_of(rules.reference());
    TokenPin {
        name: rules.id().to_owned(),
        state: said
            .as_ref()
            .map_or(PinState::Unknown, |status| pin::state(status, None)),
        tries_left: said.as_ref().and_then(ask::tries_left),
        shortest: rules.format().shortest,
        longest: rules.format().longest,
        entry,
    }
}

fn described(certificate: &Certificate) -> TokenCertificate {
    let label = certificate.common_name();
    TokenCertificate {
        label: label.unwrap_or_else(|| certificate.subject()).to_owned(),
        der: certificate.der().to_vec(),
        subject: certificate.subject_der().to_vec(),
        issuer: certificate.issuer_der().to_vec(),
        serial: certificate.serial_der().to_vec(),
        public_key: certificate.spki_der().to_vec(),
        not_before: moment(certificate.not_before()),
        not_after: moment(certificate.not_after()),
        key_identifier: certificate.key_identifier().to_vec(),
    }
}
