//! Records the transcripts anew from the applets of the test bench:
//!
//! ```text
//! cargo build -p lichna-tests --bin lichna-applet
//! LICHNA_APPLET=target/debug/lichna-applet cargo test -p lichna-card --test card -- --ignored
//! ```

use std::{
    env, fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use lichna_apdu::{Channel, ChannelError, Interface};
use zeroize::Zeroizing;

use crate::{
    channels::{Observed, Transcript},
    flows::{self, Flow, Which},
};

/// An applet in a process of its own; we are its reader (the vsmartcard protocol of vpcd).
struct Applet {
    process: Child,
    stream: TcpStream,
    longest: usize,
}

const ON: u8 = 1;
const RESET: u8 = 2;

impl Applet {
    fn start(which: Which, longest: usize) -> Self {
        let program = env::var("LICHNA_APPLET").expect("LICHNA_APPLET names lichna-applet");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let process = Command::new(program)
            .arg(which.name())
            .args(["--port", &port.to_string()])
            .args(["--uuid", "00000000000040008000000000000001"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let (stream, _) = listener.accept().unwrap();
        let mut applet = Self {
            process,
            stream,
            longest,
        };
        applet.send(&[ON]);
        applet
    }

    fn send(&mut self, message: &[u8]) {
        let length = u16::try_from(message.len()).unwrap().to_be_bytes();
        self.stream.write_all(&[&length, message].concat()).unwrap();
    }
}

impl Channel for Applet {
    fn interface(&self) -> Interface {
        Interface::Contact
    }

    fn longest_command(&self) -> usize {
        self.longest
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        self.send(command);
        let mut length = [0; 2];
        self.stream.read_exact(&mut length).unwrap();
        let mut answer = Zeroizing::new(vec![0; usize::from(u16::from_be_bytes(length))]);
        self.stream.read_exact(&mut answer).unwrap();
        Ok(answer)
    }
}

impl Drop for Applet {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn record(which: Which, flow: &Flow) {
    let mut applet = Applet::start(which, flow.longest);
    (flow.prepare)(which, &mut applet);
    applet.send(&[RESET]);
    let mut observed = Observed::new(&mut applet);
    (flow.run)(which, &mut observed);
    let product = match which {
        Which::Piv => "piv-authenticator 0.7.0",
        Which::OpenPgp => "opcard 1.11.0",
    };
    let mut text = format!("# {product}, recorded. PINs and keys are those of the test bench.\n");
    for (command, answer) in &observed.exchanges {
        text.push_str(&format!(
            "> {}\n< {}\n",
            hex::encode_upper(command),
            hex::encode_upper(answer)
        ));
    }
    let folder = Transcript::folder().join(which.name());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{}.apdu", flow.name)), text).unwrap();
}

#[test]
#[ignore = "writes tests/transcripts; needs LICHNA_APPLET"]
fn records_transcripts() {
    for which in [Which::Piv, Which::OpenPgp] {
        for flow in flows::all(which) {
            if env::var("LICHNA_FLOW").is_ok_and(|only| only != flow.name) {
                continue;
            }
            println!("{}/{}", which.name(), flow.name);
            record(which, &flow);
        }
    }
}
