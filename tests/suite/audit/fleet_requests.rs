//! Fleet: acquisitions, transfers and disposals. A second person approves.

use super::Step;

const A: (&str, &str) = ("11420502000000027D", "420502");

const fn of_a(method: &'static str, request: &'static str) -> Step {
    ("fleet", method, request, A)
}

const ASK: Step = of_a(
    "steward.fleet.v1.AcquisitionService/RequestAcquisition",
    r#"{"acquisition": {"organization": "11420502000000027D", "category": "VEHICLE_CATEGORY_OTHER",
        "source": "VEHICLE_SOURCE_PURCHASE", "body": "VEHICLE_BODY_CAR",
        "powerSource": "POWER_SOURCE_PETROL", "displacementMl": 1598, "priceFen": "15000000",
        "seats": 5, "reason": "更新"}}"#,
);
const TRANSFER: Step = of_a(
    "steward.fleet.v1.TransferService/RequestTransfer",
    r#"{"transfer": {"vehicleId": "{CreateVehicle/vehicle/id}",
        "toOrganization": "11420506A00000038W", "reason": "余缺调剂"}}"#,
);
const DISPOSE: Step = of_a(
    "steward.fleet.v1.DisposalService/RequestDisposal",
    r#"{"disposal": {"vehicleId": "{CreateVehicle/vehicle/id}", "way": "DISPOSAL_WAY_SCRAP",
        "reason": "报废"}}"#,
);

macro_rules! decide {
    ($approval:literal, $etag:literal, $decision:literal) => {
        of_a(
            "steward.approval.v1.ApprovalService/DecideApproval",
            concat!(
                r#"{"id": "{"#,
                $approval,
                r#"/approvalId}", "etag": ""#,
                $etag,
                r#"", "decision": ""#,
                $decision,
                r#"", "opinion": "已阅"}"#
            ),
        )
    };
}

macro_rules! resubmit {
    ($approval:literal) => {
        of_a(
            "steward.approval.v1.ApprovalService/ResubmitApproval",
            concat!(
                r#"{"id": "{"#, $approval, r#"/approvalId}", "etag": "3", "opinion": "已改"}"#
            ),
        )
    };
}

macro_rules! route {
    ($kind:literal) => {
        (
            "fleet",
            "steward.approval.v1.RouteService/SetRoute",
            concat!(
                r#"{"route": {"kind": ""#,
                $kind,
                r#"", "region": "4205*", "steps": [{"position": "POSITION_VEHICLE_AUTHORITY",
                "workingDays": 3}]}}"#
            ),
            ("", "4205*"),
        )
    };
}

macro_rules! grant {
    ($organization:literal, $region:literal) => {
        (
            "fleet",
            "steward.fleet.v1.EstablishmentService/GrantEstablishment",
            concat!(
                r#"{"grant": {"organization": ""#,
                $organization,
                r#"", "category": "VEHICLE_CATEGORY_OTHER", "authorised": 9,
                "effectiveFrom": "2017-03-01", "documentNo": "宜车编〔2017〕9号",
                "authority": "GRANT_AUTHORITY_VEHICLE_AUTHORITY"}}"#
            ),
            ($organization, $region),
        )
    };
}

macro_rules! load {
    ($plate:literal) => {
        of_a(
            "steward.fleet.v1.VehicleService/CreateVehicle",
            concat!(
                r#"{"vehicle": {"organization": "11420502000000027D", "plate": ""#, $plate,
                r#"", "category": "VEHICLE_CATEGORY_OTHER", "body": "VEHICLE_BODY_CAR",
                "powerSource": "POWER_SOURCE_PETROL", "model": "东风 A60", "displacementMl": 1598,
                "seats": 5, "acquiredOn": "2009-01-05"}}"#
            ),
        )
    };
}

