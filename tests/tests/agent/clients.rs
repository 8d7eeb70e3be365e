//! Clients that are not what they should be.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use lichna_ipc::client::{Client, Start};
use lichna_ipc::{ClientError, Reply, Request, VERSION};
use lichna_tests::workspace;

use crate::client::{Person, call, connect};
use crate::stage::Stage;

fn socket(stage: &Stage) -> UnixStream {
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    let socket = UnixStream::connect(home.socket()).unwrap();
    // For a test that would hang otherwise.
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    socket
}

fn frame(body: &str) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [b"J", &length.to_be_bytes()[..], body.as_bytes()].concat()
}

fn hello() -> String {
    format!(r#"{{"type":"hello","protocol":{VERSION},"program":"test","version":"0"}}"#)
}

fn all_is_well(stage: &Stage) {
    let reply = call(&stage.home, Request::Readers, &mut Person::nobody());
    assert!(matches!(reply, Ok(Reply::Readers { .. })), "{reply:?}");
}

#[test]
fn a_frame_too_large_ends_its_connection_and_no_other() {
    let stage = Stage::piv();
    let mut other = connect(&stage.home);
    let mut socket = socket(&stage);
    socket.write_all(&frame(&hello())).unwrap();
    socket.write_all(&[b'J', 0xFF, 0xFF, 0xFF, 0xFF]).unwrap();
    let mut said = Vec::new();
    socket.read_to_end(&mut said).unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("request-invalid"), "{said}");
    let reply = other.call(Request::Readers, &mut Person::nobody()).unwrap();
    assert!(reply.is_ok(), "{reply:?}");
}

#[test]
fn nonsense_ends_its_connection_and_no_other() {
    let stage = Stage::piv();
    let nonsense: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\n\r\n",
        &[0; 64],
        b"J\0\0\0\x02{}",
        b"P\0\0\0\x06123456",
        &frame(r#"{"type":"request","id":1,"request":{"method":"no-such"}}"#),
        &frame(r#"{"type":"hello","protocol":99,"program":"x","version":"0"}"#),
    ];
    for bytes in nonsense {
        let mut socket = socket(&stage);
        // The agent may have hung up before it was all written.
        let _ = socket.write_all(bytes);
        let _ = socket.shutdown(std::net::Shutdown::Write);
        let mut said = Vec::new();
        let _ = socket.read_to_end(&mut said);
        all_is_well(&stage);
    }
}

#[test]
fn serves_no_more_connections_than_it_can_and_recovers() {
    let stage = Stage::piv();
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    let mut connections = Vec::new();
    let refused =
        (0..200).find_map(
            |_| match Client::connect_with(&home, &Start::Never, "test", "0") {
                Ok(client) => {
                    connections.push(client);
                    None
                }
                Err(error) => Some(error),
            },
        );
    assert!(matches!(refused, Some(ClientError::Gone)), "{refused:?}");
    drop(connections);
    lichna_tests::until("the agent to serve again", || {
        Client::connect_with(&home, &Start::Never, "test", "0").is_ok()
    });
}

#[test]
fn another_users_process_cannot_reach_the_agent() {
    let stage = Stage::piv();
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    let as_other = || {
        let mut command = stage.home.command("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .args(["/usr/bin/perl", "-MIO::Socket::UNIX", "-e", TALK])
            .arg(home.socket())
            .arg(hex::encode(frame(&hello())));
        workspace::finish(command, b"")
    };
    // The folder keeps others out.
    assert_eq!(as_other().stdout, "Permission denied");
    // And if it did not, the agent would: it looks at who is there.
    for folder in home.socket().ancestors().skip(1).take(3) {
        open_to_all(folder);
    }
    open_to_all(home.socket());
    let output = as_other();
    assert!(
        ["0 bytes", "hung up"].contains(&output.stdout.as_str()),
        "{output:?}"
    );
    all_is_well(&stage);
}

/// Connects to a socket, greets, and prints what comes of it.
const TALK: &str = r#"
    $SIG{PIPE} = "IGNORE";
    my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or do { print "$!"; exit };
    syswrite($socket, pack("H*", $ARGV[1]));
    my $read = sysread($socket, my $answer, 1000);
    print defined $read ? "$read bytes" : "hung up";
"#;

fn open_to_all(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}
