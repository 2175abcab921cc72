//! Messages in packets, in clear or encrypted.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEADER: usize = 8;
const END_OF_MESSAGE: u8 = 1;
/// What tiberius asks for unless told otherwise, and every server takes.
const PACKET: usize = 4096;

/// One message: what all its packets held.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

impl Message {
    pub(super) const BATCH: u8 = 0x01;
    pub(super) const CALL: u8 = 0x03;
    pub(super) const ANSWER: u8 = 0x04;
    pub(super) const LOGIN: u8 = 0x10;
    pub(super) const PRELOGIN: u8 = 0x12;
}

pub(super) struct Channel {
    tcp: TcpStream,
    tls: Option<ServerConnection>,
    /// What has come and was not looked at.
    input: Vec<u8>,
}

impl Channel {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self { tcp, tls: None, input: Vec::new() }
    }

    /// The next message; `None` if the client is gone.
    pub(super) async fn read(&mut self) -> Option<Message> {
        let mut body = Vec::new();
        loop {
            let (kind, flags, part) = self.packet().await?;
            body.extend(part);
            if flags & END_OF_MESSAGE != 0 {
                return Some(Message { kind, body });
            }
        }
    }

    async fn packet(&mut self) -> Option<(u8, u8, Vec<u8>)> {
        self.fill(HEADER).await?;
        let length = usize::from(u16::from_be_bytes([self.input[2], self.input[3]]));
        self.fill(length.max(HEADER)).await?;
        let packet: Vec<_> = self.input.drain(..length.max(HEADER)).collect();
        Some((packet[0], packet[1], packet[HEADER..].to_vec()))
    }

    /// Reads until so many bytes are there.
    async fn fill(&mut self, count: usize) -> Option<()> {
        let mut buffer = vec![0; PACKET];
        while self.input.len() < count {
            let read = self.tcp.read(&mut buffer).await.ok().filter(|&read| read > 0)?;
            match &mut self.tls {
                None => self.input.extend(&buffer[..read]),
                Some(tls) => {
                    let mut encrypted = &buffer[..read];
                    while !encrypted.is_empty() {
                        tls.read_tls(&mut encrypted).ok()?;
                        let state = tls.process_new_packets().ok()?;
                        let mut plain = vec![0; state.plaintext_bytes_to_read()];
                        tls.reader().read_exact(&mut plain).ok()?;
                        self.input.extend(plain);
                    }
                }
            }
        }
        Some(())
    }

    /// Sends an answer. That the client is gone shows when the next message is read.
    pub(super) async fn send(&mut self, body: &[u8]) {
        self.send_part(body, true).await;
    }

    /// Sends an answer, or the beginning of one that has more to come.
    pub(super) async fn send_part(&mut self, body: &[u8], is_whole: bool) {
        let mut bytes = Vec::with_capacity(body.len() + HEADER);
        let mut parts = body.chunks(PACKET - HEADER).peekable();
        while let Some(part) = parts.next() {
            wrap(&mut bytes, Message::ANSWER, part, is_whole && parts.peek().is_none());
        }
        if let Some(tls) = &mut self.tls {
            let plain = std::mem::take(&mut bytes);
            if tls.writer().write_all(&plain).is_err() {
                return;
            }
            while tls.wants_write() && tls.write_tls(&mut bytes).is_ok() {}
        }
        let _ = self.tcp.write_all(&bytes).await;
    }

    /// Shakes hands, in packets, and is encrypted from then on.
    pub(super) async fn encrypt(&mut self, config: Arc<ServerConfig>) -> Option<()> {
        let mut tls = ServerConnection::new(config).ok()?;
        while tls.is_handshaking() {
            let message = self.read().await.filter(|message| message.kind == Message::PRELOGIN)?;
            let mut said = &message.body[..];
            while !said.is_empty() {
                tls.read_tls(&mut said).ok()?;
                // What is wrong is said to the client as well.
                if tls.process_new_packets().is_err() {
                    break;
                }
            }
            let (mut answer, mut bytes) = (Vec::new(), Vec::new());
            while tls.wants_write() {
                tls.write_tls(&mut answer).ok()?;
            }
            for part in answer.chunks(PACKET - HEADER) {
                wrap(&mut bytes, Message::PRELOGIN, part, true);
            }
            self.tcp.write_all(&bytes).await.ok()?;
        }
        self.tls = Some(tls);
        Some(())
    }
}

fn wrap(out: &mut Vec<u8>, kind: u8, part: &[u8], is_last: bool) {
    let length = super::bytes::length::<u16>(part.len() + HEADER).to_be_bytes();
    out.extend([kind, u8::from(is_last), length[0], length[1], 0, 0, 1, 0]);
    out.extend(part);
}
