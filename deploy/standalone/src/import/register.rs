//! Which vehicles and drivers the texts of a file mean, of all that the caller may see.

use std::collections::HashMap;

use steward_proto::fleet::v1::{
    Driver, DriverState, ListDriversRequest, ListVehiclesRequest, Vehicle,
};
use steward_sheet::{Cell, Why, plain, shown};
use tonic::Status;

use super::calls::patient;
use crate::client::{Client, pages};
use crate::failure::Result;

/// The most of a page.
const PAGE: i32 = 1_000;
/// The longest plate or name, in characters.
const SHORT: usize = 100;

/// A plate as fleet compares it: together, in capital letters of half width.
pub(super) fn written(plate: &str) -> String {
    let plate = plain(plate);
    let kept = plate.chars().filter(|it| !it.is_whitespace() && !"·•・･‧∙-—.".contains(*it));
    let plate: String = kept.flat_map(char::to_uppercase).collect();
    match plate.strip_prefix('临') {
        Some(number) => format!("{number}临"),
        None => plate,
    }
}

/// The vehicles that are held and those that were.
#[derive(Debug, Default)]
pub(super) struct Vehicles(HashMap<String, Vec<Known>>);

/// A vehicle by one of its names.
#[derive(Debug, Clone)]
struct Known {
    vehicle: Vehicle,
    /// The first day on which it had that name,
    from: String,
    /// and the first one on which it had another, of a plate that it bore before; else empty.
    until: String,
}

impl Vehicles {
    /// Asks for all of them.
    pub(super) async fn ask(client: &Client) -> Result<Self> {
        let register = client.vehicles();
        let all = pages(async |page_token| {
            let request = ListVehiclesRequest {
                page_size: PAGE,
                page_token,
                ..ListVehiclesRequest::default()
            };
            let page = patient(&register, &request, async |mut service, request| {
                service.list_vehicles(request).await
            })
            .await?;
            Ok::<_, Status>((page.vehicles, page.next_page_token))
        });
        Ok(Self::new(all.await?))
    }

    /// Each is known by its plate and by its VIN.
    pub(super) fn new(all: Vec<Vehicle>) -> Self {
        let mut known: HashMap<String, Vec<Known>> = HashMap::new();
        for vehicle in all {
            let came = &vehicle.acquired_on;
            let changed = vehicle.former_plates.first().map(|it| &it.borne_until);
            let since = changed.filter(|since| *since > came).unwrap_or(came);
            let former = vehicle.former_plates.iter();
            let former = former.map(|it| (written(&it.plate), came, it.borne_until.as_str()));
            let present = [(written(&vehicle.plate), since, ""), (vehicle.vin.clone(), came, "")];
            for (name, from, until) in former.chain(present) {
                if !name.is_empty() {
                    let (from, until) = (from.clone(), until.to_owned());
                    let one = Known { vehicle: vehicle.clone(), from, until };
                    known.entry(name).or_default().push(one);
                }
            }
        }
        Self(known)
    }

    /// All that have a plate, or had it last.
    pub(super) fn of(&self, plate: &str) -> impl Iterator<Item = &Vehicle> {
        let all = self.0.get(&written(plate)).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|it| it.until.is_empty()).map(|it| &it.vehicle)
    }

    /// The vehicle that was there on a day.
    pub(super) fn on(&self, cell: Cell<'_>, day: &str) -> Result<&Vehicle, Why> {
        let (plate, all) = self.named(cell)?;
        match there(all, day)[..] {
            [one] => Ok(one),
            [] => Err(not_there(&plate, all, day)),
            [..] => Err(several(&plate, day)),
        }
    }

    /// The vehicle that was there on a day; else the last one that was there before, whose bills come
    /// late; else the first one that came after.
    pub(super) fn about(&self, cell: Cell<'_>, day: &str) -> Result<&Vehicle, Why> {
        let (plate, all) = self.named(cell)?;
        let gone = |it: &Known| match &*it.until {
            "" => it.vehicle.disposed_on.clone(),
            until => until.to_owned(),
        };
        let before = all.iter().filter(|it| !gone(it).is_empty() && *gone(it) < *day);
        let last = before.max_by_key(|it| gone(it));
        let next = all.iter().min_by_key(|it| &it.from);
        match there(all, day)[..] {
            [one] => Ok(one),
            [] => last.or(next).map(|it| &it.vehicle).ok_or_else(|| unknown(&plate)),
            [..] => Err(several(&plate, day)),
        }
    }

    /// The plate of the vehicle of an id; empty where there is none.
    pub(super) fn plate(&self, id: &str) -> &str {
        let mut all = self.0.values().flatten().map(|it| &it.vehicle);
        all.find(|it| it.id == id).map_or("", |it| &it.plate)
    }

    fn named(&self, cell: Cell<'_>) -> Result<(String, &[Known]), Why> {
        let plate = cell.one_line(SHORT)?;
        match self.0.get(&written(&plate)) {
            None => Err(unknown(&plate)),
            Some(all) => Ok((plate, all)),
        }
    }
}

