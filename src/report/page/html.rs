//! Building blocks of the page: escaped text, numbers, sections and tables.

use crate::domain::Usd;
use crate::visible::visible;

/// As wide as a digit, and blank.
const FIGURE_SPACE: &str = "\u{2007}";
/// What is not known, in a cell.
pub const NOT_KNOWN: &str = "<span class=\"muted\">–</span>";
/// Places that a price is shown with at most.
const MAX_PLACES: u32 = 4;

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

/// A part of the page with its heading; its class may be blank. Title and body are markup.
pub fn section(class: &str, id: &str, title: &str, body: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<section{class} aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{body}</section>\n")
}

/// A remark; `text` is markup.
pub fn note(text: &str) -> String {
    format!("<p class=\"note\">{text}</p>\n")
}

/// A name and its value in a list of facts.
pub fn fact(name: &str, value: &str) -> String {
    format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n")
}

/// A column of a table; its name is escaped text, for an attribute too.
pub struct Column {
    name: String,
    is_number: bool,
}

impl Column {
    pub fn text(name: String) -> Column {
        Column { name, is_number: false }
    }

    pub fn number(name: String) -> Column {
        Column { name, is_number: true }
    }

    fn class(&self) -> &'static str {
        if self.is_number { " class=\"n\"" } else { "" }
    }
}

/// A table; the first cell of a row is its heading. Cells are markup.
///
/// On a narrow screen each row becomes a block with the columns' names in it, which is no table to browsers: hence the roles.
pub fn table(class: &str, caption: &str, columns: &[Column], rows: &[Vec<String>], sum: Option<&[String]>) -> String {
    let heads: String = columns
        .iter()
        .map(|column| format!("<th role=\"columnheader\" scope=\"col\"{}>{}</th>", column.class(), column.name))
        .collect();
    let row = |cells: &[String]| {
        let cells = columns.iter().zip(cells).enumerate().map(|(n, (column, cell))| match n {
            0 => format!("<th role=\"rowheader\" scope=\"row\">{cell}</th>"),
            _ => format!("<td role=\"cell\" data-label=\"{}\"{}>{cell}</td>", column.name, column.class()),
        });
        format!("<tr role=\"row\">{}</tr>\n", cells.collect::<String>())
    };
    let body: String = rows.iter().map(|cells| row(cells)).collect();
    let foot = sum.map_or_else(String::new, |cells| format!("<tfoot role=\"rowgroup\">\n{}</tfoot>\n", row(cells)));
    format!(
        "<table role=\"table\" class=\"{class}\"><caption>{caption}</caption>\n\
         <thead role=\"rowgroup\"><tr role=\"row\">{heads}</tr></thead>\n<tbody role=\"rowgroup\">\n{body}</tbody>\n{foot}</table>\n"
    )
}

/// A table, collapsed. A long one scrolls.
pub fn folded(summary: &str, caption: &str, table: &str) -> String {
    format!(
        "<details><summary>{summary}</summary>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" \
         aria-label=\"{caption}\">\n{table}</div></details>\n"
    )
}

/// An amount to the cent, for people and programs: `<data value="9900.1">9,900.10</data>`.
pub fn money(amount: Usd) -> String {
    format!("<data value=\"{amount}\">{}</data>", grouped(amount))
}

pub fn muted(text: &str) -> String {
    format!("<span class=\"muted\">{text}</span>")
}

/// An amount to the cent with a true minus sign: `−1,234.50`.
pub fn grouped(amount: Usd) -> String {
    amount.to_cents().with_commas().replace('-', "\u{2212}")
}

/// The same with a plus sign for more than nothing.
pub fn grouped_signed(amount: Usd) -> String {
    let plus = if amount.to_cents().is_positive() { "+" } else { "" };
    format!("{plus}{}", grouped(amount))
}

/// A price with the places it has: `1,234.5678`.
pub fn price(price: Usd) -> String {
    Usd(price.0.round_dp(MAX_PLACES)).with_commas().replace('-', "\u{2212}")
}

/// The prices of a column, filled up behind, so that their cents stand below each other.
pub fn aligned(prices: &[Option<Usd>]) -> Vec<String> {
    let shown: Vec<Option<String>> = prices.iter().map(|known| known.map(price)).collect();
    let places = |text: &str| text.rsplit_once('.').map_or(0, |(_, places)| places.len());
    let most = shown.iter().flatten().map(|text| places(text)).max().unwrap_or(0);
    let filled = |text: String| match most - places(&text) {
        0 => text,
        missing => format!("{text}<i>{}</i>", FIGURE_SPACE.repeat(missing)),
    };
    shown.into_iter().map(|text| text.map_or_else(|| NOT_KNOWN.to_owned(), filled)).collect()
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
        assert_eq!(money(usd("1234.5")), "<data value=\"1234.50\">1,234.50</data>");
        assert_eq!(["5", "0.001", "-5"].map(|amount| grouped_signed(usd(amount))), ["+5.00", "0.00", "\u{2212}5.00"]);
    }

    #[test]
    fn the_cents_of_a_column_stand_below_each_other() {
        let column = [Some(usd("181")), None, Some(usd("0.1234")), Some(usd("12345.678987"))];
        let shown = ["181.00<i>\u{2007}\u{2007}</i>", NOT_KNOWN, "0.1234", "12,345.679<i>\u{2007}</i>"];
        assert_eq!(aligned(&column), shown);
        assert_eq!(aligned(&[Some(usd("5")), Some(usd("1234.5"))]), ["5.00", "1,234.50"]);
    }
}
