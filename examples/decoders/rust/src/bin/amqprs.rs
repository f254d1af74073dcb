//! amqprs, whose frames are private: what it publishes of them, put together as it does it itself, on amqp_serde.
//! cargo build --release; mqspec decoder -- target/release/amqprs

use amqp_serde::{from_bytes, types::{FieldTable, FieldValue}};
use amqprs::{Ack, BasicProperties, Cancel, Close, CloseChannel, Deliver, GetOk, Nack, Return};
use decoders::{answer, plain};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json, to_value};

fn main() {
    answer(|octets| {
        let number = |at: usize, width: usize| octets[at..at + width].iter().fold(0u64, |sum, octet| sum << 8 | u64::from(*octet));
        if octets.len() < 8 || octets.len() as u64 != number(3, 4) + 8 || octets[octets.len() - 1] != 0xCE {
            return Ok(json!({"skip": "frames are cut by code that amqprs does not publish"}));
        }
        let (channel, payload) = (number(1, 2), &octets[7..octets.len() - 1]);
        match (octets[0], payload.len()) {
            (1, 4..) => {
                let args = &payload[4..];
                let (name, fields) = match (number(7, 2), number(9, 2)) {
                    (10, 50) => ("connection.close", read::<Close>(args)?),
                    (20, 40) => ("channel.close", read::<CloseChannel>(args)?),
                    (60, 30) => ("basic.cancel", read::<Cancel>(args)?),
                    (60, 50) => ("basic.return", read::<Return>(args)?),
                    (60, 60) => ("basic.deliver", read::<Deliver>(args)?),
                    (60, 71) => ("basic.get-ok", read::<GetOk>(args)?),
                    (60, 80) => ("basic.ack", read::<Ack>(args)?),
                    (60, 120) => ("basic.nack", read::<Nack>(args)?),
                    _ => return Ok(json!({"skip": "amqprs publishes eight of its commands"})),
                };
                Ok(json!({"ok": {"type": "method", "channel": channel, "method": name, "fields": fields}}))
            }
            (2, 12..) => {
                let p: BasicProperties = from_bytes(&payload[12..]).map_err(|error| error.to_string())?;
                let Some(headers) = p.headers().map_or(Some(Value::Null), table) else {
                    return Ok(json!({"skip": "tables within arrays, which JSON cannot have of amqp_serde"}));
                };
                Ok(json!({"ok": {"type": "header", "channel": channel, "properties": {
                    "content-type": p.content_type(), "content-encoding": p.content_encoding(), "headers": headers,
                    "delivery-mode": p.delivery_mode(), "priority": p.priority(), "correlation-id": p.correlation_id(),
                    "reply-to": p.reply_to(), "expiration": p.expiration(), "message-id": p.message_id(), "timestamp": p.timestamp(),
                    "type": p.message_type(), "user-id": p.user_id(), "app-id": p.app_id(), "cluster-id": p.cluster_id()}}}))
            }
            _ => Ok(json!({"skip": "amqprs publishes nothing that reads such frames"})),
        }
    });
}

fn table(table: &FieldTable) -> Option<Value> {
    let values = table.as_ref().iter().map(|(name, value)| {
        let value = match value {
            FieldValue::F(inner) => self::table(inner)?,
            other => plain(to_value(other).ok()?),
        };
        Some((name.to_string(), value))
    });
    values.collect::<Option<serde_json::Map<_, _>>>().map(Value::Object)
}

fn read<T: DeserializeOwned + Serialize>(octets: &[u8]) -> Result<Value, String> {
    let value: T = from_bytes(octets).map_err(|error| error.to_string())?;
    to_value(value).map(plain).map_err(|error| error.to_string())
}
