//! Recovery words that are shown and asked back, so that nothing is kept whose words nobody has. Never to stdout.

use std::collections::BTreeSet;

use crate::{
    codes,
    context::Context,
    error::Failure,
    language::{Lang, Text},
    output::{Mark, Screen},
    text, words,
};

/// How often they are asked, before and after they are shown once more.
const TRIES_MAX: usize = 3;
/// How many words of the twelve are asked back: as many as people put up with.
const ASKED: usize = 3;

/// Shows the words below `heading` and asks some of them back, drawn by chance: nobody learns which to write down.
/// Whoever does not know them is shown the whole once more before it is given up.
///
/// # Errors
/// `unknown`, or why nobody could be asked.
pub(crate) fn show(
    context: &Context,
    (lang, phrase): (Lang, &[String]),
    heading: &Text,
    unknown: Failure,
) -> Result<(), Failure> {
    let places = drawn(phrase.len())?;
    let listed = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let question = text!("words-ask-back", places = listed);
    for _ in 0..2 {
        context.show(&Screen::new().blank().line(heading.clone()).verbatim(columns(phrase)));
        for _ in 0..TRIES_MAX {
            let typed = context.prompt.line(&question, "--words-output")?;
            if are_these(lang, phrase, &places, &typed) {
                return Ok(());
            }
            context.show(&Screen::new().mark(Mark::Bad, text!("words-not-these")));
        }
    }
    Err(unknown)
}

/// Returns places from 1 on, in rising order.
fn drawn(words: usize) -> Result<Vec<usize>, Failure> {
    let mut places = BTreeSet::new();
    while places.len() < ASKED.min(words) {
        let mut byte = [0];
        getrandom::fill(&mut byte)
            .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
        places.insert(usize::from(byte[0]) % words + 1);
    }
    Ok(places.into_iter().collect())
}

/// Whether these are the words of those places; their numbers may stand before them, as on the paper.
fn are_these(lang: Lang, phrase: &[String], places: &[usize], typed: &str) -> bool {
    let typed = words::split(typed);
    let word = |place: &usize| phrase.get(place.saturating_sub(1));
    typed.len() == places.len()
        && places.iter().zip(typed).all(|(place, typed)| {
            word(place).is_some_and(|word| words::same_word(lang, typed, word))
        })
}

/// Two columns of six, in reading order from top to bottom: no word breaks on a narrow screen.
fn columns(phrase: &[String]) -> String {
    let cell = |place: usize| match phrase.get(place) {
        Some(word) => format!("{:>4} {word:<12}", place + 1),
        None => String::new(),
    };
    (0..6).map(|row| format!("{}\n", [row, row + 6].map(cell).concat().trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::{ASKED, Lang, are_these, drawn};
    use crate::words;

    #[test]
    fn places_are_different_ones_of_all() {
        let all: std::collections::BTreeSet<usize> = (0..400)
            .flat_map(|_| {
                let places = drawn(12).expect("the system has chance");
                assert!(places.is_sorted_by(|a, b| a < b) && places.len() == ASKED, "{places:?}");
                places
            })
            .collect();
        assert!(all.iter().copied().eq(1..=12), "{all:?}");
    }

    #[test]
    fn the_numbers_of_the_question_may_stand_before_the_words() {
        let phrase = words::phrase(Lang::Fr, &zeroize::Zeroizing::new([7; 16]));
        let [third, eighth] =
            [2, 7].map(|place| phrase.get(place).expect("there are twelve").as_str());
        let capital = third.to_uppercase();
        for typed in [
            format!("{third} {eighth}"),
            format!("3. {capital} 8. {eighth}"),
            format!("3 {third}, 8 {eighth}"),
            format!("3:{third};8:{eighth}"),
        ] {
            assert!(are_these(Lang::Fr, &phrase, &[3, 8], &typed), "{typed}");
        }
        for typed in ["", third, &format!("8. {eighth} 3. {third}"), "3 8"] {
            assert!(!are_these(Lang::Fr, &phrase, &[3, 8], typed), "{typed}");
        }
    }
}
