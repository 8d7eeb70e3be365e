//! The clients of pcscd: the sockets at the other end of the connections to its socket
//! (sock_diag(7)), and the processes that have them open (/proc/PID/fd).

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process,
};

use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_sock_diag::{
    SockDiagMessage,
    unix::{ShowFlags, StateFlags, UnixRequest, UnixResponse, nlas::UnixDiagName},
};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_SOCK_DIAG};

use super::{Holder, Holders};
use crate::service::socket_path;

/// Bytes that the kernel puts into one part of its answer at most.
const PART: usize = 32 * 1024;
/// Most parts that are read: a computer with more sockets than these tell of is not searched.
const MOST_PARTS: usize = 1024;

/// The processes, other than ours, that are connected to the service.
pub(super) fn clients() -> io::Result<Holders> {
    let Peers { mut sockets, all } = peers_of(&socket_path())?;
    let mut named = Vec::new();
    let own = process::id();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let held = open_sockets(&entry.path(), &sockets);
        if held.is_empty() {
            continue;
        }
        sockets.retain(|socket| !held.contains(socket));
        if pid != own {
            named.push(describe(pid, &entry.path()));
        }
    }
    named.sort_by_key(|holder| holder.pid);
    Ok(Holders {
        named,
        // What is left belongs to processes that we may not look into.
        complete: all && sockets.is_empty(),
    })
}

/// Those of `sockets` (inode numbers) that the process at `proc` has open; none if it hides them.
fn open_sockets(proc: &Path, sockets: &BTreeSet<u32>) -> Vec<u32> {
    let Ok(files) = fs::read_dir(proc.join("fd")) else {
        return Vec::new();
    };
    files
        .flatten()
        .filter_map(|file| {
            let target = fs::read_link(file.path()).ok()?;
            let inode = target
                .to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .parse()
                .ok()?;
            sockets.contains(&inode).then_some(inode)
        })
        .collect()
}

fn describe(pid: u32, proc: &Path) -> Holder {
    let executable: Option<PathBuf> = fs::read_link(proc.join("exe")).ok();
    let name = executable
        .as_ref()
        .and_then(|path| path.file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .or_else(|| {
            let name = fs::read_to_string(proc.join("comm")).ok()?;
            Some(name.trim_end().to_owned())
        })
        .unwrap_or_else(|| format!("process {pid}"));
    Holder {
        pid,
        executable,
        name,
    }
}

/// The sockets connected to one that listens.
#[derive(Default)]
struct Peers {
    /// Their inode numbers.
    sockets: BTreeSet<u32>,
    /// Whether these are all.
    all: bool,
}

/// The sockets connected to the one that listens at `path`.
fn peers_of(path: &Path) -> io::Result<Peers> {
    let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    let mut request = NetlinkMessage::new(
        header,
        SockDiagMessage::UnixRequest(UnixRequest {
            state_flags: StateFlags::ESTABLISHED,
            inode: 0,
            show_flags: ShowFlags::NAME | ShowFlags::PEER,
            cookie: [0xFF; 8],
        })
        .into(),
    );
    request.finalize();
    let mut bytes = vec![0; request.buffer_len()];
    request.serialize(&mut bytes);
    socket.send(&bytes, 0)?;

    let mut peers = Peers {
        sockets: BTreeSet::new(),
        all: true,
    };
    let mut part = Vec::with_capacity(PART);
    for _ in 0..MOST_PARTS {
        part.clear();
        let length = socket.recv(&mut part, 0)?;
        let mut rest = part.get(..length).unwrap_or_default();
        while let Some((message, after)) = first_message(rest) {
            rest = after;
            match NetlinkMessage::<SockDiagMessage>::deserialize(message).map(|m| m.payload) {
                Ok(NetlinkPayload::InnerMessage(SockDiagMessage::UnixResponse(connection))) => {
                    let peer = is_at(&connection, path).then(|| connection.peer());
                    peers.sockets.extend(peer.flatten());
                }
                Ok(NetlinkPayload::Done(_)) => return Ok(peers),
                Ok(NetlinkPayload::Error(error)) => return Err(error.to_io()),
                Ok(_) => {}
                // A socket with a name that the parser does not know may be the one.
                Err(_) => peers.all = false,
            }
        }
    }
    Ok(Peers {
        all: false,
        ..peers
    })
}

/// Splits off the first netlink message: its length stands in its first four bytes, and the next
/// begins at a multiple of four (netlink(7)).
fn first_message(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_ne_bytes(*bytes.first_chunk()?);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length >= 16)?;
    let message = bytes.get(..length)?;
    let after = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((message, after))
}

/// Whether this is the service's end of a connection to its socket.
fn is_at(connection: &UnixResponse, path: &Path) -> bool {
    match connection.name() {
        Some(UnixDiagName::Pathname(name)) => name.as_bytes() == path.as_os_str().as_bytes(),
        _ => false,
    }
}
