//! Who may call what: every route, with every role and with none. The table is written by hand, apart from the code
//! that it checks; a route that is missing here fails the test.

use std::collections::BTreeMap;

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::json;
use server::auth::Role;

use crate::harness::{Server, send};

const ADMIN: &[Role] = &[Role::Admin];
const OFFICE: &[Role] = &[Role::Admin, Role::Dispatcher];
const FIELD: &[Role] = &[Role::Admin, Role::Dispatcher, Role::Engineer];
const STOCK: &[Role] = &[Role::Admin, Role::Dispatcher, Role::Warehouse];
const ANYBODY: &[Role] = &[Role::Admin, Role::Dispatcher, Role::Engineer, Role::Warehouse];

const ENGINEERS: &[Role] = &[Role::Engineer];
/// Phones have tokens of their own; no role may by itself.
const PHONES: &[Role] = &[];

/// Open to the world.
const OPEN: &[(&str, &str)] = &[
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/meta"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/confirmations/{token}"),
    ("POST", "/api/v1/confirmations/{token}"),
    ("OPTIONS", "/sync/v1/blobs"),
];

/// Everything else, and who may.
const RULES: &[(&str, &str, &[Role])] = &[
    ("GET", "/api/v1/session", ANYBODY),
    ("DELETE", "/api/v1/session", ANYBODY),
    ("GET", "/api/v1/users", ADMIN),
    ("POST", "/api/v1/users", ADMIN),
    ("GET", "/api/v1/users/{id}", ADMIN),
    ("PATCH", "/api/v1/users/{id}", ADMIN),
    ("POST", "/api/v1/users/{id}/password", ADMIN),
    ("GET", "/api/v1/tokens", ADMIN),
    ("POST", "/api/v1/tokens", ADMIN),
    ("DELETE", "/api/v1/tokens/{id}", ADMIN),
    ("GET", "/api/v1/tickets", FIELD),
    ("POST", "/api/v1/tickets", OFFICE),
    ("GET", "/api/v1/tickets/{id}", FIELD),
    ("PATCH", "/api/v1/tickets/{id}", OFFICE),
    ("POST", "/api/v1/tickets/{id}/events", FIELD),
    ("POST", "/api/v1/tickets/{id}/merge", OFFICE),
    ("GET", "/api/v1/tickets/{id}/duplicates", FIELD),
    ("GET", "/api/v1/tickets/{id}/tasks", STOCK),
    ("POST", "/api/v1/tickets/{id}/tasks", OFFICE),
    ("GET", "/api/v1/tasks", STOCK),
    ("POST", "/api/v1/tasks/{id}/done", STOCK),
    ("DELETE", "/api/v1/tasks/{id}", OFFICE),
    ("GET", "/api/v1/tickets/{id}/history", OFFICE),
    ("GET", "/api/v1/tickets/{id}/record", OFFICE),
    ("GET", "/api/v1/record", OFFICE),
    ("POST", "/api/v1/customers/{id}/erasure", ADMIN),
    ("GET", "/api/v1/tickets/{id}/part-usage", STOCK),
    ("GET", "/api/v1/tickets/{id}/sla", FIELD),
    ("GET", "/api/v1/tickets/{id}/notes", FIELD),
    ("POST", "/api/v1/tickets/{id}/notes", FIELD),
    ("GET", "/api/v1/tickets/{id}/readers", OFFICE),
    ("PUT", "/api/v1/tickets/{id}/watchers/{user_id}", FIELD),
    ("DELETE", "/api/v1/tickets/{id}/watchers/{user_id}", FIELD),
    ("GET", "/api/v1/canned-replies", OFFICE),
    ("POST", "/api/v1/canned-replies", OFFICE),
    ("GET", "/api/v1/canned-replies/{id}", OFFICE),
    ("PUT", "/api/v1/canned-replies/{id}", OFFICE),
    ("DELETE", "/api/v1/canned-replies/{id}", OFFICE),
    ("GET", "/api/v1/tickets/{id}/canned-replies", OFFICE),
    ("GET", "/api/v1/tickets/{id}/confirmation", OFFICE),
    ("GET", "/api/v1/follow-ups", OFFICE),
    ("POST", "/api/v1/follow-ups/{id}/done", OFFICE),
    ("GET", "/api/v1/tickets/{id}/recommendation", OFFICE),
    ("GET", "/api/v1/tickets/{id}/counterfactuals", OFFICE),
    ("GET", "/api/v1/tickets/{id}/assignments", OFFICE),
    ("POST", "/api/v1/tickets/{id}/assignments", OFFICE),
    ("GET", "/api/v1/dispatch/actions", OFFICE),
    ("GET", "/api/v1/dispatch/proposal", OFFICE),
    ("POST", "/api/v1/dispatch/proposal/accept", OFFICE),
    ("POST", "/api/v1/dispatch/undo", OFFICE),
    ("POST", "/api/v1/dispatch/redo", OFFICE),
    ("GET", "/api/v1/dispatch/plan", OFFICE),
    ("GET", "/api/v1/dispatch/plan/rounds", OFFICE),
    ("GET", "/api/v1/dispatch/timelines", OFFICE),
    ("POST", "/api/v1/dispatch/verdicts", OFFICE),
    ("GET", "/api/v1/dispatch/policies", OFFICE),
    ("GET", "/api/v1/dispatch/policies/versions", OFFICE),
    ("PUT", "/api/v1/dispatch/policies", ADMIN),
    ("GET", "/api/v1/sla/policies", OFFICE),
    ("POST", "/api/v1/sla/policies", ADMIN),
    ("GET", "/api/v1/sla/policies/{id}", OFFICE),
    ("PUT", "/api/v1/sla/policies/{id}", ADMIN),
    ("DELETE", "/api/v1/sla/policies/{id}", ADMIN),
    ("GET", "/api/v1/sla/calendars", OFFICE),
    ("POST", "/api/v1/sla/calendars", ADMIN),
    ("GET", "/api/v1/sla/calendars/{id}", OFFICE),
    ("PUT", "/api/v1/sla/calendars/{id}", ADMIN),
    ("DELETE", "/api/v1/sla/calendars/{id}", ADMIN),
    ("GET", "/api/v1/sla/contracts", OFFICE),
    ("POST", "/api/v1/sla/contracts", ADMIN),
    ("GET", "/api/v1/sla/contracts/{id}", OFFICE),
    ("PUT", "/api/v1/sla/contracts/{id}", ADMIN),
    ("DELETE", "/api/v1/sla/contracts/{id}", ADMIN),
    ("GET", "/api/v1/sla/settings", OFFICE),
    ("GET", "/api/v1/rules", OFFICE),
    ("GET", "/api/v1/rules/variables", OFFICE),
    ("GET", "/api/v1/rules/firings", OFFICE),
    ("POST", "/api/v1/rules/check", OFFICE),
    ("POST", "/api/v1/rules/preview", OFFICE),
    ("POST", "/api/v1/rules", ADMIN),
    ("GET", "/api/v1/rules/{id}", OFFICE),
    ("PUT", "/api/v1/rules/{id}", ADMIN),
    ("DELETE", "/api/v1/rules/{id}", ADMIN),
    ("GET", "/api/v1/rules/{id}/versions", OFFICE),
    ("GET", "/api/v1/templates", OFFICE),
    ("POST", "/api/v1/templates", ADMIN),
    ("GET", "/api/v1/templates/{id}", OFFICE),
    ("PUT", "/api/v1/templates/{id}", ADMIN),
    ("DELETE", "/api/v1/templates/{id}", ADMIN),
    ("GET", "/api/v1/webhooks/deliveries", OFFICE),
    ("POST", "/api/v1/webhooks/deliveries/{id}/replay", ADMIN),
    ("POST", "/api/v1/webhooks/secret", ADMIN),
    ("PUT", "/api/v1/sla/settings", ADMIN),
    ("POST", "/api/v1/sla/preview", OFFICE),
    ("GET", "/api/v1/shift", OFFICE),
    ("POST", "/api/v1/shift/looked", OFFICE),
    ("GET", "/api/v1/handover-notes", OFFICE),
    ("POST", "/api/v1/handover-notes", OFFICE),
    ("POST", "/api/v1/handover-notes/{id}/done", OFFICE),
    ("GET", "/api/v1/intake/callers", OFFICE),
    ("POST", "/api/v1/intake/question", OFFICE),
    ("GET", "/api/v1/views", OFFICE),
    ("POST", "/api/v1/views", OFFICE),
    ("GET", "/api/v1/views/{id}", OFFICE),
    ("PUT", "/api/v1/views/{id}", OFFICE),
    ("DELETE", "/api/v1/views/{id}", OFFICE),
    ("GET", "/api/v1/presence", OFFICE),
    ("PUT", "/api/v1/presence", OFFICE),
    ("GET", "/api/v1/notifications", ANYBODY),
    ("POST", "/api/v1/notifications/{id}/read", ANYBODY),
    ("POST", "/api/v1/notifications/read", ANYBODY),
    ("GET", "/api/v1/notifications/preferences", ANYBODY),
    ("PUT", "/api/v1/notifications/preferences", ANYBODY),
    ("GET", "/api/v1/mails", ADMIN),
    ("POST", "/api/v1/mails/{id}/replay", ADMIN),
    ("GET", "/api/v1/skills", OFFICE),
    ("POST", "/api/v1/skills", ADMIN),
    ("GET", "/api/v1/engineers", OFFICE),
    ("POST", "/api/v1/engineers", OFFICE),
    ("GET", "/api/v1/engineers/{id}", OFFICE),
    ("PATCH", "/api/v1/engineers/{id}", OFFICE),
    ("POST", "/api/v1/engineers/{id}/certificates", OFFICE),
    ("GET", "/api/v1/certificates/{id}", OFFICE),
    ("PATCH", "/api/v1/certificates/{id}", OFFICE),
    ("DELETE", "/api/v1/certificates/{id}", OFFICE),
    ("GET", "/api/v1/engineers/{id}/shifts", OFFICE),
    ("POST", "/api/v1/engineers/{id}/shifts", OFFICE),
    ("DELETE", "/api/v1/shifts/{id}", OFFICE),
    ("GET", "/api/v1/engineers/{id}/absences", OFFICE),
    ("POST", "/api/v1/engineers/{id}/absences", OFFICE),
    ("DELETE", "/api/v1/absences/{id}", OFFICE),
    ("GET", "/api/v1/customers", OFFICE),
    ("POST", "/api/v1/customers", OFFICE),
    ("GET", "/api/v1/customers/{id}", OFFICE),
    ("PATCH", "/api/v1/customers/{id}", OFFICE),
    ("GET", "/api/v1/sites", OFFICE),
    ("POST", "/api/v1/sites", OFFICE),
    ("GET", "/api/v1/sites/{id}", OFFICE),
    ("PATCH", "/api/v1/sites/{id}", OFFICE),
    ("GET", "/api/v1/assets", OFFICE),
    ("POST", "/api/v1/assets", OFFICE),
    ("GET", "/api/v1/assets/{id}", OFFICE),
    ("PATCH", "/api/v1/assets/{id}", OFFICE),
    ("GET", "/api/v1/assets/{id}/parts", ANYBODY),
    ("GET", "/api/v1/parts", STOCK),
    ("POST", "/api/v1/parts", STOCK),
    ("GET", "/api/v1/parts/{id}", STOCK),
    ("PATCH", "/api/v1/parts/{id}", STOCK),
    ("GET", "/api/v1/stock-locations", STOCK),
    ("POST", "/api/v1/stock-locations", STOCK),
    ("GET", "/api/v1/stock-locations/{id}", STOCK),
    ("PATCH", "/api/v1/stock-locations/{id}", STOCK),
    ("GET", "/api/v1/stock", STOCK),
    ("GET", "/api/v1/part-needs", STOCK),
    ("GET", "/api/v1/part-needs/faults", STOCK),
    ("GET", "/api/v1/part-needs/learnt", STOCK),
    ("POST", "/api/v1/part-needs", STOCK),
    ("DELETE", "/api/v1/part-needs/{id}", STOCK),
    ("GET", "/api/v1/tickets/{id}/likely-parts", STOCK),
    ("GET", "/api/v1/tickets/{id}/parts", ANYBODY),
    ("POST", "/api/v1/tickets/{id}/reservations", ANYBODY),
    ("GET", "/api/v1/stock-movements", STOCK),
    ("POST", "/api/v1/stock-movements", STOCK),
    ("POST", "/api/v1/stock-movements/{id}/undo", STOCK),
    ("GET", "/api/v1/reservations", STOCK),
    ("POST", "/api/v1/reservations", STOCK),
    ("POST", "/api/v1/reservations/{id}/pick", STOCK),
    ("POST", "/api/v1/reservations/{id}/put-back", STOCK),
    ("POST", "/api/v1/reservations/{id}/issue", STOCK),
    ("POST", "/api/v1/reservations/{id}/release", STOCK),
    ("POST", "/api/v1/reservations/{id}/return", STOCK),
    ("GET", "/api/v1/parts/{id}/codes", STOCK),
    ("POST", "/api/v1/parts/{id}/codes", STOCK),
    ("DELETE", "/api/v1/part-codes/{id}", STOCK),
    ("GET", "/api/v1/parts/{id}/substitutes", STOCK),
    ("POST", "/api/v1/parts/{id}/substitutes", STOCK),
    ("DELETE", "/api/v1/part-substitutes/{id}", STOCK),
    ("GET", "/api/v1/stock-levels", STOCK),
    ("GET", "/api/v1/stock-levels/{id}", STOCK),
    ("PUT", "/api/v1/stock-levels", STOCK),
    ("DELETE", "/api/v1/stock-levels/{id}", STOCK),
    ("GET", "/api/v1/stock-proposals", STOCK),
    ("GET", "/api/v1/replenishment", STOCK),
    ("GET", "/api/v1/purchase-list", STOCK),
    ("GET", "/api/v1/purchase-list.{format}", STOCK),
    ("GET", "/api/v1/van-top-up", STOCK),
    ("POST", "/api/v1/purchase-list/orders", STOCK),
    ("GET", "/api/v1/purchase-orders", STOCK),
    ("POST", "/api/v1/purchase-orders", STOCK),
    ("GET", "/api/v1/purchase-orders/{id}", STOCK),
    ("PATCH", "/api/v1/purchase-orders/{id}", STOCK),
    ("POST", "/api/v1/purchase-orders/{id}/cancel", STOCK),
    ("GET", "/api/v1/purchase-orders/{id}/lines.{format}", STOCK),
    ("POST", "/api/v1/purchase-order-lines/{id}/cancel", STOCK),
    ("GET", "/api/v1/parts-on-order", STOCK),
    ("GET", "/api/v1/suppliers", STOCK),
    ("GET", "/api/v1/stock-counts", STOCK),
    ("POST", "/api/v1/stock-counts", STOCK),
    ("GET", "/api/v1/stock-counts/{id}", STOCK),
    ("POST", "/api/v1/stock-counts/{id}/lines", STOCK),
    ("POST", "/api/v1/stock-counts/{id}/submit", STOCK),
    ("POST", "/api/v1/stock-counts/{id}/approve", OFFICE),
    ("POST", "/api/v1/stock-counts/{id}/reject", OFFICE),
    ("GET", "/api/v1/used-part-returns", STOCK),
    ("POST", "/api/v1/used-part-returns/{id}/receive", STOCK),
    ("POST", "/api/v1/used-part-returns/{id}/grade", STOCK),
    ("POST", "/api/v1/used-part-returns/{id}/waive", STOCK),
    ("GET", "/api/v1/put-backs", STOCK),
    ("POST", "/api/v1/put-backs/{id}/done", STOCK),
    ("GET", "/api/v1/scan", STOCK),
    ("GET", "/api/v1/conflict-cards", STOCK),
    ("POST", "/api/v1/conflict-cards/{id}/resolve", STOCK),
    ("POST", "/api/v1/import/assets", OFFICE),
    ("POST", "/api/v1/import/engineers", OFFICE),
    ("POST", "/api/v1/import/parts", STOCK),
    ("POST", "/api/v1/import/inventree", STOCK),
    ("GET", "/api/v1/exports/{what}.{format}", STOCK),
    ("GET", "/api/v1/numbers", OFFICE),
    ("GET", "/api/v1/numbers/tickets", OFFICE),
    ("GET", "/api/v1/numbers/tickets.{format}", OFFICE),
    ("GET", "/api/v1/labels.pdf", STOCK),
    ("POST", "/api/v1/positions", FIELD),
    ("GET", "/api/v1/map/tickets.geojson", OFFICE),
    ("GET", "/api/v1/map/engineers.geojson", OFFICE),
    ("GET", "/api/v1/stream", STOCK),
    ("POST", "/sync/v1/devices", ENGINEERS),
    ("POST", "/sync/v1/pull", PHONES),
    ("POST", "/sync/v1/push", PHONES),
    ("GET", "/sync/v1/status", PHONES),
    ("GET", "/sync/v1/offers", PHONES),
    ("GET", "/sync/v1/stream", PHONES),
    ("POST", "/sync/v1/rescue", PHONES),
    ("GET", "/sync/v1/push-subscription", PHONES),
    ("PUT", "/sync/v1/push-subscription", PHONES),
    ("DELETE", "/sync/v1/push-subscription", PHONES),
    ("POST", "/sync/v1/blobs", PHONES),
    ("HEAD", "/sync/v1/blobs/{id}", PHONES),
    ("PATCH", "/sync/v1/blobs/{id}", PHONES),
    ("GET", "/api/v1/blobs/{sha256}", OFFICE),
    ("GET", "/api/v1/checklists/{ticket_kind}", OFFICE),
    ("PUT", "/api/v1/checklists/{ticket_kind}", OFFICE),
    ("GET", "/api/v1/tickets/{id}/labour", FIELD),
    ("GET", "/api/v1/tickets/{id}/checklist-answers", FIELD),
    ("GET", "/api/v1/tickets/{id}/readings", FIELD),
    ("GET", "/api/v1/tickets/{id}/photos", FIELD),
    ("GET", "/api/v1/tickets/{id}/signatures", FIELD),
    ("GET", "/api/v1/devices", FIELD),
    ("POST", "/api/v1/devices/{id}/revoke", OFFICE),
    ("POST", "/api/v1/engineers/{id}/enrolment-codes", OFFICE),
    ("GET", "/api/v1/rescues", OFFICE),
    ("GET", "/api/v1/rescues/{id}/content", ADMIN),
];