/// Those that had the name on a day: rather one whose name it is still. Where none had, the days of the
/// change were told late, and one that was there then is meant.
fn there<'k>(all: &'k [Known], day: &str) -> Vec<&'k Vehicle> {
    let had = |it: &&Known| *it.from <= *day && (it.until.is_empty() || *day < *it.until);
    let still = |it: &&Known| it.until.is_empty();
    let there: Vec<_> = all.iter().filter(|it| is_there(&it.vehicle, day)).collect();
    let choices: [Vec<_>; 3] = [
        there.iter().copied().filter(|it| had(it) && still(it)).collect(),
        there.iter().copied().filter(had).collect(),
        there.iter().copied().filter(still).collect(),
    ];
    let chosen = choices.into_iter().find(|some| !some.is_empty()).unwrap_or_default();
    chosen.into_iter().map(|it| &it.vehicle).collect()
}

fn is_there(vehicle: &Vehicle, day: &str) -> bool {
    let gone = &vehicle.disposed_on;
    *vehicle.acquired_on <= *day && (gone.is_empty() || day <= gone.as_str())
}

fn unknown(plate: &str) -> Why {
    let plate = shown(plate);
    Why::new(
        format!("{plate}:车辆未登记;请核对车牌,或先导入车辆"),
        format!("{plate} is no vehicle that is registered; import the vehicle first"),
    )
}

fn not_there(plate: &str, all: &[Known], day: &str) -> Why {
    let life = |it: &Vehicle| match &*it.disposed_on {
        "" => format!("{}起", it.acquired_on),
        gone => format!("{}至{gone}", it.acquired_on),
    };
    let lives: Vec<_> = all.iter().map(|it| life(&it.vehicle)).collect();
    let (plate, lives) = (shown(plate), lives.join("、"));
    Why::new(
        format!("{plate}在{day}不在册(在册:{lives});请核对日期和车牌"),
        format!("{plate} was not there on {day}"),
    )
}

fn several(plate: &str, day: &str) -> Why {
    let plate = shown(plate);
    Why::new(
        format!("{day}有几辆车使用过车牌{plate},不能确定是哪辆;请填车辆识别代号"),
        format!("several vehicles had {plate} on {day}; write the VIN"),
    )
}

/// The drivers that the caller may see, those who left too.
pub(super) async fn drivers(client: &Client) -> Result<Vec<Driver>> {
    let drivers = client.drivers();
    let all = pages(async |page_token| {
        let request =
            ListDriversRequest { page_size: PAGE, page_token, ..ListDriversRequest::default() };
        let page = patient(&drivers, &request, async |mut service, request| {
            service.list_drivers(request).await
        })
        .await?;
        Ok::<_, Status>((page.drivers, page.next_page_token))
    });
    Ok(all.await?)
}

/// The drivers by what they are called.
#[derive(Debug, Default)]
pub(super) struct Drivers(HashMap<String, Vec<Driver>>);

impl Drivers {
    /// Asks for all of them.
    pub(super) async fn ask(client: &Client) -> Result<Self> {
        Ok(Self::new(drivers(client).await?))
    }

    /// Each is known by name and by the subject of the token.
    fn new(all: Vec<Driver>) -> Self {
        let mut known: HashMap<String, Vec<Driver>> = HashMap::new();
        for driver in all {
            for name in [together(&driver.name), driver.subject.clone()] {
                if !name.is_empty() {
                    known.entry(name).or_default().push(driver.clone());
                }
            }
        }
        Self(known)
    }

    /// The driver of that name: of those organizations, the first of them before the second, and rather
    /// one who still drives; or whoever has that subject. `None` = nobody is called so.
    pub(super) fn find(
        &self,
        name: &str,
        organizations: [&str; 2],
    ) -> Result<Option<&Driver>, Why> {
        let all = self.0.get(&together(name)).or_else(|| self.0.get(name));
        let all: Vec<_> = all.into_iter().flatten().collect();
        let active = |it: &Driver| it.state == i32::from(DriverState::Active);
        let of = |code: &str| all.iter().copied().filter(|it| it.organization == code).collect();
        let [first, second]: [Vec<&Driver>; 2] = organizations.map(of);
        let subject = all.iter().copied().filter(|it| it.subject == name).collect();
        for some in [first, second, subject] {
            let driving: Vec<_> = some.iter().copied().filter(|it| active(it)).collect();
            match (&driving[..], &some[..]) {
                ([one], _) | ([], [one]) => return Ok(Some(one)),
                ([], []) => {}
                _ => return Err(namesakes(name, some.len())),
            }
        }
        Ok(None)
    }
}

