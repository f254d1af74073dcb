//! The security mechanisms: from a client's responses to the name of a user.

use std::fmt;

use mqspec_codec::{FieldTable, LongStr};

use crate::{Config, Mechanism, Peer};

/// What RABBIT-CR-DEMO asks, and what it wants to hear before the password.
pub(super) const CHALLENGE: &str = "Please tell me your password";
const ANSWER: &str = "My password is ";

/// What a response leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The user is who they say.
    Accepted {
        user: String,
    },
    /// The user's password has to be looked at.
    Password(Credentials),
    /// The user has to answer the challenge.
    Challenge {
        user: String,
    },
    Refused,
}

/// Whom a client says it is, and what is to prove it.
#[derive(PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

/// Without the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials of {}", self.user)
    }
}

/// Looks at the response in `connection.start-ok`.
pub(super) fn respond(
    config: &Config,
    peer: &Peer,
    mechanism: Mechanism,
    response: &LongStr,
) -> Step {
    match mechanism {
        Mechanism::External => match external(peer, response) {
            Some(user) if config.user(&user, peer).is_some() => Step::Accepted { user },
            _ => Step::Refused,
        },
        Mechanism::Plain => look_at(plain(response)),
        Mechanism::AmqPlain => look_at(amqplain(response)),
        Mechanism::CrDemo => match text(response) {
            Some(user) => Step::Challenge { user },
            None => Step::Refused,
        },
    }
}

/// Looks at the response in `connection.secure-ok`.
pub(super) fn answer_challenge(user: String, response: &LongStr) -> Step {
    let password = text(response).and_then(|answer| {
        answer
            .strip_prefix(ANSWER)
            .map(|password| (user, password.to_owned()))
    });
    look_at(password)
}

fn look_at(credentials: Option<(String, String)>) -> Step {
    match credentials {
        Some((user, password)) => Step::Password(Credentials { user, password }),
        None => Step::Refused,
    }
}

/// The identity to act for, which may be left out: nobody may act for anybody but the owner of the certificate.
fn external(peer: &Peer, response: &LongStr) -> Option<String> {
    let user = peer.certificate.clone()?;
    let identity = text(response)?;
    (identity.is_empty() || identity == user).then_some(user)
}

/// An identity to act for, the user's name and the password, with a zero octet between them. Nobody
/// may act for anybody else.
fn plain(response: &LongStr) -> Option<(String, String)> {
    let response = text(response)?;
    let mut parts = response.split('\0');
    let (identity, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    let wanted = parts.next().is_none() && (identity.is_empty() || identity == user);
    wanted.then(|| (user.to_owned(), password.to_owned()))
}

/// A field table's pairs without the length in front.
fn amqplain(response: &LongStr) -> Option<(String, String)> {
    let pairs = FieldTable::from_bytes(response.as_bytes().clone()).ok()?;
    let field = |name| Some(pairs.get(name)?.as_str()?.to_owned());
    Some((field("LOGIN")?, field("PASSWORD")?))
}

fn text(octets: &LongStr) -> Option<String> {
    String::from_utf8(octets.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn accepted() -> Step {
        Step::Accepted {
            user: "guest".to_owned(),
        }
    }

    fn password(user: &str, password: &str) -> Step {
        Step::Password(Credentials {
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }

    fn step_of(mechanism: Mechanism, response: &LongStr) -> Step {
        respond(&Config::default(), &Peer::default(), mechanism, response)
    }

    #[rstest]
    #[case(Some("guest"), "", accepted())]
    #[case(Some("guest"), "guest", accepted())]
    #[case(Some("guest"), "other", Step::Refused)]
    #[case(Some("nobody"), "", Step::Refused)]
    #[case(None, "guest", Step::Refused)]
    fn external_takes_the_certificates_word(
        #[case] certificate: Option<&str>,
        #[case] response: &'static str,
        #[case] step: Step,
    ) {
        let peer = Peer {
            certificate: certificate.map(str::to_owned),
            ..Peer::default()
        };
        let response = LongStr::from_static(response);
        let config = Config::default();
        assert_eq!(
            respond(&config, &peer, Mechanism::External, &response),
            step
        );
    }

    #[rstest]
    #[case("\0guest\0secret", password("guest", "secret"))]
    #[case("guest\0guest\0secret", password("guest", "secret"))]
    #[case("\0guest\0", password("guest", ""))]
    #[case("other\0guest\0guest", Step::Refused)]
    #[case("\0guest", Step::Refused)]
    #[case("\0guest\0guest\0", Step::Refused)]
    #[case("", Step::Refused)]
    fn plain_wants_three_parts(#[case] response: &'static str, #[case] step: Step) {
        let response = LongStr::from_static(response);
        assert_eq!(step_of(Mechanism::Plain, &response), step);
    }

    #[test]
    fn amqplain_wants_a_table_without_its_length() {
        let table = |password: &'static str| {
            let field = LongStr::from_static;
            let pairs = FieldTable::new().with("LOGIN", field("guest"));
            let pairs = pairs.and_then(|pairs| pairs.with("PASSWORD", field(password)));
            LongStr::new(pairs.expect("a legal table").as_bytes().clone()).expect("short enough")
        };
        assert_eq!(
            step_of(Mechanism::AmqPlain, &table("secret")),
            password("guest", "secret")
        );
        let broken = LongStr::from_static("\u{5}LOGIN");
        assert_eq!(step_of(Mechanism::AmqPlain, &broken), Step::Refused);
    }

    #[test]
    fn a_challenge_is_answered_with_the_password() {
        let user = || "guest".to_owned();
        let step = step_of(Mechanism::CrDemo, &LongStr::from_static("guest"));
        assert_eq!(step, Step::Challenge { user: user() });
        let answer = |text| answer_challenge(user(), &LongStr::from_static(text));
        assert_eq!(answer("My password is secret"), password("guest", "secret"));
        assert_eq!(answer("guest"), Step::Refused);
    }
}
