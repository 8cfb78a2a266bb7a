//! Building blocks of the page: escaped text, numbers, times, sections and tables.

use chrono::{DateTime, Utc};

use crate::domain::Usd;
use crate::domain::market_session::{korea_as, new_york_as};
use crate::report::json::rfc3339;
use crate::report::table::with_commas;
use crate::visible::visible;

/// Escapes markup and shows hidden characters.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A part of the page with its heading; its class may be blank. `body` is markup, `title` is text.
pub fn section(class: &str, id: &str, title: &str, body: &str) -> String {
    let (title, class) = (escape(title), if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") });
    format!("<section{class} aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{body}</section>\n")
}

/// A remark; `text` is markup.
pub fn note(text: &str) -> String {
    format!("<p class=\"note\">{text}</p>\n")
}

/// A table; the first cell of a row is its heading. Cells are markup; a column whose name begins with `#` holds numbers.
///
/// On a narrow screen each row becomes a block with the columns' names in it, which is no table to browsers: hence the roles.
pub fn table(class: &str, caption: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let kind =
        |column: usize| if columns.get(column).is_some_and(|name| name.starts_with('#')) { " class=\"n\"" } else { "" };
    let name = |column: usize| columns.get(column).map_or("", |name| name.trim_start_matches('#'));
    let heads = (0..columns.len())
        .map(|column| format!("<th role=\"columnheader\" scope=\"col\"{}>{}</th>", kind(column), name(column)));
    let mut text = format!(
        "<table role=\"table\" class=\"{class}\"><caption>{caption}</caption>\n\
         <thead role=\"rowgroup\"><tr role=\"row\">{}</tr></thead>\n<tbody role=\"rowgroup\">\n",
        heads.collect::<String>()
    );
    for row in rows {
        let cells = row.into_iter().enumerate().map(|(column, cell)| match column {
            0 => format!("<th role=\"rowheader\" scope=\"row\">{cell}</th>"),
            _ => format!("<td role=\"cell\" data-label=\"{}\"{}>{cell}</td>", name(column), kind(column)),
        });
        text.push_str(&format!("<tr role=\"row\">{}</tr>\n", cells.collect::<String>()));
    }
    text.push_str("</tbody></table>\n");
    text
}

/// The exact numbers of a chart, collapsed. A long table scrolls.
pub fn numbers(summary: &str, caption: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    format!(
        "<details><summary>{summary}</summary>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" \
         aria-label=\"{caption}\">\n{}</div></details>\n",
        table("plain", caption, columns, rows)
    )
}

/// An amount to the cent, for people and programs: `<data value="9900.1">9,900.10</data>`.
pub fn money(amount: Option<Usd>) -> String {
    amount.map_or_else(|| muted("unknown"), |amount| exact(amount, &grouped(amount)))
}

/// A price with every place it has.
pub fn price(price: Option<Usd>) -> String {
    price.map_or_else(|| muted("?"), |price| exact(price, &price.to_string()))
}

pub fn muted(text: &str) -> String {
    format!("<span class=\"muted\">{text}</span>")
}

fn exact(amount: Usd, shown: &str) -> String {
    format!("<data value=\"{amount}\">{shown}</data>")
}

/// An amount to the cent with a true minus sign: `−1,234.50`.
pub fn grouped(amount: Usd) -> String {
    with_commas(&amount.to_cents().to_string()).replace('-', "\u{2212}")
}

/// An instant in New York and in Korea: `2023-05-24 10:14 EDT, 23:14 KST`.
pub fn both_times(at: DateTime<Utc>) -> String {
    let is_same_day = new_york_as(at, "%F") == korea_as(at, "%F");
    let new_york = new_york_as(at, "%F %H:%M %Z");
    let korea = muted(&korea_as(at, if is_same_day { "%H:%M %Z" } else { "%m-%d %H:%M %Z" }));
    format!("<time datetime=\"{}\"><span>{new_york},</span> {korea}</time>", rfc3339(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::usd;

    #[test]
    fn other_peoples_text_is_never_markup() {
        for (text, escaped) in [
            ("애플", "애플"),
            ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("AT&T", "AT&amp;T"),
            ("a\u{202e}b\u{0}", "a\\u{202e}b\\u{0}"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn amounts_have_their_thousands_apart() {
        for (amount, shown) in [
            ("0", "0.00"),
            ("999.999", "1,000.00"),
            ("-1234.5", "\u{2212}1,234.50"),
            ("123456.78", "123,456.78"),
            ("1234567", "1,234,567.00"),
        ] {
            assert_eq!(grouped(usd(amount)), shown);
        }
        assert_eq!(money(Some(usd("1234.5"))), "<data value=\"1234.50\">1,234.50</data>");
    }

    #[test]
    fn times_name_both_zones_and_another_day_in_korea() {
        let morning = both_times("2023-05-24T14:14:00Z".parse().unwrap());
        assert!(morning.contains(">2023-05-24 10:14 EDT,<") && morning.contains(">23:14 KST<"), "{morning}");
        let noon = both_times("2023-05-24T16:00:00Z".parse().unwrap());
        assert!(noon.contains(">2023-05-24 12:00 EDT,<") && noon.contains(">05-25 01:00 KST<"), "{noon}");
    }
}
