//! The way to the server: TCP, plain or with TLS by rustls.
//!
//! SQL Server speaks of encryption in its first message, `PRELOGIN`, and wraps the handshake of TLS in packets of
//! that kind; only then does TLS carry everything
//! (<https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/60f56408-0188-4cd5-8b90-25c6f2423868>).
//! tiberius can do so itself, but with another provider of cryptography and roots than the rest of Vestibule. So
//! that part is done here, and tiberius is handed a connection on which its own `PRELOGIN` is answered from memory.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The kind of a packet that speaks of encryption or wraps a handshake.
const PRELOGIN: u8 = 0x12;
/// The only flag that matters here: the message ends with this packet.
const END_OF_MESSAGE: u8 = 1;
const HEADER: usize = 8;

/// What a side says about encryption in `PRELOGIN`.
const ENCRYPTION_ON: u8 = 1;
const ENCRYPTION_NOT_SUPPORTED: u8 = 2;
const ENCRYPTION_REQUIRED: u8 = 3;

/// A connection for tiberius.
#[derive(Debug)]
pub struct Wire {
    transport: Transport,
    /// How much of tiberius' own `PRELOGIN` is still to be swallowed; the header comes first.
    swallow: Swallow,
    /// What the server answered to ours, until tiberius has read it.
    answer: io::Cursor<Vec<u8>>,
}

#[derive(Debug)]
enum Transport {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<Wrapped>>),
}

#[derive(Debug)]
enum Swallow {
    Header(Vec<u8>),
    Body(usize),
    Nothing,
}

impl Wire {
    /// Greets the server, and encrypts the connection if `tls` is given.
    pub(crate) async fn greet(
        mut tcp: TcpStream,
        tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    ) -> io::Result<Self> {
        let wanted = if tls.is_some() { ENCRYPTION_ON } else { ENCRYPTION_NOT_SUPPORTED };
        tcp.write_all(&prelogin(wanted)).await?;
        let mut answer = read_packet(&mut tcp).await?;
        let at =
            encryption_at(&answer).ok_or_else(|| refused("the server does not answer as SQL Server does"))?;
        let offered = answer[at];
        let transport = match tls {
            None if [ENCRYPTION_ON, ENCRYPTION_REQUIRED].contains(&offered) => {
                return Err(refused("the server requires encryption; set encrypt=true"));
            }
            None => Transport::Plain(tcp),
            Some(_) if ![ENCRYPTION_ON, ENCRYPTION_REQUIRED].contains(&offered) => {
                return Err(refused("the server offers no encryption; set encrypt=false if that is right"));
            }
            Some((config, name)) => {
                let mut stream = TlsConnector::from(config).connect(name, Wrapped::new(tcp)).await?;
                stream.get_mut().0.shaking_hands = false;
                Transport::Encrypted(Box::new(stream))
            }
        };
        answer[at] = ENCRYPTION_NOT_SUPPORTED;
        Ok(Self { transport, swallow: Swallow::Header(Vec::new()), answer: io::Cursor::new(answer) })
    }
}

fn refused(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, problem)
}

/// Our `PRELOGIN`: version, encryption, no named instance, no thread, no multiplexing.
fn prelogin(encryption: u8) -> Vec<u8> {
    let fields: [(u8, &[u8]); 5] =
        [(0, &[16, 0, 0, 0, 0, 0]), (1, &[encryption]), (2, &[0]), (3, &[0; 4]), (4, &[0])];
    let (mut head, mut body) = (Vec::<u8>::new(), Vec::<u8>::new());
    let mut at = u16::try_from(fields.len() * 5 + 1).unwrap_or_default();
    for (token, data) in fields {
        let length = u16::try_from(data.len()).unwrap_or_default();
        head.push(token);
        head.extend(at.to_be_bytes());
        head.extend(length.to_be_bytes());
        body.extend(data);
        at += length;
    }
    head.push(0xff);
    head.extend(body);
    packet(&head)
}

fn packet(body: &[u8]) -> Vec<u8> {
    // Never longer than what is asked to be sent in a handshake, which is cut below.
    let length = u16::try_from(body.len() + HEADER).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![PRELOGIN, END_OF_MESSAGE, length[0], length[1], 0, 0, 1, 0];
    packet.extend(body);
    packet
}

async fn read_packet(tcp: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut packet = vec![0; HEADER];
    tcp.read_exact(&mut packet).await?;
    let length = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
    if length < HEADER || packet[1] & END_OF_MESSAGE == 0 {
        return Err(refused("the server does not answer as SQL Server does"));
    }
    packet.resize(length, 0);
    tcp.read_exact(&mut packet[HEADER..]).await?;
    Ok(packet)
}