pub(super) const STEPS: &[Step] = &[
    (
        "fleet",
        "steward.approval.v1.OfficeholderService/CreateOfficeholder",
        r#"{"officeholder": {"subject": "second", "name": "审批人",
            "position": "POSITION_VEHICLE_AUTHORITY", "region": "4205*",
            "fromDate": "2017-01-01"}}"#,
        ("", "4205*"),
    ),
    route!("vehicle_acquisition"),
    route!("vehicle_transfer"),
    route!("vehicle_disposal"),
    load!("鄂E00021"),
    grant!("11420502000000027D", "420502"),
    grant!("11420506A00000038W", "420506"),
    ASK,
    of_a(
        "steward.fleet.v1.AcquisitionService/CancelAcquisition",
        r#"{"id": "{RequestAcquisition/acquisition/id}", "etag": "1", "reason": "不再需要"}"#,
    ),
    ASK,
    decide!("RequestAcquisition/acquisition", "1", "DECISION_RETURN"),
    of_a(
        "steward.fleet.v1.AcquisitionService/UpdateAcquisition",
        r#"{"acquisition": {"id": "{RequestAcquisition/acquisition/id}", "etag": "2",
            "priceFen": "14000000"}, "updateMask": "priceFen"}"#,
    ),
    resubmit!("RequestAcquisition/acquisition"),
    decide!("RequestAcquisition/acquisition", "4", "DECISION_APPROVE"),
    of_a(
        "steward.fleet.v1.AcquisitionService/RegisterAcquisition",
        r#"{"id": "{RequestAcquisition/acquisition/id}", "etag": "5", "documentNo": "发票1",
            "paidOn": "2017-06-15", "vehicle": {"plate": "鄂E00022", "body": "VEHICLE_BODY_CAR",
            "powerSource": "POWER_SOURCE_PETROL", "model": "东风 A60", "displacementMl": 1598,
            "seats": 5, "priceFen": "14000000", "acquiredOn": "2017-06-15"}}"#,
    ),
    TRANSFER,
    of_a(
        "steward.fleet.v1.TransferService/CancelTransfer",
        r#"{"id": "{RequestTransfer/transfer/id}", "etag": "1", "reason": "另行安排"}"#,
    ),
    TRANSFER,
    decide!("RequestTransfer/transfer", "1", "DECISION_RETURN"),
    of_a(
        "steward.fleet.v1.TransferService/UpdateTransfer",
        r#"{"transfer": {"id": "{RequestTransfer/transfer/id}", "etag": "2",
            "reason": "按会议纪要调剂"}, "updateMask": "reason"}"#,
    ),
    resubmit!("RequestTransfer/transfer"),
    decide!("RequestTransfer/transfer", "4", "DECISION_APPROVE"),
    of_a(
        "steward.fleet.v1.TransferService/CompleteTransfer",
        r#"{"id": "{RequestTransfer/transfer/id}", "etag": "5", "transferredOn": "2017-06-15"}"#,
    ),
    of_a(
        "steward.fleet.v1.TransferService/CorrectTransfer",
        r#"{"id": "{RequestTransfer/transfer/id}", "etag": "6", "transferredOn": "2017-06-15",
            "reason": "日期核实"}"#,
    ),
    load!("鄂E00023"),
    DISPOSE,
    of_a(
        "steward.fleet.v1.DisposalService/CancelDisposal",
        r#"{"id": "{RequestDisposal/disposal/id}", "etag": "1", "reason": "继续使用"}"#,
    ),
    DISPOSE,
    decide!("RequestDisposal/disposal", "1", "DECISION_RETURN"),
    of_a(
        "steward.fleet.v1.DisposalService/UpdateDisposal",
        r#"{"disposal": {"id": "{RequestDisposal/disposal/id}", "etag": "2",
            "reason": "事故报废"}, "updateMask": "reason"}"#,
    ),
    resubmit!("RequestDisposal/disposal"),
    decide!("RequestDisposal/disposal", "4", "DECISION_APPROVE"),
    of_a(
        "steward.fleet.v1.DisposalService/CompleteDisposal",
        r#"{"id": "{RequestDisposal/disposal/id}", "etag": "5", "disposedOn": "2017-06-15",
            "certificateNo": "回收1"}"#,
    ),
    of_a(
        "steward.fleet.v1.DisposalService/CorrectDisposal",
        r#"{"id": "{RequestDisposal/disposal/id}", "etag": "6", "certificateNo": "回收2",
            "reason": "编号填错"}"#,
    ),
];
