//! Strict reading of JSON: a body is taken whole or not at all.
//!
//! Refused: anything but one object at the top, more than 64 levels, a key twice (in any spelling of its case),
//! a byte-order mark, bytes that are not UTF-8 (EUC-KR), raw control bytes in texts, text after the end. Keys are
//! kept in lower case, since KIS answers queries in lower and orders in upper case. Texts are borrowed from the body where it
//! spells them without escapes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::kis::error::Nonsense;
use crate::kis::words;

/// The largest body that is read.
pub(crate) const MAX_BODY: u64 = 1 << 20;
/// The deepest nesting that is read.
const MAX_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    Null,
    /// A whole number, the only kind that KIS is known to send as a number.
    Whole(u64),
    /// A truth value, or any other number: nothing reads it.
    Other,
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// A JSON object with its keys in lower case.
pub(crate) type Object<'a> = BTreeMap<Cow<'a, str>, Json<'a>>;

pub(crate) fn parse(body: &[u8]) -> Result<Object<'_>, Nonsense> {
    let mut source = serde_json::Deserializer::from_slice(body);
    let value = AtDepth(0).deserialize(&mut source).and_then(|value| source.end().map(|()| value));
    match value {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(Nonsense(words::no_object())),
        Err(error) => Err(Nonsense(words::no_json(&error.to_string(), error.line(), error.column()))),
    }
}

/// A key as the body spells it.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads the value that lies inside this many lists and objects.
struct AtDepth(usize);

impl AtDepth {
    fn inside<E: Error>(&self) -> Result<AtDepth, E> {
        if self.0 < MAX_DEPTH { Ok(AtDepth(self.0 + 1)) } else { Err(E::custom("nested too deeply")) }
    }
}

impl<'de> DeserializeSeed<'de> for AtDepth {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Json<'de>, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AtDepth {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Whole(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Json<'de>, A::Error> {
        let depth = self.inside()?.0;
        let mut list = Vec::new();
        while let Some(value) = source.next_element_seed(AtDepth(depth))? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Json<'de>, A::Error> {
        let depth = self.inside()?.0;
        let mut object = BTreeMap::new();
        while let Some(Key(mut key)) = source.next_key()? {
            let value = source.next_value_seed(AtDepth(depth))?;
            if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
                key.to_mut().make_ascii_lowercase();
            }
            // The key is not quoted: it is server text, not cleaned yet.
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("the same key twice"));
            }
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> Vec<u8> {
        let opened = r#"{"a":"#.repeat(levels);
        format!("{opened}1{}", "}".repeat(levels)).into_bytes()
    }

    #[test]
    fn keys_are_found_in_lower_case() {
        let object = parse(r#"{"ODNO":"1","rt_cd":"0","N":7,"l":[null,true,-1,1.5]}"#.as_bytes()).unwrap();
        assert_eq!(object.get("odno"), Some(&Json::Text("1".into())));
        assert_eq!(object.get("ODNO"), None);
        assert_eq!(object.get("n"), Some(&Json::Whole(7)));
        let list = vec![Json::Null, Json::Other, Json::Other, Json::Other];
        assert_eq!(object.get("l"), Some(&Json::List(list)));
    }

    #[test]
    fn refuses_whatever_is_not_one_clean_object() {
        let bad: [&[u8]; 19] = [
            b"",
            b" ",
            b"null",
            b"[]",
            b"\"text\"",
            b"{",
            b"{}{}",
            b"{} trailing",
            b"<html></html>",
            b"{'a':1}",
            b"{\"a\":1,}",
            b"{\"a\":NaN}",
            b"{\"a\":1e400}",
            b"{\"a\":1,\"a\":1}",
            b"{\"odno\":\"1\",\"ODNO\":\"2\"}",
            b"{\"a\":{\"b\":1,\"B\":2}}",
            b"\xef\xbb\xbf{}",
            b"{\"msg1\":\"\xc1\xa4\xbb\xf3\"}",
            b"{\"a\":\"\x1b[2J\"}",
        ];
        for body in bad {
            assert!(parse(body).is_err(), "{body:?}");
        }
        assert!(parse(b"{\"a\":\"\\ud800\"}").is_err(), "half a surrogate pair");
        assert!(parse(b"{\"a\":\"\x00\"}").is_err(), "NUL");
    }

    #[test]
    fn sixty_four_levels_are_the_deepest() {
        assert!(parse(&nested(64)).is_ok());
        assert!(parse(&nested(65)).is_err());
        assert!(parse(&nested(100_000)).is_err());
    }

    #[test]
    fn blanks_around_the_object_are_fine() {
        assert!(parse(b" \r\n{\"a\":\"\"}\n").is_ok());
    }
}
