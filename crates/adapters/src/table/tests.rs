//! Tests of the table adapter.

use super::*;
use crate::adapter::adapt;
use groundswell_model::{CustomerDraft, Metric, Timestamp};

const HEAD: &str = "name = \"t\"\ndescription = \"Test.\"\nadapter = \"table\"\nkind = \"survey\"\nsource = { system = \"t\" }\n";

fn pipeline(text: &str) -> Pipeline {
    Pipeline::parse(&format!("{HEAD}{text}")).unwrap()
}

fn one(pipeline: &Pipeline, columns: &[&str], bytes: &[u8]) -> Adaptation {
    let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    let raw = RawRecord {
        bytes,
        key: None,
        received_at: Timestamp::default(),
        columns: Some(&columns),
        row: Some(3),
    };
    let mut items = adapt(pipeline, &raw);
    assert_eq!(items.len(), 1);
    items.remove(0)
}

fn draft(item: Adaptation) -> Draft {
    match item.unwrap() {
        Adapted::Feedback(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

fn customer(item: Adaptation) -> CustomerDraft {
    match item.unwrap() {
        Adapted::Customer(customer) => *customer,
        other => panic!("{other:?}"),
    }
}

fn faults(text: &str) -> Vec<String> {
    Pipeline::parse(&format!("{HEAD}{text}"))
        .unwrap_err()
        .faults
        .iter()
        .map(|fault| fault.key.clone())
        .collect()
}

#[test]
fn all_faults_are_found_at_once_with_their_key_path() {
    let found = faults(
        "zone = \"Mars/Base\"\nnonsense = 1\n[table]\nseparater = \";\"\nencoding = \"klingon\"\n\
         [table.context]\nx = { column = \"A\", value = \"b\" }\n[table.subject]\nplanet = { column = \"A\" }\n\
         [[table.answer]]\ncolumn = \"B\"\nmetric = \"joy\"\n[[table.answer]]\ncolumn = \"C\"\nmetric = \"csat\"\n\
         [table.occurred_at]\ncolumn = \"D\"\nformats = [\"%d/%m/%Y\", \"whenever\"]\n[[table.statement]]\nquestion = \"Q\"\n",
    );
    for key in [
        "nonsense",
        "table.separater",
        "table.answer[0].metric",
        "table.occurred_at.formats[1]",
        "zone",
        "table.encoding",
        "table.context.x",
        "table.subject.planet",
        "table.statement[0].column",
    ] {
        assert!(found.iter().any(|found| found == key), "{key} in {found:?}");
    }
    assert!(found.iter().any(|key| key.starts_with("table.answer[")), "{found:?}");
}

#[test]
fn broken_toml_is_one_fault_with_its_line() {
    assert_eq!(Pipeline::parse("name = \"a\"\nname = ").unwrap_err().faults[0].key, "line 2");
}

#[test]
fn missing_columns_are_named_with_their_key_path() {
    let pipeline = pipeline(
        "attributes = [\"Z\"]\n[table]\nrecord = [\"A\", \"B\"]\n[[table.statement]]\ncolumn = \"C\"\n",
    );
    let header = ["A".to_owned(), "D".to_owned()];
    assert_eq!(
        pipeline.missing_columns(&header),
        ["table.record[1]: \"B\"", "table.statement[0].column: \"C\"", "attributes[0]: \"Z\""]
    );
    assert_eq!(pipeline.unmapped_columns(&header), ["D"]);
}

#[test]
fn another_encoding_is_read_and_bytes_outside_it_are_refused() {
    let text =
        "[table]\nseparator = \";\"\nencoding = \"windows-1252\"\n[[table.statement]]\ncolumn = \"Text\"\n";
    let said = draft(one(&pipeline(text), &["Nr", "Text"], b"1;sch\xf6n und gut"));
    assert_eq!(said.statements[0].text, "schön und gut");
    let utf8 = pipeline("[[table.statement]]\ncolumn = \"Text\"\n");
    let error = one(&utf8, &["Nr", "Text"], b"1,sch\xf6n").unwrap_err();
    assert_eq!(
        error,
        AdaptError::Encoding { encoding: "UTF-8", row: Some(3), column: Some("Text".to_owned()) }
    );
    let ascii = pipeline("[table]\nencoding = \"shift_jis\"\n[[table.statement]]\ncolumn = \"Text\"\n");
    assert_eq!(one(&ascii, &["Nr", "Text"], b"1,a\xff").unwrap_err().code(), "adapt.encoding");
}

#[test]
fn scores_are_numbers_or_declared_words_within_the_scale() {
    let pipeline = pipeline(
        "[[table.answer]]\ncolumn = \"S\"\nmetric = \"csat\"\nmin = 1\nmax = 5\nhigh_is_good = false\n\
         values = { \"Sehr Gut\" = 1 }\nnone = [\"weiß nicht\"]\n",
    );
    let value =
        |cell: &str| draft(one(&pipeline, &["S", "x"], format!("\"{cell}\",y").as_bytes())).answers[0].value;
    assert_eq!((value("4"), value("4,5"), value(" sehr gut "), value("2.0")), (4.0, 4.5, 1.0, 2.0));
    let fails = |cell: &str| one(&pipeline, &["S", "x"], format!("{cell},y").as_bytes()).unwrap_err();
    assert_eq!(fails("6").to_string(), "score is outside its scale of 1 to 5 in row 3, column \"S\"");
    assert_eq!(fails("gut").code(), "adapt.bad_score");
    assert_eq!(fails("NaN").code(), "adapt.bad_score");
    assert_eq!(one(&pipeline, &["S", "x"], "Weiß Nicht,y".as_bytes()), Ok(Adapted::Skip("empty")));
}

#[test]
fn fields_are_translated_kept_or_dropped() {
    let pipeline = pipeline(
        "[[table.statement]]\ncolumn = \"T\"\n[table.context]\norder_status = { column = \"O\", map = { \"zugestellt\" = \"delivered\", \"?\" = \"\" }, other = \"drop\" }\n\
         topic = { column = \"O\" }\n",
    );
    let context = |cell: &str| draft(one(&pipeline, &["T", "O"], format!("Hallo,{cell}").as_bytes())).context;
    assert_eq!(context("Zugestellt")["order_status"], "delivered");
    assert_eq!(context("verloren").get("order_status"), None);
    assert_eq!(context("verloren")["topic"], "verloren");
    assert!(context("").is_empty());
}

#[test]
fn a_row_of_json_is_read_by_key_and_pointer() {
    let pipeline = pipeline(
        "[table]\nformat = \"jsonl\"\nrecord = [\"id\"]\n[[table.statement]]\ncolumn = \"/said/text\"\n[[table.answer]]\ncolumn = \"stars\"\nmetric = \"stars\"\n",
    );
    let said = draft(one(&pipeline, &[], br#"{"id": 5, "said": {"text": "Fine"}, "stars": 4}"#));
    assert_eq!(
        (said.source.record.as_deref(), said.statements[0].text.as_str(), said.answers[0].value),
        (Some("5"), "Fine", 4.0)
    );
    assert_eq!(one(&pipeline, &[], b"[1]").unwrap_err().code(), "adapt.wrong_type");
    assert_eq!(one(&pipeline, &[], b"{}"), Ok(Adapted::Skip("empty_row")));
    assert_eq!(
        one(&pipeline, &[], format!("{{\"a\": {}", "[".repeat(300)).as_bytes()).unwrap_err().code(),
        "adapt.too_deep"
    );
}

#[test]
fn a_customer_has_identities_dates_and_value() {
    let text = "[table]\nrespondent = [{ column = \"Mail\", as = \"email\" }, { column = \"Nr\", as = \"customer\" }]\n\
        [table.clock]\npurchased_at = { column = \"Kauf\", formats = [\"%d.%m.%Y\"] }\n\
        [table.customer.value]\namount = \"Wert\"\ncurrency = { value = \"EUR\" }\nyears = { value = \"3\" }\n";
    let head = HEAD.replace("kind = \"survey\"", "record = \"customer\"");
    let pipeline = Pipeline::parse(&format!("{head}{text}")).unwrap();
    let columns = ["Nr", "Mail", "Kauf", "Wert"];
    let known = customer(one(&pipeline, &columns, b"K1,a@b.example,01.02.2026,\"1.200,50\""));
    assert_eq!(
        known.identities,
        [Identity::Customer("K1".to_owned()), Identity::Email("a@b.example".to_owned())]
    );
    let value = known.value.unwrap();
    assert_eq!((value.amount.as_str(), value.currency.as_str(), value.years), ("1200.50", "EUR", 3.0));
    assert_eq!(known.clock.purchased_at.unwrap().to_string(), "2026-02-01T12:00:00.000Z");
    assert_eq!(one(&pipeline, &columns, b"K1,,01.02.2026,viel").unwrap_err().code(), "adapt.bad_cell");
}

#[test]
fn a_missing_column_is_named() {
    let pipeline =
        pipeline("[[table.statement]]\ncolumn = \"T\"\n[[table.answer]]\ncolumn = \"S\"\nmetric = \"nps\"\n");
    let error = one(&pipeline, &["T", "U"], b"Hallo,1").unwrap_err();
    assert_eq!(error.to_string(), "missing column \"S\" in row 3");
    assert_eq!(Metric::Nps, pipeline.table.unwrap().answers[0].metric);
}