/// Where in a packet the byte about encryption is.
fn encryption_at(packet: &[u8]) -> Option<usize> {
    let options = packet.get(HEADER..)?.chunks_exact(5).take_while(|option| option[0] != 0xff);
    let mut found = options.filter(|option| option[0] == 1 && option[3..] == [0, 1]);
    let option = found.next()?;
    let at = HEADER + usize::from(u16::from_be_bytes([option[1], option[2]]));
    (at < packet.len()).then_some(at)
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let told = usize::try_from(self.answer.position()).unwrap_or(usize::MAX);
        if let Some(left) = self.answer.get_ref().get(told..).filter(|left| !left.is_empty()) {
            let count = left.len().min(buf.remaining());
            buf.put_slice(&left[..count]);
            self.answer.set_position((told + count) as u64);
            return Poll::Ready(Ok(()));
        }
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Transport::Encrypted(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.swallow {
            Swallow::Header(header) => {
                let count = buf.len().min(HEADER - header.len());
                header.extend(&buf[..count]);
                if header.len() == HEADER {
                    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
                    self.swallow = Swallow::Body(length.saturating_sub(HEADER)).or_nothing();
                }
                Poll::Ready(Ok(count))
            }
            Swallow::Body(left) => {
                let count = buf.len().min(*left);
                self.swallow = Swallow::Body(*left - count).or_nothing();
                Poll::Ready(Ok(count))
            }
            Swallow::Nothing => match &mut self.transport {
                Transport::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
                Transport::Encrypted(tls) => Pin::new(tls).poll_write(cx, buf),
            },
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Transport::Encrypted(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Transport::Encrypted(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

impl Swallow {
    fn or_nothing(self) -> Self {
        if matches!(self, Self::Body(0)) { Self::Nothing } else { self }
    }
}

/// TCP below TLS: during the handshake, what TLS says travels in packets.
#[derive(Debug)]
struct Wrapped {
    tcp: TcpStream,
    shaking_hands: bool,
    header: Vec<u8>,
    /// How much of the packet that is being read is left.
    left: usize,
    /// What TLS has said since it was last flushed.
    said: Vec<u8>,
    /// The packet that is being sent, and how much of it has been.
    sending: (Vec<u8>, usize),
}

/// How much of a handshake goes into one packet.
const LARGEST: usize = 4096 - HEADER;

impl Wrapped {
    fn new(tcp: TcpStream) -> Self {
        let (header, said, sending) = (Vec::new(), Vec::new(), (Vec::new(), 0));
        Self { tcp, shaking_hands: true, header, left: 0, said, sending }
    }
}

impl AsyncRead for Wrapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.shaking_hands {
            return Pin::new(&mut this.tcp).poll_read(cx, buf);
        }
        while this.left == 0 {
            let mut bytes = [0; HEADER];
            let mut part = ReadBuf::new(&mut bytes[this.header.len()..]);
            ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut part))?;
            if part.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.header.extend(part.filled());
            if this.header.len() == HEADER {
                let length = usize::from(u16::from_be_bytes([this.header[2], this.header[3]]));
                this.left = length.saturating_sub(HEADER);
                this.header.clear();
            }
        }
        let room = this.left.min(buf.remaining());
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(room));
        ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut part))?;
        let count = part.filled().len();
        this.left -= count;
        buf.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wrapped {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if !self.shaking_hands {
            return Pin::new(&mut self.tcp).poll_write(cx, buf);
        }
        self.said.extend(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            while this.sending.1 < this.sending.0.len() {
                let count =
                    ready!(Pin::new(&mut this.tcp).poll_write(cx, &this.sending.0[this.sending.1..]))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                this.sending.1 += count;
            }
            if this.said.is_empty() {
                return Pin::new(&mut this.tcp).poll_flush(cx);
            }
            let rest = this.said.split_off(this.said.len().min(LARGEST));
            this.sending = (packet(&std::mem::replace(&mut this.said, rest)), 0);
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_about_encryption_is_found_and_nothing_else() {
        let packet = prelogin(ENCRYPTION_ON);
        let at = encryption_at(&packet).unwrap();

        assert_eq!(packet[at], ENCRYPTION_ON);
        assert_eq!(usize::from(u16::from_be_bytes([packet[2], packet[3]])), packet.len());
        for bad in [&packet[..HEADER], &packet[..at], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
            assert_eq!(encryption_at(bad), None);
        }
    }
}
