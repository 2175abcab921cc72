//! From a profile to the section that describes it.

use std::time::Duration;

use super::words::{FillWord, FormWord, IdMakerWord, IdWord, KindWord};
use super::{ExtraConfig, ProfileConfig, TableConfig, TableWord};
use crate::profile::{Column, ColumnKind, Profile, TableSpec};
use crate::{Dialect, ExtraColumn, ExtraKind, Fill, Table, Zone};

impl ProfileConfig {
    /// The section that describes a profile for a database: the published one that it began with, and what differs
    /// from that.
    pub fn of(profile: &Profile, dialect: Dialect) -> Self {
        let base = Profile::named(profile.name(), dialect).unwrap_or_else(Profile::authjs);
        let mut config = Self { profile: Some(base.name().to_owned()), ..Self::default() };
        if profile.postgres_schema != base.postgres_schema {
            config.postgres_schema = Some(profile.postgres_schema.clone().unwrap_or_default());
        }
        if profile.snake_case != base.snake_case {
            config.snake_case = Some(profile.snake_case);
        }
        if profile.id_kind() != base.id_kind() {
            config.id_kind = Some(IdWord::of(profile.id_kind()));
        }
        let as_it_is = base.row_id_kind.unwrap_or(profile.id_kind());
        if profile.row_id_kind() != as_it_is {
            config.row_id_kind = Some(IdWord::of(profile.row_id_kind()));
        }
        config.uuid_session_tokens = profile.has_uuid_session_tokens().then_some(true);
        if profile.id_maker != base.id_maker {
            config.id_maker = Some(IdMakerWord::of(profile.id_maker));
        }
        config.soft_delete = profile.deleted_at.as_deref().map(str::to_owned);
        config.time_zone =
            profile.zones().find(|zone| **zone != Zone::UTC).map(|zone| zone.name().to_owned());
        let active = active_period(profile).filter(|_| active_period(profile) != active_period(&base));
        config.active_period = active.map(|active| active.as_secs());
        for table in Table::ALL {
            match (profile.spec(table), base.spec(table)) {
                (Some(spec), Some(base_spec)) => {
                    *config.table_mut(table) = differences(profile, spec, &base, base_spec);
                }
                (Some(spec), None) => config.table_mut(table).name = Some(spec.name.clone().into_owned()),
                (None, Some(_)) => config.without.extend(TableWord::of(table)),
                (None, None) => {}
            }
        }
        config
    }
}

/// For how long a session is active; `None` if the profile does not know such a period.
pub(super) fn active_period(profile: &Profile) -> Option<Duration> {
    let extra = &profile.spec(Table::Sessions)?.extra;
    extra.iter().find_map(|column| match column.fill {
        Some(Fill::NowPlus(active)) => Some(active),
        _ => None,
    })
}

fn differences(profile: &Profile, spec: &TableSpec, base: &Profile, base_spec: &TableSpec) -> TableConfig {
    let mut config = TableConfig::default();
    if spec.name != base_spec.name {
        config.name = Some(spec.name.clone().into_owned());
    }
    // The casing is said once for all.
    let mut cased = base.clone();
    cased.snake_case = profile.snake_case;
    let by_case = |column: &Column| cased.name_of(column);
    for column in &spec.columns {
        let before = base_spec.columns.iter().find(|before| before.field == column.field);
        let name = profile.name_of(column);
        if before.is_none_or(|before| by_case(before) != name) {
            config.columns.insert(column.field.to_owned(), name);
        }
        if let ColumnKind::Time(form) = &column.kind {
            let form = FormWord::of(form);
            let same = before.is_some_and(|before| match &before.kind {
                ColumnKind::Time(before) => FormWord::of(before) == form,
                _ => false,
            });
            if !same {
                config.times.insert(column.field.to_owned(), form);
            }
        }
    }
    let is_new = |column: &&ExtraColumn| !base_spec.extra.iter().any(|before| before.field == column.field);
    config.extra = spec.extra.iter().filter(is_new).map(extra).collect();
    config
}

fn extra(column: &ExtraColumn) -> ExtraConfig {
    ExtraConfig {
        name: column.field.to_string(),
        column: column.renamed.as_deref().map(str::to_owned),
        kind: KindWord::of(&column.kind),
        form: match &column.kind {
            ExtraKind::TimeAs(form) => Some(FormWord::of(form)),
            _ => None,
        },
        default: column.default.clone(),
        fill: column.fill.map(FillWord::of),
        refreshed: column.refreshed,
        if_there: column.may_lack,
        hidden: column.hidden,
        required: column.required,
    }
}
