//! A broker's address as a URL: `amqp://user:password@host:port/vhost`, or `amqps://` for TLS.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::TargetError;
use crate::run::Endpoint;

/// The ports that IANA lists for AMQP, without TLS and with it.
const PORT: u16 = 5672;
const TLS_PORT: u16 = 5671;

/// Whether a target is meant as a URL, well-formed or not.
pub(super) fn looks_like_url(target: &str) -> bool {
    target.contains("://")
}

/// Whether a URL asks for TLS.
pub(super) fn wants_tls(url: &str) -> bool {
    url.split_once("://")
        .is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("amqps"))
}

/// Reads a URL. What is left out is `guest`, `guest`, port 5672, or 5671 with TLS, and the virtual host `/`. How TLS is
/// spoken remains to be said.
pub(super) fn parse(text: &str) -> Result<Endpoint, TargetError> {
    let refuse = |why: String| TargetError::Url(why);
    let url = Url::parse(text).map_err(|why| refuse(why.to_string()))?;
    match url.scheme() {
        "amqp" | "amqps" => {}
        other => {
            return Err(refuse(format!(
                "the scheme has to be amqp or amqps, not {other}"
            )));
        }
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse(
            "it has to end behind the virtual host (write ? as %3f and # as %23)".to_owned(),
        ));
    }
    let host = match url.host() {
        None => return Err(refuse("it names no host".to_owned())),
        Some(Host::Ipv6(address)) => address.to_string(),
        // Hosts of schemes that browsers do not know are kept as they were written.
        Some(host) => decode("host", &host.to_string())?,
    };
    if host.is_empty() {
        return Err(refuse("it names no host".to_owned()));
    }
    let vhost = match url.path() {
        "" | "/" => "/".to_owned(),
        path => {
            let name = path.strip_prefix('/').unwrap_or(path);
            if name.contains('/') {
                return Err(refuse(
                    "a / within the virtual host's name is written %2f".to_owned(),
                ));
            }
            decode("virtual host", name)?
        }
    };
    let user = match url.username() {
        "" => "guest".to_owned(),
        user => decode("user", user)?,
    };
    let password = url.password().map_or(Ok("guest".to_owned()), |password| {
        decode("password", password)
    })?;
    Ok(Endpoint {
        host,
        port: url.port().unwrap_or(match url.scheme() {
            "amqps" => TLS_PORT,
            _ => PORT,
        }),
        user,
        password,
        vhost,
        tls: None,
    })
}

/// The address as a URL that holds no password.
pub(super) fn shown(endpoint: &Endpoint) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let Endpoint {
        host,
        port,
        user,
        vhost,
        tls,
        ..
    } = endpoint;
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.clone()
    };
    let user = utf8_percent_encode(user, NON_ALPHANUMERIC);
    let vhost = utf8_percent_encode(vhost, NON_ALPHANUMERIC)
        .to_string()
        .replace("%2F", "%2f");
    let scheme = match tls {
        None => "amqp",
        Some(_) => "amqps",
    };
    format!("{scheme}://{user}@{host}:{port}/{vhost}")
}

fn decode(part: &str, text: &str) -> Result<String, TargetError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(|text| text.into_owned())
        .map_err(|_| TargetError::Url(format!("its {part} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn endpoint(host: &str, port: u16, user: &str, password: &str, vhost: &str) -> Endpoint {
        Endpoint {
            host: host.to_owned(),
            port,
            user: user.to_owned(),
            password: password.to_owned(),
            vhost: vhost.to_owned(),
            tls: None,
        }
    }

    #[rstest]
    #[case("amqp://localhost", endpoint("localhost", 5672, "guest", "guest", "/"))]
    #[case(
        "amqp://localhost/",
        endpoint("localhost", 5672, "guest", "guest", "/")
    )]
    #[case("amqp://h/%2f", endpoint("h", 5672, "guest", "guest", "/"))]
    #[case("amqp://h/%2F", endpoint("h", 5672, "guest", "guest", "/"))]
    #[case("amqp://h:1/v", endpoint("h", 1, "guest", "guest", "v"))]
    #[case("amqp://u:p@h:65535/a%2fb", endpoint("h", 65535, "u", "p", "a/b"))]
    #[case(
        "amqp://u%40x:p%3a%2f%c3%a9@h/v%20w",
        endpoint("h", 5672, "u@x", "p:/é", "v w")
    )]
    #[case("amqp://u@h", endpoint("h", 5672, "u", "guest", "/"))]
    #[case("amqp://u:@h", endpoint("h", 5672, "u", "guest", "/"))]
    #[case("amqp://[::1]:5673/v", endpoint("::1", 5673, "guest", "guest", "v"))]
    #[case("amqps://h", endpoint("h", 5671, "guest", "guest", "/"))]
    #[case("amqps://h:5672/v", endpoint("h", 5672, "guest", "guest", "v"))]
    #[case("amqp://127.0.0.1", endpoint("127.0.0.1", 5672, "guest", "guest", "/"))]
    fn a_url_tells_where_and_as_whom(#[case] url: &str, #[case] expected: Endpoint) {
        assert_eq!(parse(url).unwrap(), expected);
    }

    #[rstest]
    #[case("http://h", "has to be amqp or amqps, not http")]
    #[case("amqp://h:99999", "invalid port")]
    #[case("amqp://h:port", "invalid port")]
    #[case("amqp://", "names no host")]
    #[case("amqp:///v", "names no host")]
    #[case("amqp://h/a/b", "%2f")]
    #[case("amqp://h/v?heartbeat=1", "end behind the virtual host")]
    #[case("amqp://h/v#f", "end behind the virtual host")]
    #[case("amqp://h/%ff", "virtual host is not UTF-8")]
    #[case("://h", "relative URL")]
    fn what_is_no_address_is_refused_with_the_reason(#[case] url: &str, #[case] why: &str) {
        let refusal = parse(url).unwrap_err();
        assert!(refusal.is_usage());
        assert!(refusal.to_string().contains(why), "{refusal}");
    }

    #[rstest]
    #[case("amqp://u:hush@h:1:2/")]
    #[case("amqp://u:hush@h:99999")]
    #[case("amqps://u:hush@h/a/b")]
    #[case("amqp://u:hush@h/%ff")]
    fn a_refusal_shows_no_password(#[case] url: &str) {
        assert!(!parse(url).unwrap_err().to_string().contains("hush"));
    }

    #[rstest]
    #[case("amqp://u:hush@h", "amqp://u@h:5672/%2f")]
    #[case("amqp://u%40x:hush@[::1]:7/a%2fb", "amqp://u%40x@[::1]:7/a%2fb")]
    fn what_is_shown_can_be_read_again_and_holds_no_password(
        #[case] url: &str,
        #[case] expected: &str,
    ) {
        let shown = shown(&parse(url).unwrap());
        assert_eq!(shown, expected);
        assert_eq!(parse(&shown).unwrap().vhost, parse(url).unwrap().vhost);
    }
}
