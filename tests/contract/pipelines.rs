//! Each pipeline and journey map in `pipelines/` loads with the production loader and shows by example what it does.

use groundswell_model::JourneyMap;

use crate::workspace::{TextFile, expect_none, files};

fn below(folder: &str) -> Vec<&'static TextFile> {
    let directly = |path: &str| path.strip_prefix(folder).is_some_and(|name| !name.contains('/'));
    files().iter().filter(|file| file.has_extension(&["toml"]) && directly(&file.path)).collect()
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.strip_suffix(".toml")).unwrap_or_default()
}

#[test]
fn every_pipeline_loads_under_its_own_name() {
    let pipelines = below("pipelines/");
    assert!(!pipelines.is_empty(), "no pipeline is shipped");
    let mut faults = Vec::new();
    for file in pipelines {
        match groundswell_adapters::Pipeline::parse(&file.text) {
            Ok(pipeline) if pipeline.name == stem(&file.path) => {}
            Ok(pipeline) => faults.push(format!("{} calls itself {}", file.path, pipeline.name)),
            Err(error) => faults.push(format!("{}: {error}", file.path)),
        }
    }
    expect_none("pipelines", &faults);
}

/// The adapters' own tests run the examples through the real step; here they must exist.
#[test]
fn every_pipeline_has_an_example() {
    let mut faults = Vec::new();
    for file in below("pipelines/") {
        let table: toml::Table = toml::from_str(&file.text).unwrap_or_default();
        let examples = table.get("example").and_then(toml::Value::as_array).map_or(0, Vec::len);
        if examples == 0 {
            faults.push(format!("{} has no [[example]]", file.path));
        }
    }
    expect_none("examples", &faults);
}

#[test]
fn every_journey_map_loads_under_its_own_name() {
    let maps = below("pipelines/journeys/");
    assert!(!maps.is_empty(), "no journey map is shipped");
    let mut faults = Vec::new();
    for file in maps {
        match JourneyMap::parse(&file.text) {
            Ok(map) if map.name == stem(&file.path) => {}
            Ok(map) => faults.push(format!("{} calls itself {}", file.path, map.name)),
            Err(error) => faults.push(format!("{}: {error}", file.path)),
        }
    }
    expect_none("journey maps", &faults);
}
