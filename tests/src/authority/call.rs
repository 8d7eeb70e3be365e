//! Requests to an authority, by curl.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::Authority;
use crate::ca::Identity;

/// A request's method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}

/// A request to be.
#[derive(Debug)]
#[must_use = "a call is sent by send()"]
pub struct Call<'a> {
    authority: &'a Authority,
    method: Method,
    path: String,
    instance: usize,
    plain: bool,
    body: Option<tempfile::NamedTempFile>,
    arguments: Vec<String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The lines of its head.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl<'a> Call<'a> {
    /// A request to the first instance, over TLS, without a certificate.
    pub fn new(authority: &'a Authority, method: Method, path: &str) -> Self {
        Self {
            authority,
            method,
            path: path.to_owned(),
            instance: 0,
            plain: false,
            body: None,
            arguments: Vec::new(),
        }
    }

    /// To another instance.
    pub fn instance(mut self, index: usize) -> Self {
        self.instance = index;
        self
    }

    /// Without TLS.
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// With a client certificate.
    pub fn by(self, identity: &Identity) -> Self {
        let path = |path: &std::path::Path| path.to_str().expect("a path in UTF-8").to_owned();
        let (certificate, key) = (path(&identity.certificate.path), path(&identity.key));
        self.arguments(&["--cert", &certificate, "--key", &key])
    }

    /// With the code of an application.
    pub fn code(self, code: &str) -> Self {
        self.header(&format!("Authorization: Bearer {code}"))
    }

    /// With a header.
    pub fn header(self, line: &str) -> Self {
        self.arguments(&["--header", line])
    }

    /// With a body of JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }

    /// With a body of any kind.
    pub fn body(mut self, kind: &str, body: &[u8]) -> Self {
        let file = tempfile::NamedTempFile::new_in(self.authority.data()).expect("own folder");
        fs::write(file.path(), body).expect("own file");
        let from = format!("@{}", file.path().display());
        self.body = Some(file);
        self.header(&format!("Content-Type: {kind}"))
            .arguments(&["--data-binary", &from])
    }

    /// With more arguments for curl.
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|&a| a.to_owned()));
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn send(self) -> Answer {
        match self.try_send() {
            Ok(answer) => answer,
            Err(error) => panic!("curl: {error}"),
        }
    }

    /// Sends it.
    ///
    /// # Errors
    /// What curl says when there is no answer.
    pub fn try_send(self) -> Result<Answer, String> {
        let base = if self.plain {
            self.authority.http_url(self.instance)
        } else {
            self.authority.url(self.instance)
        };
        let method = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--include", "--max-time", "60"])
            // No wait for a permission to send a body, and no lines of a second head.
            .args(["--header", "Expect:", "--request", method, "--cacert"])
            .arg(self.authority.root())
            .args(&self.arguments)
            .arg(format!("{base}{}", self.path));
        let output = command.output().expect("curl is installed");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(Answer::parse(&output.stdout))
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.expect("the head of an answer") + 4);
        let head = String::from_utf8(head.to_vec()).expect("a head in ASCII");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.expect("a status"),
            head,
            body: body.to_vec(),
        }
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body as JSON of an answer with this status.
    ///
    /// # Panics
    /// When the status is another one.
    pub fn expect(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The code of the problem that it is.
    ///
    /// # Panics
    /// When it is none.
    pub fn code(&self) -> String {
        let kind = self.header("content-type");
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(kind.as_deref(), Some("application/problem+json"), "{text}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{text}");
        problem["code"].as_str().expect("a code").to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    }
}
