//! Other people's text as a message may repeat it: whatever it holds, it changes nothing on a terminal.

/// Makes control and direction characters visible; line ends stay.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Makes control and direction characters visible, line ends too, so that a message shows what is there.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// Removes control and direction characters.
pub fn without_hidden(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

/// Control characters, zero-width characters, and everything that turns the direction of text.
pub fn is_hidden(c: char) -> bool {
    let is_direction = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    c.is_control() || is_direction || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Leaves one line of what can be seen: drops the rest, and joins words with one blank.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            line.extend((!is_invisible(c)).then_some(c));
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Cuts a text off after so many characters.
pub fn cut(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
    text
}

/// What `visible` escapes, and what only changes how a letter looks: soft hyphens, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    let is_selector = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}');
    is_hidden(c) || is_selector || matches!(c, '\u{ad}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_is_hidden() {
        for (text, shown) in [
            ("", ""),
            ("주문 a/b", "주문 a/b"),
            ("a\u{1b}[2J", "a\\u{1b}[2J"),
            ("\u{202e}x\u{200b}", "\\u{202e}x\\u{200b}"),
            ("a\nb", "a\\u{a}b"),
            ("\\u{1b}", "\\u{1b}"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(without_hidden("\u{202e}주문\u{200b} \u{1b}[2Ja\n"), "주문 [2Ja");
        assert_eq!(visible_lines("a\n\tb\n"), "a\n\\u{9}b\n");
    }
}
