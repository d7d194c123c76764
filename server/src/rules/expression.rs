//! Conditions: expressions in CEL, of which it is known before they are kept that they are short, shallow, name only
//! what there is, cannot run for long, and say yes or no. What could make a value grow or a loop run in a loop is
//! refused: a condition may ask `exists` and `all` of a list, one at a time, and neither `map` nor `filter`. So the
//! time that it takes is bounded by its size, and there is no clock to be watched while it runs.

use std::sync::{Arc, LazyLock};

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr};
use cel::{Context, Env, Program, Value};

use super::facts::{self, Asks, Facts};

/// Longest condition in bytes.
pub const LONGEST: usize = 4_096;
/// Most parts of a condition.
const MOST_PARTS: usize = 500;
/// Deepest part of one.
const DEEPEST: usize = 40;
/// Stack for reading: nested as deep as the longest condition can be, the parser needs more than a worker has.
const STACK: usize = 64 << 20;

/// What may be called.
const FUNCTIONS: &[&str] = &["size", "contains", "startsWith", "endsWith"];
/// Operators, as the parser names them.
const OPERATORS: &[&str] = &[
    "_?_:_", "_&&_", "_||_", "!_", "_-_", "_+_", "_*_", "_/_", "_%_", "_==_", "_!=_", "_>=_", "_<=_", "_>_",
    "_<_", "-_", "_[_]", "@in",
];

/// What is wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `too_long`, `expression_too_big`, `expression_syntax`, `expression_unknown`, `expression_not_allowed`,
    /// `expression_not_boolean`.
    pub code: &'static str,
    /// In a sentence.
    pub message: String,
}

fn fault(code: &'static str, message: impl Into<String>) -> Fault {
    Fault { code, message: message.into() }
}

/// A condition that may be asked.
#[derive(Debug, Clone)]
pub struct Condition {
    expr: Arc<IdedExpr>,
    asks: Asks,
}

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

impl Condition {
    /// Reads a condition and makes sure that it may be asked.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, Fault> {
        if text.len() > LONGEST {
            return Err(fault("too_long", format!("must have at most {LONGEST} bytes")));
        }
        let text = text.to_owned();
        let reading = std::thread::Builder::new().stack_size(STACK).spawn(move || parsed(&text));
        let read = reading.ok().and_then(|thread| thread.join().ok());
        let condition = read.unwrap_or_else(|| Err(fault("expression_syntax", "cannot be read")))?;
        condition.try_on_samples()?;
        Ok(condition)
    }

    /// Which facts have to be read for it.
    pub fn asks(&self) -> Asks {
        self.asks
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// Why it could not be said.
    pub fn holds(&self, facts: &Facts) -> Result<bool, String> {
        yes_or_no(&self.expr, &context(facts)?)
    }

    /// Asks it of tickets of all kinds, and each part that must say yes or no by itself: what stands behind `||` would
    /// else be asked only on the day on which it matters.
    fn try_on_samples(&self) -> Result<(), Fault> {
        let wrong = |why: String| fault("expression_not_boolean", why);
        let sample = facts::sample();
        let full = context(&sample).map_err(wrong)?;
        let mut parts = Vec::new();
        logical(&self.expr, &mut parts);
        for part in parts {
            yes_or_no(part, &full).map_err(wrong)?;
        }
        for facts in [&sample, &Facts::default()] {
            self.holds(facts).map_err(wrong)?;
        }
        Ok(())
    }
}

fn context(facts: &Facts) -> Result<Context<'_, '_>, String> {
    let mut context = Context::with_env(ENV.clone());
    let failed = |error: cel::SerializationError| error.to_string();
    context.add_variable("ticket", &facts.ticket).map_err(failed)?;
    context.add_variable("asset", &facts.asset).map_err(failed)?;
    context.add_variable("site", &facts.site).map_err(failed)?;
    context.add_variable("customer", &facts.customer).map_err(failed)?;
    context.add_variable("sla", &facts.sla).map_err(failed)?;
    context.add_variable("event", &facts.event).map_err(failed)?;
    context.add_variable("now", &facts.now).map_err(failed)?;
    Ok(context)
}

