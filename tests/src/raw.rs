//! Calls by descriptor: JSON in, JSON out, for tests over every RPC there is.

use std::sync::LazyLock;

use bytes::Bytes;
use futures::TryStreamExt;
use http::uri::PathAndQuery;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::Value;
pub use steward_gateway::raw::Raw;
use tonic::client::Grpc;
use tonic::{Request, Status};

use crate::service::Called;

/// The API.
///
/// # Panics
/// Never for the descriptor set of the API.
pub fn pool() -> DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        DescriptorPool::decode(steward_proto::DESCRIPTOR_SET).expect("a descriptor set")
    });
    POOL.clone()
}

/// All methods of the API.
pub fn methods() -> Vec<MethodDescriptor> {
    pool().services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

/// Calls a method; a server stream answers all its messages, a unary method one.
///
/// # Errors
/// What the service answers.
///
/// # Panics
/// If the request does not fit the method.
pub async fn call(
    service: Called,
    method: &MethodDescriptor,
    request: &Value,
) -> Result<Vec<Value>, Status> {
    let message = DynamicMessage::deserialize(method.input(), request).expect("a fitting request");
    let path = steward_chassis::api::path(method);
    let path: PathAndQuery = path.parse().expect("a path");
    let request = Request::new(Bytes::from(message.encode_to_vec()));
    let mut grpc = Grpc::new(service);
    grpc.ready().await.expect("a backend is always ready");
    let answers: Vec<Bytes> = if method.is_server_streaming() {
        grpc.server_streaming(request, path, Raw).await?.into_inner().try_collect().await?
    } else {
        vec![grpc.unary(request, path, Raw).await?.into_inner()]
    };
    Ok(answers.into_iter().map(|answer| json(method.output(), answer)).collect())
}

fn json(message: MessageDescriptor, bytes: Bytes) -> Value {
    let message = DynamicMessage::decode(message, bytes).expect("a fitting answer");
    serde_json::to_value(&message).expect("JSON")
}
