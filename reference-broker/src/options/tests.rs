use std::path::Path;

use clap::Parser;
use rstest::rstest;

use super::*;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    options: Options,
}

fn given(flags: &[&str]) -> Options {
    let program = ["program"].iter().chain(flags);
    Program::try_parse_from(program)
        .unwrap_or_else(|error| panic!("{error}"))
        .options
}

fn effective(flags: &[&str]) -> Options {
    let options = given(flags).effective();
    options.unwrap_or_else(|error| panic!("{error}"))
}

/// A file with this text, and what reading it comes to.
fn read(name: &str, text: &str) -> Result<Options, String> {
    let path = std::env::temp_dir().join(format!("mqspec-options-{}-{name}", std::process::id()));
    std::fs::write(&path, text).expect("written");
    let options = Options {
        config: Some(path.clone()),
        ..Options::default()
    };
    let read = options.effective().map_err(|error| error.to_string());
    std::fs::remove_file(path).expect("removed");
    read
}

const ALL: &str = r#"
listen = ["127.0.0.1:0", "[::1]:5673"]
data-dir = "data"
any-names = true
handshake-seconds = 3
log = "info"
log-format = "json"
tls-listen = ["127.0.0.1:5671"]
tls-cert = "server.pem"
tls-key = "/etc/server.key"
tls-ca = "ca.pem"
tls-client-cert = "optional"
virtual-host = ["/", "shop"]
loopback-user = []

[[user]]
name = "admin"
password = "hush"

[[user]]
name = "machine"
permission = [{ virtual-host = "shop", configure = "", write = "^orders$", read = ".*" }]

[limit]
queues = 7
"#;

#[test]
fn a_file_says_what_flags_say() {
    let options = read("all", ALL).expect("a legal file");
    let config = options.server();
    assert_eq!(config.listen.len(), 2);
    assert_eq!(config.data_dir, Some(std::env::temp_dir().join("data")));
    let tls = config.tls.expect("TLS");
    assert_eq!(tls.certificate, std::env::temp_dir().join("server.pem"));
    assert_eq!(tls.key, Path::new("/etc/server.key"));
    let broker = config.broker;
    assert_eq!(broker.names, NameRule::Any);
    assert_eq!(broker.handshake_timeout, Duration::from_secs(3));
    assert_eq!(broker.limits.queues, 7);
    assert_eq!(broker.virtual_hosts, ["/", "shop"]);
    assert!(broker.loopback_users.is_empty());
    assert_eq!(broker.users.len(), 2);
    assert_eq!(broker.users["machine"].password, None);
    assert!(broker.users["machine"].permission("/").is_none());
    assert!(broker.users["machine"].permission("shop").is_some());
}

#[test]
fn what_is_printed_can_be_read_and_holds_no_password() {
    let options = read("before", ALL).expect("a legal file");
    let printed = options.to_toml();
    assert!(!printed.contains("hush"), "{printed}");
    assert_eq!(read("after", &printed), Ok(options));
    let printed = effective(&[]).to_toml();
    assert_eq!(read("default", &printed), Ok(effective(&[])));
}

#[test]
fn without_options_a_broker_is_as_it_always_was() {
    let config = effective(&[]).server();
    assert_eq!(
        config.listen,
        ["127.0.0.1:5672".parse().expect("an address")]
    );
    assert_eq!(config.tls, None);
    let default = crate::Config::default();
    assert_eq!(config.broker.users, default.users);
    assert_eq!(config.broker.limits, default.limits);
    assert_eq!(config.broker.virtual_hosts, default.virtual_hosts);
    assert_eq!(config.broker.handshake_timeout, default.handshake_timeout);
}

#[test]
fn a_flag_wins_and_limits_add_up() {
    let file = read(
        "flags",
        "handshake-seconds = 3\n[limit]\nqueues = 7\nexchanges = 8\n",
    );
    let flags = given(&["--handshake-seconds", "4", "--limit", "queues=9"]);
    let options = flags.over(file.expect("a legal file"));
    let broker = options.server().broker;
    assert_eq!(broker.handshake_timeout, Duration::from_secs(4));
    assert_eq!((broker.limits.queues, broker.limits.exchanges), (9, 8));
}

