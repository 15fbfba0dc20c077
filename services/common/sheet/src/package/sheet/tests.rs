use super::*;
use crate::Value;

const SHEET: &str = "<?xml version=\"1.0\"?>\n<x:worksheet xmlns:x=\"m\"><x:dimension ref=\"A1:B2\"/>\
     <x:cols><x:col min=\"1\" max=\"9\" width=\"9\" style=\"4\"/></x:cols><x:sheetData>\
     <x:row r=\"1\" spans=\"1:2\"><x:c r=\"A1\" t=\"s\"><x:v>0</x:v></x:c><x:c><x:f>1&lt;2</x:f></x:c></x:row>\n\
     <x:row r=\"4\"/></x:sheetData><x:mergeCells><x:mergeCell ref=\"A1:A2\"/></x:mergeCells>\
     <x:dataValidations count='0'/></x:worksheet>";

fn put(value: Value, style: Option<usize>) -> Put {
    Put { value, style }
}

fn puts(cells: &[(usize, usize, Value)]) -> Puts {
    let mut puts = Puts::new();
    for (line, column, value) in cells {
        puts.entry(*line).or_default().insert(*column, put(value.clone(), None));
    }
    puts
}

#[test]
fn nothing_is_changed_that_is_not_asked_for() {
    let untouched = edited(SHEET, Edit::default()).unwrap();
    let columns = "<x:col min=\"1\" max=\"9\" width=\"9\" style=\"4\"/>";
    let written = "<x:col width=\"9\" style=\"4\" min=\"1\" max=\"9\"/>";
    assert_eq!(untouched, SHEET.replace(columns, written));
}

#[test]
fn cells_come_where_they_belong() {
    let cells = [
        (0, 1, Value::text("a<b")),
        (0, 2, Value::Number(1.5)),
        (2, 0, Value::Bool(true)),
        (3, 0, Value::text("x")),
        (8, 11, Value::Empty),
    ];
    let edit = Edit { puts: puts(&cells), wide: Some((2, 70)), ..Edit::default() };
    let text = edited(SHEET, edit).unwrap();
    for expected in [
        "<x:dimension ref=\"A1:L9\"/>",
        "min=\"1\" max=\"2\"/><x:col min=\"3\" max=\"3\" width=\"70\" customWidth=\"1\"/>",
        "min=\"4\" max=\"9\"/></x:cols>",
        "<x:row r=\"1\"><x:c r=\"A1\" t=\"s\"><x:v>0</x:v></x:c><x:c r=\"B1\" t=\"inlineStr\"><x:is>",
        ">a&lt;b</x:t></x:is></x:c><x:c r=\"C1\" s=\"4\"><x:v>1.5</x:v></x:c></x:row>\n",
        "<x:row r=\"3\"><x:c r=\"A3\" s=\"4\" t=\"b\"><x:v>1</x:v></x:c></x:row><x:row r=\"4\"><x:c",
        "</x:row><x:row r=\"9\"><x:c r=\"L9\"/></x:row></x:sheetData><x:mergeCells>",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn rules_stand_where_the_schema_wants_them_and_only_once() {
    let edit = || Edit { rules: Some(Rules { reason: 2, ..Rules::default() }), ..Edit::default() };
    let once = edited(SHEET, edit()).unwrap();
    assert!(once.contains("</x:mergeCells><x:conditionalFormatting sqref=\"A1:C1\">"), "{once}");
    assert!(once.contains("</x:conditionalFormatting><x:dataValidations"), "{once}");
    assert_eq!(edited(&once, edit()).unwrap(), once);
}
