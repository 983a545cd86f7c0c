//! The five questions of a founding, their flags, and what is proposed where nobody answers.
//! Writes nothing.

use proto::{
    codec::Canonical as _,
    founding::{Founding, Network, Rules},
    minutes::Minutes,
};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::{
    amount, codes,
    commands::Args,
    context::Context,
    error::Failure,
    language::{Lang, Text, Value},
    output::{Mark, Screen},
    text, typed,
};

/// Name of the network in which hours count.
const NETWORK: &str = "main";
/// Name of a network for rehearsals, where none is given.
const NETWORK_TEST: &str = "test";
/// Longest short name.
const SLUG_BYTES_MAX: usize = 32;
/// Articles that a short name does without.
const ARTICLES: [&str; 6] = ["les-", "le-", "la-", "l-", "the-", "une-"];
/// How often a question is put again.
const TRIES_MAX: usize = 3;

/// What the founder decided.
pub(super) struct Answers {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) slug: String,
    pub(super) network: Network,
    pub(super) rules: Rules,
    lang: Lang,
}

impl Answers {
    /// Returns the answers: from flags, else typed, else as proposed where nobody can be asked.
    pub(super) fn ask(context: &Context, args: &Args<'_>) -> Result<Self, Failure> {
        let answered = args.text("name").is_some() && args.text("place").is_some();
        if context.prompt.can_ask() && !(answered && context.global.yes) {
            context.show(&Screen::new().line(text!("found-begin")));
        }
        let proposed = Rules::default();
        let name = named(context, args.text("name"), &text!("found-ask-name"), "--name")?;
        let place = named(context, args.text("place"), &text!("found-ask-place"), "--place")?;
        let step =
            asked(context, args.text("step"), &text!("found-ask-step"), minutes, proposed.step)?;
        let (floor, ceiling) = limits(context, args, &Rules { step, ..proposed.clone() })?;
        let approvals = asked(
            context,
            args.text("approvals"),
            &text!("found-ask-approvals"),
            approvals,
            proposed.approvals,
        )?;
        let rules = Rules { step, floor, ceiling, approvals, ..proposed };
        let lang = args.text("cite-lang").and_then(Lang::of_locale).unwrap_or(context.lang);
        let answers = Self {
            slug: slug(args.text("slug"), &name)?,
            network: network(args),
            name,
            place,
            rules,
            lang,
        };
        answers.check()
    }

    /// Returns the language of the cité.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    fn check(self) -> Result<Self, Failure> {
        if self.network.bounds().is_err() {
            let name = self.network.name.as_str();
            return Err(Failure::new(codes::USAGE, text!("found-bad-network", typed = name)));
        }
        on_steps(self.rules.step, (self.rules.floor, self.rules.ceiling))?;
        if self.rules.bounds().is_err() {
            return Err(Failure::new(codes::USAGE, text!("found-bad-rules")).because(text!(
                "found-bad-rules-bounds",
                most = Value::Limit(i64::from(Rules::LIMIT_MAX.0))
            )));
        }
        Ok(self)
    }
}

/// Returns a name: from its flag, else typed; there is nothing to propose.
fn named(
    context: &Context,
    given: Option<&str>,
    question: &Text,
    flag: &'static str,
) -> Result<String, Failure> {
    if let Some(given) = given {
        return name(given);
    }
    again(context, || name(&context.prompt.line(question, flag)?))
}

fn name(typed: &str) -> Result<String, Failure> {
    let name = typed::plain(typed, Founding::NAME_MAX)?;
    if name.is_empty() {
        return Err(Failure::new(codes::USAGE, text!("found-name-empty")));
    }
    Ok(name)
}

/// Returns an answer: from its flag, else typed, else as proposed (an empty line, or nobody there).
fn asked<T: Copy>(
    context: &Context,
    given: Option<&str>,
    question: &Text,
    read: impl Fn(&str) -> Result<T, Failure>,
    proposed: T,
) -> Result<T, Failure> {
    match given {
        Some(given) => read(given),
        None if context.prompt.can_ask() && !context.global.yes => {
            again(context, || match context.prompt.line(question, "--yes")?.trim() {
                "" => Ok(proposed),
                typed => read(typed),
            })
        }
        None => Ok(proposed),
    }
}

