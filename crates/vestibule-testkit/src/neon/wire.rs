//! PostgreSQL's own protocol, with every value as text, which other clients do not offer.

use std::io;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::IsNull;
use postgres_protocol::authentication::{md5_hash, sasl};
use postgres_protocol::message::backend::{DataRowBody, ErrorFields, Message, RowDescriptionBody};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::Login;

/// A connection that is between two statements.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    incoming: BytesMut,
}

/// What a statement answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Option<String>>>,
    pub(super) tag: String,
}

/// A column of an answer.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) table: u32,
    pub(super) number: i16,
    pub(super) kind: u32,
    pub(super) size: i16,
    pub(super) modifier: i32,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server's own error: its fields by their letters in the protocol.
    Server(Vec<(u8, String)>),
    /// The connection.
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Connection {
    /// Connects and logs in, with the password in the server's URL if it is asked for one.
    pub(super) async fn open(server: &Url, login: &Login) -> Result<Self, Fault> {
        let host = server.host_str().unwrap_or("127.0.0.1");
        let stream = TcpStream::connect((host, server.port().unwrap_or(5432))).await?;
        stream.set_nodelay(true)?;
        let mut connection = Self { stream, incoming: BytesMut::new() };
        let own = [("user", &*login.user), ("database", &login.database), ("client_encoding", "UTF8")];
        let given = login.parameters.iter().map(|(name, value)| (&**name, &**value));
        connection.send(|out| frontend::startup_message(own.into_iter().chain(given), out)).await?;
        connection.authenticate(&login.user, server.password().unwrap_or_default()).await?;
        connection.until_ready().await?;
        Ok(connection)
    }

    async fn authenticate(&mut self, user: &str, password: &str) -> Result<(), Fault> {
        let password = password.as_bytes();
        let mut scram = None;
        loop {
            match self.receive().await? {
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword => {
                    self.send(|out| frontend::password_message(password, out)).await?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(user.as_bytes(), password, body.salt());
                    self.send(|out| frontend::password_message(hash.as_bytes(), out)).await?;
                }
                Message::AuthenticationSasl(_) => {
                    let start = sasl::ScramSha256::new(password, sasl::ChannelBinding::unsupported());
                    let first = start.message().to_vec();
                    self.send(|out| frontend::sasl_initial_response(sasl::SCRAM_SHA_256, &first, out))
                        .await?;
                    scram = Some(start);
                }
                Message::AuthenticationSaslContinue(body) => {
                    let scram = scram.as_mut().ok_or_else(out_of_turn)?;
                    scram.update(body.data())?;
                    let next = scram.message().to_vec();
                    self.send(|out| frontend::sasl_response(&next, out)).await?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    scram.as_mut().ok_or_else(out_of_turn)?.finish(body.data())?;
                }
                Message::ErrorResponse(body) => return Err(server_fault(body.fields())?),
                _ => return Err(out_of_turn().into()),
            }
        }
    }

    /// Runs one statement by the extended protocol, its parameters' types inferred by the server.
    pub(super) async fn run(&mut self, text: &str, params: &[Option<String>]) -> Result<Answer, Fault> {
        self.send(|out| {
            frontend::parse("", text, None, out)?;
            let texts = [0_i16];
            let write = |value: &Option<String>, out: &mut BytesMut| {
                let Some(value) = value else { return Ok(IsNull::Yes) };
                out.extend_from_slice(value.as_bytes());
                Ok(IsNull::No)
            };
            frontend::bind("", "", texts, params, write, texts, out).map_err(|error| match error {
                frontend::BindError::Conversion(error) => io::Error::other(error),
                frontend::BindError::Serialization(error) => error,
            })?;
            frontend::describe(b'P', "", out)?;
            frontend::execute("", 0, out)?;
            frontend::sync(out);
            Ok(())
        })
        .await?;
        self.until_ready().await
    }

    async fn until_ready(&mut self) -> Result<Answer, Fault> {
        let (mut answer, mut failed) = (Answer::default(), None);
        loop {
            match self.receive().await? {
                Message::RowDescription(body) => answer.columns = columns(&body)?,
                Message::DataRow(body) => answer.rows.push(row(&body)?),
                Message::CommandComplete(body) => body.tag()?.clone_into(&mut answer.tag),
                Message::ErrorResponse(body) => failed = Some(server_fault(body.fields())?),
                Message::ReadyForQuery(_) => return failed.map_or(Ok(answer), Err),
                _ => {}
            }
        }
    }

    async fn send(&mut self, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> io::Result<()> {
        let mut out = BytesMut::new();
        write(&mut out)?;
        self.stream.write_all(&out).await
    }

    async fn receive(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.incoming)? {
                return Ok(message);
            }
            if self.stream.read_buf(&mut self.incoming).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

fn out_of_turn() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a message out of turn")
}

fn server_fault(mut fields: ErrorFields<'_>) -> io::Result<Fault> {
    let mut all = Vec::new();
    while let Some(field) = fields.next()? {
        all.push((field.type_(), String::from_utf8_lossy(field.value_bytes()).into_owned()));
    }
    Ok(Fault::Server(all))
}

fn columns(body: &RowDescriptionBody) -> io::Result<Vec<Column>> {
    let column = |field: postgres_protocol::message::backend::Field<'_>| {
        Ok(Column {
            name: field.name().to_owned(),
            table: field.table_oid(),
            number: field.column_id(),
            kind: field.type_oid(),
            size: field.type_size(),
            modifier: field.type_modifier(),
        })
    };
    body.fields().map(column).collect()
}

fn row(body: &DataRowBody) -> io::Result<Vec<Option<String>>> {
    let text = |range: Option<std::ops::Range<usize>>| {
        Ok(range.map(|range| String::from_utf8_lossy(&body.buffer()[range]).into_owned()))
    };
    body.ranges().map(text).collect()
}
