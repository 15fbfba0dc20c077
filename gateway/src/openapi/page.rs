//! The description as a page for people, without a script or anything from elsewhere.

use std::fmt::Write as _;

use serde_json::Value;

const STYLE: &str = "body{font:15px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
    h2{border-bottom:1px solid #ccc;margin-top:2.5rem}details{margin:.4rem 0}summary{cursor:pointer}\
    code{font:13px/1.5 monospace}.verb{display:inline-block;width:4rem;font-weight:bold}\
    p,li{white-space:pre-line;margin:.4rem 0}table{border-collapse:collapse;width:100%}\
    td,th{border:1px solid #ddd;padding:.2rem .5rem;text-align:left;vertical-align:top;white-space:pre-line}";

/// The page of a description.
pub(super) fn page(document: &Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Steward API</title>\
         <style>{STYLE}</style><h1>Steward API</h1><p>{}</p><p>{}</p>\
         <p><a href=\"/openapi.json\">/openapi.json</a></p><ul>",
        text(&document["info"]["summary"]),
        text(&document["info"]["description"])
    );
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    for tag in tags {
        let name = text(&tag["name"]);
        let _ = write!(page, "<li><a href=\"#{0}\">{name}</a></li>", anchor(&name));
    }
    page.push_str("</ul>");
    for tag in tags {
        let name = text(&tag["name"]);
        let _ = write!(page, "<h2 id=\"{}\">{name}</h2>", anchor(&name));
        let _ = write!(page, "<p>{}</p>", text(&tag["description"]));
        for (path, verb, operation) in operations(document) {
            if operation["tags"][0] == tag["name"] {
                write_operation(&mut page, path, verb, operation);
            }
        }
    }
    page.push_str("<h2 id=\"schemas\">Messages</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        write_schema(&mut page, name, schema);
    }
    page.push_str("</html>\n");
    page
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    entries(&document["paths"]).flat_map(|(path, verbs)| {
        entries(verbs).map(move |(verb, operation)| (path.as_str(), verb.as_str(), operation))
    })
}

fn write_operation(page: &mut String, path: &str, verb: &str, operation: &Value) {
    let roles = operation["security"][0]["bearer"].as_array();
    let roles: Vec<_> = roles.into_iter().flatten().map(text).collect();
    let _ = write!(
        page,
        "<details><summary><code><span class=\"verb\">{}</span>{}</code> {}</summary><p>{}</p>\
         <p>RPC <code>{}</code> · roles: {}</p>",
        verb.to_ascii_uppercase(),
        escaped(path),
        text(&operation["summary"]),
        text(&operation["description"]),
        text(&operation["x-rpc"]),
        if roles.is_empty() { "everybody".to_owned() } else { roles.join(", ") }
    );
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        page.push_str("<table><tr><th>Parameter<th>In<th>Type<th>");
        for parameter in parameters {
            let about = [&parameter["description"], &parameter["schema"]["description"]];
            let about = about.into_iter().find(|about| about.is_string());
            let _ = write!(
                page,
                "<tr><td><code>{}</code><td>{}<td>{}<td>{}",
                text(&parameter["name"]),
                text(&parameter["in"]),
                kind(&parameter["schema"]),
                about.map(text).unwrap_or_default()
            );
        }
        page.push_str("</table>");
    }
    for (name, part) in [("Request", "requestBody"), ("Answer", "responses")] {
        let part = &operation[part];
        let content =
            if part["200"].is_object() { &part["200"]["content"] } else { &part["content"] };
        for (media, content) in entries(content) {
            let _ =
                write!(page, "<p>{name}: {} ({})</p>", kind(&content["schema"]), escaped(media));
        }
    }
    page.push_str("</details>");
}

fn write_schema(page: &mut String, name: &str, schema: &Value) {
    let _ = write!(
        page,
        "<details id=\"{0}\"><summary><code>{0}</code></summary><p>{1}</p>",
        escaped(name),
        text(&schema["description"])
    );
    if schema["properties"].is_object() {
        page.push_str("<table><tr><th>Field<th>Type<th>");
        for (field, schema) in entries(&schema["properties"]) {
            let (kind, about) = (kind(schema), text(&schema["description"]));
            let _ = write!(page, "<tr><td><code>{}</code><td>{kind}<td>{about}", escaped(field));
        }
        page.push_str("</table>");
    }
    page.push_str("</details>");
}

/// The type of a schema, with a link to what it refers to.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
        let short = name.rsplit('.').next().unwrap_or(name);
        return format!("<a href=\"#{}\">{}</a>", escaped(name), escaped(short));
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    let format = schema["format"].as_str().map(|format| format!(" ({format})"));
    text(&schema["type"]) + &escaped(&format.unwrap_or_default())
}

fn anchor(name: &str) -> String {
    name.replace([':', ' '], "-")
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter => safe.push(letter),
        }
    }
    safe
}
