//! How the section of a table is read: `users = "members"` is `users = { name = "members" }`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::words::FormWord;
use super::{ExtraConfig, TableConfig};

/// The section in full.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    name: Option<String>,
    columns: BTreeMap<String, String>,
    times: BTreeMap<String, FormWord>,
    extra: Vec<ExtraConfig>,
}

struct NameOrSection;

impl<'de> Visitor<'de> for NameOrSection {
    type Value = TableConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a table, or a section with `name`, `columns`, `times` and `extra`")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<TableConfig, E> {
        Ok(TableConfig { name: Some(name.to_owned()), ..TableConfig::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TableConfig, A::Error> {
        let Section { name, columns, times, extra } = Section::deserialize(MapAccessDeserializer::new(map))?;
        Ok(TableConfig { name, columns, times, extra })
    }
}

impl<'de> Deserialize<'de> for TableConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrSection)
    }
}
