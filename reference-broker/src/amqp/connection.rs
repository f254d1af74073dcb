//! Class connection: from the first word to the last.

use std::sync::{Arc, LazyLock};

use mqspec_codec::{
    Command, FieldTable, FieldValue, LongStr, MethodId, ShortStr, connection, reply_code,
};

use super::authentication::{self, Credentials, Step};
use super::dialogue::{Dialogue, Environment, FRAME_MIN_SIZE, Phase};
use super::exception::{Exception, out_of_order};
use crate::model::HostId;
use crate::users::{Attempt, Permission};
use crate::{Config, Mechanism};

/// What the texts of replies are written in, the one that is asked for first
/// (`connection.start.locales.required-support`); Ruby's Bunny chooses the second without looking.
const LOCALES: [&str; 2] = ["en_US", "en_GB"];

/// What a client says of itself that changes how it is spoken to. All are extensions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// Wants to be told of bad credentials by `connection.close`.
    pub(super) authentication_failure_close: bool,
    /// Understands `basic.cancel`.
    pub(super) consumer_cancel_notify: bool,
    /// Understands `connection.blocked`.
    pub(super) connection_blocked: bool,
}

impl Capabilities {
    fn of(client_properties: &FieldTable) -> Self {
        let Some(FieldValue::Table(capabilities)) = client_properties.get("capabilities") else {
            return Self::default();
        };
        let has = |name| capabilities.get(name) == Some(FieldValue::Boolean(true));
        Self {
            authentication_failure_close: has("authentication_failure_close"),
            consumer_cancel_notify: has("consumer_cancel_notify"),
            connection_blocked: has("connection.blocked"),
        }
    }
}

/// `connection.start`: answers the protocol header (HDR-04).
pub(super) fn start(dialogue: &mut Dialogue, env: &Environment<'_>) {
    let mechanisms: Vec<_> = offered(dialogue, env.config).map(Mechanism::name).collect();
    let start = connection::Start {
        version_major: 0,
        version_minor: 9,
        server_properties: server_properties(env.config),
        mechanisms: long(&mechanisms.join(" ")),
        locales: long(&LOCALES.join(" ")),
    };
    dialogue.outbox.method(0, &start.into());
    dialogue.phase = Phase::Starting;
}

/// Mechanism and locale have to be among those offered
/// (`connection.start-ok.mechanism.validity`, CON-14).
pub(super) fn start_ok(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    start_ok: &connection::StartOk,
) -> Result<(), Exception> {
    dialogue.capabilities = Capabilities::of(&start_ok.client_properties);
    let chosen = offered(dialogue, env.config).find(|it| start_ok.mechanism == it.name());
    let Some(mechanism) = chosen else {
        return Err(out_of_order("the mechanism was not offered"));
    };
    if !LOCALES.iter().any(|locale| start_ok.locale == *locale) {
        return Err(out_of_order("the locale was not offered"));
    }
    let step = authentication::respond(env.config, &dialogue.peer, mechanism, &start_ok.response);
    go_on(dialogue, env, step, connection::StartOk::ID)
}

pub(super) fn secure_ok(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    user: String,
    secure_ok: &connection::SecureOk,
) -> Result<(), Exception> {
    let step = authentication::answer_challenge(user, &secure_ok.response);
    go_on(dialogue, env, step, connection::SecureOk::ID)
}

/// The lower limit rules, and the client may not ask for a higher one than it was offered
/// (CON-03, `connection.tune-ok.channel-max.upper-limit`, `connection.tune-ok.frame-max.upper-limit`).
/// Zero asks for none, which leaves ours (CON-05).
pub(super) fn tune_ok(
    dialogue: &mut Dialogue,
    env: &Environment<'_>,
    tune_ok: &connection::TuneOk,
) -> Result<(), Exception> {
    let channel_max = agree(tune_ok.channel_max.into(), env.config.channel_max.into());
    let frame_max = agree(tune_ok.frame_max, frame_max(env.config));
    let (Some(channel_max), Some(frame_max)) = (channel_max, frame_max) else {
        return Err(out_of_order("a limit is above the one that was offered"));
    };
    if (1..FRAME_MIN_SIZE).contains(&frame_max) {
        return Err(out_of_order("the frame limit is below the smallest one"));
    }
    // Zero, on both sides, leaves what a channel number can say.
    dialogue.channel_max = u16::try_from(channel_max)
        .ok()
        .filter(|most| *most > 0)
        .unwrap_or(u16::MAX);
    dialogue.deframer.set_frame_max(frame_max);
    dialogue.outbox.set_frame_max(frame_max);
    dialogue.timers.set_interval(tune_ok.heartbeat);
    dialogue.phase = Phase::Opening;
    Ok(())
}

