//! A card with a third-party applet as a process of its own, at a port of vpcd.
//! Standard input takes lines: `insert`, `remove`, `quit`; at its end the card stays inserted.
#![forbid(unsafe_code)]

use std::io::{self, BufRead};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::vpicc::{Card, Latency};

/// A card with a third-party applet, at a port of vpcd
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Which applet
    applet: Applet,
    /// The TCP port of the reader's slot, on this computer
    #[arg(long)]
    port: u16,
    /// The card's identity, 32 hexadecimal digits; all its keys follow from it (default: random)
    #[arg(long, value_parser = bytes::<16>)]
    uuid: Option<[u8; 16]>,
    /// The answer to reset, in hexadecimal (default: that of a Nitrokey 3)
    #[arg(long, value_parser = |text: &str| hex::decode(text).map(Hex))]
    atr: Option<Hex>,
    /// Refuse extended length
    #[arg(long)]
    short_only: bool,
    /// Milliseconds for every command that signs
    #[arg(long, value_name = "MS")]
    latency_sign: Option<u64>,
    /// Milliseconds for one instruction, as INS=MS with INS in hexadecimal; may be repeated
    #[arg(long, value_name = "INS=MS", value_parser = instruction_time)]
    latency: Vec<(u8, Duration)>,
    /// Begin outside the reader
    #[arg(long)]
    removed: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Applet {
    /// piv-authenticator
    Piv,
    /// opcard
    Openpgp,
}

#[derive(Clone)]
struct Hex(Vec<u8>);

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], hex::FromHexError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map(|()| bytes)
}

fn instruction_time(text: &str) -> Result<(u8, Duration), String> {
    let (instruction, time) = text.split_once('=').ok_or("not of the form INS=MS")?;
    let [instruction] = bytes::<1>(instruction).map_err(|e| e.to_string())?;
    let time = time.parse().map_err(|e| format!("{time}: {e}"))?;
    Ok((instruction, Duration::from_millis(time)))
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut making = Making::new(match arguments.applet {
        Applet::Piv => Kind::Piv,
        Applet::Openpgp => Kind::OpenPgp,
    });
    if let Some(uuid) = arguments.uuid {
        making = making.uuid(uuid);
    }
    if let Some(Hex(atr)) = arguments.atr {
        making = making.atr(atr);
    }
    if arguments.short_only {
        making = making.short_only();
    }
    let mut latency = Latency::default();
    if let Some(time) = arguments.latency_sign {
        latency = latency.signing(Duration::from_millis(time));
    }
    for (instruction, time) in arguments.latency {
        latency = latency.with(instruction, time);
    }
    let card = Card::new(arguments.port, making.make());
    card.set_latency(latency);
    if !arguments.removed {
        card.push_in();
    }
    for line in io::stdin().lock().lines() {
        match line?.trim() {
            "insert" => card.push_in(),
            "remove" => card.remove(),
            "quit" => return Ok(()),
            "" => {}
            other => return Err(io::Error::other(format!("no such order: {other}"))),
        }
    }
    loop {
        std::thread::park();
    }
}
