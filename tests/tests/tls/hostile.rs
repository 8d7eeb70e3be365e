//! Servers that mean harm: every probe ends in an error that names what happened.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use lichna_tls::{Phase, ProbeError, ServerTrust, probe};
use proptest::prelude::*;

/// What such a server is given.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a probe may take then; a hanging one takes for ever.
const AT_MOST: Duration = Duration::from_secs(10);

/// A listener that does one thing to whoever connects.
struct Hostile {
    port: u16,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Hostile {
    fn start(mut act: impl FnMut(&mut TcpStream, &AtomicBool) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                // The greeting is taken, so that closing does not reset.
                let mut hello = [0; 4096];
                let _ = stream.read(&mut hello);
                act(&mut stream, &stopped);
                let _ = stream.shutdown(Shutdown::Write);
            }
        });
        Self {
            port,
            stop,
            thread: Some(thread),
        }
    }

    fn sending(bytes: &'static [u8]) -> Self {
        Self::start(move |stream, _| {
            let _ = stream.write_all(bytes);
        })
    }

    /// Sends the same again and again until nobody listens.
    fn repeating(bytes: Vec<u8>, pause: Duration) -> Self {
        Self::start(move |stream, stop| {
            while !stop.load(Ordering::SeqCst) && stream.write_all(&bytes).is_ok() {
                thread::sleep(pause);
            }
        })
    }

    fn probe(&self) -> ProbeError {
        let begun = Instant::now();
        let trust = ServerTrust::nobody();
        let told = probe("127.0.0.1", self.port, &trust, PATIENCE).unwrap_err();
        assert!(begun.elapsed() < AT_MOST, "it did not end in time: {told}");
        told
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// A TLS record of handshake messages.
fn record(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    [&[22, 3, 3][..], &length.to_be_bytes(), payload].concat()
}

#[test]
fn names_a_server_that_does_not_speak_tls() {
    for greeting in [
        &b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
        b"220 mail.example ESMTP\r\n",
        &[0xFF; 64],
        &[0x80, 0x2E, 0x01, 0x00, 0x02, 0x00, 0x15],
    ] {
        let told = Hostile::sending(greeting).probe();
        assert!(
            matches!(told, ProbeError::NotTls { .. }),
            "{greeting:?}: {told}"
        );
    }
}

#[test]
fn names_a_server_that_hangs_up() {
    for sent in [&b""[..], &[22], &[22, 3, 3, 0, 100, 2, 0]] {
        let told = Hostile::sending(sent).probe();
        assert!(matches!(told, ProbeError::ClosedEarly), "{sent:?}: {told}");
    }
}

#[test]
fn gives_up_on_a_server_that_is_silent_or_slow() {
    let handshaking = |told: &ProbeError| {
        matches!(
            told,
            ProbeError::Timeout {
                phase: Phase::Handshaking
            }
        )
    };
    let silent = Hostile::start(|stream, _| {
        // Until the other side has had enough.
        let _ = stream.read(&mut [0; 1]);
    });
    let told = silent.probe();
    assert!(handshaking(&told), "{told}");

    // A whole record would take hours: each byte in time, but never an end.
    let slow = Hostile::start(|stream, stop| {
        let mut sent = record(&[2, 0, 0x3F, 0xFB]);
        sent[3..5].copy_from_slice(&[0x3F, 0xFF]);
        sent.resize(0x3FFF, 0);
        for byte in sent {
            if stop.load(Ordering::SeqCst) || stream.write_all(&[byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
    });
    let told = slow.probe();
    assert!(handshaking(&told), "{told}");
}

#[test]
fn ends_a_handshake_that_never_ends() {
    let messages: [(&str, Vec<u8>); 6] = [
        ("requests to begin again", record(&[0, 0, 0, 0])),
        ("empty records", record(&[])),
        ("warnings", vec![21, 3, 3, 0, 2, 1, 90]),
        ("changes of cipher", vec![20, 3, 3, 0, 1, 1]),
        ("data", vec![23, 3, 3, 0, 1, 0]),
        (
            "one message of 16 MB",
            record(&[2, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]),
        ),
    ];
    for (what, message) in messages {
        let told = Hostile::repeating(message, Duration::ZERO).probe();
        assert!(
            matches!(
                told,
                ProbeError::Misbehaved(_) | ProbeError::TooMuch | ProbeError::ClosedEarly
            ),
            "{what}: {told}"
        );
    }
}

#[test]
fn ends_a_message_that_comes_in_endless_pieces() {
    // The head of a message that would fit the limits, then its bytes, one a record.
    let endless = Hostile::start(|stream, stop| {
        let _ = stream.write_all(&record(&[2, 0, 0xFF, 0xFF]));
        while !stop.load(Ordering::SeqCst) && stream.write_all(&record(&[0])).is_ok() {}
    });
    let told = endless.probe();
    // On a busy machine the time may be over before the limit is reached.
    assert!(
        matches!(told, ProbeError::TooMuch | ProbeError::Timeout { .. }),
        "{told}"
    );
}

#[test]
fn whatever_a_server_sends_the_probe_ends_in_an_error() {
    let (sender, receiver) = std::sync::mpsc::channel::<Vec<u8>>();
    let server = Hostile::start(move |stream, stop| {
        if !stop.load(Ordering::SeqCst)
            && let Ok(bytes) = receiver.recv()
        {
            let _ = stream.write_all(&bytes);
        }
    });
    let piece = (
        prop::sample::select(vec![20_u8, 21, 22, 23, 24]),
        prop::collection::vec(any::<u8>(), 0..200),
    )
        .prop_map(|(kind, payload)| {
            let mut bytes = record(&payload);
            bytes[0] = kind;
            bytes
        });
    // Half of them begin as a ServerHello does.
    let hello = prop::collection::vec(any::<u8>(), 38..120).prop_map(|body| {
        let length = u8::try_from(body.len()).unwrap();
        record(&[&[2, 0, 0, length, 3, 3][..], &body].concat())
    });
    let first = prop_oneof![piece.clone(), hello];
    let flight = (first, prop::collection::vec(piece, 0..4))
        .prop_map(|(first, rest)| [first, rest.concat()].concat());
    let config = ProptestConfig::with_cases(200);
    proptest!(config, |(flight in flight)| {
        sender.send(flight).unwrap();
        server.probe();
    });
}
