//! A light reading of Rust sources: code and comments apart, functions, declared names, test modules. It knows just
//! enough of the language to count; it is no parser.

/// A source with its code and its comments apart, line by line as in the file.
pub struct Source {
    /// Path within the workspace.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The code: comments, strings and character literals are blank.
    pub code: String,
    /// The comments: everything else is blank.
    pub comments: String,
    /// String literals with their line, counted from 1.
    pub strings: Vec<(usize, String)>,
    tokens: Vec<Token>,
    tests: Vec<(usize, usize)>,
}

/// A word or a single mark of the code.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    line: usize,
    text: String,
}

/// A function with a body.
#[derive(Debug, PartialEq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    /// From `fn` to the closing brace.
    pub lines: usize,
    /// Without `self`.
    pub parameters: usize,
    /// The line of the closing brace.
    pub last_line: usize,
}

impl Source {
    /// Reads a source.
    pub fn read(path: &str, text: &str) -> Self {
        let masked = Masked::of(text);
        let tokens = tokens(&masked.code);
        let tests = test_modules(&tokens);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: masked.code,
            comments: masked.comments,
            strings: masked.strings,
            tokens,
            tests,
        }
    }

    /// Says whether the whole file is test code: a `tests` module of its own, a bench or a fuzz target.
    pub fn is_test_file(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || self.path.starts_with("tests/")
            || ["/tests/", "/benches/", "/fuzz/"].iter().any(|part| self.path.contains(part))
    }

    /// Says whether a line stands in an inline module under `#[cfg(test)]`.
    pub fn in_tests(&self, line: usize) -> bool {
        self.tests.iter().any(|(first, last)| (*first..=*last).contains(&line))
    }

    /// Counts the lines outside inline test modules.
    pub fn lines_without_tests(&self) -> usize {
        let inline: usize = self.tests.iter().map(|(first, last)| last - first + 1).sum();
        self.text.lines().count().saturating_sub(inline)
    }

    /// Finds the functions outside inline test modules.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (at, pair) in self.tokens.windows(2).enumerate() {
            if pair[0].text == "fn" && is_word(&pair[1].text) && !self.in_tests(pair[0].line) {
                found.extend(function(&self.tokens[at..]));
            }
        }
        found
    }

    /// Gives the names of all functions, those of tests too.
    pub fn function_names(&self) -> Vec<&str> {
        self.after("fn").map(|(_, name)| name).collect()
    }

    /// Gives declared types and modules with their line. An associated type is not a declaration of its own.
    pub fn declared(&self) -> Vec<(usize, &str)> {
        let mut found: Vec<(usize, &str)> = ["struct", "enum", "trait", "union", "mod"]
            .iter()
            .flat_map(|keyword| self.after(keyword))
            .collect();
        let mut depth = 0_usize;
        for pair in self.tokens.windows(2) {
            match pair[0].text.as_str() {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                "type" if depth == 0 && is_word(&pair[1].text) => found.push((pair[1].line, &pair[1].text)),
                _ => {}
            }
        }
        found
    }

    /// Gives the words of the code with their line.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        self.tokens.iter().filter(|token| is_word(&token.text)).map(|token| (token.line, token.text.as_str()))
    }

    /// Says where a sequence of words and marks stands in the code.
    pub fn find(&self, sequence: &[&str]) -> Vec<usize> {
        self.tokens
            .windows(sequence.len())
            .filter(|window| window.iter().zip(sequence).all(|(token, wanted)| token.text == *wanted))
            .map(|window| window[0].line)
            .collect()
    }

    fn after<'a>(&'a self, keyword: &str) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let keyword = keyword.to_owned();
        self.tokens
            .windows(2)
            .filter(move |pair| pair[0].text == keyword && is_word(&pair[1].text))
            .map(|pair| (pair[1].line, pair[1].text.as_str()))
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let end = if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (text, tail) = rest.split_at(end);
            if !first.is_whitespace() {
                tokens.push(Token { line: number + 1, text: text.to_owned() });
            }
            rest = tail;
        }
    }
    tokens
}

