//! How mail programs mark quoted history, signatures and disclaimers, in seven languages.

/// What the lines at hand say about the rest of the mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// They are the writer's.
    Nothing,
    /// All from here is history.
    Rest,
    /// So many lines introduce a quote that marks itself line by line.
    Header(usize),
}

/// Longer lines are nobody's header, in bytes.
const LONGEST_HEADER: usize = 300;

/// How "On ... wrote:" begins and the verbs it ends with.
const WROTE: [(&str, &[&str]); 8] = [
    ("on ", &["wrote:"]),
    ("am ", &["schrieb", "geschrieben:"]),
    ("le ", &["a écrit", "a ecrit"]),
    ("el ", &["escribió:", "escribio:"]),
    ("il ", &["ha scritto:"]),
    ("op ", &["schreef"]),
    ("em ", &["escreveu:"]),
    ("a ", &["escreveu:"]),
];

/// What stands between dashes above a forwarded or answered mail.
const ORIGINAL: [&str; 16] = [
    "original message",
    "forwarded message",
    "begin forwarded message",
    "ursprüngliche nachricht",
    "originalnachricht",
    "weitergeleitete nachricht",
    "message d'origine",
    "message original",
    "message transféré",
    "mensaje original",
    "mensaje reenviado",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "mensagem original",
    "mensagem encaminhada",
];

const FROM: [&str; 6] = ["from:", "von:", "de:", "da:", "van:", "expéditeur:"];
const SENT: [&str; 14] = [
    "sent:",
    "date:",
    "gesendet:",
    "datum:",
    "envoyé:",
    "enviado:",
    "fecha:",
    "inviato:",
    "data:",
    "verzonden:",
    "enviada:",
    "enviado el:",
    "enviado em:",
    "inviato il:",
];
const TO: [&str; 14] = [
    "to:",
    "subject:",
    "an:",
    "betreff:",
    "à:",
    "objet:",
    "para:",
    "asunto:",
    "a:",
    "oggetto:",
    "aan:",
    "onderwerp:",
    "assunto:",
    "cc:",
];

const DEVICE: [&str; 17] = [
    "sent from my ",
    "sent from mail for ",
    "sent from outlook",
    "sent from yahoo",
    "get outlook for ",
    "von meinem ",
    "von meiner ",
    "gesendet von mail",
    "gesendet von meinem ",
    "envoyé de mon ",
    "envoyé depuis ",
    "enviado desde ",
    "inviato da ",
    "inviato dal mio ",
    "verzonden vanaf ",
    "verstuurd vanaf ",
    "enviado do meu ",
];

/// How a disclaimer begins, and a word that it then has.
const DISCLAIMER: [(&str, &str); 18] = [
    ("this e-mail", "confidential"),
    ("this email", "confidential"),
    ("this message", "confidential"),
    ("the information contained in this", "confidential"),
    ("the contents of this", "confidential"),
    ("confidentiality notice", ""),
    ("disclaimer:", ""),
    ("diese e-mail", "vertraulich"),
    ("diese nachricht", "vertraulich"),
    ("der inhalt dieser e-mail", "vertraulich"),
    ("ce message", "confidentiel"),
    ("ce courriel", "confidentiel"),
    ("este mensaje", "confidencial"),
    ("este correo", "confidencial"),
    ("questo messaggio", "riservat"),
    ("dit bericht", "vertrouwelijk"),
    ("deze e-mail", "vertrouwelijk"),
    ("esta mensagem", "confidencia"),
];

/// Says what the first of these lines begins.
pub(super) fn cut_at(lines: &[&str]) -> Cut {
    let Some(first) =
        lines.first().map(|line| bare(line)).filter(|line| !line.is_empty() && line.len() <= LONGEST_HEADER)
    else {
        return Cut::Nothing;
    };
    let lower = first.to_lowercase();
    if is_original(&lower) || is_header_block(&lower, lines) {
        return Cut::Rest;
    }
    match wrote(&lower, lines) {
        Some(read) => {
            let next = lines
                .get(read..)
                .unwrap_or_default()
                .iter()
                .map(|line| line.trim_start())
                .find(|line| !line.is_empty());
            if next.is_some_and(|line| line.starts_with('>')) { Cut::Header(read) } else { Cut::Rest }
        }
        None => Cut::Nothing,
    }
}

