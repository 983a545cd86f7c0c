//! A request for hours as text that travels by any means: `pirate:ppay1…`, with its words inside.
//! Readable without any node; nothing here says whether it was paid.

use proto::{
    body::Body,
    codec::{Bytes, Canonical, CodecError, at_most},
    ids::{from_text, to_text},
    request::{Request, SignedRequest},
};
use serde::{Deserialize, Serialize};

use super::Wallet;
use crate::{codes, error::Failure, text};

/// Human-readable part of the text form.
pub const PREFIX: &str = "ppay";
/// Where the wallet keeps the requests that it made.
const FOLDER: &str = "requests";
/// Most own requests that are read back; older ones stay files.
const KEPT_MAX: usize = 1_024;

#[derive(Serialize, Deserialize)]
struct Raw {
    request: Bytes,
    body: Option<Body>,
}

impl Canonical for Raw {
    const NAME: &'static str = "request with its text";
    // Bech32m texts end at 1,023 characters, of which 1,012 carry five bits each: 632 bytes.
    const MAX: usize = 632;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.request.len(), Request::SIGNED_MAX)?;
        self.body.iter().try_for_each(Canonical::bounds)
    }
}

/// A signed request and the words that it commits to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestLink {
    /// The signed request.
    pub request: SignedRequest,
    /// Its words, which are the ones that the request commits to.
    pub body: Option<Body>,
}

impl RequestLink {
    /// Returns the link, or `None` when the words are not those that the request commits to.
    pub fn new(request: SignedRequest, body: Option<Body>) -> Option<Self> {
        let committed = request.request().body;
        let fits = body.as_ref().is_none_or(|body| committed == Some(body.commitment()));
        fits.then_some(Self { request, body })
    }

    fn raw(&self) -> Raw {
        Raw { request: Bytes::from(self.request.bytes().to_vec()), body: self.body.clone() }
    }

    /// Returns the text, `pirate:` in front.
    pub fn to_text(&self) -> String {
        format!("pirate:{}", to_text(PREFIX, &self.raw().encode()))
    }

    /// Returns whether a text looks like a link, whole or not.
    pub fn looks_like(typed: &str) -> bool {
        strip(typed).get(..5).is_some_and(|head| head.eq_ignore_ascii_case("ppay1"))
    }

    /// Returns the request of a text, with or without `pirate:` in front.
    ///
    /// # Errors
    /// P0415; P0427 when the words are not the ones that were signed.
    pub fn read(typed: &str) -> Result<Self, Failure> {
        let unreadable = || Failure::new(codes::REQUEST_UNREADABLE, text!("request-unreadable"));
        let bytes = from_text(PREFIX, strip(typed)).map_err(|e| unreadable().caused_by(&e))?;
        Self::decode(&bytes).ok_or_else(unreadable)?
    }

    /// `None`: unreadable; an error: readable, but the words were changed.
    fn decode(bytes: &[u8]) -> Option<Result<Self, Failure>> {
        let raw = Raw::decode(bytes).ok()?;
        let request = SignedRequest::decode(&raw.request).ok()?;
        Some(
            Self::new(request, raw.body)
                .ok_or_else(|| Failure::new(codes::REQUEST_FORGED, text!("request-forged"))),
        )
    }
}

fn strip(typed: &str) -> &str {
    let typed = typed.trim();
    match typed.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("pirate:") => {
            typed.get(7..).unwrap_or_default()
        }
        _ => typed,
    }
}

impl Wallet {
    /// Keeps a request that was made here: a home only knows those that it carried.
    ///
    /// # Errors
    /// P0201.
    pub fn keep_request(&self, link: &RequestLink) -> Result<(), Failure> {
        self.store.replace(&format!("{FOLDER}/{}", link.request.id()), &link.raw().encode())
    }

    /// Returns the requests that were made here.
    ///
    /// # Errors
    /// P0202.
    pub fn kept_requests(&self) -> Result<Vec<RequestLink>, Failure> {
        let mut links = Vec::new();
        for name in self.store.names(FOLDER, KEPT_MAX)? {
            let bytes = self.store.read(&name)?.unwrap_or_default();
            links.extend(RequestLink::decode(&bytes).and_then(Result::ok));
        }
        Ok(links)
    }
}

#[cfg(test)]
mod tests {
    use proto::{body::Body, hash::Hash, ids::MemberId, time::UtcDay};

    use super::RequestLink;
    use crate::{codes, wallet::tests::request_link};

    fn link(text: &str) -> RequestLink {
        let body = Body { salt: [5; 32], text: text.to_owned(), category: "c".repeat(32) };
        request_link(9, Some(MemberId(Hash([4; 32]))), UtcDay(20_787), Some(body))
    }

    #[test]
    fn the_longest_words_still_make_a_link_that_reads_back() {
        for words in ["", "Réparation de vélo", &"é".repeat(128)] {
            let link = link(words);
            let text = link.to_text();
            assert_eq!(RequestLink::read(&text).ok().as_ref(), Some(&link));
            let bare = text.trim_start_matches("pirate:").to_uppercase();
            assert_eq!(RequestLink::read(&format!(" {bare}\n")).ok().as_ref(), Some(&link));
            assert!(RequestLink::looks_like(&text) && RequestLink::looks_like(&bare));
        }
    }

    #[test]
    fn mistyped_links_and_changed_words_are_refused() {
        let good = link("Vélo").to_text();
        let bad = good.replace("ppay1q", "ppay1z");
        let cut = &good[..good.len() - 3];
        for wrong in [bad.as_str(), cut, "", "pirate:", "ppay1", "preq1qqqq"] {
            let failure = RequestLink::read(wrong).expect_err("this is no link");
            assert_eq!(failure.code(), codes::REQUEST_UNREADABLE, "{wrong}");
        }
        let mut other = link("Vélo");
        other.body = Some(Body { salt: [5; 32], text: "Auto".to_owned(), category: String::new() });
        let failure = RequestLink::read(&other.to_text()).expect_err("the words were changed");
        assert_eq!(failure.code(), codes::REQUEST_FORGED);
    }
}