/// A connection has one virtual host for its whole life (CON-06). One that does not exist (CON-07) or
/// is not the user's (`connection.open.virtual-host.security`) is the one thing on the way of which
/// the client is always told.
pub(super) fn open(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    open: &connection::Open,
) -> Result<(), Exception> {
    let name = open.virtual_host.as_str();
    match admit(dialogue, env, name) {
        Ok((host, permission)) => {
            dialogue.permission = permission;
            *env.logged_in.entry(dialogue.user.clone()).or_default() += 1;
            dialogue.outbox.method(0, &connection::OpenOk.into());
            dialogue.log_open(name);
            let name = name.to_owned();
            dialogue.phase = Phase::Open { host, name };
            dialogue.timers.lift_limit();
        }
        Err(exception) => dialogue.close(env, &exception.caused_by(connection::Open::ID)),
    }
    Ok(())
}

/// The virtual host of that name, and what the client may do there.
fn admit(
    dialogue: &Dialogue,
    env: &Environment<'_>,
    name: &str,
) -> Result<(HostId, Arc<Permission>), Exception> {
    let user = &dialogue.user;
    let Some(host) = env.hosts.find(name) else {
        let text = format!("no virtual host '{name}'");
        return Err(Exception::new(reply_code::INVALID_PATH, text));
    };
    let its = env.config.users.get(user);
    let Some(permission) = its.and_then(|its| its.permission(name)) else {
        let text = format!("virtual host '{name}' is not for user '{user}'");
        return Err(Exception::new(reply_code::NOT_ALLOWED, text));
    };
    if is_one_too_many(dialogue, env) {
        let text = format!("user '{user}' has as many connections as allowed");
        return Err(Exception::new(reply_code::NOT_ALLOWED, text));
    }
    Ok((host, permission))
}

fn is_one_too_many(dialogue: &Dialogue, env: &Environment<'_>) -> bool {
    let open = env.logged_in.get(&dialogue.user);
    let its = env.config.users.get(&dialogue.user);
    let most = its.and_then(|its| its.connections);
    let most = most.unwrap_or(env.config.limits.user_connections);
    open.copied().unwrap_or_default() >= most
}

/// An extension. Credentials are looked at once, so that a new secret is taken note of.
pub(super) fn update_secret(dialogue: &mut Dialogue, _: &connection::UpdateSecret) {
    dialogue
        .outbox
        .method(0, &connection::UpdateSecretOk.into());
}

/// Whatever the connection had is gone before the answer goes out (CON-08, CON-15).
pub(super) fn close(dialogue: &mut Dialogue, env: &mut Environment<'_>) {
    let why = "the client took leave";
    dialogue.leave(env, why);
    dialogue.outbox.method(0, &connection::CloseOk.into());
    dialogue.end(env, why);
}

/// The client closes while the broker does: it gets its answer, and is still waited for (CON-09).
pub(super) fn close_crossing(dialogue: &mut Dialogue) {
    dialogue.outbox.method(0, &connection::CloseOk.into());
}

/// The closing handshake is over.
pub(super) fn close_ok(dialogue: &mut Dialogue, env: &mut Environment<'_>) {
    dialogue.end(env, "the client agreed");
}

/// `connection.close` from the broker.
pub(super) fn send_close(dialogue: &mut Dialogue, exception: &Exception) {
    let close = connection::Close {
        reply_code: exception.code,
        reply_text: exception.reply_text(),
        class_id: exception.command.class_id,
        method_id: exception.command.method_id,
    };
    dialogue.outbox.method(0, &close.into());
}

/// The mechanisms that this client may choose from.
fn offered(dialogue: &Dialogue, config: &Config) -> impl Iterator<Item = Mechanism> {
    let all = config.mechanisms.iter().copied();
    all.filter(|mechanism| mechanism.suits(&dialogue.peer))
}

