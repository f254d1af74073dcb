//! A target file to start from.

/// The schema of target files, for editors.
pub const SCHEMA: &str = include_str!("../../../docs/target.schema.json");

/// The name of the file that holds the schema, beside a target file.
pub const SCHEMA_FILE: &str = "mqspec-target.schema.json";

/// The text of a new target file: complete for a broker that runs at the usual place, and commented for all else.
pub fn template(name: &str) -> String {
    TEMPLATE
        .replace("@SCHEMA@", SCHEMA_FILE)
        .replace("@NAME@", name)
}

const TEMPLATE: &str = r##"#:schema ./@SCHEMA@
# How mqspec has this broker, and how it is known to depart from the text.
#
#   mqspec target check @NAME@.toml     is this file well-formed?
#   mqspec run ./@NAME@.toml            the suite against the broker
#
# One of url, [process] and [container] is enough. With several the first is taken, or what --via says.

about = "@NAME@: say in one sentence what it is"

# A broker that runs already.
url = "amqp://guest:guest@127.0.0.1:5672/%2f"

# As whom the suite logs in where mqspec starts the broker, and what {user}, {password} and {vhost} stand for below.
# [login]
# user = "guest"
# password = "guest"
# vhost = "/"

# What the broker has beyond that: cases which need it are skipped where it is missing.
# [variables]
# user2 = "second"                  # a second user, who may use the same virtual host
# password2 = "secret"
# vhost2 = "other"                  # a second virtual host, which the first user may open
# max_queues = 500                  # limits, if the broker is configured to have some
# frame_seconds = 3                 # how long it waits for the rest of a frame that was begun

# TLS, where the broker speaks it.
# [tls]
# ca = "ca.pem"                     # the authority that vouches for its certificate; paths begin at this file
# insecure = true                   # or: believe any certificate

# A program of this machine. It is started for the run, and stopped; cases about restarts and crashes are possible, and a
# broker that starts within two seconds or so is started again wherever a case has brought it down.
# {dir} is a folder that lives as long as the broker, {port} where the suite goes, {port2} to {port9} are further free
# ports, {secret} is a word of this start. {{name}} is the text {name}.
# [process]
# install = "how it is had where it is missing"
# search = ["/opt/@NAME@/bin"]      # sought before PATH
# command = ["@NAME@", "--listen", "127.0.0.1:{port}", "--data", "{dir}/data"]
# start-seconds = 60                # until it answers
# stop-signal = "TERM"
# stop-seconds = 20                 # until it is killed
#
# [process.environment]
# HOME = "{dir}"
#
# [[process.file]]                  # written before it starts
# path = "@NAME@.conf"
# mode = "0600"
# text = """
# user = {user}
# """
#
# [[process.helper]]                # a program that has to run beside it
# command = ["helper", "--port", "{port2}"]
# listens-on = "{port2}"
#
# [process.control]                 # what can be done to it
# restart = { restart-after = "TERM" }
# kill = { restart-after = "KILL" }
# alarm-on = { run = ["@NAME@ctl", "raise-alarm"] }
# alarm-off = { run = ["@NAME@ctl", "clear-alarm"] }

# A container.
# [container]
# image = "@NAME@:latest"
# port = 5672                       # within the container
# command = ["@NAME@", "--listen", "0.0.0.0:{port}"]
# start-seconds = 60
#
# [container.environment]
# BROKER_USER = "{user}"
#
# [container.control]
# restart = { restart-after = "TERM" }
# kill = { restart-after = "KILL" }

# What it is known to do otherwise. A listed case may fail, and may not pass: the list can only shrink.
# [[deviation]]
# case = "queue.declare/passive-missing"      # or cases = ["a/b", "c/d"]
# reason = "what it does, and why that is known"
# source = "where that is documented"

# What the list was compared with.
# [[ran]]
# version = "1.0.0"
# via = "url"
# date = "2026-01-31"

# Another version of a known broker needs no more than this, in a file of its own:
#   about = "RabbitMQ, the next version"
#   extends = "rabbitmq"              # all else is as there
#   image = "rabbitmq:next"
#   without = ["a/b"]                 # listed there, and no deviation of this version
"##;

#[cfg(test)]
mod tests {
    use super::super::file::File;
    use super::*;

    #[test]
    fn a_new_file_is_well_formed_and_so_is_what_it_comments_out() {
        let text = template("mybroker");
        File::parse("mybroker.toml", &text).unwrap();
        // Settings are commented with one sign and a blank before a word, a bracket or a quotation mark.
        let setting = |line: &&str| {
            let bare = line.trim_start_matches("# ");
            !bare.starts_with(' ')
                && (bare.starts_with('[') || bare.contains(" = ") || bare == "\"\"\"")
        };
        let shown = text
            .lines()
            .filter(setting)
            .map(|line| line.strip_prefix("# ").unwrap_or(line));
        let shown: Vec<&str> = shown.collect();
        let shown = shown.join("\n").replace("amqp://", "amqps://");
        let file = File::parse("mybroker.toml", &shown).unwrap();
        assert_eq!(file.offered().len(), 3, "{shown}");
        assert_eq!(file.deviations().len(), 1);
    }
}
