//! Tests of the embedder, its table and its short forms.

use proptest::prelude::*;

use super::table::checksum;
use super::*;

/// Builds a table file of words, pieces and rows that repeat one number each.
fn file(words: &[&str], pieces: &[&str], row: impl Fn(usize) -> [i8; DIMENSIONS]) -> Vec<u8> {
    let tokens: Vec<&str> = words.iter().chain(pieces).copied().collect();
    let mut out = b"GSEMBED1".to_vec();
    let text: usize = tokens.iter().map(|token| token.len()).sum();
    for number in [DIMENSIONS, words.len(), pieces.len(), text] {
        out.extend(u32::try_from(number).unwrap().to_le_bytes());
    }
    out.extend([0.5_f32; DIMENSIONS].iter().flat_map(|scale| scale.to_le_bytes()));
    out.extend(tokens.iter().map(|token| u8::try_from(token.len()).unwrap()));
    out.extend(tokens.concat().bytes());
    for number in 0..tokens.len() {
        out.extend(row(number).map(i8::cast_unsigned));
    }
    sealed(out)
}

fn sealed(mut body: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&body);
    body.extend(sum.to_le_bytes());
    body
}

/// A row with a one at its own place.
fn one(number: usize) -> [i8; DIMENSIONS] {
    let mut row = [0; DIMENSIONS];
    row[number] = 1;
    row
}

fn small() -> Vec<u8> {
    file(&["late", "late parcel", "par", "parcel", "\u{fc}ber"], &["cels", "s"], one)
}

fn tokens(text: &str) -> Vec<u32> {
    let table = Table::read(small().into()).unwrap();
    let mut out = Vec::new();
    Cutter::new(&table).cut(text, |token| out.push(token));
    out
}

fn fault(bytes: Vec<u8>) -> String {
    let error = Embedder::read(bytes).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "annotate.embedding");
    error.to_string()
}

#[test]
fn words_pieces_and_pairs_are_found() {
    assert_eq!(tokens("parcel"), [3]);
    assert_eq!(tokens("LATE, Parcel!"), [0, 3, 1]);
    assert_eq!(tokens("parcel late"), [3, 0]);
    assert_eq!(tokens("parcels"), [3, 6]);
    assert_eq!(tokens("parXcels"), [2, 5]);
    assert_eq!(tokens("cels s"), [6]);
    assert_eq!(tokens("\u{dc}BER"), [4]);
    assert_eq!(tokens("late [name] parcel"), [0, 3, 1]);
    assert_eq!(tokens("[late]"), Vec::<u32>::new());
    assert_eq!(tokens("[late parcel"), [0, 3, 1]);
    assert_eq!(tokens(&"parcel".repeat(7)), Vec::<u32>::new());
}

#[test]
fn sums_are_exact_and_of_unit_length() {
    let embedder = Embedder::read(small()).unwrap();
    let embedding = embedder.embed("late late parcel");
    // Twice "late", once "parcel" and once the pair.
    let length = 6.0_f32.sqrt();
    let expected = [(0, 2.0 / length), (3, 1.0 / length), (1, 1.0 / length)];
    for (at, value) in expected {
        assert!((embedding.as_slice()[at] - value).abs() < 1e-6, "{at}");
    }
    let most =
        Embedder::read(file(&["a", "b"], &[], |number| [if number == 0 { 127 } else { -127 }; 256])).unwrap();
    let many = format!("{}{}", "a ".repeat(100_000), "b ".repeat(99_999));
    assert_eq!(most.embed(&many), most.embed("a"));
}

#[test]
fn nothing_known_is_all_zero() {
    let embedder = Embedder::read(small()).unwrap();
    for text in ["", "   ", "?!", "zzz", "\u{5c71}\u{7530}"] {
        let embedding = embedder.embed(text);
        assert!(embedding.is_zero(), "{text}");
        assert_eq!(embedding.to_base64(), None);
        assert_eq!(embedding.cosine(&embedder.embed("late")), 0.0);
    }
    assert!(Embedder::read(file(&[], &[], one)).unwrap().embed("late").is_zero());
}

