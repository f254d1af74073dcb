//! What a decoder answers: one line of JSON for each frame.

use serde_json::{Map, Value};

/// What a program says about one frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// `{"ok": {…}}`: what it read.
    Decoded(Decoded),
    /// `{"error": "…"}`: it refuses the frame.
    Rejected(String),
    /// `{"skip": "…"}`: it was not made to read such frames.
    Skipped(String),
}

/// What a program read out of a frame. What it does not say is not compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// `method`, `header`, `body`, `heartbeat` or `protocol-header`.
    pub kind: String,
    /// The channel.
    pub channel: Option<Value>,
    /// The command's name.
    pub method: Option<String>,
    /// What the frame holds beside its arguments and properties: ids, weight, size, body, version.
    pub own: Map<String, Value>,
    /// Arguments of a command, or properties of a content.
    pub fields: Map<String, Value>,
}

/// The kinds of frames by their numbers.
const KINDS: [(&str, u64); 4] = [("method", 1), ("header", 2), ("body", 3), ("heartbeat", 8)];

impl Answer {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn read(line: &str) -> Result<Answer, String> {
        let value: Value = match serde_json::from_str(line) {
            Ok(value) => value,
            Err(error) if error.to_string().starts_with("recursion limit") => {
                let reason = "the answer is nested too deep to be compared";
                return Ok(Answer::Skipped(reason.to_owned()));
            }
            Err(error) => return Err(format!("the answer is no JSON ({error}): {}", brief(line))),
        };
        let said = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if let Some(error) = value.get("error") {
            return Ok(Answer::Rejected(said(error)));
        }
        if let Some(reason) = value.get("skip") {
            return Ok(Answer::Skipped(said(reason)));
        }
        match value.get("ok") {
            Some(Value::Object(frame)) => Decoded::read(frame).map(Answer::Decoded),
            _ => Err(format!(
                "the answer is neither {{\"ok\": {{…}}}} nor {{\"error\": \"…\"}}: {}",
                brief(line)
            )),
        }
    }
}

impl Decoded {
    fn read(frame: &Map<String, Value>) -> Result<Decoded, String> {
        let mut decoded = Decoded::default();
        for (name, value) in frame {
            match (plain(name).as_str(), value) {
                ("type", Value::String(kind)) => decoded.kind = kind.replace('_', "-"),
                ("type", Value::Number(number)) => {
                    let known = KINDS
                        .iter()
                        .find(|(_, known)| Some(*known) == number.as_u64());
                    decoded.kind = known.map_or(number.to_string(), |(kind, _)| (*kind).to_owned());
                }
                ("channel", value) => decoded.channel = Some(value.clone()),
                ("method", Value::String(name)) => decoded.method = Some(name.clone()),
                ("method", Value::Null) => {}
                ("fields" | "properties", Value::Object(fields)) => {
                    decoded.fields.extend(
                        fields
                            .iter()
                            .map(|(name, value)| (plain(name), value.clone())),
                    );
                }
                (_, value) => {
                    decoded.own.insert(plain(name), value.clone());
                }
            }
        }
        let kinds = ["method", "header", "body", "heartbeat", "protocol-header"];
        match kinds.contains(&decoded.kind.as_str()) {
            true => Ok(decoded),
            false => Err(format!(
                "\"ok\" wants a \"type\", which is one of {}: {}",
                kinds.join(", "),
                brief(&Value::Object(frame.clone()).to_string())
            )),
        }
    }
}

/// A name without what languages spell differently: `content-type`, `content_type` and `contentType` are one.
pub fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// The beginning of a line.
pub fn brief(line: &str) -> String {
    let mut text: String = line.chars().take(160).collect();
    if text.len() < line.len() {
        text.push('…');
    }
    text
}
