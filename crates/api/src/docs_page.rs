//! A page on which the API can be read and tried out: Swagger UI, with everything that it needs on
//! board. Nothing is loaded from anywhere else, neither when this is built nor when it is looked at.

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY,
};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use crate::problem::{Problem, ProblemWire, nothing_here};

/// The page; what it loads is below `docs/`, beside it.
const PAGE: &str = include_str!("docs_page/page.html");

/// What starts Swagger UI.
const START: &str = include_str!("docs_page/start.js");

/// What Swagger UI lacks: our colours, and dark ones.
const STYLE: &str = include_str!("docs_page/style.css");

/// The files of Swagger UI that the page loads; no others are given out.
const SWAGGER_FILES: [&str; 3] = [
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "favicon-32x32.png",
];

/// Scripts from here alone. Swagger UI sets styles on elements, which counts as inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// How long a browser may keep a file. A new version of Hawker may bring new ones.
const FILES_FRESH: &str = "public, max-age=3600";

/// What Swagger UI is asked for its files with; the page configures it by itself.
static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

/// Read and try out the API
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "showDocs",
    tag = "Service",
    responses((status = 200, description = "A page on which the API can be read and tried out.",
               body = String, content_type = "text/html")),
)]
pub(crate) async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .body(PAGE)
}

/// A file of that page
#[utoipa::path(
    get,
    path = "/docs/{file}",
    operation_id = "showDocsFile",
    tag = "Service",
    params(("file" = String, Path, description = "The file's name.", example = "start.js")),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "*/*"),
        (status = 404, description = "The page has no such file.", body = ProblemWire,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, FILES_FRESH));
    let name = request.match_info().get("file").unwrap_or_default();
    match name {
        "start.js" => return Ok(answer.content_type("text/javascript").body(START)),
        "style.css" => return Ok(answer.content_type("text/css").body(STYLE)),
        _ => {}
    }
    if !SWAGGER_FILES.contains(&name) {
        return Err(nothing_here());
    }
    let found = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG));
    let Ok(Some(found)) = found else {
        return Err(nothing_here());
    };
    if found.gzpipped {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(answer
        .content_type(found.content_type)
        .body(found.bytes.into_owned()))
}
