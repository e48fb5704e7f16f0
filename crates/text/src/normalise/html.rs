//! HTML to text in one linear pass; text that is no HTML passes.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3, memmem};

use super::entities;

/// Elements that begin and end a line.
const BLOCKS: [&str; 40] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tr",
    "ul",
];
/// Elements within a line.
const INLINE: [&str; 46] = [
    "a", "abbr", "acronym", "b", "base", "big", "button", "cite", "code", "col", "colgroup", "del", "em",
    "font", "i", "img", "input", "ins", "kbd", "label", "link", "map", "area", "mark", "meta", "option",
    "param", "picture", "q", "s", "samp", "select", "small", "source", "span", "strike", "strong", "sub",
    "sup", "tbody", "tfoot", "thead", "tt", "u", "video", "wbr",
];
/// Elements that are dropped with all that is in them.
const DROPPED: [&str; 10] =
    ["script", "style", "head", "title", "noscript", "template", "iframe", "object", "svg", "textarea"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Block,
    Cell,
    Inline,
    Dropped(usize),
    Foreign,
}

/// Returns the text of HTML. `quote` writes quoted blocks with `> ` before each line, as plain mail does.
pub(super) fn to_text(html: &str, quote: bool) -> Cow<'_, str> {
    let bytes = html.as_bytes();
    if memchr2(b'<', b'&', bytes).is_none() {
        return Cow::Borrowed(html);
    }
    let mut pass = Pass::new(html, quote);
    pass.markup = pass.has_markup();
    pass.run();
    Cow::Owned(pass.out)
}

struct Pass<'a> {
    html: &'a str,
    at: usize,
    out: String,
    /// Whether there is any element at all; without one, line ends of the source are line ends of the text.
    markup: bool,
    quote: bool,
    depth: usize,
    preformatted: usize,
    /// The last `>`: no tag begins behind it.
    last_close: Option<usize>,
    /// The last end of a comment.
    last_comment: Option<usize>,
    /// Once a quoted attribute never ends, quotes count no more: keeps the pass linear.
    quotes_broken: bool,
    /// Dropped elements that have no end tag further on.
    endless: [bool; DROPPED.len()],
}

impl<'a> Pass<'a> {
    fn new(html: &'a str, quote: bool) -> Self {
        Self {
            html,
            at: 0,
            out: String::with_capacity(html.len()),
            markup: true,
            quote,
            depth: 0,
            preformatted: 0,
            last_close: memchr::memrchr(b'>', html.as_bytes()),
            last_comment: memmem::rfind(html.as_bytes(), b"-->"),
            quotes_broken: false,
            endless: [false; DROPPED.len()],
        }
    }

    fn has_markup(&self) -> bool {
        memchr::memchr_iter(b'<', self.html.as_bytes()).any(|at| {
            name_at(self.html, at)
                .is_some_and(|(name, _)| element(name).is_some_and(|found| found != Element::Foreign))
        })
    }

    fn run(&mut self) {
        let bytes = self.html.as_bytes();
        while self.at < bytes.len() {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let stop = if self.markup { memchr3(b'<', b'&', b'\n', rest) } else { memchr(b'&', rest) };
            let end = stop.map_or(bytes.len(), |stop| self.at + stop);
            self.text(self.at, end);
            self.at = end;
            match bytes.get(end) {
                Some(b'<') => self.open(),
                Some(b'&') => self.reference(),
                Some(_) => {
                    if self.preformatted > 0 {
                        self.line();
                    } else {
                        self.out.push(' ');
                    }
                    self.at += 1;
                }
                None => {}
            }
        }
    }

    fn text(&mut self, start: usize, end: usize) {
        if let Some(text) = self.html.get(start..end).filter(|text| !text.is_empty()) {
            self.before_text(text.trim_start().is_empty());
            self.out.push_str(text);
        }
    }

    fn before_text(&mut self, blank: bool) {
        if self.quote && self.depth > 0 && !blank && (self.out.is_empty() || self.out.ends_with('\n')) {
            self.out.push_str("> ");
        }
    }

    fn reference(&mut self) {
        let (character, read) = self.html.get(self.at..).and_then(entities::decode).unwrap_or(('&', 1));
        self.before_text(character.is_whitespace());
        self.out.push(character);
        self.at += read;
    }

