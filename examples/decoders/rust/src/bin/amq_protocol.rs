//! amq-protocol, the codec of lapin: cargo build --release; mqspec decoder -- target/release/amq_protocol

use amq_protocol::frame::{AMQPFrame, parse_frame};
use amq_protocol::protocol::{AMQPClass, basic, queue};
use decoders::{answer, entries, plain};
use serde_json::{Value, json, to_value};

fn main() {
    answer(|octets| {
        let (rest, frame) = parse_frame(octets).map_err(|error| error.to_string())?;
        if !rest.is_empty() {
            return Err(format!("{} octets left", rest.len()));
        }
        Ok(json!({ "ok": match frame {
            AMQPFrame::ProtocolHeader(v) => json!({"type": "protocol-header", "major": v.major, "minor": v.minor, "revision": v.revision}),
            AMQPFrame::Method(channel, class) => json!({"type": "method", "channel": channel, "class-id": class.get_amqp_class_id(),
                "method-id": class.get_amqp_method_id(), "fields": fields(&class)}),
            AMQPFrame::Header(channel, header) => json!({"type": "header", "channel": channel, "class-id": header.class_id,
                "body-size": header.body_size, "properties": properties(&header.properties)}),
            AMQPFrame::Body(channel, body) => json!({"type": "body", "channel": channel,
                "body": body.iter().map(|octet| format!("{octet:02x}")).collect::<String>()}),
            AMQPFrame::Heartbeat => json!({"type": "heartbeat", "channel": 0}),
            AMQPFrame::InvalidHeartbeat(channel) => json!({"type": "heartbeat", "channel": channel}),
        }}))
    });
}

/// `type` is called `kind` here, and the headers are a table without a word for it.
fn properties(properties: &basic::AMQPProperties) -> Value {
    let Ok(Value::Object(mut list)) = to_value(properties) else { return Value::Null };
    let kind = list.remove("kind").unwrap_or_default();
    list.insert("type".into(), kind);
    if let Some(Value::Object(headers)) = list.get_mut("headers") {
        list["headers"] = entries(std::mem::take(headers));
    }
    Value::Object(list)
}

/// The arguments of the commands that matter most; no command can be serialized as a whole.
fn fields(class: &AMQPClass) -> Value {
    let table = |table| to_value(table).map(|table| match table { Value::Object(table) => entries(table), other => plain(other) }).unwrap_or_default();
    match class {
        AMQPClass::Basic(basic::AMQPMethod::Publish(m)) => json!({"exchange": m.exchange, "routing-key": m.routing_key, "mandatory": m.mandatory, "immediate": m.immediate}),
        AMQPClass::Basic(basic::AMQPMethod::Deliver(m)) => json!({"consumer-tag": m.consumer_tag, "delivery-tag": m.delivery_tag,
            "redelivered": m.redelivered, "exchange": m.exchange, "routing-key": m.routing_key}),
        AMQPClass::Basic(basic::AMQPMethod::Ack(m)) => json!({"delivery-tag": m.delivery_tag, "multiple": m.multiple}),
        AMQPClass::Queue(queue::AMQPMethod::Declare(m)) => json!({"queue": m.queue, "passive": m.passive, "durable": m.durable,
            "exclusive": m.exclusive, "auto-delete": m.auto_delete, "no-wait": m.nowait, "arguments": table(&m.arguments)}),
        _ => json!({}),
    }
}
