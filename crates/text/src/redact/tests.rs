//! Tests of redaction.

use proptest::prelude::*;

use super::*;

fn redacted(text: &str) -> String {
    Redactor::new().redact(text, &[]).text
}

fn without(text: &str, kind: PersonalKind, value: &str) -> String {
    Redactor::without_names().redact(text, &[Known { kind, value }]).text
}

fn check(cases: &[(&str, &str)]) {
    for (given, wanted) in cases {
        assert_eq!(redacted(given), *wanted);
    }
}

#[test]
fn mail_addresses_go() {
    check(&[
        ("Write to jane.doe+shop@mail.example.co.uk, please.", "Write to [email], please."),
        ("Schreibt an müller@beispiel.de.Danke", "Schreibt an [email]"),
        ("<mailto:a_b@example.org>", "<mailto:[email]>"),
        ("Ping @support or me@home @ 5", "Ping @support or me@home @ 5"),
    ]);
}

#[test]
fn telephone_numbers_go() {
    check(&[
        ("Call +44 20 7946 0958 now", "Call [phone] now"),
        ("Rückruf unter 0170 1234567 oder 030/1234567.", "Rückruf unter [phone] oder [phone]."),
        ("Mein Telefon: +49 (0)89 123456-78", "Mein Telefon: [phone]"),
        ("Appelez le 01 23 45 67 89 ou 06.12.34.56.78", "Appelez le [phone] ou [phone]"),
        ("Llámame al 612 345 678", "Llámame al [phone]"),
        ("Chiamatemi al 347 1234567", "Chiamatemi al [phone]"),
        ("Bel mij op 06-12345678", "Bel mij op [phone]"),
        ("Ligue para (11) 98765-4321", "Ligue para [phone]"),
        ("(212)555-0147 or 415-555-0132", "[phone] or [phone]"),
        ("my number 555 0147 is my phone", "my number [phone] is my phone"),
        ("ring 001-212-555-0147", "ring [phone]"),
    ]);
}