/// Puts a question again when the answer cannot be read.
fn again<T>(context: &Context, mut ask: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut answer = ask();
    for _ in 1..TRIES_MAX {
        match &answer {
            Err(failure) if failure.code() != codes::NEEDS_ANSWER => {
                context.show(&Screen::new().mark(Mark::Bad, failure.message().clone()));
                answer = ask();
            }
            _ => break,
        }
    }
    answer
}

fn minutes(typed: &str) -> Result<Minutes, Failure> {
    amount::parse(typed).map(Minutes).map_err(|error| error.failure(typed))
}

/// Returns how far a limit lies from zero; a floor may be written with or without its minus.
fn distance(typed: &str) -> Result<Minutes, Failure> {
    let signed = amount::parse_signed(typed).map_err(|error| error.failure(typed))?;
    Ok(Minutes(u32::try_from(signed.unsigned_abs()).unwrap_or(u32::MAX)))
}

fn ceiling(typed: &str) -> Result<Minutes, Failure> {
    match amount::parse_signed(typed) {
        Ok(below) if below < 0 => {
            Err(Failure::new(codes::USAGE, text!("found-ceiling-below", typed = typed)))
        }
        Ok(_) => distance(typed),
        Err(error) => Err(error.failure(typed)),
    }
}

fn limits(
    context: &Context,
    args: &Args<'_>,
    proposed: &Rules,
) -> Result<(Minutes, Minutes), Failure> {
    match (args.text("floor"), args.text("ceiling")) {
        // What is typed, and what is proposed, must fit the step that was answered before: it is asked again here,
        // and not found wanting when all has been answered.
        (None, None) if context.prompt.can_ask() && !context.global.yes => again(context, || {
            let typed = context.prompt.line(&text!("found-ask-limits"), "--yes")?;
            limits_on_steps(typed.trim(), proposed)
        }),
        (floor, top) => Ok((
            floor.map(distance).transpose()?.unwrap_or(proposed.floor),
            top.map(ceiling).transpose()?.unwrap_or(proposed.ceiling),
        )),
    }
}

/// Returns the two limits of an answer, or the proposed ones for none, if both are multiples of the step.
fn limits_on_steps(typed: &str, proposed: &Rules) -> Result<(Minutes, Minutes), Failure> {
    let limits = match typed {
        "" => (proposed.floor, proposed.ceiling),
        typed => both_limits(typed)?,
    };
    on_steps(proposed.step, limits)?;
    Ok(limits)
}

fn on_steps(step: Minutes, (floor, ceiling): (Minutes, Minutes)) -> Result<(), Failure> {
    let multiple = |minutes: Minutes| minutes.0.is_multiple_of(step.0.max(1));
    if multiple(floor) && multiple(ceiling) {
        return Ok(());
    }
    Err(Failure::new(codes::USAGE, text!("found-limits-not-steps", step = step)))
}

/// Returns the two limits in `-20h,+40h`, `de −20 h à +40 h`, `-20h +40h`, `from −20 h to +40 h`.
fn both_limits(typed: &str) -> Result<(Minutes, Minutes), Failure> {
    let unreadable = || Failure::new(codes::USAGE, text!("found-limits-unreadable", typed = typed));
    let said = typed.trim().trim_start_matches("de ").trim_start_matches("from ");
    let parted = [",", " à ", " a ", " to ", " +"]
        .iter()
        .find_map(|between| said.split_once(between))
        .ok_or_else(unreadable)?;
    let (floor, top) = (parted.0.trim(), parted.1.trim());
    // Between two limits the lower one is written below zero; otherwise the two were mistaken.
    if !floor.starts_with(['-', '\u{2212}', '\u{2013}', '0']) {
        return Err(unreadable());
    }
    Ok((distance(floor)?, ceiling(top)?))
}

/// Returns how many sign in `2`, `2/3`, `2 sur 3`.
fn approvals(typed: &str) -> Result<u8, Failure> {
    let first: String = typed.trim().chars().take_while(char::is_ascii_digit).collect();
    let rest = typed.trim().get(first.len()..).unwrap_or_default().trim_start();
    let tail = ["/", "sur ", "of "].iter().any(|between| {
        rest.strip_prefix(between).is_some_and(|of| of.trim().parse::<u8>().is_ok())
    });
    first
        .parse()
        .ok()
        .filter(|count| (1..=9).contains(count) && (rest.is_empty() || tail))
        .ok_or_else(|| {
            Failure::new(codes::USAGE, text!("found-approvals-unreadable", typed = typed))
        })
}

