//! What acquisitions, transfers and disposals have in common: how far they are, and that nothing is asked
//! for that breaks the standards.

pub(crate) mod handed;
pub(crate) mod rules;
pub mod voucher;

use chrono::NaiveDate;
use steward_approval::{self as approval, ApprovalId};
use steward_chassis::{Class, Error, Fields, Reason, Result};
use steward_db::Tx;
use steward_kernel::{Named as _, today};

/// The request is not as far, or farther, than what is asked for needs.
pub const REQUEST_STATE: Reason =
    Reason::new("REQUEST_STATE", Class::FailedPrecondition, "申请当前状态不允许此操作");
/// What is asked for, or came, passes a limit of the standard.
pub const OVER_STANDARD: Reason =
    Reason::new("OVER_STANDARD", Class::FailedPrecondition, "超出公务用车配备标准");
/// What may not be acquired at all: a donated, borrowed or occupied vehicle, one in another name, of a
/// foreign brand, or with luxury fit-out.
pub const ACQUISITION_FORBIDDEN: Reason = Reason::new(
    "ACQUISITION_FORBIDDEN",
    Class::FailedPrecondition,
    "不得接受赠送、借用、摊派或以他人名义登记的车辆,不得配备进口品牌、豪华装饰车辆",
);

/// It was carried out, or paid for, before it was approved.
pub const BEFORE_APPROVAL: Reason = Reason::new(
    "BEFORE_APPROVAL",
    Class::FailedPrecondition,
    "日期早于审批通过之日:不得先办理后审批",
);

/// The day on which a request was approved first: what it allows is done on that day or later. What was done
/// before had no approval.
pub(crate) async fn approved_on(tx: &mut Tx, id: ApprovalId) -> Result<NaiveDate> {
    let approval = approval::approval::find(tx, id).await?;
    let time = approval.approve_time.ok_or_else(|| Error::internal("it was never approved"))?;
    Ok(today(time))
}

/// Refuses that something was carried out on a day before it was approved.
///
/// Errors: `BEFORE_APPROVAL`.
pub(crate) async fn not_before_approval(
    tx: &mut Tx,
    id: ApprovalId,
    (field, day): (&str, NaiveDate),
) -> Result<()> {
    let mut fields = Fields::new();
    rules::refuse_before(&mut fields, field, day, approved_on(tx, id).await?);
    fields.finish()
}

steward_kernel::named! {
    /// How far a request is.
    State {
        Pending = 1 "pending",
        Returned = 2 "returned",
        Approved = 3 "approved",
        Completed = 4 "completed",
        Refused = 5 "refused",
        Withdrawn = 6 "withdrawn",
        Cancelled = 7 "cancelled",
    }
}

impl State {
    /// How far a request is whose approval came so far.
    pub(crate) fn of(state: approval::State) -> Self {
        match state {
            approval::State::Pending => Self::Pending,
            approval::State::Returned => Self::Returned,
            approval::State::Approved => Self::Approved,
            approval::State::Refused => Self::Refused,
            approval::State::Withdrawn => Self::Withdrawn,
            approval::State::Cancelled => Self::Cancelled,
        }
    }

    /// Whether it may still be carried out.
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Returned | Self::Approved)
    }

    /// Refuses what needs another state.
    ///
    /// Errors: [`REQUEST_STATE`].
    pub(crate) fn must_be(self, wanted: &[Self]) -> Result<()> {
        if wanted.contains(&self) {
            return Ok(());
        }
        let wanted: Vec<_> = wanted.iter().map(|state| state.text()).collect();
        let message = format!("the request is {}, not {}", self.text(), wanted.join(" or "));
        Err(Error::new(&REQUEST_STATE, message))
    }
}
