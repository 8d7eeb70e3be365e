//! `lichna-agent`: starts the agent, and ends it when it is told to.
#![forbid(unsafe_code)]

use std::{
    fs, io,
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context;
use lichna_agent::{Agent, cards::Cards, connections};
use lichna_ipc::{Home, Listener, Single, SingleError, harden_process};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// The variable that says what is logged, as `tracing` filters are written; `info` without it.
const LOG: &str = "LICHNA_LOG";
/// How long requests may take to answer when the agent ends.
const MOMENT: Duration = Duration::from_secs(2);
/// A log that is longer than this when the agent starts begins anew.
const LONGEST_LOG: u64 = 4 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the agent ends");
            // The start log of the client that started us, or a person's terminal.
            let _ = io::Write::write_all(&mut io::stderr(), format!("{error:#}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    harden_process()?;
    let home = Home::from_environment()?;
    home.prepare()?;
    let single = match Single::acquire(&home) {
        // Whoever started this one wanted an agent, and there is one.
        Err(SingleError::AlreadyRunning) => return Ok(()),
        single => single?,
    };
    log_to(&home)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // A card signs in the middle of a handshake in the middle of a task: without optimisation
        // that is deep. Only what is touched takes memory.
        .thread_stack_size(4 << 20)
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let listener = Listener::bind(home.socket(), &single)
        .with_context(|| format!("cannot listen at {}", home.socket().display()))?;
    let listener = Arc::new(listener);
    let (cards, watching) = Cards::watch(home.profiles(), runtime.handle().clone())?;
    let socket = home.socket().to_owned();
    let agent = Agent::new(home, cards, runtime.handle().clone());
    tracing::info!(version = lichna_agent::VERSION, socket = %socket.display(), "ready");

    let (of_thread, listens) = (Arc::clone(&agent), Arc::clone(&listener));
    let clients = std::thread::Builder::new()
        .name("clients".into())
        .stack_size(256 * 1024)
        .spawn(move || connections::serve(&listens, &of_thread))?;
    runtime.block_on(told_to_end())?;

    tracing::info!("ending");
    agent.stop();
    watching.cancel();
    shut(listener, clients);
    // Requests that are being answered get a moment to say so; what the runtime is told to end, it
    // ends in the middle.
    let _ = runtime.block_on(async { tokio::time::timeout(MOMENT, agent.idle()).await });
    runtime.shutdown_timeout(MOMENT);
    Ok(())
}

/// Logs go to the log file, and to standard error while that is a terminal.
fn log_to(home: &Home) -> anyhow::Result<()> {
    let filter = || EnvFilter::try_from_env(LOG).unwrap_or_else(|_| EnvFilter::new("info"));
    let path = home.log_file();
    let too_long = fs::metadata(&path).is_ok_and(|found| found.len() > LONGEST_LOG);
    let file = fs::OpenOptions::new()
        .create(true)
        .write(true)
        .append(!too_long)
        .truncate(too_long)
        .open(&path)
        .with_context(|| format!("cannot write the log {}", path.display()))?;
    let to_file = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .with_filter(filter());
    let to_terminal = io::IsTerminal::is_terminal(&io::stderr()).then(|| {
        tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_filter(filter())
    });
    tracing_subscriber::registry()
        .with(to_file)
        .with(to_terminal)
        .try_init()?;
    Ok(())
}

/// Takes no more clients, and the socket's file away where it is ours.
#[cfg(unix)]
fn shut(listener: Arc<Listener>, clients: std::thread::JoinHandle<()>) {
    if rustix::net::shutdown(&*listener, rustix::net::Shutdown::Both).is_ok() {
        // It ends with the error that its listener is shut.
        let _ = clients.join();
    }
}

/// Takes no more clients: the pipe goes with the process.
#[cfg(not(unix))]
fn shut(_listener: Arc<Listener>, _clients: std::thread::JoinHandle<()>) {}

/// Ends when the system, or a person at the terminal, ends the agent.
#[cfg(unix)]
async fn told_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

/// Ends when the system, or a person at the terminal, ends the agent.
#[cfg(not(unix))]
async fn told_to_end() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
