//! What a row is to the vehicles that are there.

use steward_proto::fleet::v1::{Vehicle, VehicleState};
use steward_sheet::Why;

use crate::import::calls::Verdict;
use crate::import::register::{Vehicles, written};

/// What a row is to those that have or had its plate; `None` = none of them is meant.
pub(super) fn verdict(said: &Vehicle, there: &Vehicles) -> Option<Verdict> {
    let all: Vec<_> = there.of(&said.plate).collect();
    let held = all.iter().copied().find(|it| it.state == i32::from(VehicleState::Held));
    let same = all.iter().copied().find(|it| it.acquired_on == said.acquired_on);
    let is_past = !said.disposed_on.is_empty();
    match (is_past, held, same) {
        (true, _, Some(there)) if there.disposed_on.is_empty() => Some(still_held(there)),
        (true, _, Some(there)) | (false, Some(there), _) => Some(compared(said, there)),
        // An old file may have it as held that was disposed of since.
        (false, None, Some(there)) => Some(gone(said, there)),
        (_, _, None) => None,
    }
}

fn still_held(there: &Vehicle) -> Verdict {
    let why = Why::new(
        format!("车牌{}在册未处置;请办理车辆处置,不能用导入处置", there.plate),
        format!("{} is held; an import does not dispose of it", there.plate),
    );
    Verdict::Refused(vec![("disposed_on".to_owned(), why)])
}

/// One that is there as disposed of, and here as held.
fn gone(said: &Vehicle, there: &Vehicle) -> Verdict {
    let said = Vehicle { disposed_on: there.disposed_on.clone(), ..said.clone() };
    compared(&said, there)
}

/// What a row is to the vehicle of its plate that is there.
fn compared(said: &Vehicle, there: &Vehicle) -> Verdict {
    let same = Vehicle {
        plate: said.plate.clone(),
        vin: if said.vin.is_empty() { String::new() } else { there.vin.clone() },
        // What the register says and the file does not differs in nothing.
        ..filled(said, there)
    };
    let is_same = same == *said && (said.vin.is_empty() || written(&said.vin) == there.vin);
    if is_same {
        return Verdict::There;
    }
    let why = Why::new(
        format!("车牌{}已登记,内容不同;要变更请走车辆变更,不能用导入覆盖", there.plate),
        format!(
            "{} is there already with other content; an import does not change it",
            there.plate
        ),
    );
    Verdict::Refused(vec![("plate".to_owned(), why)])
}

/// What is there, as far as the file says something of it; the rest as the file has it.
fn filled(said: &Vehicle, there: &Vehicle) -> Vehicle {
    let text = |said: &String, there: &String| {
        if said.is_empty() { String::new() } else { there.clone() }
    };
    let some = |said: i32, there: i32| if said == 0 { 0 } else { there };
    Vehicle {
        organization: there.organization.clone(),
        category: there.category,
        body: there.body,
        power_source: there.power_source,
        model: there.model.clone(),
        displacement_ml: some(said.displacement_ml, there.displacement_ml),
        price_fen: if said.price_fen == 0 { 0 } else { there.price_fen },
        seats: some(said.seats, there.seats),
        acquired_on: there.acquired_on.clone(),
        disposed_on: there.disposed_on.clone(),
        note: text(&said.note, &there.note),
        source: some(said.source, there.source),
        registered_owner: text(&said.registered_owner, &there.registered_owner),
        luxury_fitout: text(&said.luxury_fitout, &there.luxury_fitout),
        domestic: said.domestic.and(there.domestic),
        registered_on: text(&said.registered_on, &there.registered_on),
        inspection_due_on: text(&said.inspection_due_on, &there.inspection_due_on),
        insured_until: text(&said.insured_until, &there.insured_until),
        tank_ml: some(said.tank_ml, there.tank_ml),
        pool: said.pool && there.pool,
        parking_place: text(&said.parking_place, &there.parking_place),
        marked: said.marked && there.marked,
        fixed_to: text(&said.fixed_to, &there.fixed_to),
        guarantee_mode: some(said.guarantee_mode, there.guarantee_mode),
        leader_rank: some(said.leader_rank, there.leader_rank),
        ..Vehicle::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_differs_or_not() {
        let there = Vehicle {
            organization: "11420502000000027D".to_owned(),
            plate: "鄂E12345".to_owned(),
            category: 2,
            seats: 5,
            vin: "LSVAA49J132047371".to_owned(),
            note: "备用".to_owned(),
            etag: "3".to_owned(),
            ..Vehicle::default()
        };
        let said = Vehicle {
            plate: "鄂E·12345".to_owned(),
            vin: String::new(),
            note: String::new(),
            etag: String::new(),
            ..there.clone()
        };
        assert_eq!(compared(&said, &there), Verdict::There);
        let seats = Vehicle { seats: 7, ..said.clone() };
        assert!(matches!(compared(&seats, &there), Verdict::Refused(_)));
        let vin = Vehicle { vin: "LSVAA49J132047372".to_owned(), ..said };
        assert!(matches!(compared(&vin, &there), Verdict::Refused(_)));
    }

    #[test]
    fn a_plate_may_have_been_anothers() {
        let vehicle = |from: &str, until: &str| Vehicle {
            plate: "鄂E12345".to_owned(),
            acquired_on: from.to_owned(),
            disposed_on: until.to_owned(),
            state: i32::from(if until.is_empty() {
                VehicleState::Held
            } else {
                VehicleState::Disposed
            }),
            ..Vehicle::default()
        };
        let said = |from: &str, until: &str| Vehicle { state: 0, ..vehicle(from, until) };
        let (old, new) = (("2010-01-01", "2016-06-30"), ("2016-07-01", ""));
        let both = Vehicles::new(vec![vehicle(old.0, old.1), vehicle(new.0, new.1)]);
        let past = Vehicles::new(vec![vehicle(old.0, old.1)]);
        let there = Some(Verdict::There);
        assert_eq!(verdict(&said(old.0, old.1), &both), there);
        assert_eq!(verdict(&said(new.0, new.1), &both), there);
        // As the file had it before it was disposed of.
        assert_eq!(verdict(&said(old.0, ""), &past), there);
        assert_eq!(verdict(&said(new.0, ""), &past), None);
        assert_eq!(verdict(&said("2005-01-01", "2009-01-01"), &both), None);
        for refused in [said(old.0, "2016-06-29"), said(new.0, "2017-01-01"), said(old.0, "")] {
            assert!(matches!(verdict(&refused, &both), Some(Verdict::Refused(_))), "{refused:?}");
        }
    }
}
