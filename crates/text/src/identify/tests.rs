//! Tests of language identification.

use super::*;

#[test]
fn sentences_of_each_language_are_known() {
    for (language, text) in [
        ("en", "The parcel arrived two weeks late and nobody told me why."),
        ("en", "Great app, love the design"),
        ("de", "Das Paket kam zwei Wochen zu spät und niemand hat mir etwas gesagt."),
        ("de", "Schlechter Service, nie wieder!"),
        ("fr", "Le colis est arrivé deux semaines en retard et personne ne m'a prévenu."),
        ("es", "El paquete llegó dos semanas tarde y nadie me avisó."),
        ("it", "Il pacco è arrivato con due settimane di ritardo e nessuno mi ha avvisato."),
        ("nl", "Het pakket kwam twee weken te laat en niemand heeft mij iets verteld."),
        ("pt", "O pacote chegou com duas semanas de atraso e ninguém me avisou."),
        ("sv", "Paketet kom två veckor för sent och ingen berättade det för mig."),
        ("pl", "Paczka przyszła dwa tygodnie za późno i nikt mi nic nie powiedział."),
        ("tr", "Paket iki hafta geç geldi ve kimse bana bir şey söylemedi."),
        ("ru", "Посылка пришла с опозданием, и никто мне ничего не сказал."),
        ("uk", "Посилка прийшла із запізненням, і ніхто мені нічого не сказав."),
        ("el", "Το πακέτο άργησε δύο εβδομάδες."),
        ("ja", "荷物が二週間遅れて届きました。"),
        ("zh", "包裹迟到了两个星期，没有人通知我。"),
        ("ko", "소포가 2주 늦게 도착했어요."),
        ("ar", "وصل الطرد متأخرا أسبوعين ولم يخبرني أحد."),
        ("hi", "पैकेज दो सप्ताह देर से आया और किसी ने मुझे नहीं बताया।"),
    ] {
        assert_eq!(identify(text).map(|found| found.to_string()).as_deref(), Some(language), "{text}");
    }
}

#[test]
fn what_is_no_language_stays_unknown() {
    for text in [
        "",
        "ok",
        "👍👍👍",
        "N/A",
        "12345 67890 ---",
        "asdkjh qwrtzp xcvbnm lkjhgf",
        "Error 0x80004005: E_FAIL [2024-01-01T00:00:00Z] id=88f3",
        "https://example.com/the/and/is/are",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "The parcel was never delivered to my house. Das Paket ist leider nicht bei mir angekommen, ich habe nichts.",
        "Приложение не works with my телефон properly",
    ] {
        assert_eq!(identify(text), None, "{text}");
    }
}

#[test]
fn only_the_head_is_looked_at() {
    let text = format!("The parcel was late and I am not happy about it. {}", "ж".repeat(1_000_000));
    assert!(identify(&text).is_none_or(|found| found == Language::EN));
    assert_eq!(identify(&"The parcel was late. ".repeat(50_000)), Some(Language::EN));
}

#[test]
fn short_texts_without_frequent_words_are_known() {
    for (language, text) in [
        ("cs", "Vyskakuje chybové hlášení serveru"),
        ("it", "Impossibile scaricare gli allegati"),
        ("es", "Bandeja desordenada tras actualizar"),
        ("nl", "Verzonden berichten verdwijnen steeds"),
        ("pt", "Configuração da caixa postal errada"),
        ("en", "Printing labels crashes randomly"),
    ] {
        assert_eq!(identify(text).map(|found| found.to_string()).as_deref(), Some(language), "{text}");
    }
}

#[test]
fn the_shipped_file_loads_and_broken_ones_are_refused() {
    let whole = include_bytes!("../../models/language.bin");
    let model = LanguageModel::from_bytes(whole).unwrap();
    assert_eq!(model.to_bytes(), whole);
    let text = "The parcel was late and nobody cared.";
    assert_eq!(identify_with(text, &model), identify(text));
    let mut changed = whole.to_vec();
    changed[5_000] ^= 1;
    for bytes in
        [&[][..], b"gwlangs1", &whole[..whole.len() - 1], &changed, b"no model at all, but long enough"]
    {
        let refused = LanguageModel::from_bytes(bytes).unwrap_err();
        assert_eq!(refused.code(), "text.language_model");
        assert!(refused.to_string().starts_with("not a language model: it"));
    }
}

#[test]
fn training_learns_and_repeats() {
    let examples: Vec<LanguageExample> = (0..40)
        .flat_map(|_| {
            [
                ("zakka zekko zukka".to_owned(), Some(Language::IT)),
                ("obilum arumat".to_owned(), Some(Language::EN)),
                ("qqx xzq".to_owned(), None),
            ]
        })
        .collect();
    let model = train_language(&examples);
    assert_eq!(model.to_bytes(), train_language(&examples).to_bytes());
    assert_eq!(identify_with("zukka zakka zekko zakka", &model), Some(Language::IT));
    assert_eq!(identify_with("arumat obilum arumat obilum", &model), Some(Language::EN));
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in ".{0,200}") {
        let _ = identify(&text);
    }
}