/// Goes on to the next step of the handshake. Bad credentials end it, without a word unless the client
/// wants one (CON-13).
fn go_on(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    step: Step,
    command: MethodId,
) -> Result<(), Exception> {
    match step {
        Step::Accepted { user } => tune(dialogue, env, user),
        Step::Password(credentials) => look_at(dialogue, env, credentials, command),
        Step::Challenge { user } => {
            let challenge = LongStr::from_static(authentication::CHALLENGE);
            dialogue
                .outbox
                .method(0, &connection::Secure { challenge }.into());
            dialogue.phase = Phase::Securing { user };
        }
        Step::Refused => {
            dialogue.log_refusal();
            let refused = Exception::new(reply_code::ACCESS_REFUSED, "bad credentials");
            if !dialogue.capabilities.authentication_failure_close {
                return Err(refused);
            }
            dialogue.close(env, &refused.caused_by(command));
        }
    }
    Ok(())
}

/// A password that was right before is right. Any other takes a while to look at, so that somebody else does it, and
/// nothing goes on until [`verified`].
fn look_at(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    credentials: Credentials,
    command: MethodId,
) {
    let Credentials { user, password } = credentials;
    let known = env.config.user(&user, &dialogue.peer);
    let digest = env.known.digest(&user, &password);
    if known.is_some() && env.known.holds(&user, digest) {
        return tune(dialogue, env, user);
    }
    let hash = known.and_then(|user| user.password.clone());
    dialogue.attempt = Some(Attempt::new(password, hash));
    dialogue.phase = Phase::Verifying {
        user,
        digest,
        command,
    };
}

/// Somebody has looked at the password.
pub(super) fn verified(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    right: bool,
) -> Result<(), Exception> {
    let Phase::Verifying {
        user,
        digest,
        command,
    } = dialogue.phase.clone()
    else {
        return Ok(());
    };
    let step = if right {
        env.known.learn(user.clone(), digest);
        Step::Accepted { user }
    } else {
        dialogue.user = user;
        Step::Refused
    };
    go_on(dialogue, env, step, command)
}

/// `connection.tune`: the client is who it says.
fn tune(dialogue: &mut Dialogue, env: &Environment<'_>, user: String) {
    dialogue.user = user;
    let tune = connection::Tune {
        channel_max: env.config.channel_max,
        frame_max: frame_max(env.config),
        heartbeat: env.config.heartbeat,
    };
    dialogue.outbox.method(0, &tune.into());
    dialogue.phase = Phase::Tuning;
}

/// What rules when one side wants `wanted` and the other offered `offered`, where 0 is no limit.
fn agree(wanted: u32, offered: u32) -> Option<u32> {
    match (wanted, offered) {
        (0, limit) | (limit, 0) => Some(limit),
        (wanted, offered) => (wanted <= offered).then_some(wanted),
    }
}

/// No limit below the smallest one is ever offered.
fn frame_max(config: &Config) -> u32 {
    if config.frame_max == 0 {
        0
    } else {
        config.frame_max.max(FRAME_MIN_SIZE)
    }
}

/// What the broker says of itself (`connection.start.server-properties.required-fields`).
fn server_properties(config: &Config) -> FieldTable {
    // Every connection begins with them, and all but one are the same for all brokers.
    static COMMON: LazyLock<FieldTable> = LazyLock::new(|| {
        let capabilities = [
            "publisher_confirms",
            "exchange_exchange_bindings",
            "basic.nack",
            "consumer_cancel_notify",
            "connection.blocked",
            "consumer_priorities",
            "authentication_failure_close",
            "per_consumer_qos",
            "direct_reply_to",
        ];
        let own = LongStr::from_static;
        table([
            ("product", own("mqspec reference broker").into()),
            ("version", own(env!("CARGO_PKG_VERSION")).into()),
            ("platform", own("Rust").into()),
            ("copyright", own("The mqspec authors").into()),
            ("information", own(env!("CARGO_PKG_DESCRIPTION")).into()),
            (
                "capabilities",
                table(capabilities.map(|name| (name, true.into()))).into(),
            ),
        ])
    });
    with(COMMON.clone(), "host", long(&config.host).into())
}

fn table<const N: usize>(pairs: [(&'static str, FieldValue); N]) -> FieldTable {
    pairs
        .into_iter()
        .fold(FieldTable::new(), |table, (name, value)| {
            with(table, name, value)
        })
}

fn with(table: FieldTable, name: &str, value: FieldValue) -> FieldTable {
    table
        .with(name, value)
        .expect("the broker's own names and values are short")
}

/// A short text as a long string.
fn long(text: &str) -> LongStr {
    ShortStr::truncated(text).into()
}
