//! The table of routes. Who may call each is the type of its handler's first argument.

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    actions, auth, blobs, confirmations, customers, engineers, exports, geojson, import, intake, inventory,
    labels, live, mail, meta, metrics, notifications, numbers, openapi, positions, presence, record, replies,
    rules, schedule, shift, sitework, skills, sla, sync, tasks, templates, tickets, views, webhook,
};

/// All routes of the server but pages and tiles.
pub fn all(config: &mut ServiceConfig) {
    config.service(meta::healthz).service(meta::readyz).service(metrics::metrics);
    config.service(scope::scope("/api/v1").configure(api));
    config.configure(sync::configure);
}

fn api(config: &mut ServiceConfig) {
    config
        .service(openapi::openapi)
        .service(meta::meta)
        .configure(log_ins)
        .service(tickets::routes::list)
        .service(tickets::routes::create)
        .service(tickets::routes::one)
        .service(tickets::routes::change)
        .service(tickets::routes::event)
        .service(tickets::merge::merge_into)
        .service(tickets::merge::list)
        .service(tasks::list)
        .service(tasks::add_to_ticket)
        .service(tasks::list_open)
        .service(tasks::set_done)
        .service(tasks::remove)
        .service(tickets::routes::history)
        .service(record::routes::bundle)
        .service(record::routes::state)
        .service(record::erasure::erase_customer)
        .service(tickets::routes::part_usage)
        .service(sla::routes::of_ticket)
        .configure(promises)
        .configure(conditions)
        .configure(console)
        .configure(notes)
        .service(confirmations::routes::of_ticket)
        .service(confirmations::routes::show)
        .service(confirmations::routes::give)
        .service(confirmations::follow_ups::list)
        .service(confirmations::follow_ups::done)
        .service(schedule::routes::recommendation)
        .service(schedule::routes::counterfactuals)
        .service(schedule::routes::add)
        .service(schedule::routes::list)
        .service(schedule::planner::proposal::get)
        .service(schedule::planner::accept::accept)
        .service(schedule::planner::record::last)
        .service(schedule::planner::record::rounds)
        .service(actions::routes::list)
        .service(actions::routes::undo)
        .service(actions::routes::redo)
        .service(schedule::timelines::timelines)
        .service(schedule::verdicts::verdicts)
        .service(schedule::policies::get)
        .service(schedule::policies::versions)
        .service(schedule::policies::put)
        .configure(people)
        .configure(places)
        .configure(stock)
        .configure(phones)
        .service(import::routes::assets)
        .service(import::routes::engineers)
        .service(import::routes::parts)
        .service(import::inventree::routes::inventree)
        .service(exports::export)
        .service(numbers::numbers)
        .service(numbers::tickets)
        .service(numbers::export)
        .service(labels::labels)
        .service(positions::report)
        .service(geojson::tickets)
        .service(geojson::engineers)
        .service(live::stream);
}

fn promises(config: &mut ServiceConfig) {
    config
        .service(sla::edit::list_policies)
        .service(sla::edit::add_policy)
        .service(sla::edit::one_policy)
        .service(sla::edit::put_policy)
        .service(sla::edit::remove_policy)
        .service(sla::edit::list_calendars)
        .service(sla::edit::add_calendar)
        .service(sla::edit::one_calendar)
        .service(sla::edit::put_calendar)
        .service(sla::edit::remove_calendar)
        .service(sla::contracts::list)
        .service(sla::contracts::add)
        .service(sla::contracts::one)
        .service(sla::contracts::put)
        .service(sla::contracts::remove)
        .service(sla::edit::show_settings)
        .service(sla::edit::put_settings)
        .service(sla::trial::preview)
        .service(notifications::list)
        .service(notifications::mark_read)
        .service(notifications::mark_all_read)
        .service(notifications::preferences::show)
        .service(notifications::preferences::change)
        .service(mail::routes::list)
        .service(mail::routes::replay);
}

fn conditions(config: &mut ServiceConfig) {
    config
        .service(rules::edit::list)
        .service(rules::edit::variables)
        .service(rules::edit::firings)
        .service(rules::edit::try_out)
        .service(rules::edit::would_match)
        .service(rules::edit::add)
        .service(rules::edit::one_rule)
        .service(rules::edit::put_rule)
        .service(rules::edit::remove)
        .service(rules::edit::versions)
        .service(webhook::routes::list)
        .service(webhook::routes::replay)
        .service(webhook::routes::secret)
        .service(templates::routes::list)
        .service(templates::routes::add)
        .service(templates::routes::one_template)
        .service(templates::routes::put)
        .service(templates::routes::remove);
}

fn log_ins(config: &mut ServiceConfig) {
    config
        .service(auth::routes::log_in)
        .service(auth::routes::current)
        .service(auth::routes::log_out)
        .service(auth::users::list)
        .service(auth::users::add)
        .service(auth::users::one)
        .service(auth::users::change)
        .service(auth::users::set_password)
        .service(auth::tokens::list)
        .service(auth::tokens::add)
        .service(auth::tokens::remove);
}

