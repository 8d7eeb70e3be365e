//! What a program pays for a PKCS#11 module: until it has found the first certificate, for a search,
//! for an attribute, on the disk, for a page. Each module in processes of its own, which do the same.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use cryptoki_sys::{CKA_ID, CKA_VALUE, CKO_CERTIFICATE};
use serde::{Deserialize, Serialize};

use super::firefox;
use super::ours::Ours;
use super::peers;
use super::stage::{HOLDER, Key, Stage, run as run_command};
use super::{Goal, Peer, Row};
use crate::module::{Module, Query, Template};
use crate::programs::{Provider, SoftHsm};

const BENCH: &str = "pkcs11";
/// Processes of each module.
const RUNS: usize = 9;
/// Of each kind of call in a process.
const CALLS: usize = 2000;
/// On the disk, in megabytes.
const SIZE: f64 = 1.5;
/// A search, beside the first one with OpenSC, which asks the card.
const FIRST: f64 = 0.01;
/// Microseconds of a call that is answered from memory, beside OpenSC, which answers from its own
/// memory once it has asked.
const CALL: f64 = 10.0;

pub fn run() -> Vec<Row> {
    let stage = Stage::short(Key::P256);
    let ours = Ours::start(&stage);
    let own = Provider::ours(ours.home());
    let of_ours: Vec<_> = (0..RUNS).map(|_| probe(&own)).collect();
    let pages_of_ours = firefox::Costs::of_ours(&stage, ours.home(), &own);
    // Without the agent nobody is in OpenSC's way.
    drop(ours);

    let opensc = peers::Module::OpenSc;
    let their_home = tempfile::tempdir().expect("a folder");
    let mut theirs = Provider {
        path: opensc.path(),
        environment: vec![("HOME".into(), their_home.path().into())],
        pin: None,
    };
    let service = stage.pcscd.env().into_iter();
    let service = service.map(|(name, value)| (name.into(), value));
    theirs.environment.extend(service);
    let of_opensc = (0..RUNS).map(|_| {
        // It leaves the card powered, with what it knows of it.
        stage.reset();
        probe(&theirs)
    });
    let of_opensc: Vec<_> = of_opensc.collect();
    stage.reset();
    let pages_of_opensc = firefox::Costs::of_other(&stage, &theirs);

    let hsm = SoftHsm::new(&stage.ca, stage.key.kind(), HOLDER);
    let softhsm = hsm.module();
    let of_softhsm: Vec<_> = (0..RUNS).map(|_| probe(&softhsm)).collect();
    let pages_of_softhsm = firefox::Costs::of_other(&stage, &softhsm);

    let peers = [(opensc.name(), &of_opensc), (SoftHsm::name(), &of_softhsm)];
    let mut rows = Vec::new();
    let mut row = |what: &str, (ours, unit), name: &str, theirs, goal| {
        let peer = Peer {
            name: name.to_owned(),
            figure: theirs,
        };
        rows.push(Row::beside(
            (BENCH, what.to_owned()),
            (ours, unit),
            &peer,
            goal,
        ));
    };
    for (what, unit, figure) in FIGURES {
        let ours = (median(&of_ours, figure), unit);
        for (name, theirs) in &peers {
            let own_goal = unit == "µs" && *name == opensc.name();
            let goal = if own_goal {
                Goal::AtMost(CALL)
            } else {
                Goal::TimesPeer(1.0)
            };
            row(what, ours, name, median(theirs, figure), goal);
        }
    }
    let search = median(&of_ours, |probed| probed.search);
    let first = median(&of_opensc, |probed| probed.first) * 1e3;
    let name = format!("{}, from C_Initialize", opensc.name());
    let goal = Goal::TimesPeer(FIRST);
    row(
        "search for certificates",
        (search, "µs"),
        &name,
        first,
        goal,
    );
    let peer = Peer {
        name: opensc.name(),
        figure: opensc_size(&theirs.path),
    };
    let size = (megabytes(&own.path), "MB");
    let metric = (BENCH, "size of the library".to_owned());
    rows.push(Row::beside(metric, size, &peer, Goal::AtMost(SIZE)));
    let others = [
        (opensc.name(), pages_of_opensc),
        (SoftHsm::name(), pages_of_softhsm),
    ];
    rows.extend(firefox::rows(BENCH, &pages_of_ours, &others));
    rows
}

