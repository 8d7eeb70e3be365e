//! Another program: this test binary, run once more, which says to the agent what it is told to,
//! on as many connections as it likes. A person may answer its requests, for it is in nobody's way.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use lichna_ipc::frame::{LONGEST_FROM_CLIENT, read_agent_message, write_message, write_secret};
use lichna_ipc::{
    AgentMessage, Answer, Choices, ClientMessage, Failure, Hello, KeyRole, Mechanism, Outcome,
    Reply, Request, SignRequest, Token, Tokens, VERSION,
};
use lichna_secret::Pin;
use lichna_tests::until;
use lichna_tests::workspace::Home;
use serde::{Deserialize, Serialize};

/// The test that is that program.
const HELPER: &str = "tokens::program::helper_is_told_what_to_say";

/// What the program is told.
#[derive(Serialize, Deserialize)]
enum Told {
    Say(usize, Box<ClientMessage>),
    Pin(usize, String),
    HangUp(usize),
}

/// What it tells: a message of the agent's, or that the connection ended.
#[derive(Debug, Serialize, Deserialize)]
struct Heard {
    on: usize,
    message: Option<Box<AgentMessage>>,
}

/// The program.
pub struct Program {
    child: Child,
    stdin: ChildStdin,
    heard: Arc<Mutex<Vec<Heard>>>,
    requests: u32,
}

/// One request of it.
#[derive(Clone, Copy)]
pub struct Asked {
    on: usize,
    id: u32,
}

impl Program {
    pub fn start(home: &Home) -> Self {
        let mut command = home.command(std::env::current_exe().unwrap());
        let mut child = command
            .args(["--ignored", "--exact", "--nocapture", HELPER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let of_thread = Arc::clone(&heard);
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // The words of the test harness stand before.
                let line = line.find('{').map(|at| line[at..].to_owned());
                if let Some(heard) = line.and_then(|line| serde_json::from_str(&line).ok()) {
                    of_thread.lock().unwrap().push(heard);
                }
            }
        });
        Self {
            child,
            stdin,
            heard,
            requests: 0,
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn tell(&mut self, told: &Told) {
        serde_json::to_writer(&mut self.stdin, told).unwrap();
        self.stdin.write_all(b"\n").unwrap();
        self.stdin.flush().unwrap();
    }

    /// Asks for something on that connection.
    pub fn ask(&mut self, on: usize, request: Request) -> Asked {
        self.requests += 1;
        let id = self.requests;
        let message = Box::new(ClientMessage::Request { id, request });
        self.tell(&Told::Say(on, message));
        Asked { on, id }
    }

    /// Wants no answer any more.
    pub fn cancel(&mut self, asked: Asked) {
        let message = ClientMessage::Cancel { id: asked.id };
        self.tell(&Told::Say(asked.on, Box::new(message)));
    }

    /// Answers with this PIN, or whatever it is.
    pub fn type_pin(&mut self, asked: Asked, pin: &str) {
        let answer = Answer::Typed {
            secrets: 1,
            choices: Choices::default(),
        };
        let message = ClientMessage::Answer {
            id: asked.id,
            answer,
        };
        self.tell(&Told::Say(asked.on, Box::new(message)));
        self.tell(&Told::Pin(asked.on, pin.to_owned()));
    }

    /// Ends a connection.
    pub fn hang_up(&mut self, on: usize) {
        self.tell(&Told::HangUp(on));
        until("the connection to end", || {
            let heard = self.heard.lock().unwrap();
            heard
                .iter()
                .any(|one| one.on == on && one.message.is_none())
        });
    }

    /// What became of a request, if it has ended.
    pub fn ended(&self, asked: Asked) -> Option<Result<Reply, Failure>> {
        let heard = self.heard.lock().unwrap();
        let of_connection = heard.iter().filter(|one| one.on == asked.on);
        of_connection
            .filter_map(|one| one.message.as_deref())
            .find_map(|message| match message {
                AgentMessage::Reply { id, outcome } if *id == asked.id => Some(match outcome {
                    Outcome::Done(reply) => Ok((**reply).clone()),
                    Outcome::Failed(failure) => Err((**failure).clone()),
                }),
                _ => None,
            })
    }

    /// Waits for what becomes of a request.
    pub fn outcome(&self, asked: Asked) -> Result<Reply, Failure> {
        until("an outcome", || self.ended(asked).is_some());
        self.ended(asked).unwrap()
    }

    /// The agent asks this program for the PIN.
    pub fn is_asked(&self, asked: Asked) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.iter().any(|one| {
            let message = one.message.as_deref();
            one.on == asked.on
                && matches!(message, Some(AgentMessage::Ask { id, .. }) if *id == asked.id)
        })
    }

