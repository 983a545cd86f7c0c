//! How far an entry has come, in words and for programs: ✓ recorded, ✓ k/n witnessed, ✓✓ committed, ✓✓✓ arrived.
//! Only words; how far it really came is proved elsewhere.

use proto::{desk::Standing, founding::Network, time::UnixMillis};
use serde_json::json;

use crate::{language::Text, refusals, text};

/// Returns the words of a standing. `abroad`: the hours go to another cité, where they arrive or
/// come back from; `time`: when the entry was made.
pub fn words(standing: Standing, abroad: bool, time: UnixMillis) -> Text {
    match standing {
        Standing::Arrived => text!("standing-arrived"),
        Standing::Returned(reason) => {
            text!("standing-returned", why = refusals::reason(reason))
        }
        Standing::Committed if abroad => text!("standing-waiting", since = time),
        Standing::Committed => text!("standing-committed"),
        Standing::Recorded => text!("standing-recorded"),
        Standing::Witnessed { have, of } => {
            text!("standing-witnessed", have = u32::from(have), of = u32::from(of))
        }
    }
}

/// Returns the neutral word of a standing.
pub fn level(standing: Standing) -> &'static str {
    match standing {
        Standing::Recorded => "recorded",
        Standing::Witnessed { .. } => "witnessed",
        Standing::Committed => "committed",
        Standing::Arrived => "arrived",
        Standing::Returned(_) => "returned",
    }
}

/// Returns how many mirrors hold it, for programs; `null` when the home does not say.
pub fn witnesses(standing: Standing) -> serde_json::Value {
    match standing {
        Standing::Witnessed { have, of } => json!({ "have": have, "of": of }),
        _ => serde_json::Value::Null,
    }
}

/// Returns whether hours that left for another cité are still on their way.
pub fn is_open(standing: Standing) -> bool {
    !matches!(standing, Standing::Arrived | Standing::Returned(_))
}

/// Returns "real network" or "TEST NETWORK", for the head of every screen before a signature.
pub fn network(network: &Network) -> Text {
    if network.test { text!("signing-test") } else { text!("signing-real") }
}

#[cfg(test)]
mod tests {
    use proto::{desk::Standing, time::UnixMillis};

    use super::{is_open, words};
    use crate::language::Lang;

    #[test]
    fn every_level_has_its_sign_and_its_word() {
        let at = UnixMillis(1_795_439_100_000);
        for (standing, sign) in [
            (Standing::Recorded, "✓ "),
            (Standing::Witnessed { have: 2, of: 3 }, "✓2/3 "),
            (Standing::Committed, "✓✓ "),
            (Standing::Arrived, "✓✓✓ "),
            (Standing::Returned(43), "↩ "),
            (Standing::Returned(999), "↩ "),
        ] {
            for lang in Lang::ALL {
                let said = lang.say(&words(standing, false, at));
                assert!(said.starts_with(sign), "{said}");
            }
        }
        let waiting = Lang::En.say(&words(Standing::Committed, true, at));
        assert!(waiting.contains("Nov"), "{waiting}");
        assert!(is_open(Standing::Committed) && !is_open(Standing::Arrived));
    }
}