/// Finds `#[cfg(test)] mod name { … }`, with further attributes between, as first and last line.
fn test_modules(tokens: &[Token]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let starts = ["#", "[", "cfg", "(", "test", ")", "]"]
            .iter()
            .enumerate()
            .all(|(offset, wanted)| tokens.get(at + offset).is_some_and(|token| token.text == *wanted));
        if !starts {
            continue;
        }
        let mut next = at + 7;
        while tokens.get(next).is_some_and(|token| token.text == "#") {
            next = closing(tokens, next + 1, "[", "]") + 1;
        }
        let is_module = tokens.get(next).is_some_and(|token| token.text == "mod")
            && tokens.get(next + 2).is_some_and(|token| token.text == "{");
        if is_module {
            let end = closing(tokens, next + 2, "{", "}");
            found.push((tokens[at].line, tokens.get(end).map_or(usize::MAX, |token| token.line)));
        }
    }
    found
}

/// Gives the number of the mark that closes the one at `at`.
fn closing(tokens: &[Token], at: usize, open: &str, close: &str) -> usize {
    let mut depth = 0_usize;
    for (number, token) in tokens.iter().enumerate().skip(at) {
        if token.text == open {
            depth += 1;
        } else if token.text == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return number;
            }
        }
    }
    tokens.len()
}

/// Reads the function that begins at the first token; none where it has no body.
fn function(tokens: &[Token]) -> Option<Function> {
    let mut at = 2;
    if tokens.get(at)?.text == "<" {
        at = after_generics(tokens, at);
    }
    let end = closing(tokens, at, "(", ")");
    let parameters = parameters(tokens.get(at + 1..end)?);
    let mut depth = 0_i32;
    let body = tokens.iter().enumerate().skip(end + 1).find_map(|(number, token)| {
        match token.text.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "{" | ";" if depth == 0 => return Some(number),
            _ => {}
        }
        None
    })?;
    if tokens[body].text == ";" {
        return None;
    }
    let last = tokens.get(closing(tokens, body, "{", "}"))?;
    let line = tokens[0].line;
    Some(Function {
        name: tokens[1].text.clone(),
        line,
        lines: last.line - line + 1,
        parameters,
        last_line: last.line,
    })
}

fn after_generics(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_i32;
    for number in at..tokens.len() {
        match tokens[number].text.as_str() {
            "<" => depth += 1,
            ">" if tokens[number - 1].text != "-" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return number + 1;
        }
    }
    tokens.len()
}

fn parameters(tokens: &[Token]) -> usize {
    let (mut depth, mut angle) = (0_i32, 0_i32);
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    for (number, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "<" => angle += 1,
            ">" if number > 0 && tokens[number - 1].text != "-" => angle -= 1,
            "," if depth == 0 && angle == 0 => {
                all.push(Vec::new());
                continue;
            }
            _ => {}
        }
        all.last_mut().expect("there is always one").push(&token.text);
    }
    let is_self = |words: &[&str]| words.iter().take_while(|word| **word != ":").any(|word| *word == "self");
    all.iter().filter(|words| !words.is_empty() && !is_self(words)).count()
}

struct Masked {
    code: String,
    comments: String,
    strings: Vec<(usize, String)>,
}

impl Masked {
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut masked = Self { code: String::new(), comments: String::new(), strings: Vec::new() };
        let (mut at, mut line) = (0, 1);
        while at < chars.len() {
            let (end, kind) = piece(&chars, at);
            let piece: String = chars[at..end].iter().collect();
            masked.push(&piece, kind);
            if kind == Kind::Text {
                masked.strings.push((line, piece.clone()));
            }
            line += piece.matches('\n').count();
            at = end;
        }
        masked
    }

    fn push(&mut self, piece: &str, kind: Kind) {
        let blank = |keep: bool, c: char| if keep || c == '\n' { c } else { ' ' };
        self.code.extend(piece.chars().map(|c| blank(kind == Kind::Code, c)));
        self.comments.extend(piece.chars().map(|c| blank(kind == Kind::Comment, c)));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Text,
    Char,
}

