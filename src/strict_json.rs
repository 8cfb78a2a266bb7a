//! Strict reading of JSON that others wrote: a text is taken whole or not at all.
//!
//! Refused: anything but one object at the top, nesting deeper than the reader allows, a key twice, a byte-order mark, bytes that
//! are not UTF-8, raw control bytes in texts, numbers that are none (`NaN`), text after the end. Texts are borrowed from the source
//! where it spells them without escapes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How strictly a source is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strictness {
    /// The deepest nesting that is read; the outermost object is the first level.
    pub depth: usize,
    pub keys: Keys,
}

/// How keys are kept and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    AsWritten,
    /// Two spellings of one key are the same key twice.
    InLowerCase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Null,
    /// A whole number that is not negative, written without point and exponent.
    Whole(u64),
    /// A truth value, or any other number.
    Other,
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Object<'a>),
}

pub(crate) type Object<'a> = BTreeMap<Cow<'a, str>, Value<'a>>;

/// Why a source is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is JSON, but no object.
    NoObject,
    /// It is no JSON of this strictness; the parser's words hold the place, and nothing of the source.
    NoJson { parser: String, line: usize, column: usize },
}

/// Reads a source that is one object.
pub(crate) fn parse(source: &[u8], strictness: Strictness) -> Result<Object<'_>, Flaw> {
    let mut parser = serde_json::Deserializer::from_slice(source);
    let top = Inside { levels: 0, strictness };
    let value = top.deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Flaw::NoObject),
        Err(error) => Err(Flaw::NoJson { parser: error.to_string(), line: error.line(), column: error.column() }),
    }
}

/// A key as the source spells it.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads the value that lies inside this many lists and objects.
#[derive(Clone, Copy)]
struct Inside {
    levels: usize,
    strictness: Strictness,
}

impl Inside {
    fn deeper<E: Error>(self) -> Result<Inside, E> {
        if self.levels < self.strictness.depth {
            Ok(Inside { levels: self.levels + 1, ..self })
        } else {
            Err(E::custom("nested too deeply"))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Inside {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value<'de>, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Inside {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Whole(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Value<'de>, A::Error> {
        let inside = self.deeper()?;
        let mut list = Vec::new();
        while let Some(value) = source.next_element_seed(inside)? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Value<'de>, A::Error> {
        let inside = self.deeper()?;
        let mut object = BTreeMap::new();
        while let Some(Key(mut key)) = source.next_key()? {
            let value = source.next_value_seed(inside)?;
            if self.strictness.keys == Keys::InLowerCase && key.bytes().any(|byte| byte.is_ascii_uppercase()) {
                key.to_mut().make_ascii_lowercase();
            }
            // The key is not quoted: it is another's text, not cleaned yet.
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("the same key twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AS_WRITTEN: Strictness = Strictness { depth: 3, keys: Keys::AsWritten };

    #[test]
    fn keys_are_as_strict_as_the_reader_says() {
        let twice = r#"{"a":1,"A":2}"#.as_bytes();
        let object = parse(twice, AS_WRITTEN).unwrap();
        assert_eq!((object.get("a"), object.get("A")), (Some(&Value::Whole(1)), Some(&Value::Whole(2))));
        assert!(parse(twice, Strictness { keys: Keys::InLowerCase, ..AS_WRITTEN }).is_err());
        assert!(parse(br#"{"a":1,"a":2}"#, AS_WRITTEN).is_err());
        assert!(parse(br#"{"a":[{}]}"#, AS_WRITTEN).is_ok());
        assert!(parse(br#"{"a":[{"b":[]}]}"#, AS_WRITTEN).is_err());
    }

    #[test]
    fn the_place_of_a_flaw_is_its_line_and_column() {
        for (source, place) in [
            ("{\n \"a\": NaN}", (2, 7)),
            ("{\"a\":1,\"a\":2}", (1, 13)),
            ("{}\nx", (2, 1)),
            ("{\"a\":[[[0]]]}", (1, 8)),
        ] {
            let Err(Flaw::NoJson { line, column, .. }) = parse(source.as_bytes(), AS_WRITTEN) else {
                panic!("{source} is taken")
            };
            assert_eq!((line, column), place, "{source}");
        }
        assert_eq!(parse(b"[]", AS_WRITTEN), Err(Flaw::NoObject));
    }

    #[test]
    fn only_a_plain_whole_number_is_whole() {
        for (number, is_whole) in
            [("1", true), ("0", true), ("1.0", false), ("1e0", false), ("-1", false), ("18446744073709551616", false)]
        {
            let source = format!("{{\"n\":{number}}}");
            let object = parse(source.as_bytes(), AS_WRITTEN).unwrap();
            assert_eq!(matches!(object["n"], Value::Whole(_)), is_whole, "{number}");
        }
    }
}
