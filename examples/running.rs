//! A program of these examples, started for a test, and a browser that has its cookies.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The longest that a test waits for a program or an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program that runs until this is dropped, with what it has started.
pub struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    /// Starts a program in a folder.
    pub fn start(program: &str, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder).envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).process_group(0).spawn().unwrap();
        let (send, lines) = channel();
        let printed = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            // Until the program ends, or the test.
            printed
                .lines()
                .map_while(Result::ok)
                .take_while(|line| send.send(line.clone()).is_ok())
                .for_each(drop);
        });
        Self { child, lines }
    }

    /// Waits until the program prints a line that begins with this, and returns the rest of it.
    pub fn line(&self, beginning: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("the program prints the line");
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).status());
        drop(self.child.wait());
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

/// A browser, as far as one host of several ports needs one.
#[derive(Default)]
pub struct Browser {
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Asks for a page.
    pub fn get(&mut self, url: &str) -> Answer {
        self.send("GET", url, "")
    }

    /// Sends a form, `a=1&b=2`, with the CSRF token of the origin.
    pub fn post(&mut self, origin: &str, path: &str, form: &str) -> Answer {
        let token = self.get(&format!("{origin}/auth/csrf")).body;
        let token = token.split('"').nth(3).expect("a CSRF token").to_owned();
        self.send("POST", &format!("{origin}{path}"), &format!("csrfToken={token}&{form}"))
    }

    fn send(&mut self, method: &str, url: &str, form: &str) -> Answer {
        let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} /{path} HTTP/1.0\r\nhost: {host}\r\ncookie: {}\r\norigin: http://{host}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            cookies.join("; "),
            form.len(),
        );
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        self.read(&answer)
    }

    fn read(&mut self, answer: &str) -> Answer {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut location = None;
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            if name.eq_ignore_ascii_case("location") {
                location = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("set-cookie") {
                let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                if value.is_empty() {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        Answer { status, location, body: body.to_owned() }
    }
}