/// All routes that the description knows.
fn described() -> BTreeMap<(String, String), ()> {
    let api = serde_json::to_value(server::app::description()).unwrap();
    let mut found = BTreeMap::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.insert((method.to_uppercase(), path.clone()), ());
        }
    }
    found
}

#[test]
fn every_route_is_in_the_table_and_every_row_of_it_is_a_route() {
    let open = OPEN.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned()));
    let ruled = RULES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()));
    let table: Vec<(String, String)> = open.chain(ruled).collect();
    let described: Vec<(String, String)> = described().into_keys().collect();
    let missing: Vec<_> = described.iter().filter(|route| !table.contains(route)).collect();
    let gone: Vec<_> = table.iter().filter(|route| !described.contains(route)).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the table: {missing:?}; no such route: {gone:?}");
}

both_backends! {
    async fn each_route_answers_those_who_may_and_nobody_else(server: Server) {
        let engineer = crate::tickets::engineer(&server, "E-1").await;
        let mut people = Vec::new();
        for role in Role::ALL {
            let link = if *role == Role::Engineer { Some(engineer.as_str()) } else { None };
            people.push((*role, server.log_in_as(&format!("walker-{role}"), *role, link).await));
        }
        for (method, path, allowed) in RULES {
            let path = path.replace("{id}", "0198f3c2-7b00-7000-8000-000000000001");
            let method: Method = method.parse().unwrap();
            let stranger = send(server.stranger().request(method.clone(), &path).json(&json!({}))).await;
            assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{method} {path} without log-in: {}", stranger.body);
            for (role, person) in &people {
                // Logging out would end the walk.
                if method == Method::DELETE && path.ends_with("/session") {
                    continue;
                }
                let request = person.request(method.clone(), &path).header("if-match", "\"1\"").json(&json!({}));
                let status = request.send().await.unwrap().status();
                let refused = status == StatusCode::FORBIDDEN || status == StatusCode::UNAUTHORIZED;
                assert_eq!(refused, !allowed.contains(role), "{method} {path} as {role}: {status}");
                assert!(!status.is_server_error(), "{method} {path} as {role}: {status}");
            }
        }
    }
}
