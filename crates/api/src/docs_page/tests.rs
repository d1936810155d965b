use super::*;

#[test]
fn the_page_loads_only_what_is_on_board() {
    let named = PAGE
        .split(['"', '\''])
        .filter_map(|word| word.strip_prefix("docs/"));
    let mut files: Vec<_> = named.collect();
    files.sort_unstable();
    let mut on_board = SWAGGER_FILES.to_vec();
    on_board.extend(["start.js", "style.css"]);
    on_board.sort_unstable();
    assert_eq!(files, on_board);
    for text in [PAGE, START, STYLE] {
        assert!(
            !text.contains("http://") && !text.contains("https://"),
            "{text}"
        );
    }
}

#[test]
fn every_file_of_swagger_ui_is_there() {
    for name in SWAGGER_FILES {
        let found = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)).expect("no failure");
        assert!(found.is_some_and(|file| !file.bytes.is_empty()), "{name}");
    }
}
