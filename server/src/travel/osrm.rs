//! OSRM's `/table/v1`. It wants longitude before latitude, moves every point to the nearest road however far that
//! is, and says how far: too far is no answer.

use std::fmt::Write as _;

use dispatch::Point;
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;

use super::engine::{Failure, Limits, SNAP_M, address, whole_seconds};
use super::fetch::Table;

/// `osrm-routed` refuses more than 100 places unless it is told otherwise.
pub const LIMITS: Limits = Limits { pairs: 2_500, points: 100 };

#[derive(Deserialize)]
struct Answer {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    durations: Vec<Vec<Option<f64>>>,
    #[serde(default)]
    sources: Vec<Option<Waypoint>>,
    #[serde(default)]
    destinations: Vec<Option<Waypoint>>,
}

#[derive(Deserialize)]
struct Waypoint {
    /// Metres from where we said to where it took us to be.
    distance: f64,
}

fn path(sources: &[Point], targets: &[Point]) -> String {
    let mut path = "table/v1/driving/".to_owned();
    for (i, point) in sources.iter().chain(targets).enumerate() {
        let separator = if i == 0 { "" } else { ";" };
        // Writing to a string cannot fail.
        let _ = write!(path, "{separator}{:.6},{:.6}", point.longitude, point.latitude);
    }
    let numbers = |from: usize, to: usize| (from..to).map(|i| i.to_string()).collect::<Vec<_>>().join(";");
    let all = sources.len() + targets.len();
    let (from, to) = (numbers(0, sources.len()), numbers(sources.len(), all));
    let _ = write!(path, "?sources={from}&destinations={to}&annotations=duration&generate_hints=false");
    path
}

/// Seconds from each source to each target.
pub async fn table(
    client: &Client,
    base: &Url,
    sources: &[Point],
    targets: &[Point],
) -> Result<Table, Failure> {
    let response = client.get(address(base, &path(sources, targets))?).send().await?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Failure::Unavailable(format!("HTTP {status}")));
    }
    read(response.json().await?)
}

fn read(answer: Answer) -> Result<Table, Failure> {
    if answer.code != "Ok" {
        return Err(Failure::Refused(format!("{}: {}", answer.code, answer.message)));
    }
    let is_near = |point: &Option<Waypoint>| point.as_ref().is_some_and(|point| point.distance <= SNAP_M);
    let from: Vec<bool> = answer.sources.iter().map(is_near).collect();
    let to: Vec<bool> = answer.destinations.iter().map(is_near).collect();
    let row = |(row, from): (Vec<Option<f64>>, &bool)| {
        let seconds = |(seconds, to): (Option<f64>, &bool)| whole_seconds(seconds.filter(|_| *from && *to));
        row.into_iter().zip(&to).map(seconds).collect()
    };
    Ok(answer.durations.into_iter().zip(&from).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longitude_comes_before_latitude() {
        let (a, b) = (
            Point { latitude: 40.739608, longitude: -73.984267 },
            Point { latitude: 40.75, longitude: -74.0 },
        );
        let path = path(&[a], &[b]);
        let (places, query) = path.split_once('?').unwrap();
        assert_eq!(places, "table/v1/driving/-73.984267,40.739608;-74.000000,40.750000");
        assert!(query.starts_with("sources=0&destinations=1&"), "{query}");
    }

    #[test]
    fn a_point_that_was_moved_too_far_has_no_answer() {
        let answer = r#"{"code":"Ok","durations":[[327.4,null],[265.3,1.0]],
            "sources":[{"distance":29.1},{"distance":6817.9}],"destinations":[{"distance":24.0},{"distance":0.5}]}"#;
        let table = read(serde_json::from_str(answer).unwrap()).unwrap();
        assert_eq!(table, [[Some(327), None], [None, None]]);
    }

    #[test]
    fn a_refusal_is_no_outage() {
        let answer = r#"{"code":"TooBig","message":"Too many table coordinates"}"#;
        let refused = read(serde_json::from_str(answer).unwrap());
        assert!(matches!(refused, Err(Failure::Refused(why)) if why.contains("TooBig")));
    }
}
