//! `pirate explain [CODE]`: the page of an error, a warning or a verdict, offline.
//! The pages are in the catalogues; `--list` or no code lists them.

use serde_json::json;

use super::Args;
use crate::{
    codes::{self, Code},
    context::Context,
    error::Failure,
    language::Text,
    output::{Done, Screen, Table},
    text,
};

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    match args.text("code") {
        Some(typed) if !args.flag("list") => {
            let code = Code::find(typed).ok_or_else(|| {
                Failure::new(codes::NO_SUCH_CODE, text!("no-such-code", typed = typed))
                    .fix(&["pirate", "explain", "--list"])
            })?;
            Ok(one(context, code))
        }
        _ => Ok(list(context)),
    }
}

fn one(context: &Context, code: Code) -> Done {
    let page = code.page();
    let part = |name| context.lang.attribute(&page, name).unwrap_or_default();
    let (title, cause, todo) = (context.lang.t(&page), part("cause"), part("todo"));
    let steps: Vec<&str> = todo.split('\n').collect();
    let mut screen = Screen::new()
        .title(Text::new("said").with("said", format!("{} · {title}", code.name())))
        .blank()
        .said(cause.as_str())
        .blank()
        .title(text!("explain-todo"));
    for step in &steps {
        screen = screen.inset(Text::new("said").with("said", *step));
    }
    let exit = code.exit().code();
    if exit != 0 {
        screen = screen.blank().line(text!("explain-exit", exit = i64::from(exit)));
    }
    let data = json!({
        "code": code.name(), "title": title, "cause": cause, "what_to_do": steps,
        "exit": exit, "related": [],
    });
    Done::new(data, screen)
}

fn list(context: &Context) -> Done {
    let mut table = Table::new(vec![text!("label-code"), text!("label-title")]);
    let mut items = Vec::new();
    for code in codes::ALL {
        let title = context.lang.t(&code.page());
        items.push(json!({ "code": code.name(), "title": title, "exit": code.exit().code() }));
        table.row(vec![code.name().into(), title.into()]);
    }
    Done::new(json!({ "items": items, "total": items.len() }), Screen::new().table(table))
}
