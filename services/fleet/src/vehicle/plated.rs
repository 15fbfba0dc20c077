//! The plates that vehicles bore before: what was written down by one of them is still theirs.

use chrono::NaiveDate;
use steward_chassis::Result;
use steward_db::Tx;
use uuid::Uuid;

use super::{Plate, Vehicle, store};

/// A plate that a vehicle bore before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerPlate {
    /// The plate.
    pub plate: Plate,
    /// The first day on which it bore another.
    pub until: NaiveDate,
}

/// The days on which a vehicle bore a plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Borne {
    /// The first one.
    pub(crate) from: NaiveDate,
    /// The last one; `None` = it still does.
    pub(crate) last: Option<NaiveDate>,
    /// Whether it is the plate that it bears, or bore last.
    pub(crate) present: bool,
}

impl Vehicle {
    /// The days on which it bore a plate, if it ever did.
    pub(crate) fn borne(&self, plate: &str) -> Option<Borne> {
        let came = self.content.acquired_on;
        if self.content.plate.as_str() == plate {
            let from = self.former_plates.first().map_or(came, |before| before.until.max(came));
            return Some(Borne { from, last: self.disposed_on, present: true });
        }
        let former = self.former(plate)?;
        Some(Borne { from: came, last: former.until.pred_opt(), present: false })
    }

    /// Whether a slip of a day may name it by a plate. The plate that it bears is written also where the day
    /// is one before, and on the day of the change either.
    pub(crate) fn answers_to(&self, plate: &str, day: NaiveDate) -> bool {
        let is_former = || self.former(plate).is_some_and(|it| day <= it.until);
        self.content.plate.as_str() == plate || is_former()
    }

    fn former(&self, plate: &str) -> Option<&FormerPlate> {
        self.former_plates.iter().find(|it| it.plate.as_str() == plate)
    }
}

/// Keeps the plate of the version before, if it bears another from a day on, which a transfer may have given it.
pub(super) async fn keep(
    tx: &mut Tx,
    old: &Vehicle,
    new: &mut Vehicle,
    (until, transfer): (NaiveDate, Option<Uuid>),
) -> Result<()> {
    if old.content.plate == new.content.plate {
        return Ok(());
    }
    let former = FormerPlate { plate: old.content.plate.clone(), until };
    store::put_former(tx, new.id, &former, transfer).await?;
    new.former_plates.retain(|it| it.plate != former.plate);
    new.former_plates.insert(0, former);
    Ok(())
}