#[test]
fn short_files_are_refused_wherever_they_end() {
    let whole = small();
    for end in 0..whole.len() {
        assert!(fault(whole[..end].to_vec()).starts_with("embedding: file"), "{end}");
    }
    let mut longer = whole;
    longer.push(0);
    assert_eq!(fault(longer), "embedding: file is longer than its contents");
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let whole = small();
    for at in (0..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fault(damaged);
    }
    assert_eq!(fault(b"PK\x03\x04 a spreadsheet".to_vec()), "embedding: file is no embedding table");
    let changed = |at: usize, bytes: &[u8]| {
        let mut body = whole[..whole.len() - 8].to_vec();
        body[at..at + bytes.len()].copy_from_slice(bytes);
        fault(sealed(body))
    };
    assert_eq!(changed(7, b"2"), "embedding: file has another version");
    assert_eq!(changed(8, &[0, 2]), "embedding: file has another number of dimensions");
    assert_eq!(changed(12, &[0xff; 8]), "embedding: file has too many tokens");
    assert_eq!(changed(24, &f32::NAN.to_le_bytes()), "embedding: a scale is not a positive number");
    let lengths = 24 + DIMENSIONS * 4;
    assert_eq!(changed(lengths, &[200]), "embedding: a token's length is wrong");
    assert_eq!(changed(lengths + 7, &[0xff]), "embedding: tokens are not UTF-8");
    assert_eq!(changed(lengths + 7, b"z"), "embedding: tokens are not sorted");
    assert_eq!(fault(file(&["b", "a"], &[], one)), "embedding: tokens are not sorted");
    assert_eq!(fault(file(&["a", "a"], &[], one)), "embedding: tokens are not sorted");
    assert_eq!(fault(file(&["", "a"], &[], one)), "embedding: tokens are not sorted");
}

#[test]
fn text_forms_are_read_back() {
    let embedder = Embedder::shipped().unwrap();
    let embedding = embedder.embed("My card was declined at the shop");
    let text = embedding.to_base64().unwrap();
    let back = Embedding::from_base64(&text).unwrap();
    assert!(back.cosine(&embedding) > 0.999);
    assert_eq!(back.to_int8(), embedding.to_int8());
    assert_eq!(Embedding::from_base64("%").unwrap_err().to_string(), "embedding: text is not base64");
    let short = Embedding::from_base64("AAAA").unwrap_err();
    assert_eq!(short.to_string(), "embedding: text has another number of dimensions");
    assert!(Embedding::direction(&[f32::NAN; DIMENSIONS]).is_zero());
    assert!(Embedding::direction(&[f32::INFINITY; DIMENSIONS]).is_zero());
}

#[test]
fn the_shipped_table_knows_what_is_alike() {
    let embedder = Embedder::shipped().unwrap();
    assert!(embedder.tokens() > 20_000);
    assert!(SHIPPED.len() <= 12 << 20);
    let near = |left: &str, right: &str| embedder.embed(left).cosine(&embedder.embed(right));
    let late = "My parcel has still not arrived";
    assert!(near(late, "The delivery is late") > near(late, "I forgot my password") + 0.15);
    let login = "I cannot log in to my account";
    assert!(near(login, "The sign-in page rejects my password") > near(login, "The soup was cold") + 0.15);
}

#[test]
fn other_languages_lie_beside_english() {
    let embedder = Embedder::shipped().unwrap();
    let english =
        ["I forgot my password and cannot log in", "I want my money back"].map(|text| embedder.embed(text));
    let others = [
        ["Ich habe mein Passwort vergessen und kann mich nicht anmelden", "Ich will mein Geld zur\u{fc}ck"],
        [
            "Olvid\u{e9} mi contrase\u{f1}a y no puedo iniciar sesi\u{f3}n",
            "Quiero que me devuelvan mi dinero",
        ],
        ["Ho dimenticato la password e non riesco ad accedere", "Voglio indietro i miei soldi"],
        ["Ik ben mijn wachtwoord vergeten en kan niet inloggen", "Ik wil mijn geld terug"],
        ["Esqueci a minha senha e n\u{e3}o consigo entrar", "Quero o meu dinheiro de volta"],
    ];
    for texts in others {
        let [first, second] = texts.map(|text| embedder.embed(text));
        assert!(first.cosine(&english[0]) > first.cosine(&english[1]) + 0.05, "{}", texts[0]);
        assert!(second.cosine(&english[1]) > second.cosine(&english[0]) + 0.2, "{}", texts[1]);
    }
}

proptest! {
    #[test]
    fn any_text_gives_unit_length_or_zero(text in "\\PC{0,200}") {
        let embedder = Embedder::read(small()).unwrap();
        let embedding = embedder.embed(&text);
        let length: f32 = embedding.as_slice().iter().map(|value| value * value).sum();
        prop_assert!(embedding.is_zero() || (length - 1.0).abs() < 1e-5);
        prop_assert!((embedding.cosine(&embedding) - length).abs() < 1e-5);
    }

    #[test]
    fn words_in_any_order_without_pairs_give_the_same(mut words in prop::collection::vec("late|par|parcels", 1..40)) {
        let embedder = Embedder::read(file(&["late", "par", "parcel"], &["s"], one)).unwrap();
        let before = embedder.embed(&words.join(" "));
        words.reverse();
        prop_assert_eq!(before, embedder.embed(&words.join(", ")));
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(Embedder::read(bytes).is_err());
    }
}
