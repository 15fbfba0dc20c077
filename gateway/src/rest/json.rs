//! JSON that says nothing twice. Of a name that stands twice in an object most readers take the one and some
//! the other; here it is refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON value in whose objects no name stands twice, in whichever of its spellings.
pub(crate) struct Strict(pub(crate) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let name = camel(&name);
            let Strict(value) = access.next_value()?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice in an object"));
            }
        }
        Ok(Value::Object(map))
    }
}

/// The spelling of a name that JSON has: `plate_contains` is `plateContains`.
pub(crate) fn camel(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut after = false;
    for letter in name.chars() {
        if letter == '_' {
            after = true;
            continue;
        }
        text.push(if after { letter.to_ascii_uppercase() } else { letter });
        after = false;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str(text).map(|Strict(value)| value)
    }

    #[test]
    fn names_come_in_one_spelling_and_once() {
        let text = r#"{"from_time": [1, -2, 1.5, "a_b", true, null, {"per_100km": {}}]}"#;
        let value = read(text).unwrap();
        let want = r#"{"fromTime":[1,-2,1.5,"a_b",true,null,{"per100km":{}}]}"#;
        assert_eq!(value.to_string(), want);
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"fromTime": 1, "from_time": 2}"#,
            r#"[{"a":{"b":1,"b":2}}]"#,
        ] {
            let error = read(text).unwrap_err();
            assert!(error.to_string().contains("twice"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_refused() {
        for text in ["", "{", "[1,]", "{a:1}", "NaN", "\"\u{1}\""] {
            assert!(read(text).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(read(&deep).is_err());
    }
}
