//! One of a list, and yes or no.

use super::Cell;
use crate::names::normal;
use crate::{Value, Why, shown};

/// One of the things that a cell may say.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// How programs write it.
    pub code: &'a str,
    /// How the template writes it.
    pub name: &'a str,
    /// Other ways to write it.
    pub synonyms: &'a [&'a str],
}

impl Cell<'_> {
    /// The code of the choice that is written here, by code, name or synonym.
    pub fn choice<'c>(&self, choices: &[Choice<'c>]) -> Result<&'c str, Why> {
        self.formula()?;
        let written = self.written();
        let text = normal(&written);
        let is = |choice: &&Choice<'c>| {
            [choice.code, choice.name].iter().chain(choice.synonyms).any(|it| normal(it) == text)
        };
        choices.iter().find(is).map(|choice| choice.code).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|choice| choice.name).collect();
            let codes: Vec<_> = choices.iter().map(|choice| choice.code).collect();
            Why::new(
                format!("{}不在可选范围内;可选:{}", shown(&written), names.join("、")),
                format!("{} is none of: {}", shown(&written), codes.join(", ")),
            )
        })
    }

    /// Yes or no: 是, 否, Y, N, √, ×, TRUE, 1, 0.
    pub fn yes_or_no(&self) -> Result<bool, Why> {
        if let Value::Bool(is) = self.value {
            return Ok(*is);
        }
        match &*normal(&self.written()) {
            "是" | "有" | "对" | "y" | "yes" | "true" | "1" | "√" | "✓" => Ok(true),
            "否" | "无" | "不" | "n" | "no" | "false" | "0" | "×" | "✗" => Ok(false),
            _ => Err(Why::new(
                format!("{}:请填“是”或“否”", shown(&self.written())),
                format!("{} is neither yes nor no", shown(&self.written())),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::cell;

    #[test]
    fn choices_go_by_code_name_or_synonym() {
        let energy = Choice { code: "energy", name: "能源", synonyms: &["能源资源"] };
        let fleet = Choice { code: "fleet", name: "公务用车", synonyms: &[] };
        for text in ["energy", "Energy", " 能 源 ", "能源资源", "ｅｎｅｒｇｙ"] {
            assert_eq!(cell(&Value::text(text)).choice(&[fleet, energy]), Ok("energy"), "{text}");
        }
        let why = cell(&Value::text("能")).choice(&[fleet, energy]).unwrap_err();
        assert_eq!(why.zh, "\"能\"不在可选范围内;可选:公务用车、能源");
        assert_eq!(why.en, "\"能\" is none of: fleet, energy");
    }

    #[test]
    fn yes_and_no() {
        for (value, expected) in [
            (Value::text("是"), true),
            (Value::text(" Ｙ"), true),
            (Value::Number(1.0), true),
            (Value::Bool(false), false),
            (Value::text("否"), false),
        ] {
            assert_eq!(cell(&value).yes_or_no(), Ok(expected), "{value:?}");
        }
        assert!(cell(&Value::text("也许")).yes_or_no().is_err());
    }
}
