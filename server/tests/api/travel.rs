//! Travel times: what the drivers make of what real engines say, and what the server does with road times, without
//! them, and when the engine is slow, dead, or back again.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use db::both_backends;
use db::testing::{START, block_on};
use dispatch::Point;
use serde_json::{Value, json};
use server::auth::Role;
use server::schedule::planner;
use server::travel::engine::{Engine, TravelEngine};
use server::travel::fetch::{Table, matrix};

use crate::engine::{Fake, Mood, Recorded, Town};
use crate::harness::{Person, Server};
use crate::tickets::{engineer, lift, new_ticket};

const BOTH: [(&str, TravelEngine); 2] = [("osrm", TravelEngine::Osrm), ("valhalla", TravelEngine::Valhalla)];
/// 7 km north of the map.
const OFF_THE_MAP: Point = Point { latitude: 40.82, longitude: -73.984267 };

/// From, to, seconds by Valhalla and by OSRM.
fn recorded_pairs(count: usize) -> Vec<(Point, Point, [f64; 2])> {
    let text = include_str!("../data/travel_pairs_midtown.csv");
    let pair = |line: &str| {
        let f: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
        let point = |i: usize| Point { latitude: f[i], longitude: f[i + 1] };
        (point(0), point(2), [f[7], f[6]])
    };
    text.lines().skip(1).take(count).map(pair).collect()
}

async fn ask(recorded: &Recorded, kind: TravelEngine, from: &[Point], to: &[Point]) -> Table {
    let engine = Engine::configured(kind, &recorded.base).unwrap().unwrap();
    matrix(&engine, from, to).await.unwrap()
}

#[test]
fn real_engines_are_understood_survive_a_point_off_the_map_and_large_tables() {
    block_on(async {
        for (column, (name, kind)) in BOTH.into_iter().enumerate() {
            let recorded = Recorded::of(name);
            let pairs = recorded_pairs(60);
            let (from, to): (Vec<Point>, Vec<Point>) = pairs.iter().map(|(from, to, _)| (*from, *to)).unzip();
            // 3,600 pairs: more than either takes at once.
            let table = ask(&recorded, kind, &from, &to).await;
            for (i, (_, _, seconds)) in pairs.iter().enumerate() {
                let said = f64::from(table[i][i].unwrap());
                assert!((said - seconds[column]).abs() <= 2.0, "{name} {i}: {said} {seconds:?}");
            }
            // One bad point among good ones, as a source and as a target.
            let spoiled = [from[0], OFF_THE_MAP, from[1]];
            let table = ask(&recorded, kind, &spoiled, &[to[0], OFF_THE_MAP]).await;
            assert!(
                table[0][0].is_some() && table[2][0].is_some(),
                "{name}: the others are answered: {table:?}"
            );
            assert_eq!(
                (table[1].clone(), table[0][1], table[2][1]),
                (vec![None, None], None, None),
                "{name}"
            );
            assert_eq!(ask(&recorded, kind, &[OFF_THE_MAP], &[to[0]]).await, [[None]], "{name}");
            recorded.keep();
        }
    });
}

#[test]
fn points_that_an_engine_refuses_cost_nobody_else_an_answer() {
    block_on(async {
        let points: Vec<Point> = recorded_pairs(40).into_iter().map(|(from, ..)| from).collect();
        let fake = Fake::of(Town { refused: vec![points[7], points[31]], ..Town::default() });
        let engine = Engine::configured(TravelEngine::Osrm, &fake.base).unwrap().unwrap();
        let to = [Point { latitude: 40.7480, longitude: -73.9700 }];
        let table = matrix(&engine, &points, &to).await.unwrap();
        let bad =
            |i: usize| [7, 31].iter().any(|b| dispatch::travel::distance_m(points[i], points[*b]) < 150.0);
        for (i, row) in table.iter().enumerate() {
            assert_eq!(row[0].is_none(), bad(i), "{i}");
        }
    });
}

/// Where the helper's lift is.
const LIFT: Point = Point { latitude: 40.7484, longitude: -73.9857 };

/// Two engineers: one near the lift, one farther away; and a manual ticket.
struct Scene {
    person: Person,
    near: String,
    far: String,
    lift: String,
}

const NEAR: Point = Point { latitude: LIFT.latitude + 0.003, ..LIFT };
/// Behind everybody's home, so that he does not pass the lift on his way there.
const FAR: Point = Point { latitude: 40.75, longitude: -73.968 };

async fn scene(server: &Server, other: &Server) -> Scene {
    let lift = lift(server).await;
    let (near, far) = (engineer(server, "E-1").await, engineer(server, "E-2").await);
    other.app.board.catch_up(&other.app.db).await.unwrap();
    let person = other.log_in(Role::Dispatcher).await;
    let at = |id: &str, p: Point| json!({"engineer_id": id, "latitude": p.latitude, "longitude": p.longitude, "at": START});
    let seen = json!({"positions": [at(&near, NEAR), at(&far, FAR)]});
    person.post("/api/v1/positions", &seen).await.ok();
    Scene { person, near, far, lift }
}

impl Scene {
    async fn manual(&self) -> String {
        let mut new = new_ticket(&self.lift);
        new["dispatch"] = json!("manual");
        self.person.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap().to_owned()
    }

    async fn recommended(&self, ticket: &str) -> Value {
        self.person.get(&format!("/api/v1/tickets/{ticket}/recommendation")).await.ok()
    }
}

fn osrm(fake: &Fake) -> impl FnOnce(&mut server::config::Config) {
    let url = fake.base.clone();
    move |config| (config.travel_engine, config.travel_url) = (TravelEngine::Osrm, url)
}

