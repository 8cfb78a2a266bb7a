//! What a page tells a reader to type, in order.

/// The languages of blocks, for whoever writes one.
pub const LANGUAGES: &str = "sh (commands), console (`$ ` commands and what they print), toml (of config.toml), json, cron, ini, text or diagram";

pub enum Item {
    /// A block of commands begins; all its words.
    Block(Vec<String>),
    /// The file of credentials, as the page shows it.
    Credentials(String),
    /// A piece of `config.toml`, by its line.
    Config(usize, String),
    /// A JSON object a line, by the first one's line.
    Json(usize, String),
    /// A block without a known language, by its line.
    Unlabelled(usize),
    /// A command of a block or in backticks.
    Command(Step),
}

/// A command, where it stands, and what the page says of it.
#[derive(Debug)]
pub struct Step {
    pub line: usize,
    pub text: String,
    /// `exit N`, or `종료 코드 N`, in its comment, else 0.
    pub code: i32,
    /// What it printed; nothing when the page does not show it.
    pub printed: Vec<String>,
}

/// Everything on the page that a reader types or writes.
pub fn read_page(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut from = 0;
    while let Some(open) = next_fence(&lines, from) {
        let close = next_fence(&lines, open + 1).expect("a fence that closes the block");
        items.extend(spans(&lines[from..open], from + 1));
        let indent = lines[open].len() - lines[open].trim_start().len();
        let block: Vec<&str> = lines[open + 1..close].iter().map(|line| line.get(indent..).unwrap_or("")).collect();
        items.extend(block_items(lines[open].trim().trim_start_matches('`'), &block, open + 2));
        from = close + 1;
    }
    items.extend(spans(&lines[from..], from + 1));
    items
}

fn next_fence(lines: &[&str], from: usize) -> Option<usize> {
    (from..lines.len()).find(|index| lines[*index].trim_start().starts_with("```"))
}

fn block_items(language: &str, lines: &[&str], first: usize) -> Vec<Item> {
    match language {
        "sh" => commands(lines, first, false),
        "console" => commands(lines, first, true),
        "toml" if lines.iter().any(|line| line.starts_with("app_key")) => vec![Item::Credentials(lines.join("\n"))],
        "toml" => vec![Item::Config(first, lines.join("\n"))],
        "json" => vec![Item::Json(first, lines.join("\n"))],
        "cron" | "ini" | "text" | "diagram" => Vec::new(),
        _ => vec![Item::Unlabelled(first - 1)],
    }
}

/// The commands of a block: each line, or with `is_console` those after `$ `, the others being what was printed.
fn commands(lines: &[&str], first: usize, is_console: bool) -> Vec<Item> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_continued = false;
    for (index, line) in lines.iter().enumerate() {
        let typed = if is_console { line.strip_prefix("$ ") } else { Some(*line) };
        match (typed, steps.last_mut()) {
            (_, Some(step)) if is_continued => {
                step.text = format!("{} {}", step.text.trim_end_matches('\\'), line.trim())
            }
            (Some(typed), _) => {
                let (text, comment) = split_comment(typed);
                if !text.is_empty() {
                    let words = ["exit ", "종료 코드 "].into_iter().find_map(|words| comment.split_once(words));
                    let code = words.map_or(0, |(_, rest)| leading_number(rest));
                    steps.push(Step { line: first + index, text: text.to_owned(), code, printed: Vec::new() });
                }
            }
            (None, Some(step)) if !line.is_empty() => step.printed.push((*line).to_owned()),
            (None, _) => {}
        }
        is_continued = line.ends_with('\\');
    }
    let words = steps.iter().flat_map(|step| step.text.split_whitespace().map(str::to_owned)).collect();
    let mut items = vec![Item::Block(words)];
    items.extend(steps.into_iter().map(Item::Command));
    items
}

/// Commands in backticks: those that begin with a program's name and go on, or with a path of the scripts.
fn spans(lines: &[&str], first: usize) -> Vec<Item> {
    const PROGRAMS: [&str; 8] = ["cargo", "crontab", "echo", "git", "grep", "kis-trade", "rustup", "sudo"];
    let text = lines.join("\n");
    let mut items = Vec::new();
    let mut line = first;
    for (index, part) in text.split('`').enumerate() {
        let span = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let program = programs(&span).into_iter().next().unwrap_or_default();
        let is_command = (PROGRAMS.contains(&program.as_str()) && span != program)
            || span.starts_with("./scripts/")
            || (span.starts_with("scripts/") && span != program);
        if index % 2 == 1 && is_command {
            items.push(Item::Command(Step { line, text: span, code: 0, printed: Vec::new() }));
        }
        line += part.matches('\n').count();
    }
    items
}

/// The programs that a line starts: the first word of each of its simple commands that is no assignment.
pub fn programs(command: &str) -> Vec<String> {
    let (mut simple, mut quote) = (vec![String::new()], None);
    for letter in command.chars() {
        quote = match (quote, letter) {
            (None, '\'' | '"') => Some(letter),
            (Some(open), _) if open == letter => None,
            _ => quote,
        };
        match letter {
            '|' | '&' | ';' | '(' | ')' if quote.is_none() => simple.push(String::new()),
            _ => simple.last_mut().expect("one").push(letter),
        }
    }
    let is_assignment = |word: &&str| word.split_once('=').is_some_and(|(name, _)| !name.contains(['/', '"', '-']));
    let first = |text: &String| text.split_whitespace().find(|word| !is_assignment(word)).map(str::to_owned);
    simple.iter().filter_map(first).collect()
}

/// A line before and after its ` # `, quotes considered.
fn split_comment(line: &str) -> (&str, &str) {
    let (mut quote, mut before) = (None, ' ');
    for (at, letter) in line.char_indices() {
        quote = match (quote, letter) {
            (None, '#') if before.is_whitespace() => return (line[..at].trim(), &line[at..]),
            (None, '\'' | '"') => Some(letter),
            (Some(open), _) if open == letter => None,
            _ => quote,
        };
        before = letter;
    }
    (line.trim(), "")
}

fn leading_number(text: &str) -> i32 {
    text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}
