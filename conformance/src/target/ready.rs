//! Whether a broker answers: a listening port is not enough, since some listen before they can speak.

use std::io;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::run::{Endpoint, wire};

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(5);

/// How long to wait before the next attempt.
const PAUSE: Duration = Duration::from_millis(50);

/// The protocol header of AMQP 0-9-1 (§4.2.2).
const HEADER: &[u8] = b"AMQP\0\0\x09\x01";

/// How a frame with `connection.start` begins: a method frame on channel 0, four octets of size, class 10, method 10.
const METHOD_ON_CHANNEL_0: &[u8] = &[1, 0, 0];
const START: &[u8] = &[0, 10, 0, 10];

/// Asks until the time is up.
pub(super) struct Patience {
    end: Instant,
}

impl Patience {
    pub fn new(limit: Duration) -> Self {
        Self {
            end: Instant::now() + limit,
        }
    }

    /// Asks once, and waits a moment if there was no right answer.
    ///
    /// # Errors
    /// What came instead, if the time is up.
    pub async fn ask(&self, endpoint: &Endpoint) -> Result<bool, String> {
        let wrong = match tokio::time::timeout(ATTEMPT, greeting(endpoint)).await {
            Ok(Ok(())) => return Ok(true),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!(
                "it accepts connections, but says nothing within {} s",
                ATTEMPT.as_secs()
            ),
        };
        self.pause(wrong).await
    }

    /// Asks once whether anything listens on a loopback port.
    ///
    /// # Errors
    /// As [`Patience::ask`].
    pub async fn listens(&self, port: u16) -> Result<bool, String> {
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(_) => Ok(true),
            Err(error) => self.pause(error.to_string()).await,
        }
    }

    async fn pause(&self, wrong: String) -> Result<bool, String> {
        if Instant::now() >= self.end {
            return Err(wrong);
        }
        tokio::time::sleep(PAUSE).await;
        Ok(false)
    }
}

/// The first words of the protocol.
async fn greeting(endpoint: &Endpoint) -> io::Result<()> {
    let (mut reader, mut writer) = wire::connect(endpoint).await?;
    writer.write(HEADER).await?;
    let mut answer = [0; 11];
    reader.read_exact(&mut answer).await?;
    let [start @ .., _, _, _, _, _, _, _, _] = &answer;
    match start == METHOD_ON_CHANNEL_0 && answer.ends_with(START) {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "what listens there answers {}, not connection.start",
                answer.escape_ascii()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn endpoint(port: u16) -> Endpoint {
        Endpoint {
            host: "127.0.0.1".to_owned(),
            port,
            user: String::new(),
            password: String::new(),
            vhost: String::new(),
            tls: None,
        }
    }

    /// Listens, and says one thing to whoever comes.
    async fn speaker(words: &'static [u8]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut header = [0; 8];
                stream.read_exact(&mut header).await.unwrap();
                stream.write_all(words).await.unwrap();
            }
        });
        port
    }

    #[rstest]
    #[case(b"\x01\0\0\0\0\0\x10\0\x0a\0\x0a\0\x09", None)]
    #[case(b"AMQP\0\0\x09\x01....", Some("not connection.start"))]
    #[case(
        b"\x01\0\x01\0\0\0\x10\0\x0a\0\x0a\0\x09",
        Some("not connection.start")
    )]
    #[case(b"AMQP\0\0\x09\x01", Some("early eof"))]
    #[tokio::test]
    async fn only_connection_start_is_an_answer(
        #[case] words: &'static [u8],
        #[case] wrong: Option<&str>,
    ) {
        let port = speaker(words).await;
        match (greeting(&endpoint(port)).await, wrong) {
            (Ok(()), None) => {}
            (Err(error), Some(wrong)) => assert!(error.to_string().contains(wrong), "{error}"),
            (came, _) => panic!("{came:?}"),
        }
    }

    #[tokio::test]
    async fn waiting_ends_with_what_was_wrong() {
        let nobody = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let wrong = Patience::new(Duration::ZERO)
            .ask(&endpoint(nobody))
            .await
            .unwrap_err();
        assert!(wrong.contains("refused"), "{wrong}");
    }
}
