//! The description of the HTTP API: OpenAPI 3.1 from the descriptors, with their comments, and a page of it for
//! people. It is made when it is first asked for.

mod comments;
mod operation;
mod page;
mod schema;

use std::sync::{Arc, LazyLock};

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use prost_reflect::DescriptorPool;
use serde_json::{Map, Value, json};
use steward_chassis::access::AccessTable;

use crate::rest::Table;
use comments::Comments;
use operation::operation;
use schema::Schemas;

/// The page has a style of its own, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Where the description is, and the page of it.
pub(crate) const PATHS: [&str; 2] = ["/openapi.json", "/docs"];

/// Answers with the description, and with the page of it.
pub(crate) fn routes(
    pool: DescriptorPool,
    table: Arc<Table>,
    access: Arc<AccessTable>,
) -> axum::Router {
    let made = LazyLock::new(move || {
        let document = document(&pool, &table, &access);
        (Bytes::from(document.to_string()), Bytes::from(page::page(&document)))
    });
    let made = Arc::new(made);
    let of = Arc::clone(&made);
    let json =
        move || async move { ([(CONTENT_TYPE, "application/json")], of.0.clone()).into_response() };
    let html = move || async move {
        let headers =
            [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, PAGE_POLICY)];
        (headers, made.1.clone()).into_response()
    };
    axum::Router::new().route(PATHS[0], get(json)).route(PATHS[1], get(html))
}

/// The description of the routes of a table.
pub(crate) fn document(pool: &DescriptorPool, table: &Table, access: &AccessTable) -> Value {
    let comments = Comments::read(pool);
    let mut schemas = Schemas::new(&comments);
    let (mut paths, mut tags) = (Map::new(), Vec::<Value>::new());
    for route in table.iter() {
        let operation = operation(route, access, &comments, &mut schemas);
        let tag = &operation["tags"][0];
        if tags.iter().all(|known| known["name"] != *tag) {
            let about = comments.of_service(route.method.parent_service()).to_owned();
            tags.push(json!({"name": tag, "description": about}));
        }
        let path = paths.entry(route.template.shown()).or_insert_with(|| json!({}));
        path[route.verb.as_str().to_ascii_lowercase()] = operation;
    }
    if let Some(status) = pool.get_message_by_name("google.rpc.Status") {
        schemas.add(&status);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Steward",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "机关事务管理:公务用车、办公用房、维修、能源与降本报告",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": {"Error": {
                "description": "The call was refused or failed. `details` holds an ErrorInfo with a stable \
                                `reason`, the faulty fields (BadRequest) and a sentence in Chinese (LocalizedMessage).",
                "content": {"application/json": {"schema": schema::reference("google.rpc.Status")}},
            }},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the issuer. Each operation names the roles of which a grant needs one.",
                },
                "certificate": {
                    "type": "mutualTLS",
                    "description": "The certificate of a system, in place of a token.",
                },
            },
        },
    })
}

const DESCRIPTION: &str = "Every operation is an RPC of the API; `x-rpc` names it. Field names are accepted as they \
    are here and as the .proto files write them. Numbers of 64 bits are texts. A change can be repeated with the \
    same `requestId` (or the header `Idempotency-Key`): it is done once. `If-Match` with the etag that was read \
    stands for the field `etag`.";
