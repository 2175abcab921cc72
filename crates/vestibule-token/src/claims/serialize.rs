//! Claims in and out of any format that serde knows.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Claim, Claims, Member};

/// Up to so many members each is compared with each, which needs no second list of names.
const FEW: usize = 16;
/// What is set aside for members before any was read, at most.
const EXPECTED: usize = 16;

/// Claims of members of which several may have one name: the last value counts, in the place of the first.
pub(super) fn gather(members: Vec<Member>) -> Claims {
    let mut places: BTreeMap<Box<str>, usize> = BTreeMap::new();
    let is_many = members.len() > FEW;
    let mut claims = Claims { members: Vec::with_capacity(members.len()) };
    for (name, claim) in members {
        if !is_many {
            claims.put(name, claim);
            continue;
        }
        if let Some(place) = places.get(&name) {
            claims.members[*place].1 = claim;
        } else {
            places.insert(name.clone(), claims.members.len());
            claims.members.push((name, claim));
        }
    }
    claims
}

impl Claims {
    fn put(&mut self, name: Box<str>, claim: Claim) {
        match self.get_mut(&name) {
            Some(place) => *place = claim,
            None => self.members.push((name, claim)),
        }
    }
}

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(elements) => serializer.collect_seq(elements),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyClaim)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = Claims { members: Vec::with_capacity(EXPECTED) };
        while claims.members.len() < FEW {
            let Some((name, claim)) = map.next_entry::<Box<str>, Claim>()? else { return Ok(claims) };
            claims.put(name, claim);
        }
        while let Some(member) = map.next_entry()? {
            claims.members.push(member);
        }
        Ok(if claims.members.len() > FEW { gather(claims.members) } else { claims })
    }
}

struct AnyClaim;

impl<'de> Visitor<'de> for AnyClaim {
    type Value = Claim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Claim, E> {
        Ok(Claim::Null)
    }

    fn visit_none<E>(self) -> Result<Claim, E> {
        Ok(Claim::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Claim, D::Error> {
        Claim::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Claim, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Claim, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Claim, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Claim, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Claim, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Claim, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Claim, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Claim::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Claim, A::Error> {
        Members.visit_map(map).map(Claim::Object)
    }
}
