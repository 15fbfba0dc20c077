use crate::testing::{SCHEMA, csv, details, told, workbook};
use crate::{Column, Schema, Value, read};

#[test]
fn wrong_columns_are_named() {
    let told =
        details(csv("organization,occurred_on,occurred_on,amount_yuam,memo,,电话\na,b,c,d,e,f,g"));
    assert_eq!(
        told[..5],
        [
            "the header (line 1) is not that of a cost file",
            "column occurred_on stands twice",
            "column \"amount_yuam\" is unknown; is it amount_yuan? rename it, or delete it",
            "column 6 has no name",
            "column amount_yuan is missing",
        ]
    );
    assert_eq!(told[5], "found: organization, occurred_on, occurred_on, amount_yuam, memo, 电话");
    assert!(told[6].starts_with("needed: organization, occurred_on"), "{told:?}");
}

#[test]
fn a_file_without_a_header_says_what_is_wanted() {
    let told = details(csv("a,b,c\n1,2,3\n"));
    assert_eq!(told[0], "the header (line 1) is not that of a cost file");
    assert!(told.contains(&"column memo is missing".to_owned()));
    for empty in ["", "\r\n\n"] {
        assert_eq!(details(csv(empty)), ["the file is empty"]);
    }
    for bare in [
        "organization,occurred_on,amount_yuan,memo",
        "organization,occurred_on,amount_yuan,memo\n\n,,,\n",
    ] {
        assert_eq!(details(csv(bare)), ["the file has no rows"]);
    }
}

#[test]
fn a_header_is_found_below_its_title() {
    let table = csv(
        "2013年费用表,,,\n填报单位:市财政局,,,\n使用单位,支付日期,金额（元）,备 注\nA,2013-01-01,1.00,x\n",
    );
    let table = table.unwrap();
    assert_eq!(table.header, (2, 2));
    assert_eq!(told(&table), (vec![4], vec![]));
    assert_eq!(table.place("amount_yuan").to_string(), "C 金额（元）");
    assert_eq!(table.cell(table.rows[0], "memo").written(), "x");
}

#[test]
fn a_column_without_a_name_is_told() {
    let rows = "A,2013-01-01,1,x,\n".repeat(4);
    let table = csv(&format!("使用单位,日期,金额,备注,\n{rows}A,2013-01-01,1,x,note\n")).unwrap();
    assert_eq!(table.ignored, [(4, "E列(无列名)".to_owned())]);
}

#[test]
fn a_name_of_two_columns_means_the_one_that_is_missing() {
    let table = csv("使用单位,日期,金额,备注,单位\nA,2013-01-01,1,x,度\n").unwrap();
    assert_eq!(table.place("unit").to_string(), "E 单位");
    let table = csv("单位,日期,金额,备注,计量单位\nA,2013-01-01,1,x,度\n").unwrap();
    assert_eq!(table.place("organization").to_string(), "A 单位");
    let table = csv("单位,日期,金额,备注\nA,2013-01-01,1,x\n").unwrap();
    assert!(table.has("organization") && !table.has("unit"));
}

#[test]
fn companions_and_strangers_are_left_aside() {
    let table =
        csv("序号,使用单位,日期,金额,备注,电话,错误原因\n1,A,2013-01-01,1,x,027,wrong\n").unwrap();
    assert_eq!(table.ignored, [(5, "电话".to_owned())]);
    let told = details(csv("使用单位,日期,金额,备注,付款单位名称\nA,2013-01-01,1,x,B\n"));
    assert!(told[1].contains("is it paid_by?"), "{told:?}");
    assert!(csv("使用单位,日期,金额,备注,付款单位名称\nA,2013-01-01,1,x,\n").is_ok());
}

#[test]
fn a_header_of_two_rows() {
    let bytes = workbook(&[
        &["费用表"],
        &["使用单位", "日期", "金额(万元)", "服务期间", "", "备注"],
        &["", "", "", "起", "止", ""],
        &["A", "2013-01-01", "1", "2013-01-01", "2013-12-31", "x"],
    ]);
    // Without merged cells the group's name stands over its first column only.
    let table = read(&bytes, &SCHEMA).unwrap();
    assert_eq!((table.header, table.ignored), ((1, 2), vec![(4, "止".to_owned())]));
    let bytes = workbook(&[
        &["使用单位", "日期", "金额(万元)", "服务期间", "服务期间", "备注"],
        &["", "", "", "起", "止", ""],
        &["A", "2013-01-01", "1", "2013-01-01", "2013-12-31", "x"],
    ]);
    let table = read(&bytes, &SCHEMA).unwrap();
    assert_eq!(table.header, (0, 1));
    let cell = table.cell(table.rows[0], "service_to");
    assert_eq!(*cell.value, Value::text("2013-12-31"));
    assert_eq!(table.place("service_to").to_string(), "E 服务期间/止");
    assert_eq!(table.cell(table.rows[0], "amount_yuan").power, 4);
}

/// Numbers by kind: a row for each, or a column.
static LONG: Schema = Schema {
    title: ("核定表", "file of numbers"),
    sheet: "核定表",
    columns: &[
        Column::required("organization", "单位", &[]),
        Column::required("kind", "用途", &["类别"]),
        Column::required("count", "编制数", &["核定数"]),
    ],
    lines_in: "",
    other: Some(&WIDE),
};
static WIDE: Schema = Schema {
    title: ("核定表", "file of numbers"),
    sheet: "核定表",
    columns: &[
        Column::required("organization", "单位", &[]),
        Column::optional("secret", "机要", &[]),
        Column::optional("urgent", "应急", &[]),
        Column::optional("total", "合计", &[]),
    ],
    lines_in: "",
    other: None,
};

#[test]
fn a_table_may_have_another_form() {
    let keys = |text: &str| {
        let table = read(text.as_bytes(), &LONG).unwrap();
        table.columns.iter().map(|it| it.key).collect::<Vec<_>>()
    };
    assert_eq!(keys("单位,类别,核定数\nA,机要,1\n"), ["organization", "kind", "count"]);
    let wide = ["organization", "secret", "urgent", "total"];
    assert_eq!(keys("单位,机要,应急,合计\nA,1,2,3\n"), wide);
    assert_eq!(keys("单位,机要\nA,1\n"), wide[..2]);
    // Where all is there that the first needs, it is the first, whatever stands beside it.
    let table =
        read("单位,类别,核定数,机要,应急,合计\nA,机要,1,2,3,4\n".as_bytes(), &LONG).unwrap();
    assert_eq!((table.columns.len(), table.ignored.len()), (3, 3));
    // Of neither all is there: it is told of the one of which more is.
    let told = |text: &str| details(read(text.as_bytes(), &LONG));
    assert!(told("单位,类别\nA,机要\n").contains(&"column count is missing".to_owned()));
    assert!(told("机要,应急\n1,2\n").contains(&"column organization is missing".to_owned()));
    assert!(told("单位\nA\n").contains(&"column kind is missing".to_owned()));
}

/// The name of the group is none of the columns, though it is called as one.
#[test]
fn another_form_may_have_a_header_of_two_rows() {
    for group in ["编制数(辆)", "用途", "车辆"] {
        let bytes = workbook(&[
            &["单位", group, group, group],
            &["", "机要", "应急", "合计"],
            &["A", "1", "2", "3"],
        ]);
        let table = read(&bytes, &LONG).unwrap();
        let columns: Vec<_> = table.columns.iter().map(|it| it.key).collect();
        assert_eq!(columns, ["organization", "secret", "urgent", "total"], "{group}");
        assert_eq!((table.rows.len(), table.header), (1, (0, 1)), "{group}");
    }
}
