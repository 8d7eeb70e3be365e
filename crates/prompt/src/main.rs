//! `lichna-prompt`, the PIN window: shows one consent, takes the secrets, hands them to the agent
//! that opened it, and ends.
//!
//! It is a process of its own, so that a PIN is typed into nothing that loads web pages, libraries of
//! others, or programs' data. Nobody else opens it, and it opens nothing: no file, no connection but
//! to the display and the screen reader.
#![forbid(unsafe_code)]
#![cfg_attr(windows, windows_subsystem = "windows")]

mod drawing;
mod face;
mod form;
mod look;
mod paint;
mod window;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use lichna_i18n::{Language, Messages};
use lichna_ipc::window::Channel;
use lichna_ipc::{Answer, Look, WindowLanguage, WindowMessage, harden_process};
use winit::event_loop::EventLoop;

use crate::face::{Done, Face};
use crate::form::Form;
use crate::window::{Event, Shell};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever started it by hand reads this; the agent was told.
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("{error:#}\n").as_bytes(),
            );
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    harden_process()?;
    let mut channel = Channel::of_agent()?;
    let prompt = channel.prompt()?;
    match ask(&prompt, channel.duplicate()?) {
        Ok(()) => Ok(()),
        Err(error) => {
            let reason = format!("{error:#}");
            // It may be the agent that is gone.
            let _ = channel.say(&WindowMessage::Impossible { reason });
            Err(error)
        }
    }
}

fn ask(prompt: &lichna_ipc::Prompt, channel: Channel) -> anyhow::Result<()> {
    let consent = &prompt.consent;
    let latest = Instant::now() + Duration::from_secs(consent.seconds_left.into());
    let face = Face::new(
        consent,
        messages(&prompt.look),
        look::palette(&prompt.look, false),
        look::digits(prompt.look.keypad).context("no random numbers")?,
        Form::new(consent)?,
        latest,
    );
    let events = EventLoop::<Event>::with_user_event().build()?;
    let (proxy, mut waits) = (events.create_proxy(), channel.duplicate()?);
    thread::Builder::new().name("agent".into()).spawn(move || {
        waits.until_gone();
        // The window may have closed already.
        let _ = proxy.send_event(Event::AgentGone);
    })?;
    let mut shell = Shell::new(face, prompt.look, channel, events.create_proxy());
    events.run_app(&mut shell)?;
    if let Some(fault) = shell.fault.take() {
        return Err(fault.into());
    }
    let (face, mut channel) = shell.into_parts();
    match face.done {
        Done::Agreed => {
            let (secrets, choices) = face.form.answer()?;
            channel.agree(&secrets, choices)?;
        }
        Done::Refused => channel.say(&WindowMessage::Answer(Answer::Refused))?,
        // Nobody waits for an answer.
        Done::Open => {}
    }
    Ok(())
}

fn messages(look: &Look) -> Messages {
    match look.language {
        Some(WindowLanguage::Bg) => Messages::of(Language::Bulgarian),
        Some(WindowLanguage::En) => Messages::of(Language::English),
        None => Messages::from_system(),
    }
}
