//! A value of TOML as JSON, for a program that reads it.

use toml::de::DeValue;

/// The JSON of a value; `None` where JSON has no word for it (`nan`, `inf`).
pub(super) fn json_of(value: &DeValue<'_>) -> Option<String> {
    let number = |text: &str| text.trim_start_matches('+').replace('_', "");
    Some(match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(integer) if integer.radix() == 10 => number(integer.as_str()),
        DeValue::Integer(integer) => {
            i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()?.to_string()
        }
        DeValue::Float(float) if float.as_str().contains(['n', 'i']) => return None,
        DeValue::Float(float) => number(float.as_str()),
        DeValue::Boolean(is_true) => is_true.to_string(),
        DeValue::Datetime(instant) => quoted(&instant.to_string()),
        DeValue::Array(values) => {
            let values: Option<Vec<String>> = values.iter().map(|value| json_of(value.get_ref())).collect();
            format!("[{}]", values?.join(","))
        }
        DeValue::Table(table) => {
            let field = |(key, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
                Some(format!("{}:{}", quoted(key.get_ref()), json_of(value.get_ref())?))
            };
            let fields: Option<Vec<String>> = table.iter().map(field).collect();
            format!("{{{}}}", fields?.join(","))
        }
    })
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    #[test]
    fn says_in_json_what_stands_in_toml() {
        let text =
            "a = 1_000\nb = +0.50\nc = 'it \"is\"'\nd = [1, [true]]\ne = { f = 2027-03-09 }\ng = 0xff\nh = 1e3\n";
        let (table, errors) = DeTable::parse_recoverable(text);
        assert!(errors.is_empty(), "{errors:?}");
        let json = json_of(&DeValue::Table(table.into_inner())).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let expected = serde_json::json!({
            "a": 1000, "b": 0.5, "c": "it \"is\"", "d": [1, [true]], "e": { "f": "2027-03-09" }, "g": 255, "h": 1000.0,
        });
        assert_eq!(value, expected, "{json}");
        for odd in ["a = nan", "a = -inf", "a = [inf]"] {
            let (table, _) = DeTable::parse_recoverable(odd);
            assert_eq!(json_of(&DeValue::Table(table.into_inner())), None, "{odd}");
        }
    }
}
