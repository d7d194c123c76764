//! The real data of the demo, compiled in: lifts and escalators of Midtown, and outages of Washington's. Sources,
//! licences and what was left out are in `demo/README.md`.

use std::collections::BTreeMap;

use db::Timestamp;
use jiff::civil::{Date, Time};
use serde::Deserialize;

use super::faults::{Family, Symptom};
use super::new_york::NewYork;

static LIFTS: &str = include_str!("../../../demo/data/elevators_midtown.csv");
static OUTAGES: &str = include_str!("../../../demo/data/wmata_unit_statuses.csv");
static UNITS: &str = include_str!("../../../demo/data/wmata_units.csv");

/// A lift or an escalator of the register.
#[derive(Debug, Clone)]
pub struct Lift {
    /// The city's device number.
    pub number: String,
    /// The building.
    pub bin: String,
    /// Of the building, as the register spells it.
    pub address: String,
    /// Device type.
    pub kind: String,
    /// Device type and machine type.
    pub model: String,
    /// Mostly empty.
    pub manufacturer: String,
    /// What else the register tells, in words.
    pub description: String,
    /// What kind of machine.
    pub family: Family,
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
    /// Whether the building has no other.
    pub alone: bool,
}

/// A recorded break.
#[derive(Debug, Clone)]
pub struct Outage {
    /// The unit that broke.
    pub unit: &'static str,
    /// Where it is.
    pub station: &'static str,
    /// Whether it is an escalator.
    pub escalator: bool,
    /// The day, by the clocks of Washington.
    pub date: Date,
    /// The time of day, by the same clocks.
    pub time: Time,
    /// Until it ran again.
    pub minutes: Option<i64>,
    /// What was recorded.
    pub symptom: Symptom,
}

/// A day of the records.
#[derive(Debug, Clone, Default)]
pub struct Day {
    /// Breaks of escalators.
    pub escalators: Vec<usize>,
    /// Breaks of lifts.
    pub lifts: Vec<usize>,
}

/// Everything.
#[derive(Debug)]
pub struct Data {
    /// As in the register.
    pub lifts: Vec<Lift>,
    /// Breaks alone; inspections, rehabilitations and updates are no breakdowns.
    pub outages: Vec<Outage>,
    /// By day.
    pub days: BTreeMap<Date, Day>,
}

/// The data cannot be read: a fault of this program, not of its user.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Not the CSV that it should be.
    #[error("demo data: {0}")]
    Csv(#[from] csv::Error),
    /// Not an instant.
    #[error("demo data: {0}")]
    Time(#[from] jiff::Error),
}

impl Data {
    /// Reads it all.
    ///
    /// # Errors
    /// Data that was edited into nonsense.
    pub fn read() -> Result<Self, DataError> {
        let outages = outages()?;
        let mut days: BTreeMap<Date, Day> = BTreeMap::new();
        for (index, outage) in outages.iter().enumerate() {
            let day = days.entry(outage.date).or_default();
            if outage.escalator { &mut day.escalators } else { &mut day.lifts }.push(index);
        }
        Ok(Self { lifts: lifts()?, outages, days })
    }
}

#[derive(Deserialize)]
struct LiftRow<'a> {
    device_number: &'a str,
    bin: &'a str,
    house_number: &'a str,
    street_name: &'a str,
    zip_code: &'a str,
    device_type: &'a str,
    manufacturer: &'a str,
    speed_fpm: &'a str,
    capacity_lbs: &'a str,
    machine_type: &'a str,
    floor_from: &'a str,
    floor_to: &'a str,
    latitude: f64,
    longitude: f64,
    elevators_per_building: u32,
}

impl LiftRow<'_> {
    fn lift(&self) -> Lift {
        let street = format!("{} {}", self.house_number, self.street_name);
        let street: Vec<&str> = street.split_whitespace().collect();
        let address = format!("{}, New York, NY {}", street.join(" "), self.zip_code);
        Lift {
            number: self.device_number.to_owned(),
            bin: self.bin.to_owned(),
            address,
            kind: self.device_type.to_owned(),
            model: format!("{} {}", self.device_type, self.machine_type).trim().to_owned(),
            manufacturer: self.manufacturer.to_owned(),
            description: self.description(),
            family: Family::of(self.device_type, self.machine_type),
            latitude: self.latitude,
            longitude: self.longitude,
            alone: self.elevators_per_building <= 1,
        }
    }

    fn description(&self) -> String {
        let mut facts = Vec::new();
        if !self.floor_from.is_empty() && !self.floor_to.is_empty() {
            facts.push(format!("Floors {} to {}", self.floor_from, self.floor_to));
        }
        for (value, unit) in [(self.capacity_lbs, "lbs"), (self.speed_fpm, "ft/min")] {
            let number = value.trim_end_matches(".0");
            if !number.is_empty() && number != "0" {
                facts.push(format!("{number} {unit}"));
            }
        }
        facts.join(", ")
    }
}

