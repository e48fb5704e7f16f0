//! How long a file and a function may be, and how many parameters a function may take. Waivers may only shrink.

use serde::Deserialize;

use crate::workspace::{expect_none, read, sources};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 80;
const PARAMETERS: usize = 5;

const WAIVERS: &str = "tests/contract/waivers.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waivers {
    #[serde(default)]
    waiver: Vec<Waiver>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    path: String,
    limit: Limit,
    /// The function, for the limits of functions.
    #[serde(default)]
    function: String,
    at_most: usize,
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Limit {
    FileLines,
    FunctionLines,
    Parameters,
}

impl Limit {
    fn general(self) -> usize {
        match self {
            Self::FileLines => FILE_LINES,
            Self::FunctionLines => FUNCTION_LINES,
            Self::Parameters => PARAMETERS,
        }
    }
}

struct Size {
    path: String,
    limit: Limit,
    function: String,
    line: usize,
    value: usize,
}

/// Gives everything that is over a general limit.
fn over() -> Vec<Size> {
    let mut found = Vec::new();
    for source in sources() {
        let mut add = |limit: Limit, function: &str, line: usize, value: usize| {
            if value > limit.general() {
                found.push(Size {
                    path: source.path.clone(),
                    limit,
                    function: function.to_owned(),
                    line,
                    value,
                });
            }
        };
        add(Limit::FileLines, "", 1, source.lines_without_tests());
        for function in source.functions() {
            add(Limit::FunctionLines, &function.name, function.line, function.lines);
            add(Limit::Parameters, &function.name, function.line, function.parameters);
        }
    }
    found
}

fn waivers() -> Vec<Waiver> {
    toml::from_str::<Waivers>(&read(WAIVERS)).unwrap_or_else(|error| panic!("{WAIVERS}: {error}")).waiver
}

fn covers(waiver: &Waiver, size: &Size) -> bool {
    waiver.path == size.path && waiver.limit == size.limit && waiver.function == size.function
}

#[test]
fn files_and_functions_are_small() {
    let waivers = waivers();
    let faults: Vec<String> = over()
        .iter()
        .filter(|size| !waivers.iter().any(|waiver| covers(waiver, size) && size.value <= waiver.at_most))
        .map(|size| {
            let (general, name) = (size.limit.general(), &size.function);
            format!(
                "{}:{} {name} {:?} is {}, at most {general}",
                size.path, size.line, size.limit, size.value
            )
        })
        .collect();
    expect_none("sizes", &faults);
}

#[test]
fn a_waiver_that_is_not_needed_is_removed() {
    let over = over();
    let mut faults = Vec::new();
    for waiver in waivers() {
        let name = format!("{} {} {:?}", waiver.path, waiver.function, waiver.limit);
        if waiver.reason.trim().is_empty() {
            faults.push(format!("{name}: no reason"));
        }
        match over.iter().find(|size| covers(&waiver, size)).map(|size| size.value) {
            None => faults.push(format!("{name}: no longer needed")),
            Some(value) if value < waiver.at_most => {
                faults.push(format!("{name}: shrank to {value}, lower `at_most`"))
            }
            Some(_) => {}
        }
    }
    expect_none("waivers may only shrink", &faults);
}