/// Gives the end and the kind of the piece that begins at `at`.
fn piece(chars: &[char], at: usize) -> (usize, Kind) {
    let next = |offset: usize| chars.get(at + offset).copied();
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match (chars[at], next(1)) {
        ('/', Some('/')) => {
            let end = chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |length| at + length);
            (end, Kind::Comment)
        }
        ('/', Some('*')) => (block_comment(chars, at), Kind::Comment),
        ('"', _) => (quoted(chars, at + 1, '"'), Kind::Text),
        ('r' | 'b' | 'c', _) if !in_word => {
            raw_string(chars, at).map_or((at + 1, Kind::Code), |end| (end, Kind::Text))
        }
        ('\'', Some('\\')) => (quoted(chars, at + 1, '\''), Kind::Char),
        ('\'', Some(_)) if next(2) == Some('\'') => (at + 3, Kind::Char),
        _ => (at + 1, Kind::Code),
    }
}

fn block_comment(chars: &[char], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut here = at;
    while here < chars.len() {
        match (chars[here], chars.get(here + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                here += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                here += 2;
                if depth == 0 {
                    return here;
                }
            }
            _ => here += 1,
        }
    }
    chars.len()
}

fn quoted(chars: &[char], mut at: usize, mark: char) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            c if c == mark => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// Gives the end of a string with a prefix (`r"…"`, `br#"…"#`, `b"…"`); none where there is no such string.
fn raw_string(chars: &[char], at: usize) -> Option<usize> {
    let mut here = at;
    while here < at + 2 && chars.get(here).is_some_and(|c| matches!(c, 'r' | 'b' | 'c')) {
        here += 1;
    }
    let raw = chars[at..here].contains(&'r');
    let marks = chars.get(here..)?.iter().take_while(|c| **c == '#').count();
    if chars.get(here + marks) != Some(&'"') || (marks > 0 && !raw) {
        return None;
    }
    let start = here + marks + 1;
    if !raw {
        return Some(quoted(chars, start, '"'));
    }
    let end = (start..chars.len()).find(|end| {
        chars[*end] == '"'
            && chars.get(end + 1..end + 1 + marks).is_some_and(|tail| tail.iter().all(|c| *c == '#'))
    });
    Some(end.map_or(chars.len(), |end| end + 1 + marks))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r##"//! What it is.
use x::Y;
/* a /* nested */ comment { */
pub fn one<F: Fn(u8) -> u8>(&self, a: Map<K, V>, f: F, c: [u8; 4]) -> [u8; 4] {
    let brace = '{'; // a } here
    let text = r#"quote " and {"#;
    let life: &'static str = "\"}";
}
trait T { fn none(&self); type Item; }
struct Data;
#[cfg(test)]
mod tests {
    fn long() {}
}
fn last(self: Arc<Self>) {}
"##;

    #[test]
    fn functions_are_measured_whatever_strings_and_comments_hold() {
        let source = Source::read("crates/x/src/y.rs", SAMPLE);
        let found: Vec<_> =
            source.functions().into_iter().map(|f| (f.name, f.line, f.lines, f.parameters)).collect();
        assert_eq!(found, [("one".to_owned(), 4, 5, 3), ("last".to_owned(), 15, 1, 0)]);
        assert_eq!(source.function_names(), ["one", "none", "long", "last"]);
    }

    #[test]
    fn test_modules_do_not_count_as_lines() {
        let source = Source::read("crates/x/src/y.rs", SAMPLE);
        assert_eq!(source.lines_without_tests(), 15 - 4);
        assert!(source.in_tests(13) && !source.in_tests(15));
    }

    #[test]
    fn declarations_and_strings_are_found() {
        let source = Source::read("crates/x/src/y.rs", SAMPLE);
        assert_eq!(source.declared(), [(10, "Data"), (9, "T"), (12, "tests")]);
        assert_eq!(source.strings.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [6, 7]);
        assert_eq!(source.find(&["mod", "tests"]), [12]);
    }
}
