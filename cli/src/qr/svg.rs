//! A code as an SVG picture: one path for the ground, one for the dark modules, and words for whoever does not see it.

use std::fmt::Write as _;

use super::QrCode;

impl QrCode {
    /// Returns the picture as text; `title` names it, `description` says what it holds.
    pub fn svg(&self, title: &str, description: &str) -> String {
        let side = self.side_with_margin();
        let (title, description) = (escaped(title), escaped(description));
        let dark = self.runs().into_iter().fold(String::new(), |mut path, (x, y, length)| {
            let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            path
        });
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
             aria-labelledby=\"title desc\" shape-rendering=\"crispEdges\">\n\
             <title id=\"title\">{title}</title>\n\
             <desc id=\"desc\">{description}</desc>\n\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\n\
             <path fill=\"#000\" d=\"{dark}\"/>\n\
             </svg>\n"
        )
    }
}

/// Returns a text as XML takes it. Control characters, which XML 1.0 has no way to write, are left out.
fn escaped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
        escaped
    })
}
