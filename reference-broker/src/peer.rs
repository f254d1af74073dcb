//! Who is at the other end, as far as that is known before a word has been said.

use std::net::SocketAddr;

/// What the socket tells about a peer. The default is a peer within this program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// Where it is; none where there is no socket.
    pub address: Option<SocketAddr>,
    /// The common name of the certificate that it has shown, in a TLS handshake that proved it to be its own.
    pub certificate: Option<String>,
}

impl Peer {
    /// Where it is, for a person.
    pub(crate) fn shown(&self) -> String {
        match self.address {
            Some(address) => address.to_string(),
            None => "within this program".to_owned(),
        }
    }

    /// Whether it is on this very machine.
    pub fn is_local(&self) -> bool {
        self.address
            .is_none_or(|address| address.ip().to_canonical().is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("127.0.0.1:1", true)]
    #[case("127.9.9.9:1", true)]
    #[case("[::1]:1", true)]
    #[case("[::ffff:127.0.0.1]:1", true)]
    #[case("10.0.0.1:1", false)]
    #[case("[::ffff:10.0.0.1]:1", false)]
    fn loopback_addresses_are_local(#[case] address: &str, #[case] local: bool) {
        let peer = Peer {
            address: Some(address.parse().expect("an address")),
            certificate: None,
        };
        assert_eq!(peer.is_local(), local);
    }
}
