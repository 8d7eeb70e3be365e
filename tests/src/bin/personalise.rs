//! Makes a key for logging in on a factory-new card of the test bench, and writes its certificate,
//! with our own crates and through the PC/SC service.
//!
//! It prints the public key (SubjectPublicKeyInfo, hexadecimal) on one line, then reads the
//! certificate (DER, hexadecimal) from one line, and ends when it is written.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "what it prints is its work")]

use std::io;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Parser, ValueEnum};
use lichna_card::{
    AdminAlgorithm, AdminKey, Administrator, Atr, Card, Dialect, KeyAlgorithm, LastTry, Profiles,
};
use lichna_reader::{Connection, Leave};
use lichna_secret::Pin;
use zeroize::Zeroizing;

/// Makes a key on a factory-new card, and writes its certificate
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The name of the reader
    #[arg(long)]
    reader: String,
    /// Which key
    #[arg(long, default_value = "p256")]
    algorithm: Algorithm,
}

#[derive(Clone, Copy, ValueEnum)]
enum Algorithm {
    P256,
    P384,
    Rsa2048,
}

impl From<Algorithm> for KeyAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::P256 => Self::EcP256,
            Algorithm::P384 => Self::EcP384,
            Algorithm::Rsa2048 => Self::Rsa2048,
        }
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let deadline = Instant::now() + TIME;
    let mut connection = Connection::open(&arguments.reader, deadline)?;
    let atr = Atr::parse(connection.atr())?;
    let mut transaction = connection.transaction(deadline)?;
    let profile = Profiles::builtin().recognise(&mut transaction, &atr)?;
    let profile = profile.context("no profile knows this card")?;
    let key = profile
        .login_keys()
        .next()
        .context("no key to log in with")?;
    let key = key.reference();
    let mut card = Card::already_selected(&mut transaction, profile.clone());
    let secret = factory_secret(profile.dialect())?;
    let mut card = card.authenticate_administrator(&secret.administrator()?)?;
    let public_key = card.generate_key(key, arguments.algorithm.into())?;
    println!("{}", hex::encode(public_key));
    let mut certificate = String::new();
    io::stdin().read_line(&mut certificate)?;
    card.write_certificate(key, &hex::decode(certificate.trim())?)?;
    transaction.finish(Leave::Reset)?;
    Ok(())
}

/// What the administrator of a factory-new applet proves himself with.
enum FactorySecret {
    Key(AdminKey),
    Pin(Pin),
}

fn factory_secret(dialect: Dialect) -> anyhow::Result<FactorySecret> {
    Ok(match dialect {
        Dialect::Piv => {
            let bytes = Zeroizing::new((0..24).map(|place| place % 8 + 1).collect());
            FactorySecret::Key(AdminKey::new(AdminAlgorithm::TripleDes, bytes)?)
        }
        Dialect::OpenPgp => FactorySecret::Pin(Pin::take(&mut b"12345678".to_owned())?),
        other => anyhow::bail!(
            "cards of the dialect {} are not personalised here",
            other.name()
        ),
    })
}

impl FactorySecret {
    fn administrator(&self) -> anyhow::Result<Administrator<'_>> {
        Ok(match self {
            Self::Key(key) => {
                let mut challenge = [0; 16];
                getrandom::fill(&mut challenge)?;
                Administrator::Key { key, challenge }
            }
            Self::Pin(pin) => Administrator::Pin {
                pin,
                policy: LastTry::Refuse,
            },
        })
    }
}

/// An RSA key takes a card its time.
const TIME: Duration = Duration::from_secs(300);
