//! Tests of normalisation.

use proptest::prelude::*;

use super::*;

fn form(text: &str, format: Format) -> String {
    normalise(text, format, 10_000).text
}

#[test]
fn plain_text_gets_one_form() {
    for (given, wanted) in [
        ("  It \t broke.\r\n\r\n\r\nTwice. ", "It broke.\nTwice."),
        ("a\u{202e}b\u{2066}c\u{200b}d\u{feff}\u{0}e\u{7}", "abcde"),
        ("Cafe\u{301} Gro\u{308}ße", "Café Größe"),
        ("one\u{a0}\u{3000}two\u{2028}three", "one two\nthree"),
        ("👨\u{200d}👩\u{200d}👧 fine", "👨\u{200d}👩\u{200d}👧 fine"),
        ("pass\u{200d}word \u{200d} soft\u{ad}hyphen", "password softhyphen"),
    ] {
        assert_eq!(form(given, Format::Plain), wanted);
    }
}

#[test]
fn mojibake_is_put_right_only_when_sure() {
    for (given, wanted) in [
        ("cafÃ© trÃ¨s cher, 20â‚¬", "café très cher, 20€"),
        ("LieferungenÂ\u{a0}fÃ¼r StraÃŸe", "Lieferungen für Straße"),
        ("donâ€™t â€œgoâ€\u{9d} â€“ ok ðŸ˜€", "don’t “go” – ok 😀"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("cafÃƒÂ©", "café"),
    ] {
        let found = normalise(given, Format::Plain, 1_000);
        assert_eq!((found.text.as_str(), found.repaired), (wanted, true), "{given}");
    }
    for honest in ["IRMÃ… MAÇû e PÃO", "Â« non »", "São Paulo à « bientôt »", "Å¡", "naïve façade Ångström"]
    {
        let honest = form(honest, Format::Plain);
        assert!(!normalise(&honest, Format::Plain, 1_000).repaired || honest.starts_with('Å'), "{honest}");
    }
}

#[test]
fn long_texts_are_cut_on_a_character() {
    let cut = normalise("äöü äöü", Format::Plain, 4);
    assert_eq!((cut.text.as_str(), cut.truncated), ("äöü", true));
    assert!(!normalise("äöü", Format::Plain, 3).truncated);
    assert_eq!(normalise("abc", Format::Plain, 0).text, "");
}

#[test]
fn html_becomes_text() {
    for (given, wanted) in [
        (
            "<p>Late &amp; broken&nbsp;&#8211; <b>again</b></p><p>Refund&excl; &#x20AC;5&hellip;</p>",
            "Late & broken – again\nRefund&excl; €5…",
        ),
        ("<ul><li>slow</li><li>ugly</li></ul>", "- slow\n- ugly"),
        ("one<br>two<BR/>three <a href='x>y'>link</a>", "one\ntwo\nthree link"),
        ("<style>p{}</style><script>if(a<b){}</script><head><title>t</title></head>kept", "kept"),
        ("<!-- no --><!DOCTYPE html><td>a</td><td>b</td>", "a b"),
        ("no html: a < b, x<y>z, <3 & AT&T\nnext line", "no html: a < b, x<y>z, <3 & AT&T\nnext line"),
        ("please add <script> support", "please add support"),
        ("Don&#39;t\nsplit", "Don't\nsplit"),
        ("<o:p>word</o:p> <b>x</b> <john@example.com>", "word x <john@example.com>"),
        ("<pre>a\nb</pre>c\nd", "a\nb\nc d"),
    ] {
        assert_eq!(form(given, Format::Html), wanted);
    }
}

#[test]
fn mails_are_cut_to_the_writers_words() {
    for history in [
        "On Mon, 3 May 2024 at 10:00, Shop <help@shop.example> wrote:\n> Hello\n> there",
        "On Mon, 3 May 2024 at 10:00,\nShop <help@shop.example>\nwrote:\n> Hello",
        "Am Mo., 3. Mai 2024 um 10:00 Uhr schrieb Shop <help@shop.example>:\n> Hallo",
        "Le lun. 3 mai 2024 à 10:00, Shop <help@shop.example> a écrit :\n> Bonjour",
        "El lun, 3 may 2024 a las 10:00, Shop (<help@shop.example>) escribió:\n> Hola",
        "Il giorno lun 3 mag 2024 alle ore 10:00 Shop <help@shop.example> ha scritto:\n> Ciao",
        "Op ma 3 mei 2024 om 10:00 schreef Shop <help@shop.example>:\n> Hallo",
        "Em seg., 3 de mai. de 2024 às 10:00, Shop <help@shop.example> escreveu:\n> Olá",
        "-----Original Message-----\nFrom: Shop\nHello",
        "-----Ursprüngliche Nachricht-----\nVon: Shop",
        "________________________________\nFrom: Shop <a@b.example>\nSent: Monday\nTo: me\nSubject: x\n\nHello",
        "*Von:* Shop\n*Gesendet:* Montag\n*An:* mich\n*Betreff:* x\nHallo",
        "De : Shop\nEnvoyé : lundi\nÀ : moi\nObjet : x\nBonjour",
        "Da: Shop\nInviato: lunedì\nA: me\nOggetto: x",
        "Van: Shop\nVerzonden: maandag\nAan: mij\nOnderwerp: x",
        "De: Shop\nEnviado: lunes\nPara: mí\nAsunto: x",
        "-- \nJane Doe\nHead of Cats",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "This e-mail and any attachments are confidential and meant for the addressee.\nMore of it.",
        "Diese E-Mail enthält vertrauliche Informationen.",
    ] {
        let mail = format!(
            "My parcel is late.\nOn Monday I wrote: where is it?\nFrom: here it looks bad.\n\n{history}\n"
        );
        let own = "My parcel is late.\nOn Monday I wrote: where is it?\nFrom: here it looks bad.";
        assert_eq!(form(&mail, Format::Mail), own, "{history}");
    }
}

#[test]
fn answers_below_a_quote_are_kept() {
    let mail = "On 3 May 2024, Shop wrote:\n> Did it arrive?\nNo.\n> And now?\nStill no.\n";
    assert_eq!(form(mail, Format::Mail), "No.\nStill no.");
    assert_eq!(form("> only\n> quotes", Format::Mail), "> only\n> quotes");
}

#[test]
fn html_mails_lose_their_history() {
    let mail = "<div>It is late.</div><div class=q>On 3 May 2024, Shop wrote:<br><blockquote><p>Hello</p>there</blockquote></div>";
    assert_eq!(form(mail, Format::HtmlMail), "It is late.");
    assert_eq!(form("plain reply\n> old", Format::HtmlMail), "plain reply");
}

#[test]
fn hostile_texts_end() {
    for part in [
        "<div>",
        "<p a=\"",
        "<p a='x>",
        "<!--",
        "<!",
        "<!x",
        "<script>",
        "</script",
        "&",
        "&#",
        "<",
        "<a ",
        "> ",
        "\u{202e}",
        "\u{0}",
        "Ã",
        "Â©",
        "e\u{301}",
        "On 1 \n",
        "-- \n",
        "--\n",
        "\n",
        " ",
        "On 3 wrote:\n>",
        "<blockquote>x",
        "From: a\nSent: b\n",
        "1",
        "@",
        "-",
    ] {
        let text = part.repeat(if part.len() == 1 { 1_000_000 } else { 200_000 / part.len() });
        for format in [Format::Plain, Format::Html, Format::Mail, Format::HtmlMail] {
            assert!(normalise(&text, format, 5_000).text.chars().count() <= 5_000, "{part}");
        }
    }
    let nested = format!("{}deep{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
    assert_eq!(form(&nested, Format::Html), "deep");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn plain_is_idempotent(text in "(.|[ \n\t\u{a0}\u{200d}\u{202e}ÃÂâ€™©Ð¸e\u{301}👍]){0,60}", most in 0usize..80) {
        let once = normalise(&text, Format::Plain, most);
        let again = normalise(&once.text, Format::Plain, most);
        prop_assert_eq!(&again.text, &once.text);
        prop_assert!(!again.truncated && !again.repaired);
        prop_assert!(once.text.chars().count() <= most);
        prop_assert_eq!(once.text.trim(), &once.text);
        prop_assert!(!once.text.chars().any(|sign| sign.is_control() && sign != '\n'));
    }

    #[test]
    fn no_text_panics(text in "([<>/a-z=\"'&;# -]|<p>|<br>|<!--|-->|</|script|&amp;|On 1|wrote:|\n|> |.){0,60}") {
        for format in [Format::Html, Format::Mail, Format::HtmlMail] {
            let found = normalise(&text, format, 50);
            prop_assert!(found.text.chars().count() <= 50);
        }
    }
}
