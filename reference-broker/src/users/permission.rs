//! What a user may do in a virtual host (<https://www.rabbitmq.com/docs/access-control>).

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use regex::Regex;

/// The name under which the default exchange is looked up, which has none.
const DEFAULT_EXCHANGE: &str = "amq.default";

/// Names of exchanges and queues: a regular expression that is searched for anywhere in the name, as RabbitMQ does.
/// `^` and `$` hold it to the whole name. The empty one matches the empty name only, and so nothing.
#[derive(Debug, Clone)]
pub struct Pattern(Arc<Regex>);

/// A text is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{pattern}' is no regular expression: {why}")]
pub struct PatternError {
    pattern: String,
    why: String,
}

impl Pattern {
    /// Every name.
    pub fn all() -> Self {
        // Every connection begins with it, and an expression is costly to compile and to copy.
        static ALL: LazyLock<Arc<Regex>> =
            LazyLock::new(|| Arc::new(Regex::new(".*").expect("a legal expression")));
        Self(Arc::clone(&ALL))
    }

    /// No name.
    pub fn none() -> Self {
        Self(Arc::new(Regex::new("").expect("a legal expression")))
    }

    /// The expression.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn matches(&self, name: &str) -> bool {
        match self.as_str() {
            "" => name.is_empty(),
            // What most users have need not be searched for.
            ".*" => true,
            _ => self.0.is_match(name),
        }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = |error: regex::Error| PatternError {
            pattern: text.to_owned(),
            // The last line says what is wrong, those before it show where.
            why: error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
        };
        let regex = Regex::new(text).map_err(refused)?;
        Ok(Self(Arc::new(regex)))
    }
}

impl AsRef<str> for Pattern {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

/// What a user may do in a virtual host. The default is everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// What they may declare and delete.
    pub configure: Pattern,
    /// What they may publish to, and bind something to.
    pub write: Pattern,
    /// What they may consume, fetch and purge, and bind something from.
    pub read: Pattern,
}

impl Default for Permission {
    fn default() -> Self {
        Self {
            configure: Pattern::all(),
            write: Pattern::all(),
            read: Pattern::all(),
        }
    }
}

/// A kind of permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    Configure,
    Write,
    Read,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configure => "configure",
            Self::Write => "write to",
            Self::Read => "read from",
        })
    }
}

impl Permission {
    /// Whether they have a right to the exchange or queue of that name.
    pub(crate) fn grants(&self, right: Right, name: &str) -> bool {
        let pattern = match right {
            Right::Configure => &self.configure,
            Right::Write => &self.write,
            Right::Read => &self.read,
        };
        pattern.matches(if name.is_empty() {
            DEFAULT_EXCHANGE
        } else {
            name
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "q", false)]
    #[case("", "", false)]
    #[case(".*", "q", true)]
    #[case(".*", "", true)]
    #[case("shop", "shop", true)]
    #[case("shop", "my.shop.orders", true)]
    #[case("^shop\\.", "shop.orders", true)]
    #[case("^shop\\.", "workshop.orders", false)]
    #[case("^(shop|amq\\.default)$", "", true)]
    #[case("^(shop|amq\\.default)$", "shop2", false)]
    fn a_pattern_is_searched_for_in_the_name(
        #[case] pattern: &str,
        #[case] name: &str,
        #[case] granted: bool,
    ) {
        let permission = Permission {
            write: pattern.parse().expect("a legal expression"),
            ..Permission::default()
        };
        assert_eq!(permission.grants(Right::Write, name), granted);
        assert!(permission.grants(Right::Read, name));
    }

    #[test]
    fn what_is_no_expression_is_refused_with_the_reason() {
        let error = "(".parse::<Pattern>().expect_err("no expression");
        assert_eq!(
            error.to_string(),
            "'(' is no regular expression: unclosed group"
        );
    }
}
