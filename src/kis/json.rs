//! How strictly answers of KIS are read (see [`crate::strict_json`]): 64 levels at most, and keys in lower case, since KIS answers
//! queries in lower and orders in upper case.

use crate::kis::error::Nonsense;
use crate::kis::words;
use crate::strict_json::{self, Flaw, Keys, Strictness};
pub(crate) use crate::strict_json::{Object, Value};

/// The largest body that is read.
pub(crate) const MAX_BODY: u64 = 1 << 20;
const STRICTNESS: Strictness = Strictness { depth: 64, keys: Keys::InLowerCase };

pub(crate) fn parse(body: &[u8]) -> Result<Object<'_>, Nonsense> {
    strict_json::parse(body, STRICTNESS).map_err(|flaw| match flaw {
        Flaw::NoObject => Nonsense(words::no_object()),
        Flaw::NoJson { parser, line, column } => Nonsense(words::no_json(&parser, line, column)),
    })
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
        assert_eq!(object.get("odno"), Some(&Value::Text("1".into())));
        assert_eq!(object.get("ODNO"), None);
        assert_eq!(object.get("n"), Some(&Value::Whole(7)));
        let list = vec![Value::Null, Value::Other, Value::Other, Value::Other];
        assert_eq!(object.get("l"), Some(&Value::List(list)));
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