/// What the dispatcher's page has for itself.
fn console(config: &mut ServiceConfig) {
    config
        .service(shift::routes::card)
        .service(shift::routes::looked)
        .service(shift::handover::list)
        .service(shift::handover::create)
        .service(shift::handover::done)
        .service(intake::callers)
        .service(intake::question)
        .service(views::list)
        .service(views::create)
        .service(views::one)
        .service(views::change)
        .service(views::remove)
        .service(presence::list)
        .service(presence::here);
}

fn people(config: &mut ServiceConfig) {
    config
        .service(skills::list)
        .service(skills::create)
        .service(engineers::routes::list)
        .service(engineers::routes::create)
        .service(engineers::routes::one)
        .service(engineers::routes::change)
        .service(engineers::certificates::create)
        .service(engineers::certificates::one)
        .service(engineers::certificates::change)
        .service(engineers::certificates::remove)
        .service(engineers::calendar::list_shifts)
        .service(engineers::calendar::create_shift)
        .service(engineers::calendar::remove_shift)
        .service(engineers::calendar::list_absences)
        .service(engineers::calendar::create_absence)
        .service(engineers::calendar::remove_absence);
}

fn places(config: &mut ServiceConfig) {
    config
        .service(customers::routes::list)
        .service(customers::routes::create)
        .service(customers::routes::one)
        .service(customers::routes::change)
        .service(customers::sites::list)
        .service(customers::sites::create)
        .service(customers::sites::one)
        .service(customers::sites::change)
        .service(customers::assets::list)
        .service(customers::assets::create)
        .service(customers::assets::one)
        .service(customers::assets::parts)
        .service(customers::assets::change);
}

fn stock(config: &mut ServiceConfig) {
    config
        .service(inventory::parts::list)
        .service(inventory::parts::create)
        .service(inventory::parts::one)
        .service(inventory::parts::change)
        .service(inventory::locations::list)
        .service(inventory::locations::create)
        .service(inventory::locations::one)
        .service(inventory::locations::change)
        .service(inventory::locations::stock)
        .service(inventory::needs::list)
        .service(inventory::learnt::faults)
        .service(inventory::learnt::learnt)
        .service(inventory::needs::say)
        .service(inventory::needs::unsay)
        .service(inventory::needs::of_ticket)
        .service(inventory::ticket_parts::of_ticket)
        .service(inventory::ticket_parts::reserve)
        .service(inventory::movements::list)
        .service(inventory::movements::create)
        .service(inventory::movements::undo)
        .service(inventory::reservations::list)
        .service(inventory::reservations::create)
        .service(inventory::reservations::pick)
        .service(inventory::reservations::put_back)
        .service(inventory::reservations::issue)
        .service(inventory::reservations::release)
        .service(inventory::reservations::give_back)
        .configure(stock_keeping);
}

fn notes(config: &mut ServiceConfig) {
    config
        .service(tickets::notes::list)
        .service(tickets::notes::create)
        .service(tickets::watchers::list)
        .service(tickets::watchers::add)
        .service(tickets::watchers::remove)
        .service(replies::list)
        .service(replies::one)
        .service(replies::add)
        .service(replies::change)
        .service(replies::remove)
        .service(replies::of_ticket);
}

fn phones(config: &mut ServiceConfig) {
    config
        .service(sync::devices::list)
        .service(sync::devices::revoke)
        .service(sync::enrol::make_code)
        .service(sync::rescue::list)
        .service(sync::rescue::content)
        .service(blobs::office::content)
        .service(sitework::checklists::list)
        .service(sitework::checklists::put)
        .service(sitework::routes::list_labour)
        .service(sitework::routes::list_answers)
        .service(sitework::routes::list_readings)
        .service(sitework::routes::list_photos)
        .service(sitework::routes::list_signatures);
}

fn stock_keeping(config: &mut ServiceConfig) {
    config
        .service(inventory::codes::list)
        .service(inventory::codes::add)
        .service(inventory::codes::remove)
        .service(inventory::codes::substitutes)
        .service(inventory::codes::allow)
        .service(inventory::codes::forbid)
        .service(inventory::levels::list)
        .service(inventory::levels::one)
        .service(inventory::levels::put)
        .service(inventory::levels::remove)
        .service(inventory::levels::proposals)
        .service(inventory::replenishment::review)
        .service(inventory::replenishment::purchase_list)
        .service(inventory::replenishment::purchase_file)
        .service(inventory::replenishment::top_up)
        .service(inventory::ordering::from_list)
        .service(inventory::orders::list)
        .service(inventory::ordering::create)
        .service(inventory::order_file::lines)
        .service(inventory::orders::one)
        .service(inventory::orders::change)
        .service(inventory::orders::cancel)
        .service(inventory::orders::cancel_line)
        .service(inventory::orders::on_order)
        .service(inventory::orders::suppliers)
        .service(inventory::counts::list)
        .service(inventory::counts::open)
        .service(inventory::counts::one)
        .service(inventory::counts::enter)
        .service(inventory::counts::submit)
        .service(inventory::counts::approve)
        .service(inventory::counts::reject)
        .service(inventory::returns::list)
        .service(inventory::returns::receive)
        .service(inventory::returns::grade)
        .service(inventory::returns::waive)
        .service(inventory::put_backs::list)
        .service(inventory::put_backs::done)
        .service(inventory::scan::lookup)
        .service(sync::cards::list)
        .service(sync::cards::resolve);
}
