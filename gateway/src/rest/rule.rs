//! The HTTP rules of a method, as `google.api.http` states them.

use http::Method;
use prost_reflect::{DynamicMessage, FieldDescriptor, MethodDescriptor};
use steward_chassis::error::{Error, Result};

/// One way to call a method over HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The HTTP method.
    pub(crate) verb: Method,
    /// The path.
    pub(crate) template: String,
    /// What the body of the request fills.
    pub(crate) body: Body,
    /// The field of the answer that becomes the body; `None` = the whole answer.
    pub(crate) response: Option<FieldDescriptor>,
}

/// What the body of a request fills.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// Nothing: there is none.
    None,
    /// All fields that the path does not.
    Whole,
    /// One field; the query fills the others.
    Field(FieldDescriptor),
}

/// The rules of a method.
pub(crate) fn rules(method: &MethodDescriptor) -> Result<Vec<Rule>> {
    let pool = method.parent_pool();
    let extension = pool.get_extension_by_name("google.api.http");
    let extension = extension.ok_or_else(|| Error::internal("google.api.http is not described"))?;
    let options = method.options();
    let value = options.get_extension(&extension);
    let first = value.as_message().filter(|_| options.has_extension(&extension));
    let first = first.ok_or_else(|| faulty(method, "has no HTTP rule"))?;
    let more = first.get_field_by_name("additional_bindings");
    let more = more.as_deref().and_then(|more| more.as_list()).unwrap_or_default();
    let all = std::iter::once(first).chain(more.iter().filter_map(|rule| rule.as_message()));
    all.map(|rule| read(method, rule)).collect()
}

fn faulty(method: &MethodDescriptor, why: &str) -> Error {
    Error::internal(format!("{} {why}", method.full_name()))
}

fn read(method: &MethodDescriptor, rule: &DynamicMessage) -> Result<Rule> {
    let text = |rule: &DynamicMessage, name: &str| {
        let value = rule.get_field_by_name(name);
        value.as_deref().and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let plain = [
        ("get", Method::GET),
        ("put", Method::PUT),
        ("post", Method::POST),
        ("delete", Method::DELETE),
        ("patch", Method::PATCH),
    ];
    let found = plain.into_iter().find(|(name, _)| rule.has_field_by_name(name));
    let (name, verb) = found.ok_or_else(|| faulty(method, "has an HTTP rule without a path"))?;
    let (template, body, response) =
        (text(rule, name), text(rule, "body"), text(rule, "response_body"));
    let field = |of: prost_reflect::MessageDescriptor, name: &str| {
        let field = of.get_field_by_name(name);
        field.ok_or_else(|| faulty(method, &format!("has an HTTP rule about no field: {name}")))
    };
    let body = match body.as_str() {
        "" => Body::None,
        "*" => Body::Whole,
        name => Body::Field(field(method.input(), name)?),
    };
    let response = match response.as_str() {
        "" => None,
        name => Some(field(method.output(), name)?),
    };
    Ok(Rule { verb, template, body, response })
}
