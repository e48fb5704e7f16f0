//! Tests of splitting files into rows.

use proptest::prelude::*;

use super::*;

const HEAD: &str =
    "name = \"t\"\ndescription = \"Test.\"\nadapter = \"table\"\nsource = { system = \"t\" }\n";
const TEXT: &str = "[[table.statement]]\ncolumn = \"b\"\n";

fn pipeline(text: &str) -> Pipeline {
    Pipeline::parse(&format!("{HEAD}{text}")).unwrap()
}

/// Reads a byte at a time, so that every record goes over a border.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let (Some((first, rest)), Some(to)) = (self.0.split_first(), into.first_mut()) else { return Ok(0) };
        *to = *first;
        self.0 = rest;
        Ok(1)
    }
}

fn rows(pipeline: &Pipeline, bytes: &[u8]) -> Vec<(u64, String)> {
    let read = |rows: Rows<'_>| -> Vec<(u64, String)> {
        rows.map(|row| match row {
            Ok(row) => (row.number, String::from_utf8_lossy(&row.bytes).into_owned()),
            Err(RowsError::Row { number, error, .. }) => (number, error.code().to_owned()),
            Err(error) => panic!("{error}"),
        })
        .collect()
    };
    let at_once = read(open(bytes, pipeline).unwrap());
    assert_eq!(at_once, read(open(Slow(bytes), pipeline).unwrap()));
    at_once
}

fn check(text: &str, bytes: &[u8], expected: &[&str]) {
    let expected: Vec<(u64, String)> = (1..).zip(expected.iter().map(|row| (*row).to_owned())).collect();
    assert_eq!(rows(&pipeline(&format!("{text}{TEXT}")), bytes), expected);
}

#[test]
fn rows_keep_their_exact_bytes() {
    check("", b"a,b\r\n1,\"x\r\n\"\"y\"\"\"\r\n\r\n2,z", &["1,\"x\r\n\"\"y\"\"\"", "2,z"]);
    check("", b"\xef\xbb\xbfa,b\n1,5\" screen\n2,\"q\"\n", &["1,5\" screen", "2,\"q\""]);
    check("[table]\nseparator = \"\\t\"\n", b"a\tb\n1\t\"two\nlines\"\n", &["1\t\"two\nlines\""]);
    check(
        "[table]\nseparator = \"||\"\nheader = false\ncolumns = [\"a\", \"b\"]\n",
        b"1||\"x\n2||y\n",
        &["1||\"x", "2||y"],
    );
    check("[table]\nskip_lines = 2\n", b"Export\n\na,b\n1,2\n", &["1,2"]);
    check("[table]\nformat = \"jsonl\"\n", b"{\"b\": 1}\n\n{\"b\": 2}", &["{\"b\": 1}", "{\"b\": 2}"]);
}

#[test]
fn a_utf16_file_is_handed_over_in_utf8() {
    for (little, mark) in [(true, [0xff, 0xfe]), (false, [0xfe, 0xff])] {
        let units = "a;b\n1;größer 😀\n".encode_utf16();
        let bytes = units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
        let bytes: Vec<u8> = mark.into_iter().chain(bytes).collect();
        check("[table]\nseparator = \";\"\n", &bytes, &["1;größer 😀"]);
    }
}

#[test]
fn an_open_quote_loses_one_line_and_not_the_rest() {
    check("", b"a,b\n1,\"open\n2,x\n3,y\n", &["adapt.bad_row", "2,x", "3,y"]);
}

#[test]
fn a_record_over_the_limit_is_refused_and_the_rest_goes_on() {
    let long = "x".repeat(2000);
    let text = "limits = { record_bytes = \"1KiB\" }\n";
    check(text, format!("a,b\n1,{long}\n2,y\n").as_bytes(), &["adapt.too_large", "2,y"]);
    check(text, format!("a,b\n1,{long}").as_bytes(), &["adapt.too_large"]);
    check(text, format!("a,b\n1,\"{long}\"\n2,y\n").as_bytes(), &["adapt.too_large", "2,y"]);
}

#[test]
fn a_header_is_trimmed_and_made_distinct() {
    let bytes = " a ,b,,b\n1,2,3,4\n".as_bytes();
    assert_eq!(open(bytes, &pipeline(TEXT)).unwrap().columns(), ["a", "b", "column 3", "b (2)"]);
}

