//! The targets that this program knows by name.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::file::File;
use super::{Known, TargetError};
use crate::run::Deviation;

static TARGETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../targets");

/// The known names, sorted.
pub(super) fn names() -> Vec<String> {
    let mut names: Vec<String> = sources().map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names
}

/// What is known of each, sorted by name.
pub(super) fn all() -> Result<Vec<Known>, TargetError> {
    names().iter().map(|name| Ok(look_up(name)?.0)).collect()
}

/// What is known of one, by name or path.
pub(super) fn look_up(target: &str) -> Result<(Known, Vec<Deviation>), TargetError> {
    let (name, file) = find(target)?;
    let deviations = file.deviations();
    let known = Known {
        name,
        ways: file.offered(),
        deviations: deviations.len(),
        versions: file.compared(),
        about: file.about,
    };
    Ok((known, deviations))
}

fn sources() -> impl Iterator<Item = (&'static str, &'static str)> {
    TARGETS.files().filter_map(|file| {
        let name = file.path().to_str()?.strip_suffix(".toml")?;
        Some((name, file.contents_utf8()?))
    })
}

/// The file of a known target, or the one at a path, with the target's name.
pub(super) fn find(target: &str) -> Result<(String, File), TargetError> {
    if let Some((name, text)) = sources().find(|(name, _)| *name == target) {
        return Ok((
            name.to_owned(),
            File::parse(&format!("targets/{name}.toml"), text)?,
        ));
    }
    let path = Path::new(target);
    if target.contains('/') || target.ends_with(".toml") {
        let name = path
            .file_stem()
            .map_or(target.into(), |stem| stem.to_string_lossy());
        return Ok((name.into_owned(), File::read(path)?));
    }
    let known = names();
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(target, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
        .min();
    let suggestion = nearest.map(|(_, name)| name.clone());
    Err(TargetError::Unknown {
        name: target.to_owned(),
        suggestion,
        known,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::dialect::amqp;
    use crate::suite::Suite;

    #[test]
    fn every_known_target_is_well_formed() {
        let names = names();
        assert!(names.contains(&"reference".to_owned()) && names.contains(&"rabbitmq".to_owned()));
        for name in names {
            find(&name).unwrap();
        }
    }

    #[test]
    fn known_deviations_name_cases_that_exist() {
        let suite = Suite::embedded(amqp::dialect()).unwrap();
        let cases: HashSet<&str> = suite
            .cases
            .iter()
            .map(|(_, case)| case.id.as_str())
            .collect();
        for name in names() {
            for listed in find(&name).unwrap().1.deviations() {
                assert!(
                    cases.contains(listed.case.as_str()),
                    "{name} lists {}, which is no case",
                    listed.case
                );
            }
        }
    }

    #[test]
    fn a_misspelt_name_is_put_right() {
        let error = find("rabitmq").unwrap_err();
        assert!(error.is_usage());
        assert!(
            error.to_string().contains("did you mean `rabbitmq`?"),
            "{error}"
        );
        let error = find("kafka").unwrap_err();
        assert!(!error.to_string().contains("did you mean"), "{error}");
    }
}