/// A figure of a [`Probed`], with its name and unit.
type Figure = (&'static str, &'static str, fn(&Probed) -> f64);

const FIGURES: [Figure; 3] = [
    ("C_Initialize to the first certificate", "ms", |probed| {
        probed.first
    }),
    ("search for certificates", "µs", |probed| probed.search),
    ("C_GetAttributeValue", "µs", |probed| probed.attribute),
];

/// What one process found out about a module.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Probed {
    /// Milliseconds from C_Initialize to the first certificate.
    pub first: f64,
    /// Microseconds of a search for certificates, once the first is known: C_FindObjectsInit,
    /// C_FindObjects, C_FindObjectsFinal.
    pub search: f64,
    /// Microseconds of C_GetAttributeValue for a certificate and its identifier.
    pub attribute: f64,
}

/// A process that loads that module and does what a program does that looks for a certificate.
fn probe(provider: &Provider) -> Probed {
    let own = std::env::current_exe().expect("the running program has a path");
    let mut command = Command::new(own);
    command
        .envs(
            provider
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .arg("--probe")
        .arg(&provider.path);
    let said = run_command(&mut command);
    serde_json::from_slice(&said).expect("the figures of a probe")
}

/// In that process: measures the module.
///
/// # Panics
/// When the module finds no certificate, or refuses something.
pub fn probe_here(path: &Path) -> Probed {
    let module = Module::load(path);
    let certificates = Template::of_class(CKO_CERTIFICATE);
    let began = Instant::now();
    module.initialize().expect("C_Initialize");
    let slots = module.slots(true).expect("C_GetSlotList");
    let (session, certificate) = slots
        .into_iter()
        .find_map(|slot| {
            let session = module.open_session(slot).expect("C_OpenSession");
            let found = module.find(session, &certificates).expect("C_FindObjects");
            found.first().map(|certificate| (session, *certificate))
        })
        .expect("a certificate");
    let first = began.elapsed().as_secs_f64() * 1e3;

    let search = each(|| {
        module
            .find_init(session, &certificates)
            .expect("C_FindObjectsInit");
        let found = module.find_next(session, 16).expect("C_FindObjects");
        module.find_final(session).expect("C_FindObjectsFinal");
        assert!(!found.is_empty(), "the certificate is gone");
    });
    let attribute = each(|| {
        let mut queries = [Query::of(CKA_VALUE, 4096), Query::of(CKA_ID, 64)];
        module
            .attributes(session, certificate, &mut queries)
            .expect("C_GetAttributeValue");
    });
    module.finalize().expect("C_Finalize");
    Probed {
        first,
        search,
        attribute,
    }
}

/// Microseconds, the median of many.
fn each(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<_> = (0..CALLS)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[CALLS / 2].as_secs_f64() * 1e6
}

fn median(probed: &[Probed], figure: fn(&Probed) -> f64) -> f64 {
    let mut figures: Vec<_> = probed.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The library of PKCS#11, and the one that it is a door to.
fn opensc_size(module: &Path) -> f64 {
    let folder = module.parent().expect("a library is in a folder");
    let library: PathBuf = folder.join("libopensc.so.8");
    megabytes(module) + megabytes(&library)
}

#[allow(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "a file's size is small"
)]
fn megabytes(file: &Path) -> f64 {
    let metadata = std::fs::metadata(file);
    let metadata = metadata.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    metadata.len() as f64 / 1e6
}
