//! Publishes, encoded once for all.

use bytes::BytesMut;
use mqspec_codec::frame::{put_body, put_header, put_method};
use mqspec_codec::{BasicProperties, ContentHeader, ShortStr, basic};

use crate::client::CHANNEL;

/// One message as a load sends it over and over.
#[derive(Debug, Clone)]
pub struct Message {
    pub exchange: ShortStr,
    pub routing_key: ShortStr,
    pub body: Vec<u8>,
    pub persistent: bool,
}

impl Message {
    /// The octets of its `basic.publish`, with header and body.
    pub fn encode(&self, frame_max: u32) -> BytesMut {
        let mut out = BytesMut::new();
        let publish = basic::Publish {
            exchange: self.exchange.clone(),
            routing_key: self.routing_key.clone(),
            ..Default::default()
        };
        put_method(CHANNEL, &publish.into(), &mut out);
        let properties = BasicProperties {
            delivery_mode: self.persistent.then_some(2),
            ..Default::default()
        };
        let header = ContentHeader {
            body_size: self.body.len() as u64,
            properties: properties.into(),
        };
        put_header(CHANNEL, &header, &mut out);
        put_body(CHANNEL, &self.body, frame_max, &mut out);
        out
    }
}
