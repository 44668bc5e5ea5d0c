//! JSON as Python reads it: of members with the same name, the last one counts, and their order is kept.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The members of an object.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<(String, Value)>);

/// What a member may be.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Flag(bool),
    Object(Members),
    Null,
    Other,
}

/// A member is of another kind than it should be.
pub(super) struct WrongKind;

impl Members {
    /// The value of a name; nothing is none.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value).filter(|value| !matches!(value, Value::Null))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The name that comes first, and its value.
    pub(super) fn first(&self) -> Option<(&str, &Value)> {
        let (name, _) = self.0.first()?;
        self.0.iter().rev().find(|(key, _)| key == name).map(|(name, value)| (&**name, value))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, WrongKind> {
        self.get(name).map(|value| if let Value::Text(text) = value { Ok(&**text) } else { Err(WrongKind) }).transpose()
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, WrongKind> {
        self.get(name).map(|value| if let Value::Flag(flag) = value { Ok(*flag) } else { Err(WrongKind) }).transpose()
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<&Self>, WrongKind> {
        let found = self.get(name);
        found.map(|value| if let Value::Object(object) = value { Ok(object) } else { Err(WrongKind) }).transpose()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(members) => Ok(members),
            _ => Err(serde::de::Error::custom("not an object")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Value::Object(Members(members)))
    }
}
