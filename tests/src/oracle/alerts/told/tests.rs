use super::*;

const THREAD: &str = "alth_1";
const MANY: &str = "many:shopee:live:-:oversold";

fn exception(status: &str) -> Exception {
    Exception {
        id: "cex_1".into(),
        connector: "shopee".into(),
        environment: "live".into(),
        profile_id: None,
        error_class: "oversold".into(),
        cause: "sku:A".into(),
        status: status.into(),
        is_in_sight: true,
        told_in: Some(THREAD.into()),
        stood_seconds: 60.0,
    }
}

fn thread(is_over: bool) -> Thread {
    Thread {
        id: THREAD.into(),
        connector: "shopee".into(),
        environment: "live".into(),
        profile_id: None,
        error_class: "oversold".into(),
        cause: "sku:A".into(),
        is_over,
        told: 1,
        untold: 0,
        recovery_told: is_over,
    }
}

/// Each message as `kind about since`.
fn heard(messages: &[&str]) -> Vec<Message> {
    let read = messages.iter().map(|text| {
        let mut words = text.split(' ').map(str::to_owned);
        let mut word = || words.next().unwrap_or_default();
        Message {
            kind: word(),
            about: word(),
            since: word(),
            named: Vec::new(),
        }
    });
    read.collect()
}

fn account(exception: Exception, thread: Thread, messages: &[&str]) -> Account {
    Account {
        exceptions: vec![exception],
        threads: [(thread.id.clone(), thread)].into(),
        heard: heard(messages),
        was_disturbed: false,
    }
}

fn holds(account: &Account) {
    let (counted, differences) = account.differences();
    assert!(counted > 0);
    assert_eq!(differences, Vec::<String>::new());
}

fn differs(account: &Account, why: &str) {
    let (_, differences) = account.differences();
    let found = differences
        .iter()
        .any(|difference| difference.contains(why));
    assert!(found, "{why}: {differences:?}");
}

#[test]
fn what_is_open_and_was_heard_of_alone_or_with_others_is_told() {
    for message in ["opened alth_1", "reminder many:shopee:live:-:oversold"] {
        holds(&account(exception("open"), thread(false), &[message]));
    }
    let others = ["opened many:shopee:live:scp_1:oversold", "opened alth_2"];
    let unheard = account(exception("open"), thread(false), &others);
    differs(&unheard, "nobody heard of alth_1");
    let over = account(exception("open"), thread(false), &["recovered alth_1"]);
    differs(&over, "nobody heard of alth_1");
}

#[test]
fn what_is_open_and_in_sight_belongs_to_a_thread_that_has_told_of_it() {
    let mut alone = account(exception("open"), thread(false), &["opened alth_1"]);
    alone.exceptions[0].told_in = None;
    differs(&alone, "nobody was told of it");
    alone.exceptions[0].is_in_sight = false;
    holds(&alone);
    for (told, untold) in [(0, 0), (1, 1)] {
        let thread = Thread {
            told,
            untold,
            ..thread(false)
        };
        let account = account(exception("open"), thread, &["opened alth_1"]);
        differs(&account, "messages were told");
    }
    let mut gone = account(exception("open"), thread(false), &["opened alth_1"]);
    gone.threads.clear();
    differs(&gone, "which is not there");
}

#[test]
fn a_thread_goes_on_just_as_long_as_an_exception_of_it_is_open() {
    let messages = ["opened alth_1", "recovered alth_1"];
    differs(
        &account(exception("open"), thread(true), &messages),
        "said to be over",
    );
    differs(
        &account(exception("resolved"), thread(false), &messages),
        "said to go on",
    );
    holds(&account(exception("resolved"), thread(true), &messages));
}

#[test]
fn what_was_told_and_is_over_is_said_to_be_over_last() {
    let told = |messages: &[&str]| account(exception("resolved"), thread(true), messages);
    holds(&told(&["opened alth_1", "recovered alth_1"]));
    holds(&told(&[
        "opened alth_1",
        "recovered many:shopee:live:-:oversold",
    ]));
    let many = [
        "opened many:shopee:live:-:oversold",
        "recovered many:shopee:live:-:oversold",
    ];
    holds(&told(&many));
    // Of others.
    holds(&told(&["opened alth_1", "recovered alth_1", many[0]]));
    differs(&told(&["opened alth_1"]), "is `opened`");
    differs(&told(&many[..1]), "nobody heard that");
    differs(
        &told(&["opened alth_1 a", "recovered alth_1", "opened alth_1 b"]),
        "is `opened`",
    );
    let mut owed = told(&["opened alth_1"]);
    if let Some(thread) = owed.threads.get_mut(THREAD) {
        thread.recovery_told = false;
    }
    differs(&owed, "still to be told");
    owed.exceptions.push(exception("wont_fix"));
    holds(&owed);
}

#[test]
fn a_message_about_many_is_about_those_that_it_names() {
    let mut account = account(
        exception("resolved"),
        thread(true),
        &[
            "opened alth_1",
            "recovered alth_1",
            "opened many:shopee:live:-:oversold",
        ],
    );
    holds(&account);
    account.heard[2].named.push(THREAD.into());
    differs(&account, "is `opened`");
}

#[test]
fn nothing_is_opened_twice_and_nothing_begins_in_the_middle() {
    let open = |messages: &[&str]| account(exception("open"), thread(false), messages);
    let twice = open(&["opened alth_1 a", "opened alth_1 b"]);
    differs(&twice, "opened twice");
    holds(&Account {
        was_disturbed: true,
        ..twice
    });
    let same = open(&["opened alth_1 a", "more alth_1 a", "opened alth_1 a"]);
    differs(
        &Account {
            was_disturbed: true,
            ..same
        },
        "opened twice",
    );
    for between in ["recovered alth_1", "recovered many:shopee:live:-:oversold"] {
        holds(&open(&["opened alth_1 a", between, "opened alth_1 b"]));
    }
    for kind in ["more", "reminder"] {
        let first = format!("{kind} alth_1");
        differs(&open(&[&first, "opened alth_1"]), "the first");
        let many = format!("opened {MANY}");
        holds(&open(&[&many, &first]));
    }
}

#[test]
fn silence_is_right_only_where_nothing_stood() {
    let mut silent = account(exception("resolved"), thread(true), &[]);
    assert!(silent.silence(true).is_some());
    silent.exceptions[0].stood_seconds = 1.0;
    assert_eq!(silent.silence(true), None);
    let told = account(exception("resolved"), thread(true), &["opened alth_1"]);
    assert_eq!(told.silence(false), None);
}