/// Asks until it is so.
async fn until(scene: &Scene, ticket: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let waiting = async {
        loop {
            let dossier = scene.recommended(ticket).await;
            if is_so(&dossier) {
                return dossier;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it comes to be so")
}

both_backends! {
    async fn the_first_ticket_already_goes_by_road(server: Server) {
        let fake = Fake::of(Town { slow: vec![(NEAR, LIFT)], ..Town::default() });
        let other = server.another_with(osrm(&fake)).await;
        let scene = scene(&server, &other).await;
        let opened = scene.person.post("/api/v1/tickets", &new_ticket(&scene.lift)).await.ok();
        assert_eq!(opened["engineer_id"], json!(scene.far), "the other one would need half an hour more");
        let id = opened["id"].as_str().unwrap();
        let history = scene.person.get(&format!("/api/v1/tickets/{id}/assignments")).await.ok();
        let dossier = &history["items"][0]["dossier"];
        let travel = &dossier["travel"];
        assert_eq!((&travel["times"], &travel["why"]), (&json!("roads"), &Value::Null), "{travel}");
        assert!(travel["asked"].as_u64().unwrap() > 0 && travel["asked"] == travel["by_road"], "{travel}");
        let best = &dossier["ranked"][0];
        let at = |field: &str| best[field].as_i64().unwrap();
        assert!(at("starts_from") <= at("starts_at") && at("starts_at") < at("starts_until"), "{best}");
    }

    async fn without_an_engine_the_straight_line_decides_and_says_so(server: Server) {
        let scene = scene(&server, &server).await;
        let dossier = scene.recommended(&scene.manual().await).await;
        assert_eq!(dossier["ranked"][0]["engineer_id"], json!(scene.near));
        let expected = json!({"times": "straight_line", "why": "no_engine", "calibrated": false, "asked": 0, "by_road": 0});
        assert_eq!(dossier["travel"], expected);
    }

    async fn a_dead_engine_is_left_alone_and_found_again(server: Server) {
        let fake = Fake::of(Town { slow: vec![(NEAR, LIFT)], ..Town::default() });
        fake.turn(Mood::Down);
        let other = server.another_with(osrm(&fake)).await;
        let scene = scene(&server, &other).await;
        let ticket = scene.manual().await;
        let down = until(&scene, &ticket, |dossier| dossier["travel"]["why"] == "engine_down").await;
        assert_eq!(down["travel"]["times"], "straight_line");
        assert_eq!(down["ranked"][0]["engineer_id"], json!(scene.near));
        let calls = fake.calls.load(Ordering::Relaxed);
        assert!(calls < 10, "it is not asked again and again: {calls}");
        fake.turn(Mood::Fine);
        let up = until(&scene, &ticket, |dossier| dossier["travel"]["times"] == "roads").await;
        assert_eq!(up["ranked"][0]["engineer_id"], json!(scene.far));
    }

    async fn nobody_waits_for_a_slow_engine(server: Server) {
        let fake = Fake::of(Town::default());
        fake.turn(Mood::Silent);
        let other = server.another_with(osrm(&fake)).await;
        let scene = scene(&server, &other).await;
        let began = Instant::now();
        let opened = scene.person.post("/api/v1/tickets", &new_ticket(&scene.lift)).await.ok();
        assert!(began.elapsed() < Duration::from_secs(5), "the engine's own limit is ten seconds");
        assert_eq!(opened["engineer_id"], json!(scene.near));
    }

    async fn the_planner_drives_by_road_and_says_so(server: Server) {
        let fake = Fake::of(Town::default());
        let other = server.another_with(|config| {
            osrm(&fake)(config);
            config.plan_seconds = 0.05;
            config.plan_every_seconds = 86_400.0;
        }).await;
        let scene = scene(&server, &other).await;
        scene.person.post("/api/v1/tickets", &new_ticket(&scene.lift)).await.ok();
        other.app.board.catch_up(&other.app.db).await.unwrap();
        let first = planner::round(&other.app).await.unwrap();
        assert_eq!(first.tickets, 1, "{first:?}");
        let waiting = async {
            loop {
                other.app.travel.fill().await;
                planner::round(&other.app).await.unwrap();
                let shown = scene.person.get("/api/v1/dispatch/plan").await.ok();
                if shown["travel"]["times"] == "roads" {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("all journeys are fetched");
    }

    async fn finished_journeys_correct_the_straight_line(server: Server) {
        let scene = scene(&server, &server).await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&scene.far)).await;
        let ticket = scene.manual().await;
        let assign = json!({"engineer_id": scene.far});
        scene.person.post(&format!("/api/v1/tickets/{ticket}/assignments"), &assign).await.ok();
        let before = scene.recommended(&scene.manual().await).await;
        for (kind, minutes) in [("accept", 0), ("travel", 1), ("arrive", 10)] {
            server.clock.set(START.plus_minutes(minutes));
            eve.post(&format!("/api/v1/tickets/{ticket}/events"), &json!({"kind": kind})).await.ok();
        }
        server.app.travel.relearn(&server.app.db).await.unwrap();
        assert!(server.app.travel.knows_better());
        server.clock.set(START);
        let after = scene.recommended(&scene.manual().await).await;
        assert_eq!((&before["travel"]["calibrated"], &after["travel"]["calibrated"]), (&json!(false), &json!(true)));
        // 9 minutes for what looked like 4: he is expected later, but one journey is only one journey.
        let start = |dossier: &Value| {
            let ranked = dossier["ranked"].as_array().unwrap();
            let near = ranked.iter().find(|c| c["engineer_id"] == json!(scene.near)).unwrap();
            near["starts_at"].as_i64().unwrap() - START.millis()
        };
        assert!(start(&after) > start(&before), "{} {}", start(&after), start(&before));
        assert!(start(&after) < 2 * start(&before));
    }
}
