//! Markup that no data can get out of: what is not written here as a literal is escaped.

/// Markup in the making.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds markup. Only what stands in this program can be it.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, in an element or in a quoted attribute. What HTML and XML would read as markup is
    /// escaped, and what they may not hold is replaced.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\t' | '\n' | '\r' => self.0.push(' '),
                letter if letter.is_control() || is_noncharacter(letter) => {
                    self.0.push(char::REPLACEMENT_CHARACTER);
                }
                letter => self.0.push(letter),
            }
        }
        self
    }

    /// Adds a whole number: a place, a width, a count.
    pub(super) fn number(&mut self, number: i64) -> &mut Self {
        self.0.push_str(&number.to_string());
        self
    }

    /// Adds an element that holds a text: `raw` is its start tag.
    pub(super) fn element(
        &mut self,
        start: &'static str,
        text: &str,
        end: &'static str,
    ) -> &mut Self {
        self.raw(start).text(text).raw(end)
    }

    /// What was made.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

fn is_noncharacter(letter: char) -> bool {
    let code = u32::from(letter);
    code & 0xFFFE == 0xFFFE || (0xFDD0..=0xFDEF).contains(&code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut markup = Markup::default();
        markup.text(text);
        markup.finish()
    }

    #[test]
    fn markup_in_data_is_text() {
        let text = "</text><script>alert('x')</script> \"a\" & b\u{0}\n";
        assert_eq!(
            escaped(text),
            "&lt;/text&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;a&quot; &amp; b\u{FFFD} "
        );
    }

    proptest! {
        #[test]
        fn nothing_gets_out(text in any::<String>()) {
            let text = escaped(&text);
            let markup = ['<', '>', '"', '\'', '\u{0}', '\u{1B}'];
            prop_assert!(!text.contains(markup));
        }
    }
}
