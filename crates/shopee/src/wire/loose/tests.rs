use super::*;

fn loose(json: &str) -> Loose<'_> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn null_and_blank_are_absent_whatever_is_wanted() {
    for json in ["null", r#""""#, r#"" ""#] {
        let value = loose(json);
        assert_eq!(value.text(), Ok(None), "{json}");
        assert_eq!(value.integer(), Ok(None), "{json}");
        assert_eq!(value.amount(), Ok(None), "{json}");
        assert_eq!(value.boolean(), Ok(None), "{json}");
        assert_eq!(value.moment(), Ok(None), "{json}");
        assert_eq!(value.texts(), Ok(vec![]), "{json}");
    }
    assert_eq!(loose("null").list().unwrap().len(), 0);
    assert_eq!(Loose::default().text(), Ok(None));
}

#[test]
fn a_dash_is_a_text_but_no_number_and_no_time() {
    let dash = loose(r#""-""#);
    assert_eq!(dash.text(), Ok(Some("-".into())));
    assert_eq!(
        (dash.integer(), dash.amount(), dash.moment()),
        (Ok(None), Ok(None), Ok(None))
    );
}

#[test]
fn amounts_are_exact_whether_number_or_text() {
    for (json, expected) in [
        ("13.97", "13.97"),
        (r#""13.97""#, "13.97"),
        ("0.57", "0.57"),
        ("1.0", "1"),
        ("48000", "48000"),
        ("4.8e4", "48000"),
    ] {
        let amount = loose(json).amount().unwrap().unwrap();
        assert_eq!(amount.to_string(), expected, "{json}");
    }
    assert_eq!(
        loose("1e300").amount(),
        Err(Fault::not("an amount", "1e300"))
    );
}

#[test]
fn figures_are_exact_and_what_is_none_is_passed_over() {
    for (json, expected) in [
        ("13.97", "13.97"),
        ("-9", "-9"),
        ("0.00216841207519", "0.00216841207519"),
        (r#"" 86.49 ""#, "86.49"),
        ("1.5e2", "150"),
        ("25e-9", "0.000000025"),
    ] {
        let figure = loose(json).figure().unwrap().unwrap();
        assert_eq!(figure.to_string(), expected, "{json}");
    }
    for json in ["null", "true", "[1]", r#"{"a":1}"#, r#""N/A""#, r#""""#] {
        assert_eq!(loose(json).figure(), Ok(None), "{json}");
    }
    for json in [
        "1e300",
        "1e-300",
        "100000000000001",
        "0.1000000000000000000000000000001",
    ] {
        assert_eq!(
            loose(json).figure(),
            Err(Fault::not("a number that can be held exactly", json))
        );
    }
}

#[test]
fn zero_and_minus_one_are_never() {
    for json in ["0", "-1", r#""0""#] {
        assert_eq!(loose(json).moment(), Ok(None), "{json}");
    }
    assert_eq!(
        loose("1712601591000").moment(),
        Err(Fault::not("a time in seconds", "1712601591000"))
    );
}

#[test]
fn one_text_and_a_list_of_texts_are_read_alike() {
    assert_eq!(loose(r#""SG1""#).texts(), Ok(vec!["SG1".into()]));
    assert_eq!(
        loose(r#"["SG1", null, "", 7]"#).texts(),
        Ok(vec!["SG1".into(), "7".into()])
    );
    assert_eq!(loose("[{}]").texts(), Err(Fault::NotText));
}

#[test]
fn text_stays_as_it_stands_except_for_nul() {
    assert_eq!(loose(r#"" a\u0000b ""#).text(), Ok(Some(" ab ".into())));
    assert_eq!(loose("40009").text(), Ok(Some("40009".into())));
    assert_eq!(loose(r#"{"name":"Tan"}"#).text(), Err(Fault::NotText));
}

#[test]
fn a_complaint_quotes_a_number_but_never_free_text() {
    let fault = loose(r#""many""#).integer().unwrap_err();
    assert_eq!(fault.to_string(), r#"not a whole number: "many""#);
    assert_eq!(Fault::NotText.to_string(), "not a text");
    assert_eq!(format!("{:?}", loose(r#""Tan Wei Ling""#)), "Loose(..)");
}