fn together(name: &str) -> String {
    name.chars().filter(|it| !it.is_whitespace()).collect()
}

fn namesakes(name: &str, count: usize) -> Why {
    let name = shown(name);
    Why::new(
        format!("有{count}名驾驶员叫{name},不能确定是谁;请填其登录账号"),
        format!("{count} drivers are called {name}; write the subject of the one"),
    )
}

#[cfg(test)]
mod tests {
    use steward_sheet::Value;

    use super::*;

    fn vehicle(id: &str, plate: &str, from: &str, until: &str) -> Vehicle {
        Vehicle {
            id: id.to_owned(),
            plate: plate.to_owned(),
            vin: if id == "new" { "LSVAA49J132047371".to_owned() } else { String::new() },
            acquired_on: from.to_owned(),
            disposed_on: until.to_owned(),
            ..Vehicle::default()
        }
    }

    #[test]
    fn plates_are_compared_as_one_text() {
        for text in ["鄂E·12345", "鄂e 12345", "鄂E12345", "鄂E-12345", "鄂Ｅ１２３４５"]
        {
            assert_eq!(written(text), "鄂E12345");
        }
        assert_eq!(written("临 鄂E12345"), "鄂E12345临");
    }

    #[test]
    fn a_plate_is_the_vehicle_that_had_it_on_the_day() {
        let known = Vehicles::new(vec![
            vehicle("old", "鄂E12345", "2010-01-01", "2016-06-30"),
            vehicle("new", "鄂E12345", "2016-06-01", ""),
        ]);
        let value = |text: &str| Value::text(text);
        let on = |text: &str, day: &str, about: bool| {
            let value = value(text);
            let cell = Cell { value: &value, is_1904: false, power: 0 };
            let found = if about { known.about(cell, day) } else { known.on(cell, day) };
            found.map(|it| it.id.clone()).map_err(|why| why.zh)
        };
        assert_eq!(on("鄂e·12345", "2016-05-31", false).as_deref(), Ok("old"));
        assert_eq!(on("鄂E12345", "2016-07-01", false).as_deref(), Ok("new"));
        assert!(on("鄂E12345", "2016-06-15", true).unwrap_err().contains("请填车辆识别代号"));
        assert_eq!(on("LSVAA49J132047371", "2016-06-15", false).as_deref(), Ok("new"));
        let why = "\"鄂E12345\"在2009-12-31不在册(在册:2010-01-01至2016-06-30、2016-06-01起)";
        assert!(on("鄂E12345", "2009-12-31", false).unwrap_err().starts_with(why));
        assert_eq!(on("鄂E12345", "2009-12-31", true).as_deref(), Ok("old"));
        assert!(on("鄂E00000", "2016-05-31", true).unwrap_err().contains("车辆未登记"));
    }

    #[test]
    fn a_driver_is_rather_ones_own_and_rather_active() {
        let driver = |id: &str, organization: &str, state: DriverState| Driver {
            id: id.to_owned(),
            organization: organization.to_owned(),
            name: "张三".to_owned(),
            subject: id.to_owned(),
            state: state.into(),
            ..Driver::default()
        };
        let known = Drivers::new(vec![
            driver("a", "A", DriverState::Left),
            driver("b", "A", DriverState::Active),
            driver("c", "B", DriverState::Active),
            driver("d", "C", DriverState::Active),
            driver("e", "C", DriverState::Active),
        ]);
        let find = |name: &str, of: [&str; 2]| {
            known.find(name, of).map(|it| it.map(|it| it.id.clone())).map_err(|why| why.zh)
        };
        assert_eq!(find("张 三", ["A", "B"]), Ok(Some("b".to_owned())));
        assert_eq!(find("张三", ["X", "B"]), Ok(Some("c".to_owned())));
        assert_eq!(find("a", ["X", "Y"]), Ok(Some("a".to_owned())));
        assert!(find("张三", ["C", "A"]).unwrap_err().contains("有2名驾驶员叫"));
        assert_eq!(find("张三", ["X", "Y"]), Ok(None));
        assert_eq!(find("李四", ["A", "B"]), Ok(None));
    }
}