fn lifts() -> Result<Vec<Lift>, DataError> {
    let mut reader = csv::Reader::from_reader(LIFTS.as_bytes());
    let headers = reader.headers()?.clone();
    let mut record = csv::StringRecord::new();
    let mut lifts = Vec::new();
    while reader.read_record(&mut record)? {
        let row: LiftRow<'_> = record.deserialize(Some(&headers))?;
        lifts.push(row.lift());
    }
    Ok(lifts)
}

#[derive(Deserialize)]
struct OutageRow<'a> {
    unit_id: &'a str,
    start_utc: &'a str,
    end_utc: &'a str,
    update_type: &'a str,
    symptom_description: &'a str,
}

#[derive(Deserialize)]
struct UnitRow<'a> {
    unit_id: &'a str,
    unit_type: &'a str,
    station_name: &'a str,
}

/// What the records refer to, kept for the whole run.
struct Unit {
    id: &'static str,
    station: &'static str,
    escalator: bool,
}

fn units() -> Result<BTreeMap<String, Unit>, DataError> {
    let mut reader = csv::Reader::from_reader(UNITS.as_bytes());
    let headers = reader.headers()?.clone();
    let mut units = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let row: UnitRow<'_> = record.deserialize(Some(&headers))?;
        let unit = Unit {
            id: kept(UNITS, row.unit_id),
            station: kept(UNITS, row.station_name),
            escalator: row.unit_type == "ESCALATOR",
        };
        units.insert(row.unit_id.to_owned(), unit);
    }
    Ok(units)
}

/// The same text inside the compiled-in file, which lives as long as the program.
fn kept(file: &'static str, text: &str) -> &'static str {
    file.find(text).and_then(|at| file.get(at..at + text.len())).unwrap_or_default()
}

fn outages() -> Result<Vec<Outage>, DataError> {
    let (units, clocks) = (units()?, NewYork::default());
    let mut reader = csv::Reader::from_reader(OUTAGES.as_bytes());
    let headers = reader.headers()?.clone();
    let mut record = csv::StringRecord::new();
    let mut outages = Vec::new();
    while reader.read_record(&mut record)? {
        let row: OutageRow<'_> = record.deserialize(Some(&headers))?;
        let Some(unit) = units.get(row.unit_id) else { continue };
        if row.update_type != "Break" {
            continue;
        }
        let began: jiff::Timestamp = row.start_utc.parse()?;
        let ended = if row.end_utc.is_empty() { None } else { Some(row.end_utc.parse::<jiff::Timestamp>()?) };
        let shown = clocks.local(Timestamp::from_millis(began.as_millisecond()));
        outages.push(Outage {
            unit: unit.id,
            station: unit.station,
            escalator: unit.escalator,
            date: shown.date(),
            time: shown.time(),
            minutes: ended.map(|ended| (ended.as_second() - began.as_second()) / 60),
            symptom: Symptom::parse(row.symptom_description),
        });
    }
    Ok(outages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_register_has_5444_devices_in_1818_buildings_and_370_of_them_are_escalators() {
        let lifts = lifts().unwrap();
        assert_eq!(lifts.len(), 5_444);
        assert_eq!(lifts.iter().map(|l| &l.bin).collect::<BTreeSet<_>>().len(), 1_818);
        assert_eq!(lifts.iter().map(|l| &l.number).collect::<BTreeSet<_>>().len(), 5_444);
        assert_eq!(lifts.iter().filter(|l| l.family == Family::Escalator).count(), 370);
    }

    #[test]
    fn the_model_is_device_type_and_machine_type() {
        let lifts = lifts().unwrap();
        let models: BTreeSet<_> = lifts.iter().map(|l| l.model.as_str()).collect();
        assert!(models.contains("Passenger Elevator GL") && models.contains("Passenger Elevator"));
        assert_eq!(lifts[0].address, "201 E 49 ST, New York, NY 10017");
        assert_eq!(lifts[0].description, "Floors B to 2, 500 lbs, 50 ft/min");
    }

    #[test]
    fn every_lift_stands_in_midtown() {
        let inside =
            |l: &Lift| (40.736..=40.759).contains(&l.latitude) && (-74.014..=-73.963).contains(&l.longitude);
        assert!(lifts().unwrap().iter().all(inside));
    }

    #[test]
    fn the_records_have_42365_breaks_of_which_36851_are_escalators() {
        let outages = outages().unwrap();
        assert_eq!(outages.len(), 42_365);
        assert_eq!(outages.iter().filter(|o| o.escalator).count(), 36_851);
        assert!(outages.iter().all(|o| !o.unit.is_empty() && !o.station.is_empty()));
    }

    #[test]
    fn the_time_of_day_is_the_one_that_the_clocks_of_washington_showed() {
        let outages = outages().unwrap();
        // 16:38:21Z in June is 12:38:21 there.
        assert_eq!(outages[0].date, jiff::civil::date(2013, 6, 1));
        assert_eq!(outages[0].time, Time::constant(12, 38, 21, 0));
        assert!(outages.iter().all(|o| o.minutes.is_none_or(|minutes| minutes >= 0)));
    }

    #[test]
    fn every_break_is_on_one_day() {
        let data = Data::read().unwrap();
        let on_days: usize = data.days.values().map(|d| d.escalators.len() + d.lifts.len()).sum();
        assert_eq!(on_days, data.outages.len());
    }
}
