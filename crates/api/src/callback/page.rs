//! The page that a seller sees where the operator has none: what happened, in words, and what to do
//! next. It loads nothing, runs nothing, and shows nothing that came in the URL but the profile's id.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use actix_web::{HttpResponse, HttpResponseBuilder};
use hawker_domain::Environment;
use hawker_usecases::authorise_shop::STATUSES;

use super::{CONNECTED, Standing};

const PAGE: &str = include_str!("page.html");

/// Nothing is loaded; the page's own style is all there is.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// How the page looks: whether it is done, cannot be told, or came to nothing.
enum Mood {
    Done,
    Open,
    Failed,
}

pub(super) fn answer(mut answer: HttpResponseBuilder, standing: &Standing) -> HttpResponse {
    answer
        .insert_header(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(("X-Robots-Tag", "noindex"))
        .body(render(standing))
}

fn render(standing: &Standing) -> String {
    let (mood, headline) = headline(standing.status);
    let class = match mood {
        Mood::Done => "done",
        Mood::Open => "open",
        Mood::Failed => "failed",
    };
    let environment = match standing.environment {
        Environment::Sandbox => "Sandbox",
        Environment::Live => "Live",
    };
    let profile = match &standing.profile {
        Some(profile) => profile.as_str(),
        None => "not known",
    };
    let mut page = PAGE.to_owned();
    for (place, text) in [
        ("{{class}}", class),
        ("{{headline}}", headline),
        ("{{explanation}}", explanation(standing.status)),
        ("{{status}}", standing.status),
        ("{{environment}}", environment),
        ("{{profile}}", profile),
    ] {
        page = page.replace(place, &escaped(text));
    }
    page
}

fn headline(status: &str) -> (Mood, &'static str) {
    match status {
        CONNECTED => (Mood::Done, "The shop is connected"),
        "in_doubt" => (Mood::Open, "It is not known whether the shop is connected"),
        "unavailable" => (Mood::Open, "The shop is not connected yet"),
        _ => (Mood::Failed, "The shop is not connected"),
    }
}

fn explanation(status: &str) -> &'static str {
    let known = STATUSES.iter().find(|(word, _)| *word == status);
    known.map_or(
        "Something unforeseen happened. The log of the service has the cause; start again from the \
         profile.",
        |(_, explanation)| explanation,
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use hawker_domain::ids::ProfileId;

    use super::*;

    fn page(status: &'static str) -> String {
        render(&Standing {
            status,
            environment: Environment::Live,
            profile: ProfileId::parse("prof_1"),
        })
    }

    #[test]
    fn every_status_is_explained_and_no_place_is_left_empty() {
        for (status, words) in STATUSES {
            let page = page(status);
            assert!(page.contains(&escaped(words)), "{status}");
            assert!(page.contains("prof_1") && page.contains("Live"), "{status}");
            assert!(!page.contains("{{"), "{status}");
        }
    }

    #[test]
    fn only_the_one_good_status_looks_done() {
        for (status, _) in STATUSES {
            let looks_done = page(status).contains("class=\"card done\"");
            assert_eq!(looks_done, *status == CONNECTED, "{status}");
        }
    }

    #[test]
    fn a_status_without_words_still_says_what_to_do() {
        assert!(page("never-heard-of").contains("start again from the profile"));
    }

    #[test]
    fn the_page_loads_nothing_and_runs_nothing() {
        let page = page(CONNECTED);
        for word in ["<script", "http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn what_would_be_markup_is_text() {
        assert_eq!(
            escaped("<a b='c'>&\""),
            "&lt;a b=&#39;c&#39;&gt;&amp;&quot;"
        );
    }
}
