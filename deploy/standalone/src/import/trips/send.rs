//! Trips to fleet, which takes all of a request or none.

use steward_proto::fleet::v1::{ImportTripsRequest, ImportTripsResponse, Trip};
use tonic::Status;

use crate::client::{Client, new_request_id};
use crate::import::Options;
use crate::import::calls::{Verdict, named, patient, refused};

/// Trips on their way.
pub(super) struct Sending<'a> {
    pub(super) client: &'a Client,
    pub(super) options: Options,
}

impl Sending<'_> {
    /// What the server says of each, only checking them or doing it.
    pub(super) async fn ask(&self, trips: &[&Trip], check: bool) -> Result<Vec<Verdict>, Status> {
        match self.send(trips, check).await {
            Ok(answer) => Ok(verdicts(trips.len(), &answer)),
            Err(status) if check || self.options.partial => self.apart(trips, check, status).await,
            Err(status) => Err(status),
        }
    }

    /// Those that are named are refused, and the others asked about without them. Where none is named,
    /// halves are asked about, until one stands alone.
    async fn apart(
        &self,
        trips: &[&Trip],
        check: bool,
        status: Status,
    ) -> Result<Vec<Verdict>, Status> {
        let places: Vec<_> = (0..trips.len()).collect();
        let mut verdicts: Vec<Option<Verdict>> = trips.iter().map(|_| None).collect();
        for (place, field, why) in named(&status, "trips", &places) {
            let fault = (column(&field).to_owned(), why);
            match &mut verdicts[place] {
                Some(Verdict::Refused(faults)) => faults.push(fault),
                other => *other = Some(Verdict::Refused(vec![fault])),
            }
        }
        let is_named = |place: &usize| verdicts[*place].is_some();
        let rest: Vec<_> = places.iter().copied().filter(|place| !is_named(place)).collect();
        if rest.len() == trips.len() {
            let verdict = refused(status, column)?;
            if let [_] = trips {
                return Ok(vec![verdict]);
            }
            let (first, second) = trips.split_at(trips.len() / 2);
            let mut verdicts = Box::pin(self.ask(first, check)).await?;
            verdicts.extend(Box::pin(self.ask(second, check)).await?);
            return Ok(verdicts);
        }
        let others: Vec<_> = rest.iter().map(|place| trips[*place]).collect();
        if !others.is_empty() {
            let judged = Box::pin(self.ask(&others, check)).await?;
            for (place, verdict) in rest.into_iter().zip(judged) {
                verdicts[place] = Some(verdict);
            }
        }
        Ok(verdicts.into_iter().flatten().collect())
    }

    async fn send(&self, trips: &[&Trip], check: bool) -> Result<ImportTripsResponse, Status> {
        let request = ImportTripsRequest {
            request_id: new_request_id(),
            trips: trips.iter().map(|trip| (*trip).clone()).collect(),
            accept_warnings: self.options.accept_warnings,
            validate_only: check,
        };
        let service = self.client.trips();
        patient(&service, &request, async |mut service, request| {
            service.import_trips(request).await
        })
        .await
    }
}

fn verdicts(count: usize, answer: &ImportTripsResponse) -> Vec<Verdict> {
    let there = |place: &usize| {
        i32::try_from(*place).is_ok_and(|place| answer.duplicate_places.contains(&place))
    };
    let verdict = |place| if there(&place) { Verdict::There } else { Verdict::New };
    (0..count).map(verdict).collect()
}

/// The column that a field of a trip comes from.
pub(super) fn column(field: &str) -> &str {
    match field {
        "vehicle_id" => "plate",
        "driver_id" => "driver",
        "start_odometer_m" => "start_odometer",
        "end_odometer_m" => "end_odometer",
        other if other.starts_with("trips[") => "",
        other => other,
    }
}