    /// What the agent said last of the tokens on that connection.
    pub fn tokens(&self, on: usize) -> Option<Tokens> {
        let heard = self.heard.lock().unwrap();
        let of_connection = heard.iter().rev().filter(|one| one.on == on);
        of_connection
            .filter_map(|one| one.message.as_deref())
            .find_map(|message| match message {
                AgentMessage::Tokens { tokens, .. } => Some((**tokens).clone()),
                _ => None,
            })
    }

    /// Waits until the tokens are settled, and so many.
    pub fn settled(&self, on: usize, count: usize) -> Vec<Token> {
        let all = |tokens: Tokens| -> Vec<Token> {
            let readers = tokens.readers.into_iter();
            readers.flat_map(|reader| reader.tokens).collect()
        };
        until("the tokens to settle", || {
            let tokens = self.tokens(on);
            tokens.is_some_and(|tokens| tokens.settled && all(tokens).len() == count)
        });
        all(self.tokens(on).unwrap())
    }

    /// Has a signature made.
    pub fn sign(&mut self, on: usize, token: &Token, input: &[u8]) -> Asked {
        let request = SignRequest {
            token: token.id.clone(),
            mechanism: token.mechanisms[0],
            input: input.to_vec(),
        };
        self.ask(on, Request::TokenSign(request))
    }

    /// The same, which comes to a signature.
    pub fn signed(&mut self, on: usize, token: &Token, input: &[u8]) -> Vec<u8> {
        let asked = self.sign(on, token, input);
        super::signature(self.outcome(asked))
    }

    /// As [`Program::sign`], by that mechanism.
    pub fn sign_by(
        &mut self,
        on: usize,
        token: &Token,
        mechanism: Mechanism,
        input: &[u8],
    ) -> Asked {
        let request = SignRequest {
            token: token.id.clone(),
            mechanism,
            input: input.to_vec(),
        };
        self.ask(on, Request::TokenSign(request))
    }
}

/// The one with that role.
pub fn of(tokens: &[Token], role: KeyRole) -> &Token {
    tokens.iter().find(|token| token.role == role).unwrap()
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
#[ignore = "a process of other tests"]
fn helper_is_told_what_to_say() {
    let home = lichna_ipc::Home::from_environment().unwrap();
    let mut connections = HashMap::new();
    for line in stdin().lines().map_while(Result::ok) {
        let told: Told = serde_json::from_str(&line).unwrap();
        let on = match told {
            Told::Say(on, _) | Told::Pin(on, _) | Told::HangUp(on) => on,
        };
        let stream = connections
            .entry(on)
            .or_insert_with(|| connection(on, &home));
        match told {
            Told::Say(_, message) => {
                write_message(stream, &*message, LONGEST_FROM_CLIENT).unwrap();
            }
            Told::Pin(_, pin) => match Pin::take(&mut pin.clone().into_bytes()) {
                Ok(pin) => write_secret(stream, &pin).unwrap(),
                // An empty one: our own client cannot send it.
                Err(_) => stream.write_all(b"P\0\0\0\0").unwrap(),
            },
            Told::HangUp(_) => {
                stream.shutdown(std::net::Shutdown::Both).unwrap();
            }
        }
    }
}

fn connection(on: usize, home: &lichna_ipc::Home) -> UnixStream {
    let mut stream = UnixStream::connect(home.socket()).unwrap();
    let hello = ClientMessage::Hello(Hello {
        protocol: VERSION,
        program: "test".into(),
        version: "0".into(),
    });
    write_message(&mut stream, &hello, LONGEST_FROM_CLIENT).unwrap();
    let mut reading = stream.try_clone().unwrap();
    thread::spawn(move || {
        loop {
            let message = read_agent_message(&mut reading).ok().map(Box::new);
            let ended = message.is_none();
            let line = serde_json::to_string(&Heard { on, message }).unwrap();
            let mut said = stdout().lock();
            said.write_all(format!("{line}\n").as_bytes()).unwrap();
            if ended {
                return;
            }
        }
    });
    stream
}