fn yes_or_no(expr: &IdedExpr, context: &Context<'_, '_>) -> Result<bool, String> {
    match Value::resolve(expr, context) {
        Ok(Value::Bool(holds)) => Ok(holds),
        Ok(_) => Err("must say true or false".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn parsed(text: &str) -> Result<Condition, Fault> {
    let program = Program::compile(text).map_err(|errors| {
        let first = errors.errors.first().map_or_else(String::new, |error| {
            let (line, column) = error.pos;
            format!("line {line}, column {column}: {}", error.msg)
        });
        fault("expression_syntax", first)
    })?;
    let mut walk = Walk { parts: 0, names: Vec::new(), loops: 0, asks: Asks::default() };
    walk.look(program.expression(), 0)?;
    Ok(Condition { expr: Arc::new(program.expression().clone()), asks: walk.asks })
}

/// Parts that must say yes or no by themselves.
fn logical<'e>(expr: &'e IdedExpr, parts: &mut Vec<&'e IdedExpr>) {
    let Expr::Call(call) = &expr.expr else { return };
    match call.func_name.as_str() {
        "_&&_" | "_||_" | "!_" => parts.extend(&call.args),
        "_?_:_" => parts.extend(call.args.first()),
        _ => {}
    }
    call.args.iter().for_each(|arg| logical(arg, parts));
}

struct Walk {
    parts: usize,
    /// Names that loops give.
    names: Vec<String>,
    loops: usize,
    asks: Asks,
}

impl Walk {
    fn look(&mut self, expr: &IdedExpr, depth: usize) -> Result<(), Fault> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(fault("expression_too_big", format!("must have at most {MOST_PARTS} parts")));
        }
        if depth > DEEPEST {
            return Err(fault("expression_too_big", format!("is nested more than {DEEPEST} deep")));
        }
        let all =
            |walk: &mut Self, some: &[IdedExpr]| some.iter().try_for_each(|one| walk.look(one, depth + 1));
        match &expr.expr {
            Expr::Literal(_) => Ok(()),
            Expr::List(list) => all(self, &list.elements),
            Expr::Ident(name) if self.names.contains(name) => Ok(()),
            Expr::Ident(name) if facts::fields(name).is_some() => {
                Err(fault("expression_not_allowed", format!("{name} stands for itself; name a field of it")))
            }
            Expr::Ident(name) => Err(unknown(name)),
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(root) if !self.names.contains(root) => match facts::fields(root) {
                    Some(fields) if fields.contains(&select.field.as_str()) => {
                        self.asks.add(root, &select.field);
                        Ok(())
                    }
                    Some(_) => Err(unknown(&format!("{root}.{}", select.field))),
                    None => Err(unknown(root)),
                },
                _ => Err(unknown(&select.field)),
            },
            Expr::Call(call) => {
                let name = call.func_name.as_str();
                if !OPERATORS.contains(&name) && !FUNCTIONS.contains(&name) {
                    return Err(fault("expression_not_allowed", format!("{name}() cannot be called here")));
                }
                if let Some(target) = &call.target {
                    self.look(target, depth + 1)?;
                }
                all(self, &call.args)
            }
            Expr::Comprehension(every) => self.look_at_loop(every, depth),
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(pair) => {
                    self.look(&pair.key, depth + 1)?;
                    self.look(&pair.value, depth + 1)
                }
                EntryExpr::StructField(_) => {
                    Err(fault("expression_not_allowed", "there are no structures here"))
                }
            }),
            Expr::Struct(_) | Expr::Unspecified => {
                Err(fault("expression_not_allowed", "there are no structures here"))
            }
        }
    }

    /// `exists` and `all`, not within another, and nothing that makes a list.
    fn look_at_loop(&mut self, every: &ComprehensionExpr, depth: usize) -> Result<(), Fault> {
        if matches!(every.accu_init.expr, Expr::List(_)) {
            return Err(fault(
                "expression_not_allowed",
                "map and filter cannot be used here; exists and all can",
            ));
        }
        if self.loops > 0 {
            return Err(fault("expression_not_allowed", "exists and all cannot stand within one another"));
        }
        self.look(&every.iter_range, depth + 1)?;
        self.loops += 1;
        let known = self.names.len();
        self.names.extend([every.iter_var.clone(), every.accu_var.clone()]);
        self.names.extend(every.iter_var2.clone());
        for part in [&every.loop_step, &every.result] {
            self.look_in_loop(part, depth + 1)?;
        }
        self.names.truncate(known);
        self.loops -= 1;
        Ok(())
    }

    /// What the macros themselves put in, besides what was written.
    fn look_in_loop(&mut self, expr: &IdedExpr, depth: usize) -> Result<(), Fault> {
        match &expr.expr {
            Expr::Call(call) if call.func_name == "@not_strictly_false" => {
                call.args.iter().try_for_each(|arg| self.look(arg, depth + 1))
            }
            _ => self.look(expr, depth),
        }
    }
}

