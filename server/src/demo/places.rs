//! Customers and depots, invented around the real buildings: management companies, each with some of the 1,818
//! buildings, and four depots between them.

use std::collections::BTreeMap;

use super::chance::{happens, place};
use super::data::Lift;

/// A company that looks after buildings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// `C-001`.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its telephone.
    pub phone: String,
    /// Where it reads mail; example domains belong to nobody.
    pub email: String,
    /// `gold`, `silver` or `standard`.
    pub level: &'static str,
}

/// A building with its devices.
#[derive(Debug, Clone)]
pub struct Building<'a> {
    /// The city's number.
    pub bin: &'a str,
    /// The devices in it.
    pub lifts: Vec<&'a Lift>,
    /// Whose it is, by the place in [`companies`].
    pub company: usize,
}

/// A warehouse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Depot {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
}

/// All depots.
pub const DEPOTS: [Depot; 4] = [
    Depot { code: "D-W36", name: "Depot West 36th", latitude: 40.7546, longitude: -73.9970 },
    Depot { code: "D-E38", name: "Depot East 38th", latitude: 40.7478, longitude: -73.9746 },
    Depot { code: "D-W21", name: "Depot West 21st", latitude: 40.7421, longitude: -73.9952 },
    Depot { code: "D-E48", name: "Depot East 48th", latitude: 40.7543, longitude: -73.9699 },
];

const FIRST: &[&str] = &[
    "Hudson",
    "Empire",
    "Bryant",
    "Murray Hill",
    "Chelsea",
    "Gotham",
    "Liberty",
    "Beacon",
    "Crown",
    "Lexington",
    "Madison",
    "Harbor",
    "Keystone",
    "Meridian",
    "Summit",
    "Atlas",
    "Knickerbocker",
];
const SECOND: &[&str] =
    &["Property Management", "Realty", "Towers", "Building Services", "Estates", "Residences", "Holdings"];

/// So many companies.
const COMPANIES: usize = 110;

/// All companies.
pub fn companies() -> Vec<Company> {
    (0..COMPANIES).map(company).collect()
}

fn company(index: usize) -> Company {
    let number = format!("C-{:03}", index + 1);
    let (first, second) = (FIRST[index % FIRST.len()], SECOND[index % SECOND.len()]);
    let name = format!("{first} {second}");
    let domain: String = name.to_lowercase().split(' ').collect::<Vec<_>>().join("-");
    Company {
        phone: format!("+1 646 555 01{:02}", index % 100),
        email: format!("lifts@{domain}.example"),
        level: ["standard", "silver", "standard", "gold", "standard"][place(&["level", &number], 5)],
        number,
        name,
    }
}

/// All buildings in order of their number. A few companies have many of them, most have some.
pub fn buildings(lifts: &[Lift]) -> Vec<Building<'_>> {
    let mut by_bin: BTreeMap<&str, Vec<&Lift>> = BTreeMap::new();
    for lift in lifts {
        by_bin.entry(&lift.bin).or_default().push(lift);
    }
    let building = |(bin, lifts)| {
        // The smaller of two throws: the first companies are the large ones.
        let company = place(&["owner", bin], COMPANIES).min(place(&["or", bin], COMPANIES));
        Building { bin, lifts, company }
    };
    by_bin.into_iter().map(building).collect()
}

const NOTES: &[&str] = &[
    "Ask at the front desk.",
    "Machine room on the roof; the key is at the security office.",
    "Service entrance round the corner. Ring twice.",
    "Sign in with the porter, bring an identity card.",
    "Loading dock closes at 18:00.",
];

/// How to get in; most buildings have nothing special.
pub fn access_note(bin: &str) -> &'static str {
    if happens(&["has a note", bin], 40) { NOTES[place(&["note", bin], NOTES.len())] } else { "" }
}

/// Whom to ask there.
pub fn contact(bin: &str) -> String {
    let role = ["Front desk", "Superintendent", "Building manager"][place(&["contact", bin], 3)];
    format!("{role}, +1 212 555 01{:02}", place(&["number", bin], 100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::data::Data;
    use std::collections::BTreeSet;

    #[test]
    fn every_company_has_a_number_and_a_name_of_its_own() {
        let companies = companies();
        assert_eq!(companies.len(), 110);
        assert_eq!(companies.iter().map(|c| &c.number).collect::<BTreeSet<_>>().len(), 110);
        assert_eq!(companies.iter().map(|c| &c.name).collect::<BTreeSet<_>>().len(), 110);
        assert!(companies.iter().all(|c| c.email.ends_with(".example") && !c.email.contains(' ')));
    }

    #[test]
    fn the_buildings_hold_all_devices_and_every_company_has_some() {
        let data = Data::read().unwrap();
        let buildings = buildings(&data.lifts);
        assert_eq!(buildings.len(), 1_818);
        assert_eq!(buildings.iter().map(|b| b.lifts.len()).sum::<usize>(), 5_444);
        let mut of_company = vec![0; COMPANIES];
        buildings.iter().for_each(|b| of_company[b.company] += 1);
        assert!(of_company[0] > 15 && of_company[0] > of_company[90], "{of_company:?}");
    }

    #[test]
    fn the_depots_stand_on_the_map() {
        for depot in DEPOTS {
            assert!((40.736..40.759).contains(&depot.latitude), "{}", depot.code);
            assert!((-74.014..-73.963).contains(&depot.longitude), "{}", depot.code);
        }
    }

    #[test]
    fn the_same_building_always_has_the_same_note_and_contact() {
        assert_eq!(contact("1015862"), contact("1015862"));
        let with_note = (0..1_000).filter(|n| !access_note(&n.to_string()).is_empty()).count();
        assert!((330..470).contains(&with_note), "{with_note}");
    }
}
