//! Who calls, as the layers recognised him.

use chrono::{DateTime, Utc};
use steward_chassis::Ctx;
use steward_chassis::identity::{self, Identity};
use steward_chassis::time;
use steward_proto::identity::v1::identity_service_server::IdentityService;
use steward_proto::identity::v1::{
    GetIdentityRequest, GetIdentityResponse, Grant, Identity as Answer, Proof,
};
use tonic::{Request, Response, Status};

/// Answers who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rpc;

#[tonic::async_trait]
impl IdentityService for Rpc {
    async fn get_identity(
        &self,
        request: Request<GetIdentityRequest>,
    ) -> Result<Response<GetIdentityResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let address = ctx.address().map(|address| address.to_string()).unwrap_or_default();
        let identity = Some(answer(ctx.identity(), address));
        Ok(Response::new(GetIdentityResponse { identity }))
    }
}

fn answer(identity: &Identity, address: String) -> Answer {
    let (proof, until) = proof(identity.proof);
    Answer {
        subject: identity.subject.clone(),
        proof: proof.into(),
        expire_time: until.map(time::to_proto),
        grants: identity.grants.iter().map(grant).collect(),
        address,
    }
}

fn proof(proof: identity::Proof) -> (Proof, Option<DateTime<Utc>>) {
    match proof {
        identity::Proof::None => (Proof::None, None),
        identity::Proof::Token(until) => (Proof::Token, Some(until)),
        identity::Proof::Certificate => (Proof::Certificate, None),
    }
}

fn grant(grant: &identity::Grant) -> Grant {
    Grant {
        role: grant.role.into(),
        domain: grant.domain.clone().unwrap_or_else(|| "*".to_owned()),
        regions: grant.regions.iter().map(ToString::to_string).collect(),
        organizations: grant.organizations.iter().map(ToString::to_string).collect(),
    }
}