fn unknown(name: &str) -> Fault {
    fault("expression_unknown", format!("there is no {name} here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        Condition::read(text).err().map_or("fine", |fault| fault.code)
    }

    #[test]
    fn what_holds_of_a_ticket_is_said() {
        let facts = facts::sample();
        for (text, holds) in [
            ("true", true),
            ("ticket.priority <= 2 && ticket.symptom.contains('trapped')", true),
            ("ticket.required_skills.exists(s, s == 'traction')", true),
            ("ticket.required_skills.all(s, s.startsWith('it'))", false),
            ("event.name in ['created', 'assigned'] ? sla.minutes_left < 60 : false", false),
            ("customer.level == 'A' || now.hour >= 22", true),
            ("size(ticket.title) > 0 && !(ticket.age_minutes / 60 > 24)", true),
        ] {
            assert_eq!(Condition::read(text).unwrap().holds(&facts), Ok(holds), "{text}");
        }
    }

    #[test]
    fn only_what_is_asked_about_has_to_be_read() {
        let asks = |text: &str| Condition::read(text).unwrap().asks();
        assert_eq!(asks("ticket.priority == 1 && event.by_rule"), Asks::default());
        assert_eq!(asks("now.hour > 6"), Asks { place: true, ..Asks::default() });
        assert_eq!(asks("site.name in [customer.name]"), Asks { place: true, ..Asks::default() });
        assert_eq!(asks("false || asset.kind.startsWith('e')"), Asks { asset: true, ..Asks::default() });
        let in_a_loop = "ticket.required_skills.exists(s, s == ticket.engineer || ticket.idle_minutes > 3)";
        assert_eq!(asks(in_a_loop), Asks { engineer: true, idle: true, ..Asks::default() });
        let either = asks("now.hour > 6").or(asks("asset.kind == 'x'"));
        assert_eq!(either, Asks { place: true, asset: true, ..Asks::default() });
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_its_reason() {
        for (text, expected) in [
            ("", "expression_syntax"),
            ("ticket.priority <", "expression_syntax"),
            ("ticket.colour == 'red'", "expression_unknown"),
            ("tickets.priority == 1", "expression_unknown"),
            ("priority == 1", "expression_unknown"),
            ("ticket == asset", "expression_not_allowed"),
            ("ticket.priority", "expression_not_boolean"),
            ("ticket.priority > 'high'", "expression_not_boolean"),
            // What stands behind something that is true already.
            ("true || ticket.title > 3", "expression_not_boolean"),
            ("ticket.title.matches('a+')", "expression_not_allowed"),
            ("ticket.required_skills.map(s, s + s).size() > 1", "expression_not_allowed"),
            (
                "ticket.required_skills.exists(a, ticket.required_skills.exists(b, a == b))",
                "expression_not_allowed",
            ),
            ("launch(ticket.number)", "expression_not_allowed"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn a_condition_of_a_megabyte_or_nested_without_end_is_refused_at_once() {
        let began = std::time::Instant::now();
        assert_eq!(code(&"true && ".repeat(131_072)), "too_long");
        let open = format!("{}true{}", "(".repeat(2_000), ")".repeat(2_000));
        assert!(["expression_syntax", "expression_too_big"].contains(&code(&open)), "{}", code(&open));
        assert_eq!(code(&format!("{}true", "1 == 1 && ".repeat(400))), "expression_too_big");
        let deep = format!("{}1 > 0", "1 + ".repeat(200));
        assert_eq!(code(&deep), "expression_too_big");
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }

    #[test]
    fn the_dearest_condition_that_is_kept_is_asked_within_seconds() {
        let list = (0..150).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        let step = vec!["ticket.description.contains('zz')"; 30].join(" || ");
        let text = format!("[{list}].exists(n, {step})");
        let condition = Condition::read(&text).unwrap();
        let mut facts = facts::sample();
        facts.ticket.description = "z ".repeat(10_000);
        let began = std::time::Instant::now();
        assert_eq!(condition.holds(&facts), Ok(false));
        let took = began.elapsed();
        println!("the dearest condition took {took:?}");
        assert!(took.as_secs() < 10, "{took:?}");
    }
}