#[rstest]
#[case::key("listen = [\"127.0.0.1:0\"]\nlisten-tls = 1\n", "line 2", "listen-tls")]
#[case::address("\nlisten = [\"localhost\"]\n", "line 2", "ADDRESS:PORT")]
#[case::limit(
    "[limit]\nqueues = 1\nqueens = 1\n",
    "line 3",
    "no limit is called 'queens'"
)]
#[case::kind("handshake-seconds = \"long\"\n", "line 1", "u64")]
#[case::level("log = \"loud\"\n", "line 1", "loud")]
#[case::pattern(
    "[[user]]\nname = \"u\"\npermission = [\n  { virtual-host = \"/\", read = \"(\" }]\n",
    "line 4",
    "unclosed group"
)]
#[case::hash(
    "[[user]]\nname = \"u\"\npassword-hash = \"plain\"\n",
    "line 1",
    "hash-password"
)]
#[case::both(
    "[[user]]\nname = \"u\"\npassword = \"p\"\npassword-hash = \"$argon2id$\"\n",
    "line 1",
    "either"
)]
#[case::user("[[user]]\nname = \"u\"\nsecret = \"p\"\n", "line 3", "secret")]
fn a_mistake_in_a_file_is_told_with_its_line(
    #[case] text: &str,
    #[case] line: &str,
    #[case] said: &str,
) {
    let name = format!("mistake-{said}-{line}").replace([' ', '\'', ':'], "-");
    let error = read(&name, text).expect_err("a mistake");
    assert!(error.contains(line) && error.contains(said), "{error}");
}

#[rstest]
#[case(&["--tls-listen", "127.0.0.1:0"], "tls-cert")]
#[case(&["--tls-cert", "a", "--tls-key", "b"], "tls-listen")]
#[case(&["--user", "a:b@elsewhere"], "'elsewhere', which does not exist")]
#[case(&["--user", "a:b", "--user", "a:c"], "'a' is named twice")]
#[case(&["--permission", "a", "/", "", "", ""], "whom --user does not name")]
#[case(&["--connections", "a", "1"], "whom --user does not name")]
#[case(&["--user", "a:b", "--connections", "a", "few"], "'few' is no number")]
#[case(&["--user", "a:b", "--permission", "a", "/", "(", "", ""], "'(' is no regular expression")]
#[case(&["--config", "/nowhere/broker.toml"], "/nowhere/broker.toml cannot be read")]
fn options_that_contradict_each_other_are_refused(#[case] flags: &[&str], #[case] said: &str) {
    let error = given(flags)
        .effective()
        .expect_err("a conflict")
        .to_string();
    assert!(error.contains(said), "{error}");
}

#[test]
fn a_user_may_be_given_by_a_hash() {
    let hash = crate::users::PasswordHash::new("hush");
    let options = effective(&["--user", &format!("a:{}@/", hash.as_str())]);
    let user = &options.server().broker.users["a"];
    assert_eq!(user.password.as_ref(), Some(&hash));
}

#[test]
fn permissions_can_be_given_as_flags() {
    let options = effective(&[
        "--user",
        "a:b",
        "--virtual-host",
        "/",
        "--virtual-host",
        "v",
        "--permission",
        "a",
        "/",
        "",
        "",
        "^q$",
        "--permission",
        "a",
        "v",
        ".*",
        ".*",
        ".*",
    ]);
    let user = &options.server().broker.users["a"];
    let here = user.permission("/").expect("open to them");
    assert_eq!((here.configure.as_str(), here.read.as_str()), ("", "^q$"));
    assert!(user.permission("v").is_some());
}

#[test]
fn a_user_may_have_a_limit_of_connections() {
    let options = effective(&["--user", "a:b", "--user", "c:d", "--connections", "c", "3"]);
    let users = options.server().broker.users;
    assert_eq!(users["a"].connections, None);
    assert_eq!(users["c"].connections, Some(3));
}
