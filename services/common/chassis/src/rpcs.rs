//! What the handlers of all nouns have in common.

/// Makes `Rpc`, which answers a gRPC service over a database: each RPC by the function of its name in
/// the module, which is given the database, the context of the call and the request.
///
/// ```text
/// rpcs! {
///     VehicleService {
///         get_vehicle(proto::GetVehicleRequest) -> proto::GetVehicleResponse;
///     }
/// }
///
/// async fn get_vehicle(
///     db: &Db,
///     ctx: &Ctx,
///     request: proto::GetVehicleRequest,
/// ) -> Result<proto::GetVehicleResponse> { … }
/// ```
///
/// Where handlers need more than the database, `ApprovalService over Approvals { … }` gives them that.
#[macro_export]
macro_rules! rpcs {
    ($service:ident { $($rpcs:tt)+ }) => {
        $crate::rpcs! { $service over $crate::reexport::Db { $($rpcs)+ } }
    };
    ($service:ident over $over:ty { $($name:ident($request:ty) -> $response:ty;)+ }) => {
        #[doc = concat!("Answers `", stringify!($service), "`.")]
        #[derive(Debug)]
        pub struct Rpc {
            over: $over,
        }

        impl Rpc {
            /// Over its database, or what it needs beside.
            pub fn new(over: $over) -> Self {
                Self { over }
            }
        }

        #[$crate::reexport::tonic::async_trait]
        impl $service for Rpc {$(
            async fn $name(
                &self,
                request: $crate::reexport::tonic::Request<$request>,
            ) -> ::core::result::Result<
                $crate::reexport::tonic::Response<$response>,
                $crate::reexport::tonic::Status,
            > {
                let ctx = $crate::Ctx::of(&request)?;
                let answer = $name(&self.over, &ctx, request.into_inner()).await?;
                Ok($crate::reexport::tonic::Response::new(answer))
            }
        )+}
    };
}