/// A line without the marks that mail programs put around bold headers.
fn bare(line: &str) -> &str {
    line.trim().trim_matches('*').trim()
}

fn is_original(lower: &str) -> bool {
    let inner =
        lower.trim_matches(|sign: char| matches!(sign, '-' | '_' | '=' | '—' | ':') || sign.is_whitespace());
    let ruled = lower.starts_with("--")
        || lower.starts_with("__")
        || lower.starts_with("==")
        || inner.starts_with("begin forwarded");
    ruled && ORIGINAL.iter().any(|original| inner.replace('’', "'") == *original)
}

/// "From: ... Sent: ... To: ..." within five lines; a rule of underscores may stand above.
fn is_header_block(lower: &str, lines: &[&str]) -> bool {
    let rule = lower.len() >= 16 && lower.bytes().all(|byte| matches!(byte, b'_' | b'-'));
    let mut following = lines
        .iter()
        .skip(1)
        .map(|line| bare(line))
        .take_while(|line| !line.is_empty() && line.len() <= LONGEST_HEADER);
    let from = if rule { following.next().map(str::to_lowercase) } else { Some(lower.to_owned()) };
    let Some(from) = from.map(|line| tight(&line)) else { return false };
    if !FROM.iter().any(|label| from.starts_with(label)) {
        return false;
    }
    let (mut sent, mut to) = (false, false);
    for line in following.take(4).map(|line| tight(&line.to_lowercase())) {
        sent |= SENT.iter().any(|label| line.starts_with(label));
        to |= TO.iter().any(|label| line.starts_with(label));
    }
    sent && to
}

/// French puts a space before the colon.
fn tight(lower: &str) -> String {
    lower.replace(" :", ":").replace("\u{a0}:", ":").replace("*:", ":")
}

/// "On 3 May, somebody wrote:", on up to three lines: how many.
fn wrote(lower: &str, lines: &[&str]) -> Option<usize> {
    if !WROTE.iter().any(|(begin, _)| lower.starts_with(begin)) {
        return None;
    }
    let mut joined = lower.to_owned();
    for read in 1..=3 {
        let found =
            WROTE.iter().any(|(begin, verbs)| lower.starts_with(begin) && ends_with_verb(&joined, verbs));
        if found && joined.bytes().any(|byte| byte.is_ascii_digit()) {
            return Some(read);
        }
        let next = lines
            .get(read)
            .map(|line| bare(line))
            .filter(|line| !line.is_empty() && line.len() <= LONGEST_HEADER)?;
        if next.starts_with('>') {
            return None;
        }
        joined.push(' ');
        joined.push_str(&next.to_lowercase());
    }
    None
}

fn ends_with_verb(line: &str, verbs: &[&str]) -> bool {
    line.ends_with(':')
        && verbs.iter().any(|verb| line.ends_with(verb) || tail(line).contains(verb.trim_end_matches(':')))
}

/// The last 120 bytes or so: verb, name and address.
fn tail(line: &str) -> &str {
    let mut start = line.len().saturating_sub(120);
    while !line.is_char_boundary(start) {
        start += 1;
    }
    line.get(start..).unwrap_or("")
}

/// Says whether the line is the mark above a signature (RFC 3676, section 4.3), or what is left of it.
pub(super) fn is_signature_mark(line: &str) -> bool {
    matches!(line.trim_end(), "--" | "—" | "__" | "___")
}

/// Says whether a mail program on a telephone wrote the line.
pub(super) fn is_device_line(text: &str) -> bool {
    if text.len() > 100 {
        return false;
    }
    let lower = text.to_lowercase();
    let own = DEVICE.iter().any(|begin| lower.starts_with(begin));
    own && (!lower.starts_with("von mein") || lower.ends_with("gesendet") || lower.ends_with("gesendet."))
}

/// Says whether the line begins a disclaimer.
pub(super) fn is_disclaimer(text: &str) -> bool {
    let mut end = text.len().min(400);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let lower = text.get(..end).unwrap_or("").trim_start_matches('*').to_lowercase();
    DISCLAIMER.iter().any(|(begin, word)| lower.starts_with(begin) && lower.contains(word))
}
