//! Aligned columns on a terminal, for Korean names too, whose letters are two cells wide. Pure.

use unicode_width::UnicodeWidthStr;

/// Lays rows out in columns, two blanks between them; the last column ends where its text does.
pub fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|text| text.width()).max();
    let widths: Vec<usize> = (0..count).map(|column| widest(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str("  ");
            line.push_str(&pad(cell, *width));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Terminal cells that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Puts blanks before a text, up to a number of terminal cells.
pub fn pad_left(text: &str, cells: usize) -> String {
    format!("{}{text}", " ".repeat(cells.saturating_sub(text.width())))
}

/// Fills a text up with blanks to a number of terminal cells.
pub fn pad(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_whatever_the_letters() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text =
            columns(&[row(["AAPL", "애플", "5 %"]), row(["TSLA", "Tesla", ""]), row(["BRK/B", "", "long words"])]);
        assert_eq!(text, "  AAPL   애플   5 %\n  TSLA   Tesla\n  BRK/B         long words\n");
        assert_eq!(columns(&[]), "");
    }

    #[test]
    fn a_korean_letter_is_two_cells() {
        assert_eq!(pad("삼성", 6), "삼성  ");
        assert_eq!(pad_left("삼성", 6), "  삼성");
        assert_eq!(pad("abcdef", 6), "abcdef");
        assert_eq!(pad("too long", 3), "too long");
    }
}