#[test]
fn columns_that_the_file_lacks_are_all_named() {
    let text = "[table]\nrecord = [\"nr\"]\n[[table.statement]]\ncolumn = \"text\"\n";
    let error = open("a,b\n".as_bytes(), &pipeline(text)).err().unwrap();
    assert_eq!(
        error.to_string(),
        "file lacks columns that the pipeline maps: table.record[0]: \"nr\", table.statement[0].column: \"text\""
    );
}

/// CRC-32 as ZIP files carry it.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Packs files without compression.
fn zip(files: &[(&str, String)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let offset = bytes.len() as u32;
        let size = (text.len() as u32).to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50];
        common.extend([crc(text.as_bytes()).to_le_bytes(), size, size].concat());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        bytes.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), text.as_bytes()].concat());
        directory.extend(
            [b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &offset.to_le_bytes(), name.as_bytes()]
                .concat(),
        );
    }
    let (count, at) = ((files.len() as u16).to_le_bytes(), (bytes.len() as u32).to_le_bytes());
    let size = (directory.len() as u32).to_le_bytes();
    [&bytes, &directory, &b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size, &at, &[0, 0]].concat()
}

fn book(cells: &str) -> Vec<u8> {
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    zip(&[
        ("_rels/.rels", root),
        (
            "xl/workbook.xml",
            format!(
                "<workbook {main} xmlns:r=\"{office}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet {main}><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet {main}><sheetData>{cells}</sheetData></worksheet>")),
    ])
}

#[test]
fn a_spreadsheet_gives_rows_of_strings_with_iso_dates() {
    let text = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let cells = format!(
        "<row r=\"1\">{}{}{}</row><row r=\"2\"><c r=\"A2\" s=\"1\"><v>46054</v></c>{}<c r=\"C2\"><v>4</v></c></row>\
         <row r=\"4\">{}</row><row r=\"5\">{}<c r=\"XFD5\"><v>1</v></c></row>",
        text("A1", "day"),
        text("B1", "b"),
        text("C1", "score"),
        text("B2", "It came late, \u{201c}again\u{201d}"),
        text("B4", "Fine"),
        text("B5", "wide"),
    );
    let mapping = "[table]\nformat = \"xlsx\"\noccurred_at = { column = \"day\" }\n";
    let expected = [
        "[\"2026-02-01\",\"It came late, \u{201c}again\u{201d}\",\"4\"]",
        "[\"\",\"Fine\",\"\"]",
        "[\"\",\"wide\",\"\",\"1\"]",
    ];
    check(mapping, &book(&cells), &expected);
    let proposal = crate::propose::propose("book.xlsx", &book(&cells)).unwrap();
    assert_eq!(proposal.columns, ["day", "b", "score"]);
    let missing = format!("[table]\nformat = \"xlsx\"\nsheet = \"T\"\n{TEXT}");
    let error = open(book(&cells).as_slice(), &pipeline(&missing)).err().unwrap();
    assert_eq!(error.to_string(), "spreadsheet: there is no sheet \"T\"; there are S");
}

#[test]
fn a_file_that_is_no_spreadsheet_is_refused() {
    let text = format!("[table]\nformat = \"xlsx\"\n{TEXT}");
    assert_eq!(open("a,b\n".as_bytes(), &pipeline(&text)).err().unwrap().code(), "rows.spreadsheet");
}

#[test]
fn an_error_of_the_reader_ends_the_rows() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk"))
        }
    }
    let pipeline = Pipeline { adapter: "submission".to_owned(), ..Pipeline::default() };
    let codes: Vec<&str> = open(Broken, &pipeline).unwrap().map(|row| row.unwrap_err().code()).collect();
    assert_eq!(codes, ["rows.io"]);
}

proptest! {
    #[test]
    fn any_bytes_are_split_without_loss(bytes in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), any::<u8>()], 0..300)) {
        let pipeline = pipeline("[table]\nheader = false\ncolumns = [\"a\", \"b\"]\n[[table.statement]]\ncolumn = \"b\"\n");
        let whole: usize = open(bytes.as_slice(), &pipeline).unwrap().map(|row| match row {
            Ok(row) => row.bytes.len(),
            Err(RowsError::Row { bytes, .. }) => bytes.len(),
            Err(_) => 0,
        }).sum();
        let ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        // A byte order mark at most, and line ends, are no part of a row.
        prop_assert!(whole + ends + 3 >= bytes.len() && whole <= bytes.len());
    }
}
