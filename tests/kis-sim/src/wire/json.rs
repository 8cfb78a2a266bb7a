//! JSON whose keys keep the order they were written in.
//!
//! serde_json's own map sorts keys; its order-keeping feature would reach every crate of the workspace.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// Keys and values in document order.
pub type Fields = Vec<(&'static str, Node)>;

/// A JSON value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A string; KIS's numbers are strings too.
    Text(String),
    /// A number; only `/oauth2` has them.
    Number(i64),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Object(Fields),
    /// Foreign JSON: scripted bodies, and the echo of hashkey.
    Raw(Value),
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Text(text) => serializer.serialize_str(text),
            Node::Number(number) => serializer.serialize_i64(*number),
            Node::List(items) => items.serialize(serializer),
            Node::Object(fields) => serializer.collect_map(fields.iter().map(|(key, value)| (key, value))),
            Node::Raw(value) => value.serialize(serializer),
        }
    }
}

/// Reads objects, lists and text from a document that is compiled in.
impl Deserialize<'static> for Node {
    fn deserialize<D: Deserializer<'static>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl Visitor<'static> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object, a list or text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'static>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'static>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut fields = Fields::new();
        while let Some(entry) = entries.next_entry()? {
            fields.push(entry);
        }
        Ok(Node::Object(fields))
    }
}

impl Node {
    /// Compact JSON text.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Serializing strings, numbers and maps into memory cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Node {
        Node::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Node {
        Node::Text(text)
    }
}

impl From<u64> for Node {
    fn from(number: u64) -> Node {
        Node::Text(number.to_string())
    }
}

impl From<Fields> for Node {
    fn from(fields: Fields) -> Node {
        Node::Object(fields)
    }
}

impl From<Vec<Node>> for Node {
    fn from(items: Vec<Node>) -> Node {
        Node::List(items)
    }
}

/// Writes fields in document order: `fields! { "odno" => number, … }`.
macro_rules! fields {
    ($($key:literal => $value:expr),* $(,)?) => {
        vec![$(($key, $crate::wire::json::Node::from($value))),*]
    };
}
pub(crate) use fields;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order() {
        let inner: Fields = fields! { "z" => "1", "a" => 2 };
        let node = Node::Object(vec![("b", Node::List(vec![inner.into()])), ("a", Node::Number(3))]);
        assert_eq!(String::from_utf8(node.to_bytes()).unwrap(), r#"{"b":[{"z":"1","a":"2"}],"a":3}"#);

        let document = r#"{"b":[{"z":"1","a":"2"}],"a":"3"}"#;
        assert_eq!(String::from_utf8(serde_json::from_str::<Node>(document).unwrap().to_bytes()).unwrap(), document);
    }
}
