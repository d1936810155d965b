//! What the document says of a route because of its entry in the table.

use actix_web::http::{Method, StatusCode};
use utoipa::ToSchema as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem, Paths};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
};

use super::BEARER;
use super::parameters::without_null;
use crate::problem::{PROBLEM_JSON, ProblemWire};
use crate::routes::{Permission, ROUTES, Route};

/// Variable parts of paths that name something which may not be there.
const NAMES_OF_THINGS: [&str; 4] = ["{id}", "{sn}", "{batch}", "{job}"];

/// Describes every route of the table.
pub(super) fn describe(paths: &mut Paths) {
    for (index, route) in ROUTES.iter().enumerate() {
        if operation(paths, route).is_none() {
            describe_as_another(paths, route, &ROUTES[..index]);
        }
        if let Some(operation) = operation(paths, route) {
            without_null(operation);
            if !route.endpoint.is_push() {
                complete(operation, route);
            }
        }
    }
}

fn operation<'a>(paths: &'a mut Paths, route: &Route) -> Option<&'a mut Operation> {
    let item = paths.paths.get_mut(route.path)?;
    slot(item, &route.method)?.as_mut()
}

fn slot<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Option<Operation>> {
    Some(match *method {
        Method::GET => &mut item.get,
        Method::POST => &mut item.post,
        Method::PATCH => &mut item.patch,
        Method::PUT => &mut item.put,
        Method::DELETE => &mut item.delete,
        _ => return None,
    })
}

/// A handler has one description; where it answers a second path, that path takes it over.
fn describe_as_another(paths: &mut Paths, route: &Route, before: &[Route]) {
    let same = |other: &&Route| other.endpoint == route.endpoint && other.method == route.method;
    let Some(other) = before.iter().find(same) else {
        return;
    };
    let Some(mut copy) = operation(paths, other).cloned() else {
        return;
    };
    copy.operation_id = copy.operation_id.map(|id| format!("{id}Too"));
    copy.description = Some(format!("The same as `{}`.", other.path));
    let item = paths.paths.entry(route.path.to_owned()).or_default();
    if let Some(slot) = slot(item, &route.method) {
        *slot = Some(copy);
    }
}

fn complete(operation: &mut Operation, route: &Route) {
    if let Some(requirement) = requirement(route.permission) {
        operation.security = Some(vec![requirement]);
    }
    let takes_a_key = route.permission != Permission::Public && !route.method.is_safe();
    if takes_a_key {
        let parameters = operation.parameters.get_or_insert_default();
        parameters.push(RefOr::T(idempotency_key()));
    }
    for (status, description) in problems(operation, route) {
        let place = status.as_u16().to_string();
        let answers = &mut operation.responses.responses;
        answers
            .entry(place)
            .or_insert_with(|| problem(Some(status), description));
    }
    let other = "Any other failure.";
    let answers = &mut operation.responses.responses;
    answers.insert("default".to_owned(), problem(None, other));
}

/// The roles of a requirement are its scopes (OpenAPI 3.1, Security Requirement Object).
fn requirement(permission: Permission) -> Option<SecurityRequirement> {
    let scopes: &[&str] = match permission {
        Permission::Public => return None,
        Permission::SignedIn => &[],
        Permission::Scope(scope) => &[scope.as_str()],
    };
    Some(SecurityRequirement::new(BEARER, scopes.iter().copied()))
}

fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A key of your choice, for example a UUID: however often the request is sent with it \
             within a day, it is done once, and each answer is that of the first \
             (`Idempotency-Replayed: true`). What failed (5xx) is tried again.",
        ))
        .schema(Some(key))
        .build()
}

/// The problems that may come of a route, whatever its handler does.
fn problems(operation: &Operation, route: &Route) -> Vec<(StatusCode, &'static str)> {
    let mut problems = vec![(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong here.",
    )];
    if route.permission != Permission::Public {
        problems.extend([
            (
                StatusCode::UNAUTHORIZED,
                "The token is missing, unknown, ended or revoked.",
            ),
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "The database or the marketplace cannot be reached; see Retry-After.",
            ),
        ]);
    }
    if matches!(route.permission, Permission::Scope(_)) {
        problems.push((
            StatusCode::FORBIDDEN,
            "The token lacks the scope that is named.",
        ));
    }
    if NAMES_OF_THINGS.iter().any(|name| route.path.contains(name)) {
        problems.push((
            StatusCode::NOT_FOUND,
            "There is no such thing for this merchant.",
        ));
    }
    let has = |wanted: ParameterIn| {
        let parameters = operation.parameters.iter().flatten();
        let mut inline = parameters.filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        });
        inline.any(|parameter| parameter.parameter_in == wanted)
    };
    let has_body = matches!(operation.request_body, Some(RefOr::T(RequestBody { .. })));
    if has_body || has(ParameterIn::Query) || has(ParameterIn::Header) {
        problems.push((
            StatusCode::UNPROCESSABLE_ENTITY,
            "Some values are not valid: `errors` has them all.",
        ));
    }
    if has_body || has(ParameterIn::Header) {
        problems.push((StatusCode::BAD_REQUEST, "The request cannot be read."));
    }
    if has_body {
        problems.extend([
            (
                StatusCode::REQUEST_TIMEOUT,
                "The body did not arrive in time.",
            ),
            (
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body has more than 64 KiB.",
            ),
            (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body is not declared as JSON.",
            ),
        ]);
    }
    if !route.method.is_safe() {
        problems.push((
            StatusCode::CONFLICT,
            "Things are not as they would have to be: `type` and `detail` say what is missing.",
        ));
    }
    problems
}

fn problem(status: Option<StatusCode>, description: &str) -> RefOr<Response> {
    let schema = Ref::from_schema_name(ProblemWire::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let answer = ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content);
    let header = match status {
        Some(StatusCode::UNAUTHORIZED) => Some(("WWW-Authenticate", Type::String, "What to send.")),
        Some(StatusCode::SERVICE_UNAVAILABLE) => Some((
            "Retry-After",
            Type::Integer,
            "When to try again, in seconds.",
        )),
        _ => None,
    };
    let answer = match header {
        Some((name, kind, description)) => answer.header(name, header_of(kind, description)),
        None => answer,
    };
    answer.build().into()
}

fn header_of(kind: Type, description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind).build();
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(description))
        .build()
}
