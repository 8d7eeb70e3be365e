//! An agent as far as its socket, in a home of its own.

use lichna_ipc::*;

pub struct Agent {
    pub home: Home,
    pub folder: tempfile::TempDir,
    pub listener: Listener,
    pub single: Single,
}

impl Agent {
    pub fn start() -> Self {
        Self::start_below("")
    }

    pub fn start_below(below: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(&folder.path().join(below)).unwrap();
        home.prepare().unwrap();
        let single = Single::acquire(&home).unwrap();
        let listener = Listener::bind(home.socket(), &single).unwrap();
        Self {
            home,
            folder,
            listener,
            single,
        }
    }

    pub fn accept(&self) -> Result<Connection, ConnectionError> {
        Connection::accept(self.listener.accept().unwrap(), "lichna-agent", "0")
    }
}

/// A client of the agent in that home, which must run.
pub fn connect(home: &Home) -> Result<Client, ClientError> {
    Client::connect_with(home, &Start::Never, "test", "0")
}
