//! From an exchange and a message to the queues that take it.

use std::collections::BTreeSet;

use mqspec_codec::ShortStr;
use smallvec::SmallVec;

use super::VirtualHost;
use super::binding::{Binding, Destination};
use super::exchange::{DEFAULT, Exchange, ExchangeType};
use super::headers::Headers;
use super::message::Content;
use super::queue::QueueId;
use super::topic;

/// Queues by rising numbers, each once.
pub(super) type Routes = SmallVec<[QueueId; 8]>;

impl VirtualHost {
    /// The queues that take a message, each once however many ways lead there
    /// (`queue.bind.unique`, `exchange.bind.unique`).
    pub(super) fn route<'a>(&'a self, content: &'a Content) -> Routes {
        let mut queues = Routes::new();
        // Every exchange is asked once, so that cycles end (`exchange.bind.cyclical`).
        let mut asked = BTreeSet::new();
        let mut to_ask = Vec::new();
        let mut headers = None;
        let mut next = Some(&content.exchange);
        while let Some(name) = next.take() {
            let Some(exchange) = self.exchanges.get(name) else {
                next = to_ask.pop();
                continue;
            };
            let mut is_new = |name: &'a ShortStr| *name != content.exchange && asked.insert(name);
            let mut matched = false;
            let mut lead_to = |destination| {
                matched = true;
                match destination {
                    To::Queue(queue) => queues.push(queue),
                    To::Exchange(name) => {
                        if is_new(name) {
                            to_ask.push(name);
                        }
                    }
                }
            };
            // `queue.declare.default-binding`: no binding says so, and none can be undone.
            if name.as_str() == DEFAULT {
                let named = content.keys().filter_map(|key| self.queue_ids.get(key));
                named.for_each(|queue| lead_to(To::Queue(*queue)));
            }
            exchange.choose(content, &mut headers, |binding| {
                lead_to(match &binding.destination {
                    Destination::Queue(queue) => To::Queue(*queue),
                    Destination::Exchange(name) => To::Exchange(name),
                });
            });
            if !matched
                && let Some(alternate) = &exchange.alternate
                && is_new(alternate)
            {
                to_ask.push(alternate);
            }
            next = to_ask.pop();
        }
        queues.sort_unstable();
        queues.dedup();
        queues
    }
}

enum To<'a> {
    Queue(QueueId),
    Exchange(&'a ShortStr),
}

impl Exchange {
    /// Calls `take` with every binding that matches. The headers are read at most once for all
    /// exchanges that a message meets.
    fn choose<'a>(
        &'a self,
        content: &Content,
        headers: &mut Option<Headers>,
        take: impl FnMut(&'a Binding),
    ) {
        match self.kind {
            ExchangeType::Direct => content
                .keys()
                .flat_map(|key| self.bindings.with_key(key))
                .for_each(take),
            ExchangeType::Fanout => self.bindings.iter().map(|(_, one)| one).for_each(take),
            ExchangeType::Topic => self
                .bindings
                .iter()
                .filter(|(pattern, _)| content.keys().any(|key| topic::matches(pattern, key)))
                .map(|(_, binding)| binding)
                .for_each(take),
            ExchangeType::Headers => {
                let headers = headers
                    .get_or_insert_with(|| Headers::new(content.properties.decode().headers));
                self.bindings
                    .iter()
                    .map(|(_, binding)| binding)
                    .filter(|binding| binding.pattern.matches(headers))
                    .for_each(take);
            }
        }
    }
}
