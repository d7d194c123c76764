//! Derivations in Simplified Chinese.

use super::{Times, business_days, duration, time};
use crate::Millis;
use crate::derivation::{Changed, Outcome, Step, Why};
use crate::policy::{Target, Unit};

pub fn step(times: &Times, step: &Step) -> String {
    match *step {
        Step::Opened { at, target: promised } => {
            format!("{} 开单，时限 {}", full(times, at), target(promised))
        }
        Step::CountsFrom { at } => format!("{} 起计时", when(times, at)),
        Step::Paused { from, until: None, why, .. } => {
            format!("{} 起{}暂停", when(times, from), because(why))
        }
        Step::Paused { from, until: Some(until), counted_ms, why, counts_from } => {
            let counted = match counted_ms {
                Some(counted) if counted == until - from => String::new(),
                Some(counted) => format!("，其中工作时间 {}", lasting(counted)),
                None => "，其中工作时间不详".to_owned(),
            };
            let goes_on = counts_from.map(|at| format!("，{} 起继续计时", when(times, at)));
            format!(
                "{}暂停 {}{counted}（{} 至 {}）{}",
                because(why),
                lasting(until - from),
                when(times, from),
                same_day(times, from, until),
                goes_on.unwrap_or_default(),
            )
        }
        Step::Changed { at, what, to } => {
            let what = match what {
                Changed::Priority => "优先级",
                Changed::Policy => "SLA 策略",
                Changed::Site => "站点",
            };
            format!("{} 起{what}改为 {to}，自开单时重新计算", when(times, at))
        }
        Step::Met { at } => format!("{} 达成", when(times, at)),
        Step::Reopened { at } => format!("{} 重新打开", when(times, at)),
    }
}

pub fn outcome(times: &Times, outcome: &Outcome, unit: Unit) -> String {
    match *outcome {
        Outcome::Due { at } => format!("{} 到期", when(times, at)),
        Outcome::Paused { left, .. } => format!("恢复后剩余 {}", remaining(left, unit)),
        Outcome::UnknownYear { year } => format!("到期时间未知：日历中没有 {year} 年的数据"),
    }
}

pub fn target(target: Target) -> String {
    let unit = match target.unit {
        Unit::Minutes => "分钟",
        Unit::Hours => "小时",
        Unit::BusinessMinutes => "个工作分钟",
        Unit::BusinessHours => "个工作小时",
        Unit::BusinessDays => "个工作日",
    };
    format!("{} {unit}", target.amount)
}

fn remaining(left: i64, unit: Unit) -> String {
    match unit {
        Unit::BusinessDays => format!("{} 个工作日", business_days(left)),
        Unit::BusinessMinutes | Unit::BusinessHours => format!("工作时间 {}", lasting(left)),
        Unit::Minutes | Unit::Hours => lasting(left),
    }
}

fn lasting(ms: Millis) -> String {
    duration(ms, ["小时", "分钟", "秒"], "0 分钟")
}

fn because(why: Why) -> String {
    let (reason, note) = match why {
        Why::Resolved => return "视为已解决，".to_owned(),
        Why::Asked { reason, note } => (reason, note),
        Why::State { state, reason: "", note } => (state, note),
        Why::State { reason, note, .. } => (reason, note),
    };
    let words = match reason {
        "customer" => "等待客户",
        "part" => "等待备件",
        "third_party" => "等待第三方",
        "approval" => "等待审批",
        other => other,
    };
    let note = note.map(|note| format!(" {note} ")).unwrap_or_default();
    format!("{words}{note}")
}

/// Weekday and time, if that says which day.
fn when(times: &Times, at: Millis) -> String {
    if !times.is_near(at) {
        return full(times, at);
    }
    let local = times.local(at);
    format!("{} {}", weekday(local.weekday()), time(local))
}

fn full(times: &Times, at: Millis) -> String {
    let local = times.local(at);
    format!("{} {} {}", local.date(), weekday(local.weekday()), time(local))
}

fn same_day(times: &Times, from: Millis, until: Millis) -> String {
    let (from, local) = (times.local(from), times.local(until));
    if from.date() == local.date() { time(local) } else { when(times, until) }
}

fn weekday(day: jiff::civil::Weekday) -> &'static str {
    let names = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    names.get(day.to_monday_zero_offset() as usize).copied().unwrap_or_default()
}