fn network(args: &Args<'_>) -> Network {
    let test = args.flag("test-network");
    let usual = if test { NETWORK_TEST } else { NETWORK };
    Network { name: args.text("network").unwrap_or(usual).to_owned(), test }
}

fn slug(given: Option<&str>, name: &str) -> Result<String, Failure> {
    let slug = given.map_or_else(|| slug_of(name), str::to_owned);
    let fits = (1..=SLUG_BYTES_MAX).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits {
        Ok(slug)
    } else {
        Err(Failure::new(
            codes::USAGE,
            text!("found-bad-slug", typed = slug, most = SLUG_BYTES_MAX),
        ))
    }
}

/// Returns the short name that a name suggests: `Les Tisserandes` is `tisserandes`.
fn slug_of(name: &str) -> String {
    let bare = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut slug = String::new();
    for c in bare {
        match c {
            'œ' => slug.push_str("oe"),
            'æ' => slug.push_str("ae"),
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if !slug.ends_with('-') && !slug.is_empty() => slug.push('-'),
            _ => {}
        }
    }
    let short = ARTICLES.iter().find_map(|article| slug.strip_prefix(article)).unwrap_or(&slug);
    short.chars().take(SLUG_BYTES_MAX).collect::<String>().trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{approvals, both_limits, ceiling, distance, limits_on_steps, name, slug, slug_of};
    use proto::{founding::Rules, minutes::Minutes};

    #[test]
    fn a_name_gives_a_short_name() {
        for (name, short) in [
            ("Les Tisserandes", "tisserandes"),
            ("Brest-Recouvrance", "brest-recouvrance"),
            ("L’Œuvre à l’été 2", "oeuvre-a-l-ete-2"),
            ("The Boatmen", "boatmen"),
            ("Le", "le"),
            ("★", ""),
        ] {
            assert_eq!(slug_of(name), short, "{name}");
        }
        assert!(slug(None, "★").is_err() && slug(Some("Abc"), "x").is_err());
        assert!(slug(Some(&"a".repeat(33)), "x").is_err());
        assert_eq!(slug(Some("a-1"), "x").ok().as_deref(), Some("a-1"));
    }

    #[test]
    fn limits_are_read_as_people_write_them() {
        let expected = Some((Minutes(1_200), Minutes(2_400)));
        for typed in ["-20h,+40h", "de −20 h à +40 h", "-20h +40h", "from -20h to 40h", "-20h, 40h"]
        {
            assert_eq!(both_limits(typed).ok(), expected, "{typed}");
        }
        for wrong in ["20h,40h", "-20h", "-20,40", "-20h,-40h", "", "+40h,-20h"] {
            assert!(both_limits(wrong).is_err(), "{wrong}");
        }
        assert_eq!(distance("-20h").ok(), distance("20h").ok());
        assert!(ceiling("-1h").is_err());
    }

    #[test]
    fn limits_that_do_not_fit_the_step_are_asked_again() {
        let proposed = |step| Rules { step: Minutes(step), ..Rules::default() };
        assert_eq!(limits_on_steps("", &proposed(15)).ok(), Some((Minutes(1_200), Minutes(2_400))));
        let sevens = limits_on_steps("-14h,+42h", &proposed(7)).ok();
        assert_eq!(sevens, Some((Minutes(840), Minutes(2_520))));
        for wrong in ["", "-20h,+40h", "-14h,+40h"] {
            assert!(limits_on_steps(wrong, &proposed(7)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn approvals_are_a_small_number() {
        for (typed, count) in [("2", 2), ("2/3", 2), ("2 sur 3", 2), ("1 of 4", 1), (" 9 ", 9)] {
            assert_eq!(approvals(typed).ok(), Some(count), "{typed}");
        }
        for wrong in ["0", "10", "deux", "2x", "2/", "", "-1", "300"] {
            assert!(approvals(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_have_a_length() {
        assert!(name("  ").is_err() && name(&"é".repeat(33)).is_err() && name("a\u{7}b").is_err());
        assert_eq!(name(" Die ").ok().as_deref(), Some("Die"));
    }
}