#[test]
fn other_numbers_stay() {
    for text in [
        "Build 22621.1702.230505 broke it on 2024-01-05 10:33:21",
        "Version 4.12.0198 and v1.2.3.4 and release 10.0.19045",
        "Order 4829103847 and invoice 2023-00012345 are paid",
        "Bestellung 0301234567 fehlt, Rechnung 20240105-1234",
        "It cost $1,234,567.89 or 1.234.567,89 EUR or 1 250 000 €",
        "Timestamps 1699999999999 and 20240105T103321",
        "Between 2019-2020 it rose from 1000000 to 2000000",
        "ISBN 978-3-16-148410-0 and 24/7 and 50/50",
        "I paid {$7100.00} with card XXXX XXXX XXXX 1234 on XX/XX/2023",
        "On 05/06/2024 at 12:30 and 05.06.2024 it was 21.5 degrees",
        "commit 0123456789 in 192 files; 3 of 10 stars; 1 2 3 4 5 6 7 8 9",
        "Room 12 at 9 pm, 2 Google Drive accounts, 3 way call, 100 GB Google Drive",
        "std::vector and a::b at 10:30:45, aspect 16:9",
        "host 20-31-42-53.shop.example is down",
        "iOS 12.1.4.2 and firmware 2.1.0.3",
        "Ticket #12345678 reference 123-456-7890",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn cards_and_accounts_go() {
    check(&[
        ("My card 4111 1111 1111 1111 12/26 was charged", "My card [card] 12/26 was charged"),
        ("3782-822463-10005 or 5555555555554444", "[card] or [card]"),
        ("not 4111 1111 1111 1112", "not 4111 1111 1111 1112"),
        ("IBAN DE89 3704 0044 0532 0130 00, GB33BUKB20201555555555", "IBAN [iban], [iban]"),
        ("not DE88370400440532013000", "not DE88370400440532013000"),
    ]);
}

#[test]
fn identity_numbers_go() {
    check(&[
        ("SSN 219-09-9999", "SSN [national_id]"),
        ("ssn 219099999 but 000-12-3456", "ssn [national_id] but 000-12-3456"),
        ("NI number AB123456C or AB 12 34 56 C", "NI number [national_id] or [national_id]"),
        ("My NHS number is 943 476 5919", "My NHS number is [national_id]"),
        ("Meine Steuer-ID: 86 095 742 719", "Meine Steuer-ID: [national_id]"),
        ("n° sécu 2 55 08 14 168 025 38", "n° sécu [national_id]"),
        ("DNI 12345678Z, NIE X1234567L, 12345678-Z", "DNI [national_id], NIE [national_id], [national_id]"),
        ("CF RSSMRA85T10A562S", "CF [national_id]"),
        ("BSN 111222333", "BSN [national_id]"),
        ("Aadhaar 2341 2341 2346, PAN ABCPD1234E", "Aadhaar [national_id], PAN [national_id]"),
        ("CPF 529.982.247-25, CNPJ 11.222.333/0001-81", "CPF [national_id], CNPJ [national_id]"),
        ("12345678A and 111222333 and QQ123456C", "12345678A and 111222333 and QQ123456C"),
    ]);
}

#[test]
fn network_addresses_and_secrets_go() {
    check(&[
        ("From 203.0.113.77:8080 and 192.168.0.1.", "From [ip]:8080 and [ip]."),
        ("host 2001:db8:85a3:8d3:1319:8a2e:370:7348 or 2001:db8::1", "host [ip] or [ip]"),
        ("https://joe:s3cret@host.example/x", "https://[credential]@host.example/x"),
        ("https://a.example/?id=5&token=abc.DEF-1&x=1", "https://a.example/?id=5&token=[credential]&x=1"),
        ("password=hunter2!", "password=[credential]!"),
        ("https://medium.example/@joe?page=2", "https://medium.example/@joe?page=2"),
    ]);
}

#[test]
fn street_addresses_go() {
    check(&[
        ("I live at 221B Baker Street, London", "I live at [address], London"),
        ("sent to 7 Orchard Lane, Apt 4B and lost", "sent to [address] and lost"),
        ("Ich wohne Musterstraße 12, 10115 Berlin", "Ich wohne [address]"),
        ("Lieferung an Berliner Straße 5a kam nie", "Lieferung an [address] kam nie"),
        ("j'habite 12 rue de la Paix à Paris", "j'habite [address] à Paris"),
        ("vivo en Calle de Alcalá, 45 y nada", "vivo en [address] y nada"),
        ("abito in Via Giuseppe Verdi 12 e aspetto", "abito in [address] e aspetto"),
        ("ik woon Kerkstraat 12", "ik woon [address]"),
        ("moro na Rua das Flores, 123", "moro na [address]"),
    ]);
}

#[test]
fn addresses_go_with_flat_town_and_postcode() {
    check(&[
        ("We moved to 1205 Kastanientie 7 Apt. 31, Turku 20100 in May", "We moved to [address] in May"),
        ("ship it to 88 Rua Nova Suite 4\nLagos\nPortugal 86001", "ship it to [address]"),
        ("Mail: PSC 12, Box 345\nAPO AE 09012", "Mail: [address]"),
        ("ul. Kwiatowa 12 w Krakowie", "[address] w Krakowie"),
        ("Vestergade 14 er lukket", "[address] er lukket"),
        ("I live at 12 Oak Lane, Springfield, IL 62704-1234, come by", "I live at [address], come by"),
        ("10 Mill Road, Leeds LS1 4AP. Thanks", "[address]. Thanks"),
        ("10 Mill Road, Leeds is nice", "[address], Leeds is nice"),
        ("12 rue Pasteur, 69007 Lyon, merci", "[address], merci"),
        ("I booked 2 rooms. Suite 5 was dirty", "I booked 2 rooms. Suite 5 was dirty"),
        ("The flat 3 weeks ago in Lyon was fine", "The flat 3 weeks ago in Lyon was fine"),
    ]);
}

#[test]
fn spoken_numbers_and_addresses_go() {
    check(&[
        ("call me on four one five, five five five, oh one double three please", "call me on [phone] please"),
        ("meine Nummer ist null eins sieben null drei vier zwei acht", "meine Nummer ist [phone]"),
        ("my social is two one nine oh nine nine nine nine nine", "my social is [national_id]"),
        ("write to jane dot doe at example dot com today", "write to [email] today"),
        ("correo: ana arroba example punto com", "correo: [email]"),
        ("mail joe_b (at) example (dot) org", "mail [email]"),
        (
            "we counted one two three four five six seven eight nine ten",
            "we counted one two three four five six seven eight nine ten",
        ),
        (
            "the one or two five star reviews at dot com shops",
            "the one or two five star reviews at dot com shops",
        ),
    ]);
}

#[test]
fn known_values_go_in_any_form() {
    let name = PersonalKind::Name;
    assert_eq!(
        without("MARIA LOPEZ here, maria  lopez; Lopez's order, Maria-Lopez", name, "Maria Lopez"),
        "[name] here, [name]; [name]'s order, [name]"
    );
    assert_eq!(
        without("Will you call Will Smith? I will.", name, "Will Smith"),
        "[name] you call [name]? I will."
    );
    assert_eq!(without("will it work, Will?", name, "Will"), "will it work, [name]?");
    assert_eq!(without("anna kam, Annas nicht", name, "Anna"), "[name] kam, Annas nicht");
    assert_eq!(
        without("J\u{e9}r\u{f4}me d\u{2019}Anna O\u{2019}Brien", name, "Anna O'Brien"),
        "J\u{e9}r\u{f4}me d\u{2019}[name]"
    );
    assert_eq!(without("山田太郎様へ", name, "山田太郎"), "[name]様へ");
    assert_eq!(without("ref 12 (4567) 890-1 ok", PersonalKind::Phone, "+1 2 456 78901"), "ref [phone] ok");
    assert_eq!(
        without("order 1701234567, 0170/12 34 567", PersonalKind::Phone, "+49 170 1234567"),
        "order [phone], [phone]"
    );
    assert_eq!(
        without("my handle is @foxtail!", PersonalKind::Other, "@foxtail"),
        "my handle is [personal]!"
    );
    assert_eq!(without("12 elm row", PersonalKind::Address, "12 Elm Row"), "[address]");
}

#[test]
fn placeholders_and_masks_stay() {
    let text = "[email] wrote to [phone] about [name], XXXX-XXXX and {$7100.00}";
    assert_eq!(without(text, PersonalKind::Name, "Phone Email"), text);
    assert_eq!(redacted(text), text);
}

#[test]
fn spans_count_scalar_values_of_the_given_text() {
    let found = Redactor::new().redact(
        "Grüße 👍 an zoë@example.com, 0170 1234567",
        &[Known { kind: PersonalKind::Name, value: "Grüße" }],
    );
    assert_eq!(found.text, "[name] 👍 an [email], [phone]");
    let spans: Vec<_> = found.spans.iter().map(|span| (span.start, span.end, span.kind.as_str())).collect();
    assert_eq!(spans, [(0, 5, "name"), (11, 26, "email"), (28, 40, "phone")]);
}

#[test]
fn kinds_have_names_and_placeholders() {
    for placeholder in PersonalKind::placeholders() {
        let name = placeholder.trim_matches(['[', ']']);
        let kind: PersonalKind = name.parse().unwrap();
        assert_eq!((kind.as_str(), kind.placeholder()), (name, placeholder));
    }
    assert_eq!("secret".parse::<PersonalKind>().unwrap_err().code(), "text.personal_kind");
}

#[test]
fn hostile_texts_end() {
    let known = [
        Known { kind: PersonalKind::Name, value: "a b" },
        Known { kind: PersonalKind::Phone, value: "1111111" },
    ];
    for part in [
        "1", "@", "-", "&", "=", ":", "1 ", "1-", "1.", "0 1", "a@a.", "::", "http://", "://a@", "a1",
        "[email]", "[", "1:", "(", "+1", "a b ", "DE89", "9 Rue ",
    ] {
        let text = part.repeat(if part.len() == 1 { 1_000_000 } else { 200_000 / part.len() });
        let found = Redactor::new().redact(&text, &known);
        assert!(found.spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "{part}");
    }
    let many = "call 0170 1234567 or a@b.example ".repeat(2_000);
    assert_eq!(redacted(&many), "call [phone] or [email] ".repeat(2_000));
}

#[test]
fn a_name_within_an_address_goes_with_it() {
    let known = [Known { kind: PersonalKind::Name, value: "Apjp" }];
    let redacted = Redactor::new().redact("ul Apjp 0.", &known);
    assert!(!redacted.text.contains("Apjp") && !redacted.spans.is_empty(), "{}", redacted.text);
}

fn idempotent(text: &str, known: &[Known<'_>]) -> Result<(), TestCaseError> {
    let redactor = Redactor::new();
    let once = redactor.redact(text, known);
    let again = redactor.redact(&once.text, known);
    prop_assert_eq!(&again.text, &once.text);
    prop_assert!(again.spans.is_empty());
    let count = text.chars().count();
    prop_assert!(once.spans.iter().all(|span| span.start < span.end && span.end <= count));
    Ok(())
}

/// Pieces that redaction looks at, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("call ".to_owned()),
        Just("order ".to_owned()),
        Just("version ".to_owned()),
        Just("0170 1234567".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("DE89370400440532013000".to_owned()),
        Just("a.b@example.com".to_owned()),
        Just("https://u:p@h.example/?token=x1".to_owned()),
        Just("12 Baker Street".to_owned()),
        Just("Maria ".to_owned()),
        Just("[email]".to_owned()),
        Just("1.2.3.4".to_owned()),
        "[0-9]{1,5}",
        "[-+ ./()@:=,\\[\\]]{1,2}",
        "[a-zA-Zé]{1,3}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn redacting_again_finds_nothing(text in pieces()) {
        let known = [Known { kind: PersonalKind::Name, value: "Maria Lopez" }, Known { kind: PersonalKind::Phone, value: "+49 170 1234567" }];
        idempotent(&text, &[])?;
        idempotent(&text, &known)?;
    }

    #[test]
    fn any_text_is_redacted_once(text in ".{0,120}") {
        idempotent(&text, &[])?;
    }

    #[test]
    fn no_known_value_is_left(before in "[a-z0-9 .,]{0,30}", value in "[A-Z][b-df-hj-np-tv-z]{3,8}( [A-Z][b-df-hj-np-tv-z]{3,8})?", after in "[a-z0-9 .,]{0,30}") {
        let text = format!("{before} {value} {after}");
        let known = [Known { kind: PersonalKind::Name, value: &value }];
        let redacted = Redactor::new().redact(&text, &known);
        prop_assert!(!redacted.text.contains(&value));
        prop_assert!(!Redactor::new().redact(&text.to_uppercase(), &known).text.contains(&value.to_uppercase()));
        // Words and numbers around it may make an address of it, which goes as a whole.
        prop_assert!(["[name]", "[address]"].iter().any(|kind| redacted.text.contains(kind)), "{}", redacted.text);
    }
}

/// Measures recall and precision on synthetic sentences with marked personal data, where those are at hand.
#[test]
fn templates_are_found() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/pii/presidio_templates_A.jsonl");
    let Ok(lines) = std::fs::read_to_string(&path) else { return };
    let types = [
        ("EMAIL_ADDRESS", "email", 0.99),
        ("PHONE_NUMBER", "phone", 0.95),
        ("CREDIT_CARD", "card", 0.95),
        ("IBAN_CODE", "iban", 0.99),
        ("US_SSN", "national_id", 0.99),
        ("IP_ADDRESS", "ip", 0.99),
    ];
    let redactor = Redactor::new();
    let (mut wanted, mut hit, mut found, mut right) = ([0.0; 6], [0.0; 6], [0.0; 6], [0.0; 6]);
    for line in lines.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = record["text"].as_str().unwrap();
        let marked: Vec<(u64, u64, &str)> = record["spans"]
            .as_array()
            .unwrap()
            .iter()
            .map(|span| {
                (
                    span["start"].as_u64().unwrap(),
                    span["end"].as_u64().unwrap(),
                    span["type"].as_str().unwrap(),
                )
            })
            .collect();
        let spans = redactor.redact(text, &[]).spans;
        for (place, (name, kind, _)) in types.iter().enumerate() {
            let touches = |span: &Span, mark: &(u64, u64, &str)| {
                (span.start as u64) < mark.1 && mark.0 < span.end as u64
            };
            for mark in marked.iter().filter(|mark| mark.2 == *name) {
                wanted[place] += 1.0;
                let whole = spans.iter().any(|span| {
                    span.kind.as_str() == *kind && span.start as u64 <= mark.0 && span.end as u64 >= mark.1
                });
                hit[place] += f64::from(u8::from(whole));
                if !whole && std::env::args().any(|argument| argument == "--nocapture") {
                    println!(
                        "missed {name} {:?}",
                        text.chars()
                            .skip(mark.0 as usize)
                            .take((mark.1 - mark.0) as usize)
                            .collect::<String>()
                    );
                }
            }
            for span in spans.iter().filter(|span| span.kind.as_str() == *kind) {
                found[place] += 1.0;
                let good = marked.iter().any(|mark| mark.2 == *name && touches(span, mark));
                right[place] += f64::from(u8::from(good));
                if !good && std::env::args().any(|argument| argument == "--nocapture") {
                    println!(
                        "wrong {kind} {:?}",
                        text.chars().skip(span.start).take(span.end - span.start).collect::<String>()
                    );
                }
            }
        }
    }
    for (place, (name, _, least)) in types.iter().enumerate() {
        println!(
            "{name}: recall {:.3} of {}, precision {:.3} of {}",
            hit[place] / wanted[place],
            wanted[place],
            right[place] / found[place],
            found[place]
        );
        assert!(hit[place] >= least * wanted[place] && right[place] >= 0.9 * found[place], "{name}");
    }
}
