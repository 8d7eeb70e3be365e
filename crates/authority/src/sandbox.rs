//! `sandbox`: an authority for practice. It makes itself in an empty folder, serves on this computer
//! alone, gives certificates to practice cards for people who do not exist, and has a service to log
//! in to. It ends when whoever started it does. All that it issues says that it is practice.

mod desk;
mod people;
mod service;

use std::fs;
use std::future::Future;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::sync::oneshot;
use url::Url;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Authority,
    config::{Config, Data},
    keys,
    server::{self, Addresses, RunError},
    system,
};

/// The last file that [`keys::make`] writes.
const LAST_KEY: &str = "registers.key";
/// Where its service is, below the API.
const SERVICE: &str = "practice/";

/// Where a sandbox is: the line of JSON that says that it is ready.
#[derive(Debug, Serialize)]
struct Ready {
    /// The API.
    authority: Url,
    /// File of the root certificate.
    root: PathBuf,
    /// The service to log in to.
    service: Url,
}

/// Makes it, where it is not made yet, and serves until the standard input ends or the system says
/// so.
///
/// # Errors
/// Why it cannot be made, or does not run.
pub(crate) fn run(home: &Path) -> anyhow::Result<()> {
    let data = Data::new(std::path::absolute(home)?);
    let config = make(&data)?;
    let root = data.keys(&config).join("root.pem");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let stop = told_to_stop()?;
        let ready = async |authority: &Authority, _: &Addresses| {
            desk::open(authority).await?;
            let urls = &authority.urls;
            let service = urls.https.join(SERVICE).map_err(io::Error::other);
            announce(&Ready {
                authority: urls.https.clone(),
                root,
                service: service.map_err(RunError::Addresses)?,
            })
            .map_err(RunError::Addresses)
        };
        let api = |authority: &Authority| server::api(authority, routes());
        Ok(server::serve(&data, config, api, ready, stop).await?)
    })
}

fn routes() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .merge(desk::router())
        .merge(service::router())
}

/// Its settings and keys. What a start left half made is made anew.
fn make(data: &Data) -> anyhow::Result<Config> {
    fs::create_dir_all(data.folder())?;
    let file = data.config();
    if !file.exists() {
        let new = file.with_extension("new");
        fs::write(&new, settings()?)?;
        fs::rename(&new, &file)?;
    }
    let config = Config::read(&file)?;
    let keys = data.keys(&config);
    if !keys.join(LAST_KEY).exists() {
        if keys.exists() {
            fs::remove_dir_all(&keys)?;
        }
        keys::make(
            data,
            &config,
            config.urls.http.as_ref(),
            &["localhost", "127.0.0.1"],
        )?;
    }
    Ok(config)
}

/// Settings with ports that are free. They stay, for certificates and cards remember them.
fn settings() -> io::Result<String> {
    let free = || TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    // All at once, so that no two are the same.
    let sockets = [free()?, free()?, free()?];
    let [https, http, internal] = sockets.each_ref().map(TcpListener::local_addr);
    let (https, http, internal) = (https?, http?, internal?);
    Ok(format!(
        "# An authority for practice, made by `lichna-authority sandbox`.\n\
         instance = \"practice\"\n\
         [listen]\nhttps = \"{https}\"\nhttp = \"{http}\"\ninternal = \"{internal}\"\n\
         [urls]\nhttps = \"https://localhost:{}/\"\nhttp = \"http://{http}/\"\n\
         [store]\nconnections = 4\n\
         # A browser has its holder type the PIN while it shakes hands.\n\
         [limits]\nstop_seconds = 1\nhandshake_seconds = 60\n\
         # What nobody went on with stands in nobody's way for long.\n\
         [issuing]\ndeadline_seconds = 600\n",
        https.port()
    ))
}

fn announce(ready: &Ready) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(ready)?)?;
    out.flush()
}

/// Ends with the standard input, or when the system says so.
fn told_to_stop() -> Result<impl Future<Output = ()>, RunError> {
    let by_system = system::told_to_stop().map_err(RunError::Signal)?;
    let (ended, input) = oneshot::channel::<()>();
    // Not the runtime's: its end would wait for this thread.
    std::thread::spawn(move || {
        let _ended = ended;
        let mut input = io::stdin().lock();
        let mut bytes = [0; 256];
        while matches!(input.read(&mut bytes), Ok(1..)) {}
    });
    Ok(async move {
        tokio::select! {
            () = by_system => {}
            _ = input => {}
        }
    })
}
