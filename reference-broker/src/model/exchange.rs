//! Exchanges: declare, delete, and what each of them is.

use std::collections::BTreeMap;

use mqspec_codec::{FieldTable, ShortStr};

use super::account::Charge;
use super::binding::{Bindings, Destination};
use super::journal::{Kept, Record};
use super::{Refusal, VirtualHost, arguments, names};

/// The nameless exchange that every queue is bound to by its own name.
pub(super) const DEFAULT: &str = "";

const ALTERNATE: &str = "alternate-exchange";

/// How an exchange chooses among its bindings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExchangeType {
    /// By equality of routing key and binding key (EXT-01).
    Direct,
    /// All of them (EXT-02).
    Fanout,
    /// By pattern over the words of the routing key (EXT-03).
    Topic,
    /// By the message's header table (EXT-04).
    Headers,
}

impl ExchangeType {
    fn named(name: &ShortStr) -> Result<Self, Refusal> {
        match name.as_str() {
            "direct" => Ok(Self::Direct),
            "fanout" => Ok(Self::Fanout),
            "topic" => Ok(Self::Topic),
            "headers" => Ok(Self::Headers),
            _ => Err(Refusal::NoExchangeType(name.clone())),
        }
    }
}

/// What a client says when it declares an exchange.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExchangeSettings {
    pub(crate) kind: ShortStr,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) internal: bool,
    pub(crate) arguments: FieldTable,
}

#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) kind: ExchangeType,
    pub(super) durable: bool,
    pub(super) auto_delete: bool,
    pub(super) internal: bool,
    pub(super) arguments: FieldTable,
    /// Who takes what none of the bindings matches.
    pub(super) alternate: Option<ShortStr>,
    pub(super) bindings: Bindings,
    /// What the exchange takes by itself; nothing for one that no client made.
    charge: Option<Charge>,
    /// Its record, if it is to survive.
    pub(super) kept: Option<Kept>,
}

impl Exchange {
    fn declared(settings: ExchangeSettings) -> Result<Self, Refusal> {
        Ok(Self {
            kind: ExchangeType::named(&settings.kind)?,
            durable: settings.durable,
            auto_delete: settings.auto_delete,
            internal: settings.internal,
            alternate: arguments::short_string(&settings.arguments, ALTERNATE)?,
            arguments: settings.arguments.detached(),
            bindings: Bindings::default(),
            charge: None,
            kept: None,
        })
    }

    fn standard(kind: ExchangeType) -> Self {
        Self {
            kind,
            durable: true,
            auto_delete: false,
            internal: false,
            arguments: FieldTable::new(),
            alternate: None,
            bindings: Bindings::default(),
            charge: None,
            kept: None,
        }
    }

    /// The first attribute in which another declaration differs (`exchange.declare.passive.equivalent`).
    /// Auto-delete is none of them (`exchange.declare.auto-delete.amq-exchange-25`).
    fn difference(&self, other: &Self) -> Option<&'static str> {
        [
            (self.kind == other.kind, "type"),
            (self.durable == other.durable, "durable"),
            (self.internal == other.internal, "internal"),
            (same_pairs(&self.arguments, &other.arguments), "arguments"),
        ]
        .into_iter()
        .find_map(|(same, attribute)| (!same).then_some(attribute))
    }
}

/// What every virtual host begins with (`exchange.required-instances`, `exchange.default-exchange`).
pub(super) fn standard_exchanges() -> BTreeMap<ShortStr, Exchange> {
    [
        (DEFAULT, ExchangeType::Direct),
        ("amq.direct", ExchangeType::Direct),
        ("amq.fanout", ExchangeType::Fanout),
        ("amq.topic", ExchangeType::Topic),
        // Two names for the same, since the sources of the specification disagree.
        ("amq.match", ExchangeType::Headers),
        ("amq.headers", ExchangeType::Headers),
    ]
    .into_iter()
    .map(|(name, kind)| (ShortStr::from_static(name), Exchange::standard(kind)))
    .collect()
}

impl VirtualHost {
    /// Makes sure that an exchange is there and is as described.
    pub(crate) fn declare_exchange(
        &mut self,
        name: &ShortStr,
        settings: ExchangeSettings,
    ) -> Result<(), Refusal> {
        self.check_exchange_name(name)?;
        names::check_fields(self.names, &settings.arguments)?;
        let mut declared = Exchange::declared(settings.clone())?;
        if let Some(existing) = self.exchanges.get(name) {
            return match existing.difference(&declared) {
                Some(attribute) => Err(Refusal::ExchangeDiffers(name.clone(), attribute)),
                None => Ok(()),
            };
        }
        names::check_free(name)?;
        if self.exchanges.len() >= self.limits.exchanges {
            return Err(Refusal::Full("exchanges"));
        }
        declared.charge = Some(self.hold([name.len(), declared.arguments.as_bytes().len()])?);
        if settings.durable {
            declared.kept = self.keep(|| Record::Exchange {
                name: name.clone(),
                settings,
            });
        }
        self.exchanges.insert(name.clone(), declared);
        Ok(())
    }

    /// Says whether an exchange is there, and looks at nothing but its name.
    pub(crate) fn find_exchange(&self, name: &ShortStr) -> Result<(), Refusal> {
        self.check_exchange_name(name)?;
        self.exchange(name).map(drop)
    }

    /// Removes an exchange and its bindings (EXT-07, DOC-25).
    pub(crate) fn delete_exchange(
        &mut self,
        name: &ShortStr,
        if_unused: bool,
    ) -> Result<(), Refusal> {
        if name.as_str() == DEFAULT {
            return Err(Refusal::DefaultExchange);
        }
        if names::is_reserved(name) {
            return Err(Refusal::StandardExchange(name.clone()));
        }
        let exchange = self.exchange(name)?;
        if if_unused && !exchange.bindings.is_empty() {
            return Err(Refusal::ExchangeInUse(name.clone()));
        }
        self.remove_destination(Destination::Exchange(name.clone()));
        Ok(())
    }

    pub(super) fn exchange(&self, name: &ShortStr) -> Result<&Exchange, Refusal> {
        self.exchanges
            .get(name)
            .ok_or_else(|| Refusal::NoExchange(name.clone()))
    }

    fn check_exchange_name(&self, name: &ShortStr) -> Result<(), Refusal> {
        if name.as_str() == DEFAULT {
            return Err(Refusal::DefaultExchange);
        }
        names::check(self.names, name)
    }
}

/// Whether two tables hold the same pairs, in whatever order.
pub(super) fn same_pairs(one: &FieldTable, other: &FieldTable) -> bool {
    let sorted = |table: &FieldTable| table.iter().collect::<BTreeMap<_, _>>();
    one == other || sorted(one) == sorted(other)
}
