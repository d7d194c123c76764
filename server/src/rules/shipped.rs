//! The rules that come with Fettle: the examples of those who asked for rules. Those that only tell somebody, and the
//! one about people in danger, run from the start; what moves work about is turned on by whoever wants it so.

use db::Timestamp;
use db::types::Json;
use mobile_sync_wire::EventKind;

use super::{Action, Rule, RuleEvent, Trigger};
use crate::auth::Role;
use crate::tickets::SkillNeed;
use crate::tickets::write::Dispatch;

/// What is told to whom.
fn tell(engineer: bool, supervisors: bool, roles: &[Role]) -> Action {
    Action::Notify { engineer, supervisors, roles: roles.to_vec(), users: Vec::new() }
}

fn event(event: RuleEvent) -> Trigger {
    Trigger::Event { event }
}

fn set_priority(priority: i32) -> Action {
    Action::Set { priority: Some(priority), auto_dispatch: None, expected_minutes: None }
}

/// All of them.
pub fn rules() -> Vec<Rule> {
    [running(), to_be_turned_on()].concat()
}

fn rule(
    id: &str,
    enabled: bool,
    (name_en, name_zh): (&str, &str),
    trigger: Trigger,
    condition: &str,
    actions: Vec<Action>,
) -> Rule {
    Rule {
        id: id.to_owned(),
        version: 1,
        name_en: name_en.to_owned(),
        name_zh: name_zh.to_owned(),
        enabled,
        trigger: Json(trigger),
        condition: condition.to_owned(),
        actions: Json(actions),
        changed_at: Timestamp::from_millis(0),
    }
}

fn running() -> Vec<Rule> {
    vec![
        rule(
            "trapped-passenger",
            true,
            (
                "Passenger trapped: priority 1, and everybody in the office knows",
                "困人：优先级设为 1 并通知调度",
            ),
            event(RuleEvent::Created),
            "[ticket.symptom, ticket.title, ticket.description].exists(t,\n  \
             t.contains('trapped') || t.contains('Trapped') || t.contains('困人') || t.contains('被困'))",
            vec![set_priority(1), tell(true, true, &[Role::Dispatcher])],
        ),
        rule(
            "low-score",
            true,
            ("Low score: a supervisor sees to it", "满意度低：由主管跟进"),
            event(RuleEvent::ConfirmationAnswered),
            "!event.solved || event.score == 1",
            vec![tell(false, true, &[])],
        ),
        rule(
            "unhandled-24-hours",
            true,
            ("Nobody has it after 24 hours: remind the supervisor", "超过 24 小时未处理：提醒主管"),
            Trigger::Every { minutes: 15, once: true },
            "ticket.status == 'new' && ticket.age_minutes > 24 * 60",
            vec![tell(false, true, &[])],
        ),
    ]
}

fn to_be_turned_on() -> Vec<Rule> {
    vec![
        rule(
            "overdue",
            false,
            ("Not solved in time: tell the engineer and his supervisor", "解决超时：通知工程师和主管"),
            event(RuleEvent::SlaBreached),
            "true",
            vec![tell(true, true, &[])],
        ),
        rule(
            "due-soon",
            false,
            ("Due soon and nobody has begun: give it to somebody else", "即将超时且尚未开工：改派"),
            event(RuleEvent::SlaWarning),
            "event.target == 'resolution' && event.left_percent <= 10 &&\n  \
             ticket.status in ['new', 'assigned', 'accepted']",
            vec![Action::Escalate {}],
        ),
        rule(
            "new-urgent",
            false,
            ("New urgent ticket: tell the dispatchers", "新的紧急工单：通知调度员"),
            event(RuleEvent::Created),
            "ticket.priority == 1",
            vec![tell(false, false, &[Role::Dispatcher])],
        ),
        rule(
            "it-fault",
            false,
            ("IT fault: to the IT group", "IT 故障：派给 IT 组"),
            event(RuleEvent::Created),
            "ticket.kind == 'it' || ticket.kind == 'it_fault'",
            vec![Action::Assign { group: Some(SkillNeed { skill: "it".to_owned(), level: 1 }) }],
        ),
        rule(
            "idle-30-days",
            false,
            ("Nothing done for 30 days: open a reminder", "超过 30 天未跟进：新建提醒工单"),
            Trigger::Daily { time: "08:00".to_owned(), time_zone: "Asia/Shanghai".to_owned(), once: true },
            "ticket.idle_minutes > 30 * 24 * 60 && ticket.kind != 'follow_up'",
            vec![Action::CreateTicket {
                kind: "follow_up".to_owned(),
                priority: 4,
                title: "Follow up / 跟进 #{number}".to_owned(),
                description: String::new(),
                dispatch: Dispatch::Manual,
            }],
        ),
        rule(
            "stale-new",
            false,
            ("Low priority and nobody took it for 90 days: cancel", "低优先级 90 天无人受理：取消"),
            Trigger::Daily { time: "03:00".to_owned(), time_zone: "Asia/Shanghai".to_owned(), once: true },
            "ticket.status == 'new' && ticket.priority == 4 && ticket.age_minutes > 90 * 24 * 60",
            vec![Action::Step {
                event: EventKind::Cancel, reason: "Nobody took it / 无人受理".to_owned()
            }],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::check;
    use crate::rules::edit::RuleBody;

    #[test]
    fn every_rule_that_comes_with_fettle_would_be_taken_if_somebody_saved_it() {
        for rule in rules() {
            check::shape(&RuleBody::of(&rule), false).unwrap_or_else(|e| panic!("{}: {e}", rule.id));
        }
    }
}