    fn line(&mut self) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// At `<`: a comment, a tag, or a less-than sign.
    fn open(&mut self) {
        let rest = self.html.get(self.at..).unwrap_or("");
        if rest.starts_with("<!--") {
            let ends = self.last_comment.is_some_and(|last| last > self.at);
            let end = if ends { memmem::find(rest.as_bytes(), b"-->").map(|end| end + 3) } else { None };
            return self.skip_or_keep(end);
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            let declares = matches!(rest.as_bytes().get(2), Some(b'[' | b'a'..=b'z' | b'A'..=b'Z'));
            let end = if declares && self.is_before_close() {
                memchr(b'>', rest.as_bytes()).map(|end| end + 1)
            } else {
                None
            };
            return self.skip_or_keep(end);
        }
        let Some((name, closing)) = name_at(self.html, self.at) else { return self.keep() };
        let (Some(found), true) = (element(name), self.is_before_close()) else { return self.keep() };
        let Some(end) = self.end_of_tag(self.at + 1 + name.len()) else { return self.keep() };
        let name = name.to_ascii_lowercase();
        self.at = end;
        self.tag(&name, found, closing);
    }

    fn is_before_close(&self) -> bool {
        self.last_close.is_some_and(|last| last > self.at)
    }

    fn skip_or_keep(&mut self, read: Option<usize>) {
        match read {
            Some(read) => self.at += read,
            None => self.keep(),
        }
    }

    fn keep(&mut self) {
        self.before_text(false);
        self.out.push('<');
        self.at += 1;
    }

    /// Finds the byte after the tag's `>`, past quoted attributes.
    fn end_of_tag(&mut self, from: usize) -> Option<usize> {
        let bytes = self.html.as_bytes();
        let simple = || memchr(b'>', bytes.get(from..)?).map(|end| from + end + 1);
        if self.quotes_broken {
            return simple();
        }
        let mut at = from;
        let mut after_equals = false;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'>' => return Some(at + 1),
                b'"' | b'\'' if after_equals => match memchr(byte, bytes.get(at + 1..)?) {
                    Some(end) => at += end + 1,
                    None => {
                        self.quotes_broken = true;
                        return simple();
                    }
                },
                _ => {}
            }
            after_equals = byte == b'=' || (after_equals && byte == b' ');
            at += 1;
        }
        self.quotes_broken = true;
        simple()
    }

    fn tag(&mut self, name: &str, found: Element, closing: bool) {
        match found {
            Element::Dropped(place) if !closing => self.drop_content(name, place),
            Element::Block => {
                self.line();
                self.block(name, closing);
            }
            Element::Cell => self.out.push(' '),
            _ => {}
        }
    }

    fn block(&mut self, name: &str, closing: bool) {
        let deeper = |depth: usize| if closing { depth.saturating_sub(1) } else { depth + 1 };
        match name {
            "pre" => self.preformatted = deeper(self.preformatted),
            "blockquote" => self.depth = deeper(self.depth),
            "li" if !closing => {
                self.before_text(false);
                self.out.push_str("- ");
            }
            "hr" => self.line(),
            _ => {}
        }
    }

    fn drop_content(&mut self, name: &str, place: usize) {
        if self.endless.get(place).copied().unwrap_or(true) {
            return;
        }
        let bytes = self.html.as_bytes();
        let mut from = self.at;
        while let Some(found) = bytes.get(from..).and_then(|rest| memmem::find(rest, b"</")) {
            from += found + 2;
            let end = from + name.len();
            if bytes.get(from..end).is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes())) {
                self.at = memchr(b'>', bytes.get(end..).unwrap_or_default())
                    .map_or(bytes.len(), |close| end + close + 1);
                return;
            }
        }
        if let Some(endless) = self.endless.get_mut(place) {
            *endless = true;
        }
    }
}

/// Reads the element name at a `<`: the name, and whether the tag closes. The name starts one or two bytes behind.
fn name_at(html: &str, at: usize) -> Option<(&str, bool)> {
    let rest = html.get(at + 1..)?;
    let (rest, closing) = rest.strip_prefix('/').map_or((rest, false), |rest| (rest, true));
    let length = rest
        .bytes()
        .take(32)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-'))
        .count();
    let name =
        rest.get(..length).filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))?;
    matches!(rest.as_bytes().get(length), Some(b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r'))
        .then_some((name, closing))
}

fn element(name: &str) -> Option<Element> {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    if let Some(place) = DROPPED.iter().position(is) {
        return Some(Element::Dropped(place));
    }
    if BLOCKS.iter().any(is) {
        return Some(Element::Block);
    }
    if ["td", "th"].iter().any(is) {
        return Some(Element::Cell);
    }
    if INLINE.iter().any(is) {
        return Some(Element::Inline);
    }
    (name.contains(':') && !name.ends_with(':')).then_some(Element::Foreign)
}
